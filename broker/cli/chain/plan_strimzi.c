/*
 * The plan as resources of Strimzi, Kafka's operator on Kubernetes: its User Operator makes the logins as well.
 */
#include "cli/chain/planned.h"

#define API "kafka.strimzi.io/v1beta2"

static void print_head(const sk_planned *planned, const char *kind, const char *name, const char *cluster) {
        sk_cli_print(planned->cli,
                     "---\napiVersion: " API "\nkind: %s\nmetadata:\n  name: %s\n  labels:\n"
                     "    strimzi.io/cluster: %s\nspec:\n",
                     kind, name, cluster);
}

static void print_topic(const sk_planned *planned, const sk_plan_topic *topic, const char *cluster) {
        print_head(planned, "KafkaTopic", topic->name.at, cluster);
        sk_cli_print(planned->cli, "  partitions: %d\n  replicas: %d\n  config:\n",
                     (int)sk_plan_partitions(planned->plan), sk_plan_replicas(planned->plan));
        for (size_t i = 0; i < topic->setting_count; i++)
                sk_cli_print(planned->cli, "    %s: \"%s\"\n", topic->settings[i].name, topic->settings[i].value);
}

static const char *resource_of(sk_plan_resource resource) {
        return resource == SK_PLAN_TRANSACTION ? "transactionalId" : sk_plan_resource_name(resource);
}

static void print_right(const sk_planned *planned, const sk_plan_right *right) {
        sk_cli_print(planned->cli,
                     "      - resource:\n          type: %s\n          name: %s\n          patternType: %s\n"
                     "        operations:\n",
                     resource_of(right->resource), right->name.at, right->is_prefix ? "prefix" : "literal");
        for (unsigned i = 0; i < SK_PLAN_OPERATIONS; i++) {
                if ((right->operations & 1u << i) != 0)
                        sk_cli_print(planned->cli, "          - %s\n", sk_plan_operation_name((sk_plan_operation)i));
        }
        sk_cli_print(planned->cli, "        host: \"*\"\n");
}

/* The operator names principals itself: User:CN=NAME of certificates, User:NAME of passwords. */
static const char *name_of(sk_slice principal) {
        const char *name = strchr(principal.at, ':') + 1;
        return strncmp(name, "CN=", 3) == 0 ? name + 3 : name;
}

static void print_user(const sk_planned *planned, size_t team, sk_plan_role role, const char *cluster) {
        const sk_plan *plan = planned->plan;

        print_head(planned, "KafkaUser", name_of(sk_plan_principal(plan, team, role)), cluster);
        sk_cli_print(planned->cli, "  authentication:\n    type: %s\n  authorization:\n    type: simple\n    acls:\n",
                     planned->login == SK_LOGIN_SCRAM ? "scram-sha-512" : "tls");
        for (size_t i = 0; i < sk_plan_right_count(plan); i++) {
                const sk_plan_right *right = sk_plan_right_at(plan, i);
                if (right->role == role && sk_slice_equal(right->team, sk_plan_team_at(plan, team)))
                        print_right(planned, right);
        }
}

void sk_plan_print_strimzi(const sk_planned *planned, const char *cluster) {
        const sk_plan *plan = planned->plan;

        sk_cli_print(planned->cli, "# What chain %s needs.\n", sk_plan_chain(plan).at);
        for (size_t i = 0; i < sk_plan_topic_count(plan); i++)
                print_topic(planned, sk_plan_topic_at(plan, i), cluster);
        for (size_t i = 0; i < sk_plan_team_count(plan); i++) {
                for (unsigned role = 0; role < SK_PLAN_ROLES; role++)
                        print_user(planned, i, (sk_plan_role)role, cluster);
        }
}
