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

#include "support/kafka_links.h"
#include "support/line_count.h"
#include "support/link_fixture.h"

/* What a link on a real broker says of itself and of the broker: to scrapers, to whoever asks whether it is ready. */

#define CALLS 200
#define LINES_MAX 40 /* of a link that does nothing while its broker is away */
#define LIMIT_MS 180000
#define STEP_MS 20
#define HANG_S 6 /* the time-out of a transaction, and some */
#define HANGS 3
#define HANGS_MAX 8
#define HANG_CALLS 40

#define QUICK                                                                                \
        "\"kafka\": {\"session.timeout.ms\": \"6000\", \"heartbeat.interval.ms\": \"500\", " \
        "\"transaction.timeout.ms\": \"4000\", \"socket.timeout.ms\": \"3000\"}"

static kafka_links f;

static const char *ask(const struct sockaddr_in *address, const char *path) {
        static char text[65536];
        char request[64];

        (void)snprintf(request, sizeof(request), "GET %s HTTP/1.0\r\n\r\n", path);
        return http_ask(address, request, text, sizeof(text));
}

static double metric(const struct sockaddr_in *address, const char *name) {
        char line[128];

        (void)snprintf(line, sizeof(line), "\n%s ", name);
        const char *text = ask(address, "/metrics");
        const char *at = strstr(text, line);
        if (at == NULL)
                fail_msg("%s is not there: %s", name, text);
        return strtod(at + strlen(line), NULL);
}

/* Until /readyz is answered with that. */
static void ready_await(const struct sockaddr_in *address, const char *status) {
        for (int waited = 0; strstr(ask(address, "/readyz"), status) == NULL; waited += STEP_MS) {
                if (waited > LIMIT_MS)
                        fail_msg("not answered with %s", status);
                (void)poll(NULL, 0, STEP_MS);
        }
}

/* The supplier is not there, so that what the desk opens stays open. */
static void test_a_link_is_ready_when_what_had_come_before_is_committed(void **state) {
        (void)state;
        kafka_links_chain(&f, "line", "behind", "");
        (void)kafka_links_start(&f, "customer", "a", NULL);
        kafka_links_raise(&f, 0, CALLS);
        records_await(f.tool, kafka_links_topic(&f, "desk.calls.customer"), "call.raise", CALLS);
        link_process *desk = kafka_links_start(&f, "desk", "a", NULL);
        link_await(desk, "\"ready\"", 1);
        link_await(desk, "\"200 calls are open\"", 1);
        kafka_links_stop(&f);
}

static void test_a_scraper_reads_how_log_and_brokers_are(void **state) {
        static const struct {
                const char *name;
                double value;
        } exactly[] = {
                {"schakel_log_caught_up{team=\"desk\"}", 1},
                {"schakel_log_brokers{team=\"desk\"}", 1},
                {"schakel_log_rebalances_total{team=\"desk\"}", 1},
                {"schakel_log_absences_total{team=\"desk\"}", 0},
                {"schakel_log_away_seconds{team=\"desk\"}", 0},
                {"schakel_log_transaction{team=\"desk\",state=\"unknown\"}", 0},
        };

        (void)state;
        kafka_links_chain(&f, "line", "scraped", "");
        (void)kafka_links_start(&f, "customer", "a", NULL);
        link_process *desk = kafka_links_start(&f, "desk", "a", "--http=127.0.0.1:0");
        kafka_links_await_ready(&f);
        struct sockaddr_in address = link_http_said(desk);
        kafka_links_raise(&f, 0, 20);
        metric_await(&address, "schakel_open_calls{team=\"desk\"}", 20);
        /* Statistics come each five seconds; from then on it is known. */
        metric_await(&address, "schakel_log_brokers_up{team=\"desk\"}", 1);
        metric_await(&address, "schakel_log_round_trip_seconds{team=\"desk\"}", 1e-6);
        for (size_t i = 0; i < sizeof(exactly) / sizeof(exactly[0]); i++)
                assert_float_equal(metric(&address, exactly[i].name), exactly[i].value, 0);
        /* All inbound records were of transactions: markers stand behind the last of them, and none is lag. */
        assert_float_equal(metric(&address, "schakel_log_lag_records{team=\"desk\",topic=\"calls\"}"), 0, 0);
        kafka_links_stop(&f);
}

static unsigned lines_of(const link_process *link) {
        return link_said(link, "\"event\":");
}

static void test_brokers_that_go_away_and_come_back_are_told_of_once(void **state) {
        (void)state;
        kafka_links_chain(&f, "pair", "away", QUICK);
        link_process *link = kafka_links_start(&f, "provider", "a", "--http=127.0.0.1:0");
        link_await(link, "\"ready\"", 1);
        struct sockaddr_in address = link_http_said(link);
        kafka_cluster_do(&f.cluster, "pause", 1);
        link_await(link, "\"away\"", 1);
        /* It lives, and knows without a broker that it does; after a while nobody should send it anything. */
        assert_non_null(strstr(ask(&address, "/livez"), "200 OK"));
        ready_await(&address, "503");
        assert_non_null(strstr(ask(&address, "/readyz"), "provider: "));
        metric_await(&address, "schakel_log_away_seconds{team=\"provider\"}", 12);
        assert_non_null(strstr(ask(&address, "/livez"), "200 OK"));
        kafka_cluster_do(&f.cluster, "resume", 1);
        ready_await(&address, "200 OK");
        link_await(link, "the log can be reached again, after ", 1);
        assert_float_equal(metric(&address, "schakel_log_away_seconds{team=\"provider\"}"), 0, 0);
        assert_true(metric(&address, "schakel_log_absences_total{team=\"provider\"}") >= 1);
        kafka_links_stop(&f);
        assert_int_equal(link_said(link, "\"away\""), 1);
        assert_int_equal(link_said(link, "\"back\""), 1);
        assert_true(lines_of(link) < LINES_MAX);
}

/* Brokers that hang for longer than a transaction may last end it, and say what they say to who has a rival. */
static void hang(const struct sockaddr_in *address) {
        double lasted_s = 0;

        kafka_cluster_do(&f.cluster, "pause", 1);
        for (int waited = 0; lasted_s < HANG_S; waited += STEP_MS) {
                double transaction_s = metric(address, "schakel_log_transaction_seconds{team=\"desk\"}");
                double away_s = metric(address, "schakel_log_away_seconds{team=\"desk\"}");
                if (waited > LIMIT_MS)
                        fail_msg("nobody notices that the broker hangs");
                lasted_s = transaction_s > away_s ? transaction_s : away_s;
                (void)poll(NULL, 0, STEP_MS);
        }
        kafka_cluster_do(&f.cluster, "resume", 1);
}

/* Rule T5: three times within ten minutes would be a rival's doing. */
static void test_brokers_that_hang_again_and_again_are_no_rival(void **state) {
        unsigned raised = 0;

        (void)state;
        kafka_links_chain(&f, "line", "hangs", QUICK);
        (void)kafka_links_start(&f, "customer", "a", NULL);
        link_process *desk = kafka_links_start(&f, "desk", "a", "--http=127.0.0.1:0");
        (void)kafka_links_start(&f, "supplier", "a", NULL);
        kafka_links_await_ready(&f);
        struct sockaddr_in address = link_http_said(desk);
        /* The desk has much to do when the broker stops; still, not every hang meets a transaction. */
        for (unsigned i = 0; i < HANGS_MAX && link_said(desk, "\"transaction-lost\"") < HANGS; i++) {
                link_signal(desk, SIGSTOP);
                kafka_links_raise(&f, raised, raised + HANG_CALLS);
                raised += HANG_CALLS;
                link_signal(desk, SIGCONT);
                metric_await(&address, "schakel_calls_opened_total{team=\"desk\"}", raised - HANG_CALLS + 1);
                hang(&address);
                line_await(f.tool, f.chain, raised);
        }
        print_message("hangs that met a transaction of the desk's: %u\n", link_said(desk, "\"transaction-lost\""));
        kafka_links_stop(&f);
        line_check(f.tool, f.chain, raised);
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
                cmocka_unit_test_teardown(test_a_link_is_ready_when_what_had_come_before_is_committed, end_of_test),
                cmocka_unit_test_teardown(test_a_scraper_reads_how_log_and_brokers_are, end_of_test),
                cmocka_unit_test_teardown(test_brokers_that_go_away_and_come_back_are_told_of_once, end_of_test),
                cmocka_unit_test_teardown(test_brokers_that_hang_again_and_again_are_no_rival, end_of_test),
        };

        return cmocka_run_group_tests_name("kafka_health", tests, setup, teardown);
}
