#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "link/broken.h"

static const char why[] = "why";

static sk_slice key_of(unsigned number) {
        static char text[32];

        (void)snprintf(text, sizeof(text), "key %u", number);
        return sk_slice_of(text);
}

static void test_the_first_that_is_left_is_told(void **state) {
        sk_broken broken = {0};

        (void)state;
        assert_null(sk_broken_first(&broken));
        sk_broken_add(&broken, key_of(1), 10, why);
        sk_broken_add(&broken, key_of(2), 20, why);
        assert_int_equal(sk_broken_first(&broken)->offset, 10);
        sk_broken_mend(&broken, key_of(3));
        sk_broken_mend(&broken, key_of(1));
        assert_int_equal(sk_broken_first(&broken)->offset, 20);
        sk_broken_mend(&broken, key_of(2));
        assert_null(sk_broken_first(&broken));
}

static void test_a_key_that_is_broken_again_counts_once(void **state) {
        sk_broken broken = {0};

        (void)state;
        sk_broken_add(&broken, key_of(1), 10, why);
        sk_broken_add(&broken, key_of(1), 30, why);
        assert_int_equal(broken.count, 1);
        assert_int_equal(sk_broken_first(&broken)->offset, 30);
        sk_broken_mend(&broken, key_of(1));
        assert_null(sk_broken_first(&broken));
}

static void test_what_cannot_be_remembered_is_never_taken_for_mended(void **state) {
        sk_broken broken = {0};

        (void)state;
        for (unsigned i = 0; i <= SK_BROKEN_MAX; i++)
                sk_broken_add(&broken, key_of(i), i, why);
        for (unsigned i = 0; i <= SK_BROKEN_MAX; i++)
                sk_broken_mend(&broken, key_of(i));
        assert_non_null(sk_broken_first(&broken));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_first_that_is_left_is_told),
                cmocka_unit_test(test_a_key_that_is_broken_again_counts_once),
                cmocka_unit_test(test_what_cannot_be_remembered_is_never_taken_for_mended),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
