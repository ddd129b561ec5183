#ifndef SK_LINK_EFFECTS_H
#define SK_LINK_EFFECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/err.h"
#include "kit/id.h"
#include "usm/edition.h"

/*
 * The effects of a link's calls that are to be begun or run (rule E), and which may begin. What counts for the same
 * target stands in one row; rows take turns, so that a slow program or a dead host keeps nobody waiting but its own.
 *
 *     put ──> waiting ──take──> running ──drop──> gone (to be stopped, if it ran)
 *                └──ask (once)──> asked ──put, begun──> cleared ──take──> running
 */
typedef struct sk_effects sk_effects;

/** One effect; at most one of a call. */
typedef struct sk_effect_place {
        sk_id callid;
        int32_t partition;
        uint32_t visit;
        uint8_t try_number;
        sk_how how;
        bool is_once;
        bool is_begun; /**< the journal says that what may happen only once is begun */
} sk_effect_place;

/** New and empty; NULL without memory. Free with sk_effects_free. */
sk_effects *sk_effects_new(void);
/** NULL is legal. */
void sk_effects_free(sk_effects *effects);

/** Whether there is anything at all: nothing to begin, to stop or to wait for. */
bool sk_effects_is_empty(const sk_effects *effects);

/**
 * This effect of the call is due, in place of any other that it had (which is then stopped). One that is known already
 * stays as it is, but for being begun.
 *
 * @param target  what it counts for; copied
 * @return SK_OK; SK_ERR_NO_MEMORY: nothing has changed
 */
sk_err sk_effects_put(sk_effects *effects, const sk_effect_place *place, sk_slice target);

/** The call has no effect that is due (any more); one that runs is stopped. Nothing happens if there is none. */
void sk_effects_drop(sk_effects *effects, const sk_id *callid);
/** The same for all calls of a partition. */
void sk_effects_drop_partition(sk_effects *effects, int32_t partition);
/** Its try has ended by itself: there is room for another. false: it does not run (any more). */
bool sk_effects_ended(sk_effects *effects, const sk_id *callid, uint32_t visit, uint8_t try_number);
/** Whether it is one of these, in whatever state. */
bool sk_effects_knows(const sk_effects *effects, const sk_id *callid, uint32_t visit, uint8_t try_number);

/**
 * The next one that may begin within the limits; it counts as running from now on. What may happen only once is first
 * asked for (out->is_begun is false), and comes again when it was put as begun. false: none may.
 */
bool sk_effects_take(sk_effects *effects, const sk_effect_limits *limits, bool only_once, sk_effect_place *out);

/** The next that runs and is to be stopped; false: none is. */
bool sk_effects_take_stop(sk_effects *effects, sk_effect_place *out);
/** Whether there is one. */
bool sk_effects_has_stops(const sk_effects *effects);

/** How many wait to begin. */
size_t sk_effects_waiting(const sk_effects *effects);
/** How many run, or were asked for. */
size_t sk_effects_running(const sk_effects *effects);

#endif
