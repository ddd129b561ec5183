#include "log/worker.h"

#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>

#include "kit/alloc.h"
#include "kit/spsc.h"

/* Two threads touch this file: `run` and what it calls is the worker's, the rest is its owner's. */

struct sk_worker {
        sk_worker_config config;
        sk_spsc *jobs;
        sk_spsc *done;
        pthread_t thread;
        bool has_thread;
        int64_t due_ms; /* the worker's: when the chore is; INT64_MAX: never */
        size_t owed;    /* the owner's: jobs put and not taken back, where they are given back */
};

static char bell; /* what is put for the worker to wake up, and is no job */

/* ---- the worker's thread ---- */

static bool is_stopping(const sk_worker *worker) {
        return atomic_load(worker->config.is_stopping);
}

static void perform(sk_worker *worker, void *job) {
        worker->config.perform(worker->config.self, job);
        if (worker->done == NULL)
                return;
        bool has_room = sk_spsc_put(worker->done, job);
        assert(has_room);
        (void)has_room;
}

static int64_t clock_ms(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void due_set(sk_worker *worker, int after_ms) {
        worker->due_ms = after_ms < 0 ? INT64_MAX : clock_ms() + after_ms;
}

/* Until there is a job, or something is due. */
static void wait_for_job(sk_worker *worker) {
        struct pollfd wait = {.fd = sk_spsc_fd(worker->jobs), .events = POLLIN};
        int64_t left_ms = worker->due_ms == INT64_MAX ? -1 : worker->due_ms - clock_ms();

        (void)poll(&wait, 1, worker->due_ms != INT64_MAX && left_ms < 0 ? 0 : (int)left_ms);
        sk_spsc_drain(worker->jobs);
}

static void *run(void *self) {
        sk_worker *worker = self;
        const sk_worker_config *config = &worker->config;

        due_set(worker, config->chore == NULL ? -1 : config->chore_ms);
        while (!is_stopping(worker)) {
                void *job = sk_spsc_take(worker->jobs);
                if (job == &bell)
                        break;
                if (job == NULL)
                        wait_for_job(worker);
                else
                        perform(worker, job);
                if (job != NULL && worker->due_ms == INT64_MAX && config->chore != NULL)
                        due_set(worker, config->chore_ms);
                if (worker->due_ms != INT64_MAX && clock_ms() >= worker->due_ms)
                        due_set(worker, config->chore(config->self));
        }
        return NULL;
}

/* ---- the owner's ---- */

/* Signals are the owner's. */
static bool start(sk_worker *worker) {
        sigset_t all;
        sigset_t before;
        pthread_attr_t attributes;

        if (pthread_attr_init(&attributes) != 0)
                return false;
        (void)pthread_attr_setstacksize(&attributes, worker->config.stack_bytes);
        (void)sigfillset(&all);
        (void)pthread_sigmask(SIG_SETMASK, &all, &before);
        worker->has_thread = pthread_create(&worker->thread, &attributes, run, worker) == 0;
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
        (void)pthread_attr_destroy(&attributes);
        return worker->has_thread;
}

sk_worker *sk_worker_new(const sk_worker_config *config) {
        assert(config != NULL);
        assert(config->perform != NULL);
        assert(config->is_stopping != NULL);
        sk_worker *worker = sk_alloc_zero(1, sizeof(*worker));
        if (worker == NULL)
                return NULL;

        worker->config = *config;
        worker->jobs = sk_spsc_new(config->jobs_max);
        worker->done = config->gives_back ? sk_spsc_new(config->jobs_max) : NULL;
        if (worker->jobs == NULL || (config->gives_back && worker->done == NULL) || !start(worker)) {
                (void)sk_worker_free(worker, 0);
                return NULL;
        }
        return worker;
}

static bool join(const sk_worker *worker, unsigned seconds) {
        struct timespec until;

        if (seconds == 0)
                return pthread_join(worker->thread, NULL) == 0;
        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += (time_t)seconds;
        return pthread_timedjoin_np(worker->thread, NULL, &until) == 0;
}

bool sk_worker_free(sk_worker *worker, unsigned seconds) {
        if (worker == NULL)
                return true;
        atomic_store(worker->config.is_stopping, true);
        if (worker->has_thread) {
                (void)sk_spsc_put(worker->jobs, &bell); /* a full queue rings as well */
                if (!join(worker, seconds)) {
                        (void)pthread_detach(worker->thread);
                        return false;
                }
        }
        for (void *job; worker->jobs != NULL && (job = sk_spsc_take(worker->jobs)) != NULL;) {
                if (job != &bell && worker->config.drop != NULL)
                        worker->config.drop(worker->config.self, job);
        }
        sk_spsc_free(worker->jobs);
        sk_spsc_free(worker->done);
        sk_free(worker);
        return true;
}

bool sk_worker_put(sk_worker *worker, void *job) {
        assert(worker != NULL);
        assert(job != NULL);
        assert(worker->owed <= worker->config.jobs_max);
        if (worker->done != NULL && worker->owed == worker->config.jobs_max)
                return false;
        bool is_put = sk_spsc_put(worker->jobs, job);
        worker->owed += is_put;
        return is_put;
}

void *sk_worker_take(sk_worker *worker) {
        assert(worker != NULL);
        assert(worker->done != NULL);
        sk_spsc_drain(worker->done);
        void *job = sk_spsc_take(worker->done);
        worker->owed -= job != NULL;
        return job;
}

int sk_worker_fd(const sk_worker *worker) {
        assert(worker != NULL);
        assert(worker->done != NULL);
        return sk_spsc_fd(worker->done);
}
