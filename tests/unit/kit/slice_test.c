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

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_not_there_differs_from_empty_but_holds_as_little),
                cmocka_unit_test(test_bytes_are_compared_with_their_length),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
