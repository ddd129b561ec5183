#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/heap.h"

#include "kit/random.h"
#include "support/failing_alloc.h"

#define MANY 200

static sk_deadline deadline_of(int64_t at_us, uint8_t id) {
        return (sk_deadline){.at_us = at_us, .id = {{id}}};
}

static sk_heap *heap_of(size_t room) {
        sk_heap *heap = sk_heap_new();

        assert_non_null(heap);
        assert_int_equal(sk_heap_reserve(heap, room), SK_OK);
        return heap;
}

static void test_an_empty_heap_has_no_first(void **state) {
        sk_heap *heap = sk_heap_new();
        sk_deadline alone = deadline_of(7, 7);

        (void)state;
        assert_null(sk_heap_first(heap));
        sk_heap_take(heap, &alone);
        assert_int_equal(sk_heap_count(heap), 0);
        sk_heap_free(heap);
        sk_heap_free(NULL);
}

static void test_deadlines_come_by_time_then_id(void **state) {
        sk_deadline sorted[] = {deadline_of(-5, 9), deadline_of(0, 1), deadline_of(0, 2), deadline_of(0, 3),
                                deadline_of(1, 0)};
        sk_heap *heap = heap_of(5);

        (void)state;
        for (size_t i = 5; i-- > 0;)
                sk_heap_put(heap, &sorted[i]);
        for (size_t i = 0; i < 5; i++) {
                assert_ptr_equal(sk_heap_first(heap), &sorted[i]);
                sk_heap_take(heap, &sorted[i]);
                assert_int_equal(sorted[i].place, 0);
        }
        sk_heap_free(heap);
}

static void test_a_deadline_that_moves_in_memory_is_found_where_it_lies(void **state) {
        sk_deadline places[3] = {deadline_of(2, 1), deadline_of(1, 2)};
        sk_heap *heap = heap_of(2);

        (void)state;
        sk_heap_put(heap, &places[0]);
        sk_heap_put(heap, &places[1]);
        places[2] = places[1];
        sk_heap_moved(heap, &places[2]);
        assert_ptr_equal(sk_heap_first(heap), &places[2]);
        sk_heap_take(heap, &places[2]);
        assert_ptr_equal(sk_heap_first(heap), &places[0]);
        places[1] = deadline_of(0, 0);
        sk_heap_moved(heap, &places[1]); /* in no heap: nothing to do */
        sk_heap_free(heap);
}

static const sk_deadline *earliest_of(const sk_deadline *all) {
        const sk_deadline *earliest = NULL;

        for (size_t i = 0; i < MANY; i++)
                if (all[i].place != 0 &&
                    (earliest == NULL || all[i].at_us < earliest->at_us ||
                     (all[i].at_us == earliest->at_us && sk_id_compare(&all[i].id, &earliest->id) < 0)))
                        earliest = &all[i];
        return earliest;
}

static void test_whatever_is_put_and_taken_the_first_is_the_earliest(void **state) {
        static sk_deadline all[MANY];
        sk_random random = sk_random_make(3);
        sk_heap *heap = heap_of(MANY);
        size_t count = 0;

        (void)state;
        for (int i = 0; i < 20000; i++) {
                sk_deadline *one = &all[sk_random_below(&random, MANY)];

                if (one->place != 0) {
                        sk_heap_take(heap, one);
                        count--;
                } else {
                        *one = deadline_of((int64_t)sk_random_below(&random, 50), (uint8_t)(one - all));
                        sk_heap_put(heap, one);
                        count++;
                }
                assert_int_equal(sk_heap_count(heap), count);
                assert_ptr_equal(sk_heap_first(heap), earliest_of(all));
        }
        sk_heap_free(heap);
}

static bool fill_a_heap(void *context) {
        static sk_deadline all[MANY];
        sk_heap *heap = sk_heap_new();
        bool succeeded = heap != NULL;
        size_t count = 0;

        (void)context;
        for (; succeeded && count < MANY; count += succeeded) {
                succeeded = sk_heap_reserve(heap, count + 1) == SK_OK;
                all[count] = deadline_of(1, (uint8_t)count);
                if (succeeded)
                        sk_heap_put(heap, &all[count]);
        }
        assert_true(heap == NULL || sk_heap_count(heap) == count);
        sk_heap_free(heap);
        return succeeded;
}

static void test_every_allocation_may_fail(void **state) {
        (void)state;
        failing_alloc_each(fill_a_heap, NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_an_empty_heap_has_no_first),
                cmocka_unit_test(test_deadlines_come_by_time_then_id),
                cmocka_unit_test(test_a_deadline_that_moves_in_memory_is_found_where_it_lies),
                cmocka_unit_test(test_whatever_is_put_and_taken_the_first_is_the_earliest),
                cmocka_unit_test(test_every_allocation_may_fail),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
