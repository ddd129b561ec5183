/*
 * One event after the other: the steps of a call, what it asked of others, and the spells of time in between. After
 * each event it is known what the call waits for until the next.
 */
#include <string.h>

#include "cli/story/story.h"
#include "event/message.h"
#include "kit/json_scan.h"
#include "kit/when.h"

/** One event being taken in. */
typedef struct telling {
        sk_story *story;
        sk_story_call *call;
        sk_slice value;
        int64_t now_us;
} telling;

/* ---- values ---- */

static sk_slice text_in(const telling *tell, sk_slice object, const char *name) {
        sk_slice text = sk_json_member_string(object, name, tell->story->arena);
        sk_slice copy = sk_slice_there(text) ? sk_arena_copy(tell->story->arena, text) : SK_SLICE("");
        tell->story->is_full = tell->story->is_full || !sk_slice_there(copy);
        return sk_slice_there(copy) ? copy : SK_SLICE("");
}

static sk_slice text_of(const telling *tell, const char *name) {
        return text_in(tell, tell->value, name);
}

static uint32_t number_of(const telling *tell, const char *name) {
        int64_t number = 0;
        return sk_json_member_int(tell->value, name, 0, UINT32_MAX, &number) ? (uint32_t)number : 0;
}

static int64_t time_of(const telling *tell, const char *name) {
        int64_t time_us = 0;
        sk_slice text = sk_json_member_string(tell->value, name, tell->story->arena);
        return sk_slice_there(text) && sk_when_parse(text, &time_us) ? time_us : 0;
}

static bool has(const telling *tell, const char *name) {
        return sk_slice_there(sk_json_member(tell->value, name));
}

/* The texts of an array, one behind the other. */
static sk_slice list_of(const telling *tell, const char *name) {
        sk_slice array = sk_json_member(tell->value, name);
        sk_buf text = sk_buf_make(4096);
        sk_slice member;
        sk_slice value;
        if (!sk_slice_there(array) || sk_json_kind_of(array) != SK_JSON_ARRAY)
                return SK_SLICE("");
        sk_json_walk walk = sk_json_walk_make(array);
        while (sk_json_walk_next(&walk, &member, &value)) {
                sk_slice item = sk_json_string(value, tell->story->arena);
                sk_buf_add_text(&text, text.len == 0 ? "" : ", ");
                sk_buf_add_slice(&text, sk_slice_there(item) ? item : value);
        }
        sk_slice copy = sk_arena_copy(tell->story->arena, sk_buf_slice(&text));
        sk_buf_free(&text);
        return sk_slice_there(copy) ? copy : SK_SLICE("");
}

/* ---- lists ---- */

/* An array in the arena with room for one more; NULL when the story is full. */
static void *grown(sk_story *story, void *at, size_t count, size_t *capacity, size_t size) {
        if (count < *capacity)
                return at;
        size_t wanted = *capacity == 0 ? 16 : 2 * *capacity;
        void *more = sk_arena_get_zero(story->arena, wanted, size);
        if (more == NULL) {
                story->is_full = true;
                return NULL;
        }
        if (count > 0)
                memcpy(more, at, count * size);
        *capacity = wanted;
        return more;
}

static sk_story_step *add_step(telling *tell, sk_story_kind kind) {
        sk_story_call *call = tell->call;
        void *at = grown(tell->story, call->steps, call->step_count, &call->step_capacity, sizeof(*call->steps));
        if (at == NULL)
                return NULL;
        call->steps = at;
        uint32_t frame = number_of(tell, "frame");
        sk_story_step *step = &call->steps[call->step_count++];
        *step = (sk_story_step){.kind = kind,
                                .frame = frame < 1 || frame > SK_FRAMES_MAX ? 1 : frame,
                                .visit = number_of(tell, "visit"),
                                .activity = text_of(tell, "activity"),
                                .entered_us = tell->now_us};
        return step;
}

/* The step of the visit that the event names; else NULL. */
static sk_story_step *step_named(telling *tell) {
        sk_story_call *call = tell->call;
        uint32_t visit = number_of(tell, "visit");
        for (size_t i = call->step_count; visit != 0 && i > 0; i--) {
                if (call->steps[i - 1].visit == visit)
                        return &call->steps[i - 1];
        }
        return NULL;
}

static void run(telling *tell, const sk_story_step *step) {
        tell->call->current = (size_t)(step - tell->call->steps);
        tell->call->is_held = false;
}

static void stop(telling *tell, const sk_story_step *step) {
        sk_story_call *call = tell->call;
        if (call->current == (size_t)(step - call->steps)) {
                call->current = SK_STORY_NONE;
                call->is_held = false;
        }
        call->is_asked = false;
}

/* ---- the workflows that remain ---- */

sk_process sk_story_process(sk_slice type) {
        sk_call_type found = sk_call_type_find(type);
        return found == SK_CALL_TYPES ? SK_PROCESSES : sk_call_type_process(found);
}

static void goes_to(sk_story_call *call, unsigned depth, sk_process process) {
        if (depth >= SK_FRAMES_MAX || process == SK_PROCESSES || depth > call->path_length)
                return;
        call->path[depth] = process;
        call->path_length = depth + 1;
        uint16_t possible = sk_workflows_possible(call->path, call->path_length);
        call->workflows = possible != 0 ? possible : call->workflows;
}

static sk_process process_of(sk_slice activity) {
        const char *dot = memchr(activity.at, '.', activity.len);
        return dot == NULL ? SK_PROCESSES : sk_process_find((sk_slice){activity.at, (size_t)(dot - activity.at)});
}

static void settle(telling *tell) {
        uint32_t number = number_of(tell, "workflow");
        if (number >= 1 && number <= 8)
                tell->call->workflows = (uint16_t)(1u << number);
}

/* ---- events ---- */

static void on_opened(telling *tell) {
        tell->call->customer = text_of(tell, "customer");
        tell->call->type = text_of(tell, "type");
        tell->call->facility = text_of(tell, "facility");
        tell->call->rootid = text_of(tell, "rootid");
}

static void on_typed(telling *tell) {
        tell->call->type = text_of(tell, "type");
        goes_to(tell->call, 0, sk_story_process(tell->call->type));
}

static void on_classified(telling *tell) {
        sk_story_call *call = tell->call;
        sk_slice category = text_of(tell, "category");
        sk_buf text = sk_buf_make(4096);
        if (call->step_count == 0)
                return;
        if (!sk_slice_equal(category, call->facility)) {
                sk_buf_add_slice(&text, category);
                sk_buf_add_text(&text, ", ");
        }
        sk_buf_add_format(&text, "priority %u", number_of(tell, "priority"));
        sk_slice copy = sk_arena_copy(tell->story->arena, sk_buf_slice(&text));
        call->steps[call->step_count - 1].remark = sk_slice_there(copy) ? copy : SK_SLICE("");
        sk_buf_free(&text);
}

/* From now on the call waits for what it has sent onward. */
static void await_onward(const telling *tell) {
        sk_story_call *call = tell->call;
        for (size_t i = 0; i < call->ask_count; i++) {
                if (call->asks[i].awaited_us != INT64_MAX)
                        continue;
                call->asks[i].awaited_us = tell->now_us;
                call->generation++;
        }
}

static bool is_onward(const telling *tell) {
        return sk_slice_is(sk_json_member(tell->value, "onward"), "true");
}

static void on_entered(telling *tell) {
        bool is_cut = sk_activity_find(text_of(tell, "activity")) == NULL;
        sk_story_step *step = add_step(tell, is_cut ? SK_STORY_CUT : SK_STORY_ACTIVITY);
        if (step == NULL)
                return;
        step->how = text_of(tell, "how");
        step->profile = text_of(tell, "profile");
        if (is_onward(tell)) {
                step->remark = SK_SLICE("waits for what went onward");
                await_onward(tell);
        }
        if (tell->call->path_length == 0)
                goes_to(tell->call, 0, process_of(step->activity));
        run(tell, step);
}

static void on_claimed(telling *tell) {
        sk_story_step *step = step_named(tell);
        if (step == NULL)
                return;
        step->actor = text_of(tell, "actor");
        tell->call->is_held = true;
}

static void on_released(telling *tell) {
        sk_story_step *step = step_named(tell);
        if (step != NULL)
                step->actor = SK_SLICE("");
        tell->call->is_held = false;
}

/* A missing accountable is only said; anything else makes the visit a task for the coordinator. */
static void on_escalated(telling *tell) {
        sk_story_step *step = step_named(tell);
        if (step == NULL)
                return;
        step->code = text_of(tell, "code");
        if (step->code.len > 12 && memcmp(step->code.at, "accountable-", 12) == 0)
                return;
        step->is_escalated = true;
        step->how = SK_SLICE("manual");
        step->profile = text_of(tell, "profile");
        tell->call->is_held = false;
}

static void on_ended(telling *tell) {
        sk_story_step *step = step_named(tell);
        if (step == NULL)
                return;
        step->ended_us = tell->now_us;
        step->outcome = text_of(tell, "outcome");
        if (has(tell, "code"))
                step->code = text_of(tell, "code");
        if (has(tell, "actor"))
                step->actor = text_of(tell, "actor");
        stop(tell, step);
}

static void on_not_applicable(telling *tell) {
        sk_story_step *step = add_step(tell, SK_STORY_SKIPPED);
        if (step == NULL)
                return;
        step->rule = text_of(tell, "rule");
        step->ended_us = tell->now_us;
}

static void on_triggered(telling *tell) {
        sk_story_step *step = step_named(tell);
        if (step == NULL)
                step = add_step(tell, SK_STORY_CUT);
        if (step == NULL)
                return;
        step->target = text_of(tell, "to");
        step->team = text_of(tell, "team");
        step->rule = text_of(tell, "decided_by");
        step->reason = text_of(tell, "reason");
        step->attempt = number_of(tell, "attempt");
        step->remark = list_of(tell, "components");
        stop(tell, step);
        if (step->team.len > 0) {
                run(tell, step);
                step->how = SK_SLICE("delegate");
        }
        goes_to(tell->call, step->frame, sk_process_find(step->target));
        settle(tell);
}

static void on_fed_back(telling *tell) {
        sk_story_step *step = step_named(tell);
        if (step == NULL)
                return;
        step->ended_us = tell->now_us;
        step->outcome = text_of(tell, "outcome");
        stop(tell, step);
}

static void on_registered(telling *tell) {
        sk_story_step *step = step_named(tell);
        if (step != NULL)
                step->remark = list_of(tell, "components");
}

static void on_asked(telling *tell) {
        tell->call->is_asked = has(tell, "question");
        tell->call->is_offered = has(tell, "offer");
}

static void on_answered(telling *tell) {
        if (has(tell, "ask"))
                return; /* what this team answered to a provider */
        tell->call->is_asked = false;
        tell->call->is_offered = false;
}

static void on_withdrawing(telling *tell) {
        tell->call->is_withdrawing = true;
        tell->call->is_asked = false;
        tell->call->is_offered = false;
}

static void end_ask(telling *tell, sk_story_ask *ask, sk_slice outcome) {
        ask->ended_us = tell->now_us;
        ask->outcome = outcome;
        tell->call->generation++;
}

static void on_delegated(telling *tell) {
        sk_story_call *call = tell->call;
        sk_story_step *step = step_named(tell);
        void *at = grown(tell->story, call->asks, call->ask_count, &call->ask_capacity, sizeof(*call->asks));
        sk_story_ask ask = {.team = text_of(tell, "team"),
                            .type = text_of(tell, "type"),
                            .facility = text_of(tell, "facility"),
                            .step = step == NULL ? SK_STORY_NONE : (size_t)(step - call->steps),
                            .attempt = number_of(tell, "attempt"),
                            .raised_us = tell->now_us,
                            .awaited_us = is_onward(tell) ? INT64_MAX : tell->now_us};
        if (at == NULL || !sk_id_parse(text_of(tell, "ask"), &ask.id))
                return;
        call->asks = at;
        if (step != NULL && is_onward(tell))
                step->remark = SK_SLICE("only onward");
        if (step == NULL) {
                call->is_ask = true;
                call->type = ask.type;
                call->facility = ask.facility;
                for (size_t i = 0; i < call->ask_count; i++) {
                        if (call->asks[i].ended_us == 0) /* raised anew with the right type */
                                end_ask(tell, &call->asks[i], SK_SLICE("declined"));
                }
        }
        call->asks[call->ask_count++] = ask;
        call->generation++;
}

static void on_fed(telling *tell) {
        sk_story_call *call = tell->call;
        sk_slice outcome = text_of(tell, "outcome");
        sk_id id;
        if (outcome.len == 0 || !sk_id_parse(text_of(tell, "ask"), &id))
                return;
        for (size_t i = call->ask_count; i > 0; i--) {
                sk_story_ask *ask = &call->asks[i - 1];
                if (ask->ended_us == 0 && sk_id_equal(&ask->id, &id))
                        end_ask(tell, ask, outcome);
        }
}

static sk_margin margin_of(const telling *tell) {
        sk_margin margin = {.us = tell->call->due_us - tell->call->closed_us, .service_hours = SK_SLICE("")};
        if (sk_json_member_int(tell->value, "margin_us", INT64_MIN, INT64_MAX, &margin.us))
                margin.service_hours = text_of(tell, "service_hours");
        return margin;
}

static void on_closed(telling *tell) {
        sk_story_call *call = tell->call;
        int64_t stopped_us = 0;
        call->closed_us = tell->now_us;
        call->outcome = text_of(tell, "outcome");
        call->code = text_of(tell, "code");
        call->due_us = time_of(tell, "due");
        call->is_late = sk_slice_is(sk_json_member(tell->value, "kept"), "false");
        call->margin = margin_of(tell);
        if (sk_json_member_int(tell->value, "stopped_us", 0, INT64_MAX, &stopped_us))
                call->stopped_us = stopped_us;
        if (call->type.len == 0)
                call->type = text_of(tell, "type");
        if (call->facility.len == 0)
                call->facility = text_of(tell, "facility");
        if (call->customer.len == 0)
                call->customer = text_of(tell, "customer");
        call->is_ask = call->is_ask || (call->step_count == 0 && call->customer.len == 0);
        settle(tell);
}

typedef struct teller {
        const char *name;
        void (*take)(telling *tell);
} teller;

static const teller tellers[] = {
        {"opened", on_opened},       {"typed", on_typed},       {"classified", on_classified},
        {"entered", on_entered},     {"claimed", on_claimed},   {"released", on_released},
        {"escalated", on_escalated}, {"ended", on_ended},       {"not-applicable", on_not_applicable},
        {"triggered", on_triggered}, {"fed-back", on_fed_back}, {"registered", on_registered},
        {"asked", on_asked},         {"answered", on_answered}, {"withdrawing", on_withdrawing},
        {"delegated", on_delegated}, {"fed", on_fed},           {"closed", on_closed},
};

/* ---- spells ---- */

static bool has_open_asks(const sk_story_call *call) {
        for (size_t i = 0; i < call->ask_count; i++) {
                if (call->asks[i].ended_us == 0 && call->asks[i].awaited_us != INT64_MAX)
                        return true;
        }
        return false;
}

static sk_spell_kind waits_for(const sk_story_call *call) {
        if (call->is_asked || call->is_offered)
                return SK_SPELL_CUSTOMER;
        if (has_open_asks(call))
                return SK_SPELL_ASKS;
        if (call->current != SK_STORY_NONE && sk_slice_is(call->steps[call->current].how, "manual"))
                return call->is_held ? SK_SPELL_WORK : SK_SPELL_WAIT;
        return SK_SPELL_LINK;
}

static void end_spell(sk_story_call *call, int64_t now_us) {
        if (call->spell_count == 0)
                return;
        sk_story_spell *last = &call->spells[call->spell_count - 1];
        last->to_us = now_us > last->from_us ? now_us : last->from_us;
}

static void next_spell(sk_story *story, sk_story_call *call, int64_t now_us) {
        sk_spell_kind kind = waits_for(call);
        sk_story_spell *last = call->spell_count == 0 ? NULL : &call->spells[call->spell_count - 1];
        end_spell(call, now_us);
        if (last != NULL && last->kind == kind && last->step == call->current &&
            call->spell_generation == call->generation)
                return;
        void *at = grown(story, call->spells, call->spell_count, &call->spell_capacity, sizeof(*call->spells));
        if (at == NULL)
                return;
        call->spells = at;
        call->spells[call->spell_count++] =
                (sk_story_spell){.kind = kind, .step = call->current, .from_us = now_us, .to_us = now_us};
        call->spell_generation = call->generation;
}

/* ---- one event ---- */

void sk_story_tell(sk_story *story, sk_story_call *call, const char *name, sk_slice value, int64_t timestamp_us) {
        telling tell = {.story = story, .call = call, .value = value};
        uint32_t number = number_of(&tell, "n");
        if (number <= call->last_number || call->closed_us != 0)
                return; /* n 0: about a call that was not open */
        tell.now_us = time_of(&tell, "now");
        if (tell.now_us == 0)
                tell.now_us = timestamp_us;
        if (tell.now_us < call->last_us)
                tell.now_us = call->last_us;
        if (call->last_number == 0) {
                call->first_us = tell.now_us;
                call->is_headless = number > 1;
        }
        call->last_number = number;
        call->last_us = tell.now_us;
        for (size_t i = 0; i < sizeof(tellers) / sizeof(tellers[0]); i++) {
                if (strcmp(tellers[i].name, name) == 0)
                        tellers[i].take(&tell);
        }
        if (call->closed_us != 0)
                end_spell(call, call->closed_us);
        else
                next_spell(story, call, tell.now_us);
}

void sk_story_end(sk_story *story, sk_story_call *call) {
        if (call->closed_us == 0)
                end_spell(call, story->now_us);
}
