#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/print/escape.h"

static void test_wide_and_combining_characters_are_counted_as_they_show(void **state) {
        (void)state;
        static const struct row {
                const char *text;
                size_t columns;
        } rows[] = {
                {"", 0}, {"abc", 3}, {"caf\xc3\xa9", 4}, {"e\xcc\x81", 1}, {"\xe6\xbc\xa2\xe5\xad\x97", 4},
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                assert_int_equal(sk_text_columns(sk_slice_of(rows[i].text)), rows[i].columns);
}

static void test_a_text_is_cut_between_characters(void **state) {
        (void)state;
        sk_slice wide = SK_SLICE("\xe6\xbc\xa2\xe5\xad\x97");
        assert_int_equal(sk_text_fit(wide, 0), 0);
        assert_int_equal(sk_text_fit(wide, 1), 0);
        assert_int_equal(sk_text_fit(wide, 2), 3);
        assert_int_equal(sk_text_fit(wide, 3), 3);
        assert_int_equal(sk_text_fit(wide, 4), 6);
        assert_int_equal(sk_text_fit(wide, SIZE_MAX), 6);
        assert_int_equal(sk_text_fit(SK_SLICE("e\xcc\x81x"), 1), 3);
}

int main(void) {
        setlocale(LC_CTYPE, "C.UTF-8");
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_wide_and_combining_characters_are_counted_as_they_show),
                cmocka_unit_test(test_a_text_is_cut_between_characters),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
