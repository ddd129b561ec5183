/*
 * Reports for people.
 */
#include <inttypes.h>

#include "cli/report.h"
#include "cli/table.h"
#include "kit/when.h"

#define COLUMNS(list) (sizeof(list) / sizeof((list)[0]))
#define TEXT_BYTES ((size_t)1 << 20)
#define DIGEST_SHOWN 8

/* ---- cells ---- */

/* Lead times of machines are shorter than a second. */
static const char *short_long(sk_cli *cli, int64_t time_us) {
        if (time_us >= SK_SECOND_US || time_us <= 0)
                return sk_cli_long(cli, time_us);
        char text[16];
        snprintf(text, sizeof(text), "%d ms", (int)((time_us + 999) / 1000));
        return sk_cli_safe_text(cli, text);
}

static void cell_share(sk_table *table, uint64_t part, uint64_t of) {
        if (of == 0)
                sk_table_cell_text(table, "-");
        else
                sk_table_cell_format(table, "%.0f %%", 100.0 * (double)part / (double)of);
}

static void cell_label(const sk_report *report, sk_table *table, size_t index) {
        sk_buf label = sk_buf_make(TEXT_BYTES);
        sk_figures_label(report->figures, index, &label);
        sk_table_cell(table, sk_buf_slice(&label));
        sk_buf_free(&label);
}

/* ---- the first lines ---- */

static void print_period(const sk_report *report) {
        sk_cli *cli = report->session->cli;
        if (sk_cli_text(cli, "month") != NULL)
                sk_cli_print(cli, "%s", sk_cli_safe_text(cli, sk_cli_text(cli, "month")));
        else if (report->from_us == INT64_MIN && report->to_us == INT64_MAX)
                sk_cli_print(cli, "until now");
        else if (report->from_us == INT64_MIN)
                sk_cli_print(cli, "until %s", sk_cli_when(cli, report->to_us));
        else if (report->to_us == INT64_MAX)
                sk_cli_print(cli, "since %s", sk_cli_when(cli, report->from_us));
        else
                sk_cli_print(cli, "%s to %s", sk_cli_when(cli, report->from_us), sk_cli_when(cli, report->to_us));
}

static void print_title(const sk_report *report) {
        sk_cli *cli = report->session->cli;
        sk_slice team = report->team == NULL ? SK_SLICE("all teams") : sk_team_name(report->team);
        sk_cli_print(cli, "%sService report%s   %s", sk_cli_style(cli, SK_BOLD), sk_cli_style(cli, SK_PLAIN),
                     sk_cli_safe(cli, team));
        if (report->customer != NULL)
                sk_cli_print(cli, " for %s", sk_cli_safe(cli, sk_team_name(report->customer)));
        sk_cli_print(cli, "   ");
        print_period(report);
        sk_cli_print(cli, "\n");
}

/* ---- tables ---- */

static const sk_column what_columns[] = {
        {.title = "calls", .is_right = true},     {.title = "open", .is_right = true},
        {.title = "kept", .is_right = true},      {.title = "median", .is_right = true},
        {.title = "p90", .is_right = true},       {.title = "1st time", .is_right = true},
        {.title = "longest in", .shrinks = true},
};

#define WHAT_COLUMNS (COLUMNS(what_columns) + 1)

static void put_row(const sk_report *report, sk_table *table, size_t index) {
        sk_cli *cli = report->session->cli;
        sk_report_row *row = sk_figures_at(report->figures, index);
        int64_t longest_us;
        uint32_t longest = sk_report_row_longest(row, &longest_us);
        sk_slice name = sk_report_names_at(sk_figures_names(report->figures), longest);
        bool has_ended = row->closed > 0;
        cell_label(report, table, index);
        sk_table_cell_format(table, "%" PRIu64, row->closed + row->open);
        sk_table_cell_format(table, "%" PRIu64, row->open);
        cell_share(table, row->kept, row->promised);
        sk_table_cell_text(table, has_ended ? short_long(cli, sk_report_row_percentile(row, 50)) : "-");
        sk_table_cell_text(table, has_ended ? short_long(cli, sk_report_row_percentile(row, 90)) : "-");
        cell_share(table, row->first_time, row->traced);
        if (longest_us == 0)
                sk_table_cell_text(table, "-");
        else
                sk_table_cell_format(table, "%.*s %.0f %%", (int)name.len, name.at,
                                     100.0 * (double)longest_us / (double)row->total_us);
}

static int print_rows(const sk_report *report) {
        sk_column columns[WHAT_COLUMNS] = {{.title = sk_report_by_id(report->by), .shrinks = true}};
        memcpy(columns + 1, what_columns, sizeof(what_columns));
        if (report->by == SK_BY_PROCESS)
                columns[1].title = "runs";
        sk_table *table = sk_table_new(report->session->cli, columns, WHAT_COLUMNS);
        if (table == NULL)
                return sk_session_no_memory(report->session);
        for (size_t i = 0; i < sk_figures_count(report->figures); i++)
                put_row(report, table, i);
        return sk_table_print(table);
}

/* The teams in which the time of a row passed, the longest first. */
static void write_places(const sk_report *report, const sk_report_row *row, sk_buf *out) {
        const sk_report_names *names = sk_figures_names(report->figures);
        int64_t before_us = INT64_MAX;
        uint32_t before = 0;
        for (size_t shown = 0; shown < row->part_count; shown++) {
                int64_t best_us = 0;
                uint32_t best = 0;
                for (size_t i = 0; i < row->part_count; i++) {
                        uint32_t team = row->parts[i].team;
                        int64_t time_us = sk_report_row_time_in(row, team);
                        bool is_next = time_us < before_us || (time_us == before_us && team > before);
                        if (is_next && (time_us > best_us || (time_us == best_us && best != 0 && team < best))) {
                                best_us = time_us;
                                best = team;
                        }
                }
                if (best == 0)
                        return;
                sk_slice name = sk_report_names_at(names, best);
                sk_buf_add_format(out, "%s%.*s %.0f %%", shown == 0 ? "" : ", ", (int)name.len, name.at,
                                  100.0 * (double)best_us / (double)row->total_us);
                before_us = best_us;
                before = best;
        }
}

static const sk_column time_columns[] = {{.title = "", .shrinks = true},
                                         {.title = "time", .is_right = true},
                                         {.title = "for what, and where", .shrinks = true}};

/* What was waited for, in the order of the method of counting; what took no time is left out. */
static void write_waits(const sk_report_row *row, sk_buf *out) {
        static const char *const texts[SK_WAITS] = {"not taken", "in hand", "next link",
                                                    "customer",  "schakel", "not known"};
        for (unsigned i = 0; i < SK_WAITS; i++) {
                int64_t time_us = sk_report_row_time_for(row, (sk_wait)i);
                if (time_us > 0)
                        sk_buf_add_format(out, "%s%s %.0f %%", out->len == 0 ? "" : ", ", texts[i],
                                          100.0 * (double)time_us / (double)row->total_us);
        }
}

static void put_time(const sk_report *report, sk_table *table, size_t index) {
        const sk_report_row *row = sk_figures_at(report->figures, index);
        sk_buf text = sk_buf_make(TEXT_BYTES);
        cell_label(report, table, index);
        sk_table_cell_text(table, short_long(report->session->cli, row->total_us));
        write_waits(row, &text);
        sk_table_cell(table, sk_buf_slice(&text));
        sk_buf_clear(&text);
        write_places(report, row, &text);
        sk_table_cell_text(table, "");
        sk_table_cell_text(table, "");
        sk_table_cell(table, sk_buf_slice(&text));
        sk_buf_free(&text);
}

/* Where the time of what has ended went: what it waited for, and where. */
static int print_times(const sk_report *report) {
        bool has_time = false;
        for (size_t i = 0; i < sk_figures_count(report->figures); i++)
                has_time = has_time || sk_figures_at(report->figures, i)->total_us > 0;
        if (!has_time)
                return SK_EXIT_OK;
        sk_table *table = sk_table_new(report->session->cli, time_columns, COLUMNS(time_columns));
        if (table == NULL)
                return sk_session_no_memory(report->session);
        for (size_t i = 0; i < sk_figures_count(report->figures); i++) {
                if (sk_figures_at(report->figures, i)->total_us > 0)
                        put_time(report, table, i);
        }
        sk_cli_print(report->session->cli, "\nwhere the time went, of what has ended\n");
        return sk_table_print(table);
}

/* ---- what went wrong ---- */

static void write_reason(const sk_report *report, const sk_report_part *part, sk_buf *out) {
        static const char *const texts[SK_WAITS] = {"nobody took the task", "a person had it",         "waited for",
                                                    "waited for",           "no task and no question", "not known"};
        sk_slice name = sk_report_names_at(sk_figures_names(report->figures), part->team);
        sk_buf_add_text(out, texts[part->wait]);
        if (part->wait == SK_WAIT_PROVIDER || part->wait == SK_WAIT_CUSTOMER)
                sk_buf_add_format(out, " %.*s", (int)name.len, name.at);
        else if (report->team == NULL)
                sk_buf_add_format(out, " in %.*s", (int)name.len, name.at);
}

/* All rows in one: the sum of what was missed and how calls ended early. */
static sk_err sum_up(const sk_report *report, sk_report_row *out) {
        sk_err err = SK_OK;
        for (size_t i = 0; i < sk_figures_count(report->figures) && err == SK_OK; i++) {
                const sk_report_row *row = sk_figures_at(report->figures, i);
                out->promised += row->promised;
                out->kept += row->kept;
                for (size_t n = 0; n < row->part_count && err == SK_OK; n++)
                        err = sk_report_part_add(&out->parts, &out->part_count, &out->part_room, &row->parts[n]);
                for (size_t n = 0; n < row->ending_count && err == SK_OK; n++)
                        err = sk_report_ending_add(out, &row->endings[n]);
        }
        return err;
}

static void print_missed(const sk_report *report, const sk_report_row *sum) {
        sk_cli *cli = report->session->cli;
        sk_buf text = sk_buf_make(TEXT_BYTES);
        for (size_t i = 0; i < sum->part_count; i++) {
                const sk_report_part *part = &sum->parts[i];
                if (part->missed == 0)
                        continue;
                sk_buf_add_text(&text, text.len == 0 ? "" : " · ");
                write_reason(report, part, &text);
                sk_buf_add_format(&text, " %" PRIu64, part->missed);
        }
        if (sum->promised > sum->kept)
                sk_cli_print(cli, "missed promises (%" PRIu64 "): %s\n", sum->promised - sum->kept,
                             sk_cli_safe(cli, sk_buf_slice(&text)));
        sk_buf_free(&text);
}

static void print_endings(const sk_report *report, const sk_report_row *sum) {
        sk_cli *cli = report->session->cli;
        sk_buf text = sk_buf_make(TEXT_BYTES);
        uint64_t count = 0;
        for (size_t i = 0; i < sum->ending_count; i++) {
                const sk_report_ending *ending = &sum->endings[i];
                sk_slice code = sk_report_names_at(sk_figures_names(report->figures), ending->code);
                sk_buf_add_format(&text, "%s%s", i == 0 ? "" : " · ", sk_outcome_id(ending->outcome));
                if (code.len > 0 && !sk_slice_is(code, sk_outcome_id(ending->outcome)))
                        sk_buf_add_format(&text, ": %.*s", (int)code.len, code.at);
                sk_buf_add_format(&text, " %" PRIu64, ending->count);
                count += ending->count;
        }
        if (count > 0)
                sk_cli_print(cli, "ended early (%" PRIu64 "): %s\n", count, sk_cli_safe(cli, sk_buf_slice(&text)));
        sk_buf_free(&text);
}

static int print_troubles(const sk_report *report) {
        sk_report_row sum = {0};
        sk_err err = sum_up(report, &sum);
        if (err == SK_OK && (sum.promised > sum.kept || sum.ending_count > 0)) {
                sk_cli_print(report->session->cli, "\n");
                print_missed(report, &sum);
                print_endings(report, &sum);
        }
        sk_report_row_free(&sum);
        return err == SK_OK ? SK_EXIT_OK : sk_session_no_memory(report->session);
}

/* ---- both ends ---- */

static void end_counts(const sk_end *end, sk_slice customer, sk_slice provider, uint64_t *out_closed,
                       uint64_t *out_open) {
        *out_closed = 0;
        *out_open = 0;
        for (size_t i = 0; i < sk_end_count(end); i++) {
                const sk_end_row *row = sk_end_at(end, i);
                if (!sk_slice_equal(row->customer, customer) || !sk_slice_equal(row->provider, provider))
                        continue;
                *out_closed += row->closed;
                *out_open += row->open;
        }
}

static void print_unequal(const sk_report *report) {
        sk_cli *cli = report->session->cli;
        size_t position = 0;
        sk_slice customer;
        sk_slice provider;
        while (sk_report_agreement(report, &position, &customer, &provider)) {
                uint64_t counts[4];
                if (sk_report_ends_equal(report, customer, provider))
                        continue;
                end_counts(report->provided, customer, provider, &counts[0], &counts[1]);
                end_counts(report->told, customer, provider, &counts[2], &counts[3]);
                sk_cli_print(cli,
                             "  %s > %s: %" PRIu64 " closed and %" PRIu64 " open at the provider, %" PRIu64
                             " and %" PRIu64 " at the customer\n",
                             sk_cli_safe(cli, customer), sk_cli_safe(cli, provider), counts[0], counts[1], counts[2],
                             counts[3]);
        }
}

static void print_ends(const sk_report *report) {
        sk_cli *cli = report->session->cli;
        char text[SK_DIGEST_TEXT];
        sk_digest digest = sk_end_digest(report->provided, SK_NONE, SK_NONE);
        if (sk_end_count(report->provided) == 0 && sk_end_count(report->told) == 0)
                return;
        sk_digest_format(&digest, text);
        if (sk_report_is_equal(report)) {
                sk_cli_print(cli, "%ssame figures at both ends%s (digest %.*s…)\n", sk_cli_style(cli, SK_GREEN),
                             sk_cli_style(cli, SK_PLAIN), DIGEST_SHOWN, text);
                return;
        }
        sk_cli_print(cli, "%sthe figures of both ends differ%s%s\n", sk_cli_style(cli, SK_RED),
                     sk_cli_style(cli, SK_PLAIN),
                     report->is_moving ? ", for the chain was at work; ask again when it rests" : "");
        print_unequal(report);
        if (!report->is_moving)
                sk_cli_print(cli, "  see that the links of both run; what stays apart then is worth a question\n");
}

int sk_report_print(sk_report *report) {
        sk_cli *cli = report->session->cli;
        print_title(report);
        print_ends(report);
        sk_cli_print(cli, "\n");
        if (sk_figures_count(report->figures) == 0) {
                sk_cli_print(cli, "no calls\n");
                return SK_EXIT_OK;
        }
        int status = print_rows(report);
        if (status == SK_EXIT_OK)
                status = print_times(report);
        if (status == SK_EXIT_OK)
                status = print_troubles(report);
        if (report->unreadable > 0)
                sk_cli_remark(cli, "%" PRIu64 " records could not be read and are left out", report->unreadable);
        return status;
}
