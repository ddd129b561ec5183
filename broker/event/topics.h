#ifndef SK_EVENT_TOPICS_H
#define SK_EVENT_TOPICS_H

#include <stddef.h>

#include "event/record.h"
#include "kit/err.h"

/**
 * The topics of one team, interned. Only grows: a topic, once given, stays good until the table is freed, also
 * when a later edition drops its agreement. One thread (readers of already interned topics may be others).
 */
typedef struct sk_topics sk_topics;

/** New table for the team; NULL without memory. The names are copied. */
sk_topics *sk_topics_new(sk_slice chain, sk_slice team);
/** NULL is legal. */
void sk_topics_free(sk_topics *topics);
/** Name of the team whose topics these are. */
sk_slice sk_topics_team(const sk_topics *topics);
/** Name of the chain. */
sk_slice sk_topics_chain(const sk_topics *topics);

/** One of the team's own: work, journal, events, archive, deadletter. Never NULL. */
const sk_topic *sk_topics_own(const sk_topics *topics, sk_topic_kind kind);
/** Where the team, as provider, reads the calls of @p customer; interned on first use; NULL without memory. */
const sk_topic *sk_topics_calls_from(sk_topics *topics, sk_slice customer);
/** Where the team, as provider, writes feedback to @p customer. */
const sk_topic *sk_topics_feedback_to(sk_topics *topics, sk_slice customer);
/** Where the team, as customer, writes calls to @p provider. */
const sk_topic *sk_topics_calls_to(sk_topics *topics, sk_slice provider);
/** Where the team, as customer, reads the feedback of @p provider. */
const sk_topic *sk_topics_feedback_from(sk_topics *topics, sk_slice provider);
/** By whole name among those interned; NULL if there is none. */
const sk_topic *sk_topics_find(const sk_topics *topics, sk_slice name);
/** How many there are. */
size_t sk_topics_count(const sk_topics *topics);
/** Topic by index, below the count; borrowed. */
const sk_topic *sk_topics_at(const sk_topics *topics, size_t index);

/** Takes a topic name apart (chain.team.kind[.peer]); false if it is no topic of the protocol. */
bool sk_topic_parse(sk_slice name, sk_slice *out_chain, sk_slice *out_team, sk_topic_kind *out_kind,
                    sk_slice *out_peer);

#endif
