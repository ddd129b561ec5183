#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "event/topics.h"
#include "kit/alloc.h"
#include "kit/map.h"
#include "log/kafka_ends.h"
#include "log/kafka_tool_inside.h"

/*
 * Kafka for command line tools. What a tool reads is what is committed. A reading ends where the partition ended when it
 * began; one that stopped before and goes on from there keeps its connection's place, with what was fetched ahead.
 */

#define OPEN_MS 10000
#define CALL_MS 5000
#define READ_MS 60000
#define WAIT_STEP_MS 25
#define HEADERS_BYTES_MAX ((size_t)4 << 20)
#define LATEST_BYTES_MAX ((size_t)4 << 20)

static sk_kafka_tool *self_of(sk_log_tool *tool) {
        assert(tool->kind == &sk_kafka_tool_kind);
        return (sk_kafka_tool *)tool;
}

sk_err sk_kafka_tool_fail(sk_kafka_tool *tool, sk_err err, const char *what, rd_kafka_resp_err_t error) {
        (void)snprintf(tool->base.why, sizeof(tool->base.why), "%s: %s", what, rd_kafka_err2str(error));
        return err;
}

static void name_copy(sk_slice name, char out[SK_KAFKA_NAME_MAX]) {
        (void)snprintf(out, SK_KAFKA_NAME_MAX, "%.*s", (int)name.len, name.at);
}

int64_t sk_kafka_tool_clock_ms(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- opening ---- */

static void tool_free(sk_log_tool *base) {
        sk_kafka_tool *tool = self_of(base);

        sk_kafka_tool_writer_free(tool);
        if (tool->reader != NULL)
                rd_kafka_destroy_flags(tool->reader, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        if (tool->watched != NULL)
                rd_kafka_topic_partition_list_destroy(tool->watched);
        sk_map_free(tool->counts);
        sk_buf_free(&tool->headers);
        sk_kafka_properties_free(tool->properties, tool->settings.property_count);
        sk_free(tool->brokers);
        sk_free(tool);
}

static bool count_put(sk_kafka_tool *tool, const char *topic, int count) {
        return sk_map_put(tool->counts, sk_slice_of(topic), (void *)((intptr_t)count + 1), NULL) == SK_OK;
}

int32_t sk_kafka_tool_count(sk_kafka_tool *tool, sk_slice topic) {
        char name[SK_KAFKA_NAME_MAX];
        const rd_kafka_metadata_t *metadata = NULL;
        intptr_t known = (intptr_t)sk_map_get(tool->counts, topic);

        if (known > 1)
                return (int32_t)(known - 1);
        name_copy(topic, name);
        rd_kafka_topic_t *handle = rd_kafka_topic_new(tool->reader, name, NULL);
        if (handle == NULL)
                return 0;
        rd_kafka_resp_err_t error = rd_kafka_metadata(tool->reader, 0, handle, &metadata, CALL_MS);
        rd_kafka_topic_destroy(handle);
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
                (void)sk_kafka_tool_fail(tool, SK_ERR_IO, "no broker answers", error);
                return -1;
        }
        int count = metadata->topic_cnt == 1 && metadata->topics[0].err == RD_KAFKA_RESP_ERR_NO_ERROR
                            ? metadata->topics[0].partition_cnt
                            : 0;
        if (count > 0)
                (void)count_put(tool, name, count);
        rd_kafka_metadata_destroy(metadata);
        return count;
}

/* The chain's topics tell the number of partitions: it is one for all of them, and another for other chains. */
static sk_err look_around(sk_kafka_tool *tool, sk_slice chain, char *why) {
        const rd_kafka_metadata_t *metadata = NULL;
        sk_slice part[3];
        sk_topic_kind kind;
        rd_kafka_resp_err_t error = rd_kafka_metadata(tool->reader, 1, NULL, &metadata, OPEN_MS);

        if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
                if (why != NULL)
                        (void)snprintf(why, SK_LOG_WHY_MAX, "no broker answers at %s: %s", tool->brokers,
                                       rd_kafka_err2str(error));
                return SK_ERR_NOT_FOUND;
        }
        tool->partitions = 1;
        for (int i = 0; i < metadata->topic_cnt; i++) {
                const rd_kafka_metadata_topic_t *topic = &metadata->topics[i];
                if (!sk_topic_parse(sk_slice_of(topic->topic), &part[0], &part[1], &kind, &part[2]))
                        continue;
                (void)count_put(tool, topic->topic, topic->partition_cnt);
                if (topic->partition_cnt > tool->partitions && (chain.len == 0 || sk_slice_equal(chain, part[0])))
                        tool->partitions = topic->partition_cnt;
        }
        rd_kafka_metadata_destroy(metadata);
        return SK_OK;
}

static sk_err tool_open(const sk_log_tool_config *config, const char *place, char why[SK_LOG_WHY_MAX],
                        sk_log_tool **out) {
        char unused[SK_KAFKA_WHY_MAX];
        sk_kafka_tool *tool = sk_alloc_zero(1, sizeof(*tool));
        if (tool == NULL)
                return SK_ERR_NO_MEMORY;

        static_assert(SK_KAFKA_WHY_MAX == SK_LOG_WHY_MAX, "sentences have one length");
        tool->base.kind = &sk_kafka_tool_kind; /* topics are made with `schakel apply`, whatever the purpose is */
        tool->properties = sk_kafka_properties_copy(config->properties, config->property_count);
        tool->settings.properties = tool->properties;
        tool->settings.property_count = tool->properties == NULL ? 0 : config->property_count;
        tool->brokers = sk_alloc_copy(place, strlen(place));
        tool->counts = sk_map_new();
        tool->watched = rd_kafka_topic_partition_list_new(0);
        tool->headers = sk_buf_make(HEADERS_BYTES_MAX);
        tool->settings.brokers = tool->brokers;
        bool has_all = tool->brokers != NULL && tool->counts != NULL && tool->properties != NULL;
        sk_err err = has_all ? SK_OK : SK_ERR_NO_MEMORY;
        if (err == SK_OK)
                err = sk_kafka_client_new(&tool->settings, SK_KAFKA_READER, NULL, why == NULL ? unused : why,
                                          &tool->reader);
        if (err == SK_OK) {
                (void)rd_kafka_poll_set_consumer(tool->reader);
                err = look_around(tool, config->chain, why);
        }
        if (err != SK_OK) {
                tool_free(&tool->base);
                return err;
        }
        *out = &tool->base;
        return SK_OK;
}

static int32_t tool_partitions(const sk_log_tool *base) {
        return ((const sk_kafka_tool *)base)->partitions;
}

/* ---- ends ---- */

/* What a tool has asked about is what it waits for. */
static void watch(sk_kafka_tool *tool, const char *topic, int32_t partition, int64_t end_offset) {
        rd_kafka_topic_partition_t *watched = rd_kafka_topic_partition_list_find(tool->watched, topic, partition);

        if (watched == NULL && tool->watched->cnt < SK_KAFKA_WATCHED_MAX)
                watched = rd_kafka_topic_partition_list_add(tool->watched, topic, partition);
        if (watched != NULL)
                watched->offset = end_offset;
}

static sk_err ends(sk_kafka_tool *tool, const char *topic, int32_t partition, int64_t *out_low, int64_t *out_end) {
        rd_kafka_resp_err_t error = sk_kafka_ends(tool->reader, topic, partition, out_low, out_end);

        return error == RD_KAFKA_RESP_ERR_NO_ERROR ? SK_OK : sk_kafka_tool_fail(tool, SK_ERR_IO, topic, error);
}

static sk_err end_of(sk_kafka_tool *tool, const char *topic, int32_t partition, int64_t *out) {
        sk_err err = ends(tool, topic, partition, NULL, out);

        if (err == SK_OK)
                watch(tool, topic, partition, *out);
        return err;
}

static sk_err tool_end(sk_log_tool *base, sk_slice topic, int32_t partition, int64_t *out) {
        sk_kafka_tool *tool = self_of(base);
        char name[SK_KAFKA_NAME_MAX];
        int32_t count = sk_kafka_tool_count(tool, topic);

        name_copy(topic, name);
        *out = 0;
        if (count < 0 || partition < 0 || partition >= tool->partitions)
                return count < 0 ? SK_ERR_IO : SK_ERR_RANGE;
        return partition >= count ? SK_OK : end_of(tool, name, partition, out);
}

/* ---- reading ---- */

struct reading {
        sk_slice topic;
        int64_t next;
        int64_t end;
        size_t left;
        bool is_over;
        sk_log_visit *visit;
        void *self;
};

static bool is_at(const sk_kafka_tool *tool, const char *topic, int32_t partition, int64_t offset) {
        return tool->place_offset == offset && tool->place_partition == partition &&
               strcmp(tool->place_topic, topic) == 0;
}

/*
 * Of what is asked for, the first that is still there. By its number: librdkafka lets half a second go by before it looks
 * for the beginning of a partition that it has not read yet.
 */
static sk_err find_first(sk_kafka_tool *tool, const char *topic, int32_t partition, int64_t *next) {
        int64_t low = 0;
        sk_err err = is_at(tool, topic, partition, *next) ? SK_OK : ends(tool, topic, partition, &low, NULL);

        if (*next < low)
                *next = low;
        return err;
}

static void place(sk_kafka_tool *tool, const char *topic, int32_t partition, int64_t offset) {
        if (is_at(tool, topic, partition, offset))
                return;
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
        rd_kafka_topic_partition_list_add(list, topic, partition)->offset = offset;
        (void)rd_kafka_assign(tool->reader, list);
        rd_kafka_topic_partition_list_destroy(list);
        (void)snprintf(tool->place_topic, sizeof(tool->place_topic), "%s", topic);
        tool->place_partition = partition;
        tool->place_offset = offset;
}

/* Nothing more is wanted for now: nothing is fetched while nobody reads. */
static void leave(sk_kafka_tool *tool) {
        (void)rd_kafka_assign(tool->reader, NULL);
        tool->place_topic[0] = '\0';
}

static void visit_message(sk_kafka_tool *tool, struct reading *reading, const rd_kafka_message_t *message) {
        sk_record record;

        if (message->offset >= reading->end) {
                reading->is_over = true; /* for the next reading, which has to fetch it again */
                tool->place_topic[0] = '\0';
                return;
        }
        sk_kafka_record_of(message, NULL, &tool->headers, &record);
        sk_log_entry entry = {.topic = reading->topic,
                              .partition = record.partition,
                              .offset = record.offset,
                              .timestamp_us = record.timestamp_us,
                              .key = record.key,
                              .headers = sk_headers_check(record.headers) ? record.headers : SK_SLICE(""),
                              .value = record.value};
        reading->next = entry.offset + 1;
        reading->left--;
        tool->place_offset = reading->next;
        if (!reading->visit(reading->self, &entry) || reading->left == 0 || reading->next >= reading->end)
                reading->is_over = true;
}

static sk_err look_at(sk_kafka_tool *tool, struct reading *reading, const rd_kafka_message_t *message) {
        switch (message->err) {
        case RD_KAFKA_RESP_ERR_NO_ERROR:
                visit_message(tool, reading, message);
                return SK_OK;
        case RD_KAFKA_RESP_ERR__PARTITION_EOF:
                if (message->offset >= reading->end) {
                        reading->next = message->offset;
                        reading->is_over = true;
                }
                return SK_OK;
        case RD_KAFKA_RESP_ERR__TRANSPORT:
        case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
                return SK_OK; /* tried again until the time is over */
        case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
                return SK_OK; /* librdkafka looks for the group's coordinator, which nobody here needs */
        default:
                tool->place_topic[0] = '\0';
                return sk_kafka_tool_fail(tool, SK_ERR_IO, "reading", message->err);
        }
}

static sk_err read_on(sk_kafka_tool *tool, struct reading *reading) {
        int64_t until_ms = sk_kafka_tool_clock_ms() + READ_MS;
        sk_err err = SK_OK;

        while (err == SK_OK && !reading->is_over) {
                rd_kafka_message_t *message = rd_kafka_consumer_poll(tool->reader, CALL_MS);
                if (message != NULL) {
                        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
                                until_ms = sk_kafka_tool_clock_ms() + READ_MS;
                        err = look_at(tool, reading, message);
                        rd_kafka_message_destroy(message);
                }
                if (err == SK_OK && !reading->is_over && sk_kafka_tool_clock_ms() > until_ms)
                        err = sk_kafka_tool_fail(tool, SK_ERR_IO, "reading", RD_KAFKA_RESP_ERR__TIMED_OUT);
        }
        return err;
}

static sk_err tool_read(sk_log_tool *base, const sk_log_read *read, sk_log_visit *visit, void *self,
                        int64_t *out_next) {
        sk_kafka_tool *tool = self_of(base);
        char name[SK_KAFKA_NAME_MAX];
        struct reading reading = {.topic = read->topic,
                                  .next = read->from_offset,
                                  .left = read->max == 0 ? SIZE_MAX : read->max,
                                  .visit = visit,
                                  .self = self};
        sk_err err = tool_end(base, read->topic, read->partition, &reading.end);

        name_copy(read->topic, name);
        if (err == SK_OK && reading.next < reading.end)
                err = find_first(tool, name, read->partition, &reading.next);
        if (err == SK_OK && reading.next < reading.end) {
                place(tool, name, read->partition, reading.next);
                err = read_on(tool, &reading);
                if (reading.next >= reading.end || tool->place_topic[0] == '\0')
                        leave(tool);
        }
        if (out_next != NULL)
                *out_next = reading.next;
        return err;
}

/* ---- the latest of each key ---- */

struct latest {
        sk_map *by_key; /* sk_buf: headers, then value */
        sk_slice prefix;
        sk_err err;
};

struct kept {
        sk_log_entry entry;
        char bytes[];
};

static bool begins_with(sk_slice bytes, sk_slice prefix) {
        return bytes.len >= prefix.len && (prefix.len == 0 || memcmp(bytes.at, prefix.at, prefix.len) == 0);
}

static bool latest_visit(void *self, const sk_log_entry *entry) {
        struct latest *latest = self;
        void *old = NULL;

        if (!begins_with(entry->key, latest->prefix))
                return true;
        if (!sk_slice_there(entry->value)) {
                sk_free(sk_map_take(latest->by_key, entry->key));
                return true;
        }
        struct kept *kept = sk_alloc(sizeof(*kept) + entry->headers.len + entry->value.len);
        if (kept == NULL || sk_map_put(latest->by_key, entry->key, kept, &old) != SK_OK) {
                sk_free(kept);
                latest->err = SK_ERR_NO_MEMORY;
                return false;
        }
        sk_free(old);
        kept->entry = *entry;
        memcpy(kept->bytes, entry->headers.at, entry->headers.len);
        memcpy(kept->bytes + entry->headers.len, entry->value.at, entry->value.len);
        kept->entry.headers.at = kept->bytes;
        kept->entry.value.at = kept->bytes + entry->headers.len;
        return true;
}

static void latest_give(struct latest *latest, sk_slice topic, sk_log_visit *visit, void *self) {
        size_t position = 0;
        sk_slice key;
        void *value;
        bool goes_on = latest->err == SK_OK;

        while (sk_map_next(latest->by_key, &position, &key, &value)) {
                struct kept *kept = value;
                kept->entry.topic = topic;
                kept->entry.key = key;
                goes_on = goes_on && visit(self, &kept->entry);
                sk_free(kept);
        }
        sk_map_free(latest->by_key);
}

static sk_err tool_latest(sk_log_tool *base, sk_slice topic, sk_slice prefix, sk_log_visit *visit, void *self) {
        sk_kafka_tool *tool = self_of(base);
        struct latest latest = {.by_key = sk_map_new(), .prefix = prefix};
        int32_t count = sk_kafka_tool_count(tool, topic);
        sk_err err = latest.by_key == NULL ? SK_ERR_NO_MEMORY : count < 0 ? SK_ERR_IO : SK_OK;

        for (int32_t p = 0; p < count && err == SK_OK; p++) {
                sk_log_read read = {.topic = topic, .partition = p};
                err = tool_read(base, &read, latest_visit, &latest, NULL);
        }
        if (latest.by_key == NULL)
                return err;
        if (err != SK_OK)
                latest.err = err;
        err = latest.err;
        latest_give(&latest, topic, visit, self);
        return err;
}

/* ---- topics ---- */

static int compare_names(const void *a, const void *b) {
        return strcmp(((const rd_kafka_metadata_topic_t *)a)->topic, ((const rd_kafka_metadata_topic_t *)b)->topic);
}

static sk_err topic_give(sk_kafka_tool *tool, const rd_kafka_metadata_topic_t *topic, sk_log_topic_visit *visit,
                         void *self, bool *goes_on) {
        sk_err err = SK_OK;

        for (int p = 0; p < topic->partition_cnt && err == SK_OK && *goes_on; p++) {
                sk_log_topic_info info = {.topic = sk_slice_of(topic->topic), .partition = p};
                err = ends(tool, topic->topic, p, &info.low_offset, &info.end_offset);
                if (err == SK_OK)
                        *goes_on = visit(self, &info);
        }
        return err;
}

static sk_err tool_topics(sk_log_tool *base, sk_slice prefix, sk_log_topic_visit *visit, void *self) {
        sk_kafka_tool *tool = self_of(base);
        const rd_kafka_metadata_t *metadata = NULL;
        bool goes_on = true;
        sk_err err = SK_OK;
        rd_kafka_resp_err_t error = rd_kafka_metadata(tool->reader, 1, NULL, &metadata, OPEN_MS);

        if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
                return sk_kafka_tool_fail(tool, SK_ERR_IO, "no broker answers", error);
        qsort(metadata->topics, (size_t)metadata->topic_cnt, sizeof(metadata->topics[0]), compare_names);
        for (int i = 0; i < metadata->topic_cnt && err == SK_OK && goes_on; i++) {
                sk_slice name = sk_slice_of(metadata->topics[i].topic);
                /* What begins so is the brokers' own. */
                if (begins_with(name, prefix) && !begins_with(name, SK_SLICE("__")))
                        err = topic_give(tool, &metadata->topics[i], visit, self, &goes_on);
        }
        rd_kafka_metadata_destroy(metadata);
        return err;
}

/* ---- waiting ---- */

static bool has_changed(sk_kafka_tool *tool) {
        rd_kafka_topic_partition_list_t *now = rd_kafka_topic_partition_list_copy(tool->watched);
        bool is_changed = false;

        bool is_answered = now->cnt > 0 && sk_kafka_ends_of_all(tool->reader, now, CALL_MS);
        for (int i = 0; is_answered && i < now->cnt; i++) {
                const rd_kafka_topic_partition_t *end = &now->elems[i];
                if (end->err != RD_KAFKA_RESP_ERR_NO_ERROR || end->offset < 0)
                        continue;
                rd_kafka_topic_partition_t *watched =
                        rd_kafka_topic_partition_list_find(tool->watched, end->topic, end->partition);
                is_changed = is_changed || end->offset != watched->offset;
                watched->offset = end->offset;
        }
        rd_kafka_topic_partition_list_destroy(now);
        return is_changed;
}

/* A tool that has not asked about anything yet waits for nothing in particular. */
static bool tool_wait(sk_log_tool *base, int timeout_ms) {
        sk_kafka_tool *tool = self_of(base);
        int64_t until_ms = sk_kafka_tool_clock_ms() + timeout_ms;

        while (!has_changed(tool)) {
                if (sk_kafka_tool_clock_ms() >= until_ms || (poll(NULL, 0, WAIT_STEP_MS) < 0 && errno == EINTR))
                        return false;
        }
        return true;
}

static bool tool_is_run(sk_log_tool *base, sk_slice chain, sk_slice team) {
        sk_kafka_tool *tool = self_of(base);
        sk_kafka_settings settings = tool->settings;
        const struct rd_kafka_group_list *list = NULL;
        char name[SK_KAFKA_NAME_MAX];
        bool is_run = false;

        settings.chain = chain;
        settings.team = team;
        if (sk_kafka_group_name(&settings, name) != SK_OK ||
            rd_kafka_list_groups(tool->reader, name, &list, CALL_MS) != RD_KAFKA_RESP_ERR_NO_ERROR || list == NULL)
                return false;
        for (int i = 0; i < list->group_cnt; i++)
                is_run = is_run || list->groups[i].member_cnt > 0;
        rd_kafka_group_list_destroy(list);
        return is_run;
}

const sk_log_tool_kind sk_kafka_tool_kind = {
        .scheme = "kafka",
        .open = tool_open,
        .free = tool_free,
        .partitions = tool_partitions,
        .append = sk_kafka_tool_append,
        .read = tool_read,
        .latest = tool_latest,
        .topics = tool_topics,
        .end = tool_end,
        .wait = tool_wait,
        .is_run = tool_is_run,
};
