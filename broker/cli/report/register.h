#ifndef SK_CLI_REGISTER_H
#define SK_CLI_REGISTER_H

#include "cli/report/balance.h"
#include "cli/session/session.h"
#include "kit/arena.h"

/*
 * The register of the managed infrastructure, as events tell it: what happened to which component, by which call; and
 * what contradicts itself.
 */

typedef enum sk_touch_kind {
        SK_TOUCH_CHANGED,  /**< change.register: a change has modified the component */
        SK_TOUCH_UNNAMED,  /**< a change ended without naming any component: contradiction */
        SK_TOUCH_OPERATED, /**< the cut named the component and chose operate, which modifies nothing: contradiction */
        SK_TOUCH_KINDS,
} sk_touch_kind;

/** "changed", "change without a component", "operate that touched it"; static. */
const char *sk_touch_text(sk_touch_kind kind);

typedef struct sk_touch {
        sk_touch_kind kind;
        sk_slice team;
        sk_slice component; /**< "" of SK_TOUCH_UNNAMED */
        sk_id call;
        int64_t time_us;
} sk_touch;

typedef struct sk_register sk_register;

/** New and empty; NULL without memory. */
sk_register *sk_register_new(void);
/** NULL is legal. */
void sk_register_free(sk_register *it);
/** The next event of a team. SK_ERR_NO_MEMORY, also behind a million touches. */
sk_err sk_register_add(sk_register *it, const sk_event_seen *event);
/** Puts them in order of time. */
void sk_register_sort(sk_register *it);
/** How many there are. */
size_t sk_register_count(const sk_register *it);
/** By index below the count; good until one is added. */
const sk_touch *sk_register_at(const sk_register *it, size_t index);
/** How many of a kind happened from @p from_us on, before @p to_us. */
uint64_t sk_register_count_of(const sk_register *it, sk_touch_kind kind, int64_t from_us, int64_t to_us);

/** Reads all events of a team. Returns SK_EXIT_OK, or SK_EXIT_NEGATIVE with the message printed. */
int sk_register_read(const sk_session *session, const sk_team *team, sk_register *it);

#endif
