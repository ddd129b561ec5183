#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kit/alloc.h"
#include "kit/json_scan.h"
#include "kit/map.h"
#include "kit/random.h"
#include "link/journal.h"
#include "log/tool.h"
#include "support/folder.h"
#include "support/link_process.h"

/*
 * Three links in a row on one local log; calls are raised while random daemons are killed with SIGKILL and started
 * again, hundreds of times. A daemon is killed after a random number of commits, so that there is progress between
 * kills on any machine. Then everything is let come to its end, and counted.
 */

#define CALLS 200
#define KILLS 300
#define TEAMS 3
#define COMMITS_BETWEEN 6
#define SUPPLIER_CALLS CALLS /* each call is delegated once */

static const char *const teams[TEAMS] = {"customer", "desk", "supplier"};

typedef struct fixture {
        test_folder folder;
        char url[FOLDER_PATH_MAX + 64];
        char arguments[TEAMS][8][FOLDER_PATH_MAX + 64];
        link_process links[TEAMS];
        sk_log_tool *tool;
        raised_call calls[CALLS];
} fixture;

static fixture f;

/* ---- running and killing ---- */

static void start_all(void) {
        for (size_t i = 0; i < TEAMS; i++) {
                const char *arguments[] = {"-C", "tests/data/chains/line", "--team", teams[i], "--log", f.url, NULL};
                link_start(&f.links[i], &f.folder, teams[i], arguments);
        }
}

static void wait_for_commits(unsigned count) {
        for (unsigned i = 0; i < count; i++) {
                if (!sk_log_tool_wait(f.tool, 200))
                        return;
        }
}

static void raise_and_kill(sk_random *random) {
        unsigned raised = 0;

        for (unsigned kills = 0; kills < KILLS; kills++) {
                while (raised < CALLS && raised * KILLS <= kills * CALLS) {
                        call_raise(f.tool, raised, &f.calls[raised]);
                        /* A tool that does not know whether its record arrived writes it again. */
                        if (raised % 7 == 0)
                                call_raise(f.tool, raised, &f.calls[raised]);
                        raised++;
                }
                wait_for_commits((unsigned)sk_random_below(random, COMMITS_BETWEEN));
                link_process *victim = &f.links[sk_random_below(random, TEAMS)];
                link_kill(victim);
                link_start_again(victim);
        }
        assert_int_equal(raised, CALLS);
}

static void stop_all(void) {
        for (size_t i = 0; i < TEAMS; i++) {
                link_await(&f.links[i], "\"ready\"", 1);
                link_signal(&f.links[i], SIGTERM);
                assert_int_equal(link_wait(&f.links[i]), 0);
        }
}

/* ---- counting ---- */

/* What is known of one call on one topic: the numbers of its messages must be 1, 2, 3, ... */
typedef struct tally {
        unsigned last;
        unsigned firsts; /* raise or opened */
        unsigned finals; /* closed */
        bool is_final;   /* and nothing after it */
} tally;

typedef struct counting {
        sk_map *calls;
        const char *topic;
        const char *number; /* header that numbers the messages; NULL: the end of ce_id */
        const char *first;
        const char *final;
} counting;

static tally *tally_of(sk_map *calls, sk_slice key) {
        tally *found = sk_map_get(calls, key);

        if (found == NULL) {
                found = sk_alloc_zero(1, sizeof(*found));
                assert_non_null(found);
                assert_int_equal(sk_map_put(calls, key, found, NULL), SK_OK);
        }
        return found;
}

static unsigned number_of(const sk_log_entry *entry, const char *header) {
        char text[128];
        sk_slice value = sk_headers_find(entry->headers, header == NULL ? "ce_id" : header);

        assert_true(value.len > 0 && value.len < sizeof(text));
        (void)snprintf(text, sizeof(text), "%.*s", (int)value.len, value.at);
        const char *start = header == NULL ? strrchr(text, '/') + 1 : text;
        return (unsigned)strtoul(start, NULL, 10);
}

static bool is_type(const sk_log_entry *entry, const char *name) {
        char type[64];

        (void)snprintf(type, sizeof(type), "schakel.%s", name);
        return sk_slice_is(sk_headers_find(entry->headers, "ce_type"), type);
}

static bool tally_one(void *self, const sk_log_entry *entry) {
        counting *all = self;
        tally *call = tally_of(all->calls, sk_headers_find(entry->headers, "ce_callid"));
        unsigned number = number_of(entry, all->number);

        if (number != call->last + 1)
                fail_msg("%s, call %.*s: number %u follows %u", all->topic, (int)entry->key.len, entry->key.at, number,
                         call->last);
        call->last = number;
        call->firsts += is_type(entry, all->first) ? 1 : 0;
        if (is_type(entry, all->final)) {
                call->finals++;
                call->is_final = true;
        }
        return true;
}

/* Every call once from first to last, none more and none less than expected. */
static void tally_topic(const char *topic, const char *number, const char *first, const char *final, unsigned calls) {
        counting all = {.calls = sk_map_new(), .topic = topic, .number = number, .first = first, .final = final};
        sk_log_read read = {.topic = sk_slice_of(topic)};
        size_t position = 0;
        sk_slice key;
        void *value;

        assert_int_equal(sk_log_tool_read(f.tool, &read, tally_one, &all, NULL), SK_OK);
        while (sk_map_next(all.calls, &position, &key, &value)) {
                const tally *call = value;
                if (call->firsts != 1 || call->finals > 1 || (strcmp(first, final) != 0 && call->finals != 1))
                        fail_msg("%s, call %.*s: %u times %s, %u times %s", topic, (int)key.len, key.at, call->firsts,
                                 first, call->finals, final);
                sk_free(value);
        }
        assert_int_equal(sk_map_count(all.calls), calls);
        sk_map_free(all.calls);
}

typedef struct journal_count {
        unsigned stubs;
        unsigned others;
} journal_count;

static bool journal_one(void *self, const sk_log_entry *entry) {
        journal_count *count = self;
        sk_journal_kind kind;
        sk_slice payload;

        assert_int_equal(sk_journal_unwrap(entry->key, entry->value, &kind, &payload), SK_OK);
        if (kind == SK_JOURNAL_STUB)
                count->stubs++;
        else if (kind != SK_JOURNAL_MARK && kind != SK_JOURNAL_OFFSET)
                count->others++;
        return true;
}

static void check_journal(const char *topic, unsigned stubs) {
        journal_count count = {0};

        assert_int_equal(sk_log_tool_latest(f.tool, sk_slice_of(topic), SK_NONE, journal_one, &count), SK_OK);
        assert_int_equal(count.others, 0);
        assert_int_equal(count.stubs, stubs);
}

typedef struct outcome_count {
        sk_map *works;
} outcome_count;

static bool outcome_one(void *self, const sk_log_entry *entry) {
        outcome_count *count = self;

        if (is_type(entry, "event.outcome")) {
                sk_slice work = sk_json_member_string(entry->value, "work", NULL);
                assert_true(sk_slice_there(work));
                assert_true(sk_slice_is(sk_json_member_string(entry->value, "status", NULL), "done"));
                void *old = NULL;
                assert_int_equal(sk_map_put(count->works, work, &f, &old), SK_OK);
                assert_null(old);
        }
        return true;
}

static void check_outcomes(void) {
        outcome_count count = {.works = sk_map_new()};
        sk_log_read read = {.topic = SK_SLICE("line.customer.events")};

        assert_int_equal(sk_log_tool_read(f.tool, &read, outcome_one, &count, NULL), SK_OK);
        assert_int_equal(sk_map_count(count.works), CALLS);
        sk_map_free(count.works);
}

static void check_empty(const char *topic) {
        int64_t end = -1;

        assert_int_equal(sk_log_tool_end(f.tool, sk_slice_of(topic), 0, &end), SK_OK);
        assert_int_equal(end, 0);
}

static void check_completed(void) {
        assert_int_equal(records_count(f.tool, "line.customer.feedback.desk", "feedback.refused"), 0);
        assert_int_equal(records_count(f.tool, "line.desk.feedback.supplier", "feedback.refused"), 0);
        assert_int_equal(records_count(f.tool, "line.desk.archive", "archive.call"), CALLS);
        assert_int_equal(records_count(f.tool, "line.supplier.archive", "archive.call"), SUPPLIER_CALLS);
}

static void test_hundreds_of_kills_lose_nothing_and_double_nothing(void **state) {
        const char *given = getenv("SEED");
        uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
        sk_random random = sk_random_make(seed);

        (void)state;
        print_message("SEED=%llu\n", (unsigned long long)seed);
        start_all();
        raise_and_kill(&random);
        records_await(f.tool, "line.customer.feedback.desk", "feedback.closed", CALLS);
        records_await(f.tool, "line.customer.events", "event.closed", CALLS);
        stop_all();

        for (size_t i = 0; i < TEAMS; i++) {
                char topic[64];
                (void)snprintf(topic, sizeof(topic), "line.%s.deadletter", teams[i]);
                check_empty(topic);
                (void)snprintf(topic, sizeof(topic), "line.%s.events", teams[i]);
                tally_topic(topic, NULL, i == 0 ? "event.delegated" : "event.opened", "event.closed", CALLS);
                (void)snprintf(topic, sizeof(topic), "line.%s.journal", teams[i]);
                check_journal(topic, CALLS);
        }
        tally_topic("line.desk.calls.customer", "ce_seqno", "call.raise", "call.raise", CALLS);
        tally_topic("line.supplier.calls.desk", "ce_seqno", "call.raise", "call.raise", SUPPLIER_CALLS);
        tally_topic("line.customer.feedback.desk", "ce_seqno", "feedback.accepted", "feedback.closed", CALLS);
        tally_topic("line.desk.feedback.supplier", "ce_seqno", "feedback.accepted", "feedback.closed", SUPPLIER_CALLS);
        check_outcomes();
        check_completed();
}

static int setup(void **state) {
        (void)state;
        folder_make(&f.folder);
        (void)snprintf(f.url, sizeof(f.url), "local:%s", folder_file(&f.folder, "chain.log"));
        return sk_log_tool_open(f.url, SK_LOG_APPEND, NULL, &f.tool) == SK_OK ? 0 : -1;
}

static int teardown(void **state) {
        (void)state;
        for (size_t i = 0; i < TEAMS; i++)
                link_kill(&f.links[i]);
        sk_log_tool_free(f.tool);
        folder_remove(&f.folder);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_hundreds_of_kills_lose_nothing_and_double_nothing, setup,
                                                teardown),
        };

        return cmocka_run_group_tests_name("kill9", tests, NULL, NULL);
}
