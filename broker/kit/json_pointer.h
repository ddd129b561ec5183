#ifndef SK_KIT_JSON_POINTER_H
#define SK_KIT_JSON_POINTER_H

#include <stdbool.h>

#include "kit/buf.h"
#include "kit/slice.h"

/* JSON Pointers (RFC 6901) over text that sk_json_check has accepted. A token is what stands between two slashes. */

/** The token at the start of *rest, which begins with a slash and moves on to the next one. */
sk_slice sk_json_pointer_take(sk_slice *rest);

/** Whether the token, whose `~0` and `~1` stand for a tilde and a slash, is the member name @p raw as its text has it. */
bool sk_json_pointer_is(sk_slice token, sk_slice raw);

/**
 * One token down from @p value.
 *
 * @param out_name  the raw name; SK_NONE of an item
 * @return false: there is nothing; the outputs are not touched
 */
bool sk_json_pointer_step(sk_slice value, sk_slice token, sk_slice *out_name, sk_slice *out_value);

/** What @p pointer, empty or beginning with a slash, leads to from @p value; SK_NONE: nothing. */
sk_slice sk_json_pointer_follow(sk_slice value, sk_slice pointer);

/** Appends a slash and the name, as its text has it, as a token. */
void sk_json_pointer_add(sk_slice raw, sk_buf *out);

/** Appends the pointer from @p root to the value that stands at @p at, as far as it leads; what does not fit is cut off. */
void sk_json_pointer_write(sk_slice root, const char *at, sk_buf *out);

#endif
