/*
 * The runner with real programs, which try what they must not: each is a shell script in a folder of the test, run as a work
 * instruction's program is. What comes back says how it ended; what it left behind is looked for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "how/frame.h"
#include "how/runner.h"
#include "how/sandbox.h"
#include "kit/buf.h"
#include "support/folder.h"

#define WAIT_MS 120000
#define STRAY_MS 20000 /* after which it says that it has not been killed */

typedef struct bench {
        test_folder folder;
        char programs[FOLDER_PATH_MAX + 16];
        char scratch[FOLDER_PATH_MAX + 16];
        pid_t runner;
        int fd;
        uint64_t tickets;
        sk_buf in;
        size_t taken; /* of what was read */
} bench;

static void runner_begin(bench *b) {
        int ends[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        b->runner = fork();
        if (b->runner == 0) {
                (void)close(ends[0]);
                _exit(sk_runner_main(ends[1], b->scratch));
        }
        assert_true(b->runner > 0);
        (void)close(ends[1]);
        b->fd = ends[0];
}

static int setup(void **state) {
        bench *b = calloc(1, sizeof(*b));

        assert_non_null(b);
        folder_make(&b->folder);
        (void)snprintf(b->programs, sizeof(b->programs), "%s/programs", b->folder.path);
        (void)snprintf(b->scratch, sizeof(b->scratch), "%s/scratch", b->folder.path);
        assert_int_equal(mkdir(b->programs, 0755), 0);
        assert_int_equal(mkdir(b->scratch, 0700), 0);
        b->in = sk_buf_make(SK_FRAME_MAX * 4);
        runner_begin(b);
        *state = b;
        return 0;
}

static int teardown(void **state) {
        bench *b = *state;
        int status = 0;

        (void)close(b->fd);
        assert_int_equal(waitpid(b->runner, &status, 0), b->runner);
        sk_buf_free(&b->in);
        folder_remove(&b->folder);
        free(b);
        return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}

/* ---- speaking to it ---- */

static sk_frame_read frame;

static void frame_next(bench *b) {
        char bytes[65536];
        size_t len = 0;

        for (;;) {
                sk_slice rest = {b->in.at == NULL ? "" : b->in.at + b->taken, b->in.len - b->taken};
                assert_int_equal(sk_frame_take(rest, &frame, &len), SK_OK);
                if (len > 0) {
                        b->taken += len;
                        return;
                }
                struct pollfd ready = {.fd = b->fd, .events = POLLIN};
                assert_int_equal(poll(&ready, 1, WAIT_MS), 1);
                ssize_t got = read(b->fd, bytes, sizeof(bytes));
                assert_true(got > 0);
                sk_buf_add(&b->in, bytes, (size_t)got);
        }
}

static void send_all(const bench *b, const sk_buf *bytes) {
        assert_int_equal(bytes->err, SK_OK);
        assert_int_equal(write(b->fd, bytes->at, bytes->len), (ssize_t)bytes->len);
}

static sk_run run_of(bench *b, const char *program) {
        return (sk_run){.ticket = ++b->tickets,
                        .timeout_ms = 60000,
                        .cpu_s = 30,
                        .memory_mib = 256,
                        .processes = 24,
                        .files = 64,
                        .scratch_mib = 8,
                        .program = sk_slice_of(program),
                        .directory = sk_slice_of(b->programs),
                        .words = {sk_slice_of(program)},
                        .word_count = 1,
                        .input = SK_SLICE("{\"n\":1}\n")};
}

/* Writes the program; its path lives as long as the test. */
static const char *script(bench *b, const char *text) {
        static char path[FOLDER_PATH_MAX + 48];

        (void)snprintf(path, sizeof(path), "%s/p%llu", b->programs, (unsigned long long)b->tickets);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        (void)fprintf(file, "#!/bin/sh\n%s\n", text);
        (void)fclose(file);
        assert_int_equal(chmod(path, 0755), 0);
        return path;
}

static void run_send(bench *b, const sk_run *run) {
        sk_buf bytes = sk_buf_make(SK_FRAME_MAX);

        sk_frame_put_run(&bytes, run);
        send_all(b, &bytes);
        sk_buf_free(&bytes);
}

/* Runs it to its end, which stands in `frame` then. */
static const sk_run_end *run_through(bench *b, const sk_run *run) {
        run_send(b, run);
        do
                frame_next(b);
        while (frame.kind != SK_FRAME_ENDED);
        assert_true(frame.end.ticket == run->ticket);
        return &frame.end;
}

static const sk_run_end *run_text(bench *b, const char *text) {
        sk_run run = run_of(b, script(b, text));

        return run_through(b, &run);
}

static bool says(sk_slice text, const char *what) {
        return memmem(text.at, text.len, what, strlen(what)) != NULL;
}

static void need_whole_sandbox(void) {
        sk_sandbox_host host = sk_sandbox_look();

        if (!sk_sandbox_is_whole(&host, NULL))
                skip();
}

/* ---- what it is for ---- */

static void test_a_program_reads_and_answers_and_its_status_is_told(void **state) {
        bench *b = *state;
        const sk_run_end *end = run_text(b, "cat; echo so it is >&2; exit 10");

        assert_int_equal(end->how, SK_RUN_EXITED);
        assert_int_equal(end->number, 10);
        assert_true(sk_slice_is(end->output, "{\"n\":1}\n"));
        assert_true(sk_slice_is(end->text, "so it is\n"));
}

static void test_arguments_are_passed_as_they_are_and_the_environment_is_what_is_listed(void **state) {
        bench *b = *state;
        sk_run run = run_of(b, script(b, "echo \"$1|$2|$COLOUR|${HOME-none}|${USER-none}\""));

        run.words[1] = SK_SLICE("a b; rm -rf /");
        run.words[2] = SK_SLICE("$(id)");
        run.word_count = 3;
        run.variables[0] = SK_SLICE("COLOUR=blue");
        run.variable_count = 1;
        assert_true(sk_slice_is(run_through(b, &run)->output, "a b; rm -rf /|$(id)|blue|none|none\n"));
}

static void test_a_program_that_does_not_read_is_none_the_worse(void **state) {
        bench *b = *state;
        sk_run run = run_of(b, script(b, "exec <&-; echo done"));
        static char large[500000];

        memset(large, 'x', sizeof(large));
        run.input = (sk_slice){large, sizeof(large)};
        const sk_run_end *end = run_through(b, &run);
        assert_int_equal(end->number, 0);
        assert_true(sk_slice_is(end->output, "done\n"));
}

static void test_what_cannot_be_run_says_why(void **state) {
        bench *b = *state;
        sk_run run = run_of(b, "/nonexistent/program");
        const sk_run_end *end = run_through(b, &run);

        assert_int_equal(end->how, SK_RUN_NOT_STARTED);
        assert_int_equal(end->number, ENOENT);
        assert_true(says(end->text, "it cannot be run"));
}

static void test_several_run_at_once_and_each_has_its_own_end(void **state) {
        bench *b = *state;
        const char *path = script(b, "read line; echo $1; exit $1");
        unsigned seen = 0;

        for (unsigned i = 1; i <= 5; i++) {
                char word[8];
                sk_run run = run_of(b, path);
                (void)snprintf(word, sizeof(word), "%u", i);
                run.words[1] = sk_slice_of(word);
                run.word_count = 2;
                run_send(b, &run);
        }
        while (seen != 0x3e) {
                frame_next(b);
                if (frame.kind == SK_FRAME_ENDED)
                        seen |= 1u << frame.end.number;
        }
}

static void test_the_files_of_those_that_run_beside_it_do_not_count(void **state) {
        bench *b = *state;
        const char *path = script(b, "read line; sleep 0.2; exec <\"$0\"");
        unsigned ended = 0;

        for (unsigned i = 0; i < 30; i++) {
                sk_run run = run_of(b, path);
                run.files = 24;
                run_send(b, &run);
        }
        while (ended < 30) {
                frame_next(b);
                if (frame.kind != SK_FRAME_ENDED)
                        continue;
                if (frame.end.how != SK_RUN_EXITED || frame.end.number != 0)
                        fail_msg("%.*s", (int)frame.end.text.len, frame.end.text.at);
                ended++;
        }
}

/* ---- escapes ---- */

typedef struct escape {
        const char *text;   /* ends with status 0 when it got through */
        const char *reason; /* what it says when it did not; NULL: anything */
} escape;

static void check_escape(bench *b, const escape *try) {
        const sk_run_end *end = run_text(b, try->text);

        if (end->how == SK_RUN_EXITED && end->number == 0)
                fail_msg("this got through: %s", try->text);
        if (try->reason != NULL && !says(end->text, try->reason))
                fail_msg("%s: %.*s", try->text, (int)end->text.len, end->text.at);
}

static void test_a_program_reads_no_secrets_and_writes_nowhere_else(void **state) {
        static const escape tries[] = {
                {"cat /etc/shadow", "ermission denied"},
                {"cat /etc/passwd", "ermission denied"},
                {"cat /proc/1/environ", NULL},
                {"ls /root", NULL},
                {"ls /home", "ermission denied"},
                {"echo x >/tmp/schakel-escape", "ermission denied"},
                {"echo x >$0", "ermission denied"},
                {"mkdir \"$(dirname $0)/inner\"", "ermission denied"},
                {"ln -s /etc/shadow here && cat here", "ermission denied"},
                {"ln /etc/hostname here", NULL},
                {"mount -t tmpfs none .", NULL},
                {"chroot . /bin/true", NULL},
                {"unshare -U true", NULL},
                {"kill -9 $PPID && sleep 5 && kill -0 $PPID", NULL},
        };

        need_whole_sandbox();
        for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++)
                check_escape(*state, &tries[i]);
        assert_int_not_equal(access("/tmp/schakel-escape", F_OK), 0);
        (void)run_text(*state, "chmod 777 \"$(dirname $0)\"");
        struct stat status;
        assert_int_equal(stat(((const bench *)*state)->programs, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0755);
}

static void test_a_program_writes_in_its_folder_which_goes_with_it(void **state) {
        bench *b = *state;
        const sk_run_end *end = run_text(b, "mkdir -p a/b && echo x >a/b/c && cat a/b/c && pwd");
        char path[FOLDER_PATH_MAX + 64];

        assert_int_equal(end->number, 0);
        (void)snprintf(path, sizeof(path), "x\n%s/%llu\n", b->scratch, (unsigned long long)b->tickets);
        assert_true(sk_slice_is(end->output, path));
        (void)snprintf(path, sizeof(path), "%s/%llu", b->scratch, (unsigned long long)b->tickets);
        assert_int_not_equal(access(path, F_OK), 0);
}

static void test_a_program_reaches_no_network_unless_it_may(void **state) {
        bench *b = *state;
        static const char python[] =
                "exec python3 -c 'import socket; s=socket.socket(); s.settimeout(5); s.connect((\"127.0.0.1\",1))'";

        need_whole_sandbox();
        if (access("/usr/bin/python3", X_OK) != 0)
                skip();
        const sk_run_end *end = run_text(b, python);
        assert_true(end->number != 0 && says(end->text, "PermissionError"));
        sk_run run = run_of(b, script(b, python));
        run.has_network = true;
        end = run_through(b, &run);
        assert_true(end->number != 0 && says(end->text, "ConnectionRefusedError"));
}

/* ---- bounds ---- */

static void test_a_program_that_ignores_its_time_is_killed_with_all_it_started(void **state) {
        bench *b = *state;
        sk_run run = run_of(b, script(b, "trap '' TERM; sleep 1000 & sleep 1000 & echo begun; wait; wait; sleep 1000"));

        run.timeout_ms = 100;
        assert_int_equal(run_through(b, &run)->how, SK_RUN_TIMEOUT);
}

static void test_a_program_that_minds_its_time_ends_by_itself(void **state) {
        bench *b = *state;
        sk_run run = run_of(b, script(b, "trap 'echo bye; exit 0' TERM; while :; do sleep 0.05; done"));

        run.timeout_ms = 500;
        const sk_run_end *end = run_through(b, &run);
        assert_int_equal(end->how, SK_RUN_TIMEOUT);
}

static void test_a_program_that_prints_without_end_is_killed(void **state) {
        assert_int_equal(run_text(*state, "exec yes")->how, SK_RUN_OUTPUT);
        assert_true(frame.end.output.len <= SK_RUN_OUTPUT_MAX);
        assert_int_equal(run_text(*state, "exec yes >&2")->how, SK_RUN_OUTPUT);
        assert_int_equal(frame.end.text.len, SK_RUN_TEXT_MAX);
}

static void test_a_fork_bomb_goes_off_in_its_own_group(void **state) {
        bench *b = *state;
        sk_run run = run_of(b, script(b, "i=0; while [ $i -lt 60 ]; do sleep 1000 & i=$((i+1)); done; wait"));

        assert_int_equal(run_through(b, &run)->how, SK_RUN_PROCESSES);
}

static void test_a_program_that_fills_its_folder_is_killed(void **state) {
        static const char files[] = "i=0; while :; do head -c 1000000 /dev/zero >f$i; i=$((i+1)); done";
        static const char one[] = "exec head -c 20000000 /dev/zero >f";

        assert_int_equal(run_text(*state, files)->how, SK_RUN_SCRATCH);
        const sk_run_end *end = run_text(*state, one);
        assert_true(end->how == SK_RUN_SCRATCH || (end->how == SK_RUN_KILLED && end->number == SIGXFSZ) ||
                    (end->how == SK_RUN_EXITED && end->number != 0));
}

static void test_a_program_that_wants_too_much_memory_or_time_gets_neither(void **state) {
        bench *b = *state;
        sk_run run = run_of(b, script(b, "while :; do :; done"));

        run.cpu_s = 1;
        const sk_run_end *end = run_through(b, &run);
        assert_true(end->how == SK_RUN_KILLED && (end->number == SIGXCPU || end->number == SIGKILL));
        end = run_text(b, "exec dd if=/dev/zero of=/dev/null bs=1G count=1");
        assert_true(end->how == SK_RUN_EXITED && end->number != 0);
}

static bool is_said_by(const char *pid, const char *text) {
        char path[300];
        char line[512];

        (void)snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return false;
        ssize_t got = read(fd, line, sizeof(line));
        (void)close(fd);
        return got > 0 && memmem(line, (size_t)got, text, strlen(text)) != NULL;
}

/* Whether a process with that text in its command line is there. */
static bool is_there(const char *text) {
        DIR *folder = opendir("/proc");
        const struct dirent *entry;
        bool found = false;

        assert_non_null(folder);
        while (!found && (entry = readdir(folder)) != NULL)
                found = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && is_said_by(entry->d_name, text);
        (void)closedir(folder);
        return found;
}

static void test_nothing_is_left_behind_by_a_program_that_is_over(void **state) {
        bench *b = *state;
        char text[200];

        /* a number that is only in this run's command lines */
        (void)snprintf(text, sizeof(text), "sleep 98765%d & (setsid sleep 98765%d &) ; exec >&- 2>&-; exit 0", getpid(),
                       getpid());
        assert_int_equal(run_text(b, text)->number, 0);
        (void)snprintf(text, sizeof(text), "98765%d", getpid());
        for (unsigned i = 0; is_there(text); i++) {
                assert_true(i < 1000);
                (void)run_text(b, "exit 0"); /* strays are looked for as long as something runs */
        }
}

static void test_a_program_that_closes_what_it_writes_to_is_waited_for(void **state) {
        const sk_run_end *end = run_text(*state, "echo first; exec >&- 2>&-; sleep 0.2; exit 3");

        assert_int_equal(end->number, 3);
        assert_true(sk_slice_is(end->output, "first\n"));
}

/* ---- being told ---- */

static void test_a_program_that_is_stopped_is_heard_of_no_more(void **state) {
        bench *b = *state;
        sk_run run = run_of(b, script(b, "sleep 1000"));
        sk_buf bytes = sk_buf_make(100);

        run_send(b, &run);
        sk_frame_put(&bytes, SK_FRAME_STOP, run.ticket, 0);
        send_all(b, &bytes);
        sk_buf_free(&bytes);
        const sk_run_end *end = run_text(b, "echo next");
        assert_true(sk_slice_is(end->output, "next\n"));
}

static void test_when_nobody_is_left_to_tell_everything_is_killed(void **state) {
        bench *b = *state;
        char text[64];

        (void)snprintf(text, sizeof(text), "sleep 87654%d", getpid());
        sk_run run = run_of(b, script(b, text));
        run_send(b, &run);
        frame_next(b);
        assert_int_equal(frame.kind, SK_FRAME_STARTED);
        (void)close(b->fd);
        assert_int_equal(waitpid(b->runner, NULL, 0), b->runner);
        (void)snprintf(text, sizeof(text), "87654%d", getpid());
        assert_false(is_there(text));
        runner_begin(b);
}

/* A process of a program that has left its group, where the kernel does not forbid that, is the runner's when its
 * parents are gone. */
static void test_what_has_left_its_group_goes_with_the_runner(void **state) {
        const bench *b = *state;
        int ends[2];
        int told[2];
        char byte;

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        assert_int_equal(pipe(told), 0);
        pid_t runner = fork();
        if (runner == 0) {
                if (fork() == 0) {
                        (void)close(ends[0]);
                        (void)poll(NULL, 0, STRAY_MS);
                        _exit(write(told[1], "x", 1) == 1 ? 0 : 1);
                }
                (void)close(told[1]);
                (void)close(ends[0]);
                _exit(sk_runner_main(ends[1], b->scratch));
        }
        assert_true(runner > 0);
        (void)close(told[1]);
        (void)close(ends[1]);
        (void)close(ends[0]);
        assert_int_equal(waitpid(runner, NULL, 0), runner);
        assert_int_equal(read(told[0], &byte, 1), 0);
        (void)close(told[0]);
}

static void test_a_frame_that_is_none_ends_the_runner(void **state) {
        bench *b = *state;

        assert_int_equal(write(b->fd, "\x05\x00\x00\x00\xff\x01\x02\x03\x04", 9), 9);
        assert_int_equal(waitpid(b->runner, NULL, 0), b->runner);
        (void)close(b->fd);
        runner_begin(b);
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                EACH(test_a_program_reads_and_answers_and_its_status_is_told),
                EACH(test_arguments_are_passed_as_they_are_and_the_environment_is_what_is_listed),
                EACH(test_a_program_that_does_not_read_is_none_the_worse),
                EACH(test_what_cannot_be_run_says_why),
                EACH(test_several_run_at_once_and_each_has_its_own_end),
                EACH(test_the_files_of_those_that_run_beside_it_do_not_count),
                EACH(test_a_program_reads_no_secrets_and_writes_nowhere_else),
                EACH(test_a_program_writes_in_its_folder_which_goes_with_it),
                EACH(test_a_program_reaches_no_network_unless_it_may),
                EACH(test_a_program_that_ignores_its_time_is_killed_with_all_it_started),
                EACH(test_a_program_that_minds_its_time_ends_by_itself),
                EACH(test_a_program_that_prints_without_end_is_killed),
                EACH(test_a_fork_bomb_goes_off_in_its_own_group),
                EACH(test_a_program_that_fills_its_folder_is_killed),
                EACH(test_a_program_that_wants_too_much_memory_or_time_gets_neither),
                EACH(test_nothing_is_left_behind_by_a_program_that_is_over),
                EACH(test_a_program_that_closes_what_it_writes_to_is_waited_for),
                EACH(test_a_program_that_is_stopped_is_heard_of_no_more),
                EACH(test_when_nobody_is_left_to_tell_everything_is_killed),
                EACH(test_what_has_left_its_group_goes_with_the_runner),
                EACH(test_a_frame_that_is_none_ends_the_runner),
        };

        (void)signal(SIGPIPE, SIG_IGN);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
