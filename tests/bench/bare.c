#include "bench/bare.h"

#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "kit/buf.h"

#define TOPICS_MAX 32
#define OFFSET_BITS 44
#define TEXT_OF_(number) #number
#define TEXT_OF(number) TEXT_OF_(number)
#define PAGE_BYTES 8192
#define WAL_PAGES (32 * 1024 * 1024 / PAGE_BYTES) /* as rule L3 has it */

typedef struct bare_record {
        size_t topic; /* position in names; 0 begins a commit and has no bytes */
        size_t at;    /* in bytes: key, headers, value */
        size_t key_len;
        size_t headers_len;
        size_t value_len;
        bool is_tombstone;
} bare_record;

struct bare {
        sk_buf bytes;
        bare_record *records;
        size_t count;
        size_t capacity;
        size_t commits;
        char names[TOPICS_MAX][256];
        bool is_journal[TOPICS_MAX];
        size_t topics;
        sqlite3 *db;
        sqlite3_stmt *add;
        sqlite3_stmt *replace;
};

bare *bare_new(void) {
        bare *b = calloc(1, sizeof(*b));

        if (b == NULL)
                bench_fail("no memory");
        b->bytes = sk_buf_make((size_t)4 << 30);
        b->topics = 1;
        return b;
}

void bare_free(bare *b) {
        sk_buf_free(&b->bytes);
        free(b->records);
        free(b);
}

static bare_record *record_add(bare *b) {
        if (b->count == b->capacity) {
                b->capacity = b->capacity == 0 ? 65536 : 2 * b->capacity;
                b->records = realloc(b->records, b->capacity * sizeof(*b->records));
                if (b->records == NULL)
                        bench_fail("no memory");
        }
        b->records[b->count] = (bare_record){.topic = 0};
        return &b->records[b->count++];
}

static size_t topic_of(bare *b, const sk_topic *topic) {
        for (size_t i = 1; i < b->topics; i++)
                if (sk_slice_is(topic->name, b->names[i]))
                        return i;
        if (b->topics == TOPICS_MAX || topic->name.len >= sizeof(b->names[0]))
                bench_fail("too many topics");
        memcpy(b->names[b->topics], topic->name.at, topic->name.len);
        b->is_journal[b->topics] = topic->kind == SK_TOPIC_JOURNAL;
        return b->topics++;
}

void bare_keep(bare *b, const sk_batch *batch) {
        (void)record_add(b);
        b->commits++;
        for (size_t i = 0; i < batch->record_count; i++) {
                const sk_record *from = &batch->records[i];

                *record_add(b) = (bare_record){.topic = topic_of(b, from->topic),
                                               .at = b->bytes.len,
                                               .key_len = from->key.len,
                                               .headers_len = from->headers.len,
                                               .value_len = from->value.len,
                                               .is_tombstone = !sk_slice_there(from->value)};
                sk_buf_add_slice(&b->bytes, from->key);
                sk_buf_add_slice(&b->bytes, from->headers);
                if (sk_slice_there(from->value))
                        sk_buf_add_slice(&b->bytes, from->value);
        }
        if (b->bytes.err != SK_OK)
                bench_fail("no memory to keep what was written");
}

size_t bare_commits(const bare *b) {
        return b->commits;
}

size_t bare_records(const bare *b) {
        return b->count - b->commits;
}

/* ---- writing ---- */

static void must(bare *b, int result) {
        if (result != SQLITE_OK && result != SQLITE_DONE)
                bench_fail("sqlite: %s", sqlite3_errmsg(b->db));
}

static void run(bare *b, const char *sql) {
        must(b, sqlite3_exec(b->db, sql, NULL, NULL, NULL));
}

static void bare_open(bare *b, const char *path) {
        must(b, sqlite3_open_v2(path, &b->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL));
        run(b, "PRAGMA page_size = " TEXT_OF(PAGE_BYTES));
        run(b, "PRAGMA journal_mode = WAL");
        run(b, "PRAGMA synchronous = FULL");
        must(b, sqlite3_wal_autocheckpoint(b->db, WAL_PAGES));
        run(b, "CREATE TABLE records (id INTEGER PRIMARY KEY, timestamp INTEGER NOT NULL, key BLOB, headers BLOB, "
               "value BLOB) STRICT");
        run(b, "CREATE TABLE journal (id INTEGER PRIMARY KEY, topic INTEGER NOT NULL, timestamp INTEGER NOT NULL, "
               "key BLOB NOT NULL, headers BLOB, value BLOB) STRICT");
        run(b, "CREATE UNIQUE INDEX journal_by_key ON journal (topic, key)");
        must(b, sqlite3_prepare_v2(b->db, "INSERT INTO records (id, timestamp, key, headers, value) VALUES (?,?,?,?,?)",
                                   -1, &b->add, NULL));
        must(b, sqlite3_prepare_v2(b->db,
                                   "INSERT OR REPLACE INTO journal (id, timestamp, key, headers, value, topic) VALUES "
                                   "(?,?,?,?,?,?)",
                                   -1, &b->replace, NULL));
}

static void record_write(bare *b, const bare_record *record, int64_t offset) {
        sqlite3_stmt *statement = b->is_journal[record->topic] ? b->replace : b->add;
        const char *at = b->bytes.at + record->at;
        const char *value = at + record->key_len + record->headers_len;

        (void)sqlite3_bind_int64(statement, 1, (int64_t)record->topic << OFFSET_BITS | offset);
        (void)sqlite3_bind_int64(statement, 2, INT64_C(1790000000000000));
        (void)sqlite3_bind_blob64(statement, 3, at, record->key_len, SQLITE_STATIC);
        (void)sqlite3_bind_blob64(statement, 4, at + record->key_len, record->headers_len, SQLITE_STATIC);
        if (record->is_tombstone)
                (void)sqlite3_bind_null(statement, 5);
        else
                (void)sqlite3_bind_blob64(statement, 5, value, record->value_len, SQLITE_STATIC);
        if (b->is_journal[record->topic])
                (void)sqlite3_bind_int64(statement, 6, (int64_t)record->topic);
        must(b, sqlite3_step(statement));
        must(b, sqlite3_reset(statement));
}

void bare_write(bare *b, const char *path) {
        int64_t offsets[TOPICS_MAX] = {0};

        bare_open(b, path);
        for (size_t i = 0; i < b->count; i++) {
                const bare_record *record = &b->records[i];

                if (record->topic != 0) {
                        record_write(b, record, offsets[record->topic]++);
                        continue;
                }
                if (i > 0)
                        run(b, "COMMIT");
                run(b, "BEGIN IMMEDIATE");
        }
        run(b, "COMMIT");
        (void)sqlite3_finalize(b->add);
        (void)sqlite3_finalize(b->replace);
        must(b, sqlite3_close(b->db));
}
