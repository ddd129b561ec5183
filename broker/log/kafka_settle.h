#ifndef SK_LOG_KAFKA_SETTLE_H
#define SK_LOG_KAFKA_SETTLE_H

#include "log/kafka_settings.h"

#define SK_KAFKA_TAG_MAX 64

/** What the group has of one partition of `work`. */
typedef struct sk_kafka_settled {
        int32_t partition;
        char tag[SK_KAFKA_TAG_MAX]; /**< what came with its offset: who wrote last; "" if nothing did */
} sk_kafka_settled;

/**
 * Asks once whether no transaction with offsets of these partitions is open any more (rule R2a), and who was the last.
 *
 * @param client  the handle that has joined the group: no other is sure to ask who coordinates it now. A broker that was
 *                paused for long answers from the past for a moment when it wakes up, but gives no partitions out.
 * @param list    partitions in, tags out; untouched on failure
 * @param why     gets a sentence on failure
 * @return SK_OK; SK_ERR_BUSY: ask again. Blocks, about a second at worst
 */
sk_err sk_kafka_settle(rd_kafka_t *client, const char *work, sk_kafka_settled *list, size_t count,
                       char why[SK_KAFKA_WHY_MAX]);

#endif
