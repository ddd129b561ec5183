#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "support/kafka_links.h"
#include "support/line_count.h"
#include "support/link_fixture.h"

/* A broker that is not there, goes away, comes back, hangs; topics that are not as they should be. */

#define CALLS 40
#define KILLS 4

/* A transaction soon outlives its time-out. */
#define QUICK                                                                                \
        "\"kafka\": {\"session.timeout.ms\": \"6000\", \"heartbeat.interval.ms\": \"500\", " \
        "\"transaction.timeout.ms\": \"4000\", \"socket.timeout.ms\": \"3000\"}"

static kafka_links f;

static void line_start(const char *name) {
        kafka_links_chain(&f, "line", name, QUICK);
        for (size_t i = 0; i < LINE_TEAMS; i++)
                (void)kafka_links_start(&f, line_teams[i], "a", NULL);
        kafka_links_await_ready(&f);
}

static void line_end(void) {
        line_await(f.tool, f.chain, CALLS);
        kafka_links_stop(&f);
        line_check(f.tool, f.chain, CALLS);
}

static void test_a_broker_that_is_killed_again_and_again_costs_time_only(void **state) {
        (void)state;
        line_start("crashes");
        for (unsigned i = 0; i < KILLS; i++) {
                kafka_links_raise(&f, i * CALLS / KILLS, (i + 1) * CALLS / KILLS);
                kafka_cluster_do(&f.cluster, "kill", 1);
                kafka_cluster_again(&f.cluster);
        }
        line_end();
}

/* What is underway outlives its time-out, and the broker says the same as to a rival: fenced. */
static void test_a_broker_that_hangs_longer_than_a_transaction_may_last(void **state) {
        (void)state;
        line_start("hangs");
        kafka_links_raise(&f, 0, CALLS);
        kafka_cluster_do(&f.cluster, "pause", 1);
        link_await(&f.links[1], "\"away\"", 1);
        kafka_cluster_do(&f.cluster, "resume", 1);
        line_end();
}

static pid_t broker_pid(void) {
        char path[FOLDER_PATH_MAX + 32];
        long pid = 0;

        (void)snprintf(path, sizeof(path), "%s/broker-1.pid", f.cluster.dir);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        assert_int_equal(fscanf(file, "%ld", &pid), 1);
        (void)fclose(file);
        return (pid_t)pid;
}

/* As on a full disk: what it appends is refused by the system, and it ends. */
static void test_a_broker_that_can_write_no_more_loses_nothing(void **state) {
        const struct rlimit nothing = {.rlim_cur = 0, .rlim_max = 0};
        char process[64];

        (void)state;
        line_start("full");
        kafka_links_raise(&f, 0, CALLS / 2);
        pid_t broker = broker_pid();
        (void)snprintf(process, sizeof(process), "/proc/%ld/exe", (long)broker);
        assert_int_equal(prlimit(broker, RLIMIT_FSIZE, &nothing, NULL), 0);
        for (size_t i = 0; i < LINE_TEAMS; i++)
                link_await(&f.links[i], "\"away\"", 1);
        while (access(process, F_OK) == 0 && kill(broker, 0) == 0)
                (void)poll(NULL, 0, 20); /* to look again */
        kafka_cluster_again(&f.cluster);
        kafka_links_raise(&f, CALLS / 2, CALLS);
        line_end();
}

static void assert_answer(const link_process *link, const char *page, const char *status) {
        struct sockaddr_in address = link_http_said(link);
        char request[64];
        char text[4096];

        (void)snprintf(request, sizeof(request), "GET %s HTTP/1.0\r\n\r\n", page);
        if (strstr(http_ask(&address, request, text, sizeof(text)), status) == NULL)
                fail_msg("%s: %s", page, text);
}

static void test_links_that_start_without_a_broker_wait_for_it(void **state) {
        (void)state;
        kafka_links_chain(&f, "line", "absent", QUICK);
        kafka_cluster_do(&f.cluster, "kill", 1);
        for (size_t i = 0; i < LINE_TEAMS; i++)
                (void)kafka_links_start(&f, line_teams[i], "a", "--http=127.0.0.1:0");
        for (size_t i = 0; i < LINE_TEAMS; i++) {
                link_await(&f.links[i], "no broker answers", 1);
                assert_int_equal(link_said(&f.links[i], "\"ready\""), 0);
                assert_answer(&f.links[i], "/livez", "200 OK");
                assert_answer(&f.links[i], "/readyz", "503");
        }
        kafka_cluster_again(&f.cluster);
        kafka_links_await_ready(&f);
        assert_answer(&f.links[0], "/readyz", "200 OK");
        kafka_links_raise(&f, 0, CALLS);
        line_end();
}

static void test_a_missing_topic_is_named_and_waited_for(void **state) {
        (void)state;
        kafka_links_chain_bare(&f, "pair", "bare", QUICK);
        link_process *link = kafka_links_start(&f, "provider", "a", NULL);
        link_await(link, "has no topic bare.provider.", 1);
        kafka_cluster_topics(&f.cluster, f.chain_dir);
        link_await(link, "\"ready\"", 1);
        kafka_links_stop(&f);
}

static void test_a_topic_with_another_number_of_partitions_is_named(void **state) {
        (void)state;
        kafka_links_chain(&f, "pair", "other", "\"partitions\": 3");
        kafka_links_end(&f);
        (void)snprintf(f.chain, sizeof(f.chain), "other");
        char path[FOLDER_PATH_MAX * 2];
        (void)snprintf(path, sizeof(path), "%s/chain.json", f.chain_dir);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        (void)fprintf(file, "{\"name\": \"other\", \"partitions\": 4}\n");
        assert_int_equal(fclose(file), 0);
        link_process *link = kafka_links_start(&f, "provider", "a", NULL);
        link_await(link, "has 3 partitions and the chain 4", 1);
        assert_int_equal(link_said(link, "\"ready\""), 0);
        kafka_links_stop(&f);
}

static void test_a_property_that_is_wrong_is_bad_configuration(void **state) {
        static const struct {
                const char *name;
                const char *members;
                const char *said;
        } cases[] = {
                {"unknown", "\"kafka\": {\"no.such.thing\": \"1\"}", "knows no property \\\"no.such.thing\\\""},
                {"fixed", "\"kafka\": {\"isolation.level\": \"read_uncommitted\"}", "follows from the protocol"},
                {"refused", "\"kafka\": {\"security.protocol\": \"magic\"}", "refuses the value of the property"},
                {"unset", "\"kafka\": {\"sasl.password\": \"env:SK_TEST_NOT_SET\"}", "which is not set"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                kafka_links_chain_bare(&f, "pair", cases[i].name, cases[i].members);
                link_process *link = kafka_links_start(&f, "provider", "a", NULL);
                assert_int_equal(link_wait(link), 65);
                link_await(link, cases[i].said, 1);
        }
}

static int end_of_test(void **state) {
        (void)state;
        kafka_links_end(&f);
        return 0;
}

static int setup(void **state) {
        (void)state;
        kafka_links_up(&f, 1);
        return 0;
}

static int teardown(void **state) {
        (void)state;
        kafka_links_down(&f);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_teardown(test_a_property_that_is_wrong_is_bad_configuration, end_of_test),
                cmocka_unit_test_teardown(test_a_missing_topic_is_named_and_waited_for, end_of_test),
                cmocka_unit_test_teardown(test_a_topic_with_another_number_of_partitions_is_named, end_of_test),
                cmocka_unit_test_teardown(test_links_that_start_without_a_broker_wait_for_it, end_of_test),
                cmocka_unit_test_teardown(test_a_broker_that_can_write_no_more_loses_nothing, end_of_test),
                cmocka_unit_test_teardown(test_a_broker_that_hangs_longer_than_a_transaction_may_last, end_of_test),
                cmocka_unit_test_teardown(test_a_broker_that_is_killed_again_and_again_costs_time_only, end_of_test),
        };

        return cmocka_run_group_tests_name("kafka_broker", tests, setup, teardown);
}
