#ifndef SK_LOG_MOVER_H
#define SK_LOG_MOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/tool.h"

/*
 * A log from or to which a whole chain is moved, while no link works on it. How that is known:
 *
 *   local  the locks of all teams are taken and held (rule L2): no link can start until the mover is freed
 *   kafka  the consumer groups of all teams have no members, and no transaction is open; a link that was stopped without
 *          --drain counts as a member until its session ends. Asked at the beginning and at the end, and at the end
 *          topics must be as long as they were
 *
 * Every function may block for as long as the log takes. One thread. Functions that fail leave a sentence for people in
 * sk_mover_why.
 */

typedef struct sk_mover sk_mover;

typedef struct sk_mover_config {
        const char *url;
        const sk_chain_property *properties; /**< as in log/tool.h */
        size_t property_count;
        sk_slice chain;
        bool is_target; /**< it will be written to: a local file that is not there is made */
} sk_mover_config;

/** As sk_log_tool_open_with. @p out: new, free with sk_mover_free. */
sk_err sk_mover_open(const sk_mover_config *config, char why[SK_LOG_WHY_MAX], sk_mover **out);
/** Lets links in again. NULL is legal. */
void sk_mover_free(sk_mover *mover);
/** Why the last call failed, as a sentence; "" if it did not. Good until the next call. */
const char *sk_mover_why(const sk_mover *mover);
/** For reading what is there. */
sk_log_tool *sk_mover_tool(const sk_mover *mover);

/** Keeps a team's links out. SK_OK; SK_ERR_BUSY: one of them runs; SK_ERR_IO; SK_ERR_NO_MEMORY. */
sk_err sk_mover_hold(sk_mover *mover, sk_slice team);
/** Whether no link of a team held has worked since. Returns as sk_mover_hold. */
sk_err sk_mover_check(sk_mover *mover);
/** Whether nothing of that topic partition is undecided. SK_OK; SK_ERR_BUSY: a transaction is open; SK_ERR_IO. */
sk_err sk_mover_settled(sk_mover *mover, sk_slice topic, int32_t partition);

/** Partitions that a topic has, or would have; 0: it is not there and is not made by writing; -1: nobody answers. */
int32_t sk_mover_partitions(sk_mover *mover, sk_slice topic);

typedef struct sk_mover_record {
        sk_slice topic;
        int32_t partition;
        int64_t timestamp_us; /**< where the log takes one */
        sk_slice key;
        sk_slice headers;
        sk_slice value;
} sk_mover_record;

/**
 * Writes a record behind the last of its topic partition; offsets follow one another without gaps. It is on disk after
 * sk_mover_flush only. After an error some of what was written before may be there, in each topic partition its
 * beginning.
 */
sk_err sk_mover_write(sk_mover *mover, const sk_mover_record *record);
/** Waits until all that was written is on disk. */
sk_err sk_mover_flush(sk_mover *mover);

#endif
