#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kit/random.h"
#include "support/kafka_links.h"
#include "support/line_count.h"

/*
 * Three links in a row on either log; calls are raised while random daemons are killed with SIGKILL and started again,
 * hundreds of times. A daemon is killed after a random number of commits, so that there is progress between kills on any
 * machine. Then everything is let come to its end, and counted.
 */

#define COMMITS_BETWEEN 6

static kafka_links f;
static unsigned readies[LINE_TEAMS]; /* how often each has said that it is ready, once it is so again */

static void wait_for_commits(unsigned count) {
        /* So that the topic is looked at. */
        (void)records_count(f.tool, kafka_links_topic(&f, "customer.feedback.desk"), "feedback.closed");
        for (unsigned i = 0; i < count; i++) {
                if (!sk_log_tool_wait(f.tool, 200))
                        return;
        }
}

/*
 * On Kafka a link is killed once it is ready, as it takes longer to come back there: one that is killed again and again
 * before it has done anything makes dead letters (rule R5). A static member that comes back within its session has its
 * partitions again, and nobody else takes them over.
 */
static void kill_one(size_t victim) {
        if (!f.is_local)
                link_await(&f.links[victim], "\"ready\"", readies[victim]);
        link_kill(&f.links[victim]);
        readies[victim] = link_said(&f.links[victim], "\"ready\"") + 1;
        link_start_again(&f.links[victim]);
}

static void raise_and_kill(sk_random *random, unsigned calls, unsigned kills) {
        for (unsigned i = 0; i < kills; i++) {
                kafka_links_raise(&f, i * calls / kills, (i + 1) * calls / kills);
                /* A tool that does not know whether its record arrived writes it again. */
                if (i % 7 == 0)
                        kafka_links_raise(&f, i * calls / kills, (i + 1) * calls / kills);
                wait_for_commits((unsigned)sk_random_below(random, COMMITS_BETWEEN));
                kill_one((size_t)sk_random_below(random, LINE_TEAMS));
        }
}

static void test_kills_of_links_lose_nothing_and_double_nothing(void **state) {
        const char *given = getenv("SEED");
        uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
        sk_random random = sk_random_make(seed);
        unsigned calls = f.is_local ? 200 : 120;
        unsigned kills = f.is_local ? 300 : 60;

        (void)state;
        print_message("SEED=%llu\n", (unsigned long long)seed);
        kafka_links_chain(&f, "line", "killed", "");
        for (size_t i = 0; i < LINE_TEAMS; i++) {
                (void)kafka_links_start(&f, line_teams[i], "a", NULL);
                readies[i] = 1;
        }
        raise_and_kill(&random, calls, kills);
        line_await(f.tool, f.chain, calls);
        for (size_t i = 0; i < LINE_TEAMS; i++)
                link_await(&f.links[i], "\"ready\"", readies[i]);
        kafka_links_stop(&f);
        line_check(f.tool, f.chain, calls);
}

static int end_of_test(void **state) {
        (void)state;
        kafka_links_end(&f);
        return 0;
}

static int setup(void **state) {
        (void)state;
        kafka_links_either(&f);
        return 0;
}

static int teardown(void **state) {
        (void)state;
        kafka_links_down(&f);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_teardown(test_kills_of_links_lose_nothing_and_double_nothing, end_of_test),
        };

        return cmocka_run_group_tests_name("kill9", tests, setup, teardown);
}
