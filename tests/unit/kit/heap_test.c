#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/heap.h"

#include "kit/random.h"
#include "support/failing_alloc.h"

static sk_deadline deadline_of(int64_t at_us, uint8_t id, uint32_t kind) {
        return (sk_deadline){.at_us = at_us, .id = {{id}}, .kind = kind};
}

static void test_an_empty_heap_has_no_earliest(void **state) {
        sk_heap *heap = sk_heap_new();
        sk_deadline out = deadline_of(7, 7, 7);

        (void)state;
        assert_false(sk_heap_peek(heap, &out));
        assert_false(sk_heap_pop(heap, &out));
        assert_int_equal(out.at_us, 7);
        sk_heap_free(heap);
        sk_heap_free(NULL);
}

static void test_deadlines_come_out_by_time_then_id_then_kind(void **state) {
        static const struct {
                int64_t at_us;
                uint8_t id;
                uint32_t kind;
        } sorted[] = {{-5, 9, 1}, {0, 1, 1}, {0, 2, 0}, {0, 2, 1}, {1, 0, 0}};
        sk_heap *heap = sk_heap_new();
        sk_deadline out;

        (void)state;
        for (size_t i = 5; i-- > 0;) {
                sk_deadline item = deadline_of(sorted[i].at_us, sorted[i].id, sorted[i].kind);

                assert_int_equal(sk_heap_push(heap, &item), SK_OK);
        }
        for (size_t i = 0; i < 5; i++) {
                assert_true(sk_heap_pop(heap, &out));
                assert_int_equal(out.at_us, sorted[i].at_us);
                assert_int_equal(out.id.bytes[0], sorted[i].id);
                assert_int_equal(out.kind, sorted[i].kind);
        }
        sk_heap_free(heap);
}

static void test_many_random_deadlines_come_out_in_order(void **state) {
        sk_random random = sk_random_make(3);
        sk_heap *heap = sk_heap_new();
        size_t count = 0;

        (void)state;
        for (int i = 0; i < 20000; i++) {
                sk_deadline item, first, popped;

                if (sk_random_below(&random, 5) > 1) {
                        item = deadline_of((int64_t)sk_random_below(&random, 1000), (uint8_t)i, 0);
                        assert_int_equal(sk_heap_push(heap, &item), SK_OK);
                        count++;
                } else if (count > 0) {
                        assert_true(sk_heap_peek(heap, &first));
                        assert_true(sk_heap_pop(heap, &popped));
                        assert_int_equal(first.at_us, popped.at_us);
                        count--;
                        assert_true(!sk_heap_peek(heap, &first) || first.at_us >= popped.at_us);
                }
                assert_int_equal(sk_heap_count(heap), count);
        }
        sk_heap_free(heap);
}

static bool fill_a_heap(void *context) {
        sk_heap *heap = sk_heap_new();
        bool succeeded = heap != NULL;
        size_t count = 0;

        (void)context;
        for (; succeeded && count < 300; count += succeeded) {
                sk_deadline item = deadline_of(1, 1, 1);

                succeeded = sk_heap_push(heap, &item) == SK_OK;
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
                cmocka_unit_test(test_an_empty_heap_has_no_earliest),
                cmocka_unit_test(test_deadlines_come_out_by_time_then_id_then_kind),
                cmocka_unit_test(test_many_random_deadlines_come_out_in_order),
                cmocka_unit_test(test_every_allocation_may_fail),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
