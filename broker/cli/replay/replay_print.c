/*
 * What a replay comes to, and how it is told.
 */
#include <assert.h>

#include "cli/print/table.h"
#include "cli/replay/replay.h"
#include "cli/session/ids.h"
#include "kit/when.h"

#define LISTED_MAX 10

/* ---- summing up ---- */

static void sum_one(const sk_replay *replay, const sk_replayed *one, sk_replay_result *out) {
        bool is_twice = one->asked > 1 || one->told > 1 || one->opened > 1 || one->closed > 1 || one->kept > 1 ||
                        one->archived > 1;
        bool is_whole = one->opened > 0 && one->closed > 0 && one->kept > 0 && one->archived > 0;
        if (!one->is_raised && !one->is_known)
                return;
        out->doubled += is_twice;
        out->told += one->told > 0;
        out->refused += one->is_refused;
        if (one->told > 0) {
                out->outcomes[one->outcome < SK_OUTCOMES ? one->outcome : SK_OUTCOME_NONE]++;
                out->lost += !is_whole; /* closed, and yet one side does not have it */
        } else if (!one->is_refused) {
                out->open += one->closed == 0;
                out->lost += one->closed > 0;
        }
        if (!sk_history_tells_changes(replay->calls) || one->call->type != SK_INCIDENT || one->told == 0)
                return;
        bool was_changed = sk_history_was_changed(replay->calls, one->call);
        out->changed += was_changed;
        out->as_recorded += one->workflow == (was_changed ? 3 : 4);
        out->otherwise += one->workflow != (was_changed ? 3 : 4);
}

void sk_replay_sum(const sk_replay *replay, sk_replay_result *out) {
        *out = (sk_replay_result){0};
        for (size_t i = 0; i < replay->count; i++)
                sum_one(replay, &replay->list[i], out);
        for (size_t i = 0; i < sk_balance_count(replay->balance); i++)
                out->unequal += !sk_balance_is_equal(sk_balance_at(replay->balance, i));
        out->is_ok = out->open == 0 && out->lost == 0 && out->doubled == 0 && out->refused == 0 &&
                     out->otherwise == 0 && out->unequal == 0 && out->told == replay->raised + replay->known;
}

static double elapsed_s(const sk_replay *replay) {
        return replay->ended_us > replay->begun_us && replay->raised > 0
                       ? (double)(replay->ended_us - replay->begun_us) / (double)SK_SECOND_US
                       : 0;
}

/* ---- JSON ---- */

static void json_agreements(const sk_replay *replay, sk_json_writer *json) {
        sk_json_open_array(json, "agreements");
        for (size_t i = 0; i < sk_balance_count(replay->balance); i++) {
                const sk_balance_row *row = sk_balance_at(replay->balance, i);
                sk_json_open_object(json, NULL);
                sk_json_put_text(json, "customer", row->customer);
                sk_json_put_text(json, "provider", row->provider);
                sk_json_put_int(json, "asked", (int64_t)row->asked);
                sk_json_put_int(json, "opened", (int64_t)row->opened);
                sk_json_put_int(json, "closed_at_customer", (int64_t)row->fed_closed);
                sk_json_put_int(json, "closed_at_provider", (int64_t)row->closed);
                sk_json_put_int(json, "archived", (int64_t)row->archived);
                sk_json_put_bool(json, "equal", sk_balance_is_equal(row));
                sk_json_close_object(json);
        }
        sk_json_close_array(json);
}

static void json_statuses(const sk_replay *replay, sk_json_writer *json) {
        sk_json_open_array(json, "statuses");
        for (size_t i = 0; i < sk_history_status_count(replay->calls); i++) {
                const sk_history_status *status = sk_history_status_at(replay->calls, i);
                sk_json_open_object(json, NULL);
                sk_json_put_text(json, "status", status->text);
                sk_json_put_int(json, "rows", (int64_t)status->rows);
                if (sk_slice_there(status->activity))
                        sk_json_put_text(json, "activity", status->activity);
                else
                        sk_json_put_null(json, "activity");
                sk_json_close_object(json);
        }
        sk_json_close_array(json);
}

static int print_json(const sk_replay *replay, const sk_replay_result *result) {
        sk_json_writer *json = sk_cli_json_begin(replay->cli);
        sk_json_open_object(json, NULL);
        sk_json_put_bool(json, "ok", result->is_ok);
        sk_json_put_int(json, "rows", (int64_t)replay->tally.rows);
        sk_json_put_int(json, "rows_aside", (int64_t)replay->tally.rows_aside);
        sk_json_put_int(json, "calls_aside", (int64_t)replay->tally.calls_aside);
        sk_json_put_int(json, "calls", (int64_t)replay->count);
        sk_json_put_int(json, "raised", (int64_t)replay->raised);
        sk_json_put_int(json, "known", (int64_t)replay->known);
        sk_json_put_int(json, "closed", (int64_t)result->told);
        sk_json_put_int(json, "open", (int64_t)result->open);
        sk_json_put_int(json, "lost", (int64_t)result->lost);
        sk_json_put_int(json, "doubled", (int64_t)result->doubled);
        sk_json_put_int(json, "refused", (int64_t)result->refused);
        sk_json_put_double(json, "elapsed_s", elapsed_s(replay));
        sk_json_open_object(json, "outcomes");
        for (unsigned i = SK_OUTCOME_NONE + 1; i < SK_OUTCOMES; i++) {
                if (result->outcomes[i] > 0)
                        sk_json_put_int(json, sk_outcome_id((sk_outcome)i), (int64_t)result->outcomes[i]);
        }
        sk_json_close_object(json);
        sk_json_open_object(json, "three_or_four");
        sk_json_put_int(json, "changed", (int64_t)result->changed);
        sk_json_put_int(json, "as_recorded", (int64_t)result->as_recorded);
        sk_json_put_int(json, "otherwise", (int64_t)result->otherwise);
        sk_json_close_object(json);
        json_agreements(replay, json);
        json_statuses(replay, json);
        sk_json_close_object(json);
        return sk_cli_json_end(replay->cli);
}

/* ---- text ---- */

static const sk_column agreement_columns[] = {{"customer", false, true},    {"provider", false, true},
                                              {"asked", true, false},       {"taken", true, false},
                                              {"closed here", true, false}, {"closed there", true, false},
                                              {"archived", true, false},    {"both ends", false, false}};
static const sk_column status_columns[] = {
        {"recorded status", false, true}, {"rows", true, false}, {"activity of the method", false, false}};

#define COLUMNS(list) (sizeof(list) / sizeof((list)[0]))

static int print_agreements(const sk_replay *replay) {
        sk_table *table = sk_table_new(replay->cli, agreement_columns, COLUMNS(agreement_columns));
        if (table == NULL)
                return SK_EXIT_NEGATIVE;
        for (size_t i = 0; i < sk_balance_count(replay->balance); i++) {
                const sk_balance_row *row = sk_balance_at(replay->balance, i);
                const uint64_t numbers[] = {row->asked, row->opened, row->fed_closed, row->closed, row->archived};
                sk_table_cell(table, row->customer);
                sk_table_cell(table, row->provider);
                for (size_t n = 0; n < COLUMNS(numbers); n++)
                        sk_table_cell_format(table, "%llu", (unsigned long long)numbers[n]);
                bool is_equal = sk_balance_is_equal(row);
                sk_table_cell_style(table, is_equal ? SK_SLICE("equal") : SK_SLICE("differ"),
                                    is_equal ? SK_GREEN : SK_RED);
        }
        return sk_table_print(table);
}

static int print_statuses(const sk_replay *replay) {
        if (sk_history_status_count(replay->calls) == 0)
                return SK_EXIT_OK;
        sk_table *table = sk_table_new(replay->cli, status_columns, COLUMNS(status_columns));
        if (table == NULL)
                return SK_EXIT_NEGATIVE;
        for (size_t i = 0; i < sk_history_status_count(replay->calls); i++) {
                const sk_history_status *status = sk_history_status_at(replay->calls, i);
                sk_table_cell(table, status->text);
                sk_table_cell_format(table, "%llu", (unsigned long long)status->rows);
                if (sk_slice_there(status->activity))
                        sk_table_cell(table, status->activity);
                else
                        sk_table_cell_style(table, SK_SLICE("none"), SK_DIM);
        }
        sk_cli_print(replay->cli, "\n");
        return sk_table_print(table);
}

/** The calls about which something is not as it should be. */
static void print_troubled(const sk_replay *replay) {
        unsigned shown = 0;
        for (size_t i = 0; i < replay->count; i++) {
                const sk_replayed *one = &replay->list[i];
                if ((one->told == 1 && one->asked < 2 && one->opened == 1 && one->closed == 1 && one->kept == 1 &&
                     one->archived == 1) ||
                    (!one->is_raised && !one->is_known))
                        continue;
                if (shown++ == LISTED_MAX) {
                        sk_cli_print(replay->cli, "  and more\n");
                        return;
                }
                sk_cli_print(replay->cli,
                             "  %s  %s  %s > %s  asked %u, taken %u, closed %u, told %u, archived %u and %u%s\n",
                             sk_cli_id(replay->cli, &one->call->callid, SK_ID_TEXT),
                             sk_cli_safe(replay->cli, one->call->id), sk_cli_safe(replay->cli, one->call->customer),
                             sk_cli_safe(replay->cli, one->call->provider), one->asked, one->opened, one->closed,
                             one->told, one->archived, one->kept, one->is_refused ? ", refused" : "");
        }
}

static void print_decisions(const sk_replay *replay, const sk_replay_result *result) {
        if (!sk_history_tells_changes(replay->calls))
                return;
        sk_cli_print(replay->cli,
                     "\nworkflow 3 or 4: the history says of %llu that infrastructure was modified; %llu decided as "
                     "recorded, %llu otherwise\n",
                     (unsigned long long)result->changed, (unsigned long long)result->as_recorded,
                     (unsigned long long)result->otherwise);
}

static void print_line(const sk_replay *replay, const sk_replay_result *result) {
        sk_cli *cli = replay->cli;
        sk_cli_print(cli, "\n%s", sk_cli_style(cli, SK_BOLD));
        sk_cli_print(cli, "%zu call%s", replay->raised + replay->known, replay->raised + replay->known == 1 ? "" : "s");
        if (elapsed_s(replay) > 0)
                sk_cli_print(cli, " in %.1f s (%.0f/s)", elapsed_s(replay), (double)replay->raised / elapsed_s(replay));
        if (replay->known > 0)
                sk_cli_print(cli, ", %zu of them raised before", replay->known);
        sk_cli_print(cli, ": %llu closed, %llu open, %llu lost, %llu doubled", (unsigned long long)result->told,
                     (unsigned long long)result->open, (unsigned long long)result->lost,
                     (unsigned long long)result->doubled);
        if (result->refused > 0)
                sk_cli_print(cli, ", %llu refused", (unsigned long long)result->refused);
        size_t count = sk_balance_count(replay->balance);
        if (result->unequal == 0)
                sk_cli_print(cli, ", equal at both ends of %zu agreement%s", count, count == 1 ? "" : "s");
        else
                sk_cli_print(cli, ", not equal at both ends of %llu of %zu agreements",
                             (unsigned long long)result->unequal, count);
        sk_cli_print(cli, ".%s\n", sk_cli_style(cli, SK_PLAIN));
}

int sk_replay_print(const sk_replay *replay, const sk_replay_result *result) {
        if (sk_cli_is_json(replay->cli))
                return print_json(replay, result);
        int status = print_agreements(replay);
        if (status == SK_EXIT_OK)
                status = print_statuses(replay);
        print_decisions(replay, result);
        print_line(replay, result);
        if (!result->is_ok)
                print_troubled(replay);
        return status;
}
