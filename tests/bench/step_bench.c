/* The step alone: records decoded beforehand, state kept by hand, nothing written anywhere. */

#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/world.h"
#include "link/step.h"

#define BLOCK 64
#define KEPT_MAX 8192

/* What is known of one call between its steps. */
typedef struct kept {
        sk_known known;
        size_t head_len;
        size_t data_len;
        char head[KEPT_MAX];
        char data[KEPT_MAX];
} kept;

typedef struct stepper {
        world *w;
        sk_arena *arena;
        sk_out out;
        sk_step_context context;
        size_t inputs; /**< of one call */
        sk_record records[BLOCK][WORLD_LIFE_INPUTS];
        sk_envelope envelopes[BLOCK][WORLD_LIFE_INPUTS];
        kept calls[BLOCK];
        uint64_t next_call;
        size_t written;
} stepper;

static bool never_open(void *self, sk_slice rootid, sk_slice facility, sk_call_type type) {
        (void)self;
        (void)rootid;
        (void)facility;
        (void)type;
        return false;
}

static stepper *stepper_new(world_routine routine, size_t inputs) {
        stepper *s = calloc(1, sizeof(*s));

        if (s == NULL)
                bench_fail("no memory");
        s->w = world_new(routine, 4);
        s->arena = sk_arena_new((size_t)64 << 20);
        s->out = sk_out_make(s->arena, 100000);
        s->inputs = inputs;
        s->context = (sk_step_context){.edition = s->w->edition,
                                       .team = s->w->centre,
                                       .topics = s->w->topics,
                                       .partitions = 4,
                                       .now_us = WORLD_NOW_US,
                                       .arena = s->arena,
                                       .checks = sk_schema_run_new(),
                                       .contract = sk_contract_new(),
                                       .is_open = never_open};
        return s;
}

static void stepper_free(stepper *s) {
        sk_out_free(&s->out);
        sk_arena_free(s->arena);
        world_free(s->w);
        free(s);
}

static void decode(const sk_record *record, sk_envelope *out) {
        sk_reject reject;

        if (sk_envelope_decode(record, SK_SLICE("bench"), 4, out, &reject) != SK_OK)
                bench_fail("%s: %s", reject.reason, reject.text);
}

static void block_make(stepper *s) {
        sk_arena_reset(s->w->arena);
        for (size_t i = 0; i < BLOCK; i++) {
                world_life(s->w, s->next_call++, s->records[i]);
                for (size_t k = 0; k < s->inputs; k++)
                        decode(&s->records[i][k], &s->envelopes[i][k]);
                s->calls[i].known = SK_KNOWN_NOT;
                s->calls[i].head_len = s->calls[i].data_len = 0;
        }
}

static void keep(kept *call, const sk_after *after) {
        if (after->change == SK_CHANGE_CLOSE) {
                call->known = SK_KNOWN_CLOSED;
                return;
        }
        if (after->change != SK_CHANGE_PUT || after->head.len > KEPT_MAX || after->data.len > KEPT_MAX)
                bench_fail("a step ended in change %d with a head of %zu and data of %zu bytes", (int)after->change,
                           after->head.len, after->data.len);
        call->known = SK_KNOWN_OPEN;
        memcpy(call->head, after->head.at, after->head.len);
        call->head_len = after->head.len;
        if (after->data_changed) {
                memcpy(call->data, after->data.at, after->data.len);
                call->data_len = after->data.len;
        }
}

static void step_one(stepper *s, size_t call, size_t input) {
        kept *known = &s->calls[call];
        sk_before before = {
                .known = known->known, .head = {known->head, known->head_len}, .data = {known->data, known->data_len}};
        sk_step_input what = {
                .kind = SK_INPUT_MESSAGE, .record = &s->records[call][input], .envelope = &s->envelopes[call][input]};
        sk_after after;
        sk_reject reject;

        if (sk_step(&s->context, &before, &what, &s->out, &after, &reject) != SK_OK)
                bench_fail("step: %s: %s", reject.reason == NULL ? "error" : reject.reason, reject.text);
        keep(known, &after);
}

/* As in a batch of the driver: calls take turns, and the arena is emptied now and then. */
static void run_block(void *self) {
        stepper *s = self;

        for (size_t k = 0; k < s->inputs; k++) {
                for (size_t i = 0; i < BLOCK; i++)
                        step_one(s, i, k);
                s->written += s->out.count;
                sk_out_rewind(&s->out, 0);
                s->out.records = NULL;
                s->out.capacity = 0;
                sk_arena_reset(s->arena);
        }
}

static void check(const stepper *s, bool is_closed) {
        for (size_t i = 0; i < BLOCK; i++)
                if ((s->calls[i].known == SK_KNOWN_CLOSED) != is_closed)
                        bench_fail("a call did not end as it should");
}

static size_t bench_steps(world_routine routine, size_t inputs, size_t calls, bench_time *time) {
        stepper *s = stepper_new(routine, inputs);
        size_t done = 0;

        for (; done < calls; done += BLOCK) {
                block_make(s);
                bench_measured(time, run_block, s);
                check(s, inputs == WORLD_LIFE_INPUTS || routine == WORLD_AUTOMATIC);
        }
        stepper_free(s);
        return done * inputs;
}

static size_t bench_life(size_t calls, bench_time *time) {
        return bench_steps(WORLD_MANUAL, WORLD_LIFE_INPUTS, calls, time);
}

static size_t bench_raise(size_t calls, bench_time *time) {
        return bench_steps(WORLD_MANUAL, 1, calls, time);
}

static size_t bench_whole(size_t calls, bench_time *time) {
        return bench_steps(WORLD_AUTOMATIC, 1, calls, time);
}

static void run_decode(void *self) {
        stepper *s = self;

        for (size_t i = 0; i < BLOCK; i++)
                decode(&s->records[i][0], &s->envelopes[i][0]);
}

static size_t bench_decode(size_t count, bench_time *time) {
        stepper *s = stepper_new(WORLD_AUTOMATIC, 1);
        size_t done = 0;

        block_make(s);
        for (; done < count; done += BLOCK)
                bench_measured(time, run_decode, s);
        stepper_free(s);
        return done;
}

int main(int argc, char **argv) {
        static const bench_case cases[] = {{"step-life", bench_life, 5000, 500, 100000},
                                           {"step-raise", bench_raise, 20000, 2000, 100000},
                                           {"step-whole", bench_whole, 10000, 1000, 0},
                                           {"decode", bench_decode, 50000, 5000, 0}};
        bench_options options = bench_options_of(argc, argv);

        bench_run(&options, cases, sizeof(cases) / sizeof(cases[0]));
        return 0;
}
