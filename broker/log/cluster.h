#ifndef SK_LOG_CLUSTER_H
#define SK_LOG_CLUSTER_H

#include "log/plan.h"

/*
 * What a Kafka cluster has of what a chain needs, as plain data (log/kafka_look.h fills it in), and in what it differs
 * from the plan.
 */

typedef struct sk_cluster_setting {
        sk_slice name;
        sk_slice value;
} sk_cluster_setting;

typedef struct sk_cluster_topic {
        sk_slice name; /**< ends with a zero byte */
        int32_t partitions;
        int replicas; /**< the fewest of any partition */
        sk_cluster_setting *settings;
        size_t setting_count; /**< 0: they may not be seen */
        int64_t records;      /**< an upper bound; -1: not asked for */
} sk_cluster_topic;

typedef enum sk_cluster_answer { SK_CLUSTER_ALLOW, SK_CLUSTER_DENY } sk_cluster_answer;

/** An ACL, as far as it is about something of ours. */
typedef struct sk_cluster_acl {
        sk_plan_resource resource; /**< SK_PLAN_RESOURCES: of a kind that librdkafka does not know */
        sk_slice name;             /**< ends with a zero byte, as principal and host do */
        bool is_prefix;
        sk_slice principal;
        sk_slice host;
        unsigned operations; /**< one bit over sk_plan_operation; all of them: All; none: another */
        int operation_code;  /**< Kafka's number of it */
        sk_cluster_answer answer;
} sk_cluster_acl;

typedef enum sk_cluster_guard {
        SK_CLUSTER_GUARDED,   /**< it has ACLs, and they could be listed */
        SK_CLUSTER_UNGUARDED, /**< it has no authorizer: everybody may do everything */
        SK_CLUSTER_HIDDEN,    /**< they may not be listed */
} sk_cluster_guard;

typedef struct sk_cluster {
        sk_arena *arena; /**< what all of this is in */
        int broker_count;
        sk_cluster_topic *topics; /**< in order of names */
        size_t topic_count;
        sk_cluster_acl *acls;
        size_t acl_count;
        sk_cluster_guard guard;
} sk_cluster;

/** Leaves an empty one. */
void sk_cluster_free(sk_cluster *cluster);
/** NULL if there is none of that name. */
const sk_cluster_topic *sk_cluster_topic_find(const sk_cluster *cluster, sk_slice name);
/** What it is set to; SK_NONE if that could not be seen. */
sk_slice sk_cluster_setting_of(const sk_cluster_topic *topic, const char *name);
/** Operations of the right that nothing allows, or that something denies. */
unsigned sk_cluster_lacks(const sk_cluster *cluster, const sk_plan_right *right, const sk_cluster_acl **out_denied);

/* ---- differences ---- */

typedef enum sk_difference_kind {
        SK_LACKS_TOPIC,
        SK_OTHER_PARTITIONS, /**< nothing works before that is repaired, by making the topic anew */
        SK_OTHER_REPLICAS,
        SK_OTHER_SETTING,
        SK_HIDDEN_SETTINGS, /**< of a topic; they may not be seen */
        SK_LACKS_RIGHT,
        SK_DENIED_RIGHT,
        SK_SPARE_TOPIC, /**< of the chain by its name, but the plan has none like it */
        SK_SPARE_RIGHT, /**< of a principal of the plan, about topics of the chain, and not needed */
        SK_DIFFERENCE_KINDS,
} sk_difference_kind;

typedef struct sk_difference {
        sk_difference_kind kind;
        const sk_plan_topic *topic;     /**< of the plan; NULL for rights and spare topics */
        const sk_cluster_topic *found;  /**< NULL when it is not there */
        const sk_plan_setting *setting; /**< SK_OTHER_SETTING */
        sk_slice value;                 /**< SK_OTHER_SETTING: what it is */
        const sk_plan_right *right;
        unsigned operations; /**< which are lacking or denied */
        const sk_cluster_acl *acl;
} sk_difference;

typedef struct sk_differences {
        sk_arena *arena;
        sk_difference *list;
        size_t count;
        size_t counts[SK_DIFFERENCE_KINDS];
} sk_differences;

/**
 * In what the cluster differs: topics first, in the plan's order, then rights, then what is spare.
 *
 * @param out  borrows from both: free with sk_differences_free, first
 * @return SK_OK; SK_ERR_NO_MEMORY
 */
sk_err sk_cluster_compare(const sk_plan *plan, const sk_cluster *cluster, sk_differences *out);
/** Forgets one of them: it is none. */
void sk_differences_drop(sk_differences *differences, size_t index);
/** Leaves an empty list. */
void sk_differences_free(sk_differences *differences);

#endif
