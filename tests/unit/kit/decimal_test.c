#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/decimal.h"

static sk_decimal read(const char *text) {
        return sk_decimal_read(sk_slice_of(text));
}

static void test_numbers_are_in_order_however_they_are_written(void **state) {
        /* Each is less than the next but for those that are equal. */
        static const struct {
                const char *a;
                const char *b;
                int order;
        } cases[] = {
                {"0", "-0", 0},
                {"0", "0.000", 0},
                {"0", "0e5", 0},
                {"1", "1.0", 0},
                {"100", "1e2", 0},
                {"100", "0.1E+3", 0},
                {"1.50", "15e-1", 0},
                {"-1", "1", -1},
                {"-2", "-1", -1},
                {"1", "2", -1},
                {"9", "10", -1},
                {"0.1", "1", -1},
                {"1.1", "1.11", -1},
                {"9007199254740992", "9007199254740993", -1},
                {"1e400", "1e401", -1},
                {"1e-400", "1e-399", -1},
                {"123456789012345678901234567890", "123456789012345678901234567891", -1},
                {"1e99999999999999999999", "1", 1},
                {"-1e400", "0", -1},
                {"0", "1e-9", -1},
                {"1.0000000000000000000000001", "1", 1},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_decimal a = read(cases[i].a), b = read(cases[i].b);
                if (sk_decimal_compare(&a, &b) != cases[i].order || sk_decimal_compare(&b, &a) != -cases[i].order)
                        fail_msg("%s and %s are not %d", cases[i].a, cases[i].b, cases[i].order);
        }
}

static void test_whole_numbers_have_no_fraction_that_counts(void **state) {
        static const char *const whole[] = {"0", "-0.0", "1", "1.0", "1e2", "1.5e1", "12300e-2", "1e400", "0e-5"};
        static const char *const broken[] = {"0.5", "1e-1", "15e-1", "1.0000000000000000000001", "-0.1", "123e-2"};

        (void)state;
        for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
                sk_decimal number = read(whole[i]);
                assert_true(sk_decimal_is_integer(&number));
        }
        for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
                sk_decimal number = read(broken[i]);
                assert_false(sk_decimal_is_integer(&number));
        }
}

static void test_multiples_are_exact(void **state) {
        static const struct {
                const char *a;
                const char *b;
                bool is_multiple;
        } cases[] = {
                {"10", "2", true},
                {"7", "2", false},
                {"0", "2", true},
                {"4.5", "1.5", true},
                {"35", "1.5", false},
                {"0.0075", "0.0001", true},
                {"0.00751", "0.0001", false},
                {"0.3", "0.1", true},
                {"1e308", "0.5", true},
                {"1e308", "0.123456789", false},
                {"12391239123", "1e-8", true},
                {"-9", "3", true},
                {"1", "10", false},
                {"100", "10", true},
                {"5", "2.5", true},
                {"0.5", "1", false},
                {"20", "0.8", true},
                {"1e1000000", "3", false},
                {"3e1000000", "3", true},
                {"12", "0.0000000000000000000000004", true},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_decimal a = read(cases[i].a), b = read(cases[i].b);
                if (sk_decimal_is_multiple(&a, &b) != cases[i].is_multiple)
                        fail_msg("%s of %s", cases[i].a, cases[i].b);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_numbers_are_in_order_however_they_are_written),
                cmocka_unit_test(test_whole_numbers_have_no_fraction_that_counts),
                cmocka_unit_test(test_multiples_are_exact),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
