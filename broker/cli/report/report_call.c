/*
 * Calls followed through their events.
 */
#include "cli/report/report_call.h"

#include <assert.h>
#include <stdlib.h>

#include "kit/alloc.h"
#include "kit/json_scan.h"
#include "kit/when.h"

#define ARENA_BYTES ((size_t)1 << 20)
#define HOPS_LAST 16

struct sk_report_calls {
        sk_report_calls_plan plan;
        sk_idmap *by_id; /**< open calls; closed ones stay with `over` in their place */
        sk_arena *arena; /**< strings of one event */
};

static sk_report_call over; /* stands for every call that has closed */

sk_report_calls *sk_report_calls_new(const sk_report_calls_plan *plan) {
        sk_report_calls *calls = sk_alloc_zero(1, sizeof(*calls));
        if (calls == NULL)
                return NULL;
        calls->plan = *plan;
        calls->by_id = sk_idmap_new();
        calls->arena = sk_arena_new(ARENA_BYTES);
        if (calls->by_id == NULL || calls->arena == NULL) {
                sk_report_calls_free(calls);
                return NULL;
        }
        return calls;
}

static void call_free(sk_report_call *call) {
        while (call->runs != NULL) {
                sk_report_run *run = call->runs;
                call->runs = run->next;
                sk_free(run->parts);
                sk_free(run);
        }
        while (call->asks != NULL) {
                sk_report_ask *ask = call->asks;
                call->asks = ask->next;
                sk_free(ask);
        }
        sk_free(call);
}

void sk_report_calls_free(sk_report_calls *calls) {
        size_t position = 0;
        void *call;
        sk_id id;
        if (calls == NULL)
                return;
        while (calls->by_id != NULL && sk_idmap_next(calls->by_id, &position, &id, &call)) {
                if (call != &over)
                        call_free(call);
        }
        sk_idmap_free(calls->by_id);
        sk_arena_free(calls->arena);
        sk_free(calls);
}

/* ---- what an event says ---- */

static sk_slice text_of(sk_report_calls *calls, sk_slice data, const char *name) {
        return sk_json_member_string(data, name, calls->arena);
}

static uint32_t name_of(sk_report_calls *calls, sk_slice data, const char *name) {
        return sk_report_names_add(calls->plan.names, text_of(calls, data, name));
}

static int64_t time_of(sk_report_calls *calls, sk_slice data, const char *name, int64_t otherwise) {
        int64_t time_us;
        sk_slice text = text_of(calls, data, name);
        return sk_slice_there(text) && sk_when_parse(text, &time_us) ? time_us : otherwise;
}

static sk_outcome outcome_of(sk_report_calls *calls, sk_slice data) {
        sk_slice text = text_of(calls, data, "outcome");
        sk_outcome outcome = sk_slice_there(text) ? sk_outcome_find(text) : SK_OUTCOMES;
        return outcome == SK_OUTCOMES ? SK_OUTCOME_NONE : outcome;
}

static void read_type(sk_report_calls *calls, sk_report_call *call, sk_slice data) {
        int64_t number;
        sk_slice text = text_of(calls, data, "type");
        sk_call_type type = sk_slice_there(text) ? sk_call_type_find(text) : SK_CALL_TYPES;
        if (type != SK_CALL_TYPES)
                call->type = type;
        if (sk_json_member_int(data, "workflow", 1, 8, &number))
                call->workflow = (uint8_t)number;
}

/* ---- booking ---- */

static sk_report_run *running(const sk_report_call *call) {
        sk_report_run *run = call->runs;
        while (run != NULL && !run->is_running)
                run = run->next;
        return run;
}

/* The first of those that it cannot go on without. */
static const sk_report_ask *awaited(const sk_report_call *call) {
        const sk_report_ask *ask = call->asks;
        while (ask != NULL && ask->is_onward)
                ask = ask->next;
        return ask;
}

/* What it waits for now. Several things at once: the customer, then the next link, then a person. */
static sk_report_part waits_for(const sk_report_calls *calls, const sk_report_call *call) {
        if (call->stands)
                return (sk_report_part){.wait = SK_WAIT_CUSTOMER, .team = call->customer};
        const sk_report_ask *ask = awaited(call);
        if (ask != NULL)
                return (sk_report_part){.wait = SK_WAIT_PROVIDER, .team = ask->team};
        if (call->is_task)
                return (sk_report_part){.wait = call->is_taken ? SK_WAIT_PERSON : SK_WAIT_NOBODY,
                                        .team = calls->plan.team};
        return (sk_report_part){.wait = SK_WAIT_LINK, .team = calls->plan.team};
}

static sk_err book(const sk_report_calls *calls, sk_report_call *call, int64_t now_us) {
        sk_report_run *run = running(call);
        sk_report_part part = waits_for(calls, call);
        if (run == NULL || now_us <= call->booked_us)
                return SK_OK;
        part.time_us = now_us - call->booked_us;
        call->booked_us = now_us;
        return sk_report_part_add(&run->parts, &run->part_count, &run->part_room, &part);
}

static sk_err begin_run(sk_report_call *call, sk_process process, uint8_t frame, int64_t now_us) {
        sk_report_run *run = sk_alloc_zero(1, sizeof(*run));
        if (run == NULL)
                return SK_ERR_NO_MEMORY;
        *run = (sk_report_run){
                .next = call->runs, .process = process, .is_running = true, .frame = frame, .begun_us = now_us};
        call->runs = run;
        return SK_OK;
}

/* Ends what runs above a frame. */
static void end_runs(const sk_report_call *call, unsigned frame, sk_outcome outcome, int64_t now_us) {
        for (sk_report_run *run = call->runs; run != NULL; run = run->next) {
                if (!run->is_running || run->frame <= frame)
                        continue;
                run->is_running = false;
                run->outcome = outcome;
                run->ended_us = now_us > run->begun_us ? now_us : run->begun_us;
        }
}

/* ---- from the beginning ---- */

static sk_err open_call(sk_report_calls *calls, const sk_event_seen *event, int64_t now_us, sk_report_call **out) {
        int64_t hops = 0;
        sk_report_call *call = sk_alloc_zero(1, sizeof(*call));
        if (call == NULL)
                return SK_ERR_NO_MEMORY;
        call->id = event->id;
        call->opened_us = now_us;
        call->booked_us = now_us;
        call->facility = name_of(calls, event->data, "facility");
        call->customer = name_of(calls, event->data, "customer");
        call->type = SK_CALL_TYPES;
        read_type(calls, call, event->data);
        if (sk_json_member_int(event->data, "hops", 0, HOPS_LAST, &hops))
                call->hops = (uint8_t)hops;
        sk_process first = call->type == SK_CALL_TYPES ? SK_PROCESSES : sk_call_type_process(call->type);
        sk_err err = begin_run(call, first, 1, now_us);
        if (err == SK_OK)
                err = sk_idmap_put(calls->by_id, &event->id, call, NULL);
        if (err != SK_OK) {
                call_free(call);
                return err;
        }
        *out = call;
        return SK_OK;
}

/* The type decides with which process it begins, and sometimes the whole workflow. */
static void typed(sk_report_calls *calls, sk_report_call *call, sk_slice data) {
        sk_slice numbers = sk_json_member(data, "workflows");
        sk_slice name;
        sk_slice item;
        read_type(calls, call, data);
        if (call->type != SK_CALL_TYPES && call->runs->next == NULL)
                call->runs->process = sk_call_type_process(call->type);
        if (!sk_slice_there(numbers) || sk_json_kind_of(numbers) != SK_JSON_ARRAY)
                return;
        sk_json_walk walk = sk_json_walk_make(numbers);
        unsigned count = 0;
        while (sk_json_walk_next(&walk, &name, &item) && count < 2)
                count++;
        if (count == 1 && item.len == 1 && item.at[0] >= '1' && item.at[0] <= '8')
                call->workflow = (uint8_t)(item.at[0] - '0');
}

/* ---- on the way ---- */

/* "recover.analyse": the process in whose frame the event is. */
static sk_process process_of(sk_report_calls *calls, sk_slice data) {
        sk_slice activity = text_of(calls, data, "activity");
        const char *dot = sk_slice_there(activity) ? memchr(activity.at, '.', activity.len) : NULL;
        return dot == NULL ? SK_PROCESSES : sk_process_find((sk_slice){activity.at, (size_t)(dot - activity.at)});
}

/* A call may run under several routines: what it is known by is the first that is for some calls only. */
static void note_routine(sk_report_calls *calls, sk_report_call *call, sk_slice data) {
        sk_slice routine = text_of(calls, data, "routine");
        if (call->instruction == 0 && routine.len > 0 && calls->plan.is_instruction != NULL &&
            calls->plan.is_instruction(calls->plan.self, routine))
                call->instruction = sk_report_names_add(calls->plan.names, routine);
}

/* The end of the first activity is the response. */
static void note_response(sk_report_calls *calls, sk_report_call *call, sk_slice data) {
        sk_slice activity = text_of(calls, data, "activity");
        const sk_activity *found = sk_slice_there(activity) ? sk_activity_find(activity) : NULL;
        int64_t frame = 1;
        (void)sk_json_member_int(data, "frame", 1, SK_FRAMES_MAX, &frame);
        if (call->is_accepted || frame != 1 || found == NULL || found != &sk_process_get(found->process)->activities[0])
                return;
        const sk_report_run *run = running(call);
        call->is_accepted = true;
        if (run != NULL && run->part_count > 0)
                call->response = run->parts[sk_report_part_largest(run->parts, run->part_count)];
}

static sk_err entered(sk_report_calls *calls, sk_report_call *call, sk_slice data, int64_t now_us) {
        int64_t try_number;
        int64_t frame = 1;
        sk_slice how = text_of(calls, data, "how");
        sk_err err = SK_OK;
        (void)sk_json_member_int(data, "frame", 1, SK_FRAMES_MAX, &frame);
        for (sk_report_ask *ask = call->asks; ask != NULL; ask = ask->next)
                ask->is_onward = ask->is_onward && !sk_slice_is(sk_json_member(data, "onward"), "true");
        const sk_report_run *top = running(call);
        if (calls->plan.by_process && frame > (top == NULL ? 0 : top->frame))
                err = begin_run(call, process_of(calls, data), (uint8_t)frame, now_us);
        sk_report_run *run = running(call);
        if (run != NULL && sk_json_member_int(data, "try", 2, UINT8_MAX, &try_number))
                run->is_repeated = true;
        note_routine(calls, call, data);
        call->is_task = sk_slice_there(how) && sk_slice_is(how, "manual");
        call->is_taken = false;
        return err;
}

static sk_err delegated(sk_report_calls *calls, sk_report_call *call, sk_slice data) {
        sk_id id;
        sk_report_ask **last = &call->asks;
        if (!sk_id_parse(text_of(calls, data, "ask"), &id))
                return SK_OK;
        for (; *last != NULL; last = &(*last)->next) {
                if (sk_id_equal(&(*last)->id, &id))
                        return SK_OK;
        }
        sk_report_ask *ask = sk_alloc(sizeof(*ask));
        if (ask == NULL)
                return SK_ERR_NO_MEMORY;
        *ask = (sk_report_ask){.id = id,
                               .team = name_of(calls, data, "team"),
                               .is_onward = sk_slice_is(sk_json_member(data, "onward"), "true")};
        *last = ask;
        return SK_OK;
}

static void fed(sk_report_calls *calls, sk_report_call *call, sk_slice data) {
        sk_id id;
        bool is_end = sk_slice_there(sk_json_member(data, "outcome"));
        if (!is_end || !sk_id_parse(text_of(calls, data, "ask"), &id))
                return;
        for (sk_report_ask **at = &call->asks; *at != NULL; at = &(*at)->next) {
                sk_report_ask *ask = *at;
                if (!sk_id_equal(&ask->id, &id))
                        continue;
                *at = ask->next;
                sk_free(ask);
                return;
        }
}

static void triggered(sk_report_calls *calls, sk_report_call *call, sk_slice data) {
        int64_t attempt;
        sk_report_run *run = running(call);
        read_type(calls, call, data);
        if (run != NULL && sk_json_member_int(data, "attempt", 2, UINT8_MAX, &attempt))
                run->is_repeated = true;
}

static void fed_back(sk_report_calls *calls, const sk_report_call *call, sk_slice data, int64_t now_us) {
        int64_t frame;
        if (calls->plan.by_process && sk_json_member_int(data, "frame", 1, SK_FRAMES_MAX, &frame))
                end_runs(call, (unsigned)frame, outcome_of(calls, data), now_us);
}

/* ---- to the end ---- */

int64_t sk_report_seconds(sk_slice object, const char *name) {
        char text[40] = "";
        sk_slice number = sk_json_member(object, name);
        if (!sk_slice_there(number) || number.len >= sizeof(text) || sk_json_kind_of(number) != SK_JSON_NUMBER)
                return 0;
        memcpy(text, number.at, number.len);
        double seconds = strtod(text, NULL);
        return seconds > 0 && seconds < 1e11 ? (int64_t)(seconds * 1e6 + 0.5) : 0;
}

static sk_report_end end_of(sk_report_calls *calls, sk_slice data, int64_t closed_us) {
        sk_slice kept = sk_json_member(data, "kept");
        sk_slice response = sk_json_member(data, "response_kept");
        sk_report_end end = {.outcome = outcome_of(calls, data),
                             .code = name_of(calls, data, "code"),
                             .closed_us = closed_us,
                             .is_promised = sk_slice_there(kept),
                             .is_kept = sk_slice_there(kept) && sk_slice_is(kept, "true"),
                             .is_response_promised = sk_slice_there(response),
                             .is_response_kept = sk_slice_there(response) && sk_slice_is(response, "true"),
                             .is_traced = true};
        (void)sk_json_member_int(data, "elapsed_us", 0, INT64_MAX, &end.lead_us);
        (void)sk_json_member_int(data, "stopped_us", 0, INT64_MAX, &end.stopped_us);
        return end;
}

static sk_err close_call(sk_report_calls *calls, const sk_id *id, sk_report_call *call, const sk_report_end *end) {
        end_runs(call, 0, end->outcome, end->closed_us);
        sk_err err = calls->plan.closed(calls->plan.self, call, end);
        call_free(call);
        sk_err kept = sk_idmap_put(calls->by_id, id, &over, NULL);
        return err == SK_OK ? kept : err;
}

/* A closed call whose events are gone. */
static sk_err from_archive(sk_report_calls *calls, const sk_event_seen *event) {
        sk_slice clock = sk_json_member(event->data, "clock");
        int64_t opened_us = time_of(calls, event->data, "opened", event->time_us);
        int64_t closed_us = time_of(calls, event->data, "closed", event->time_us);
        sk_report_call *call;
        if (sk_slice_is(sk_json_member(event->data, "is_ask"), "true") || opened_us >= calls->plan.to_us)
                return SK_OK;
        sk_err err = open_call(calls, event, opened_us, &call);
        if (err != SK_OK || closed_us >= calls->plan.to_us)
                return err;
        if (!sk_slice_there(clock))
                clock = SK_SLICE("{}");
        sk_report_end end = end_of(calls, clock, closed_us);
        end.outcome = outcome_of(calls, event->data);
        end.code = name_of(calls, event->data, "code");
        end.lead_us = closed_us > opened_us ? closed_us - opened_us : 0;
        end.stopped_us = sk_report_seconds(clock, "stopped_s");
        end.is_traced = false;
        sk_report_part part = {.wait = SK_WAIT_UNKNOWN, .team = calls->plan.team, .time_us = end.lead_us};
        sk_report_run *run = call->runs;
        call->response = part;
        err = sk_report_part_add(&run->parts, &run->part_count, &run->part_room, &part);
        return err == SK_OK ? close_call(calls, &event->id, call, &end) : err;
}

static sk_err apply(sk_report_calls *calls, sk_report_call *call, const sk_event_seen *event, int64_t now_us) {
        switch (event->type) {
        case SK_EVENT_TYPED:
                typed(calls, call, event->data);
                return SK_OK;
        case SK_EVENT_ENTERED:
                return entered(calls, call, event->data, now_us);
        case SK_EVENT_ENDED:
                note_response(calls, call, event->data);
                call->is_task = false;
                return SK_OK;
        case SK_EVENT_ESCALATED:
                call->is_task = true;
                call->is_taken = false;
                return SK_OK;
        case SK_EVENT_CLAIMED:
        case SK_EVENT_RELEASED:
                call->is_taken = event->type == SK_EVENT_CLAIMED;
                return SK_OK;
        case SK_EVENT_ASKED:
        case SK_EVENT_ANSWERED:
                call->stands = event->type == SK_EVENT_ASKED;
                return SK_OK;
        case SK_EVENT_DELEGATED:
                return delegated(calls, call, event->data);
        case SK_EVENT_FED:
                fed(calls, call, event->data);
                return SK_OK;
        case SK_EVENT_TRIGGERED:
                call->is_task = false;
                triggered(calls, call, event->data);
                return SK_OK;
        case SK_EVENT_FED_BACK:
                fed_back(calls, call, event->data, now_us);
                return SK_OK;
        default:
                return SK_OK;
        }
}

sk_err sk_report_calls_add(sk_report_calls *calls, const sk_event_seen *event) {
        sk_arena_reset(calls->arena);
        sk_report_call *call = sk_idmap_get(calls->by_id, &event->id);
        if (event->type == SK_ARCHIVE_CALL)
                return call == NULL ? from_archive(calls, event) : SK_OK;
        int64_t now_us = time_of(calls, event->data, "now", event->time_us);
        if (now_us >= calls->plan.to_us || call == &over)
                return SK_OK;
        if (call == NULL)
                return event->type == SK_EVENT_OPENED ? open_call(calls, event, now_us, &call) : SK_OK;
        sk_err err = book(calls, call, now_us);
        if (err != SK_OK || event->type != SK_EVENT_CLOSED)
                return err == SK_OK ? apply(calls, call, event, now_us) : err;
        read_type(calls, call, event->data);
        sk_report_end end = end_of(calls, event->data, now_us);
        return close_call(calls, &event->id, call, &end);
}

sk_err sk_report_calls_end(sk_report_calls *calls) {
        size_t position = 0;
        void *call;
        sk_id id;
        sk_err err = SK_OK;
        while (err == SK_OK && sk_idmap_next(calls->by_id, &position, &id, &call)) {
                if (call != &over)
                        err = calls->plan.open(calls->plan.self, call);
        }
        return err;
}
