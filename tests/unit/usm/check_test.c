/*
 * Every finding has a chain of its own below tests/data/broken: the folder's name is the code, perhaps with a remark behind
 * two hyphens; its file `expect` says code, file, line and column. Exactly that must be found. What a file cannot show
 * (sizes, hostile names, many findings) is built here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "kit/buf.h"
#include "kit/json_load.h"
#include "log/chain_dir.h"

#define BROKEN "tests/data/broken"
#define COUNT(array) (sizeof(array) / sizeof *(array))

static void print_findings(const sk_findings *findings) {
        for (size_t i = 0; i < sk_findings_count(findings); i++) {
                const sk_finding *f = sk_findings_at(findings, i);
                print_error("  %s:%u:%u [%s] %s\n", f->path, f->line, f->column, f->code, f->text);
        }
}

typedef struct expectation {
        char code[64];
        char path[256];
        unsigned line;
        unsigned column;
} expectation;

static expectation read_expectation(const char *folder) {
        expectation expected;
        char path[512];
        (void)snprintf(path, sizeof path, BROKEN "/%s/expect", folder);
        FILE *file = fopen(path, "r");
        if (file == NULL)
                fail_msg("%s is missing", path);
        int read = fscanf(file, "%63s %255[^\n]", expected.code, expected.path);
        assert_int_equal(read, 2);
        fclose(file);
        /* The path may have spaces: line and column are the last two words. */
        char *column = strrchr(expected.path, ' ');
        assert_non_null(column);
        *column = '\0';
        char *line = strrchr(expected.path, ' ');
        assert_non_null(line);
        *line = '\0';
        expected.line = (unsigned)strtoul(line + 1, NULL, 10);
        expected.column = (unsigned)strtoul(column + 1, NULL, 10);
        if (strcmp(expected.path, "-") == 0)
                expected.path[0] = '\0';
        return expected;
}

static void check_folder(const char *folder) {
        char path[512];
        expectation expected = read_expectation(folder);
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;
        assert_non_null(findings);
        (void)snprintf(path, sizeof path, BROKEN "/%s", folder);
        sk_err err = sk_chain_dir_build(path, findings, &edition);
        const char *remark = strstr(folder, "--");
        size_t code_len = remark == NULL ? strlen(folder) : (size_t)(remark - folder);
        bool is_right = sk_findings_count(findings) == 1 && strlen(expected.code) == code_len &&
                        strncmp(expected.code, folder, code_len) == 0;
        if (is_right) {
                const sk_finding *found = sk_findings_at(findings, 0);
                is_right = strcmp(found->code, expected.code) == 0 && strcmp(found->path, expected.path) == 0 &&
                           found->line == expected.line && found->column == expected.column && found->text[0] != '\0' &&
                           found->remedy[0] != '\0' && (err == SK_OK) == (found->severity != SK_ERROR);
        }
        if (!is_right) {
                print_error("%s: expected only %s:%u:%u [%s], found:\n", folder, expected.path, expected.line,
                            expected.column, expected.code);
                print_findings(findings);
                fail();
        }
        sk_edition_release(edition);
        sk_findings_free(findings);
}

static void test_each_broken_chain_gives_exactly_its_finding(void **state) {
        (void)state;
        struct dirent **entries;
        int count = scandir(BROKEN, &entries, NULL, alphasort);
        int checked = 0;
        for (int i = 0; i < count; i++) {
                if (entries[i]->d_name[0] != '.') {
                        check_folder(entries[i]->d_name);
                        checked++;
                }
                free(entries[i]);
        }
        assert_true(count > 0);
        free(entries);
        assert_true(checked > 70);
}

/* ---- what a folder cannot show ---- */

static const sk_finding *build_one(sk_findings *findings, const sk_chain_file *files, size_t count, sk_err expected) {
        sk_edition *edition = NULL;
        assert_int_equal(sk_edition_build(files, count, NULL, findings, &edition), expected);
        if (expected != SK_OK)
                assert_null(edition);
        sk_edition_release(edition);
        assert_true(sk_findings_count(findings) > 0);
        return sk_findings_at(findings, 0);
}

static void test_a_file_over_one_mebibyte_is_refused(void **state) {
        (void)state;
        const size_t size = 1024 * 1024 + 1;
        char *text = test_malloc(size);
        memset(text, ' ', size);
        memcpy(text, "{\"name\":\"x\"}", 12);
        sk_chain_file files[] = {{"chain.json", {text, size}}};
        sk_findings *findings = sk_findings_new();
        assert_string_equal(build_one(findings, files, 1, SK_ERR_CONFIG)->code, "file-too-large");
        sk_findings_free(findings);
        findings = sk_findings_new();
        files[0].text.len--;
        sk_edition *edition = NULL;
        assert_int_equal(sk_edition_build(files, 1, NULL, findings, &edition), SK_OK);
        sk_edition_release(edition);
        sk_findings_free(findings);
        test_free(text);
}

static void test_more_than_64_mebibytes_in_all_are_refused_before_anything_is_read(void **state) {
        (void)state;
        const size_t size = 60 * 1024 * 1024;
        char *text = test_malloc(size);
        memset(text, ' ', size);
        const sk_chain_file files[] = {{"notes.json", {text, size}}, {"more.json", {text, size}}};
        sk_findings *findings = sk_findings_new();
        assert_string_equal(build_one(findings, files, 2, SK_ERR_CONFIG)->code, "file-too-large");
        assert_int_equal(sk_findings_count(findings), 1);
        sk_findings_free(findings);
        test_free(text);
}

static void test_a_file_given_twice_is_refused(void **state) {
        (void)state;
        const sk_chain_file files[] = {{"chain.json", SK_SLICE("{\"name\":\"x\"}")},
                                       {"chain.json", SK_SLICE("{\"name\":\"y\"}")}};
        sk_findings *findings = sk_findings_new();
        assert_string_equal(build_one(findings, files, 2, SK_ERR_CONFIG)->code, "file-twice");
        assert_int_equal(sk_findings_count(findings), 1);
        sk_findings_free(findings);
}

/** Names that somebody might send: none may crash, hang or reach a text unescaped. */
static void test_hostile_paths_are_answered(void **state) {
        static const char *const paths[] = {
                "",
                "/",
                "//",
                "../chain.json",
                "a/../../x",
                "../../etc/team.json",
                ".json",
                "/team.json",
                "a//.json",
                "a/routines/.json",
                "\n\x1b[2J/team.json",
                "a/routines/\xff\xfe.json",
                "agreements/\n.json",
                "agreements/\xc0\xaf.json",
                "a/routines/../../b/team.json",
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/team.json",
        };
        (void)state;
        for (size_t i = 0; i < COUNT(paths); i++) {
                const sk_chain_file files[] = {{"chain.json", SK_SLICE("{\"name\":\"x\"}")},
                                               {paths[i], SK_SLICE("{}")}};
                sk_findings *findings = sk_findings_new();
                sk_edition *edition = NULL;
                (void)sk_edition_build(files, COUNT(files), NULL, findings, &edition);
                sk_edition_release(edition);
                for (size_t j = 0; j < sk_findings_count(findings); j++) {
                        const sk_finding *finding = sk_findings_at(findings, j);
                        assert_null(strchr(finding->text, '\n'));
                        assert_null(strchr(finding->text, '\x1b'));
                        assert_null(strchr(finding->remedy, '\x1b'));
                }
                sk_findings_free(findings);
        }
}

static void test_a_name_of_a_megabyte_is_shortened_in_the_message(void **state) {
        (void)state;
        const size_t len = 1000000;
        sk_buf text = sk_buf_make(2 * len);
        sk_buf_add_text(&text, "{\"name\":\"x\",\"");
        char *name = sk_buf_grow(&text, len);
        assert_non_null(name);
        memset(name, '/', len);
        sk_buf_add_text(&text, "\":1}");
        const sk_chain_file files[] = {{"chain.json", sk_buf_slice(&text)}};
        sk_findings *findings = sk_findings_new();
        const sk_finding *finding = build_one(findings, files, 1, SK_ERR_CONFIG);
        assert_string_equal(finding->code, "member-unknown");
        assert_true(strlen(finding->text) < 300);
        assert_true(strlen(finding->pointer) < 1000);
        assert_int_equal(finding->line, 1);
        sk_findings_free(findings);
        sk_buf_free(&text);
}

static void test_nesting_up_to_the_bound_is_read_and_beyond_it_is_refused(void **state) {
        (void)state;
        for (unsigned depth = 30; depth <= 34; depth++) {
                sk_buf text = sk_buf_make(1000);
                sk_buf_add_text(&text, "{\"name\":\"x\",\"comment\":");
                for (unsigned i = 1; i < depth; i++)
                        sk_buf_add_byte(&text, '[');
                for (unsigned i = 1; i < depth; i++)
                        sk_buf_add_byte(&text, ']');
                sk_buf_add_byte(&text, '}');
                const sk_chain_file files[] = {{"chain.json", sk_buf_slice(&text)}};
                sk_findings *findings = sk_findings_new();
                sk_edition *edition = NULL;
                sk_err err = sk_edition_build(files, 1, NULL, findings, &edition);
                assert_int_equal(err, depth <= 32 ? SK_OK : SK_ERR_CONFIG);
                if (depth > 32)
                        assert_string_equal(sk_findings_at(findings, 0)->code, "json-depth");
                sk_edition_release(edition);
                sk_findings_free(findings);
                sk_buf_free(&text);
        }
}

static void test_more_findings_than_anybody_reads_end_with_one_that_says_so(void **state) {
        (void)state;
        sk_buf text = sk_buf_make(1000000);
        sk_buf_add_text(&text, "{\"name\":\"x\"");
        for (unsigned i = 0; i < 5000; i++)
                sk_buf_add_format(&text, ",\"unknown-%u\":1", i);
        sk_buf_add_byte(&text, '}');
        const sk_chain_file files[] = {{"chain.json", sk_buf_slice(&text)}};
        sk_findings *findings = sk_findings_new();
        assert_string_equal(build_one(findings, files, 1, SK_ERR_CONFIG)->code, "too-many-findings");
        assert_int_equal(sk_findings_count(findings), 1001);
        sk_findings_free(findings);
        sk_buf_free(&text);
}

static void test_nothing_at_all_is_a_chain_without_its_file(void **state) {
        (void)state;
        sk_findings *findings = sk_findings_new();
        assert_string_equal(build_one(findings, NULL, 0, SK_ERR_CONFIG)->code, "chain-missing");
        sk_findings_free(findings);
}

static int setup(void **state) {
        (void)state;
        sk_json_load_prepare();
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_broken_chain_gives_exactly_its_finding),
                cmocka_unit_test(test_a_file_over_one_mebibyte_is_refused),
                cmocka_unit_test(test_more_than_64_mebibytes_in_all_are_refused_before_anything_is_read),
                cmocka_unit_test(test_a_file_given_twice_is_refused),
                cmocka_unit_test(test_hostile_paths_are_answered),
                cmocka_unit_test(test_a_name_of_a_megabyte_is_shortened_in_the_message),
                cmocka_unit_test(test_nesting_up_to_the_bound_is_read_and_beyond_it_is_refused),
                cmocka_unit_test(test_more_findings_than_anybody_reads_end_with_one_that_says_so),
                cmocka_unit_test(test_nothing_at_all_is_a_chain_without_its_file),
        };
        return cmocka_run_group_tests(tests, setup, NULL);
}
