#include <assert.h>

#include "link/mutation.h"
#include "link/stepping.h"

/*
 * What providers say about the asks of a call. Feedback is never answered with a message, but for what rule O7 says
 * again; what comes behind the end of an ask is recorded and changes nothing.
 */

static void report_fed(sk_stepping *s, const sk_ask *ask) {
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_FED);

        sk_json_put_id(w, "ask", &ask->id);
        sk_json_put_cstr(w, "message", sk_message_name(s->input->envelope->type));
        sk_json_put_text(w, "team", ask->provider);
        if (ask->standing == SK_CLOSED) {
                sk_json_put_cstr(w, "outcome", sk_outcome_id(ask->outcome));
        }
        sk_event_end(s);
}

static void close_ask(sk_stepping *s, sk_ask *ask, sk_outcome outcome, sk_slice code) {
        ask->standing = SK_CLOSED;
        ask->outcome = outcome;
        ask->question = 0;
        ask->offer = 0;
        if (s->call.is_ask) {
                s->call.code = code.len <= SK_CODE_MAX ? code : SK_SLICE("");
        }
        report_fed(s, ask);
}

static void closed(sk_stepping *s, sk_ask *ask, sk_slice value) {
        sk_outcome outcome = sk_outcome_find(sk_json_member_string(value, "outcome", s->context->arena));
        sk_slice code = sk_json_member_string(value, "code", s->context->arena);
        sk_slice result = sk_json_member(value, "result");
        bool is_known = outcome == SK_COMPLETED || outcome == SK_DECLINED || outcome == SK_WITHDRAWN;

        if (outcome == SK_DECLINED && sk_slice_is(code, "retyped") && sk_ask_raise_retyped(s, ask, value)) {
                return;
        }
        if (sk_slice_there(result)) {
                sk_data_append(s, SK_SECTION_ASK_RESULT, sk_ask_index(&s->call, ask), 0, result);
        }
        close_ask(s, ask, is_known ? outcome : SK_FAILED, code);
        sk_ask_ended(s);
}

static bool answers_raise(sk_slice of) {
        return of.len > 4 && memcmp(of.at + of.len - 4, "/c/1", 4) == 0;
}

static void refused(sk_stepping *s, sk_ask *ask, sk_slice value) {
        sk_slice code = sk_json_member_string(value, "code", s->context->arena);
        sk_slice of = sk_json_member_string(value, "of", s->context->arena);

        if (!answers_raise(of)) {
                report_fed(s, ask);
                return;
        }
        if (!sk_slice_is(code, "too-old") && !sk_slice_is(code, "id-conflict")) {
                close_ask(s, ask, SK_DECLINED, code);
                sk_ask_ended(s);
                return;
        }
        ask->needs_coordinator = true;
        close_ask(s, ask, SK_FAILED, code);
        if (!s->call.is_ask && s->call.visit.number != 0 && ask->visit == s->call.visit.number &&
            sk_call_top(&s->call)->step != SK_AT_CUT && !sk_call_has_open_asks(&s->call)) {
                sk_visit_escalate(s, sk_slice_is(code, "too-old") ? "too-old" : "id-conflict");
                return;
        }
        sk_ask_ended(s);
}

static void keep_open_matter(sk_stepping *s, sk_ask *ask, sk_section_kind kind, sk_slice value) {
        uint8_t index = sk_ask_index(&s->call, ask);

        sk_data_remove(s, kind, index);
        sk_data_append(s, kind, index, 0, value);
        report_fed(s, ask);
}

static void set_standing(sk_ask *ask, sk_standing standing) {
        if (ask->standing != SK_WITHDRAWING) {
                ask->standing = standing;
        }
}

static void progress(sk_stepping *s, sk_ask *ask, sk_slice value) {
        sk_slice text = sk_json_member(value, "text");

        set_standing(ask, SK_WORKING);
        if (sk_slice_there(text)) {
                sk_data_append(s, SK_SECTION_NOTE, sk_ask_index(&s->call, ask), 0, value);
        }
        report_fed(s, ask);
        if (sk_slice_there(sk_json_member(value, "of"))) {
                sk_ask_reconcile(s, ask, value);
        }
}

static sk_standing standing_find(sk_slice id) {
        for (unsigned i = 0; i < SK_STANDINGS; i++) {
                if (sk_slice_is(id, sk_standing_id((sk_standing)i))) {
                        return (sk_standing)i;
                }
        }
        return SK_STANDINGS;
}

/** What a message of an unknown kind, or one behind a gap, still says: how the call stands at the provider. */
static void apply_standing(sk_stepping *s, sk_ask *ask, sk_slice value) {
        sk_slice standing = sk_json_member(value, "standing");
        sk_arena *arena = s->context->arena;

        if (!sk_slice_there(standing) || sk_json_kind_of(standing) != SK_JSON_OBJECT) {
                report_fed(s, ask);
                return;
        }
        sk_standing state = standing_find(sk_json_member_string(standing, "state", arena));
        sk_outcome outcome = sk_outcome_find(sk_json_member_string(standing, "outcome", arena));
        if (state == SK_CLOSED) {
                close_ask(s, ask, outcome >= SK_OUTCOMES || outcome == SK_OUTCOME_NONE ? SK_FAILED : outcome, SK_NONE);
                sk_ask_ended(s);
                return;
        }
        if (state != SK_STANDINGS) {
                set_standing(ask, state);
        }
        report_fed(s, ask);
}

static void apply(sk_stepping *s, sk_ask *ask) {
        sk_slice value = s->input->record->value;
        uint32_t seqno = s->input->envelope->seqno;

        switch (s->input->envelope->type) {
        case SK_FEEDBACK_CLOSED:
                closed(s, ask, value);
                return;
        case SK_FEEDBACK_REFUSED:
                refused(s, ask, value);
                return;
        case SK_FEEDBACK_QUESTION:
                ask->question = seqno;
                set_standing(ask, SK_WAITING);
                keep_open_matter(s, ask, SK_SECTION_ASK_QUESTION, value);
                return;
        case SK_FEEDBACK_OFFER:
                ask->offer = seqno;
                set_standing(ask, SK_WAITING);
                keep_open_matter(s, ask, SK_SECTION_ASK_OFFER, value);
                return;
        case SK_FEEDBACK_PROGRESS:
                progress(s, ask, value);
                return;
        case SK_FEEDBACK_LATE:
                sk_json_put_id(sk_event_begin(s, SK_EVENT_LATE), "ask", &ask->id);
                sk_event_end(s);
                return;
        default:
                apply_standing(s, ask, value);
        }
}

/** Rule O2. @return whether the message is to be applied */
static bool take_seqno(sk_stepping *s, sk_ask *ask) {
        uint32_t seqno = s->input->envelope->seqno;

        if (seqno == 0) {
                return ask->standing != SK_CLOSED;
        }
        if (seqno <= ask->in_seqno && !SK_MUTATED(O2)) {
                sk_json_put_id(sk_event_begin(s, SK_EVENT_DUPLICATE), "ask", &ask->id);
                sk_event_end(s);
                return false;
        }
        if (seqno > ask->in_seqno + 1) {
                sk_json_writer *w = sk_event_begin(s, SK_EVENT_GAP);
                sk_json_put_id(w, "ask", &ask->id);
                sk_json_put_int(w, "expected", ask->in_seqno + 1);
                sk_json_put_int(w, "got", seqno);
                sk_event_end(s);
        }
        ask->in_seqno = seqno;
        s->call_changed = true;
        return true;
}

void sk_step_feedback(sk_stepping *s) {
        const sk_envelope *envelope = s->input->envelope;
        sk_slice peer = s->input->record->topic->peer;

        if (s->before->known == SK_KNOWN_CLOSED) {
                sk_event_stray(s, SK_EVENT_LATE, &envelope->replykey, "message", sk_message_name(envelope->type));
                return;
        }
        if (s->before->known == SK_KNOWN_NOT && envelope->type == SK_FEEDBACK_OFFER) {
                sk_step_offer_opens(s);
        } else if (s->before->known == SK_KNOWN_NOT) {
                sk_event_stray(s, SK_EVENT_UNKNOWN, &envelope->replykey, NULL, NULL);
                return;
        }
        sk_ask *ask = sk_call_ask(&s->call, &envelope->callid);
        if (ask == NULL || !sk_slice_equal(ask->provider, peer)) {
                sk_event_plain(s, SK_EVENT_UNKNOWN);
                return;
        }
        if (take_seqno(s, ask)) {
                apply(s, ask);
        }
}
