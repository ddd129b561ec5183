#include <assert.h>
#include <stdio.h>

#include "kit/hash.h"
#include "link/mutation.h"
#include "link/stepping.h"

/*
 * Effects (rule E): what a program, a webhook or a plug-in does for the running visit.
 *
 *     start -> now ──(once: begins -> begun)── ended ──> done, declined: the visit ends
 *               ^                                 ├────> later: the result comes as `work.result`
 *               └──────── paused <── retry ───────┤
 *                                                 └────> given up: a task for the coordinator <── deadline, lost
 *
 * The terms and what is given to the effect are fixed when the visit is entered (rule V3) and kept as
 * SK_SECTION_ACTION: {how, target, timeout_us, backoff_us, backoff_max_us, deadline_us, config, [out], input}. So each
 * try says the same. What became of the tries is kept as SK_SECTION_TRY.
 */

enum {
        INPUT_MAX = 256 * 1024,
        TRIES_OF_ONE_MAX = 200,
        JITTER_STEPS = 1 << 16,
};

static void keep_try(sk_stepping *s, const sk_effect_report *report);

/* ---- becoming due ---- */

static void report_begun(sk_stepping *s, sk_slice how) {
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_BEGUN);

        assert(s->call.visit.due == SK_DUE_NOW || s->call.visit.due == SK_DUE_BEGUN);
        sk_event_put_place(s, w);
        sk_json_put_text(w, "how", how);
        sk_event_end(s);
}

static void become_due(sk_stepping *s, sk_how how) {
        assert(sk_how_is_effect(how));
        assert(s->call.visit.number != 0);
        s->call.visit.due = SK_DUE_NOW;
        s->call.visit.again_us = 0;
        if (!s->call.visit.is_once) {
                report_begun(s, sk_slice_of(sk_how_id(how)));
        }
}

/** Keeps terms and input; NULL, or why that cannot be. */
static const char *keep_action(sk_stepping *s, const sk_way *way, sk_slice input) {
        assert(sk_slice_there(input));
        const sk_effect_terms *terms = &way->effect;
        sk_buf *scratch = &s->out->value;
        sk_json_writer w = sk_json_writer_make(scratch);
        const char *code = NULL;

        assert(scratch->len == 0);
        assert(sk_how_is_effect(way->how));
        sk_json_open_object(&w, NULL);
        sk_json_put_cstr(&w, "how", sk_how_id(way->how));
        sk_json_put_text(&w, "target", terms->target);
        sk_json_put_int(&w, "timeout_us", terms->timeout_us);
        sk_json_put_int(&w, "backoff_us", terms->backoff_us);
        sk_json_put_int(&w, "backoff_max_us", terms->backoff_max_us);
        sk_json_put_int(&w, "deadline_us", terms->deadline_us);
        sk_json_put_raw(&w, "config", terms->config);
        if (sk_slice_there(terms->out)) {
                sk_json_put_raw(&w, "out", terms->out);
        }
        sk_json_put_raw(&w, "input", input);
        sk_json_close_object(&w);
        if (scratch->len > INPUT_MAX) {
                code = "too-large";
        } else if (!sk_data_has_room(s, scratch->len, SK_DATA_SENT_MAX)) {
                code = "full";
        } else {
                sk_data_append(s, SK_SECTION_ACTION, 0, 0, sk_buf_slice(scratch));
        }
        sk_buf_clear(scratch);
        return code;
}

/** Why a mapping could not be filled, for the person whose task it becomes. */
static void keep_fault(sk_stepping *s, const sk_mapping_fault *fault) {
        assert(fault != NULL);
        const sk_effect_report report = {
                .result = SK_EFFECT_FAILED, .code = SK_SLICE("mapping"), .text = sk_slice_of(fault->text)};

        if (fault->text[0] != '\0') {
                keep_try(s, &report);
        }
}

void sk_effect_start(sk_stepping *s, const sk_way *way) {
        assert(sk_how_is_effect(way->how));
        sk_visit *visit = &s->call.visit;
        sk_mapping_fault fault = {.text = ""};
        sk_slice input = sk_slice_there(way->effect.in) ? sk_effect_filled(s, way->effect.in, SK_NONE, &fault)
                                                        : sk_effect_whole(s);
        const char *code = sk_slice_there(input) ? keep_action(s, way, input) : "effect-input";

        assert(visit->number != 0);
        assert(visit->due == SK_DUE_NONE);
        keep_fault(s, &fault);
        if (code != NULL) {
                sk_visit_escalate(s, code);
                return;
        }
        visit->attempts = way->attempts;
        visit->is_once = way->effect.is_once;
        visit->deadline_us = s->context->now_us + way->effect.deadline_us;
        become_due(s, way->how);
}

/* ---- what was kept ---- */

static sk_slice action_of(const sk_stepping *s) {
        sk_section section;

        return sk_data_find(sk_data_now(s), SK_SECTION_ACTION, 0, &section) ? section.bytes : SK_NONE;
}

static int64_t action_time(const sk_stepping *s, const char *name) {
        assert(name != NULL);
        int64_t time_us = 0;

        (void)sk_json_member_int(action_of(s), name, 0, INT64_MAX, &time_us);
        assert(time_us >= 0);
        return time_us;
}

static sk_how action_how(const sk_stepping *s) {
        return sk_how_find(sk_json_member_string(action_of(s), "how", s->context->arena));
}

/* ---- what became of a try ---- */

/** Of more the last bytes, which say why it ended. */
static sk_slice text_kept(sk_slice text) {
        if (text.len > SK_EFFECT_TEXT_MAX) {
                text.at += text.len - SK_EFFECT_TEXT_MAX;
                text.len = SK_EFFECT_TEXT_MAX;
                while (text.len > 0 && ((uint8_t)text.at[0] & 0xc0u) == 0x80u) {
                        text.at++;
                        text.len--;
                }
        }
        assert(text.len <= SK_EFFECT_TEXT_MAX);
        return text;
}

static sk_slice code_kept(sk_slice code) {
        if (code.len > SK_CODE_MAX) {
                return SK_SLICE("invalid");
        }
        for (size_t i = 0; i < code.len; i++) {
                bool is_plain = (code.at[i] >= 'a' && code.at[i] <= 'z') || (code.at[i] >= '0' && code.at[i] <= '9') ||
                                code.at[i] == '-';
                if (!is_plain) {
                        return SK_SLICE("invalid");
                }
        }
        assert(code.len <= SK_CODE_MAX);
        return code;
}

/** Kept with the call as long as there is room: a person who takes over sees all that happened. */
static void keep_try(sk_stepping *s, const sk_effect_report *report) {
        assert(report->result < SK_EFFECT_RESULTS);
        const sk_visit *visit = &s->call.visit;
        sk_buf *scratch = &s->out->value;
        sk_json_writer w = sk_json_writer_make(scratch);

        assert(scratch->len == 0);
        assert(visit->number != 0);
        sk_json_open_object(&w, NULL);
        sk_json_put_int(&w, "visit", visit->number);
        sk_json_put_int(&w, "try", visit->try_number);
        sk_json_put_cstr(&w, "result", sk_effect_result_id(report->result));
        sk_json_put_optional(&w, "code", code_kept(report->code));
        sk_json_put_time(&w, "at", s->context->now_us);
        sk_json_put_optional(&w, "text", text_kept(report->text));
        sk_json_close_object(&w);
        if (visit->try_number <= TRIES_OF_ONE_MAX && sk_data_has_room(s, scratch->len, SK_DATA_SAID_MAX)) {
                sk_data_append(s, SK_SECTION_TRY, visit->try_number, (uint16_t)visit->number, sk_buf_slice(scratch));
        }
        sk_buf_clear(scratch);
}

static void report_tried(sk_stepping *s, const sk_effect_report *report) {
        assert(report->result < SK_EFFECT_RESULTS);
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_TRIED);

        sk_event_put_place(s, w);
        sk_json_put_cstr(w, "result", sk_effect_result_id(report->result));
        sk_json_put_optional(w, "code", code_kept(report->code));
        if (s->call.visit.due == SK_DUE_PAUSED) {
                sk_json_put_time(w, "again", s->call.visit.again_us);
        }
        sk_event_end(s);
}

/** For the person who takes over: what was to be done, and that it was not. */
static void keep_instruction(sk_stepping *s, const char *code) {
        assert(s->call.visit.due == SK_DUE_GIVEN_UP);
        sk_buf *scratch = &s->out->value;
        sk_slice target = sk_json_member_string(action_of(s), "target", s->context->arena);
        sk_slice how = sk_json_member_string(action_of(s), "how", s->context->arena);
        char text[400];

        assert(scratch->len == 0);
        int len = snprintf(text, sizeof text,
                           "The %.*s %.*s has not done this: %s, after %u of %u tries. Do it by hand and complete the "
                           "task, or have it tried again: schakel retry.",
                           (int)how.len, how.len == 0 ? "" : how.at, (int)(target.len < 100 ? target.len : 100),
                           target.len == 0 ? "" : target.at, code, (unsigned)s->call.visit.try_number,
                           (unsigned)s->call.visit.attempts);
        sk_json_writer w = sk_json_writer_make(scratch);
        sk_json_open_object(&w, NULL);
        sk_json_put_text(&w, "instruction",
                         (sk_slice){text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1});
        sk_json_close_object(&w);
        sk_data_remove(s, SK_SECTION_FORM, 0);
        if (sk_data_has_room(s, scratch->len, SK_DATA_MAX)) {
                sk_data_append(s, SK_SECTION_FORM, 0, 0, sk_buf_slice(scratch));
        }
        sk_buf_clear(scratch);
}

static void give_up(sk_stepping *s, const char *code) {
        assert(code != NULL);
        sk_visit *visit = &s->call.visit;

        assert(visit->number != 0);
        assert(sk_how_is_effect(visit->how));
        visit->due = SK_DUE_GIVEN_UP;
        visit->again_us = visit->deadline_us = 0;
        keep_instruction(s, code);
        sk_visit_escalate(s, code);
        s->call_changed = true;
        assert(visit->is_escalated);
}

/* ---- its end ---- */

static void end_visit(sk_stepping *s, sk_outcome outcome, sk_slice code, sk_slice actor, sk_slice result) {
        assert(outcome == SK_COMPLETED || outcome == SK_DECLINED);
        sk_visit_end(s, &(sk_ending_report){.outcome = outcome, .code = code, .actor = actor, .result = result});
        sk_step_advance(s);
}

/** Whether that is JSON which can be kept as a result; without any it is none. */
static bool is_answer_good(sk_stepping *s, sk_slice *value) {
        assert(value != NULL);
        if (value->len == 0) {
                *value = SK_NONE;
                return true;
        }
        return value->len <= SK_RESULT_ENTERED_MAX && sk_step_is_json(s, *value, SK_RESULT_DEPTH_MAX) &&
               sk_task_why_bad_result(s, *value) == NULL;
}

/** What of the answer is the result; SK_NONE: that cannot be said. */
static sk_slice result_of(sk_stepping *s, sk_slice value) {
        sk_slice template = sk_json_member(action_of(s), "out");
        sk_mapping_fault fault = {.text = ""};

        if (!sk_slice_there(template)) {
                return value;
        }
        if (value.len > 0 && (value.len > SK_RESULT_ENTERED_MAX || !sk_step_is_json(s, value, SK_RESULT_DEPTH_MAX))) {
                return value; /* is refused for what it is */
        }
        sk_slice result =
                sk_effect_filled(s, sk_step_keep(s, template), value.len > 0 ? value : SK_SLICE("null"), &fault);
        keep_fault(s, &fault);
        return sk_slice_there(result) ? result : SK_SLICE("0");
}

static void done(sk_stepping *s, sk_slice actor, sk_slice value) {
        assert(s->call.visit.number != 0);
        value = result_of(s, value);
        if (is_answer_good(s, &value)) {
                end_visit(s, SK_COMPLETED, SK_NONE, actor, value);
        } else {
                give_up(s, "effect-result");
        }
}

static void declined(sk_stepping *s, sk_slice actor) {
        assert(s->call.visit.number != 0);
        const sk_activity *activity = sk_frame_activity(sk_call_top(&s->call));

        assert(activity != NULL);
        if (sk_ending_of(activity, SK_DECLINED) == SK_NOT_ALLOWED) {
                give_up(s, "effect-declined");
        } else {
                end_visit(s, SK_DECLINED, SK_SLICE("declined"), actor, SK_NONE);
        }
}

/** Base doubled for each try but the first, capped, times 0.5 to 1.5 by a hash of what is the same for everybody. */
static int64_t pause_us(const sk_stepping *s, int64_t least_us) {
        int64_t most_us = action_time(s, "backoff_max_us");
        int64_t base_us = action_time(s, "backoff_us");
        char name[SK_ID_TEXT + 32];

        assert(s->call.visit.try_number >= 1);
        for (unsigned i = 1; i < s->call.visit.try_number && base_us < most_us; i++) {
                base_us *= 2;
        }
        base_us = base_us < most_us ? base_us : most_us;
        sk_id_format(&s->call.id, name);
        int len = snprintf(name + SK_ID_TEXT, sizeof name - SK_ID_TEXT, "/%u/%u", (unsigned)s->call.visit.number,
                           (unsigned)s->call.visit.try_number);
        uint32_t hash = sk_hash_crc32c((sk_slice){name, SK_ID_TEXT + (size_t)len}) % JITTER_STEPS;
        int64_t jittered_us = base_us / 2 + base_us / JITTER_STEPS * hash;
        return jittered_us > least_us ? jittered_us : least_us;
}

/** What may happen only once is not tried again: nobody knows whether it has happened. */
static bool may_try_again(const sk_visit *visit) {
        assert(visit->number != 0);
        return SK_MUTATED(E7) ? visit->try_number < 3 : !visit->is_once && visit->try_number < visit->attempts;
}

static void wait_for_next(sk_stepping *s, int64_t least_us) {
        sk_visit *visit = &s->call.visit;

        assert(may_try_again(visit));
        visit->due = SK_DUE_PAUSED;
        visit->again_us = s->context->now_us + pause_us(s, least_us);
        s->call_changed = true;
}

static void ended(sk_stepping *s, const sk_effect_report *report) {
        assert(report->result < SK_EFFECT_RESULTS);
        keep_try(s, report);
        if (report->result == SK_EFFECT_RETRY && may_try_again(&s->call.visit)) {
                wait_for_next(s, report->retry_after_us);
        }
        report_tried(s, report);
        switch (report->result) {
        case SK_EFFECT_DONE:
                done(s, SK_NONE, report->value);
                return;
        case SK_EFFECT_LATER:
                s->call.visit.due = SK_DUE_LATER;
                return;
        case SK_EFFECT_DECLINED:
                declined(s, SK_NONE);
                return;
        case SK_EFFECT_FAILED:
                give_up(s, "effect-failed");
                return;
        default:
                if (s->call.visit.due != SK_DUE_PAUSED) {
                        give_up(s, s->call.visit.is_once ? "effect-unknown" : "effect-tries");
                }
        }
}

static void begins(sk_stepping *s) {
        assert(s->call.visit.number != 0);
        s->call.visit.due = SK_DUE_BEGUN;
        report_begun(s, sk_slice_of(sk_how_id(s->call.visit.how)));
}

static void lost(sk_stepping *s) {
        assert(s->call.visit.number != 0);
        const sk_effect_report report = {.result = SK_EFFECT_RETRY, .code = SK_SLICE("lost")};

        keep_try(s, &report);
        report_tried(s, &report);
        give_up(s, "effect-lost");
}

void sk_step_effect(sk_stepping *s) {
        const sk_visit *visit = &s->call.visit;
        const sk_effect_report *report = s->input->report;

        assert(s->before->known == SK_KNOWN_OPEN);
        assert(report != NULL);
        bool is_awaited_now = visit->try_number == report->try_number &&
                              (visit->due == SK_DUE_NOW || visit->due == SK_DUE_BEGUN || SK_MUTATED(E6));
        if (visit->number != report->visit || !sk_how_is_effect(visit->how) || !is_awaited_now) {
                return; /* not awaited any more */
        }
        s->call_changed = true;
        assert(visit->number != 0);
        switch (s->input->word) {
        case SK_EFFECT_BEGINS:
                begins(s);
                return;
        case SK_EFFECT_LOST:
                lost(s);
                return;
        default:
                ended(s, report);
        }
}

/* ---- timers ---- */

static bool is_awaited(const sk_visit *visit) {
        assert(visit->due < SK_DUES);
        return visit->number != 0 && sk_how_is_effect(visit->how) && visit->due != SK_DUE_NONE &&
               visit->due != SK_DUE_GIVEN_UP;
}

int64_t sk_effect_due_us(const sk_stepping *s) {
        const sk_visit *visit = &s->call.visit;

        if (!is_awaited(visit)) {
                return 0;
        }
        return visit->due == SK_DUE_PAUSED && visit->again_us < visit->deadline_us ? visit->again_us
                                                                                   : visit->deadline_us;
}

void sk_effect_is_due(sk_stepping *s) {
        sk_visit *visit = &s->call.visit;

        assert(is_awaited(visit));
        if (visit->deadline_us <= s->context->now_us || visit->due != SK_DUE_PAUSED) {
                give_up(s, "deadline");
                return;
        }
        assert(visit->due == SK_DUE_PAUSED);
        visit->try_number++;
        become_due(s, visit->how);
}

/* ---- what people and tools say of it ---- */

/** Whether the record is of one who may speak for the effect: as if the task were his. */
static bool may_speak(const sk_stepping *s) {
        assert(s->call.visit.number != 0);
        return sk_work_is_coordinator(s) ||
               sk_team_acts(s->context->team, sk_work_actor(s), s->call.visit.responsible, s->context->now_us);
}

const char *sk_task_result(sk_stepping *s, sk_slice value) {
        const sk_visit *visit = &s->call.visit;
        int64_t number = 0;
        int64_t try_number = visit->try_number;
        sk_slice outcome = sk_work_text(s, value, "outcome");
        sk_slice result = sk_json_member(value, "result");

        if (s->call.is_ask || !sk_json_member_int(value, "visit", 1, UINT32_MAX, &number) || visit->number != number) {
                return "no-such-visit";
        }
        if (sk_slice_there(sk_json_member(value, "try")) &&
            (!sk_json_member_int(value, "try", 1, UINT8_MAX, &try_number) || try_number != visit->try_number)) {
                return "not-due";
        }
        if (!is_awaited(visit)) {
                return "not-due";
        }
        if (!may_speak(s)) {
                return "not-entitled";
        }
        bool is_done = outcome.len == 0 || sk_slice_is(outcome, "completed");
        if (is_done && !is_answer_good(s, &result)) {
                return "bad-result";
        }
        sk_effect_result what = is_done                            ? SK_EFFECT_DONE
                                : sk_slice_is(outcome, "declined") ? SK_EFFECT_DECLINED
                                : sk_slice_is(outcome, "failed")   ? SK_EFFECT_FAILED
                                                                   : SK_EFFECT_RESULTS;
        if (what == SK_EFFECT_RESULTS) {
                return "not-allowed";
        }
        const sk_effect_report report = {
                .result = what, .code = SK_SLICE("said"), .text = sk_work_text(s, value, "text")};
        assert(what < SK_EFFECT_RESULTS);
        keep_try(s, &report);
        report_tried(s, &report);
        if (is_done) {
                done(s, sk_work_actor(s), result);
        } else if (what == SK_EFFECT_DECLINED) {
                declined(s, sk_work_actor(s));
        } else {
                give_up(s, "effect-failed");
        }
        return sk_work_done;
}

/** Whether the running try has asked that without success, and waits for it. */
static bool is_in_vain(const sk_ask *ask, const sk_visit *visit) {
        assert(visit->number != 0);
        return ask->visit == visit->number && ask->try_number == visit->try_number && !ask->is_onward &&
               ask->outcome != SK_COMPLETED;
}

/** What a delegation has asked in vain is asked again. */
static const char *retry_delegation(sk_stepping *s) {
        assert(s->call.visit.is_escalated);
        bool is_there = false;

        for (unsigned i = 0; i < s->call.ask_count; i++) {
                is_there |= is_in_vain(&s->call.asks[i], &s->call.visit);
        }
        if (!is_there || sk_visit_has_open_asks(&s->call) || sk_call_top(&s->call)->step == SK_AT_CUT ||
            s->call.visit.try_number >= SK_ASK_TRIES_MAX) {
                return is_there && sk_visit_has_open_asks(&s->call) ? "asks-open" : "not-due";
        }
        assert(!sk_visit_has_open_asks(&s->call));
        s->call.visit.how = SK_HOW_DELEGATE;
        s->call.visit.is_escalated = false;
        s->call.visit.holder = SK_SLICE("");
        sk_question_drop(s); /* of the coordinator: nobody here waits for its answer any more */
        sk_data_remove(s, SK_SECTION_FORM, 0);
        sk_ask_try_again(s);
        return sk_work_done;
}

const char *sk_task_retry(sk_stepping *s, sk_slice value) {
        sk_visit *visit = &s->call.visit;
        int64_t number = 0;

        if (s->call.is_ask || !sk_json_member_int(value, "visit", 1, UINT32_MAX, &number) || visit->number != number) {
                return "no-such-visit";
        }
        if (!sk_work_is_coordinator(s)) {
                return "not-entitled";
        }
        if (s->call.standing == SK_WITHDRAWING) {
                return "withdrawing";
        }
        if (visit->due == SK_DUE_NONE && visit->is_escalated) {
                return retry_delegation(s);
        }
        sk_how how = action_how(s);
        if (visit->due != SK_DUE_GIVEN_UP || visit->try_number >= TRIES_OF_ONE_MAX || !sk_how_is_effect(how)) {
                return "not-due";
        }
        assert(visit->try_number < TRIES_OF_ONE_MAX);
        visit->how = how;
        visit->is_escalated = false;
        visit->holder = SK_SLICE("");
        visit->try_number++;
        visit->attempts = visit->try_number;
        visit->deadline_us = s->context->now_us + action_time(s, "deadline_us");
        sk_question_drop(s);
        sk_data_remove(s, SK_SECTION_FORM, 0);
        become_due(s, visit->how);
        return sk_work_done;
}
