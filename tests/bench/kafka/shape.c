#include "bench/kafka/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "kit/buf.h"
#include "kit/map.h"
#include "log/tool.h"

#define PARTITIONS 4
#define TOPICS (sizeof(names) / sizeof(names[0]))
#define TEXT_BYTES_MAX ((size_t)1 << 16)

static const char *const names[] = {RIG_CUSTOMER ".feedback.link1", "link1.journal", "link1.events", "link1.archive"};

typedef struct row {
        size_t headers;
        int key_len;
        int value_len;
} row;

/* One topic partition. */
typedef struct stream {
        size_t topic;
        int32_t partition;
        row *rows;
        size_t count;
        size_t room;
        size_t done;
} stream;

static struct reading {
        FILE *file;
        sk_map *sets; /* numbers of sets of headers, from 1 */
        size_t set_count;
        stream streams[TOPICS * PARTITIONS];
        stream *into;
        shape_count *count;
} s;

/* The number of a set of headers; a new one gets its line. */
static size_t set_of(sk_slice headers) {
        sk_buf text = sk_buf_make(TEXT_BYTES_MAX);
        size_t position = 0;
        size_t count = 0;
        sk_slice name;
        sk_slice value;

        for (; sk_headers_next(headers, &position, &name, &value); count++)
                sk_buf_add_format(&text, " %.*s %zu", (int)name.len, name.at, value.len);
        size_t number = (size_t)(uintptr_t)sk_map_get(s.sets, sk_buf_slice(&text));
        if (number == 0) {
                number = ++s.set_count;
                if (text.err != SK_OK ||
                    sk_map_put(s.sets, sk_buf_slice(&text), (void *)(uintptr_t)number, NULL) != SK_OK)
                        bench_fail("no memory");
                (void)fprintf(s.file, "h %zu%.*s\n", count, (int)text.len, text.len == 0 ? "" : text.at);
        }
        sk_buf_free(&text);
        return number - 1;
}

static bool take(void *self, const sk_log_entry *entry) {
        stream *into = s.into;
        size_t bytes = entry->key.len + entry->headers.len + (sk_slice_there(entry->value) ? entry->value.len : 0);

        (void)self;
        if (into->count == into->room) {
                into->room = into->room == 0 ? 4096 : 2 * into->room;
                into->rows = realloc(into->rows, into->room * sizeof(*into->rows));
                if (into->rows == NULL)
                        bench_fail("no memory");
        }
        into->rows[into->count++] = (row){.headers = set_of(entry->headers),
                                          .key_len = (int)entry->key.len,
                                          .value_len = sk_slice_there(entry->value) ? (int)entry->value.len : -1};
        s.count->records++;
        s.count->bytes += bytes;
        s.count->by_kind[into->topic][0]++;
        s.count->by_kind[into->topic][1] += bytes;
        return true;
}

static void streams_read(const rig *r, const rig_chain *chain) {
        char why[SK_LOG_WHY_MAX];
        char name[128];
        sk_log_tool *tool;

        if (sk_log_tool_open(r->cluster.url, SK_LOG_READ, why, &tool) != SK_OK)
                bench_fail("%s", why);
        for (size_t i = 0; i < TOPICS * PARTITIONS; i++) {
                s.into = &s.streams[i];
                *s.into = (stream){.topic = i / PARTITIONS, .partition = (int32_t)(i % PARTITIONS)};
                (void)snprintf(name, sizeof(name), "%s.%s", chain->name, names[s.into->topic]);
                sk_log_read read = {.topic = sk_slice_of(name), .partition = s.into->partition};
                if (sk_log_tool_read(tool, &read, take, NULL, NULL) != SK_OK)
                        bench_fail("%s", sk_log_tool_why(tool));
        }
        sk_log_tool_free(tool);
}

/* The stream that is furthest behind its part of the batch. */
static stream *stream_next(size_t batch, size_t batches) {
        stream *next = NULL;
        double least = 1;

        for (size_t i = 0; i < TOPICS * PARTITIONS; i++) {
                stream *at = &s.streams[i];
                size_t begin = at->count * batch / batches;
                size_t end = at->count * (batch + 1) / batches;
                double done = end == begin ? 1 : (double)(at->done - begin) / (double)(end - begin);
                if (done < least) {
                        least = done;
                        next = at;
                }
        }
        return next;
}

static void batches_write(size_t batches) {
        for (size_t batch = 0; batch < batches; batch++) {
                for (stream *at; (at = stream_next(batch, batches)) != NULL;) {
                        const row *next = &at->rows[at->done++];
                        (void)fprintf(s.file, "r %zu %d %zu %d %d\n", at->topic, (int)at->partition, next->headers,
                                      next->key_len, next->value_len);
                }
                (void)fprintf(s.file, "c\n");
        }
}

void shape_write(const rig *r, const rig_chain *chain, size_t batches, const char *path, shape_count *out) {
        *out = (shape_count){.records = 0};
        s = (struct reading){.file = fopen(path, "we"), .sets = sk_map_new(), .count = out};
        if (s.file == NULL || s.sets == NULL)
                bench_fail("%s cannot be written", path);
        for (size_t i = 0; i < TOPICS; i++)
                (void)fprintf(s.file, "t %s\n", names[i]);
        streams_read(r, chain);
        batches_write(batches);
        if (fclose(s.file) != 0)
                bench_fail("%s cannot be written", path);
        for (size_t i = 0; i < TOPICS * PARTITIONS; i++)
                free(s.streams[i].rows);
        sk_map_free(s.sets);
}
