#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log/local_watch.h"

#define SECOND UINT64_C(1000000)

static void test_what_waits_is_said_after_ten_seconds_and_every_ten_again(void **state) {
        sk_local_watch watch = {0};
        unsigned said = 0;

        (void)state;
        for (uint64_t now_us = 5 * SECOND; now_us < 15 * SECOND; now_us += SECOND / 4)
                assert_false(sk_local_watch_look(&watch, 5 * SECOND, now_us));
        assert_false(watch.is_late);
        for (uint64_t now_us = 15 * SECOND; now_us < 45 * SECOND; now_us += SECOND / 4) {
                said += sk_local_watch_look(&watch, 5 * SECOND, now_us);
                assert_true(watch.is_late);
        }
        assert_int_equal(said, 3);
        assert_int_equal(watch.waiting_us, 40 * SECOND - SECOND / 4);
}

static void test_an_answer_ends_it(void **state) {
        sk_local_watch watch = {0};

        (void)state;
        assert_true(sk_local_watch_look(&watch, SECOND, 11 * SECOND));
        assert_false(sk_local_watch_look(&watch, 0, 12 * SECOND));
        assert_false(watch.is_late);
        assert_int_equal(watch.waiting_us, 0);
        assert_false(sk_local_watch_look(&watch, 12 * SECOND, 21 * SECOND));
        assert_true(sk_local_watch_look(&watch, 12 * SECOND, 22 * SECOND));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_waits_is_said_after_ten_seconds_and_every_ten_again),
                cmocka_unit_test(test_an_answer_ends_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
