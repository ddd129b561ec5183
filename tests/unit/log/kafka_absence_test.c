#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/kafka_unit.h"

#ifdef SK_HAVE_RDKAFKA
#include <string.h>

#include "kit/when.h"
#include "log/kafka_absence.h"

/* When it is told that brokers went away, and that they came back. */

#define S ((uint64_t)SK_SECOND_US)

/* What is seen at which second, and what is to be said then; ends with second 0. */
struct moment {
        unsigned second;
        enum { FAILS, WORKS, LOOKS } what;
        const char *says; /* "": nothing; "away"; "back" */
        unsigned after;   /* back: seconds */
};

static void check(const struct moment *moments, uint64_t count) {
        sk_kafka_absence absence = {0};

        for (const struct moment *m = moments; m->second != 0; m++) {
                uint64_t now_us = m->second * S;
                uint64_t after_us = 0;
                const char *says = "";
                if (m->what == FAILS)
                        sk_kafka_absence_begin(&absence, now_us);
                if (m->what == WORKS && sk_kafka_absence_end(&absence, now_us, &after_us))
                        says = "back";
                if (sk_kafka_absence_tells(&absence, now_us))
                        says = "away";
                if (strcmp(says, m->says) != 0 || after_us != m->after * S)
                        fail_msg("second %u: \"%s\", after %llu us", m->second, says, (unsigned long long)after_us);
        }
        assert_int_equal(absence.count, count);
}

static void test_an_absence_and_its_end_are_told_once(void **state) {
        static const struct moment moments[] = {
                {10, LOOKS, "", 0},        {11, WORKS, "", 0},  {20, FAILS, "away", 0},
                {21, FAILS, "", 0},        {500, LOOKS, "", 0}, {501, FAILS, "", 0},
                {620, WORKS, "back", 600}, {621, WORKS, "", 0}, {0, LOOKS, "", 0},
        };

        (void)state;
        check(moments, 1);
}

static void test_what_comes_and_goes_all_the_time_is_told_once_a_minute(void **state) {
        static const struct moment moments[] = {
                {10, FAILS, "away", 0}, {12, WORKS, "back", 2}, {20, FAILS, "", 0},
                {25, WORKS, "", 0},     {30, FAILS, "", 0},     {35, WORKS, "", 0},
                {71, FAILS, "away", 0}, {74, WORKS, "back", 3}, {0, LOOKS, "", 0},
        };

        (void)state;
        check(moments, 4);
}

static void test_one_that_was_kept_quiet_and_lasts_is_told_later(void **state) {
        static const struct moment moments[] = {
                {10, FAILS, "away", 0}, {12, WORKS, "back", 2}, {20, FAILS, "", 0},        {69, LOOKS, "", 0},
                {70, LOOKS, "away", 0}, {90, LOOKS, "", 0},     {120, WORKS, "back", 100}, {0, LOOKS, "", 0},
        };

        (void)state;
        check(moments, 2);
}

static void test_its_length_is_known_while_it_lasts(void **state) {
        sk_kafka_absence absence = {0};
        uint64_t after_us = 0;

        (void)state;
        assert_int_equal(sk_kafka_absence_us(&absence, 5 * S), 0);
        sk_kafka_absence_begin(&absence, 5 * S);
        sk_kafka_absence_begin(&absence, 6 * S);
        assert_int_equal(sk_kafka_absence_us(&absence, 8 * S), 3 * S);
        (void)sk_kafka_absence_end(&absence, 9 * S, &after_us);
        assert_int_equal(sk_kafka_absence_us(&absence, 10 * S), 0);
}

static void test_what_fails_soon_after_one_may_be_because_of_it(void **state) {
        sk_kafka_absence absence = {0};
        uint64_t after_us = 0;

        (void)state;
        assert_false(sk_kafka_absence_is_near(&absence, 5 * S));
        sk_kafka_absence_begin(&absence, 5 * S);
        assert_true(sk_kafka_absence_is_near(&absence, 500 * S));
        (void)sk_kafka_absence_end(&absence, 500 * S, &after_us);
        assert_true(sk_kafka_absence_is_near(&absence, 529 * S));
        assert_false(sk_kafka_absence_is_near(&absence, 530 * S));
}
#endif

int main(void) {
#ifdef SK_HAVE_RDKAFKA
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_an_absence_and_its_end_are_told_once),
                cmocka_unit_test(test_what_comes_and_goes_all_the_time_is_told_once_a_minute),
                cmocka_unit_test(test_one_that_was_kept_quiet_and_lasts_is_told_later),
                cmocka_unit_test(test_what_fails_soon_after_one_may_be_because_of_it),
                cmocka_unit_test(test_its_length_is_known_while_it_lasts),
        };

        return cmocka_run_group_tests_name("kafka_absence", tests, NULL, NULL);
#else
        print_message("not without librdkafka\n");
        return 77;
#endif
}
