#ifndef SK_USM_SUGGEST_H
#define SK_USM_SUGGEST_H

#include "kit/slice.h"
#include "usm/quote.h"

/** Looks for the name that somebody may have meant. */
typedef struct sk_suggestion {
        sk_slice wanted;
        sk_slice best; /**< SK_NONE while nothing is near enough */
        unsigned distance;
} sk_suggestion;

/** A search for what may have been meant by `wanted`. */
sk_suggestion sk_suggest_make(sk_slice wanted);

/** Offers a name that exists; borrowed as long as the suggestion is used. */
void sk_suggest_offer(sk_suggestion *suggestion, sk_slice candidate);

/** What goes in front of a remedy. */
typedef struct sk_hint {
        char text[SK_QUOTED_MAX + 20];
} sk_hint;

/** `did you mean "network"? `, or empty. */
sk_hint sk_suggest_hint(const sk_suggestion *suggestion);

#endif
