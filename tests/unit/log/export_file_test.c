#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "log/export_file.h"
#include "support/folder.h"

typedef struct fixture {
        test_folder folder;
        char path[FOLDER_PATH_MAX];
        char why[SK_EXPORT_WHY_MAX];
} fixture;

static fixture f;

static int begin(void **state) {
        (void)state;
        folder_make(&f.folder);
        (void)snprintf(f.path, sizeof(f.path), "%s", folder_file(&f.folder, "chain.export"));
        return 0;
}

static int end(void **state) {
        (void)state;
        folder_remove(&f.folder);
        return 0;
}

static bool is_there(const char *path) {
        struct stat there;
        return stat(path, &there) == 0;
}

static void write_file(void) {
        sk_export_writer *writer;

        assert_int_equal(sk_export_writer_new(f.path, f.why, &writer), SK_OK);
        assert_int_equal(sk_export_writer_put(writer, SK_EXPORT_CHAIN, SK_SLICE("a chain")), SK_OK);
        assert_int_equal(sk_export_writer_put(writer, SK_EXPORT_RECORD, SK_SLICE("")), SK_OK);
        assert_int_equal(sk_export_writer_put(writer, SK_EXPORT_END, SK_SLICE("the end")), SK_OK);
        assert_false(is_there(f.path));
        assert_int_equal(sk_export_writer_end(writer), SK_OK);
        sk_export_writer_free(writer);
}

/* The error of the first piece that cannot be read; SK_OK: three can. */
static sk_err read_file(const char *path) {
        sk_export_reader *reader = NULL;
        sk_export_piece kind;
        sk_slice payload;
        sk_err err = sk_export_reader_new(path, f.why, &reader);

        for (unsigned i = 0; i < 3 && err == SK_OK; i++)
                err = sk_export_reader_next(reader, &kind, &payload);
        sk_export_reader_free(reader);
        return err;
}

static void test_pieces_come_back_in_order_and_again(void **state) {
        (void)state;
        sk_export_reader *reader;
        sk_export_piece kind;
        sk_slice payload;

        write_file();
        assert_int_equal(sk_export_reader_new(f.path, f.why, &reader), SK_OK);
        for (unsigned round = 0; round < 2; round++) {
                assert_int_equal(sk_export_reader_next(reader, &kind, &payload), SK_OK);
                assert_int_equal(kind, SK_EXPORT_CHAIN);
                assert_true(sk_slice_is(payload, "a chain"));
                assert_int_equal(sk_export_reader_next(reader, &kind, &payload), SK_OK);
                assert_true(kind == SK_EXPORT_RECORD && payload.len == 0);
                assert_int_equal(sk_export_reader_next(reader, &kind, &payload), SK_OK);
                assert_true(kind == SK_EXPORT_END && sk_slice_is(payload, "the end"));
                assert_int_equal(sk_export_reader_next(reader, &kind, &payload), SK_ERR_TRUNCATED);
                assert_int_equal(sk_export_reader_rewind(reader), SK_OK);
        }
        sk_export_reader_free(reader);
}

static void test_what_is_not_ended_leaves_nothing_behind(void **state) {
        (void)state;
        sk_export_writer *writer;
        char partial[FOLDER_PATH_MAX + 16];

        (void)snprintf(partial, sizeof(partial), "%s.partial", f.path);
        assert_int_equal(sk_export_writer_new(f.path, f.why, &writer), SK_OK);
        assert_true(is_there(partial));
        sk_export_writer_free(writer);
        assert_false(is_there(partial) || is_there(f.path));
}

static void test_only_its_owner_may_read_it(void **state) {
        (void)state;
        struct stat there;

        write_file();
        assert_int_equal(stat(f.path, &there), 0);
        assert_int_equal(there.st_mode & 0777, 0600);
}

static void test_a_file_that_is_there_is_left_alone(void **state) {
        (void)state;
        sk_export_writer *writer;

        write_file();
        assert_int_equal(sk_export_writer_new(f.path, f.why, &writer), SK_ERR_CONFLICT);
        assert_non_null(strstr(f.why, "is there already"));
        assert_int_equal(read_file(f.path), SK_OK);
        assert_int_equal(sk_export_writer_new(folder_file(&f.folder, "no/such/folder"), f.why, &writer), SK_ERR_IO);
        assert_non_null(strstr(f.why, "folder.partial: No such file or directory"));
}

static void test_a_file_that_is_not_there_is_told_apart_from_one_that_cannot_be_read(void **state) {
        (void)state;
        sk_export_reader *reader = NULL;

        assert_int_equal(sk_export_reader_new(f.path, f.why, &reader), SK_ERR_NOT_FOUND);
        assert_non_null(strstr(f.why, ": No such file or directory"));
        assert_int_equal(sk_export_reader_new(f.folder.path, f.why, &reader), SK_ERR_SYNTAX); /* a folder */
        assert_null(reader);
}

static size_t load(char *out, size_t room) {
        FILE *file = fopen(f.path, "re");
        assert_non_null(file);
        size_t len = fread(out, 1, room, file);
        (void)fclose(file);
        return len;
}

static const char *save(const char *bytes, size_t len) {
        const char *path = folder_file(&f.folder, "other.export");
        FILE *file = fopen(path, "we");
        assert_non_null(file);
        assert_int_equal(fwrite(bytes, 1, len, file), len);
        (void)fclose(file);
        return path;
}

static void test_a_file_cut_or_spoilt_anywhere_is_never_read_whole(void **state) {
        (void)state;
        char bytes[512];

        write_file();
        size_t len = load(bytes, sizeof(bytes));
        assert_true(len > 0 && len < sizeof(bytes));
        for (size_t i = 0; i < len; i++) {
                if (read_file(save(bytes, i)) == SK_OK)
                        fail_msg("it was whole with %zu of %zu bytes", i, len);
                bytes[i] = (char)(bytes[i] ^ 0x20);
                if (read_file(save(bytes, len)) == SK_OK)
                        fail_msg("it was good although byte %zu was not", i);
                bytes[i] = (char)(bytes[i] ^ 0x20);
        }
        assert_int_equal(read_file(save(bytes, len)), SK_OK);
}

static void test_other_files_are_refused_with_their_reason(void **state) {
        (void)state;
        assert_int_equal(read_file(folder_file(&f.folder, "none")), SK_ERR_NOT_FOUND);
        assert_int_equal(read_file(save("", 0)), SK_ERR_SYNTAX);
        assert_int_equal(read_file(save("SQLite format 3", 15)), SK_ERR_SYNTAX);
        assert_int_equal(read_file(save("SCHAKEL\n\x02\0\0\0", 12)), SK_ERR_VERSION);
        assert_int_equal(read_file(save("SCHAKEL\n\x01\0\0\0", 12)), SK_ERR_TRUNCATED);
        assert_int_equal(read_file(save("SCHAKEL\n\x01\0\0\0\xff\xff\xff\xff\x01", 17)), SK_ERR_SIZE);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_pieces_come_back_in_order_and_again, begin, end),
                cmocka_unit_test_setup_teardown(test_what_is_not_ended_leaves_nothing_behind, begin, end),
                cmocka_unit_test_setup_teardown(test_only_its_owner_may_read_it, begin, end),
                cmocka_unit_test_setup_teardown(
                        test_a_file_that_is_not_there_is_told_apart_from_one_that_cannot_be_read, begin, end),
                cmocka_unit_test_setup_teardown(test_a_file_that_is_there_is_left_alone, begin, end),
                cmocka_unit_test_setup_teardown(test_a_file_cut_or_spoilt_anywhere_is_never_read_whole, begin, end),
                cmocka_unit_test_setup_teardown(test_other_files_are_refused_with_their_reason, begin, end),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
