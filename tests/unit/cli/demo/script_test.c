#include "unit/cli/capture.h"

#include <string.h>

#include "cli/demo/script.h"
#include "kit/json_load.h"
#include "support/folder.h"

static const sk_command *const commands[] = {NULL};

#define GOOD "{\"as\":\"a\",\"to\":\"b\",\"type\":\"incident\",\"facility\":\"f\",\"need\":\"n\"}\n"

/** Reads @p text as a script; returns the exit status. */
static int load(capture *captured, const char *text, json_t **out) {
        test_folder folder;
        folder_make(&folder);
        const char *path = folder_file(&folder, "calls.jsonl");
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        fclose(file);
        int status = sk_script_load(captured->cli, path, out);
        folder_remove(&folder);
        capture_flush(captured);
        return status;
}

static void test_calls_are_read_line_by_line_and_found_by_their_need(void **state) {
        (void)state;
        capture captured;
        json_t *script = NULL;
        capture_begin(&captured, commands);
        assert_int_equal(load(&captured, GOOD "\n" GOOD, &script), SK_EXIT_OK);
        assert_int_equal(json_array_size(script), 2);
        assert_ptr_equal(sk_script_find(script, "n"), json_array_get(script, 0));
        assert_null(sk_script_find(script, "m"));
        assert_string_equal(sk_script_text(json_array_get(script, 1), "to"), "b");
        assert_null(sk_script_text(json_array_get(script, 1), "cut"));
        json_decref(script);
        capture_end(&captured);
}

static void test_no_script_is_one_without_calls(void **state) {
        (void)state;
        static const char *const paths[] = {NULL, "there/is/none"};
        for (size_t i = 0; i < 2; i++) {
                capture captured;
                json_t *script = NULL;
                capture_begin(&captured, commands);
                assert_int_equal(sk_script_load(captured.cli, paths[i], &script), SK_EXIT_OK);
                assert_int_equal(json_array_size(script), 0);
                json_decref(script);
                capture_end(&captured);
        }
}

static void test_a_mistake_is_told_with_its_line(void **state) {
        (void)state;
        static const struct row {
                const char *text;
                const char *words;
        } rows[] = {
                {GOOD "{", "line 2: "},
                {GOOD "[]", "line 2: "},
                {"{\"as\":\"a\"}", "line 1: type: it is missing"},
                {"{\"as\":1}", "line 1: as: its value is of another kind"},
                {"{\"colour\":1}", "line 1: colour: a call has no such member"},
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                capture captured;
                json_t *script = NULL;
                capture_begin(&captured, commands);
                assert_int_equal(load(&captured, rows[i].text, &script), SK_EXIT_NEGATIVE);
                assert_null(script);
                if (strstr(captured.err_text, rows[i].words) == NULL)
                        fail_msg("%s", captured.err_text);
                capture_end(&captured);
        }
}

int main(void) {
        sk_json_load_prepare();
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_calls_are_read_line_by_line_and_found_by_their_need),
                cmocka_unit_test(test_no_script_is_one_without_calls),
                cmocka_unit_test(test_a_mistake_is_told_with_its_line),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
