#ifndef SK_KIT_IDMAP_H
#define SK_KIT_IDMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/err.h"
#include "kit/id.h"

/**
 * Ids to pointers: 24 bytes a slot, open addressing, at most 7/8 full, grows in steps so that no single call
 * copies more than a bounded number of slots. One thread.
 */
typedef struct sk_idmap sk_idmap;

/** New and empty, free with sk_idmap_free; NULL: no memory. */
sk_idmap *sk_idmap_new(void);
/** NULL is legal. */
void sk_idmap_free(sk_idmap *map);
/** How many there are. */
size_t sk_idmap_count(const sk_idmap *map);
/** What is kept under the id; NULL: nothing. */
void *sk_idmap_get(const sk_idmap *map, const sk_id *id);
/** Puts @p value (not NULL) under @p id; the earlier value, if any, goes to *out_old (may be NULL). */
sk_err sk_idmap_put(sk_idmap *map, const sk_id *id, void *value, void **out_old);
/** Takes out what is kept under the id; NULL: nothing. */
void *sk_idmap_take(sk_idmap *map, const sk_id *id);
/** Walks: start with *position 0; false at the end. The map must not change meanwhile. */
bool sk_idmap_next(const sk_idmap *map, size_t *position, sk_id *out_id, void **out_value);
/** Bytes of memory the map itself takes. */
size_t sk_idmap_bytes(const sk_idmap *map);

#endif
