#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/slice.h"

static void test_not_there_differs_from_empty_but_holds_as_little(void **state) {
        (void)state;
        assert_false(sk_slice_there(SK_NONE));
        assert_true(sk_slice_there(SK_SLICE("")));
        assert_false(sk_slice_there(sk_slice_of(NULL)));
        assert_true(sk_slice_equal(SK_NONE, SK_SLICE("")));
}

static void test_bytes_are_compared_with_their_length(void **state) {
        (void)state;
        assert_true(sk_slice_is(SK_SLICE("abc"), "abc"));
        assert_false(sk_slice_is(SK_SLICE("abc"), "abcd"));
        assert_false(sk_slice_is(SK_SLICE("abc"), "abd"));
        assert_false(sk_slice_equal(SK_SLICE("a\0b"), SK_SLICE("a\0c")));
}

static void test_white_space_around_it_is_taken_off_and_nothing_else(void **state) {
        (void)state;
        assert_true(sk_slice_is(sk_slice_trimmed(SK_SLICE(" \t\r\n a b\n")), "a b"));
        assert_true(sk_slice_is(sk_slice_trimmed(SK_SLICE("\x01"
                                                          "a\x01")),
                                "\x01"
                                "a\x01"));
        assert_int_equal(sk_slice_trimmed(SK_SLICE(" \n ")).len, 0);
        assert_false(sk_slice_there(sk_slice_trimmed(SK_NONE)));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_not_there_differs_from_empty_but_holds_as_little),
                cmocka_unit_test(test_bytes_are_compared_with_their_length),
                cmocka_unit_test(test_white_space_around_it_is_taken_off_and_nothing_else),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
