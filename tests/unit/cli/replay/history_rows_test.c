#include "unit/cli/replay/history_fixture.h"

#include <stdio.h>

#include "kit/alloc.h"

/** Reads all rows of @p text in pieces of @p each bytes and writes them as `line:id,at,what,rfc` or `line!problem`. */
static void rows_write(const char *map_text, sk_slice text, size_t each, char *out, size_t out_size) {
        static const char *const names[] = {"id", "at", "what", "rfc"};
        sk_history_map *map = map_of(map_text);
        pieces from = {.rest = text, .each = each};
        sk_history_rows *rows;
        sk_history_row row;
        char why[320];
        size_t used = 0;
        out[0] = '\0';
        assert_int_equal(sk_history_rows_new(map, pieces_fill, &from, why, &rows), SK_OK);
        while (sk_history_rows_next(rows, &row) == SK_OK) {
                used += (size_t)snprintf(out + used, out_size - used, "%llu%s%s", (unsigned long long)row.line,
                                         row.problem != NULL ? "!" : "", row.problem != NULL ? row.problem : "");
                for (size_t i = 0; i < 4 && row.problem == NULL; i++) {
                        sk_slice field = row.fields[column_of(map, names[i])];
                        used += (size_t)snprintf(out + used, out_size - used, "%c%.*s", i == 0 ? ':' : ',',
                                                 sk_slice_there(field) ? (int)field.len : 1,
                                                 sk_slice_there(field) ? field.at : "-");
                }
                used += (size_t)snprintf(out + used, out_size - used, "\n");
                assert_true(used < out_size);
        }
        sk_history_rows_free(rows);
        sk_history_map_free(map);
}

typedef struct reading {
        const char *map;
        const char *text;
        const char *wanted;
} reading;

static const reading readings[] = {
        {MAP_CSV, "id,at,what,rfc\n1,2,3,4\n5,6,7,8\n", "2:1,2,3,4\n3:5,6,7,8\n"},
        {MAP_CSV, "rfc,what,other,at,id\n4,3,x,2,1", "2:1,2,3,4\n"},
        {MAP_CSV, "\xef\xbb\xbfid,at,what,rfc\r\n1,2,3,4\r\n", "2:1,2,3,4\n"},
        {MAP_CSV, "id,at,what,rfc\n1,?,,4\n", "2:1,-,-,4\n"},
        {MAP_CSV, "id,at,what,rfc\n\"1\",\"a \"\"b\"\"\",\"c,d\",\"e\nf\"\n5,6,7,8\n",
         "2:1,a \"b\",c,d,e\nf\n4:5,6,7,8\n"},
        {MAP_CSV, "id,at,what,rfc\n1,2\n5,6,7,8,9\n",
         "2!it has 2 fields and the header has 4\n3!it has 5 fields and the header has 4\n"},
        {MAP_CSV, "id,at,what,rfc\n1,\"2\n5,6,7,8\n", "2!a quote is never closed\n3:5,6,7,8\n"},
        {MAP_CSV, "id,at,what,rfc\n1,\"2\"x,3,4\n", "2!something stands behind a closing quote\n"},
        {MAP_CSV, "id,at,what,rfc\n1,\xff,3,4\n5,6,7,8\n", "2!it is not UTF-8\n3:5,6,7,8\n"},
        {MAP_JSONL, "{\"id\":1,\"at\":\"2\",\"what\":true,\"rfc\":null}\n[]\n{\"id\":\"5\"}\n",
         "1:1,2,true,-\n2!it is no JSON object\n3:5,-,-,-\n"},
};

static void test_rows_are_read_and_bad_ones_named(void **state) {
        (void)state;
        char got[4096];
        for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
                rows_write(readings[i].map, sk_slice_of(readings[i].text), SIZE_MAX, got, sizeof(got));
                assert_string_equal(got, readings[i].wanted);
        }
}

static void test_it_does_not_matter_in_which_pieces_a_file_comes(void **state) {
        (void)state;
        char got[4096];
        for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
                for (size_t each = 1; each < 12; each++) {
                        rows_write(readings[i].map, sk_slice_of(readings[i].text), each, got, sizeof(got));
                        assert_string_equal(got, readings[i].wanted);
                }
        }
}

static void test_a_row_that_is_too_long_does_not_hide_the_next(void **state) {
        (void)state;
        size_t len = 3 * SK_HISTORY_ROW_MAX;
        char *text = sk_alloc(len);
        char got[4096];
        assert_non_null(text);
        memset(text, 'x', len);
        memcpy(text, "id,at,what,rfc\n", 15);
        memcpy(text + len - 9, "\n5,6,7,8\n", 9);
        rows_write(MAP_CSV, (sk_slice){text, len}, SIZE_MAX, got, sizeof(got));
        assert_string_equal(got, "2!the row is too long\n3:5,6,7,8\n");
        sk_free(text);
}

static void test_a_header_must_go_with_the_map(void **state) {
        (void)state;
        static const struct row {
                const char *text;
                const char *why;
        } rows[] = {{"", "the header cannot be read: there is none"},
                    {"id,at,what\n", "no column \"rfc\""},
                    {"id,at,wat,rfc\n", "no column \"what\""},
                    {"\xff,at,what,rfc\n", "it is not UTF-8"}};
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                sk_history_map *map = map_of(MAP_CSV);
                pieces from = {.rest = sk_slice_of(rows[i].text), .each = SIZE_MAX};
                sk_history_rows *reader = NULL;
                char why[320] = "";
                assert_int_equal(sk_history_rows_new(map, pieces_fill, &from, why, &reader), SK_ERR_SYNTAX);
                assert_non_null(strstr(why, rows[i].why));
                sk_history_map_free(map);
        }
}

static void test_a_file_that_cannot_be_read_further_is_not_its_end(void **state) {
        (void)state;
        sk_history_map *map = map_of(MAP_CSV);
        pieces from = {.rest = SK_SLICE("id,at,what,rfc\n1,2,3,4\n5,6"), .each = 5, .fails = true};
        sk_history_rows *rows;
        sk_history_row row;
        char why[320];
        assert_int_equal(sk_history_rows_new(map, pieces_fill, &from, why, &rows), SK_OK);
        sk_err err = SK_OK;
        for (int i = 0; i < 3 && err == SK_OK; i++)
                err = sk_history_rows_next(rows, &row);
        assert_int_equal(err, SK_ERR_IO);
        sk_history_rows_free(rows);
        sk_history_map_free(map);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rows_are_read_and_bad_ones_named),
                cmocka_unit_test(test_it_does_not_matter_in_which_pieces_a_file_comes),
                cmocka_unit_test(test_a_row_that_is_too_long_does_not_hide_the_next),
                cmocka_unit_test(test_a_header_must_go_with_the_map),
                cmocka_unit_test(test_a_file_that_cannot_be_read_further_is_not_its_end),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
