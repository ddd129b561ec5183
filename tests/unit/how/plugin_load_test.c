/* What a shared object says of itself, and what its table of options makes of a configuration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "how/plugin_load.h"
#include "support/folder.h"

static const char *path_of(const char *name) {
        static char path[PATH_MAX];
        const char *build = getenv("SK_BUILD");

        (void)snprintf(path, sizeof(path), "%s/tests/plugins/%s.so", build == NULL ? "build/release" : build, name);
        return path;
}

static sk_plugin_loaded loaded;
static char why[SK_PLUGIN_WHY_MAX];

static void one_that_is_good_is_loaded(void **state) {
        (void)state;
        assert_int_equal(sk_plugin_load(path_of("second"), "second", &loaded, why), SK_OK);
        assert_int_equal(loaded.option_count, 4);
        assert_int_equal(sk_plugin_load(path_of("first"), NULL, &loaded, why), SK_OK);
        assert_int_equal(loaded.plugin->abi, 1);
        assert_int_equal(loaded.option_count, 0);
}

static void one_that_is_not_says_why(void **state) {
        test_folder folder;

        (void)state;
        assert_int_equal(sk_plugin_load(path_of("second"), "third", &loaded, why), SK_ERR_CONFIG);
        assert_string_equal(why, "it calls itself second, and its file third");
        assert_int_equal(sk_plugin_load(path_of("future"), "future", &loaded, why), SK_ERR_VERSION);
        assert_non_null(strstr(why, "versions 1 to 2 are known here"));
        assert_int_equal(sk_plugin_load(path_of("nobody"), "nobody", &loaded, why), SK_ERR_IO);
        assert_non_null(strstr(why, "nobody.so"));
        folder_make(&folder);
        FILE *file = fopen(folder_file(&folder, "text.so"), "w");
        assert_non_null(file);
        (void)fputs("no shared object\n", file);
        (void)fclose(file);
        assert_int_equal(sk_plugin_load(folder_file(&folder, "text.so"), "text", &loaded, why), SK_ERR_IO);
        folder_remove(&folder);
}

/* What is loaded once stays as it is: each trial has a file of its own. */
static const char *copy_of_bare(const test_folder *folder, size_t number) {
        static char bytes[1 << 20];
        char name[32];

        FILE *from = fopen(path_of("bare"), "r");
        assert_non_null(from);
        size_t len = fread(bytes, 1, sizeof(bytes), from);
        assert_true(len > 0 && len < sizeof(bytes));
        (void)fclose(from);
        (void)snprintf(name, sizeof(name), "bare%zu.so", number);
        FILE *to = fopen(folder_file(folder, name), "w");
        assert_non_null(to);
        assert_int_equal(fwrite(bytes, 1, len, to), len);
        assert_int_equal(fclose(to), 0);
        return folder_file(folder, name);
}

static void one_that_lacks_something_says_what(void **state) {
        static const struct {
                const char *lacks;
                const char *options;
                sk_err err;
                const char *says; /* "": it is good */
        } table[] = {
                {"nothing", "0", SK_OK, ""},
                {"nothing", "2", SK_OK, ""},
                {"abi", "0", SK_ERR_VERSION, "it is built for version 0 of schakel/plugin.h"},
                {"name", "0", SK_ERR_CONFIG, "its descriptor lacks a name, a line about it, or handle"},
                {"good name", "0", SK_ERR_CONFIG, "its descriptor lacks a name, a line about it, or handle"},
                {"about", "0", SK_ERR_CONFIG, "its descriptor lacks a name, a line about it, or handle"},
                {"handle", "0", SK_ERR_CONFIG, "its descriptor lacks a name, a line about it, or handle"},
                {"options", "0", SK_ERR_CONFIG, "it has no table of options, or one with more than"},
                {"nothing", "100", SK_ERR_CONFIG, "it has no table of options, or one with more than"},
                {"option name", "3", SK_ERR_CONFIG, "option 2 of it has no good name, type or help"},
                {"option type", "3", SK_ERR_CONFIG, "option 2 of it has no good name, type or help"},
                {"option help", "3", SK_ERR_CONFIG, "option 2 of it has no good name, type or help"},
        };
        test_folder folder;

        (void)state;
        folder_make(&folder);
        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
                assert_int_equal(setenv("SK_TEST_BARE", table[i].lacks, 1), 0);
                assert_int_equal(setenv("SK_TEST_OPTIONS", table[i].options, 1), 0);
                why[0] = '\0';
                sk_err err = sk_plugin_load(copy_of_bare(&folder, i), "bare", &loaded, why);
                if (err != table[i].err || strstr(why, table[i].says) == NULL)
                        fail_msg("%s, %s options: %s", table[i].lacks, table[i].options, why);
        }
        assert_int_equal(sk_plugin_load("libm.so.6", NULL, &loaded, why), SK_ERR_CONFIG);
        assert_string_equal(why, "it has no symbol schakel_plugin");
        folder_remove(&folder);
}

static void its_page_has_each_option(void **state) {
        sk_buf page = sk_buf_make(65536);

        (void)state;
        assert_int_equal(sk_plugin_load(path_of("second"), "second", &loaded, why), SK_OK);
        sk_plugin_page(&loaded, &page);
        sk_buf_add_byte(&page, 0);
        assert_string_equal(page.at, "## second\n\nDoes what it is told.\n\n"
                                     "| option | type | otherwise | what it is |\n|---|---|---|---|\n"
                                     "| `word` | text | must be given | A word that comes back. |\n"
                                     "| `number` | a whole number | `7` | A number that comes back. |\n"
                                     "| `loud` | true or false | `false` | Whether it is said loudly. |\n"
                                     "| `file` | a path | none | A file that is named. |\n");
        sk_buf_free(&page);
}

/* Shared objects of version 1 are about: what they read and write stays where it was. */
static void version_1_stays_as_it_was(void **state) {
        (void)state;
        assert_int_equal(offsetof(schakel_plugin_call, id), sizeof(void *));
        assert_int_equal(offsetof(schakel_plugin_call, visit), 2 * sizeof(void *));
        assert_int_equal(offsetof(schakel_plugin_call, attempt), 2 * sizeof(void *) + 4);
        assert_int_equal(offsetof(schakel_plugin_call, input), 2 * sizeof(void *) + 8);
        assert_int_equal(offsetof(schakel_plugin_call, input_len), 3 * sizeof(void *) + 8);
        assert_int_equal(offsetof(schakel_plugin_call, attempts), 4 * sizeof(void *) + 8);
        assert_int_equal(offsetof(schakel_plugin_answer, text), sizeof(void *));
        assert_int_equal(offsetof(schakel_plugin_answer, code), 2 * sizeof(void *));
        assert_int_equal(offsetof(schakel_plugin_descriptor, options), 3 * sizeof(void *));
        assert_int_equal(offsetof(schakel_plugin_descriptor, exit), 6 * sizeof(void *));
        assert_int_equal(SCHAKEL_PLUGIN_DONE, 0);
        assert_int_equal(SCHAKEL_PLUGIN_FAILED, 3);
        assert_int_equal(SCHAKEL_PLUGIN_FILE, 3);
}

typedef struct given {
        const char *config;
        const char *why;     /* part of it; NULL: it is good */
        const char *word[4]; /* then */
} given;

static void a_configuration_is_read_by_the_table(void **state) {
        static const given cases[] = {
                {"{\"word\":\"a\"}", NULL, {"a", "7", "false", ""}},
                {"{\"word\":\"\",\"number\":-12,\"loud\":true,\"file\":\"x/y\"}", NULL, {"", "-12", "true", "/t/x/y"}},
                {"{\"word\":\"\\u00e9\\n\",\"file\":\"/abs\"}", NULL, {"\xc3\xa9\n", "7", "false", "/abs"}},
                {"{}", "\"word\" is missing", {NULL}},
                {"[]", "an object is expected", {NULL}},
                {"{\"word\":null}", "\"word\" is not text", {NULL}},
                {"{\"word\":\"a\\u0000b\"}", "\"word\" is not text", {NULL}},
                {"{\"word\":\"a\",\"number\":\"1\"}", "\"number\" is not a whole number", {NULL}},
                {"{\"word\":\"a\",\"number\":1e3}", "\"number\" is not a whole number", {NULL}},
                {"{\"word\":\"a\",\"number\":1234567890123456789}", "\"number\" is not a whole number", {NULL}},
                {"{\"word\":\"a\",\"loud\":1}", "\"loud\" is not true or false", {NULL}},
                {"{\"word\":\"a\",\"file\":{}}", "\"file\" is not a path", {NULL}},
                {"{\"word\":\"a\",\"Word\":\"a\"}", "no option \"Word\"", {NULL}},
        };
        const char *values[SK_PLUGIN_OPTIONS_MAX + 1];
        sk_arena *arena = sk_arena_new(65536);

        (void)state;
        assert_int_equal(sk_plugin_load(path_of("second"), "second", &loaded, why), SK_OK);
        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                sk_err err = sk_plugin_values(&loaded, sk_slice_of(cases[i].config), "/t", arena, values, why);
                assert_int_equal(err, cases[i].why == NULL ? SK_OK : SK_ERR_CONFIG);
                if (cases[i].why != NULL)
                        assert_non_null(strstr(why, cases[i].why));
                for (size_t j = 0; cases[i].why == NULL && j < 4; j++)
                        assert_string_equal(values[j], cases[i].word[j]);
        }
        sk_arena_free(arena);
}

int main(void) {
        const struct CMUnitTest tests[] = {cmocka_unit_test(one_that_is_good_is_loaded),
                                           cmocka_unit_test(one_that_is_not_says_why),
                                           cmocka_unit_test(one_that_lacks_something_says_what),
                                           cmocka_unit_test(version_1_stays_as_it_was),
                                           cmocka_unit_test(its_page_has_each_option),
                                           cmocka_unit_test(a_configuration_is_read_by_the_table)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
