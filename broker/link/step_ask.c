#include <assert.h>

#include "link/stepping.h"

/*
 * This team as customer: what its calls raise with other links, how that is steered, and what its end means. Asks live
 * in the head of the call that needs them, or in a record of their own when a person raised them. What comes back is
 * in step_feedback.c.
 */

/** Added to the try in the id of a call that is raised again with another type. */
enum { RETYPED = 128 };

/* ---- raising ---- */

static bool is_free(const sk_ask *ask, uint32_t visit) {
        return ask->standing == SK_CLOSED && ask->visit != visit;
}

/** A slot for one more ask; the oldest closed one of an earlier visit gives way. NULL when all are in use. */
static sk_ask *take_slot(sk_call *call) {
        if (call->ask_count < SK_ASKS_MAX) {
                return &call->asks[call->ask_count++];
        }
        for (unsigned i = 0; i < call->ask_count; i++) {
                if (is_free(&call->asks[i], call->visit.number)) {
                        return &call->asks[i];
                }
        }
        return NULL;
}

uint8_t sk_ask_index(const sk_call *call, const sk_ask *ask) {
        assert(ask >= call->asks && ask < call->asks + call->ask_count);
        return (uint8_t)(ask - call->asks);
}

static void put_need(sk_stepping *s, sk_json_writer *w, sk_slice need) {
        sk_slice raise = sk_data_raise(s);

        if (need.len > 0) {
                sk_json_put_text(w, "need", need);
        } else if (sk_slice_there(raise)) {
                sk_json_put_raw(w, "need", sk_json_member(raise, "need"));
        } else {
                sk_json_put_cstr(w, "need", "");
        }
}

static void put_raise(sk_stepping *s, sk_json_writer *w, const sk_ask *ask, sk_slice need) {
        const sk_call *call = &s->call;

        sk_json_put_cstr(w, "type", sk_call_type_id(ask->type));
        sk_json_put_text(w, "facility", ask->facility);
        put_need(s, w, need);
        if (call->priority != 0 || call->urgency != 0) {
                sk_json_put_int(w, "urgency", call->priority != 0 ? call->priority : call->urgency);
        }
        if (call->resolve_by_us != 0) {
                sk_json_put_time(w, "due", call->resolve_by_us + call->stopped_us);
        }
}

static void report_delegated(sk_stepping *s, const sk_ask *ask) {
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_DELEGATED);

        sk_event_put_place(s, w);
        sk_json_put_id(w, "ask", &ask->id);
        sk_json_put_text(w, "team", ask->provider);
        sk_json_put_cstr(w, "type", sk_call_type_id(ask->type));
        sk_json_put_text(w, "facility", ask->facility);
        sk_json_put_int(w, "target", ask->target);
        sk_json_put_int(w, "attempt", ask->try_number);
        sk_event_end(s);
}

static void send_raise(sk_stepping *s, sk_ask *ask, sk_slice need) {
        uint8_t index = sk_ask_index(&s->call, ask);

        put_raise(s, sk_ask_begin(s, ask, SK_CALL_RAISE), ask, need);
        sk_slice sent = sk_ask_end(s, ask);
        sk_data_remove(s, SK_SECTION_ASK_RAISE, index);
        sk_data_append(s, SK_SECTION_ASK_RAISE, index, 0, sent);
        report_delegated(s, ask);
}

const char *sk_ask_raise(sk_stepping *s, const sk_target *target, sk_call_type type, uint8_t index,
                         uint8_t try_number) {
        sk_call *call = &s->call;

        assert(call->visit.number != 0 && target->team.len > 0);
        if (sk_edition_agreement(s->context->edition, s->own, target->team) == NULL) {
                return "no-agreement";
        }
        if (call->hops >= SK_HOPS_MAX) {
                return "hops";
        }
        sk_ask *ask = take_slot(call);
        if (ask == NULL) {
                return "too-many-asks";
        }
        sk_id_origin origin = {.chain = sk_edition_chain(s->context->edition),
                               .customer = s->own,
                               .owner = &call->id,
                               .visit = call->visit.number,
                               .target = index,
                               .try_number = try_number};
        *ask = (sk_ask){.id = sk_id_derive(&origin),
                        .provider = target->team,
                        .facility = target->facility.len > 0 ? target->facility : call->facility,
                        .type = type,
                        .visit = call->visit.number,
                        .target = index,
                        .try_number = try_number,
                        .standing = SK_RAISED};
        send_raise(s, ask, target->need);
        return NULL;
}

bool sk_ask_raise_retyped(sk_stepping *s, sk_ask *ask, sk_slice value) {
        sk_slice offer = sk_json_member(value, "offer");
        sk_slice id = sk_slice_there(offer) ? sk_json_member_string(offer, "type", s->context->arena) : SK_NONE;
        sk_call_type type = sk_call_type_find(id);
        sk_section raise;

        if (type == SK_CALL_TYPES || type == SK_RISK || ask->is_retyped || s->call.standing == SK_WITHDRAWING ||
            ask->withdraw_sent ||
            !sk_data_find(sk_data_now(s), SK_SECTION_ASK_RAISE, sk_ask_index(&s->call, ask), &raise)) {
                return false;
        }
        sk_slice need = sk_step_keep(s, sk_json_member_string(raise.bytes, "need", s->context->arena));
        sk_id_origin origin = {.chain = sk_edition_chain(s->context->edition),
                               .customer = s->own,
                               .owner = &s->call.id,
                               .visit = ask->visit,
                               .target = ask->target,
                               .try_number = RETYPED + ask->try_number};
        ask->id = sk_id_derive(&origin);
        ask->type = type;
        ask->out_seqno = 0;
        ask->in_seqno = 0;
        ask->standing = SK_RAISED;
        ask->is_retyped = true;
        send_raise(s, ask, need);
        return true;
}

/* ---- steering what was raised ---- */

static const char *send(sk_stepping *s, sk_ask *ask, sk_section_kind kind) {
        uint8_t index = sk_ask_index(&s->call, ask);
        sk_slice sent = sk_ask_end(s, ask);

        sk_data_remove(s, kind, index);
        sk_data_append(s, kind, index, 0, sent);
        return NULL;
}

void sk_ask_withdraw(sk_stepping *s, sk_ask *ask, sk_slice reason) {
        if (ask->standing == SK_CLOSED || ask->withdraw_sent) {
                return;
        }
        ask->withdraw_sent = true;
        ask->standing = SK_WITHDRAWING;
        sk_json_put_text(sk_ask_begin(s, ask, SK_CALL_WITHDRAW), "reason", reason);
        send(s, ask, SK_SECTION_ASK_WITHDRAW);
}

bool sk_asks_withdraw(sk_stepping *s) {
        bool is_any_open = false;

        for (unsigned i = 0; i < s->call.ask_count; i++) {
                if (s->call.asks[i].standing != SK_CLOSED) {
                        is_any_open = true;
                        sk_ask_withdraw(s, &s->call.asks[i], SK_SLICE("withdrawn by the customer"));
                }
        }
        return is_any_open;
}

static const char *decide_offer(sk_stepping *s, sk_ask *ask, sk_slice answer, sk_slice note) {
        bool accepts = sk_slice_is(answer, "accept");

        if (!accepts && !sk_slice_is(answer, "refuse")) {
                return "bad-answer";
        }
        sk_json_writer *w = sk_ask_begin(s, ask, SK_CALL_DECIDE);
        sk_json_put_int(w, "offer", ask->offer);
        sk_json_put_cstr(w, "decision", accepts ? "accept" : "refuse");
        sk_json_put_optional(w, "note", note);
        ask->answered = ask->offer;
        ask->offer = 0;
        return send(s, ask, SK_SECTION_ASK_ANSWER);
}

const char *sk_ask_answer(sk_stepping *s, sk_ask *ask, int64_t question, sk_slice answer, sk_slice note) {
        if (ask->standing == SK_CLOSED) {
                return "closed";
        }
        if (ask->offer != 0 && ask->offer == question) {
                return decide_offer(s, ask, answer, note);
        }
        if (ask->question == 0 || ask->question != question) {
                return "no-question";
        }
        sk_json_writer *w = sk_ask_begin(s, ask, SK_CALL_ANSWER);
        sk_json_put_int(w, "question", ask->question);
        sk_json_put_text(w, "answer", answer);
        sk_json_put_optional(w, "note", note);
        ask->answered = ask->question;
        ask->question = 0;
        return send(s, ask, SK_SECTION_ASK_ANSWER);
}

void sk_ask_note(sk_stepping *s, sk_ask *ask, sk_slice text) {
        sk_json_put_text(sk_ask_begin(s, ask, SK_CALL_NOTE), "text", text);
        (void)sk_ask_end(s, ask);
}

void sk_ask_reconcile(sk_stepping *s, sk_ask *ask, sk_slice value) {
        sk_slice standing = sk_json_member(value, "standing");
        sk_slice question = sk_slice_there(standing) ? sk_json_member(standing, "question") : SK_NONE;
        int64_t seqno = 0;
        sk_section section;

        if (sk_slice_there(question) && sk_json_member_int(question, "seqno", 1, UINT32_MAX, &seqno) &&
            seqno == ask->answered &&
            sk_data_find(sk_data_now(s), SK_SECTION_ASK_ANSWER, sk_ask_index(&s->call, ask), &section)) {
                sk_json_writer *w = sk_ask_begin(s, ask, SK_CALL_ANSWER);
                sk_json_put_int(w, "question", seqno);
                sk_json_put_raw(w, "answer", sk_json_member(section.bytes, "answer"));
                send(s, ask, SK_SECTION_ASK_ANSWER);
        }
        if (ask->withdraw_sent &&
            !sk_slice_is(sk_json_member_string(standing, "state", s->context->arena), "withdrawing")) {
                ask->withdraw_sent = false;
                sk_ask_withdraw(s, ask, SK_SLICE("said again"));
        }
}

/* ---- the end of a delegation ---- */

static bool is_of_visit(const sk_ask *ask, const sk_visit *visit) {
        return ask->visit == visit->number;
}

/** The last try of each target decides; the worst outcome of them is the delegation's. */
static sk_outcome worst_outcome(const sk_call *call) {
        sk_outcome worst = SK_COMPLETED;

        for (unsigned i = 0; i < call->ask_count; i++) {
                const sk_ask *ask = &call->asks[i];
                if (is_of_visit(ask, &call->visit) && ask->try_number == call->visit.try_number &&
                    ask->outcome != SK_COMPLETED) {
                        worst = worst == SK_FAILED ? SK_FAILED : ask->outcome;
                }
        }
        return worst;
}

static sk_slice results_of(sk_stepping *s) {
        sk_buf *scratch = &s->out->value;
        sk_json_writer w = sk_json_writer_make(scratch);
        sk_section section;

        sk_json_open_object(&w, NULL);
        sk_json_open_array(&w, "results");
        for (unsigned i = 0; i < s->call.ask_count; i++) {
                if (is_of_visit(&s->call.asks[i], &s->call.visit)) {
                        bool is_there = sk_data_find(sk_data_now(s), SK_SECTION_ASK_RESULT, (uint8_t)i, &section);
                        sk_json_put_raw(&w, NULL, is_there ? section.bytes : SK_SLICE("null"));
                }
        }
        sk_json_close_array(&w);
        sk_json_close_object(&w);
        sk_slice kept = sk_step_keep(s, sk_buf_slice(scratch));
        sk_buf_clear(scratch);
        return kept;
}

/** Raises again what did not complete, as the next try; what completed counts for that try as well. */
static void try_again(sk_stepping *s) {
        sk_call *call = &s->call;
        unsigned count = call->ask_count;
        uint8_t try_number = ++call->visit.try_number;

        for (unsigned i = 0; i < count; i++) {
                sk_ask *ask = &call->asks[i];
                if (!is_of_visit(ask, &call->visit) || ask->try_number + 1 != try_number) {
                        continue;
                }
                if (ask->outcome == SK_COMPLETED) {
                        ask->try_number = try_number;
                        continue;
                }
                sk_target target = {.team = ask->provider, .facility = ask->facility, .type = ask->type};
                const char *code = sk_ask_raise(s, &target, ask->type, ask->target, try_number);
                if (code != NULL) {
                        sk_visit_escalate(s, code);
                        return;
                }
        }
}

static void end_at_cut(sk_stepping *s, sk_outcome outcome) {
        s->call.visit = (sk_visit){0};
        sk_cut_feed_back(s, outcome);
}

static void delegation_ended(sk_stepping *s) {
        sk_call *call = &s->call;
        sk_outcome outcome = worst_outcome(call);
        bool is_cut = sk_call_top(call)->step == SK_AT_CUT;

        if (call->standing == SK_WITHDRAWING) {
                if (is_cut) {
                        end_at_cut(s, outcome);
                } else {
                        sk_visit_end(s, &(sk_ending_report){.outcome = SK_WITHDRAWN,
                                                            .code = SK_SLICE("withdrawn"),
                                                            .actor = SK_NONE,
                                                            .result = SK_NONE});
                }
        } else if (is_cut) {
                end_at_cut(s, outcome);
        } else if (outcome == SK_COMPLETED) {
                sk_slice results = results_of(s);
                sk_visit_end(s, &(sk_ending_report){
                                        .outcome = SK_COMPLETED, .code = SK_NONE, .actor = SK_NONE, .result = results});
        } else if (call->visit.try_number < call->visit.attempts) {
                try_again(s);
        } else {
                sk_visit_escalate(s, "delegation-failed");
        }
        sk_step_advance(s);
}

void sk_ask_ended(sk_stepping *s) {
        sk_call *call = &s->call;

        if (sk_call_has_open_asks(call)) {
                return;
        }
        if (call->is_ask) {
                call->outcome = call->asks[0].outcome;
                sk_call_close(s);
                return;
        }
        if (call->visit.number != 0 && call->visit.how == SK_HOW_DELEGATE) {
                delegation_ended(s);
        }
}
