#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/when.h"
#include "link/durations.h"
#include "support/failing_alloc.h"

static const sk_duration_key perform = {{"broken-lift", 11}, 29};

static void add(sk_durations *durations, const sk_duration_key *key, int64_t from_s, int64_t to_s) {
        for (int64_t s = from_s; s <= to_s; s++)
                assert_int_equal(sk_durations_add(durations, key, s * SK_SECOND_US), SK_OK);
}

static void test_a_few_say_nothing_and_enough_say_what_is_usual(void **state) {
        sk_durations *durations = sk_durations_new();
        sk_usual usual = {-1, -1};
        (void)state;

        assert_false(sk_durations_usual(durations, &perform, &usual));
        add(durations, &perform, 1, SK_DURATIONS_ENOUGH - 1);
        assert_false(sk_durations_usual(durations, &perform, &usual));
        assert_int_equal(usual.median_us, -1);
        add(durations, &perform, SK_DURATIONS_ENOUGH, 10);
        assert_true(sk_durations_usual(durations, &perform, &usual));
        assert_int_equal(usual.median_us, 5 * SK_SECOND_US);
        assert_int_equal(usual.p90_us, 9 * SK_SECOND_US);
        sk_durations_free(durations);
        sk_durations_free(NULL);
}

static void test_the_newest_count(void **state) {
        sk_durations *durations = sk_durations_new();
        sk_usual usual;
        (void)state;

        add(durations, &perform, 1000, 1000 + SK_DURATIONS_KEPT - 1);
        for (unsigned i = 0; i < SK_DURATIONS_KEPT; i++)
                (void)sk_durations_add(durations, &perform, SK_SECOND_US);
        assert_true(sk_durations_usual(durations, &perform, &usual));
        assert_int_equal(usual.p90_us, SK_SECOND_US);
        sk_durations_free(durations);
}

static void test_activities_are_counted_by_routine_and_number(void **state) {
        sk_durations *durations = sk_durations_new();
        sk_duration_key other = {SK_SLICE("shut-in"), 29};
        sk_duration_key cut = {SK_SLICE(""), SK_DURATIONS_CUT + 2};
        sk_usual usual;
        (void)state;

        add(durations, &perform, 1, 10);
        add(durations, &cut, 101, 110);
        assert_false(sk_durations_usual(durations, &other, &usual));
        assert_true(sk_durations_usual(durations, &cut, &usual));
        assert_int_equal(usual.median_us, 105 * SK_SECOND_US);
        assert_int_equal(sk_durations_count(durations), 2);
        sk_durations_free(durations);
}

static void test_they_come_back_from_their_record_with_what_was_added_to_it(void **state) {
        static const int64_t more[] = {11 * SK_SECOND_US, 12 * SK_SECOND_US};
        sk_durations *durations = sk_durations_new();
        sk_durations *back = sk_durations_new();
        sk_buf buf = sk_buf_make(4096);
        sk_usual usual;
        sk_usual again;
        (void)state;

        add(durations, &perform, 1, SK_DURATIONS_KEPT);
        sk_durations_encode(durations, &perform, more, 2, &buf);
        assert_int_equal(sk_durations_decode(back, &perform, sk_buf_slice(&buf)), SK_OK);
        (void)sk_durations_add(durations, &perform, more[0]);
        (void)sk_durations_add(durations, &perform, more[1]);
        assert_true(sk_durations_usual(durations, &perform, &usual) && sk_durations_usual(back, &perform, &again));
        assert_memory_equal(&usual, &again, sizeof usual);
        for (size_t len = 0; len < buf.len; len++)
                assert_int_equal(sk_durations_decode(back, &perform, (sk_slice){buf.at, len}), SK_ERR_SYNTAX);
        sk_buf_free(&buf);
        sk_durations_free(durations);
        sk_durations_free(back);
}

static void test_keys_are_read_as_they_are_written(void **state) {
        static const char *const bad[] = {"", "/", "a", "a/", "a/01", "a/65536", "a/1x", "A/1", "a/-1", "a/999999"};
        char text[SK_DURATION_KEY_TEXT];
        sk_duration_key read;
        (void)state;

        assert_true(sk_slice_is((sk_slice){text, sk_duration_key_write(&perform, text)}, "broken-lift/29"));
        assert_true(sk_duration_key_parse(SK_SLICE("broken-lift/29"), &read));
        assert_true(sk_slice_equal(read.routine, perform.routine) && read.activity == 29);
        assert_true(sk_duration_key_parse(SK_SLICE("/32770"), &read) && read.routine.len == 0);
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
                assert_false(sk_duration_key_parse(sk_slice_of(bad[i]), &read));
}

static void test_durations_out_of_any_range_are_kept_within_it(void **state) {
        sk_durations *durations = sk_durations_new();
        sk_usual usual;
        (void)state;

        for (unsigned i = 0; i < SK_DURATIONS_ENOUGH; i++)
                assert_int_equal(sk_durations_add(durations, &perform, i % 2 == 0 ? INT64_MIN : INT64_MAX), SK_OK);
        assert_true(sk_durations_usual(durations, &perform, &usual));
        assert_int_equal(usual.median_us, 0);
        assert_int_equal(usual.p90_us, (int64_t)UINT32_MAX * 1000);
        sk_durations_free(durations);
}

static bool fill(void *context) {
        sk_durations *durations = sk_durations_new();
        bool is_done = durations != NULL && sk_durations_add(durations, &perform, 1) == SK_OK;
        (void)context;

        assert_true(durations == NULL || sk_durations_count(durations) == is_done);
        sk_durations_free(durations);
        return is_done;
}

static void test_without_memory_nothing_changes(void **state) {
        (void)state;
        failing_alloc_each(fill, NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_few_say_nothing_and_enough_say_what_is_usual),
                cmocka_unit_test(test_the_newest_count),
                cmocka_unit_test(test_activities_are_counted_by_routine_and_number),
                cmocka_unit_test(test_they_come_back_from_their_record_with_what_was_added_to_it),
                cmocka_unit_test(test_keys_are_read_as_they_are_written),
                cmocka_unit_test(test_durations_out_of_any_range_are_kept_within_it),
                cmocka_unit_test(test_without_memory_nothing_changes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
