#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/capability.h>
#include <sqlite3.h>

#include "log/local_file.h"
#include "support/link_fixture.h"

/*
 * The daemon and its file: none, a wrong one, one that others hold, one that cannot grow. Its children have no power to
 * pass over permissions, also where the tests are run by root.
 */

static link_fixture f;

static int setup(void **state) {
        (void)state;
        return link_fixture_open(&f);
}

static int teardown(void **state) {
        (void)state;
        link_fixture_close(&f);
        return 0;
}

static void start(link_process *link, const char *name, const char *chain, const char *team, const char *option,
                  const char *value) {
        link_fixture_start(&f, link, name, chain, team, option, value);
}

static sqlite3 *sql_open(const char *path) {
        sqlite3 *db = NULL;

        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        return db;
}

static void sql_run(const char *path, const char *sql) {
        sqlite3 *db = sql_open(path);

        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* ---- files that are no good ---- */

static void make_log(const char *path) {
        char url[FOLDER_PATH_MAX + 64];
        sk_log_tool *tool = NULL;

        (void)snprintf(url, sizeof(url), "local:%s", path);
        assert_int_equal(sk_log_tool_open(url, SK_LOG_APPEND, NULL, &tool), SK_OK);
        sk_log_tool_free(tool);
}

static void make_readonly(const char *path) {
        make_log(path);
        assert_int_equal(chmod(path, 0444), 0);
}

static void make_in_readonly_folder(const char *path) {
        char folder[FOLDER_PATH_MAX];

        (void)snprintf(folder, sizeof(folder), "%s", path);
        *strrchr(folder, '/') = '\0';
        assert_int_equal(chmod(folder, 0555), 0);
}

static void make_log_in_readonly_folder(const char *path) {
        make_log(path);
        make_in_readonly_folder(path);
}

static void make_text(const char *path) {
        text_write(path, "This is no database at all, and long enough to hold what would be the header of one.....\n");
}

static void make_other(const char *path) {
        sql_run(path, "CREATE TABLE t (x)");
}

static void make_newer(const char *path) {
        make_log(path);
        sql_run(path, "PRAGMA user_version = 99");
}

static void make_damaged(const char *path) {
        make_log(path);
        int fd = open(path, O_WRONLY);
        char junk[3996];
        memset(junk, 'x', sizeof(junk));
        assert_true(fd >= 0);
        assert_int_equal(pwrite(fd, junk, sizeof(junk), 100), sizeof(junk));
        close(fd);
}

static void make_cut(const char *path) {
        make_log(path);
        assert_int_equal(truncate(path, 5000), 0);
}

static void make_folder(const char *path) {
        assert_int_equal(mkdir(path, 0700), 0);
}

static void make_fifo(const char *path) {
        assert_int_equal(mkfifo(path, 0600), 0);
}

static const struct {
        const char *name;
        void (*make)(const char *path);
        const char *said;
} bad_files[] = {
        {"readonly", make_readonly, "cannot be written to"},
        {"in-readonly-folder", make_in_readonly_folder, "must be writable"},
        {"log-in-readonly-folder", make_log_in_readonly_folder, "must be writable"},
        {"text", make_text, "not a database"},
        {"other", make_other, "no log of Schakel"},
        {"newer", make_newer, "another version of Schakel"},
        {"damaged", make_damaged, "is damaged"},
        {"cut", make_cut, "is damaged"},
        {"folder", make_folder, "no ordinary file"},
        {"fifo", make_fifo, "no ordinary file"},
};

static void test_a_file_that_cannot_be_its_log_is_refused_with_the_reason(void **state) {
        (void)state;
        for (size_t i = 0; i < sizeof(bad_files) / sizeof(bad_files[0]); i++) {
                char folder[FOLDER_PATH_MAX];
                char url[FOLDER_PATH_MAX + 64];

                (void)snprintf(folder, sizeof(folder), "%s", folder_file(&f.folder, bad_files[i].name));
                (void)snprintf(url, sizeof(url), "local:%.500s/log", folder);
                assert_int_equal(mkdir(folder, 0700), 0);
                bad_files[i].make(url + strlen("local:"));
                const char *arguments[] = {"-C", LINE_CHAIN, "--team", "desk", "--log", url, NULL};
                link_start(&f.first, &f.folder, bad_files[i].name, arguments);
                int status = link_wait(&f.first);
                (void)chmod(folder, 0700);
                if (status != 65 || link_said(&f.first, bad_files[i].said) == 0)
                        fail_msg("%s: status %d, \"%s\" said %u times", bad_files[i].name, status, bad_files[i].said,
                                 link_said(&f.first, bad_files[i].said));
        }
}

static void test_a_state_directory_that_cannot_be_written_to_is_refused(void **state) {
        char path[FOLDER_PATH_MAX];

        (void)state;
        (void)snprintf(path, sizeof(path), "%s", folder_file(&f.folder, "state"));
        assert_int_equal(mkdir(path, 0555), 0);
        start(&f.first, "first", LINE_CHAIN, "desk", "--state", path);
        assert_int_equal(link_wait(&f.first), 65);
        assert_int_equal(link_said(&f.first, "the state directory"), 1);
}

/* ---- files that are held, or full ---- */

static void test_a_file_that_another_program_holds_is_tried_again_later(void **state) {
        (void)state;
        char url[FOLDER_PATH_MAX + 64];
        (void)snprintf(url, sizeof(url), "local:%s", folder_file(&f.folder, "held"));
        sqlite3 *db = sql_open(url + strlen("local:"));
        assert_int_equal(sqlite3_exec(db, "CREATE TABLE t (x); BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
        const char *arguments[] = {"-C", LINE_CHAIN, "--team", "desk", "--log", url, NULL};
        link_start(&f.first, &f.folder, "first", arguments);
        assert_int_equal(link_wait(&f.first), 75);
        assert_int_equal(link_said(&f.first, "held by another program"), 1);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_a_writer_that_holds_the_log_is_waited_for_and_said(void **state) {
        raised_call call;

        (void)state;
        start(&f.first, "first", LINE_CHAIN, "customer", "--http", "127.0.0.1:0");
        link_await(&f.first, "\"ready\"", 1);
        struct sockaddr_in address = link_fixture_http(&f, "customer");
        link_signal(&f.first, SIGSTOP);
        call_raise(f.tool, 1, &call);
        sqlite3 *db = sql_open(f.file);
        assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
        link_signal(&f.first, SIGCONT);
        link_await(&f.first, "the log has not answered for", 1);
        static char text[4096];
        assert_non_null(strstr(http_ask(&address, "GET /readyz HTTP/1.0\r\n\r\n", text, sizeof(text)), "503"));
        assert_non_null(strstr(text, "the log does not answer"));
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        records_await(f.tool, "line.desk.calls.customer", "call.raise", 1);
        link_await(&f.first, "\"ready\"", 2);
        link_stop(&f.first);
}

static void limit_set(const link_process *link, rlim_t bytes) {
        struct rlimit limit;

        assert_int_equal(prlimit(link->pid, RLIMIT_FSIZE, NULL, &limit), 0);
        limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
        assert_int_equal(prlimit(link->pid, RLIMIT_FSIZE, &limit, NULL), 0);
}

/* No file of these processes can grow any more; then there is room again. */
static void test_a_full_disk_loses_nothing(void **state) {
        const char *providers[] = {"-C", LINE_CHAIN, "-t", "desk", "-t", "supplier", "--log", f.url, NULL};
        raised_call call;

        (void)state;
        start(&f.first, "customer", LINE_CHAIN, "customer", NULL, NULL);
        link_start(&f.second, &f.folder, "providers", providers);
        link_await(&f.first, "\"ready\"", 1);
        link_await(&f.second, "\"ready\"", 2);
        call_raise(f.tool, 0, &call);
        records_await(f.tool, "line.customer.feedback.desk", "feedback.closed", 1);
        limit_set(&f.second, 4096);
        for (unsigned i = 1; i < 20; i++)
                call_raise(f.tool, i, &call);
        link_await(&f.second, "\"commit-failed\"", 1);
        assert_true(link_said(&f.second, "disk") > 0);
        limit_set(&f.first, 4096);
        for (unsigned i = 20; i < 30; i++)
                call_raise(f.tool, i, &call);
        link_await(&f.first, "\"commit-failed\"", 1);
        limit_set(&f.first, RLIM_INFINITY);
        limit_set(&f.second, RLIM_INFINITY);
        records_await(f.tool, "line.customer.events", "event.closed", 30);
        link_stop(&f.first);
        link_stop(&f.second);
        assert_int_equal(records_count(f.tool, "line.desk.calls.customer", "call.raise"), 30);
        assert_int_equal(records_count(f.tool, "line.desk.archive", "archive.call"), 30);
        assert_int_equal(records_count(f.tool, "line.supplier.archive", "archive.call"), 30);
        assert_int_equal(records_count(f.tool, "line.customer.feedback.desk", "feedback.closed"), 30);
}

/* ---- records that were deleted before they were read ---- */

static void test_a_gap_is_told_with_its_place_and_passed_only_by_who_is_told_to(void **state) {
        static char text[4096];
        sk_local_file *file = NULL;
        raised_call call;
        size_t rows = 0;

        (void)state;
        start(&f.first, "before", LINE_CHAIN, "customer", NULL, NULL);
        call_raise(f.tool, 0, &call);
        records_await(f.tool, "line.desk.calls.customer", "call.raise", 1);
        link_stop(&f.first);
        for (unsigned i = 1; i <= 3; i++)
                call_raise(f.tool, i, &call);
        assert_int_equal(sk_local_file_open(f.file, false, NULL, &file), SK_OK);
        assert_int_equal(sk_local_begin(file), SK_OK);
        assert_int_equal(sk_local_retain_topic(file, SK_SLICE("line.customer.work"), INT64_MAX, &rows), SK_OK);
        assert_int_equal(sk_local_commit(file), SK_OK);
        sk_local_file_free(file);
        assert_int_equal(rows, 3);

        start(&f.first, "stuck", LINE_CHAIN, "customer", "--http", "127.0.0.1:0");
        link_await(&f.first, "\"gap\"", 1);
        link_await(&f.first, "line.customer.work: wanted offset 1, the first one left is 3", 1);
        link_await(&f.first, "\"not-ready\"", 1);
        struct sockaddr_in address = link_fixture_http(&f, "customer");
        assert_non_null(strstr(http_ask(&address, "GET /readyz HTTP/1.0\r\n\r\n", text, sizeof(text)), "503"));
        link_stop(&f.first);
        assert_int_equal(records_count(f.tool, "line.desk.calls.customer", "call.raise"), 1);

        start(&f.first, "passing", LINE_CHAIN, "customer", "--past-gaps", NULL);
        records_await(f.tool, "line.desk.calls.customer", "call.raise", 2);
        link_await(&f.first, "\"ready\"", 1);
        link_stop(&f.first);
        start(&f.first, "after", LINE_CHAIN, "customer", "--drain", NULL);
        link_await(&f.first, "\"ready\"", 1);
        link_stop(&f.first);
        assert_int_equal(link_said(&f.first, "\"gap\""), 0);
        assert_int_equal(records_count(f.tool, "line.desk.calls.customer", "call.raise"), 2);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                WITH_FOLDER(test_a_file_that_cannot_be_its_log_is_refused_with_the_reason),
                WITH_FOLDER(test_a_state_directory_that_cannot_be_written_to_is_refused),
                WITH_FOLDER(test_a_file_that_another_program_holds_is_tried_again_later),
                WITH_FOLDER(test_a_writer_that_holds_the_log_is_waited_for_and_said),
                WITH_FOLDER(test_a_full_disk_loses_nothing),
                WITH_FOLDER(test_a_gap_is_told_with_its_place_and_passed_only_by_who_is_told_to),
        };

        (void)prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE);
        (void)prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH);
        return cmocka_run_group_tests_name("schakeld and its file", tests, NULL, NULL);
}
