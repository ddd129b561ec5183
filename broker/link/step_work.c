#include <assert.h>

#include "link/stepping.h"

/*
 * What people and their tools say, on the team's own topic. Each record has exactly one outcome; the first in the
 * partition wins (rule X); a repeated one gets its earlier outcome (rule O6).
 */

enum { ACTOR_MAX = 100, TEXT_BYTES_MAX = 64 * 1024 };

static const char *const done = "ok";

typedef const char *(*work_function)(sk_stepping *s, sk_slice value);

static sk_slice actor_of(const sk_stepping *s) {
        sk_slice actor = s->input->envelope->actor;

        assert(s->input->envelope != NULL);
        return actor.len <= ACTOR_MAX ? actor : SK_SLICE("");
}

static sk_slice text_of(sk_stepping *s, sk_slice value, const char *name) {
        sk_slice text = sk_json_member_string(value, name, s->context->arena);

        return text.len <= TEXT_BYTES_MAX ? text : SK_NONE;
}

static bool is_coordinator(const sk_stepping *s) {
        sk_process process = s->call.frame_count > 0 ? s->call.frames[s->call.frame_count - 1].process : SK_OPERATE;

        return sk_team_holds(s->context->team, actor_of(s), sk_team_coordinator(s->context->team, process));
}

/* ---- memory of work records (rule O6) ---- */

uint64_t sk_work_tail(sk_slice id) {
        sk_id parsed;
        uint64_t tail = 0;

        if (!sk_id_parse(id, &parsed)) {
                return sk_hash_table(id);
        }
        memcpy(&tail, parsed.bytes + 8, sizeof tail);
        return tail;
}

/** What is remembered of the record; NULL when it is new. */
static const sk_work_memory *find_memory(const sk_stepping *s) {
        uint64_t tail = sk_work_tail(s->cause);

        assert(s->call.work_count <= SK_WORK_MEMORY);
        for (unsigned i = 0; i < s->call.work_count; i++) {
                if (s->call.work[i].tail == tail) {
                        return &s->call.work[i];
                }
        }
        return NULL;
}

static void remember(sk_stepping *s, bool was_done) {
        sk_call *call = &s->call;

        assert(call->work_next < SK_WORK_MEMORY && call->work_count <= SK_WORK_MEMORY);
        call->work[call->work_next] = (sk_work_memory){.tail = sk_work_tail(s->cause), .was_done = was_done};
        call->work_next = (uint8_t)((call->work_next + 1) % SK_WORK_MEMORY);
        if (call->work_count < SK_WORK_MEMORY) {
                call->work_count++;
        }
        s->call_changed = true;
}

/* ---- outcomes ---- */

static void put_outcome(sk_stepping *s, sk_json_writer *w, const char *code) {
        assert(code != NULL);
        sk_json_put_text(w, "work", s->cause);
        sk_json_put_cstr(w, "status", code == done ? "done" : "refused");
        sk_json_put_cstr(w, "code", code);
        sk_json_put_optional(w, "actor", actor_of(s));
        sk_json_put_cstr(w, "message", sk_message_name(s->input->envelope->type));
}

/** The outcome of a record that found no call, or one that is closed: numbered 0, named by its cause. */
static void report_stray(sk_stepping *s, const char *code) {
        sk_call before = s->call;
        bool was_changed = s->call_changed;

        assert(s->before->known != SK_KNOWN_OPEN || s->is_closed);
        s->call.id = s->input->envelope->callid;
        sk_json_writer *w = sk_stray_begin(s, SK_EVENT_OUTCOME, &s->call.id);
        put_outcome(s, w, code);
        sk_event_end(s);
        s->call = before;
        s->call_changed = was_changed;
}

/** A record that came twice gets its earlier outcome, as an event that nobody counts as another one. */
static void put_repeated(sk_stepping *s, sk_json_writer *w, bool was_done) {
        sk_json_put_text(w, "work", s->cause);
        sk_json_put_cstr(w, "status", was_done ? "done" : "refused");
        sk_event_end(s);
}

void sk_work_late(sk_stepping *s, const sk_work_memory *memory) {
        assert(s->before->known == SK_KNOWN_CLOSED);
        if (memory == NULL) {
                report_stray(s, "closed");
                return;
        }
        s->call.id = s->input->envelope->callid;
        put_repeated(s, sk_stray_begin(s, SK_EVENT_DUPLICATE, &s->call.id), memory->was_done);
        s->call_changed = false;
}

static void report(sk_stepping *s, const char *code) {
        assert(!s->is_closed);
        put_outcome(s, sk_event_begin(s, SK_EVENT_OUTCOME), code);
        sk_event_end(s);
}

/* ---- tasks ---- */

/** The task that a record names: the running visit, and manual. @return NULL or the code of the refusal */
static const char *why_no_task(sk_stepping *s, sk_slice value) {
        int64_t visit = 0;

        assert(s->before->known == SK_KNOWN_OPEN && !s->is_closed);
        if (s->call.is_ask || !sk_json_member_int(value, "visit", 1, UINT32_MAX, &visit) ||
            s->call.visit.number != visit) {
                return "no-such-visit";
        }
        return s->call.visit.how == SK_HOW_MANUAL ? NULL : "not-manual";
}

static bool is_holder(const sk_stepping *s) {
        return s->call.visit.holder.len > 0 && sk_slice_equal(s->call.visit.holder, actor_of(s));
}

/** The same for whoever wants to end it: he has to hold it, and what was raised for it has to have ended (rule C6). */
static const char *why_no_end(sk_stepping *s, sk_slice value) {
        const char *code = why_no_task(s, value);

        if (code != NULL) {
                return code;
        }
        if (!is_holder(s)) {
                return "not-holder";
        }
        return sk_call_has_open_asks(&s->call) ? "asks-open" : NULL;
}

static bool is_entitled(const sk_stepping *s) {
        assert(s->call.visit.number != 0);
        return sk_team_holds(s->context->team, actor_of(s), s->call.visit.responsible);
}

static void report_holder(sk_stepping *s, sk_message type, sk_slice person) {
        sk_json_writer *w = sk_event_begin(s, type);

        assert(type == SK_EVENT_CLAIMED || type == SK_EVENT_RELEASED);
        sk_event_put_place(s, w);
        sk_json_put_text(w, "actor", person);
        sk_json_put_text(w, "profile", s->call.visit.responsible);
        sk_event_end(s);
}

static const char *claim(sk_stepping *s, sk_slice value) {
        const char *code = why_no_task(s, value);

        if (code != NULL) {
                return code;
        }
        if (s->call.visit.holder.len > 0) {
                return is_holder(s) ? done : "held";
        }
        if (!is_entitled(s)) {
                return "not-entitled";
        }
        s->call.visit.holder = actor_of(s);
        report_holder(s, SK_EVENT_CLAIMED, actor_of(s));
        return done;
}

static const char *release(sk_stepping *s, sk_slice value) {
        const char *code = why_no_task(s, value);

        if (code != NULL) {
                return code;
        }
        if (!is_holder(s)) {
                return "not-holder";
        }
        s->call.visit.holder = SK_SLICE("");
        report_holder(s, SK_EVENT_RELEASED, actor_of(s));
        return done;
}

static const char *assign(sk_stepping *s, sk_slice value) {
        const char *code = why_no_task(s, value);
        sk_slice to = text_of(s, value, "to");

        if (code != NULL) {
                return code;
        }
        if (!is_coordinator(s)) {
                return "not-entitled";
        }
        if (to.len == 0 || !sk_team_holds(s->context->team, to, s->call.visit.responsible)) {
                return "not-a-holder";
        }
        s->call.visit.holder = to;
        report_holder(s, SK_EVENT_CLAIMED, to);
        return done;
}

static sk_outcome outcome_of(sk_stepping *s, sk_slice value) {
        sk_slice text = text_of(s, value, "outcome");

        return text.len == 0 ? SK_COMPLETED : sk_outcome_find(text);
}

/** Whether the running activity may end so, said by a person. */
static bool may_end(sk_stepping *s, sk_outcome outcome) {
        const sk_frame *frame = sk_call_top(&s->call);

        assert(frame->step != SK_AT_CUT);
        if (outcome != SK_COMPLETED && outcome != SK_FAILED && outcome != SK_NOT_CONFIRMED) {
                return false;
        }
        if (sk_ending_of(sk_frame_activity(frame), outcome) == SK_NOT_ALLOWED) {
                return false;
        }
        /* the cut can be gone through again only by who has crossed it */
        return outcome != SK_NOT_CONFIRMED || frame->process == SK_OPERATE || frame->attempt > 0;
}

static const char *complete_activity(sk_stepping *s, sk_outcome outcome, sk_slice result) {
        bool awaits_customer = sk_frame_activity(sk_call_top(&s->call))->name == SK_NEGOTIATE && s->call.offer != 0;

        assert(s->call.visit.number != 0 && s->call.visit.how == SK_HOW_MANUAL);
        if (!may_end(s, outcome)) {
                return "not-allowed";
        }
        if (awaits_customer && outcome == SK_COMPLETED) {
                return "offer-open";
        }
        sk_visit_end(s, &(sk_ending_report){.outcome = outcome,
                                            .code = outcome == SK_FAILED ? SK_SLICE("gave-up") : SK_NONE,
                                            .actor = actor_of(s),
                                            .result = result});
        sk_step_advance(s);
        return done;
}

/** Whether what a person says came out of an activity can be kept, and means what it seems to mean. */
static const char *why_bad_result(sk_stepping *s, sk_slice result) {
        if (!sk_slice_there(result)) {
                return NULL;
        }
        if (sk_json_kind_of(result) != SK_JSON_OBJECT || !sk_cut_check_answers(s, result)) {
                return "bad-result";
        }
        sk_slice category = sk_json_member(result, "category");
        sk_slice priority = sk_json_member(result, "priority");
        int64_t number = 0;
        if ((sk_slice_there(category) && !sk_category_check(sk_json_string(category, s->context->arena))) ||
            (sk_slice_there(priority) && !sk_json_member_int(result, "priority", 1, 5, &number))) {
                return "bad-result";
        }
        if (sk_json_member(result, "offer").len > SK_OFFER_MAX) {
                return "too-large";
        }
        return sk_data_has_room(s, result.len, SK_DATA_SENT_MAX) ? NULL : "full";
}

static const char *complete(sk_stepping *s, sk_slice value) {
        const char *code = why_no_end(s, value);
        sk_slice result = sk_json_member(value, "result");

        if (code == NULL) {
                code = why_bad_result(s, result);
        }
        if (code != NULL) {
                return code;
        }
        if (sk_call_top(&s->call)->step != SK_AT_CUT) {
                return complete_activity(s, outcome_of(s, value), result);
        }
        if (outcome_of(s, value) != SK_COMPLETED) {
                return "not-allowed";
        }
        code = sk_cut_decided(s, actor_of(s), result);
        if (code != NULL) {
                return code;
        }
        sk_step_advance(s);
        return done;
}

/** Keeps the type that the call should have had, so that the closing offers it. */
static const char *keep_retype(sk_stepping *s, sk_slice value, sk_slice *ret_code) {
        sk_slice id = text_of(s, value, "retype");
        sk_call_type type = sk_call_type_find(id);

        assert(s->out->value.len == 0);
        if (!sk_slice_there(id)) {
                *ret_code = SK_SLICE("declined");
                return NULL;
        }
        if (type == SK_CALL_TYPES || type == SK_RISK || type == SK_SUPPORT_REQUEST || type == s->call.type) {
                return "bad-type";
        }
        sk_buf *scratch = &s->out->value;
        sk_json_writer w = sk_json_writer_make(scratch);
        sk_json_open_object(&w, NULL);
        sk_json_put_cstr(&w, "type", sk_call_type_id(type));
        sk_json_put_text(&w, "facility", s->call.facility);
        sk_json_close_object(&w);
        sk_data_append(s, SK_SECTION_OFFER, 1, 0, sk_buf_slice(scratch));
        sk_buf_clear(scratch);
        *ret_code = SK_SLICE("retyped");
        return NULL;
}

static const char *decline(sk_stepping *s, sk_slice value) {
        const char *code = why_no_end(s, value);
        sk_slice reason = SK_NONE;

        if (code != NULL) {
                return code;
        }
        const sk_activity *activity = sk_frame_activity(sk_call_top(&s->call));
        if (activity == NULL || sk_ending_of(activity, SK_DECLINED) == SK_NOT_ALLOWED) {
                return "not-allowed";
        }
        code = keep_retype(s, value, &reason);
        if (code != NULL) {
                return code;
        }
        if (sk_data_has_room(s, value.len, SK_DATA_SENT_MAX)) {
                sk_data_append(s, SK_SECTION_NOTE, 0xff, 0, value);
        }
        sk_visit_end(s, &(sk_ending_report){
                                .outcome = SK_DECLINED, .code = reason, .actor = actor_of(s), .result = SK_NONE});
        sk_step_advance(s);
        return done;
}

/* ---- talking ---- */

/** Whether the customer's link can read it: each feedback repeats an open question in its standing. */
static const char *why_bad_question(sk_stepping *s, sk_slice value) {
        sk_slice text = sk_json_member(value, "text");
        sk_slice form = sk_json_member(value, "form");
        sk_slice until = sk_json_member(value, "until");

        if (!sk_slice_there(text) || sk_json_kind_of(text) != SK_JSON_STRING ||
            (sk_slice_there(until) && sk_json_kind_of(until) != SK_JSON_STRING) ||
            (sk_slice_there(form) && !sk_step_is_json(s, form, SK_FORM_DEPTH_MAX))) {
                return "invalid";
        }
        if (text.len + form.len + until.len > SK_QUESTION_MAX) {
                return "too-large";
        }
        return sk_data_has_room(s, value.len, SK_DATA_SENT_MAX) ? NULL : "full";
}

static void put_question(sk_stepping *s, sk_slice value) {
        assert(s->call.question != 0);
        static const char *const passed[] = {"text", "form", "until"};
        sk_json_writer *w = sk_feedback_begin(s, SK_FEEDBACK_QUESTION);

        for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++) {
                sk_slice member = sk_json_member(value, passed[i]);
                if (sk_slice_there(member)) {
                        sk_json_put_raw(w, passed[i], member);
                }
        }
        sk_feedback_end(s);
}

static const char *ask_customer(sk_stepping *s, sk_slice value) {
        const char *code = why_no_task(s, value);

        if (code != NULL) {
                return code;
        }
        if (!is_holder(s)) {
                return "not-holder";
        }
        if (s->call.question != 0 || s->call.offer != 0) {
                return "question-open";
        }
        if (s->call.standing == SK_WITHDRAWING) {
                return "withdrawing";
        }
        code = why_bad_question(s, value);
        if (code != NULL) {
                return code;
        }
        s->call.question = (sk_step_is_own(s) ? s->call.event_number : s->call.out_seqno) + 1;
        s->call.standing = SK_WAITING;
        sk_clock_stop(s);
        sk_data_append(s, SK_SECTION_QUESTION, 0, 0, value);
        put_question(s, value);
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_ASKED);
        sk_event_put_place(s, w);
        sk_json_put_int(w, "question", s->call.question);
        sk_event_end(s);
        return done;
}

/** The ask that a record names, or the only one of a record of its own; NULL if there is none. */
static sk_ask *ask_named(sk_stepping *s, sk_slice value) {
        sk_slice text = text_of(s, value, "ask");
        sk_id id;

        if (!sk_slice_there(text)) {
                return s->call.is_ask ? &s->call.asks[0] : NULL;
        }
        return sk_id_parse(text, &id) ? sk_call_ask(&s->call, &id) : NULL;
}

/** The team is its own customer: a question of its own is answered at once. */
static const char *answer_own(sk_stepping *s, int64_t question, sk_slice value) {
        assert(question > 0);
        if (!sk_step_is_own(s)) {
                return "no-such-ask";
        }
        const char *code = sk_customer_answers(s, (uint32_t)question, value);
        return code == NULL ? done : code;
}

static void report_answered(sk_stepping *s, const sk_ask *ask, bool is_offer) {
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_ANSWERED);

        assert(ask->answered != 0);
        sk_json_put_id(w, "ask", &ask->id);
        sk_json_put_int(w, is_offer ? "offer" : "question", ask->answered);
        sk_json_put_optional(w, "actor", actor_of(s));
        sk_event_end(s);
}

static const char *answer(sk_stepping *s, sk_slice value) {
        int64_t question = 0;
        sk_slice text = text_of(s, value, "answer");
        sk_ask *ask = ask_named(s, value);

        if (!sk_json_member_int(value, "question", 1, UINT32_MAX, &question) || !sk_slice_there(text)) {
                return "invalid";
        }
        if (ask == NULL) {
                return answer_own(s, question, value);
        }
        bool is_offer = ask->offer == question;
        const char *code = sk_ask_answer(s, ask, question, text, text_of(s, value, "note"));
        if (code == NULL) {
                report_answered(s, ask, is_offer);
        }
        return code == NULL ? done : code;
}

static const char *note(sk_stepping *s, sk_slice value) {
        sk_slice text = text_of(s, value, "text");
        sk_ask *ask = ask_named(s, value);

        if (text.len == 0) {
                return "invalid";
        }
        if (ask != NULL && ask->standing == SK_CLOSED) {
                return "closed";
        }
        if (ask == NULL && sk_slice_there(sk_json_member(value, "ask"))) {
                return "no-such-ask";
        }
        if (!sk_data_has_room(s, value.len, SK_DATA_SAID_MAX)) {
                return "full";
        }
        sk_data_append(s, SK_SECTION_NOTE, 0xfe, 0, value);
        sk_event_plain(s, SK_EVENT_NOTED);
        if (ask != NULL) {
                sk_ask_note(s, ask, text);
        } else if (sk_slice_is(text_of(s, value, "to"), "customer")) {
                sk_json_put_text(sk_feedback_begin(s, SK_FEEDBACK_PROGRESS), "text", text);
                sk_feedback_end(s);
        }
        return done;
}

static const char *withdraw(sk_stepping *s, sk_slice value) {
        sk_slice reason = text_of(s, value, "reason");
        sk_ask *ask = ask_named(s, value);

        if (ask != NULL) {
                if (!s->call.is_ask && !is_coordinator(s)) {
                        return "not-entitled";
                }
                if (ask->standing == SK_CLOSED) {
                        return "closed";
                }
                sk_ask_withdraw(s, ask, sk_slice_there(reason) ? reason : SK_SLICE(""));
                return done;
        }
        if (!sk_step_is_own(s) || sk_slice_there(sk_json_member(value, "ask"))) {
                return sk_step_is_own(s) ? "no-such-ask" : "not-allowed";
        }
        const char *code = sk_customer_withdraws(s);
        return code == NULL ? done : code;
}

/** Closes although asks are open: the coordinator answers for it, the stub lists them (rule C6). */
static const char *force_close(sk_stepping *s, sk_slice value) {
        assert(!s->is_closed);
        (void)value;
        if (!s->call.is_ask && !is_coordinator(s)) {
                return "not-entitled";
        }
        for (unsigned i = 0; i < s->call.ask_count; i++) {
                sk_ask_withdraw(s, &s->call.asks[i], SK_SLICE("the owner was closed by force"));
                s->call.asks[i].standing = SK_CLOSED;
                s->call.asks[i].outcome = SK_FAILED;
        }
        sk_call_close_forced(s);
        return done;
}

/* ---- dispatch ---- */

static work_function function_of(sk_message type) {
        assert(!sk_message_is_call(type) && !sk_message_is_feedback(type));
        static const struct {
                sk_message type;
                work_function function;
        } table[] = {
                {SK_WORK_CLAIM, claim},       {SK_WORK_RELEASE, release},
                {SK_WORK_ASSIGN, assign},     {SK_WORK_COMPLETE, complete},
                {SK_WORK_DECLINE, decline},   {SK_WORK_QUESTION, ask_customer},
                {SK_WORK_ANSWER, answer},     {SK_WORK_NOTE, note},
                {SK_WORK_WITHDRAW, withdraw}, {SK_WORK_FORCE_CLOSE, force_close},
        };

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                if (table[i].type == type) {
                        return table[i].function;
                }
        }
        return NULL;
}

static void on_nothing(sk_stepping *s) {
        sk_message type = s->input->envelope->type;

        assert(s->before->known == SK_KNOWN_NOT);
        if (type != SK_WORK_RAISE) {
                report_stray(s, function_of(type) != NULL ? "unknown-call" : "unsupported");
                return;
        }
        const char *code = sk_step_work_raise(s);
        if (code != NULL) {
                s->call_changed = false;
                report_stray(s, code);
        } else if (s->is_closed) {
                report_stray(s, done);
        } else {
                remember(s, true);
                report(s, done);
        }
}

/** What is refused changes nothing: the call is again what it was before the record. */
static void take_back(sk_stepping *s, size_t records) {
        assert(!s->is_closed && s->before->known == SK_KNOWN_OPEN);
        if (s->out->err != SK_OK) {
                return;
        }
        sk_out_rewind(s->out, records);
        sk_err err = sk_call_decode(s->before->head, &s->call);
        assert(err == SK_OK); /* it was read when the step began */
        s->data_changed = false;
        s->call_changed = false;
}

static void on_open(sk_stepping *s) {
        sk_message type = s->input->envelope->type;
        work_function function = function_of(type);
        size_t records = s->out->count;

        assert(s->before->known == SK_KNOWN_OPEN);
        const sk_work_memory *memory = find_memory(s);

        if (memory != NULL) {
                put_repeated(s, sk_event_begin(s, SK_EVENT_DUPLICATE), memory->was_done);
                return;
        }
        const char *code = function != NULL ? function(s, s->input->record->value)
                                            : (type == SK_WORK_RAISE ? "id-conflict" : "unsupported");
        if (s->is_closed) {
                report_stray(s, code);
                return;
        }
        if (code != done) {
                take_back(s, records);
        }
        remember(s, code == done);
        report(s, code);
}

void sk_step_work(sk_stepping *s) {
        assert(s->input->record->topic->kind == SK_TOPIC_WORK);
        switch (s->before->known) {
        case SK_KNOWN_NOT:
                on_nothing(s);
                return;
        case SK_KNOWN_CLOSED:
                sk_step_ask_stub(s);
                return;
        default:
                on_open(s);
        }
}
