#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/buf.h"

#include "support/failing_alloc.h"

static void assert_holds(const sk_buf *buf, const char *text) {
        assert_int_equal(buf->err, SK_OK);
        assert_int_equal(buf->len, strlen(text));
        assert_memory_equal(sk_buf_slice(buf).at, text, strlen(text));
}

static void test_numbers_are_written_in_decimal(void **state) {
        static const struct {
                int64_t number;
                const char *text;
        } cases[] = {{0, "0"},
                     {-1, "-1"},
                     {42, "42"},
                     {INT64_MAX, "9223372036854775807"},
                     {INT64_MIN, "-9223372036854775808"}};
        sk_buf buf = sk_buf_make(100);

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_buf_clear(&buf);
                sk_buf_add_int(&buf, cases[i].number);
                assert_holds(&buf, cases[i].text);
        }
        sk_buf_clear(&buf);
        sk_buf_add_uint(&buf, UINT64_MAX);
        assert_holds(&buf, "18446744073709551615");
        sk_buf_free(&buf);
}

static void test_binary_numbers_are_little_endian(void **state) {
        sk_buf buf = sk_buf_make(100);

        (void)state;
        sk_buf_add_byte(&buf, 0xff);
        sk_buf_add_u16(&buf, 0x0102);
        sk_buf_add_u32(&buf, 0x03040506);
        sk_buf_add_u64(&buf, 0x0708090a0b0c0d0e);
        assert_int_equal(buf.len, 15);
        assert_memory_equal(buf.at, "\xff\x02\x01\x06\x05\x04\x03\x0e\x0d\x0c\x0b\x0a\x09\x08\x07", 15);
        sk_buf_free(&buf);
}

static void test_a_bound_is_reached_exactly_and_the_error_sticks(void **state) {
        sk_buf buf = sk_buf_make(5);

        (void)state;
        sk_buf_add_text(&buf, "12345");
        assert_holds(&buf, "12345");
        sk_buf_add_byte(&buf, '6');
        assert_int_equal(buf.err, SK_ERR_FULL);
        assert_int_equal(buf.len, 5);
        sk_buf_clear(&buf);
        sk_buf_add_text(&buf, "123456");
        sk_buf_add_byte(&buf, '1');
        assert_int_equal(buf.err, SK_ERR_FULL);
        assert_int_equal(buf.len, 0);
        assert_null(sk_buf_grow(&buf, 1));
        sk_buf_clear(&buf);
        sk_buf_add_byte(&buf, '1');
        assert_holds(&buf, "1");
        assert_null(sk_buf_grow(&buf, SIZE_MAX));
        sk_buf_free(&buf);
        assert_int_equal(buf.max, 5);
}

static void test_formats_of_any_length_are_written_whole(void **state) {
        sk_buf buf = sk_buf_make(5000);

        (void)state;
        for (int width = 1; width < 400; width++) {
                sk_buf_clear(&buf);
                sk_buf_add_format(&buf, "%*d|", width, 7);
                assert_int_equal(buf.err, SK_OK);
                assert_int_equal(buf.len, width + 1);
                assert_int_equal(buf.at[width - 1], '7');
                assert_int_equal(buf.at[width], '|');
        }
        sk_buf_free(&buf);
}

static void test_an_empty_buffer_has_an_empty_slice(void **state) {
        sk_buf buf = sk_buf_make(0);

        (void)state;
        sk_buf_add(&buf, NULL, 0);
        sk_buf_add_slice(&buf, SK_NONE);
        assert_int_equal(buf.err, SK_OK);
        assert_int_equal(sk_buf_slice(&buf).len, 0);
        assert_non_null(sk_buf_slice(&buf).at);
        sk_buf_free(&buf);
}

static bool fill_a_buffer(void *context) {
        sk_buf buf = sk_buf_make(10000);
        bool succeeded;

        (void)context;
        for (int i = 0; i < 1000; i++)
                sk_buf_add_text(&buf, "0123456789");
        succeeded = buf.err == SK_OK;
        assert_true(succeeded || buf.err == SK_ERR_NO_MEMORY);
        assert_true(!succeeded || buf.len == 10000);
        sk_buf_free(&buf);
        return succeeded;
}

static void test_every_allocation_may_fail(void **state) {
        (void)state;
        failing_alloc_each(fill_a_buffer, NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_numbers_are_written_in_decimal),
                cmocka_unit_test(test_binary_numbers_are_little_endian),
                cmocka_unit_test(test_a_bound_is_reached_exactly_and_the_error_sticks),
                cmocka_unit_test(test_formats_of_any_length_are_written_whole),
                cmocka_unit_test(test_an_empty_buffer_has_an_empty_slice),
                cmocka_unit_test(test_every_allocation_may_fail),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
