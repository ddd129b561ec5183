#include <assert.h>

#include "link/mutation.h"
#include "link/share.h"
#include "link/stepping.h"

/*
 * What providers say about the asks of a call. Feedback is never answered with a message, but for what rule O7 says
 * again; what comes behind the end of an ask is recorded and changes nothing.
 */

enum { CLOCK_MAX = 1000, NAME_ROOM = 64 };

/** The provider's count is the one that counts (rule O5): the customer's record takes it over as it came. */
static void put_clock(sk_stepping *s, sk_json_writer *w) {
        assert(s->input->envelope != NULL);
        sk_slice clock = sk_json_member(s->input->record->value, "clock");

        if (sk_slice_there(clock) && sk_json_kind_of(clock) == SK_JSON_OBJECT && clock.len <= CLOCK_MAX) {
                sk_json_put_raw(w, "clock", clock);
        }
}

static void report_fed_but(sk_stepping *s, const sk_ask *ask, const char *left_out) {
        assert(s->input->record->topic->kind == SK_TOPIC_FEEDBACK);
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_FED);

        assert(ask->provider.len > 0);
        sk_json_put_id(w, "ask", &ask->id);
        sk_json_put_cstr(w, "message", sk_message_name(s->input->envelope->type));
        sk_json_put_text(w, "team", ask->provider);
        if (ask->standing == SK_CLOSED) {
                sk_json_put_cstr(w, "outcome", sk_outcome_id(ask->outcome));
                put_clock(s, w);
        }
        if (left_out != NULL) {
                sk_json_put_cstr(w, "left_out", left_out);
        }
        sk_event_end(s);
}

static void report_fed(sk_stepping *s, const sk_ask *ask) {
        report_fed_but(s, ask, NULL);
}

/* ---- the end of an ask ---- */

static void close_ask(sk_stepping *s, sk_ask *ask, sk_outcome outcome, sk_slice code) {
        assert(ask->standing != SK_CLOSED);
        assert(outcome != SK_OUTCOME_NONE);
        assert(outcome < SK_OUTCOMES);
        ask->standing = SK_CLOSED;
        ask->outcome = outcome;
        ask->question = 0;
        ask->offer = 0;
        if (outcome != SK_COMPLETED && !s->call.is_ask) {
                sk_vain_keep(s, ask, code);
        }
        if (s->call.is_ask) {
                s->call.code = code.len <= SK_CODE_MAX ? code : SK_SLICE("");
        }
        assert(ask->question == 0);
        assert(ask->offer == 0);
}

/** What a provider can say of the end of a call; everything else counts as failed. */
static sk_outcome outcome_said(sk_stepping *s, sk_slice object) {
        sk_outcome outcome = sk_outcome_find(sk_json_member_string(object, "outcome", s->context->arena));

        return outcome == SK_COMPLETED || outcome == SK_DECLINED || outcome == SK_WITHDRAWN ? outcome : SK_FAILED;
}

static const sk_agreement *agreement_with(const sk_stepping *s, const sk_ask *ask) {
        assert(ask->provider.len > 0);
        return sk_edition_agreement(s->context->edition, s->own, ask->provider);
}

/** Of a result what the agreement of today shares: the rest is not ours, whatever the other side sends. */
static sk_slice share_of(sk_stepping *s, const sk_ask *ask, sk_slice result) {
        assert(sk_slice_there(result));
        sk_buf text = sk_buf_make(SK_RESULT_MAX + NAME_ROOM);
        sk_json_writer w = sk_json_writer_make(&text);

        sk_json_open_object(&w, NULL);
        sk_share_put(&w, agreement_with(s, ask), "result", result);
        sk_json_close_object(&w);
        sk_slice kept = text.err == SK_OK ? sk_json_member(sk_step_keep(s, sk_buf_slice(&text)), "result") : SK_NONE;
        if (text.err == SK_ERR_NO_MEMORY) {
                s->out->err = text.err;
        }
        sk_buf_free(&text);
        return kept;
}

/** Keeps the result where there is room for it, and where it can go on to the next link. */
static bool keep_result(sk_stepping *s, const sk_ask *ask, sk_slice result) {
        assert(ask->standing != SK_CLOSED);
        if (!sk_slice_there(result)) {
                return true;
        }
        if (result.len > SK_RESULT_MAX || !sk_data_has_room(s, result.len, SK_DATA_SENT_MAX) ||
            !sk_step_is_json(s, result, SK_RESULT_DEPTH_MAX)) {
                return false;
        }
        sk_slice shared = sk_share_has(agreement_with(s, ask), "result") ? result : share_of(s, ask, result);
        if (sk_slice_there(shared)) {
                sk_data_append(s, SK_SECTION_ASK_RESULT, sk_ask_index(&s->call, ask), 0, shared);
        }
        return sk_slice_there(shared);
}

static void closed(sk_stepping *s, sk_ask *ask, sk_slice value) {
        assert(ask->standing != SK_CLOSED);
        sk_outcome outcome = outcome_said(s, value);
        sk_slice code = sk_json_member_string(value, "code", s->context->arena);

        if (outcome == SK_DECLINED && sk_slice_is(code, "retyped") && sk_ask_raise_retyped(s, ask, value)) {
                return;
        }
        bool is_kept = keep_result(s, ask, sk_json_member(value, "result"));
        close_ask(s, ask, outcome, code);
        report_fed_but(s, ask, is_kept ? NULL : "result");
        sk_ask_ended(s, ask);
}

/** The first message is a raise, but for an offer that came out of the blue: there it is the decision. */
static bool answers_raise(const sk_stepping *s, const sk_ask *ask, sk_slice of) {
        assert(s->input->envelope->type == SK_FEEDBACK_REFUSED);
        sk_section raise;

        return of.len > 4 && memcmp(of.at + of.len - 4, "/c/1", 4) == 0 &&
               sk_data_find(sk_data_now(s), SK_SECTION_ASK_RAISE, sk_ask_index(&s->call, ask), &raise);
}

/** The raise is not known there, or is another call: a person has to look at it. */
static void refused_for_good(sk_stepping *s, sk_ask *ask, sk_slice code) {
        sk_call *call = &s->call;

        assert(ask->standing != SK_CLOSED);
        ask->needs_coordinator = true;
        close_ask(s, ask, SK_FAILED, code);
        report_fed(s, ask);
        if (!call->is_ask && call->visit.number == ask->visit && call->visit.how == SK_HOW_DELEGATE &&
            sk_call_top(call)->step != SK_AT_CUT && !sk_visit_has_open_asks(call) && !sk_withdraw_breaks_off(s)) {
                sk_vain_escalate(s, sk_slice_is(code, "too-old") ? "too-old" : "id-conflict");
                return;
        }
        sk_ask_ended(s, ask);
}

static void refused(sk_stepping *s, sk_ask *ask, sk_slice value) {
        assert(ask->standing != SK_CLOSED);
        sk_slice code = sk_json_member_string(value, "code", s->context->arena);
        sk_slice of = sk_json_member_string(value, "of", s->context->arena);

        if (!answers_raise(s, ask, of)) {
                report_fed(s, ask);
                return;
        }
        if (sk_slice_is(code, "too-old") || sk_slice_is(code, "id-conflict")) {
                refused_for_good(s, ask, code);
                return;
        }
        close_ask(s, ask, SK_DECLINED, code);
        report_fed(s, ask);
        sk_ask_ended(s, ask);
}

/* ---- the standing that comes with everything ---- */

static sk_standing standing_find(sk_slice id) {
        for (unsigned i = 0; i < SK_STANDINGS; i++) {
                if (sk_slice_is(id, sk_standing_id((sk_standing)i))) {
                        return (sk_standing)i;
                }
        }
        return SK_STANDINGS;
}

static sk_slice standing_of(sk_slice value) {
        sk_slice standing = sk_json_member(value, "standing");

        return sk_slice_there(standing) && sk_json_kind_of(standing) == SK_JSON_OBJECT ? standing : SK_NONE;
}

static void set_standing(sk_ask *ask, sk_standing standing) {
        assert(standing < SK_CLOSED);
        assert(ask->standing != SK_CLOSED);
        if (ask->standing != SK_WITHDRAWING) {
                ask->standing = standing;
        }
        assert(ask->standing != SK_CLOSED);
}

static bool keep_open_matter(sk_stepping *s, const sk_ask *ask, sk_section_kind kind, sk_slice value) {
        assert(ask->standing != SK_CLOSED);
        uint8_t index = sk_ask_index(&s->call, ask);

        assert(kind == SK_SECTION_ASK_QUESTION || kind == SK_SECTION_ASK_OFFER);
        sk_data_remove(s, kind, index);
        if (!sk_slice_there(value) || !sk_data_has_room(s, value.len, SK_DATA_SENT_MAX)) {
                return !sk_slice_there(value);
        }
        sk_data_append(s, kind, index, 0, value);
        return true;
}

/** The question that the standing shows as open; one that was lost on the way is asked here, a moot one is gone. */
static void learn_question(sk_stepping *s, sk_ask *ask, sk_slice standing) {
        sk_slice question = sk_json_member(standing, "question");
        int64_t seqno = 0;

        assert(ask->standing != SK_CLOSED);
        if (sk_slice_there(question) && !sk_json_member_int(question, "seqno", 1, UINT32_MAX, &seqno)) {
                return;
        }
        if (seqno == ask->question || (seqno != 0 && seqno == ask->answered)) {
                return;
        }
        ask->question = (uint32_t)seqno;
        (void)keep_open_matter(s, ask, SK_SECTION_ASK_QUESTION, question);
}

static void learn_offer(sk_stepping *s, sk_ask *ask, sk_slice standing) {
        int64_t seqno = 0;

        assert(ask->standing != SK_CLOSED);
        (void)sk_json_member_int(standing, "offer", 1, UINT32_MAX, &seqno);
        if (seqno == ask->offer || (seqno != 0 && seqno == ask->answered)) {
                return;
        }
        ask->offer = (uint32_t)seqno;
        (void)keep_open_matter(s, ask, SK_SECTION_ASK_OFFER, SK_NONE);
}

/** How the call stands at the provider: enough to replace any feedback that was lost (rule M). */
static void learn(sk_stepping *s, sk_ask *ask, sk_slice standing) {
        sk_standing state = standing_find(sk_json_member_string(standing, "state", s->context->arena));

        assert(sk_json_kind_of(standing) == SK_JSON_OBJECT);
        if (state < SK_CLOSED) {
                set_standing(ask, state);
        }
        sk_late_learn(s, ask, standing);
        learn_question(s, ask, standing);
        learn_offer(s, ask, standing);
        assert(ask->standing != SK_CLOSED);
}

/** What an `accepted`, or a message of an unknown kind, says beside how the call stands. */
static void apply_standing(sk_stepping *s, sk_ask *ask, sk_slice value) {
        assert(ask->standing != SK_CLOSED);
        sk_slice standing = standing_of(value);
        sk_standing state = sk_slice_there(standing)
                                    ? standing_find(sk_json_member_string(standing, "state", s->context->arena))
                                    : SK_STANDINGS;

        if (state == SK_CLOSED) {
                close_ask(s, ask, outcome_said(s, standing), SK_NONE);
                report_fed(s, ask);
                sk_ask_ended(s, ask);
                return;
        }
        report_fed(s, ask);
}

/* ---- messages ---- */

static void progress(sk_stepping *s, sk_ask *ask, sk_slice value) {
        assert(ask->standing != SK_CLOSED);
        sk_slice text = sk_json_member(value, "text");
        sk_slice standing = standing_of(value);
        bool is_kept = !sk_slice_there(text) || sk_data_has_room(s, value.len, SK_DATA_SAID_MAX);

        if (sk_slice_there(text) && is_kept) {
                sk_data_append(s, SK_SECTION_NOTE, sk_ask_index(&s->call, ask), 0, value);
        }
        if (!sk_slice_there(standing)) {
                set_standing(ask, SK_WORKING);
        }
        report_fed_but(s, ask, is_kept ? NULL : "text");
        if (sk_slice_there(sk_json_member(value, "of")) && sk_slice_there(standing)) {
                sk_ask_reconcile(s, ask, standing);
        }
}

static void asked(sk_stepping *s, sk_ask *ask, sk_slice value) {
        assert(s->input->envelope->seqno != 0);
        ask->question = s->input->envelope->seqno;
        set_standing(ask, SK_WAITING);
        bool is_kept = keep_open_matter(s, ask, SK_SECTION_ASK_QUESTION, value);
        report_fed_but(s, ask, is_kept ? NULL : "question");
        assert(ask->standing == SK_WAITING || ask->standing == SK_WITHDRAWING);
}

static void offered(sk_stepping *s, sk_ask *ask, sk_slice value) {
        assert(s->input->envelope->seqno != 0);
        ask->offer = s->input->envelope->seqno;
        set_standing(ask, SK_WAITING);
        bool is_kept = keep_open_matter(s, ask, SK_SECTION_ASK_OFFER, value);
        report_fed_but(s, ask, is_kept ? NULL : "offer");
        assert(ask->standing == SK_WAITING || ask->standing == SK_WITHDRAWING);
}

/** It will be late: said before it is, so that it can go on up the chain. */
static void warned(sk_stepping *s, sk_ask *ask, sk_slice value) {
        assert(ask->standing != SK_CLOSED);
        sk_slice standing = standing_of(value);

        if (sk_slice_there(standing)) {
                learn(s, ask, standing);
        }
        sk_late_heard(s, ask, value);
        report_fed(s, ask);
}

/** A message that came after the end of the ask. */
static void late(sk_stepping *s, const sk_ask *ask) {
        assert(ask->standing == SK_CLOSED);
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_LATE);

        sk_json_put_id(w, "ask", &ask->id);
        sk_json_put_cstr(w, "message", sk_message_name(s->input->envelope->type));
        sk_event_end(s);
}

static void apply(sk_stepping *s, sk_ask *ask) {
        sk_slice value = s->input->record->value;
        sk_slice standing = standing_of(value);

        assert(ask->standing != SK_CLOSED);
        if (sk_slice_there(standing) && s->input->envelope->type != SK_FEEDBACK_CLOSED) {
                learn(s, ask, standing);
        }
        switch (s->input->envelope->type) {
        case SK_FEEDBACK_CLOSED:
                closed(s, ask, value);
                return;
        case SK_FEEDBACK_REFUSED:
                refused(s, ask, value);
                return;
        case SK_FEEDBACK_QUESTION:
                asked(s, ask, value);
                return;
        case SK_FEEDBACK_OFFER:
                offered(s, ask, value);
                return;
        case SK_FEEDBACK_PROGRESS:
                progress(s, ask, value);
                return;
        case SK_FEEDBACK_LATE:
                warned(s, ask, value);
                return;
        default:
                apply_standing(s, ask, value);
        }
}

/** Rule O2. @return whether the message is to be applied */
static bool take_seqno(sk_stepping *s, sk_ask *ask) {
        uint32_t seqno = s->input->envelope->seqno;

        assert(ask->provider.len > 0);
        if (seqno == 0) {
                return true;
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
        assert(seqno > ask->in_seqno || SK_MUTATED(O2)); /* it only grows */
        ask->in_seqno = seqno;
        s->call_changed = true;
        return true;
}

/**
 * An offer about which this link knows nothing opens a record (workflow 6). Such a call of the provider's is answered
 * under its own id; anything else could stand in the way of a record that is kept under that id.
 */
static bool opens_record(const sk_stepping *s) {
        assert(s->input->record->topic->kind == SK_TOPIC_FEEDBACK);
        const sk_envelope *envelope = s->input->envelope;

        assert(s->before->known == SK_KNOWN_NOT);
        return envelope->type == SK_FEEDBACK_OFFER && sk_id_equal(&envelope->callid, &envelope->replykey);
}

void sk_step_feedback(sk_stepping *s) {
        assert(s->input->kind == SK_INPUT_MESSAGE);
        const sk_envelope *envelope = s->input->envelope;
        sk_slice peer = s->input->record->topic->peer;

        assert(s->input->record->topic->kind == SK_TOPIC_FEEDBACK);
        if (!sk_step_is_fit(s, s->reject->text)) {
                s->reject->reason = "bad-data"; /* it is never answered, and the next standing makes up for it */
                return;
        }
        if (s->before->known == SK_KNOWN_CLOSED) {
                sk_step_ask_stub(s);
                return;
        }
        if (s->before->known == SK_KNOWN_NOT) {
                if (!opens_record(s)) {
                        sk_event_stray(s, SK_EVENT_UNKNOWN, &envelope->replykey, NULL, NULL);
                        return;
                }
                sk_step_offer_opens(s);
        }
        sk_ask *ask = sk_call_ask(&s->call, &envelope->callid);
        if (ask == NULL || !sk_slice_equal(ask->provider, peer)) {
                sk_event_plain(s, SK_EVENT_UNKNOWN);
                return;
        }
        if (!take_seqno(s, ask)) {
                return;
        }
        if (ask->standing == SK_CLOSED) {
                late(s, ask); /* nothing follows a closed; a provider that goes on talking changes nothing (rule X) */
                return;
        }
        apply(s, ask);
}
