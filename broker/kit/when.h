#ifndef SK_KIT_WHEN_H
#define SK_KIT_WHEN_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/buf.h"
#include "kit/slice.h"

/*
 * Times are microseconds since 1970-01-01T00:00:00Z without leap seconds. Nothing here asks a clock.
 */

#define SK_SECOND_US INT64_C(1000000)
#define SK_MINUTE_US (60 * SK_SECOND_US)
#define SK_HOUR_US (60 * SK_MINUTE_US)
#define SK_DAY_US (24 * SK_HOUR_US)
#define SK_WHEN_TEXT 27

/** Writes `2026-11-21T14:22:51.000000Z`, 27 characters; years 0000 to 9999, others are clamped. */
void sk_when_format(int64_t time_us, char out[SK_WHEN_TEXT]);

/** Reads RFC 3339 with any offset and up to 9 digits of fraction; false for anything else. */
bool sk_when_parse(sk_slice text, int64_t *out_us);

/** Days since the epoch of a civil date (proleptic Gregorian); false if there is no such date. */
bool sk_when_days(int year, int month, int day, int64_t *out_days);

/** The civil date of a day since the epoch. */
void sk_when_date(int64_t days, int *out_year, int *out_month, int *out_day);

/** Reads an ISO 8601 duration of weeks, days, hours, minutes and seconds (`P1DT2H`, `PT30M`, `P2W`); not negative. */
bool sk_when_duration_parse(sk_slice text, int64_t *out_us);

/** Writes a duration for people: `41 s`, `12 min`, `6 h 48 min`, `3 d 4 h`. */
void sk_when_duration_write(sk_buf *buf, int64_t duration_us);

#endif
