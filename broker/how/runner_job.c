/* One program, from its beginning to its end. */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "how/runner_inside.h"
#include "kit/alloc.h"

#define GRACE_MS 2000
#define READ_BYTES 65536
#define TEXT_MOST (UINT64_C(64) << 20) /* of standard error, kept or not */

/* What a child says when it could not become the program. */
typedef struct child_fault {
        int32_t number;
        char what[120];
} child_fault;

/* What the child needs, all made before it is: between fork and exec nothing is allocated. */
typedef struct start {
        char **words;
        char **variables;
        char **read;
        char *program;
        char *directory;
        int theirs[SK_JOB_PIPES];
        sk_sandbox_rules rules;
        const sk_sandbox_host *host;
        const char *scratch;
} start;

/* ---- C texts ---- */

static char *text_new(sk_slice text) {
        char *copy = sk_alloc(text.len + 1);

        if (copy == NULL)
                return NULL;
        if (text.len > 0)
                memcpy(copy, text.at, text.len);
        copy[text.len] = '\0';
        return copy;
}

static void list_free(char **list) {
        for (size_t i = 0; list != NULL && list[i] != NULL; i++)
                sk_free(list[i]);
        sk_free(list);
}

static char **list_new(const sk_slice *texts, uint32_t count) {
        char **list = sk_alloc_zero((size_t)count + 1, sizeof(*list));

        for (uint32_t i = 0; list != NULL && i < count; i++) {
                list[i] = text_new(texts[i]);
                if (list[i] == NULL) {
                        list_free(list);
                        return NULL;
                }
        }
        return list;
}

static void start_free(start *of) {
        list_free(of->words);
        list_free(of->variables);
        list_free(of->read);
        sk_free(of->program);
        sk_free(of->directory);
        for (unsigned i = 0; i < SK_JOB_PIPES; i++)
                if (of->theirs[i] >= 0)
                        (void)close(of->theirs[i]);
}

/* ---- the child ---- */

static __attribute__((noreturn)) void child_fail(int fd, const char *what) {
        child_fault fault = {.number = errno};

        (void)snprintf(fault.what, sizeof(fault.what), "%s", what);
        if (write(fd, &fault, sizeof(fault)) < 0)
                _exit(126);
        _exit(127);
}

static void signals_reset(void) {
        sigset_t none;

        (void)sigemptyset(&none);
        for (int i = 1; i < NSIG; i++)
                (void)signal(i, SIG_DFL);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static __attribute__((noreturn)) void child_become(const start *of) {
        int fd = of->theirs[SK_JOB_STATUS];
        const char *failed;

        if (setsid() < 0)
                child_fail(fd, "it gets no session of its own");
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        for (int i = 0; i < 3; i++)
                if (dup2(of->theirs[i], i) < 0)
                        child_fail(fd, "its pipes cannot be set up");
        signals_reset();
        if (chdir(of->scratch) != 0)
                child_fail(fd, "its folder cannot be entered");
        failed = sk_sandbox_enter(of->host, &of->rules);
        if (failed != NULL)
                child_fail(fd, failed);
        (void)execve(of->program, of->words, of->variables);
        child_fail(fd, "it cannot be run");
}

/* ---- starting ---- */

static bool pipes_open(sk_job *job, start *of) {
        for (unsigned i = 0; i < SK_JOB_PIPES; i++) {
                int ends[2];
                bool is_in = i == SK_JOB_IN;

                if (pipe2(ends, O_CLOEXEC) != 0)
                        return false;
                job->fds[i] = ends[is_in ? 1 : 0];
                of->theirs[i] = ends[is_in ? 0 : 1];
                if (fcntl(job->fds[i], F_SETFL, O_NONBLOCK) != 0)
                        return false;
        }
        return true;
}

static bool prepare(sk_runner *runner, const sk_run *run, sk_job *job, start *of) {
        of->words = list_new(run->words, run->word_count);
        of->variables = list_new(run->variables, run->variable_count);
        of->read = list_new(run->read, run->read_count);
        of->program = text_new(run->program);
        of->directory = text_new(run->directory);
        if (of->words == NULL || of->variables == NULL || of->read == NULL || of->program == NULL ||
            of->directory == NULL)
                return false;
        int len = snprintf(job->scratch, sizeof(job->scratch), "%s/%llu", runner->scratch,
                           (unsigned long long)run->ticket);
        if (len < 0 || (size_t)len >= sizeof(job->scratch))
                return false;
        sk_runner_remove(job->scratch);
        of->scratch = job->scratch;
        of->host = &runner->host;
        of->rules = (sk_sandbox_rules){.program_dir = of->directory,
                                       .scratch_dir = job->scratch,
                                       .read = (const char *const *)of->read,
                                       .has_network = run->has_network,
                                       .cpu_s = run->cpu_s,
                                       .memory_mib = run->memory_mib,
                                       .files = run->files,
                                       .file_mib = run->scratch_mib};
        sk_buf_add_slice(&job->input, run->input);
        return job->input.err == SK_OK && mkdir(job->scratch, 0700) == 0 && pipes_open(job, of);
}

static sk_job *job_new(const sk_run *run) {
        sk_job *job = sk_alloc_zero(1, sizeof(*job));

        if (job == NULL)
                return NULL;
        job->ticket = run->ticket;
        job->input = sk_buf_make(SK_FRAME_MAX);
        job->output = sk_buf_make(SK_RUN_OUTPUT_MAX + READ_BYTES);
        job->text = sk_buf_make((size_t)SK_RUN_TEXT_MAX * 2 + READ_BYTES);
        job->how = SK_RUN_EXITED;
        job->end_ms = sk_runner_now_ms() + run->timeout_ms;
        job->kill_ms = INT64_MAX;
        job->processes = run->processes;
        job->scratch_bytes = (uint64_t)run->scratch_mib << 20;
        for (unsigned i = 0; i < SK_JOB_PIPES; i++)
                job->fds[i] = -1;
        return job;
}

static void say_not_started(sk_runner *runner, uint64_t ticket, sk_run_how how, int number, const char *text) {
        sk_frame_put_end(
                &runner->out,
                &(sk_run_end){
                        .ticket = ticket, .how = how, .number = number, .output = SK_NONE, .text = sk_slice_of(text)});
}

static bool spawn(sk_job *job, const start *of) {
        job->pid = fork();
        if (job->pid == 0)
                child_become(of);
        return job->pid > 0;
}

void sk_job_start(sk_runner *runner, const sk_run *run) {
        start of = {.theirs = {-1, -1, -1, -1}};
        const char *lacks = NULL;
        sk_job *job = NULL;

        if (!sk_sandbox_is_whole(&runner->host, &lacks) && !run->is_reduced) {
                say_not_started(runner, run->ticket, SK_RUN_REFUSED, 0, lacks);
                return;
        }
        job = job_new(run);
        if (job != NULL && prepare(runner, run, job, &of) && spawn(job, &of)) {
                job->next = runner->jobs;
                runner->jobs = job;
                runner->job_count++;
                sk_frame_put(&runner->out, SK_FRAME_STARTED, job->ticket, (int32_t)job->pid);
        } else {
                say_not_started(runner, run->ticket, SK_RUN_NOT_STARTED, errno, "there is no room to start it");
                if (job != NULL && job->scratch[0] != '\0')
                        sk_runner_remove(job->scratch);
                sk_job_free(job);
        }
        start_free(&of);
}

/* ---- its pipes ---- */

static void pipe_close(sk_job *job, sk_job_pipe which) {
        if (job->fds[which] >= 0)
                (void)close(job->fds[which]);
        job->fds[which] = -1;
}

static void feed(sk_job *job) {
        while (job->input_at < job->input.len) {
                ssize_t sent =
                        write(job->fds[SK_JOB_IN], job->input.at + job->input_at, job->input.len - job->input_at);
                if (sent < 0 && errno == EAGAIN)
                        return;
                if (sent < 0)
                        break; /* it does not want to read it: no fault of its own */
                job->input_at += (size_t)sent;
        }
        pipe_close(job, SK_JOB_IN);
}

/* Standard error is kept to its last bytes. */
static void text_trim(sk_job *job) {
        if (job->text.len <= 2 * SK_RUN_TEXT_MAX)
                return;
        memmove(job->text.at, job->text.at + job->text.len - SK_RUN_TEXT_MAX, SK_RUN_TEXT_MAX);
        job->text.len = SK_RUN_TEXT_MAX;
}

static void keep(sk_job *job, sk_job_pipe which, const char *bytes, size_t len) {
        if (which == SK_JOB_OUT) {
                if (job->output.len + len <= SK_RUN_OUTPUT_MAX)
                        sk_buf_add(&job->output, bytes, len);
                else
                        sk_job_kill(job, SK_RUN_OUTPUT);
                return;
        }
        job->text_bytes += len;
        sk_buf_add(&job->text, bytes, len);
        text_trim(job);
        if (job->text_bytes > TEXT_MOST)
                sk_job_kill(job, SK_RUN_OUTPUT);
}

static void take(sk_job *job, sk_job_pipe which) {
        char bytes[READ_BYTES];
        ssize_t got = read(job->fds[which], bytes, sizeof(bytes));

        if (got < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (got <= 0)
                pipe_close(job, which);
        else
                keep(job, which, bytes, (size_t)got);
}

static void take_status(sk_job *job) {
        child_fault fault;
        ssize_t got = read(job->fds[SK_JOB_STATUS], &fault, sizeof(fault));

        if (got < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (got == (ssize_t)sizeof(fault)) {
                fault.what[sizeof(fault.what) - 1] = '\0';
                job->how = SK_RUN_NOT_STARTED;
                job->failed_errno = fault.number;
                (void)snprintf(job->failed, sizeof(job->failed), "%s: %s", fault.what, strerror(fault.number));
        }
        pipe_close(job, SK_JOB_STATUS);
}

void sk_job_serve(sk_job *job, sk_job_pipe which) {
        if (job->fds[which] < 0)
                return;
        if (which == SK_JOB_IN)
                feed(job);
        else if (which == SK_JOB_STATUS)
                take_status(job);
        else
                take(job, which);
}

/* ---- its end ---- */

static void signal_all(const sk_job *job, int number) {
        assert(job->pid > 1);
        if (kill(-job->pid, number) != 0)
                (void)kill(job->pid, number); /* it has no group yet */
}

void sk_job_end(sk_job *job, sk_run_how how) {
        if (job->kill_ms != INT64_MAX)
                return;
        job->how = how;
        job->end_ms = INT64_MAX;
        job->kill_ms = sk_runner_now_ms() + GRACE_MS;
        signal_all(job, SIGTERM);
}

void sk_job_kill(sk_job *job, sk_run_how how) {
        job->how = how;
        job->end_ms = INT64_MAX;
        job->kill_ms = INT64_MAX - 1; /* never again, and not to be ended in another way */
        signal_all(job, SIGKILL);
}

static sk_run_end end_of(const sk_job *job, int code, int status) {
        sk_run_end end = {.ticket = job->ticket,
                          .how = job->how,
                          .number = job->failed_errno,
                          .output = sk_buf_slice(&job->output),
                          .text = sk_buf_slice(&job->text)};

        if (end.text.len > SK_RUN_TEXT_MAX)
                end.text = (sk_slice){end.text.at + end.text.len - SK_RUN_TEXT_MAX, SK_RUN_TEXT_MAX};
        if (job->how == SK_RUN_NOT_STARTED)
                end.text = sk_slice_of(job->failed);
        if (job->how != SK_RUN_EXITED)
                return end;
        end.how = code == CLD_EXITED ? SK_RUN_EXITED : SK_RUN_KILLED;
        end.number = status;
        return end;
}

/* What it put out last may still lie in its pipes; somebody else may hold their other ends open. */
static void drain(sk_job *job) {
        static const sk_job_pipe pipes[] = {SK_JOB_STATUS, SK_JOB_OUT, SK_JOB_ERR};

        for (unsigned i = 0; i < sizeof(pipes) / sizeof(*pipes); i++) {
                uint64_t before;
                do {
                        before = job->output.len + job->text_bytes;
                        sk_job_serve(job, pipes[i]);
                } while (job->fds[pipes[i]] >= 0 && job->output.len + job->text_bytes > before);
        }
}

void sk_job_over(sk_runner *runner, sk_job *job, int code, int status) {
        sk_job **at = &runner->jobs;

        drain(job);
        if (!job->is_silent) {
                sk_run_end end = end_of(job, code, status);
                sk_frame_put_end(&runner->out, &end);
        }
        while (*at != job)
                at = &(*at)->next;
        *at = job->next;
        runner->job_count--;
        sk_job_free(job);
}

void sk_job_free(sk_job *job) {
        if (job == NULL)
                return;
        for (unsigned i = 0; i < SK_JOB_PIPES; i++)
                pipe_close(job, (sk_job_pipe)i);
        if (job->pid > 0)
                sk_runner_remove(job->scratch);
        sk_buf_free(&job->input);
        sk_buf_free(&job->output);
        sk_buf_free(&job->text);
        sk_free(job);
}
