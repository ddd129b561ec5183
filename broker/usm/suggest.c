/*
 * "Did you mean": the nearest of the names that exist, by the number of letters to change, leave out, put in or swap.
 */
#include "usm/suggest.h"

#include <assert.h>
#include <stdio.h>

#define LONGEST 64

static unsigned least(unsigned a, unsigned b) {
        return a < b ? a : b;
}

/** Optimal string alignment distance of two names of at most LONGEST bytes. */
static unsigned distance_of(sk_slice a, sk_slice b) {
        unsigned rows[3][LONGEST + 1];
        assert(a.len <= LONGEST);
        assert(b.len <= LONGEST);
        unsigned *before = rows[0];
        unsigned *above = rows[1];
        unsigned *here = rows[2];
        for (unsigned j = 0; j <= b.len; j++)
                above[j] = j;
        for (unsigned i = 1; i <= a.len; i++) {
                here[0] = i;
                for (unsigned j = 1; j <= b.len; j++) {
                        unsigned differ = a.at[i - 1] == b.at[j - 1] ? 0 : 1;
                        here[j] = least(least(above[j] + 1, here[j - 1] + 1), above[j - 1] + differ);
                        if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1])
                                here[j] = least(here[j], before[j - 2] + 1);
                }
                unsigned *free_row = before;
                before = above;
                above = here;
                here = free_row;
        }
        assert(above[b.len] <= a.len + b.len);
        return above[b.len];
}

sk_suggestion sk_suggest_make(sk_slice wanted) {
        unsigned limit = wanted.len < 4 ? 2 : (unsigned)least((unsigned)(wanted.len / 3), 4) + 1;
        assert(limit >= 1);
        return (sk_suggestion){.wanted = wanted, .best = SK_NONE, .distance = limit};
}

void sk_suggest_offer(sk_suggestion *suggestion, sk_slice candidate) {
        assert(suggestion != NULL);
        if (suggestion->wanted.len == 0 || suggestion->wanted.len > LONGEST || candidate.len == 0 ||
            candidate.len > LONGEST)
                return;
        size_t longer = suggestion->wanted.len > candidate.len ? suggestion->wanted.len : candidate.len;
        size_t shorter = suggestion->wanted.len + candidate.len - longer;
        if (longer - shorter >= suggestion->distance)
                return;
        unsigned distance = distance_of(suggestion->wanted, candidate);
        if (distance >= suggestion->distance || distance >= candidate.len)
                return;
        suggestion->distance = distance;
        suggestion->best = candidate;
}

sk_hint sk_suggest_hint(const sk_suggestion *suggestion) {
        sk_hint hint = {""};
        assert(suggestion != NULL);
        if (sk_slice_there(suggestion->best))
                (void)snprintf(hint.text, sizeof hint.text, "did you mean %s? ", sk_quote(suggestion->best).text);
        return hint;
}
