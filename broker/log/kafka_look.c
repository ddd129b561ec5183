#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "log/kafka_admin_inside.h"
#include "log/kafka_ends.h"

/*
 * What the cluster has. Everything is copied: librdkafka's answers live as long as their events.
 */

#define BYTES_MAX ((size_t)256 << 20)
#define BATCH 100
#define ENDS_MS 5000
#define ANSWER_MS 120000 /* the request itself gives up before */

/* ---- topics ---- */

static bool is_of_chain(const sk_plan *plan, const char *name) {
        sk_slice chain = sk_plan_chain(plan);

        return strncmp(name, chain.at, chain.len) == 0 && name[chain.len] == '.';
}

static int replicas_of(const rd_kafka_metadata_topic_t *topic) {
        int fewest = topic->partition_cnt == 0 ? 0 : topic->partitions[0].replica_cnt;

        for (int i = 1; i < topic->partition_cnt; i++) {
                if (topic->partitions[i].replica_cnt < fewest)
                        fewest = topic->partitions[i].replica_cnt;
        }
        return fewest;
}

static int compare_topics(const void *a, const void *b) {
        return strcmp(((const sk_cluster_topic *)a)->name.at, ((const sk_cluster_topic *)b)->name.at);
}

static sk_err topics_copy(const rd_kafka_metadata_t *metadata, const sk_plan *plan, sk_cluster *out) {
        out->broker_count = metadata->broker_cnt;
        out->topics = sk_arena_get_zero(out->arena, (size_t)metadata->topic_cnt + 1, sizeof(sk_cluster_topic));
        for (int i = 0; i < metadata->topic_cnt && out->topics != NULL; i++) {
                const rd_kafka_metadata_topic_t *topic = &metadata->topics[i];
                if (topic->err != RD_KAFKA_RESP_ERR_NO_ERROR || !is_of_chain(plan, topic->topic))
                        continue;
                sk_cluster_topic *copy = &out->topics[out->topic_count++];
                copy->name = sk_arena_copy(out->arena, sk_slice_of(topic->topic));
                copy->partitions = topic->partition_cnt;
                copy->replicas = replicas_of(topic);
                copy->records = -1;
        }
        if (sk_arena_err(out->arena) != SK_OK)
                return SK_ERR_NO_MEMORY;
        qsort(out->topics, out->topic_count, sizeof(sk_cluster_topic), compare_topics);
        return SK_OK;
}

/* How many records a topic has at most: only of those that may be deleted. */
static void count_records(sk_kafka_admin *admin, sk_cluster_topic *topic) {
        int64_t records = 0;

        for (int32_t p = 0; p < topic->partitions; p++) {
                int64_t low = 0;
                int64_t high = 0;
                if (sk_kafka_ends_once(admin->client, topic->name.at, p, ENDS_MS, &low, &high) !=
                    RD_KAFKA_RESP_ERR_NO_ERROR)
                        return;
                records += high - low;
        }
        topic->records = records;
}

/* ---- settings ---- */

static void settings_copy(const rd_kafka_ConfigResource_t *resource, sk_cluster *cluster) {
        size_t count = 0;
        const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &count);
        sk_cluster_topic *topic = (sk_cluster_topic *)(uintptr_t)sk_cluster_topic_find(
                cluster, sk_slice_of(rd_kafka_ConfigResource_name(resource)));

        if (topic == NULL || rd_kafka_ConfigResource_error(resource) != RD_KAFKA_RESP_ERR_NO_ERROR)
                return;
        topic->settings = sk_arena_get_zero(cluster->arena, count + 1, sizeof(sk_cluster_setting));
        for (size_t i = 0; i < count && topic->settings != NULL; i++) {
                const char *value = rd_kafka_ConfigEntry_value(entries[i]);
                sk_cluster_setting *setting = &topic->settings[topic->setting_count++];
                setting->name = sk_arena_copy(cluster->arena, sk_slice_of(rd_kafka_ConfigEntry_name(entries[i])));
                setting->value = sk_arena_copy(cluster->arena, sk_slice_of(value == NULL ? "" : value));
        }
}

typedef void take_resource(const rd_kafka_ConfigResource_t *resource, sk_cluster *cluster);

static sk_err settings_ask(sk_kafka_admin *admin, rd_kafka_ConfigResource_t **resources, size_t count,
                           take_resource *take, char *why, sk_cluster *out) {
        rd_kafka_AdminOptions_t *options = sk_kafka_admin_options(admin, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
        size_t answered = 0;

        rd_kafka_DescribeConfigs(admin->client, resources, count, options, admin->queue);
        if (options != NULL)
                rd_kafka_AdminOptions_destroy(options);
        rd_kafka_event_t *event = sk_kafka_admin_await(admin, why);
        if (event == NULL)
                return SK_ERR_BUSY;
        const rd_kafka_ConfigResource_t **answers =
                rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &answered);
        for (size_t i = 0; i < answered; i++)
                take(answers[i], out);
        rd_kafka_event_destroy(event);
        return sk_arena_err(out->arena);
}

/* Of topics of the plan; what is spare may be set in any way. */
static sk_err settings_look(sk_kafka_admin *admin, const sk_plan *plan, char *why, sk_cluster *out) {
        rd_kafka_ConfigResource_t *resources[BATCH];
        sk_err err = SK_OK;

        for (size_t at = 0; at < out->topic_count && err == SK_OK;) {
                size_t count = 0;
                for (; at < out->topic_count && count < BATCH; at++) {
                        if (sk_plan_topic_find(plan, out->topics[at].name) != NULL)
                                resources[count++] =
                                        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, out->topics[at].name.at);
                        else
                                count_records(admin, &out->topics[at]);
                }
                if (count > 0)
                        err = settings_ask(admin, resources, count, settings_copy, why, out);
                rd_kafka_ConfigResource_destroy_array(resources, count);
        }
        return err;
}

/* ---- ACLs ---- */

static unsigned operations_of(int code) {
        switch (code) {
        case RD_KAFKA_ACL_OPERATION_ALL:
                return (1u << SK_PLAN_OPERATIONS) - 1;
        case RD_KAFKA_ACL_OPERATION_READ:
                return 1u << SK_PLAN_READ;
        case RD_KAFKA_ACL_OPERATION_WRITE:
                return 1u << SK_PLAN_WRITE;
        case RD_KAFKA_ACL_OPERATION_DESCRIBE:
                return 1u << SK_PLAN_DESCRIBE;
        case RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS:
                return 1u << SK_PLAN_DESCRIBE_CONFIGS;
        default:
                return 0;
        }
}

/* librdkafka 2.0.2 has no number for transactional ids and gives 0; later ones give Kafka's, 5. */
static sk_plan_resource resource_of(int type) {
        switch (type) {
        case RD_KAFKA_RESOURCE_TOPIC:
                return SK_PLAN_TOPIC;
        case RD_KAFKA_RESOURCE_GROUP:
                return SK_PLAN_GROUP;
        case 5:
                return SK_PLAN_TRANSACTION;
        default:
                return SK_PLAN_RESOURCES;
        }
}

static void acl_copy(const rd_kafka_AclBinding_t *binding, sk_cluster *out) {
        rd_kafka_ResourcePatternType_t pattern = rd_kafka_AclBinding_resource_pattern_type(binding);

        if (rd_kafka_AclBinding_restype(binding) == RD_KAFKA_RESOURCE_BROKER)
                return;
        out->acls[out->acl_count++] = (sk_cluster_acl){
                .resource = resource_of((int)rd_kafka_AclBinding_restype(binding)),
                .name = sk_arena_copy(out->arena, sk_slice_of(rd_kafka_AclBinding_name(binding))),
                .is_prefix = pattern == RD_KAFKA_RESOURCE_PATTERN_PREFIXED,
                .principal = sk_arena_copy(out->arena, sk_slice_of(rd_kafka_AclBinding_principal(binding))),
                .host = sk_arena_copy(out->arena, sk_slice_of(rd_kafka_AclBinding_host(binding))),
                .operations = operations_of((int)rd_kafka_AclBinding_operation(binding)),
                .operation_code = (int)rd_kafka_AclBinding_operation(binding),
                .answer = rd_kafka_AclBinding_permission_type(binding) == RD_KAFKA_ACL_PERMISSION_TYPE_DENY
                                  ? SK_CLUSTER_DENY
                                  : SK_CLUSTER_ALLOW};
}

static sk_err acls_take(sk_kafka_admin *admin, char *why, sk_cluster *out) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(admin->queue, ANSWER_MS);
        rd_kafka_resp_err_t error = event == NULL ? RD_KAFKA_RESP_ERR__TIMED_OUT : rd_kafka_event_error(event);
        size_t count = 0;

        if (error == RD_KAFKA_RESP_ERR_SECURITY_DISABLED)
                out->guard = SK_CLUSTER_UNGUARDED;
        else if (error == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED)
                out->guard = SK_CLUSTER_HIDDEN;
        else if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
                (void)snprintf(why, SK_LOG_WHY_MAX, "listing ACLs: %s", rd_kafka_event_error_string(event));
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
                const rd_kafka_AclBinding_t **bindings =
                        rd_kafka_DescribeAcls_result_acls(rd_kafka_event_DescribeAcls_result(event), &count);
                out->acls = sk_arena_get_zero(out->arena, count + 1, sizeof(sk_cluster_acl));
                for (size_t i = 0; i < count && out->acls != NULL; i++)
                        acl_copy(bindings[i], out);
        }
        if (event != NULL)
                rd_kafka_event_destroy(event);
        return error == RD_KAFKA_RESP_ERR_NO_ERROR || out->guard != SK_CLUSTER_GUARDED ? sk_arena_err(out->arena)
                                                                                       : SK_ERR_BUSY;
}

static void authorizer_take(const rd_kafka_ConfigResource_t *resource, sk_cluster *cluster) {
        size_t count = 0;
        const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &count);

        for (size_t i = 0; i < count; i++) {
                const char *value = rd_kafka_ConfigEntry_value(entries[i]);
                if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), "authorizer.class.name") == 0 &&
                    (value == NULL || value[0] == '\0'))
                        cluster->guard = SK_CLUSTER_UNGUARDED;
        }
}

/* Where there is no authorizer librdkafka lists no ACL instead of an error: the broker's own settings tell. */
static sk_err authorizer_look(sk_kafka_admin *admin, int32_t broker, char *why, sk_cluster *out) {
        char name[16];

        (void)snprintf(name, sizeof(name), "%d", broker);
        rd_kafka_ConfigResource_t *resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_BROKER, name);
        if (resource == NULL)
                return SK_ERR_NO_MEMORY;
        sk_err err = settings_ask(admin, &resource, 1, authorizer_take, why, out);
        rd_kafka_ConfigResource_destroy(resource);
        return err;
}

static sk_err acls_look(sk_kafka_admin *admin, char *why, sk_cluster *out) {
        char reason[128] = "";
        rd_kafka_AclBindingFilter_t *all = rd_kafka_AclBindingFilter_new(
                RD_KAFKA_RESOURCE_ANY, NULL, RD_KAFKA_RESOURCE_PATTERN_ANY, NULL, NULL, RD_KAFKA_ACL_OPERATION_ANY,
                RD_KAFKA_ACL_PERMISSION_TYPE_ANY, reason, sizeof(reason));
        rd_kafka_AdminOptions_t *options = sk_kafka_admin_options(admin, RD_KAFKA_ADMIN_OP_DESCRIBEACLS);

        if (all == NULL || options == NULL) {
                (void)snprintf(why, SK_LOG_WHY_MAX, "listing ACLs: %s", reason);
                return SK_ERR_NO_MEMORY;
        }
        rd_kafka_DescribeAcls(admin->client, all, options, admin->queue);
        rd_kafka_AdminOptions_destroy(options);
        rd_kafka_AclBinding_destroy(all);
        return acls_take(admin, why, out);
}

/* ---- the whole ---- */

sk_err sk_kafka_admin_look(sk_kafka_admin *admin, const sk_plan *plan, char why[SK_LOG_WHY_MAX], sk_cluster *out) {
        assert(admin != NULL);
        assert(plan != NULL);
        assert(out != NULL);
        sk_cluster cluster = {.arena = sk_arena_new(BYTES_MAX)};
        if (cluster.arena == NULL)
                return SK_ERR_NO_MEMORY;

        const rd_kafka_metadata_t *metadata = sk_kafka_admin_metadata(admin, why);
        sk_err err = metadata == NULL ? SK_ERR_BUSY : topics_copy(metadata, plan, &cluster);
        int32_t broker = metadata == NULL || metadata->broker_cnt == 0 ? -1 : metadata->brokers[0].id;
        if (metadata != NULL)
                rd_kafka_metadata_destroy(metadata);
        if (err == SK_OK)
                err = settings_look(admin, plan, why, &cluster);
        if (err == SK_OK)
                err = acls_look(admin, why, &cluster);
        if (err == SK_OK && cluster.acl_count == 0 && cluster.guard == SK_CLUSTER_GUARDED && broker >= 0)
                err = authorizer_look(admin, broker, why, &cluster);
        if (err != SK_OK) {
                sk_cluster_free(&cluster);
                return err;
        }
        *out = cluster;
        return SK_OK;
}
