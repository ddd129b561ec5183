/*
 * A call followed to its end. What the provider says stands on the feedback topic; what the own link made of it, and
 * that it is over, in the own events.
 */
#include "cli/call/follow.h"

#include "cli/session/ids.h"
#include "cli/story/margin.h"
#include "event/message.h"
#include "kit/hash.h"
#include "kit/json_scan.h"
#include "kit/when.h"

#define NAP_MS 500

const char *sk_follow_clock(sk_cli *cli, int64_t time_us) {
        const char *when = sk_cli_when(cli, time_us);
        return strlen(when) > 8 ? when + strlen(when) - 8 : when;
}

int sk_follow_begin(const sk_session *session, sk_slice customer, sk_slice provider, const sk_id *id, sk_follow *out) {
        bool is_own = sk_slice_equal(customer, provider);
        sk_follow follow = {.session = session, .id = *id};
        sk_id_format(id, follow.key);
        follow.partition = sk_hash_partition((sk_slice){follow.key, SK_ID_TEXT}, sk_log_tool_partitions(session->log));
        follow.events = sk_session_topic(session, customer, SK_TOPIC_EVENTS, SK_NONE);
        follow.feedback = is_own ? SK_NONE : sk_session_topic(session, customer, SK_TOPIC_FEEDBACK, provider);
        if (!sk_slice_there(follow.events) || (!is_own && !sk_slice_there(follow.feedback)))
                return sk_session_no_memory(session);
        sk_err err = sk_log_tool_end(session->log, follow.events, follow.partition, &follow.events_next);
        if (err == SK_OK && !is_own)
                err = sk_log_tool_end(session->log, follow.feedback, follow.partition, &follow.feedback_next);
        *out = follow;
        return err == SK_OK ? SK_EXIT_OK : sk_session_fail(session, session->log_url);
}

/* ---- one line each ---- */

static const char *text_of(sk_cli *cli, sk_slice object, const char *name) {
        sk_slice text = sk_json_member_string(object, name, sk_cli_arena(cli));
        return sk_slice_there(text) ? sk_cli_safe(cli, text) : "";
}

static int64_t time_of(sk_cli *cli, sk_slice object, const char *name) {
        int64_t time_us = 0;
        sk_slice text = sk_json_member_string(object, name, sk_cli_arena(cli));
        return sk_slice_there(text) && sk_when_parse(text, &time_us) ? time_us : 0;
}

static void begin_line(const sk_follow *follow, int64_t time_us, const char *what, sk_style style) {
        sk_cli *cli = follow->session->cli;
        sk_cli_print(cli, "%s  %s%-10s%s ", sk_follow_clock(cli, time_us), sk_cli_style(cli, style), what,
                     sk_cli_style(cli, SK_PLAIN));
}

static const char *short_id(const sk_follow *follow) {
        return sk_cli_id(follow->session->cli, &follow->id, 8);
}

static void print_accepted(const sk_follow *follow, sk_slice value) {
        sk_cli *cli = follow->session->cli;
        sk_slice promise = sk_json_member(sk_json_member(value, "standing"), "promise");
        int64_t resolve_us = sk_slice_there(promise) ? time_of(cli, promise, "resolve_by") : 0;
        if (resolve_us == 0)
                sk_cli_print(cli, "nothing is promised about the time\n");
        else
                sk_cli_print(cli, "resolve by %s\n", sk_cli_when(cli, resolve_us));
}

static void print_question(const sk_follow *follow, sk_slice value) {
        sk_cli *cli = follow->session->cli;
        const char *then = text_of(cli, value, "then");
        int64_t until_us = time_of(cli, value, "until");
        sk_cli_print(cli, "\"%s\"   the clock stands", text_of(cli, value, "text"));
        if (until_us != 0)
                sk_cli_print(cli, " until %s%s%s", sk_cli_when(cli, until_us), then[0] == '\0' ? "" : ", then: ", then);
        sk_cli_print(cli, "; schakel answer %s TEXT\n", short_id(follow));
}

static void print_progress(const sk_follow *follow, int64_t time_us, sk_slice value) {
        sk_cli *cli = follow->session->cli;
        bool has_lapsed = sk_slice_there(sk_json_member(value, "lapsed"));
        begin_line(follow, time_us, has_lapsed ? "lapsed" : "progress", SK_PLAIN);
        sk_cli_print(cli, "%s\n", has_lapsed ? "no answer came in time, the clock runs" : text_of(cli, value, "text"));
}

static void print_feedback(sk_follow *follow, int64_t time_us, sk_message type, sk_slice value) {
        sk_cli *cli = follow->session->cli;
        switch (type) {
        case SK_FEEDBACK_ACCEPTED:
                begin_line(follow, time_us, "accepted", SK_PLAIN);
                print_accepted(follow, value);
                return;
        case SK_FEEDBACK_QUESTION:
                begin_line(follow, time_us, "question", SK_YELLOW);
                print_question(follow, value);
                return;
        case SK_FEEDBACK_OFFER:
                begin_line(follow, time_us, "offer", SK_YELLOW);
                sk_cli_print(cli, "the clock stands; schakel answer %s accept, or refuse\n", short_id(follow));
                return;
        case SK_FEEDBACK_PROGRESS:
                print_progress(follow, time_us, value);
                return;
        case SK_FEEDBACK_LATE:
                follow->late_us = follow->late_us == 0 ? time_us : follow->late_us;
                begin_line(follow, time_us, "late", SK_YELLOW);
                sk_cli_print(cli, "now %s: %s\n", sk_cli_when(cli, time_of(cli, value, "forecast")),
                             text_of(cli, value, "reason"));
                return;
        case SK_FEEDBACK_REFUSED:
                begin_line(follow, time_us, "refused", SK_YELLOW);
                sk_cli_print(cli, "%s: %s\n", text_of(cli, value, "code"), text_of(cli, value, "text"));
                return;
        default:
                return; /* closed: told by the own link, which may raise it once more with another type */
        }
}

static void print_offer(const sk_follow *follow, sk_slice value) {
        sk_cli *cli = follow->session->cli;
        sk_slice offer = sk_json_member(value, "offer");
        if (sk_slice_there(offer))
                sk_cli_print(cli, "%10sraise it as a %s instead: schakel call --type %s --facility %s …\n", "",
                             text_of(cli, offer, "type"), text_of(cli, offer, "type"), text_of(cli, offer, "facility"));
}

static const char *late_by(sk_cli *cli, sk_slice clock, int64_t closed_us) {
        sk_margin margin = {.us = time_of(cli, clock, "due") - closed_us, .service_hours = SK_SLICE("")};
        (void)sk_margin_read(cli, clock, &margin);
        return sk_margin_text(cli, &margin);
}

static void print_closed(sk_follow *follow, int64_t time_us, sk_slice value) {
        sk_cli *cli = follow->session->cli;
        sk_slice clock = sk_json_member(value, "clock");
        sk_slice kept = sk_slice_there(clock) ? sk_json_member(clock, "kept") : SK_NONE;
        sk_slice result = sk_json_member(value, "result");
        const char *code = text_of(cli, value, "code");
        const char *outcome = text_of(cli, value, "outcome");
        begin_line(follow, time_us, "closed", strcmp(outcome, "completed") == 0 ? SK_GREEN : SK_RED);
        sk_cli_print(cli, "%s%s%s", outcome, code[0] == '\0' ? "" : ": ", code);
        if (sk_slice_is(kept, "false"))
                sk_cli_print(cli, "   %s late", late_by(cli, clock, time_us));
        if (sk_slice_there(result))
                sk_cli_print(cli, "   %s", sk_cli_safe(cli, result));
        sk_cli_print(cli, "\n");
        print_offer(follow, value);
}

static int print_json(const sk_follow *follow, int64_t time_us, sk_message type, sk_slice value) {
        sk_cli *cli = follow->session->cli;
        sk_json_writer *json = sk_cli_json_begin(cli);
        sk_json_open_object(json, NULL);
        sk_json_put_time(json, "time", time_us);
        sk_json_put_id(json, "call", &follow->id);
        sk_json_put_cstr(json, "message", sk_message_name(type));
        sk_json_put_raw(json, "data", value);
        sk_json_close_object(json);
        return sk_cli_json_end(cli);
}

/* ---- reading ---- */

static bool is_ours(const sk_follow *follow, const sk_log_entry *entry) {
        return sk_slice_equal(entry->key, (sk_slice){follow->key, SK_ID_TEXT}) && sk_slice_there(entry->value) &&
               sk_json_check(entry->value, SK_JSON_SCAN_DEPTH_MAX, NULL) == SK_OK;
}

static bool on_feedback(void *self, const sk_log_entry *entry) {
        sk_follow *follow = self;
        sk_message type = sk_message_find(sk_headers_find(entry->headers, "ce_type"));
        if (!is_ours(follow, entry) || !sk_message_is_feedback(type))
                return true;
        if (sk_cli_is_json(follow->session->cli))
                (void)print_json(follow, entry->timestamp_us, type, entry->value);
        else if (type == SK_FEEDBACK_CLOSED)
                print_closed(follow, entry->timestamp_us, entry->value);
        else
                print_feedback(follow, entry->timestamp_us, type, entry->value);
        return true;
}

static void print_event(const sk_follow *follow, const sk_log_entry *entry, sk_message type) {
        sk_cli *cli = follow->session->cli;
        bool is_own = !sk_slice_there(follow->feedback);
        if (type == SK_EVENT_ANSWERED) {
                begin_line(follow, entry->timestamp_us, "answered", SK_PLAIN);
                sk_cli_print(cli, "the clock runs\n");
        } else if (type == SK_EVENT_ENTERED && is_own) {
                begin_line(follow, entry->timestamp_us, "entered", SK_PLAIN);
                sk_cli_print(cli, "%s %s\n", text_of(cli, entry->value, "activity"), text_of(cli, entry->value, "how"));
        } else if (type == SK_EVENT_CLOSED && is_own) {
                begin_line(follow, entry->timestamp_us, "closed", SK_PLAIN);
                sk_cli_print(cli, "%s %s\n", text_of(cli, entry->value, "outcome"), text_of(cli, entry->value, "code"));
        }
}

static bool on_event(void *self, const sk_log_entry *entry) {
        sk_follow *follow = self;
        sk_message type = sk_message_find(sk_headers_find(entry->headers, "ce_type"));
        if (!is_ours(follow, entry))
                return true;
        if (sk_cli_is_json(follow->session->cli))
                (void)print_json(follow, entry->timestamp_us, type, entry->value);
        else
                print_event(follow, entry, type);
        if (type == SK_EVENT_CLOSED) {
                follow->is_closed = true;
                follow->is_completed = sk_slice_is(sk_json_member(entry->value, "outcome"), "\"completed\"");
        }
        return !follow->is_closed;
}

static int read_once(sk_follow *follow) {
        const sk_session *session = follow->session;
        sk_log_read feedback = {
                .topic = follow->feedback, .partition = follow->partition, .from_offset = follow->feedback_next};
        sk_log_read events = {
                .topic = follow->events, .partition = follow->partition, .from_offset = follow->events_next};
        sk_err err = SK_OK;
        if (sk_slice_there(follow->feedback))
                err = sk_log_tool_read(session->log, &feedback, on_feedback, follow, &follow->feedback_next);
        if (err == SK_OK)
                err = sk_log_tool_read(session->log, &events, on_event, follow, &follow->events_next);
        fflush(sk_cli_out(session->cli));
        return err == SK_OK ? SK_EXIT_OK : sk_session_fail(session, session->log_url);
}

int sk_follow_run(sk_follow *follow) {
        sk_cli_catch_interrupt();
        while (!sk_cli_is_interrupted()) {
                int status = read_once(follow);
                if (status != SK_EXIT_OK)
                        return status;
                if (follow->is_closed)
                        return follow->is_completed ? SK_EXIT_OK : SK_EXIT_NEGATIVE;
                (void)sk_log_tool_wait(follow->session->log, NAP_MS);
        }
        char id[SK_ID_TEXT + 1] = "";
        sk_id_format(&follow->id, id);
        sk_cli_remark(follow->session->cli, "still open; go on with: schakel show %s", id);
        return SK_EXIT_NEGATIVE;
}
