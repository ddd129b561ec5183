#ifndef SK_LINK_BROKEN_H
#define SK_LINK_BROKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/hash.h"
#include "kit/slice.h"

/*
 * Records of a journal that could not be read, each until a later one of the same key stands in its place: a person can
 * mend a journal by writing to it, long before compaction takes what was wrong away.
 */

#define SK_BROKEN_MAX 16

typedef struct sk_broken {
        struct sk_broken_record {
                sk_digest key;
                int64_t offset;
                const char *why; /**< static text */
        } records[SK_BROKEN_MAX];
        size_t count;
        bool is_beyond; /**< there are more than can be remembered: only another restore tells */
} sk_broken;

/** This one cannot be read. */
void sk_broken_add(sk_broken *broken, sk_slice key, int64_t offset, const char *why);
/** A record of that key has been read. */
void sk_broken_mend(sk_broken *broken, sk_slice key);
/** The first of what is left; NULL: nothing is. */
const struct sk_broken_record *sk_broken_first(const sk_broken *broken);

#endif
