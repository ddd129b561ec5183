#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/random.h"

/* The reference implementation's first number for the state 1, 2, 3, 4. */
static void test_the_stream_is_xoshiro256_starstar(void **state) {
        static const uint64_t numbers[] = {11520, 0, 1509978240, UINT64_C(1215971899390074240)};
        sk_random random = {{1, 2, 3, 4}};

        (void)state;
        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
                assert_true(sk_random_next(&random) == numbers[i]);
}

/* Splitmix64 of 0 begins so. */
static void test_a_seed_is_spread_over_the_whole_state(void **state) {
        sk_random random = sk_random_make(0);

        (void)state;
        assert_true(random.state[0] == UINT64_C(0xe220a8397b1dcdaf));
        assert_true(random.state[1] == UINT64_C(0x6e789e6aa1b965f4));
}

static void test_the_same_seed_gives_the_same_numbers(void **state) {
        sk_random a = sk_random_make(42), b = sk_random_make(42), other = sk_random_make(43);

        (void)state;
        for (int i = 0; i < 100; i++) {
                uint64_t number = sk_random_next(&a);

                assert_true(number == sk_random_next(&b));
                assert_true(number != sk_random_next(&other));
        }
}

static void test_numbers_stay_below_their_bound_and_reach_all_of_it(void **state) {
        static const uint64_t bounds[] = {1, 2, 3, 7, 10};
        sk_random random = sk_random_make(1);

        (void)state;
        assert_int_equal(sk_random_below(&random, 0), 0);
        for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
                int seen[10] = {0};

                for (int n = 0; n < 1000; n++) {
                        uint64_t number = sk_random_below(&random, bounds[i]);

                        assert_true(number < bounds[i]);
                        seen[number]++;
                }
                for (uint64_t number = 0; number < bounds[i]; number++)
                        assert_true(seen[number] > 0);
        }
        for (int n = 0; n < 100; n++)
                assert_true(sk_random_below(&random, (UINT64_C(1) << 63) + 1) <= UINT64_C(1) << 63);
}

static void test_units_fill_zero_to_one(void **state) {
        sk_random random = sk_random_make(1);
        double sum = 0;

        (void)state;
        for (int i = 0; i < 10000; i++) {
                double unit = sk_random_unit(&random);

                assert_true(unit >= 0 && unit < 1);
                sum += unit;
        }
        assert_true(sum > 4800 && sum < 5200);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_stream_is_xoshiro256_starstar),
                cmocka_unit_test(test_a_seed_is_spread_over_the_whole_state),
                cmocka_unit_test(test_the_same_seed_gives_the_same_numbers),
                cmocka_unit_test(test_numbers_stay_below_their_bound_and_reach_all_of_it),
                cmocka_unit_test(test_units_fill_zero_to_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
