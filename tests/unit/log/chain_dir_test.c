/* A chain directory as somebody may have left it: links that lead out, devices, folders, too much of everything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/json_load.h"
#include "log/chain_dir.h"
#include "support/failing_alloc.h"

/** A directory of its own for each test. */
typedef struct folder {
        char path[64];
        char inside[512];
} folder;

static const char *at(folder *place, const char *name) {
        (void)snprintf(place->inside, sizeof place->inside, "%s/%s", place->path, name);
        return place->inside;
}

static void write_text(folder *place, const char *name, const char *text) {
        FILE *file = fopen(at(place, name), "w");
        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
}

static int setup(void **state) {
        folder *made = test_calloc(1, sizeof *made);
        (void)snprintf(made->path, sizeof made->path, "/tmp/schakel-chain-XXXXXX");
        assert_non_null(mkdtemp(made->path));
        sk_json_load_prepare();
        write_text(made, "chain.json", "{\"name\": \"tiny\"}");
        assert_int_equal(mkdir(at(made, "a"), 0700), 0);
        write_text(made, "a/team.json", "{\"consumer\": true}");
        *state = made;
        return 0;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk) {
        (void)info;
        (void)kind;
        (void)walk;
        return remove(path);
}

static int teardown(void **state) {
        folder *made = *state;
        (void)nftw(made->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        test_free(made);
        return 0;
}

/** Reads the directory; what was found is one finding with that code, or none for NULL. */
static sk_chain_dir *read_dir(folder *place, const char *code) {
        sk_findings *findings = sk_findings_new();
        sk_chain_dir *dir = NULL;
        sk_err err = sk_chain_dir_read(place->path, findings, &dir);
        assert_int_equal(err, code == NULL ? SK_OK : SK_ERR_CONFIG);
        assert_non_null(dir);
        assert_int_equal(sk_findings_count(findings), code == NULL ? 0 : 1);
        if (code != NULL)
                assert_string_equal(sk_findings_at(findings, 0)->code, code);
        sk_findings_free(findings);
        return dir;
}

static void test_only_json_files_are_read_and_nothing_hidden(void **state) {
        folder *place = *state;
        size_t count;
        write_text(place, "README.md", "words");
        write_text(place, ".hidden.json", "{}");
        write_text(place, "a/notes.txt", "words");
        assert_int_equal(mkdir(at(place, ".git"), 0700), 0);
        write_text(place, ".git/team.json", "{}");
        sk_chain_dir *dir = read_dir(place, NULL);
        (void)sk_chain_dir_files(dir, &count);
        assert_int_equal(count, 2);
        assert_non_null(sk_chain_dir_find(dir, "a/team.json"));
        assert_true(sk_slice_is(sk_chain_dir_find(dir, "a/team.json")->text, "{\"consumer\": true}"));
        assert_null(sk_chain_dir_find(dir, ".hidden.json"));
        sk_chain_dir_free(dir);
}

static void test_a_link_out_of_the_directory_is_not_followed(void **state) {
        static const char *const targets[] = {"/etc/passwd", "../../../etc/passwd", "../outside.json"};
        folder *place = *state;
        for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
                assert_int_equal(mkdir(at(place, "b"), 0700), 0);
                assert_int_equal(symlink(targets[i], at(place, "b/team.json")), 0);
                sk_chain_dir *dir = NULL;
                sk_findings *findings = sk_findings_new();
                assert_int_equal(sk_chain_dir_read(place->path, findings, &dir), SK_ERR_CONFIG);
                assert_int_equal(sk_findings_count(findings), 1);
                assert_string_equal(sk_findings_at(findings, 0)->path, "b/team.json");
                assert_null(sk_chain_dir_find(dir, "b/team.json"));
                sk_chain_dir_free(dir);
                sk_findings_free(findings);
                assert_int_equal(unlink(at(place, "b/team.json")), 0);
                assert_int_equal(rmdir(at(place, "b")), 0);
        }
}

static void test_a_folder_that_is_a_link_out_is_not_entered(void **state) {
        folder *place = *state;
        size_t count;
        assert_int_equal(symlink("/etc", at(place, "etc")), 0);
        sk_chain_dir *dir = read_dir(place, "file-outside");
        (void)sk_chain_dir_files(dir, &count);
        assert_int_equal(count, 2);
        sk_chain_dir_free(dir);
}

static void test_links_in_a_circle_end(void **state) {
        folder *place = *state;
        size_t count;
        assert_int_equal(symlink("..", at(place, "a/up")), 0);
        sk_findings *findings = sk_findings_new();
        sk_chain_dir *dir = NULL;
        (void)sk_chain_dir_read(place->path, findings, &dir);
        assert_non_null(dir);
        (void)sk_chain_dir_files(dir, &count);
        assert_true(count < 100);
        sk_chain_dir_free(dir);
        sk_findings_free(findings);
}

static void test_what_is_no_regular_file_does_not_hang(void **state) {
        folder *place = *state;
        assert_int_equal(mkdir(at(place, "b"), 0700), 0);
        assert_int_equal(mkfifo(at(place, "b/team.json"), 0600), 0);
        sk_chain_dir_free(read_dir(place, "file-unreadable"));
        assert_int_equal(unlink(at(place, "b/team.json")), 0);
        assert_int_equal(mkdir(at(place, "b/team.json"), 0700), 0);
        sk_chain_dir_free(read_dir(place, "file-unreadable"));
}

static void test_a_file_too_large_is_said_unless_it_is_none_of_the_chain(void **state) {
        folder *place = *state;
        assert_int_equal(mkdir(at(place, "b"), 0700), 0);
        write_text(place, "b/team.json", "{}");
        write_text(place, "history.json", "{}");
        assert_int_equal(truncate(at(place, "history.json"), 20 * 1024 * 1024), 0);
        sk_chain_dir_free(read_dir(place, NULL));
        assert_int_equal(truncate(at(place, "b/team.json"), 10 * 1024 * 1024), 0);
        sk_chain_dir_free(read_dir(place, "file-too-large"));
}

static void test_a_directory_that_is_not_there_is_said(void **state) {
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;
        (void)state;
        assert_int_equal(sk_chain_dir_build("/nowhere\n\x1b[2J", findings, &edition), SK_ERR_CONFIG);
        assert_null(edition);
        assert_int_equal(sk_findings_count(findings), 1);
        assert_string_equal(sk_findings_at(findings, 0)->code, "chain-missing");
        assert_null(strchr(sk_findings_at(findings, 0)->text, '\x1b'));
        sk_findings_free(findings);
}

static bool build_once(void *context) {
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;
        if (findings == NULL)
                return false;
        sk_err err = sk_chain_dir_build(((folder *)context)->path, findings, &edition);
        assert_true(err == SK_OK || err == SK_ERR_NO_MEMORY);
        assert_int_equal(err == SK_OK, edition != NULL);
        sk_edition_release(edition);
        sk_findings_free(findings);
        return err == SK_OK;
}

static void test_without_memory_nothing_is_left_behind(void **state) {
        failing_alloc_each(build_once, *state);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_only_json_files_are_read_and_nothing_hidden, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_link_out_of_the_directory_is_not_followed, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_folder_that_is_a_link_out_is_not_entered, setup, teardown),
                cmocka_unit_test_setup_teardown(test_links_in_a_circle_end, setup, teardown),
                cmocka_unit_test_setup_teardown(test_what_is_no_regular_file_does_not_hang, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_file_too_large_is_said_unless_it_is_none_of_the_chain, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_a_directory_that_is_not_there_is_said, setup, teardown),
                cmocka_unit_test_setup_teardown(test_without_memory_nothing_is_left_behind, setup, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
