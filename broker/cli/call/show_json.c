/*
 * `schakel show --json`: open and closed calls with members of the same names.
 */
#include "cli/call/show.h"

#include "cli/session/view_json.h"
#include "kit/json_scan.h"

static void put_member(sk_json_writer *json, const char *name, sk_slice object, const char *from) {
        sk_slice value = sk_json_member(object, from);
        if (sk_slice_there(value))
                sk_json_put_raw(json, name, value);
}

static void put_closed(const sk_show *show, sk_json_writer *json) {
        sk_slice value = show->known->archived;
        sk_slice clock = sk_json_member(value, "clock");
        sk_json_put_id(json, "call", &show->id);
        sk_json_put_text(json, "team", sk_team_name(show->known->team));
        sk_json_put_bool(json, "is_ask", show->known->is_ask);
        put_member(json, "customer", value, "customer");
        if (!show->known->is_ask)
                sk_json_put_text(json, "provider", sk_team_name(show->known->team));
        put_member(json, "type", value, "type");
        put_member(json, "facility", value, "facility");
        sk_json_put_text(json, "need", sk_known_need(show->session, show->known));
        put_member(json, "rootid", value, "rootid");
        put_member(json, "hops", value, "hops");
        put_member(json, "category", value, "category");
        put_member(json, "priority", value, "priority");
        put_member(json, "workflow", value, "workflow");
        sk_json_put_cstr(json, "standing", "closed");
        put_member(json, "outcome", value, "outcome");
        put_member(json, "code", value, "code");
        put_member(json, "opened", value, "opened");
        put_member(json, "closed", value, "closed");
        if (sk_slice_there(clock)) {
                put_member(json, "elapsed_s", clock, "elapsed_s");
                put_member(json, "stopped_s", clock, "stopped_s");
                put_member(json, "due", clock, "due");
                put_member(json, "kept", clock, "kept");
                put_member(json, "margin_s", clock, "margin_s");
                put_member(json, "service_hours", clock, "service_hours");
        }
        put_member(json, "asks", value, "asks");
}

static void put_runs(const sk_show *show, sk_json_writer *json) {
        sk_json_open_array(json, "runs");
        for (size_t i = 0; i < show->run_count; i++) {
                const sk_show_run *run = &show->runs[i];
                sk_json_open_object(json, NULL);
                sk_json_put_cstr(json, "process", sk_process_get(run->process)->id);
                sk_json_put_text(json, "team", run->team);
                if (run->is_remote)
                        sk_json_put_id(json, "call", &run->ask);
                sk_json_put_optional(json, "outcome", run->outcome);
                if (sk_slice_there(run->result))
                        sk_json_put_raw(json, "result", run->result);
                sk_json_close_object(json);
        }
        sk_json_close_array(json);
}

static bool put_piece(void *self, const sk_known_piece *piece) {
        sk_json_writer *json = self;
        sk_json_open_object(json, NULL);
        sk_json_put_cstr(json, "kind", piece->kind);
        sk_json_put_int(json, "index", piece->index);
        sk_json_put_optional(json, "activity", piece->activity);
        sk_json_put_raw(json, "value", piece->value);
        sk_json_close_object(json);
        return true;
}

int sk_show_json(const sk_show *show) {
        sk_json_writer *json = sk_cli_json_begin(show->session->cli);
        sk_json_open_object(json, NULL);
        if (show->known->open != NULL)
                sk_view_json_members(show->session, show->known->open, &show->known->call, json);
        else
                put_closed(show, json);
        put_runs(show, json);
        sk_json_open_array(json, "sections");
        sk_known_pieces(show->session, show->known, put_piece, json);
        sk_json_close_array(json);
        sk_json_close_object(json);
        return sk_cli_json_end(show->session->cli);
}
