#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "kit/when.h"
#include "support/driver_world.h"
#include "support/fake_step.h"

/* Fences, which are a rival's doing, and transactions that are lost, which need not be (rule T5). */

static driver_world w;

static int open_world(void **state) {
        (void)state;
        world_open(&w, NULL);
        world_assign(&w);
        w.holds_commits = true;
        fake_step_calls = 0;
        fake_step_order[0] = '\0';
        return 0;
}

static int close_world(void **state) {
        (void)state;
        world_close(&w);
        return 0;
}

static void raise(unsigned number, const char *what) {
        sk_id id = world_id(number);
        char value[64];

        (void)snprintf(value, sizeof(value), "{\"do\":\"%s\"}", what);
        world_call(&w, "finance", &id, SK_CALL_RAISE, 1, value);
}

static size_t open_calls(void) {
        return world_numbers(&w).open_calls;
}

static void fence_once(void) {
        raise((unsigned)w.log_count + 100, "open");
        world_run(&w);
        world_answer(&w, SK_ERR_FENCED);
}

static void test_a_fence_drops_everything_and_starts_afresh(void **state) {
        (void)state;
        raise(1, "open");
        world_run(&w);
        world_answer(&w, SK_OK);
        fence_once();
        assert_int_equal(w.counts[SK_DO_RESTART], 1);
        assert_int_equal(open_calls(), 0);
        assert_false(world_numbers(&w).is_ready);
        world_assign(&w);
        world_answer(&w, SK_OK); /* what was dropped is folded anew */
        assert_int_equal(open_calls(), 2);
}

static void test_a_fence_that_hid_a_commit_does_the_work_once(void **state) {
        (void)state;
        raise(1, "open");
        world_run(&w);
        world_write_batch(&w);
        world_answer(&w, SK_ERR_FENCED);
        world_assign(&w);
        assert_null(w.batch);
        assert_int_equal(open_calls(), 1);
        assert_int_equal(fake_step_calls, 1);
}

static void test_three_fences_in_ten_minutes_end_the_process_with_70(void **state) {
        (void)state;
        for (unsigned i = 0; i < 3; i++) {
                assert_int_equal(w.exit_code, -1);
                fence_once();
                if (w.exit_code < 0)
                        world_assign(&w);
                if (w.batch != NULL)
                        world_answer(&w, SK_OK);
        }
        assert_int_equal(w.exit_code, 70);
}

static void test_fences_far_apart_are_borne(void **state) {
        (void)state;
        for (unsigned i = 0; i < 6; i++) {
                fence_once();
                assert_int_equal(w.exit_code, -1);
                world_assign(&w);
                world_answer(&w, SK_OK);
                world_wait(&w, 6 * SK_MINUTE_US);
        }
}

/* As when a broker hangs for longer than a transaction may last (rule T5). */
static void lose_once(void) {
        raise((unsigned)w.log_count + 100, "open");
        world_run(&w);
        world_answer(&w, SK_ERR_LOST);
}

static void test_transactions_that_are_lost_are_no_fences(void **state) {
        (void)state;
        for (unsigned i = 0; i < 12; i++) {
                lose_once();
                assert_int_equal(w.counts[SK_DO_RESTART], i + 1);
                world_assign(&w);
                world_answer(&w, SK_OK);
        }
        assert_int_equal(w.exit_code, -1);
        assert_int_equal(open_calls(), 12);
}

static void test_fences_are_counted_over_transactions_that_are_lost(void **state) {
        (void)state;
        for (unsigned i = 0; i < 5; i++) {
                assert_int_equal(w.exit_code, -1);
                (i % 2 == 0 ? fence_once : lose_once)();
                if (w.exit_code < 0)
                        world_assign(&w);
                if (w.batch != NULL)
                        world_answer(&w, SK_OK);
        }
        assert_int_equal(w.exit_code, 70);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, open_world, close_world)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(a_fence_drops_everything_and_starts_afresh),
                TEST(a_fence_that_hid_a_commit_does_the_work_once),
                TEST(three_fences_in_ten_minutes_end_the_process_with_70),
                TEST(fences_far_apart_are_borne),
                TEST(transactions_that_are_lost_are_no_fences),
                TEST(fences_are_counted_over_transactions_that_are_lost),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
