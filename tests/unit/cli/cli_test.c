/* The frame as commands see it: messages, JSON, files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "unit/cli/capture.h"

static int refuse_run(sk_cli *cli, int argc, char **argv) {
        (void)argc;
        return sk_cli_fail(cli, argv[0], "name one that exists\nor make it", "there is no %s", argv[0]);
}

static int count_run(sk_cli *cli, int argc, char **argv) {
        (void)argc;
        (void)argv;
        for (int i = 0; i < 2; i++) {
                sk_json_writer *json = sk_cli_json_begin(cli);
                sk_json_open_object(json, NULL);
                sk_json_put_text(json, "text", SK_SLICE("\xc2\x9b\n"));
                sk_json_close_object(json);
                sk_cli_json_end(cli);
        }
        return SK_EXIT_OK;
}

static const sk_command refuse = {
        .name = "refuse", .text = "no", .arguments = "X", .arguments_min = 1, .arguments_max = 1, .run = refuse_run};
static const sk_command count = {.name = "count", .text = "count", .run = count_run};
static const sk_command *const commands[] = {&refuse, &count, NULL};

static void test_a_message_says_what_why_and_what_to_do_and_is_escaped(void **state) {
        (void)state;
        static const char *const words[] = {"refuse", "\x1b[31mx\ny", NULL};
        capture captured;
        capture_begin(&captured, commands);
        assert_int_equal(capture_run(&captured, words), SK_EXIT_NEGATIVE);
        assert_string_equal(captured.err_text, "schakel refuse: \\x1b[31mx\\ny: there is no \\x1b[31mx\\ny\n"
                                               "  name one that exists\n  or make it\n");
        assert_string_equal(captured.out_text, "");
        capture_end(&captured);
}

static void test_a_very_long_name_does_not_lose_the_remedy(void **state) {
        (void)state;
        size_t len = 10u << 20;
        char *name = malloc(len + 1);
        assert_non_null(name);
        memset(name, 0x1b, len);
        name[len] = '\0';
        const char *words[] = {"refuse", name, NULL};
        capture captured;
        capture_begin(&captured, commands);
        assert_int_equal(capture_run(&captured, words), SK_EXIT_NEGATIVE);
        assert_true(captured.err_len < 100000);
        assert_non_null(strstr(captured.err_text, "\n  name one that exists\n"));
        capture_end(&captured);
        free(name);
}

static void test_json_is_one_line_each_and_escaped_for_the_terminal(void **state) {
        (void)state;
        static const char *const words[] = {"count", "--json", NULL};
        capture captured;
        capture_begin(&captured, commands);
        assert_int_equal(capture_run(&captured, words), SK_EXIT_OK);
        assert_string_equal(captured.out_text, "{\"text\":\"\\u009b\\n\"}\n{\"text\":\"\\u009b\\n\"}\n");
        capture_end(&captured);
}

static void test_a_memory_stream_is_no_terminal_and_has_no_colours(void **state) {
        (void)state;
        capture captured;
        capture_begin(&captured, commands);
        unsetenv("COLUMNS");
        for (unsigned style = 0; style < SK_STYLES; style++)
                assert_string_equal(sk_cli_style(captured.cli, (sk_style)style), "");
        assert_true(sk_cli_columns(captured.cli) == SIZE_MAX);
        setenv("COLUMNS", "77", 1);
        assert_int_equal(sk_cli_columns(captured.cli), 77);
        setenv("COLUMNS", "-5", 1);
        assert_true(sk_cli_columns(captured.cli) == SIZE_MAX);
        unsetenv("COLUMNS");
        capture_end(&captured);
}

static void test_times_show_in_the_local_zone(void **state) {
        (void)state;
        capture captured;
        capture_begin(&captured, commands);
        setenv("TZ", "XYZ-1", 1);
        assert_string_equal(sk_cli_when(captured.cli, INT64_C(1795270971) * 1000000), "2026-11-21 15:22:51");
        assert_string_equal(sk_cli_when(captured.cli, -1), "1970-01-01 00:59:59");
        assert_string_equal(sk_cli_when(captured.cli, 0), "-");
        assert_string_equal(sk_cli_when(captured.cli, INT64_MAX), "294247-01-10 05:00:54");
        assert_string_equal(sk_cli_long(captured.cli, -1), "-");
        capture_end(&captured);
}

static int file_make(char *path, size_t size) {
        int file = mkstemp(path);
        assert_true(file >= 0);
        assert_int_equal(ftruncate(file, (off_t)size), 0);
        return file;
}

static void test_a_file_is_read_up_to_its_bound_and_not_beyond(void **state) {
        (void)state;
        char path[] = "/tmp/schakel-cli-test.XXXXXX";
        int file = file_make(path, 1000);
        capture captured;
        capture_begin(&captured, commands);
        sk_slice text;
        assert_int_equal(sk_cli_read(captured.cli, path, 1000, &text), SK_EXIT_OK);
        assert_int_equal(text.len, 1000);
        assert_int_equal(sk_cli_read(captured.cli, path, 999, &text), SK_EXIT_NEGATIVE);
        assert_non_null(strstr((capture_flush(&captured), captured.err_text), "larger than 999 bytes"));
        close(file);
        unlink(path);
        assert_int_equal(sk_cli_read(captured.cli, path, 1000, &text), SK_EXIT_NEGATIVE);
        assert_non_null(strstr((capture_flush(&captured), captured.err_text), "No such file"));
        capture_end(&captured);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_message_says_what_why_and_what_to_do_and_is_escaped),
                cmocka_unit_test(test_a_very_long_name_does_not_lose_the_remedy),
                cmocka_unit_test(test_json_is_one_line_each_and_escaped_for_the_terminal),
                cmocka_unit_test(test_a_memory_stream_is_no_terminal_and_has_no_colours),
                cmocka_unit_test(test_times_show_in_the_local_zone),
                cmocka_unit_test(test_a_file_is_read_up_to_its_bound_and_not_beyond),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
