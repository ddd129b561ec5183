#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/story/margin.h"
#include "unit/cli/capture.h"

static const sk_command *const no_commands[] = {NULL};

static void test_a_margin_is_told_in_the_hours_that_it_counts(void **state) {
        (void)state;
        static const struct {
                const char *clock;
                int64_t us;
                const char *text;
        } rows[] = {
                {"{\"margin_s\":2880}", INT64_C(2880000000), "48 min"},
                {"{\"margin_s\":-2880}", INT64_C(-2880000000), "48 min"},
                {"{\"margin_s\":0}", 0, "0 s"},
                {"{\"margin_s\":10800.5,\"service_hours\":\"office\"}", INT64_C(10800500000), "3 h of service hours"},
                {"{\"margin_s\":-1e-6,\"service_hours\":7}", -1, "< 1 ms"},
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                capture captured;
                sk_margin margin;
                capture_begin(&captured, no_commands);
                assert_true(sk_margin_read(captured.cli, sk_slice_of(rows[i].clock), &margin));
                assert_int_equal(margin.us, rows[i].us);
                assert_string_equal(sk_margin_text(captured.cli, &margin), rows[i].text);
                capture_end(&captured);
        }
}

static void test_a_clock_without_a_promise_has_no_margin(void **state) {
        (void)state;
        static const char *const clocks[] = {"{\"elapsed_s\":1}", "{\"margin_s\":\"1\"}", "{\"margin_s\":1e300}", "[]"};
        capture captured;
        sk_margin margin = {.us = 7};

        capture_begin(&captured, no_commands);
        for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++)
                assert_false(sk_margin_read(captured.cli, sk_slice_of(clocks[i]), &margin));
        assert_false(sk_margin_read(captured.cli, SK_NONE, &margin));
        assert_int_equal(margin.us, 7);
        capture_end(&captured);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_margin_is_told_in_the_hours_that_it_counts),
                cmocka_unit_test(test_a_clock_without_a_promise_has_no_margin),
        };
        return cmocka_run_group_tests_name("margin", tests, NULL, NULL);
}
