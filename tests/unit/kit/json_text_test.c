#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/json_text.h"

static void test_escapes_are_measured(void **state) {
        static const struct {
                const char *text;
                size_t len;
                bool is_lone;
        } cases[] = {
                {"\\n", 2, false},
                {"\\/", 2, false},
                {"\\u0041", 6, false},
                {"\\uFfFf", 6, false},
                {"\\ud83d\\ude00", 12, false},
                {"\\", 0, false},
                {"\\x", 0, false},
                {"\\u", 0, false},
                {"\\u004", 0, false},
                {"\\u004g", 0, false},
                {"\\ud83d", 0, true},
                {"\\ude00", 0, true},
                {"\\ud83d\\u0041", 0, true},
                {"\\ud83d\\ud83d", 0, true},
                {"\\ud83d\\ude0", 0, true},
                {"\\ud83dxxxxxx", 0, true},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                bool is_lone;

                assert_int_equal(sk_json_text_escape(cases[i].text, strlen(cases[i].text), &is_lone), cases[i].len);
                assert_int_equal(is_lone, cases[i].is_lone);
        }
        assert_int_equal(sk_json_text_escape("\\\0", 2, &(bool){false}), 0);
}

static void test_units_are_decoded(void **state) {
        static const struct {
                const char *text;
                const char *unit;
        } cases[] = {
                {"\\b", "\b"},
                {"\\f", "\f"},
                {"\\n", "\n"},
                {"\\r", "\r"},
                {"\\t", "\t"},
                {"\\\"", "\""},
                {"\\\\", "\\"},
                {"\\/", "/"},
                {"x", "x"},
                {"\\u0041", "A"},
                {"\\u00e9", "\xc3\xa9"},
                {"\\u20AC", "\xe2\x82\xac"},
                {"\\ud83d\\ude00", "\xf0\x9f\x98\x80"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                const char *at = cases[i].text;
                const char *end = at + strlen(at);
                char unit[4];
                size_t len = sk_json_text_unit(&at, end, unit);

                assert_ptr_equal(at, end);
                assert_true(sk_slice_is((sk_slice){unit, len}, cases[i].unit));
        }
}

static void test_texts_are_compared_by_what_they_stand_for(void **state) {
        static const struct {
                const char *a;
                const char *b;
                int order;
        } cases[] = {
                {"a", "a", 0},
                {"a", "\\u0061", 0},
                {"\\u00e9", "\xc3\xa9", 0},
                {"\\ud83d\\ude00", "\xf0\x9f\x98\x80", 0},
                {"\\/", "/", 0},
                {"", "", 0},
                {"a", "b", -1},
                {"a", "aa", -1},
                {"\\u0061", "aa", -1},
                {"\\\\n", "\\n", 1},
                {"\xc3\xa9", "z", 1},
                {"a very long name that goes far beyond sixty-four bytes, to where only the end differs: 1",
                 "a very long name that goes far beyond sixty-four bytes, to where only the end differs: \\u0031", 0},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_slice a = sk_slice_of(cases[i].a), b = sk_slice_of(cases[i].b);
                int order = sk_json_text_compare(a, b);

                assert_int_equal((order > 0) - (order < 0), cases[i].order);
                assert_int_equal(sk_json_text_equal(a, b), cases[i].order == 0);
                assert_true(cases[i].order != 0 || sk_json_text_hash(a) == sk_json_text_hash(b));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_escapes_are_measured),
                cmocka_unit_test(test_units_are_decoded),
                cmocka_unit_test(test_texts_are_compared_by_what_they_stand_for),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
