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
#define SK_IDMAP_CHUNK 1024 /**< entries that come at a time, at most */

typedef struct sk_idmap_entry {
        sk_id id;
        void *value;
        uint64_t hash;
} sk_idmap_entry;

/**
 * Walks while the map changes: entries in the order of their hashes, the next few that are not below @p from. Whatever
 * is put and taken meanwhile, an entry that stays comes exactly once; one that comes or goes may come or not.
 *
 * @param from      0 to begin with; then *out_next, or the hash of an entry to go on with that one
 * @param out       room for SK_IDMAP_CHUNK
 * @param out_next  0: there are no more
 * @return how many; there may be none before the end
 */
size_t sk_idmap_chunk(const sk_idmap *map, uint64_t from, sk_idmap_entry *out, uint64_t *out_next);
/** Bytes of memory the map itself takes. */
size_t sk_idmap_bytes(const sk_idmap *map);

#endif
