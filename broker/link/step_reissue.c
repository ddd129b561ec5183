#include <assert.h>

#include "link/stepping.h"

/*
 * A visit that is entered again under today's edition (rule V4): what runs for it is ended first, what it has asked of
 * others is withdrawn and awaited. The activity stays where it was; only who does it and how is decided anew.
 */

static void report_reissued(sk_stepping *s, sk_slice actor) {
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_REISSUED);

        assert(s->call.visit.number != 0);
        sk_event_put_place(s, w);
        sk_json_put_optional(w, "actor", actor);
        sk_event_end(s);
}

/** The same activity, a new visit. */
static void enter(sk_stepping *s) {
        sk_question_drop(s);
        sk_visit_forget_form(s);
        sk_late_forget(s);
        s->call.visit = (sk_visit){0};
        sk_step_advance(s);
}

void sk_visit_enter_again(sk_stepping *s) {
        assert(s->call.visit.is_reissued);
        assert(!sk_visit_has_open_asks(&s->call));
        enter(s);
}

/** An offer is out, the link at the cut works on what was triggered, or only what went onward is awaited. */
static bool is_bound(const sk_stepping *s) {
        assert(s->call.frame_count > 0);
        const sk_frame *frame = &s->call.frames[s->call.frame_count - 1];

        return s->call.offer != 0 || s->call.visit.is_waiting ||
               (frame->step == SK_AT_CUT && frame->triggered != SK_PROCESSES);
}

/** What earlier visits have sent onward is none of its business; what it has itself is asked again when it is entered. */
static void withdraw_asks(sk_stepping *s, sk_slice reason) {
        assert(s->call.visit.number != 0);
        for (unsigned i = 0; i < s->call.ask_count; i++) {
                sk_ask *ask = &s->call.asks[i];
                if (ask->visit == s->call.visit.number) {
                        ask->is_onward = false;
                        sk_ask_withdraw(s, ask, reason);
                }
        }
}

const char *sk_visit_reissue(sk_stepping *s, sk_slice value) {
        sk_visit *visit = &s->call.visit;
        int64_t number = 0;

        if (s->call.is_ask || !sk_json_member_int(value, "visit", 1, UINT32_MAX, &number) || visit->number != number) {
                return "no-such-visit";
        }
        if (!sk_work_is_coordinator(s)) {
                return "not-entitled";
        }
        if (s->call.standing == SK_WITHDRAWING || is_bound(s)) {
                return s->call.standing == SK_WITHDRAWING ? "withdrawing" : "not-allowed";
        }
        sk_slice reason = sk_work_text(s, value, "reason");
        if (!sk_data_has_room(s, value.len, SK_DATA_SAID_MAX)) {
                return "full";
        }
        sk_data_append(s, SK_SECTION_NOTE, 0xfe, 0, value);
        report_reissued(s, sk_work_actor(s));
        withdraw_asks(s, reason.len > 0 ? reason : SK_SLICE("reissued"));
        if (!sk_visit_has_open_asks(&s->call)) {
                enter(s);
                return sk_work_done;
        }
        assert(visit->number != 0);
        visit->is_reissued = true;
        visit->due = SK_DUE_NONE;
        return sk_work_done;
}
