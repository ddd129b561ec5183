/* Names in messages: readable, short, and without anything that a terminal could obey. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "usm/quote.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void test_a_name_is_quoted_with_what_could_do_harm_escaped(void **state) {
        static const struct {
                const char *name;
                const char *quoted;
        } cases[] = {
                {"network", "\"network\""},
                {"", "\"\""},
                {"a\nb\tc\r", "\"a\\nb\\tc\\r\""},
                {"\x1b[2J", "\"\\x1b[2J\""},
                {"say \"hi\"", "\"say \\\"hi\\\"\""},
                {"back\\slash", "\"back\\\\slash\""},
                {"caf\xc3\xa9", "\"caf\xc3\xa9\""},
                {"\xff\xfe", "\"\\xff\\xfe\""},
                {"\xc0\xaf", "\"\\xc0\\xaf\""},
                {"\xc2\x9b", "\"\\xc2\\x9b\""}, /* C1: control sequence introducer */
                {"\xe2\x80\xae"
                 "x",
                 "\"\\xe2\\x80\\xaex\""},                /* turns the direction of writing */
                {"\xed\xa0\x80", "\"\\xed\\xa0\\x80\""}, /* half a surrogate pair */
                {"\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\""},
                {"\xf4\x90\x80\x80", "\"\\xf4\\x90\\x80\\x80\""}, /* above U+10FFFF */
                {"\xe2\x82", "\"\\xe2\\x82\""},                   /* cut off */
                {"\x7f", "\"\\x7f\""},
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++)
                assert_string_equal(sk_quote(sk_slice_of(cases[i].name)).text, cases[i].quoted);
}

static void test_a_long_name_is_shortened(void **state) {
        static char large[10 * 1024 * 1024];
        static const char fillers[] = {'a', '\n', '\x1b', '"', '\\', '\xff', '\xe2'};
        (void)state;
        for (size_t i = 0; i < COUNT(fillers); i++) {
                memset(large, fillers[i], sizeof large);
                sk_quoted quoted = sk_quote((sk_slice){large, sizeof large});
                size_t len = strlen(quoted.text);
                assert_true(len < SK_QUOTED_MAX);
                assert_string_equal(quoted.text + len - 4, "...\"");
        }
}

static void test_a_path_is_escaped_without_quotation_marks(void **state) {
        (void)state;
        assert_string_equal(sk_quote_bare(SK_SLICE("a/b.json")).text, "a/b.json");
        assert_string_equal(sk_quote_bare(SK_SLICE("a\n/\"b\".json")).text, "a\\n/\"b\".json");
        assert_string_equal(sk_quote_bare(SK_NONE).text, "");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_name_is_quoted_with_what_could_do_harm_escaped),
                cmocka_unit_test(test_a_long_name_is_shortened),
                cmocka_unit_test(test_a_path_is_escaped_without_quotation_marks),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
