#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemon/turn_watch.h"

/* Loops in processes of their own, some of which end themselves. */

#define MAX_US 100000
#define TURNS 5

typedef void deed(void);

/* What ends it is the processor time that it has had, however long that takes. */
static void compute(void) {
        struct timespec began;
        struct timespec now;

        (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &began);
        do
                (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        while ((now.tv_sec - began.tv_sec) * 1000000 + (now.tv_nsec - began.tv_nsec) / 1000 <= 2 * MAX_US);
}

static void wait_long(void) {
        (void)poll(NULL, 0, 2 * MAX_US / 1000); /* which is what this is about */
}

static void do_nothing(void) {
}

struct work {
        deed *does;
        unsigned turns;
};

/* In one of its turns it does it. */
static void on_timer(uv_timer_t *timer) {
        struct work *work = timer->data;

        if (++work->turns == TURNS / 2)
                work->does();
        if (work->turns == TURNS)
                (void)uv_timer_stop(timer);
}

/* Runs a loop for some turns; what it said goes to @p fd. */
static void run(deed *does, int fd) {
        sk_turn_watch watch;
        uv_loop_t loop;
        uv_timer_t timer;
        struct work work = {.does = does};

        (void)uv_loop_init(&loop);
        sk_logger *logger = sk_logger_new(fd, true);
        sk_turn_watch_start(&watch, &loop, MAX_US, logger);
        (void)uv_timer_init(&loop, &timer);
        timer.data = &work;
        (void)uv_timer_start(&timer, on_timer, 1, 1);
        (void)uv_run(&loop, UV_RUN_DEFAULT);
        sk_turn_watch_stop(&watch);
        uv_close((uv_handle_t *)&timer, NULL);
        (void)uv_run(&loop, UV_RUN_DEFAULT);
        (void)uv_loop_close(&loop);
        sk_logger_free(logger);
}

/* How it ended, and what it said. */
static int status_of(deed *does, char *out, size_t room) {
        int fds[2];
        int status = 0;

        assert_int_equal(pipe(fds), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                (void)signal(SIGABRT, SIG_DFL);
                run(does, fds[1]);
                _exit(0);
        }
        close(fds[1]);
        ssize_t len = read(fds[0], out, room - 1);
        out[len > 0 ? len : 0] = '\0';
        close(fds[0]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return status;
}

static void test_a_turn_that_computes_for_too_long_ends_the_process_and_says_so(void **state) {
        char said[1024];
        int status = status_of(compute, said, sizeof(said));

        (void)state;
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGABRT);
        assert_non_null(strstr(said, "\"turn-too-long\""));
        assert_non_null(strstr(said, "ms of processor time, of which it may take 100.0"));
}

static void test_time_that_passes_is_not_processor_time(void **state) {
        deed *const deeds[] = {wait_long, do_nothing};
        char said[1024];

        (void)state;
        for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
                assert_int_equal(status_of(deeds[i], said, sizeof(said)), 0);
                assert_string_equal(said, "");
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_turn_that_computes_for_too_long_ends_the_process_and_says_so),
                cmocka_unit_test(test_time_that_passes_is_not_processor_time),
        };

        return cmocka_run_group_tests_name("turn_watch", tests, NULL, NULL);
}
