#ifndef SK_LOG_KAFKA_SETTINGS_H
#define SK_LOG_KAFKA_SETTINGS_H

#include <stddef.h>

#include <librdkafka/rdkafka.h>

#include "kit/err.h"
#include "kit/slice.h"
#include "log/log.h"

/*
 * How the handles of librdkafka are made: what the protocol demands (rules T and R) and nobody may change, what is
 * better than librdkafka's defaults and may be changed, and what the user says.
 */

#define SK_KAFKA_WHY_MAX 512
#define SK_KAFKA_NAME_MAX 250 /**< of a topic, a group, a transactional id */

/** A property of librdkafka. A value `env:NAME` or `file:PATH` says where it is: in the environment, or in a file. */
typedef struct sk_kafka_property {
        const char *name;
        const char *value;
} sk_kafka_property;

typedef struct sk_kafka_settings {
        const char *brokers; /**< HOST:PORT[,HOST:PORT...] */
        const sk_kafka_property *properties;
        size_t property_count;
        sk_slice chain;
        sk_slice team;     /**< SK_NONE for a tool */
        sk_slice instance; /**< of the team; SK_NONE for a tool */
} sk_kafka_settings;

/** What a handle is for. */
typedef enum sk_kafka_role {
        SK_KAFKA_MEMBER,   /**< consumer, member of the team's group (rule R1) */
        SK_KAFKA_RESTORER, /**< consumer, read_committed, of the group but no member: barrier and journal (rule R2) */
        SK_KAFKA_WATCHER,  /**< a producer: where a restore ends (rule R2b), and where topics begin */
        SK_KAFKA_PRODUCER, /**< transactional (rule T1) */
        SK_KAFKA_READER,   /**< consumer of a tool */
        SK_KAFKA_WRITER,   /**< idempotent producer of a tool, never in a transaction */
        SK_KAFKA_ADMIN,    /**< topics and settings */
        SK_KAFKA_ROLES,
} sk_kafka_role;

/** What is called from within rd_kafka_poll and its like, on the thread that calls those. */
typedef struct sk_kafka_hooks {
        void (*delivered)(rd_kafka_t *client, const rd_kafka_message_t *message, void *self); /**< may be NULL */
        void (*failed)(rd_kafka_t *client, int error, const char *reason, void *self);        /**< may be NULL */
        /** Lines of librdkafka's own log; @p what: its word for what they are about. May be NULL. */
        void (*logged)(const rd_kafka_t *client, int level, const char *what, const char *text);
        int events; /**< RD_KAFKA_EVENT_* to be queued instead */
        void *self;
} sk_kafka_hooks;

/**
 * Makes a handle. Does not wait for a broker.
 *
 * @param settings  borrowed for the call
 * @param hooks     copied; NULL: none
 * @param why       gets a sentence when this fails; no value of a property is ever quoted in it
 * @param out       new: free with rd_kafka_destroy
 * @return SK_OK; SK_ERR_CONFIG (a property that is not known, wrong, or not to be changed); SK_ERR_NO_MEMORY
 */
sk_err sk_kafka_client_new(const sk_kafka_settings *settings, sk_kafka_role role, const sk_kafka_hooks *hooks,
                           char why[SK_KAFKA_WHY_MAX], rd_kafka_t **out);

/** Whether a handle of that role could be made: as sk_kafka_client_new, and none is. */
sk_err sk_kafka_client_check(const sk_kafka_settings *settings, sk_kafka_role role, char why[SK_KAFKA_WHY_MAX]);

/** The team's consumer group: `<prefix><chain>.<team>`. SK_ERR_SIZE when it is too long. */
sk_err sk_kafka_group_name(const sk_kafka_settings *settings, char out[SK_KAFKA_NAME_MAX]);
/** The instance's transactional id: `<prefix><chain>.<team>.<instance>`. */
sk_err sk_kafka_transactional_id(const sk_kafka_settings *settings, char out[SK_KAFKA_NAME_MAX]);

/** Properties as an edition has them, in memory of their own; NULL without memory. */
sk_kafka_property *sk_kafka_properties_copy(const sk_chain_property *properties, size_t count);
/** Wipes them. NULL is legal. */
void sk_kafka_properties_free(sk_kafka_property *properties, size_t count);

/** Time-out of the instance's transactions: the user's, or that of rule T1. */
int sk_kafka_transaction_timeout_ms(const sk_kafka_settings *settings);
/** Value of a user's property as a number of milliseconds, or @p otherwise. */
int sk_kafka_milliseconds(const sk_kafka_settings *settings, const char *name, int otherwise);

#endif
