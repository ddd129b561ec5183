#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>

#include "event/topics.h"
#include "kit/alloc.h"
#include "kit/buf.h"
#include "kit/when.h"
#include "log/local_dir.h"
#include "log/local_file.h"
#include "log/tool_inside.h"

/*
 * The local log for command line tools. A visitor may take its time, printing to a slow terminal, while no reader may
 * hold a transaction over 100 ms (rule L3): rows are copied in chunks, and visitors run between the chunks.
 */

#define CHUNK_ROWS 256
#define CHUNK_BYTES (1024u * 1024u)
#define WAIT_STEP_MS 5
#define WAIT_STEP_LATER_MS 25

typedef struct sk_local_tool {
        sk_log_tool base;
        sk_local_file *file;
        sk_local_dir *dir; /**< NULL: the folder is not there yet */
        int64_t data_version;
        char path[SK_LOCAL_PATH_MAX];
} sk_local_tool;

/* Rows copied out of the file. Slices are made when all bytes are there: the buffer moves while it grows. */
typedef struct sk_chunk {
        sk_buf bytes;
        size_t count;
        struct sk_chunk_row {
                int64_t offset;
                int64_t timestamp_us;
                size_t start;
                size_t key_len;
                size_t headers_len;
                size_t value_len;
                bool is_tombstone;
        } rows[CHUNK_ROWS];
} sk_chunk;

static sk_local_tool *self_of(sk_log_tool *tool) {
        assert(tool->kind == &sk_local_tool_kind);
        return (sk_local_tool *)tool;
}

static sk_err fail(sk_local_tool *tool, sk_err err) {
        (void)snprintf(tool->base.why, sizeof(tool->base.why), "%s", sk_local_file_why(tool->file));
        return err;
}

static void tool_free(sk_log_tool *base) {
        sk_local_tool *tool = self_of(base);

        sk_local_file_free(tool->file);
        sk_local_dir_free(tool->dir);
        sk_free(tool);
}

static sk_err tool_open(const sk_log_tool_config *config, const char *place, char why[SK_LOG_WHY_MAX],
                        sk_log_tool **out) {
        sk_local_tool *tool = sk_alloc_zero(1, sizeof(*tool));
        if (tool == NULL)
                return SK_ERR_NO_MEMORY;

        bool may_create = config->purpose == SK_LOG_APPEND;
        tool->base.kind = &sk_local_tool_kind;
        sk_err err = sk_local_file_open(place, may_create, why, &tool->file);
        if (err == SK_OK) {
                (void)snprintf(tool->path, sizeof(tool->path), "%s", place);
                err = sk_local_dir_open(place, may_create, why, &tool->dir);
                if (err == SK_ERR_NOT_FOUND)
                        err = SK_OK;
        }
        if (err == SK_OK)
                err = sk_local_data_version(tool->file, &tool->data_version);
        if (err != SK_OK) {
                tool_free(&tool->base);
                return err;
        }
        *out = &tool->base;
        return SK_OK;
}

static int32_t tool_partitions(const sk_log_tool *base) {
        (void)base;
        return 1;
}

static int64_t clock_us(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_REALTIME, &now);
        return (int64_t)now.tv_sec * SK_SECOND_US + now.tv_nsec / 1000;
}

/* A daemon may have made the folder since this tool was opened. */
static sk_local_dir *dir_of(sk_local_tool *tool) {
        if (tool->dir == NULL)
                (void)sk_local_dir_open(tool->path, false, NULL, &tool->dir);
        return tool->dir;
}

static void wake(sk_local_tool *tool, const sk_log_append *records, size_t count) {
        sk_slice woken = SK_NONE;

        if (dir_of(tool) == NULL)
                return;
        for (size_t i = 0; i < count; i++) {
                sk_slice chain;
                sk_slice team;
                sk_slice peer;
                sk_topic_kind kind;
                if (!sk_topic_parse(records[i].topic, &chain, &team, &kind, &peer) || sk_slice_equal(team, woken))
                        continue;
                sk_local_dir_wake(tool->dir, team);
                woken = team;
        }
}

/* Who writes it can be known only before: the record itself says what it likes. */
static void announce(sk_local_tool *tool, const sk_log_append *records, size_t count) {
        if (dir_of(tool) == NULL)
                return;
        for (size_t i = 0; i < count; i++) {
                sk_slice chain;
                sk_slice team;
                sk_slice peer;
                sk_topic_kind kind;
                if (sk_topic_parse(records[i].topic, &chain, &team, &kind, &peer) && kind == SK_TOPIC_WORK)
                        sk_local_dir_announce(tool->dir, team, sk_headers_find(records[i].headers, "ce_id"));
        }
}

static sk_err tool_append(sk_log_tool *base, const sk_log_append *records, size_t count, int64_t *out_offset) {
        sk_local_tool *tool = self_of(base);
        int64_t offset = 0;
        announce(tool, records, count);
        sk_err err = sk_local_begin(tool->file);
        if (err != SK_OK)
                return fail(tool, err);

        int64_t now_us = clock_us();
        for (size_t i = 0; i < count && err == SK_OK; i++) {
                sk_local_append append = {.topic = records[i].topic,
                                          .timestamp_us = now_us,
                                          .key = records[i].key,
                                          .headers = records[i].headers,
                                          .value = records[i].value};
                err = sk_local_append_row(tool->file, &append, &offset);
        }
        if (err != SK_OK) {
                sk_local_rollback(tool->file);
                return fail(tool, err);
        }
        err = sk_local_commit(tool->file);
        if (err != SK_OK)
                return fail(tool, err);
        if (sk_local_wal_bytes(tool->file) > SK_LOCAL_WAL_BYTES)
                sk_local_checkpoint(tool->file);
        wake(tool, records, count);
        if (out_offset != NULL)
                *out_offset = offset;
        return SK_OK;
}

static bool chunk_row(void *self, const sk_local_row *row) {
        sk_chunk *chunk = self;

        chunk->rows[chunk->count++] = (struct sk_chunk_row){.offset = row->offset,
                                                            .timestamp_us = row->timestamp_us,
                                                            .start = chunk->bytes.len,
                                                            .key_len = row->key.len,
                                                            .headers_len = row->headers.len,
                                                            .value_len = row->value.len,
                                                            .is_tombstone = !sk_slice_there(row->value)};
        sk_buf_add_slice(&chunk->bytes, row->key);
        sk_buf_add_slice(&chunk->bytes, row->headers);
        sk_buf_add_slice(&chunk->bytes, row->value);
        return chunk->count < CHUNK_ROWS && chunk->bytes.len < CHUNK_BYTES && chunk->bytes.err == SK_OK;
}

static sk_log_entry chunk_entry(const sk_chunk *chunk, size_t index, sk_slice topic) {
        const struct sk_chunk_row *row = &chunk->rows[index];
        const char *at = sk_buf_slice(&chunk->bytes).at + row->start;
        sk_log_entry entry = {.topic = topic,
                              .offset = row->offset,
                              .timestamp_us = row->timestamp_us,
                              .key = {at, row->key_len},
                              .headers = {at + row->key_len, row->headers_len},
                              .value = {at + row->key_len + row->headers_len, row->value_len}};
        if (row->is_tombstone)
                entry.value = SK_NONE;
        if (!sk_headers_check(entry.headers))
                entry.headers = SK_SLICE("");
        return entry;
}

static void chunk_clear(sk_chunk *chunk) {
        chunk->count = 0;
        sk_buf_clear(&chunk->bytes);
}

static sk_chunk *chunk_new(void) {
        sk_chunk *chunk = sk_alloc_zero(1, sizeof(*chunk));
        if (chunk != NULL)
                chunk->bytes = sk_buf_make(8 * CHUNK_BYTES);
        return chunk;
}

static void chunk_free(sk_chunk *chunk) {
        sk_buf_free(&chunk->bytes);
        sk_free(chunk);
}

/* Where a reading ends: what is written while a visitor prints is for the next reading. */
static sk_err read_bound(sk_local_tool *tool, const sk_log_read *read, int64_t *out_end) {
        sk_local_ends ends;
        sk_err err = sk_local_ends_of(tool->file, read->topic, &ends);
        if (err == SK_OK)
                *out_end = ends.end_offset;
        return err;
}

static sk_err tool_read(sk_log_tool *base, const sk_log_read *read, sk_log_visit *visit, void *self,
                        int64_t *out_next) {
        sk_local_tool *tool = self_of(base);
        int64_t next = read->from_offset;
        int64_t end = 0;
        size_t left = read->max == 0 ? SIZE_MAX : read->max;
        bool goes_on = true;
        sk_err err = read_bound(tool, read, &end);
        sk_chunk *chunk = err == SK_OK ? chunk_new() : NULL;

        if (err == SK_OK && chunk == NULL)
                return SK_ERR_NO_MEMORY;
        while (err == SK_OK && goes_on && left > 0 && next < end) {
                sk_local_range range = {
                        .topic = read->topic, .from_offset = next, .max = left < CHUNK_ROWS ? left : CHUNK_ROWS};
                chunk_clear(chunk);
                err = sk_local_read(tool->file, &range, chunk_row, chunk, NULL, NULL);
                if (err == SK_OK)
                        err = chunk->bytes.err;
                if (err != SK_OK || chunk->count == 0)
                        break;
                for (size_t i = 0; i < chunk->count && goes_on && chunk->rows[i].offset < end; i++) {
                        sk_log_entry entry = chunk_entry(chunk, i, read->topic);
                        goes_on = visit(self, &entry);
                        next = entry.offset + 1;
                        left--;
                }
                if (chunk->rows[chunk->count - 1].offset >= end)
                        break;
        }
        if (chunk != NULL)
                chunk_free(chunk);
        if (out_next != NULL)
                *out_next = next;
        return err == SK_OK ? SK_OK : fail(tool, err);
}

static bool begins_with(sk_slice bytes, sk_slice prefix) {
        return bytes.len >= prefix.len && (prefix.len == 0 || memcmp(bytes.at, prefix.at, prefix.len) == 0);
}

/* Visits a chunk of latest rows; false when the keys with the prefix are through. *key becomes the next key. */
static bool latest_chunk(const sk_chunk *chunk, sk_slice topic, sk_slice prefix, sk_log_visit *visit, void *self,
                         sk_buf *key) {
        for (size_t i = 0; i < chunk->count; i++) {
                sk_log_entry entry = chunk_entry(chunk, i, topic);
                if (!begins_with(entry.key, prefix))
                        return false;
                if (sk_slice_there(entry.value) && !visit(self, &entry))
                        return false;
                sk_buf_clear(key);
                sk_buf_add_slice(key, entry.key);
                sk_buf_add_byte(key, 0);
        }
        return chunk->count > 0;
}

static sk_err tool_latest(sk_log_tool *base, sk_slice topic, sk_slice prefix, sk_log_visit *visit, void *self) {
        sk_local_tool *tool = self_of(base);
        sk_buf key = sk_buf_make(CHUNK_BYTES);
        sk_chunk *chunk = chunk_new();
        sk_err err = SK_OK;
        bool goes_on = true;

        if (chunk == NULL)
                return SK_ERR_NO_MEMORY;
        sk_buf_add_slice(&key, sk_slice_there(prefix) ? prefix : SK_SLICE(""));
        while (err == SK_OK && goes_on && key.err == SK_OK) {
                chunk_clear(chunk);
                err = sk_local_read_keys(tool->file, topic, sk_buf_slice(&key), CHUNK_ROWS, chunk_row, chunk);
                if (err == SK_OK)
                        err = chunk->bytes.err;
                if (err == SK_OK)
                        goes_on = latest_chunk(chunk, topic, prefix, visit, self, &key);
        }
        chunk_free(chunk);
        sk_buf_free(&key);
        return err == SK_OK ? SK_OK : fail(tool, err);
}

static sk_err topic_info(sk_local_tool *tool, sk_slice topic, sk_log_topic_info *out) {
        sk_local_ends ends;
        sk_err err = sk_local_ends_of(tool->file, topic, &ends);

        if (err == SK_OK)
                *out = (sk_log_topic_info){
                        .topic = topic, .low_offset = ends.low_offset, .end_offset = ends.end_offset};
        return err;
}

static sk_err tool_topics(sk_log_tool *base, sk_slice prefix, sk_log_topic_visit *visit, void *self) {
        sk_local_tool *tool = self_of(base);
        char name[256] = "";
        sk_err err = SK_OK;

        for (;;) {
                sk_log_topic_info info;
                char next[256];
                err = sk_local_topic_next(tool->file, sk_slice_of(name), next, sizeof(next));
                if (err != SK_OK)
                        break;
                (void)snprintf(name, sizeof(name), "%s", next);
                if (!begins_with(sk_slice_of(name), prefix))
                        continue;
                err = topic_info(tool, sk_slice_of(name), &info);
                if (err != SK_OK || !visit(self, &info))
                        break;
        }
        return err == SK_OK || err == SK_ERR_NOT_FOUND ? SK_OK : fail(tool, err);
}

static sk_err tool_end(sk_log_tool *base, sk_slice topic, int32_t partition, int64_t *out) {
        sk_local_tool *tool = self_of(base);
        sk_local_ends ends;
        sk_err err = partition == 0 ? sk_local_ends_of(tool->file, topic, &ends) : SK_ERR_RANGE;

        if (err != SK_OK)
                return fail(tool, err);
        *out = ends.end_offset;
        return SK_OK;
}

static bool tool_wait(sk_log_tool *base, int timeout_ms) {
        sk_local_tool *tool = self_of(base);

        for (int waited = 0;;) {
                int step = waited < 1000 ? WAIT_STEP_MS : WAIT_STEP_LATER_MS;
                int64_t version = tool->data_version;
                if (sk_local_data_version(tool->file, &version) == SK_OK && version != tool->data_version) {
                        tool->data_version = version;
                        return true;
                }
                if (waited >= timeout_ms)
                        return false;
                if (poll(NULL, 0, step) < 0 && errno == EINTR)
                        return false;
                waited += step;
        }
}

static bool tool_is_run(sk_log_tool *base, sk_slice chain, sk_slice team) {
        sk_local_tool *tool = self_of(base);

        (void)chain; /* a file has one */
        return dir_of(tool) != NULL && sk_local_dir_is_held(tool->dir, team);
}

const sk_log_tool_kind sk_local_tool_kind = {
        .scheme = "local",
        .open = tool_open,
        .free = tool_free,
        .partitions = tool_partitions,
        .append = tool_append,
        .read = tool_read,
        .latest = tool_latest,
        .topics = tool_topics,
        .end = tool_end,
        .wait = tool_wait,
        .is_run = tool_is_run,
};
