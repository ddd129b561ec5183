#ifndef SK_TESTS_SUPPORT_KAFKA_FOREIGN_H
#define SK_TESTS_SUPPORT_KAFKA_FOREIGN_H

#include <stdint.h>

#include "kit/slice.h"

/*
 * A Kafka client that knows nothing of the protocol: it writes whatever it is told, wherever, and takes records away.
 * Every failed expectation fails the test that runs.
 */

typedef struct kafka_foreign kafka_foreign;

/** A client; @p codec: none, gzip, snappy, lz4 or zstd. Free with kafka_foreign_free. */
kafka_foreign *kafka_foreign_new(const char *brokers, const char *codec);
/** NULL is legal. */
void kafka_foreign_free(kafka_foreign *client);

typedef struct foreign_record {
        const char *topic;
        int32_t partition;
        sk_slice key;     /**< SK_NONE: none */
        sk_slice headers; /**< as in event/record.h; empty: none */
        sk_slice value;   /**< SK_NONE: a tombstone */
        int64_t time_us;  /**< 0: now */
} foreign_record;

/** Writes a record; returns its offset. */
int64_t kafka_foreign_put(kafka_foreign *client, const foreign_record *record);
/** Takes all records below @p offset away, as retention does. */
void kafka_foreign_delete(kafka_foreign *client, const char *topic, int32_t partition, int64_t offset);
/** Where the partition begins now. */
int64_t kafka_foreign_low(kafka_foreign *client, const char *topic, int32_t partition);

#endif
