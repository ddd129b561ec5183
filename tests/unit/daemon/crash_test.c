/* A process that crashes tells so where the next one looks, and ends by the signal that it got. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/crash.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log/local.h"

#define PIPES 3

/* A child that is watched, tells these descriptors and gets the signal; gives its wait status. */
static int crash(int number, const int *fds, size_t count) {
        int status = 0;
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0) {
                const struct rlimit none = {0, 0};
                (void)setrlimit(RLIMIT_CORE, &none);
                sk_crash_watch();
                sk_crash_tell(fds, count);
                (void)raise(number);
                _exit(0); /* it did not end: the test sees it */
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        return status;
}

static void assert_told(int fd, const char *text) {
        char got[100] = "";

        ssize_t len = read(fd, got, sizeof(got) - 1);
        assert_true(len >= 0);
        got[len] = '\0';
        assert_string_equal(got, text);
}

static void test_each_fatal_signal_is_told_once_and_ends_the_process(void **state) {
        static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
        (void)state;

        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
                int ends[2];
                assert_int_equal(pipe(ends), 0);
                int status = crash(numbers[i], &ends[1], 1);
                (void)close(ends[1]);
                assert_true(WIFSIGNALED(status));
                assert_int_equal(WTERMSIG(status), numbers[i]);
                assert_told(ends[0], SK_LOCAL_CRASH);
                (void)close(ends[0]);
        }
}

static void test_every_team_of_the_process_is_told_of(void **state) {
        int reads[PIPES];
        int writes[PIPES + 1];
        (void)state;

        for (size_t i = 0; i < PIPES; i++) {
                int ends[2];
                assert_int_equal(pipe(ends), 0);
                reads[i] = ends[0];
                writes[i] = ends[1];
        }
        writes[PIPES] = writes[PIPES - 1];
        writes[PIPES - 1] = -1; /* a team that has none yet stands between */
        assert_true(WIFSIGNALED(crash(SIGSEGV, writes, PIPES + 1)));
        for (size_t i = 0; i < PIPES; i++) {
                (void)close(i < PIPES - 1 ? writes[i] : writes[PIPES]);
                assert_told(reads[i], SK_LOCAL_CRASH);
                (void)close(reads[i]);
        }
}

static void test_what_is_told_no_more_hears_nothing(void **state) {
        int first[2];
        int second[2];
        (void)state;

        assert_int_equal(pipe(first), 0);
        assert_int_equal(pipe(second), 0);
        int before[] = {first[1], second[1]};
        sk_crash_tell(before, 2);
        assert_true(WIFSIGNALED(crash(SIGABRT, &second[1], 1))); /* the first has been closed since */
        (void)close(first[1]);
        (void)close(second[1]);
        assert_told(first[0], "");
        assert_told(second[0], SK_LOCAL_CRASH);
        (void)close(first[0]);
        (void)close(second[0]);
        sk_crash_tell(NULL, 0);
}

static void test_a_signal_that_is_no_crash_is_left_alone(void **state) {
        int ends[2];
        (void)state;

        assert_int_equal(pipe(ends), 0);
        int status = crash(SIGTERM, &ends[1], 1);
        (void)close(ends[1]);
        assert_int_equal(WTERMSIG(status), SIGTERM);
        assert_told(ends[0], "");
        (void)close(ends[0]);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_fatal_signal_is_told_once_and_ends_the_process),
                cmocka_unit_test(test_every_team_of_the_process_is_told_of),
                cmocka_unit_test(test_what_is_told_no_more_hears_nothing),
                cmocka_unit_test(test_a_signal_that_is_no_crash_is_left_alone),
        };

        return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
