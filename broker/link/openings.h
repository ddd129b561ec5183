#ifndef SK_LINK_OPENINGS_H
#define SK_LINK_OPENINGS_H

#include <stdbool.h>

#include "kit/err.h"
#include "link/step.h"

/**
 * Which (root, facility, type) are open in this link, counted (rule B: loop). Counts what the overlays have opened and
 * closed as well; a dropped overlay takes its counts back.
 */
typedef struct sk_openings sk_openings;

/** What is counted; all zero: nothing (an ask). */
typedef struct sk_opening {
        sk_id key;
} sk_opening;

/** New and empty, free with sk_openings_free; NULL: no memory. */
sk_openings *sk_openings_new(void);
/** NULL is legal. */
void sk_openings_free(sk_openings *openings);
/** The opening of a call: what loops are noticed by. */
sk_opening sk_opening_of(sk_slice rootid, sk_slice facility, sk_call_type type);
/** Of a head; nothing for an ask. An error of sk_head_summarise for a head that cannot be read. */
sk_err sk_opening_of_head(sk_slice head, sk_opening *out);
/** Whether such a call is open. */
bool sk_openings_has(const sk_openings *openings, const sk_opening *opening);
/** @return SK_OK or SK_ERR_NO_MEMORY */
sk_err sk_openings_add(sk_openings *openings, const sk_opening *opening);
/** Takes one away. Without memory to note it nothing else can be done: never fails, as the entry is there. */
void sk_openings_remove(sk_openings *openings, const sk_opening *opening);

#endif
