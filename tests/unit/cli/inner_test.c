#include "unit/cli/capture.h"

#include <string.h>

#include "cli/inner.h"

static int echo_run(sk_cli *cli, int argc, char **argv) {
        for (int i = 0; i < argc; i++)
                sk_cli_print(cli, "%s ", argv[i]);
        sk_cli_print(cli, "%s\n", sk_cli_text_or(cli, "to", "nobody"));
        sk_cli_remark(cli, "said");
        return argc == 2 ? SK_EXIT_OK : SK_EXIT_NEGATIVE;
}

static const sk_option echo_options[] = {{.name = "to", .kind = SK_OPTION_TEXT, .value = "WHO", .text = "to whom"},
                                         {0}};
static const sk_command echo = {.name = "echo",
                                .text = "say it",
                                .arguments = "WORD...",
                                .arguments_max = 9,
                                .options = echo_options,
                                .example = "schakel echo a",
                                .run = echo_run};
static const sk_command *const commands[] = {&echo, NULL};

static void test_a_command_runs_as_if_it_had_been_typed(void **state) {
        (void)state;
        static const char *const words[] = {"echo", "a", NULL};
        capture captured;
        sk_buf out = sk_buf_make(1000);
        sk_buf err = sk_buf_make(1000);
        capture_begin(&captured, commands);
        sk_inner inner = sk_inner_make(words);
        sk_inner_add_option(&inner, "--to", "you");
        sk_inner_add_option(&inner, "--to", NULL);
        sk_inner_add(&inner, "b");
        assert_int_equal(sk_inner_run(captured.cli, &inner, &out, &err), SK_EXIT_OK);
        assert_true(sk_slice_is(sk_buf_slice(&out), "a b you\n"));
        assert_true(sk_slice_is(sk_buf_slice(&err), "said\n"));
        capture_flush(&captured);
        assert_int_equal(captured.out_len, 0);
        assert_int_equal(captured.err_len, 0);
        capture_end(&captured);
        sk_buf_free(&out);
        sk_buf_free(&err);
}

static void test_what_is_not_caught_is_printed_where_ours_is(void **state) {
        (void)state;
        static const char *const words[] = {"echo", "a", NULL};
        capture captured;
        capture_begin(&captured, commands);
        const sk_inner inner = sk_inner_make(words);
        assert_int_equal(sk_inner_run(captured.cli, &inner, NULL, NULL), SK_EXIT_NEGATIVE);
        capture_flush(&captured);
        assert_string_equal(captured.out_text, "a nobody\n");
        assert_string_equal(captured.err_text, "said\n");
        capture_end(&captured);
}

static void test_wrong_usage_is_its_own_status(void **state) {
        (void)state;
        static const char *const words[] = {"echo", "--from", "me", NULL};
        capture captured;
        sk_buf err = sk_buf_make(1000);
        capture_begin(&captured, commands);
        const sk_inner inner = sk_inner_make(words);
        assert_int_equal(sk_inner_run(captured.cli, &inner, NULL, &err), SK_EXIT_USAGE);
        assert_true(err.len > 0);
        assert_true(sk_inner_has(captured.cli, "echo"));
        assert_false(sk_inner_has(captured.cli, "shout"));
        capture_end(&captured);
        sk_buf_free(&err);
}

static void test_output_beyond_the_bound_is_dropped_and_told(void **state) {
        (void)state;
        static const char *const words[] = {"echo", "a long word", NULL};
        capture captured;
        sk_buf out = sk_buf_make(4);
        capture_begin(&captured, commands);
        const sk_inner inner = sk_inner_make(words);
        (void)sk_inner_run(captured.cli, &inner, &out, NULL);
        assert_int_equal(out.err, SK_ERR_FULL);
        capture_end(&captured);
        sk_buf_free(&out);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_command_runs_as_if_it_had_been_typed),
                cmocka_unit_test(test_what_is_not_caught_is_printed_where_ours_is),
                cmocka_unit_test(test_wrong_usage_is_its_own_status),
                cmocka_unit_test(test_output_beyond_the_bound_is_dropped_and_told),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
