#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kit/alloc.h"
#include "kit/buf.h"
#include "kit/random.h"
#include "kit/when.h"
#include "kit/zone.h"
#include "kit/zone_rule.h"
#include "support/zones.h"

/* Zones that are odd in some way: no summer time, half hours, far east and west, Ramadan, a skipped day, negative summer. */
static const char *const zones[] = {
        "Europe/Amsterdam",  "Europe/London",    "Europe/Dublin",       "America/New_York", "America/Los_Angeles",
        "America/St_Johns",  "America/Caracas",  "Asia/Kolkata",        "Asia/Kathmandu",   "Asia/Tokyo",
        "Africa/Casablanca", "Africa/Cairo",     "Australia/Lord_Howe", "Pacific/Apia",     "Pacific/Kiritimati",
        "Pacific/Marquesas", "Antarctica/Troll", "America/Nuuk",        "Asia/Gaza",        "UTC",
};

#define ZONES (sizeof(zones) / sizeof(zones[0]))
#define YEAR_S INT64_C(31556952)

/* The C library reads the same files by code of its own. */
static int32_t offset_by_libc(int64_t time_us) {
        time_t seconds = (time_t)(time_us / SK_SECOND_US);
        struct tm local;

        assert_non_null(localtime_r(&seconds, &local));
        return (int32_t)local.tm_gmtoff;
}

static void use_libc_zone(const char *name) {
        char path[200];

        snprintf(path, sizeof(path), ":%s/%s", ZONE_FOLDER, name);
        assert_int_equal(setenv("TZ", path, 1), 0);
        tzset();
}

static void test_offsets_are_those_of_the_c_library(void **state) {
        sk_random random = sk_random_make(1);

        (void)state;
        for (size_t i = 0; i < ZONES; i++) {
                sk_zone *zone = zone_load(zones[i]);
                use_libc_zone(zones[i]);
                for (int n = 0; n < 4000; n++) {
                        /* Years 1900 to 2400. */
                        int64_t second = (int64_t)sk_random_below(&random, (uint64_t)(500 * YEAR_S)) - 70 * YEAR_S;
                        sk_zone_span span = sk_zone_at(zone, second * SK_SECOND_US);
                        if (span.east_s != offset_by_libc(second * SK_SECOND_US))
                                fail_msg("%s at %lld: %d, not %d", zones[i], (long long)second, span.east_s,
                                         offset_by_libc(second * SK_SECOND_US));
                        assert_true(span.from_us <= second * SK_SECOND_US && second * SK_SECOND_US < span.to_us);
                }
                sk_zone_free(zone);
        }
}

static void test_spans_meet_and_each_holds_to_its_last_second(void **state) {
        (void)state;
        for (size_t i = 0; i < ZONES; i++) {
                sk_zone *zone = zone_load(zones[i]);
                int64_t at_us = -70 * YEAR_S * SK_SECOND_US;
                use_libc_zone(zones[i]);
                for (int n = 0; n < 300 && at_us < 200 * YEAR_S * SK_SECOND_US; n++) {
                        sk_zone_span span = sk_zone_at(zone, at_us);
                        assert_true(span.from_us == at_us || n == 0);
                        if (span.to_us == INT64_MAX)
                                break;
                        assert_int_equal(span.east_s, offset_by_libc(span.to_us - SK_SECOND_US));
                        assert_int_equal(sk_zone_at(zone, span.to_us).east_s, offset_by_libc(span.to_us));
                        at_us = span.to_us;
                }
                sk_zone_free(zone);
        }
}

static int64_t at(const char *text) {
        int64_t time_us = 0;

        assert_true(sk_when_parse(sk_slice_of(text), &time_us));
        return time_us;
}

static void test_local_times_are_found_also_where_clocks_jump(void **state) {
        static const struct {
                const char *zone;
                const char *local;
                const char *utc;
        } cases[] = {
                {"Europe/Amsterdam", "2026-07-01T12:00:00Z", "2026-07-01T10:00:00Z"},
                {"Europe/Amsterdam", "2026-01-01T00:00:00Z", "2025-12-31T23:00:00Z"},
                /* Skipped: 02:00 to 03:00 is one moment. */
                {"Europe/Amsterdam", "2026-03-29T01:59:59Z", "2026-03-29T00:59:59Z"},
                {"Europe/Amsterdam", "2026-03-29T02:00:00Z", "2026-03-29T01:00:00Z"},
                {"Europe/Amsterdam", "2026-03-29T02:30:00Z", "2026-03-29T01:00:00Z"},
                {"Europe/Amsterdam", "2026-03-29T03:00:00Z", "2026-03-29T01:00:00Z"},
                {"Europe/Amsterdam", "2026-03-29T03:00:01Z", "2026-03-29T01:00:01Z"},
                /* Twice: the first counts. */
                {"Europe/Amsterdam", "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z"},
                {"Europe/Amsterdam", "2026-10-25T03:00:00Z", "2026-10-25T02:00:00Z"},
                {"America/New_York", "2026-03-08T02:30:00Z", "2026-03-08T07:00:00Z"},
                {"Australia/Lord_Howe", "2026-04-05T01:45:00Z", "2026-04-04T14:45:00Z"},
                {"Asia/Kathmandu", "2026-05-05T05:45:00Z", "2026-05-05T00:00:00Z"},
                {"Pacific/Kiritimati", "2026-05-05T00:00:00Z", "2026-05-04T10:00:00Z"},
                /* The day that Samoa left out. */
                {"Pacific/Apia", "2011-12-30T12:00:00Z", "2011-12-30T10:00:00Z"},
                {"Pacific/Apia", "2011-12-31T00:00:00Z", "2011-12-30T10:00:00Z"},
                {"UTC", "2026-05-05T05:45:00Z", "2026-05-05T05:45:00Z"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_zone *zone = zone_load(cases[i].zone);
                char found[SK_WHEN_TEXT + 1] = "";
                sk_when_format(sk_zone_utc(zone, at(cases[i].local)), found);
                if (sk_zone_utc(zone, at(cases[i].local)) != at(cases[i].utc))
                        fail_msg("%s %s: %s, not %s", cases[i].zone, cases[i].local, found, cases[i].utc);
                sk_zone_free(zone);
        }
        assert_int_equal(sk_zone_utc(NULL, 5), 5);
}

static void test_rules_are_read(void **state) {
        static const struct {
                const char *text;
                int32_t standard_s;
                int32_t summer_s;
        } cases[] = {
                {"UTC0", 0, 0},
                {"CET-1CEST,M3.5.0,M10.5.0/3", 3600, 7200},
                {"<+0330>-3:30", 12600, 0},
                {"<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", -10800, -7200},
                {"IST-1GMT0,M10.5.0,M3.5.0/1", 3600, 0},
                {"EST5EDT,0,J365/25", -18000, -14400},
                {"AAA+24BBB-23:59:59,J1/-167,365/167:59:59", -86400, 86399},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_zone_rule rule;
                if (!sk_zone_rule_parse(sk_slice_of(cases[i].text), &rule))
                        fail_msg("%s was not read", cases[i].text);
                assert_int_equal(rule.standard_s, cases[i].standard_s);
                assert_int_equal(rule.has_summer ? rule.summer_s : 0, cases[i].summer_s);
        }
}

static void test_what_is_no_rule_is_refused(void **state) {
        static const char *const cases[] = {
                "",
                "C1",
                "CET",
                "CET-1CEST",
                "CET-1CEST,M3.5.0",
                "CET-25",
                "CET-1x",
                "<CET-1",
                "CET-1CEST,,",
                "CET-1CEST,M13.5.0,M10.5.0",
                "CET-1:60",
                "CET-1:00:60",
                "CET--1",
                "CET-1CEST,J0,J1",
                "CET-1CEST,M3.0.0,M10.5.0",
                "CET-1CEST,M3.6.0,M10.5.0",
                "CET-1CEST,M3.5.7,M10.5.0",
                "CET-1CEST,366,1",
                "CET-1CEST,M3.5.0/168,M10.5.0",
                "CET-1CEST,M3.5.0,M10.5.0 ",
                "CET-1CEST,M0.5.0,M10.5.0",
                "CET-99999999999999999999",
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_zone_rule rule;
                if (sk_zone_rule_parse(sk_slice_of(cases[i]), &rule))
                        fail_msg("\"%s\" was read", cases[i]);
        }
}

static void test_leap_days_shift_only_days_that_count_them(void **state) {
        sk_zone_rule rule;

        (void)state;
        /* J60 is the first of March in every year, 59 is the 60th day: the 29th of February in a leap year. */
        assert_true(sk_zone_rule_parse(SK_SLICE("AAA0BBB,J60/0,J300/0"), &rule));
        assert_int_equal(sk_zone_rule_at(&rule, at("2028-06-01T00:00:00Z")).from_us, at("2028-03-01T00:00:00Z"));
        assert_int_equal(sk_zone_rule_at(&rule, at("2027-06-01T00:00:00Z")).from_us, at("2027-03-01T00:00:00Z"));
        assert_true(sk_zone_rule_parse(SK_SLICE("AAA0BBB,59/0,300/0"), &rule));
        assert_int_equal(sk_zone_rule_at(&rule, at("2028-06-01T00:00:00Z")).from_us, at("2028-02-29T00:00:00Z"));
        assert_int_equal(sk_zone_rule_at(&rule, at("2027-06-01T00:00:00Z")).from_us, at("2027-03-01T00:00:00Z"));
}

/* Each prefix of a good file, and each byte of it turned, gives an error or a zone that answers. */
static void test_damaged_files_harm_nobody(void **state) {
        sk_slice good = zone_bytes("Europe/Amsterdam");
        char *bytes = sk_alloc(good.len);
        sk_zone *zone = NULL;

        (void)state;
        for (size_t len = 0; len < good.len; len++)
                assert_int_not_equal(sk_zone_parse((sk_slice){good.at, len}, &zone), SK_OK);
        for (size_t i = 0; i < good.len; i++) {
                memcpy(bytes, good.at, good.len);
                bytes[i] = (char)~bytes[i];
                if (sk_zone_parse((sk_slice){bytes, good.len}, &zone) == SK_OK) {
                        sk_zone_span span = sk_zone_at(zone, at("2026-07-01T00:00:00Z"));
                        assert_true(span.from_us < span.to_us);
                        sk_zone_free(zone);
                }
        }
        sk_free(bytes);
        zone_bytes_free(good);
}

static void test_a_file_of_another_kind_is_refused(void **state) {
        char large[SK_ZONE_BYTES_MAX + 1] = "TZif";
        sk_zone *zone = NULL;

        (void)state;
        assert_int_equal(sk_zone_parse(SK_SLICE("BEGIN:VCALENDAR ............................."), &zone),
                         SK_ERR_SYNTAX);
        assert_int_equal(sk_zone_parse((sk_slice){large, sizeof(large)}, &zone), SK_ERR_SIZE);
        assert_null(zone);
        sk_zone_free(NULL);
}

static void test_a_file_of_version_1_holds_its_last_offset(void **state) {
        /* One change, at second 1000, from 0 to 3600 east. */
        static const char bytes[] = "TZif\0"
                                    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\2\0\0\0\4"
                                    "\0\0\3\350\1"
                                    "\0\0\0\0\0\0\0\0\16\20\1\0"
                                    "UTC";
        sk_zone *zone = NULL;

        (void)state;
        assert_int_equal(sk_zone_parse((sk_slice){bytes, sizeof(bytes)}, &zone), SK_OK);
        assert_int_equal(sk_zone_at(zone, 999 * SK_SECOND_US).east_s, 0);
        assert_int_equal(sk_zone_at(zone, 1000 * SK_SECOND_US).east_s, 3600);
        assert_int_equal(sk_zone_at(zone, at("2400-01-01T00:00:00Z")).east_s, 3600);
        assert_int_equal(sk_zone_at(zone, at("2400-01-01T00:00:00Z")).to_us, INT64_MAX);
        sk_zone_free(zone);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_offsets_are_those_of_the_c_library),
                cmocka_unit_test(test_spans_meet_and_each_holds_to_its_last_second),
                cmocka_unit_test(test_local_times_are_found_also_where_clocks_jump),
                cmocka_unit_test(test_rules_are_read),
                cmocka_unit_test(test_what_is_no_rule_is_refused),
                cmocka_unit_test(test_leap_days_shift_only_days_that_count_them),
                cmocka_unit_test(test_damaged_files_harm_nobody),
                cmocka_unit_test(test_a_file_of_another_kind_is_refused),
                cmocka_unit_test(test_a_file_of_version_1_holds_its_last_offset),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
