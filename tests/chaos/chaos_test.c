#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "chaos/chaos.h"

/*
 * Everything that may go wrong goes wrong, in an order that follows from one seed (when it happens depends on the
 * machine). Then everything is counted. SEED, CHAOS_FAULTS, CHAOS_BROKERS (1 or 3) and CHAOS_SECONDS, after which no
 * more begins, say how much of it; CHAOS_KEEP keeps the folder.
 */

#define FAULTS 12
#define SECONDS 180
#define TURN_MS 50
#define OVER_MS 600000 /* so long after the last fault has begun everything must be as it was */

#define QUICK                                                                                 \
        "\"kafka\": {\"session.timeout.ms\": \"6000\", \"heartbeat.interval.ms\": \"1000\", " \
        "\"transaction.timeout.ms\": \"8000\", \"socket.timeout.ms\": \"6000\"}"

static chaos c;

int64_t chaos_clock_ms(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void chaos_say(const chaos *self, const char *format, ...) {
        char text[400];
        va_list list;

        va_start(list, format);
        (void)vsnprintf(text, sizeof(text), format, list);
        va_end(list);
        print_message("%7.1f s  %3u/%u  %s\n", (double)(chaos_clock_ms() - self->begun_ms) / 1000, self->faults,
                      self->faults_wanted, text);
        (void)fflush(stdout);
}

int64_t chaos_between(chaos *self, int64_t from, int64_t to) {
        return from + (int64_t)sk_random_below(&self->random, (uint64_t)(to - from) + 1);
}

/* ---- the network ---- */

static void ports_of(const char *which, uint16_t out[PROXY_BROKERS_MAX]) {
        char address[KAFKA_ADDRESS_MAX];
        const char *at = address;

        kafka_cluster_address(&c.links.cluster, which, address);
        for (unsigned i = 0; i < c.broker_count; i++) {
                at = strchr(at, ':');
                assert_non_null(at);
                out[i] = (uint16_t)strtoul(++at, NULL, 10);
        }
}

static void network_start(void) {
        uint16_t front[PROXY_BROKERS_MAX];
        uint16_t behind[PROXY_BROKERS_MAX];

        ports_of("front", front);
        ports_of("behind", behind);
        c.network = proxy_start(c.broker_count, front, behind);
        assert_non_null(c.network);
}

/* The links go through the network, those who count do not. */
static void chain_make(void) {
        char front[KAFKA_ADDRESS_MAX];

        kafka_links_chain(&c.links, "diamond", "diamond", QUICK);
        chaos_timers_plant(&c);
        kafka_cluster_address(&c.links.cluster, "front", front);
        (void)snprintf(c.links.cluster.url, sizeof(c.links.cluster.url), "kafka:%s", front);
        chaos_instances_start(&c);
        (void)snprintf(c.links.cluster.url, sizeof(c.links.cluster.url), "kafka:%s", c.links.cluster.brokers);
}

/* ---- the run ---- */

static void strike(void) {
        c.begun_ms = chaos_clock_ms();
        while (chaos_faults_look(&c, chaos_clock_ms())) {
                chaos_instances_look(&c, chaos_clock_ms());
                if (chaos_clock_ms() - c.begun_ms > (int64_t)c.seconds * 1000 + OVER_MS)
                        fail_msg("faults do not end");
                (void)poll(NULL, 0, TURN_MS);
        }
        chaos_say(&c, "the last fault is over; %u calls were raised, %u records written again, %u connections",
                  atomic_load(&c.raised), atomic_load(&c.raised_again), proxy_count(c.network));
}

/* Both sides' reports are equal, or it ends with 1. */
static void check_report(void) {
        int status = 0;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
                (void)execl(program_path("schakel"), "schakel", "report", "-C", c.links.chain_dir, "--log",
                            c.links.cluster.url, (char *)NULL);
                _exit(127);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
}

static void said_print(const char *what, const char *text) {
        unsigned count = 0;

        for (size_t i = 0; i < CHAOS_INSTANCES; i++)
                count += link_said(c.instances[i].link, text);
        print_message("%8u  %s\n", count, what);
}

static void print_all(void) {
        chaos_faults_print(&c);
        print_message("%8u  calls of the customer, %u timers\n", atomic_load(&c.raised), c.timers * CHAOS_TEAMS);
        said_print("times partitions were assigned to an instance", "\"taken-over\"");
        said_print("restores of a partition", "\"restored\"");
        said_print("times an instance was fenced and started afresh", "\"fenced\"");
        said_print("commits that failed", "\"commit-failed\"");
        print_message("%8u  exits with 75, %u with 70\n", c.exits_again, c.exits_fenced);
}

static void test_whatever_strikes_everything_happens_exactly_once(void **state) {
        (void)state;
        chain_make();
        chaos_raiser_start(&c);
        strike();
        chaos_raiser_stop(&c);
        chaos_await_end(&c);
        chaos_say(&c, "everything has ended");
        chaos_instances_stop(&c);
        print_all();
        chaos_count(&c);
        chaos_marks_check(&c);
        chaos_owners_check(&c);
        check_report();
}

static int end_of_test(void **state) {
        (void)state;
        atomic_store(&c.gives_up, true);
        chaos_raiser_stop(&c);
        kafka_links_end(&c.links);
        return 0;
}

static unsigned number_given(const char *name, unsigned otherwise) {
        const char *text = getenv(name);

        return text == NULL || *text == '\0' ? otherwise : (unsigned)strtoul(text, NULL, 10);
}

static int setup(void **state) {
        /* Journals are read whole in the end: nothing must be taken out of them before. */
        const char *options[] = {"--front", "--set", "log.cleaner.backoff.ms=86400000", NULL};
        const char *seed = getenv("SEED");

        (void)state;
        c.seed = seed != NULL && *seed != '\0' ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
        c.random = sk_random_make(c.seed);
        c.faults_wanted = number_given("CHAOS_FAULTS", FAULTS);
        c.seconds = number_given("CHAOS_SECONDS", SECONDS);
        c.broker_count = number_given("CHAOS_BROKERS", 1);
        print_message("SEED=%llu CHAOS_FAULTS=%u CHAOS_BROKERS=%u CHAOS_SECONDS=%u\n", (unsigned long long)c.seed,
                      c.faults_wanted, c.broker_count, c.seconds);
        (void)fflush(stdout);
        assert_true(c.broker_count <= PROXY_BROKERS_MAX);
        folder_make(&c.links.folder);
        kafka_cluster_up_with(&c.links.cluster, &c.links.folder, c.broker_count, options);
        network_start();
        return 0;
}

static int teardown(void **state) {
        (void)state;
        proxy_stop(c.network);
        kafka_cluster_down(&c.links.cluster);
        if (getenv("CHAOS_KEEP") == NULL)
                folder_remove(&c.links.folder);
        else
                print_message("kept: %s\n", c.links.folder.path);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_teardown(test_whatever_strikes_everything_happens_exactly_once, end_of_test),
        };

        return cmocka_run_group_tests_name("chaos", tests, setup, teardown);
}
