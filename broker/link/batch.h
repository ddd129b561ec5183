#ifndef SK_LINK_BATCH_H
#define SK_LINK_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "event/topics.h"
#include "kit/arena.h"
#include "link/customers.h"
#include "link/inbox.h"
#include "link/journal.h"
#include "link/openings.h"
#include "link/out.h"
#include "link/port.h"
#include "link/step.h"
#include "link/store.h"
#include "link/stubs.h"

/*
 * A batch from its first input to the end of its commit: the records that steps have written, and the overlay, which
 * is what has changed and is not committed yet.
 *
 *      empty ──fold──> folding ──seal──> sealed ──COMMIT──> in flight ──> committed: merged into the stores
 *                                                                   └──> dropped: forgotten, as if never folded
 *
 * Sealed, it is immutable (rule T2).
 */

/** One call that the batch has changed. */
typedef struct sk_overlaid {
        sk_id id;
        uint32_t customer;
        int32_t partition;
        bool is_gone;  /**< its partition has gone away meanwhile */
        bool is_open;  /**< head is its new head; else it is closed and stub is what is left */
        bool was_open; /**< below this batch */
        bool had_data; /**< a data record was written below this batch */
        bool has_new_data;
        sk_slice head;
        sk_slice data;
        sk_slice stub;
        sk_closed closed; /**< the stub for memory */
        sk_opening opening_before;
        sk_opening opening;
} sk_overlaid;

/** At most so many timers in one batch, so that they starve no input. */
#define SK_BATCH_TIMERS_MAX 1000

#define SK_BATCH_DURATIONS_MAX 1024 /**< of one batch; further ones are left out */

/** How long something took that ended in the batch. */
typedef struct sk_lasted {
        sk_duration duration; /**< texts in the batch's arena */
        int32_t partition;
} sk_lasted;

#define SK_BATCH_DONE_MAX 100

/** A schedule that was done up to an instant. */
typedef struct sk_done {
        char name[SK_NAME_MAX + 1];
        int32_t partition;
        int64_t instant_us;
} sk_done;

/** A call that was due. */
typedef struct sk_given {
        sk_id id;
        int32_t partition;
} sk_given;

typedef struct sk_folding {
        sk_batch sealed; /**< filled by sealing */
        uint64_t generation;
        int64_t now_us;
        sk_arena *arena;      /**< of the steps */
        sk_arena *seal_arena; /**< for what sealing adds: a full batch can always be sealed */
        sk_out out;
        sk_overlaid *changes; /**< in order of their first change */
        size_t change_count;
        size_t change_max;
        uint32_t *slots; /**< index of changes by id: position + 1, 0 is empty */
        size_t slot_mask;
        bool *is_touched;       /**< per partition */
        uint64_t *expired_upto; /**< per partition: place in its stubs up to which tombstones are written; 0 none */
        int32_t partitions;
        size_t inputs;
        size_t expired;
        sk_given *given; /**< calls that were given out because they were due, in that order */
        size_t given_count;
        sk_done *done;
        size_t done_count;
        size_t locals; /**< inputs that are on no topic */
        sk_lasted *lasted;
        size_t lasted_count;
        size_t resynced; /**< raises that were repeated, and orders to do so that have ended */
        size_t passed;   /**< partitions that are in it only to say how far they were read */
        bool has_told;   /**< there are people to be told once it is committed */
        bool is_merged;  /**< its overlay is in the stores already */
        /* the commit */
        bool is_unknown;    /**< its outcome is unknown */
        int64_t give_up_us; /**< then: when to end the process */
        unsigned aborts;
        int64_t retry_us; /**< when to commit again; INT64_MAX: it is with the log */
} sk_folding;

/** What sealing needs to know of the driver. */
typedef struct sk_seal {
        sk_topics *topics;
        const sk_customers *customers;
        sk_inbox *inbox;
        sk_digest edition;
        sk_slice tzdata; /**< version of the zones that its calendars use */
        uint64_t number;
        uint64_t generation;
        sk_buf *key; /**< scratch */
} sk_seal;

/** Makes room for batches of @p inputs_max inputs and @p bytes_max of records; false without memory. */
bool sk_folding_init(sk_folding *batch, int32_t partitions, size_t inputs_max, size_t bytes_max);
/** NULL is legal. */
void sk_folding_free(sk_folding *batch);
/** Starts anew. */
void sk_folding_reset(sk_folding *batch, int64_t now_us);
/** Whether nothing was folded into it yet. */
bool sk_folding_is_empty(const sk_folding *batch);

/** The change of that call; SK_CUSTOMER_ANY: the open one, else any. NULL if there is none. */
sk_overlaid *sk_folding_find(const sk_folding *batch, const sk_id *id, uint32_t customer);
/** A new change, zeroed but for id and customer; there must be room (one per input and timer). */
sk_overlaid *sk_folding_add(sk_folding *batch, const sk_id *id, uint32_t customer);

/** A journal record beside those of calls and marks; for what the driver keeps of a partition. SK_NONE: its tombstone. */
sk_err sk_folding_journal(sk_folding *batch, const sk_seal *seal, int32_t partition, sk_journal_kind kind, sk_slice key,
                          sk_slice payload);
/** Tombstone of a stub that has expired. */
sk_err sk_folding_expire(sk_folding *batch, const sk_seal *seal, int32_t partition, const sk_closed *closed);

/** Adds journal records, marks and offsets, and makes `sealed`. SK_ERR_NO_MEMORY: only to be dropped. */
sk_err sk_folding_seal(sk_folding *batch, const sk_seal *seal);

#endif
