#ifndef SK_LOG_MEMORY_CHAIN_H
#define SK_LOG_MEMORY_CHAIN_H

#include "log/memory_broker.h"
#include "usm/edition.h"

/*
 * The links of a whole chain in one process, on a log in memory and under the clock of whoever holds it: one instance a
 * team, one partition a topic, and nothing that fails. Drivers and steps are those that a daemon runs.
 */

typedef struct sk_memory_chain sk_memory_chain;

/** New, with a link for each team of the edition, which is retained; NULL without memory. */
sk_memory_chain *sk_memory_chain_new(sk_edition *edition);
/** NULL is legal. */
void sk_memory_chain_free(sk_memory_chain *chain);

/** The log, to append to and to read from; borrowed. */
sk_memory_broker *sk_memory_chain_broker(const sk_memory_chain *chain);
/** The topic `<chain>.<team>.<kind>` of the team with that index in the edition; NULL without memory. */
sk_memory_topic *sk_memory_chain_topic(sk_memory_chain *chain, size_t team, sk_topic_kind kind);

/**
 * The clock shows @p now_us, which never goes back: everything happens that can at that moment.
 *
 * @return whether anything did
 */
bool sk_memory_chain_run(sk_memory_chain *chain, int64_t now_us);
/** The next moment after the one run last at which something happens by itself; INT64_MAX: there is none. */
int64_t sk_memory_chain_wake_us(const sk_memory_chain *chain);
/** Walks the committed open calls of a team: head and data (link/call.h, link/data.h); start with *position 0. */
bool sk_memory_chain_walk(const sk_memory_chain *chain, size_t team, size_t *position, sk_slice *out_head,
                          sk_slice *out_data);

#endif
