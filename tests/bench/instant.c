#include "bench/instant.h"

#include <string.h>

#include "bench/bench.h"

void instant_begin(instant *link, const world *w, const char *team) {
        static const int32_t partitions[] = {0, 1, 2, 3, 4, 5, 6, 7};
        sk_command command;
        sk_driver_config config = {.edition = w->edition,
                                   .team = sk_slice_of(team),
                                   .partitions = w->partitions,
                                   .instance = SK_SLICE("bench"),
                                   .open_calls_max = UINT64_MAX};

        *link = (instant){.driver = sk_driver_new(&config), .now_us = WORLD_NOW_US};
        if (link->driver == NULL)
                bench_fail("no driver for %s", team);
        sk_driver_assigned(link->driver, 1, partitions, (size_t)w->partitions, WORLD_NOW_US);
        while (sk_driver_next(link->driver, &command))
                if (command.kind != SK_DO_RESTORE)
                        bench_fail("the driver wants something else than a restore");
}

void instant_restored(instant *link) {
        sk_driver_numbers numbers;
        sk_command command;

        sk_driver_count(link->driver, &numbers);
        for (int32_t p = 0; numbers.not_ready_why != NULL && p < 8; p++) {
                sk_driver_restored(link->driver, p, 0, WORLD_NOW_US);
                while (sk_driver_next(link->driver, &command)) {}
                sk_driver_count(link->driver, &numbers);
        }
        if (numbers.not_ready_why != NULL)
                bench_fail("not restored: %s", numbers.not_ready_why);
}

void instant_start(instant *link, const world *w, const char *team) {
        instant_begin(link, w, team);
        instant_restored(link);
}

void instant_free(instant *link) {
        sk_driver_free(link->driver);
        link->driver = NULL;
}

void instant_adopt(const instant *link, sk_record *records, size_t count) {
        for (size_t i = 0; i < count; i++) {
                records[i].topic = sk_topics_find(sk_driver_topics(link->driver), records[i].topic->name);
                if (records[i].topic == NULL)
                        bench_fail("a record for nobody");
        }
}

void instant_give(instant *link, const sk_record *record) {
        sk_record given = *record;

        given.offset = link->offsets[record->topic->kind][record->partition]++;
        given.timestamp_us = WORLD_NOW_US;
        sk_driver_record(link->driver, &given);
}

static void pass_on(instant *link, const sk_batch *batch) {
        link->records += batch->record_count;
        for (size_t i = 0; i < batch->record_count; i++) {
                sk_record record = batch->records[i];

                link->bytes += record.key.len + record.headers.len + record.value.len;
                if (link->other == NULL ||
                    (record.topic->kind != SK_TOPIC_CALLS && record.topic->kind != SK_TOPIC_FEEDBACK))
                        continue;
                instant_adopt(link->other, &record, 1);
                instant_give(link->other, &record);
        }
}

/* One batch at a time is with the log, so one number is enough to remember. */
static bool carry_out(instant *link) {
        sk_command command;
        uint64_t number = 0;

        while (sk_driver_next(link->driver, &command)) {
                if (command.kind == SK_DO_COMMIT) {
                        number = command.batch->number;
                        pass_on(link, command.batch);
                } else if (command.kind != SK_DO_RESUME) {
                        bench_fail("the driver wants command %d: %s", (int)command.kind,
                                   command.why == NULL ? "" : command.why);
                }
        }
        if (number != 0)
                sk_driver_committed(link->driver, number, SK_OK, link->now_us);
        return number != 0;
}

void instant_run(instant *link) {
        sk_driver_turn(link->driver, link->now_us);
        while (carry_out(link)) {}
}

void instant_run_pair(instant *a, instant *b) {
        bool goes_on = true;

        while (goes_on) {
                sk_driver_turn(a->driver, a->now_us);
                goes_on = carry_out(a);
                sk_driver_turn(b->driver, b->now_us);
                goes_on = carry_out(b) || goes_on;
        }
}
