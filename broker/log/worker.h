#ifndef SK_LOG_WORKER_H
#define SK_LOG_WORKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * A thread of its own for what waits: for a disk, for brokers. Its owner puts jobs in, it does one after another, and
 * those that are done are taken by the owner again, if they are to come back; through bounded queues, and nothing else
 * is shared but what the two agree on. It hears no signals.
 *
 * All functions are for the one thread that owns the worker.
 */

typedef struct sk_worker sk_worker;

typedef struct sk_worker_config {
        size_t jobs_max; /**< a power of two: so many are with the worker, or done and not taken */
        size_t stack_bytes;
        bool gives_back; /**< the owner takes jobs again when they are done; else they are the worker's for good */
        /** Does a job, on the worker's thread. */
        void (*perform)(void *self, void *job);
        /**
         * What is to be done now and then, on the worker's thread and between jobs, however many there are. Returns after
         * how many milliseconds again; -1: `chore_ms` after the next job. NULL: nothing is.
         */
        int (*chore)(void *self);
        int chore_ms; /**< before the first time */
        /** What becomes of a job that is never done, on the owner's thread; NULL: nothing. */
        void (*drop)(void *self, void *job);
        void *self;
        atomic_bool *is_stopping; /**< the owner's: set when the worker is to end, for long jobs to look at */
} sk_worker_config;

/** Starts it; the configuration is copied. NULL without memory or threads. Free with sk_worker_free. */
sk_worker *sk_worker_new(const sk_worker_config *config);
/**
 * Ends it after the job that it is in, however long that takes or, if @p seconds is not 0, no longer than that. Later
 * jobs are dropped. NULL is legal.
 *
 * @return false if it has not ended: then it is left to itself, for the process that ends anyway, and so must be
 *         whatever it may touch
 */
bool sk_worker_free(sk_worker *worker, unsigned seconds);

/** Hands over a job; false: there are jobs_max. */
bool sk_worker_put(sk_worker *worker, void *job);
/** The next job that is done, or NULL: ask until then, only an empty queue rings again. For one that gives back. */
void *sk_worker_take(sk_worker *worker);
/** Readable when there is something to take; sk_worker_take drains it. For one that gives back. */
int sk_worker_fd(const sk_worker *worker);

#endif
