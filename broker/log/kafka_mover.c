#include <assert.h>
#include <stdio.h>
#include <time.h>

#include "kit/alloc.h"
#include "log/kafka_ends.h"
#include "log/kafka_record.h"
#include "log/kafka_settings.h"
#include "log/mover_inside.h"

/*
 * Kafka: whether a link runs is seen from its group. What is written is idempotent and outside of transactions, so that
 * the offsets of a topic partition follow one another and are known before.
 */

#define TEAMS_MAX 4096
#define CALL_MS 10000
#define PATIENCE_MS 60000
#define FLUSH_MS 300000
#define STEP_MS 50
#define UNDERWAY_BYTES_MAX ((size_t)16 << 20)
#define UNDERWAY_MAX 10000

typedef struct sk_kafka_mover {
        sk_mover base;
        sk_kafka_settings settings;
        sk_kafka_property *properties;
        char *brokers;
        char *chain;
        rd_kafka_t *watcher; /* reads uncommitted: ends, groups, metadata */
        rd_kafka_t *writer;  /* NULL until something is written */
        sk_kafka_topics *topics;
        char **teams;
        size_t team_count;
        size_t underway;
        size_t underway_bytes;
        rd_kafka_resp_err_t error; /* of a delivery */
} sk_kafka_mover;

static sk_kafka_mover *self_of(sk_mover *mover) {
        assert(mover->kind == &sk_kafka_mover_kind);
        return (sk_kafka_mover *)mover;
}

static sk_err fail(sk_kafka_mover *mover, sk_err err, const char *what, const char *why) {
        (void)snprintf(mover->base.why, sizeof(mover->base.why), "%s: %s", what, why);
        return err;
}

static int64_t monotonic_ms(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void mover_free(sk_mover *base) {
        sk_kafka_mover *mover = self_of(base);

        sk_kafka_topics_free(mover->topics);
        if (mover->writer != NULL) {
                (void)rd_kafka_purge(mover->writer, RD_KAFKA_PURGE_F_QUEUE);
                rd_kafka_destroy(mover->writer);
        }
        if (mover->watcher != NULL)
                rd_kafka_destroy(mover->watcher);
        for (size_t i = 0; i < mover->team_count; i++)
                sk_free(mover->teams[i]);
        sk_free(mover->teams);
        sk_kafka_properties_free(mover->properties, mover->settings.property_count);
        sk_free(mover->brokers);
        sk_free(mover->chain);
        sk_log_tool_free(base->tool);
        sk_free(mover);
}

static bool settings_make(sk_kafka_mover *mover, const sk_mover_config *config, const char *place) {
        mover->properties = sk_kafka_properties_copy(config->properties, config->property_count);
        mover->brokers = sk_alloc_copy(place, strlen(place));
        mover->chain = sk_alloc_copy(config->chain.at, config->chain.len);
        mover->teams = sk_alloc_zero(TEAMS_MAX, sizeof(char *));
        if (mover->properties == NULL || mover->brokers == NULL || mover->chain == NULL || mover->teams == NULL)
                return false;
        mover->settings = (sk_kafka_settings){.brokers = mover->brokers,
                                              .properties = mover->properties,
                                              .property_count = config->property_count,
                                              .chain = sk_slice_of(mover->chain)};
        return true;
}

static sk_err mover_open(const sk_mover_config *config, const char *place, sk_log_tool *tool, char why[SK_LOG_WHY_MAX],
                         sk_mover **out) {
        sk_kafka_mover *mover = sk_alloc_zero(1, sizeof(*mover));
        sk_err err = SK_OK;

        if (mover == NULL) {
                sk_log_tool_free(tool);
                return SK_ERR_NO_MEMORY;
        }
        mover->base.kind = &sk_kafka_mover_kind;
        mover->base.tool = tool;
        if (!settings_make(mover, config, place))
                err = SK_ERR_NO_MEMORY;
        if (err == SK_OK)
                err = sk_kafka_client_new(&mover->settings, SK_KAFKA_WATCHER, NULL, why, &mover->watcher);
        if (err != SK_OK) {
                mover_free(&mover->base);
                return err;
        }
        *out = &mover->base;
        return SK_OK;
}

/* ---- whether links run ---- */

static sk_err look_at_group(sk_kafka_mover *mover, const rd_kafka_ConsumerGroupDescription_t *group, bool *out_again) {
        const char *name = rd_kafka_ConsumerGroupDescription_group_id(group);
        const rd_kafka_error_t *error = rd_kafka_ConsumerGroupDescription_error(group);
        size_t members = rd_kafka_ConsumerGroupDescription_member_count(group);

        *out_again = false;
        if (error != NULL && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR) {
                *out_again = rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
                return fail(mover, SK_ERR_IO, name, rd_kafka_error_string(error));
        }
        if (members == 0)
                return SK_OK;
        (void)snprintf(mover->base.why, sizeof(mover->base.why),
                       "the consumer group %s has %zu member%s: a link runs, or was stopped without --drain less than "
                       "its session.timeout.ms ago",
                       name, members, members == 1 ? "" : "s");
        return SK_ERR_BUSY;
}

static sk_err look_at_answer(sk_kafka_mover *mover, const char *name, rd_kafka_event_t *event, bool *out_again) {
        const rd_kafka_DescribeConsumerGroups_result_t *result = rd_kafka_event_DescribeConsumerGroups_result(event);
        size_t count = 0;

        *out_again = true;
        if (result == NULL || rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
                return fail(mover, SK_ERR_IO, name, rd_kafka_event_error_string(event));
        const rd_kafka_ConsumerGroupDescription_t **groups =
                rd_kafka_DescribeConsumerGroups_result_groups(result, &count);
        return count == 1 ? look_at_group(mover, groups[0], out_again)
                          : fail(mover, SK_ERR_IO, name, "the brokers tell nothing about the group");
}

static sk_err ask_about_group(sk_kafka_mover *mover, const char *name, bool *out_again) {
        char reason[128];
        sk_err err = SK_ERR_IO;
        rd_kafka_queue_t *queue = rd_kafka_queue_new(mover->watcher);
        rd_kafka_AdminOptions_t *options =
                rd_kafka_AdminOptions_new(mover->watcher, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS);

        *out_again = true;
        (void)rd_kafka_AdminOptions_set_request_timeout(options, CALL_MS, reason, sizeof(reason));
        rd_kafka_DescribeConsumerGroups(mover->watcher, &name, 1, options, queue);
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 2 * CALL_MS);
        if (event == NULL)
                (void)fail(mover, SK_ERR_IO, name, "no broker answers");
        else
                err = look_at_answer(mover, name, event, out_again);
        if (event != NULL)
                rd_kafka_event_destroy(event);
        rd_kafka_AdminOptions_destroy(options);
        rd_kafka_queue_destroy(queue);
        return err;
}

/* A coordinator that is being found or loads says so for some seconds. */
static sk_err look_at_team(sk_kafka_mover *mover, const char *team) {
        char name[SK_KAFKA_NAME_MAX];
        int64_t until_ms = monotonic_ms() + PATIENCE_MS;
        bool again = true;

        mover->settings.team = sk_slice_of(team);
        sk_err err = sk_kafka_group_name(&mover->settings, name);
        mover->settings.team = SK_NONE;
        if (err != SK_OK)
                return fail(mover, err, team, "its group has too long a name");
        for (;;) {
                err = ask_about_group(mover, name, &again);
                if (err == SK_OK || !again || monotonic_ms() > until_ms)
                        return err;
                (void)rd_kafka_poll(mover->watcher, STEP_MS);
        }
}

static sk_err mover_hold(sk_mover *base, sk_slice team) {
        sk_kafka_mover *mover = self_of(base);

        if (mover->team_count == TEAMS_MAX)
                return SK_ERR_FULL;
        char *name = sk_alloc_copy(team.at, team.len);
        if (name == NULL)
                return SK_ERR_NO_MEMORY;
        mover->teams[mover->team_count++] = name;
        return look_at_team(mover, name);
}

static sk_err mover_check(sk_mover *base) {
        sk_kafka_mover *mover = self_of(base);
        sk_err err = SK_OK;

        for (size_t i = 0; i < mover->team_count && err == SK_OK; i++)
                err = look_at_team(mover, mover->teams[i]);
        return err;
}

static const char *name_of(sk_slice topic, char out[SK_KAFKA_NAME_MAX]) {
        (void)snprintf(out, SK_KAFKA_NAME_MAX, "%.*s", (int)topic.len, topic.at);
        return out;
}

/* The end that readers of what is committed see is the first open transaction. */
static sk_err mover_settled(sk_mover *base, sk_slice topic, int32_t partition) {
        sk_kafka_mover *mover = self_of(base);
        char name[SK_KAFKA_NAME_MAX];
        int64_t low = 0;
        int64_t end = 0;
        int64_t committed = 0;
        rd_kafka_resp_err_t error = sk_kafka_ends(mover->watcher, name_of(topic, name), partition, &low, &end);

        if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
                return fail(mover, SK_ERR_IO, name, rd_kafka_err2str(error));
        if (sk_log_tool_end(base->tool, topic, partition, &committed) != SK_OK)
                return fail(mover, SK_ERR_IO, name, sk_log_tool_why(base->tool));
        if (committed >= end)
                return SK_OK;
        (void)snprintf(base->why, sizeof(base->why),
                       "a transaction is open on %s, partition %d: a link was killed; wait until its time is over, or "
                       "start it and stop it in order",
                       name, (int)partition);
        return SK_ERR_BUSY;
}

static int32_t mover_partitions(sk_mover *base, sk_slice topic) {
        sk_kafka_mover *mover = self_of(base);
        char name[SK_KAFKA_NAME_MAX];
        const rd_kafka_metadata_t *metadata = NULL;
        int32_t count = 0;
        rd_kafka_topic_t *handle = rd_kafka_topic_new(mover->watcher, name_of(topic, name), NULL);
        rd_kafka_resp_err_t error = handle == NULL ? RD_KAFKA_RESP_ERR__INVALID_ARG
                                                   : rd_kafka_metadata(mover->watcher, 0, handle, &metadata, CALL_MS);

        if (handle != NULL)
                rd_kafka_topic_destroy(handle);
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
                (void)fail(mover, SK_ERR_IO, name, rd_kafka_err2str(error));
                return -1;
        }
        if (metadata->topic_cnt == 1 && metadata->topics[0].err == RD_KAFKA_RESP_ERR_NO_ERROR)
                count = metadata->topics[0].partition_cnt;
        rd_kafka_metadata_destroy(metadata);
        return count;
}

/* ---- writing ---- */

static void on_delivered(rd_kafka_t *client, const rd_kafka_message_t *message, void *self) {
        sk_kafka_mover *mover = self;

        (void)client;
        assert(mover->underway > 0);
        mover->underway--;
        mover->underway_bytes -= message->len + message->key_len;
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
                mover->error = message->err;
}

static sk_err writer_make(sk_kafka_mover *mover) {
        sk_kafka_hooks hooks = {.delivered = on_delivered, .self = mover};

        if (mover->writer != NULL)
                return SK_OK;
        sk_err err = sk_kafka_client_new(&mover->settings, SK_KAFKA_WRITER, &hooks, mover->base.why, &mover->writer);
        if (err == SK_OK)
                mover->topics = sk_kafka_topics_new(mover->writer);
        return err == SK_OK && mover->topics == NULL ? SK_ERR_NO_MEMORY : err;
}

/* Waits until no more than so much is underway. */
static sk_err wait_until(sk_kafka_mover *mover, size_t count, size_t bytes) {
        int64_t until_ms = monotonic_ms() + FLUSH_MS;

        while (mover->underway > count || mover->underway_bytes > bytes) {
                size_t before = mover->underway;
                (void)rd_kafka_poll(mover->writer, STEP_MS);
                if (mover->underway != before)
                        until_ms = monotonic_ms() + FLUSH_MS;
                if (monotonic_ms() > until_ms)
                        return fail(mover, SK_ERR_IO, "writing", "the brokers do not answer");
        }
        (void)rd_kafka_poll(mover->writer, 0);
        return mover->error == RD_KAFKA_RESP_ERR_NO_ERROR
                       ? SK_OK
                       : fail(mover, SK_ERR_IO, "writing", rd_kafka_err2str(mover->error));
}

static sk_err mover_write(sk_mover *base, const sk_mover_record *moved) {
        sk_kafka_mover *mover = self_of(base);
        rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
        sk_record record = {.partition = moved->partition,
                            .timestamp_us = moved->timestamp_us,
                            .key = moved->key,
                            .headers = moved->headers,
                            .value = moved->value};
        sk_err err = writer_make(mover);

        if (err == SK_OK)
                err = wait_until(mover, UNDERWAY_MAX, UNDERWAY_BYTES_MAX);
        if (err != SK_OK)
                return err;
        err = sk_kafka_send(mover->writer, sk_kafka_topics_get(mover->topics, moved->topic), &record, &error);
        while (err == SK_ERR_FULL) {
                err = wait_until(mover, mover->underway / 2, UNDERWAY_BYTES_MAX);
                if (err == SK_OK)
                        err = sk_kafka_send(mover->writer, sk_kafka_topics_get(mover->topics, moved->topic), &record,
                                            &error);
        }
        if (err != SK_OK)
                return base->why[0] != '\0' ? err : fail(mover, err, "writing", rd_kafka_err2str(error));
        mover->underway++;
        mover->underway_bytes += moved->key.len + moved->value.len;
        return SK_OK;
}

static sk_err mover_flush(sk_mover *base) {
        sk_kafka_mover *mover = self_of(base);

        return mover->writer == NULL ? SK_OK : wait_until(mover, 0, 0);
}

const sk_mover_kind sk_kafka_mover_kind = {
        .scheme = "kafka",
        .open = mover_open,
        .free = mover_free,
        .hold = mover_hold,
        .check = mover_check,
        .settled = mover_settled,
        .partitions = mover_partitions,
        .write = mover_write,
        .flush = mover_flush,
};
