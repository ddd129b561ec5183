/*
 * An open record as JSON: the head, and of the data what the customer needs.
 */
#include "cli/session/view_json.h"

#include "kit/json_scan.h"
#include "link/data.h"

static void put_time(sk_json_writer *json, const char *name, int64_t time_us) {
        if (time_us != 0)
                sk_json_put_time(json, name, time_us);
}

static void put_frames(sk_cli *cli, sk_json_writer *json, const sk_call *call) {
        sk_json_open_array(json, "frames");
        for (unsigned i = 0; i < call->frame_count; i++) {
                const sk_frame *frame = &call->frames[i];
                sk_json_open_object(json, NULL);
                sk_json_put_cstr(json, "process", sk_process_get(frame->process)->id);
                sk_json_put_cstr(json, "at", sk_view_activity(cli, frame));
                if (frame->attempt > 0)
                        sk_json_put_int(json, "attempt", frame->attempt);
                if (frame->triggered != SK_PROCESSES)
                        sk_json_put_cstr(json, "triggered", sk_process_get(frame->triggered)->id);
                sk_json_close_object(json);
        }
        sk_json_close_array(json);
}

static void put_visit(sk_json_writer *json, const sk_visit *visit) {
        if (visit->number == 0)
                return;
        sk_json_open_object(json, "visit");
        sk_json_put_int(json, "number", visit->number);
        sk_json_put_int(json, "try", visit->try_number);
        sk_json_put_cstr(json, "how", sk_how_id(visit->how));
        sk_json_put_bool(json, "escalated", visit->is_escalated);
        sk_json_put_time(json, "entered", visit->entered_us);
        sk_json_put_text(json, "responsible", visit->responsible);
        sk_json_put_optional(json, "accountable", visit->accountable);
        sk_json_put_optional(json, "holder", visit->holder);
        sk_json_put_text(json, "routine", visit->routine);
        sk_json_close_object(json);
}

static void put_asks(sk_json_writer *json, const sk_call *call) {
        sk_json_open_array(json, "asks");
        for (unsigned i = 0; i < call->ask_count; i++) {
                const sk_ask *ask = &call->asks[i];
                sk_json_open_object(json, NULL);
                sk_json_put_id(json, "id", &ask->id);
                sk_json_put_text(json, "team", ask->provider);
                sk_json_put_cstr(json, "type", sk_call_type_id(ask->type));
                sk_json_put_text(json, "facility", ask->facility);
                sk_json_put_cstr(json, "standing", sk_standing_id(ask->standing));
                if (ask->standing == SK_CLOSED)
                        sk_json_put_cstr(json, "outcome", sk_outcome_id(ask->outcome));
                if (ask->is_onward)
                        sk_json_put_bool(json, "onward", true);
                put_time(json, "due", ask->due_us);
                put_time(json, "promised", ask->promised_us);
                put_time(json, "forecast", ask->forecast_us);
                if (ask->question != 0)
                        sk_json_put_int(json, "question", ask->question);
                if (ask->offer != 0)
                        sk_json_put_int(json, "offer", ask->offer);
                sk_json_close_object(json);
        }
        sk_json_close_array(json);
}

static void put_clock(const sk_session *session, sk_json_writer *json, const sk_call *call) {
        int64_t now_us = sk_cli_now_us();
        sk_json_put_time(json, "opened", call->opened_us);
        put_time(json, "accepted", call->accepted_us);
        put_time(json, "respond_by", call->respond_by_us);
        put_time(json, "due", sk_view_due_us(session, call, now_us));
        sk_json_put_bool(json, "clock_stands", call->clock_stands);
        sk_json_put_double(json, "stopped_s", (double)call->stopped_us / 1e6);
}

static void put_components(sk_json_writer *json, const sk_call *call) {
        sk_json_open_array(json, "components");
        for (unsigned i = 0; i < call->component_count; i++)
                sk_json_put_text(json, NULL, call->components[i]);
        sk_json_close_array(json);
}

void sk_view_json_members(const sk_session *session, const sk_view_record *record, const sk_call *call,
                          sk_json_writer *json) {
        const sk_ask *ask = &call->asks[0];
        sk_json_put_id(json, "call", &record->id);
        sk_json_put_text(json, "team", record->team);
        sk_json_put_bool(json, "is_ask", record->is_ask);
        sk_json_put_text(json, "customer", record->is_ask ? record->team : record->customer);
        sk_json_put_text(json, "provider", record->is_ask ? ask->provider : record->team);
        sk_json_put_cstr(json, "type", sk_call_type_id(call->type));
        sk_json_put_text(json, "facility", call->facility);
        sk_json_put_text(json, "need", sk_view_need(session, record));
        sk_json_put_text(json, "rootid", call->rootid);
        sk_json_put_int(json, "hops", call->hops);
        sk_json_put_optional(json, "category", call->category);
        if (call->priority != 0)
                sk_json_put_int(json, "priority", call->priority);
        if (call->workflow != 0)
                sk_json_put_int(json, "workflow", call->workflow);
        sk_json_put_cstr(json, "standing", sk_standing_id(record->is_ask ? ask->standing : call->standing));
        put_clock(session, json, call);
        put_frames(session->cli, json, call);
        put_visit(json, &call->visit);
        put_components(json, call);
        put_asks(json, call);
}

int sk_view_json(const sk_session *session, const sk_view_record *record, const sk_call *call) {
        sk_json_writer *json = sk_cli_json_begin(session->cli);
        sk_json_open_object(json, NULL);
        sk_view_json_members(session, record, call, json);
        sk_json_close_object(json);
        return sk_cli_json_end(session->cli);
}
