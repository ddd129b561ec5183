#ifndef SK_DAEMON_RATE_H
#define SK_DAEMON_RATE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A bound on how often something is done: so many at once, and then so many a second. What is left out is counted.
 * Time is given, from a clock that does not jump.
 */

typedef struct sk_rate {
        int64_t every_us; /**< one more each */
        int64_t at_once;
        int64_t due_us; /**< when all that was taken will be paid for; 0: never used */
        uint64_t left_out;
} sk_rate;

/** @p at_once and @p per_second are above 0. */
sk_rate sk_rate_make(int64_t at_once, int64_t per_second);
/** Whether it may be done now; if not, it is counted. */
bool sk_rate_take(sk_rate *rate, int64_t now_us);
/** How many were left out since the last question. */
uint64_t sk_rate_left_out(sk_rate *rate);

#endif
