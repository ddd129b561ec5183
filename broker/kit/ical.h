#ifndef SK_KIT_ICAL_H
#define SK_KIT_ICAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/err.h"
#include "kit/slice.h"

/*
 * Whole days from an iCalendar file (RFC 5545), such as governments publish holidays in: the events that have a date and
 * no time of day. An event may last several days and may come back every year on its date.
 */

#define SK_ICAL_BYTES_MAX ((size_t)4 << 20)
#define SK_ICAL_EVENT_DAYS_MAX 366

/** Years for which an event that comes back is given. */
typedef struct sk_ical_years {
        int first;
        int last;
} sk_ical_years;

/** Where a file is wrong, and why. */
typedef struct sk_ical_fault {
        size_t line;      /**< from 1 */
        const char *what; /**< static */
} sk_ical_fault;

/** Called for each day (since the epoch), in order of the file. False ends the reading. */
typedef bool sk_ical_visit(void *self, int64_t day, sk_slice summary);

/**
 * Reads the days of all events.
 *
 * Events with a time of day are no holidays and are passed over, as are cancelled ones. A rule of repetition other than
 * each year, or every so many years, is an error: a holiday that is silently left out would make promises wrong.
 *
 * @param text   the file; lines may end with CR LF or LF; borrowed
 * @param fault  filled when this fails
 * @return SK_OK, also when the visitor ended it; SK_ERR_SYNTAX, SK_ERR_SIZE, SK_ERR_RANGE, SK_ERR_UTF8
 */
sk_err sk_ical_read(sk_slice text, sk_ical_years years, sk_ical_visit *visit, void *self, sk_ical_fault *fault);

#endif
