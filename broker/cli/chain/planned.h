#ifndef SK_CLI_PLANNED_H
#define SK_CLI_PLANNED_H

#include "cli/cli.h"
#include "log/cluster.h"
#include "log/plan.h"

/*
 * What `schakel plan` and `schakel apply` begin with: the plan of a chain and, where a cluster is named, in what that
 * differs. Options of the same name mean the same in both.
 */

#define SK_OPTION_CLUSTER                                                                           \
        {                                                                                           \
                .name = "log", .kind = SK_OPTION_TEXT, .value = "LOG",                              \
                .text = "the cluster: kafka:HOST:PORT[,HOST:PORT...]", .environment = "SCHAKEL_LOG" \
        }
#define SK_OPTION_PROPERTIES                                                                  \
        {                                                                                     \
                .name = "properties", .kind = SK_OPTION_TEXT, .value = "FILE",                \
                .text = "lines NAME=VALUE: the administrator's own properties of the client", \
                .environment = "SCHAKEL_KAFKA_PROPERTIES"                                     \
        }
#define SK_OPTION_REPLICATION                                                                                         \
        {                                                                                                             \
                .name = "replication", .kind = SK_OPTION_COUNT, .value = "N",                                         \
                .text = "copies of each partition (default: 3, or as many as there are brokers)", .min = 1, .max = 32 \
        }
#define SK_OPTION_LINK_PRINCIPAL                                                     \
        {                                                                            \
                .name = "link", .kind = SK_OPTION_TEXT, .value = "PRINCIPAL",        \
                .text = "who a team's link is to the brokers (default: User:{team})" \
        }
#define SK_OPTION_PEOPLE_PRINCIPAL                                                        \
        {                                                                                 \
                .name = "people", .kind = SK_OPTION_TEXT, .value = "PRINCIPAL",           \
                .text = "who a team's people and tools are (default: User:{team}-people)" \
        }

/** How links log in, as far as chain.json says it. */
typedef enum sk_login { SK_LOGIN_NONE, SK_LOGIN_CERTIFICATE, SK_LOGIN_SCRAM, SK_LOGIN_PLAIN, SK_LOGIN_OTHER } sk_login;

typedef struct sk_planned {
        sk_cli *cli;
        sk_edition *edition;
        sk_plan *plan;
        sk_login login;
        const char *url;     /**< NULL: no cluster is named, and what follows is empty */
        const char *brokers; /**< part of the URL */
        struct sk_kafka_admin *admin;
        sk_cluster cluster;
        sk_differences differences;
} sk_planned;

/**
 * Reads the chain, makes the plan, and looks at the cluster if one is named.
 *
 * @param needs_cluster  whether it is asked wrongly without one
 * @return SK_EXIT_OK; otherwise the message is printed and there is nothing to close
 */
int sk_planned_open(sk_cli *cli, bool needs_cluster, sk_planned *out);
/** Looks at the cluster again. */
int sk_planned_look(sk_planned *planned);
/** Gives everything back. */
void sk_planned_close(sk_planned *planned);

/** Differences that keep the chain from running, or from running as it should. */
size_t sk_planned_count(const sk_planned *planned);

/* ---- printing ---- */

/** The whole plan, for people. */
void sk_plan_print_text(const sk_planned *planned);
/** What the cluster differs in, one line each. */
void sk_plan_print_differences(const sk_planned *planned);
/** One difference, as above. */
void sk_plan_print_difference(const sk_planned *planned, const sk_difference *difference);
/** What to type, of all or of what the cluster lacks. */
void sk_plan_print_commands(const sk_planned *planned);
/** The command that gives a right; @p operations: which of its own. */
void sk_plan_print_right(const sk_planned *planned, const sk_plan_right *right, unsigned operations);
/** Resources of Strimzi, the whole plan. @p cluster: name of its Kafka resource. */
void sk_plan_print_strimzi(const sk_planned *planned, const char *cluster);
/** The plan, and the differences, as one JSON document. */
int sk_plan_print_json(const sk_planned *planned);
/** Members of the differences, into an array that is open. */
void sk_plan_write_differences(const sk_planned *planned, sk_json_writer *json);

#endif
