#include <assert.h>

#include "link/stepping.h"

/*
 * What people and their tools say, on the team's own topic. Each record has exactly one outcome; the first in the
 * partition wins (rule X); a repeated one gets its earlier outcome (rule O6).
 */

enum { ACTOR_MAX = 100, TEXT_BYTES_MAX = 64 * 1024 };

const char *const sk_work_done = "ok";

typedef const char *(*work_function)(sk_stepping *s, sk_slice value);

sk_slice sk_work_actor(const sk_stepping *s) {
        sk_slice actor = s->input->envelope->actor;

        assert(s->input->envelope != NULL);
        return actor.len <= ACTOR_MAX ? actor : SK_SLICE("");
}

sk_slice sk_work_text(sk_stepping *s, sk_slice value, const char *name) {
        assert(name != NULL);
        sk_slice text = sk_json_member_string(value, name, s->context->arena);

        return text.len <= TEXT_BYTES_MAX ? text : SK_NONE;
}

bool sk_work_is_coordinator(const sk_stepping *s) {
        sk_process process = s->call.frame_count > 0 ? s->call.frames[s->call.frame_count - 1].process : SK_OPERATE;

        return sk_team_acts(s->context->team, sk_work_actor(s), sk_team_coordinator(s->context->team, process),
                            s->context->now_us);
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

        assert(call->work_next < SK_WORK_MEMORY);
        assert(call->work_count <= SK_WORK_MEMORY);
        call->work[call->work_next] = (sk_work_memory){.tail = sk_work_tail(s->cause), .was_done = was_done};
        call->work_next = (uint8_t)((call->work_next + 1) % SK_WORK_MEMORY);
        if (call->work_count < SK_WORK_MEMORY) {
                call->work_count++;
        }
        s->call_changed = true;
        assert(call->work_count > 0);
}

/* ---- outcomes ---- */

/** Whether the log has proof that the record is of whom it names. */
static bool is_proven(const sk_stepping *s) {
        assert(s->input->record != NULL);
        return sk_team_is_login(s->context->team, sk_work_actor(s), s->input->record->proven);
}

/** Until people authenticate themselves a team may take what is claimed, or only what its log proves. */
static const char *why_not_believed(const sk_stepping *s) {
        assert(s->input->kind == SK_INPUT_MESSAGE);
        return sk_team_wants_proof(s->context->team) && !is_proven(s) ? "not-proven" : NULL;
}

static void put_outcome(sk_stepping *s, sk_json_writer *w, const char *code) {
        assert(w->levels > 0);
        assert(code != NULL);
        sk_json_put_text(w, "work", s->cause);
        sk_json_put_cstr(w, "status", code == sk_work_done ? "done" : "refused");
        sk_json_put_cstr(w, "code", code);
        sk_json_put_optional(w, "actor", sk_work_actor(s));
        sk_json_put_cstr(w, "assurance", is_proven(s) ? "proven" : "claimed");
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
        assert(w->levels > 0);
        sk_json_put_text(w, "work", s->cause);
        sk_json_put_cstr(w, "status", was_done ? "done" : "refused");
        sk_event_end(s);
}

void sk_work_late(sk_stepping *s, const sk_work_memory *memory) {
        assert(s->input->kind == SK_INPUT_STUB_READ);
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
        assert(code != NULL);
        assert(!s->is_closed);
        put_outcome(s, sk_event_begin(s, SK_EVENT_OUTCOME), code);
        sk_event_end(s);
}

/* ---- talking ---- */

/** The ask that a record names, or the only one of a record of its own; NULL if there is none. */
static sk_ask *ask_named(sk_stepping *s, sk_slice value) {
        sk_slice text = sk_work_text(s, value, "ask");
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
        return code == NULL ? sk_work_done : code;
}

static void report_answered(sk_stepping *s, const sk_ask *ask, bool is_offer) {
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_ANSWERED);

        assert(ask->answered != 0);
        sk_json_put_id(w, "ask", &ask->id);
        sk_json_put_int(w, is_offer ? "offer" : "question", ask->answered);
        sk_json_put_optional(w, "actor", sk_work_actor(s));
        sk_event_end(s);
}

static const char *answer(sk_stepping *s, sk_slice value) {
        assert(s->input->envelope->type == SK_WORK_ANSWER);
        int64_t question = 0;
        sk_slice text = sk_work_text(s, value, "answer");
        sk_ask *ask = ask_named(s, value);

        if (!sk_json_member_int(value, "question", 1, UINT32_MAX, &question) || !sk_slice_there(text)) {
                return "invalid";
        }
        if (ask == NULL) {
                return answer_own(s, question, value);
        }
        bool is_offer = ask->offer == question;
        const char *code = sk_ask_answer(s, ask, question, text, sk_work_text(s, value, "note"));
        if (code == NULL) {
                report_answered(s, ask, is_offer);
        }
        return code == NULL ? sk_work_done : code;
}

static const char *note(sk_stepping *s, sk_slice value) {
        assert(s->input->envelope->type == SK_WORK_NOTE);
        sk_slice text = sk_work_text(s, value, "text");
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
        const char *code = sk_late_said(s, value, text);
        if (code != NULL) {
                return code;
        }
        sk_data_append(s, SK_SECTION_NOTE, 0xfe, 0, value);
        sk_event_plain(s, SK_EVENT_NOTED);
        if (ask != NULL) {
                sk_ask_note(s, ask, text);
        } else if (sk_slice_is(sk_work_text(s, value, "to"), "customer")) {
                sk_json_put_text(sk_feedback_begin(s, SK_FEEDBACK_PROGRESS), "text", text);
                sk_feedback_end(s);
        }
        return sk_work_done;
}

static const char *withdraw(sk_stepping *s, sk_slice value) {
        assert(s->input->envelope->type == SK_WORK_WITHDRAW);
        sk_slice reason = sk_work_text(s, value, "reason");
        sk_ask *ask = ask_named(s, value);

        if (ask != NULL) {
                if (!s->call.is_ask && !sk_work_is_coordinator(s)) {
                        return "not-entitled";
                }
                if (ask->standing == SK_CLOSED) {
                        return "closed";
                }
                sk_ask_withdraw(s, ask, sk_slice_there(reason) ? reason : SK_SLICE(""));
                return sk_work_done;
        }
        if (!sk_step_is_own(s) || sk_slice_there(sk_json_member(value, "ask"))) {
                return sk_step_is_own(s) ? "no-such-ask" : "not-allowed";
        }
        const char *code = sk_customer_withdraws(s);
        return code == NULL ? sk_work_done : code;
}

/** Closes although asks are open: the coordinator answers for it, the stub lists them (rule C6). */
static const char *force_close(sk_stepping *s, sk_slice value) {
        assert(!s->is_closed);
        (void)value;
        if (!s->call.is_ask && !sk_work_is_coordinator(s)) {
                return "not-entitled";
        }
        for (unsigned i = 0; i < s->call.ask_count; i++) {
                sk_ask_withdraw(s, &s->call.asks[i], SK_SLICE("the owner was closed by force"));
                s->call.asks[i].standing = SK_CLOSED;
                s->call.asks[i].outcome = SK_FAILED;
        }
        sk_call_close_forced(s);
        assert(s->is_closed);
        return sk_work_done;
}

/** Who works on the call, answers for it or coordinates it may say that it is something else than was thought. */
static bool may_classify(const sk_stepping *s) {
        assert(!s->call.is_ask);
        sk_slice actor = sk_work_actor(s);

        return sk_work_is_coordinator(s) || sk_task_is_holder(s) ||
               (actor.len > 0 && sk_slice_equal(s->call.visit.accountable, actor));
}

/** The promise stays as it is (rule V5); what comes from now on follows: routines, worklists. */
static const char *classify(sk_stepping *s, sk_slice value) {
        assert(s->input->envelope->type == SK_WORK_CLASSIFY);
        sk_slice category = sk_work_text(s, value, "category");
        int64_t priority = s->call.priority;
        bool has_priority = sk_slice_there(sk_json_member(value, "priority"));

        if (s->call.is_ask || s->call.priority == 0) {
                return s->call.is_ask ? "not-allowed" : "too-early";
        }
        if (!may_classify(s)) {
                return "not-entitled";
        }
        if ((!has_priority && !sk_slice_there(category)) ||
            (has_priority && !sk_json_member_int(value, "priority", 1, 5, &priority)) ||
            (sk_slice_there(sk_json_member(value, "category")) && !sk_category_check(category))) {
                return "invalid";
        }
        if (!sk_data_has_room(s, value.len, SK_DATA_SAID_MAX)) {
                return "full";
        }
        sk_data_append(s, SK_SECTION_NOTE, 0xfe, 0, value);
        s->call.priority = (uint8_t)priority;
        s->call.category = sk_slice_there(category) ? category : s->call.category;
        sk_call_report_classified(s, sk_work_actor(s));
        return sk_work_done;
}

/* ---- dispatch ---- */

static work_function function_of(sk_message type) {
        assert(!sk_message_is_call(type));
        assert(!sk_message_is_feedback(type));
        static const struct {
                sk_message type;
                work_function function;
        } table[] = {
                {SK_WORK_CLAIM, sk_task_claim},     {SK_WORK_RELEASE, sk_task_release},
                {SK_WORK_ASSIGN, sk_task_assign},   {SK_WORK_COMPLETE, sk_task_complete},
                {SK_WORK_DECLINE, sk_task_decline}, {SK_WORK_QUESTION, sk_task_ask},
                {SK_WORK_ANSWER, answer},           {SK_WORK_NOTE, note},
                {SK_WORK_WITHDRAW, withdraw},       {SK_WORK_FORCE_CLOSE, force_close},
                {SK_WORK_ASK, sk_task_consult},     {SK_WORK_ADVISE, sk_task_advise},
                {SK_WORK_APPOINT, sk_task_appoint}, {SK_WORK_SAVE, sk_task_save},
                {SK_WORK_CLASSIFY, classify},       {SK_WORK_RESULT, sk_task_result},
                {SK_WORK_RETRY, sk_task_retry},     {SK_WORK_REISSUE, sk_visit_reissue},
        };

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                if (table[i].type == type) {
                        return table[i].function;
                }
        }
        return NULL;
}

static const char *why_unfit(sk_stepping *s) {
        char why[SK_UNFIT_TEXT];

        assert(s->input->kind == SK_INPUT_MESSAGE);
        return sk_step_is_fit(s, why) ? NULL : "invalid";
}

static void on_nothing(sk_stepping *s) {
        assert(s->input->kind == SK_INPUT_MESSAGE);
        sk_message type = s->input->envelope->type;
        const char *refusal = why_unfit(s);

        assert(s->before->known == SK_KNOWN_NOT);
        if (refusal == NULL) {
                refusal = why_not_believed(s);
        }
        if (refusal != NULL) {
                report_stray(s, refusal);
                return;
        }
        if (type == SK_WORK_DESIGN) {
                report_stray(s, sk_step_design(s));
                return;
        }
        if (type != SK_WORK_RAISE) {
                report_stray(s, function_of(type) != NULL ? "unknown-call" : "unsupported");
                return;
        }
        const char *code = sk_step_work_raise(s);
        if (code != NULL) {
                s->call_changed = false;
                report_stray(s, code);
        } else if (s->is_closed) {
                report_stray(s, sk_work_done);
        } else {
                remember(s, true);
                report(s, sk_work_done);
        }
}

/** What is refused changes nothing: the call is again what it was before the record. */
static void take_back(sk_stepping *s, size_t records) {
        assert(!s->is_closed);
        assert(s->before->known == SK_KNOWN_OPEN);
        if (s->out->err != SK_OK) {
                return;
        }
        sk_out_rewind(s->out, records);
        sk_err err = sk_call_decode(s->before->head, &s->call);
        assert(err == SK_OK); /* it was read when the step began */
        s->data_changed = false;
        s->call_changed = false;
        s->is_untold = false;
        s->after->finding = SK_NONE;
        s->after->duration_count = 0;
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
        const char *code = why_unfit(s);
        if (code == NULL) {
                code = why_not_believed(s);
        }
        if (code == NULL) {
                code = function != NULL ? function(s, s->input->record->value)
                                        : (type == SK_WORK_RAISE ? "id-conflict" : "unsupported");
        }
        if (s->is_closed) {
                report_stray(s, code);
                return;
        }
        assert(code != NULL);
        if (code != sk_work_done) {
                take_back(s, records);
        }
        remember(s, code == sk_work_done);
        report(s, code);
}

void sk_step_work(sk_stepping *s) {
        assert(s->input->kind == SK_INPUT_MESSAGE);
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
