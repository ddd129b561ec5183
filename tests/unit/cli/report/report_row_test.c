#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "cli/report/report_row.h"

static void test_a_percentile_is_the_nearest_rank(void **state) {
        static const struct {
                size_t count; /* of 1, 2, 3, ... */
                unsigned percent;
                int64_t expected;
        } cases[] = {{0, 50, 0},   {0, 90, 0},   {1, 1, 1},    {1, 50, 1},    {1, 100, 1},   {2, 50, 1},
                     {2, 51, 2},   {3, 50, 2},   {4, 50, 2},   {5, 90, 5},    {10, 50, 5},   {10, 90, 9},
                     {10, 91, 10}, {11, 90, 10}, {99, 50, 50}, {100, 90, 90}, {101, 50, 51}, {200, 90, 180}};
        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_report_row row = {0};
                for (size_t n = cases[i].count; n > 0; n--) /* the last first: it has to be sorted */
                        assert_int_equal(sk_report_row_add(&row, &(sk_report_ended){.outcome = SK_COMPLETED,
                                                                                    .lead_us = (int64_t)n}),
                                         SK_OK);
                assert_int_equal(sk_report_row_percentile(&row, cases[i].percent), cases[i].expected);
                sk_report_row_free(&row);
        }
}

static void test_what_is_added_after_a_percentile_was_asked_for_counts(void **state) {
        sk_report_row row = {0};
        (void)state;
        assert_int_equal(sk_report_row_add(&row, &(sk_report_ended){.outcome = SK_COMPLETED, .lead_us = 9}), SK_OK);
        assert_int_equal(sk_report_row_percentile(&row, 50), 9);
        assert_int_equal(sk_report_row_add(&row, &(sk_report_ended){.outcome = SK_COMPLETED, .lead_us = 3}), SK_OK);
        assert_int_equal(sk_report_row_percentile(&row, 50), 3);
        sk_report_row_free(&row);
}

static void test_a_name_has_one_number(void **state) {
        sk_report_names *names = sk_report_names_new();
        char text[16];
        (void)state;
        assert_int_equal(sk_report_names_add(names, SK_SLICE("")), 0);
        for (uint32_t i = 1; i <= 100; i++) {
                int len = snprintf(text, sizeof(text), "team-%u", i);
                assert_int_equal(sk_report_names_add(names, (sk_slice){text, (size_t)len}), i);
                assert_int_equal(sk_report_names_add(names, (sk_slice){text, (size_t)len}), i);
        }
        assert_int_equal(sk_report_names_count(names), 100);
        assert_true(sk_slice_is(sk_report_names_at(names, 7), "team-7"));
        assert_true(sk_slice_is(sk_report_names_at(names, 0), ""));
        sk_report_names_free(names);
}

static void test_endings_are_counted_by_outcome_and_code(void **state) {
        static const sk_report_ended all[] = {{.outcome = SK_DECLINED, .code = 1},
                                              {.outcome = SK_DECLINED, .code = 2},
                                              {.outcome = SK_DECLINED, .code = 1},
                                              {.outcome = SK_FAILED, .code = 1},
                                              {.outcome = SK_COMPLETED}};
        sk_report_row row = {0};
        (void)state;
        for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
                assert_int_equal(sk_report_row_add(&row, &all[i]), SK_OK);
        assert_int_equal(row.closed, 5);
        assert_int_equal(row.ending_count, 3);
        assert_int_equal(row.endings[0].count, 2);
        sk_report_row_free(&row);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_percentile_is_the_nearest_rank),
                cmocka_unit_test(test_what_is_added_after_a_percentile_was_asked_for_counts),
                cmocka_unit_test(test_a_name_has_one_number),
                cmocka_unit_test(test_endings_are_counted_by_outcome_and_code),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
