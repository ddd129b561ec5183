#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log/local.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "event/envelope.h"
#include "kit/random.h"
#include "kit/when.h"
#include "log/chain_dir.h"
#include "log/local_file.h"
#include "log/tool.h"
#include "support/folder.h"

/*
 * Links on one file, each with its committer's thread, turned by this thread. A link gets a turn when it asked for one
 * at once or when its descriptor is readable, and never because time has passed: what wakes nobody hangs, and fails.
 */

#define LIMIT_MS 120000
#define LINKS 2
#define CALLS 40

static const char *const teams[LINKS] = {"customer", "provider"};

typedef struct hosted {
        sk_driver *driver;
        sk_local *local;
        int64_t delay_us;
        sk_log_news last_news;
        bool expects_gap;
        unsigned gaps;
        char gap[SK_LOG_TEXT_MAX]; /* the last one, in words */
} hosted;

typedef struct fixture {
        test_folder folder;
        char file[FOLDER_PATH_MAX];
        char state_dir[FOLDER_PATH_MAX]; /* of the link that was hosted last */
        unsigned hosted_count;
        sk_edition *edition;
        sk_log_tool *tool;
        hosted links[LINKS];
} fixture;

static fixture f;

static int64_t clock_us(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_REALTIME, &now);
        return (int64_t)now.tv_sec * SK_SECOND_US + now.tv_nsec / 1000;
}

/* ---- links ---- */

static void on_news(void *self, sk_log_news news, const char *text) {
        hosted *link = self;

        link->last_news = news;
        if (news == SK_NEWS_GAP) {
                link->gaps++;
                (void)snprintf(link->gap, sizeof(link->gap), "%s", text);
        }
        if ((news == SK_NEWS_GAP && !link->expects_gap) || news == SK_NEWS_COMMIT_FAILED)
                fail_msg("%s", text);
}

static void host_passing(hosted *link, const char *team, bool passes_gaps) {
        char why[SK_LOG_TEXT_MAX];
        sk_driver_config driver = {
                .edition = f.edition, .team = sk_slice_of(team), .partitions = 1, .instance = SK_SLICE("test")};

        /* Notes of its own each time: being let go again and again is held against no input (rule R5). */
        (void)snprintf(f.state_dir, sizeof(f.state_dir), "%.400s/state%u", f.folder.path, f.hosted_count++);
        *link = (hosted){.driver = sk_driver_new(&driver)};
        assert_non_null(link->driver);
        sk_local_config config = {.file = f.file,
                                  .state_dir = f.state_dir,
                                  .driver = link->driver,
                                  .tell = on_news,
                                  .tell_self = link,
                                  .acceptance_days = 14,
                                  .passes_gaps = passes_gaps};
        if (sk_local_new(&config, why, &link->local) != SK_OK)
                fail_msg("%s", why);
}

static void host(hosted *link, const char *team) {
        host_passing(link, team, false);
}

static void let_go(hosted *link) {
        sk_local_free(link->local);
        sk_driver_free(link->driver);
        *link = (hosted){.driver = NULL};
}

/* Turns whoever asked for it at once; else waits until somebody is woken. */
static void turn_some(void) {
        struct pollfd waits[LINKS];
        bool is_pressing = false;

        for (size_t i = 0; i < LINKS; i++) {
                waits[i] = (struct pollfd){.fd = f.links[i].local == NULL ? -1 : sk_local_fd(f.links[i].local),
                                           .events = POLLIN};
                is_pressing = is_pressing || (waits[i].fd >= 0 && f.links[i].delay_us == 0);
        }
        if (poll(waits, LINKS, is_pressing ? 0 : LIMIT_MS) == 0 && !is_pressing)
                fail_msg("nobody was woken");
        for (size_t i = 0; i < LINKS; i++) {
                if (waits[i].fd >= 0 && (waits[i].revents != 0 || f.links[i].delay_us == 0))
                        f.links[i].delay_us = sk_local_turn(f.links[i].local, clock_us());
        }
}

/* ---- calls ---- */

static void raise_call(unsigned number) {
        static const char value[] = "{\"to\":\"provider\",\"type\":\"incident\",\"facility\":\"facility\","
                                    "\"need\":\"it is broken\"}";
        uint8_t random[10] = {(uint8_t)number, 1};
        sk_id callid = sk_id_of_time(clock_us(), random);
        random[1] = 2;
        sk_id work_id = sk_id_of_time(clock_us(), random);
        sk_buf headers = sk_buf_make(4096);
        char key[SK_ID_TEXT];
        char id[SK_ID_TEXT];

        sk_id_format(&callid, key);
        sk_id_format(&work_id, id);
        sk_envelope envelope = {.type = SK_WORK_RAISE,
                                .id = {id, 36},
                                .source = SK_SLICE("/pair/customer"),
                                .time_us = clock_us(),
                                .callid = callid,
                                .has_callid = true,
                                .actor = SK_SLICE("carol")};
        sk_envelope_encode(&envelope, &headers);
        assert_int_equal(headers.err, SK_OK);
        sk_log_append append = {.topic = SK_SLICE("pair.customer.work"),
                                .key = {key, 36},
                                .headers = sk_buf_slice(&headers),
                                .value = {value, sizeof(value) - 1}};
        assert_int_equal(sk_log_tool_append(f.tool, &append, 1, NULL), SK_OK);
        sk_buf_free(&headers);
}

struct counting {
        const char *type;
        unsigned count;
};

static bool count_one(void *self, const sk_log_entry *entry) {
        struct counting *counting = self;

        counting->count += sk_slice_is(sk_headers_find(entry->headers, "ce_type"), counting->type);
        return true;
}

static unsigned count(const char *topic, const char *type) {
        struct counting counting = {.type = type};
        sk_log_read read = {.topic = sk_slice_of(topic)};

        assert_int_equal(sk_log_tool_read(f.tool, &read, count_one, &counting, NULL), SK_OK);
        return counting.count;
}

static unsigned calls_closed(void) {
        return count("pair.customer.events", "schakel.event.closed");
}

/* ---- tests ---- */

static void test_a_record_of_another_writer_wakes_its_reader_without_any_clock(void **state) {
        (void)state;
        host(&f.links[0], teams[0]);
        host(&f.links[1], teams[1]);
        while (sk_local_stage_of(f.links[0].local) != SK_LOG_RUNNING ||
               sk_local_stage_of(f.links[1].local) != SK_LOG_RUNNING)
                turn_some();
        for (unsigned i = 0; i < CALLS; i++) {
                raise_call(i);
                while (calls_closed() < i + 1)
                        turn_some();
        }
        assert_int_equal(count("pair.customer.feedback.provider", "schakel.feedback.closed"), CALLS);
}

static void test_a_link_let_go_at_any_moment_goes_on_where_it_was(void **state) {
        sk_random random = sk_random_make(20);

        (void)state;
        host(&f.links[0], teams[0]);
        host(&f.links[1], teams[1]);
        for (unsigned i = 0; i < CALLS; i++) {
                raise_call(i);
                for (uint64_t turns = sk_random_below(&random, 6); turns > 0; turns--)
                        turn_some();
                size_t victim = (size_t)sk_random_below(&random, LINKS);
                let_go(&f.links[victim]);
                host(&f.links[victim], teams[victim]);
        }
        while (calls_closed() < CALLS)
                turn_some();
        assert_int_equal(count("pair.provider.calls.customer", "schakel.call.raise"), CALLS);
        assert_int_equal(count("pair.customer.feedback.provider", "schakel.feedback.closed"), CALLS);
        assert_int_equal(count("pair.provider.archive", "schakel.archive.call"), CALLS);
        assert_int_equal(calls_closed(), CALLS);
        assert_int_equal(count("pair.customer.deadletter", "schakel.work.raise"), 0);
}

static void test_a_team_that_is_held_is_taken_when_it_is_let_go(void **state) {
        (void)state;
        host(&f.links[0], "provider");
        while (sk_local_stage_of(f.links[0].local) != SK_LOG_RUNNING)
                turn_some();
        hosted standby;
        host(&standby, "provider");
        (void)sk_local_turn(standby.local, clock_us());
        assert_int_equal(sk_local_stage_of(standby.local), SK_LOG_STANDBY);
        assert_int_equal(standby.last_news, SK_NEWS_STANDBY);
        assert_int_equal(sk_local_crash_fd(standby.local), -1);

        let_go(&f.links[0]);
        while (sk_local_stage_of(standby.local) != SK_LOG_RUNNING) {
                struct pollfd wait = {.fd = sk_local_fd(standby.local), .events = POLLIN};
                int64_t delay_us = sk_local_turn(standby.local, clock_us());
                (void)poll(&wait, 1, (int)(delay_us / 1000) + 1);
        }
        sk_log_numbers numbers;
        sk_local_count_of(standby.local, &numbers);
        assert_int_equal(numbers.epoch, 2);
        assert_int_equal(numbers.take_overs, 1);
        let_go(&standby);
}

static void test_what_stands_there_is_published_and_taken_away(void **state) {
        char path[FOLDER_PATH_MAX + 64];

        (void)state;
        host(&f.links[0], "provider");
        assert_int_equal(sk_local_publish(f.links[0].local, "http", SK_SLICE("127.0.0.1:1\n")), SK_OK);
        (void)snprintf(path, sizeof(path), "%s/provider.http", f.state_dir);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        (void)fclose(file);
        assert_int_equal(sk_local_publish(f.links[0].local, "http", SK_NONE), SK_OK);
        assert_null(fopen(path, "r"));
        assert_int_equal(sk_local_publish(f.links[0].local, "http", SK_NONE), SK_OK);
}

/* ---- what was deleted before it was read ---- */

static unsigned calls_raised(void) {
        return count("pair.provider.calls.customer", "schakel.call.raise");
}

/* One call that was read; then three of which nobody has read anything, and only the last is left. */
static void delete_unread(void) {
        sk_local_file *file = NULL;
        size_t rows = 0;

        raise_call(0);
        host(&f.links[0], teams[0]);
        while (calls_raised() == 0)
                turn_some();
        let_go(&f.links[0]);
        for (unsigned i = 1; i <= 3; i++)
                raise_call(i);
        assert_int_equal(sk_local_file_open(f.file, false, NULL, &file), SK_OK);
        assert_int_equal(sk_local_begin(file), SK_OK);
        assert_int_equal(sk_local_retain_topic(file, SK_SLICE("pair.customer.work"), INT64_MAX, &rows), SK_OK);
        assert_int_equal(sk_local_commit(file), SK_OK);
        assert_int_equal(rows, 3);
        sk_local_file_free(file);
}

static void test_a_link_reads_nothing_of_a_topic_whose_records_were_deleted_unread(void **state) {
        (void)state;
        delete_unread();
        host(&f.links[0], teams[0]);
        f.links[0].expects_gap = true;
        while (f.links[0].gaps == 0)
                turn_some();
        assert_string_equal(f.links[0].gap, "pair.customer.work: wanted offset 1, the first one left is 3");
        sk_driver_numbers numbers;
        sk_driver_count(f.links[0].driver, &numbers);
        assert_false(numbers.is_ready);
        assert_true(numbers.is_stuck);
        raise_call(4); /* wakes it, and is not read either */
        (void)sk_local_turn(f.links[0].local, clock_us());
        assert_int_equal(calls_raised(), 1);
        assert_int_equal(f.links[0].gaps, 1); /* it is said once */
}

static void test_a_link_that_is_told_to_goes_on_past_what_was_deleted(void **state) {
        (void)state;
        delete_unread();
        host_passing(&f.links[0], teams[0], true);
        f.links[0].expects_gap = true;
        while (calls_raised() == 1)
                turn_some();
        assert_int_equal(calls_raised(), 2);
        assert_int_equal(f.links[0].gaps, 1);
        let_go(&f.links[0]);
        host(&f.links[0], teams[0]); /* which is no gap any more */
        raise_call(4);
        while (calls_raised() < 3)
                turn_some();
}

/* ---- ending ---- */

static void test_a_link_that_is_drained_finishes_and_ends_with_zero(void **state) {
        (void)state;
        host(&f.links[0], teams[0]);
        while (sk_local_stage_of(f.links[0].local) != SK_LOG_RUNNING)
                turn_some();
        raise_call(1);
        sk_local_drain(f.links[0].local, clock_us());
        while (sk_local_stage_of(f.links[0].local) != SK_LOG_OVER) {
                struct pollfd wait = {.fd = sk_local_fd(f.links[0].local), .events = POLLIN};
                if (sk_local_turn(f.links[0].local, clock_us()) != 0 &&
                    sk_local_stage_of(f.links[0].local) != SK_LOG_OVER)
                        assert_int_equal(poll(&wait, 1, LIMIT_MS), 1);
        }
        assert_int_equal(sk_local_exit_code(f.links[0].local), 0);
        sk_local_drain(f.links[0].local, clock_us()); /* again, by an impatient hand */
        assert_int_equal(sk_local_stage_of(f.links[0].local), SK_LOG_OVER);
        let_go(&f.links[0]);
        host(&f.links[0], teams[0]); /* nothing was lost, and nothing came twice */
        while (calls_raised() == 0)
                turn_some();
        assert_int_equal(calls_raised(), 1);
        assert_int_not_equal(f.links[0].last_news, SK_NEWS_UNCLEAN);
}

/* ---- frame ---- */

static int setup(void **state) {
        char url[FOLDER_PATH_MAX + 16];
        sk_findings *findings = sk_findings_new();

        (void)state;
        f = (fixture){.tool = NULL};
        folder_make(&f.folder);
        (void)snprintf(f.file, sizeof(f.file), "%s", folder_file(&f.folder, "chain.log"));
        (void)snprintf(url, sizeof(url), "local:%s", f.file);
        assert_int_equal(sk_chain_dir_build("tests/data/chains/pair", findings, &f.edition), SK_OK);
        sk_findings_free(findings);
        return sk_log_tool_open(url, SK_LOG_APPEND, NULL, &f.tool) == SK_OK ? 0 : -1;
}

static int teardown(void **state) {
        (void)state;
        for (size_t i = 0; i < LINKS; i++) {
                if (f.links[i].local != NULL)
                        let_go(&f.links[i]);
        }
        sk_log_tool_free(f.tool);
        sk_edition_release(f.edition);
        folder_remove(&f.folder);
        return 0;
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                WITH_FOLDER(test_a_record_of_another_writer_wakes_its_reader_without_any_clock),
                WITH_FOLDER(test_a_link_let_go_at_any_moment_goes_on_where_it_was),
                WITH_FOLDER(test_a_team_that_is_held_is_taken_when_it_is_let_go),
                WITH_FOLDER(test_what_stands_there_is_published_and_taken_away),
                WITH_FOLDER(test_a_link_reads_nothing_of_a_topic_whose_records_were_deleted_unread),
                WITH_FOLDER(test_a_link_that_is_told_to_goes_on_past_what_was_deleted),
                WITH_FOLDER(test_a_link_that_is_drained_finishes_and_ends_with_zero),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
