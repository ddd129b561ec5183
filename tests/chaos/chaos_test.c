#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
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
 * more begins, say how much of it, CHAOS_PACE how slow the machine is, in percent; CHAOS_KEEP keeps the folder.
 */

#define FAULTS 12
#define SECONDS 180
#define TURN_MS 50
#define OVER_MS 600000 /* so long after the last fault has begun everything must be as it was */

/* A fast machine has its brokers up so soon. Ten times that is as slow as is believed. */
#define UP_MS 8000
#define UP_EACH_MS 3000
#define PACE_MAX 1000

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

int64_t chaos_paced(const chaos *self, int64_t ms) {
        return ms * self->pace / 100;
}

void chaos_interrupted_check(const chaos *self) {
        if (atomic_load(&self->is_interrupted))
                fail_msg("interrupted after %u faults", self->faults);
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

/* Sessions and transactions end often. */
static void properties_write(char *out, size_t room) {
        (void)snprintf(out, room,
                       "\"kafka\": {\"session.timeout.ms\": \"%lld\", \"heartbeat.interval.ms\": \"%lld\", "
                       "\"transaction.timeout.ms\": \"%lld\", \"socket.timeout.ms\": \"%lld\"}",
                       (long long)chaos_paced(&c, 6000), (long long)chaos_paced(&c, 1000),
                       (long long)chaos_paced(&c, 8000), (long long)chaos_paced(&c, 6000));
}

/* The links go through the network, also those that are started again; those who count do not. */
static void chain_make(void) {
        char front[KAFKA_ADDRESS_MAX];
        char quick[256];

        properties_write(quick, sizeof(quick));
        kafka_links_chain(&c.links, "diamond", "diamond", quick);
        chaos_timers_plant(&c);
        kafka_cluster_address(&c.links.cluster, "front", front);
        (void)snprintf(c.direct_url, sizeof(c.direct_url), "kafka:%s", c.links.cluster.brokers);
        (void)snprintf(c.links.url, sizeof(c.links.url), "kafka:%s", front);
        chaos_instances_start(&c);
        assert_true(proxy_count(c.network) >= CHAOS_INSTANCES);
}

/* ---- the run ---- */

static void strike(void) {
        c.begun_ms = chaos_clock_ms();
        while (chaos_faults_look(&c, chaos_clock_ms())) {
                chaos_interrupted_check(&c);
                chaos_instances_look(&c, chaos_clock_ms());
                chaos_brokers_look(&c);
                if (chaos_clock_ms() - c.begun_ms > (int64_t)c.seconds * 1000 + chaos_paced(&c, OVER_MS))
                        fail_msg("faults do not end");
                (void)poll(NULL, 0, TURN_MS);
        }
        chaos_say(&c, "the last fault is over; %u calls were raised, %u records written again, %u connections",
                  atomic_load(&c.raised), atomic_load(&c.raised_again), proxy_count(c.network));
}

static unsigned said_count(const char *text) {
        unsigned count = 0;

        for (size_t i = 0; i < CHAOS_INSTANCES; i++)
                count += link_said(c.instances[i].link, text);
        return count;
}

static void said_print(const char *what, const char *text) {
        print_message("%8u  %s\n", said_count(text), what);
}

static void print_all(void) {
        chaos_faults_print(&c);
        /* Each has several handles, and each of those connections: nobody has found a way around the network. */
        assert_true(proxy_count(c.network) >= 2 * said_count("\"started\""));
        print_message("%8u  calls of the customer, %u timers\n", atomic_load(&c.raised), c.timers * CHAOS_TEAMS);
        said_print("times partitions were assigned to an instance", "\"taken-over\"");
        said_print("restores of a partition", "\"restored\"");
        said_print("times an instance was fenced and started afresh", "\"fenced\"");
        said_print("times a transaction was lost, as to its time-out", "\"transaction-lost\"");
        said_print("commits that failed", "\"commit-failed\"");
        print_message("%8u  exits with 75, %u with 70\n", c.exits_again, c.exits_fenced);
}

static void test_whatever_strikes_everything_happens_exactly_once(void **state) {
        (void)state;
        chaos_interrupted_check(&c);
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
        chaos_report_check(&c);
        chaos_figures_print(&c);
}

static int end_of_test(void **state) {
        (void)state;
        atomic_store(&c.gives_up, true);
        chaos_raiser_stop(&c);
        chaos_instances_kill(&c);
        kafka_links_end(&c.links);
        return 0;
}

static unsigned number_given(const char *name, unsigned otherwise) {
        const char *text = getenv(name);

        return text == NULL || *text == '\0' ? otherwise : (unsigned)strtoul(text, NULL, 10);
}

/* No limit of time is right for every machine: brokers that take ten times as long get ten times as much. */
static void pace_set(int64_t up_ms) {
        int64_t pace = 100 * up_ms / (UP_MS + UP_EACH_MS * (int64_t)c.broker_count);

        pace = pace < 100 ? 100 : pace > PACE_MAX ? PACE_MAX : pace;
        c.pace = number_given("CHAOS_PACE", (unsigned)pace);
        print_message("brokers are up after %.1f s; limits of time are those of a fast machine times %.1f\n",
                      (double)up_ms / 1000, (double)c.pace / 100);
        (void)fflush(stdout);
}

/* Which may take long the first time, and says nothing of the machine. */
static void programs_fetch(void) {
        pid_t pid = kafka_cluster_begin(&c.links.cluster, "jars", 0);

        (void)waitpid(pid, NULL, 0);
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
        programs_fetch();
        int64_t begun_ms = chaos_clock_ms();
        kafka_cluster_up_with(&c.links.cluster, &c.links.folder, c.broker_count, options);
        pace_set(chaos_clock_ms() - begun_ms);
        network_start();
        return 0;
}

static int teardown(void **state) {
        (void)state;
        proxy_stop(c.network);
        chaos_scripts_kill(&c);
        kafka_cluster_down(&c.links.cluster);
        if (getenv("CHAOS_KEEP") == NULL)
                folder_remove(&c.links.folder);
        else
                print_message("kept: %s\n", c.links.folder.path);
        return 0;
}

/* Everything is taken down in order, so that nothing stays behind: a broker that is paused would not even notice. */
static void on_signal(int number) {
        (void)number;
        atomic_store(&c.is_interrupted, true);
}

static void signals_catch(void) {
        static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
        struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

        (void)sigemptyset(&action.sa_mask);
        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
                (void)sigaction(numbers[i], &action, NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_teardown(test_whatever_strikes_everything_happens_exactly_once, end_of_test),
        };

        signals_catch();
        return cmocka_run_group_tests_name("chaos", tests, setup, teardown);
}
