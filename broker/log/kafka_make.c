#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "kit/alloc.h"
#include "log/kafka_admin_inside.h"
#include "log/kafka_clock.h"

/*
 * What a cluster lacks is made, what is spare is taken away, in batches. Brokers answer for each thing by itself.
 */

#define BATCH 50
#define KNOWN_US UINT64_C(10000000)
#define LOOK_AGAIN_MS 20

/* A batch that is underway. */
struct batch {
        sk_kafka_admin *admin;
        const sk_kafka_changes *changes;
        size_t first; /* of the changes */
        size_t count;
        char *why;
};

static const sk_difference *change(const struct batch *batch, size_t index) {
        assert(index < batch->count);
        assert(batch->first + index < batch->changes->count);
        return batch->changes->list[batch->first + index];
}

static void tell_plainly(const struct batch *batch, size_t index, sk_err err, const char *why) {
        assert(index < batch->count);
        assert(err != SK_OK || why[0] == '\0');
        batch->changes->told(batch->changes->self, batch->first + index, err, why);
}

static void tell(const struct batch *batch, size_t index, rd_kafka_resp_err_t error, const char *text) {
        bool is_done = error == RD_KAFKA_RESP_ERR_NO_ERROR;
        const char *why = is_done ? "" : text == NULL ? rd_kafka_err2str(error) : text;

        tell_plainly(batch, index, is_done ? SK_OK : SK_ERR_CONFIG, why);
}

/* Runs @p one over batches. */
static sk_err in_batches(struct batch *batch, sk_err (*one)(struct batch *batch)) {
        size_t count = batch->changes->count;
        sk_err err = SK_OK;

        for (batch->first = 0; batch->first < count && err == SK_OK; batch->first += BATCH) {
                batch->count = count - batch->first < BATCH ? count - batch->first : BATCH;
                err = one(batch);
        }
        return err;
}

/* Runs @p one for each by itself: a request is about all of one right. */
static sk_err one_by_one(struct batch *batch, sk_err (*one)(struct batch *batch)) {
        sk_err err = SK_OK;

        batch->count = 1;
        for (batch->first = 0; batch->first < batch->changes->count && err == SK_OK; batch->first++)
                err = one(batch);
        return err;
}

/* The answer to a request that has just been made; the options are done with. */
static rd_kafka_event_t *answer(struct batch *batch, rd_kafka_AdminOptions_t *options) {
        if (options != NULL)
                rd_kafka_AdminOptions_destroy(options);
        return sk_kafka_admin_await(batch->admin, batch->why);
}

/* ---- topics ---- */

static rd_kafka_NewTopic_t *new_topic(const sk_plan *plan, const sk_plan_topic *topic) {
        char reason[128];
        rd_kafka_NewTopic_t *made = rd_kafka_NewTopic_new(topic->name.at, sk_plan_partitions(plan),
                                                          sk_plan_replicas(plan), reason, sizeof(reason));

        assert(made != NULL); /* name and numbers are good: the plan is */
        for (size_t i = 0; i < topic->setting_count; i++)
                (void)rd_kafka_NewTopic_set_config(made, topic->settings[i].name, topic->settings[i].value);
        return made;
}

static bool is_known(const rd_kafka_metadata_t *metadata, const char *name) {
        for (int i = 0; i < metadata->topic_cnt; i++)
                if (strcmp(metadata->topics[i].topic, name) == 0)
                        return metadata->topics[i].partition_cnt > 0;
        return false;
}

/* A topic is made as soon as the controller says so; the broker that is asked next hears of it a moment later. */
static void topics_await(struct batch *batch, const rd_kafka_topic_result_t **results, size_t count) {
        uint64_t until_us = sk_kafka_monotonic_us() + KNOWN_US;
        size_t known = 0;

        while (known < count && sk_kafka_monotonic_us() < until_us) {
                const rd_kafka_metadata_t *metadata = sk_kafka_admin_metadata(batch->admin, batch->why);
                if (metadata == NULL)
                        return;
                while (known < count && (rd_kafka_topic_result_error(results[known]) != RD_KAFKA_RESP_ERR_NO_ERROR ||
                                         is_known(metadata, rd_kafka_topic_result_name(results[known]))))
                        known++;
                rd_kafka_metadata_destroy(metadata);
                if (known < count)
                        (void)rd_kafka_poll(batch->admin->client, LOOK_AGAIN_MS);
        }
}

static void topics_tell(struct batch *batch, const rd_kafka_topic_result_t **results, size_t count) {
        for (size_t i = 0; i < count && i < batch->count; i++) {
                rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[i]);
                /* Another has made it, or the answer to an earlier try was lost. */
                if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
                        error = RD_KAFKA_RESP_ERR_NO_ERROR;
                tell(batch, i, error, rd_kafka_topic_result_error_string(results[i]));
        }
}

struct topics_batch {
        struct batch batch;
        const sk_plan *plan;
};

static sk_err topics_make(struct batch *batch) {
        const sk_plan *plan = ((const struct topics_batch *)(const void *)batch)->plan;
        rd_kafka_NewTopic_t *topics[BATCH];
        rd_kafka_AdminOptions_t *options = sk_kafka_admin_options(batch->admin, RD_KAFKA_ADMIN_OP_CREATETOPICS);
        size_t count = 0;

        for (size_t i = 0; i < batch->count; i++)
                topics[i] = new_topic(plan, change(batch, i)->topic);
        rd_kafka_CreateTopics(batch->admin->client, topics, batch->count, options, batch->admin->queue);
        rd_kafka_event_t *event = answer(batch, options);
        rd_kafka_NewTopic_destroy_array(topics, batch->count);
        if (event == NULL)
                return SK_ERR_BUSY;
        const rd_kafka_topic_result_t **results =
                rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
        topics_await(batch, results, count);
        topics_tell(batch, results, count);
        rd_kafka_event_destroy(event);
        return SK_OK;
}

sk_err sk_kafka_admin_make_topics(sk_kafka_admin *admin, const sk_plan *plan, const sk_kafka_changes *changes,
                                  char why[SK_LOG_WHY_MAX]) {
        assert(admin != NULL);
        assert(plan != NULL);
        assert(changes->told != NULL);
        struct topics_batch batch = {.batch = {.admin = admin, .changes = changes, .why = why}, .plan = plan};

        return in_batches(&batch.batch, topics_make);
}

static sk_err topics_drop(struct batch *batch) {
        rd_kafka_DeleteTopic_t *topics[BATCH];
        rd_kafka_AdminOptions_t *options = sk_kafka_admin_options(batch->admin, RD_KAFKA_ADMIN_OP_DELETETOPICS);
        size_t count = 0;

        for (size_t i = 0; i < batch->count; i++)
                topics[i] = rd_kafka_DeleteTopic_new(change(batch, i)->found->name.at);
        rd_kafka_DeleteTopics(batch->admin->client, topics, batch->count, options, batch->admin->queue);
        rd_kafka_event_t *event = answer(batch, options);
        rd_kafka_DeleteTopic_destroy_array(topics, batch->count);
        if (event == NULL)
                return SK_ERR_BUSY;
        const rd_kafka_topic_result_t **results =
                rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count);
        topics_tell(batch, results, count);
        rd_kafka_event_destroy(event);
        return SK_OK;
}

sk_err sk_kafka_admin_drop_topics(sk_kafka_admin *admin, const sk_kafka_changes *changes, char why[SK_LOG_WHY_MAX]) {
        assert(admin != NULL);
        assert(changes->told != NULL);
        struct batch batch = {.admin = admin, .changes = changes, .why = why};

        return in_batches(&batch, topics_drop);
}

/* ---- rights ---- */

static rd_kafka_ResourceType_t type_of(sk_plan_resource resource) {
        switch (resource) {
        case SK_PLAN_TOPIC:
                return RD_KAFKA_RESOURCE_TOPIC;
        case SK_PLAN_GROUP:
                return RD_KAFKA_RESOURCE_GROUP;
        default:
                return (rd_kafka_ResourceType_t)5; /* Kafka's number of transactional ids; unknown to 2.0.2 */
        }
}

static rd_kafka_ResourcePatternType_t pattern_of(bool is_prefix) {
        return is_prefix ? RD_KAFKA_RESOURCE_PATTERN_PREFIXED : RD_KAFKA_RESOURCE_PATTERN_LITERAL;
}

static rd_kafka_AclBinding_t *new_binding(const sk_plan_right *right, sk_plan_operation operation, char *why) {
        static const rd_kafka_AclOperation_t codes[SK_PLAN_OPERATIONS] = {
                [SK_PLAN_READ] = RD_KAFKA_ACL_OPERATION_READ,
                [SK_PLAN_WRITE] = RD_KAFKA_ACL_OPERATION_WRITE,
                [SK_PLAN_DESCRIBE] = RD_KAFKA_ACL_OPERATION_DESCRIBE,
                [SK_PLAN_DESCRIBE_CONFIGS] = RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS};

        return rd_kafka_AclBinding_new(type_of(right->resource), right->name.at, pattern_of(right->is_prefix),
                                       right->principal.at, "*", codes[operation], RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW,
                                       why, SK_LOG_WHY_MAX);
}

/* The first error of the answers, and its sentence. */
static rd_kafka_resp_err_t first_error(const rd_kafka_event_t *event, char *text) {
        size_t count = 0;
        const rd_kafka_acl_result_t **results = rd_kafka_CreateAcls_result_acls(
                rd_kafka_event_CreateAcls_result((rd_kafka_event_t *)(uintptr_t)event), &count);

        for (size_t i = 0; i < count; i++) {
                const rd_kafka_error_t *error = rd_kafka_acl_result_error(results[i]);
                if (error == NULL)
                        continue;
                /* What the broker writes behind quotes the whole request. */
                (void)snprintf(text, SK_LOG_WHY_MAX, "%s", rd_kafka_err2str(rd_kafka_error_code(error)));
                return rd_kafka_error_code(error);
        }
        return RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* All operations of one right, so that it is there or not. */
static sk_err right_make(struct batch *batch) {
        const sk_difference *difference = change(batch, 0);
        char text[SK_LOG_WHY_MAX] = "";
        rd_kafka_AclBinding_t *bindings[SK_PLAN_OPERATIONS];
        size_t count = 0;

        for (unsigned i = 0; i < SK_PLAN_OPERATIONS; i++) {
                if ((difference->operations & 1u << i) == 0)
                        continue;
                bindings[count] = new_binding(difference->right, (sk_plan_operation)i, text);
                if (bindings[count] != NULL) {
                        count++;
                        continue;
                }
                rd_kafka_AclBinding_destroy_array(bindings, count);
                tell_plainly(batch, 0, SK_ERR_VERSION, text);
                return SK_OK;
        }
        rd_kafka_AdminOptions_t *options = sk_kafka_admin_options(batch->admin, RD_KAFKA_ADMIN_OP_CREATEACLS);
        rd_kafka_CreateAcls(batch->admin->client, bindings, count, options, batch->admin->queue);
        rd_kafka_event_t *event = answer(batch, options);
        rd_kafka_AclBinding_destroy_array(bindings, count);
        if (event == NULL)
                return SK_ERR_BUSY;
        tell(batch, 0, first_error(event, text), text);
        rd_kafka_event_destroy(event);
        return SK_OK;
}

sk_err sk_kafka_admin_make_rights(sk_kafka_admin *admin, const sk_kafka_changes *changes, char why[SK_LOG_WHY_MAX]) {
        assert(admin != NULL);
        assert(changes->told != NULL);
        struct batch batch = {.admin = admin, .changes = changes, .why = why};

        return one_by_one(&batch, right_make);
}

static sk_err right_drop(struct batch *batch) {
        const sk_cluster_acl *acl = change(batch, 0)->acl;
        char text[SK_LOG_WHY_MAX] = "";
        size_t count = 0;
        rd_kafka_AclBindingFilter_t *filter = rd_kafka_AclBindingFilter_new(
                type_of(acl->resource), acl->name.at, pattern_of(acl->is_prefix), acl->principal.at, acl->host.at,
                (rd_kafka_AclOperation_t)acl->operation_code, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, text, sizeof(text));

        if (filter == NULL) {
                tell_plainly(batch, 0, SK_ERR_VERSION, text);
                return SK_OK;
        }
        rd_kafka_AdminOptions_t *options = sk_kafka_admin_options(batch->admin, RD_KAFKA_ADMIN_OP_DELETEACLS);
        rd_kafka_DeleteAcls(batch->admin->client, &filter, 1, options, batch->admin->queue);
        rd_kafka_event_t *event = answer(batch, options);
        rd_kafka_AclBinding_destroy(filter);
        if (event == NULL)
                return SK_ERR_BUSY;
        const rd_kafka_DeleteAcls_result_response_t **responses =
                rd_kafka_DeleteAcls_result_responses(rd_kafka_event_DeleteAcls_result(event), &count);
        const rd_kafka_error_t *error = count == 0 ? NULL : rd_kafka_DeleteAcls_result_response_error(responses[0]);
        tell(batch, 0, error == NULL ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_error_code(error),
             error == NULL ? NULL : rd_kafka_err2str(rd_kafka_error_code(error)));
        rd_kafka_event_destroy(event);
        return SK_OK;
}

sk_err sk_kafka_admin_drop_rights(sk_kafka_admin *admin, const sk_kafka_changes *changes, char why[SK_LOG_WHY_MAX]) {
        assert(admin != NULL);
        assert(changes->told != NULL);
        struct batch batch = {.admin = admin, .changes = changes, .why = why};

        return one_by_one(&batch, right_drop);
}
