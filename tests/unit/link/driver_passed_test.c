#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/when.h"
#include "support/driver_world.h"
#include "support/fake_step.h"

/*
 * What lies between the last record and the end of a topic partition counts as read. A topic whose records were all
 * deleted for their age begins there; a mark that had stayed behind would look like a loss (rule R2d).
 */

static driver_world w;

static int open_world(void **state) {
        (void)state;
        world_open(&w, NULL);
        world_assign(&w);
        return 0;
}

static int close_world(void **state) {
        (void)state;
        world_close(&w);
        return 0;
}

static const sk_topic *finance(void) {
        return sk_topics_calls_from(sk_driver_topics(w.driver), SK_SLICE("finance"));
}

/* The next offset that the journal says of the calls of finance; -1: nothing. */
static int64_t mark_of(int32_t partition) {
        bool is_there;
        sk_slice value = world_journal(&w, partition, "mark/test.centre.calls.finance", &is_there);
        sk_journal_kind kind;
        sk_slice payload;
        int64_t next = 0;

        if (!is_there)
                return -1;
        assert_int_equal(sk_journal_unwrap(SK_SLICE("mark/test.centre.calls.finance"), value, &kind, &payload), SK_OK);
        for (size_t i = payload.len; i > 0; i--)
                next = next << 8 | (uint8_t)payload.at[i - 1];
        return next;
}

static void raise(unsigned number) {
        sk_id id = world_id_in(1, number);

        world_call(&w, "finance", &id, SK_CALL_RAISE, 1, "{\"do\":\"open\"}");
        world_run(&w);
}

static void test_the_next_batch_says_what_was_passed(void **state) {
        (void)state;
        raise(1);
        assert_int_equal(mark_of(1), 1);
        sk_driver_passed(w.driver, finance(), 1, 5);
        world_run(&w);
        assert_int_equal(mark_of(1), 1);
        sk_id id = world_id_in(1, 2);
        world_work(&w, &id, SK_WORK_NOTE, "{\"do\":\"open\"}");
        world_run(&w);
        assert_int_equal(mark_of(1), 5);
}

static void test_after_a_day_a_batch_says_it_alone(void **state) {
        (void)state;
        raise(1);
        uint64_t commits = w.commits;
        sk_driver_passed(w.driver, finance(), 1, 5);
        assert_int_equal(sk_driver_wake_us(w.driver), w.now_us + SK_DAY_US);
        world_wait(&w, SK_DAY_US - 1);
        assert_int_equal(w.commits, commits);
        world_wait(&w, 1);
        assert_int_equal(w.commits, commits + 1);
        assert_int_equal(mark_of(1), 5);
        world_wait(&w, 30 * SK_DAY_US);
        assert_int_equal(w.commits, commits + 1);
}

static void test_what_was_passed_and_not_committed_is_passed_again_after_a_change_of_the_assignment(void **state) {
        (void)state;
        raise(1);
        sk_driver_passed(w.driver, finance(), 1, 5);
        world_assign(&w);
        assert_int_equal(sk_driver_wake_us(w.driver), INT64_MAX);
        world_wait(&w, SK_DAY_US);
        assert_int_equal(mark_of(1), 1);
        sk_driver_passed(w.driver, finance(), 1, 5);
        world_run(&w);
        assert_int_equal(mark_of(1), 5);
}

/* A person has said so, and may start the link again without saying it. */
static void test_what_is_gone_past_a_gap_is_said_at_once(void **state) {
        (void)state;
        raise(1);
        uint64_t commits = w.commits;
        sk_driver_past_gap(w.driver, finance(), 1, 5);
        world_run(&w);
        assert_int_equal(w.commits, commits + 1);
        assert_int_equal(mark_of(1), 5);
        world_wait(&w, 30 * SK_DAY_US);
        assert_int_equal(w.commits, commits + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, open_world, close_world)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(the_next_batch_says_what_was_passed),
                TEST(what_is_gone_past_a_gap_is_said_at_once),
                TEST(after_a_day_a_batch_says_it_alone),
                TEST(what_was_passed_and_not_committed_is_passed_again_after_a_change_of_the_assignment),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
