#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "event/record.h"

#define RUN_MAX 65536

static sk_buf run_of(size_t count) {
        sk_buf run = sk_buf_make(RUN_MAX);
        for (size_t i = 0; i < count; i++)
                sk_headers_add(&run, "name", SK_SLICE("value"));
        assert_int_equal(run.err, SK_OK);
        return run;
}

static void test_a_header_is_length_name_length_value(void **state) {
        (void)state;
        static const char golden[] = "\x05"
                                     "ce_id"
                                     "\x03\0\0\0"
                                     "abc"
                                     "\x01"
                                     "x"
                                     "\0\0\0\0";
        sk_buf run = sk_buf_make(RUN_MAX);
        sk_headers_add(&run, "ce_id", SK_SLICE("abc"));
        sk_headers_add(&run, "x", SK_SLICE(""));

        assert_int_equal(run.len, sizeof(golden) - 1);
        assert_memory_equal(run.at, golden, run.len);
        sk_buf_free(&run);
}

static void test_a_value_of_more_than_255_bytes_has_a_little_endian_length(void **state) {
        (void)state;
        char value[0x102];
        memset(value, 'v', sizeof(value));
        sk_buf run = sk_buf_make(RUN_MAX);
        sk_headers_add(&run, "n", (sk_slice){value, sizeof(value)});

        assert_memory_equal(run.at, "\x01n\x02\x01\0\0vvv", 9);
        assert_true(sk_headers_check(sk_buf_slice(&run)));
        sk_buf_free(&run);
}

static void test_the_first_header_of_a_name_is_found_and_others_are_not_there(void **state) {
        (void)state;
        sk_buf run = sk_buf_make(RUN_MAX);
        sk_headers_add(&run, "a", SK_SLICE("1"));
        sk_headers_add(&run, "b", SK_SLICE(""));
        sk_headers_add(&run, "a", SK_SLICE("2"));
        sk_slice headers = sk_buf_slice(&run);

        assert_true(sk_slice_is(sk_headers_find(headers, "a"), "1"));
        assert_true(sk_slice_there(sk_headers_find(headers, "b")));
        assert_int_equal(sk_headers_find(headers, "b").len, 0);
        assert_false(sk_slice_there(sk_headers_find(headers, "ab")));
        assert_false(sk_slice_there(sk_headers_find(SK_NONE, "a")));
        sk_buf_free(&run);
}

static void test_sixty_four_headers_pass_and_sixty_five_do_not(void **state) {
        (void)state;
        sk_buf most = run_of(SK_HEADERS_MAX);
        sk_buf more = run_of(SK_HEADERS_MAX + 1);

        assert_true(sk_headers_check(sk_buf_slice(&most)));
        assert_false(sk_headers_check(sk_buf_slice(&more)));
        sk_buf_free(&most);
        sk_buf_free(&more);
}

static void test_no_headers_are_a_run_too(void **state) {
        (void)state;
        assert_true(sk_headers_check(SK_NONE));
        assert_true(sk_headers_check(SK_SLICE("")));
}

static void test_a_run_cut_anywhere_inside_a_header_is_refused(void **state) {
        (void)state;
        sk_buf run = run_of(2);
        size_t half = run.len / 2;

        for (size_t len = 0; len <= run.len; len++) {
                bool is_whole = len == 0 || len == half || len == run.len;
                assert_int_equal(sk_headers_check((sk_slice){run.at, len}), is_whole);
        }
        sk_buf_free(&run);
}

static void test_a_length_beyond_the_end_is_refused(void **state) {
        (void)state;
        static const struct {
                const char *at;
                size_t len;
        } cases[] = {
                {"\xff", 1}, {"\x01", 1}, {"\x01n\xff\xff\xff\xff", 6}, {"\x01n\x02\0\0\0v", 7}, {"\0\0\0\0\x80", 5},
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                assert_false(sk_headers_check((sk_slice){cases[i].at, cases[i].len}));
}

static void test_walking_gives_every_header_in_order(void **state) {
        (void)state;
        sk_buf run = sk_buf_make(RUN_MAX);
        sk_headers_add(&run, "one", SK_SLICE("1"));
        sk_headers_add(&run, "two", SK_SLICE("22"));
        size_t position = 0;
        sk_slice name;
        sk_slice value;

        assert_true(sk_headers_next(sk_buf_slice(&run), &position, &name, &value));
        assert_true(sk_slice_is(name, "one") && sk_slice_is(value, "1"));
        assert_true(sk_headers_next(sk_buf_slice(&run), &position, &name, &value));
        assert_true(sk_slice_is(name, "two") && sk_slice_is(value, "22"));
        assert_false(sk_headers_next(sk_buf_slice(&run), &position, &name, &value));
        sk_buf_free(&run);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_header_is_length_name_length_value),
                cmocka_unit_test(test_a_value_of_more_than_255_bytes_has_a_little_endian_length),
                cmocka_unit_test(test_the_first_header_of_a_name_is_found_and_others_are_not_there),
                cmocka_unit_test(test_sixty_four_headers_pass_and_sixty_five_do_not),
                cmocka_unit_test(test_no_headers_are_a_run_too),
                cmocka_unit_test(test_a_run_cut_anywhere_inside_a_header_is_refused),
                cmocka_unit_test(test_a_length_beyond_the_end_is_refused),
                cmocka_unit_test(test_walking_gives_every_header_in_order),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
