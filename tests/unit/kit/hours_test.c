#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "kit/hours.h"
#include "kit/random.h"
#include "kit/when.h"
#include "support/zones.h"

#define MON(hour, minute) ((hour)*60 + (minute))
#define DAY(n, hour) ((n)*1440 + (hour)*60)

static int64_t at(const char *text) {
        int64_t time_us = 0;

        if (!sk_when_parse(sk_slice_of(text), &time_us))
                fail_msg("%s is no time", text);
        return time_us;
}

static int64_t day(const char *text) {
        return at(text) / SK_DAY_US;
}

static sk_hours *hours_make(const sk_zone *zone, const sk_hours_window *windows, size_t count) {
        sk_hours *hours = NULL;

        assert_int_equal(sk_hours_new(zone, windows, count, NULL, 0, &hours), SK_OK);
        return hours;
}

static const sk_hours_window office[] = {
        {DAY(0, 9), DAY(0, 17)}, {DAY(1, 9), DAY(1, 17)}, {DAY(2, 9), DAY(2, 17)},
        {DAY(3, 9), DAY(3, 17)}, {DAY(4, 9), DAY(4, 17)},
};
/* Nights from Sunday to Thursday, and Saturday's ends on Sunday morning. */
static const sk_hours_window nights[] = {
        {DAY(6, 22), DAY(7, 6)}, {DAY(0, 22), DAY(1, 6)}, {DAY(1, 22), DAY(2, 6)},
        {DAY(2, 22), DAY(3, 6)}, {DAY(3, 22), DAY(4, 6)}, {DAY(5, 22), DAY(6, 6)},
};
static const sk_hours_window always[] = {{0, SK_WEEK_MIN}};

/* ---- cases worked out by hand ---- */

typedef struct added {
        const char *from;
        int64_t minutes;
        const char *due;
} added;

static void check_added(const sk_hours *hours, const added *cases, size_t count) {
        for (size_t i = 0; i < count; i++) {
                char found[SK_WHEN_TEXT + 1] = "";
                int64_t due_us = 0;
                int64_t from_us = at(cases[i].from);
                assert_int_equal(sk_hours_add(hours, from_us, cases[i].minutes * SK_MINUTE_US, &due_us), SK_OK);
                sk_when_format(due_us, found);
                if (due_us != at(cases[i].due))
                        fail_msg("%s and %lld min: %s, not %s", cases[i].from, (long long)cases[i].minutes, found,
                                 cases[i].due);
                assert_int_equal(sk_hours_between(hours, from_us, due_us), cases[i].minutes * SK_MINUTE_US);
        }
}

static void test_office_hours_in_a_zone_with_summer_time(void **state) {
        static const added cases[] = {
                {"2026-11-23T09:00:00Z", 60, "2026-11-23T10:00:00Z"},  /* Monday 10:00 there */
                {"2026-11-23T07:00:00Z", 60, "2026-11-23T09:00:00Z"},  /* before opening */
                {"2026-11-23T08:00:00Z", 480, "2026-11-23T16:00:00Z"}, /* to the last minute, not to the next day */
                {"2026-11-23T08:00:00Z", 481, "2026-11-24T08:01:00Z"},
                {"2026-11-27T15:30:00Z", 60, "2026-11-30T08:30:00Z"},   /* over a weekend */
                {"2026-11-28T12:00:00Z", 0, "2026-11-28T12:00:00Z"},    /* nothing to wait for */
                {"2026-03-27T15:00:00Z", 120, "2026-03-30T08:00:00Z"},  /* over the spring change */
                {"2026-10-23T14:00:00Z", 120, "2026-10-26T09:00:00Z"},  /* over the autumn change */
                {"2024-02-28T15:00:00Z", 120, "2024-02-29T09:00:00Z"},  /* a leap day is a Thursday like another */
                {"2026-01-01T00:00:00Z", 2400, "2026-01-07T16:00:00Z"}, /* five days of eight hours */
        };
        sk_zone *zone = zone_load("Europe/Amsterdam");
        sk_hours *hours = hours_make(zone, office, 5);

        (void)state;
        check_added(hours, cases, sizeof(cases) / sizeof(cases[0]));
        assert_true(sk_hours_open(hours, at("2026-11-23T08:00:00Z")));
        assert_true(sk_hours_open(hours, at("2026-11-23T15:59:59.999999Z")));
        assert_false(sk_hours_open(hours, at("2026-11-23T16:00:00Z")));
        assert_false(sk_hours_open(hours, at("2026-11-23T07:59:59.999999Z")));
        assert_false(sk_hours_open(hours, at("2026-11-22T12:00:00Z")));
        sk_hours_free(hours);
        sk_zone_free(zone);
}

static void test_windows_over_midnight_run_through_changes_of_the_clock(void **state) {
        static const added cases[] = {
                {"2026-11-23T21:00:00Z", 480, "2026-11-24T05:00:00Z"}, /* Monday's night */
                {"2026-11-27T12:00:00Z", 60, "2026-11-28T22:00:00Z"},  /* none on Friday */
                {"2026-03-28T21:00:00Z", 420, "2026-03-29T04:00:00Z"}, /* the short night: 7 hours */
                {"2026-03-28T21:00:00Z", 421, "2026-03-29T20:01:00Z"},
                {"2026-10-24T20:00:00Z", 540, "2026-10-25T05:00:00Z"}, /* the long one: 9 hours */
                {"2026-11-22T21:00:00Z", 480, "2026-11-23T05:00:00Z"}, /* over the end of the week */
        };
        sk_zone *zone = zone_load("Europe/Amsterdam");
        sk_hours *hours = hours_make(zone, nights, 6);

        (void)state;
        check_added(hours, cases, sizeof(cases) / sizeof(cases[0]));
        sk_hours_free(hours);
        sk_zone_free(zone);
}

static void test_holidays_are_closed_from_midnight_to_midnight_there(void **state) {
        static const added by_day[] = {
                {"2026-12-24T15:00:00Z", 61, "2026-12-28T08:01:00Z"},
                {"2026-12-25T10:00:00Z", 60, "2026-12-28T09:00:00Z"},
                {"2026-12-24T15:00:00Z", 60, "2026-12-24T16:00:00Z"},
        };
        static const added by_night[] = {
                {"2026-12-23T21:00:00Z", 121, "2026-12-26T21:01:00Z"}, /* cut at midnight before the 24th */
        };
        int64_t days[] = {day("2026-12-25T00:00:00Z"), day("2026-12-26T00:00:00Z"), day("2026-12-25T00:00:00Z")};
        int64_t eve[] = {day("2026-12-24T00:00:00Z"), day("2026-12-25T00:00:00Z")};
        sk_zone *zone = zone_load("Europe/Amsterdam");
        sk_hours *hours = NULL;

        (void)state;
        assert_int_equal(sk_hours_new(zone, office, 5, days, 3, &hours), SK_OK);
        check_added(hours, by_day, 3);
        assert_false(sk_hours_open(hours, at("2026-12-25T10:00:00Z")));
        sk_hours_free(hours);
        assert_int_equal(sk_hours_new(zone, nights, 6, eve, 2, &hours), SK_OK);
        check_added(hours, by_night, 1);
        sk_hours_free(hours);
        sk_zone_free(zone);
}

static void test_zones_far_east_and_west_have_their_own_days(void **state) {
        static const added east[] = {{"2026-11-22T18:00:00Z", 60, "2026-11-22T20:00:00Z"}}; /* Monday 09:00 at +14 */
        static const added west[] = {{"2026-11-23T00:00:00Z", 60, "2026-11-23T19:30:00Z"}}; /* Monday 09:00 at -9:30 */
        static const added skipped[] = {{"2011-12-30T00:00:00Z", 300, "2012-01-01T21:00:00Z"}}; /* there was no 30th */
        sk_zone *zone = zone_load("Pacific/Kiritimati");
        sk_hours *hours = hours_make(zone, office, 5);

        (void)state;
        check_added(hours, east, 1);
        sk_hours_free(hours);
        sk_zone_free(zone);
        zone = zone_load("Pacific/Marquesas");
        hours = hours_make(zone, office, 5);
        check_added(hours, west, 1);
        sk_hours_free(hours);
        sk_zone_free(zone);
        zone = zone_load("Pacific/Apia");
        hours = hours_make(zone, office, 5);
        check_added(hours, skipped, 1);
        sk_hours_free(hours);
        sk_zone_free(zone);
}

static void test_without_hours_all_time_counts(void **state) {
        sk_hours *hours = hours_make(NULL, always, 1);
        int64_t due_us = 0;

        (void)state;
        assert_int_equal(sk_hours_add(NULL, 5, 7, &due_us), SK_OK);
        assert_int_equal(due_us, 12);
        assert_int_equal(sk_hours_between(NULL, 5, 12), 7);
        assert_int_equal(sk_hours_between(NULL, 12, 5), 0);
        assert_int_equal(sk_hours_add(hours, 5, 7, &due_us), SK_OK);
        assert_int_equal(due_us, 12);
        assert_int_equal(sk_hours_between(hours, -3 * SK_DAY_US, SK_DAY_US), 4 * SK_DAY_US);
        assert_true(sk_hours_open(NULL, 0));
        sk_hours_free(hours);
        sk_hours_free(NULL);
}

static void test_what_never_comes_is_said(void **state) {
        sk_zone *zone = zone_load("Europe/Amsterdam");
        sk_hours *hours = hours_make(zone, office, 5);
        int64_t due_us = 77;

        (void)state;
        assert_int_equal(sk_hours_add(hours, at("2026-01-01T00:00:00Z"), 300 * 366 * SK_DAY_US, &due_us), SK_ERR_RANGE);
        assert_int_equal(sk_hours_add(hours, at("9999-12-31T20:00:00Z"), SK_DAY_US, &due_us), SK_ERR_RANGE);
        assert_int_equal(sk_hours_add(hours, at("9999-12-31T15:00:00Z"), 61 * SK_MINUTE_US, &due_us), SK_ERR_RANGE);
        assert_int_equal(sk_hours_add(NULL, 0, INT64_MAX, &due_us), SK_ERR_RANGE);
        assert_int_equal(due_us, 77);
        assert_int_equal(sk_hours_add(hours, at("0000-01-01T00:00:00Z"), SK_DAY_US, &due_us), SK_OK);
        sk_hours_free(hours);
        sk_zone_free(zone);
}

static void test_hours_that_make_no_sense_are_refused(void **state) {
        static const sk_hours_window overlap[] = {{0, 100}, {99, 200}};
        static const sk_hours_window wrapped[] = {{DAY(6, 20), DAY(7, 2)}, {60, 200}};
        static const sk_hours_window wrong[][1] = {
                {{-1, 5}}, {{5, 5}}, {{6, 5}}, {{SK_WEEK_MIN, SK_WEEK_MIN + 1}}, {{1, SK_WEEK_MIN + 2}}};
        static sk_hours_window many[SK_HOURS_WINDOWS_MAX + 1];
        int64_t never = INT64_MAX;
        sk_hours *hours = NULL;

        (void)state;
        assert_int_equal(sk_hours_new(NULL, NULL, 0, NULL, 0, &hours), SK_ERR_MISSING);
        assert_int_equal(sk_hours_new(NULL, overlap, 2, NULL, 0, &hours), SK_ERR_CONFLICT);
        assert_int_equal(sk_hours_new(NULL, wrapped, 2, NULL, 0, &hours), SK_ERR_CONFLICT);
        assert_int_equal(sk_hours_new(NULL, many, SK_HOURS_WINDOWS_MAX + 1, NULL, 0, &hours), SK_ERR_SIZE);
        assert_int_equal(sk_hours_new(NULL, always, 1, &never, 1, &hours), SK_ERR_RANGE);
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
                assert_int_equal(sk_hours_new(NULL, wrong[i], 1, NULL, 0, &hours), SK_ERR_RANGE);
        assert_null(hours);
}

/* ---- against walking each minute ---- */

typedef struct world {
        sk_zone *zone;
        sk_hours_window windows[12];
        size_t window_count;
        int64_t holidays[40];
        size_t holiday_count;
} world;

static bool is_open_minute(const world *w, int64_t minute) {
        int64_t local_us = minute * SK_MINUTE_US + sk_zone_at(w->zone, minute * SK_MINUTE_US).east_s * SK_SECOND_US;
        int64_t local_min = local_us / SK_MINUTE_US;            /* all after 1970 */
        int64_t in_week = (local_min + 3 * 1440) % SK_WEEK_MIN; /* 1970-01-01 was a Thursday */

        for (size_t i = 0; i < w->holiday_count; i++) {
                if (local_min / 1440 == w->holidays[i])
                        return false;
        }
        for (size_t i = 0; i < w->window_count; i++) {
                const sk_hours_window *window = &w->windows[i];
                if ((in_week >= window->from_min && in_week < window->to_min) || in_week + SK_WEEK_MIN < window->to_min)
                        return true;
        }
        return false;
}

static int64_t walk_between(const world *w, int64_t from, int64_t to) {
        int64_t open = 0;

        for (int64_t minute = from; minute < to; minute++)
                open += is_open_minute(w, minute);
        return open;
}

static int64_t walk_add(const world *w, int64_t from, int64_t amount) {
        while (amount > 0)
                amount -= is_open_minute(w, from++);
        return from;
}

/* Windows in random places of the week, the last one perhaps over its end. */
static void make_windows(sk_random *random, world *w) {
        int32_t at = (int32_t)sk_random_below(random, 1000);
        int32_t first = at;

        w->window_count = 0;
        while (w->window_count < 12 && at < SK_WEEK_MIN) {
                int32_t to = at + 1 + (int32_t)sk_random_below(random, 1500);
                if (to > SK_WEEK_MIN + first)
                        to = SK_WEEK_MIN + first;
                w->windows[w->window_count++] = (sk_hours_window){at, to};
                at = to + (int32_t)sk_random_below(random, 900);
        }
}

static void make_holidays(sk_random *random, world *w, int64_t around_day) {
        w->holiday_count = (size_t)sk_random_below(random, 40);
        for (size_t i = 0; i < w->holiday_count; i++)
                w->holidays[i] = around_day - 20 + (int64_t)sk_random_below(random, 60);
}

static void compare_with_walk(sk_random *random, const world *w, int64_t from) {
        sk_hours *hours = NULL;
        assert_int_equal(sk_hours_new(w->zone, w->windows, w->window_count, w->holidays, w->holiday_count, &hours),
                         SK_OK);
        for (int n = 0; n < 6; n++) {
                int64_t begin = from + (int64_t)sk_random_below(random, 5000);
                int64_t end = begin + (int64_t)sk_random_below(random, 20000);
                int64_t amount = (int64_t)sk_random_below(random, 4000);
                int64_t due_us = 0;
                assert_int_equal(sk_hours_between(hours, begin * SK_MINUTE_US, end * SK_MINUTE_US),
                                 walk_between(w, begin, end) * SK_MINUTE_US);
                assert_int_equal(sk_hours_add(hours, begin * SK_MINUTE_US, amount * SK_MINUTE_US, &due_us), SK_OK);
                assert_int_equal(due_us, walk_add(w, begin, amount) * SK_MINUTE_US);
        }
        sk_hours_free(hours);
}

static void test_arithmetic_is_that_of_walking_each_minute(void **state) {
        static const char *const zones[] = {
                "Europe/Amsterdam", "America/St_Johns",  "Australia/Lord_Howe", "Asia/Kathmandu",
                "Pacific/Apia",     "Africa/Casablanca", "Antarctica/Troll",    "UTC"};
        static const char *const days[] = {"2026-03-01T00:00:00Z", "2026-10-20T00:00:00Z", "2011-12-22T00:00:00Z",
                                           "2024-02-20T00:00:00Z", "2087-04-20T00:00:00Z", "1973-12-28T00:00:00Z"};
        sk_random random = sk_random_make(7);

        (void)state;
        for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
                world w = {.zone = zone_load(zones[i])};
                for (size_t j = 0; j < sizeof(days) / sizeof(days[0]); j++) {
                        make_windows(&random, &w);
                        make_holidays(&random, &w, day(days[j]));
                        compare_with_walk(&random, &w, at(days[j]) / SK_MINUTE_US);
                }
                sk_zone_free(w.zone);
        }
}

/* What was added is what lies between, and nothing earlier has as much, to the microsecond. */
static void test_the_due_time_is_the_first_with_enough(void **state) {
        sk_zone *zone = zone_load("America/New_York");
        sk_random random = sk_random_make(9);
        sk_hours *hours = hours_make(zone, nights, 6);

        (void)state;
        for (int i = 0; i < 20000; i++) {
                int64_t from_us = (int64_t)sk_random_below(&random, UINT64_C(4000000000) * 1000000);
                int64_t amount_us = 1 + (int64_t)sk_random_below(&random, UINT64_C(1) << (10 + i % 38));
                int64_t due_us = 0;
                assert_int_equal(sk_hours_add(hours, from_us, amount_us, &due_us), SK_OK);
                assert_int_equal(sk_hours_between(hours, from_us, due_us), amount_us);
                assert_int_equal(sk_hours_between(hours, from_us, due_us - 1), amount_us - 1);
        }
        sk_hours_free(hours);
        sk_zone_free(zone);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_office_hours_in_a_zone_with_summer_time),
                cmocka_unit_test(test_windows_over_midnight_run_through_changes_of_the_clock),
                cmocka_unit_test(test_holidays_are_closed_from_midnight_to_midnight_there),
                cmocka_unit_test(test_zones_far_east_and_west_have_their_own_days),
                cmocka_unit_test(test_without_hours_all_time_counts),
                cmocka_unit_test(test_what_never_comes_is_said),
                cmocka_unit_test(test_hours_that_make_no_sense_are_refused),
                cmocka_unit_test(test_arithmetic_is_that_of_walking_each_minute),
                cmocka_unit_test(test_the_due_time_is_the_first_with_enough),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
