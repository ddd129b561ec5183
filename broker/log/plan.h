#ifndef SK_LOG_PLAN_H
#define SK_LOG_PLAN_H

#include "event/record.h"
#include "kit/arena.h"
#include "usm/edition.h"

/*
 * What a chain needs of a Kafka cluster, as plain data: which topics there must be (rule K), how they are set (rules O5,
 * C1 and S), and who may do what with them, as little as will do. The same chain gives the same plan.
 */

typedef struct sk_plan sk_plan;

/** Stands for the team's name in the principals of a configuration. */
#define SK_PLAN_TEAM "{team}"

typedef struct sk_plan_config {
        const sk_edition *edition;
        const char *prefix; /**< of groups and transactional ids; NULL: none */
        const char *link;   /**< principal of a team's link; NULL: `User:{team}` */
        const char *people; /**< principal of a team's people and tools; NULL: `User:{team}-people` */
        int replicas;       /**< copies of each partition; at least 1 */
} sk_plan_config;

/**
 * Makes the plan.
 *
 * @param config  borrowed for the call
 * @param out     new: free with sk_plan_free
 * @return SK_OK; SK_ERR_SIZE (a name would be longer than Kafka allows); SK_ERR_NO_MEMORY
 */
sk_err sk_plan_new(const sk_plan_config *config, sk_plan **out);
/** NULL is legal. */
void sk_plan_free(sk_plan *plan);

/** The chain's name. */
sk_slice sk_plan_chain(const sk_plan *plan);
/** Partitions of every topic (rule I). */
int32_t sk_plan_partitions(const sk_plan *plan);
/** Copies of every partition. */
int sk_plan_replicas(const sk_plan *plan);

/* ---- topics ---- */

#define SK_PLAN_SETTINGS_MAX 10
#define SK_PLAN_VALUE_MAX 24

/** Which values will do as well. */
typedef enum sk_plan_relation { SK_PLAN_EQUAL, SK_PLAN_AT_LEAST, SK_PLAN_AT_MOST } sk_plan_relation;

typedef struct sk_plan_setting {
        const char *name; /**< static */
        char value[SK_PLAN_VALUE_MAX];
        sk_plan_relation relation;
} sk_plan_setting;

typedef struct sk_plan_topic {
        sk_slice name; /**< ends with a zero byte */
        sk_topic_kind kind;
        sk_slice team; /**< whose name it begins with */
        sk_plan_setting settings[SK_PLAN_SETTINGS_MAX];
        size_t setting_count;
} sk_plan_topic;

/** How a topic of that kind is set; returns how many settings there are. */
size_t sk_plan_settings(sk_topic_kind kind, uint32_t acceptance_days, int replicas,
                        sk_plan_setting out[SK_PLAN_SETTINGS_MAX]);
/** How many topics there are. */
size_t sk_plan_topic_count(const sk_plan *plan);
/** Topic by index, in order of teams; borrowed. */
const sk_plan_topic *sk_plan_topic_at(const sk_plan *plan, size_t index);
/** NULL if the chain needs no topic of that name. */
const sk_plan_topic *sk_plan_topic_find(const sk_plan *plan, sk_slice name);
/** Whether a topic that is set so does what @p setting is for. */
bool sk_plan_setting_does(const sk_plan_setting *setting, sk_slice value);

/* ---- rights ---- */

typedef enum sk_plan_role { SK_PLAN_LINK, SK_PLAN_PEOPLE, SK_PLAN_ROLES } sk_plan_role;

typedef enum sk_plan_resource {
        SK_PLAN_TOPIC,
        SK_PLAN_GROUP,
        SK_PLAN_TRANSACTION, /**< transactional ids */
        SK_PLAN_RESOURCES,
} sk_plan_resource;

typedef enum sk_plan_operation {
        SK_PLAN_READ,
        SK_PLAN_WRITE,
        SK_PLAN_DESCRIBE,
        SK_PLAN_DESCRIBE_CONFIGS,
        SK_PLAN_OPERATIONS,
} sk_plan_operation;

/** What one principal may do with one resource. */
typedef struct sk_plan_right {
        sk_slice team;
        sk_plan_role role;
        sk_slice principal; /**< ends with a zero byte */
        sk_plan_resource resource;
        sk_slice name;       /**< ends with a zero byte */
        bool is_prefix;      /**< of whatever begins with the name */
        unsigned operations; /**< bit set over sk_plan_operation */
} sk_plan_right;

/** How many rights there are. */
size_t sk_plan_right_count(const sk_plan *plan);
/** Right by index, in order of teams and roles; borrowed. */
const sk_plan_right *sk_plan_right_at(const sk_plan *plan, size_t index);

/** "calls", "feedback" and so on, as in names of topics; static. */
const char *sk_plan_kind_name(sk_topic_kind kind);
/** "topic", "group", "transactional-id"; static. */
const char *sk_plan_resource_name(sk_plan_resource resource);
/** "Read", "Write", "Describe", "DescribeConfigs", as Kafka's tools call them; static. */
const char *sk_plan_operation_name(sk_plan_operation operation);

/** How many teams there are. */
size_t sk_plan_team_count(const sk_plan *plan);
/** Name of a team, by index below the count. */
sk_slice sk_plan_team_at(const sk_plan *plan, size_t index);
/** Principal of a team in that role; ends with a zero byte. */
sk_slice sk_plan_principal(const sk_plan *plan, size_t team, sk_plan_role role);

#endif
