#ifndef SK_LOG_LOCAL_SQL_H
#define SK_LOG_LOCAL_SQL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "event/record.h"
#include "kit/map.h"
#include "log/local_file.h"

/*
 * What the files behind log/local_file.h share, and nobody else: the connection itself and its statements.
 * A row's id is topic id x 2^44 + offset, so that the rows of a topic stand together, in order, without an index.
 */

#define SK_LOCAL_OFFSET_BITS 44
#define SK_LOCAL_OFFSET_LAST ((INT64_C(1) << SK_LOCAL_OFFSET_BITS) - 1)
#define SK_LOCAL_TOPICS_MAX (INT64_C(1) << 18)

typedef enum sk_sql {
        SK_SQL_BEGIN_WRITE,
        SK_SQL_BEGIN_READ,
        SK_SQL_COMMIT,
        SK_SQL_ROLLBACK,
        SK_SQL_TOPIC_FIND,
        SK_SQL_TOPIC_ADD,
        SK_SQL_TOPIC_NEXT,
        SK_SQL_TOPIC_LOW,
        SK_SQL_RECORD_ADD,
        SK_SQL_RECORD_READ,
        SK_SQL_RECORD_LAST,
        SK_SQL_RECORD_AGES,
        SK_SQL_RECORD_DELETE,
        SK_SQL_JOURNAL_ADD,
        SK_SQL_JOURNAL_READ,
        SK_SQL_JOURNAL_LAST,
        SK_SQL_JOURNAL_KEY,
        SK_SQL_JOURNAL_KEYS,
        SK_SQL_JOURNAL_TOMBSTONES,
        SK_SQL_EPOCH_GET,
        SK_SQL_EPOCH_RAISE,
        SK_SQL_DATA_VERSION,
        SK_SQLS,
} sk_sql;

/** What a connection knows of a topic. */
typedef struct sk_local_topic {
        int64_t id;
        bool is_journal;
        uint64_t transaction; /**< the one in which next_offset was found */
        int64_t next_offset;
} sk_local_topic;

struct sk_local_file {
        sqlite3 *db;
        sqlite3_stmt *statements[SK_SQLS]; /**< prepared on first use */
        sk_map *topics;                    /**< name to sk_local_topic */
        uint64_t transaction;              /**< number of the present or last write transaction */
        size_t wal_pages;
        size_t page_bytes;
        int waited_us;
        bool (*gives_up)(void *self);
        void *gives_up_self;
        char why[SK_LOCAL_WHY_MAX];
};

/** The statement, reset and ready to be bound; NULL when it cannot be prepared (why says so). */
sqlite3_stmt *sk_local_statement(sk_local_file *file, sk_sql sql);
/** Ends a statement and gives it back. */
void sk_local_done(sqlite3_stmt *statement);
/** Turns a result of SQLite into an error and fills why: "@p what: message". */
sk_err sk_local_fail(sk_local_file *file, int result, const char *what);
/** Runs a statement that gives no row. */
sk_err sk_local_run(sk_local_file *file, sqlite3_stmt *statement, const char *what);
/** NULL bytes (SK_NONE) become NULL, empty ones an empty blob. The bytes must live until the statement is done. */
void sk_local_bind_bytes(sqlite3_stmt *statement, int index, sk_slice bytes);
/** Bytes of a column; SK_NONE: NULL. Borrowed until the next step. */
sk_slice sk_local_column_bytes(sqlite3_stmt *statement, int column);
/** The topic as the file has it; *out is NULL when it is not there. */
sk_err sk_local_topic_find(sk_local_file *file, sk_slice name, sk_local_topic **out);
/** Forgets every topic: after a rollback some of them may never have been there. */
void sk_local_topics_forget(sk_local_file *file);
/** Prepares the tables and versions of a file just opened. */
sk_err sk_local_schema(sk_local_file *file, bool may_create);

static inline int64_t sk_local_row_id(const sk_local_topic *topic, int64_t offset) {
        return topic->id << SK_LOCAL_OFFSET_BITS | offset;
}

#endif
