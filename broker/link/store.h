#ifndef SK_LINK_STORE_H
#define SK_LINK_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/err.h"
#include "kit/id.h"
#include "kit/idmap.h"
#include "kit/slice.h"
#include "link/openings.h"

/**
 * The committed open calls and asks of one partition: what its journal says, nothing that is not committed (rule T6).
 * Keyed by the call's id; the entry knows its customer. An id that another customer uses for an open call is answered
 * by the step and never put here, so the id alone is enough.
 */
typedef struct sk_store sk_store;

/** One call; slices are good until the store changes. */
typedef struct sk_stored {
        uint32_t customer;
        bool has_data;      /**< a data record stands in the journal */
        sk_slice head;      /**< SK_NONE: only data has been read so far (restore) */
        sk_slice data;      /**< "" when there is none */
        sk_opening opening; /**< what the call counts for in the index */
        int64_t due_us;     /**< when it is to be looked at; 0: at no time */
} sk_stored;

/** New and empty, free with sk_store_free; NULL: no memory. */
sk_store *sk_store_new(void);
/** NULL is legal. */
void sk_store_free(sk_store *store);

/** false if there is none. */
bool sk_store_get(const sk_store *store, const sk_id *id, sk_stored *out);

/** Puts the head, copied; the data stays as it is. SK_ERR_NO_MEMORY: nothing has changed. */
sk_err sk_store_put_head(sk_store *store, const sk_id *id, uint32_t customer, sk_slice head, const sk_opening *opening);
/** Puts the data, copied; the head stays as it is. SK_ERR_NO_MEMORY: nothing has changed. */
sk_err sk_store_put_data(sk_store *store, const sk_id *id, uint32_t customer, sk_slice data);
/**
 * The call is to be looked at by then; 0: at no time. In place of what was said before; the call must have a head.
 * SK_ERR_NO_MEMORY: nothing has changed.
 */
sk_err sk_store_arm(sk_store *store, const sk_id *id, int64_t at_us);
/** When the next one is to be looked at; INT64_MAX: never. */
int64_t sk_store_due_us(const sk_store *store);
/** Gives out the earliest that is due by @p now_us, once; false if there is none. */
bool sk_store_take_due(sk_store *store, int64_t now_us, sk_id *out_id, int64_t *out_at_us);
/** One that was given out is to be looked at again, at the time that holds now; nothing happens if it is not there. */
void sk_store_arm_again(sk_store *store, const sk_id *id);
/** How many are to be looked at. */
size_t sk_store_count_armed(const sk_store *store);
/** Forgets the data alone; an entry without a head goes with it. */
void sk_store_drop_data(sk_store *store, const sk_id *id);
/** Forgets the call; nothing happens if there is none. */
void sk_store_drop(sk_store *store, const sk_id *id);

/** Entries with a head. */
size_t sk_store_count(const sk_store *store);
/** Entries with a head that are calls, not asks. */
size_t sk_store_count_calls(const sk_store *store);
/** Entries with data and no head: must be none after a restore. */
size_t sk_store_count_headless(const sk_store *store);
/** Bytes of heads and data. */
uint64_t sk_store_bytes(const sk_store *store);
#define SK_STORE_CHUNK SK_IDMAP_CHUNK /**< entries that come at a time, at most */
/** Walks while the store changes, see sk_idmap_chunk; the values are for sk_store_head. */
size_t sk_store_chunk(const sk_store *store, uint64_t from, sk_idmap_entry *out, uint64_t *out_next);
/** The head of an entry that sk_store_chunk has given; SK_NONE if it has none. Good until the store changes. */
sk_slice sk_store_head(const sk_idmap_entry *entry);
/** Walks entries: start with *position 0; false at the end. The store must not change meanwhile. */
bool sk_store_next(const sk_store *store, size_t *position, sk_id *out_id, sk_stored *out);

#endif
