#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/name.h"

static void test_names_are_small_letters_digits_and_hyphens(void **state) {
        static const char *const good[] = {"a",  "z9",   "service-centre",
                                           "a-", "a--b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
        static const char *const bad[] = {"",          "9a",    "-a",  "A",
                                          "aB",        "a_b",   "a.b", "a/b",
                                          "../a",      "a b",   "a\n", "\xc3\xa9",
                                          "a\xc3\xa9", "a\x1b", "*",   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};

        (void)state;
        for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
                assert_true(sk_name_is_good(sk_slice_of(good[i])));
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_false(sk_name_is_good(sk_slice_of(bad[i])));
        assert_false(sk_name_is_good(SK_NONE));
        assert_false(sk_name_is_good(SK_SLICE("a\0b")));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_names_are_small_letters_digits_and_hyphens),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
