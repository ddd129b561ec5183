#include <assert.h>
#include <stdio.h>

#include "event/topics.h"
#include "kit/alloc.h"
#include "log/local_sql.h"

/*
 * Records of a local log: appended, read, deleted. The next offset of a topic is one behind its last row, looked up
 * once in a transaction; that is why retention always leaves the last row.
 */

static sk_err topic_fail(sk_local_file *file, sk_slice name) {
        int shown = name.len < 100 ? (int)name.len : 100;
        (void)snprintf(file->why, sizeof(file->why), "%.*s is no topic of the protocol", shown, name.at);
        return SK_ERR_SYNTAX;
}

static sk_err topic_remember(sk_local_file *file, sk_slice name, int64_t id, bool is_journal, sk_local_topic **out) {
        sk_local_topic *topic = sk_alloc_zero(1, sizeof(*topic));
        if (topic == NULL)
                return SK_ERR_NO_MEMORY;
        topic->id = id;
        topic->is_journal = is_journal;
        sk_err err = sk_map_put(file->topics, name, topic, NULL);
        if (err != SK_OK) {
                sk_free(topic);
                return err;
        }
        *out = topic;
        return SK_OK;
}

static bool topic_kind(sk_slice name, sk_topic_kind *out) {
        sk_slice chain;
        sk_slice team;
        sk_slice peer;

        return sk_topic_parse(name, &chain, &team, out, &peer);
}

sk_err sk_local_topic_find(sk_local_file *file, sk_slice name, sk_local_topic **out) {
        sk_topic_kind kind;

        *out = sk_map_get(file->topics, name);
        if (*out != NULL)
                return SK_OK;
        if (!topic_kind(name, &kind))
                return topic_fail(file, name);
        sqlite3_stmt *statement = sk_local_statement(file, SK_SQL_TOPIC_FIND);
        if (statement == NULL)
                return SK_ERR_IO;
        (void)sqlite3_bind_text64(statement, 1, name.at, name.len, SQLITE_STATIC, SQLITE_UTF8);
        int result = sqlite3_step(statement);
        int64_t id = result == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
        sk_err err = result == SQLITE_ROW || result == SQLITE_DONE ? SK_OK
                                                                   : sk_local_fail(file, result, "looking up a topic");
        sk_local_done(statement);
        if (err != SK_OK || result == SQLITE_DONE)
                return err;
        if (id < 1 || id >= SK_LOCAL_TOPICS_MAX)
                return SK_ERR_IO;
        return topic_remember(file, name, id, kind == SK_TOPIC_JOURNAL, out);
}

static sk_err topic_make(sk_local_file *file, sk_slice name, sk_local_topic **out) {
        sk_err err = sk_local_topic_find(file, name, out);
        if (err != SK_OK || *out != NULL)
                return err;
        sqlite3_stmt *statement = sk_local_statement(file, SK_SQL_TOPIC_ADD);
        if (statement == NULL)
                return SK_ERR_IO;
        (void)sqlite3_bind_text64(statement, 1, name.at, name.len, SQLITE_STATIC, SQLITE_UTF8);
        err = sk_local_run(file, statement, "making a topic");
        if (err == SK_OK)
                err = sk_local_topic_find(file, name, out);
        return err == SK_OK && *out == NULL ? SK_ERR_IO : err;
}

sk_err sk_local_topic_make(sk_local_file *file, sk_slice topic) {
        sk_local_topic *made = NULL;
        return topic_make(file, topic, &made);
}

/* The last row of a topic; *out_id is 0 when it has none. */
static sk_err last_row(sk_local_file *file, const sk_local_topic *topic, int64_t *out_id, int64_t *out_timestamp) {
        sqlite3_stmt *statement =
                sk_local_statement(file, topic->is_journal ? SK_SQL_JOURNAL_LAST : SK_SQL_RECORD_LAST);
        if (statement == NULL)
                return SK_ERR_IO;
        (void)sqlite3_bind_int64(statement, 1, sk_local_row_id(topic, 0));
        (void)sqlite3_bind_int64(statement, 2, sk_local_row_id(topic, SK_LOCAL_OFFSET_LAST));
        int result = sqlite3_step(statement);
        sk_err err = SK_OK;
        *out_id = 0;
        *out_timestamp = 0;
        if (result == SQLITE_ROW) {
                *out_id = sqlite3_column_int64(statement, 0);
                *out_timestamp = sqlite3_column_int64(statement, 1);
        } else if (result != SQLITE_DONE) {
                err = sk_local_fail(file, result, "finding the end of a topic");
        }
        sk_local_done(statement);
        return err;
}

static sk_err next_offset(sk_local_file *file, sk_local_topic *topic, int64_t *out) {
        if (topic->transaction != file->transaction || file->transaction == 0) {
                int64_t last = 0;
                int64_t timestamp = 0;
                sk_err err = last_row(file, topic, &last, &timestamp);
                if (err != SK_OK)
                        return err;
                topic->next_offset = last == 0 ? 0 : (last & SK_LOCAL_OFFSET_LAST) + 1;
                topic->transaction = file->transaction;
        }
        *out = topic->next_offset;
        return SK_OK;
}

sk_err sk_local_append_row(sk_local_file *file, const sk_local_append *append, int64_t *out_offset) {
        assert(file != NULL);
        assert(append != NULL);
        assert(sqlite3_get_autocommit(file->db) == 0);
        sk_local_topic *topic = NULL;
        int64_t offset = 0;
        sk_err err = topic_make(file, append->topic, &topic);
        if (err == SK_OK)
                err = next_offset(file, topic, &offset);
        if (err != SK_OK)
                return err;
        if (offset >= SK_LOCAL_OFFSET_LAST)
                return SK_ERR_FULL;

        sqlite3_stmt *statement = sk_local_statement(file, topic->is_journal ? SK_SQL_JOURNAL_ADD : SK_SQL_RECORD_ADD);
        if (statement == NULL)
                return SK_ERR_IO;
        (void)sqlite3_bind_int64(statement, 1, sk_local_row_id(topic, offset));
        (void)sqlite3_bind_int64(statement, 2, append->timestamp_us);
        sk_local_bind_bytes(statement, 3, append->key);
        sk_local_bind_bytes(statement, 4, append->headers);
        sk_local_bind_bytes(statement, 5, append->value);
        if (topic->is_journal)
                (void)sqlite3_bind_int64(statement, 6, topic->id);
        err = sk_local_run(file, statement, "writing a record");
        if (err != SK_OK)
                return err;
        topic->next_offset = offset + 1;
        if (out_offset != NULL)
                *out_offset = offset;
        return SK_OK;
}

static sk_local_row row_of(sqlite3_stmt *statement) {
        return (sk_local_row){.offset = sqlite3_column_int64(statement, 0) & SK_LOCAL_OFFSET_LAST,
                              .timestamp_us = sqlite3_column_int64(statement, 1),
                              .key = sk_local_column_bytes(statement, 2),
                              .headers = sk_local_column_bytes(statement, 3),
                              .value = sk_local_column_bytes(statement, 4)};
}

/* A walk over rows: who looks at them, and how far it has come. */
typedef struct walk {
        size_t max;
        sk_local_visit *visit;
        void *self;
        int64_t next;
        size_t rows;
} walk;

/* Steps a bound statement through at most max rows. */
static sk_err walk_rows(sk_local_file *file, sqlite3_stmt *statement, walk *on) {
        sk_err err = SK_OK;

        while (on->rows < on->max) {
                int result = sqlite3_step(statement);
                if (result == SQLITE_DONE)
                        break;
                if (result != SQLITE_ROW) {
                        err = sk_local_fail(file, result, "reading records");
                        break;
                }
                sk_local_row row = row_of(statement);
                on->next = row.offset + 1;
                on->rows++;
                if (!on->visit(on->self, &row))
                        break;
        }
        sk_local_done(statement);
        return err;
}

sk_err sk_local_read(sk_local_file *file, const sk_local_range *range, sk_local_visit *visit, void *self,
                     int64_t *out_next, size_t *out_rows) {
        assert(file != NULL);
        assert(range->from_offset >= 0);
        walk on = {.max = range->max, .visit = visit, .self = self, .next = range->from_offset};
        sk_local_topic *topic = NULL;
        sk_err err = sk_local_topic_find(file, range->topic, &topic);

        if (err == SK_OK && topic != NULL && on.next <= SK_LOCAL_OFFSET_LAST) {
                sqlite3_stmt *statement =
                        sk_local_statement(file, topic->is_journal ? SK_SQL_JOURNAL_READ : SK_SQL_RECORD_READ);
                if (statement == NULL)
                        return SK_ERR_IO;
                (void)sqlite3_bind_int64(statement, 1, sk_local_row_id(topic, on.next));
                (void)sqlite3_bind_int64(statement, 2, sk_local_row_id(topic, SK_LOCAL_OFFSET_LAST));
                err = walk_rows(file, statement, &on);
        }
        if (out_next != NULL)
                *out_next = on.next;
        if (out_rows != NULL)
                *out_rows = on.rows;
        return err;
}

static sk_err read_keyed(sk_local_file *file, sk_sql sql, sk_slice journal, sk_slice key, walk on) {
        sk_local_topic *topic = NULL;
        sk_err err = sk_local_topic_find(file, journal, &topic);

        if (err != SK_OK || topic == NULL)
                return err;
        if (!topic->is_journal)
                return topic_fail(file, journal);
        sqlite3_stmt *statement = sk_local_statement(file, sql);
        if (statement == NULL)
                return SK_ERR_IO;
        (void)sqlite3_bind_int64(statement, 1, topic->id);
        sk_local_bind_bytes(statement, 2, sk_slice_there(key) ? key : SK_SLICE(""));
        return walk_rows(file, statement, &on);
}

sk_err sk_local_read_key(sk_local_file *file, sk_slice journal, sk_slice key, sk_local_visit *visit, void *self) {
        return read_keyed(file, SK_SQL_JOURNAL_KEY, journal, key, (walk){.max = 1, .visit = visit, .self = self});
}

sk_err sk_local_read_keys(sk_local_file *file, sk_slice journal, sk_slice from_key, size_t max, sk_local_visit *visit,
                          void *self) {
        return read_keyed(file, SK_SQL_JOURNAL_KEYS, journal, from_key,
                          (walk){.max = max, .visit = visit, .self = self});
}

static sk_err low_of(sk_local_file *file, sk_slice topic, int64_t *out) {
        sqlite3_stmt *statement = sk_local_statement(file, SK_SQL_TOPIC_FIND);
        if (statement == NULL)
                return SK_ERR_IO;
        (void)sqlite3_bind_text64(statement, 1, topic.at, topic.len, SQLITE_STATIC, SQLITE_UTF8);
        int result = sqlite3_step(statement);
        sk_err err = SK_OK;
        if (result == SQLITE_ROW)
                *out = sqlite3_column_int64(statement, 1);
        else if (result != SQLITE_DONE)
                err = sk_local_fail(file, result, "looking up a topic");
        sk_local_done(statement);
        return err;
}

sk_err sk_local_ends_of(sk_local_file *file, sk_slice topic, sk_local_ends *out) {
        sk_local_topic *found = NULL;
        sk_local_ends ends = {0};
        int64_t last = 0;
        int64_t timestamp = 0;
        sk_err err = sk_local_topic_find(file, topic, &found);

        if (err == SK_OK && found != NULL) {
                err = last_row(file, found, &last, &timestamp);
                if (err == SK_OK)
                        err = low_of(file, topic, &ends.low_offset);
                ends.end_offset = last == 0 ? ends.low_offset : (last & SK_LOCAL_OFFSET_LAST) + 1;
        }
        if (err == SK_OK)
                *out = ends;
        return err;
}

sk_err sk_local_topic_next(sk_local_file *file, sk_slice after, char *out_name, size_t room) {
        sqlite3_stmt *statement = sk_local_statement(file, SK_SQL_TOPIC_NEXT);
        if (statement == NULL)
                return SK_ERR_IO;
        sk_slice from = sk_slice_there(after) ? after : SK_SLICE("");
        (void)sqlite3_bind_text64(statement, 1, from.at, from.len, SQLITE_STATIC, SQLITE_UTF8);
        int result = sqlite3_step(statement);
        sk_err err = SK_ERR_NOT_FOUND;
        if (result == SQLITE_ROW) {
                sk_slice name = sk_local_column_bytes(statement, 0);
                err = name.len < room ? SK_OK : SK_ERR_SIZE;
                if (err == SK_OK)
                        (void)snprintf(out_name, room, "%.*s", (int)name.len, name.at);
        } else if (result != SQLITE_DONE) {
                err = sk_local_fail(file, result, "listing topics");
        }
        sk_local_done(statement);
        return err;
}
