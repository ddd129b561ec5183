/*
 * `schakel journal`: the state of links, record by record.
 */
#include <inttypes.h>

#include "cli/print/table.h"
#include "cli/session/view_json.h"
#include "event/envelope.h"
#include "kit/cursor.h"
#include "kit/json_scan.h"
#include "kit/when.h"
#include "link/data.h"
#include "link/durations.h"
#include "link/journal.h"

#define TEXT_BYTES ((size_t)1 << 20)
#define NAMED_MAX 20 /* damaged records that are named one by one */

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_LOG,
        SK_OPTION_TEAM,
        {.name = "key", .letter = 'k', .kind = SK_OPTION_TEXT, .value = "PREFIX", .text = "only keys that begin so"},
        {.name = "kind",
         .kind = SK_OPTION_TEXT,
         .value = "KIND",
         .text = "only records of this kind",
         .choices = "head|data|stub|mark|offset"},
        {0},
};

/** One record of a journal, unwrapped. */
typedef struct journal_piece {
        sk_slice team;
        sk_slice key;
        int64_t time_us;
        sk_journal_place place;
        sk_slice name; /**< customer or topic, as the key says */
        sk_id id;
        sk_journal_kind kind;
        sk_slice payload;
        size_t size;
} journal_piece;

/** What is being printed. */
typedef struct printing {
        const sk_session *session;
        sk_slice team;
        sk_table *table; /**< NULL: JSON */
        uint64_t count;
        uint64_t skipped;
        int status;
} printing;

static const char *kind_id(sk_journal_kind kind) {
        static const char *const ids[] = {[SK_JOURNAL_HEAD] = "head",           [SK_JOURNAL_DATA] = "data",
                                          [SK_JOURNAL_STUB] = "stub",           [SK_JOURNAL_MARK] = "mark",
                                          [SK_JOURNAL_OFFSET] = "offset",       [SK_JOURNAL_SCHEDULE] = "schedule",
                                          [SK_JOURNAL_DURATIONS] = "durations", [SK_JOURNAL_RESYNC] = "resync"};
        return kind >= SK_JOURNAL_HEAD && kind <= SK_JOURNAL_RESYNC ? ids[kind] : NULL;
}

static const char *section_id(sk_section_kind kind) {
        const char *name = sk_section_name(kind);
        return name[0] == '\0' ? "unknown" : name;
}

static const char *section_activity(const sk_section *section) {
        const sk_activity *activity = sk_activity_by_number(section->tag);
        return activity == NULL ? "cut" : activity->id;
}

/* ---- for people: one line ---- */

static sk_err head_write(const printing *print, const journal_piece *piece, sk_buf *out) {
        sk_call call;
        sk_err err = sk_call_decode(piece->payload, &call);
        if (err != SK_OK)
                return err;
        sk_buf_add_format(out, "%s %.*s, ", sk_call_type_id(call.type), (int)call.facility.len, call.facility.at);
        sk_buf_add_text(out, sk_view_stands(print->session, &call));
        sk_buf_add_format(out, "; in %u, out %u, event %u, visit %u, %u ask%s", call.in_seqno, call.out_seqno,
                          call.event_number, call.visit_number, call.ask_count, call.ask_count == 1 ? "" : "s");
        return SK_OK;
}

static sk_err data_write(const journal_piece *piece, sk_buf *out) {
        size_t position = 0;
        sk_section section;
        if (!sk_data_check(piece->payload))
                return SK_ERR_TRUNCATED;
        while (sk_data_next(piece->payload, &position, &section)) {
                sk_buf_add_format(out, "%s%s", out->len == 0 ? "" : ", ", section_id(section.kind));
                if (section.kind == SK_SECTION_RESULT)
                        sk_buf_add_format(out, " of %s", section_activity(&section));
                sk_buf_add_format(out, " %zu B", section.bytes.len);
        }
        return SK_OK;
}

static sk_err stub_write(const printing *print, const journal_piece *piece, sk_buf *out) {
        sk_cli *cli = print->session->cli;
        sk_stub stub;
        sk_err err = sk_stub_decode(piece->payload, &stub);
        if (err != SK_OK)
                return err;
        if (stub.outcome >= SK_OUTCOMES)
                return SK_ERR_RANGE;
        sk_buf_add_format(out, "%s%s%.*s, closed %s, kept until %s", sk_outcome_id((sk_outcome)stub.outcome),
                          stub.code.len > 0 ? " " : "", (int)stub.code.len, stub.code.at,
                          sk_cli_when(cli, stub.closed_us), sk_cli_when(cli, stub.expires_us));
        return SK_OK;
}

static sk_err mark_write(const printing *print, const journal_piece *piece, sk_buf *out) {
        char digest[SK_DIGEST_TEXT];
        sk_mark mark;
        sk_err err = sk_mark_decode(piece->payload, &mark);
        if (err != SK_OK)
                return err;
        sk_digest_format(&mark.edition, digest);
        sk_buf_add_format(out, "clock %s, edition %.*s, format %u", sk_cli_when(print->session->cli, mark.now_us),
                          SK_DIGEST_TEXT, digest, mark.format);
        return SK_OK;
}

static sk_err offset_read(const journal_piece *piece, uint64_t *out) {
        sk_cursor cursor = sk_cursor_make(piece->payload);
        *out = sk_cursor_u64(&cursor);
        return piece->payload.len == 8 ? SK_OK : SK_ERR_TRUNCATED;
}

static sk_err schedule_write(const printing *print, const journal_piece *piece, sk_buf *out) {
        uint64_t instant;
        sk_err err = offset_read(piece, &instant);
        if (err == SK_OK)
                sk_buf_add_format(out, "last done %s", sk_cli_when(print->session->cli, (int64_t)instant));
        return err;
}

/* What is usual of an activity, as its forecasts take it. */
static sk_err durations_read(const journal_piece *piece, sk_usual *out, bool *out_is_enough) {
        sk_durations *durations = sk_durations_new();
        sk_duration_key key;
        sk_err err = durations == NULL                          ? SK_ERR_NO_MEMORY
                     : sk_duration_key_parse(piece->name, &key) ? sk_durations_decode(durations, &key, piece->payload)
                                                                : SK_ERR_SYNTAX;
        *out = (sk_usual){0, 0};
        *out_is_enough = err == SK_OK && sk_durations_usual(durations, &key, out);
        sk_durations_free(durations);
        return err;
}

static sk_err durations_write(const journal_piece *piece, sk_buf *out) {
        sk_usual usual;
        bool is_enough;
        sk_err err = durations_read(piece, &usual, &is_enough);
        if (err != SK_OK)
                return err;
        if (!is_enough) {
                sk_buf_add_text(out, "too few to say what is usual");
                return SK_OK;
        }
        sk_buf_add_text(out, "median ");
        sk_when_duration_write(out, usual.median_us);
        sk_buf_add_text(out, ", 90 % within ");
        sk_when_duration_write(out, usual.p90_us);
        return SK_OK;
}

static sk_err resync_write(const printing *print, const journal_piece *piece, sk_buf *out) {
        sk_resync_order order;
        sk_err err = sk_resync_order_decode(piece->payload, &order);
        if (err != SK_OK)
                return err;
        sk_buf_add_format(out, "open asks of %s are raised again", sk_cli_safe(print->session->cli, piece->name));
        if (order.actor.len > 0)
                sk_buf_add_format(out, ", for %s", sk_cli_safe(print->session->cli, order.actor));
        return SK_OK;
}

static sk_err text_write(const printing *print, const journal_piece *piece, sk_buf *out) {
        uint64_t offset;
        sk_err err;
        switch (piece->kind) {
        case SK_JOURNAL_HEAD:
                return head_write(print, piece, out);
        case SK_JOURNAL_DATA:
                return data_write(piece, out);
        case SK_JOURNAL_STUB:
                return stub_write(print, piece, out);
        case SK_JOURNAL_MARK:
                return mark_write(print, piece, out);
        case SK_JOURNAL_SCHEDULE:
                return schedule_write(print, piece, out);
        case SK_JOURNAL_DURATIONS:
                return durations_write(piece, out);
        case SK_JOURNAL_RESYNC:
                return resync_write(print, piece, out);
        default:
                err = offset_read(piece, &offset);
                sk_buf_add_format(out, "next offset %" PRIu64, offset);
                return err;
        }
}

static sk_err put_row(const printing *print, const journal_piece *piece) {
        sk_buf text = sk_buf_make(TEXT_BYTES);
        sk_err err = text_write(print, piece, &text);
        if (err == SK_OK) {
                sk_table_cell(print->table, piece->team);
                sk_table_cell(print->table, piece->key);
                sk_table_cell_text(print->table, kind_id(piece->kind));
                sk_table_cell_format(print->table, "%zu", piece->size);
                sk_table_cell(print->table, sk_buf_slice(&text));
        }
        sk_buf_free(&text);
        return err;
}

/* ---- for programs: everything ---- */

static void json_section(sk_json_writer *json, const sk_section *section) {
        bool is_json = sk_json_check(section->bytes, SK_JSON_DEPTH_MAX, NULL) == SK_OK;
        sk_json_open_object(json, NULL);
        sk_json_put_cstr(json, "kind", section_id(section->kind));
        sk_json_put_int(json, "index", section->index);
        if (section->kind == SK_SECTION_RESULT)
                sk_json_put_cstr(json, "activity", section_activity(section));
        if (is_json)
                sk_json_put_raw(json, "value", section->bytes);
        else
                sk_json_put_text(json, "text", section->bytes);
        sk_json_close_object(json);
}

static sk_err json_data(sk_json_writer *json, const journal_piece *piece) {
        size_t position = 0;
        sk_section section;
        if (!sk_data_check(piece->payload))
                return SK_ERR_TRUNCATED;
        sk_json_open_array(json, "sections");
        while (sk_data_next(piece->payload, &position, &section))
                json_section(json, &section);
        sk_json_close_array(json);
        return SK_OK;
}

static sk_err json_head(const printing *print, sk_json_writer *json, const journal_piece *piece) {
        sk_call call;
        sk_err err = sk_call_decode(piece->payload, &call);
        if (err != SK_OK)
                return err;
        sk_view_record record = {.team = piece->team,
                                 .is_ask = piece->place == SK_KEY_ASK,
                                 .customer = piece->place == SK_KEY_ASK ? SK_NONE : piece->name,
                                 .id = piece->id,
                                 .head = piece->payload};
        if (call.is_ask != record.is_ask || (call.is_ask && call.ask_count == 0))
                return SK_ERR_RANGE;
        sk_json_open_object(json, "head");
        sk_view_json_members(print->session, &record, &call, json);
        sk_json_put_int(json, "in_seqno", call.in_seqno);
        sk_json_put_int(json, "out_seqno", call.out_seqno);
        sk_json_put_int(json, "event_number", call.event_number);
        sk_json_put_int(json, "visit_number", call.visit_number);
        sk_json_close_object(json);
        return SK_OK;
}

static sk_err json_stub(sk_json_writer *json, const journal_piece *piece) {
        char digest[SK_DIGEST_TEXT];
        sk_stub stub;
        sk_err err = sk_stub_decode(piece->payload, &stub);
        if (err != SK_OK)
                return err;
        if (stub.outcome >= SK_OUTCOMES)
                return SK_ERR_RANGE;
        sk_json_open_object(json, "stub");
        sk_json_put_id(json, "call", &stub.id);
        sk_json_put_optional(json, "customer", stub.customer);
        sk_json_put_id(json, "replykey", &stub.replykey);
        sk_json_put_int(json, "in_seqno", stub.in_seqno);
        sk_json_put_int(json, "out_seqno", stub.out_seqno);
        sk_json_put_cstr(json, "outcome", sk_outcome_id((sk_outcome)stub.outcome));
        sk_json_put_optional(json, "code", stub.code);
        sk_json_put_time(json, "closed", stub.closed_us);
        sk_json_put_time(json, "expires", stub.expires_us);
        sk_json_put_int(json, "elapsed_us", stub.elapsed_us);
        sk_json_put_int(json, "stopped_us", stub.stopped_us);
        if (stub.due_us != 0) {
                sk_json_put_time(json, "due", stub.due_us);
                sk_json_put_int(json, "margin_us", stub.margin_us);
        }
        sk_json_put_optional(json, "service_hours", stub.service_hours);
        sk_digest_format(&stub.feedback_digest, digest);
        sk_json_put_text(json, "feedback_digest", (sk_slice){digest, SK_DIGEST_TEXT});
        sk_json_put_int(json, "feedback_bytes", stub.feedback_size);
        sk_json_put_int(json, "asks", (int64_t)(stub.asks.len / SK_STUB_ASK_BYTES));
        sk_json_close_object(json);
        return SK_OK;
}

static sk_err json_mark(sk_json_writer *json, const journal_piece *piece) {
        char digest[SK_DIGEST_TEXT];
        sk_mark mark;
        sk_err err = sk_mark_decode(piece->payload, &mark);
        if (err != SK_OK)
                return err;
        sk_digest_format(&mark.edition, digest);
        sk_json_open_object(json, "mark");
        sk_json_put_time(json, "now", mark.now_us);
        sk_json_put_text(json, "edition", (sk_slice){digest, SK_DIGEST_TEXT});
        sk_json_put_int(json, "format", mark.format);
        sk_json_put_optional(json, "tzdata", mark.tzdata);
        sk_json_close_object(json);
        return SK_OK;
}

static sk_err json_schedule(sk_json_writer *json, const journal_piece *piece) {
        uint64_t instant;
        sk_err err = offset_read(piece, &instant);
        if (err != SK_OK)
                return err;
        sk_json_put_text(json, "schedule", piece->name);
        sk_json_put_time(json, "last_done", (int64_t)instant);
        return SK_OK;
}

static sk_err json_durations(sk_json_writer *json, const journal_piece *piece) {
        sk_usual usual;
        bool is_enough;
        sk_err err = durations_read(piece, &usual, &is_enough);
        if (err != SK_OK)
                return err;
        sk_json_put_text(json, "activity", piece->name);
        if (is_enough) {
                sk_json_put_int(json, "median_us", usual.median_us);
                sk_json_put_int(json, "p90_us", usual.p90_us);
        }
        return SK_OK;
}

static sk_err json_resync(sk_json_writer *json, const journal_piece *piece) {
        sk_resync_order order;
        sk_err err = sk_resync_order_decode(piece->payload, &order);
        if (err != SK_OK)
                return err;
        sk_json_put_text(json, "provider", piece->name);
        sk_json_put_id(json, "call", &order.callid);
        sk_json_put_text(json, "work", order.work);
        sk_json_put_optional(json, "actor", order.actor);
        return SK_OK;
}

static sk_err json_payload(const printing *print, sk_json_writer *json, const journal_piece *piece) {
        uint64_t offset;
        sk_err err;
        switch (piece->kind) {
        case SK_JOURNAL_HEAD:
                return json_head(print, json, piece);
        case SK_JOURNAL_DATA:
                return json_data(json, piece);
        case SK_JOURNAL_STUB:
                return json_stub(json, piece);
        case SK_JOURNAL_MARK:
                return json_mark(json, piece);
        case SK_JOURNAL_SCHEDULE:
                return json_schedule(json, piece);
        case SK_JOURNAL_DURATIONS:
                return json_durations(json, piece);
        case SK_JOURNAL_RESYNC:
                return json_resync(json, piece);
        default:
                err = offset_read(piece, &offset);
                sk_json_put_text(json, "topic", piece->name);
                sk_json_put_int(json, "next_offset", (int64_t)offset);
                return err;
        }
}

/* Written apart first, so that what turns out to be damaged is not half printed. */
static sk_err put_json(printing *print, const journal_piece *piece) {
        sk_buf text = sk_buf_make((size_t)64 << 20);
        sk_json_writer apart = sk_json_writer_make(&text);
        sk_json_open_object(&apart, NULL);
        sk_json_put_text(&apart, "team", piece->team);
        sk_json_put_text(&apart, "key", piece->key);
        sk_json_put_cstr(&apart, "kind", kind_id(piece->kind));
        sk_json_put_int(&apart, "bytes", (int64_t)piece->size);
        sk_json_put_time(&apart, "written", piece->time_us);
        sk_err err = json_payload(print, &apart, piece);
        if (err == SK_OK) {
                sk_json_close_object(&apart);
                sk_json_put_raw(sk_cli_json_begin(print->session->cli), NULL, sk_buf_slice(&text));
                print->status =
                        text.err == SK_OK ? sk_cli_json_end(print->session->cli) : sk_session_no_memory(print->session);
        }
        sk_buf_free(&text);
        return err;
}

/* ---- reading ---- */

static bool is_place(sk_journal_place place, sk_journal_kind kind) {
        switch (kind) {
        case SK_JOURNAL_HEAD:
        case SK_JOURNAL_STUB:
                return place == SK_KEY_CALL || place == SK_KEY_ASK;
        case SK_JOURNAL_DATA:
                return place == SK_KEY_CALL_DATA || place == SK_KEY_ASK_DATA;
        case SK_JOURNAL_MARK:
                return place == SK_KEY_MARK;
        case SK_JOURNAL_OFFSET:
                return place == SK_KEY_OFFSET;
        case SK_JOURNAL_SCHEDULE:
                return place == SK_KEY_SCHEDULE;
        case SK_JOURNAL_DURATIONS:
                return place == SK_KEY_DURATIONS;
        case SK_JOURNAL_RESYNC:
                return place == SK_KEY_RESYNC;
        default:
                return false;
        }
}

static sk_err unwrap(const sk_log_entry *entry, journal_piece *out) {
        sk_err err = sk_journal_unwrap(entry->key, entry->value, &out->kind, &out->payload);
        if (err == SK_OK)
                err = sk_journal_key_parse(entry->key, &out->place, &out->name, &out->id);
        if (err == SK_OK && kind_id(out->kind) == NULL)
                err = SK_ERR_VERSION;
        if (err == SK_OK && !is_place(out->place, out->kind))
                err = SK_ERR_SYNTAX;
        return err;
}

static void skip(printing *print, const sk_log_entry *entry, sk_err err) {
        const char *why = err == SK_ERR_VERSION ? "written by a version that this one does not know" : sk_err_text(err);
        if (++print->skipped > NAMED_MAX)
                return;
        sk_cli_remark(print->session->cli, "journal of %.*s: %.*s is left out: %s", (int)print->team.len,
                      print->team.at, (int)entry->key.len, entry->key.at, why);
}

static bool on_entry(void *self, const sk_log_entry *entry) {
        printing *print = self;
        const char *kind = sk_cli_text(print->session->cli, "kind");
        journal_piece found = {
                .team = print->team, .key = entry->key, .time_us = entry->timestamp_us, .size = entry->value.len};
        sk_err err = unwrap(entry, &found);
        if (err == SK_OK && kind != NULL && strcmp(kind, kind_id(found.kind)) != 0)
                return true;
        if (err == SK_OK)
                err = print->table == NULL ? put_json(print, &found) : put_row(print, &found);
        if (err == SK_OK)
                print->count++;
        else
                skip(print, entry, err);
        sk_cli_forget(print->session->cli);
        return print->status == SK_EXIT_OK && !sk_cli_is_interrupted();
}

static const sk_column columns[] = {
        {.title = "TEAM"},
        {.title = "KEY", .shrinks = true},
        {.title = "KIND"},
        {.title = "BYTES", .is_right = true},
        {.title = "WHAT", .shrinks = true},
};

static int read_teams(printing *print, const sk_team *wanted) {
        const sk_session *session = print->session;
        const char *prefix = sk_cli_text(session->cli, "key");
        for (size_t i = 0; i < sk_edition_team_count(session->edition); i++) {
                const sk_team *team = sk_edition_team_at(session->edition, i);
                print->team = sk_team_name(team);
                if (wanted != NULL && wanted != team)
                        continue;
                sk_slice topic = sk_session_topic(session, print->team, SK_TOPIC_JOURNAL, SK_NONE);
                if (!sk_slice_there(topic))
                        return sk_session_no_memory(session);
                if (sk_log_tool_latest(session->log, topic, sk_slice_of(prefix), on_entry, print) != SK_OK)
                        return sk_session_fail(session, session->log_url);
                if (print->status != SK_EXIT_OK)
                        return print->status;
        }
        return SK_EXIT_OK;
}

static int print_journal(const sk_session *session, const sk_team *team) {
        sk_cli *cli = session->cli;
        printing print = {.session = session};
        if (!sk_cli_is_json(cli))
                print.table = sk_table_new(cli, columns, sizeof(columns) / sizeof(columns[0]));
        if (!sk_cli_is_json(cli) && print.table == NULL)
                return sk_session_no_memory(session);
        int status = read_teams(&print, team);
        if (print.table != NULL && print.count == 0)
                sk_cli_print(cli, "no records\n");
        if (print.table != NULL) {
                int printed = sk_table_print(print.table);
                status = status == SK_EXIT_OK ? printed : status;
        }
        if (status != SK_EXIT_OK || print.skipped == 0)
                return status;
        return sk_cli_fail(cli, session->log_url,
                           "a link does not start on them either; keep a copy of the log and ask",
                           "%" PRIu64 " record%s could not be read", print.skipped, print.skipped == 1 ? "" : "s");
}

static int journal_run(sk_cli *cli, int argc, char **argv) {
        sk_session session;
        const sk_team *team;
        (void)argc;
        (void)argv;
        int status = sk_session_open(cli, SK_LOOK, &session);
        if (status != SK_EXIT_OK)
                return status;
        sk_cli_catch_interrupt();
        status = sk_session_team(&session, &team);
        if (status == SK_EXIT_OK)
                status = print_journal(&session, team);
        sk_session_close(&session);
        return status;
}

const sk_command sk_command_journal = {
        .name = "journal",
        .text = "read the journal of a link: its state, record by record",
        .options = options,
        .details =
                "Open calls are a head and data, closed ones a stub; keys are CUSTOMER/CALL and CUSTOMER/CALL#d, and\n"
                "ask/CALL for what the team itself has asked. A mark is the link's clock. Records that are damaged,\n"
                "or of a version that this one does not know, are named on stderr and left out; then the exit status\n"
                "is 1. With --json there is one JSON text a line, with all that the record holds.",
        .example = "schakel journal --team network\nschakel journal --team network --key finance/0198 --json",
        .run = journal_run,
};
