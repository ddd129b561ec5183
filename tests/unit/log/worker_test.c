#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "log/worker.h"
#include "support/failing_alloc.h"

#define JOBS_MAX 8
#define STALLED_MS 60000

/* What the worker's thread and the test share. */
typedef struct desk {
        atomic_bool is_stopping;
        atomic_uint begun;
        atomic_uint done;
        atomic_uint chores;
        int chore_again_ms;
        int fds[2]; /* a job that waits reads from it */
        unsigned dropped;
        pthread_t owner;
} desk;

typedef struct task {
        bool waits;
        unsigned until_put; /* waits until so many were put */
        unsigned number;    /* in which order it was done */
        bool is_elsewhere;
        bool hears_signals;
} task;

static atomic_uint put_count;

static void perform(void *self, void *job) {
        desk *d = self;
        task *t = job;
        sigset_t blocked;
        char byte;

        atomic_fetch_add(&d->begun, 1);
        if (t->waits)
                assert(read(d->fds[0], &byte, 1) == 1);
        while (atomic_load(&put_count) < t->until_put && !atomic_load(&d->is_stopping))
                (void)poll(NULL, 0, 1);
        (void)pthread_sigmask(SIG_BLOCK, NULL, &blocked);
        t->hears_signals = sigismember(&blocked, SIGTERM) != 1;
        t->is_elsewhere = pthread_equal(pthread_self(), d->owner) == 0;
        t->number = atomic_fetch_add(&d->done, 1);
}

static int chore(void *self) {
        desk *d = self;

        atomic_fetch_add(&d->chores, 1);
        return d->chore_again_ms;
}

static void drop(void *self, void *job) {
        desk *d = self;

        (void)job;
        d->dropped++;
}

static void desk_open(desk *d) {
        *d = (desk){.owner = pthread_self()};
        atomic_init(&d->is_stopping, false);
        assert_int_equal(pipe(d->fds), 0);
        atomic_store(&put_count, 0);
}

static void desk_close(const desk *d) {
        close(d->fds[0]);
        close(d->fds[1]);
}

static sk_worker_config config_of(desk *d) {
        return (sk_worker_config){.jobs_max = JOBS_MAX,
                                  .stack_bytes = (size_t)256 * 1024,
                                  .gives_back = true,
                                  .perform = perform,
                                  .drop = drop,
                                  .self = d,
                                  .is_stopping = &d->is_stopping};
}

static void *take(sk_worker *worker) {
        void *job;

        while ((job = sk_worker_take(worker)) == NULL) {
                struct pollfd wait = {.fd = sk_worker_fd(worker), .events = POLLIN};
                assert_int_equal(poll(&wait, 1, STALLED_MS), 1);
        }
        return job;
}

static void count_await(const atomic_uint *counter, unsigned count) {
        for (int waited = 0; atomic_load(counter) < count; waited++) {
                assert_true(waited < STALLED_MS);
                (void)poll(NULL, 0, 1);
        }
}

static void test_jobs_are_done_in_order_on_a_thread_that_hears_no_signals(void **state) {
        task tasks[JOBS_MAX] = {0};
        desk d;

        (void)state;
        desk_open(&d);
        sk_worker_config config = config_of(&d);
        sk_worker *worker = sk_worker_new(&config);
        for (size_t i = 0; i < JOBS_MAX; i++)
                assert_true(sk_worker_put(worker, &tasks[i]));
        for (size_t i = 0; i < JOBS_MAX; i++) {
                assert_ptr_equal(take(worker), &tasks[i]);
                assert_int_equal(tasks[i].number, i);
                assert_true(tasks[i].is_elsewhere);
                assert_false(tasks[i].hears_signals);
        }
        assert_null(sk_worker_take(worker));
        assert_true(sk_worker_free(worker, 0));
        assert_true(sk_worker_free(NULL, 0));
        desk_close(&d);
}

static void test_more_jobs_than_were_agreed_are_refused(void **state) {
        task tasks[JOBS_MAX + 2] = {{.waits = true}};
        size_t count = 0;
        desk d;

        (void)state;
        desk_open(&d);
        sk_worker_config config = config_of(&d);
        sk_worker *worker = sk_worker_new(&config);
        /* The first one may have been begun; it counts until it is taken back. */
        while (count < JOBS_MAX + 2 && sk_worker_put(worker, &tasks[count]))
                count++;
        assert_int_equal(count, JOBS_MAX);
        assert_int_equal(write(d.fds[1], "", 1), 1);
        assert_true(sk_worker_free(worker, 0));
        desk_close(&d);
}

static void test_it_ends_after_its_job_and_drops_the_rest(void **state) {
        task tasks[JOBS_MAX] = {{.waits = true}};
        desk d;

        (void)state;
        desk_open(&d);
        sk_worker_config config = config_of(&d);
        config.gives_back = false;
        sk_worker *worker = sk_worker_new(&config);
        for (size_t i = 0; i < JOBS_MAX; i++)
                assert_true(sk_worker_put(worker, &tasks[i]));
        assert_int_equal(write(d.fds[1], "", 1), 1);
        assert_true(sk_worker_free(worker, 0));
        assert_int_equal(atomic_load(&d.done) + d.dropped, JOBS_MAX);
        assert_true(atomic_load(&d.is_stopping));
        desk_close(&d);
}

/* It stays, with all that it may touch. */
static void test_one_that_does_not_end_is_left_to_itself(void **state) {
        static task waiting = {.waits = true};
        static desk d;
        static sk_worker *worker;

        (void)state;
        desk_open(&d);
        sk_worker_config config = config_of(&d);
        worker = sk_worker_new(&config);
        assert_true(sk_worker_put(worker, &waiting));
        count_await(&d.begun, 1);
        assert_false(sk_worker_free(worker, 1));
        assert_int_equal(d.dropped, 0);
        assert_int_equal(write(d.fds[1], "", 1), 1);
        count_await(&d.done, 1);
}

static void test_a_chore_is_done_while_there_are_always_jobs(void **state) {
        task tasks[2] = {{0}};
        desk d;

        (void)state;
        desk_open(&d);
        sk_worker_config config = config_of(&d);
        config.chore = chore;
        config.chore_ms = 1;
        sk_worker *worker = sk_worker_new(&config);
        for (unsigned i = 0; atomic_load(&d.chores) < 3; i++) {
                task *t = &tasks[i % 2];
                if (i >= 2)
                        assert_ptr_equal(take(worker), t);
                t->until_put = i + 2; /* none ends before the next one is there */
                assert_true(sk_worker_put(worker, t));
                atomic_store(&put_count, i + 1);
        }
        assert_true(sk_worker_free(worker, 0));
        desk_close(&d);
}

static void test_a_chore_that_wants_to_rests_until_there_was_a_job(void **state) {
        task one = {0};
        desk d;

        (void)state;
        desk_open(&d);
        d.chore_again_ms = -1;
        sk_worker_config config = config_of(&d);
        config.chore = chore;
        config.chore_ms = 1;
        sk_worker *worker = sk_worker_new(&config);
        count_await(&d.chores, 1);
        assert_true(sk_worker_put(worker, &one));
        assert_ptr_equal(take(worker), &one);
        count_await(&d.chores, 2);
        assert_true(sk_worker_free(worker, 0));
        assert_int_equal(atomic_load(&d.chores), 2);
        desk_close(&d);
}

static bool make_a_worker(void *self) {
        sk_worker_config config = config_of(self);
        sk_worker *worker = sk_worker_new(&config);

        return worker != NULL && sk_worker_free(worker, 0);
}

static void test_without_memory_there_is_none_and_nothing_is_lost(void **state) {
        desk d;

        (void)state;
        desk_open(&d);
        failing_alloc_each(make_a_worker, &d);
        desk_close(&d);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_jobs_are_done_in_order_on_a_thread_that_hears_no_signals),
                cmocka_unit_test(test_more_jobs_than_were_agreed_are_refused),
                cmocka_unit_test(test_it_ends_after_its_job_and_drops_the_rest),
                cmocka_unit_test(test_one_that_does_not_end_is_left_to_itself),
                cmocka_unit_test(test_a_chore_is_done_while_there_are_always_jobs),
                cmocka_unit_test(test_a_chore_that_wants_to_rests_until_there_was_a_job),
                cmocka_unit_test(test_without_memory_there_is_none_and_nothing_is_lost),
        };

        return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
