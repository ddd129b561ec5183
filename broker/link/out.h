#ifndef SK_LINK_OUT_H
#define SK_LINK_OUT_H

#include <stddef.h>

#include "event/record.h"
#include "kit/arena.h"
#include "kit/buf.h"
#include "kit/err.h"

/**
 * The records that a batch will write, in order, their bytes in the batch's arena. Errors stick, so that a step
 * checks once at its end; sk_out_rewind takes back what one failed step added.
 */
typedef struct sk_out {
        sk_arena *arena;
        sk_record *records; /**< grown in the arena */
        size_t count;
        size_t capacity;
        size_t max;     /**< most records */
        sk_buf headers; /**< scratch for the record being made */
        sk_buf value;   /**< scratch for the record being made */
        size_t unfit;   /**< records that do not fit the schema of their message: a defect of this link */
        sk_err err;
} sk_out;

/** An empty list over @p arena with at most @p max records. */
sk_out sk_out_make(sk_arena *arena, size_t max);
/** Frees the scratch buffers; the arena is the caller's. */
void sk_out_free(sk_out *out);

/**
 * Appends a record with the given key and the headers and value that stand in the scratch buffers, all copied to the
 * arena; then empties the scratch. A tombstone is written by sk_out_add_tombstone.
 */
void sk_out_add(sk_out *out, const sk_topic *topic, int32_t partition, sk_slice key);
/** A record without a value: the key is to be forgotten. */
void sk_out_add_tombstone(sk_out *out, const sk_topic *topic, int32_t partition, sk_slice key);

/** Takes back all records from @p count on and clears the error. */
void sk_out_rewind(sk_out *out, size_t count);

#endif
