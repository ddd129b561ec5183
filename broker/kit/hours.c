/*
 * Arithmetic of service hours, exact to the microsecond and without walking days.
 *
 * Local clocks run like UTC within a span of the zone, so the open time of a span is C(its local end) - C(its local
 * begin), where C counts open local time from the epoch on: whole weeks, the part of the present one, less what fell
 * on holidays. C is found by two binary searches, and so is its inverse.
 */

#include "kit/hours.h"

#include <assert.h>
#include <stdlib.h>

#include "kit/alloc.h"
#include "kit/when.h"

#define WEEK_US (7 * SK_DAY_US)
#define MONDAY_US (4 * SK_DAY_US)  /* 1970-01-05, the first Monday */
#define DAY_FIRST INT64_C(-719528) /* 0000-01-01 */
#define DAY_LAST INT64_C(2932896)  /* 9999-12-31 */
#define SEARCH_DAYS (1000 * INT64_C(366))

/* A piece of the week, within it, with the open time of all pieces before. */
typedef struct piece {
        int64_t from_us;
        int64_t to_us;
        int64_t before_us;
} piece;

/* A closed date, with the open time that was taken by all before it. */
typedef struct holiday {
        int64_t day;
        int64_t before_us;
} holiday;

struct sk_hours {
        const sk_zone *zone;
        size_t piece_count;
        piece *pieces;   /**< ascending, none overlapping */
        int64_t week_us; /**< open time of a week */
        size_t holiday_count;
        holiday *holidays; /**< ascending, each once; one more at the end that never comes */
};

static int64_t floor_div(int64_t a, int64_t b) {
        assert(b > 0);
        return a / b - (a % b < 0);
}

/* ---- counting ---- */

/* Open time of the week before a moment of it. */
static int64_t week_until(const sk_hours *hours, int64_t in_week_us) {
        assert(in_week_us >= 0);
        assert(in_week_us <= WEEK_US);
        size_t low = 0, high = hours->piece_count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (hours->pieces[middle].from_us <= in_week_us)
                        low = middle + 1;
                else
                        high = middle;
        }
        if (low == 0)
                return 0;
        const piece *last = &hours->pieces[low - 1];
        int64_t end_us = in_week_us < last->to_us ? in_week_us : last->to_us;
        assert(end_us >= last->from_us);
        return last->before_us + end_us - last->from_us;
}

/* Open local time from the first Monday until a moment, as if there were no holidays. */
static int64_t weekly_until(const sk_hours *hours, int64_t local_us) {
        assert(hours->week_us > 0);
        int64_t week = floor_div(local_us - MONDAY_US, WEEK_US);

        return week * hours->week_us + week_until(hours, local_us - MONDAY_US - week * WEEK_US);
}

static int64_t weekly_of_day(const sk_hours *hours, int64_t day) {
        assert(day >= DAY_FIRST);
        assert(day <= DAY_LAST);
        return weekly_until(hours, (day + 1) * SK_DAY_US) - weekly_until(hours, day * SK_DAY_US);
}

/* How many holidays begin before a local moment. */
static size_t holidays_until(const sk_hours *hours, int64_t local_us) {
        size_t low = 0, high = hours->holiday_count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (hours->holidays[middle].day * SK_DAY_US < local_us)
                        low = middle + 1;
                else
                        high = middle;
        }
        assert(low <= hours->holiday_count);
        return low;
}

/* C: open local time until a moment. */
static int64_t open_until(const sk_hours *hours, int64_t local_us) {
        assert(hours->week_us > 0);
        size_t passed = holidays_until(hours, local_us);
        int64_t weekly_us = weekly_until(hours, local_us);

        if (passed == 0)
                return weekly_us;
        const holiday *last = &hours->holidays[passed - 1];
        if (local_us < (last->day + 1) * SK_DAY_US) /* within the last one: nothing has passed since it began */
                return weekly_until(hours, last->day * SK_DAY_US) - last->before_us;
        return weekly_us - hours->holidays[passed].before_us;
}

int64_t sk_hours_between(const sk_hours *hours, int64_t from_us, int64_t to_us) {
        int64_t open_us = 0;

        if (to_us <= from_us)
                return 0;
        if (hours == NULL)
                return to_us - from_us;
        while (from_us < to_us) {
                sk_zone_span span = sk_zone_at(hours->zone, from_us);
                int64_t end_us = span.to_us < to_us ? span.to_us : to_us;
                int64_t east_us = span.east_s * SK_SECOND_US;
                open_us += open_until(hours, end_us + east_us) - open_until(hours, from_us + east_us);
                from_us = end_us;
        }
        return open_us;
}

bool sk_hours_open(const sk_hours *hours, int64_t time_us) {
        return sk_hours_between(hours, time_us, time_us + 1) > 0;
}

/* ---- the inverse ---- */

/* The first moment of a week by which so much of it was open, at least 1 us and at most all. */
static int64_t week_inverse(const sk_hours *hours, int64_t open_us) {
        assert(hours->piece_count > 0);
        size_t low = 0, high = hours->piece_count - 1;

        assert(open_us > 0);
        assert(open_us <= hours->week_us);
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                const piece *at = &hours->pieces[middle];
                if (at->before_us + at->to_us - at->from_us >= open_us)
                        high = middle;
                else
                        low = middle + 1;
        }
        return hours->pieces[low].from_us + open_us - hours->pieces[low].before_us;
}

static int64_t weekly_inverse(const sk_hours *hours, int64_t open_us) {
        assert(hours->week_us > 0);
        int64_t week = floor_div(open_us - 1, hours->week_us);

        return MONDAY_US + week * WEEK_US + week_inverse(hours, open_us - week * hours->week_us);
}

/* The first local moment by which C has reached a value. */
static int64_t open_inverse(const sk_hours *hours, int64_t open_us) {
        size_t low = 0, high = hours->holiday_count;

        /* The holidays that lie before it: those at whose begin C is less. */
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                const holiday *at = &hours->holidays[middle];
                if (weekly_until(hours, at->day * SK_DAY_US) - at->before_us < open_us)
                        low = middle + 1;
                else
                        high = middle;
        }
        assert(low <= hours->holiday_count);
        return weekly_inverse(hours, open_us + hours->holidays[low].before_us);
}

/* Adds span by span of the zone; all of a span that has less open time than is left is passed at once. */
sk_err sk_hours_add(const sk_hours *hours, int64_t from_us, int64_t amount_us, int64_t *out_us) {
        assert(out_us != NULL);
        int64_t limit_us = from_us + SEARCH_DAYS * SK_DAY_US;

        assert(amount_us >= 0);
        if (limit_us > (DAY_LAST + 1) * SK_DAY_US)
                limit_us = (DAY_LAST + 1) * SK_DAY_US;
        if (amount_us > limit_us - from_us)
                return SK_ERR_RANGE;
        int64_t at_us = from_us;
        while (hours != NULL && amount_us > 0) {
                if (at_us >= limit_us)
                        return SK_ERR_RANGE;
                sk_zone_span span = sk_zone_at(hours->zone, at_us);
                int64_t east_us = span.east_s * SK_SECOND_US;
                int64_t end_us = span.to_us < limit_us ? span.to_us : limit_us;
                int64_t begun_us = open_until(hours, at_us + east_us);
                int64_t open_us = open_until(hours, end_us + east_us) - begun_us;
                at_us = open_us < amount_us ? end_us : open_inverse(hours, begun_us + amount_us) - east_us;
                amount_us -= open_us < amount_us ? open_us : amount_us;
        }
        *out_us = at_us + amount_us; /* what is left of it only when always open */
        return SK_OK;
}

/* ---- making ---- */

static int compare_pieces(const void *a, const void *b) {
        assert(a != NULL);
        assert(b != NULL);
        const piece *left = a, *right = b;

        return (left->from_us > right->from_us) - (left->from_us < right->from_us);
}

static int compare_holidays(const void *a, const void *b) {
        assert(a != NULL);
        assert(b != NULL);
        const holiday *left = a, *right = b;

        return (left->day > right->day) - (left->day < right->day);
}

static void add_piece(sk_hours *hours, int32_t from_min, int32_t to_min) {
        assert(from_min < to_min);
        hours->pieces[hours->piece_count++] =
                (piece){.from_us = from_min * SK_MINUTE_US, .to_us = to_min * SK_MINUTE_US};
}

/* A window over the end of the week is two pieces. */
static sk_err add_window(sk_hours *hours, const sk_hours_window *window) {
        assert(window != NULL);
        if (window->from_min < 0 || window->from_min >= SK_WEEK_MIN || window->to_min <= window->from_min ||
            window->to_min - window->from_min > SK_WEEK_MIN)
                return SK_ERR_RANGE;
        add_piece(hours, window->from_min, window->to_min < SK_WEEK_MIN ? window->to_min : SK_WEEK_MIN);
        if (window->to_min > SK_WEEK_MIN)
                add_piece(hours, 0, window->to_min - SK_WEEK_MIN);
        return SK_OK;
}

static sk_err order_pieces(sk_hours *hours) {
        assert(hours->week_us == 0);
        qsort(hours->pieces, hours->piece_count, sizeof(*hours->pieces), compare_pieces);
        for (size_t i = 0; i < hours->piece_count; i++) {
                piece *at = &hours->pieces[i];
                if (i > 0 && at->from_us < at[-1].to_us)
                        return SK_ERR_CONFLICT;
                at->before_us = hours->week_us;
                hours->week_us += at->to_us - at->from_us;
        }
        assert(hours->week_us <= WEEK_US);
        return SK_OK;
}

static sk_err add_holidays(sk_hours *hours, const int64_t *days, size_t count) {
        assert(hours->holiday_count == 0);
        int64_t before_us = 0;
        size_t kept = 0;

        for (size_t i = 0; i < count; i++) {
                if (days[i] < DAY_FIRST || days[i] > DAY_LAST)
                        return SK_ERR_RANGE;
                hours->holidays[i].day = days[i];
        }
        if (count > 0)
                qsort(hours->holidays, count, sizeof(*hours->holidays), compare_holidays);
        for (size_t i = 0; i < count; i++) {
                if (kept > 0 && hours->holidays[kept - 1].day == hours->holidays[i].day)
                        continue;
                hours->holidays[kept] = (holiday){hours->holidays[i].day, before_us};
                before_us += weekly_of_day(hours, hours->holidays[kept++].day);
        }
        hours->holidays[kept] = (holiday){INT64_MAX, before_us};
        hours->holiday_count = kept;
        assert(kept <= count);
        return SK_OK;
}

static sk_err fill(sk_hours *hours, const sk_hours_window *windows, size_t window_count, const int64_t *holidays,
                   size_t holiday_count) {
        assert(window_count > 0);
        assert(window_count <= SK_HOURS_WINDOWS_MAX);
        sk_err err = SK_OK;

        hours->pieces = sk_alloc_zero(2 * window_count, sizeof(*hours->pieces));
        hours->holidays = sk_alloc_zero(holiday_count + 1, sizeof(*hours->holidays));
        if (hours->pieces == NULL || hours->holidays == NULL)
                return SK_ERR_NO_MEMORY;
        for (size_t i = 0; i < window_count && err == SK_OK; i++)
                err = add_window(hours, &windows[i]);
        if (err == SK_OK)
                err = order_pieces(hours);
        return err == SK_OK ? add_holidays(hours, holidays, holiday_count) : err;
}

sk_err sk_hours_new(const sk_zone *zone, const sk_hours_window *windows, size_t window_count, const int64_t *holidays,
                    size_t holiday_count, sk_hours **out) {
        assert(windows != NULL || window_count == 0);
        assert(holidays != NULL || holiday_count == 0);
        assert(out != NULL);
        if (window_count == 0)
                return SK_ERR_MISSING;
        if (window_count > SK_HOURS_WINDOWS_MAX || holiday_count > SK_HOURS_HOLIDAYS_MAX)
                return SK_ERR_SIZE;
        sk_hours *hours = sk_alloc_zero(1, sizeof(*hours));
        if (hours == NULL)
                return SK_ERR_NO_MEMORY;
        hours->zone = zone;
        sk_err err = fill(hours, windows, window_count, holidays, holiday_count);
        if (err != SK_OK) {
                sk_hours_free(hours);
                return err;
        }
        assert(hours->week_us > 0);
        *out = hours;
        return SK_OK;
}

void sk_hours_free(sk_hours *hours) {
        if (hours == NULL)
                return;
        sk_free(hours->pieces);
        sk_free(hours->holidays);
        sk_free(hours);
}
