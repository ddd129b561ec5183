#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/cursor.h"

static const char fifteen[] = "\xff\x02\x01\x06\x05\x04\x03\x0e\x0d\x0c\x0b\x0a\x09\x08\x07";

static void test_numbers_are_read_as_little_endian(void **state) {
        sk_cursor cursor = sk_cursor_make(SK_SLICE(fifteen));

        (void)state;
        assert_int_equal(sk_cursor_u8(&cursor), 0xff);
        assert_int_equal(sk_cursor_u16(&cursor), 0x0102);
        assert_int_equal(sk_cursor_u32(&cursor), 0x03040506);
        assert_true(sk_cursor_u64(&cursor) == 0x0708090a0b0c0d0e);
        assert_int_equal(sk_cursor_left(&cursor), 0);
        assert_int_equal(cursor.err, SK_OK);
}

static void test_a_read_past_the_end_gives_zero_and_the_error_sticks(void **state) {
        (void)state;
        for (size_t len = 0; len < 8; len++) {
                sk_cursor cursor = sk_cursor_make((sk_slice){fifteen, len});

                assert_true(sk_cursor_u64(&cursor) == 0);
                assert_int_equal(cursor.err, SK_ERR_TRUNCATED);
                assert_int_equal(sk_cursor_u8(&cursor), 0);
                assert_false(sk_slice_there(sk_cursor_bytes(&cursor, 0)));
        }
}

static void test_byte_strings_are_borrowed_and_bounded(void **state) {
        sk_cursor cursor = sk_cursor_make(SK_SLICE("abcdef"));
        sk_slice bytes = sk_cursor_bytes(&cursor, 4);

        (void)state;
        assert_true(sk_slice_is(bytes, "abcd"));
        assert_int_equal(sk_cursor_left(&cursor), 2);
        assert_false(sk_slice_there(sk_cursor_bytes(&cursor, SIZE_MAX)));
        assert_int_equal(cursor.err, SK_ERR_TRUNCATED);
}

static void test_nothing_at_all_can_be_read_from(void **state) {
        sk_cursor cursor = sk_cursor_make(SK_NONE);

        (void)state;
        assert_int_equal(sk_cursor_left(&cursor), 0);
        assert_true(sk_slice_there(sk_cursor_bytes(&cursor, 0)));
        assert_int_equal(sk_cursor_u8(&cursor), 0);
        assert_int_equal(cursor.err, SK_ERR_TRUNCATED);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_numbers_are_read_as_little_endian),
                cmocka_unit_test(test_a_read_past_the_end_gives_zero_and_the_error_sticks),
                cmocka_unit_test(test_byte_strings_are_borrowed_and_bounded),
                cmocka_unit_test(test_nothing_at_all_can_be_read_from),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
