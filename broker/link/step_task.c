#include <assert.h>

#include "link/stepping.h"

/*
 * Tasks: the running visit, when it is manual. It is claimed by one who holds its profile, and done, declined or asked
 * about by its holder.
 */

const char *sk_task_why_none(sk_stepping *s, sk_slice value) {
        int64_t visit = 0;

        assert(s->before->known == SK_KNOWN_OPEN);
        assert(!s->is_closed);
        if (s->call.is_ask || !sk_json_member_int(value, "visit", 1, UINT32_MAX, &visit) ||
            s->call.visit.number != visit) {
                return "no-such-visit";
        }
        return s->call.visit.how == SK_HOW_MANUAL ? NULL : "not-manual";
}

bool sk_task_is_holder(const sk_stepping *s) {
        assert(s->input->envelope != NULL);
        return s->call.visit.holder.len > 0 && sk_slice_equal(s->call.visit.holder, sk_work_actor(s));
}

/** The same for whoever wants to end it: he has to hold it, and what was raised for it has to have ended (rule C6). */
static const char *why_no_end(sk_stepping *s, sk_slice value) {
        const char *code = sk_task_why_none(s, value);

        if (code != NULL) {
                return code;
        }
        if (!sk_task_is_holder(s)) {
                return "not-holder";
        }
        return sk_visit_has_open_asks(&s->call) ? "asks-open" : NULL;
}

/** Why the task cannot be that person's; NULL when it can. */
static const char *why_not_his(const sk_stepping *s, sk_slice person) {
        assert(s->call.frame_count > 0);
        const sk_team *team = s->context->team;
        int64_t now_us = s->context->now_us;
        const sk_frame *frame = &s->call.frames[s->call.frame_count - 1];
        const sk_activity *activity = sk_frame_activity(frame);

        assert(s->call.visit.number != 0);
        if (!sk_team_acts(team, person, s->call.visit.responsible, now_us)) {
                bool designs_only = sk_team_designs(team, person, now_us) && !sk_team_executes(team, person, now_us);
                return designs_only ? "designs-only" : "not-entitled";
        }
        bool is_second = activity != NULL && sk_team_wants_four_eyes(team, activity);
        return is_second && sk_slice_equal(frame->worker, person) ? "four-eyes" : NULL;
}

/** @p by: who gave it to him; SK_NONE: he took it himself. */
static void report_holder(sk_stepping *s, sk_message type, sk_slice person, sk_slice by) {
        assert(person.len > 0);
        sk_json_writer *w = sk_event_begin(s, type);

        assert(type == SK_EVENT_CLAIMED || type == SK_EVENT_RELEASED);
        sk_event_put_place(s, w);
        sk_json_put_text(w, "actor", person);
        sk_json_put_optional(w, "by", by);
        sk_json_put_text(w, "profile", s->call.visit.responsible);
        sk_event_end(s);
}

const char *sk_task_claim(sk_stepping *s, sk_slice value) {
        const char *code = sk_task_why_none(s, value);

        if (code != NULL) {
                return code;
        }
        if (s->call.visit.holder.len > 0) {
                return sk_task_is_holder(s) ? sk_work_done : "held";
        }
        code = why_not_his(s, sk_work_actor(s));
        if (code != NULL) {
                return code;
        }
        s->call.visit.holder = sk_work_actor(s);
        assert(s->call.visit.how == SK_HOW_MANUAL);
        report_holder(s, SK_EVENT_CLAIMED, sk_work_actor(s), SK_NONE);
        return sk_work_done;
}

const char *sk_task_release(sk_stepping *s, sk_slice value) {
        const char *code = sk_task_why_none(s, value);

        if (code != NULL) {
                return code;
        }
        if (!sk_task_is_holder(s)) {
                return "not-holder";
        }
        assert(s->call.visit.holder.len > 0);
        s->call.visit.holder = SK_SLICE("");
        report_holder(s, SK_EVENT_RELEASED, sk_work_actor(s), SK_NONE);
        return sk_work_done;
}

/** Whether the task can become that person's. */
static const char *why_not_to(sk_stepping *s, sk_slice to) {
        const char *code = to.len == 0 ? "not-entitled" : why_not_his(s, to);

        if (code != NULL) {
                return strcmp(code, "four-eyes") == 0 ? code : "not-a-holder";
        }
        return sk_team_is_away(s->context->team, to, s->context->now_us) ? "away" : NULL;
}

const char *sk_task_assign(sk_stepping *s, sk_slice value) {
        const char *code = sk_task_why_none(s, value);
        sk_slice to = sk_work_text(s, value, "to");
        bool has_note = sk_work_text(s, value, "text").len > 0;

        if (code != NULL) {
                return code;
        }
        if (!sk_task_is_holder(s) && !sk_work_is_coordinator(s)) {
                return "not-entitled";
        }
        code = why_not_to(s, to);
        if (code == NULL && has_note && !sk_data_has_room(s, value.len, SK_DATA_SAID_MAX)) {
                code = "full";
        }
        if (code != NULL) {
                return code;
        }
        if (has_note) {
                sk_data_append(s, SK_SECTION_NOTE, 0xfe, 0, value);
        }
        assert(to.len > 0);
        s->call.visit.holder = to;
        report_holder(s, SK_EVENT_CLAIMED, to, sk_work_actor(s));
        return sk_work_done;
}

const char *sk_task_save(sk_stepping *s, sk_slice value) {
        const char *code = sk_task_why_none(s, value);
        sk_slice result = sk_json_member(value, "result");

        if (code != NULL) {
                return code;
        }
        if (!sk_task_is_holder(s)) {
                return "not-holder";
        }
        if (!sk_slice_there(result) || sk_json_kind_of(result) != SK_JSON_OBJECT) {
                return "bad-result";
        }
        sk_data_remove(s, SK_SECTION_DRAFT, 0);
        if (!sk_data_has_room(s, result.len, SK_DATA_SAID_MAX)) {
                return "full";
        }
        assert(s->call.visit.number != 0);
        sk_data_append(s, SK_SECTION_DRAFT, 0, 0, result);
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_SAVED);
        sk_event_put_place(s, w);
        sk_json_put_text(w, "actor", sk_work_actor(s));
        sk_event_end(s);
        return sk_work_done;
}

static sk_outcome outcome_of(sk_stepping *s, sk_slice value) {
        sk_slice text = sk_work_text(s, value, "outcome");

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

/** 1 to 5, if it is there. */
static bool is_level(sk_slice value) {
        assert(sk_slice_there(value) || value.len == 0);
        return !sk_slice_there(value) || (value.len == 1 && value.at[0] >= '1' && value.at[0] <= '5');
}

static bool is_classifying(sk_stepping *s) {
        assert(s->call.visit.number != 0);
        const sk_activity *activity = sk_frame_activity(sk_call_top(&s->call));

        return activity != NULL && activity->name == SK_CLASSIFY;
}

static bool is_offering(sk_stepping *s) {
        assert(s->call.visit.number != 0);
        const sk_frame *frame = sk_call_top(&s->call);

        return frame->step != SK_AT_CUT && sk_frame_activity(frame)->name == SK_OFFER;
}

const char *sk_task_why_bad_result(sk_stepping *s, sk_slice result) {
        if (!sk_slice_there(result)) {
                return NULL;
        }
        if (sk_json_kind_of(result) != SK_JSON_OBJECT || !sk_cut_check_answers(s, result)) {
                return "bad-result";
        }
        sk_slice category = sk_json_member(result, "category");
        sk_slice priority = sk_json_member(result, "priority");
        if ((sk_slice_there(category) && !sk_category_check(sk_json_string(category, s->context->arena))) ||
            !is_level(priority) ||
            (is_classifying(s) &&
             !(is_level(sk_json_member(result, "impact")) && is_level(sk_json_member(result, "urgency"))))) {
                return "bad-result";
        }
        if (sk_json_member(result, "offer").len > SK_OFFER_MAX) {
                return "too-large";
        }
        if (is_offering(s) && sk_task_until_us(s, result) < 0) {
                return "bad-until";
        }
        return sk_data_has_room(s, result.len, SK_DATA_SENT_MAX) ? NULL : "full";
}

/** What only counts where the work is done: what the form wants, and advice. */
static const char *why_not_completed(sk_stepping *s, sk_slice *result) {
        assert(result != NULL);
        const char *code = sk_task_why_bad_form(s, result);

        if (code == NULL) {
                code = sk_task_why_bad_result(s, *result);
        }
        return code != NULL ? code : sk_task_why_no_advice(s);
}

static const char *complete_activity(sk_stepping *s, sk_outcome outcome, sk_slice result) {
        assert(sk_call_top(&s->call)->step != SK_AT_CUT);
        bool awaits_customer = sk_frame_activity(sk_call_top(&s->call))->name == SK_NEGOTIATE && s->call.offer != 0;

        assert(s->call.visit.number != 0);
        assert(s->call.visit.how == SK_HOW_MANUAL);
        if (!may_end(s, outcome)) {
                return "not-allowed";
        }
        if (awaits_customer && outcome == SK_COMPLETED) {
                return "offer-open";
        }
        const char *code = outcome == SK_COMPLETED ? why_not_completed(s, &result) : NULL;
        if (code != NULL) {
                return code;
        }
        sk_visit_end(s, &(sk_ending_report){.outcome = outcome,
                                            .code = outcome == SK_FAILED ? SK_SLICE("gave-up") : SK_NONE,
                                            .actor = sk_work_actor(s),
                                            .result = result});
        sk_step_advance(s);
        return sk_work_done;
}

const char *sk_task_complete(sk_stepping *s, sk_slice value) {
        const char *code = why_no_end(s, value);
        sk_slice result = sk_json_member(value, "result");

        if (code == NULL) {
                code = sk_task_why_bad_result(s, result);
        }
        if (code == NULL) {
                code = sk_finding_why_bad(s, value);
        }
        if (code != NULL) {
                return code;
        }
        sk_finding_raise(s, value);
        if (sk_call_top(&s->call)->step != SK_AT_CUT) {
                return complete_activity(s, outcome_of(s, value), result);
        }
        if (outcome_of(s, value) != SK_COMPLETED) {
                return "not-allowed";
        }
        code = sk_task_why_no_advice(s);
        if (code != NULL) {
                return code;
        }
        code = sk_cut_decided(s, sk_work_actor(s), result);
        if (code != NULL) {
                return code;
        }
        sk_step_advance(s);
        return sk_work_done;
}

/** Keeps the type that the call should have had, so that the closing offers it. */
static const char *keep_retype(sk_stepping *s, sk_slice value, sk_slice *ret_code) {
        assert(ret_code != NULL);
        sk_slice id = sk_work_text(s, value, "retype");
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

const char *sk_task_decline(sk_stepping *s, sk_slice value) {
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
        code = sk_finding_why_bad(s, value);
        if (code != NULL) {
                return code;
        }
        sk_finding_raise(s, value);
        if (sk_data_has_room(s, value.len, SK_DATA_SENT_MAX)) {
                sk_data_append(s, SK_SECTION_NOTE, 0xff, 0, value);
        }
        assert(s->call.visit.how == SK_HOW_MANUAL);
        sk_visit_end(s, &(sk_ending_report){
                                .outcome = SK_DECLINED, .code = reason, .actor = sk_work_actor(s), .result = SK_NONE});
        sk_step_advance(s);
        return sk_work_done;
}

/* ---- asking the customer ---- */

int64_t sk_task_until_us(sk_stepping *s, sk_slice value) {
        int64_t until_us = 0;

        if (!sk_slice_there(sk_json_member(value, "until"))) {
                return 0;
        }
        bool is_time = sk_when_parse(sk_json_member_string(value, "until", s->context->arena), &until_us);
        return is_time && until_us > s->context->now_us ? until_us : -1;
}

static sk_lapse then_of(sk_stepping *s, sk_slice value) {
        sk_slice then = sk_json_member(value, "then");

        return sk_slice_there(then) ? sk_lapse_find(sk_json_string(then, s->context->arena)) : SK_LAPSE_GO_ON;
}

/** Whether the customer's link can read it: each feedback repeats an open question in its standing. */
static const char *why_bad_question(sk_stepping *s, sk_slice value) {
        sk_slice text = sk_json_member(value, "text");
        sk_slice form = sk_json_member(value, "form");
        sk_slice until = sk_json_member(value, "until");
        sk_slice then = sk_json_member(value, "then");

        if (!sk_slice_there(text) || sk_json_kind_of(text) != SK_JSON_STRING ||
            (sk_slice_there(then) && !sk_slice_there(until)) ||
            (sk_slice_there(form) && !sk_step_is_json(s, form, SK_FORM_DEPTH_MAX))) {
                return "invalid";
        }
        if (sk_task_until_us(s, value) < 0 || then_of(s, value) == SK_LAPSES) {
                return "bad-until";
        }
        if (text.len + form.len + until.len > SK_QUESTION_MAX) {
                return "too-large";
        }
        return sk_data_has_room(s, value.len, SK_DATA_SENT_MAX) ? NULL : "full";
}

static void put_question(sk_stepping *s, sk_slice value) {
        assert(s->call.question != 0);
        static const char *const passed[] = {"text", "form", "until", "then"};
        sk_json_writer *w = sk_feedback_begin(s, SK_FEEDBACK_QUESTION);

        sk_put_members(w, value, passed, sizeof passed / sizeof passed[0]);
        sk_feedback_end(s);
}

const char *sk_task_ask(sk_stepping *s, sk_slice value) {
        const char *code = sk_task_why_none(s, value);

        if (code != NULL) {
                return code;
        }
        if (!sk_task_is_holder(s)) {
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
        s->call.question_until_us = sk_task_until_us(s, value);
        s->call.question_then = then_of(s, value);
        s->call.standing = SK_WAITING;
        assert(s->call.offer == 0);
        sk_clock_stop(s);
        sk_data_append(s, SK_SECTION_QUESTION, 0, 0, value);
        put_question(s, value);
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_ASKED);
        sk_event_put_place(s, w);
        sk_json_put_int(w, "question", s->call.question);
        sk_event_end(s);
        return sk_work_done;
}
