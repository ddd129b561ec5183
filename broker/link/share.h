#ifndef SK_LINK_SHARE_H
#define SK_LINK_SHARE_H

#include <stdbool.h>

#include "kit/json_write.h"
#include "usm/edition.h"

/*
 * What an agreement lets the other side see of a call. Its `share` are JSON Pointers into {need, data, result}: a
 * pointer shares what it leads to, whole; what no pointer leads to stays here. There is no agreement, there is no share.
 */

/** Whether the member is shared whole. @p agreement may be NULL. */
bool sk_share_has(const sk_agreement *agreement, const char *member);

/** Whether anything of @p value, the checked JSON of that member, is shared. @p agreement may be NULL. */
bool sk_share_has_any(const sk_agreement *agreement, const char *member, sk_slice value);

/**
 * Writes as @p member what is shared of @p value, a checked JSON; nothing if nothing is. Objects keep the order of their
 * members; an item of an array that is not shared is null, and none stands behind the last that is.
 */
void sk_share_put(sk_json_writer *w, const sk_agreement *agreement, const char *member, sk_slice value);

#endif
