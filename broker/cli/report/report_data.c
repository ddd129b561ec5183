/*
 * Reports for programs: JSON and CSV.
 */
#include <inttypes.h>

#include "cli/print/csv.h"
#include "cli/print/escape.h"
#include "cli/print/output.h"
#include "cli/report/report.h"

#define CSV_BYTES ((size_t)64 << 20)
#define TEXT_BYTES ((size_t)1 << 20)
#define SECOND 1e6

/* ---- JSON ---- */

static void json_parts(const sk_report_row *row, const sk_report_names *names, sk_json_writer *json) {
        sk_json_open_array(json, "time");
        for (size_t i = 0; i < row->part_count; i++) {
                const sk_report_part *part = &row->parts[i];
                sk_json_open_object(json, NULL);
                sk_json_put_cstr(json, "waits_for", sk_wait_id(part->wait));
                sk_json_put_text(json, "in", sk_report_names_at(names, part->team));
                sk_json_put_double(json, "s", (double)part->time_us / SECOND);
                sk_json_put_int(json, "missed", (int64_t)part->missed);
                sk_json_put_int(json, "missed_responses", (int64_t)part->missed_responses);
                sk_json_close_object(json);
        }
        sk_json_close_array(json);
        sk_json_open_array(json, "ended_early");
        for (size_t i = 0; i < row->ending_count; i++) {
                sk_json_open_object(json, NULL);
                sk_json_put_cstr(json, "outcome", sk_outcome_id(row->endings[i].outcome));
                sk_json_put_optional(json, "code", sk_report_names_at(names, row->endings[i].code));
                sk_json_put_int(json, "calls", (int64_t)row->endings[i].count);
                sk_json_close_object(json);
        }
        sk_json_close_array(json);
}

static void json_shares(sk_report_row *row, const sk_report_names *names, sk_json_writer *json) {
        int64_t longest_us;
        uint32_t longest = sk_report_row_longest(row, &longest_us);
        if (row->promised > 0)
                sk_json_put_double(json, "kept_share", (double)row->kept / (double)row->promised);
        sk_json_put_int(json, "first_time_right", (int64_t)row->first_time);
        sk_json_put_int(json, "first_time_of", (int64_t)row->traced);
        if (row->closed > 0) {
                sk_json_put_double(json, "median_s", (double)sk_report_row_percentile(row, 50) / SECOND);
                sk_json_put_double(json, "p90_s", (double)sk_report_row_percentile(row, 90) / SECOND);
        }
        sk_json_put_double(json, "time_s", (double)row->total_us / SECOND);
        if (longest_us > 0) {
                sk_json_open_object(json, "longest_in");
                sk_json_put_text(json, "team", sk_report_names_at(names, longest));
                sk_json_put_double(json, "share", (double)longest_us / (double)row->total_us);
                sk_json_close_object(json);
        }
}

static void json_row(const sk_report *report, size_t index, sk_json_writer *json) {
        sk_report_row *row = sk_figures_at(report->figures, index);
        const sk_report_names *names = sk_figures_names(report->figures);
        unsigned number = sk_figures_number(report->figures, index);
        sk_buf label = sk_buf_make(TEXT_BYTES);
        sk_figures_label(report->figures, index, report->language, &label);
        sk_json_open_object(json, NULL);
        sk_json_put_text(json, "name", sk_buf_slice(&label));
        if (number > 0)
                sk_json_put_int(json, "number", number);
        sk_json_put_int(json, "calls", (int64_t)(row->closed + row->open));
        sk_json_put_int(json, "open", (int64_t)row->open);
        sk_json_put_int(json, "closed", (int64_t)row->closed);
        for (unsigned i = SK_COMPLETED; i <= SK_FAILED; i++)
                sk_json_put_int(json, sk_outcome_id((sk_outcome)i), (int64_t)row->outcomes[i]);
        sk_json_put_int(json, "promised", (int64_t)row->promised);
        sk_json_put_int(json, "kept", (int64_t)row->kept);
        sk_json_put_int(json, "response_promised", (int64_t)row->response_promised);
        sk_json_put_int(json, "response_kept", (int64_t)row->response_kept);
        json_shares(row, names, json);
        json_parts(row, names, json);
        sk_json_close_object(json);
        sk_buf_free(&label);
}

static void json_end(const sk_end *end, const char *name, sk_slice customer, sk_slice provider, sk_json_writer *json) {
        sk_json_open_array(json, name);
        for (size_t i = 0; i < sk_end_count(end); i++) {
                const sk_end_row *row = sk_end_at(end, i);
                if (!sk_slice_equal(row->customer, customer) || !sk_slice_equal(row->provider, provider))
                        continue;
                sk_json_open_object(json, NULL);
                sk_json_put_cstr(json, "type", row->type < SK_CALL_TYPES ? sk_call_type_id(row->type) : "unknown");
                sk_json_put_int(json, "closed", (int64_t)row->closed);
                sk_json_put_int(json, "open", (int64_t)row->open);
                for (unsigned n = SK_COMPLETED; n <= SK_FAILED; n++)
                        sk_json_put_int(json, sk_outcome_id((sk_outcome)n), (int64_t)row->outcomes[n]);
                sk_json_put_int(json, "promised", (int64_t)row->promised);
                sk_json_put_int(json, "kept", (int64_t)row->kept);
                sk_json_put_int(json, "response_promised", (int64_t)row->response_promised);
                sk_json_put_int(json, "response_kept", (int64_t)row->response_kept);
                sk_json_put_double(json, "median_s", (double)row->median_us / SECOND);
                sk_json_put_double(json, "p90_s", (double)row->p90_us / SECOND);
                sk_json_put_double(json, "lead_s", (double)row->lead_us / SECOND);
                sk_json_put_double(json, "stopped_s", (double)row->stopped_us / SECOND);
                sk_json_close_object(json);
        }
        sk_json_close_array(json);
}

static void json_share(sk_json_writer *json, const char *name, const sk_share *share, sk_figure_kind kind) {
        double value;
        sk_json_open_object(json, name);
        sk_json_put_int(json, "closed", (int64_t)share->closed);
        sk_json_put_int(json, "promised", (int64_t)share->promised);
        sk_json_put_int(json, "kept", (int64_t)share->kept);
        if (sk_share_figure(share, kind, &value))
                sk_json_put_double(json, "value", value);
        sk_json_close_object(json);
}

static void json_improvements(const sk_report *report, sk_json_writer *json) {
        sk_json_open_array(json, "improvements");
        for (size_t i = 0; i < sk_report_effects_count(report->effects); i++) {
                const sk_improvement *improvement = sk_report_effects_at(report->effects, i);
                sk_json_open_object(json, NULL);
                sk_json_put_id(json, "call", &improvement->id);
                sk_json_put_text(json, "team", improvement->team);
                sk_json_put_optional(json, "facility", improvement->facility);
                sk_json_put_optional(json, "need", improvement->need);
                if (improvement->workflow > 0)
                        sk_json_put_int(json, "workflow", improvement->workflow);
                sk_json_put_time(json, "opened", improvement->opened_us);
                if (improvement->closed_us != 0) {
                        sk_json_put_time(json, "closed", improvement->closed_us);
                        sk_json_put_cstr(json, "outcome", sk_outcome_id(improvement->outcome));
                }
                sk_json_put_cstr(json, "figure", sk_figure_id(improvement->wanted.kind));
                sk_json_put_int(json, "over_days", improvement->wanted.days);
                json_share(json, "before", &improvement->before, improvement->wanted.kind);
                json_share(json, "after", &improvement->after, improvement->wanted.kind);
                sk_json_close_object(json);
        }
        sk_json_close_array(json);
}

static void put_digest(sk_json_writer *json, const char *name, const sk_end *end, sk_slice customer,
                       sk_slice provider) {
        char text[SK_DIGEST_TEXT];
        sk_digest digest = sk_end_digest(end, customer, provider);
        sk_digest_format(&digest, text);
        sk_json_put_text(json, name, (sk_slice){text, SK_DIGEST_TEXT});
}

static void json_ends(const sk_report *report, sk_json_writer *json) {
        size_t position = 0;
        sk_slice customer;
        sk_slice provider;
        sk_json_open_object(json, "ends");
        sk_json_put_bool(json, "equal", sk_report_is_equal(report));
        sk_json_put_bool(json, "comparable", sk_report_is_comparable(report));
        sk_json_put_bool(json, "moving", report->is_moving);
        put_digest(json, "provider_digest", report->provided, SK_NONE, SK_NONE);
        put_digest(json, "customer_digest", report->told, SK_NONE, SK_NONE);
        sk_json_open_array(json, "agreements");
        while (sk_report_is_comparable(report) && sk_report_agreement(report, &position, &customer, &provider)) {
                sk_json_open_object(json, NULL);
                sk_json_put_text(json, "customer", customer);
                sk_json_put_text(json, "provider", provider);
                sk_json_put_bool(json, "equal", sk_report_ends_equal(report, customer, provider));
                put_digest(json, "provider_digest", report->provided, customer, provider);
                put_digest(json, "customer_digest", report->told, customer, provider);
                json_end(report->provided, "at_provider", customer, provider, json);
                json_end(report->told, "at_customer", customer, provider, json);
                sk_json_close_object(json);
        }
        sk_json_close_array(json);
        sk_json_close_object(json);
}

int sk_report_print_json(sk_report *report) {
        sk_cli *cli = report->session->cli;
        sk_json_writer *json = sk_cli_json_begin(cli);
        sk_json_open_object(json, NULL);
        sk_json_put_optional(json, "team", report->team == NULL ? SK_NONE : sk_team_name(report->team));
        sk_json_put_optional(json, "customer", report->customer == NULL ? SK_NONE : sk_team_name(report->customer));
        if (report->from_us != INT64_MIN)
                sk_json_put_time(json, "from", report->from_us);
        if (report->to_us != INT64_MAX)
                sk_json_put_time(json, "to", report->to_us);
        sk_json_put_cstr(json, "by", sk_report_by_id(report->by));
        sk_json_put_int(json, "unreadable", (int64_t)report->unreadable);
        sk_json_open_array(json, "rows");
        for (size_t i = 0; i < sk_figures_count(report->figures); i++)
                json_row(report, i, json);
        sk_json_close_array(json);
        if (report->is_list)
                sk_report_list_json(report, json);
        json_improvements(report, json);
        sk_json_open_object(json, "contradictions");
        sk_json_put_int(
                json, "changes_without_component",
                (int64_t)sk_register_count_of(report->touches, SK_TOUCH_UNNAMED, report->from_us, report->to_us));
        sk_json_put_int(
                json, "operate_with_component",
                (int64_t)sk_register_count_of(report->touches, SK_TOUCH_OPERATED, report->from_us, report->to_us));
        sk_json_close_object(json);
        json_ends(report, json);
        sk_json_close_object(json);
        return sk_cli_json_end(cli);
}

/* ---- CSV ---- */

void sk_report_csv_cell(sk_buf *out, sk_slice text, char behind) {
        sk_buf safe = sk_buf_make(TEXT_BYTES);
        sk_escape(&safe, text);
        bool is_hidden = sk_csv_is_formula(text) && !sk_csv_is_formula(sk_buf_slice(&safe));
        sk_buf_clear(&safe);
        if (is_hidden) /* what begins with a tab is guarded all the same */
                sk_buf_add_byte(&safe, '\'');
        sk_escape(&safe, text);
        sk_csv_put(out, sk_buf_slice(&safe), behind);
        if (safe.err != SK_OK)
                out->err = SK_ERR_NO_MEMORY;
        sk_buf_free(&safe);
}

static void cell_text(sk_buf *out, const char *text) {
        sk_report_csv_cell(out, sk_slice_of(text), ',');
}

static void cell_count(sk_buf *out, uint64_t count) {
        sk_buf_add_format(out, "%" PRIu64 ",", count);
}

static void cell_seconds(sk_buf *out, int64_t time_us) {
        sk_buf_add_format(out, "%" PRId64 ".%06" PRId64 ",", time_us / 1000000, time_us % 1000000);
}

/* Names of the teams in which time passed, in the order in which they were met, as columns of their own. */
static bool is_place(const sk_report *report, uint32_t team) {
        for (size_t i = 0; i < sk_figures_count(report->figures); i++) {
                const sk_report_row *row = sk_figures_at(report->figures, i);
                for (size_t n = 0; n < row->part_count; n++) {
                        if (row->parts[n].team == team)
                                return true;
                }
        }
        return false;
}

static bool next_place(const sk_report *report, uint32_t *team) {
        const sk_report_names *names = sk_figures_names(report->figures);
        while (++*team <= sk_report_names_count(names)) {
                if (is_place(report, *team))
                        return true;
        }
        return false;
}

static void csv_titles(const sk_report *report, sk_buf *out) {
        static const char *const titles[] = {"team",
                                             "customer",
                                             "by",
                                             "number",
                                             "name",
                                             "calls",
                                             "open",
                                             "closed",
                                             "completed",
                                             "declined",
                                             "withdrawn",
                                             "failed",
                                             "promised",
                                             "kept",
                                             "response_promised",
                                             "response_kept",
                                             "first_time_right",
                                             "first_time_of",
                                             "median_s",
                                             "p90_s",
                                             "time_s"};
        char title[128];
        for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
                cell_text(out, titles[i]);
        for (unsigned i = 0; i < SK_WAITS; i++) {
                snprintf(title, sizeof(title), "waits_for_%s_s", sk_wait_id((sk_wait)i));
                cell_text(out, title);
        }
        for (uint32_t team = 0; next_place(report, &team);) {
                sk_slice name = sk_report_names_at(sk_figures_names(report->figures), team);
                snprintf(title, sizeof(title), "in_%.*s_s", (int)(name.len < 100 ? name.len : 100), name.at);
                cell_text(out, title);
        }
        sk_report_csv_cell(out, SK_SLICE("ended_early"), '\n');
}

static void csv_endings(const sk_report_row *row, const sk_report_names *names, sk_buf *out) {
        sk_buf text = sk_buf_make(TEXT_BYTES);
        for (size_t i = 0; i < row->ending_count; i++) {
                const sk_report_ending *ending = &row->endings[i];
                sk_slice code = sk_report_names_at(names, ending->code);
                sk_buf_add_format(&text, "%s%s%s%.*s %" PRIu64, i == 0 ? "" : "; ", sk_outcome_id(ending->outcome),
                                  code.len == 0 ? "" : " ", (int)code.len, code.at, ending->count);
        }
        sk_report_csv_cell(out, sk_buf_slice(&text), '\n');
        sk_buf_free(&text);
}

static void csv_about(const sk_report *report, size_t index, sk_buf *out) {
        unsigned number = sk_figures_number(report->figures, index);
        sk_buf label = sk_buf_make(TEXT_BYTES);
        sk_report_csv_cell(out, report->team == NULL ? SK_SLICE("") : sk_team_name(report->team), ',');
        sk_report_csv_cell(out, report->customer == NULL ? SK_SLICE("") : sk_team_name(report->customer), ',');
        cell_text(out, sk_report_by_id(report->by));
        if (number > 0)
                cell_count(out, number);
        else
                cell_text(out, "");
        sk_figures_label(report->figures, index, report->language, &label);
        sk_report_csv_cell(out, sk_buf_slice(&label), ',');
        sk_buf_free(&label);
}

static void csv_row(const sk_report *report, size_t index, sk_buf *out) {
        sk_report_row *row = sk_figures_at(report->figures, index);
        csv_about(report, index, out);
        cell_count(out, row->closed + row->open);
        cell_count(out, row->open);
        cell_count(out, row->closed);
        for (unsigned i = SK_COMPLETED; i <= SK_FAILED; i++)
                cell_count(out, row->outcomes[i]);
        cell_count(out, row->promised);
        cell_count(out, row->kept);
        cell_count(out, row->response_promised);
        cell_count(out, row->response_kept);
        cell_count(out, row->first_time);
        cell_count(out, row->traced);
        cell_seconds(out, sk_report_row_percentile(row, 50));
        cell_seconds(out, sk_report_row_percentile(row, 90));
        cell_seconds(out, row->total_us);
        for (unsigned i = 0; i < SK_WAITS; i++)
                cell_seconds(out, sk_report_row_time_for(row, (sk_wait)i));
        for (uint32_t team = 0; next_place(report, &team);)
                cell_seconds(out, sk_report_row_time_in(row, team));
        csv_endings(row, sk_figures_names(report->figures), out);
}

int sk_report_print_csv(sk_report *report) {
        sk_buf out = sk_buf_make(CSV_BYTES);
        if (report->is_list) {
                sk_report_list_csv(report, &out);
        } else {
                csv_titles(report, &out);
                for (size_t i = 0; i < sk_figures_count(report->figures); i++)
                        csv_row(report, i, &out);
        }
        int status = out.err == SK_OK ? sk_output_write(report->session->cli, sk_buf_slice(&out))
                                      : sk_session_no_memory(report->session);
        sk_buf_free(&out);
        return status;
}
