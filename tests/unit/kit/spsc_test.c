#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/spsc.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>

#include "support/failing_alloc.h"

#define ITEMS 200000
#define STALLED_MS 60000

static bool is_readable(const sk_spsc *queue, int timeout_ms) {
        struct pollfd wanted = {.fd = sk_spsc_fd(queue), .events = POLLIN};

        return poll(&wanted, 1, timeout_ms) == 1;
}

static void test_items_come_out_in_order_and_a_full_queue_refuses(void **state) {
        sk_spsc *queue = sk_spsc_new(4);
        int items[5];

        (void)state;
        assert_null(sk_spsc_take(queue));
        for (int round = 0; round < 10; round++) {
                for (int i = 0; i < 4; i++)
                        assert_true(sk_spsc_put(queue, &items[i]));
                assert_false(sk_spsc_put(queue, &items[4]));
                for (int i = 0; i < 4; i++)
                        assert_ptr_equal(sk_spsc_take(queue), &items[i]);
                assert_null(sk_spsc_take(queue));
        }
        sk_spsc_free(queue);
        sk_spsc_free(NULL);
}

static void test_the_descriptor_is_readable_after_a_put_until_drained(void **state) {
        sk_spsc *queue = sk_spsc_new(2);
        int item;

        (void)state;
        assert_false(is_readable(queue, 0));
        assert_true(sk_spsc_put(queue, &item));
        assert_true(is_readable(queue, 0));
        sk_spsc_drain(queue);
        assert_false(is_readable(queue, 0));
        sk_spsc_drain(queue);
        assert_ptr_equal(sk_spsc_take(queue), &item);
        assert_true(sk_spsc_put(queue, &item));
        assert_true(is_readable(queue, 0));
        sk_spsc_free(queue);
}

static void *write_all(void *context) {
        sk_spsc *queue = context;

        for (uintptr_t number = 1; number <= ITEMS; number++)
                while (!sk_spsc_put(queue, (void *)number))
                        sched_yield();
        return NULL;
}

/* A lost wake-up would leave the reader waiting for ever. */
static void test_a_reader_that_only_waits_for_the_descriptor_gets_everything(void **state) {
        static const size_t capacities[] = {1, 2, 64};

        (void)state;
        for (size_t i = 0; i < sizeof(capacities) / sizeof(capacities[0]); i++) {
                sk_spsc *queue = sk_spsc_new(capacities[i]);
                uintptr_t expected = 1;
                pthread_t writer;
                void *item;

                assert_int_equal(pthread_create(&writer, NULL, write_all, queue), 0);
                while (expected <= ITEMS) {
                        if (!is_readable(queue, STALLED_MS))
                                fail_msg("no wake-up for item %zu", (size_t)expected);
                        sk_spsc_drain(queue);
                        while ((item = sk_spsc_take(queue)) != NULL)
                                assert_int_equal((uintptr_t)item, expected++);
                }
                pthread_join(writer, NULL);
                assert_null(sk_spsc_take(queue));
                sk_spsc_free(queue);
        }
}

static bool make_a_queue(void *context) {
        sk_spsc *queue = sk_spsc_new(8);

        (void)context;
        sk_spsc_free(queue);
        return queue != NULL;
}

static void test_every_allocation_may_fail(void **state) {
        (void)state;
        failing_alloc_each(make_a_queue, NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_items_come_out_in_order_and_a_full_queue_refuses),
                cmocka_unit_test(test_the_descriptor_is_readable_after_a_put_until_drained),
                cmocka_unit_test(test_a_reader_that_only_waits_for_the_descriptor_gets_everything),
                cmocka_unit_test(test_every_allocation_may_fail),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
