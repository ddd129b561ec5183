#ifndef SK_LOG_MOVED_H
#define SK_LOG_MOVED_H

#include <stdbool.h>
#include <stdint.h>

#include "event/record.h"
#include "kit/buf.h"
#include "kit/err.h"
#include "kit/hash.h"
#include "link/journal.h"

/*
 * A record on its way from one log to another: what it is wherever it lies, and in which partition it has to lie
 * there. Pure.
 */

typedef struct sk_moved {
        int32_t partition; /**< where it was */
        int64_t offset;
        int64_t timestamp_us;
        bool is_unread; /**< its reader has not come to it yet */
        sk_slice key;   /**< SK_NONE or empty: it has none */
        sk_slice headers;
        sk_slice value; /**< SK_NONE: it has none */
} sk_moved;

/** Appends it in the form of export files. */
void sk_moved_encode(const sk_moved *moved, sk_buf *out);
/** Reads it; slices borrow. @return SK_OK; SK_ERR_TRUNCATED; SK_ERR_RANGE (no such record) */
sk_err sk_moved_decode(sk_slice bytes, sk_moved *out);

/**
 * What records add up to, in any order and however they are spread over partitions: equal sums, equal records. A sum of
 * digests, so that it can be told without keeping anything.
 */
typedef struct sk_moved_sum {
        uint64_t count;
        uint64_t low;
        uint64_t high;
} sk_moved_sum;

/**
 * Adds key, headers and value. Left out is what names a place on the log: partition, offset, timestamp, and the header
 * with which a mark on a dead-letter topic names its letter.
 */
void sk_moved_sum_add(sk_moved_sum *sum, const sk_moved *moved, sk_buf *scratch);
/** Adds another sum. */
void sk_moved_sum_join(sk_moved_sum *sum, const sk_moved_sum *other);
/** Whether both have the same counts and digests. */
bool sk_moved_sum_equal(const sk_moved_sum *a, const sk_moved_sum *b);
/** 32 hexadecimal digits. */
void sk_moved_sum_format(const sk_moved_sum *sum, char out[SK_DIGEST_TEXT]);

/** From how many partitions to how many. */
typedef struct sk_moved_way {
        sk_topic_kind kind;
        int32_t from;
        int32_t to;
} sk_moved_way;

/**
 * The partition that the record has to lie in: the same where there are as many, else the one that its key says
 * (rule I; of a journal's the id in the key).
 *
 * @return SK_OK; SK_ERR_SYNTAX: a journal's key of no kind that belongs to a partition
 */
sk_err sk_moved_partition(const sk_moved_way *way, const sk_moved *moved, int32_t *out);

/** Whether a record of a journal is a link's own, of no call: schedules, durations, orders of a resync. Marks are made
 * anew. */
bool sk_moved_is_state(sk_journal_kind kind);

/** On a dead-letter topic: the letter that a mark is about; false: it is no mark, or names none. */
bool sk_moved_mark_of(sk_slice headers, int32_t *out_partition, int64_t *out_offset);
/** Copies the headers of a mark; it names another place now. */
void sk_moved_mark_write(sk_slice headers, int32_t partition, int64_t offset, sk_buf *out);

#endif
