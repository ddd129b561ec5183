#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "kit/cron.h"
#include "kit/when.h"
#include "support/zones.h"

static sk_cron cron_of(const char *text) {
        sk_cron cron;

        assert_int_equal(sk_cron_parse(sk_slice_of(text), &cron), SK_OK);
        return cron;
}

static int64_t time_of(const char *text) {
        int64_t time_us = 0;

        assert_true(sk_when_parse(sk_slice_of(text), &time_us));
        return time_us;
}

static void test_instants_as_cron_has_them(void **state) {
        static const struct {
                const char *cron;
                const char *zone; /* NULL: UTC */
                const char *after;
                const char *next;
        } cases[] = {
                {"0 9 * * *", NULL, "2026-11-21T08:00:00Z", "2026-11-21T09:00:00Z"},
                {"0 9 * * *", NULL, "2026-11-21T09:00:00Z", "2026-11-22T09:00:00Z"},
                {"0 9 * * mon", NULL, "2026-11-21T00:00:00Z", "2026-11-23T09:00:00Z"},
                {"*/15 8-17 * * mon-fri", NULL, "2026-11-20T17:44:59Z", "2026-11-20T17:45:00Z"},
                {"*/15 8-17 * * mon-fri", NULL, "2026-11-20T17:45:00Z", "2026-11-23T08:00:00Z"},
                {"30 6 1 jan,jul *", NULL, "2026-02-01T00:00:00Z", "2026-07-01T06:30:00Z"},
                {"0 0 29 2 *", NULL, "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"},
                {"0 0 29 2 *", NULL, "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"},
                {"0 0 13 * 5", NULL, "2026-11-01T00:00:00Z", "2026-11-06T00:00:00Z"},
                {"0 0 13 * 5", NULL, "2026-11-11T00:00:00Z", "2026-11-13T00:00:00Z"},
                {"0 0 31 * *", NULL, "2026-11-01T00:00:00Z", "2026-12-31T00:00:00Z"},
                {"5/20 * * * 7", NULL, "2026-11-22T00:05:00Z", "2026-11-22T00:25:00Z"},
                {"@weekly", NULL, "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"},
                {"@yearly", NULL, "2026-11-21T00:00:00Z", "2027-01-01T00:00:00Z"},
                {"59 23 31 12 *", NULL, "1969-06-01T00:00:00Z", "1969-12-31T23:59:00Z"},
                {"0 9 * * *", "Europe/Amsterdam", "2026-11-21T00:00:00Z", "2026-11-21T08:00:00Z"},
                {"0 9 * * *", "Pacific/Kiritimati", "2026-11-21T00:00:00Z", "2026-11-21T19:00:00Z"},
                {"0 9 * * *", "Pacific/Pago_Pago", "2026-11-21T00:00:00Z", "2026-11-21T20:00:00Z"},
                /* the hour from 2 to 3 is skipped on 29 March, and comes twice on 25 October */
                {"30 2 29 3 *", "Europe/Amsterdam", "2026-03-01T00:00:00Z", "2026-03-29T01:00:00Z"},
                {"30 2 25 10 *", "Europe/Amsterdam", "2026-10-01T00:00:00Z", "2026-10-25T00:30:00Z"},
                {"30 2 * * *", "Europe/Amsterdam", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
        };
        (void)state;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_cron cron = cron_of(cases[i].cron);
                sk_zone *zone = cases[i].zone == NULL ? NULL : zone_load(cases[i].zone);
                int64_t next_us = 0;
                int64_t last_us = 0;

                assert_true(sk_cron_next(&cron, zone, time_of(cases[i].after), &next_us));
                assert_int_equal(next_us, time_of(cases[i].next));
                assert_true(sk_cron_last(&cron, zone, next_us, &last_us));
                assert_int_equal(last_us, next_us);
                sk_zone_free(zone);
        }
}

static void test_what_is_no_expression_is_refused(void **state) {
        static const struct {
                const char *text;
                sk_err err;
        } cases[] = {
                {"", SK_ERR_SYNTAX},           {"* * * *", SK_ERR_SYNTAX},     {"* * * * * *", SK_ERR_SYNTAX},
                {"60 * * * *", SK_ERR_RANGE},  {"* 24 * * *", SK_ERR_RANGE},   {"* * 0 * *", SK_ERR_RANGE},
                {"* * 32 * *", SK_ERR_RANGE},  {"* * * 13 *", SK_ERR_RANGE},   {"* * * * 8", SK_ERR_RANGE},
                {"5-1 * * * *", SK_ERR_RANGE}, {"*/0 * * * *", SK_ERR_RANGE},  {"1, * * * *", SK_ERR_SYNTAX},
                {"- * * * *", SK_ERR_SYNTAX},  {"1- * * * *", SK_ERR_SYNTAX},  {"*/ * * * *", SK_ERR_SYNTAX},
                {"x * * * *", SK_ERR_SYNTAX},  {"* * * foo *", SK_ERR_SYNTAX}, {"999 * * * *", SK_ERR_SYNTAX},
                {"0 0 30 2 *", SK_ERR_RANGE},  {"0 0 31 4,6 *", SK_ERR_RANGE}, {"@never", SK_ERR_SYNTAX},
                {"-1 * * * *", SK_ERR_SYNTAX}, {"1 * * * MON", SK_ERR_SYNTAX}, {"*5 * * * *", SK_ERR_SYNTAX},
        };
        (void)state;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_cron cron = {.minutes = 7};

                if (sk_cron_parse(sk_slice_of(cases[i].text), &cron) != cases[i].err)
                        fail_msg("\"%s\"", cases[i].text);
                assert_int_equal(cron.minutes, 7);
        }
}

static void test_blanks_between_fields_may_be_several(void **state) {
        sk_cron cron = cron_of("  0   9  *   *  mon ");
        sk_cron plain = cron_of("0 9 * * mon");
        (void)state;

        assert_int_equal(cron.minutes, plain.minutes);
        assert_int_equal(cron.weekdays, plain.weekdays);
}

static void test_beyond_all_years_there_is_nothing(void **state) {
        sk_cron cron = cron_of("0 0 1 1 *");
        int64_t out_us = 7;
        (void)state;

        assert_false(sk_cron_next(&cron, NULL, INT64_MAX, &out_us));
        assert_false(sk_cron_next(&cron, NULL, INT64_MIN, &out_us));
        assert_false(sk_cron_last(&cron, NULL, INT64_MAX, &out_us));
        assert_false(sk_cron_last(&cron, NULL, INT64_MIN, &out_us));
        assert_int_equal(out_us, 7);
}

/* ---- against every minute walked ---- */

static int64_t local_of(const sk_zone *zone, int64_t time_us) {
        return time_us + sk_zone_at(zone, time_us).east_s * SK_SECOND_US;
}

static bool shows(const sk_cron *cron, int64_t local_us) {
        int64_t day = local_us / SK_DAY_US;
        int minute = (int)(local_us % SK_DAY_US / SK_MINUTE_US);
        unsigned weekday = (unsigned)((day + 4) % 7);
        int year, month, date;

        sk_when_date(day, &year, &month, &date);
        bool is_date = (cron->days >> date & 1u) != 0;
        bool is_weekday = (cron->weekdays >> weekday & 1u) != 0;
        bool is_day = !cron->any_day && !cron->any_weekday ? is_date || is_weekday : is_date && is_weekday;
        return is_day && (cron->months >> month & 1u) != 0 && (cron->hours >> (minute / 60) & 1u) != 0 &&
               (cron->minutes >> (minute % 60) & 1u) != 0;
}

/* The clock shows a minute of the set for the first time, or has just jumped over one. */
static bool is_instant(const sk_cron *cron, const sk_zone *zone, int64_t time_us) {
        int64_t local_us = local_of(zone, time_us);
        int64_t before_us = local_of(zone, time_us - SK_MINUTE_US);
        bool is_repeated = false;

        for (int64_t back = SK_MINUTE_US; back <= 3 * SK_HOUR_US; back += SK_MINUTE_US)
                is_repeated = is_repeated || local_of(zone, time_us - back) == local_us;
        for (int64_t skipped = before_us + SK_MINUTE_US; skipped < local_us; skipped += SK_MINUTE_US)
                if (shows(cron, skipped))
                        return true;
        return !is_repeated && shows(cron, local_us);
}

static void walk(const sk_cron *cron, const sk_zone *zone, int64_t from_us, int64_t to_us) {
        int64_t expected_us = 0;
        bool has_any = false;
        int64_t at_us;

        for (int64_t time_us = from_us; time_us <= to_us; time_us += SK_MINUTE_US) {
                if (is_instant(cron, zone, time_us)) {
                        if (has_any) {
                                assert_true(sk_cron_next(cron, zone, expected_us, &at_us));
                                assert_int_equal(at_us, time_us);
                        }
                        expected_us = time_us;
                        has_any = true;
                }
                if (has_any) {
                        assert_true(sk_cron_last(cron, zone, time_us, &at_us));
                        assert_int_equal(at_us, expected_us);
                }
        }
}

static void test_every_minute_walked_gives_the_same_instants(void **state) {
        static const char *const expressions[] = {"30 2 * * *", "*/20 1-3 * * *", "0 * * * *", "15 0 * * sun",
                                                  "45 23 * * *"};
        static const struct {
                const char *zone;
                const char *from;
        } places[] = {{"Europe/Amsterdam", "2026-03-28T12:00:00Z"},    {"Europe/Amsterdam", "2026-10-24T12:00:00Z"},
                      {"America/New_York", "2026-03-07T20:00:00Z"},    {"Australia/Lord_Howe", "2026-04-04T06:00:00Z"},
                      {"Australia/Lord_Howe", "2026-10-03T06:00:00Z"}, {"America/Sao_Paulo", "2018-11-03T18:00:00Z"}};
        (void)state;

        for (size_t p = 0; p < sizeof(places) / sizeof(places[0]); p++) {
                sk_zone *zone = zone_load(places[p].zone);
                int64_t from_us = time_of(places[p].from);

                for (size_t e = 0; e < sizeof(expressions) / sizeof(expressions[0]); e++) {
                        sk_cron cron = cron_of(expressions[e]);
                        walk(&cron, zone, from_us, from_us + SK_DAY_US);
                }
                sk_zone_free(zone);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_instants_as_cron_has_them),
                cmocka_unit_test(test_what_is_no_expression_is_refused),
                cmocka_unit_test(test_blanks_between_fields_may_be_several),
                cmocka_unit_test(test_beyond_all_years_there_is_nothing),
                cmocka_unit_test(test_every_minute_walked_gives_the_same_instants),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
