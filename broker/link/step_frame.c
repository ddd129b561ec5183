#include <assert.h>

#include "link/mutation.h"
#include "link/stepping.h"

/*
 * The walk through the activities of the frames:
 *
 *     enter -> (auto, onward: end at once | manual, delegate: wait) -> end -> next activity | cut | close of the frame
 *
 * Every activity on the path is entered and ended, or recorded as not applicable with the rule that said so; no other
 * function moves a frame, but the cut's feedback (step_cut.c).
 */

enum { STEPS_MAX = 400 /* more than any path with all its attempts has */ };

sk_selection sk_step_selection(const sk_stepping *s) {
        assert(s->call.frame_count > 0);
        return sk_call_selection(&s->call);
}

static void put_edition(sk_stepping *s, sk_json_writer *w) {
        assert(s->call.visit.number != 0);
        char text[SK_DIGEST_TEXT];

        sk_digest_format(&s->call.visit.edition, text);
        sk_json_put_text(w, "edition", (sk_slice){text, sizeof text});
}

void sk_visit_begin(sk_stepping *s, const sk_way *way, sk_slice routine, bool is_waiting) {
        assert(way->how < SK_HOWS);
        sk_accountable accountable = sk_team_accountable(s->context->team, way->accountable, s->context->now_us);

        assert(s->call.visit.number == 0);
        assert(sk_call_top(&s->call)->step != SK_AT_CUT);
        s->call.visit = (sk_visit){.number = ++s->call.visit_number,
                                   .try_number = 1,
                                   .how = way->how,
                                   .attempts = 1,
                                   .is_waiting = is_waiting,
                                   .entered_us = s->context->now_us,
                                   .began_us = sk_spent_now(s),
                                   .rest_us = -1,
                                   .timeout_us = way->times.timeout_us,
                                   .responsible = way->responsible,
                                   .accountable = accountable.person,
                                   .instead_of = accountable.instead_of,
                                   .routine = routine,
                                   .edition = *sk_edition_digest(s->context->edition)};
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_ENTERED);
        sk_event_put_place(s, w);
        sk_json_put_cstr(w, "how", sk_how_id(way->how));
        sk_visit_put_who(s, w);
        sk_json_put_text(w, "routine", routine);
        put_edition(s, w);
        if (is_waiting) {
                sk_json_put_bool(w, "onward", true);
        }
        sk_event_end(s);
        if (accountable.why != NULL && way->how != SK_HOW_AUTO && !SK_MUTATED(ACCOUNTABLE)) {
                sk_visit_report_escalated(s, accountable.why);
        }
}

void sk_visit_report_escalated(sk_stepping *s, const char *code) {
        assert(s->call.visit.number != 0);
        sk_process process = sk_call_top(&s->call)->process;
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_ESCALATED);

        assert(code != NULL);
        sk_event_put_place(s, w);
        sk_json_put_cstr(w, "code", code);
        sk_json_put_text(w, "profile", sk_team_coordinator(s->context->team, process));
        sk_event_end(s);
}

void sk_visit_escalate(sk_stepping *s, const char *code) {
        assert(code != NULL);
        sk_visit *visit = &s->call.visit;

        assert(visit->number != 0);
        sk_visit_report_escalated(s, code);
        visit->how = SK_HOW_MANUAL;
        visit->is_escalated = true;
        visit->responsible = sk_team_coordinator(s->context->team, sk_call_top(&s->call)->process);
        visit->holder = SK_SLICE("");
        assert(visit->how == SK_HOW_MANUAL);
}

/** Raises with each target; what cannot be raised makes the whole a task of the coordinator, who sees what was. What only
 * goes onward is over with that. */
static void start_delegation(sk_stepping *s, const sk_way *way) {
        assert(s->call.visit.how == SK_HOW_DELEGATE);
        const char *code = way->target_count == 0 ? "no-target" : NULL;

        assert(way->target_count <= SK_TARGETS_MAX);
        s->call.visit.attempts = way->attempts == 0 ? 1 : way->attempts;
        for (uint8_t i = 0; i < way->target_count && code == NULL; i++) {
                code = sk_ask_raise(s, &way->targets[i], way->targets[i].type, i);
        }
        if (code != NULL) {
                sk_visit_escalate(s, code);
        } else if (way->targets[0].is_onward) {
                sk_visit_end(s, &(sk_ending_report){
                                        .outcome = SK_COMPLETED, .code = SK_NONE, .actor = SK_NONE, .result = SK_NONE});
        }
}

/** Whether the customer has yet to decide about an offer. */
static bool awaits_decision(const sk_stepping *s, const sk_activity *activity) {
        assert(activity != NULL);
        return activity->name == SK_NEGOTIATE && s->call.offer != 0 && s->call.decision == 0;
}

static void start_how(sk_stepping *s, const sk_activity *activity, const sk_way *way) {
        assert(s->call.visit.number != 0);
        if (awaits_decision(s, activity)) {
                return;
        }
        switch (way->how) {
        case SK_HOW_DELEGATE:
                start_delegation(s, way);
                return;
        case SK_HOW_MANUAL:
                sk_visit_keep_form(s, way);
                return;
        case SK_HOW_EXEC:
        case SK_HOW_HTTP:
        case SK_HOW_PLUGIN:
                sk_effect_start(s, way);
                return;
        default:
                sk_visit_end(
                        s, &(sk_ending_report){
                                   .outcome = SK_COMPLETED, .code = SK_NONE, .actor = SK_NONE, .result = way->result});
        }
}

/** A call that is declined at once never becomes anybody's task: its accept ends where it began, its close by itself. */
static bool is_declined_at_once(const sk_stepping *s) {
        assert(s->call.frame_count > 0);
        return s->call.frame_count == 1 && s->call.outcome == SK_DECLINED;
}

/** Whether the activity is a decision that somebody stands for with his name: that a change is made, that it goes live. */
static bool is_decision(const sk_activity *activity) {
        assert(activity != NULL);
        return activity->process == SK_CHANGE && (activity->name == SK_PLAN || activity->name == SK_RELEASE);
}

static void enter(sk_stepping *s, const sk_activity *activity) {
        assert(sk_frame_activity(sk_call_top(&s->call)) == activity);
        sk_selection selection = sk_step_selection(s);
        sk_way way;
        sk_slice routine;

        assert(s->call.visit.number == 0);
        sk_team_way(s->context->team, &selection, activity, &way, &routine);
        sk_action_take(s, &way);
        if (is_declined_at_once(s)) {
                way.how = SK_HOW_AUTO;
                way.result = SK_NONE;
        }
        sk_visit_begin(s, &way, routine, false);
        sk_visit_keep_informed(s, &way.informed);
        if (s->call.standing == SK_ACCEPTED) {
                s->call.standing = SK_WORKING;
        }
        if (activity->process == SK_OPERATE && activity->name == SK_PERFORM) {
                s->call.is_past_return = true;
        }
        if (is_declined_at_once(s) && activity->name == SK_ACCEPT) {
                sk_visit_end(
                        s, &(sk_ending_report){
                                   .outcome = SK_DECLINED, .code = s->call.code, .actor = SK_NONE, .result = SK_NONE});
                return;
        }
        if (is_decision(activity) && way.how == SK_HOW_AUTO && s->call.visit.accountable.len == 0) {
                sk_visit_escalate(s, "decision-nobody");
                return;
        }
        start_how(s, activity, &way);
}

/* ---- ending ---- */

static void record_not_applicable(sk_stepping *s, const sk_activity *activity, const char *rule) {
        assert(s->call.visit.number == 0);
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_NOT_APPLICABLE);

        assert(rule != NULL);
        assert(activity->process == sk_call_top(&s->call)->process);
        sk_json_put_cstr(w, "activity", activity->id);
        sk_json_put_int(w, "frame", s->call.frame_count);
        sk_json_put_cstr(w, "rule", rule);
        sk_event_end(s);
}

/** Index of the first activity of that name; the process has one. */
static uint8_t index_of(const sk_process_info *info, sk_activity_name name) {
        for (uint8_t i = 0; i < info->count; i++) {
                if (info->activities[i].name == name) {
                        return i;
                }
        }
        assert(false && "the process has no such activity");
        return 0;
}

/** Records every activity between where the frame stands and @p to as not applicable, and goes there. */
static void skip_to(sk_stepping *s, uint8_t first, uint8_t to, const char *rule) {
        assert(rule != NULL);
        sk_frame *frame = sk_call_top(&s->call);
        const sk_process_info *info = sk_process_get(frame->process);

        assert(first <= to);
        assert(to < info->count);
        for (uint8_t i = first; i < to; i++) {
                record_not_applicable(s, &info->activities[i], rule);
        }
        frame->step = to;
        assert(frame->step < info->count);
}

static uint8_t after(const sk_frame *frame) {
        assert(frame->process < SK_PROCESSES);
        const sk_process_info *info = sk_process_get(frame->process);

        return frame->step == SK_AT_CUT ? info->before_cut : (uint8_t)(frame->step + 1);
}

void sk_frame_skip_to_close(sk_stepping *s, const char *rule) {
        assert(rule != NULL);
        sk_frame *frame = sk_call_top(&s->call);
        uint8_t close = (uint8_t)(sk_process_get(frame->process)->count - 1);
        uint8_t from = after(frame);

        if (from <= close) {
                skip_to(s, from, close, rule);
        }
}

void sk_frame_skip_all(sk_stepping *s, const char *rule) {
        assert(s->call.visit.number == 0);
        sk_frame *frame = sk_call_top(&s->call);
        const sk_process_info *info = sk_process_get(frame->process);
        uint8_t from = frame->step == SK_AT_CUT ? info->before_cut : frame->step;

        for (uint8_t i = from; i < info->count; i++) {
                record_not_applicable(s, &info->activities[i], rule);
        }
        frame->step = (uint8_t)(info->count - 1);
        assert(frame->step < info->count);
}

static void go_on(sk_frame *frame) {
        const sk_process_info *info = sk_process_get(frame->process);
        uint8_t next = (uint8_t)(frame->step + 1);

        assert(frame->step != SK_AT_CUT);
        frame->step = next == info->before_cut && next < info->count ? SK_AT_CUT : next;
        assert(frame->step == SK_AT_CUT || frame->step <= info->count);
}

static void try_again(sk_stepping *s, sk_frame *frame) {
        assert(s->call.visit.number == 0);
        const sk_process_info *info = sk_process_get(frame->process);
        unsigned attempts = frame->process == SK_OPERATE ? frame->attempt + 1u : frame->attempt;

        if (attempts >= SK_CUT_ATTEMPTS) {
                frame->outcome = SK_FAILED;
                s->call.code = SK_SLICE("attempts");
                go_on(frame);
                return;
        }
        s->call.answered_infrastructure = false;
        s->call.answered_agreement = false;
        frame->outcome = SK_OUTCOME_NONE;
        frame->fed = SK_OUTCOME_NONE;
        frame->triggered = SK_PROCESSES;
        s->call.code = SK_SLICE("");
        if (frame->process == SK_OPERATE) {
                frame->attempt++;
                frame->step = index_of(info, SK_PERFORM);
        } else {
                frame->step = SK_AT_CUT;
        }
}

static void move(sk_stepping *s, const sk_activity *activity, const sk_ending_report *report) {
        assert(report->outcome < SK_OUTCOMES);
        sk_frame *frame = sk_call_top(&s->call);
        const sk_process_info *info = sk_process_get(frame->process);
        sk_ending ending = sk_ending_of(activity, report->outcome);

        assert(s->call.visit.number == 0);
        assert(activity->process == frame->process);
        frame->action = 0;
        if (report->outcome == SK_DECLINED || report->outcome == SK_FAILED || report->outcome == SK_WITHDRAWN) {
                frame->outcome = report->outcome;
                s->call.code = sk_step_keep(s, report->code);
        }
        if (report->outcome == SK_WITHDRAWN) {
                sk_frame_skip_to_close(s, "withdrawn");
                return;
        }
        switch (ending) {
        case SK_GO_TO_CLOSE:
                sk_frame_skip_to_close(s, sk_outcome_id(report->outcome));
                return;
        case SK_GO_TO_REVIEW:
                if (frame->step < index_of(info, SK_REVIEW)) {
                        skip_to(s, after(frame), index_of(info, SK_REVIEW), "failed");
                } else {
                        go_on(frame);
                }
                return;
        case SK_GO_TO_CUT:
                try_again(s, frame);
                return;
        default:
                assert(ending == SK_GO_ON);
                go_on(frame);
        }
}

static void registered(sk_stepping *s) {
        assert(s->call.component_count <= SK_COMPONENTS_MAX);
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_REGISTERED);

        sk_event_put_place(s, w);
        sk_json_open_array(w, "components");
        for (unsigned i = 0; i < s->call.component_count; i++) {
                sk_json_put_text(w, NULL, s->call.components[i]);
        }
        sk_json_close_array(w);
        sk_event_end(s);
}

/** The proposed agreement goes to whom it concerns; the promise's clock stands until he has decided. */
static void offered(sk_stepping *s, sk_slice result) {
        const sk_agreement *agreement = sk_step_agreement(s);
        sk_slice proposal = sk_slice_there(result) ? sk_json_member(result, "offer") : SK_NONE;

        assert(s->call.offer == 0);
        if (sk_step_counterpart(s).len == 0) {
                return;
        }
        if (!sk_slice_there(proposal)) {
                proposal = agreement != NULL ? sk_agreement_json(agreement) : SK_SLICE("{}");
        }
        if (proposal.len > SK_OFFER_MAX || !sk_data_has_room(s, proposal.len, SK_DATA_SENT_MAX)) {
                proposal = SK_SLICE("{}");
        }
        s->call.is_offered = sk_step_is_own(s);
        s->call.offer = s->call.out_seqno + 1;
        s->call.decision = 0;
        int64_t until_us = sk_slice_there(result) ? sk_task_until_us(s, result) : 0;
        s->call.question_until_us = until_us > 0 ? until_us : 0;
        if (s->call.standing == SK_WORKING || s->call.standing == SK_ACCEPTED) {
                s->call.standing = SK_WAITING;
        }
        sk_clock_stop(s);
        sk_data_append(s, SK_SECTION_OFFER, 0, 0, proposal);
        sk_json_writer *w = sk_feedback_begin(s, SK_FEEDBACK_OFFER);
        sk_json_put_raw(w, "agreement", proposal);
        if (s->call.question_until_us > 0) {
                sk_json_put_time(w, "until", s->call.question_until_us);
        }
        assert(s->call.offer == s->call.out_seqno);
        sk_feedback_end(s);
        sk_json_put_int(sk_event_begin(s, SK_EVENT_ASKED), "offer", s->call.offer);
        sk_event_end(s);
}

/** What came back at the cut stands: a review can lower it or send it back, never improve it. */
static void reviewed(sk_frame *frame) {
        assert(frame->step != SK_AT_CUT);
        if (frame->fed != SK_OUTCOME_NONE && frame->fed != SK_COMPLETED && frame->outcome == SK_OUTCOME_NONE) {
                frame->outcome = frame->fed;
        }
}

static void completed(sk_stepping *s, const sk_activity *activity, sk_slice result) {
        assert(activity != NULL);
        switch (activity->name) {
        case SK_ACCEPT:
                if (s->call.frame_count == 1) {
                        sk_call_accept(s);
                }
                return;
        case SK_IDENTIFY:
                sk_call_accept(s);
                return;
        case SK_CLASSIFY:
                if (s->call.frame_count == 1) {
                        sk_call_classify(s, result);
                }
                return;
        case SK_OFFER:
                offered(s, result);
                return;
        case SK_REGISTER:
                registered(s);
                return;
        case SK_REVIEW:
                reviewed(sk_call_top(&s->call));
                return;
        default:
                return;
        }
}

/** Who decided: the person who did it or, where a routine did, the one who answers for it. */
static void put_decision(const sk_stepping *s, sk_json_writer *w, const sk_ending_report *report) {
        const sk_activity *activity = sk_frame_activity(&s->call.frames[s->call.frame_count - 1]);

        assert(activity != NULL);
        if (is_decision(activity) && (report->outcome == SK_COMPLETED || report->outcome == SK_DECLINED)) {
                bool is_person = report->actor.len > 0;
                sk_json_put_optional(w, "decided_by", is_person ? report->actor : s->call.visit.accountable);
        }
}

static void report_ended(sk_stepping *s, const sk_ending_report *report) {
        assert(s->call.visit.number != 0);
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_ENDED);

        assert(report->outcome != SK_OUTCOME_NONE);
        sk_event_put_place(s, w);
        sk_json_put_cstr(w, "outcome", sk_outcome_id(report->outcome));
        sk_json_put_optional(w, "code", report->code);
        sk_json_put_optional(w, "actor", report->actor);
        put_decision(s, w, report);
        sk_json_put_cstr(w, "how", sk_how_id(s->call.visit.how));
        sk_json_put_int(w, "elapsed_us", s->context->now_us - s->call.visit.entered_us);
        sk_event_end(s);
}

static void keep_result(sk_stepping *s, const sk_activity *activity, const sk_ending_report *report) {
        assert(s->call.visit.number != 0);
        bool is_first = sk_call_top(&s->call)->action == 0;
        sk_slice result = report->result;

        if (result.len > 0 && !is_first) {
                result = sk_result_merged(s, activity->number, result);
        }
        if (result.len == 0 || !sk_data_has_room(s, result.len, SK_DATA_SENT_MAX)) {
                return;
        }
        sk_data_append(s, SK_SECTION_RESULT, SK_RESULT_OF_ACTIVITY, activity->number, result);
        sk_call_top(&s->call)->has_result |= activity->name != SK_CLASSIFY;
        if (sk_cut_check_answers(s, report->result)) {
                sk_cut_note_answers(s, report->actor, report->result);
        }
}

/** What a visit has kept for itself, and what its task has asked: moot when it ends without an answer. */
static void forget(sk_stepping *s) {
        assert(s->call.visit.number != 0);
        sk_visit_forget_form(s);
        sk_late_forget(s);
        sk_question_drop(s);
        sk_offer_drop(s);
}

void sk_visit_end(sk_stepping *s, const sk_ending_report *report) {
        const sk_activity *activity = sk_frame_activity(sk_call_top(&s->call));

        assert(s->call.visit.number != 0);
        assert(activity != NULL);
        assert(sk_ending_of(activity, report->outcome) != SK_NOT_ALLOWED || s->call.standing == SK_WITHDRAWING);
        report_ended(s, report);
        keep_result(s, activity, report);
        if (s->call.visit.is_waiting && report->outcome == SK_COMPLETED) {
                forget(s);
                s->call.visit = (sk_visit){0};
                return;
        }
        bool goes_on = report->outcome == SK_COMPLETED && !is_declined_at_once(s) && sk_action_has_next(s, activity);
        bool is_of_list = goes_on || sk_call_top(&s->call)->action > 0;
        if (report->outcome == SK_COMPLETED && s->call.visit.how != SK_HOW_AUTO && !is_of_list) {
                sk_duration_note(s, s->call.visit.routine, activity->number, s->call.visit.began_us);
        }
        if (!goes_on) {
                sk_visit_inform(s, sk_outcome_id(report->outcome), report->actor);
        }
        if (report->actor.len > 0) {
                sk_call_top(&s->call)->worker = report->actor;
        }
        forget(s);
        if (goes_on) {
                sk_call_top(&s->call)->action++;
                s->call.visit = (sk_visit){0};
                return;
        }
        if (report->outcome == SK_COMPLETED) {
                completed(s, activity, is_of_list ? sk_result_of(s, activity->number) : report->result);
        }
        s->call.visit = (sk_visit){0};
        move(s, activity, report);
        assert(s->call.visit.number == 0);
        assert(s->call.question == 0);
        assert(s->is_closed || sk_call_top(&s->call)->process == activity->process);
}

/* ---- going on ---- */

/** The rule by which an activity needs nothing; NULL when it has to be done. */
static const char *why_not_applicable(const sk_stepping *s, const sk_activity *activity) {
        assert(activity != NULL);
        if (activity->name == SK_REGISTER && s->call.component_count == 0) {
                return "no-component";
        }
        if (activity->name == SK_NEGOTIATE && s->call.offer == 0 && sk_step_counterpart(s).len == 0) {
                return "no-customer";
        }
        return NULL;
}

static void leave_frame(sk_stepping *s) {
        sk_frame *frame = sk_call_top(&s->call);
        sk_outcome outcome = frame->outcome == SK_OUTCOME_NONE ? SK_COMPLETED : frame->outcome;

        assert(frame->step == sk_process_get(frame->process)->count);
        assert(s->call.visit.number == 0);
        sk_frame_conclude(s, outcome);
        if (s->call.frame_count > 1) {
                s->call.frame_count--;
                sk_cut_feed_back(s, outcome);
                return;
        }
        s->call.outcome = outcome;
        sk_call_close(s);
}

static void walk(sk_stepping *s) {
        sk_frame *frame = sk_call_top(&s->call);
        const sk_process_info *info = sk_process_get(frame->process);

        assert(s->call.visit.number == 0);
        assert(!s->is_closed);
        if (frame->step == SK_AT_CUT) {
                sk_cut_reach(s);
                return;
        }
        if (frame->step == info->count) {
                leave_frame(s);
                return;
        }
        const sk_activity *activity = sk_frame_activity(frame);
        const char *rule = why_not_applicable(s, activity);
        if (rule != NULL) {
                record_not_applicable(s, activity, rule);
                go_on(frame);
                return;
        }
        if (sk_onward_is_awaited(s, activity)) {
                sk_onward_wait(s, activity);
                return;
        }
        enter(s, activity);
}

void sk_step_advance(sk_stepping *s) {
        unsigned steps = 0;

        s->call_changed = true;
        while (!s->is_closed && s->call.visit.number == 0 && s->out->err == SK_OK) {
                assert(steps < STEPS_MAX);
                steps++;
                walk(s);
        }
}
