#ifndef SK_LINK_STUBS_H
#define SK_LINK_STUBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/err.h"
#include "kit/id.h"

/**
 * What memory keeps of the closed calls of one partition (rule C2): at most 48 bytes each, index included. The
 * fingerprint is the call's id itself, which is as short as a hash and never errs, with the customer's number beside
 * it; so the same id of two customers makes two stubs, and work and feedback, which name the id alone, find theirs.
 *
 * They stand in the order in which they closed, which is the order in which they expire as long as the memory's length
 * does not change; if it does, one waits for those before it.
 */
typedef struct sk_stubs sk_stubs;

typedef struct sk_closed {
        sk_id id;
        uint32_t customer;
        uint32_t in_seqno;
        uint32_t out_seqno;
        uint32_t expires_s; /**< seconds since the epoch, rounded up */
} sk_closed;

/** New and empty, free with sk_stubs_free; NULL: no memory. */
sk_stubs *sk_stubs_new(void);
/** NULL is legal. */
void sk_stubs_free(sk_stubs *stubs);
/** How many there are. */
size_t sk_stubs_count(const sk_stubs *stubs);
/** Bytes of memory taken. */
size_t sk_stubs_bytes(const sk_stubs *stubs);

/** Puts a stub in place of an earlier one of the same id and customer. SK_ERR_NO_MEMORY: nothing has changed. */
sk_err sk_stubs_put(sk_stubs *stubs, const sk_closed *closed);
/** By id and customer (SK_CUSTOMER_ANY: the first found); false if there is none or it is being expired. */
bool sk_stubs_get(const sk_stubs *stubs, const sk_id *id, uint32_t customer, sk_closed *out);
/** Forgets one. */
void sk_stubs_drop(sk_stubs *stubs, const sk_id *id, uint32_t customer);

/** Time at which the next one expires that is not being expired yet; INT64_MAX: none. */
int64_t sk_stubs_expiry_us(const sk_stubs *stubs);
/** The next one that has expired by @p now_us is hidden from look-ups and given out; false if there is none. */
bool sk_stubs_expire(sk_stubs *stubs, int64_t now_us, sk_closed *out);
/** How many places the expiry has moved on since the stubs were made; for sk_stubs_expired and _unexpire. */
uint64_t sk_stubs_expiring(const sk_stubs *stubs);
/** Everything up to that place is forgotten for good: its tombstones are committed. */
void sk_stubs_expired(sk_stubs *stubs, uint64_t upto);
/** Only what is being expired up to that place stays hidden: the tombstones of the rest were not written. */
void sk_stubs_unexpire(sk_stubs *stubs, uint64_t upto);

#endif
