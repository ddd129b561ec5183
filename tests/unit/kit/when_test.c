#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/when.h"

static void test_times_are_read_with_any_offset_and_fraction(void **state) {
        static const struct {
                const char *text;
                int64_t time_us;
        } cases[] = {
                {"1970-01-01T00:00:00Z", 0},
                {"1970-01-01T00:00:00.000001Z", 1},
                {"1970-01-01T00:00:00.1Z", 100000},
                {"1970-01-01T00:00:00.123456789Z", 123456},
                {"1970-01-01t00:00:00z", 0},
                {"1969-12-31T23:59:59.999999Z", -1},
                {"1970-01-01T01:00:00+01:00", 0},
                {"1969-12-31T12:00:00-12:00", 0},
                {"1970-01-01T00:00:00-00:00", 0},
                {"1985-04-12T23:20:50.52Z", INT64_C(482196050520000)},
                {"1996-12-19T16:39:57-08:00", INT64_C(851042397000000)},
                {"1937-01-01T12:00:27.87+00:20", INT64_C(-1041337172130000)},
                {"1990-12-31T23:59:60Z", INT64_C(662688000000000)},
                {"1990-12-31T15:59:60.5-08:00", INT64_C(662688000000000)},
                {"2000-02-29T00:00:00Z", INT64_C(951782400000000)},
                {"2026-11-21T14:22:51.000000Z", INT64_C(1795270971000000)},
                {"0000-01-01T00:00:00Z", INT64_C(-62167219200000000)},
                {"9999-12-31T23:59:59.999999Z", INT64_C(253402300799999999)},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                int64_t time_us = 77;

                if (!sk_when_parse(sk_slice_of(cases[i].text), &time_us) || time_us != cases[i].time_us)
                        fail_msg("%s was read as %lld", cases[i].text, (long long)time_us);
        }
}

static void test_what_is_no_time_is_refused(void **state) {
        static const char *const cases[] = {
                "",
                "Z",
                "2026-11-21",
                "2026-11-21T14:22:51",
                "2026-11-21 14:22:51Z",
                "2026-11-21T14:22Z",
                "2026-11-21T14:22:51.Z",
                "2026-11-21T14:22:51,5Z",
                "2026-11-21T14:22:51.1234567890Z",
                "2026-11-21T14:22:51+1:00",
                "2026-11-21T14:22:51+0100",
                "2026-11-21T14:22:51+24:00",
                "2026-11-21T14:22:51+01:60",
                "2026-11-21T14:22:51Zjunk",
                "2026-11-21T24:00:00Z",
                "2026-11-21T14:60:51Z",
                "2026-11-21T14:22:61Z",
                "2026-11-21T14:22:60Z",
                "2026-13-21T14:22:51Z",
                "2026-00-21T14:22:51Z",
                "2026-11-31T14:22:51Z",
                "2026-11-00T14:22:51Z",
                "2025-02-29T00:00:00Z",
                "1900-02-29T00:00:00Z",
                "26-11-21T14:22:51Z",
                "+2026-11-21T14:22:51Z",
                "-026-11-21T14:22:51Z",
                "2026-1-21T14:22:51Z",
                " 2026-11-21T14:22:51Z",
                "0000-01-01T00:00:00+00:01",
                "9999-12-31T23:59:59-00:01",
                "9999-12-31T23:59:60Z",
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                int64_t time_us = 77;

                if (sk_when_parse(sk_slice_of(cases[i]), &time_us) || time_us != 77)
                        fail_msg("%s was read as %lld", cases[i], (long long)time_us);
        }
        assert_false(sk_when_parse(SK_NONE, &(int64_t){0}));
        assert_false(sk_when_parse(SK_SLICE("2026-11-21T14:22:51\0Z"), &(int64_t){0}));
}

static void test_times_are_written_as_27_characters(void **state) {
        static const struct {
                int64_t time_us;
                const char *text;
        } cases[] = {
                {0, "1970-01-01T00:00:00.000000Z"},
                {-1, "1969-12-31T23:59:59.999999Z"},
                {INT64_C(1795270971000000), "2026-11-21T14:22:51.000000Z"},
                {INT64_C(-62167219200000000), "0000-01-01T00:00:00.000000Z"},
                {INT64_C(253402300799999999), "9999-12-31T23:59:59.999999Z"},
                {INT64_MIN, "0000-01-01T00:00:00.000000Z"},
                {INT64_MAX, "9999-12-31T23:59:59.999999Z"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                char out[SK_WHEN_TEXT];

                sk_when_format(cases[i].time_us, out);
                assert_memory_equal(out, cases[i].text, SK_WHEN_TEXT);
        }
}

static void test_every_written_time_is_read_back(void **state) {
        (void)state;
        for (int64_t day = -719528; day < 2932897; day += 97) {
                int64_t time_us = day * SK_DAY_US + (day & 0xffff) * 1234567;
                char out[SK_WHEN_TEXT];
                int64_t again;

                sk_when_format(time_us, out);
                assert_true(sk_when_parse((sk_slice){out, sizeof(out)}, &again));
                assert_true(again == time_us);
        }
}

static void test_days_follow_each_other_over_eight_centuries(void **state) {
        int64_t expected;

        (void)state;
        assert_true(sk_when_days(1599, 12, 31, &expected));
        for (int year = 1600; year < 2400; year++) {
                for (int month = 1; month <= 12; month++) {
                        for (int day = 1; day <= 31; day++) {
                                int64_t days;
                                int y, m, d;

                                if (!sk_when_days(year, month, day, &days))
                                        continue;
                                assert_true(days == ++expected);
                                sk_when_date(days, &y, &m, &d);
                                assert_true(y == year && m == month && d == day);
                        }
                }
        }
        assert_true(sk_when_days(2400, 1, 1, &(int64_t){0}));
        assert_int_equal(expected, 157053);
}

static void test_durations_are_read(void **state) {
        static const struct {
                const char *text;
                int64_t duration_us;
        } cases[] = {
                {"P1DT2H", SK_DAY_US + 2 * SK_HOUR_US},
                {"PT30M", 30 * SK_MINUTE_US},
                {"P2W", 14 * SK_DAY_US},
                {"PT0S", 0},
                {"PT36H", 36 * SK_HOUR_US},
                {"P1W1DT1H1M1S", 8 * SK_DAY_US + SK_HOUR_US + SK_MINUTE_US + SK_SECOND_US},
                {"PT007S", 7 * SK_SECOND_US},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                int64_t duration_us = -1;

                assert_true(sk_when_duration_parse(sk_slice_of(cases[i].text), &duration_us));
                assert_true(duration_us == cases[i].duration_us);
        }
}

static void test_what_is_no_duration_is_refused(void **state) {
        static const char *const cases[] = {
                "",
                "P",
                "PT",
                "P1",
                "P1DT",
                "1D",
                "p1D",
                "-P1D",
                "P-1D",
                "P1Y",
                "P1M",
                "PT1D",
                "P1H",
                "PT1H1H",
                "PT1M1H",
                "P1D1W",
                "PT1.5H",
                "P1DT1H ",
                "PTH",
                "P1DT1HT1M",
                "P99999999999999999999D",
                "P9223372036854775807W",
                "PT9223372036854S9223372036854S",
                "P106751991DT24H",
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                int64_t duration_us = 77;

                if (sk_when_duration_parse(sk_slice_of(cases[i]), &duration_us) || duration_us != 77)
                        fail_msg("%s was read as %lld", cases[i], (long long)duration_us);
        }
}

static void test_durations_are_written_for_people(void **state) {
        static const struct {
                int64_t duration_us;
                const char *text;
        } cases[] = {
                {0, "0 s"},
                {1, "< 1 ms"},
                {1500, "1 ms"},
                {999999, "999 ms"},
                {41 * SK_SECOND_US, "41 s"},
                {59 * SK_SECOND_US + 999999, "59 s"},
                {12 * SK_MINUTE_US + 40 * SK_SECOND_US, "12 min"},
                {6 * SK_HOUR_US + 48 * SK_MINUTE_US, "6 h 48 min"},
                {2 * SK_HOUR_US, "2 h"},
                {3 * SK_DAY_US + 4 * SK_HOUR_US + SK_MINUTE_US, "3 d 4 h"},
                {30 * SK_DAY_US, "30 d"},
                {-5 * SK_SECOND_US, "-5 s"},
                {INT64_MIN, "-106751991 d 4 h"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_buf buf = sk_buf_make(100);

                sk_when_duration_write(&buf, cases[i].duration_us);
                if (!sk_slice_is(sk_buf_slice(&buf), cases[i].text))
                        fail_msg("%s was written as %.*s", cases[i].text, (int)buf.len, buf.at);
                sk_buf_free(&buf);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_times_are_read_with_any_offset_and_fraction),
                cmocka_unit_test(test_what_is_no_time_is_refused),
                cmocka_unit_test(test_times_are_written_as_27_characters),
                cmocka_unit_test(test_every_written_time_is_read_back),
                cmocka_unit_test(test_days_follow_each_other_over_eight_centuries),
                cmocka_unit_test(test_durations_are_read),
                cmocka_unit_test(test_what_is_no_duration_is_refused),
                cmocka_unit_test(test_durations_are_written_for_people),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
