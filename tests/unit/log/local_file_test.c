#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log/local_file.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "support/folder.h"

#define WORK SK_SLICE("ssc.network.work")
#define CALLS SK_SLICE("ssc.network.calls.desk")
#define JOURNAL SK_SLICE("ssc.network.journal")

typedef struct fixture {
        test_folder folder;
        char path[1024];
        sk_local_file *file;
} fixture;

static int setup(void **state) {
        static fixture f;

        folder_make(&f.folder);
        (void)snprintf(f.path, sizeof(f.path), "%s", folder_file(&f.folder, "chain.log"));
        assert_int_equal(sk_local_file_open(f.path, true, NULL, &f.file), SK_OK);
        *state = &f;
        return 0;
}

static int teardown(void **state) {
        fixture *f = *state;

        sk_local_file_free(f->file);
        folder_remove(&f->folder);
        return 0;
}

static void append(sk_local_file *file, sk_slice topic, int64_t time_us, const char *key, const char *value) {
        sk_local_append record = {.topic = topic,
                                  .timestamp_us = time_us,
                                  .key = sk_slice_of(key),
                                  .headers = SK_SLICE(""),
                                  .value = sk_slice_of(value)};
        assert_int_equal(sk_local_append_row(file, &record, NULL), SK_OK);
}

static void append_alone(fixture *f, sk_slice topic, int64_t time_us, const char *key, const char *value) {
        assert_int_equal(sk_local_begin(f->file), SK_OK);
        append(f->file, topic, time_us, key, value);
        assert_int_equal(sk_local_commit(f->file), SK_OK);
}

/* What was read, as "offset:key=value " for each row. */
typedef struct seen {
        char text[4096];
} seen;

static bool see(void *self, const sk_local_row *row) {
        seen *all = self;
        size_t len = strlen(all->text);

        (void)snprintf(all->text + len, sizeof(all->text) - len, "%lld:%.*s=%.*s ", (long long)row->offset,
                       (int)row->key.len, row->key.at, (int)row->value.len,
                       sk_slice_there(row->value) ? row->value.at : "");
        return true;
}

static const char *read_all(fixture *f, sk_slice topic, int64_t from) {
        static seen all;
        sk_local_range range = {.topic = topic, .from_offset = from, .max = 1000};

        all.text[0] = '\0';
        assert_int_equal(sk_local_read(f->file, &range, see, &all, NULL, NULL), SK_OK);
        return all.text;
}

static void test_offsets_of_each_topic_begin_at_zero_and_have_no_holes(void **state) {
        fixture *f = *state;

        append_alone(f, WORK, 1, "a", "1");
        append_alone(f, CALLS, 2, "b", "2");
        append_alone(f, WORK, 3, "c", "3");
        assert_string_equal(read_all(f, WORK, 0), "0:a=1 1:c=3 ");
        assert_string_equal(read_all(f, CALLS, 0), "0:b=2 ");
        assert_string_equal(read_all(f, WORK, 1), "1:c=3 ");
        assert_string_equal(read_all(f, SK_SLICE("ssc.network.events"), 0), "");
}

static void test_what_is_rolled_back_was_never_there(void **state) {
        fixture *f = *state;

        assert_int_equal(sk_local_begin(f->file), SK_OK);
        append(f->file, WORK, 1, "a", "1");
        sk_local_rollback(f->file);
        append_alone(f, CALLS, 1, "b", "2");
        append_alone(f, WORK, 1, "c", "3");
        assert_string_equal(read_all(f, WORK, 0), "0:c=3 ");
        assert_string_equal(read_all(f, CALLS, 0), "0:b=2 ");
}

static void test_a_journal_keeps_the_newest_of_a_key(void **state) {
        fixture *f = *state;
        static seen all;

        append_alone(f, JOURNAL, 1, "desk/1", "old");
        append_alone(f, JOURNAL, 2, "mark", "m");
        append_alone(f, JOURNAL, 3, "desk/1", "new");
        append_alone(f, JOURNAL, 4, "mark", NULL);
        assert_string_equal(read_all(f, JOURNAL, 0), "2:desk/1=new 3:mark= ");
        all.text[0] = '\0';
        assert_int_equal(sk_local_read_key(f->file, JOURNAL, SK_SLICE("desk/1"), see, &all), SK_OK);
        assert_string_equal(all.text, "2:desk/1=new ");
        all.text[0] = '\0';
        assert_int_equal(sk_local_read_key(f->file, JOURNAL, SK_SLICE("desk/2"), see, &all), SK_OK);
        assert_string_equal(all.text, "");
}

static void test_an_empty_value_is_no_tombstone(void **state) {
        fixture *f = *state;

        append_alone(f, JOURNAL, 1, "k", "");
        append_alone(f, JOURNAL, 1, "l", NULL);
        assert_int_equal(sk_local_begin(f->file), SK_OK);
        size_t rows = 0;
        append(f->file, JOURNAL, 9, "z", "1");
        assert_int_equal(sk_local_retain_tombstones(f->file, 5, &rows), SK_OK);
        assert_int_equal(sk_local_commit(f->file), SK_OK);
        assert_int_equal(rows, 1);
        assert_string_equal(read_all(f, JOURNAL, 0), "0:k= 2:z=1 ");
}

static void test_names_that_are_no_topics_are_refused(void **state) {
        fixture *f = *state;
        static const char *const names[] = {"",          "work",         "ssc.network",          "ssc.network.other",
                                            "../x.work", "ssc.a.work.b", "ssc.network.calls",    "SSC.network.work",
                                            "ssc..work", "a.b.work\n",   "ssc.network.journal.x"};

        assert_int_equal(sk_local_begin(f->file), SK_OK);
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                sk_local_append record = {.topic = sk_slice_of(names[i]), .key = SK_SLICE("k"), .value = SK_SLICE("v")};
                assert_int_equal(sk_local_append_row(f->file, &record, NULL), SK_ERR_SYNTAX);
        }
        sk_local_rollback(f->file);
}

static void test_retention_deletes_at_most_its_bound_and_never_the_last_row(void **state) {
        fixture *f = *state;
        size_t rows = 0;
        sk_local_ends ends;

        assert_int_equal(sk_local_begin(f->file), SK_OK);
        for (int i = 0; i < SK_LOCAL_RETAIN_ROWS + 101; i++)
                append(f->file, WORK, i, "k", "v");
        assert_int_equal(sk_local_commit(f->file), SK_OK);

        assert_int_equal(sk_local_begin(f->file), SK_OK);
        assert_int_equal(sk_local_retain_topic(f->file, WORK, 100000, &rows), SK_OK);
        assert_int_equal(sk_local_commit(f->file), SK_OK);
        assert_int_equal(rows, SK_LOCAL_RETAIN_ROWS);
        assert_int_equal(sk_local_begin(f->file), SK_OK);
        assert_int_equal(sk_local_retain_topic(f->file, WORK, 100000, &rows), SK_OK);
        assert_int_equal(sk_local_commit(f->file), SK_OK);
        assert_int_equal(rows, 100);

        assert_int_equal(sk_local_ends_of(f->file, WORK, &ends), SK_OK);
        assert_int_equal(ends.low_offset, SK_LOCAL_RETAIN_ROWS + 100);
        assert_int_equal(ends.end_offset, SK_LOCAL_RETAIN_ROWS + 101);
        append_alone(f, WORK, 1, "next", "n");
        assert_string_equal(read_all(f, WORK, 0), "600:k=v 601:next=n ");
}

static void test_retention_stops_at_the_first_row_that_is_young(void **state) {
        fixture *f = *state;
        size_t rows = 9;

        append_alone(f, WORK, 10, "a", "1");
        append_alone(f, WORK, 20, "b", "2");
        append_alone(f, WORK, 30, "c", "3");
        assert_int_equal(sk_local_begin(f->file), SK_OK);
        assert_int_equal(sk_local_retain_topic(f->file, WORK, 10, &rows), SK_OK);
        assert_int_equal(rows, 0);
        assert_int_equal(sk_local_retain_topic(f->file, WORK, 20, &rows), SK_OK);
        assert_int_equal(rows, 1);
        assert_int_equal(sk_local_commit(f->file), SK_OK);
        assert_string_equal(read_all(f, WORK, 0), "1:b=2 2:c=3 ");
}

static void test_the_last_tombstone_of_a_journal_stays_so_that_offsets_never_come_back(void **state) {
        fixture *f = *state;
        size_t rows = 0;

        append_alone(f, JOURNAL, 1, "a", "1");
        append_alone(f, JOURNAL, 2, "a", NULL);
        assert_int_equal(sk_local_begin(f->file), SK_OK);
        assert_int_equal(sk_local_retain_tombstones(f->file, 100, &rows), SK_OK);
        assert_int_equal(sk_local_commit(f->file), SK_OK);
        assert_int_equal(rows, 0);
        append_alone(f, JOURNAL, 3, "b", "2");
        assert_string_equal(read_all(f, JOURNAL, 0), "1:a= 2:b=2 ");
}

static void test_epochs_only_rise(void **state) {
        fixture *f = *state;
        int64_t epoch = 7;

        assert_int_equal(sk_local_epoch_get(f->file, SK_SLICE("network"), &epoch), SK_OK);
        assert_int_equal(epoch, 0);
        for (int64_t i = 1; i < 4; i++) {
                assert_int_equal(sk_local_begin(f->file), SK_OK);
                assert_int_equal(sk_local_epoch_raise(f->file, SK_SLICE("network"), &epoch), SK_OK);
                assert_int_equal(sk_local_commit(f->file), SK_OK);
                assert_int_equal(epoch, i);
        }
        assert_int_equal(sk_local_epoch_get(f->file, SK_SLICE("desk"), &epoch), SK_OK);
        assert_int_equal(epoch, 0);
}

static bool at_once(void *self) {
        (void)self;
        return true;
}

static void test_a_second_writer_is_busy_and_a_commit_is_seen_by_the_other(void **state) {
        fixture *f = *state;
        sk_local_file *other = NULL;
        int64_t before = 0;
        int64_t after = 0;

        assert_int_equal(sk_local_file_open(f->path, false, NULL, &other), SK_OK);
        sk_local_file_give_up(other, at_once, NULL);
        assert_int_equal(sk_local_data_version(other, &before), SK_OK);
        assert_int_equal(sk_local_begin(f->file), SK_OK);
        append(f->file, WORK, 1, "a", "1");
        assert_int_equal(sk_local_begin(other), SK_ERR_BUSY);
        assert_int_equal(sk_local_commit(f->file), SK_OK);
        assert_int_equal(sk_local_data_version(other, &after), SK_OK);
        assert_int_not_equal(before, after);
        assert_int_equal(sk_local_begin(other), SK_OK);
        append(other, WORK, 1, "b", "2");
        assert_int_equal(sk_local_commit(other), SK_OK);
        sk_local_file_free(other);
        assert_string_equal(read_all(f, WORK, 0), "0:a=1 1:b=2 ");
}

static void write_file(const char *path, const void *bytes, size_t len) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, bytes, len), (ssize_t)len);
        close(fd);
}

static void test_files_that_are_no_log_are_refused_with_a_reason(void **state) {
        fixture *f = *state;
        char why[SK_LOCAL_WHY_MAX];
        char junk[8192];
        sk_local_file *other = NULL;

        memset(junk, 'x', sizeof(junk));
        const char *path = folder_file(&f->folder, "junk");
        write_file(path, junk, sizeof(junk));
        assert_int_equal(sk_local_file_open(path, true, why, &other), SK_ERR_VERSION);
        assert_non_null(strstr(why, "not a database"));

        path = folder_file(&f->folder, "absent");
        assert_int_equal(sk_local_file_open(path, false, why, &other), SK_ERR_NOT_FOUND);
        assert_non_null(strstr(why, "there is no log"));
        assert_int_equal(access(path, F_OK), -1);

        path = folder_file(&f->folder, "empty");
        write_file(path, "", 0);
        assert_int_equal(sk_local_file_open(path, false, why, &other), SK_ERR_NOT_FOUND);
        assert_non_null(strstr(why, "a daemon makes the log when it starts"));

        path = folder_file(&f->folder, "no/such/folder/chain.log");
        assert_int_equal(sk_local_file_open(path, true, why, &other), SK_ERR_CONFIG);
        assert_int_equal(sk_local_file_open("", true, why, &other), SK_ERR_SIZE);
        assert_null(other);
}

static void *make_log(void *path) {
        char why[SK_LOCAL_WHY_MAX];
        sk_local_file *made = NULL;

        assert_int_equal(sk_local_file_open(path, true, why, &made), SK_OK);
        sk_local_file_free(made);
        return NULL;
}

/* The file is there before its tables are. */
static void test_a_log_that_is_being_made_is_waited_for(void **state) {
        fixture *f = *state;
        char why[SK_LOCAL_WHY_MAX];
        sk_local_file *other = NULL;
        pthread_t maker;

        for (unsigned i = 0; i < 20; i++) {
                char name[16];
                char path[FOLDER_PATH_MAX];
                (void)snprintf(name, sizeof(name), "new-%u", i);
                (void)snprintf(path, sizeof(path), "%s", folder_file(&f->folder, name));
                write_file(path, "", 0);
                assert_int_equal(pthread_create(&maker, NULL, make_log, path), 0);
                sk_err err = sk_local_file_open(path, false, why, &other);
                assert_int_equal(pthread_join(maker, NULL), 0);
                if (err == SK_ERR_NOT_FOUND) /* it took too long, and is there now */
                        err = sk_local_file_open(path, false, why, &other);
                assert_int_equal(err, SK_OK);
                sk_local_file_free(other);
        }
}

static void run_sql(const char *path, const char *sql) {
        sqlite3 *db = NULL;

        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_other_databases_and_later_formats_are_refused(void **state) {
        fixture *f = *state;
        char why[SK_LOCAL_WHY_MAX];
        sk_local_file *other = NULL;

        const char *path = folder_file(&f->folder, "other.db");
        run_sql(path, "CREATE TABLE t (x)");
        assert_int_equal(sk_local_file_open(path, true, why, &other), SK_ERR_VERSION);
        assert_non_null(strstr(why, "no log of Schakel"));

        sk_local_file_free(f->file);
        f->file = NULL;
        run_sql(f->path, "PRAGMA user_version = 2");
        assert_int_equal(sk_local_file_open(f->path, true, why, &other), SK_ERR_VERSION);
        assert_non_null(strstr(why, "another version"));
}

static void test_large_values_come_back_whole(void **state) {
        fixture *f = *state;
        static char large[256 * 1024 + 1];
        static seen all;

        memset(large, 'v', sizeof(large) - 1);
        append_alone(f, WORK, 1, "k", large);
        sk_local_range range = {.topic = WORK, .max = 1};
        all.text[0] = '\0';
        size_t rows = 0;
        int64_t next = 0;
        assert_int_equal(sk_local_read(f->file, &range, see, &all, &next, &rows), SK_OK);
        assert_int_equal(rows, 1);
        assert_int_equal(next, 1);
        assert_int_equal(strlen(all.text), sizeof(all.text) - 1);
}

static void test_topics_are_listed_by_name(void **state) {
        fixture *f = *state;
        char name[64];

        append_alone(f, WORK, 1, "k", "v");
        append_alone(f, CALLS, 1, "k", "v");
        assert_int_equal(sk_local_topic_next(f->file, SK_NONE, name, sizeof(name)), SK_OK);
        assert_string_equal(name, "ssc.network.calls.desk");
        assert_int_equal(sk_local_topic_next(f->file, SK_SLICE("ssc.network.calls.desk"), name, sizeof(name)), SK_OK);
        assert_string_equal(name, "ssc.network.work");
        assert_int_equal(sk_local_topic_next(f->file, SK_SLICE("ssc.network.work"), name, sizeof(name)),
                         SK_ERR_NOT_FOUND);
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                WITH_FILE(test_offsets_of_each_topic_begin_at_zero_and_have_no_holes),
                WITH_FILE(test_what_is_rolled_back_was_never_there),
                WITH_FILE(test_a_journal_keeps_the_newest_of_a_key),
                WITH_FILE(test_an_empty_value_is_no_tombstone),
                WITH_FILE(test_names_that_are_no_topics_are_refused),
                WITH_FILE(test_retention_deletes_at_most_its_bound_and_never_the_last_row),
                WITH_FILE(test_retention_stops_at_the_first_row_that_is_young),
                WITH_FILE(test_the_last_tombstone_of_a_journal_stays_so_that_offsets_never_come_back),
                WITH_FILE(test_epochs_only_rise),
                WITH_FILE(test_a_second_writer_is_busy_and_a_commit_is_seen_by_the_other),
                WITH_FILE(test_files_that_are_no_log_are_refused_with_a_reason),
                WITH_FILE(test_a_log_that_is_being_made_is_waited_for),
                WITH_FILE(test_other_databases_and_later_formats_are_refused),
                WITH_FILE(test_large_values_come_back_whole),
                WITH_FILE(test_topics_are_listed_by_name),
        };

        return cmocka_run_group_tests_name("local_file", tests, NULL, NULL);
}
