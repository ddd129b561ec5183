#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/rate.h"

#include "kit/when.h"

static unsigned take_many(sk_rate *rate, unsigned count, int64_t now_us) {
        unsigned taken = 0;

        for (unsigned i = 0; i < count; i++)
                taken += sk_rate_take(rate, now_us);
        return taken;
}

static void test_so_many_at_once_and_then_so_many_a_second(void **state) {
        sk_rate rate = sk_rate_make(10, 2);
        int64_t now_us = 77;

        (void)state;
        assert_int_equal(take_many(&rate, 1000, now_us), 10);
        assert_int_equal(take_many(&rate, 1000, now_us + SK_SECOND_US / 2 - 1), 0);
        assert_int_equal(take_many(&rate, 1000, now_us + SK_SECOND_US / 2), 1);
        assert_int_equal(take_many(&rate, 1000, now_us + 3 * SK_SECOND_US), 5);
        assert_int_equal(take_many(&rate, 1000, now_us + 1000 * SK_SECOND_US), 10);
}

static void test_what_is_left_out_is_counted_once(void **state) {
        sk_rate rate = sk_rate_make(1, 1);

        (void)state;
        assert_int_equal(take_many(&rate, 100, 0), 1);
        assert_int_equal(sk_rate_left_out(&rate), 99);
        assert_int_equal(sk_rate_left_out(&rate), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_so_many_at_once_and_then_so_many_a_second),
                cmocka_unit_test(test_what_is_left_out_is_counted_once),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
