/*
 * The plan and the differences as JSON.
 */
#include "cli/chain/planned.h"

static const char *const role_names[SK_PLAN_ROLES] = {[SK_PLAN_LINK] = "link", [SK_PLAN_PEOPLE] = "people"};

static void write_topics(const sk_planned *planned, sk_json_writer *json) {
        sk_json_open_array(json, "topics");
        for (size_t i = 0; i < sk_plan_topic_count(planned->plan); i++) {
                const sk_plan_topic *topic = sk_plan_topic_at(planned->plan, i);
                sk_json_open_object(json, NULL);
                sk_json_put_text(json, "name", topic->name);
                sk_json_put_text(json, "team", topic->team);
                sk_json_put_cstr(json, "kind", sk_plan_kind_name(topic->kind));
                sk_json_open_object(json, "settings");
                for (size_t k = 0; k < topic->setting_count; k++)
                        sk_json_put_cstr(json, topic->settings[k].name, topic->settings[k].value);
                sk_json_close_object(json);
                sk_json_close_object(json);
        }
        sk_json_close_array(json);
}

static void write_operations(sk_json_writer *json, unsigned operations) {
        sk_json_open_array(json, "operations");
        for (unsigned i = 0; i < SK_PLAN_OPERATIONS; i++) {
                if ((operations & 1u << i) != 0)
                        sk_json_put_cstr(json, NULL, sk_plan_operation_name((sk_plan_operation)i));
        }
        sk_json_close_array(json);
}

static void write_right(sk_json_writer *json, const sk_plan_right *right, unsigned operations) {
        sk_json_put_text(json, "team", right->team);
        sk_json_put_cstr(json, "role", role_names[right->role]);
        sk_json_put_text(json, "principal", right->principal);
        sk_json_put_cstr(json, "resource", sk_plan_resource_name(right->resource));
        sk_json_put_text(json, "name", right->name);
        sk_json_put_cstr(json, "pattern", right->is_prefix ? "prefixed" : "literal");
        write_operations(json, operations);
}

static void write_rights(const sk_planned *planned, sk_json_writer *json) {
        sk_json_open_array(json, "rights");
        for (size_t i = 0; i < sk_plan_right_count(planned->plan); i++) {
                const sk_plan_right *right = sk_plan_right_at(planned->plan, i);
                sk_json_open_object(json, NULL);
                write_right(json, right, right->operations);
                sk_json_close_object(json);
        }
        sk_json_close_array(json);
}

static const char *const difference_names[SK_DIFFERENCE_KINDS] = {
        [SK_LACKS_TOPIC] = "lacks-topic",         [SK_OTHER_PARTITIONS] = "other-partitions",
        [SK_OTHER_REPLICAS] = "other-replicas",   [SK_OTHER_SETTING] = "other-setting",
        [SK_HIDDEN_SETTINGS] = "hidden-settings", [SK_LACKS_RIGHT] = "lacks-right",
        [SK_DENIED_RIGHT] = "denied-right",       [SK_SPARE_TOPIC] = "spare-topic",
        [SK_SPARE_RIGHT] = "spare-right"};

static void write_acl(sk_json_writer *json, const sk_cluster_acl *acl) {
        sk_json_put_text(json, "principal", acl->principal);
        if (acl->resource != SK_PLAN_RESOURCES)
                sk_json_put_cstr(json, "resource", sk_plan_resource_name(acl->resource));
        sk_json_put_text(json, "name", acl->name);
        sk_json_put_cstr(json, "pattern", acl->is_prefix ? "prefixed" : "literal");
        write_operations(json, acl->operations);
}

static void write_difference(const sk_planned *planned, sk_json_writer *json, const sk_difference *difference) {
        sk_json_open_object(json, NULL);
        sk_json_put_cstr(json, "difference", difference_names[difference->kind]);
        if (difference->topic != NULL || difference->found != NULL)
                sk_json_put_text(json, "topic",
                                 difference->topic != NULL ? difference->topic->name : difference->found->name);
        if (difference->kind == SK_OTHER_PARTITIONS) {
                sk_json_put_int(json, "found", difference->found->partitions);
                sk_json_put_int(json, "wanted", sk_plan_partitions(planned->plan));
        } else if (difference->kind == SK_OTHER_REPLICAS) {
                sk_json_put_int(json, "found", difference->found->replicas);
                sk_json_put_int(json, "wanted", sk_plan_replicas(planned->plan));
        } else if (difference->kind == SK_OTHER_SETTING) {
                sk_json_put_cstr(json, "setting", difference->setting->name);
                sk_json_put_text(json, "found", difference->value);
                sk_json_put_cstr(json, "wanted", difference->setting->value);
        } else if (difference->kind == SK_SPARE_TOPIC && difference->found->records >= 0) {
                sk_json_put_int(json, "records", difference->found->records);
        }
        if (difference->acl != NULL)
                write_acl(json, difference->acl);
        else if (difference->right != NULL)
                write_right(json, difference->right, difference->operations);
        sk_json_close_object(json);
}

void sk_plan_write_differences(const sk_planned *planned, sk_json_writer *json) {
        for (size_t i = 0; i < planned->differences.count; i++)
                write_difference(planned, json, &planned->differences.list[i]);
}

static void write_cluster(const sk_planned *planned, sk_json_writer *json) {
        static const char *const guards[] = {
                [SK_CLUSTER_GUARDED] = "acls", [SK_CLUSTER_UNGUARDED] = "none", [SK_CLUSTER_HIDDEN] = "hidden"};

        sk_json_open_object(json, "cluster");
        sk_json_put_cstr(json, "log", planned->url);
        sk_json_put_int(json, "brokers", planned->cluster.broker_count);
        sk_json_put_cstr(json, "authorizer", guards[planned->cluster.guard]);
        sk_json_put_bool(json, "fits", sk_planned_count(planned) == 0);
        sk_json_open_array(json, "differences");
        sk_plan_write_differences(planned, json);
        sk_json_close_array(json);
        sk_json_close_object(json);
}

int sk_plan_print_json(const sk_planned *planned) {
        sk_json_writer *json = sk_cli_json_begin(planned->cli);

        sk_json_open_object(json, NULL);
        sk_json_put_text(json, "chain", sk_plan_chain(planned->plan));
        sk_json_put_int(json, "partitions", sk_plan_partitions(planned->plan));
        sk_json_put_int(json, "replication", sk_plan_replicas(planned->plan));
        write_topics(planned, json);
        write_rights(planned, json);
        if (planned->url != NULL)
                write_cluster(planned, json);
        sk_json_close_object(json);
        return sk_cli_json_end(planned->cli);
}
