#include <assert.h>

#include "link/share.h"
#include "link/stepping.h"

/*
 * This team as customer: what its calls raise with other links, how that is steered, and what its end means. Asks live
 * in the head of the call that needs them, or in a record of their own when a person raised them. What comes back is
 * in step_feedback.c.
 */

/** Added to the try in the id of a call that is raised again with another type. */
enum { RETYPED = SK_ASK_TRIES_MAX + 1 };

static_assert(RETYPED + SK_ASK_TRIES_MAX <= UINT8_MAX, "tries and their salt are one byte of an id's origin");

/* ---- raising ---- */

/** Whether the slot can serve another ask: it has ended, and neither a try to come nor a coordinator will look at it. */
static bool is_free(const sk_ask *ask, const sk_visit *visit) {
        assert(ask->standing < SK_STANDINGS);
        bool is_of_visit = ask->visit == visit->number &&
                           (ask->outcome == SK_COMPLETED || ask->try_number + 1u >= visit->try_number);
        bool is_unseen = ask->is_onward && ask->outcome != SK_COMPLETED;

        return ask->standing == SK_CLOSED && !is_of_visit && !is_unseen;
}

/** A slot for one more ask; the oldest one that nobody needs gives way. NULL when all are in use. */
static sk_ask *take_slot(sk_stepping *s) {
        sk_call *call = &s->call;

        assert(call->ask_count <= SK_ASKS_MAX);
        if (call->ask_count < SK_ASKS_MAX) {
                return &call->asks[call->ask_count++];
        }
        for (unsigned i = 0; i < call->ask_count; i++) {
                if (is_free(&call->asks[i], &call->visit)) {
                        assert(call->asks[i].standing == SK_CLOSED);
                        sk_data_forget_ask(s, (uint8_t)i);
                        return &call->asks[i];
                }
        }
        return NULL;
}

uint8_t sk_ask_index(const sk_call *call, const sk_ask *ask) {
        assert(ask >= call->asks);
        assert(ask < call->asks + call->ask_count);
        return (uint8_t)(ask - call->asks);
}

void sk_ask_pass_on(sk_json_writer *w, sk_call_type type, sk_slice raise) {
        assert(w->levels > 0);
        static const char *const passed[] = {"facility", "need",        "due",       "urgency", "impact",
                                             "ref",      "attachments", "on_behalf", "data"};

        assert(type < SK_CALL_TYPES);
        sk_json_put_cstr(w, "type", sk_call_type_id(type));
        sk_put_members(w, raise, passed, sizeof passed / sizeof passed[0]);
}

static sk_slice data_of_raise(const sk_stepping *s) {
        sk_slice raise = sk_data_raise(s);

        return sk_slice_there(raise) ? sk_json_member(raise, "data") : SK_NONE;
}

/** What the routine says is needed; else what the customer needs, if the provider may see that. */
static void put_need(sk_stepping *s, sk_json_writer *w, const sk_agreement *agreement, sk_slice need) {
        assert(agreement != NULL);
        sk_slice raise = sk_data_raise(s);

        if (need.len > 0) {
                sk_json_put_text(w, "need", need);
        } else if (sk_slice_there(raise) && sk_share_has(agreement, "need")) {
                sk_json_put_raw(w, "need", sk_json_member(raise, "need"));
        } else {
                sk_json_put_cstr(w, "need", "");
        }
}

static void put_raise(sk_stepping *s, sk_json_writer *w, const sk_ask *ask, sk_slice need) {
        const sk_call *call = &s->call;
        const sk_agreement *agreement = sk_edition_agreement(s->context->edition, s->own, ask->provider);
        sk_slice data = data_of_raise(s);

        assert(agreement != NULL); /* else nothing can be raised there */
        assert(ask->out_seqno == 1);
        sk_json_put_cstr(w, "type", sk_call_type_id(ask->type));
        sk_json_put_text(w, "facility", ask->facility);
        put_need(s, w, agreement, need);
        if (call->priority != 0 || call->urgency != 0) {
                sk_json_put_int(w, "urgency", call->priority != 0 ? call->priority : call->urgency);
        }
        if (ask->due_us != 0) {
                sk_json_put_time(w, "due", ask->due_us);
        }
        if (sk_slice_there(data)) {
                sk_share_put(w, agreement, "data", data);
        }
}

static void report_delegated(sk_stepping *s, const sk_ask *ask) {
        assert(ask->type < SK_CALL_TYPES);
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_DELEGATED);

        assert(ask->try_number > 0);
        sk_event_put_place(s, w);
        sk_json_put_id(w, "ask", &ask->id);
        sk_json_put_text(w, "team", ask->provider);
        sk_json_put_cstr(w, "type", sk_call_type_id(ask->type));
        sk_json_put_text(w, "facility", ask->facility);
        sk_json_put_int(w, "target", ask->target);
        sk_json_put_int(w, "attempt", ask->try_number);
        if (ask->is_onward) {
                sk_json_put_bool(w, "onward", true);
        }
        sk_event_end(s);
}

/** Of the raise just written, what has to be known to write it once more as it is: rule C3 goes by its time. */
static void keep_sent(sk_stepping *s, uint8_t index) {
        assert(index < SK_ASKS_MAX);
        sk_buf *scratch = &s->out->value;
        sk_json_writer w = sk_json_writer_make(scratch);

        assert(scratch->len == 0);
        assert(s->envelope.type == SK_CALL_RAISE);
        sk_json_open_object(&w, NULL);
        sk_json_put_time(&w, "time", s->envelope.time_us);
        sk_json_put_optional(&w, "agreement", s->envelope.agreement);
        sk_json_close_object(&w);
        sk_data_remove(s, SK_SECTION_ASK_SENT, index);
        sk_data_append(s, SK_SECTION_ASK_SENT, index, 0, sk_buf_slice(scratch));
        sk_buf_clear(scratch);
}

void sk_ask_raise_end(sk_stepping *s, const sk_ask *ask) {
        assert(ask->standing == SK_RAISED);
        uint8_t index = sk_ask_index(&s->call, ask);
        sk_slice sent = sk_ask_end(s, ask);

        assert(ask->out_seqno == 1);
        sk_data_remove(s, SK_SECTION_ASK_RAISE, index);
        sk_data_append(s, SK_SECTION_ASK_RAISE, index, 0, sent);
        keep_sent(s, index);
        report_delegated(s, ask);
}

/** Why nothing can be raised with the provider; NULL when it can. @p size_bytes is what the raise has to carry. */
static const char *why_not(sk_stepping *s, sk_slice provider, size_t size_bytes) {
        if (sk_edition_agreement(s->context->edition, s->own, provider) == NULL) {
                return "no-agreement";
        }
        if (s->call.hops >= SK_HOPS_MAX) {
                return "hops";
        }
        return size_bytes <= SK_RAISE_MAX && sk_data_has_room(s, size_bytes, SK_DATA_SENT_MAX) ? NULL : "too-large";
}

static size_t size_of_raise(const sk_stepping *s, sk_slice need) {
        sk_slice raise = sk_data_raise(s);
        sk_slice own_need = sk_slice_there(raise) ? sk_json_member(raise, "need") : SK_NONE;

        return SK_RAISE_FRAME + (need.len > 0 ? need.len : own_need.len) + data_of_raise(s).len;
}

static sk_id id_of(const sk_stepping *s, const sk_ask *ask, uint8_t salt) {
        sk_id_origin origin = {.chain = sk_edition_chain(s->context->edition),
                               .customer = s->own,
                               .owner = &s->call.id,
                               .visit = ask->visit,
                               .target = ask->target,
                               .try_number = (uint8_t)(salt + ask->try_number)};

        assert(ask->try_number < RETYPED);
        return sk_id_derive(&origin);
}

const char *sk_ask_raise(sk_stepping *s, const sk_target *target, sk_call_type type, uint8_t index) {
        assert(target != NULL);
        assert(index < SK_TARGETS_MAX);
        assert(type < SK_CALL_TYPES);
        sk_call *call = &s->call;
        const char *code = why_not(s, target->team, size_of_raise(s, target->need));
        sk_ask *ask = code == NULL ? take_slot(s) : NULL;

        assert(call->visit.number != 0);
        assert(target->team.len > 0);
        if (ask == NULL) {
                return code == NULL ? "too-many-asks" : code;
        }
        *ask = (sk_ask){.provider = target->team,
                        .facility = target->facility.len > 0 ? target->facility : call->facility,
                        .type = type,
                        .visit = call->visit.number,
                        .target = index,
                        .try_number = 1,
                        .standing = SK_RAISED,
                        .due_us = sk_visit_due_us(s),
                        .is_onward = target->is_onward};
        ask->id = id_of(s, ask, 0);
        put_raise(s, sk_ask_begin(s, ask, SK_CALL_RAISE), ask, target->need);
        sk_ask_raise_end(s, ask);
        return NULL;
}

/** The same once more, as the next try: it says what the earlier one said (rule V3). @return NULL, or why not */
static const char *raise_next_try(sk_stepping *s, const sk_ask *earlier) {
        assert(earlier->visit == s->call.visit.number);
        assert(earlier->outcome != SK_COMPLETED);
        sk_section section;
        uint8_t index = sk_ask_index(&s->call, earlier);

        assert(earlier->standing == SK_CLOSED);
        if (!sk_data_find(sk_data_now(s), SK_SECTION_ASK_RAISE, index, &section)) {
                return "too-large";
        }
        sk_slice raise = sk_step_keep(s, section.bytes);
        sk_ask next = {.provider = earlier->provider,
                       .facility = earlier->facility,
                       .type = earlier->type,
                       .visit = earlier->visit,
                       .target = earlier->target,
                       .try_number = s->call.visit.try_number,
                       .standing = SK_RAISED,
                       .due_us = earlier->due_us};
        const char *code = why_not(s, next.provider, raise.len);
        sk_ask *ask = code == NULL ? take_slot(s) : NULL;
        if (ask == NULL) {
                return code == NULL ? "too-many-asks" : code;
        }
        *ask = next;
        ask->id = id_of(s, ask, 0);
        sk_ask_pass_on(sk_ask_begin(s, ask, SK_CALL_RAISE), ask->type, raise);
        sk_ask_raise_end(s, ask);
        return NULL;
}

bool sk_ask_raise_retyped(sk_stepping *s, sk_ask *ask, sk_slice value) {
        sk_slice offer = sk_json_member(value, "offer");
        sk_slice id = sk_slice_there(offer) ? sk_json_member_string(offer, "type", s->context->arena) : SK_NONE;
        sk_call_type type = sk_call_type_find(id);
        sk_section section;

        assert(ask->standing != SK_CLOSED);
        if (type == SK_CALL_TYPES || type == SK_RISK || type == SK_SUPPORT_REQUEST || ask->is_retyped ||
            s->call.standing == SK_WITHDRAWING || ask->withdraw_sent ||
            sk_edition_agreement(s->context->edition, s->own, ask->provider) == NULL ||
            !sk_data_find(sk_data_now(s), SK_SECTION_ASK_RAISE, sk_ask_index(&s->call, ask), &section)) {
                return false;
        }
        sk_slice raise = sk_step_keep(s, section.bytes);
        *ask = (sk_ask){.provider = ask->provider,
                        .facility = ask->facility,
                        .type = type,
                        .visit = ask->visit,
                        .target = ask->target,
                        .try_number = ask->try_number,
                        .standing = SK_RAISED,
                        .due_us = ask->due_us,
                        .is_retyped = true,
                        .is_onward = ask->is_onward};
        ask->id = id_of(s, ask, RETYPED);
        sk_data_forget_ask(s, sk_ask_index(&s->call, ask));
        sk_ask_pass_on(sk_ask_begin(s, ask, SK_CALL_RAISE), type, raise);
        sk_ask_raise_end(s, ask);
        assert(ask->is_retyped);
        assert(!sk_id_equal(&ask->id, &s->input->envelope->callid)); /* a call of its own */
        return true;
}

/* ---- steering what was raised ---- */

static void send(sk_stepping *s, sk_ask *ask, sk_section_kind kind) {
        assert(kind == SK_SECTION_ASK_WITHDRAW || kind == SK_SECTION_ASK_ANSWER);
        assert(ask->standing != SK_CLOSED);
        uint8_t index = sk_ask_index(&s->call, ask);
        sk_slice sent = sk_ask_end(s, ask);

        sk_data_remove(s, kind, index);
        sk_data_append(s, kind, index, 0, sent);
}

void sk_ask_withdraw(sk_stepping *s, sk_ask *ask, sk_slice reason) {
        if (ask->standing == SK_CLOSED || ask->withdraw_sent) {
                return;
        }
        assert(ask->out_seqno > 0 || s->call.is_ask);
        reason = sk_step_shorten(reason, SK_REASON_MAX);
        ask->withdraw_sent = true;
        ask->standing = SK_WITHDRAWING;
        sk_json_put_text(sk_ask_begin(s, ask, SK_CALL_WITHDRAW), "reason", reason);
        send(s, ask, SK_SECTION_ASK_WITHDRAW);
}

bool sk_asks_withdraw(sk_stepping *s) {
        assert(s->call.ask_count <= SK_ASKS_MAX);
        bool is_any_open = false;

        for (unsigned i = 0; i < s->call.ask_count; i++) {
                if (s->call.asks[i].standing != SK_CLOSED) {
                        is_any_open = true;
                        sk_ask_withdraw(s, &s->call.asks[i], SK_SLICE("withdrawn by the customer"));
                }
        }
        assert(is_any_open == sk_call_has_open_asks(&s->call));
        return is_any_open;
}

/** The provider will not say that it has the answer: it works again. */
static void waits_no_more(sk_ask *ask) {
        assert(ask->answered != 0);
        if (ask->standing == SK_WAITING && ask->question == 0 && ask->offer == 0) {
                ask->standing = SK_WORKING;
        }
}

static const char *decide_offer(sk_stepping *s, sk_ask *ask, sk_slice answer, sk_slice note) {
        assert(ask->standing != SK_CLOSED);
        bool accepts = sk_slice_is(answer, "accept");

        assert(ask->offer != 0);
        if (!accepts && !sk_slice_is(answer, "refuse")) {
                return "bad-answer";
        }
        sk_json_writer *w = sk_ask_begin(s, ask, SK_CALL_DECIDE);
        sk_json_put_int(w, "offer", ask->offer);
        sk_json_put_cstr(w, "decision", accepts ? "accept" : "refuse");
        sk_json_put_optional(w, "note", note);
        ask->answered = ask->offer;
        ask->offer = 0;
        waits_no_more(ask);
        send(s, ask, SK_SECTION_ASK_ANSWER);
        return NULL;
}

const char *sk_ask_answer(sk_stepping *s, sk_ask *ask, int64_t question, sk_slice answer, sk_slice note) {
        if (ask->standing == SK_CLOSED) {
                return "closed";
        }
        if (!sk_data_has_room(s, answer.len + note.len + SK_RAISE_FRAME, SK_DATA_SENT_MAX)) {
                return "full";
        }
        if (ask->offer != 0 && ask->offer == question) {
                return decide_offer(s, ask, answer, note);
        }
        if (ask->question == 0 || ask->question != question) {
                return "no-question";
        }
        assert(ask->question != 0);
        sk_json_writer *w = sk_ask_begin(s, ask, SK_CALL_ANSWER);
        sk_json_put_int(w, "question", ask->question);
        sk_json_put_text(w, "answer", answer);
        sk_json_put_optional(w, "note", note);
        ask->answered = ask->question;
        ask->question = 0;
        waits_no_more(ask);
        send(s, ask, SK_SECTION_ASK_ANSWER);
        return NULL;
}

void sk_ask_note(sk_stepping *s, sk_ask *ask, sk_slice text) {
        assert(ask->standing != SK_CLOSED);
        sk_json_put_text(sk_ask_begin(s, ask, SK_CALL_NOTE), "text", text);
        (void)sk_ask_end(s, ask);
}

/** Whether the provider's standing shows as open what this side has answered already. */
static bool is_answer_lost(const sk_ask *ask, sk_slice standing) {
        assert(ask->standing != SK_CLOSED);
        sk_slice question = sk_json_member(standing, "question");
        int64_t seqno = 0;

        if (ask->answered == 0) {
                return false;
        }
        if (sk_slice_there(question) && sk_json_member_int(question, "seqno", 1, UINT32_MAX, &seqno) &&
            seqno == ask->answered) {
                return true;
        }
        return sk_json_member_int(standing, "offer", 1, UINT32_MAX, &seqno) && seqno == ask->answered;
}

static void say_answer_again(sk_stepping *s, sk_ask *ask) {
        assert(ask->answered != 0);
        static const char *const passed[] = {"question", "answer", "offer", "decision", "note"};
        sk_section section;

        if (!sk_data_find(sk_data_now(s), SK_SECTION_ASK_ANSWER, sk_ask_index(&s->call, ask), &section)) {
                return;
        }
        sk_slice said = sk_step_keep(s, section.bytes);
        bool is_decision = sk_slice_there(sk_json_member(said, "decision"));
        sk_json_writer *w = sk_ask_begin(s, ask, is_decision ? SK_CALL_DECIDE : SK_CALL_ANSWER);
        sk_put_members(w, said, passed, sizeof passed / sizeof passed[0]);
        send(s, ask, SK_SECTION_ASK_ANSWER);
}

void sk_ask_reconcile(sk_stepping *s, sk_ask *ask, sk_slice standing) {
        assert(ask->standing != SK_CLOSED);
        if (is_answer_lost(ask, standing)) {
                say_answer_again(s, ask);
        }
        if (ask->withdraw_sent &&
            !sk_slice_is(sk_json_member_string(standing, "state", s->context->arena), "withdrawing")) {
                ask->withdraw_sent = false;
                sk_ask_withdraw(s, ask, SK_SLICE("said again"));
        }
}

/* ---- the end of a delegation ---- */

/** Whether the ask counts for the running try: what completed in an earlier one was carried over to it. */
static bool is_of_try(const sk_ask *ask, const sk_visit *visit) {
        assert(visit->number != 0);
        return ask->visit == visit->number && ask->try_number == visit->try_number;
}

/** The last try of each target decides; the worst outcome of them is the delegation's. */
static sk_outcome worst_outcome(const sk_call *call) {
        assert(!sk_visit_has_open_asks(call));
        sk_outcome worst = SK_COMPLETED;

        for (unsigned i = 0; i < call->ask_count; i++) {
                const sk_ask *ask = &call->asks[i];
                if (is_of_try(ask, &call->visit) && ask->outcome != SK_COMPLETED) {
                        worst = worst == SK_FAILED ? SK_FAILED : ask->outcome;
                }
        }
        assert(worst != SK_OUTCOME_NONE);
        return worst;
}

/** The results of the targets in the order in which the routine names them; null for one without any. */
static sk_slice results_of(sk_stepping *s) {
        assert(!sk_visit_has_open_asks(&s->call));
        sk_buf *scratch = &s->out->value;
        sk_json_writer w = sk_json_writer_make(scratch);
        sk_section section;

        assert(scratch->len == 0);
        sk_json_open_object(&w, NULL);
        sk_json_open_array(&w, "results");
        for (unsigned target = 0; target < SK_TARGETS_MAX; target++) {
                for (unsigned i = 0; i < s->call.ask_count; i++) {
                        const sk_ask *ask = &s->call.asks[i];
                        if (!is_of_try(ask, &s->call.visit) || ask->target != target) {
                                continue;
                        }
                        bool is_there = sk_data_find(sk_data_now(s), SK_SECTION_ASK_RESULT, (uint8_t)i, &section) &&
                                        scratch->len + section.bytes.len < SK_RESULT_MAX;
                        sk_json_put_raw(&w, NULL, is_there ? section.bytes : SK_SLICE("null"));
                }
        }
        sk_json_close_array(&w);
        sk_json_close_object(&w);
        sk_slice kept = sk_step_keep(s, sk_buf_slice(scratch));
        sk_buf_clear(scratch);
        return kept;
}

/* What completed counts for the next try as well. */
void sk_ask_try_again(sk_stepping *s) {
        sk_call *call = &s->call;
        unsigned count = call->ask_count;
        uint8_t try_number = ++call->visit.try_number;

        assert(try_number > 1);
        assert(!sk_visit_has_open_asks(call));
        for (unsigned i = 0; i < count; i++) {
                sk_ask *ask = &call->asks[i];
                if (ask->visit != call->visit.number || ask->try_number + 1 != try_number) {
                        continue;
                }
                if (ask->outcome == SK_COMPLETED) {
                        ask->try_number = try_number;
                        continue;
                }
                const char *code = raise_next_try(s, ask);
                if (code != NULL) {
                        sk_visit_escalate(s, code);
                        return;
                }
        }
}

static void end_at_cut(sk_stepping *s, sk_outcome outcome) {
        assert(sk_call_top(&s->call)->step == SK_AT_CUT);
        assert(outcome != SK_OUTCOME_NONE);
        s->call.visit = (sk_visit){0};
        if (outcome == SK_COMPLETED || outcome == SK_FAILED) {
                s->call.is_past_return = true; /* whatever was triggered there has led through operate */
        }
        sk_cut_feed_back(s, outcome);
}

static void delegation_ended(sk_stepping *s) {
        sk_call *call = &s->call;
        sk_outcome outcome = worst_outcome(call);

        assert(!sk_visit_has_open_asks(call));
        assert(call->visit.how == SK_HOW_DELEGATE);
        if (call->visit.is_reissued && !sk_withdraw_breaks_off(s)) {
                sk_visit_enter_again(s);
                return;
        }
        if (sk_call_top(call)->step == SK_AT_CUT) {
                end_at_cut(s, outcome);
        } else if (sk_withdraw_breaks_off(s)) {
                sk_visit_end(s, &(sk_ending_report){.outcome = SK_WITHDRAWN,
                                                    .code = SK_SLICE("withdrawn"),
                                                    .actor = SK_NONE,
                                                    .result = SK_NONE});
        } else if (outcome == SK_COMPLETED || (call->visit.is_waiting && call->standing == SK_WITHDRAWING)) {
                sk_slice results = call->visit.is_waiting ? SK_NONE : results_of(s);
                sk_visit_end(s, &(sk_ending_report){
                                        .outcome = SK_COMPLETED, .code = SK_NONE, .actor = SK_NONE, .result = results});
        } else if (call->visit.try_number < call->visit.attempts) {
                sk_ask_try_again(s);
        } else {
                sk_vain_escalate(s, call->visit.is_waiting ? "onward-failed" : "delegation-failed");
        }
        sk_step_advance(s);
}

/** Whether what the record waits for is still open: all there is when it is withdrawn, else what the visit has asked. */
static bool waits_still(sk_stepping *s, const sk_ask *ended) {
        assert(ended->outcome != SK_OUTCOME_NONE);
        if (s->call.is_ask || sk_withdraw_breaks_off(s)) {
                return sk_call_has_open_asks(&s->call);
        }
        return ended->is_onward || sk_visit_has_open_asks(&s->call);
}

void sk_ask_ended(sk_stepping *s, const sk_ask *ended) {
        sk_call *call = &s->call;

        assert(call->ask_count > 0);
        assert(ended->standing == SK_CLOSED);
        if (waits_still(s, ended)) {
                return;
        }
        if (call->is_ask) {
                call->outcome = call->asks[0].outcome;
                sk_call_close(s);
                return;
        }
        assert(call->visit.number != 0);
        if (call->visit.how == SK_HOW_DELEGATE) {
                delegation_ended(s);
        } else if (call->visit.is_reissued && !sk_withdraw_breaks_off(s)) {
                sk_visit_enter_again(s);
        } else if (sk_withdraw_breaks_off(s)) {
                sk_withdraw_go_on(s);
        }
}
