/* Which work instruction is for which call: matching, specificity, ties. Cases are data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "usm/selector.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/** A selector in words: lists separated by commas; NULL: not given. Priorities as digits. */
typedef struct words {
        const char *customer;
        const char *facility;
        const char *category;
        const char *priority;
} words;

typedef struct built_selector {
        sk_slice at[12];
        size_t used;
        sk_selector selector;
} built_selector;

static sk_names split(built_selector *built, const char *list) {
        sk_names names = {.at = &built->at[built->used]};
        while (list != NULL) {
                size_t len = strcspn(list, ",");
                assert_true(built->used < COUNT(built->at));
                built->at[built->used++] = (sk_slice){list, len};
                names.count++;
                list = list[len] == ',' ? list + len + 1 : NULL;
        }
        return names;
}

static void build(built_selector *out, const words *from) {
        *out = (built_selector){0};
        out->selector.customers = split(out, from->customer);
        out->selector.facilities = split(out, from->facility);
        out->selector.categories = split(out, from->category);
        for (const char *at = from->priority; at != NULL && *at != '\0'; at++)
                out->selector.priorities |= (uint8_t)(1U << (*at - '0'));
        out->selector.given = (uint8_t)((from->customer != NULL ? SK_SELECTS_CUSTOMER : 0) |
                                        (from->facility != NULL ? SK_SELECTS_FACILITY : 0) |
                                        (from->category != NULL ? SK_SELECTS_CATEGORY : 0) |
                                        (from->priority != NULL ? SK_SELECTS_PRIORITY : 0));
}

static void test_a_selector_matches_when_each_given_member_has_the_value(void **state) {
        static const struct {
                words selector;
                sk_selection call;
                bool matches;
        } cases[] = {
                {{NULL, NULL, NULL, NULL}, {.priority = 0}, true},
                {{"finance", NULL, NULL, NULL}, {.customer = SK_SLICE("finance")}, true},
                {{"finance", NULL, NULL, NULL}, {.customer = SK_SLICE("sales")}, false},
                {{"sales,finance", NULL, NULL, NULL}, {.customer = SK_SLICE("finance")}, true},
                {{"finance", NULL, NULL, NULL}, {.customer = SK_SLICE("financ")}, false},
                {{"finance", NULL, NULL, NULL}, {.customer = {NULL, 0}}, false},
                {{NULL, "laptop", NULL, NULL}, {.facility = SK_SLICE("laptop")}, true},
                {{NULL, "laptop", NULL, NULL}, {.facility = {NULL, 0}}, false},
                {{"finance", "laptop", NULL, NULL},
                 {.customer = SK_SLICE("finance"), .facility = SK_SLICE("wifi")},
                 false},
                {{NULL, NULL, "hardware", NULL}, {.category = SK_SLICE("hardware")}, true},
                {{NULL, NULL, "hardware", NULL}, {.category = {NULL, 0}}, false},
                {{NULL, NULL, NULL, "12"}, {.priority = 2}, true},
                {{NULL, NULL, NULL, "12"}, {.priority = 3}, false},
                {{NULL, NULL, NULL, "12"}, {.priority = 0}, false},
                {{NULL, NULL, NULL, "12345"}, {.priority = 6}, false},
                {{NULL, NULL, NULL, "12345"}, {.priority = 32}, false},
                {{"finance", "laptop", "hardware", "1"},
                 {.customer = SK_SLICE("finance"),
                  .facility = SK_SLICE("laptop"),
                  .category = SK_SLICE("hardware"),
                  .priority = 1},
                 true},
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                built_selector selector;
                build(&selector, &cases[i].selector);
                if (sk_selector_matches(&selector.selector, &cases[i].call) != cases[i].matches)
                        fail_msg("case %zu: expected %d", i, cases[i].matches);
        }
}

static void test_more_members_are_more_specific_then_customer_before_facility_before_category(void **state) {
        /* From the least specific to the most. */
        static const words order[] = {
                {NULL, NULL, NULL, NULL}, {NULL, NULL, NULL, "1"}, {NULL, NULL, "c", NULL}, {NULL, "f", NULL, NULL},
                {"t", NULL, NULL, NULL},  {NULL, NULL, "c", "1"},  {NULL, "f", NULL, "1"},  {NULL, "f", "c", NULL},
                {"t", NULL, NULL, "1"},   {"t", NULL, "c", NULL},  {"t", "f", NULL, NULL},  {NULL, "f", "c", "1"},
                {"t", NULL, "c", "1"},    {"t", "f", NULL, "1"},   {"t", "f", "c", NULL},   {"t", "f", "c", "1"},
        };
        (void)state;
        for (size_t i = 1; i < COUNT(order); i++) {
                built_selector less;
                built_selector more;
                build(&less, &order[i - 1]);
                build(&more, &order[i]);
                if (sk_selector_rank(&less.selector) >= sk_selector_rank(&more.selector))
                        fail_msg("case %zu is not more specific than the one before", i);
        }
}

static void test_two_selectors_overlap_when_some_call_could_have_both(void **state) {
        static const struct {
                words a;
                words b;
                bool overlaps;
        } cases[] = {
                {{NULL, "laptop", NULL, NULL}, {NULL, "laptop", NULL, NULL}, true},
                {{NULL, "laptop", NULL, NULL}, {NULL, "wifi", NULL, NULL}, false},
                {{NULL, "laptop,wifi", NULL, NULL}, {NULL, "phone,wifi", NULL, NULL}, true},
                {{"finance", NULL, NULL, NULL}, {NULL, "wifi", NULL, NULL}, true},
                {{"finance", "wifi", NULL, NULL}, {"sales", "wifi", NULL, NULL}, false},
                {{"finance", "wifi", NULL, NULL}, {"finance", "laptop", NULL, NULL}, false},
                {{NULL, NULL, "a,b", NULL}, {NULL, NULL, "c", NULL}, false},
                {{NULL, NULL, NULL, "12"}, {NULL, NULL, NULL, "345"}, false},
                {{NULL, NULL, NULL, "12"}, {NULL, NULL, NULL, "23"}, true},
                {{NULL, NULL, NULL, NULL}, {"finance", "wifi", "x", "1"}, true},
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                built_selector a;
                built_selector b;
                build(&a, &cases[i].a);
                build(&b, &cases[i].b);
                if (sk_selector_overlaps(&a.selector, &b.selector) != cases[i].overlaps)
                        fail_msg("case %zu: expected %d", i, cases[i].overlaps);
                assert_int_equal(sk_selector_overlaps(&a.selector, &b.selector),
                                 sk_selector_overlaps(&b.selector, &a.selector));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_selector_matches_when_each_given_member_has_the_value),
                cmocka_unit_test(test_more_members_are_more_specific_then_customer_before_facility_before_category),
                cmocka_unit_test(test_two_selectors_overlap_when_some_call_could_have_both),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
