/*
 * The official test suite of JSON Schema, draft 2020-12, as it lies beside the project. A clone without it skips this.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/alloc.h"
#include "kit/json_scan.h"
#include "kit/schema.h"

#define SUITE "../shared/data/json-schema-test-suite"
#define REMOTE "http://localhost:1234/draft2020-12/"
#define TEXTS_MAX 100
#define HERE "suite:schema"

static struct {
        sk_schema_text texts[TEXTS_MAX];
        size_t text_count;
        sk_schema_run *run;
        sk_arena *arena;
        unsigned passed;
        unsigned failed;
        bool is_quiet;
        bool asserts_formats;
} f;

static sk_slice read_file(const char *path) {
        FILE *file = fopen(path, "r");
        char *text = sk_alloc((size_t)1 << 20);

        assert_non_null(file);
        size_t len = fread(text, 1, (size_t)1 << 20, file);
        fclose(file);
        return (sk_slice){text, len};
}

static int add_remote(const char *path, const struct stat *info, int kind, struct FTW *where) {
        static const char root[] = SUITE "/remotes/draft2020-12/";
        static char uris[TEXTS_MAX][200];

        (void)info;
        (void)where;
        if (kind != FTW_F || strncmp(path, root, strlen(root)) != 0)
                return 0;
        assert_true(f.text_count + 1 < TEXTS_MAX);
        char *uri = uris[f.text_count];
        (void)snprintf(uri, sizeof(uris[0]), REMOTE "%s", path + strlen(root));
        f.texts[f.text_count++] = (sk_schema_text){sk_slice_of(uri), read_file(path)};
        return 0;
}

static const char *text_of(sk_slice object, const char *name) {
        sk_slice text = sk_json_member_string(object, name, f.arena);

        return sk_arena_copy(f.arena, text).at;
}

static void count(const char *file, sk_slice group, sk_slice test, bool is_right, const char *found) {
        if (is_right) {
                f.passed++;
                return;
        }
        f.failed++;
        if (!f.is_quiet)
                print_message("%s: %s: %s: %s\n", file, text_of(group, "description"), text_of(test, "description"),
                              found);
}

static void run_group(const char *file, sk_slice group) {
        sk_schema *schema = NULL;
        sk_schema_fault fault = {.text = ""};
        sk_slice name, test;

        f.texts[f.text_count] = (sk_schema_text){SK_SLICE(HERE), sk_json_member(group, "schema")};
        const sk_schema_source source = {f.texts, f.text_count + 1, SK_SLICE(HERE), f.asserts_formats};
        sk_err compiled = sk_schema_compile(&source, &schema, &fault);
        sk_json_walk walk = sk_json_walk_make(sk_json_member(group, "tests"));
        while (sk_json_walk_next(&walk, &name, &test)) {
                bool is_valid = sk_json_kind_of(sk_json_member(test, "valid")) == SK_JSON_TRUE;
                sk_err err = compiled == SK_OK ? sk_schema_check(schema, f.run, sk_json_member(test, "data"), &fault)
                                               : compiled;
                count(file, group, test, err == (is_valid ? SK_OK : SK_ERR_CONFLICT), fault.text);
                if (err == SK_ERR_CONFLICT)
                        assert_true(fault.text[0] != '\0' && fault.schema[0] != '\0');
        }
        sk_schema_free(schema);
        sk_arena_reset(f.arena);
}

static void run_file(const char *folder, const char *name) {
        char path[512];
        sk_slice none, group;

        (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
        sk_slice text = read_file(path);
        assert_int_equal(sk_json_check(text, 128, NULL), SK_OK);
        sk_json_walk walk = sk_json_walk_make(text);
        while (sk_json_walk_next(&walk, &none, &group))
                run_group(name, group);
        sk_free((void *)(uintptr_t)text.at);
}

static void run_folder(const char *folder) {
        struct dirent **entries;
        int found = scandir(folder, &entries, NULL, alphasort);

        assert_true(found > 0);
        for (int i = 0; i < found; i++) {
                if (strstr(entries[i]->d_name, ".json") != NULL)
                        run_file(folder, entries[i]->d_name);
                free(entries[i]);
        }
        free(entries);
}

static void test_all_required_tests_of_the_draft_pass(void **state) {
        (void)state;
        run_folder(SUITE "/tests/draft2020-12");
        print_message("note: JSON Schema suite, draft 2020-12, required: %u of %u\n", f.passed, f.passed + f.failed);
        assert_true(f.passed > 1000);
        assert_int_equal(f.failed, 0);
}

static void test_what_is_optional_is_counted(void **state) {
        (void)state;
        f.is_quiet = true;
        run_folder(SUITE "/tests/draft2020-12/optional");
        print_message("note: JSON Schema suite, optional: %u of %u\n", f.passed, f.passed + f.failed);
        f.passed = f.failed = 0;
        f.asserts_formats = true;
        run_folder(SUITE "/tests/draft2020-12/optional/format");
        print_message("note: JSON Schema suite, optional format asserted: %u of %u\n", f.passed, f.passed + f.failed);
}

static int setup(void **state) {
        (void)state;
        f.passed = f.failed = 0;
        f.is_quiet = f.asserts_formats = false;
        f.text_count = 0;
        f.arena = sk_arena_new((size_t)1 << 20);
        f.run = sk_schema_run_new();
        return nftw(SUITE "/remotes", add_remote, 16, FTW_PHYS) == 0 && f.run != NULL ? 0 : -1;
}

static int teardown(void **state) {
        (void)state;
        for (size_t i = 0; i < f.text_count; i++)
                sk_free((void *)(uintptr_t)f.texts[i].text.at);
        sk_schema_run_free(f.run);
        sk_arena_free(f.arena);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_all_required_tests_of_the_draft_pass, setup, teardown),
                cmocka_unit_test_setup_teardown(test_what_is_optional_is_counted, setup, teardown),
        };
        DIR *suite = opendir(SUITE);

        if (suite == NULL) {
                puts("the test suite of JSON Schema is not beside this clone");
                return 77;
        }
        closedir(suite);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
