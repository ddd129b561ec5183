/*
 * Which work instruction is for which call. More members given is more specific; as many given are compared in the order
 * customer, facility, category, priority; two that give the same members and could match one call are a tie, which
 * a check does not let pass.
 */
#include "usm/selector.h"

#include <assert.h>

int sk_slice_compare(sk_slice a, sk_slice b) {
        size_t shorter = a.len < b.len ? a.len : b.len;
        int order = shorter == 0 ? 0 : memcmp(a.at, b.at, shorter);
        return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

int sk_slice_compare_at(const void *a, const void *b) {
        assert(a != NULL);
        assert(b != NULL);
        return sk_slice_compare(*(const sk_slice *)a, *(const sk_slice *)b);
}

bool sk_names_has(const sk_names *names, sk_slice name) {
        assert(names != NULL);
        for (size_t i = 0; i < names->count; i++) {
                if (sk_slice_equal(names->at[i], name))
                        return true;
        }
        return false;
}

static bool names_match(const sk_names *names, sk_slice value) {
        assert(names != NULL);
        return sk_slice_there(value) && sk_names_has(names, value);
}

bool sk_selector_matches(const sk_selector *selector, const sk_selection *selection) {
        assert(selector != NULL);
        assert(selection != NULL);
        if ((selector->given & SK_SELECTS_PRIORITY) != 0 && (selection->priority == 0 || selection->priority > 5 ||
                                                             (selector->priorities & 1U << selection->priority) == 0))
                return false;
        if ((selector->given & SK_SELECTS_FACILITY) != 0 && !names_match(&selector->facilities, selection->facility))
                return false;
        if ((selector->given & SK_SELECTS_CUSTOMER) != 0 && !names_match(&selector->customers, selection->customer))
                return false;
        return (selector->given & SK_SELECTS_CATEGORY) == 0 || names_match(&selector->categories, selection->category);
}

unsigned sk_selector_rank(const sk_selector *selector) {
        assert(selector != NULL);
        assert(selector->given < 16);
        return (unsigned)__builtin_popcount(selector->given) * 16U + selector->given;
}

static bool names_overlap(const sk_names *a, const sk_names *b) {
        assert(a != NULL);
        assert(b != NULL);
        for (size_t i = 0; i < a->count; i++) {
                if (sk_names_has(b, a->at[i]))
                        return true;
        }
        return false;
}

bool sk_selector_overlaps(const sk_selector *a, const sk_selector *b) {
        assert(a != NULL);
        assert(b != NULL);
        uint8_t both = a->given & b->given;
        if ((both & SK_SELECTS_CUSTOMER) != 0 && !names_overlap(&a->customers, &b->customers))
                return false;
        if ((both & SK_SELECTS_FACILITY) != 0 && !names_overlap(&a->facilities, &b->facilities))
                return false;
        if ((both & SK_SELECTS_CATEGORY) != 0 && !names_overlap(&a->categories, &b->categories))
                return false;
        return (both & SK_SELECTS_PRIORITY) == 0 || (a->priorities & b->priorities) != 0;
}
