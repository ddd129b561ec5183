/*
 * What open calls cost: memory, throughput beside them, and their restore.
 */

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/open_calls.h"

#define BLOCK 1024
#define MANY 1000000
#define QUICK_MANY 200000

#define SIZES 3
#define RESTORES 3

/* A link with so many open calls, and what was measured with it. */
typedef struct sized {
        size_t open;
        instant link;
        double used;     /* bytes */
        double resident; /* bytes */
        bench_rounds restore;
        bench_rounds whole;
        bench_rounds claim;
} sized;

typedef struct beside {
        instant *link; /* the one in use */
        sk_record records[BLOCK];
        size_t record_count;
        uint64_t next_call;
} beside;

static beside o;

/* ---- beside them ---- */

static void run_given(void *self) {
        (void)self;
        for (size_t i = 0; i < o.record_count; i++)
                instant_give(o.link, &o.records[i]);
        instant_run(o.link);
}

/* Whole calls that come and go. */
static void block_of_raises(void) {
        for (o.record_count = 0; o.record_count < BLOCK; o.record_count++)
                o.records[o.record_count] = world_call_record(open_calls_manual(), SK_CALL_RAISE, o.next_call++, 1,
                                                              open_calls_manual()->raise);
}

/* A claim of an open call, all over the place. */
static void block_of_claims(size_t calls) {
        const sk_topic *work = sk_topics_own(open_calls_manual()->topics, SK_TOPIC_WORK);

        for (o.record_count = 0; o.record_count < BLOCK; o.record_count++)
                o.records[o.record_count] =
                        world_work_record(open_calls_manual(), work, SK_WORK_CLAIM,
                                          o.next_call++ * UINT64_C(982451653) % calls, 1, "{\"visit\":1}");
}

static void throughput(size_t open, bool of_claims, size_t inputs, bench_time *time) {
        for (size_t done = 0; done < inputs; done += BLOCK) {
                sk_arena_reset(open_calls_manual()->arena);
                if (of_claims)
                        block_of_claims(open);
                else
                        block_of_raises();
                instant_adopt(o.link, o.records, o.record_count);
                bench_measured(time, run_given, NULL);
        }
}

static const char *name_of(const char *what, size_t open) {
        static char text[64];

        (void)snprintf(text, sizeof(text),
                       open >= 1000000 ? "%s-%zuM"
                       : open > 0      ? "%s-%zuk"
                                       : "%s-0",
                       what, open >= 1000000 ? open / 1000000 : open / 1000);
        return text;
}

/* Restores some times, each as at a start, with memory that the system has yet to give; keeps the last. */
static void size_begin(sized *size, size_t restores) {
        o.link = &size->link;
        for (size_t i = 0; i < restores; i++) {
                bench_time time = {0};
                size_t before = bench_memory();
                size_t resident_before = bench_resident();

                instant_begin(o.link, open_calls_automatic(), "centre");
                open_calls_restore(o.link, size->open, NULL, &time);
                open_calls_check(o.link, size->open);
                size->used = (double)(bench_memory() - before);
                size->resident = (double)bench_resident() - (double)resident_before;
                if (size->open > 0)
                        bench_rounds_add(&size->restore, &time, size->open);
                if (i + 1 == restores)
                        break;
                instant_free(o.link);
                (void)malloc_trim(0);
        }
}

/* So many whole calls and claims beside the open ones; the sizes take turns block by block. */
static void sizes_round(sized *sizes, size_t blocks) {
        bench_time whole[SIZES] = {0};
        bench_time claim[SIZES] = {0};

        for (size_t block = 0; block < blocks; block++)
                for (size_t i = 0; i < SIZES; i++) {
                        o.link = &sizes[i].link;
                        throughput(sizes[i].open, false, BLOCK, &whole[i]);
                        if (sizes[i].open > 0)
                                throughput(sizes[i].open, true, BLOCK, &claim[i]);
                        open_calls_check(o.link, sizes[i].open);
                }
        for (size_t i = 0; i < SIZES; i++) {
                bench_rounds_add(&sizes[i].whole, &whole[i], blocks * BLOCK);
                if (sizes[i].open > 0)
                        bench_rounds_add(&sizes[i].claim, &claim[i], blocks * BLOCK);
        }
}

static void size_print(const sized *size) {
        double open = (double)size->open;

        if (size->open == 0) {
                bench_print_value(name_of("memory", 0), size->used / 1e6, "MB in all", "");
        } else {
                bench_print_value(name_of("memory", size->open), size->used / open - (double)open_calls_data_bytes(),
                                  "bytes beyond the data", "1024 at most");
                bench_print_value(name_of("memory, resident", size->open),
                                  size->resident / open - (double)open_calls_data_bytes(), "bytes beyond the data", "");
                bench_print_time(name_of("restore", size->open), &size->restore, 200000);
                bench_print_time(name_of("claim", size->open), &size->claim, 0);
        }
        bench_print_time(name_of("whole", size->open), &size->whole, 0);
}

/* Share of the speed with none, the median of what each round says. */
static void share_print(const char *name, const bench_rounds *none, const bench_rounds *some, const char *bar) {
        double shares[BENCH_ROUNDS_MAX];

        for (size_t i = 0; i < none->count; i++)
                shares[i] = 100 * none->each_us[i] / some->each_us[i];
        bench_print_value(name, bench_median(shares, none->count), "%", bar);
}

static void bench_open(const bench_options *options) {
        static sized sizes[SIZES];
        size_t many = bench_count(options, MANY, QUICK_MANY);

        sizes[1].open = many / 10;
        sizes[2].open = many;
        for (size_t i = 0; i < SIZES; i++)
                size_begin(&sizes[i], options->is_quick || sizes[i].open == 0 ? 1 : RESTORES);
        o.next_call = (uint64_t)1 << 32;
        for (size_t i = 0; i < bench_rounds_of(options); i++)
                sizes_round(sizes, options->is_quick ? 2 : 10);
        for (size_t i = 0; i < SIZES; i++) {
                size_print(&sizes[i]);
                instant_free(&sizes[i].link);
        }
        share_print(name_of("whole, share of none: ", many / 10), &sizes[0].whole, &sizes[1].whole, "");
        share_print(name_of("whole, share of none: ", many), &sizes[0].whole, &sizes[2].whole, "90 at least");
        share_print(name_of("claim, share of a tenth: ", many), &sizes[1].claim, &sizes[2].claim, "");
}

/* One case for counting instructions: a restore of so many. */
static void bench_restore(size_t calls) {
        static instant link;
        bench_rounds rounds = {0};
        bench_time time = {0};

        o.link = &link;
        instant_begin(o.link, open_calls_automatic(), "centre");
        open_calls_restore(o.link, calls, NULL, &time);
        bench_rounds_add(&rounds, &time, calls);
        bench_print_time("restore", &rounds, 200000);
        instant_free(o.link);
}

int main(int argc, char **argv) {
        bench_options options = bench_options_of(argc, argv);

        open_calls_begin();
        if (bench_wants(&options, "open"))
                bench_open(&options);
        if (options.only != NULL && bench_wants(&options, "restore"))
                bench_restore(bench_count(&options, 100000, 10000));
        open_calls_end();
        return 0;
}
