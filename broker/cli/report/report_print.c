/*
 * Reports for people.
 */
#include <inttypes.h>

#include "cli/print/table.h"
#include "cli/report/report.h"
#include "kit/when.h"

#define COLUMNS(list) (sizeof(list) / sizeof((list)[0]))
#define TEXT_BYTES ((size_t)1 << 20)
#define DIGEST_SHOWN 8

/* ---- cells ---- */

/* Lead times of machines are shorter than a second. */
const char *sk_report_long(sk_cli *cli, int64_t time_us) {
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
        sk_figures_label(report->figures, index, report->language, &label);
        sk_table_cell(table, sk_buf_slice(&label));
        sk_buf_free(&label);
}

static const sk_report_words *words_of(const sk_report *report) {
        return sk_report_words_of(report->language);
}

/* ---- the first lines ---- */

void sk_report_period_write(const sk_report *report, sk_buf *out) {
        sk_cli *cli = report->session->cli;
        const sk_report_words *words = words_of(report);
        if (sk_cli_text(cli, "month") != NULL)
                sk_buf_add_text(out, sk_cli_text(cli, "month"));
        else if (report->from_us == INT64_MIN && report->to_us == INT64_MAX)
                sk_buf_add_text(out, words->until_now);
        else if (report->from_us == INT64_MIN)
                sk_buf_add_format(out, "%s %s", words->until, sk_cli_when(cli, report->to_us));
        else if (report->to_us == INT64_MAX)
                sk_buf_add_format(out, "%s %s", words->since, sk_cli_when(cli, report->from_us));
        else
                sk_buf_add_format(out, "%s %s %s", sk_cli_when(cli, report->from_us), words->to,
                                  sk_cli_when(cli, report->to_us));
}

static void print_title(const sk_report *report) {
        sk_cli *cli = report->session->cli;
        const sk_report_words *words = words_of(report);
        sk_slice team = report->team == NULL ? sk_slice_of(words->all_teams) : sk_team_name(report->team);
        sk_buf period = sk_buf_make(TEXT_BYTES);
        sk_report_period_write(report, &period);
        sk_cli_print(cli, "%s%s%s   %s", sk_cli_style(cli, SK_BOLD), words->title, sk_cli_style(cli, SK_PLAIN),
                     sk_cli_safe(cli, team));
        if (report->customer != NULL)
                sk_cli_print(cli, " %s %s", words->for_whom, sk_cli_safe(cli, sk_team_name(report->customer)));
        if (report->workflow != 0)
                sk_cli_print(cli, "   %s %u", words->rows[SK_BY_WORKFLOW], report->workflow);
        if (sk_slice_there(report->instruction))
                sk_cli_print(cli, "   %s", sk_cli_safe(cli, report->instruction));
        sk_cli_print(cli, "   %s\n", sk_cli_safe(cli, sk_buf_slice(&period)));
        sk_buf_free(&period);
}

/* ---- tables ---- */

#define WHAT_COLUMNS 9

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
        cell_share(table, row->response_kept, row->response_promised);
        cell_share(table, row->kept, row->promised);
        sk_table_cell_text(table, has_ended ? sk_report_long(cli, sk_report_row_percentile(row, 50)) : "-");
        sk_table_cell_text(table, has_ended ? sk_report_long(cli, sk_report_row_percentile(row, 90)) : "-");
        cell_share(table, row->first_time, row->traced);
        if (longest_us == 0)
                sk_table_cell_text(table, "-");
        else
                sk_table_cell_format(table, "%.*s %.0f %%", (int)name.len, name.at,
                                     100.0 * (double)longest_us / (double)row->total_us);
}

static int print_rows(const sk_report *report) {
        const sk_report_words *words = words_of(report);
        const sk_column columns[WHAT_COLUMNS] = {
                {.title = words->rows[report->by], .shrinks = true},
                {.title = report->by == SK_BY_PROCESS ? words->runs : words->calls, .is_right = true},
                {.title = words->open, .is_right = true},
                {.title = words->responded, .is_right = true},
                {.title = words->kept, .is_right = true},
                {.title = words->median, .is_right = true},
                {.title = words->p90, .is_right = true},
                {.title = words->first_time, .is_right = true},
                {.title = words->longest_in, .shrinks = true}};
        sk_table *table = sk_table_new(report->session->cli, columns, WHAT_COLUMNS);
        if (table == NULL)
                return sk_session_no_memory(report->session);
        for (size_t i = 0; i < sk_figures_count(report->figures); i++)
                put_row(report, table, i);
        return sk_table_print(table);
}

/* The teams in which the time of a row passed, the longest first; none of which 0 % would be said. */
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
                if (best == 0 || best_us < row->total_us / 200)
                        return;
                sk_slice name = sk_report_names_at(names, best);
                sk_buf_add_format(out, "%s%.*s %.0f %%", shown == 0 ? "" : ", ", (int)name.len, name.at,
                                  100.0 * (double)best_us / (double)row->total_us);
                before_us = best_us;
                before = best;
        }
}

/* What was waited for, in the order of the method of counting; what took no time is left out. */
static void write_waits(const sk_report_words *words, const sk_report_row *row, sk_buf *out) {
        for (unsigned i = 0; i < SK_WAITS; i++) {
                int64_t time_us = sk_report_row_time_for(row, (sk_wait)i);
                if (time_us > 0)
                        sk_buf_add_format(out, "%s%s %.0f %%", out->len == 0 ? "" : ", ", words->waits[i],
                                          100.0 * (double)time_us / (double)row->total_us);
        }
}

static void put_time(const sk_report *report, sk_table *table, size_t index) {
        const sk_report_row *row = sk_figures_at(report->figures, index);
        sk_buf text = sk_buf_make(TEXT_BYTES);
        cell_label(report, table, index);
        sk_table_cell_text(table, sk_report_long(report->session->cli, row->total_us));
        write_waits(words_of(report), row, &text);
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
        const sk_column columns[] = {{.title = "", .shrinks = true},
                                     {.title = words_of(report)->time, .is_right = true},
                                     {.title = words_of(report)->for_what, .shrinks = true}};
        sk_table *table = sk_table_new(report->session->cli, columns, COLUMNS(columns));
        if (table == NULL)
                return sk_session_no_memory(report->session);
        for (size_t i = 0; i < sk_figures_count(report->figures); i++) {
                if (sk_figures_at(report->figures, i)->total_us > 0)
                        put_time(report, table, i);
        }
        sk_cli_print(report->session->cli, "\n%s\n", words_of(report)->where_time);
        return sk_table_print(table);
}

/* ---- what went wrong ---- */

/* All rows in one: the sum of what was missed and how calls ended early. */
static sk_err sum_up(const sk_report *report, sk_report_row *out) {
        sk_err err = SK_OK;
        for (size_t i = 0; i < sk_figures_count(report->figures) && err == SK_OK; i++) {
                const sk_report_row *row = sk_figures_at(report->figures, i);
                out->promised += row->promised;
                out->kept += row->kept;
                out->response_promised += row->response_promised;
                out->response_kept += row->response_kept;
                for (size_t n = 0; n < row->part_count && err == SK_OK; n++)
                        err = sk_report_part_add(&out->parts, &out->part_count, &out->part_room, &row->parts[n]);
                for (size_t n = 0; n < row->ending_count && err == SK_OK; n++)
                        err = sk_report_ending_add(out, &row->endings[n]);
        }
        return err;
}

void sk_report_causes_write(const sk_report *report, const sk_report_row *row, bool of_responses, sk_buf *out) {
        for (size_t i = 0; i < row->part_count; i++) {
                const sk_report_part *part = &row->parts[i];
                uint64_t missed = of_responses ? part->missed_responses : part->missed;
                if (missed == 0)
                        continue;
                sk_buf_add_text(out, out->len == 0 ? "" : " · ");
                sk_report_reason_write(words_of(report), part,
                                       sk_report_names_at(sk_figures_names(report->figures), part->team),
                                       report->team == NULL, out);
                sk_buf_add_format(out, " %" PRIu64, missed);
        }
}

static void print_missed(const sk_report *report, const sk_report_row *row, bool of_responses, const char *indent) {
        sk_cli *cli = report->session->cli;
        const char *what = of_responses ? words_of(report)->missed_responses : words_of(report)->missed;
        uint64_t missed = of_responses ? row->response_promised - row->response_kept : row->promised - row->kept;
        sk_buf text = sk_buf_make(TEXT_BYTES);
        sk_report_causes_write(report, row, of_responses, &text);
        if (missed > 0)
                sk_cli_print(cli, "%s%s (%" PRIu64 "): %s\n", indent, what, missed,
                             sk_cli_safe(cli, sk_buf_slice(&text)));
        sk_buf_free(&text);
}

uint64_t sk_report_endings_write(const sk_report *report, const sk_report_row *row, sk_buf *out) {
        uint64_t count = 0;
        for (size_t i = 0; i < row->ending_count; i++) {
                const sk_report_ending *ending = &row->endings[i];
                sk_slice code = sk_report_names_at(sk_figures_names(report->figures), ending->code);
                const sk_text *outcome = sk_outcome_text(ending->outcome);
                bool is_plain = report->language == SK_ENGLISH || outcome == NULL;
                sk_buf_add_text(out, i == 0 ? "" : " · ");
                sk_buf_add_text(out, is_plain ? sk_outcome_id(ending->outcome) : outcome->name[report->language]);
                if (code.len > 0 && !sk_slice_is(code, sk_outcome_id(ending->outcome)))
                        sk_buf_add_format(out, ": %.*s", (int)code.len, code.at);
                sk_buf_add_format(out, " %" PRIu64, ending->count);
                count += ending->count;
        }
        return count;
}

static void print_endings(const sk_report *report, const sk_report_row *row, const char *indent) {
        sk_cli *cli = report->session->cli;
        sk_buf text = sk_buf_make(TEXT_BYTES);
        uint64_t count = sk_report_endings_write(report, row, &text);
        if (count > 0)
                sk_cli_print(cli, "%s%s (%" PRIu64 "): %s\n", indent, words_of(report)->ended_early, count,
                             sk_cli_safe(cli, sk_buf_slice(&text)));
        sk_buf_free(&text);
}

static bool has_troubles(const sk_report_row *row) {
        return row->promised > row->kept || row->response_promised > row->response_kept || row->ending_count > 0;
}

static void print_trouble(const sk_report *report, const sk_report_row *row, const char *indent) {
        print_missed(report, row, true, indent);
        print_missed(report, row, false, indent);
        print_endings(report, row, indent);
}

/* The sum, and below it row by row where more than one has any. */
static int print_troubles(const sk_report *report) {
        sk_cli *cli = report->session->cli;
        sk_report_row sum = {0};
        size_t rows = 0;
        sk_err err = sum_up(report, &sum);
        for (size_t i = 0; i < sk_figures_count(report->figures); i++)
                rows += has_troubles(sk_figures_at(report->figures, i));
        if (err == SK_OK && rows > 0) {
                sk_cli_print(cli, "\n");
                print_trouble(report, &sum, "");
        }
        sk_report_row_free(&sum);
        for (size_t i = 0; err == SK_OK && rows > 1 && i < sk_figures_count(report->figures); i++) {
                const sk_report_row *row = sk_figures_at(report->figures, i);
                sk_buf label = sk_buf_make(TEXT_BYTES);
                sk_figures_label(report->figures, i, report->language, &label);
                if (has_troubles(row))
                        sk_cli_print(cli, "  %s\n", sk_cli_safe(cli, sk_buf_slice(&label)));
                print_trouble(report, row, "    ");
                sk_buf_free(&label);
        }
        return err == SK_OK ? SK_EXIT_OK : sk_session_no_memory(report->session);
}

/* ---- what contradicts itself ---- */

void sk_report_contradictions_write(const sk_report *report, sk_buf *out) {
        const sk_report_words *words = words_of(report);
        uint64_t unnamed = sk_register_count_of(report->touches, SK_TOUCH_UNNAMED, report->from_us, report->to_us);
        uint64_t operated = sk_register_count_of(report->touches, SK_TOUCH_OPERATED, report->from_us, report->to_us);
        if (unnamed + operated > 0)
                sk_buf_add_format(out, "%s: ", words->contradictions);
        if (unnamed > 0)
                sk_buf_add_format(out, "%" PRIu64 " %s%s", unnamed, words->unnamed, operated > 0 ? " · " : "");
        if (operated > 0)
                sk_buf_add_format(out, "%" PRIu64 " %s", operated, words->operated);
}

static void print_contradictions(const sk_report *report) {
        sk_buf text = sk_buf_make(TEXT_BYTES);
        sk_report_contradictions_write(report, &text);
        if (text.len > 0)
                sk_cli_print(report->session->cli, "\n%s\n", sk_cli_safe(report->session->cli, sk_buf_slice(&text)));
        sk_buf_free(&text);
}

/* ---- improvements ---- */

static void write_share(const sk_share *share, sk_figure_kind kind, sk_buf *out) {
        double value;
        if (!sk_share_figure(share, kind, &value))
                sk_buf_add_text(out, "-");
        else
                sk_buf_add_format(out, sk_figure_is_share(kind) ? "%.0f %%" : "%.0f", value);
}

void sk_report_effect_write(const sk_improvement *improvement, sk_buf *out) {
        if (improvement->wanted.kind != SK_FIGURE_PROMISE_KEPT)
                sk_buf_add_format(out, "%s ", sk_figure_id(improvement->wanted.kind));
        double value;
        if (improvement->wanted.has_was && !sk_share_figure(&improvement->before, improvement->wanted.kind, &value))
                sk_buf_add_format(out, sk_figure_is_share(improvement->wanted.kind) ? "%.0f %%" : "%.0f",
                                  improvement->wanted.was); /* no whole day lies before it */
        else
                write_share(&improvement->before, improvement->wanted.kind, out);
        sk_buf_add_text(out, " > ");
        write_share(&improvement->after, improvement->wanted.kind, out);
}

static void put_improvement(const sk_report *report, sk_table *table, const sk_improvement *improvement) {
        sk_cli *cli = report->session->cli;
        char id[SK_ID_TEXT];
        sk_buf text = sk_buf_make(TEXT_BYTES);
        bool is_open = improvement->closed_us == 0;
        sk_id_format(&improvement->id, id);
        sk_table_cell(table, (sk_slice){id + SK_ID_TEXT - SK_REPORT_ID_SHOWN, SK_REPORT_ID_SHOWN});
        sk_table_cell(table, improvement->facility);
        sk_table_cell(table, improvement->need);
        sk_table_cell_text(table, sk_cli_when(cli, improvement->opened_us));
        sk_table_cell_text(table, is_open ? words_of(report)->still_open : sk_outcome_id(improvement->outcome));
        sk_report_effect_write(improvement, &text);
        sk_table_cell(table, sk_buf_slice(&text));
        sk_buf_free(&text);
}

static int print_improvements(const sk_report *report) {
        const sk_report_words *words = words_of(report);
        const sk_column columns[] = {{.title = words->call},         {.title = words->facility},
                                     {.title = "", .shrinks = true}, {.title = words->started},
                                     {.title = words->outcome},      {.title = words->effect}};
        if (sk_report_effects_count(report->effects) == 0)
                return SK_EXIT_OK;
        sk_table *table = sk_table_new(report->session->cli, columns, COLUMNS(columns));
        if (table == NULL)
                return sk_session_no_memory(report->session);
        sk_cli_print(report->session->cli, "\n%s\n", words->improvements);
        for (size_t i = 0; i < sk_report_effects_count(report->effects); i++)
                put_improvement(report, table, sk_report_effects_at(report->effects, i));
        return sk_table_print(table);
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
                sk_buf line = sk_buf_make(TEXT_BYTES);
                sk_buf_add_format(&line, "  %.*s > %.*s: ", (int)customer.len, customer.at, (int)provider.len,
                                  provider.at);
                sk_report_ends_write(words_of(report), counts, &line);
                sk_cli_print(cli, "%s\n", sk_cli_safe(cli, sk_buf_slice(&line)));
                sk_buf_free(&line);
        }
}

static void print_ends(const sk_report *report) {
        sk_cli *cli = report->session->cli;
        char text[SK_DIGEST_TEXT];
        sk_digest digest = sk_end_digest(report->provided, SK_NONE, SK_NONE);
        const sk_report_words *words = words_of(report);
        bool has_none = sk_end_count(report->provided) == 0 && sk_end_count(report->told) == 0;
        if (has_none || !sk_report_is_comparable(report))
                return;
        sk_digest_format(&digest, text);
        if (sk_report_is_equal(report)) {
                sk_cli_print(cli, "%s%s%s (%s %.*s…)\n", sk_cli_style(cli, SK_GREEN), words->same_figures,
                             sk_cli_style(cli, SK_PLAIN), words->digest, DIGEST_SHOWN, text);
                return;
        }
        sk_cli_print(cli, "%s%s%s%s\n", sk_cli_style(cli, SK_RED), words->differ, sk_cli_style(cli, SK_PLAIN),
                     report->is_moving ? words->at_work : "");
        print_unequal(report);
        if (!report->is_moving)
                sk_cli_print(cli, "  %s\n", words->ask);
}

int sk_report_print(sk_report *report) {
        sk_cli *cli = report->session->cli;
        print_title(report);
        print_ends(report);
        sk_cli_print(cli, "\n");
        if (sk_figures_count(report->figures) == 0) {
                sk_cli_print(cli, "%s\n", words_of(report)->no_calls);
                return SK_EXIT_OK;
        }
        int status = print_rows(report);
        if (status == SK_EXIT_OK)
                status = print_times(report);
        if (status == SK_EXIT_OK)
                status = print_troubles(report);
        if (status == SK_EXIT_OK)
                status = print_improvements(report);
        if (status == SK_EXIT_OK)
                print_contradictions(report);
        if (report->unreadable > 0)
                sk_cli_remark(cli, "%" PRIu64 " records could not be read and are left out", report->unreadable);
        return status;
}
