/* The kernel says who announced a record: nobody can have another one's id told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log/local_dir.h"
#include "log/local_proof.h"

#define ID "01a1ff34-261a-7267-8038-21a65a19201b"
#define OTHER "01a1ff34-261a-7267-8038-21a65a19201c"
#define NOBODY 65534

typedef struct world {
        char base[256];
        char file[300];
        sk_local_dir *dir;
        sk_local_proofs *proofs;
        int fd;
} world;

static world w;

static int setup(void **state) {
        const char *base = getenv("TMPDIR");
        (void)state;
        (void)snprintf(w.base, sizeof w.base, "%s/proof.XXXXXX", base == NULL ? "/tmp" : base);
        assert_non_null(mkdtemp(w.base));
        (void)snprintf(w.file, sizeof w.file, "%s/log", w.base);
        assert_int_equal(sk_local_dir_open(w.file, true, NULL, &w.dir), SK_OK);
        assert_int_equal(sk_local_dir_bind(w.dir, SK_SLICE("desk"), &w.fd), SK_OK);
        w.proofs = sk_local_proofs_new();
        assert_non_null(w.proofs);
        return 0;
}

static int teardown(void **state) {
        char path[400];
        (void)state;
        close(w.fd);
        sk_local_proofs_free(w.proofs);
        sk_local_dir_free(w.dir);
        (void)snprintf(path, sizeof path, "%s.d/desk.sock", w.file);
        (void)unlink(path);
        (void)snprintf(path, sizeof path, "%s.d", w.file);
        (void)rmdir(path);
        (void)rmdir(w.base);
        return 0;
}

static const char *own_login(void) {
        const struct passwd *entry = getpwuid(getuid());
        return entry == NULL ? NULL : entry->pw_name;
}

static void test_an_announced_record_has_the_login_of_who_announced_it(void **state) {
        (void)state;
        sk_local_dir_announce(w.dir, SK_SLICE("desk"), SK_SLICE(ID));
        assert_true(sk_local_proofs_receive(w.proofs, w.fd, 10));
        assert_false(sk_local_proofs_receive(w.proofs, w.fd, 10));
        sk_slice login = sk_local_proofs_login(w.proofs, SK_SLICE(ID));
        if (own_login() == NULL)
                assert_false(sk_slice_there(login));
        else
                assert_true(sk_slice_is(login, own_login()));
        assert_false(sk_slice_there(sk_local_proofs_login(w.proofs, SK_SLICE(OTHER))));
}

static void test_a_wake_up_and_nonsense_prove_nothing(void **state) {
        (void)state;
        sk_local_dir_wake(w.dir, SK_SLICE("desk"));
        sk_local_dir_announce(w.dir, SK_SLICE("desk"), SK_SLICE("short"));
        assert_true(sk_local_proofs_receive(w.proofs, w.fd, 10));
        assert_false(sk_slice_there(sk_local_proofs_login(w.proofs, SK_SLICE(ID))));
        assert_false(sk_slice_there(sk_local_proofs_login(w.proofs, SK_NONE)));
        assert_false(sk_slice_there(sk_local_proofs_login(NULL, SK_SLICE(ID))));
}

/* Another user says that the id is his. */
static void announce_as_nobody(void) {
        char path[400];
        (void)snprintf(path, sizeof path, "%s.d/desk.sock", w.file);
        assert_int_equal(chmod(path, 0666), 0);
        (void)snprintf(path, sizeof path, "%s.d", w.file);
        assert_int_equal(chmod(path, 0777), 0);
        assert_int_equal(chmod(w.base, 0777), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                if (setgid(NOBODY) == 0 && setuid(NOBODY) == 0)
                        sk_local_dir_announce(w.dir, SK_SLICE("desk"), SK_SLICE(ID));
                _exit(0);
        }
        assert_int_equal(waitpid(child, NULL, 0), child);
}

static void test_who_announces_first_has_it(void **state) {
        (void)state;
        if (getuid() != 0 || own_login() == NULL)
                skip();
        sk_local_dir_announce(w.dir, SK_SLICE("desk"), SK_SLICE(ID));
        announce_as_nobody();
        (void)sk_local_proofs_receive(w.proofs, w.fd, 10);
        assert_true(sk_slice_is(sk_local_proofs_login(w.proofs, SK_SLICE(ID)), own_login()));
}

static void test_another_user_is_told_apart(void **state) {
        (void)state;
        if (getuid() != 0)
                skip();
        announce_as_nobody();
        (void)sk_local_proofs_receive(w.proofs, w.fd, 10);
        assert_false(sk_slice_is(sk_local_proofs_login(w.proofs, SK_SLICE(ID)), "root"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_an_announced_record_has_the_login_of_who_announced_it),
                TEST(test_a_wake_up_and_nonsense_prove_nothing),
                TEST(test_who_announces_first_has_it),
                TEST(test_another_user_is_told_apart),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
