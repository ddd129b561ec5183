#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/arena.h"

#include <stdalign.h>

#include "support/failing_alloc.h"

static void test_memory_is_aligned_for_any_type_and_does_not_overlap(void **state) {
        sk_arena *arena = sk_arena_new(1 << 20);
        char *before = NULL;
        size_t before_size = 0;

        (void)state;
        for (size_t size = 0; size < 300; size++) {
                char *at = sk_arena_get(arena, size);

                assert_non_null(at);
                assert_int_equal((uintptr_t)at % alignof(max_align_t), 0);
                assert_true(before == NULL || at >= before + before_size || at + size <= before);
                memset(at, 0xff, size);
                before = at;
                before_size = size;
        }
        sk_arena_free(arena);
}

static void test_the_bound_holds_and_what_fits_is_given(void **state) {
        sk_arena *arena = sk_arena_new(100);

        (void)state;
        assert_non_null(sk_arena_get(arena, 100));
        assert_null(sk_arena_get(arena, 100));
        assert_null(sk_arena_get(arena, SIZE_MAX));
        assert_null(sk_arena_get_zero(arena, SIZE_MAX / 2, 4));
        assert_int_equal(sk_arena_used(arena), 100);
        sk_arena_free(arena);
}

static void test_a_reset_arena_gives_as_much_again_from_the_block_it_kept(void **state) {
        sk_arena *arena;

        (void)state;
        failing_alloc_begin(0);
        arena = sk_arena_new(1 << 20);
        for (int round = 0; round < 50; round++) {
                for (int i = 0; i < 40; i++)
                        assert_non_null(sk_arena_get(arena, 1000));
                assert_true(sk_arena_used(arena) >= 40000);
                sk_arena_reset(arena);
                assert_int_equal(sk_arena_used(arena), 0);
                assert_true(failing_alloc_live() <= 2);
        }
        assert_true(failing_alloc_count() < 12);
        sk_arena_free(arena);
        assert_int_equal(failing_alloc_live(), 0);
        failing_alloc_end();
}

static void test_zeroed_memory_is_zero_after_a_reset_too(void **state) {
        static const char zeroes[64];
        sk_arena *arena = sk_arena_new(1000);

        (void)state;
        memset(sk_arena_get(arena, 64), 0xff, 64);
        sk_arena_reset(arena);
        assert_memory_equal(sk_arena_get_zero(arena, 8, 8), zeroes, 64);
        sk_arena_free(arena);
}

static void test_a_copy_is_zero_terminated(void **state) {
        sk_arena *arena = sk_arena_new(20);
        sk_slice copy = sk_arena_copy(arena, SK_SLICE("hello"));

        (void)state;
        assert_string_equal(copy.at, "hello");
        assert_int_equal(copy.len, 5);
        assert_string_equal(sk_arena_copy(arena, SK_NONE).at, "");
        assert_null(sk_arena_copy(arena, SK_SLICE("much too long for twenty bytes")).at);
        sk_arena_free(arena);
}

static bool fill_an_arena(void *context) {
        sk_arena *arena = sk_arena_new(100000);
        bool succeeded = arena != NULL;

        (void)context;
        for (int i = 0; succeeded && i < 90; i++)
                succeeded = sk_arena_get(arena, 1000) != NULL;
        if (arena != NULL)
                sk_arena_reset(arena);
        sk_arena_free(arena);
        return succeeded;
}

static void test_every_allocation_may_fail(void **state) {
        (void)state;
        failing_alloc_each(fill_an_arena, NULL);
        sk_arena_free(NULL);
}

static void test_what_was_asked_for_in_vain_is_told_until_the_reset(void **state) {
        sk_arena *arena = sk_arena_new(64);
        (void)state;

        assert_non_null(sk_arena_get(arena, 16));
        assert_int_equal(sk_arena_err(arena), SK_OK);
        assert_null(sk_arena_get(arena, 100));
        assert_non_null(sk_arena_get(arena, 16));
        assert_int_equal(sk_arena_err(arena), SK_ERR_FULL);
        sk_arena_reset(arena);
        assert_int_equal(sk_arena_err(arena), SK_OK);
        sk_arena_free(arena);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_was_asked_for_in_vain_is_told_until_the_reset),
                cmocka_unit_test(test_memory_is_aligned_for_any_type_and_does_not_overlap),
                cmocka_unit_test(test_the_bound_holds_and_what_fits_is_given),
                cmocka_unit_test(test_a_reset_arena_gives_as_much_again_from_the_block_it_kept),
                cmocka_unit_test(test_zeroed_memory_is_zero_after_a_reset_too),
                cmocka_unit_test(test_a_copy_is_zero_terminated),
                cmocka_unit_test(test_every_allocation_may_fail),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
