/* The runner's loop: the socket, the deaths of its children, the pipes of its programs, and time. */

#include "how/runner.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "how/runner_inside.h"
#include "kit/alloc.h"

#define JOBS_MAX 1024
#define READ_BYTES 65536
#define WATCH_MS 200
#define OUT_MAX ((size_t)256 << 20)

int64_t sk_runner_now_ms(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the socket ---- */

static sk_job *job_find(const sk_runner *runner, uint64_t ticket) {
        sk_job *job = runner->jobs;

        while (job != NULL && job->ticket != ticket)
                job = job->next;
        return job;
}

static void refuse(sk_runner *runner, uint64_t ticket, const char *why) {
        sk_frame_put_end(&runner->out, &(sk_run_end){.ticket = ticket,
                                                     .how = SK_RUN_NOT_STARTED,
                                                     .number = EAGAIN,
                                                     .output = SK_NONE,
                                                     .text = sk_slice_of(why)});
}

static bool obey(void *self, const sk_frame_read *frame) {
        sk_runner *runner = self;
        sk_job *job = job_find(runner, frame->ticket);

        if (frame->kind == SK_FRAME_RUN && runner->job_count < JOBS_MAX && job == NULL) {
                sk_job_start(runner, &frame->run);
        } else if (frame->kind == SK_FRAME_RUN) {
                refuse(runner, frame->ticket, "too many programs run");
        } else if (frame->kind == SK_FRAME_STOP && job != NULL) {
                job->is_silent = true;
                sk_job_end(job, SK_RUN_KILLED);
        }
        return true;
}

static void control_read(sk_runner *runner) {
        char bytes[READ_BYTES];
        ssize_t got = read(runner->control, bytes, sizeof(bytes));

        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
                runner->is_over = true;
        if (got <= 0)
                return;
        sk_buf_add(&runner->in, bytes, (size_t)got);
        if (runner->in.err != SK_OK || !sk_frames_take(&runner->in, obey, runner))
                runner->is_over = true; /* whoever writes this is not who should */
}

static void control_write(sk_runner *runner) {
        while (runner->out_at < runner->out.len) {
                ssize_t sent = send(runner->control, runner->out.at + runner->out_at, runner->out.len - runner->out_at,
                                    MSG_NOSIGNAL);
                if (sent < 0 && errno == EINTR)
                        continue;
                if (sent < 0) {
                        runner->is_over = runner->is_over || errno != EAGAIN;
                        return;
                }
                runner->out_at += (size_t)sent;
        }
        runner->out_at = 0;
        sk_buf_clear(&runner->out);
}

/* ---- deaths ---- */

static sk_job *job_of(const sk_runner *runner, pid_t pid) {
        sk_job *job = runner->jobs;

        while (job != NULL && job->pid != pid)
                job = job->next;
        return job;
}

/* A group is killed before its first process is waited for: until then its number belongs to nobody else. */
static void deaths_take(sk_runner *runner) {
        siginfo_t info = {0};

        while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0) {
                pid_t pid = info.si_pid;
                sk_job *job = job_of(runner, pid);

                if (job != NULL)
                        (void)kill(-pid, SIGKILL);
                if (waitpid(pid, NULL, 0) < 0)
                        return;
                if (job != NULL)
                        sk_job_over(runner, job, info.si_code, info.si_status);
                info = (siginfo_t){0};
        }
}

static void signals_read(sk_runner *runner) {
        struct signalfd_siginfo info[16];

        while (read(runner->signals, info, sizeof(info)) > 0)
                continue;
        deaths_take(runner);
}

/* ---- time ---- */

static int64_t earlier(int64_t a, int64_t b) {
        return a < b ? a : b;
}

static void times_look(sk_runner *runner) {
        int64_t now_ms = sk_runner_now_ms();

        for (sk_job *job = runner->jobs; job != NULL; job = job->next) {
                if (job->kill_ms <= now_ms)
                        sk_job_kill(job, job->how);
                else if (job->end_ms <= now_ms)
                        sk_job_end(job, SK_RUN_TIMEOUT);
        }
        if (runner->jobs != NULL && runner->watch_ms <= now_ms) {
                sk_runner_watch(runner);
                runner->watch_ms = sk_runner_now_ms() + WATCH_MS;
        }
}

static int wait_ms(const sk_runner *runner) {
        int64_t now_ms = sk_runner_now_ms();
        int64_t next_ms = runner->jobs == NULL ? INT64_MAX : runner->watch_ms;

        for (const sk_job *job = runner->jobs; job != NULL; job = job->next)
                next_ms = earlier(next_ms, earlier(job->end_ms, job->kill_ms));
        if (next_ms == INT64_MAX)
                return -1;
        return next_ms <= now_ms ? 0 : (int)earlier(next_ms - now_ms, 60000);
}

/* ---- the loop ---- */

typedef struct watched {
        sk_job *job;
        sk_job_pipe which;
} watched;

static struct pollfd polled[2 + JOBS_MAX * SK_JOB_PIPES];
static watched watch_of[2 + JOBS_MAX * SK_JOB_PIPES];

static nfds_t poll_fill(const sk_runner *runner) {
        nfds_t count = 2;

        polled[0] = (struct pollfd){.fd = runner->control,
                                    .events = (short)(runner->out.len > runner->out_at ? POLLIN | POLLOUT : POLLIN)};
        polled[1] = (struct pollfd){.fd = runner->signals, .events = POLLIN};
        for (sk_job *job = runner->jobs; job != NULL; job = job->next) {
                for (unsigned i = 0; i < SK_JOB_PIPES; i++) {
                        if (job->fds[i] < 0)
                                continue;
                        polled[count] = (struct pollfd){.fd = job->fds[i], .events = i == SK_JOB_IN ? POLLOUT : POLLIN};
                        watch_of[count++] = (watched){job, (sk_job_pipe)i};
                }
        }
        return count;
}

/* Pipes first: a job that is over takes its place in the list with it. */
static void turn(sk_runner *runner) {
        nfds_t count = poll_fill(runner);

        if (poll(polled, count, wait_ms(runner)) > 0) {
                for (nfds_t i = 2; i < count; i++)
                        if (polled[i].revents != 0)
                                sk_job_serve(watch_of[i].job, watch_of[i].which);
                if (polled[0].revents != 0)
                        control_read(runner);
                signals_read(runner);
        }
        times_look(runner);
        if (runner->out.err != SK_OK)
                runner->is_over = true;
        control_write(runner);
}

/* What has left its group becomes a child of the runner when its parents are gone: nobody is waited for who was not
 * killed. */
static void all_end(sk_runner *runner) {
        while (runner->jobs != NULL) {
                sk_job *job = runner->jobs;
                runner->jobs = job->next;
                (void)kill(-job->pid, SIGKILL);
                (void)kill(job->pid, SIGKILL);
                sk_job_free(job);
        }
        do
                sk_runner_watch(runner);
        while (waitpid(-1, NULL, 0) > 0);
}

static bool begin(sk_runner *runner) {
        sigset_t children;
        struct rlimit files;

        (void)sigemptyset(&children);
        (void)sigaddset(&children, SIGCHLD);
        if (sigprocmask(SIG_BLOCK, &children, NULL) != 0)
                return false;
        runner->signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
        (void)signal(SIGPIPE, SIG_IGN);
        (void)signal(SIGINT, SIG_IGN); /* of a terminal: its other end decides */
        (void)signal(SIGHUP, SIG_IGN);
        (void)signal(SIGTERM, SIG_IGN);
        (void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        (void)prctl(PR_SET_NAME, "schakel-runner", 0, 0, 0);
        if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
                files.rlim_cur = files.rlim_max;
                (void)setrlimit(RLIMIT_NOFILE, &files);
        }
        return runner->signals >= 0 && fcntl(runner->control, F_SETFL, O_NONBLOCK) == 0 &&
               fcntl(runner->control, F_SETFD, FD_CLOEXEC) == 0;
}

int sk_runner_main(int fd, const char *scratch) {
        static sk_runner runner;

        assert(fd >= 0 && scratch != NULL);
        runner = (sk_runner){.control = fd,
                             .scratch = scratch,
                             .host = sk_sandbox_look(),
                             .in = sk_buf_make(2 * (size_t)SK_FRAME_MAX),
                             .out = sk_buf_make(OUT_MAX)};
        if (!begin(&runner))
                return 1;
        while (!runner.is_over)
                turn(&runner);
        all_end(&runner);
        sk_buf_free(&runner.in);
        sk_buf_free(&runner.out);
        (void)close(runner.signals);
        (void)close(runner.control);
        return 0;
}
