#ifndef SK_LOG_LOCAL_COMMIT_H
#define SK_LOG_LOCAL_COMMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/buf.h"
#include "kit/err.h"
#include "kit/slice.h"
#include "link/port.h"
#include "log/local_file.h"
#include "log/local_state.h"

/*
 * The committer: one thread and one connection that write everything a team's link writes (rule L3), so that the loop
 * never waits for a disk or for another writer. Jobs go in and come back through bounded queues, in order.
 *
 * All functions are for the one thread that owns the committer.
 */

typedef struct sk_local_committer sk_local_committer;

typedef enum sk_local_job_kind {
        SK_JOB_TAKE_OVER, /**< raise the team's epoch, make its topics, say in the state directory that the link runs */
        SK_JOB_COMMIT,    /**< write `batch`; comes back with SK_OK, SK_ERR_ABORTED, _UNKNOWN_OUTCOME or _FENCED */
        SK_JOB_RECOMMIT,  /**< find out whether `batch` was written, and write it if not */
        SK_JOB_NOTE,      /**< put `text` into the state directory */
        SK_JOB_FORGET,    /**< take the note away */
} sk_local_job_kind;

/** A job is the owner's memory; untouched by the owner until it is taken back. */
typedef struct sk_local_job {
        sk_local_job_kind kind;
        const sk_batch *batch;
        sk_buf text;
        sk_err result;
        int64_t epoch;
        sk_local_exit last_exit;    /**< SK_JOB_TAKE_OVER: how the last process of this link ended (rule R5) */
        sk_input_place *places;     /**< SK_JOB_TAKE_OVER: SK_LOCAL_NOTES_MAX of the owner's */
        size_t place_count;         /**< what was found there */
        char why[SK_LOCAL_WHY_MAX]; /**< "" unless the result is an error */
} sk_local_job;

typedef struct sk_local_commit_config {
        const char *file; /**< path of the log */
        const char *state_dir;
        sk_slice chain;
        sk_slice team;
        uint32_t acceptance_days; /**< A of rule C1: how long calls, feedback and work are kept */
} sk_local_commit_config;

/**
 * Opens the file and starts the thread; blocks until the file is open, some seconds at worst.
 *
 * @param config  copied
 * @param why     gets the sentence when this fails
 * @param out     new: free with sk_local_committer_free
 */
sk_err sk_local_committer_new(const sk_local_commit_config *config, char why[SK_LOCAL_WHY_MAX],
                              sk_local_committer **out);
/** Stops the thread after the job it is at, which is not begun again if it waits for another writer. NULL is legal. */
void sk_local_committer_free(sk_local_committer *committer);

/** Hands over a job; there is room for SK_LOCAL_JOBS_MAX. */
#define SK_LOCAL_JOBS_MAX 8
/** Hands a job over; it comes back done. */
void sk_local_committer_put(sk_local_committer *committer, sk_local_job *job);
/** A job that is done, or NULL: ask until then, only an empty queue rings again. */
sk_local_job *sk_local_committer_take(sk_local_committer *committer);
/** Readable when a job is done; sk_local_committer_take drains it. */
int sk_local_committer_fd(const sk_local_committer *committer);
/** sk_local_state_crash_fd of the state directory; good from the first take-over on. */
int sk_local_committer_crash_fd(const sk_local_committer *committer);
/** How often a commit had to wait for another writer beyond the time-out; any thread. */
uint64_t sk_local_committer_waits(const sk_local_committer *committer);

#endif
