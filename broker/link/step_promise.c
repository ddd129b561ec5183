#include <assert.h>

#include "link/stepping.h"

/*
 * What is promised for a call, and its priority: first by the agreement, from impact and urgency; later as *classify*
 * says, and whoever corrects it. The promise follows the first and is fixed at acceptance (rule V5).
 */

enum { CATEGORY_MAX = 100 };

/** A moment by which something is promised; 0 if nothing is, or not in this age. */
static int64_t promised_us(const sk_stepping *s, int64_t within_us) {
        assert(within_us >= 0);
        int64_t by_us = 0;

        if (within_us == 0) {
                return 0;
        }
        return sk_hours_add(sk_step_hours(s), s->call.opened_us, within_us, &by_us) == SK_OK ? by_us : 0;
}

/** The priority before anybody has classified the call. */
static unsigned first_priority(const sk_stepping *s) {
        assert(s->call.impact <= 5);
        assert(s->call.urgency <= 5);
        const sk_agreement *agreement = sk_step_agreement(s);
        const sk_call *call = &s->call;

        if (agreement != NULL) {
                return sk_agreement_priority(agreement, call->impact, call->urgency);
        }
        return call->urgency != 0 ? call->urgency : 3;
}

static sk_promise_terms terms_of(const sk_stepping *s) {
        const sk_agreement *agreement = sk_step_agreement(s);

        if (agreement == NULL) {
                return (sk_promise_terms){.calendar = SK_NONE};
        }
        return sk_agreement_promise(agreement, s->call.facility, s->call.type, first_priority(s));
}

/** By when the call must be accepted, as the agreement says on the day on which it comes. */
void sk_promise_response(sk_stepping *s) {
        sk_promise_terms terms = terms_of(s);

        assert(s->call.accepted_us == 0);
        s->call.calendar = sk_slice_there(terms.calendar) ? terms.calendar : SK_SLICE("");
        s->call.respond_by_us = promised_us(s, terms.respond_within_us);
}

/** Fixed at acceptance (rule V5). */
static void promise(sk_stepping *s) {
        sk_promise_terms terms = terms_of(s);

        s->call.calendar = sk_slice_there(terms.calendar) ? terms.calendar : SK_SLICE("");
        s->call.respond_by_us = promised_us(s, terms.respond_within_us);
        s->call.resolve_by_us = promised_us(s, terms.resolve_within_us);
        s->call.escalated = 0;
        s->call.escalated_to = 0;
}

void sk_call_accept(sk_stepping *s) {
        const sk_agreement *agreement = sk_step_agreement(s);
        char text[SK_DIGEST_TEXT];

        assert(s->call.frame_count == 1);
        s->call.accepted_us = s->context->now_us;
        if (s->call.standing == SK_RAISED) {
                s->call.standing = SK_ACCEPTED;
        }
        promise(s);
        sk_json_writer *w = sk_feedback_begin(s, SK_FEEDBACK_ACCEPTED);
        sk_json_put_cstr(w, "type", sk_call_type_id(s->call.type));
        if (agreement != NULL) {
                sk_digest_format(sk_agreement_digest(agreement), text);
                sk_json_put_text(w, "agreement_digest", (sk_slice){text, sizeof text});
        }
        sk_feedback_end(s);
}

bool sk_category_check(sk_slice category) {
        return category.len > 0 && category.len <= CATEGORY_MAX;
}

void sk_call_report_classified(sk_stepping *s, sk_slice actor) {
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_CLASSIFIED);

        assert(s->call.priority != 0);
        sk_json_put_text(w, "category", s->call.category);
        sk_json_put_int(w, "priority", s->call.priority);
        sk_json_put_optional(w, "actor", actor);
        sk_event_end(s);
}

/** What *classify* says about impact and urgency, from which the agreement's table gives the priority. */
static void read_impact(sk_stepping *s, sk_slice result) {
        int64_t number = 0;

        if (sk_json_member_int(result, "impact", 1, 5, &number)) {
                s->call.impact = (uint8_t)number;
        }
        if (sk_json_member_int(result, "urgency", 1, 5, &number)) {
                s->call.urgency = (uint8_t)number;
        }
        assert(s->call.impact <= 5);
        assert(s->call.urgency <= 5);
}

void sk_call_classify(sk_stepping *s, sk_slice result) {
        sk_call *call = &s->call;
        sk_slice category =
                sk_slice_there(result) ? sk_json_member_string(result, "category", s->context->arena) : SK_NONE;
        int64_t priority = first_priority(s);

        assert(s->call.frame_count == 1);
        if (sk_slice_there(result)) {
                read_impact(s, result);
                priority = first_priority(s);
                (void)sk_json_member_int(result, "priority", 1, 5, &priority);
        }
        call->category = sk_category_check(category) ? category : call->facility;
        call->priority = (uint8_t)priority;
        sk_call_report_classified(s, SK_NONE);
        assert(call->priority >= 1);
        assert(call->priority <= 5);
}
