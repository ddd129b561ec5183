#ifndef SK_USM_SELECTOR_H
#define SK_USM_SELECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/slice.h"
#include "usm/edition.h"

/** Order of names, byte by byte. */
int sk_slice_compare(sk_slice a, sk_slice b);

/** The same as qsort(3) takes it. */
int sk_slice_compare_at(const void *a, const void *b);

/** Whether the name is among them. */
bool sk_names_has(const sk_names *names, sk_slice name);

/** Members that a selector gives; the earlier in this order wins when as many are given. */
enum {
        SK_SELECTS_PRIORITY = 1,
        SK_SELECTS_CATEGORY = 2,
        SK_SELECTS_FACILITY = 4,
        SK_SELECTS_CUSTOMER = 8,
};

/** Which calls a work instruction is for: each member given must have the call's value in its list. */
typedef struct sk_selector {
        uint8_t given;      /**< bit set of SK_SELECTS_*; 0 selects every call */
        uint8_t priorities; /**< bits 1 to 5 */
        sk_names customers;
        sk_names facilities;
        sk_names categories;
} sk_selector;

/** Whether the call is one that the selector is for. What is not known of the call yet does not match. */
bool sk_selector_matches(const sk_selector *selector, const sk_selection *selection);

/** The higher the more specific; equal for selectors that give the same members. */
unsigned sk_selector_rank(const sk_selector *selector);

/** Whether some call could be matched by both. */
bool sk_selector_overlaps(const sk_selector *a, const sk_selector *b);

#endif
