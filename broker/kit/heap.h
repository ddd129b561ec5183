#ifndef SK_KIT_HEAP_H
#define SK_KIT_HEAP_H

#include <stddef.h>
#include <stdint.h>

#include "kit/err.h"
#include "kit/id.h"

/**
 * Deadlines in order of (time, id). Each is part of what it belongs to and knows its place, so that it can be taken out
 * at any time: nothing stale is ever kept. 16 bytes each beside the deadlines themselves; one thread.
 */
typedef struct sk_heap sk_heap;

/** Zeroed it is in no heap; in one, only the heap changes it. */
typedef struct sk_deadline {
        int64_t at_us;
        sk_id id;
        uint32_t place; /**< from 1; 0: in no heap */
} sk_deadline;

/** New and empty, free with sk_heap_free; NULL: no memory. */
sk_heap *sk_heap_new(void);
/** The deadlines stay what they are. NULL is legal. */
void sk_heap_free(sk_heap *heap);
/** How many there are. */
size_t sk_heap_count(const sk_heap *heap);
/** Makes room, so that as many can stand in it without asking for memory. @return SK_OK or SK_ERR_NO_MEMORY */
sk_err sk_heap_reserve(sk_heap *heap, size_t count);
/** Puts a deadline in that is in no heap; borrowed until it is out. There must be room. */
void sk_heap_put(sk_heap *heap, sk_deadline *deadline);
/** Takes it out; nothing happens if it is in no heap. */
void sk_heap_take(sk_heap *heap, sk_deadline *deadline);
/** The deadline lies elsewhere in memory now. */
void sk_heap_moved(sk_heap *heap, sk_deadline *deadline);
/** The earliest, still in its place; NULL: there is none. */
sk_deadline *sk_heap_first(const sk_heap *heap);

#endif
