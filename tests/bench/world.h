#ifndef SK_TESTS_BENCH_WORLD_H
#define SK_TESTS_BENCH_WORLD_H

#include <stdint.h>

#include "event/envelope.h"
#include "event/topics.h"
#include "kit/arena.h"
#include "usm/edition.h"

/*
 * The chain of the benchmarks: finance calls, centre serves. Service requests for a laptop, whose `raise` is 1 KiB of
 * JSON. The centre works either by an automatic routine or by the built-in one, in which people do everything.
 */

#define WORLD_DATA_BYTES 1024
#define WORLD_NOW_US INT64_C(1790000000000000)
#define WORLD_VISITS 6 /**< activities of operate */

typedef enum world_routine {
        WORLD_AUTOMATIC,
        WORLD_MANUAL,
        WORLD_HANGING, /**< automatic; an incident is for a program that never ends */
} world_routine;

typedef struct world {
        sk_edition *edition;
        const sk_team *centre;
        sk_topics *topics; /**< of the centre */
        int32_t partitions;
        sk_arena *arena; /**< of the records made; the bench resets it */
        char raise[WORLD_DATA_BYTES + 1];
        char work_raise[WORLD_DATA_BYTES + 1];
} world;

world *world_new(world_routine routine, int32_t partitions);
void world_free(world *w);

/** Id number @p number: all different, spread over the partitions. */
sk_id world_id(uint64_t number);

/** A record that the centre reads, bytes in the arena; the offset is the caller's to set. */
sk_record world_call_record(world *w, sk_message type, uint64_t call, uint32_t seqno, const char *value);
/** A `work` record about a call, number @p nth of that call; @p topic: of either team. */
sk_record world_work_record(world *w, const sk_topic *topic, sk_message type, uint64_t call, unsigned nth,
                            const char *value);

/**
 * The whole life of a call that people work on: raise, then claim and complete for every activity.
 *
 * @param out  1 + 2 * WORLD_VISITS records
 */
#define WORLD_LIFE_INPUTS (1 + 2 * WORLD_VISITS)
void world_life(world *w, uint64_t call, sk_record out[WORLD_LIFE_INPUTS]);

#endif
