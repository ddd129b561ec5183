#ifndef SK_LOG_KAFKA_ADMIN_H
#define SK_LOG_KAFKA_ADMIN_H

#include "log/cluster.h"
#include "log/plan.h"
#include "log/tool.h"

/*
 * Administration of a cluster: looking what it has, and making what a plan says that it lacks. Settings are given when
 * a topic is made and never altered: librdkafka 2.0.2 can only replace all of a topic's settings at once, which resets
 * what is not named.
 *
 * Every function may block, for a minute at worst. One thread per admin. A function that fails as a whole leaves a
 * sentence in `why`; what failed for one topic or right is told about that.
 */

typedef struct sk_kafka_admin sk_kafka_admin;

typedef struct sk_kafka_admin_config {
        const char *brokers;                 /**< HOST:PORT[,HOST:PORT...] */
        const sk_chain_property *properties; /**< of whoever may do this; copied */
        size_t property_count;
} sk_kafka_admin_config;

/** @p out: new, free with sk_kafka_admin_free. SK_OK; SK_ERR_CONFIG (a property); SK_ERR_NO_MEMORY. */
sk_err sk_kafka_admin_new(const sk_kafka_admin_config *config, char why[SK_LOG_WHY_MAX], sk_kafka_admin **out);
/** NULL is legal. */
void sk_kafka_admin_free(sk_kafka_admin *admin);

/** How many brokers there are. SK_OK; SK_ERR_BUSY (none answers, or they let nobody in). */
sk_err sk_kafka_admin_brokers(sk_kafka_admin *admin, char why[SK_LOG_WHY_MAX], int *out);

/**
 * Looks at topics whose names begin as the chain's do, their settings, and the ACLs that may be about them.
 *
 * @param out  new: free with sk_cluster_free
 * @return SK_OK; SK_ERR_BUSY (no broker answers); SK_ERR_NO_MEMORY
 */
sk_err sk_kafka_admin_look(sk_kafka_admin *admin, const sk_plan *plan, char why[SK_LOG_WHY_MAX], sk_cluster *out);

/** Called for each that was asked for; @p why is "" when it was done. SK_ERR_VERSION: librdkafka cannot do that. */
typedef void sk_kafka_told(void *self, size_t index, sk_err err, const char *why);

/** What is to change, all of one kind, and who is told what became of each. */
typedef struct sk_kafka_changes {
        const sk_difference *const *list; /**< borrowed */
        size_t count;
        sk_kafka_told *told;
        void *self; /**< told's */
} sk_kafka_changes;

/**
 * Makes the topics of SK_LACKS_TOPIC, with all their settings; one that is there by now is done. Who asks the cluster
 * afterwards sees them: it is waited for, ten seconds at most.
 */
sk_err sk_kafka_admin_make_topics(sk_kafka_admin *admin, const sk_plan *plan, const sk_kafka_changes *changes,
                                  char why[SK_LOG_WHY_MAX]);
/** Gives the rights of SK_LACKS_RIGHT. */
sk_err sk_kafka_admin_make_rights(sk_kafka_admin *admin, const sk_kafka_changes *changes, char why[SK_LOG_WHY_MAX]);
/** Deletes the topics of SK_SPARE_TOPIC and all that is in them. */
sk_err sk_kafka_admin_drop_topics(sk_kafka_admin *admin, const sk_kafka_changes *changes, char why[SK_LOG_WHY_MAX]);
/** Takes the rights of SK_SPARE_RIGHT away. */
sk_err sk_kafka_admin_drop_rights(sk_kafka_admin *admin, const sk_kafka_changes *changes, char why[SK_LOG_WHY_MAX]);

/** What a team's link needs first: its own login, and a transactional id. */
typedef struct sk_kafka_try {
        const char *brokers;
        sk_slice chain;
        sk_slice team;
        const sk_chain_property *properties; /**< the link's */
        size_t property_count;
} sk_kafka_try;

/**
 * Logs in as a team's link and registers a transactional id that no instance has.
 *
 * @return SK_OK; SK_ERR_MISSING (a property: nobody was asked); SK_ERR_CONFIG (the right is lacking); SK_ERR_BUSY (no
 * broker answers in time, or lets the link in)
 */
sk_err sk_kafka_try_link(const sk_kafka_try *try, char why[SK_LOG_WHY_MAX]);

#endif
