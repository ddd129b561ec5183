#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/utf8.h"

#include <stdbool.h>
#include <string.h>

static bool is_plain(unsigned byte) {
        return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

static void test_a_plain_run_ends_at_the_first_other_byte_wherever_it_stands(void **state) {
        (void)state;
        for (unsigned byte = 0; byte < 256; byte++) {
                for (size_t at = 0; at < 40; at++) {
                        char text[40];

                        memset(text, 'a', sizeof(text));
                        text[at] = (char)(uint8_t)byte;
                        assert_int_equal(sk_utf8_plain_run(text, sizeof(text)), is_plain(byte) ? sizeof(text) : at);
                        assert_int_equal(sk_utf8_plain_run(text, at), at);
                }
        }
}

static void test_sequences_are_measured_and_bad_ones_refused(void **state) {
        static const struct {
                const char *bytes;
                size_t len;
        } cases[] = {
                {"a", 1},
                {"\x7f", 1},
                {"\xc2\x80", 2},
                {"\xdf\xbf", 2},
                {"\xe0\xa0\x80", 3},
                {"\xed\x9f\xbf", 3},
                {"\xee\x80\x80", 3},
                {"\xef\xbf\xbf", 3},
                {"\xf0\x90\x80\x80", 4},
                {"\xf4\x8f\xbf\xbf", 4},
                {"\x80", 0},
                {"\xbf", 0},
                {"\xc0\x80", 0},         /* overlong */
                {"\xc1\xbf", 0},         /* overlong */
                {"\xe0\x9f\xbf", 0},     /* overlong */
                {"\xf0\x8f\xbf\xbf", 0}, /* overlong */
                {"\xed\xa0\x80", 0},     /* surrogate */
                {"\xed\xbf\xbf", 0},     /* surrogate */
                {"\xf4\x90\x80\x80", 0}, /* above U+10FFFF */
                {"\xf5\x80\x80\x80", 0},
                {"\xff", 0},
                {"\xc2", 0},
                {"\xc2\x41", 0},
                {"\xe2\x82", 0},
                {"\xe2\x82\x41", 0},
                {"\xf0\x9f\x98", 0},
                {"\xf0\x9f\x98\xc0", 0},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                if (sk_utf8_length(cases[i].bytes, strlen(cases[i].bytes)) != cases[i].len)
                        fail_msg("case %zu is measured wrongly", i);
        assert_int_equal(sk_utf8_length("", 0), 0);
}

static void test_every_scalar_value_is_written_as_a_valid_sequence(void **state) {
        (void)state;
        for (uint32_t code = 0; code <= 0x10ffff; code++) {
                char out[4];
                size_t len;

                if (code >= 0xd800 && code <= 0xdfff)
                        continue;
                len = sk_utf8_write(code, out);
                if (sk_utf8_length(out, len) != len)
                        fail_msg("U+%04X is written badly", code);
        }
}

static void test_a_text_is_valid_when_all_of_it_is(void **state) {
        (void)state;
        assert_true(sk_utf8_is_valid(SK_SLICE("")));
        assert_true(sk_utf8_is_valid(SK_SLICE("caf\xc3\xa9 \xf0\x9f\x94\x97")));
        assert_false(sk_utf8_is_valid(SK_SLICE("\xff")));
        assert_false(sk_utf8_is_valid(SK_SLICE("caf\xc3")));
        assert_false(sk_utf8_is_valid(SK_SLICE("a\xc3(b")));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_text_is_valid_when_all_of_it_is),
                cmocka_unit_test(test_a_plain_run_ends_at_the_first_other_byte_wherever_it_stands),
                cmocka_unit_test(test_sequences_are_measured_and_bad_ones_refused),
                cmocka_unit_test(test_every_scalar_value_is_written_as_a_valid_sequence),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
