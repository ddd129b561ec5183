#ifndef SK_KIT_URI_H
#define SK_KIT_URI_H

#include "kit/buf.h"
#include "kit/slice.h"

/* URI references, resolved as RFC 3986 says; as far as JSON Schema needs them. */

/** Appends @p reference as it reads from @p base (absolute, or empty), without its fragment. */
void sk_uri_resolve(sk_slice base, sk_slice reference, sk_buf *out);

/** What stands behind the first `#`; SK_NONE if there is none. */
sk_slice sk_uri_fragment(sk_slice uri);

/** Appends the text with `%41` and the like as the bytes they stand for; what is no such thing stays. */
void sk_uri_unescape(sk_slice text, sk_buf *out);

#endif
