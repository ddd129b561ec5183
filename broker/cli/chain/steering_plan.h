#ifndef SK_CLI_STEERING_PLAN_H
#define SK_CLI_STEERING_PLAN_H

#include "kit/arena.h"
#include "usm/steering.h"

/*
 * What another steering of a team would touch: every routine, every worklist and every report, whether it changes or
 * not. Worked out by comparing the chain as it is with the chain as it would be. Pure.
 */

typedef enum sk_touched {
        SK_TOUCHED_TEMPLATE,
        SK_TOUCHED_PROFILE,
        SK_TOUCHED_WORKLIST,
        SK_TOUCHED_REPORT,
        SK_TOUCHED_KINDS
} sk_touched;

/** "templates", "profiles", "worklists", "reports"; static. */
const char *sk_touched_id(sk_touched kind);

typedef struct sk_touch {
        sk_touched kind;
        bool is_changed;
        sk_slice subject; /**< routine, profile, person, report */
        sk_slice before;
        sk_slice after;
        sk_slice note; /**< what to do about it; "" for nothing */
} sk_touch;

typedef struct sk_steering_plan {
        sk_slice team;
        sk_steering from;
        sk_steering to;
        sk_touch *touches;
        size_t count;
        size_t room;
} sk_steering_plan;

/**
 * Compares two editions that differ in the steering of @p team only; both must have it.
 *
 * @return in the arena; NULL without room
 */
sk_steering_plan *sk_steering_plan_new(const sk_edition *before, const sk_edition *after, sk_slice team,
                                       sk_arena *arena);
/** How many of a kind change. */
size_t sk_steering_plan_changes(const sk_steering_plan *plan, sk_touched kind);

/**
 * team.json with another steering: only the two words change, all else stays as it is.
 *
 * @param out  appended to
 * @return SK_OK; SK_ERR_SYNTAX if the text is no JSON, or does not name both
 */
sk_err sk_steering_rewrite(sk_slice text, const sk_steering *to, sk_buf *out);

#endif
