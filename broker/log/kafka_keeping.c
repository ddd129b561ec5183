#include "log/kafka_keeping.h"

#include <assert.h>
#include <stdio.h>

#include "event/topics.h"
#include "log/plan.h"

#define BATCH 100
#define ANSWER_MS 20000
#define COPIES 1 /* how many there are is the brokers' business */

static bool is_own(sk_slice name, sk_slice team, sk_topic_kind *out_kind) {
        sk_slice chain;
        sk_slice owner;
        sk_slice peer;

        return sk_topic_parse(name, &chain, &owner, out_kind, &peer) && sk_slice_equal(owner, team);
}

/* ---- one topic ---- */

static sk_slice value_of(const rd_kafka_ConfigEntry_t **entries, size_t count, const char *name) {
        for (size_t i = 0; i < count; i++) {
                if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), name) == 0)
                        return sk_slice_of(rd_kafka_ConfigEntry_value(entries[i]));
        }
        return SK_NONE;
}

static sk_err setting_check(const char *topic, const sk_plan_setting *setting, sk_slice value, char *beware,
                            char *why) {
        static const char *const words[] = {
                [SK_PLAN_EQUAL] = "", [SK_PLAN_AT_LEAST] = "at least ", [SK_PLAN_AT_MOST] = "at most "};

        if (!sk_slice_there(value) || sk_plan_setting_does(setting, value))
                return SK_OK;
        if (strcmp(setting->name, "cleanup.policy") == 0) {
                (void)snprintf(why, SK_KAFKA_WHY_MAX,
                               "topic %s has cleanup.policy=%.*s, with which records are lost that are needed; set it "
                               "to %s",
                               topic, (int)value.len, value.at, setting->value);
                return SK_ERR_CONFLICT;
        }
        if (beware[0] == '\0')
                (void)snprintf(beware, SK_KAFKA_WHY_MAX,
                               "topic %s has %s=%.*s and should have %s%s; schakel plan compares all", topic,
                               setting->name, (int)value.len, value.at, words[setting->relation], setting->value);
        return SK_OK;
}

static sk_err topic_check(const rd_kafka_ConfigResource_t *resource, const sk_kafka_keeping *keeping, char *beware,
                          char *why) {
        sk_plan_setting settings[SK_PLAN_SETTINGS_MAX];
        sk_topic_kind kind = SK_TOPIC_KINDS;
        size_t entry_count = 0;
        const char *topic = rd_kafka_ConfigResource_name(resource);
        const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &entry_count);
        sk_err err = SK_OK;

        if (rd_kafka_ConfigResource_error(resource) != RD_KAFKA_RESP_ERR_NO_ERROR ||
            !is_own(sk_slice_of(topic), keeping->team, &kind))
                return SK_OK;
        size_t count = sk_plan_settings(kind, keeping->acceptance_days, COPIES, settings);
        for (size_t i = 0; i < count && err == SK_OK; i++)
                err = setting_check(topic, &settings[i], value_of(entries, entry_count, settings[i].name), beware, why);
        return err;
}

/* ---- asking ---- */

static rd_kafka_event_t *ask(rd_kafka_t *client, rd_kafka_ConfigResource_t **resources, size_t count) {
        char unused[128];
        rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
        rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);

        (void)rd_kafka_AdminOptions_set_request_timeout(options, ANSWER_MS, unused, sizeof(unused));
        rd_kafka_DescribeConfigs(client, resources, count, options, queue);
        rd_kafka_AdminOptions_destroy(options);
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 2 * ANSWER_MS);
        rd_kafka_queue_destroy(queue);
        return event;
}

static sk_err batch_check(rd_kafka_t *client, rd_kafka_ConfigResource_t **resources, size_t count,
                          const sk_kafka_keeping *keeping, char *beware, char *why) {
        rd_kafka_event_t *event = ask(client, resources, count);
        size_t answered = 0;
        sk_err err = SK_OK;

        if (event == NULL || rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
                (void)snprintf(why, SK_KAFKA_WHY_MAX, "no broker answers: %s",
                               event == NULL ? "in time" : rd_kafka_event_error_string(event));
                if (event != NULL)
                        rd_kafka_event_destroy(event);
                return SK_ERR_BUSY;
        }
        const rd_kafka_ConfigResource_t **answers =
                rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &answered);
        for (size_t i = 0; i < answered && err == SK_OK; i++)
                err = topic_check(answers[i], keeping, beware, why);
        rd_kafka_event_destroy(event);
        return err;
}

static rd_kafka_ConfigResource_t *resource_of(sk_slice topic) {
        char name[SK_KAFKA_NAME_MAX];

        (void)snprintf(name, sizeof(name), "%.*s", (int)topic.len, topic.at);
        return rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name);
}

sk_err sk_kafka_keeping_check(rd_kafka_t *client, const sk_kafka_keeping *keeping, char beware[SK_KAFKA_WHY_MAX],
                              char why[SK_KAFKA_WHY_MAX]) {
        assert(client != NULL);
        assert(keeping != NULL);
        assert(beware != NULL);
        rd_kafka_ConfigResource_t *resources[BATCH];
        sk_err err = SK_OK;

        beware[0] = '\0';
        for (size_t at = 0; at < keeping->topic_count && err == SK_OK;) {
                sk_topic_kind kind;
                size_t count = 0;
                for (; at < keeping->topic_count && count < BATCH; at++) {
                        if (is_own(keeping->topics[at], keeping->team, &kind))
                                resources[count++] = resource_of(keeping->topics[at]);
                }
                if (count > 0)
                        err = batch_check(client, resources, count, keeping, beware, why);
                rd_kafka_ConfigResource_destroy_array(resources, count);
        }
        return err;
}
