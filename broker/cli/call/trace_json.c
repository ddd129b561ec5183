/*
 * A trace as JSON: the calls one behind the other in the order of the tree, each with the one that caused it.
 */
#include "cli/call/trace.h"

#include "event/envelope.h"

#define DEEPEST (SK_HOPS_MAX + 2)

static void put_time(sk_json_writer *json, const char *name, int64_t time_us) {
        if (time_us != 0)
                sk_json_put_time(json, name, time_us);
}

static void put_seconds(sk_json_writer *json, const char *name, int64_t duration_us) {
        sk_json_put_double(json, name, (double)duration_us / 1e6);
}

static void put_kind_of_step(sk_json_writer *json, const sk_story_step *step) {
        if (step->kind == SK_STORY_SKIPPED)
                sk_json_put_optional(json, "not_applicable", step->rule);
        if (step->kind != SK_STORY_CUT)
                return;
        sk_json_put_optional(json, "triggered", step->target);
        sk_json_put_optional(json, "team", step->team);
        sk_json_put_optional(json, "decided_by", step->rule);
        sk_json_put_optional(json, "reason", step->reason);
        if (step->attempt > 0)
                sk_json_put_int(json, "attempt", step->attempt);
}

static void put_step(sk_json_writer *json, const sk_story_call *call, size_t index, int64_t now_us) {
        const sk_story_step *step = &call->steps[index];
        sk_json_open_object(json, NULL);
        sk_json_put_text(json, "activity", step->activity);
        sk_json_put_int(json, "frame", step->frame);
        if (step->visit != 0)
                sk_json_put_int(json, "visit", step->visit);
        sk_json_put_optional(json, "how", step->how);
        sk_json_put_optional(json, "profile", step->profile);
        sk_json_put_optional(json, "actor", step->actor);
        put_kind_of_step(json, step);
        sk_json_put_optional(json, "remark", step->remark);
        sk_json_put_optional(json, "outcome", step->outcome);
        sk_json_put_optional(json, "code", step->code);
        sk_json_put_time(json, "entered", step->entered_us);
        put_time(json, "ended", step->ended_us);
        put_seconds(json, "took_s", (step->ended_us != 0 ? step->ended_us : now_us) - step->entered_us);
        put_seconds(json, "waited_s", sk_story_step_time(call, index, SK_SPELL_WAIT));
        put_seconds(json, "asked_s", sk_story_step_time(call, index, SK_SPELL_CUSTOMER));
        sk_json_close_object(json);
}

static void put_asks(sk_json_writer *json, const sk_story_call *call) {
        sk_json_open_array(json, "asks");
        for (size_t i = 0; i < call->ask_count; i++) {
                const sk_story_ask *ask = &call->asks[i];
                sk_json_open_object(json, NULL);
                sk_json_put_id(json, "id", &ask->id);
                sk_json_put_text(json, "team", ask->team);
                sk_json_put_text(json, "type", ask->type);
                sk_json_put_text(json, "facility", ask->facility);
                if (ask->step != SK_STORY_NONE)
                        sk_json_put_int(json, "visit", call->steps[ask->step].visit);
                sk_json_put_int(json, "attempt", ask->attempt);
                sk_json_put_time(json, "raised", ask->raised_us);
                put_time(json, "ended", ask->ended_us);
                sk_json_put_optional(json, "outcome", ask->outcome);
                sk_json_close_object(json);
        }
        sk_json_close_array(json);
}

static void put_margin(sk_json_writer *json, const sk_story_call *call) {
        sk_json_put_bool(json, "kept", !call->is_late);
        put_seconds(json, "margin_s", call->margin.us);
        sk_json_put_optional(json, "service_hours", call->margin.service_hours);
}

static void put_head(const sk_trace *trace, sk_json_writer *json, const sk_story_call *call) {
        sk_json_put_id(json, "call", &call->id);
        sk_json_put_text(json, "team", sk_team_name(call->team));
        sk_json_put_bool(json, "is_ask", call->is_ask);
        sk_json_put_optional(json, "customer", call->is_ask ? sk_team_name(call->team) : call->customer);
        sk_json_put_text(json, "type", call->type);
        sk_json_put_text(json, "facility", call->facility);
        sk_json_open_array(json, "workflows");
        for (unsigned i = 1; i <= 8; i++) {
                if (((unsigned)call->workflows >> i & 1u) != 0)
                        sk_json_put_int(json, NULL, i);
        }
        sk_json_close_array(json);
        sk_json_put_optional(json, "outcome", call->outcome);
        sk_json_put_optional(json, "code", call->code);
        sk_json_put_bool(json, "complete", !call->is_headless);
        sk_json_put_time(json, "opened", call->first_us);
        put_time(json, "closed", call->closed_us);
        put_seconds(json, "elapsed_s",
                    (call->closed_us != 0 ? call->closed_us : trace->story->now_us) - call->first_us);
        put_seconds(json, "stopped_s", call->stopped_us);
        put_time(json, "due", call == trace->main ? trace->due_us : call->due_us);
        if (call->closed_us != 0 && call->due_us != 0)
                put_margin(json, call);
}

static void put_call(const sk_trace *trace, sk_json_writer *json, const sk_story_call *call, const sk_story_call *cause,
                     unsigned depth) {
        sk_json_open_object(json, NULL);
        sk_json_put_int(json, "depth", depth);
        if (cause != NULL)
                sk_json_put_id(json, "caused_by", &cause->id);
        put_head(trace, json, call);
        sk_json_open_array(json, "steps");
        for (size_t i = 0; i < call->step_count; i++)
                put_step(json, call, i, trace->story->now_us);
        sk_json_close_array(json);
        put_asks(json, call);
        sk_json_close_object(json);
        for (size_t i = 0; i < call->ask_count && depth < DEEPEST; i++) {
                const sk_story_ask *ask = &call->asks[i];
                const sk_story_call *asked = sk_story_find(trace->story, &ask->id, ask->team, false);
                if (asked != NULL)
                        put_call(trace, json, asked, call, depth + 1);
        }
}

static void put_sums(const sk_trace *trace, sk_json_writer *json) {
        sk_story_sums sums;
        sk_story_sum(trace->story, trace->top, &sums);
        int64_t whole_us = sums.to_us - sums.from_us;
        sk_json_open_array(json, "time");
        for (size_t i = 0; i < sums.count; i++) {
                const sk_story_share *share = &sums.shares[i];
                sk_json_open_object(json, NULL);
                sk_json_put_optional(json, "team", share->team);
                sk_json_put_cstr(json, "reason", sk_spell_id(share->kind));
                sk_json_put_bool(json, "counted", !share->is_stopped);
                put_seconds(json, "seconds", share->time_us);
                sk_json_put_double(json, "share", whole_us == 0 ? 0 : (double)share->time_us / (double)whole_us);
                sk_json_close_object(json);
        }
        sk_json_close_array(json);
}

int sk_trace_json(const sk_trace *trace) {
        sk_json_writer *json = sk_cli_json_begin(trace->session->cli);
        sk_json_open_object(json, NULL);
        sk_json_put_id(json, "call", &trace->main->id);
        sk_json_put_optional(json, "rootid", trace->main->rootid);
        sk_json_put_bool(json, "is_open", trace->main->closed_us == 0);
        sk_json_put_text(json, "need", sk_known_need(trace->session, trace->known));
        sk_json_open_array(json, "calls");
        put_call(trace, json, trace->top, NULL, 0);
        sk_json_close_array(json);
        put_sums(trace, json);
        sk_json_close_object(json);
        return sk_cli_json_end(trace->session->cli);
}
