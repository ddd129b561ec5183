#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/alloc.h"

#include <string.h>

#include "support/failing_alloc.h"

static void test_zeroed_memory_is_zero_with_either_allocator(void **state) {
        static const char zeroes[64];

        (void)state;
        for (int other = 0; other < 2; other++) {
                char *at;

                if (other == 1)
                        failing_alloc_begin(0);
                at = sk_alloc_zero(8, 8);
                assert_non_null(at);
                assert_memory_equal(at, zeroes, sizeof(zeroes));
                sk_free(at);
        }
        assert_int_equal(failing_alloc_count(), 1);
        assert_int_equal(failing_alloc_live(), 0);
        failing_alloc_end();
}

static void test_a_product_that_overflows_gives_nothing(void **state) {
        (void)state;
        assert_null(sk_alloc_zero(SIZE_MAX / 2, 3));
        assert_null(sk_alloc_zero(SIZE_MAX, SIZE_MAX));
        assert_null(sk_alloc_copy("", SIZE_MAX));
}

static void test_nothing_asked_for_is_no_failure(void **state) {
        void *at[] = {sk_alloc(0), sk_alloc_zero(0, 8), sk_realloc(NULL, 0), sk_alloc_copy(NULL, 0)};

        (void)state;
        for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
                assert_non_null(at[i]);
                sk_free(at[i]);
        }
        sk_free(NULL);
}

static void test_a_copy_ends_with_a_zero_byte_and_keeps_zero_bytes_within(void **state) {
        char *copy = sk_alloc_copy("a\0bc", 3);

        (void)state;
        assert_memory_equal(copy, "a\0b", 4);
        sk_free(copy);
}

static void test_the_chosen_allocation_fails_and_no_other(void **state) {
        void *first, *second, *third;

        (void)state;
        failing_alloc_begin(2);
        first = sk_alloc(1);
        second = sk_realloc(first, 100);
        third = sk_alloc_zero(1, 1);
        assert_non_null(first);
        assert_null(second);
        assert_non_null(third);
        assert_int_equal(failing_alloc_live(), 2);
        sk_free(first);
        sk_free(third);
        assert_int_equal(failing_alloc_live(), 0);
        failing_alloc_end();
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_zeroed_memory_is_zero_with_either_allocator),
                cmocka_unit_test(test_a_product_that_overflows_gives_nothing),
                cmocka_unit_test(test_nothing_asked_for_is_no_failure),
                cmocka_unit_test(test_a_copy_ends_with_a_zero_byte_and_keeps_zero_bytes_within),
                cmocka_unit_test(test_the_chosen_allocation_fails_and_no_other),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
