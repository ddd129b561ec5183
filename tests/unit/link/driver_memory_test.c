#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/when.h"
#include "support/driver_world.h"
#include "support/failing_alloc.h"
#include "support/fake_step.h"

/*
 * A driver that finds no memory: it may try again or end with 75, it must never fall over, lose an input or leave
 * memory behind. Inputs and journal are made beforehand, so that only the driver's own allocations fail.
 */

#define INPUTS 12

static driver_world w; /* holds the edition, the inputs and the journal of an earlier life */

static int open_world(void **state) {
        (void)state;
        world_open(&w, NULL);
        world_assign(&w);
        for (unsigned i = 100; i < 110; i++) {
                sk_id id = world_id(i);

                world_call(&w, i % 2 == 0 ? "finance" : "legal", &id, SK_CALL_RAISE, 1,
                           i % 3 == 0 ? "{\"do\":\"close\"}" : "{\"do\":\"data\"}");
        }
        world_run(&w);
        for (unsigned i = 0; i < INPUTS; i++) {
                sk_id id = world_id(i);

                world_call(&w, i % 2 == 0 ? "finance" : "legal", &id, SK_CALL_RAISE, 1,
                           i % 4 == 0 ? "{\"do\":\"reject\"}" : "{\"do\":\"data\"}");
        }
        return 0;
}

static int close_world(void **state) {
        (void)state;
        world_close(&w);
        return 0;
}

typedef struct life {
        sk_driver *driver;
        int64_t now_us;
        int exit_code;
} life;

static void restore(life *l, int32_t partition) {
        for (size_t i = 0; i < w.log_count; i++)
                if (w.log[i].record.topic->kind == SK_TOPIC_JOURNAL && w.log[i].record.partition == partition)
                        sk_driver_journal(l->driver, &w.log[i].record);
        sk_driver_restored(l->driver, partition, 0, l->now_us);
}

static void resume(const life *l, const sk_command *command) {
        for (size_t i = 0; i < w.log_count; i++) {
                sk_record record = w.log[i].record;

                for (size_t p = 0; p < command->position_count; p++) {
                        const sk_position *at = &command->positions[p];

                        if (w.log[i].batch != 0 || record.partition != at->partition ||
                            !sk_slice_equal(record.topic->name, at->topic->name) || record.offset < at->next_offset)
                                continue;
                        record.topic = at->topic;
                        sk_driver_record(l->driver, &record);
                        break;
                }
        }
}

static void carry_out(life *l) {
        sk_command command;

        while (sk_driver_next(l->driver, &command)) {
                switch (command.kind) {
                case SK_DO_RESTORE:
                        restore(l, command.partition);
                        break;
                case SK_DO_RESUME:
                        resume(l, &command);
                        break;
                case SK_DO_COMMIT:
                        sk_driver_committed(l->driver, command.batch->number, SK_OK, l->now_us);
                        break;
                case SK_DO_EXIT:
                        l->exit_code = command.exit_code;
                        break;
                default:
                        fail_msg("command %d was not expected", (int)command.kind);
                }
        }
}

/* True when the driver did all there was to do. */
static bool live(void *context) {
        static const int32_t all[WORLD_PARTITIONS] = {0, 1, 2, 3};
        life l = {.driver = sk_driver_new(&w.config), .now_us = w.now_us, .exit_code = -1};
        sk_driver_numbers numbers;
        bool is_done;
        (void)context;

        if (l.driver == NULL)
                return false;
        sk_driver_assigned(l.driver, 5, all, WORLD_PARTITIONS, l.now_us);
        for (unsigned i = 0; i < 30 && l.exit_code < 0; i++) {
                carry_out(&l);
                l.now_us += SK_SECOND_US;
                sk_driver_turn(l.driver, l.now_us);
        }
        sk_driver_count(l.driver, &numbers);
        is_done = l.exit_code < 0;
        if (is_done) {
                assert_int_equal(numbers.inputs[SK_TOPIC_CALLS], INPUTS);
                assert_int_equal(numbers.dead_letters, INPUTS / 4);
                assert_true(numbers.is_ready);
        } else {
                assert_int_equal(l.exit_code, 75);
        }
        sk_driver_free(l.driver);
        return is_done;
}

static void test_a_driver_without_memory_goes_on_or_ends_with_75_and_loses_nothing(void **state) {
        (void)state;
        size_t nth = 1;
        bool has_failed = false;

        /* A fold that finds no memory is tried again, so some runs succeed although one allocation failed. */
        for (;; nth++) {
                bool is_done;
                size_t count;

                failing_alloc_begin(nth);
                is_done = live(NULL);
                count = failing_alloc_count();
                assert_int_equal(failing_alloc_live(), 0);
                failing_alloc_end();
                has_failed |= !is_done;
                if (count < nth) {
                        assert_true(is_done);
                        break;
                }
        }
        assert_true(has_failed);
        assert_true(nth > 50);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_a_driver_without_memory_goes_on_or_ends_with_75_and_loses_nothing,
                                                open_world, close_world),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
