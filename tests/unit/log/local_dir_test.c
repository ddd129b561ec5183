#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log/local_dir.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/folder.h"

#define TEAM SK_SLICE("network")

typedef struct fixture {
        test_folder folder;
        sk_local_dir *dir;
} fixture;

static int setup(void **state) {
        static fixture f;

        folder_make(&f.folder);
        assert_int_equal(sk_local_dir_open(folder_file(&f.folder, "log"), true, NULL, &f.dir), SK_OK);
        *state = &f;
        return 0;
}

static int teardown(void **state) {
        fixture *f = *state;

        sk_local_dir_free(f->dir);
        folder_remove(&f->folder);
        return 0;
}

static void test_one_holder_at_a_time_also_within_a_process(void **state) {
        fixture *f = *state;
        int first = -1;
        int second = -1;
        char holder[64];
        char expected[64];

        assert_false(sk_local_dir_is_held(f->dir, TEAM));
        assert_int_equal(sk_local_dir_lock(f->dir, TEAM, &first), SK_OK);
        assert_true(sk_local_dir_is_held(f->dir, TEAM));
        assert_int_equal(sk_local_dir_lock(f->dir, TEAM, &second), SK_ERR_BUSY);
        assert_int_equal(second, -1);
        sk_local_dir_holder(f->dir, TEAM, holder, sizeof(holder));
        (void)snprintf(expected, sizeof(expected), "process %ld", (long)getpid());
        assert_string_equal(holder, expected);
        close(first);
        assert_false(sk_local_dir_is_held(f->dir, TEAM));
        assert_int_equal(sk_local_dir_lock(f->dir, TEAM, &second), SK_OK);
        close(second);
}

static void test_the_lock_goes_with_its_process(void **state) {
        fixture *f = *state;
        int lock = -1;
        pid_t child = fork();

        if (child == 0) {
                int held = -1;
                _exit(sk_local_dir_lock(f->dir, TEAM, &held) == SK_OK ? 0 : 1);
        }
        int status = -1;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_int_equal(sk_local_dir_lock(f->dir, TEAM, &lock), SK_OK);
        close(lock);
}

static void test_a_lock_whose_file_was_removed_does_not_stand(void **state) {
        fixture *f = *state;
        int first = -1;
        int second = -1;

        assert_int_equal(sk_local_dir_lock(f->dir, TEAM, &first), SK_OK);
        assert_true(sk_local_dir_lock_stands(f->dir, TEAM, first));
        assert_int_equal(unlink(folder_file(&f->folder, "log.d/network.lock")), 0);
        assert_false(sk_local_dir_lock_stands(f->dir, TEAM, first));
        assert_int_equal(sk_local_dir_lock(f->dir, TEAM, &second), SK_OK);
        assert_false(sk_local_dir_lock_stands(f->dir, TEAM, first));
        close(first);
        close(second);
}

static void test_hostile_names_reach_no_file(void **state) {
        fixture *f = *state;
        static const char *const names[] = {"",   "../x", "a/b", "A",
                                            "-a", "a\n",  ".",   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
        int fd = -1;

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                assert_int_equal(sk_local_dir_lock(f->dir, sk_slice_of(names[i]), &fd), SK_ERR_RANGE);
                assert_int_equal(sk_local_dir_bind(f->dir, sk_slice_of(names[i]), &fd), SK_ERR_RANGE);
                assert_false(sk_local_dir_is_held(f->dir, sk_slice_of(names[i])));
                sk_local_dir_wake(f->dir, sk_slice_of(names[i]));
        }
        assert_int_equal(fd, -1);
}

static void expect_wake(sk_local_dir *dir) {
        int fd = -1;
        char byte[4];

        assert_int_equal(sk_local_dir_bind(dir, TEAM, &fd), SK_OK);
        assert_int_equal(recv(fd, byte, sizeof(byte), MSG_DONTWAIT), -1);
        sk_local_dir_wake(dir, TEAM);
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        assert_int_equal(poll(&wait, 1, 10000), 1);
        assert_int_equal(recv(fd, byte, sizeof(byte), MSG_DONTWAIT), 1);
        close(fd);
}

static void test_a_byte_wakes_a_team_and_nobody_there_is_fine(void **state) {
        fixture *f = *state;

        sk_local_dir_wake(f->dir, TEAM);
        expect_wake(f->dir);
        sk_local_dir_wake(f->dir, TEAM);
        expect_wake(f->dir);
}

static void test_a_path_longer_than_a_socket_address_works(void **state) {
        fixture *f = *state;
        char path[400];
        sk_local_dir *dir = NULL;

        int len = snprintf(path, sizeof(path), "%s/", f->folder.path);
        memset(path + len, 'd', 150);
        path[len + 150] = '\0';
        assert_int_equal(mkdir(path, 0700), 0);
        (void)snprintf(path + len + 150, sizeof(path) - (size_t)len - 150, "/log");
        assert_int_equal(sk_local_dir_open(path, true, NULL, &dir), SK_OK);
        expect_wake(dir);
        sk_local_dir_free(dir);
}

static void test_a_full_socket_does_not_hold_up_the_sender(void **state) {
        fixture *f = *state;
        int fd = -1;

        assert_int_equal(sk_local_dir_bind(f->dir, TEAM, &fd), SK_OK);
        for (int i = 0; i < 10000; i++)
                sk_local_dir_wake(f->dir, TEAM);
        close(fd);
}

static void test_a_folder_that_is_not_there_is_not_made_for_a_reader(void **state) {
        fixture *f = *state;
        char why[SK_LOCAL_WHY_MAX];
        sk_local_dir *dir = NULL;

        assert_int_equal(sk_local_dir_open(folder_file(&f->folder, "other"), false, why, &dir), SK_ERR_NOT_FOUND);
        assert_int_equal(access(folder_file(&f->folder, "other.d"), F_OK), -1);
        assert_null(dir);
}

#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                WITH_DIR(test_one_holder_at_a_time_also_within_a_process),
                WITH_DIR(test_the_lock_goes_with_its_process),
                WITH_DIR(test_a_lock_whose_file_was_removed_does_not_stand),
                WITH_DIR(test_hostile_names_reach_no_file),
                WITH_DIR(test_a_byte_wakes_a_team_and_nobody_there_is_fine),
                WITH_DIR(test_a_path_longer_than_a_socket_address_works),
                WITH_DIR(test_a_full_socket_does_not_hold_up_the_sender),
                WITH_DIR(test_a_folder_that_is_not_there_is_not_made_for_a_reader),
        };

        return cmocka_run_group_tests_name("local_dir", tests, NULL, NULL);
}
