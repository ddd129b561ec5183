#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/escape.h"

typedef void escaper(sk_buf *out, sk_slice text);

static void assert_escaped(escaper *escape, sk_slice text, const char *expected) {
        sk_buf out = sk_buf_make(1 << 20);
        escape(&out, text);
        sk_buf_add_byte(&out, 0);
        assert_int_equal(out.err, SK_OK);
        assert_string_equal(out.at, expected);
        sk_buf_free(&out);
}

static void test_nothing_that_a_terminal_obeys_gets_through(void **state) {
        (void)state;
        static const struct row {
                sk_slice text;
                const char *expected;
        } rows[] = {
                {{"plain", 5}, "plain"},
                {{"", 0}, ""},
                {{"\x1b[2J\x07", 5}, "\\x1b[2J\\x07"},
                {{"a\nb\r\tc", 6}, "a\\nb\\r\\tc"},
                {{"\0x", 2}, "\\x00x"},
                {{"\x7f", 1}, "\\x7f"},
                {{"\xc2\x9b"
                  "31m",
                  5},
                 "\\u009b31m"},
                {{"\x9b", 1}, "\\x9b"},
                {{"\xe2\x80\xae"
                  "abc",
                  6},
                 "\\u202eabc"},
                {{"\xe2\x80\xa8", 3}, "\\u2028"},
                {{"\xef\xbb\xbf", 3}, "\\ufeff"},
                {{"caf\xc3\xa9", 5}, "caf\xc3\xa9"},
                {{"\xe2\x82", 2}, "\\xe2\\x82"},
                {{"\xc0\xaf", 2}, "\\xc0\\xaf"},
                {{"\xed\xa0\x80", 3}, "\\xed\\xa0\\x80"},
                {{"\xf4\x90\x80\x80", 4}, "\\xf4\\x90\\x80\\x80"},
                {{"a\\n", 3}, "a\\n"},
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                assert_escaped(sk_escape, rows[i].text, rows[i].expected);
}

static void test_every_byte_alone_comes_out_printable(void **state) {
        (void)state;
        for (unsigned byte = 0; byte < 256; byte++) {
                char text = (char)byte;
                sk_buf out = sk_buf_make(64);
                sk_escape(&out, (sk_slice){&text, 1});
                for (size_t i = 0; i < out.len; i++)
                        assert_true(out.at[i] >= 0x20 && out.at[i] < 0x7f);
                sk_buf_free(&out);
        }
}

static void test_a_message_keeps_its_lines_and_nothing_else(void **state) {
        (void)state;
        assert_escaped(sk_escape_lines, SK_SLICE("a\n  b\r\x1b"), "a\n  b\\r\\x1b");
}

static void test_json_stays_the_same_json(void **state) {
        (void)state;
        assert_escaped(sk_escape_json, SK_SLICE("{\n\t\"a\": \"\xc2\x9b\x7f\xe2\x80\xae\"}"),
                       "{  \"a\": \"\\u009b\\u007f\\u202e\"}");
        assert_escaped(sk_escape_json, SK_SLICE("\"\xf3\xa0\x81\x81\""), "\"\\udb40\\udc41\"");
        assert_escaped(sk_escape_json, SK_SLICE("\"caf\xc3\xa9 \\n\""), "\"caf\xc3\xa9 \\n\"");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_nothing_that_a_terminal_obeys_gets_through),
                cmocka_unit_test(test_every_byte_alone_comes_out_printable),
                cmocka_unit_test(test_a_message_keeps_its_lines_and_nothing_else),
                cmocka_unit_test(test_json_stays_the_same_json),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
