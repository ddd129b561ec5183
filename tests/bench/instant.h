#ifndef SK_TESTS_BENCH_INSTANT_H
#define SK_TESTS_BENCH_INSTANT_H

#include "bench/world.h"
#include "link/driver.h"

/*
 * A log that keeps nothing: what a driver writes is committed at once, and what is meant for the other driver reaches
 * it at once. So what is measured is the driver alone.
 */

typedef struct instant {
        sk_driver *driver;
        struct instant *other; /**< NULL: what it writes to others goes nowhere */
        int64_t now_us;        /**< the clock */
        int64_t offsets[SK_TOPIC_KINDS][8];
        uint64_t records;
        uint64_t bytes;
} instant;

/** A driver of that team, assigned, with nothing to restore. */
void instant_start(instant *link, const world *w, const char *team);
/** As instant_start, but restoring has begun and instant_restored ends it. */
void instant_begin(instant *link, const world *w, const char *team);
void instant_restored(instant *link);
void instant_free(instant *link);

/** Topics are one driver's own: makes these records ones of this driver. */
void instant_adopt(const instant *link, sk_record *records, size_t count);
/** Gives the driver one record, as the next of its topic partition. */
void instant_give(instant *link, const sk_record *record);
/** Turns the driver and carries out its commands until it has nothing left to do. */
void instant_run(instant *link);
/** The same with both of a pair. */
void instant_run_pair(instant *a, instant *b);

#endif
