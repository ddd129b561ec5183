#ifndef SK_TESTS_BENCH_OPEN_CALLS_H
#define SK_TESTS_BENCH_OPEN_CALLS_H

#include "bench/bench.h"
#include "bench/instant.h"

/*
 * Links with many open calls: restored from a journal that is made here, head and data of one call as a step made them,
 * under as many ids as are wanted.
 */

#define OPEN_CALLS_BLOCK 1024

/** Makes the one call, in a link where people do everything; both worlds are good until open_calls_end. */
void open_calls_begin(void);
void open_calls_end(void);

/** People do everything, and nothing. */
world *open_calls_manual(void);
world *open_calls_automatic(void);
/** Bytes of data that each open call has. */
size_t open_calls_data_bytes(void);

/** When call @p number is to be looked at; 0: at no time. */
typedef int64_t open_calls_timer(size_t number);

/**
 * Restores so many into a link that was begun (instant_begin) and ends its restore.
 *
 * @param timer  NULL: as the step made it
 */
void open_calls_restore(instant *link, size_t count, open_calls_timer *timer, bench_time *time);
/** Fails if not so many are open. */
void open_calls_check(const instant *link, size_t expected);

#endif
