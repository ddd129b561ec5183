/* The register as a spreadsheet finds it: each key once, whatever happened while it was written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "support/one_plugin.h"

#define CONFIG "{\"file\":\"r.csv\",\"columns\":\"who,what\"}"

static one_plugin b;

static int setup(void **state) {
        (void)state;
        one_plugin_open(&b, "csv-register");
        return 0;
}

static int teardown(void **state) {
        (void)state;
        one_plugin_close(&b);
        return 0;
}

static void begin(void) {
        assert_null(one_plugin_begin(&b, CONFIG));
}

static void add(const char *key, const char *input, const char *value) {
        assert_int_equal(one_plugin_call(&b, key, input), SCHAKEL_PLUGIN_DONE);
        assert_string_equal(b.answer.value, value);
}

static void register_is(const char *expected) {
        char text[4096] = "";
        FILE *file = fopen(folder_file(&b.folder, "r.csv"), "rb");

        assert_non_null(file);
        (void)fread(text, 1, sizeof(text) - 1, file);
        (void)fclose(file);
        assert_string_equal(text, expected);
}

static void register_write(const char *text) {
        FILE *file = fopen(folder_file(&b.folder, "r.csv"), "wb");

        assert_non_null(file);
        (void)fputs(text, file);
        (void)fclose(file);
}

#define HEAD "\"key\",\"who\",\"what\"\r\n"
#define NEW "{\"was_there\":false}"
#define OLD "{\"was_there\":true}"

static void each_call_is_a_line_under_a_head(void **state) {
        (void)state;
        begin();
        add("a/1", "{\"who\":\"Ann\",\"what\":3,\"more\":1}", NEW);
        add("b/1", "{\"who\":null,\"what\":{\"x\":[1]}}", NEW);
        register_is(HEAD "\"a/1\",\"Ann\",3\r\n\"b/1\",,\"{\"\"x\"\":[1]}\"\r\n");
}

static void a_key_is_written_once_even_by_another_process(void **state) {
        (void)state;
        begin();
        add("a/1", "{\"who\":\"Ann\"}", NEW);
        add("a/1", "{\"who\":\"Ann\"}", OLD);
        one_plugin_end(&b);
        begin();
        add("a/1", "{\"who\":\"Ann\"}", OLD);
        add("a/12", "{\"who\":\"Bob\"}", NEW);
        register_is(HEAD "\"a/1\",\"Ann\",\r\n\"a/12\",\"Bob\",\r\n");
}

static void a_line_that_was_not_finished_is_written_anew(void **state) {
        (void)state;
        register_write(HEAD "\"a/1\",\"Ann\",\r\n\"b/1\",\"Bo");
        begin();
        add("b/1", "{\"who\":\"Bob\"}", NEW);
        register_is(HEAD "\"a/1\",\"Ann\",\r\n\"b/1\",\"Bob\",\r\n");
}

static void what_is_written_is_neither_a_formula_nor_another_line(void **state) {
        (void)state;
        begin();
        add("a/1", "{\"who\":\"=1+1\",\"what\":\"two\\r\\n\\\"b/1\\\",lines\"}", NEW);
        register_is(HEAD "\"a/1\",\"'=1+1\",\"two  \"\"b/1\"\",lines\"\r\n");
        add("b/1", "{}", NEW);
}

static void what_cannot_be_written_says_why(void **state) {
        (void)state;
        assert_non_null(strstr(one_plugin_begin(&b, "{\"file\":\"no/r.csv\",\"columns\":\"a\"}"), "cannot be written"));
        assert_non_null(strstr(one_plugin_begin(&b, "{\"file\":\"r.csv\",\"columns\":\"\"}"), "there are none"));
        begin();
        assert_int_equal(one_plugin_call(&b, "a/1", "[]"), SCHAKEL_PLUGIN_FAILED);
        assert_string_equal(b.answer.code, "bad-input");
}

int main(void) {
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
        const struct CMUnitTest tests[] = {
                CASE(each_call_is_a_line_under_a_head), CASE(a_key_is_written_once_even_by_another_process),
                CASE(a_line_that_was_not_finished_is_written_anew),
                CASE(what_is_written_is_neither_a_formula_nor_another_line), CASE(what_cannot_be_written_says_why)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
