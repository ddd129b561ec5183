#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/report/report.h"

static void test_cells_are_quoted_and_guarded(void **state) {
        static const struct {
                const char *text;
                const char *expected;
        } cases[] = {
                {"", ","},
                {"plain", "plain,"},
                {"a,b", "\"a,b\","},
                {"say \"so\"", "\"say \"\"so\"\"\","},
                {"=1+1", "'=1+1,"},
                {"+1", "'+1,"},
                {"-1", "'-1,"},
                {"@sum(a)", "'@sum(a),"},
                {"\tx", "'\\tx,"},
                {"\rx", "'\\rx,"},
                {"  =1", "'  =1,"},
                {"=cmd|' /c x'!A1,\"", "\"'=cmd|' /c x'!A1,\"\"\","},
                {"a=b", "a=b,"},
                {"two\nlines", "two\\nlines,"},
                {"\x1b[2J", "\\x1b[2J,"},
                {"caf\xc3\xa9", "caf\xc3\xa9,"},
        };
        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_buf out = sk_buf_make(1000);
                sk_report_csv_cell(&out, sk_slice_of(cases[i].text), ',');
                sk_buf_add_byte(&out, 0);
                assert_int_equal(out.err, SK_OK);
                assert_string_equal(out.at, cases[i].expected);
                sk_buf_free(&out);
        }
}

static void test_the_last_cell_of_a_line_ends_with_both_characters(void **state) {
        sk_buf out = sk_buf_make(1000);
        (void)state;
        sk_report_csv_cell(&out, SK_SLICE("x"), '\n');
        assert_true(sk_slice_is(sk_buf_slice(&out), "x\r\n"));
        sk_buf_free(&out);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_cells_are_quoted_and_guarded),
                cmocka_unit_test(test_the_last_cell_of_a_line_ends_with_both_characters),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
