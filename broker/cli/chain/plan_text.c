/*
 * The plan for people: how topics are set, then for each team its topics and who may do what; or, where a cluster is
 * named, only what that differs in.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "cli/chain/planned.h"
#include "kit/when.h"

static const char *const role_texts[SK_PLAN_ROLES] = {
        [SK_PLAN_LINK] = "its link", [SK_PLAN_PEOPLE] = "its people and tools"};

#define OPERATIONS_BYTES 64

static const char *operations_text(unsigned operations, char out[OPERATIONS_BYTES]) {
        size_t len = 0;

        out[0] = '\0';
        for (unsigned i = 0; i < SK_PLAN_OPERATIONS; i++) {
                if ((operations & 1u << i) != 0)
                        len += (size_t)snprintf(out + len, OPERATIONS_BYTES - len, "%s%s", len == 0 ? "" : ", ",
                                                sk_plan_operation_name((sk_plan_operation)i));
        }
        return out;
}

/* ---- the whole plan ---- */

static const sk_plan_topic *first_of(const sk_plan *plan, sk_topic_kind kind) {
        for (size_t i = 0; i < sk_plan_topic_count(plan); i++) {
                if (sk_plan_topic_at(plan, i)->kind == kind)
                        return sk_plan_topic_at(plan, i);
        }
        return NULL;
}

static bool are_set_alike(const sk_plan_topic *a, const sk_plan_topic *b) {
        if (a->setting_count != b->setting_count)
                return false;
        for (size_t i = 0; i < a->setting_count; i++) {
                if (strcmp(a->settings[i].name, b->settings[i].name) != 0 ||
                    strcmp(a->settings[i].value, b->settings[i].value) != 0)
                        return false;
        }
        return true;
}

static void print_setting(const sk_planned *planned, const sk_plan_setting *setting) {
        sk_cli_print(planned->cli, "    %s=%s", setting->name, setting->value);
        if (strcmp(setting->name, "retention.ms") == 0)
                sk_cli_print(planned->cli, "  (%" PRId64 " d)",
                             (int64_t)strtoll(setting->value, NULL, 10) / (SK_DAY_US / 1000));
        sk_cli_print(planned->cli, "\n");
}

/* Kinds that are set alike stand together, at the first of them. */
static void print_settings(const sk_planned *planned) {
        const sk_plan_topic *of[SK_TOPIC_KINDS];
        bool is_told[SK_TOPIC_KINDS] = {false};

        for (unsigned kind = 0; kind < SK_TOPIC_KINDS; kind++)
                of[kind] = first_of(planned->plan, (sk_topic_kind)kind);
        for (unsigned kind = 0; kind < SK_TOPIC_KINDS; kind++) {
                if (of[kind] == NULL || is_told[kind])
                        continue;
                sk_cli_print(planned->cli, "  %s", sk_plan_kind_name((sk_topic_kind)kind));
                for (unsigned other = kind + 1; other < SK_TOPIC_KINDS; other++) {
                        if (of[other] == NULL || !are_set_alike(of[kind], of[other]))
                                continue;
                        sk_cli_print(planned->cli, ", %s", sk_plan_kind_name((sk_topic_kind)other));
                        is_told[other] = true;
                }
                sk_cli_print(planned->cli, "\n");
                for (size_t i = 0; i < of[kind]->setting_count; i++)
                        print_setting(planned, &of[kind]->settings[i]);
        }
}

static void print_right(const sk_planned *planned, const sk_plan_right *right, unsigned operations) {
        char text[OPERATIONS_BYTES];

        sk_cli_print(planned->cli, "%-16s %s %s%s", operations_text(operations, text),
                     sk_plan_resource_name(right->resource), sk_cli_safe(planned->cli, right->name),
                     right->is_prefix ? "*" : "");
}

static void print_rights(const sk_planned *planned, size_t team, sk_plan_role role) {
        const sk_plan *plan = planned->plan;

        sk_cli_print(planned->cli, "  %s, %s, may\n", sk_cli_safe(planned->cli, sk_plan_principal(plan, team, role)),
                     role_texts[role]);
        for (size_t i = 0; i < sk_plan_right_count(plan); i++) {
                const sk_plan_right *right = sk_plan_right_at(plan, i);
                if (right->role != role || !sk_slice_equal(right->team, sk_plan_team_at(plan, team)))
                        continue;
                sk_cli_print(planned->cli, "    ");
                print_right(planned, right, right->operations);
                sk_cli_print(planned->cli, "\n");
        }
}

static void print_team(const sk_planned *planned, size_t team) {
        const sk_plan *plan = planned->plan;
        sk_slice name = sk_plan_team_at(plan, team);

        sk_cli_print(planned->cli, "\nteam %s\n  topics\n", sk_cli_safe(planned->cli, name));
        for (size_t i = 0; i < sk_plan_topic_count(plan); i++) {
                const sk_plan_topic *topic = sk_plan_topic_at(plan, i);
                if (sk_slice_equal(topic->team, name))
                        sk_cli_print(planned->cli, "    %s\n", sk_cli_safe(planned->cli, topic->name));
        }
        for (unsigned role = 0; role < SK_PLAN_ROLES; role++)
                print_rights(planned, team, (sk_plan_role)role);
        sk_cli_forget(planned->cli);
}

static void print_login(const sk_planned *planned) {
        static const char *const texts[] = {
                [SK_LOGIN_NONE] =
                        ("chain.json says no login, and without one brokers cannot tell teams from each other: "
                         "\"kafka\": {\"security.protocol\": ...}"),
                [SK_LOGIN_CERTIFICATE] = "each principal logs in with a certificate whose subject maps to its name",
                [SK_LOGIN_SCRAM] = "each principal logs in with SCRAM: its name and a password",
                [SK_LOGIN_PLAIN] = "each principal logs in with PLAIN: its name and a password that the brokers know",
                [SK_LOGIN_OTHER] = "how a principal logs in follows from its sasl.mechanism",
        };

        sk_cli_print(planned->cli, "\n%s\n", texts[planned->login]);
}

void sk_plan_print_text(const sk_planned *planned) {
        const sk_plan *plan = planned->plan;
        int replicas = sk_plan_replicas(plan);

        sk_cli_print(planned->cli, "chain %s: %zu topics of %d partition%s in %d cop%s, %zu rights\n\n",
                     sk_cli_safe(planned->cli, sk_plan_chain(plan)), sk_plan_topic_count(plan),
                     (int)sk_plan_partitions(plan), sk_plan_partitions(plan) == 1 ? "" : "s", replicas,
                     replicas == 1 ? "y" : "ies", sk_plan_right_count(plan));
        sk_cli_print(planned->cli, "how topics are set\n");
        print_settings(planned);
        for (size_t i = 0; i < sk_plan_team_count(plan); i++)
                print_team(planned, i);
        print_login(planned);
}

/* ---- differences ---- */

static void print_acl(const sk_planned *planned, const sk_cluster_acl *acl) {
        char text[OPERATIONS_BYTES];
        const char *what = acl->resource == SK_PLAN_RESOURCES ? "resource" : sk_plan_resource_name(acl->resource);

        sk_cli_print(planned->cli, "%s: %s %s %s%s", sk_cli_safe(planned->cli, acl->principal),
                     acl->operations == 0 ? "another operation on" : operations_text(acl->operations, text), what,
                     sk_cli_safe(planned->cli, acl->name), acl->is_prefix ? "*" : "");
}

static const char *const relation_texts[] = {
        [SK_PLAN_EQUAL] = "", [SK_PLAN_AT_LEAST] = "at least ", [SK_PLAN_AT_MOST] = "at most "};

static void begin_line(const sk_planned *planned, char sign, const char *what) {
        sk_style style = sign == '+' ? SK_GREEN : sign == '-' ? SK_RED : SK_YELLOW;

        sk_cli_print(planned->cli, "%s%c%s %-8s ", sk_cli_style(planned->cli, style), sign,
                     sk_cli_style(planned->cli, SK_PLAIN), what);
}

static void print_about_topic(const sk_planned *planned, const sk_difference *difference) {
        sk_cli *cli = planned->cli;
        bool is_lacking = difference->kind == SK_LACKS_TOPIC;
        bool is_spare = difference->kind == SK_SPARE_TOPIC;

        begin_line(planned, is_lacking ? '+' : is_spare ? '-' : '!', "topic");
        sk_cli_print(cli, "%s",
                     sk_cli_safe(cli, difference->topic != NULL ? difference->topic->name : difference->found->name));
        switch (difference->kind) {
        case SK_OTHER_PARTITIONS:
                sk_cli_print(cli, "  has %d partitions, not %d; no link that needs it gets ready: make it anew",
                             (int)difference->found->partitions, (int)sk_plan_partitions(planned->plan));
                break;
        case SK_OTHER_REPLICAS:
                sk_cli_print(cli, "  has %d cop%s, not %d", difference->found->replicas,
                             difference->found->replicas == 1 ? "y" : "ies", sk_plan_replicas(planned->plan));
                break;
        case SK_OTHER_SETTING:
                sk_cli_print(cli, "  %s is %s, not %s%s", difference->setting->name,
                             sk_cli_safe(cli, difference->value), relation_texts[difference->setting->relation],
                             difference->setting->value);
                break;
        case SK_HIDDEN_SETTINGS:
                sk_cli_print(cli, "  how it is set may not be seen: DescribeConfigs is lacking");
                break;
        case SK_SPARE_TOPIC:
                sk_cli_print(cli, "  is not needed");
                if (difference->found->records >= 0)
                        sk_cli_print(cli, "; %" PRId64 " records or fewer are in it", difference->found->records);
                break;
        default:
                break;
        }
}

void sk_plan_print_difference(const sk_planned *planned, const sk_difference *difference) {
        switch (difference->kind) {
        case SK_LACKS_RIGHT:
                begin_line(planned, '+', "right");
                sk_cli_print(planned->cli, "%s: ", sk_cli_safe(planned->cli, difference->right->principal));
                print_right(planned, difference->right, difference->operations);
                break;
        case SK_DENIED_RIGHT:
                begin_line(planned, '!', "denied");
                print_acl(planned, difference->acl);
                break;
        case SK_SPARE_RIGHT:
                begin_line(planned, '-', "right");
                print_acl(planned, difference->acl);
                sk_cli_print(planned->cli, "  is not needed");
                break;
        default:
                print_about_topic(planned, difference);
        }
        sk_cli_print(planned->cli, "\n");
        sk_cli_forget(planned->cli);
}

static void print_guard(const sk_planned *planned) {
        if (planned->cluster.guard == SK_CLUSTER_UNGUARDED)
                sk_cli_print(planned->cli, "the brokers have no authorizer: everybody may do everything, also write as "
                                           "another team\n");
        else if (planned->cluster.guard == SK_CLUSTER_HIDDEN)
                sk_cli_print(planned->cli, "who may do what is not shown to you: rights are not compared\n");
        else if (planned->cluster.acl_count == 0)
                sk_cli_print(planned->cli, "no ACL is seen: there is none, or you may not see them (Describe on the "
                                           "cluster)\n");
}

static void print_sum(const sk_planned *planned) {
        const size_t *counts = planned->differences.counts;
        size_t others = counts[SK_OTHER_PARTITIONS] + counts[SK_OTHER_REPLICAS] + counts[SK_OTHER_SETTING] +
                        counts[SK_DENIED_RIGHT];
        size_t spare = counts[SK_SPARE_TOPIC] + counts[SK_SPARE_RIGHT];

        if (sk_planned_count(planned) == 0)
                sk_cli_print(planned->cli, "the cluster has all %zu topics as they should be%s",
                             sk_plan_topic_count(planned->plan),
                             planned->cluster.guard == SK_CLUSTER_GUARDED ? ", and everybody may what he must" : "");
        else
                sk_cli_print(planned->cli, "%zu of %zu topics and %zu of %zu rights are lacking",
                             counts[SK_LACKS_TOPIC], sk_plan_topic_count(planned->plan), counts[SK_LACKS_RIGHT],
                             sk_plan_right_count(planned->plan));
        if (others > 0)
                sk_cli_print(planned->cli, "; %zu %s", others, others == 1 ? "thing is otherwise" : "are otherwise");
        if (spare > 0)
                sk_cli_print(planned->cli, "; %zu %s not needed", spare, spare == 1 ? "is" : "are");
        sk_cli_print(planned->cli, "\n");
}

void sk_plan_print_differences(const sk_planned *planned) {
        for (size_t i = 0; i < planned->differences.count; i++)
                sk_plan_print_difference(planned, &planned->differences.list[i]);
        print_guard(planned);
        print_sum(planned);
}
