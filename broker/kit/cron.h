#ifndef SK_KIT_CRON_H
#define SK_KIT_CRON_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/err.h"
#include "kit/slice.h"
#include "kit/zone.h"

/*
 * Recurring instants as cron(8) writes them: `minute hour day-of-month month day-of-week`, each `*`, a number, a range
 * `1-5`, any of these with a step `/15`, or a list of these with commas; months and days of the week also by name
 * (`jan`, `mon-fri`), Sunday as 0 or 7. If both days are restricted, one of them is enough. `@hourly`, `@daily`,
 * `@weekly`, `@monthly` and `@yearly` are known.
 *
 * The clocks of a zone count. Each minute that they show is one instant: one that is skipped when they go forward is
 * the moment at which they do, one that comes twice is the first of both. Instants lie in the years 1 to 9998.
 */

typedef struct sk_cron {
        uint64_t minutes; /**< bit sets */
        uint32_t hours;
        uint32_t days;    /**< from bit 1 */
        uint16_t months;  /**< from bit 1 */
        uint8_t weekdays; /**< from bit 0, Sunday */
        bool any_day;     /**< day-of-month is `*` */
        bool any_weekday;
} sk_cron;

/** @return SK_OK; SK_ERR_SYNTAX; SK_ERR_RANGE: a number that is none of its field, or a day that never comes */
sk_err sk_cron_parse(sk_slice text, sk_cron *out);

/** The first instant after @p after_us; false if there is none within ten years. @p zone NULL is UTC. */
bool sk_cron_next(const sk_cron *cron, const sk_zone *zone, int64_t after_us, int64_t *out_us);
/** The last instant not after @p until_us; false if there is none within ten years. */
bool sk_cron_last(const sk_cron *cron, const sk_zone *zone, int64_t until_us, int64_t *out_us);

#endif
