/* An effect as whoever begins it has to know it, read from the call as it is committed (rule E). */

#include <assert.h>

#include "kit/json_scan.h"
#include "link/call.h"
#include "link/data.h"
#include "link/step.h"

const char *sk_effect_result_id(sk_effect_result result) {
        static const char *const ids[SK_EFFECT_RESULTS] = {"done", "later", "declined", "retry", "failed"};

        assert((unsigned)result < SK_EFFECT_RESULTS);
        return ids[result];
}

/** A head is read as it stands in the journal: what no step would have written is not due. */
static bool is_due(const sk_call *call) {
        const sk_visit *visit = &call->visit;

        return visit->number != 0 && sk_how_is_effect(visit->how) &&
               (visit->due == SK_DUE_NOW || (visit->due == SK_DUE_BEGUN && visit->is_once));
}

bool sk_head_effect_of(sk_slice head, sk_head_effect *out) {
        assert(out != NULL);
        sk_call call;

        if (!sk_head_has_effect(head) || sk_call_decode(head, &call) != SK_OK || !is_due(&call)) {
                return false;
        }
        *out = (sk_head_effect){.visit = call.visit.number,
                                .try_number = call.visit.try_number,
                                .how = call.visit.how,
                                .is_once = call.visit.is_once,
                                .is_begun = call.visit.due == SK_DUE_BEGUN,
                                .customer = call.customer};
        assert(sk_how_is_effect(out->how));
        return true;
}

static sk_slice action_of(sk_slice data) {
        sk_section section;

        return sk_data_find(data, SK_SECTION_ACTION, 0, &section) ? section.bytes : SK_NONE;
}

/** A string without escapes as it stands between its quotes; an escaped one stands for itself as well. */
static sk_slice plain(sk_slice text) {
        assert(sk_slice_there(text) || text.len == 0);
        bool is_text = text.len >= 2 && text.at[0] == '"';

        return is_text ? (sk_slice){text.at + 1, text.len - 2} : SK_SLICE("");
}

sk_slice sk_effect_target(sk_slice data) {
        sk_slice action = action_of(data);

        return sk_slice_there(action) ? plain(sk_json_member(action, "target")) : SK_SLICE("");
}

sk_err sk_effect_describe(sk_slice head, sk_slice data, sk_arena *arena, sk_effect *out) {
        assert(arena != NULL);
        assert(out != NULL);
        sk_call call;
        sk_slice action = action_of(data);
        sk_effect effect = {0};

        if (!sk_slice_there(action) || sk_call_decode(head, &call) != SK_OK || !is_due(&call)) {
                return SK_ERR_NOT_FOUND;
        }
        effect.callid = call.id;
        effect.visit = call.visit.number;
        effect.try_number = call.visit.try_number;
        effect.attempts = call.visit.attempts;
        effect.how = call.visit.how;
        effect.is_once = call.visit.is_once;
        effect.deadline_us = call.visit.deadline_us;
        (void)sk_json_member_int(action, "timeout_us", 1, INT64_MAX, &effect.timeout_us);
        effect.target = sk_json_member_string(action, "target", arena);
        effect.config = sk_arena_copy(arena, sk_json_member(action, "config"));
        effect.input = sk_arena_copy(arena, sk_json_member(action, "input"));
        if (sk_arena_err(arena) != SK_OK) {
                return sk_arena_err(arena);
        }
        *out = effect;
        return SK_OK;
}
