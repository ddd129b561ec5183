#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "cli/frame.h"
#include "kit/when.h"

static int zone_set(void **state) {
        (void)state;
        setenv("TZ", "XYZ-1", 1); /* one hour east, all the year */
        tzset();
        return 0;
}

static void test_a_time_without_a_zone_is_local(void **state) {
        (void)state;
        static const struct row {
                const char *text;
                const char *utc;
        } rows[] = {
                {"2026-11-21", "2026-11-20T23:00:00Z"},           {"2026-11-21 14:30", "2026-11-21T13:30:00Z"},
                {"2026-11-21T14:30", "2026-11-21T13:30:00Z"},     {"2026-11-21 14:30:15", "2026-11-21T13:30:15Z"},
                {"2026-11-21T14:30:15Z", "2026-11-21T14:30:15Z"}, {"2026-11-21T14:30:15+02:00", "2026-11-21T12:30:15Z"},
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                int64_t got = 0;
                int64_t expected = 1;
                assert_true(sk_option_time_parse(rows[i].text, &got));
                assert_true(sk_when_parse(sk_slice_of(rows[i].utc), &expected));
                assert_int_equal(got, expected);
        }
}

static void test_what_is_no_time_is_refused(void **state) {
        (void)state;
        static const char *const texts[] = {
                "",           "now", "2026-02-29", "2026-13-01", "21-11-2026", "2026-11-21 25:00", "2026-11-21x",
                "26-11-2026", "1e9", "99999-11-21"};
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
                int64_t got = 0;
                assert_false(sk_option_time_parse(texts[i], &got));
        }
}

static void test_a_duration_has_a_number_and_a_unit(void **state) {
        (void)state;
        static const struct row {
                const char *text;
                int64_t expected;
        } rows[] = {
                {"0s", 0},
                {"90s", 90 * SK_SECOND_US},
                {"5m", 5 * SK_MINUTE_US},
                {"2h", 2 * SK_HOUR_US},
                {"3d", 3 * SK_DAY_US},
                {"PT1H30M", 90 * SK_MINUTE_US},
                {"", -1},
                {"5", -1},
                {"m", -1},
                {"5w", -1},
                {"-5m", -1},
                {"5mm", -1},
                {"1.5h", -1},
                {"1000000d", -1},
                {"P", -1},
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                int64_t got = -1;
                assert_int_equal(sk_option_duration_parse(rows[i].text, &got), rows[i].expected >= 0);
                assert_int_equal(got, rows[i].expected);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_time_without_a_zone_is_local),
                cmocka_unit_test(test_what_is_no_time_is_refused),
                cmocka_unit_test(test_a_duration_has_a_number_and_a_unit),
        };
        return cmocka_run_group_tests(tests, zone_set, NULL);
}
