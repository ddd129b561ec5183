#ifndef SK_LOG_KAFKA_KEEPING_H
#define SK_LOG_KAFKA_KEEPING_H

#include "log/kafka_settings.h"

/*
 * How the brokers keep a team's own topics, looked at when its link starts. A journal that is not compacted loses calls,
 * and so does a compacted topic of messages: then the link must not start. What else is otherwise than planned
 * (log/plan.h) people should know.
 */

typedef struct sk_kafka_keeping {
        const sk_slice *topics; /**< those of other teams are passed over */
        size_t topic_count;
        sk_slice team;
        uint32_t acceptance_days;
} sk_kafka_keeping;

/**
 * Asks the brokers; topics whose settings they do not show are passed over. Blocks, for twenty seconds at worst.
 *
 * @param client  any handle
 * @param beware  gets a sentence about what is unwise, else ""
 * @return SK_OK; SK_ERR_CONFLICT (@p why says which topic and what to do); SK_ERR_BUSY (no answer)
 */
sk_err sk_kafka_keeping_check(rd_kafka_t *client, const sk_kafka_keeping *keeping, char beware[SK_KAFKA_WHY_MAX],
                              char why[SK_KAFKA_WHY_MAX]);

#endif
