#ifndef SK_LOG_KAFKA_ABSENCE_H
#define SK_LOG_KAFKA_ABSENCE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether brokers can be reached, and when that is worth a line of the log. What fails says so again and again, and a
 * network that comes and goes does so for hours: an absence is told of once and its end once, and no more often than
 * once a minute. One that was kept quiet is told of when it has lasted until then.
 *
 * Times are those of a clock that never goes back, in microseconds; no time is 0.
 */

typedef struct sk_kafka_absence {
        uint64_t since_us; /**< 0: they can be reached */
        uint64_t ended_us; /**< when the last one ended; 0: there was none */
        uint64_t told_us;  /**< when an absence was told of last; 0: never */
        bool is_told;      /**< the present one was */
        uint64_t count;    /**< of absences so far, told of or not */
} sk_kafka_absence;

/** They cannot be reached: the beginning of an absence, or more of the same. */
void sk_kafka_absence_begin(sk_kafka_absence *absence, uint64_t now_us);
/** Whether the absence is to be told of now; asked again and again. */
bool sk_kafka_absence_tells(sk_kafka_absence *absence, uint64_t now_us);
/** They can be reached; true when that is to be told of. @p out_us: how long they could not; untouched if false. */
bool sk_kafka_absence_end(sk_kafka_absence *absence, uint64_t now_us, uint64_t *out_us);
/** Whether they cannot be reached, or could not half a minute ago: what fails now may still be because of that. */
bool sk_kafka_absence_is_near(const sk_kafka_absence *absence, uint64_t now_us);
/** How long they cannot be reached; 0: they can. */
uint64_t sk_kafka_absence_us(const sk_kafka_absence *absence, uint64_t now_us);

#endif
