/*
 * The plan as commands of Kafka's own tools, for who trusts nobody else's.
 */
#include "cli/chain/planned.h"

#define TOOL "--bootstrap-server \"$BOOTSTRAP\" --command-config \"$ADMIN\""

static void print_topic(const sk_planned *planned, const sk_plan_topic *topic) {
        sk_cli_print(planned->cli,
                     "kafka-topics.sh " TOOL " --create --if-not-exists \\\n  --topic %s --partitions %d "
                     "--replication-factor %d",
                     topic->name.at, (int)sk_plan_partitions(planned->plan), sk_plan_replicas(planned->plan));
        for (size_t i = 0; i < topic->setting_count; i++)
                sk_cli_print(planned->cli, " \\\n  --config %s=%s", topic->settings[i].name, topic->settings[i].value);
        sk_cli_print(planned->cli, "\n");
}

void sk_plan_print_right(const sk_planned *planned, const sk_plan_right *right, unsigned operations) {
        sk_cli_print(planned->cli, "kafka-acls.sh " TOOL " --add --allow-principal '%s'", right->principal.at);
        for (unsigned i = 0; i < SK_PLAN_OPERATIONS; i++) {
                if ((operations & 1u << i) != 0)
                        sk_cli_print(planned->cli, " --operation %s", sk_plan_operation_name((sk_plan_operation)i));
        }
        sk_cli_print(planned->cli, " \\\n  --%s %s%s\n", sk_plan_resource_name(right->resource), right->name.at,
                     right->is_prefix ? " --resource-pattern-type prefixed" : "");
}

/* --add-config changes what it names and nothing else. */
static void print_setting(const sk_planned *planned, const sk_difference *difference) {
        sk_cli_print(planned->cli, "kafka-configs.sh " TOOL " --alter --topic %s \\\n  --add-config %s=%s\n",
                     difference->topic->name.at, difference->setting->name, difference->setting->value);
}

static void print_difference(const sk_planned *planned, const sk_difference *difference) {
        switch (difference->kind) {
        case SK_LACKS_TOPIC:
                print_topic(planned, difference->topic);
                break;
        case SK_OTHER_SETTING:
                print_setting(planned, difference);
                break;
        case SK_LACKS_RIGHT:
                sk_plan_print_right(planned, difference->right, difference->operations);
                break;
        default:
                sk_cli_print(planned->cli, "# ");
                sk_plan_print_difference(planned, difference);
        }
}

/* `User:name` without the type; names of certificates are kept whole. */
static const char *user_of(sk_slice principal) {
        return strchr(principal.at, ':') + 1;
}

static void print_login(const sk_planned *planned, sk_slice principal) {
        switch (planned->login) {
        case SK_LOGIN_CERTIFICATE:
                sk_cli_print(planned->cli, "# %s: a certificate whose subject the brokers map to %s\n", principal.at,
                             user_of(principal));
                break;
        case SK_LOGIN_SCRAM:
                sk_cli_print(planned->cli,
                             "kafka-configs.sh " TOOL " --alter --entity-type users --entity-name '%s' \\\n"
                             "  --add-config \"SCRAM-SHA-512=[password=$(cat '%s.password')]\"\n",
                             user_of(principal), user_of(principal));
                break;
        case SK_LOGIN_PLAIN:
                sk_cli_print(planned->cli, "# %s: user_%s=\"...\" in the brokers' PlainLoginModule\n", principal.at,
                             user_of(principal));
                break;
        case SK_LOGIN_NONE:
        case SK_LOGIN_OTHER:
                break;
        }
}

static void print_logins(const sk_planned *planned) {
        for (size_t i = 0; i < sk_plan_team_count(planned->plan); i++) {
                for (unsigned role = 0; role < SK_PLAN_ROLES; role++)
                        print_login(planned, sk_plan_principal(planned->plan, i, (sk_plan_role)role));
        }
}

void sk_plan_print_commands(const sk_planned *planned) {
        const sk_plan *plan = planned->plan;

        sk_cli_print(planned->cli,
                     "# What chain %s needs. BOOTSTRAP=HOST:PORT, ADMIN=FILE with the administrator's login.\n",
                     sk_plan_chain(plan).at);
        if (planned->url == NULL)
                print_logins(planned);
        for (size_t i = 0; i < sk_plan_topic_count(plan) && planned->url == NULL; i++)
                print_topic(planned, sk_plan_topic_at(plan, i));
        for (size_t i = 0; i < sk_plan_right_count(plan) && planned->url == NULL; i++)
                sk_plan_print_right(planned, sk_plan_right_at(plan, i), sk_plan_right_at(plan, i)->operations);
        for (size_t i = 0; i < planned->differences.count; i++)
                print_difference(planned, &planned->differences.list[i]);
}
