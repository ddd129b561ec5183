#ifndef SK_TESTS_BENCH_KAFKA_SHAPE_H
#define SK_TESTS_BENCH_KAFKA_SHAPE_H

#include <stddef.h>

#include "bench/kafka/rig.h"

/*
 * What a link has written, as a text that raw.c reads. Everything is read back from the topics, so that nothing is
 * guessed; of the bytes only their number is kept. Lines:
 *
 *   t NAME                          a topic, its name without that of the chain; they count from 0
 *   h COUNT NAME BYTES NAME BYTES   a set of headers; they count from 0
 *   r TOPIC PARTITION HEADERS KEY VALUE   a record: sizes in bytes, VALUE -1 is a tombstone
 *   c                               the batch ends
 *
 * How many batches there were the link says; each of them takes an equal part of each topic partition's records.
 */

typedef struct shape_count {
        size_t records;
        size_t bytes;         /**< keys, headers, values */
        size_t by_kind[4][2]; /**< feedback, journal, events, archive: records, bytes */
} shape_count;

/** Writes what link1 of the chain has written so far. */
void shape_write(const rig *r, const rig_chain *chain, size_t batches, const char *path, shape_count *out);

#endif
