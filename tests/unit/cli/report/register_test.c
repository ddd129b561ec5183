/*
 * The register of the managed infrastructure, told by events.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/report/register.h"

static void add(sk_register *it, sk_message type, int64_t time_us, const char *data) {
        sk_event_seen event = {
                .team = SK_SLICE("network"), .type = type, .time_us = time_us, .data = sk_slice_of(data)};
        assert_int_equal(sk_register_add(it, &event), SK_OK);
}

static void test_each_event_touches_what_it_names(void **state) {
        static const struct {
                sk_message type;
                const char *data;
                size_t touches;
                sk_touch_kind kind;
        } cases[] = {
                {SK_EVENT_REGISTERED, "{\"components\":[\"a\",\"b\"]}", 2, SK_TOUCH_CHANGED},
                {SK_EVENT_REGISTERED, "{\"components\":[]}", 0, SK_TOUCH_CHANGED},
                {SK_EVENT_NOT_APPLICABLE, "{\"rule\":\"no-component\"}", 1, SK_TOUCH_UNNAMED},
                {SK_EVENT_NOT_APPLICABLE, "{\"rule\":\"no-customer\"}", 0, SK_TOUCH_UNNAMED},
                {SK_EVENT_TRIGGERED, "{\"from\":\"recover\",\"to\":\"operate\",\"components\":[\"a\"]}", 1,
                 SK_TOUCH_OPERATED},
                {SK_EVENT_TRIGGERED, "{\"from\":\"recover\",\"to\":\"operate\",\"components\":[]}", 0,
                 SK_TOUCH_OPERATED},
                {SK_EVENT_TRIGGERED, "{\"from\":\"recover\",\"to\":\"change\",\"components\":[\"a\"]}", 0,
                 SK_TOUCH_CHANGED},
                {SK_EVENT_TRIGGERED, "{\"from\":\"change\",\"to\":\"operate\",\"components\":[\"a\"]}", 0,
                 SK_TOUCH_OPERATED},
                {SK_EVENT_ENDED, "{\"components\":[\"a\"]}", 0, SK_TOUCH_CHANGED},
        };
        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_register *it = sk_register_new();
                assert_non_null(it);
                add(it, cases[i].type, 7, cases[i].data);
                assert_int_equal(sk_register_count(it), cases[i].touches);
                for (size_t n = 0; n < cases[i].touches; n++)
                        assert_int_equal(sk_register_at(it, n)->kind, cases[i].kind);
                sk_register_free(it);
        }
}

static void test_touches_are_put_in_order_and_counted_by_period(void **state) {
        sk_register *it = sk_register_new();
        (void)state;
        assert_non_null(it);
        add(it, SK_EVENT_REGISTERED, 30, "{\"components\":[\"late\"]}");
        add(it, SK_EVENT_REGISTERED, 10, "{\"components\":[\"early\"]}");
        add(it, SK_EVENT_REGISTERED, 20, "{\"components\":[\"said\"],\"now\":\"1970-01-01T00:00:00.000040Z\"}");
        sk_register_sort(it);
        assert_true(sk_slice_is(sk_register_at(it, 0)->component, "early"));
        assert_true(sk_slice_is(sk_register_at(it, 1)->component, "late"));
        assert_true(sk_slice_is(sk_register_at(it, 2)->component, "said"));
        assert_int_equal(sk_register_count_of(it, SK_TOUCH_CHANGED, 10, 40), 2);
        assert_int_equal(sk_register_count_of(it, SK_TOUCH_CHANGED, 11, 41), 2);
        assert_int_equal(sk_register_count_of(it, SK_TOUCH_OPERATED, INT64_MIN, INT64_MAX), 0);
        sk_register_free(it);
        sk_register_free(NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_event_touches_what_it_names),
                cmocka_unit_test(test_touches_are_put_in_order_and_counted_by_period),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
