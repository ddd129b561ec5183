#ifndef SK_LINK_INBOX_H
#define SK_LINK_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/record.h"
#include "kit/err.h"

/**
 * Records that were fetched and not yet folded, and how far each topic partition has come. A lane is one topic
 * partition; the lanes of one partition number are merged by (timestamp, topic name, offset), and no lane is ever
 * reordered (rule O3).
 */
typedef struct sk_inbox sk_inbox;

/** Next offsets of one topic partition: committed <= sealed <= folded <= fetched. */
typedef struct sk_lane {
        const sk_topic *topic;
        int32_t partition;
        int64_t committed_next; /**< the mark (rule T4) */
        int64_t sealed_next;    /**< as the newest sealed batch says */
        int64_t folded_next;    /**< behind the last input folded, and what was passed behind that */
        int64_t fetched_next;   /**< behind the last record put in, and what was passed behind that */
        struct sk_waiting *first;
        struct sk_waiting *last;
} sk_lane;

/** New inbox for that many partitions; NULL without memory. */
sk_inbox *sk_inbox_new(int32_t partitions);
/** NULL is legal. */
void sk_inbox_free(sk_inbox *inbox);

/** The lane, made on first use with offset 0; NULL without memory. Good until sk_inbox_close or the end. */
sk_lane *sk_inbox_lane(sk_inbox *inbox, const sk_topic *topic, int32_t partition);
/** The lane if there is one. */
sk_lane *sk_inbox_find(const sk_inbox *inbox, const sk_topic *topic, int32_t partition);
/** Lanes of a partition in the order in which they were made. */
size_t sk_inbox_lanes(const sk_inbox *inbox, int32_t partition, sk_lane *const **out);
/** Sets where the lane goes on. */
void sk_lane_start(sk_lane *lane, int64_t next_offset);

/**
 * Reading stands at that offset and found no record before it. What lay between counts as read once the records before
 * it are taken; true when there are none and the lane has gone on at once.
 */
bool sk_lane_pass(sk_lane *lane, int64_t next_offset);

/** Puts a record in, copied. One that was already fetched is left out. SK_ERR_NO_MEMORY: nothing has changed. */
sk_err sk_inbox_put(sk_inbox *inbox, sk_lane *lane, const sk_record *record);
/** The next record of the partition; NULL when there is none. Good until it is taken. */
const sk_record *sk_inbox_peek(const sk_inbox *inbox, int32_t partition);
/** Takes it out and moves its lane's folded offset behind it. */
void sk_inbox_take(sk_inbox *inbox, int32_t partition);
/** Forgets what was fetched and folded: every lane of the partition stands at its mark again. */
void sk_inbox_rewind(sk_inbox *inbox, int32_t partition);
/** Forgets the partition's lanes as well. */
void sk_inbox_close(sk_inbox *inbox, int32_t partition);

/** How many there are. */
size_t sk_inbox_count(const sk_inbox *inbox);
/** Inputs that wait for one partition. */
size_t sk_inbox_count_of(const sk_inbox *inbox, int32_t partition);
/** Bytes of all inputs that wait. */
size_t sk_inbox_bytes(const sk_inbox *inbox);

#endif
