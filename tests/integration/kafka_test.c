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

#include "kit/random.h"
#include "log/tool.h"
#include "support/folder.h"
#include "support/kafka_cluster.h"
#include "support/line_count.h"
#include "support/link_process.h"

/*
 * Links as processes on a real broker. One broker for all tests; each test has a chain of its own.
 */

#define LINKS_MAX 16
#define CALLS 20
#define KILLS 60
#define KILL_CALLS 120
#define COMMITS_BETWEEN 6

typedef struct fixture {
        test_folder folder;
        kafka_cluster cluster;
        link_process links[LINKS_MAX];
        char states[LINKS_MAX][FOLDER_PATH_MAX];
        size_t link_count;
        sk_log_tool *tool;
        raised_call calls[CALLS];
        raised_call kill_calls[KILL_CALLS];
} fixture;

static fixture f;

static void chain_begin(const char *chain_dir) {
        char why[SK_LOG_WHY_MAX] = "";

        kafka_cluster_topics(&f.cluster, chain_dir);
        f.link_count = 0;
        if (sk_log_tool_open(f.cluster.url, SK_LOG_APPEND, why, &f.tool) != SK_OK)
                fail_msg("%s", why);
}

/* An instance of a team; each has a state directory of its own. */
static link_process *instance_start(const char *chain_dir, const char *team, const char *instance) {
        link_process *link = &f.links[f.link_count];
        char name[128];

        (void)snprintf(name, sizeof(name), "%.60s-%.60s", team, instance);
        (void)snprintf(f.states[f.link_count], sizeof(f.states[0]), "%s", folder_file(&f.folder, name));
        const char *arguments[] = {"-C",         chain_dir,     "--team",  team,
                                   "--log",      f.cluster.url, "--state", f.states[f.link_count],
                                   "--instance", instance,      NULL};
        link_start(link, &f.folder, name, arguments); /* its lines go beside: NAME.out */
        f.link_count++;
        return link;
}

static void links_await_ready(void) {
        for (size_t i = 0; i < f.link_count; i++)
                link_await(&f.links[i], "\"ready\"", 1);
}

static void links_stop(void) {
        for (size_t i = 0; i < f.link_count; i++) {
                link_signal(&f.links[i], SIGTERM);
                assert_int_equal(link_wait(&f.links[i]), 0);
        }
}

static void test_calls_of_a_pair_close(void **state) {
        static const char chain[] = "tests/data/chains/pair";
        static const call_place place = {"pair", "customer", "provider", "facility"};

        (void)state;
        chain_begin(chain);
        (void)instance_start(chain, "customer", "a");
        (void)instance_start(chain, "provider", "a");
        links_await_ready();
        for (unsigned i = 0; i < CALLS; i++)
                call_raise_at(f.tool, &place, i, &f.calls[i]);
        records_await(f.tool, "pair.customer.feedback.provider", "feedback.closed", CALLS);
        records_await(f.tool, "pair.customer.events", "event.closed", CALLS);
        links_stop();
        assert_int_equal(records_count(f.tool, "pair.customer.feedback.provider", "feedback.closed"), CALLS);
        assert_int_equal(records_count(f.tool, "pair.provider.archive", "archive.call"), CALLS);
}

/* Two departments of the shape of a shared service centre; every process of it is automatic. */
static void test_calls_of_the_automatic_chain_close(void **state) {
        static const char chain[] = "tests/data/chains/automatic";
        static const char *const teams[] = {"finance", "human-resources", "operations",  "service-centre",
                                            "network", "workplace",       "applications"};
        static const call_place places[] = {{"automatic", "finance", "service-centre", "laptop"},
                                            {"automatic", "operations", "service-centre", "network"}};

        (void)state;
        chain_begin(chain);
        for (size_t i = 0; i < sizeof(teams) / sizeof(teams[0]); i++)
                (void)instance_start(chain, teams[i], "a");
        links_await_ready();
        for (unsigned i = 0; i < CALLS; i++)
                call_raise_at(f.tool, &places[i % 2], i, &f.calls[i]);
        records_await(f.tool, "automatic.finance.feedback.service-centre", "feedback.closed", CALLS / 2);
        records_await(f.tool, "automatic.operations.feedback.service-centre", "feedback.closed", CALLS / 2);
        links_stop();
        assert_int_equal(records_count(f.tool, "automatic.service-centre.archive", "archive.call"), CALLS);
}

/* ---- killing ---- */

static void wait_for_commits(unsigned count) {
        for (unsigned i = 0; i < count; i++) {
                if (!sk_log_tool_wait(f.tool, 200))
                        return;
        }
}

/* A static member that comes back within its session has its partitions again: nobody else takes them over. */
static void test_kills_of_links_lose_nothing_and_double_nothing(void **state) {
        static const char chain[] = "tests/data/chains/line";
        const char *given = getenv("SEED");
        uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
        sk_random random = sk_random_make(seed);
        unsigned raised = 0;

        (void)state;
        print_message("SEED=%llu\n", (unsigned long long)seed);
        chain_begin(chain);
        for (size_t i = 0; i < LINE_TEAMS; i++)
                (void)instance_start(chain, line_teams[i], "a");
        links_await_ready();
        for (unsigned kills = 0; kills < KILLS; kills++) {
                for (; raised < KILL_CALLS && raised * KILLS < (kills + 1) * KILL_CALLS; raised++)
                        call_raise(f.tool, raised, &f.kill_calls[raised]);
                /* So that the topics below are looked at. */
                (void)records_count(f.tool, "line.customer.feedback.desk", "feedback.closed");
                wait_for_commits((unsigned)sk_random_below(&random, COMMITS_BETWEEN));
                link_process *victim = &f.links[sk_random_below(&random, LINE_TEAMS)];
                link_kill(victim);
                link_start_again(victim);
        }
        line_await(f.tool, KILL_CALLS);
        links_stop();
        line_check(f.tool, KILL_CALLS);
}

static int end_of_test(void **state) {
        (void)state;
        for (size_t i = 0; i < f.link_count; i++)
                link_kill(&f.links[i]);
        f.link_count = 0;
        sk_log_tool_free(f.tool);
        f.tool = NULL;
        return 0;
}

static int setup(void **state) {
        (void)state;
        folder_make(&f.folder);
        kafka_cluster_up(&f.cluster, &f.folder, 1);
        return 0;
}

static int teardown(void **state) {
        (void)state;
        kafka_cluster_down(&f.cluster);
        folder_remove(&f.folder);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_teardown(test_calls_of_a_pair_close, end_of_test),
                cmocka_unit_test_teardown(test_calls_of_the_automatic_chain_close, end_of_test),
                cmocka_unit_test_teardown(test_kills_of_links_lose_nothing_and_double_nothing, end_of_test),
        };

        return cmocka_run_group_tests_name("kafka", tests, setup, teardown);
}
