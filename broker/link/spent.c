#include "link/spent.h"

#include <assert.h>

/** How long the clock stood by then. */
static int64_t stood(const sk_call *call, const sk_hours *hours, int64_t at_us) {
        assert(call != NULL);
        int64_t stood_us = call->stopped_us;

        if (call->clock_stands) {
                stood_us += sk_hours_between(hours, call->clock_changed_us, at_us);
        }
        return stood_us < 0 ? 0 : stood_us;
}

int64_t sk_spent_by(const sk_call *call, const sk_hours *hours, int64_t at_us) {
        assert(call != NULL);
        int64_t spent_us = sk_hours_between(hours, call->opened_us, at_us) - stood(call, hours, at_us);

        return spent_us < 0 ? 0 : spent_us;
}

int64_t sk_spent_moment(const sk_call *call, const sk_hours *hours, int64_t spent_us, int64_t now_us) {
        int64_t at_us = 0;

        assert(spent_us >= 0);
        return sk_hours_add(hours, call->opened_us, spent_us + stood(call, hours, now_us), &at_us) == SK_OK ? at_us : 0;
}

int64_t sk_spent_within(const sk_call *call, const sk_hours *hours, int64_t by_us) {
        assert(call != NULL);
        return by_us == 0 ? 0 : sk_hours_between(hours, call->opened_us, by_us);
}
