/*
 * What pending timers cost: memory, throughput beside them, how near to its time each is done, and how long it takes until
 * all are done that became due while nobody ran. Time is virtual: the clock goes to where the driver wants its next turn.
 */

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"
#include "bench/open_calls.h"
#include "kit/when.h"

#define MANY 1000000
#define QUICK_MANY 100000
#define STEP_US INT64_C(1000)                       /* between two timers */
#define FIRST_US (WORLD_NOW_US + 60 * SK_SECOND_US) /* long before anything that the calls themselves are due for */

static struct {
        instant none;
        instant some;
        sk_record records[OPEN_CALLS_BLOCK];
        size_t record_count;
        uint64_t next_call;
        instant *link; /* the one in use */
} t;

static int64_t no_timer(size_t number) {
        (void)number;
        return 0;
}

static int64_t own_moment(size_t number) {
        return FIRST_US + (int64_t)number * STEP_US;
}

/* ---- memory ---- */

static double begin(instant *link, size_t count, open_calls_timer *timer) {
        bench_time time = {0};
        size_t before = bench_memory();

        instant_begin(link, open_calls_automatic(), "centre");
        open_calls_restore(link, count, timer, &time);
        open_calls_check(link, count);
        return (double)(bench_memory() - before);
}

/* ---- beside them ---- */

static void run_given(void *self) {
        (void)self;
        for (size_t i = 0; i < t.record_count; i++)
                instant_give(t.link, &t.records[i]);
        instant_run(t.link);
}

static void block_beside(instant *link, bench_time *time) {
        world *w = open_calls_manual();

        t.link = link;
        sk_arena_reset(w->arena);
        for (t.record_count = 0; t.record_count < OPEN_CALLS_BLOCK; t.record_count++)
                t.records[t.record_count] = world_call_record(w, SK_CALL_RAISE, t.next_call++, 1, w->raise);
        instant_adopt(link, t.records, t.record_count);
        bench_measured(time, run_given, NULL);
}

static void print_share(const bench_rounds *none, const bench_rounds *some) {
        double shares[BENCH_ROUNDS_MAX];

        for (size_t i = 0; i < none->count; i++)
                shares[i] = 100 * none->each_us[i] / some->each_us[i];
        bench_print_time("timer-whole, beside none", none, 0);
        bench_print_time("timer-whole, beside many", some, 0);
        bench_print_value("timer-whole, share of none", bench_median(shares, none->count), "%", "90 at least");
}

static void throughput(const bench_options *options) {
        bench_rounds none = {0};
        bench_rounds some = {0};
        size_t blocks = options->is_quick ? 2 : 10;

        for (size_t round = 0; round < bench_rounds_of(options); round++) {
                bench_time without = {0};
                bench_time with = {0};

                for (size_t block = 0; block < blocks; block++) {
                        block_beside(&t.none, &without);
                        block_beside(&t.some, &with);
                }
                bench_rounds_add(&none, &without, blocks * OPEN_CALLS_BLOCK);
                bench_rounds_add(&some, &with, blocks * OPEN_CALLS_BLOCK);
        }
        print_share(&none, &some);
}

/* ---- in time ---- */

typedef struct punctual {
        size_t count;
        int64_t latest_us; /* behind its time */
} punctual;

/* The clock goes from one to the next; each must be done when the driver rests again. */
static void run_punctual(void *self) {
        punctual *all = self;

        for (size_t i = 0; i < all->count; i++) {
                int64_t wake_us = sk_driver_wake_us(t.link->driver);
                int64_t late_us = wake_us - own_moment(i);

                if (late_us < 0)
                        bench_fail("timer %zu was done %lld us before its time", i, (long long)-late_us);
                all->latest_us = late_us > all->latest_us ? late_us : all->latest_us;
                t.link->now_us = wake_us;
                instant_run(t.link);
        }
}

static void one_by_one(size_t count) {
        bench_rounds rounds = {0};
        bench_time time = {0};
        punctual all = {.count = count};

        t.link = &t.some;
        bench_measured(&time, run_punctual, &all);
        bench_rounds_add(&rounds, &time, count);
        bench_print_time("timer-one", &rounds, 0);
        bench_print_value("timer, at most behind its time", (double)all.latest_us / 1000, "ms of virtual time",
                          "100 at most");
}

/* ---- all at once ---- */

static void run_backlog(void *self) {
        (void)self;
        instant_run(t.link);
}

static void backlog(size_t left, size_t done) {
        bench_rounds rounds = {0};
        bench_time time = {0};

        t.link = &t.some;
        t.link->now_us = own_moment(left + done);
        bench_measured(&time, run_backlog, NULL);
        if (sk_driver_wake_us(t.link->driver) <= t.link->now_us)
                bench_fail("not every timer was done");
        bench_rounds_add(&rounds, &time, left);
        bench_print_time("timer-backlog", &rounds, 0);
        bench_print_value("timer-backlog, in all", time.cpu_us / 1e6, "s of CPU until none is due any more", "");
}

int main(int argc, char **argv) {
        bench_options options = bench_options_of(argc, argv);
        size_t many = bench_count(&options, MANY, QUICK_MANY);
        size_t single = many / 10;

        if (!bench_wants(&options, "timer"))
                return 0;
        open_calls_begin();
        t.next_call = (uint64_t)1 << 32;
        double without = begin(&t.none, many, no_timer);
        double with = begin(&t.some, many, own_moment);
        bench_print_value("timer, memory", (with - without) / (double)many, "bytes each, beyond the open call's", "");
        throughput(&options);
        one_by_one(single);
        backlog(many - single, single);
        instant_free(&t.none);
        instant_free(&t.some);
        open_calls_end();
        return 0;
}
