#include <assert.h>

#include "link/stepping.h"

/*
 * The cut: one activity group, then exactly one trigger, then the triggered process whole, here or at another link,
 * then its feedback, then the group after the cut. Both crossings are events.
 */

enum { NAME_MAX_BYTES = 100, REASON_MAX = 200, LINKS_MAX = 4096 };

/** What is decided at the cut, and on whose word. */
typedef struct decision {
        sk_process target; /**< SK_PROCESSES: not decided yet */
        sk_slice by;       /**< a person, or "rule", "customer", "preset" */
        sk_slice reason;
} decision;

static sk_selection selection_at_cut(const sk_stepping *s) {
        sk_process path[SK_FRAMES_MAX] = {0};

        assert(s->call.frame_count > 0);
        assert(s->call.frame_count <= SK_FRAMES_MAX);
        for (unsigned i = 0; i < s->call.frame_count; i++) {
                path[i] = s->call.frames[i].process;
        }
        return (sk_selection){.first = path[0],
                              .workflows = sk_workflows_possible(path, s->call.frame_count),
                              .customer = s->call.customer,
                              .facility = s->call.facility,
                              .category = s->call.category.len > 0 ? s->call.category : SK_NONE,
                              .priority = s->call.priority};
}

static void add_component(sk_stepping *s, sk_slice name) {
        sk_call *call = &s->call;

        assert(call->component_count <= SK_COMPONENTS_MAX);
        for (unsigned i = 0; i < call->component_count; i++) {
                if (sk_slice_equal(call->components[i], name)) {
                        return;
                }
        }
        if (call->component_count < SK_COMPONENTS_MAX && name.len > 0 && name.len <= NAME_MAX_BYTES) {
                call->components[call->component_count++] = name;
        }
        assert(call->component_count <= SK_COMPONENTS_MAX);
}

static bool read_bool(sk_slice object, const char *name, bool *out) {
        assert(name != NULL);
        assert(out != NULL);
        sk_slice value = sk_json_member(object, name);

        if (!sk_slice_there(value)) {
                return false;
        }
        *out = sk_json_kind_of(value) == SK_JSON_TRUE;
        return true;
}

static void read_components(sk_stepping *s, sk_slice cut) {
        assert(sk_slice_there(cut));
        sk_slice components = sk_json_member(cut, "components");
        sk_slice name;
        sk_slice value;

        if (!sk_slice_there(components) || sk_json_kind_of(components) != SK_JSON_ARRAY) {
                return;
        }
        sk_json_walk walk = sk_json_walk_make(components);
        while (sk_json_walk_next(&walk, &name, &value)) {
                add_component(s, sk_json_string(value, s->context->arena));
        }
}

static void read_answers(sk_stepping *s, sk_slice actor, sk_slice cut) {
        sk_call *call = &s->call;
        sk_slice reason = sk_json_member_string(cut, "reason", s->context->arena);

        assert(sk_json_kind_of(cut) == SK_JSON_OBJECT);
        call->answered_infrastructure |= read_bool(cut, "infrastructure", &call->infrastructure);
        call->answered_agreement |= read_bool(cut, "agreement", &call->agreement_change);
        read_components(s, cut);
        if (call->component_count > 0 && !call->answered_infrastructure) {
                call->answered_infrastructure = true;
                call->infrastructure = true;
        }
        call->cut_reason = reason.len > 0 ? sk_step_shorten(reason, REASON_MAX) : SK_SLICE("");
        call->cut_actor = sk_slice_there(actor) ? actor : SK_SLICE("rule");
        assert(call->component_count == 0 || call->answered_infrastructure);
}

static bool is_bool(sk_slice value) {
        return !sk_slice_there(value) || sk_json_kind_of(value) == SK_JSON_TRUE ||
               sk_json_kind_of(value) == SK_JSON_FALSE;
}

/** Whether all of the named components can be kept. */
static bool check_components(sk_stepping *s, sk_slice components) {
        unsigned count = 0;
        sk_slice name;
        sk_slice value;

        if (!sk_slice_there(components)) {
                return true;
        }
        if (sk_json_kind_of(components) != SK_JSON_ARRAY) {
                return false;
        }
        sk_json_walk walk = sk_json_walk_make(components);
        while (sk_json_walk_next(&walk, &name, &value)) {
                sk_slice text = sk_json_string(value, s->context->arena);
                if (text.len == 0 || text.len > NAME_MAX_BYTES || ++count > SK_COMPONENTS_MAX) {
                        return false;
                }
        }
        return true;
}

/** Yes or no to each question that is answered. */
static bool check_cut(sk_slice cut) {
        assert(sk_slice_there(cut));
        return sk_json_kind_of(cut) == SK_JSON_OBJECT && is_bool(sk_json_member(cut, "infrastructure")) &&
               is_bool(sk_json_member(cut, "agreement"));
}

bool sk_cut_check_answers(sk_stepping *s, sk_slice result) {
        sk_slice cut = sk_json_member(result, "cut");

        return !sk_slice_there(cut) || (check_cut(cut) && check_components(s, sk_json_member(cut, "components")));
}

void sk_cut_note_answers(sk_stepping *s, sk_slice actor, sk_slice result) {
        sk_slice cut = sk_json_member(result, "cut");

        if (sk_slice_there(cut)) {
                assert(sk_json_kind_of(cut) == SK_JSON_OBJECT);
                read_answers(s, actor, cut);
        }
}

static bool may_trigger(const sk_process_info *info, sk_process target) {
        assert(info != NULL);
        return target < SK_PROCESSES && (info->may_trigger >> target & 1u) != 0;
}

/** By the two questions (design, section 1): must an agreement change, must the managed infrastructure be modified. */
static sk_process target_of_answers(const sk_call *call, const sk_process_info *info) {
        assert(call->frame_count > 0);
        assert(info->may_trigger != 0);
        if (call->answered_agreement && call->agreement_change && may_trigger(info, SK_AGREE)) {
                return SK_AGREE;
        }
        if (call->answered_infrastructure) {
                return call->infrastructure ? SK_CHANGE : SK_OPERATE;
        }
        return call->answered_agreement && !may_trigger(info, SK_AGREE) ? SK_OPERATE : SK_PROCESSES;
}

static sk_process only_target(const sk_process_info *info) {
        unsigned bits = info->may_trigger;

        assert(bits != 0);
        if (bits == 0 || (bits & (bits - 1)) != 0) {
                return SK_PROCESSES;
        }
        for (unsigned target = 0; target < SK_PROCESSES; target++) {
                if (bits == 1u << target) {
                        return (sk_process)target;
                }
        }
        return SK_PROCESSES;
}

static decision decide_by_answers(sk_stepping *s, const sk_process_info *info) {
        assert(info->may_trigger != 0);
        sk_process target = target_of_answers(&s->call, info);

        return (decision){.target = may_trigger(info, target) ? target : SK_PROCESSES,
                          .by = s->call.cut_actor.len > 0 ? s->call.cut_actor : SK_SLICE("rule"),
                          .reason = s->call.cut_reason};
}

/** The answers that the call brought along, for a cut that is left to the machine. */
static decision decide_by_raise(sk_stepping *s, const sk_process_info *info) {
        assert(info->may_trigger != 0);
        sk_slice raise = sk_data_raise(s);
        sk_slice data = sk_slice_there(raise) ? sk_json_member(raise, "data") : SK_NONE;
        sk_slice cut = sk_slice_there(data) ? sk_json_member(data, "cut") : SK_NONE;

        if (!sk_slice_there(cut) || !check_cut(cut)) {
                return (decision){.target = SK_PROCESSES};
        }
        read_answers(s, SK_SLICE("customer"), cut);
        return decide_by_answers(s, info);
}

static decision decide(sk_stepping *s, const sk_process_info *info, const sk_cut_way *way) {
        assert(way->preset <= SK_PROCESSES);
        sk_process only = only_target(info);
        decision by_answers = decide_by_answers(s, info);

        if (by_answers.target != SK_PROCESSES && only == SK_PROCESSES) {
                return by_answers;
        }
        if (way->how != SK_HOW_AUTO && only == SK_PROCESSES) {
                return (decision){.target = SK_PROCESSES};
        }
        if (only != SK_PROCESSES) {
                return (decision){.target = only, .by = SK_SLICE("rule"), .reason = SK_SLICE("the only one possible")};
        }
        decision by_raise = decide_by_raise(s, info);
        if (by_raise.target != SK_PROCESSES) {
                return by_raise;
        }
        bool is_preset = way->preset != SK_PROCESSES && may_trigger(info, way->preset);
        return (decision){
                .target = is_preset ? way->preset : SK_PROCESSES, .by = SK_SLICE("preset"), .reason = SK_SLICE("")};
}

static void find_workflow(sk_stepping *s, sk_process target) {
        sk_process path[SK_FRAMES_MAX + 1];
        sk_call *call = &s->call;

        assert(call->frame_count < SK_FRAMES_MAX);
        assert(target < SK_PROCESSES);
        for (unsigned i = 0; i < call->frame_count; i++) {
                path[i] = call->frames[i].process;
        }
        path[call->frame_count] = target;
        uint16_t possible = sk_workflows_possible(path, call->frame_count + 1u);
        assert(possible != 0);
        for (uint8_t number = 1; number <= 8; number++) {
                if (possible == 1u << number) {
                        call->workflow = number;
                }
        }
        assert(call->workflow <= 8);
}

static void report_triggered(sk_stepping *s, const sk_frame *frame, const decision *what, sk_slice team) {
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_TRIGGERED);

        assert(what->target < SK_PROCESSES);
        assert(what->by.len > 0);
        sk_event_put_place(s, w);
        sk_json_put_cstr(w, "from", sk_process_get(frame->process)->id);
        sk_json_put_cstr(w, "to", sk_process_get(what->target)->id);
        sk_json_put_optional(w, "team", team);
        sk_json_put_text(w, "decided_by", what->by);
        sk_json_put_optional(w, "reason", what->reason);
        sk_json_put_int(w, "attempt", frame->attempt);
        sk_json_put_int(w, "workflow", s->call.workflow);
        sk_json_open_array(w, "components");
        for (unsigned i = 0; i < s->call.component_count; i++) {
                sk_json_put_text(w, NULL, s->call.components[i]);
        }
        sk_json_close_array(w);
        sk_event_end(s);
}

/** Crosses the cut: the triggered process begins, here or at the link that the routine names. */
static void cross(sk_stepping *s, const sk_target *link, const decision *what) {
        sk_call *call = &s->call;
        sk_frame *frame = sk_call_top(call);

        assert(frame->step == SK_AT_CUT);
        assert(may_trigger(sk_process_get(frame->process), what->target));
        frame->attempt++;
        frame->triggered = what->target;
        frame->cut_visit = call->visit.number;
        frame->cut_began_us = call->visit.began_us;
        sk_question_drop(s);
        find_workflow(s, what->target);
        report_triggered(s, frame, what, link->team);
        sk_visit_inform(s, "triggered", what->by);
        sk_visit_forget_form(s);
        if (link->team.len > 0) {
                call->visit.how = SK_HOW_DELEGATE;
                call->visit.holder = SK_SLICE("");
                const char *code = sk_ask_raise(s, link, sk_process_call_type(what->target), 0);
                if (code != NULL) {
                        call->code = sk_slice_of(code);
                        call->visit = (sk_visit){0};
                        sk_cut_feed_back(s, SK_DECLINED);
                }
                return;
        }
        call->visit = (sk_visit){0};
        assert(call->frame_count < SK_FRAMES_MAX);
        call->frames[call->frame_count++] = (sk_frame){.process = what->target, .triggered = SK_PROCESSES};
        assert(call->frame_count <= SK_FRAMES_MAX);
}

static sk_slice cut_way(sk_stepping *s, sk_cut_way *way) {
        assert(sk_call_top(&s->call)->step == SK_AT_CUT);
        sk_selection selection = selection_at_cut(s);
        sk_slice routine;

        sk_team_cut_way(s->context->team, &selection, sk_call_top(&s->call)->process, way, &routine);
        return routine;
}

/** The links that do a triggered process: kept with the round, which follows the routine that it began with (rule V3). */
static void put_links(sk_json_writer *w, const sk_cut_way *way) {
        assert(w->levels > 0);
        sk_json_open_object(w, "link");
        for (unsigned process = 0; process < SK_PROCESSES; process++) {
                const sk_target *link = &way->link[process];
                if (link->team.len == 0) {
                        continue;
                }
                sk_json_open_object(w, sk_process_get((sk_process)process)->id);
                sk_json_put_text(w, "team", link->team);
                sk_json_put_optional(w, "facility", link->facility);
                sk_json_put_optional(w, "need", link->need);
                sk_json_close_object(w);
        }
        sk_json_close_object(w);
}

static bool has_links(const sk_cut_way *way) {
        assert(way != NULL);
        for (unsigned process = 0; process < SK_PROCESSES; process++) {
                if (way->link[process].team.len > 0) {
                        return true;
                }
        }
        return false;
}

static void keep_round(sk_stepping *s, const sk_cut_way *way) {
        sk_buf *scratch = &s->out->value;
        sk_json_writer form = sk_json_writer_make(scratch);
        bool has_room = sk_data_has_room(s, way->instruction.len * 6 + LINKS_MAX, SK_DATA_MAX);

        assert(scratch->len == 0);
        if (way->instruction.len == 0 && !has_links(way) && way->consulted.count == 0 && !way->waits_for_advice) {
                return;
        }
        sk_json_open_object(&form, NULL);
        sk_json_put_optional(&form, "instruction", has_room ? way->instruction : SK_NONE);
        sk_visit_put_advice(&form, &way->consulted, way->waits_for_advice);
        put_links(&form, way);
        sk_json_close_object(&form);
        sk_data_append(s, SK_SECTION_FORM, 0, 0, sk_buf_slice(scratch));
        sk_buf_clear(scratch);
}

/** What the round has kept about the link that does @p target; no team: it is done here. */
static sk_target kept_link(sk_stepping *s, sk_process target) {
        sk_arena *arena = s->context->arena;
        sk_section section;
        sk_slice links = SK_NONE;

        assert(target < SK_PROCESSES);
        if (sk_data_find(sk_data_now(s), SK_SECTION_FORM, 0, &section)) {
                links = sk_json_member(section.bytes, "link");
        }
        sk_slice link = sk_slice_there(links) ? sk_json_member(links, sk_process_get(target)->id) : SK_NONE;
        if (!sk_slice_there(link)) {
                return (sk_target){.team = SK_NONE};
        }
        return (sk_target){.team = sk_step_keep(s, sk_json_member_string(link, "team", arena)),
                           .facility = sk_step_keep(s, sk_json_member_string(link, "facility", arena)),
                           .need = sk_step_keep(s, sk_json_member_string(link, "need", arena))};
}

static void ask_person(sk_stepping *s, const sk_cut_way *way) {
        assert(sk_call_top(&s->call)->step == SK_AT_CUT);
        sk_visit *visit = &s->call.visit;
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_ENTERED);

        assert(visit->number != 0);
        visit->how = SK_HOW_MANUAL;
        if (way->how == SK_HOW_AUTO) {
                visit->responsible = sk_team_coordinator(s->context->team, sk_call_top(&s->call)->process);
        }
        sk_event_put_place(s, w);
        sk_json_put_cstr(w, "how", "manual");
        sk_visit_put_who(s, w);
        sk_json_put_text(w, "routine", visit->routine);
        sk_event_end(s);
        if (visit->accountable.len == 0) {
                sk_accountable why = sk_team_accountable(s->context->team, way->accountable, s->context->now_us);
                sk_visit_report_escalated(s, why.why);
        }
        keep_round(s, way);
}

void sk_cut_reach(sk_stepping *s) {
        assert(s->call.visit.number == 0);
        assert(sk_call_top(&s->call)->step == SK_AT_CUT);
        const sk_process_info *info = sk_process_get(sk_call_top(&s->call)->process);
        sk_cut_way way;
        sk_slice routine = cut_way(s, &way);
        sk_accountable accountable = sk_team_accountable(s->context->team, way.accountable, s->context->now_us);

        assert(info->may_trigger != 0);
        s->call.visit = (sk_visit){.number = ++s->call.visit_number,
                                   .try_number = 1,
                                   .how = way.how,
                                   .attempts = 1,
                                   .entered_us = s->context->now_us,
                                   .began_us = sk_spent_now(s),
                                   .rest_us = -1,
                                   .timeout_us = way.times.timeout_us,
                                   .responsible = way.responsible,
                                   .accountable = accountable.person,
                                   .instead_of = accountable.instead_of,
                                   .routine = routine,
                                   .edition = *sk_edition_digest(s->context->edition)};
        sk_visit_keep_informed(s, &way.informed);
        decision what = decide(s, info, &way);
        if (what.target == SK_PROCESSES) {
                ask_person(s, &way);
                return;
        }
        cross(s, &way.link[what.target], &what);
}

const char *sk_cut_decided(sk_stepping *s, sk_slice actor, sk_slice result) {
        const sk_process_info *info = sk_process_get(sk_call_top(&s->call)->process);

        assert(s->call.visit.number != 0);
        assert(sk_call_top(&s->call)->step == SK_AT_CUT);
        if (!sk_slice_there(sk_json_member(result, "cut"))) {
                return "bad-result";
        }
        sk_cut_note_answers(s, actor, result);
        decision what = decide_by_answers(s, info);
        if (what.target == SK_PROCESSES) {
                return "bad-result";
        }
        sk_target link = kept_link(s, what.target);
        sk_data_append(s, SK_SECTION_RESULT, SK_RESULT_OF_ACTIVITY, 0, result);
        cross(s, &link, &what);
        return NULL;
}

void sk_cut_feed_back(sk_stepping *s, sk_outcome outcome) {
        assert(outcome != SK_OUTCOME_NONE);
        sk_frame *frame = sk_call_top(&s->call);

        assert(frame->step == SK_AT_CUT);
        assert(frame->triggered != SK_PROCESSES);
        assert(s->call.visit.number == 0);
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_FED_BACK);
        sk_event_put_place(s, w);
        sk_json_put_int(w, "visit", frame->cut_visit);
        sk_json_put_cstr(w, "from", sk_process_get(frame->triggered)->id);
        sk_json_put_cstr(w, "to", sk_process_get(frame->process)->id);
        sk_json_put_cstr(w, "outcome", sk_outcome_id(outcome));
        sk_json_put_int(w, "attempt", frame->attempt);
        sk_event_end(s);
        if (outcome == SK_COMPLETED) {
                sk_duration_note(s, SK_SLICE(""), (uint16_t)(SK_DURATIONS_CUT + frame->process), frame->cut_began_us);
        }
        frame->fed = outcome;
        if (outcome == SK_WITHDRAWN || s->call.standing == SK_WITHDRAWING) {
                frame->outcome = SK_WITHDRAWN;
                sk_frame_skip_to_close(s, "withdrawn");
                return;
        }
        frame->step = sk_process_get(frame->process)->before_cut;
        assert(frame->step < sk_process_get(frame->process)->count);
}
