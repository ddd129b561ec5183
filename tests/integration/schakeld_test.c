#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "support/link_fixture.h"

/* The daemon as a process: started, stopped, killed, told of a new edition, left alone. */

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

/* ---- life and death ---- */

static void test_the_second_daemon_of_a_team_stands_by_and_takes_over_when_the_first_is_killed(void **state) {
        raised_call call;
        char holder[64];

        (void)state;
        start(&f.first, "first", LINE_CHAIN, "customer", NULL, NULL);
        link_await(&f.first, "\"ready\"", 1);
        assert_true(sk_log_tool_is_run(f.tool, SK_SLICE("line"), SK_SLICE("customer")));
        start(&f.second, "second", LINE_CHAIN, "customer", NULL, NULL);
        link_await(&f.second, "\"standby\"", 1);
        (void)snprintf(holder, sizeof(holder), "held by process %ld", (long)f.first.pid);
        assert_int_equal(link_said(&f.second, holder), 1);

        link_kill(&f.first);
        link_await(&f.second, "\"ready\"", 1);
        link_await(&f.second, "epoch 2", 1);
        link_await(&f.second, "\"unclean-exit\"", 1);
        call_raise(f.tool, 1, &call);
        records_await(f.tool, "line.desk.calls.customer", "call.raise", 1);
        link_stop(&f.second);
        assert_false(sk_log_tool_is_run(f.tool, SK_SLICE("line"), SK_SLICE("customer")));
}

static void test_a_standby_that_is_told_to_stop_leaves_the_first_alone(void **state) {
        (void)state;
        start(&f.first, "first", LINE_CHAIN, "desk", NULL, NULL);
        link_await(&f.first, "\"ready\"", 1);
        start(&f.second, "second", LINE_CHAIN, "desk", NULL, NULL);
        link_await(&f.second, "\"standby\"", 1);
        link_stop(&f.second);
        assert_true(link_is_alive(&f.first));
        assert_int_equal(access(folder_file(&f.folder, "chain.log.d/state/desk.running"), F_OK), 0);
        link_stop(&f.first);
}

static void test_a_daemon_whose_epoch_was_passed_is_fenced_and_stands_by(void **state) {
        raised_call call;

        (void)state;
        start(&f.first, "first", LINE_CHAIN, "customer", NULL, NULL);
        link_await(&f.first, "\"ready\"", 1);
        assert_int_equal(unlink(folder_file(&f.folder, "chain.log.d/customer.lock")), 0);
        start(&f.second, "second", LINE_CHAIN, "customer", NULL, NULL);
        link_await(&f.second, "\"ready\"", 1);
        for (unsigned i = 0; i < 20 && link_said(&f.first, "\"standby\"") == 0; i++) {
                call_raise(f.tool, i, &call);
                records_await(f.tool, "line.desk.calls.customer", "call.raise", i + 1);
                /* Woken by nobody, since the socket is the second's now, the first looks once a second. */
                link_await(&f.first, "\"fenced\"", 1);
                link_await(&f.first, "\"standby\"", 1);
        }
        assert_int_equal(link_said(&f.second, "\"fenced\""), 0);
        link_stop(&f.second);
        link_await(&f.first, "\"ready\"", 2);
        link_stop(&f.first);
        assert_int_equal(records_count(f.tool, "line.customer.events", "event.delegated"),
                         records_count(f.tool, "line.desk.calls.customer", "call.raise"));
}

/* ---- the end ---- */

/* Nobody else writes while this is held. */
static sqlite3 *log_hold(void) {
        sqlite3 *db = NULL;

        assert_int_equal(sqlite3_open(f.file, &db), SQLITE_OK);
        assert_int_equal(sqlite3_busy_timeout(db, 60000), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
        return db;
}

/* The customer's link with a commit underway that cannot end as long as the log is held. */
static sqlite3 *commit_hang(void) {
        raised_call call;

        start(&f.first, "first", LINE_CHAIN, "customer", "--http", "127.0.0.1:0");
        link_await(&f.first, "\"ready\"", 1);
        struct sockaddr_in address = link_fixture_http(&f, "customer");
        link_signal(&f.first, SIGSTOP);
        call_raise(f.tool, 1, &call);
        sqlite3 *db = log_hold();
        link_signal(&f.first, SIGCONT);
        metric_await(&address, "schakel_log_records_fetched_total{team=\"customer\"}", 1);
        return db;
}

static void test_what_is_underway_is_finished_before_the_end(void **state) {
        (void)state;
        sqlite3 *db = commit_hang();
        link_signal(&f.first, SIGTERM);
        link_await(&f.first, "\"stopping\"", 1);
        assert_true(link_is_alive(&f.first));
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        assert_int_equal(link_wait(&f.first), 0);
        assert_int_equal(records_count(f.tool, "line.desk.calls.customer", "call.raise"), 1);
        assert_int_equal(link_said(&f.first, "told twice"), 0);
}

static void test_told_twice_it_ends_at_once_and_loses_nothing(void **state) {
        (void)state;
        sqlite3 *db = commit_hang();
        link_signal(&f.first, SIGTERM);
        link_await(&f.first, "\"stopping\"", 1);
        link_signal(&f.first, SIGTERM);
        assert_int_equal(link_wait(&f.first), 0);
        assert_int_equal(link_said(&f.first, "told twice"), 1);
        assert_int_equal(records_count(f.tool, "line.desk.calls.customer", "call.raise"), 0);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        link_start_again(&f.first);
        records_await(f.tool, "line.desk.calls.customer", "call.raise", 1);
        link_stop(&f.first);
        assert_int_equal(records_count(f.tool, "line.desk.calls.customer", "call.raise"), 1);
}

/* ---- what it is started with ---- */

static const struct {
        int status;
        const char *arguments[8];
        const char *said;
} starts[] = {
        {64, {NULL}, "-C DIR"},
        {64, {"-C", LINE_CHAIN, NULL}, "--team"},
        {64, {"-C", LINE_CHAIN, "-t", "desk", NULL}, "--log"},
        {64, {"-C", LINE_CHAIN, "-t", "desk", "-l", "nothing:x", NULL}, "local:FILE"},
        {64, {"-C", LINE_CHAIN, "-t", "../desk", "-l", "local:x", NULL}, "name"},
        {64, {"-C", LINE_CHAIN, "-t", "desk", "-t", "desk", NULL}, "twice"},
        {64, {"--nothing", NULL}, "schakeld --help"},
        {64, {"-C", LINE_CHAIN, "--log-format", "xml", NULL}, "json or text"},
        {64, {"-C", LINE_CHAIN, "more", NULL}, "belongs to no option"},
        {0, {"--help", NULL}, "Exit status"},
        {0, {"--version", NULL}, "schakeld "},
        {0, {"-C", LINE_CHAIN, "--check", NULL}, "edition-good"},
        {65, {"-C", LINE_CHAIN, "--check", "-t", "nobody", NULL}, "has no team nobody"},
        {65, {"-C", "no/such/chain", "--check", NULL}, "cannot be used"},
        {65, {"-C", LINE_CHAIN, "-t", "desk", "-l", "local:/no/such/folder/log", NULL}, "cannot be used"},
        {65, {"-C", LINE_CHAIN, "-t", "desk", "-l", "local:Makefile", NULL}, "not a database"},
};

static void test_it_says_what_is_wrong_and_ends_with_the_right_status(void **state) {
        (void)state;
        for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
                char name[32];
                (void)snprintf(name, sizeof(name), "start%zu", i);
                link_start(&f.first, &f.folder, name, starts[i].arguments);
                int status = link_wait(&f.first);
                if (status != starts[i].status || link_said(&f.first, starts[i].said) == 0)
                        fail_msg("case %zu: status %d, and \"%s\" said %u times", i, status, starts[i].said,
                                 link_said(&f.first, starts[i].said));
                (void)unlink("Makefile.d/state");
                (void)rmdir("Makefile.d");
        }
}

/* ---- nothing to do ---- */

#define WAKE_UPS 4
#define WINDOWS_MAX 5

/* Whether so many wake-ups take as long as they must, with next to no processor time. */
static bool is_quiet(const link_process *link) {
        process_use before = process_use_of(link->pid);
        process_use after = before;

        while (after.wake_ups < before.wake_ups + WAKE_UPS && after.at_seconds < before.at_seconds + 60) {
                (void)poll(NULL, 0, 20);
                after = process_use_of(link->pid);
        }
        double seconds = after.at_seconds - before.at_seconds;
        double cpu_seconds = (double)(after.cpu_ticks - before.cpu_ticks) / (double)sysconf(_SC_CLK_TCK);
        return seconds > WAKE_UPS - 1 - 0.1 && cpu_seconds < seconds / 20;
}

static void assert_idle(const link_process *link) {
        unsigned tries = 0;

        /* What it does at the start and once a minute is not what is looked for. */
        while (!is_quiet(link)) {
                if (++tries == WINDOWS_MAX)
                        fail_msg("it wakes up more than once a second, or never rests");
        }
        process_use use = process_use_of(link->pid);
        if (use.resident_kib >= 20000)
                fail_msg("%lu KiB are resident", use.resident_kib);
}

static void test_with_nothing_to_do_it_wakes_up_once_a_second_and_is_small(void **state) {
        const char *arguments[] = {"-C",       LINE_CHAIN, "-t",  "customer", "-t",          "desk", "-t",
                                   "supplier", "--log",    f.url, "--http",   "127.0.0.1:0", NULL};
        raised_call call;

        (void)state;
        link_start(&f.first, &f.folder, "all", arguments);
        link_await(&f.first, "\"ready\"", 3);
        call_raise(f.tool, 1, &call);
        records_await(f.tool, "line.customer.feedback.desk", "feedback.closed", 1);
        assert_idle(&f.first);
        link_stop(&f.first);
}

static void test_a_standby_is_quiet_too(void **state) {
        (void)state;
        start(&f.first, "first", LINE_CHAIN, "desk", NULL, NULL);
        link_await(&f.first, "\"ready\"", 1);
        start(&f.second, "second", LINE_CHAIN, "desk", NULL, NULL);
        link_await(&f.second, "\"standby\"", 1);
        assert_idle(&f.second);
        link_stop(&f.second);
        link_stop(&f.first);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                WITH_FOLDER(test_the_second_daemon_of_a_team_stands_by_and_takes_over_when_the_first_is_killed),
                WITH_FOLDER(test_a_standby_that_is_told_to_stop_leaves_the_first_alone),
                WITH_FOLDER(test_a_daemon_whose_epoch_was_passed_is_fenced_and_stands_by),
                WITH_FOLDER(test_what_is_underway_is_finished_before_the_end),
                WITH_FOLDER(test_told_twice_it_ends_at_once_and_loses_nothing),
                WITH_FOLDER(test_it_says_what_is_wrong_and_ends_with_the_right_status),
                WITH_FOLDER(test_with_nothing_to_do_it_wakes_up_once_a_second_and_is_small),
                WITH_FOLDER(test_a_standby_is_quiet_too),
        };

        return cmocka_run_group_tests_name("schakeld", tests, NULL, NULL);
}
