#ifndef SK_USM_QUOTE_H
#define SK_USM_QUOTE_H

#include "kit/slice.h"

#define SK_QUOTED_MAX 120

/** A name as it may stand in a message: in quotes, shortened, with everything a terminal could act on escaped. */
typedef struct sk_quoted {
        char text[SK_QUOTED_MAX];
} sk_quoted;

/** Quotes @p name; use it within one expression: `sk_quote(name).text`. */
sk_quoted sk_quote(sk_slice name);

/** The same without the quotation marks, for paths. */
sk_quoted sk_quote_bare(sk_slice name);

#endif
