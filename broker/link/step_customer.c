#include <assert.h>

#include "link/mutation.h"
#include "link/stepping.h"

/*
 * Messages of the customer, and the promise's clock, which stands while the customer is asked.
 */

void sk_clock_stop(sk_stepping *s) {
        sk_call *call = &s->call;

        assert(call->clock_changed_us <= s->context->now_us);
        if (!call->clock_stands) {
                call->clock_stands = true;
                call->clock_changed_us = s->context->now_us;
        }
}

void sk_clock_start(sk_stepping *s, int64_t at_us) {
        sk_call *call = &s->call;

        if (!call->clock_stands) {
                return;
        }
        int64_t at = at_us < call->clock_changed_us ? call->clock_changed_us : at_us;
        at = at > s->context->now_us ? s->context->now_us : at;
        if (at > call->clock_changed_us) {
                call->stopped_us += sk_hours_between(sk_step_hours(s), call->clock_changed_us, at);
                call->clock_changed_us = at;
        }
        call->clock_stands = false;
}

/** The promise's clock runs again from the time of the record that said so (rule O5). */
static void work_again(sk_stepping *s) {
        sk_clock_start(s, s->at_us);
        if (s->call.standing == SK_WAITING) {
                s->call.standing = SK_WORKING;
        }
        assert(!s->call.clock_stands);
}

static void question_end(sk_stepping *s) {
        assert(s->call.question != 0);
        assert(s->call.clock_stands);
        s->call.question = 0;
        s->call.question_until_us = 0;
        sk_data_remove(s, SK_SECTION_QUESTION, 0);
        work_again(s);
        assert(s->call.question == 0);
}

static void offer_end(sk_stepping *s) {
        assert(s->call.offer != 0);
        assert(s->call.clock_stands);
        s->call.offer = 0;
        s->call.question_until_us = 0;
        work_again(s);
        assert(!s->call.clock_stands);
}

void sk_question_drop(sk_stepping *s) {
        if (s->call.question != 0) {
                question_end(s);
                s->is_untold = true;
        }
        assert(s->call.question == 0);
}

void sk_offer_drop(sk_stepping *s) {
        if (s->call.offer != 0) {
                offer_end(s);
                s->is_untold = true;
        }
        assert(s->call.offer == 0);
}

void sk_customer_tell(sk_stepping *s) {
        assert(s->reject->reason == NULL);
        bool has_reader = !sk_step_is_own(s) || s->call.is_offered;

        assert(!s->is_closed);
        if (s->is_untold && has_reader) {
                sk_feedback_begin(s, SK_FEEDBACK_PROGRESS);
                sk_feedback_end(s);
        }
}

const char *sk_customer_answers(sk_stepping *s, uint32_t question, sk_slice answer_json) {
        assert(s->before->known == SK_KNOWN_OPEN);
        if (s->call.question == 0 || s->call.question != question) {
                return "no-question";
        }
        if (!sk_data_has_room(s, answer_json.len, SK_DATA_SENT_MAX)) {
                return "full";
        }
        sk_data_append(s, SK_SECTION_NOTE, 0xff, 0, answer_json);
        question_end(s);
        assert(s->call.question == 0);
        sk_json_put_int(sk_event_begin(s, SK_EVENT_ANSWERED), "question", question);
        sk_event_end(s);
        return NULL;
}

static bool is_negotiating(sk_stepping *s) {
        if (s->call.visit.number == 0 || sk_call_top(&s->call)->step == SK_AT_CUT) {
                return false;
        }
        return sk_frame_activity(sk_call_top(&s->call))->name == SK_NEGOTIATE;
}

/** What was decided ends the negotiation. */
static void negotiated(sk_stepping *s, sk_outcome outcome, sk_slice code) {
        assert(outcome == SK_COMPLETED || outcome == SK_DECLINED);
        if (is_negotiating(s) && s->call.standing != SK_WITHDRAWING) {
                sk_visit_end(
                        s, &(sk_ending_report){.outcome = outcome, .code = code, .actor = SK_NONE, .result = SK_NONE});
                sk_step_advance(s);
        }
}

const char *sk_customer_decides(sk_stepping *s, uint32_t offer, bool accepts) {
        assert(s->before->known == SK_KNOWN_OPEN);
        if (s->call.offer == 0 || s->call.offer != offer) {
                return "no-offer";
        }
        s->call.decision = accepts ? 1 : 2;
        offer_end(s);
        assert(s->call.decision == 1 || s->call.decision == 2);
        sk_json_put_int(sk_event_begin(s, SK_EVENT_ANSWERED), "offer", offer);
        sk_event_end(s);
        negotiated(s, accepts ? SK_COMPLETED : SK_DECLINED, accepts ? SK_NONE : SK_SLICE("offer-refused"));
        return NULL;
}

void sk_offer_lapses(sk_stepping *s) {
        uint32_t offer = s->call.offer;

        assert(offer != 0);
        assert(s->call.question == 0);
        s->call.decision = 2;
        offer_end(s);
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_ANSWERED);
        sk_json_put_int(w, "offer", offer);
        sk_json_put_cstr(w, "code", "lapsed");
        sk_event_end(s);
        s->is_untold = true;
        negotiated(s, SK_DECLINED, SK_SLICE("offer-lapsed"));
}

/** Whether the running visit can be broken off for a withdraw; a close that has begun is finished. */
static bool can_break_off(sk_stepping *s) {
        const sk_frame *frame = sk_call_top(&s->call);

        assert(!s->is_closed);
        return s->call.visit.number != 0 && (frame->step == SK_AT_CUT || sk_frame_activity(frame)->name != SK_CLOSE);
}

static bool is_too_late(sk_stepping *s) {
        const sk_frame *frame = &s->call.frames[0];
        bool is_closing = frame->step != SK_AT_CUT && sk_frame_activity(frame)->name == SK_CLOSE;

        assert(s->call.frame_count > 0);
        return s->call.is_past_return || is_closing;
}

bool sk_withdraw_breaks_off(sk_stepping *s) {
        assert(!s->is_closed);
        return s->call.standing == SK_WITHDRAWING && can_break_off(s);
}

void sk_withdraw_go_on(sk_stepping *s) {
        assert(!s->is_closed);
        sk_ending_report report = {
                .outcome = SK_WITHDRAWN, .code = SK_SLICE("withdrawn"), .actor = SK_NONE, .result = SK_NONE};

        assert(s->call.standing == SK_WITHDRAWING);
        if (!can_break_off(s) || sk_asks_withdraw(s)) {
                return;
        }
        if (sk_call_top(&s->call)->step == SK_AT_CUT) {
                sk_frame *frame = sk_call_top(&s->call);
                frame->outcome = SK_WITHDRAWN;
                s->call.visit = (sk_visit){0};
                sk_visit_forget_form(s);
                sk_frame_skip_to_close(s, "withdrawn");
        } else {
                sk_visit_end(s, &report);
        }
        sk_step_advance(s);
}

const char *sk_customer_withdraws(sk_stepping *s) {
        assert(!s->call.is_ask);
        assert(!s->is_closed);
        if (s->call.standing == SK_WITHDRAWING) {
                sk_event_plain(s, SK_EVENT_NOTED); /* asked for already: the closing will answer both */
                return NULL;
        }
        if (is_too_late(s)) {
                return "too-late";
        }
        sk_question_drop(s);
        sk_offer_drop(s);
        assert(s->call.question == 0);
        assert(s->call.offer == 0);
        s->call.standing = SK_WITHDRAWING;
        sk_event_plain(s, SK_EVENT_WITHDRAWING);
        sk_withdraw_go_on(s);
        return NULL;
}

/* ---- dispatch ---- */

static void note(sk_stepping *s, sk_slice value) {
        assert(!s->is_closed);
        if (!sk_data_has_room(s, value.len, SK_DATA_SAID_MAX)) {
                sk_feedback_refuse(s, true, "full", "the call holds as many notes as it may");
                return;
        }
        sk_data_append(s, SK_SECTION_NOTE, 0xff, 0, value);
        sk_event_plain(s, SK_EVENT_NOTED);
}

static void answer(sk_stepping *s, sk_slice value) {
        assert(s->input->envelope->type == SK_CALL_ANSWER);
        int64_t question = 0;

        (void)sk_json_member_int(value, "question", 1, UINT32_MAX, &question);
        const char *code = sk_customer_answers(s, (uint32_t)question, value);
        if (code != NULL && strcmp(code, "no-question") == 0) {
                note(s, value); /* a second answer, or one that came too late, is a note */
        } else if (code != NULL) {
                sk_feedback_refuse(s, true, code, "the call holds as much as it may");
        }
}

static void decide(sk_stepping *s, sk_slice value) {
        assert(s->input->envelope->type == SK_CALL_DECIDE);
        int64_t offer = 0;
        sk_slice decision = sk_json_member_string(value, "decision", s->context->arena);
        bool accepts = sk_slice_is(decision, "accept");

        if (!sk_json_member_int(value, "offer", 1, UINT32_MAX, &offer) ||
            (!accepts && !sk_slice_is(decision, "refuse"))) {
                sk_feedback_refuse(s, true, "invalid", "a decision names its offer and says accept or refuse");
                return;
        }
        if (sk_customer_decides(s, (uint32_t)offer, accepts) != NULL) {
                sk_feedback_refuse(s, true, "no-offer", "there is no such offer open");
        }
}

static void withdraw(sk_stepping *s) {
        assert(s->input->envelope->type == SK_CALL_WITHDRAW);
        if (sk_customer_withdraws(s) != NULL) {
                sk_feedback_refuse(s, true, "too-late", "the work is past the point of no return");
        }
}

static void apply(sk_stepping *s) {
        assert(s->before->known == SK_KNOWN_OPEN);
        sk_slice value = s->input->record->value;
        sk_message type = s->input->envelope->type;
        char why[SK_UNFIT_TEXT];

        assert(!s->call.is_ask);
        if (!sk_step_is_fit(s, why)) {
                sk_feedback_refuse(s, true, "invalid", why);
                return;
        }
        if (sk_step_is_own(s) && type != SK_CALL_DECIDE && type != SK_CALL_NOTE) {
                sk_feedback_refuse(s, true, "not-allowed", "an offer can be decided, and noted on");
                return;
        }
        switch (type) {
        case SK_CALL_ANSWER:
                answer(s, value);
                return;
        case SK_CALL_DECIDE:
                decide(s, value);
                return;
        case SK_CALL_NOTE:
                note(s, value);
                return;
        case SK_CALL_WITHDRAW:
                withdraw(s);
                return;
        default:
                sk_feedback_refuse(s, true, "unsupported", "this link does not know that message");
        }
}

/** Rule O2. @return whether the message is to be applied */
static bool take_seqno(sk_stepping *s) {
        uint32_t seqno = s->input->envelope->seqno;

        assert(s->before->known == SK_KNOWN_OPEN);
        if (seqno <= s->call.in_seqno && !SK_MUTATED(O2)) {
                sk_event_plain(s, SK_EVENT_DUPLICATE);
                return false;
        }
        if (seqno > s->call.in_seqno + 1) {
                sk_json_writer *w = sk_event_begin(s, SK_EVENT_GAP);
                sk_json_put_int(w, "expected", s->call.in_seqno + 1);
                sk_json_put_int(w, "got", seqno);
                sk_event_end(s);
        }
        assert(seqno > s->call.in_seqno || SK_MUTATED(O2)); /* it only grows */
        s->call.in_seqno = seqno;
        s->call_changed = true;
        return true;
}

static bool may_speak(const sk_stepping *s) {
        assert(s->input->record->topic->kind == SK_TOPIC_CALLS);
        sk_slice peer = s->input->record->topic->peer;

        return !s->call.is_ask && (sk_slice_equal(s->call.customer, peer) ||
                                   (s->call.is_offered && sk_slice_equal(s->call.on_behalf, peer)));
}

void sk_step_customer(sk_stepping *s) {
        assert(s->input->kind == SK_INPUT_MESSAGE);
        bool is_raise = s->input->envelope->type == SK_CALL_RAISE;

        assert(s->input->record->topic->kind == SK_TOPIC_CALLS);
        if (s->before->known == SK_KNOWN_CLOSED) {
                sk_step_ask_stub(s);
        } else if (s->before->known == SK_KNOWN_NOT && is_raise) {
                sk_step_raise(s);
        } else if (s->before->known == SK_KNOWN_NOT) {
                bool is_known = s->input->envelope->type != SK_MESSAGES;
                sk_feedback_refuse(s, false, is_known ? "unknown-call" : "unsupported", "this link has no such call");
        } else if (!may_speak(s)) {
                sk_feedback_refuse(s, false, is_raise ? "id-conflict" : "unknown-call",
                                   "the id belongs to another call");
        } else if (is_raise) {
                sk_step_raise_again(s);
        } else if (take_seqno(s)) {
                apply(s);
        }
}
