#ifndef SK_HOW_RUNNER_INSIDE_H
#define SK_HOW_RUNNER_INSIDE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "how/frame.h"
#include "how/sandbox.h"
#include "kit/buf.h"

/* What the files of the runner share; nobody else includes this. One thread. */

typedef enum sk_job_pipe { SK_JOB_IN, SK_JOB_OUT, SK_JOB_ERR, SK_JOB_STATUS, SK_JOB_PIPES } sk_job_pipe;

/** A program that runs. */
typedef struct sk_job {
        struct sk_job *next;
        uint64_t ticket;
        pid_t pid;             /**< and group */
        int fds[SK_JOB_PIPES]; /**< -1: closed */
        sk_buf input;
        size_t input_at;
        sk_buf output;
        sk_buf text;
        uint64_t text_bytes; /**< that it has put out, kept or not */
        char failed[160];    /**< what failed before it began */
        int32_t failed_errno;
        sk_run_how how;  /**< SK_RUN_EXITED while nothing else is known */
        bool is_silent;  /**< nobody wants to know how it ends */
        int64_t end_ms;  /**< SIGTERM */
        int64_t kill_ms; /**< SIGKILL; INT64_MAX before SIGTERM */
        uint32_t processes;
        uint32_t seen; /**< processes that it had when it was looked at */
        uint64_t scratch_bytes;
        char scratch[PATH_MAX];
} sk_job;

typedef struct sk_runner {
        int control;
        int signals;
        const char *scratch;
        sk_sandbox_host host;
        sk_buf in;
        sk_buf out;
        size_t out_at;
        sk_job *jobs;
        unsigned job_count;
        int64_t watch_ms; /**< when programs are looked at next */
        bool is_over;
} sk_runner;

/** Milliseconds that only go forward. */
int64_t sk_runner_now_ms(void);

/* ---- runner_job.c ---- */

/** Starts a program; what goes wrong is told as its end. */
void sk_job_start(sk_runner *runner, const sk_run *run);
/** Its pipe can be read or written. */
void sk_job_serve(sk_job *job, sk_job_pipe which);
/** Begins to end it: SIGTERM, and SIGKILL when that does not help. */
void sk_job_end(sk_job *job, sk_run_how how);
/** SIGKILL for all of it. */
void sk_job_kill(sk_job *job, sk_run_how how);
/** Its first process has ended so (see waitid(2)): says how, and forgets it. */
void sk_job_over(sk_runner *runner, sk_job *job, int code, int status);
/** Frees it, whatever it is at. */
void sk_job_free(sk_job *job);

/* ---- runner_watch.c ---- */

/** Looks at all programs: too many processes, too much in their folders, and what has left its group. */
void sk_runner_watch(sk_runner *runner);
/** Takes a folder away with all that is in it. */
void sk_runner_remove(const char *path);

#endif
