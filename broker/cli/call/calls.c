/*
 * `schakel calls`: what is open in a team or in the whole chain, and what is closed, from the archives.
 */
#include "cli/print/table.h"
#include "cli/session/archive.h"
#include "cli/session/ids.h"
#include "cli/session/view_json.h"

static const sk_option options[] = {
        SK_OPTION_CHAIN,
        SK_OPTION_LOG,
        SK_OPTION_TEAM,
        {.name = "closed", .kind = SK_OPTION_FLAG, .text = "closed calls instead, the latest last"},
        {.name = "limit",
         .kind = SK_OPTION_COUNT,
         .value = "N",
         .text = "at most so many closed ones (default: 50)",
         .min = 1,
         .max = 1000000},
        {.name = "facility", .letter = 'f', .kind = SK_OPTION_TEXT, .value = "NAME", .text = "only of this facility"},
        {.name = "type",
         .kind = SK_OPTION_TEXT,
         .value = "TYPE",
         .text = "only of this type",
         .choices = "wish|request-for-change|incident|service-request|support-request|risk"},
        {0},
};

/** Open calls being listed. */
typedef struct listing {
        const sk_session *session;
        const sk_view *view;
        const sk_team *team;
        sk_table *table; /**< NULL: JSON */
        size_t id_length;
        int64_t now_us;
} listing;

static const sk_column columns[] = {
        {.title = "CALL"},
        {.title = "TYPE"},
        {.title = "FACILITY", .shrinks = true},
        {.title = "FROM > TO", .shrinks = true},
        {.title = "STANDS AT", .shrinks = true},
        {.title = "OPEN FOR", .is_right = true},
        {.title = "DUE"},
        {.title = "NEED", .shrinks = true},
};

/* ---- open ---- */

/** In the whole chain a call shows once: where it is served, or where it was asked as long as nobody serves it. */
static bool is_wanted(const listing *list, const sk_view_record *record, const sk_call *call) {
        const char *facility = sk_cli_text(list->session->cli, "facility");
        const char *type = sk_cli_text(list->session->cli, "type");
        if (facility != NULL && !sk_slice_is(call->facility, facility))
                return false;
        if (type != NULL && strcmp(sk_call_type_id(call->type), type) != 0)
                return false;
        return list->team != NULL || !record->is_ask || !sk_view_is_served(list->view, &record->id);
}

static void put_calls(const listing *list, const sk_view_record *record, const sk_call *call) {
        sk_cli *cli = list->session->cli;
        sk_table *table = list->table;
        sk_slice from = record->is_ask ? record->team : record->customer;
        sk_slice to = record->is_ask ? call->asks[0].provider : record->team;
        int64_t due_us = sk_view_due_us(list->session, call, list->now_us);
        bool is_late = due_us != 0 && due_us < list->now_us;
        sk_table_cell_text(table, sk_cli_id(cli, &record->id, list->id_length));
        sk_table_cell_text(table, sk_call_type_id(call->type));
        sk_table_cell(table, call->facility);
        sk_table_cell_format(table, "%.*s > %.*s", (int)from.len, from.at, (int)to.len, to.at);
        sk_table_cell_text(table, sk_view_stands(list->session, call));
        sk_table_cell_text(table, sk_cli_long(cli, list->now_us - call->opened_us));
        sk_table_cell_style(table, sk_slice_of(sk_cli_when_short(cli, due_us)), is_late ? SK_RED : SK_PLAIN);
        sk_table_cell(table, sk_view_need(list->session, record));
}

static int list_one(const listing *list, const sk_view_record *record) {
        sk_call call;
        if (!sk_view_call(list->session, record, &call) || !is_wanted(list, record, &call))
                return SK_EXIT_OK;
        if (list->table == NULL)
                return sk_view_json(list->session, record, &call);
        put_calls(list, record, &call);
        return SK_EXIT_OK;
}

static int list_open(const sk_session *session, const sk_team *team, const sk_view *view) {
        sk_cli *cli = session->cli;
        listing list = {.session = session,
                        .view = view,
                        .team = team,
                        .id_length = sk_view_id_length(view),
                        .now_us = sk_cli_now_us()};
        if (!sk_cli_is_json(cli))
                list.table = sk_table_new(cli, columns, sizeof(columns) / sizeof(columns[0]));
        if (!sk_cli_is_json(cli) && list.table == NULL)
                return sk_session_no_memory(session);
        int status = SK_EXIT_OK;
        for (size_t i = 0; i < sk_view_count(view) && status == SK_EXIT_OK; i++) {
                status = list_one(&list, sk_view_at(view, i));
                sk_cli_forget(cli);
        }
        if (list.table == NULL)
                return status;
        return sk_table_print(list.table);
}

static int open_calls(const sk_session *session, const sk_team *team) {
        sk_view *view;
        int status = sk_view_load(session, team, false, &view);
        if (status != SK_EXIT_OK)
                return status;
        status = list_open(session, team, view);
        if (status == SK_EXIT_OK && sk_view_damaged(view) > 0)
                status = SK_EXIT_NEGATIVE;
        sk_view_free(view);
        return status;
}

static int calls_run(sk_cli *cli, int argc, char **argv) {
        sk_session session;
        const sk_team *team;
        (void)argc;
        (void)argv;
        int status = sk_session_open(cli, SK_LOOK, &session);
        if (status != SK_EXIT_OK)
                return status;
        status = sk_session_team(&session, &team);
        if (status == SK_EXIT_OK)
                status = sk_cli_flag(cli, "closed") ? sk_archive_list(&session, team, sk_cli_count(cli, "limit", 50))
                                                    : open_calls(&session, team);
        sk_session_close(&session);
        return status;
}

const sk_command sk_command_calls = {
        .name = "calls",
        .text = "list open calls and own asks; with --closed those that are over",
        .options = options,
        .details = "Without --team every call of the chain shows once. With --json there is one JSON text a line.",
        .example = "schakel calls --team service-centre\nschakel calls --closed --limit 20 --json",
        .run = calls_run,
};
