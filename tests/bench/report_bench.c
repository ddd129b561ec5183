/*
 * A report over many closed calls: eight events each and the archived call, followed one by one as they come from the
 * log. What is kept is measured too: nothing of a closed call but its lead time and that it has closed.
 */
#include <stdio.h>

#include "bench/bench.h"
#include "cli/report/report_effects.h"
#include "cli/report/report_ends.h"
#include "kit/when.h"

#define CALL_BYTES 512
#define EVENTS 7u

/** One event of every call; the time stands where its digits do. */
static const struct event {
        sk_message type;
        const char *rest;
} events[EVENTS] = {
        {SK_EVENT_OPENED, ",\"customer\":\"finance\",\"type\":\"incident\",\"facility\":\"laptop\",\"hops\":0"},
        {SK_EVENT_TYPED, ",\"type\":\"incident\",\"workflows\":[3,4]"},
        {SK_EVENT_ENTERED, ",\"activity\":\"recover.analyse\",\"frame\":1,\"visit\":3,\"try\":1,\"how\":\"manual\","
                           "\"routine\":\"laptop\""},
        {SK_EVENT_CLAIMED, ",\"activity\":\"recover.analyse\",\"frame\":1,\"visit\":3,\"try\":1,\"actor\":\"anna\""},
        {SK_EVENT_ENDED,
         ",\"activity\":\"recover.analyse\",\"frame\":1,\"visit\":3,\"try\":1,\"outcome\":\"completed\""},
        {SK_EVENT_TRIGGERED, ",\"activity\":\"recover.cut\",\"frame\":1,\"attempt\":1,\"workflow\":4"},
        {SK_EVENT_CLOSED, ",\"outcome\":\"completed\",\"type\":\"incident\",\"customer\":\"finance\",\"workflow\":4,"
                          "\"elapsed_us\":360000000,"
                          "\"stopped_us\":0,\"responded_us\":60000000,\"response_kept\":true,\"kept\":true"},
};

typedef struct reporting {
        sk_figures *figures;
        sk_report_effects *effects;
        sk_end *end;
        size_t count;
        size_t done;
} reporting;

static sk_err add_call(void *self, const sk_figured *call) {
        return sk_end_add(((reporting *)self)->end, call);
}

static sk_err see_call(void *self, const sk_figured *call) {
        return sk_report_effects_add(((reporting *)self)->effects, call);
}

static bool is_instruction(void *self, sk_slice team, sk_slice routine) {
        (void)self;
        (void)team;
        return sk_slice_is(routine, "laptop");
}

static sk_id id_of(size_t number) {
        sk_id id = {{1}};
        for (unsigned i = 0; i < 8; i++)
                id.bytes[8 + i] = (uint8_t)(number >> (56 - 8 * i));
        return id;
}

static void tell(reporting *self, size_t call, unsigned index) {
        char data[CALL_BYTES];
        char now[SK_WHEN_TEXT];
        int64_t now_us = (int64_t)call * SK_SECOND_US + index * SK_MINUTE_US;
        sk_when_format(now_us, now);
        int len = snprintf(data, sizeof(data), "{\"now\":\"%.*s\"%s}", SK_WHEN_TEXT, now, events[index].rest);
        sk_event_seen seen = {.team = SK_SLICE("desk"),
                              .type = events[index].type,
                              .id = id_of(call),
                              .time_us = now_us,
                              .data = {data, (size_t)len}};
        if (sk_figures_add(self->figures, &seen) != SK_OK)
                bench_fail("an event was not taken in");
}

static void report_some(void *context) {
        reporting *self = context;
        for (size_t i = 0; i < self->count; i++, self->done++) {
                for (unsigned n = 0; n < EVENTS; n++)
                        tell(self, self->done, n);
        }
}

static void begin(reporting *self) {
        sk_figures_plan plan = {.by = SK_BY_WORKFLOW,
                                .from_us = INT64_MIN,
                                .to_us = INT64_MAX,
                                .is_instruction = is_instruction,
                                .visit = add_call,
                                .seen = see_call,
                                .self = self};
        self->figures = sk_figures_new(&plan);
        self->effects = sk_report_effects_new();
        self->end = sk_end_new();
        if (self->figures == NULL || self->effects == NULL || self->end == NULL ||
            sk_figures_begin(self->figures, SK_SLICE("desk")) != SK_OK)
                bench_fail("there is no memory for a report");
}

/* All at once, so that memory counts as well as time. */
static void report_all(size_t count) {
        reporting self = {.count = count};
        bench_rounds rounds = {0};
        bench_time time = {0};
        size_t before = bench_memory();
        begin(&self);
        bench_measured(&time, report_some, &self);
        bench_rounds_add(&rounds, &time, count);
        bench_print_time("report", &rounds, 0);
        bench_print_value("report, memory", (double)(bench_memory() - before) / (double)count,
                          "bytes a closed call, of all that is kept", "");
        if (sk_figures_end(self.figures) != SK_OK || sk_figures_at(self.figures, 0)->closed != count)
                bench_fail("the report has not counted every call");
        sk_figures_free(self.figures);
        sk_report_effects_free(self.effects);
        sk_end_free(self.end);
}

int main(int argc, char **argv) {
        bench_options options = bench_options_of(argc, argv);
        if (bench_wants(&options, "report"))
                report_all(bench_count(&options, 1000000, 50000));
        return 0;
}
