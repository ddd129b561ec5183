#include "support/array_log.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MAX ((size_t)1 << 20)

static const sk_log_tool_kind tool_kind;
static const sk_mover_kind mover_kind;

static array_log *of_tool(sk_log_tool *tool) {
        return (array_log *)(void *)((char *)tool - offsetof(array_log, tool));
}

static array_log *of_mover(sk_mover *mover) {
        return (array_log *)(void *)((char *)mover - offsetof(array_log, mover));
}

array_log *array_log_new(int32_t partitions) {
        array_log *log = calloc(1, sizeof(*log));

        assert(log != NULL);
        assert(partitions > 0 && partitions <= ARRAY_PARTITIONS);
        log->tool.kind = &tool_kind;
        log->mover.kind = &mover_kind;
        log->mover.tool = &log->tool;
        log->partitions = partitions;
        log->writes_left = SIZE_MAX;
        return log;
}

void array_log_free(array_log *log) {
        for (size_t t = 0; t < log->topic_count; t++) {
                for (int p = 0; p < ARRAY_PARTITIONS; p++) {
                        for (size_t i = 0; i < log->topics[t].places[p].count; i++)
                                sk_buf_free(&log->topics[t].places[p].records[i].bytes);
                }
        }
        free(log);
}

static array_topic *find(array_log *log, sk_slice name) {
        for (size_t i = 0; i < log->topic_count; i++) {
                if (sk_slice_is(name, log->topics[i].name))
                        return &log->topics[i];
        }
        return NULL;
}

array_topic *array_log_topic(array_log *log, const char *name) {
        array_topic *topic = find(log, sk_slice_of(name));

        if (topic != NULL)
                return topic;
        assert(log->topic_count < ARRAY_TOPICS && strlen(name) < sizeof(topic->name));
        topic = &log->topics[log->topic_count++];
        (void)snprintf(topic->name, sizeof(topic->name), "%s", name);
        return topic;
}

void array_log_put(array_log *log, const char *name, int32_t partition, int64_t offset, sk_slice key, sk_slice headers,
                   sk_slice value) {
        array_place *place = &array_log_topic(log, name)->places[partition];
        array_record *record = &place->records[place->count++];

        assert(partition < log->partitions && place->count < ARRAY_RECORDS);
        *record = (array_record){.offset = offset < 0 ? place->end : offset,
                                 .timestamp_us = 1000000 + (int64_t)place->count,
                                 .bytes = sk_buf_make(BYTES_MAX),
                                 .key_len = key.len,
                                 .headers_len = headers.len,
                                 .has_value = sk_slice_there(value)};
        sk_buf_add_slice(&record->bytes, key);
        sk_buf_add_slice(&record->bytes, headers);
        sk_buf_add_slice(&record->bytes, value);
        assert(record->bytes.err == SK_OK);
        place->end = record->offset + 1;
}

sk_slice array_record_key(const array_record *record) {
        return (sk_slice){sk_buf_slice(&record->bytes).at, record->key_len};
}

sk_slice array_record_headers(const array_record *record) {
        return (sk_slice){sk_buf_slice(&record->bytes).at + record->key_len, record->headers_len};
}

sk_slice array_record_value(const array_record *record) {
        size_t before = record->key_len + record->headers_len;

        if (!record->has_value)
                return SK_NONE;
        return (sk_slice){sk_buf_slice(&record->bytes).at + before, record->bytes.len - before};
}

sk_slice array_log_last(array_log *log, const char *name, int32_t partition, const char *key) {
        const array_place *place = &array_log_topic(log, name)->places[partition];

        for (size_t i = place->count; i-- > 0;) {
                if (sk_slice_is(array_record_key(&place->records[i]), key))
                        return array_record_value(&place->records[i]);
        }
        return SK_NONE;
}

size_t array_log_count(array_log *log, const char *name) {
        const array_topic *topic = find(log, sk_slice_of(name));
        size_t count = 0;

        for (int p = 0; topic != NULL && p < ARRAY_PARTITIONS; p++)
                count += topic->places[p].count;
        return count;
}

/* ---- as a tool ---- */

static int32_t tool_partitions(const sk_log_tool *tool) {
        return of_tool((sk_log_tool *)(uintptr_t)tool)->partitions;
}

static sk_err tool_read(sk_log_tool *tool, const sk_log_read *read, sk_log_visit *visit, void *self,
                        int64_t *out_next) {
        array_topic *topic = find(of_tool(tool), read->topic);
        const array_place *place = topic == NULL ? NULL : &topic->places[read->partition];

        for (size_t i = 0; place != NULL && i < place->count; i++) {
                const array_record *record = &place->records[i];
                sk_log_entry entry = {.topic = read->topic,
                                      .partition = read->partition,
                                      .offset = record->offset,
                                      .timestamp_us = record->timestamp_us,
                                      .key = array_record_key(record),
                                      .headers = array_record_headers(record),
                                      .value = array_record_value(record)};
                if (record->offset >= read->from_offset && !visit(self, &entry))
                        break;
        }
        if (out_next != NULL)
                *out_next = place == NULL ? 0 : place->end;
        return SK_OK;
}

static sk_err tool_topics(sk_log_tool *tool, sk_slice prefix, sk_log_topic_visit *visit, void *self) {
        array_log *log = of_tool(tool);

        for (size_t i = 0; i < log->topic_count; i++) {
                if (strncmp(log->topics[i].name, prefix.at, prefix.len) != 0)
                        continue;
                for (int32_t p = 0; p < log->partitions; p++) {
                        const array_place *place = &log->topics[i].places[p];
                        sk_log_topic_info info = {.topic = sk_slice_of(log->topics[i].name),
                                                  .partition = p,
                                                  .low_offset = place->low,
                                                  .end_offset = place->end};
                        if (!visit(self, &info))
                                return SK_OK;
                }
        }
        return SK_OK;
}

static sk_err tool_end(sk_log_tool *tool, sk_slice topic, int32_t partition, int64_t *out) {
        array_topic *found = find(of_tool(tool), topic);

        *out = found == NULL ? 0 : found->places[partition].end;
        return SK_OK;
}

static const sk_log_tool_kind tool_kind = {
        .scheme = "array",
        .partitions = tool_partitions,
        .read = tool_read,
        .topics = tool_topics,
        .end = tool_end,
};

/* ---- as a mover ---- */

static sk_err mover_check(sk_mover *mover) {
        if (!of_mover(mover)->is_run)
                return SK_OK;
        (void)snprintf(mover->why, sizeof(mover->why), "a link runs");
        return SK_ERR_BUSY;
}

static sk_err mover_hold(sk_mover *mover, sk_slice team) {
        array_log *log = of_mover(mover);
        size_t len = strlen(log->held);

        (void)snprintf(log->held + len, sizeof(log->held) - len, "%.*s ", (int)team.len, team.at);
        return mover_check(mover);
}

static sk_err mover_settled(sk_mover *mover, sk_slice topic, int32_t partition) {
        (void)topic;
        (void)partition;
        if (!of_mover(mover)->is_open)
                return SK_OK;
        (void)snprintf(mover->why, sizeof(mover->why), "a transaction is open");
        return SK_ERR_BUSY;
}

static int32_t mover_partitions(sk_mover *mover, sk_slice topic) {
        array_log *log = of_mover(mover);

        return find(log, topic) != NULL || log->is_made_by_writing ? log->partitions : 0;
}

static sk_err mover_write(sk_mover *mover, const sk_mover_record *record) {
        array_log *log = of_mover(mover);
        char name[64];

        if (log->writes_left-- == 0) {
                log->writes_left = 0;
                (void)snprintf(mover->why, sizeof(mover->why), "the disk is full");
                return SK_ERR_IO;
        }
        (void)snprintf(name, sizeof(name), "%.*s", (int)record->topic.len, record->topic.at);
        array_log_put(log, name, record->partition, -1, record->key, record->headers, record->value);
        return SK_OK;
}

static sk_err mover_flush(sk_mover *mover) {
        (void)mover;
        return SK_OK;
}

static const sk_mover_kind mover_kind = {
        .scheme = "array",
        .hold = mover_hold,
        .check = mover_check,
        .settled = mover_settled,
        .partitions = mover_partitions,
        .write = mover_write,
        .flush = mover_flush,
};
