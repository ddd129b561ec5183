#ifndef SK_TESTS_FAILING_ALLOC_H
#define SK_TESTS_FAILING_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

/*
 * An allocator for tests that counts, and that refuses one allocation. sk_alloc, sk_alloc_zero and sk_realloc count as
 * one each. Begin and end on one thread, with no other running.
 */

/** Replaces the allocator until failing_alloc_end; allocation number @p nth, from 1, fails. 0: none fails. */
void failing_alloc_begin(size_t nth);

/** Allocations asked for since the beginning, the one refused included. */
size_t failing_alloc_count(void);

/** Blocks taken since the beginning and not given back. */
size_t failing_alloc_live(void);

/** Restores the allocator. */
void failing_alloc_end(void);

/**
 * Runs @p operation again and again, each time with the next allocation failing, until a run needs fewer. Fails the
 * test if a run leaves memory behind or if the last one, in which nothing failed, gives false. The operation builds
 * what it needs, gives it all back, and asserts what must hold when it did not succeed.
 */
void failing_alloc_each(bool (*operation)(void *context), void *context);

#endif
