#ifndef SK_KIT_HEAP_H
#define SK_KIT_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/err.h"
#include "kit/id.h"

/** Deadlines in order of (time, id); grows as needed; one thread. Stale entries are the caller's to ignore. */
typedef struct sk_heap sk_heap;

typedef struct sk_deadline {
        int64_t at_us;
        sk_id id;
        uint32_t kind;
} sk_deadline;

/** New and empty, free with sk_heap_free; NULL: no memory. */
sk_heap *sk_heap_new(void);
/** NULL is legal. */
void sk_heap_free(sk_heap *heap);
/** How many there are. */
size_t sk_heap_count(const sk_heap *heap);
/** Puts a deadline in. @return SK_OK or SK_ERR_NO_MEMORY */
sk_err sk_heap_push(sk_heap *heap, const sk_deadline *deadline);
/** The earliest, without taking it out; false when empty. */
bool sk_heap_peek(const sk_heap *heap, sk_deadline *out);
/** Takes the earliest out; false: there is none. */
bool sk_heap_pop(sk_heap *heap, sk_deadline *out);

#endif
