/*
 * How a call ends early, as a table. Its rows are asked in order and the first that fits decides; what no row allows
 * is an answered error. There is never a ninth path: an early end only shortens one of the eight.
 */
#include <assert.h>

#include "usm/method.h"

#define NAME(name) (1u << (name))
#define ANY_NAME (NAME(SK_ACTIVITY_NAMES) - 1u)

typedef struct ending_rule {
        sk_outcome outcome;
        unsigned names;       /**< bit set over sk_activity_name */
        bool until_no_return; /**< only while a customer may still withdraw */
        sk_ending ending;
} ending_rule;

static const ending_rule rules[] = {
        {SK_COMPLETED, ANY_NAME, false, SK_GO_ON},
        {SK_DECLINED, NAME(SK_ACCEPT) | NAME(SK_CLASSIFY), false, SK_GO_TO_CLOSE},
        {SK_DECLINED, NAME(SK_NEGOTIATE), false, SK_GO_TO_CLOSE},
        {SK_DECLINED, NAME(SK_PLAN) | NAME(SK_RELEASE), false, SK_GO_TO_CLOSE},
        {SK_WITHDRAWN, ANY_NAME, true, SK_GO_TO_CLOSE},
        {SK_FAILED, NAME(SK_REVIEW), false, SK_GO_TO_CLOSE},
        {SK_FAILED, NAME(SK_REGISTER) | NAME(SK_CLOSE), false, SK_GO_ON},
        {SK_FAILED, ANY_NAME, false, SK_GO_TO_REVIEW},
        {SK_NOT_CONFIRMED, NAME(SK_REVIEW), false, SK_GO_TO_CUT},
};

static const char *const outcomes[SK_OUTCOMES] = {
        [SK_OUTCOME_NONE] = "none",   [SK_COMPLETED] = "completed", [SK_DECLINED] = "declined",
        [SK_WITHDRAWN] = "withdrawn", [SK_FAILED] = "failed",       [SK_NOT_CONFIRMED] = "not-confirmed",
};

const char *sk_outcome_id(sk_outcome outcome) {
        assert((unsigned)outcome < SK_OUTCOMES);
        return outcomes[outcome];
}

sk_outcome sk_outcome_find(sk_slice id) {
        assert(sk_slice_there(id) || id.len == 0);
        for (unsigned i = 0; i < SK_OUTCOMES; i++) {
                if (sk_slice_is(id, outcomes[i]))
                        return (sk_outcome)i;
        }
        return SK_OUTCOMES;
}

/* All workflows lead through operate, so that whatever stands after a cut comes after operate.perform. */
bool sk_is_point_of_no_return(const sk_activity *activity) {
        assert(activity != NULL);
        if (activity->after_cut)
                return true;
        return activity->process == SK_OPERATE &&
               (activity->name == SK_PERFORM || activity->name == SK_REVIEW || activity->name == SK_CLOSE);
}

sk_ending sk_ending_of(const sk_activity *activity, sk_outcome outcome) {
        assert(activity->name < SK_ACTIVITY_NAMES);
        assert((unsigned)outcome < SK_OUTCOMES);
        assert(activity != NULL);
        for (unsigned i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
                const ending_rule *rule = &rules[i];
                if (rule->outcome == outcome && (rule->names & NAME(activity->name)) != 0 &&
                    !(rule->until_no_return && sk_is_point_of_no_return(activity)))
                        return rule->ending;
        }
        return SK_NOT_ALLOWED;
}
