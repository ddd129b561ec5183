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

/* How long activities take: counted once committed, kept in the journal of the partition, restored from there. */

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

/* A call of partition 1 in which the activity took so many seconds. */
static void lasts(unsigned number, int64_t seconds) {
        sk_id id = world_id_in(1, number);
        char value[80];

        (void)snprintf(value, sizeof(value), "{\"do\":\"open\",\"lasted\":%lld}", (long long)(seconds * SK_SECOND_US));
        world_call(&w, "finance", &id, SK_CALL_RAISE, 1, value);
}

/* What a step of that partition hears. */
static int64_t median(int32_t partition) {
        static unsigned number = 500;
        sk_id id = world_id_in(partition, number++);

        world_call(&w, "finance", &id, SK_CALL_RAISE, 1, "{\"do\":\"quiet\"}");
        world_run(&w);
        return fake_step_usual.median_us / SK_SECOND_US;
}

/* How many durations the journal holds of the activity. */
static unsigned journalled(void) {
        bool is_there;
        sk_slice value = world_journal(&w, 1, "durations/work/1", &is_there);
        sk_journal_kind kind;
        sk_slice payload;

        if (!is_there)
                return 0;
        assert_int_equal(sk_journal_unwrap(SK_SLICE("durations/work/1"), value, &kind, &payload), SK_OK);
        assert_int_equal(kind, SK_JOURNAL_DURATIONS);
        return (uint8_t)payload.at[0];
}

static void test_what_was_recorded_is_heard_by_later_steps_of_the_partition(void **state) {
        (void)state;
        for (unsigned i = 0; i < 8; i++)
                lasts(i, 10 + i);
        world_run(&w);
        assert_int_equal(journalled(), 8);
        assert_int_equal(median(1), 13);
        assert_int_equal(median(2), 0);
}

static void test_one_batch_writes_one_record_of_an_activity(void **state) {
        size_t records = 0;
        (void)state;

        for (unsigned i = 0; i < 5; i++)
                lasts(i, 1);
        world_run(&w);
        for (size_t i = 0; i < world_count(&w, SK_TOPIC_JOURNAL); i++)
                records += sk_slice_is(world_written(&w, SK_TOPIC_JOURNAL, i)->key, "durations/work/1");
        assert_int_equal(records, 1);
        assert_int_equal(journalled(), 5);
}

static void test_another_process_goes_on_from_the_journal(void **state) {
        (void)state;
        for (unsigned i = 0; i < 8; i++)
                lasts(i, 20);
        world_run(&w);
        world_restart(&w);
        world_assign(&w);
        assert_int_equal(median(1), 20);
        lasts(100, 20);
        world_run(&w);
        assert_int_equal(journalled(), 9);
}

static void test_the_record_counts_what_is_in_flight_and_nothing_twice(void **state) {
        (void)state;
        w.holds_commits = true;
        lasts(1, 5);
        world_run(&w);
        for (unsigned i = 2; i < 302; i++)
                lasts(i, 5);
        world_run(&w); /* half a batch waits: the second is folded behind the first */
        world_answer(&w, SK_OK);
        assert_int_equal(journalled(), 1);
        while (w.batch != NULL)
                world_answer(&w, SK_OK);
        assert_int_equal(journalled(), SK_DURATIONS_KEPT);
}

static void test_what_was_never_committed_does_not_count(void **state) {
        (void)state;
        for (unsigned i = 0; i < 7; i++)
                lasts(i, 5);
        world_run(&w);
        w.holds_commits = true;
        lasts(7, 5);
        world_run(&w);
        world_assign(&w);
        world_answer(&w, SK_ERR_ABORTED);
        assert_int_equal(journalled(), 7);
        w.holds_commits = false;
        while (w.batch != NULL)
                world_answer(&w, SK_OK);
        world_run(&w);
        assert_int_equal(journalled(), 8);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_what_was_recorded_is_heard_by_later_steps_of_the_partition,
                                                open_world, close_world),
                cmocka_unit_test_setup_teardown(test_one_batch_writes_one_record_of_an_activity, open_world,
                                                close_world),
                cmocka_unit_test_setup_teardown(test_another_process_goes_on_from_the_journal, open_world, close_world),
                cmocka_unit_test_setup_teardown(test_the_record_counts_what_is_in_flight_and_nothing_twice, open_world,
                                                close_world),
                cmocka_unit_test_setup_teardown(test_what_was_never_committed_does_not_count, open_world, close_world),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
