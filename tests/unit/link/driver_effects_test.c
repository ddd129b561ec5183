#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "kit/when.h"
#include "support/driver_world.h"

/*
 * Effects as the driver gives them out (rule E): after the commit that made them due, again by whoever comes next, and what
 * may happen only once after a second commit, and never again. The step is the true one.
 */

#define AUTO "{\"how\":\"auto\"}"
#define RECOVER(accept)                                                                                      \
        "{\"process\":\"recover\",\"activities\":{\"recover.accept\":{\"responsible\":\"operator\",\"how\":" \
        "{\"exec\":{\"command\":[\"programs/p\"],\"timeout\":\"PT10S\"," accept "}}},\"recover.classify\":" AUTO "}}"
#define AGAIN "\"attempts\":3,\"backoff\":\"PT1S\""
#define ONCE "\"once\":true"
#define RAISE "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"x\"}"

static driver_world w;

static sk_edition *edition_make(const char *routine) {
        static const char consumer[] =
                "{\"title\":\"C\",\"consumer\":true,\"organised_by\":\"process\",\"coordinated_by\":\"line\"}";
        static const char centre[] =
                "{\"title\":\"T\",\"organised_by\":\"process\",\"coordinated_by\":\"line\",\"people\":{\"dina\":"
                "{\"profiles\":[\"operator\",\"process-manager\",\"process-coordinator\",\"line-coordinator\"]}}}";
        static const char agreement[] = "{\"customer\":\"finance\",\"provider\":\"centre\",\"facilities\":{\"laptop\":"
                                        "{\"goods\":[\"a laptop\"],\"calls\":[\"incident\"]}},\"share\":[\"/need\"]}";
        const sk_chain_file files[] = {{"chain.json", SK_SLICE("{\"name\":\"test\",\"partitions\":4}")},
                                       {"finance/team.json", sk_slice_of(consumer)},
                                       {"centre/team.json", sk_slice_of(centre)},
                                       {"centre/routines/recover.json", sk_slice_of(routine)},
                                       {"agreements/a.json", sk_slice_of(agreement)}};
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;

        if (sk_edition_build(files, sizeof files / sizeof files[0], NULL, findings, &edition) != SK_OK)
                for (size_t i = 0; i < sk_findings_count(findings); i++)
                        print_message("%s: %s\n", sk_findings_at(findings, i)->path, sk_findings_at(findings, i)->text);
        assert_non_null(edition);
        sk_findings_free(findings);
        return edition;
}

static void open_with(const char *routine) {
        sk_driver_config config = {.edition = edition_make(routine)};

        world_open(&w, &config);
        world_assign(&w);
        world_wait(&w, 2 * SK_SECOND_US); /* what an instance that begins waits for inputs */
}

static int open_world(void **state) {
        (void)state;
        open_with(RECOVER(AGAIN));
        return 0;
}

static int open_once(void **state) {
        (void)state;
        open_with(RECOVER(ONCE));
        return 0;
}

static int close_world(void **state) {
        (void)state;
        world_close(&w);
        return 0;
}

static void raise(unsigned number) {
        sk_id id = world_id(number);

        world_call(&w, "finance", &id, SK_CALL_RAISE, 1, RAISE);
        world_run(&w);
}

static void restart(void) {
        world_restart(&w);
        world_assign(&w);
        world_wait(&w, 2 * SK_SECOND_US);
}

/** How many events of that type, "schakel.event.…", are written. */
static size_t events(const char *type) {
        size_t count = 0;

        for (size_t i = 0; i < world_count(&w, SK_TOPIC_EVENTS); i++)
                count += sk_slice_is(sk_headers_find(world_written(&w, SK_TOPIC_EVENTS, i)->headers, "ce_type"), type);
        return count;
}

static void end(const sk_effect *effect, sk_effect_result result, const char *code) {
        sk_effect_report report = {.callid = effect->callid,
                                   .visit = effect->visit,
                                   .try_number = effect->try_number,
                                   .result = result,
                                   .value = result == SK_EFFECT_DONE ? SK_SLICE("{\"order\":7}") : SK_NONE,
                                   .code = sk_slice_of(code),
                                   .text = SK_NONE};

        sk_driver_effect_ended(w.driver, &report, w.now_us);
        world_run(&w);
}

static void test_nothing_begins_before_the_commit_that_makes_it_due(void **state) {
        sk_effect effect;
        (void)state;

        w.holds_commits = true;
        raise(1);
        assert_non_null(w.batch);
        assert_false(sk_driver_next_effect(w.driver, &effect));
        world_answer(&w, SK_ERR_ABORTED);
        assert_false(sk_driver_next_effect(w.driver, &effect));
        world_wait(&w, SK_SECOND_US);
        world_answer(&w, SK_OK);
        assert_true(sk_driver_next_effect(w.driver, &effect));
        assert_false(sk_driver_next_effect(w.driver, &effect));
}

static void test_an_effect_says_what_is_to_be_done(void **state) {
        sk_effect effect;
        sk_id id = world_id(1);
        char key[SK_EFFECT_KEY_TEXT];
        char text[SK_ID_TEXT + 1] = "";
        (void)state;

        raise(1);
        assert_true(sk_driver_next_effect(w.driver, &effect));
        sk_id_format(&id, text);
        (void)snprintf(key, sizeof key, "%s/%u", text, (unsigned)effect.visit);
        assert_string_equal(effect.key, key);
        assert_int_equal(effect.how, SK_HOW_EXEC);
        assert_int_equal(effect.try_number, 1);
        assert_int_equal(effect.attempts, 3);
        assert_false(effect.is_once || effect.is_stop);
        assert_true(sk_slice_is(effect.target, "programs/p"));
        assert_true(effect.timeout_us == 10 * SK_SECOND_US);
        assert_true(sk_slice_is(sk_json_member(effect.config, "command"), "[\"programs/p\"]"));
        assert_int_equal(world_numbers(&w).effects_running, 1);
}

static void test_how_it_ended_is_an_input_that_outlives_an_aborted_batch(void **state) {
        sk_effect effect;
        (void)state;

        raise(1);
        assert_true(sk_driver_next_effect(w.driver, &effect));
        w.holds_commits = true;
        end(&effect, SK_EFFECT_DONE, "exit-0");
        assert_non_null(w.batch);
        world_answer(&w, SK_ERR_ABORTED);
        world_wait(&w, SK_SECOND_US);
        w.holds_commits = false;
        world_answer(&w, SK_OK);
        assert_int_equal(events("schakel.event.ended"), 2); /* and the automatic one behind it */
        assert_int_equal(world_numbers(&w).effects_ended[SK_EFFECT_DONE], 1);
        assert_int_equal(world_numbers(&w).effects_running, 0);
}

static void test_an_end_that_nobody_awaits_changes_nothing(void **state) {
        sk_effect effect;
        sk_effect other;
        (void)state;

        raise(1);
        assert_true(sk_driver_next_effect(w.driver, &effect));
        size_t count = world_count(&w, SK_TOPIC_EVENTS);
        other = effect;
        other.visit++;
        end(&other, SK_EFFECT_DONE, "exit-0");
        other = effect;
        other.try_number++;
        end(&other, SK_EFFECT_DONE, "exit-0");
        assert_int_equal(world_count(&w, SK_TOPIC_EVENTS), count);
        end(&effect, SK_EFFECT_DONE, "exit-0");
        count = world_count(&w, SK_TOPIC_EVENTS);
        end(&effect, SK_EFFECT_DONE, "exit-0");
        assert_int_equal(world_count(&w, SK_TOPIC_EVENTS), count);
}

static void say_ended(const sk_effect *effect) {
        sk_effect_report report = {.callid = effect->callid,
                                   .visit = effect->visit,
                                   .try_number = effect->try_number,
                                   .result = SK_EFFECT_DONE,
                                   .value = SK_SLICE("{\"order\":7}"),
                                   .code = SK_SLICE("exit-0"),
                                   .text = SK_NONE};

        sk_driver_effect_ended(w.driver, &report, w.now_us);
}

/* While a batch is in flight the customer withdraws, and then the effect says that it is done. */
static void withdraw_and_end(sk_effect *effect) {
        sk_id id = world_id(1);

        raise(1);
        assert_true(sk_driver_next_effect(w.driver, effect));
        w.holds_commits = true;
        raise(2);
        assert_non_null(w.batch);
        world_call(&w, "finance", &id, SK_CALL_WITHDRAW, 2, "{\"reason\":\"not needed\"}");
        say_ended(effect);
        world_run(&w);
}

static void test_an_end_that_a_withdraw_has_overtaken_is_left_out(void **state) {
        sk_effect effect;
        sk_effect stop;
        (void)state;

        withdraw_and_end(&effect);
        w.holds_commits = false;
        world_answer(&w, SK_OK);
        assert_int_equal(events("schakel.event.withdrawing"), 1);
        assert_int_equal(events("schakel.event.tried"), 0);
        while (sk_driver_next_effect(w.driver, &stop)) /* that of the other call is due, this one no more */
                assert_true(stop.is_stop || !sk_id_equal(&stop.callid, &effect.callid));
        say_ended(&effect); /* and again, when all of it is committed */
        world_run(&w);
        assert_int_equal(events("schakel.event.tried"), 0);
}

static void withdraw(unsigned number) {
        sk_id id = world_id(number);

        world_call(&w, "finance", &id, SK_CALL_WITHDRAW, 2, "{\"reason\":\"not needed\"}");
        world_run(&w);
}

static void test_an_end_that_comes_while_a_withdraw_is_in_flight_waits_for_what_becomes_of_it(void **state) {
        sk_effect effect;
        sk_effect more;
        (void)state;

        raise(1);
        assert_true(sk_driver_next_effect(w.driver, &effect));
        w.holds_commits = true;
        withdraw(1);
        assert_non_null(w.batch);
        say_ended(&effect);
        world_run(&w);
        w.holds_commits = false;
        world_answer(&w, SK_OK);
        assert_int_equal(events("schakel.event.withdrawing"), 1);
        assert_int_equal(events("schakel.event.tried"), 0);
        assert_false(sk_driver_next_effect(w.driver, &more)); /* neither again nor to be stopped: it has ended */
        assert_int_equal(world_numbers(&w).effects_running, 0);
}

static void test_what_is_withdrawn_while_it_runs_is_to_be_stopped_once(void **state) {
        sk_effect effect;
        sk_effect stop;
        (void)state;

        raise(1);
        assert_true(sk_driver_next_effect(w.driver, &effect));
        w.holds_commits = true;
        withdraw(1);
        assert_false(sk_driver_next_effect(w.driver, &stop)); /* not before it is written */
        w.holds_commits = false;
        world_answer(&w, SK_OK);
        assert_true(sk_driver_next_effect(w.driver, &stop));
        assert_true(stop.is_stop);
        assert_true(sk_id_equal(&stop.callid, &effect.callid));
        assert_int_equal(stop.visit, effect.visit);
        assert_int_equal(stop.try_number, effect.try_number);
        assert_int_equal(stop.how, SK_HOW_EXEC);
        assert_false(sk_driver_next_effect(w.driver, &stop));
        assert_int_equal(world_numbers(&w).effects_running, 0);
}

static void test_what_may_happen_once_and_is_withdrawn_before_it_begins_never_happens(void **state) {
        sk_effect effect;
        (void)state;

        w.holds_commits = true;
        raise(1);
        world_answer(&w, SK_OK); /* it is due */
        withdraw(1);
        assert_non_null(w.batch); /* in which it is begun */
        world_answer(&w, SK_OK);
        w.holds_commits = false;
        world_answer(&w, SK_OK); /* the withdraw */
        assert_int_equal(events("schakel.event.begun"), 1);
        assert_int_equal(events("schakel.event.withdrawing"), 1);
        while (sk_driver_next_effect(w.driver, &effect))
                assert_true(effect.is_stop);
        assert_int_equal(world_numbers(&w).effects_running, 0);
}

static void test_a_link_that_stops_begins_nothing_more(void **state) {
        sk_effect effect;
        (void)state;

        raise(1);
        sk_driver_stop(w.driver, w.now_us);
        assert_false(sk_driver_next_effect(w.driver, &effect));
}

static void test_an_end_of_a_partition_that_is_lost_is_forgotten_with_it(void **state) {
        sk_id id = world_id(1);
        int32_t partition = world_partition(&id);
        sk_effect effect;
        sk_effect again;
        (void)state;

        raise(1);
        assert_true(sk_driver_next_effect(w.driver, &effect));
        w.holds_commits = true;
        raise(2); /* in flight, so that the end has to wait */
        say_ended(&effect);
        sk_driver_revoked(w.driver, &partition, 1, true, w.now_us);
        w.holds_commits = false;
        world_answer(&w, SK_ERR_FENCED);
        world_assign(&w);
        world_wait(&w, 2 * SK_SECOND_US);
        assert_int_equal(events("schakel.event.tried"), 0);
        do /* whoever has the partition now begins it anew: how it ended before nobody has written down */
                assert_true(sk_driver_next_effect(w.driver, &again));
        while (!sk_id_equal(&again.callid, &id));
        assert_int_equal(again.try_number, 1);
        assert_false(again.is_stop);
}

static void test_another_try_comes_after_its_time_with_the_same_key(void **state) {
        sk_effect effect;
        char key[SK_EFFECT_KEY_TEXT];
        (void)state;

        raise(1);
        assert_true(sk_driver_next_effect(w.driver, &effect));
        (void)snprintf(key, sizeof key, "%s", effect.key);
        end(&effect, SK_EFFECT_RETRY, "exit-75");
        assert_false(sk_driver_next_effect(w.driver, &effect));
        world_wait(&w, SK_HOUR_US);
        assert_true(sk_driver_next_effect(w.driver, &effect));
        assert_int_equal(effect.try_number, 2);
        assert_string_equal(effect.key, key);
}

static void test_what_was_due_is_begun_again_by_whoever_comes_next(void **state) {
        sk_effect effect;
        (void)state;

        raise(1);
        assert_true(sk_driver_next_effect(w.driver, &effect));
        restart();
        assert_true(sk_driver_next_effect(w.driver, &effect));
        assert_int_equal(effect.try_number, 1);
        assert_false(sk_driver_next_effect(w.driver, &effect));
}

static void test_what_may_happen_once_begins_after_a_second_commit_and_never_again(void **state) {
        sk_effect effect;
        (void)state;

        w.holds_commits = true;
        raise(1);
        world_answer(&w, SK_OK); /* it is due */
        assert_false(sk_driver_next_effect(w.driver, &effect));
        assert_non_null(w.batch);
        world_answer(&w, SK_OK); /* it is begun */
        w.holds_commits = false;
        assert_int_equal(events("schakel.event.begun"), 1);
        assert_true(sk_driver_next_effect(w.driver, &effect));
        assert_true(effect.is_once);
        restart();
        assert_false(sk_driver_next_effect(w.driver, &effect));
        assert_int_equal(events("schakel.event.escalated"), 1);
}

#define WITH(open, test) cmocka_unit_test_setup_teardown(test, open, close_world)

int main(void) {
        const struct CMUnitTest tests[] = {
                WITH(open_world, test_nothing_begins_before_the_commit_that_makes_it_due),
                WITH(open_world, test_an_effect_says_what_is_to_be_done),
                WITH(open_world, test_how_it_ended_is_an_input_that_outlives_an_aborted_batch),
                WITH(open_world, test_an_end_that_nobody_awaits_changes_nothing),
                WITH(open_world, test_an_end_that_a_withdraw_has_overtaken_is_left_out),
                WITH(open_world, test_an_end_that_comes_while_a_withdraw_is_in_flight_waits_for_what_becomes_of_it),
                WITH(open_world, test_what_is_withdrawn_while_it_runs_is_to_be_stopped_once),
                WITH(open_once, test_what_may_happen_once_and_is_withdrawn_before_it_begins_never_happens),
                WITH(open_world, test_a_link_that_stops_begins_nothing_more),
                WITH(open_world, test_an_end_of_a_partition_that_is_lost_is_forgotten_with_it),
                WITH(open_world, test_another_try_comes_after_its_time_with_the_same_key),
                WITH(open_world, test_what_was_due_is_begun_again_by_whoever_comes_next),
                WITH(open_once, test_what_may_happen_once_begins_after_a_second_commit_and_never_again),
        };

        return cmocka_run_group_tests_name("driver_effects", tests, NULL, NULL);
}
