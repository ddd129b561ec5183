#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "log/tool.h"
#include "support/folder.h"
#include "support/kafka_cluster.h"
#include "support/link_process.h"

/*
 * Links as processes on a real broker. One broker for all tests; each test has a chain of its own.
 */

#define LINKS_MAX 16
#define CALLS 20

typedef struct fixture {
        test_folder folder;
        kafka_cluster cluster;
        link_process links[LINKS_MAX];
        char states[LINKS_MAX][FOLDER_PATH_MAX];
        size_t link_count;
        sk_log_tool *tool;
        raised_call calls[CALLS];
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
        };

        return cmocka_run_group_tests_name("kafka", tests, setup, teardown);
}
