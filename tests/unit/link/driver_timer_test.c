#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/when.h"
#include "support/driver_world.h"
#include "support/fake_step.h"

/* Calls that are due: when, how many, in which order with inputs, and once, whatever becomes of the batch. */

static driver_world w;

static int open_world(void **state) {
        (void)state;
        world_open(&w, NULL);
        world_assign(&w);
        world_wait(&w, 2 * SK_SECOND_US); /* what an instance that begins waits for inputs */
        fake_step_calls = 0;
        return 0;
}

static int close_world(void **state) {
        (void)state;
        world_close(&w);
        return 0;
}

static void say(unsigned number, uint32_t seqno, const char *what, int64_t at_us) {
        sk_id id = world_id(number);
        char value[64];

        (void)snprintf(value, sizeof(value), "{\"do\":\"%s\",\"at\":%lld}", what, (long long)at_us);
        world_call(&w, "finance", &id, seqno == 1 ? SK_CALL_RAISE : SK_CALL_NOTE, seqno, value);
}

/* A call that is to be looked at so much later. */
static int64_t due_in(unsigned number, int64_t us) {
        say(number, 1, "due", w.now_us + us);
        return w.now_us + us;
}

static size_t timers_done(void) {
        size_t count = 0;

        for (size_t i = 0; i < world_count(&w, SK_TOPIC_EVENTS); i++) {
                sk_slice text = world_written(&w, SK_TOPIC_EVENTS, i)->value;
                count += text.len > 8 && memcmp(text.at, "timer of", 8) == 0;
        }
        return count;
}

static void test_a_call_is_looked_at_at_its_time_and_not_before(void **state) {
        (void)state;
        int64_t at_us = due_in(1, SK_HOUR_US);

        world_run(&w);
        assert_true(sk_driver_wake_us(w.driver) == at_us);
        world_wait(&w, SK_HOUR_US - 1);
        assert_int_equal(timers_done(), 0);
        world_wait(&w, 1);
        assert_int_equal(timers_done(), 1);
        assert_true(fake_step_now_us == at_us);
        assert_true(sk_driver_wake_us(w.driver) == INT64_MAX);
}

static void test_timers_come_in_the_order_of_their_times(void **state) {
        (void)state;
        char text[40];
        sk_id same = world_id_in(1, 1);
        int64_t at_us[3];

        for (unsigned i = 0; i < 3; i++) {
                sk_id id = world_id_in(1, i + 1);
                char value[64];
                at_us[i] = w.now_us + (3 - i) * SK_MINUTE_US;
                (void)snprintf(value, sizeof(value), "{\"do\":\"due\",\"at\":%lld}", (long long)at_us[i]);
                world_call(&w, "finance", &id, SK_CALL_RAISE, 1, value);
        }
        world_run(&w);
        assert_int_equal(world_partition(&same), 1);
        world_wait(&w, SK_HOUR_US);
        for (unsigned i = 0; i < 3; i++) {
                (void)snprintf(text, sizeof(text), "timer of %lld", (long long)at_us[2 - i]);
                assert_true(sk_slice_is(world_written(&w, SK_TOPIC_EVENTS, 3 + i)->value, text));
        }
}

static void test_at_most_a_thousand_in_one_batch_and_inputs_go_between(void **state) {
        (void)state;
        for (unsigned i = 0; i < 1100; i++)
                due_in(i, SK_HOUR_US);
        world_run(&w);
        w.holds_commits = true;
        world_wait(&w, SK_HOUR_US);
        say(5000, 1, "open", 0);
        world_run(&w);
        assert_int_equal(timers_done(), 0);
        world_answer(&w, SK_OK);
        assert_int_equal(timers_done(), 1000);
        size_t before = world_count(&w, SK_TOPIC_EVENTS);
        world_answer(&w, SK_OK);
        assert_true(sk_slice_is(world_written(&w, SK_TOPIC_EVENTS, before)->value, "done"));
        while (w.batch != NULL)
                world_answer(&w, SK_OK);
        world_wait(&w, 2 * SK_SECOND_US);
        while (w.batch != NULL)
                world_answer(&w, SK_OK);
        assert_int_equal(timers_done(), 1100);
}

static void test_an_input_that_is_not_later_beats_the_timer(void **state) {
        (void)state;
        due_in(1, SK_HOUR_US);
        world_run(&w);
        say(1, 2, "close", 0);
        world_wait(&w, SK_HOUR_US);
        assert_int_equal(timers_done(), 0);
        assert_int_equal(world_numbers(&w).stubs, 1);
}

static void test_a_call_that_changes_in_flight_keeps_to_its_new_time(void **state) {
        (void)state;
        int64_t at_us = due_in(1, SK_HOUR_US);

        world_run(&w);
        w.holds_commits = true;
        say(1, 2, "due", at_us + SK_HOUR_US);
        world_run(&w);
        assert_non_null(w.batch);
        world_wait(&w, SK_HOUR_US); /* the time that the committed head says */
        world_answer(&w, SK_OK);
        assert_int_equal(timers_done(), 0);
        while (w.batch != NULL)
                world_answer(&w, SK_OK);
        assert_true(sk_driver_wake_us(w.driver) == at_us + SK_HOUR_US);
        w.holds_commits = false;
        world_wait(&w, SK_HOUR_US);
        assert_int_equal(timers_done(), 1);
}

static void test_a_timer_whose_batch_is_dropped_is_done_again(void **state) {
        (void)state;
        due_in(1, SK_HOUR_US);
        world_run(&w);
        w.holds_commits = true;
        world_wait(&w, SK_HOUR_US);
        assert_non_null(w.batch);
        world_assign(&w); /* meanwhile the assignment has changed */
        world_answer(&w, SK_ERR_ABORTED);
        w.holds_commits = false;
        world_wait(&w, 2 * SK_SECOND_US);
        if (w.batch != NULL)
                world_answer(&w, SK_OK);
        world_wait(&w, 2 * SK_SECOND_US);
        assert_int_equal(timers_done(), 1);
        assert_true(sk_driver_wake_us(w.driver) == INT64_MAX);
}

static void test_timers_come_back_from_the_heads_of_the_journal(void **state) {
        (void)state;
        due_in(1, SK_HOUR_US);
        due_in(2, SK_DAY_US);
        world_run(&w);
        world_restart(&w);
        world_assign(&w);
        world_wait(&w, SK_HOUR_US);
        assert_int_equal(timers_done(), 1);
        world_restart(&w);
        world_assign(&w);
        world_wait(&w, SK_DAY_US);
        assert_int_equal(timers_done(), 2);
}

/* What came while nobody was there is read before anything is done that was due meanwhile. */
static void test_after_a_week_away_old_inputs_come_before_the_timers(void **state) {
        (void)state;
        due_in(1, SK_HOUR_US);
        due_in(2, SK_HOUR_US);
        world_run(&w);
        world_restart(&w);
        w.now_us += 7 * SK_DAY_US;
        world_assign(&w);
        assert_int_equal(timers_done(), 0);
        say(1, 2, "close", 0);
        world_wait(&w, SK_SECOND_US / 2);
        assert_int_equal(timers_done(), 0);
        world_wait(&w, 2 * SK_SECOND_US);
        assert_int_equal(timers_done(), 1);
}

/* Inputs are noted one by one then, but for what is due nobody waits until there are any. */
static void test_after_an_unclean_exit_what_is_due_waits_for_no_inputs(void **state) {
        (void)state;
        due_in(1, SK_HOUR_US);
        world_run(&w);
        world_restart(&w);
        sk_driver_noted_before(w.driver, NULL, 0);
        world_assign(&w);
        world_wait(&w, SK_HOUR_US);
        assert_int_equal(timers_done(), 1);
        assert_true(sk_driver_wake_us(w.driver) == INT64_MAX);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_a_call_is_looked_at_at_its_time_and_not_before, open_world,
                                                close_world),
                cmocka_unit_test_setup_teardown(test_timers_come_in_the_order_of_their_times, open_world, close_world),
                cmocka_unit_test_setup_teardown(test_at_most_a_thousand_in_one_batch_and_inputs_go_between, open_world,
                                                close_world),
                cmocka_unit_test_setup_teardown(test_an_input_that_is_not_later_beats_the_timer, open_world,
                                                close_world),
                cmocka_unit_test_setup_teardown(test_a_call_that_changes_in_flight_keeps_to_its_new_time, open_world,
                                                close_world),
                cmocka_unit_test_setup_teardown(test_a_timer_whose_batch_is_dropped_is_done_again, open_world,
                                                close_world),
                cmocka_unit_test_setup_teardown(test_timers_come_back_from_the_heads_of_the_journal, open_world,
                                                close_world),
                cmocka_unit_test_setup_teardown(test_after_a_week_away_old_inputs_come_before_the_timers, open_world,
                                                close_world),
                cmocka_unit_test_setup_teardown(test_after_an_unclean_exit_what_is_due_waits_for_no_inputs, open_world,
                                                close_world),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
