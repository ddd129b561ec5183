#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/print/escape.h"
#include "cli/print/table.h"
#include "support/failing_alloc.h"
#include "unit/cli/capture.h"

static const sk_command *const no_commands[] = {NULL};
static const sk_column columns[] = {
        {.title = "call"}, {.title = "n", .is_right = true}, {.title = "subject", .shrinks = true}};

static void fill(sk_table *table) {
        sk_table_cell_text(table, "9ab0");
        sk_table_cell_format(table, "%d", 5);
        sk_table_cell_text(table, "the lift in the north wing stands still");
        sk_table_cell_style(table, SK_SLICE("77f1"), SK_RED);
        sk_table_cell_format(table, "%d", 120);
        sk_table_cell(table, SK_SLICE("caf\xc3\xa9\x1b[2J\n"));
}

static void assert_printed(const char *width, const char *expected) {
        capture captured;
        capture_begin(&captured, no_commands);
        if (width == NULL)
                unsetenv("COLUMNS");
        else
                setenv("COLUMNS", width, 1);
        sk_table *table = sk_table_new(captured.cli, columns, 3);
        fill(table);
        assert_int_equal(sk_table_print(table), SK_EXIT_OK);
        assert_string_equal((capture_flush(&captured), captured.out_text), expected);
        capture_end(&captured);
}

static void test_columns_are_as_wide_as_their_widest_cell(void **state) {
        (void)state;
        assert_printed(NULL, "call    n  subject\n"
                             "9ab0    5  the lift in the north wing stands still\n"
                             "77f1  120  caf\xc3\xa9\\x1b[2J\\n\n");
}

static void test_a_narrow_terminal_cuts_the_column_that_may_shrink(void **state) {
        (void)state;
        assert_printed("23", "call    n  subject\n"
                             "9ab0    5  the lift in…\n"
                             "77f1  120  caf\xc3\xa9\\x1b[2J…\n");
}

static void test_no_line_is_wider_than_the_terminal(void **state) {
        (void)state;
        for (unsigned width = 24; width < 70; width++) {
                capture captured;
                char text[8];
                snprintf(text, sizeof(text), "%u", width);
                setenv("COLUMNS", text, 1);
                capture_begin(&captured, no_commands);
                sk_table *table = sk_table_new(captured.cli, columns, 3);
                fill(table);
                assert_int_equal(sk_table_print(table), SK_EXIT_OK);
                for (const char *line = (capture_flush(&captured), captured.out_text); *line != '\0';
                     line = strchr(line, '\n') + 1)
                        assert_true(sk_text_columns((sk_slice){line, strcspn(line, "\n")}) <= width);
                capture_end(&captured);
        }
        unsetenv("COLUMNS");
}

static void test_a_table_without_rows_prints_nothing(void **state) {
        (void)state;
        capture captured;
        capture_begin(&captured, no_commands);
        assert_int_equal(sk_table_print(sk_table_new(captured.cli, columns, 3)), SK_EXIT_OK);
        assert_string_equal((capture_flush(&captured), captured.out_text), "");
        capture_end(&captured);
}

static bool print_once(void *context) {
        capture *captured = context;
        sk_cli *cli = sk_cli_new(no_commands, captured->out, captured->err);
        sk_table *table = cli == NULL ? NULL : sk_table_new(cli, columns, 3);
        bool is_printed = false;
        if (table != NULL) {
                fill(table);
                is_printed = sk_table_print(table) == SK_EXIT_OK;
        }
        sk_cli_free(cli);
        return is_printed;
}

static void test_a_table_without_memory_says_so_and_keeps_nothing(void **state) {
        (void)state;
        capture captured;
        capture_begin(&captured, no_commands);
        failing_alloc_each(print_once, &captured);
        capture_end(&captured);
}

int main(void) {
        setlocale(LC_CTYPE, "C.UTF-8");
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_columns_are_as_wide_as_their_widest_cell),
                cmocka_unit_test(test_a_narrow_terminal_cuts_the_column_that_may_shrink),
                cmocka_unit_test(test_no_line_is_wider_than_the_terminal),
                cmocka_unit_test(test_a_table_without_rows_prints_nothing),
                cmocka_unit_test(test_a_table_without_memory_says_so_and_keeps_nothing),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
