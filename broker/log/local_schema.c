#include <stdio.h>
#include <string.h>

#include "log/local_sql.h"

/*
 * The tables of a local log and their version. The application id says that a file is ours at all; user_version is
 * the format: 1 today. A file of a later format is refused, never guessed at.
 */

#define APPLICATION_ID 0x53636b6c /* "Sckl" */
#define FORMAT 1
#define WAL_TRIES 100
#define TRY_MS 10
#define MAKING_TRIES 200 /* so long a log that somebody is making is waited for */

static const char schema[] =
        "CREATE TABLE topics (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, "
        "low_offset INTEGER NOT NULL DEFAULT 0) STRICT;"
        "CREATE TABLE records (id INTEGER PRIMARY KEY, timestamp INTEGER NOT NULL, key BLOB, headers BLOB, value BLOB)"
        " STRICT;"
        "CREATE TABLE journal (id INTEGER PRIMARY KEY, topic INTEGER NOT NULL, timestamp INTEGER NOT NULL, "
        "key BLOB NOT NULL, headers BLOB, value BLOB) STRICT;"
        "CREATE UNIQUE INDEX journal_by_key ON journal (topic, key);"
        "CREATE INDEX journal_tombstones ON journal (timestamp) WHERE value IS NULL;"
        "CREATE TABLE epochs (team TEXT PRIMARY KEY, epoch INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

static sk_err pragma_int(sk_local_file *file, const char *text, int64_t *out) {
        sqlite3_stmt *statement = NULL;
        int result = sqlite3_prepare_v2(file->db, text, -1, &statement, NULL);
        if (result == SQLITE_OK)
                result = sqlite3_step(statement);
        sk_err err = result == SQLITE_ROW ? SK_OK : sk_local_fail(file, result, "reading the log's version");
        if (err == SK_OK)
                *out = sqlite3_column_int64(statement, 0);
        (void)sqlite3_finalize(statement);
        return err;
}

typedef struct sk_versions {
        int64_t application;
        int64_t format;
        int64_t tables;
        int64_t page_bytes;
} sk_versions;

static sk_err versions_read(sk_local_file *file, sk_versions *out) {
        sk_err err = pragma_int(file, "PRAGMA application_id", &out->application);
        if (err == SK_OK)
                err = pragma_int(file, "PRAGMA user_version", &out->format);
        if (err == SK_OK)
                err = pragma_int(file, "SELECT count(*) FROM sqlite_schema", &out->tables);
        if (err == SK_OK)
                err = pragma_int(file, "PRAGMA page_size", &out->page_bytes);
        return err;
}

static sk_err refuse(sk_local_file *file, const char *text, int64_t version) {
        (void)snprintf(file->why, sizeof(file->why), "%s (format %lld, this program reads %d)", text,
                       (long long)version, FORMAT);
        return SK_ERR_VERSION;
}

static bool is_empty(const sk_versions *versions) {
        return versions->application == 0 && versions->tables == 0;
}

static sk_err versions_check(sk_local_file *file, const sk_versions *versions) {
        if (versions->application != APPLICATION_ID)
                return refuse(file, "the file is no log of Schakel; give another path", versions->format);
        if (versions->format != FORMAT)
                return refuse(file, "the log was written by another version of Schakel; use that one",
                              versions->format);
        return SK_OK;
}

/*
 * Switching to WAL asks for the file alone and does not always wait for it. The size of a page counts for a file that
 * is still empty: a busy log writes and copies pages more than anything else, and takes a seventh less time with twice
 * the usual size; beyond that a single call costs more than a busy minute saves.
 */
static sk_err use_wal(sk_local_file *file) {
        int result = SQLITE_BUSY;

        for (int i = 0; i < WAL_TRIES && (result & 0xff) == SQLITE_BUSY; i++) {
                if (i > 0)
                        (void)sqlite3_sleep(TRY_MS);
                result = sqlite3_exec(file->db, "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL", NULL, NULL, NULL);
        }
        return result == SQLITE_OK ? SK_OK : sk_local_fail(file, result, "switching to a write-ahead log");
}

static sk_err tables_make(sk_local_file *file) {
        char text[sizeof(schema) + 128];
        sk_versions versions = {0};
        sk_err err = sk_local_begin(file);
        if (err != SK_OK)
                return err;
        err = versions_read(file, &versions);
        if (err != SK_OK || !is_empty(&versions)) {
                /* Somebody else made them while we waited. */
                sk_local_rollback(file);
                return err;
        }
        (void)snprintf(text, sizeof(text), "%s PRAGMA application_id = %d; PRAGMA user_version = %d;", schema,
                       APPLICATION_ID, FORMAT);
        int result = sqlite3_exec(file->db, text, NULL, NULL, NULL);
        if (result != SQLITE_OK) {
                err = sk_local_fail(file, result, "making the tables");
                sk_local_rollback(file);
                return err;
        }
        return sk_local_commit(file);
}

/* All of them as they are at one moment: somebody may be making the tables right now. What fails is told by its error. */
static sk_err versions_see(sk_local_file *file, sk_versions *out) {
        int result = sqlite3_exec(file->db, "BEGIN", NULL, NULL, NULL);
        if (result != SQLITE_OK)
                return sk_local_fail(file, result, "reading the log's version");
        sk_err err = versions_read(file, out);
        if (err == SK_OK)
                sk_local_rollback(file);
        return err;
}

/* A daemon makes the file first and its tables then. */
static sk_err versions_await(sk_local_file *file, sk_versions *out) {
        sk_err err = versions_see(file, out);

        for (int i = 0; i < MAKING_TRIES && err == SK_OK && is_empty(out); i++) {
                (void)sqlite3_sleep(TRY_MS);
                err = versions_see(file, out);
        }
        if (err == SK_OK && is_empty(out)) {
                (void)snprintf(file->why, sizeof(file->why),
                               "there is nothing in %s yet; a daemon makes the log when it starts",
                               sqlite3_db_filename(file->db, "main"));
                err = SK_ERR_NOT_FOUND;
        }
        return err;
}

static sk_err versions_make(sk_local_file *file, sk_versions *out) {
        sk_err err = versions_see(file, out);

        if (err != SK_OK || !is_empty(out))
                return err;
        err = use_wal(file);
        if (err == SK_OK)
                err = tables_make(file);
        return err == SK_OK ? versions_see(file, out) : err;
}

sk_err sk_local_schema(sk_local_file *file, bool may_create) {
        sk_versions versions = {0};
        sk_err err = may_create ? versions_make(file, &versions) : versions_await(file, &versions);

        if (err == SK_OK)
                err = versions_check(file, &versions);
        if (err == SK_OK)
                err = use_wal(file);
        file->page_bytes = versions.page_bytes > 0 ? (size_t)versions.page_bytes : 4096;
        return err;
}
