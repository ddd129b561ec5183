#ifndef SK_LOG_KAFKA_ADMIN_INSIDE_H
#define SK_LOG_KAFKA_ADMIN_INSIDE_H

#include "log/kafka_admin.h"
#include "log/kafka_reason.h"

/* What the files of administration share: kafka_admin.c has its life and its requests, kafka_look.c and kafka_make.c
 * what is asked. */

struct sk_kafka_admin {
        sk_kafka_settings settings;
        sk_kafka_property *properties;
        char *brokers;
        rd_kafka_t *client;
        rd_kafka_queue_t *queue;
        sk_kafka_reason reason;
};

/** Options of a request; NULL without memory. */
rd_kafka_AdminOptions_t *sk_kafka_admin_options(sk_kafka_admin *admin, rd_kafka_admin_op_t operation);
/** Waits for the answer; NULL: none came, or it is an error as a whole, and @p why says so. Destroy it. */
rd_kafka_event_t *sk_kafka_admin_await(sk_kafka_admin *admin, char why[SK_LOG_WHY_MAX]);
/** Metadata of all topics; NULL: nobody answers, @p why says why. rd_kafka_metadata_destroy. */
const rd_kafka_metadata_t *sk_kafka_admin_metadata(sk_kafka_admin *admin, char why[SK_LOG_WHY_MAX]);

#endif
