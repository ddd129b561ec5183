#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "kit/when.h"
#include "support/one_call.h"

/*
 * The promise to respond: it ends with the acceptance, and what became of it is told with the end of the call.
 */

static sk_slice clock_told(const one_call *c) {
        sk_slice clock = sk_json_member(one_call_value(c, SK_FEEDBACK_CLOSED, 0), "clock");
        assert_true(sk_slice_there(clock));
        return clock;
}

/* An operator accepts after some time, the customer withdraws, the operator closes. */
static void accept_after(one_call *c, const char *raise, int64_t us) {
        one_call_open(c, "centre", NULL);
        one_call_customer(c, SK_CALL_RAISE, raise);
        one_call_wait(c, us);
        one_call_do(c, "anna", "\"outcome\":\"completed\"");
        one_call_customer(c, SK_CALL_WITHDRAW, "{\"reason\":\"it works again\"}");
        for (unsigned i = 0; i < 4 && one_call_count(c, SK_EVENT_CLOSED) == 0; i++)
                one_call_do(c, "anna", "\"outcome\":\"completed\"");
        assert_int_equal(one_call_count(c, SK_EVENT_CLOSED), 1);
}

static void test_both_ends_are_told_whether_the_response_was_in_time(void **state) {
        static const struct {
                int64_t after_us;
                const char *kept;
        } cases[] = {
                {0, "true"}, {59 * SK_MINUTE_US, "true"}, {61 * SK_MINUTE_US, "false"}, {30 * SK_HOUR_US, "false"}};
        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                int64_t told_us = -1;
                one_call c;
                accept_after(&c, "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"black\"}",
                             cases[i].after_us);
                sk_slice event = one_call_value(&c, SK_EVENT_CLOSED, 0);
                assert_true(sk_slice_is(sk_json_member(event, "response_kept"), cases[i].kept));
                assert_true(sk_json_member_int(event, "responded_us", 0, INT64_MAX, &told_us));
                assert_true(told_us >= cases[i].after_us && told_us < cases[i].after_us + SK_MINUTE_US);
                assert_true(sk_slice_is(sk_json_member(clock_told(&c), "response_kept"), cases[i].kept));
                assert_true(sk_slice_there(sk_json_member(clock_told(&c), "responded_s")));
                one_call_free(&c);
        }
}

static void test_where_no_response_was_promised_nothing_is_told_of_it(void **state) {
        one_call c;
        (void)state;
        accept_after(&c, "{\"type\":\"incident\",\"facility\":\"desk\",\"need\":\"it wobbles\"}", SK_HOUR_US);
        assert_false(sk_slice_there(sk_json_member(clock_told(&c), "response_kept")));
        assert_false(sk_slice_there(sk_json_member(one_call_value(&c, SK_EVENT_CLOSED, 0), "responded_us")));
        assert_true(sk_slice_there(sk_json_member(clock_told(&c), "kept")));
        one_call_free(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_both_ends_are_told_whether_the_response_was_in_time),
                cmocka_unit_test(test_where_no_response_was_promised_nothing_is_told_of_it),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
