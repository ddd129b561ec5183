#ifndef SK_KIT_HOURS_H
#define SK_KIT_HOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/err.h"
#include "kit/zone.h"

/*
 * Service hours: when a team is there, by the clocks of its zone. A moment is open when the local clock, at that moment,
 * shows a time within one of the weekly windows, on a date that is no holiday. Nothing else decides: an hour that is
 * skipped in spring is never open, one that comes twice in autumn is open twice, and a window over midnight ends at
 * midnight if the day behind it is a holiday.
 *
 * Immutable; may be used by several threads. Times lie in the years 0 to 9999.
 */

/** A weekly window by the local clock, in minutes since Monday 00:00. */
typedef struct sk_hours_window {
        int32_t from_min; /**< 0 to 10079 */
        int32_t to_min;   /**< behind from_min, at most a week later; past 10080 it goes on on Monday */
} sk_hours_window;

#define SK_WEEK_MIN (7 * 24 * 60)
#define SK_HOURS_WINDOWS_MAX 200
#define SK_HOURS_HOLIDAYS_MAX 10000

typedef struct sk_hours sk_hours;

/**
 * @param zone      borrowed as long as the hours live; NULL is UTC
 * @param windows   in any order; they may meet, not overlap
 * @param holidays  days since the epoch, in any order, by the local clock; one may be given twice
 * @param out       new: free with sk_hours_free
 * @return SK_OK; SK_ERR_MISSING (no window); SK_ERR_RANGE (a window that is none, or a holiday outside of the years 0 to
 *         9999); SK_ERR_CONFLICT (windows overlap); SK_ERR_SIZE (too many of them); SK_ERR_NO_MEMORY
 */
sk_err sk_hours_new(const sk_zone *zone, const sk_hours_window *windows, size_t window_count, const int64_t *holidays,
                    size_t holiday_count, sk_hours **out);
/** NULL is legal. */
void sk_hours_free(sk_hours *hours);

/** Whether @p time_us is open; NULL is always open. */
bool sk_hours_open(const sk_hours *hours, int64_t time_us);

/** How much of the time between two moments is open, in microseconds; 0 if @p to_us is not later. NULL: all of it. */
int64_t sk_hours_between(const sk_hours *hours, int64_t from_us, int64_t to_us);

/**
 * The earliest moment, not before @p from_us, by which @p amount_us of open time has passed. With nothing to wait for
 * that is @p from_us itself, open or not.
 *
 * @param hours      NULL: always open
 * @param amount_us  not negative
 * @return SK_OK; SK_ERR_RANGE: not within a thousand years, or later than the year 9999
 */
sk_err sk_hours_add(const sk_hours *hours, int64_t from_us, int64_t amount_us, int64_t *out_us);

#endif
