/*
 * Comma-separated values: what spreadsheets save, and what they would compute.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/print/csv.h"

static int make_arena(void **state) {
        *state = sk_arena_new((size_t)1 << 20);
        return *state == NULL;
}

static int drop_arena(void **state) {
        sk_arena_free(*state);
        return 0;
}

/* Cells with | between, rows with /. */
static const char *flat(const sk_csv *csv, sk_buf *out) {
        sk_buf_clear(out);
        for (size_t row = 0; row < csv->count; row++) {
                sk_buf_add_text(out, row == 0 ? "" : "/");
                for (unsigned cell = 0; cell < csv->rows[row].count; cell++) {
                        sk_buf_add_text(out, cell == 0 ? "" : "|");
                        sk_buf_add_slice(out, csv->rows[row].cells[cell]);
                }
        }
        sk_buf_add_byte(out, 0);
        return out->at;
}

static void test_each_dialect_of_spreadsheets_is_read(void **state) {
        static const struct {
                const char *text;
                const char *expected;
        } cases[] = {
                {"a,b\nc,d\n", "a|b/c|d"},
                {"a,b\r\nc,d", "a|b/c|d"},
                {"a;b,c;d\n", "a|b,c|d"},
                {"a\tb\n", "a|b"},
                {"\xef\xbb\xbf"
                 "a,b\n",
                 "a|b"},
                {"\"a,b\",\"c\"\"d\"\n", "a,b|c\"d"},
                {"\"two\r\nlines\",x\n", "two\nlines|x"},
                {"\"two\r\r\r\nlines\ra\r\",x\n", "two\nlines\ra\r|x"}, /* what comes of it does not change again */
                {"\n,,\n a ,b\n\n", " a |b"},
                {"a,,\n", "a||"},
                {"'=1+1,'a,'\n", "=1+1|'a|'"},
                {"", ""},
        };
        sk_buf out = sk_buf_make(4096);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_csv csv;
                sk_arena_reset(*state);
                assert_int_equal(sk_csv_read(sk_slice_of(cases[i].text), *state, &csv), SK_OK);
                assert_string_equal(flat(&csv, &out), cases[i].expected);
        }
        sk_buf_free(&out);
}

static void test_what_is_wrong_is_said_with_its_line(void **state) {
        static const struct {
                const char *text;
                sk_err err;
                uint32_t line;
        } cases[] = {
                {"a,b\n\"c,d\n", SK_ERR_SYNTAX, 2},
                {"a\n\"b\nc\"\n\"d\"e\n", SK_ERR_SYNTAX, 4},
                {"a,\xff\n", SK_ERR_UTF8, 1},
                {"1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3\n", SK_ERR_FULL, 1},
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_csv csv;
                sk_arena_reset(*state);
                assert_int_equal(sk_csv_read(sk_slice_of(cases[i].text), *state, &csv), cases[i].err);
                assert_int_equal(csv.line, cases[i].line);
                assert_true(csv.why != NULL && csv.why[0] != '\0');
        }
}

static void test_more_rows_than_any_table_has_are_refused(void **state) {
        sk_buf text = sk_buf_make(1 << 16);
        sk_csv csv;
        for (unsigned i = 0; i < SK_CSV_ROWS; i++)
                sk_buf_add_text(&text, "a,b\n");
        assert_int_equal(sk_csv_read(sk_buf_slice(&text), *state, &csv), SK_OK);
        assert_int_equal(csv.count, SK_CSV_ROWS);
        sk_buf_add_text(&text, "a,b\n");
        assert_int_equal(sk_csv_read(sk_buf_slice(&text), *state, &csv), SK_ERR_FULL);
        assert_int_equal(csv.line, SK_CSV_ROWS + 1);
        sk_buf_free(&text);
}

static void test_what_is_written_is_read_again(void **state) {
        static const char *const cells[] = {"plain", "a,b",      "say \"so\"", "two\nlines", "=1+1",       "'=1+1",
                                            "''-x",  "'quoted'", "  =1",       "x;y",        "caf\xc3\xa9"};
        size_t count = sizeof(cells) / sizeof(cells[0]);
        sk_buf text = sk_buf_make(4096);
        sk_csv csv;
        for (size_t i = 0; i < count; i++)
                sk_csv_put(&text, sk_slice_of(cells[i]), i + 1 == count ? '\n' : ',');
        assert_int_equal(sk_csv_read(sk_buf_slice(&text), *state, &csv), SK_OK);
        assert_int_equal(csv.rows[0].count, count);
        for (size_t i = 0; i < count; i++)
                assert_true(sk_slice_is(csv.rows[0].cells[i], cells[i]));
        sk_buf_free(&text);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_each_dialect_of_spreadsheets_is_read, make_arena, drop_arena),
                cmocka_unit_test_setup_teardown(test_what_is_wrong_is_said_with_its_line, make_arena, drop_arena),
                cmocka_unit_test_setup_teardown(test_more_rows_than_any_table_has_are_refused, make_arena, drop_arena),
                cmocka_unit_test_setup_teardown(test_what_is_written_is_read_again, make_arena, drop_arena),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
