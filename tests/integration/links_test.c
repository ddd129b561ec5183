#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "support/kafka_links.h"
#include "support/line_count.h"
#include "support/link_fixture.h"

/* Links as processes, on either log: calls close, what was open is restored, editions are taken while they work. */

#define CALLS 20

static kafka_links f;

/* Of one kind, in a topic of the present chain. */
static void await(const char *topic, const char *type, unsigned count) {
        records_await(f.tool, kafka_links_topic(&f, topic), type, count);
}

static unsigned count(const char *topic, const char *type) {
        return records_count(f.tool, kafka_links_topic(&f, topic), type);
}

static void raise_at(const char *customer, const char *provider, const char *facility, unsigned number) {
        const call_place place = {f.chain, customer, provider, facility};
        raised_call call;

        call_raise_at(f.tool, &place, number, &call);
}

/* ---- calls ---- */

static void test_calls_of_a_pair_close(void **state) {
        (void)state;
        kafka_links_chain(&f, "pair", "closing", "");
        (void)kafka_links_start(&f, "customer", "a", NULL);
        (void)kafka_links_start(&f, "provider", "a", NULL);
        kafka_links_await_ready(&f);
        for (unsigned i = 0; i < CALLS; i++)
                raise_at("customer", "provider", "facility", i);
        await("customer.feedback.provider", "feedback.closed", CALLS);
        await("customer.events", "event.closed", CALLS);
        kafka_links_stop(&f);
        assert_int_equal(count("customer.feedback.provider", "feedback.closed"), CALLS);
        assert_int_equal(count("provider.archive", "archive.call"), CALLS);
}

/* Departments around a service centre and its suppliers; every process of it is automatic. */
static void test_calls_of_the_automatic_chain_close(void **state) {
        static const char *const teams[] = {"finance", "human-resources", "operations",  "service-centre",
                                            "network", "workplace",       "applications"};

        (void)state;
        kafka_links_chain(&f, "automatic", "departments", "");
        for (size_t i = 0; i < sizeof(teams) / sizeof(teams[0]); i++)
                (void)kafka_links_start(&f, teams[i], "a", NULL);
        kafka_links_await_ready(&f);
        for (unsigned i = 0; i < CALLS / 2; i++) {
                raise_at("finance", "service-centre", "laptop", 2 * i);
                raise_at("operations", "service-centre", "network", 2 * i + 1);
        }
        await("finance.feedback.service-centre", "feedback.closed", CALLS / 2);
        await("operations.feedback.service-centre", "feedback.closed", CALLS / 2);
        kafka_links_stop(&f);
        assert_int_equal(count("service-centre.archive", "archive.call"), CALLS);
}

static void test_several_teams_live_in_one_process(void **state) {
        static const char *const teams[] = {"customer", "desk", "supplier", NULL};

        (void)state;
        kafka_links_chain(&f, "line", "hosted", "");
        (void)kafka_links_start_all(&f, teams);
        kafka_links_raise(&f, 0, CALLS);
        line_await(f.tool, f.chain, CALLS);
        kafka_links_stop(&f);
        line_check(f.tool, f.chain, CALLS);
}

/* ---- life and death ---- */

static void test_a_signal_to_stop_ends_it_with_status_0_and_no_trace_of_an_unclean_exit(void **state) {
        static const int numbers[] = {SIGTERM, SIGINT};
        char running[FOLDER_PATH_MAX + 96];

        (void)state;
        kafka_links_chain(&f, "line", "stopped", "");
        link_process *link = kafka_links_start(&f, "desk", "a", NULL);
        (void)snprintf(running, sizeof(running), "%s/desk.running", f.states[0]);
        for (unsigned i = 0; i < 2; i++) {
                if (i > 0)
                        link_start_again(link);
                link_await(link, "\"ready\"", i + 1);
                assert_int_equal(access(running, F_OK), 0);
                link_signal(link, numbers[i]);
                assert_int_equal(link_wait(link), 0);
                assert_int_equal(link_said(link, "\"unclean-exit\""), 0);
                assert_int_equal(access(running, F_OK), -1);
        }
}

static void test_what_was_open_is_restored(void **state) {
        (void)state;
        kafka_links_chain(&f, "line", "restored", "");
        (void)kafka_links_start(&f, "customer", "a", NULL);
        link_process *desk = kafka_links_start(&f, "desk", "a", NULL);
        kafka_links_await_ready(&f);
        kafka_links_raise(&f, 0, 5);
        await("supplier.calls.desk", "call.raise", 5);
        link_stop(desk);
        link_start_again(desk);
        link_await(desk, "\"ready\"", 2);
        assert_int_equal(link_said(desk, "5 calls are open"), 1);
        kafka_links_stop(&f);
}

/* ---- editions ---- */

static void chain_say(const char *text) {
        char path[FOLDER_PATH_MAX + 96];

        (void)snprintf(path, sizeof(path), "%s/chain.json", f.chain_dir);
        text_write(path, text);
}

static void test_a_new_edition_is_taken_whole_or_refused_with_its_findings(void **state) {
        (void)state;
        kafka_links_chain(&f, "line", "edition", "");
        link_process *link = kafka_links_start(&f, "customer", "a", NULL);
        link_await(link, "\"ready\"", 1);

        chain_say("{ \"name\": \"edition\", \"titel\": \"x\" }");
        link_signal(link, SIGHUP);
        link_await(link, "\"edition-kept\"", 1);
        link_await(link, "\"code\":\"member-unknown\",\"file\":\"chain.json\",\"line\":1", 1);

        chain_say("{ \"name\": \"other\" }");
        link_signal(link, SIGHUP);
        link_await(link, "\"chain-changed\"", 1);
        link_await(link, "\"edition-kept\"", 2);

        chain_say("{ \"name\": \"edition\", \"title\": \"Another title\" }");
        link_signal(link, SIGHUP);
        link_await(link, "\"edition-taken\"", 1);
        kafka_links_raise(&f, 1, 2);
        await("desk.calls.customer", "call.raise", 1);
        assert_int_equal(link_said(link, "\"edition-kept\""), 2);
        kafka_links_stop(&f);
}

static void test_a_new_edition_holds_while_calls_are_open(void **state) {
        (void)state;
        kafka_links_chain(&f, "line", "midway", "");
        link_process *desk = kafka_links_start(&f, "desk", "a", NULL);
        (void)kafka_links_start(&f, "customer", "a", NULL);
        kafka_links_raise(&f, 0, CALLS / 2);
        await("supplier.calls.desk", "call.raise", CALLS / 2);

        chain_say("{ \"name\": \"midway\", \"title\": \"In the middle of it\" }");
        link_signal(desk, SIGHUP);
        link_await(desk, "\"edition-taken\"", 1);
        chain_say("{");
        link_signal(desk, SIGHUP);
        link_await(desk, "\"edition-kept\"", 1);
        kafka_links_raise(&f, CALLS / 2, CALLS);
        await("supplier.calls.desk", "call.raise", CALLS);

        chain_say("{ \"name\": \"midway\" }");
        (void)kafka_links_start(&f, "supplier", "a", NULL);
        line_await(f.tool, f.chain, CALLS);
        kafka_links_stop(&f);
        line_check(f.tool, f.chain, CALLS);
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

#define TEST(name) cmocka_unit_test_teardown(test_##name, end_of_test)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(calls_of_a_pair_close),
                TEST(calls_of_the_automatic_chain_close),
                TEST(several_teams_live_in_one_process),
                TEST(a_signal_to_stop_ends_it_with_status_0_and_no_trace_of_an_unclean_exit),
                TEST(what_was_open_is_restored),
                TEST(a_new_edition_is_taken_whole_or_refused_with_its_findings),
                TEST(a_new_edition_holds_while_calls_are_open),
        };

        return cmocka_run_group_tests_name("links", tests, setup, teardown);
}
