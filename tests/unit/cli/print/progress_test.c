#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/print/progress.h"
#include "kit/when.h"
#include "unit/cli/capture.h"

static const sk_command *const no_commands[] = {NULL};

/* A progress that began long ago, so that no clock decides what shows. */
static sk_progress begun_before(capture *captured, uint64_t total, int64_t ago_us) {
        sk_progress progress = sk_progress_begin(captured->cli, "replaying", total);
        progress.begun_us -= ago_us;
        return progress;
}

static void test_what_has_only_begun_shows_nothing(void **state) {
        (void)state;
        capture captured;
        capture_begin(&captured, no_commands);
        sk_progress progress = begun_before(&captured, 10, -SK_DAY_US);
        sk_progress_set(&progress, 1);
        sk_progress_end(&progress);
        capture_flush(&captured);
        assert_string_equal(captured.err_text, "");
        capture_end(&captured);
}

static void test_what_takes_long_says_how_far_how_fast_and_how_long_still(void **state) {
        (void)state;
        capture captured;
        capture_begin(&captured, no_commands);
        sk_progress progress = begun_before(&captured, 100, 10 * SK_DAY_US);
        sk_progress_set(&progress, 25);
        capture_flush(&captured);
        assert_memory_equal(captured.err_text, "replaying: 25 of 100 (25 %), 0.0/s, 30 d", 40);
        assert_non_null(strstr(captured.err_text, " left\n"));
        assert_string_equal(captured.out_text, "");
        capture_end(&captured);
}

static void test_without_a_total_nothing_is_foretold(void **state) {
        (void)state;
        capture captured;
        capture_begin(&captured, no_commands);
        sk_progress progress = begun_before(&captured, 0, 10 * SK_DAY_US);
        sk_progress_set(&progress, 25);
        capture_flush(&captured);
        assert_string_equal(captured.err_text, "replaying: 25, 0.0/s\n");
        capture_end(&captured);
}

static void test_a_line_is_not_repeated_at_once(void **state) {
        (void)state;
        capture captured;
        capture_begin(&captured, no_commands);
        sk_progress progress = begun_before(&captured, 0, SK_DAY_US);
        sk_progress_set(&progress, 1);
        progress.shown_us += SK_DAY_US;
        sk_progress_set(&progress, 2);
        capture_flush(&captured);
        assert_string_equal(captured.err_text, "replaying: 1, 0.0/s\n");
        capture_end(&captured);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_has_only_begun_shows_nothing),
                cmocka_unit_test(test_what_takes_long_says_how_far_how_fast_and_how_long_still),
                cmocka_unit_test(test_without_a_total_nothing_is_foretold),
                cmocka_unit_test(test_a_line_is_not_repeated_at_once),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
