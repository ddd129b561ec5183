#ifndef SK_LOG_KAFKA_STATS_H
#define SK_LOG_KAFKA_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/slice.h"

/*
 * What a consumer's statistics say that helps an operator. They are librdkafka's own JSON, given every few seconds; no
 * broker is asked for them. What is not there in another version of it stays unknown.
 */

typedef struct sk_kafka_stats {
        unsigned brokers;      /**< that the cluster has said it has */
        unsigned brokers_up;   /**< to which there is a connection */
        int64_t round_trip_us; /**< to the group's coordinator, the mean of the last time; -1: nothing was asked */
} sk_kafka_stats;

/** Called for each topic partition: its last stable offset, below zero if it is not known. */
typedef void sk_kafka_stats_visit(void *self, sk_slice topic, int32_t partition, int64_t stable_offset);

/** Reads them; false: this is nothing of that kind, *out is then untouched. */
bool sk_kafka_stats_read(sk_slice json, sk_kafka_stats *out, sk_kafka_stats_visit *visit, void *self);

#endif
