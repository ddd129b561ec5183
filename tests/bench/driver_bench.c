/* The driver on a log that answers at once, and on the memory log; whole calls of an automatic routine. */

#include "bench/bench.h"
#include "bench/instant.h"
#include "bench/world.h"
#include "log/memory_client.h"

#define BLOCK 1024
#define BAR 20000
#define MOVES_MAX 1000000000

typedef struct written {
        double records;
        double bytes;
} written;

typedef struct driving {
        world *w;
        instant centre;
        instant finance;
        sk_record records[BLOCK * WORLD_LIFE_INPUTS];
        size_t record_count;
        uint64_t next_call;
        sk_memory_broker *broker;
        sk_memory_client *client;
        sk_memory_notes notes;
        written written_by_whole;
        written written_by_life;
} driving;

static driving d;

static uint64_t closed_by(const sk_driver *driver) {
        sk_driver_numbers numbers;

        sk_driver_count(driver, &numbers);
        if (numbers.dead_letters > 0 || numbers.duplicates > 0)
                bench_fail("%llu dead letters", (unsigned long long)numbers.dead_letters);
        return numbers.calls_closed;
}

static void raises_make(void) {
        sk_arena_reset(d.w->arena);
        for (d.record_count = 0; d.record_count < BLOCK; d.record_count++)
                d.records[d.record_count] = world_call_record(d.w, SK_CALL_RAISE, d.next_call++, 1, d.w->raise);
        instant_adopt(&d.centre, d.records, d.record_count);
}

/* ---- one link ---- */

static void run_given(void *self) {
        (void)self;
        for (size_t i = 0; i < d.record_count; i++)
                instant_give(&d.centre, &d.records[i]);
        instant_run(&d.centre);
}

static written written_each(size_t calls) {
        return (written){(double)d.centre.records / (double)calls, (double)d.centre.bytes / (double)calls};
}

static void print_written(const char *name, const written *each) {
        if (each->records > 0)
                bench_print_note("%s: %.1f records and %.0f bytes written a call", name, each->records, each->bytes);
}

static size_t bench_whole(size_t calls, bench_time *time) {
        size_t done = 0;

        d.w = world_new(WORLD_AUTOMATIC, 4);
        instant_start(&d.centre, d.w, "centre");
        for (; done < calls; done += BLOCK) {
                raises_make();
                bench_measured(time, run_given, NULL);
        }
        if (closed_by(d.centre.driver) != done)
                bench_fail("%llu of %zu calls were closed", (unsigned long long)closed_by(d.centre.driver), done);
        d.written_by_whole = written_each(done);
        instant_free(&d.centre);
        world_free(d.w);
        return done;
}

/* All calls of the block together, one input of each after the other. */
static void lives_make(void) {
        static sk_record lives[BLOCK][WORLD_LIFE_INPUTS];

        sk_arena_reset(d.w->arena);
        for (size_t i = 0; i < BLOCK; i++)
                world_life(d.w, d.next_call++, lives[i]);
        d.record_count = 0;
        for (size_t k = 0; k < WORLD_LIFE_INPUTS; k++)
                for (size_t i = 0; i < BLOCK; i++)
                        d.records[d.record_count++] = lives[i][k];
        instant_adopt(&d.centre, d.records, d.record_count);
}

static void run_life(void *self) {
        (void)self;
        for (size_t i = 0; i < d.record_count; i++) {
                instant_give(&d.centre, &d.records[i]);
                if (i % BLOCK == BLOCK - 1)
                        instant_run(&d.centre);
        }
}

static size_t bench_life(size_t calls, bench_time *time) {
        size_t done = 0;

        d.w = world_new(WORLD_MANUAL, 4);
        instant_start(&d.centre, d.w, "centre");
        for (; done < calls; done += BLOCK) {
                lives_make();
                bench_measured(time, run_life, NULL);
        }
        if (closed_by(d.centre.driver) != done)
                bench_fail("%llu of %zu calls were closed", (unsigned long long)closed_by(d.centre.driver), done);
        d.written_by_life = written_each(done);
        instant_free(&d.centre);
        world_free(d.w);
        return done;
}

/* ---- two links ---- */

static void work_raises_make(void) {
        const sk_topic *work = sk_topics_own(sk_driver_topics(d.finance.driver), SK_TOPIC_WORK);

        sk_arena_reset(d.w->arena);
        for (d.record_count = 0; d.record_count < BLOCK; d.record_count++)
                d.records[d.record_count] =
                        world_work_record(d.w, work, SK_WORK_RAISE, d.next_call++, 0, d.w->work_raise);
}

static void run_pair(void *self) {
        (void)self;
        for (size_t i = 0; i < d.record_count; i++)
                instant_give(&d.finance, &d.records[i]);
        instant_run_pair(&d.finance, &d.centre);
}

static size_t bench_chain(size_t calls, bench_time *time) {
        size_t done = 0;
        sk_driver_numbers numbers;

        d.w = world_new(WORLD_AUTOMATIC, 4);
        instant_start(&d.centre, d.w, "centre");
        instant_start(&d.finance, d.w, "finance");
        d.centre.other = &d.finance;
        d.finance.other = &d.centre;
        for (; done < calls; done += BLOCK) {
                work_raises_make();
                bench_measured(time, run_pair, NULL);
        }
        sk_driver_count(d.finance.driver, &numbers);
        if (closed_by(d.centre.driver) != done || numbers.stubs != done)
                bench_fail("not every call was closed on both sides");
        instant_free(&d.finance);
        instant_free(&d.centre);
        world_free(d.w);
        return done;
}

/* ---- on the memory log ---- */

static void memory_start(void) {
        sk_driver_config config = {.edition = d.w->edition,
                                   .team = SK_SLICE("centre"),
                                   .partitions = d.w->partitions,
                                   .instance = SK_SLICE("bench"),
                                   .open_calls_max = UINT64_MAX};
        sk_memory_client_config client = {.instance = SK_SLICE("bench"), .notes = &d.notes};

        d.notes = (sk_memory_notes){.count = 0};
        client.broker = d.broker = sk_memory_broker_new(d.w->partitions);
        client.driver = d.centre.driver = sk_driver_new(&config);
        d.client = d.broker == NULL || client.driver == NULL ? NULL : sk_memory_client_new(&client);
        if (d.client == NULL)
                bench_fail("no memory");
        sk_memory_broker_clock(d.broker, WORLD_NOW_US);
        (void)sk_memory_client_run(d.client, WORLD_NOW_US, MOVES_MAX);
        if (!sk_memory_client_is_running(d.client))
                bench_fail("the memory log does not run");
}

static void run_memory(void *self) {
        sk_memory_topic *topic = sk_memory_topic_open(d.broker, d.records[0].topic->name);

        (void)self;
        for (size_t i = 0; i < d.record_count; i++)
                if (sk_memory_append(d.broker, topic, &d.records[i]) != SK_OK)
                        bench_fail("no memory");
        (void)sk_memory_client_run(d.client, WORLD_NOW_US, MOVES_MAX);
}

static size_t bench_memory_log(size_t calls, bench_time *time) {
        size_t done = 0;

        d.w = world_new(WORLD_AUTOMATIC, 4);
        memory_start();
        for (; done < calls; done += BLOCK) {
                raises_make();
                bench_measured(time, run_memory, NULL);
        }
        if (closed_by(d.centre.driver) != done)
                bench_fail("%llu of %zu calls were closed", (unsigned long long)closed_by(d.centre.driver), done);
        sk_memory_client_free(d.client);
        instant_free(&d.centre);
        sk_memory_broker_free(d.broker);
        world_free(d.w);
        return done;
}

int main(int argc, char **argv) {
        static const bench_case cases[] = {{"driver-whole", bench_whole, 12000, 2000, BAR},
                                           {"memory-whole", bench_memory_log, 10000, 2000, BAR},
                                           {"driver-chain", bench_chain, 10000, 2000, 0},
                                           {"driver-life", bench_life, 4000, 1000, 0}};
        bench_options options = bench_options_of(argc, argv);

        bench_run(&options, cases, sizeof(cases) / sizeof(cases[0]));
        print_written("driver-whole", &d.written_by_whole);
        print_written("driver-life", &d.written_by_life);
        return 0;
}
