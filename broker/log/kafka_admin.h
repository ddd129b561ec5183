#ifndef SK_LOG_KAFKA_ADMIN_H
#define SK_LOG_KAFKA_ADMIN_H

#include "event/record.h"
#include "log/kafka_settings.h"
#include "usm/edition.h"

/*
 * Which topics a chain needs (rule K), how they are set (rules O5, C1 and S), and making them. Settings are given when a
 * topic is made: librdkafka 2.0.2 can only replace all of a topic's settings at once, which resets what is not named.
 */

/** A topic that a chain needs. */
typedef struct sk_kafka_topic {
        char name[SK_KAFKA_NAME_MAX];
        sk_topic_kind kind;
} sk_kafka_topic;

/**
 * The topics of a chain, of all teams or of one, in order of teams and agreements.
 *
 * @param team  SK_NONE: of all teams
 * @return how many there are; at most @p room are put into @p out
 */
size_t sk_kafka_chain_topics(const sk_edition *edition, sk_slice team, sk_kafka_topic *out, size_t room);

#define SK_KAFKA_TOPIC_SETTINGS 6

typedef struct sk_kafka_topic_setting {
        const char *name;
        char value[24];
} sk_kafka_topic_setting;

/** How a topic of that kind is set; returns how many settings there are. */
size_t sk_kafka_topic_settings(sk_topic_kind kind, uint32_t acceptance_days,
                               sk_kafka_topic_setting out[SK_KAFKA_TOPIC_SETTINGS]);

typedef struct sk_kafka_topics_make {
        const sk_kafka_settings *settings;
        const sk_kafka_topic *topics;
        size_t topic_count;
        int32_t partitions;
        int replicas; /**< -1: as the brokers do by default */
        uint32_t acceptance_days;
} sk_kafka_topics_make;

/**
 * Makes topics that are not there yet and waits until they can be written to; what is there is left as it is. Blocks,
 * some tens of seconds at worst.
 *
 * @return SK_OK; SK_ERR_BUSY (no broker answered in time); SK_ERR_CONFIG (a refusal: @p why says of what)
 */
sk_err sk_kafka_topics_create(const sk_kafka_topics_make *make, char why[SK_KAFKA_WHY_MAX]);

#endif
