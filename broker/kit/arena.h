#ifndef SK_KIT_ARENA_H
#define SK_KIT_ARENA_H

#include <stddef.h>

#include "kit/err.h"
#include "kit/slice.h"

/** Memory that is given back all at once, with a bound. One thread. */
typedef struct sk_arena sk_arena;

/** New arena that hands out at most @p max_bytes; NULL without memory. Free with sk_arena_free. */
sk_arena *sk_arena_new(size_t max_bytes);

/** Gives everything back to the system. NULL is legal. */
void sk_arena_free(sk_arena *arena);

/** Forgets everything handed out and keeps one block for the next use. */
void sk_arena_reset(sk_arena *arena);

/** @p size bytes, aligned for any type, not cleared; NULL when the bound or the memory is reached. */
void *sk_arena_get(sk_arena *arena, size_t size);

/** As sk_arena_get, cleared. */
void *sk_arena_get_zero(sk_arena *arena, size_t count, size_t size);

/** A copy of @p bytes in the arena, zero-terminated; `at` is NULL when there was no room. */
sk_slice sk_arena_copy(sk_arena *arena, sk_slice bytes);

/**
 * Why it could not give what was last asked for in vain since the reset: SK_ERR_FULL, the bound; SK_ERR_NO_MEMORY; SK_OK:
 * it has given everything. So who asks often looks once, at the end.
 */
sk_err sk_arena_err(const sk_arena *arena);

/** Bytes handed out since the last reset. */
size_t sk_arena_used(const sk_arena *arena);

#endif
