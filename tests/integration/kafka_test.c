#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

#include "kit/random.h"
#include "support/kafka_links.h"
#include "support/line_count.h"

/* Chains on a real broker: their calls close, also when the links are killed in between. */

#define CALLS 20
#define KILLS 60
#define KILL_CALLS 120
#define COMMITS_BETWEEN 6

static kafka_links f;

static void test_calls_of_a_pair_close(void **state) {
        static const call_place place = {"pair", "customer", "provider", "facility"};
        raised_call call;

        (void)state;
        kafka_links_chain(&f, "pair", "pair", "");
        (void)kafka_links_start(&f, "customer", "a", NULL);
        (void)kafka_links_start(&f, "provider", "a", NULL);
        kafka_links_await_ready(&f);
        for (unsigned i = 0; i < CALLS; i++)
                call_raise_at(f.tool, &place, i, &call);
        records_await(f.tool, "pair.customer.feedback.provider", "feedback.closed", CALLS);
        records_await(f.tool, "pair.customer.events", "event.closed", CALLS);
        kafka_links_stop(&f);
        assert_int_equal(records_count(f.tool, "pair.customer.feedback.provider", "feedback.closed"), CALLS);
        assert_int_equal(records_count(f.tool, "pair.provider.archive", "archive.call"), CALLS);
}

/* Two departments of the shape of a shared service centre; every process of it is automatic. */
static void test_calls_of_the_automatic_chain_close(void **state) {
        static const char *const teams[] = {"finance", "human-resources", "operations",  "service-centre",
                                            "network", "workplace",       "applications"};
        static const call_place places[] = {{"automatic", "finance", "service-centre", "laptop"},
                                            {"automatic", "operations", "service-centre", "network"}};
        raised_call call;

        (void)state;
        kafka_links_chain(&f, "automatic", "automatic", "");
        for (size_t i = 0; i < sizeof(teams) / sizeof(teams[0]); i++)
                (void)kafka_links_start(&f, teams[i], "a", NULL);
        kafka_links_await_ready(&f);
        for (unsigned i = 0; i < CALLS; i++)
                call_raise_at(f.tool, &places[i % 2], i, &call);
        records_await(f.tool, "automatic.finance.feedback.service-centre", "feedback.closed", CALLS / 2);
        records_await(f.tool, "automatic.operations.feedback.service-centre", "feedback.closed", CALLS / 2);
        kafka_links_stop(&f);
        assert_int_equal(records_count(f.tool, "automatic.service-centre.archive", "archive.call"), CALLS);
}

/* ---- killing ---- */

static void wait_for_commits(unsigned count) {
        /* So that the topic is looked at. */
        (void)records_count(f.tool, kafka_links_topic(&f, "customer.feedback.desk"), "feedback.closed");
        for (unsigned i = 0; i < count; i++) {
                if (!sk_log_tool_wait(f.tool, 200))
                        return;
        }
}

/* A static member that comes back within its session has its partitions again: nobody else takes them over. */
static void test_kills_of_links_lose_nothing_and_double_nothing(void **state) {
        const char *given = getenv("SEED");
        uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
        sk_random random = sk_random_make(seed);
        unsigned starts[LINE_TEAMS];

        (void)state;
        for (size_t i = 0; i < LINE_TEAMS; i++)
                starts[i] = 1;
        print_message("SEED=%llu\n", (unsigned long long)seed);
        kafka_links_chain(&f, "line", "killed", "");
        for (size_t i = 0; i < LINE_TEAMS; i++)
                (void)kafka_links_start(&f, line_teams[i], "a", NULL);
        kafka_links_await_ready(&f);
        for (unsigned kills = 0; kills < KILLS; kills++) {
                kafka_links_raise(&f, kills * KILL_CALLS / KILLS, (kills + 1) * KILL_CALLS / KILLS);
                wait_for_commits((unsigned)sk_random_below(&random, COMMITS_BETWEEN));
                size_t victim = (size_t)sk_random_below(&random, LINE_TEAMS);
                /* A link that is killed again and again before it has done anything makes dead letters (rule R5). */
                link_await(&f.links[victim], "\"ready\"", starts[victim]);
                link_kill(&f.links[victim]);
                link_start_again(&f.links[victim]);
                starts[victim]++;
        }
        line_await(f.tool, f.chain, KILL_CALLS);
        kafka_links_stop(&f);
        line_check(f.tool, f.chain, KILL_CALLS);
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
                cmocka_unit_test_teardown(test_calls_of_a_pair_close, end_of_test),
                cmocka_unit_test_teardown(test_calls_of_the_automatic_chain_close, end_of_test),
                cmocka_unit_test_teardown(test_kills_of_links_lose_nothing_and_double_nothing, end_of_test),
        };

        return cmocka_run_group_tests_name("kafka", tests, setup, teardown);
}
