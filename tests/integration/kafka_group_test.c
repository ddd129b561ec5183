#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>

#include "support/kafka_links.h"
#include "support/line_count.h"

/* Several instances of a team on a real broker: who has which partitions, and what happens when they come and go. */

#define CALLS 40

/* Sessions are short, so that a take-over need not be waited for long. */
#define QUICK "\"kafka\": {\"session.timeout.ms\": \"6000\", \"heartbeat.interval.ms\": \"500\"}"

static kafka_links f;

/* Whoever does not leave the group stays in it for longer than any test, also on a machine that stalls. */
#define SLOW "\"kafka\": {\"session.timeout.ms\": \"300000\", \"heartbeat.interval.ms\": \"500\"}"

static void line_start_with(const char *name, const char *members) {
        kafka_links_chain(&f, "line", name, members);
        for (size_t i = 0; i < LINE_TEAMS; i++)
                (void)kafka_links_start(&f, line_teams[i], "a", NULL);
        kafka_links_await_ready(&f);
}

static void line_start(const char *name) {
        line_start_with(name, QUICK);
}

static void line_end(void) {
        line_await(f.tool, f.chain, CALLS);
        kafka_links_stop(&f);
        line_check(f.tool, f.chain, CALLS);
}

static void test_two_instances_share_the_partitions(void **state) {
        (void)state;
        line_start_with("shared", SLOW);
        kafka_links_raise(&f, 0, CALLS / 2);
        link_process *second = kafka_links_start(&f, "desk", "b", NULL);
        link_await(second, "with 2 of 4 partitions", 1);
        link_await(&f.links[1], "with 2 of 4 partitions", 1);
        kafka_links_raise(&f, CALLS / 2, CALLS);
        line_end();
        /* What stayed where it was needed no restore. */
        assert_int_equal(link_said(&f.links[1], "\"restored\""), 4);
        assert_int_equal(link_said(second, "\"restored\""), 2);
}

static void test_an_instance_that_comes_back_has_its_partitions_again_and_nobody_notices(void **state) {
        (void)state;
        line_start_with("back", SLOW);
        link_process *second = kafka_links_start(&f, "desk", "b", NULL);
        link_await(&f.links[1], "with 2 of 4 partitions", 1);
        link_await(second, "\"ready\"", 1);
        unsigned assigned = link_said(&f.links[1], "\"taken-over\"");
        for (unsigned i = 0; i < 4; i++) {
                kafka_links_raise(&f, i * CALLS / 4, (i + 1) * CALLS / 4);
                if (i % 2 == 0) {
                        link_kill(second);
                } else {
                        link_signal(second, SIGTERM);
                        assert_int_equal(link_wait(second), 0);
                }
                link_start_again(second);
                link_await(second, "\"ready\"", i + 2);
        }
        assert_int_equal(link_said(&f.links[1], "\"taken-over\""), assigned);
        line_end();
}

#define DRAINS 4

/* As soon as it is ready, too, and when it is the last. */
static void test_a_drained_instance_leaves_at_once(void **state) {
        static const char *const others[] = {"c", "d", "e", "f", "g", "h"};

        (void)state;
        line_start_with("drained", SLOW);
        link_process *second = kafka_links_start(&f, "desk", "b", NULL);
        for (unsigned i = 0; i < DRAINS; i++) {
                if (i > 0)
                        link_start_again(second);
                link_await(second, "\"ready\"", i + 1);
                link_await(&f.links[1], "with 2 of 4 partitions", i + 1);
                kafka_links_raise(&f, i * CALLS / DRAINS, (i + 1) * CALLS / DRAINS);
                link_signal(second, SIGUSR2);
                assert_int_equal(link_wait(second), 0);
                link_await(&f.links[1], "with 4 of 4 partitions", i + 2);
        }
        line_await(f.tool, f.chain, CALLS);
        link_process *last = &f.links[1];
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
                link_signal(last, SIGUSR2);
                assert_int_equal(link_wait(last), 0);
                last = kafka_links_start(&f, "desk", others[i], NULL);
                link_await(last, "with 4 of 4 partitions", 1);
                link_await(last, "\"ready\"", 1);
        }
        kafka_links_stop(&f);
        line_check(f.tool, f.chain, CALLS);
}

static void test_a_killed_instance_is_taken_over_when_its_session_ends(void **state) {
        (void)state;
        line_start("taken");
        link_process *second = kafka_links_start(&f, "desk", "b", NULL);
        link_await(second, "\"ready\"", 1);
        link_await(&f.links[1], "with 2 of 4 partitions", 1);
        kafka_links_raise(&f, 0, CALLS);
        link_kill(second);
        link_await(&f.links[1], "with 4 of 4 partitions", 2);
        line_end();
}

/* Beyond its session, in the middle of whatever it did; somebody else goes on meanwhile, then it wakes up. */
static void test_a_paused_instance_that_wakes_up_does_no_harm(void **state) {
        (void)state;
        line_start("paused");
        link_process *second = kafka_links_start(&f, "desk", "b", NULL);
        link_await(second, "\"ready\"", 1);
        link_await(&f.links[1], "with 2 of 4 partitions", 1);
        kafka_links_raise(&f, 0, CALLS / 2);
        link_signal(second, SIGSTOP);
        kafka_links_raise(&f, CALLS / 2, CALLS);
        link_await(&f.links[1], "with 4 of 4 partitions", 2);
        link_signal(second, SIGCONT);
        link_await(&f.links[1], "with 2 of 4 partitions", 2);
        line_end();
}

static void test_of_two_processes_with_one_name_one_ends_and_says_why(void **state) {
        (void)state;
        line_start("twins");
        link_process *twin = kafka_links_start(&f, "desk", "a", NULL);
        link_process *both[] = {&f.links[1], twin};
        size_t ended = 0;
        /* Their lines go into one file, as they have one name. */
        link_await(twin, "another process has the same instance name", 1);
        link_await(twin, "exit status 70", 1);
        while (link_is_alive(both[ended]) && link_is_alive(both[1 - ended]))
                ended = 1 - ended;
        if (link_is_alive(both[ended]))
                ended = 1 - ended;
        assert_int_equal(link_wait(both[ended]), 70);
        kafka_links_raise(&f, 0, CALLS);
        line_end();
}

static int end_of_test(void **state) {
        (void)state;
        kafka_links_end(&f);
        return 0;
}

static int setup(void **state) {
        (void)state;
        kafka_links_share(&f);
        return 0;
}

static int teardown(void **state) {
        (void)state;
        kafka_links_down(&f);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_teardown(test_two_instances_share_the_partitions, end_of_test),
                cmocka_unit_test_teardown(test_an_instance_that_comes_back_has_its_partitions_again_and_nobody_notices,
                                          end_of_test),
                cmocka_unit_test_teardown(test_a_drained_instance_leaves_at_once, end_of_test),
                cmocka_unit_test_teardown(test_a_killed_instance_is_taken_over_when_its_session_ends, end_of_test),
                cmocka_unit_test_teardown(test_a_paused_instance_that_wakes_up_does_no_harm, end_of_test),
                cmocka_unit_test_teardown(test_of_two_processes_with_one_name_one_ends_and_says_why, end_of_test),
        };

        return cmocka_run_group_tests_name("kafka_group", tests, setup, teardown);
}
