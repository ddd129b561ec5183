#include <assert.h>

#include "log/local_sql.h"

/*
 * Epochs and retention of a local log. Retention deletes from the beginning of a topic and remembers how far in
 * `low_offset`, so that a reader whose mark lies below learns that it has a gap (rule R2d).
 */

sk_err sk_local_epoch_get(sk_local_file *file, sk_slice team, int64_t *out) {
        sqlite3_stmt *statement = sk_local_statement(file, SK_SQL_EPOCH_GET);
        if (statement == NULL)
                return SK_ERR_IO;
        (void)sqlite3_bind_text64(statement, 1, team.at, team.len, SQLITE_STATIC, SQLITE_UTF8);
        int result = sqlite3_step(statement);
        sk_err err = SK_OK;
        if (result == SQLITE_ROW)
                *out = sqlite3_column_int64(statement, 0);
        else if (result == SQLITE_DONE)
                *out = 0;
        else
                err = sk_local_fail(file, result, "reading the epoch");
        sk_local_done(statement);
        return err;
}

sk_err sk_local_epoch_raise(sk_local_file *file, sk_slice team, int64_t *out) {
        assert(sqlite3_get_autocommit(file->db) == 0);
        sqlite3_stmt *statement = sk_local_statement(file, SK_SQL_EPOCH_RAISE);
        if (statement == NULL)
                return SK_ERR_IO;
        (void)sqlite3_bind_text64(statement, 1, team.at, team.len, SQLITE_STATIC, SQLITE_UTF8);
        sk_err err = sk_local_run(file, statement, "raising the epoch");
        return err == SK_OK ? sk_local_epoch_get(file, team, out) : err;
}

/* Last row that is old enough to go, the first row that is not ends the search; *out_last is 0 for none. */
static sk_err find_old(sk_local_file *file, const sk_local_topic *topic, int64_t before_us, int64_t *out_last) {
        sqlite3_stmt *statement = sk_local_statement(file, SK_SQL_RECORD_AGES);
        if (statement == NULL)
                return SK_ERR_IO;
        (void)sqlite3_bind_int64(statement, 1, sk_local_row_id(topic, 0));
        (void)sqlite3_bind_int64(statement, 2, sk_local_row_id(topic, SK_LOCAL_OFFSET_LAST));

        int64_t candidate = 0;
        int result = SQLITE_DONE;
        for (size_t rows = 0; rows <= SK_LOCAL_RETAIN_ROWS; rows++) {
                result = sqlite3_step(statement);
                if (result != SQLITE_ROW)
                        break;
                *out_last = candidate;
                if (sqlite3_column_int64(statement, 1) >= before_us)
                        break;
                candidate = sqlite3_column_int64(statement, 0);
        }
        sk_err err = result == SQLITE_ROW || result == SQLITE_DONE ? SK_OK
                                                                   : sk_local_fail(file, result, "finding old records");
        sk_local_done(statement);
        return err;
}

static sk_err delete_upto(sk_local_file *file, const sk_local_topic *topic, int64_t last, size_t *out_rows) {
        sqlite3_stmt *statement = sk_local_statement(file, SK_SQL_RECORD_DELETE);
        if (statement == NULL)
                return SK_ERR_IO;
        (void)sqlite3_bind_int64(statement, 1, sk_local_row_id(topic, 0));
        (void)sqlite3_bind_int64(statement, 2, last);
        sk_err err = sk_local_run(file, statement, "deleting old records");
        if (err != SK_OK)
                return err;
        size_t rows = (size_t)sqlite3_changes(file->db);

        statement = sk_local_statement(file, SK_SQL_TOPIC_LOW);
        if (statement == NULL)
                return SK_ERR_IO;
        (void)sqlite3_bind_int64(statement, 1, topic->id);
        (void)sqlite3_bind_int64(statement, 2, (last & SK_LOCAL_OFFSET_LAST) + 1);
        err = sk_local_run(file, statement, "noting what was deleted");
        if (err == SK_OK)
                *out_rows = rows;
        return err;
}

sk_err sk_local_retain_topic(sk_local_file *file, sk_slice topic, int64_t before_us, size_t *out_rows) {
        assert(sqlite3_get_autocommit(file->db) == 0);
        sk_local_topic *found = NULL;
        int64_t last = 0;
        sk_err err = sk_local_topic_find(file, topic, &found);

        *out_rows = 0;
        if (err != SK_OK || found == NULL)
                return err;
        assert(!found->is_journal);
        err = find_old(file, found, before_us, &last);
        if (err != SK_OK || last == 0)
                return err;
        return delete_upto(file, found, last, out_rows);
}

sk_err sk_local_retain_tombstones(sk_local_file *file, int64_t before_us, size_t *out_rows) {
        assert(sqlite3_get_autocommit(file->db) == 0);
        sqlite3_stmt *statement = sk_local_statement(file, SK_SQL_JOURNAL_TOMBSTONES);
        if (statement == NULL)
                return SK_ERR_IO;
        (void)sqlite3_bind_int64(statement, 1, before_us);
        (void)sqlite3_bind_int64(statement, 2, SK_LOCAL_RETAIN_ROWS);
        sk_err err = sk_local_run(file, statement, "deleting tombstones");
        if (err == SK_OK)
                *out_rows = (size_t)sqlite3_changes(file->db);
        return err;
}
