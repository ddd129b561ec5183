/*
 * Reports as a page: one file that needs nothing else, for a browser and for paper.
 */
#include <inttypes.h>

#include "cli/print/chart.h"
#include "cli/print/output.h"
#include "cli/report/report.h"

#define PAGE_BYTES ((size_t)256 << 20)
#define TEXT_BYTES ((size_t)64 << 10)
#define PARTS_MAX 512u
#define DIGEST_SHOWN 8

static const char style[] =
        "body{font:15px/1.45 \"DejaVu "
        "Sans\",Verdana,Helvetica,Arial,sans-serif;color:#1a1a1a;max-width:62em;margin:2em "
        "auto;padding:0 1em}h1{font-size:1.7em;margin:0}h2{font-size:1.25em;border-bottom:2px solid #1f3f77;margin:2em "
        "0 "
        ".6em;padding-bottom:.2em}h3{font-size:1em;margin:1.2em 0 .3em}.sub{color:#444;margin:.2em 0 "
        "1.5em}table{border-"
        "collapse:collapse;width:100%;margin:.6em 0}th,td{text-align:left;padding:.3em .7em .3em 0;border-bottom:1px "
        "solid "
        "#d5d5d5;vertical-align:top}th{font-weight:600;color:#444;font-size:.88em}td.n,th.n{text-align:right;font-"
        "variant-"
        "numeric:tabular-nums}td.late{font-weight:bold}td.n{white-space:nowrap}h2+table{break-inside:avoid}svg{display:"
        "block;max-width:100%;height:auto}svg.share{display:"
        "inline-"
        "block;vertical-align:middle;margin-left:.5em}svg.swatch{display:inline-block}.legend{list-style:none;padding:"
        "0;margin:"
        ".3em 0;display:flex;flex-wrap:wrap;gap:.2em 1.4em;font-size:.88em}.warn{font-weight:bold}details{margin:.5em "
        "0}"
        "summary{cursor:pointer}@page{size:A4;margin:16mm}@media "
        "print{body{font-size:10pt;margin:0;max-width:none}h2,h3"
        "{break-after:avoid}tr,svg,.legend{break-inside:avoid}section{break-inside:auto}a{color:inherit}}";

typedef struct page {
        sk_report *report;
        const sk_report_words *words;
        sk_cli *cli;
        sk_xml xml;
} page;

/* ---- pieces ---- */

static void put_cell(page *put, const char *name, const char *class_name, sk_slice text) {
        sk_xml_element(&put->xml, name, class_name, text);
}

static void put_number(page *put, uint64_t number) {
        sk_xml_open(&put->xml, "td");
        sk_xml_attribute(&put->xml, "class", "n");
        sk_xml_format(&put->xml, "%" PRIu64, number);
        sk_xml_close(&put->xml);
}

static void put_share(page *put, uint64_t part, uint64_t of) {
        sk_xml_open(&put->xml, "td");
        sk_xml_attribute(&put->xml, "class", "n");
        if (of == 0) {
                sk_xml_cstr(&put->xml, "–");
        } else {
                sk_xml_format(&put->xml, "%.0f %%", 100.0 * (double)part / (double)of);
                sk_chart_share(&put->xml, part, of);
        }
        sk_xml_close(&put->xml);
}

static void put_time(page *put, bool is_there, int64_t time_us) {
        put_cell(put, "td", "n", sk_slice_of(is_there ? sk_report_long(put->cli, time_us) : "–"));
}

/* ---- the summary ---- */

static void put_titles(page *put, const char *first) {
        const sk_report_words *words = put->words;
        const char *const titles[] = {words->calls,  words->open, words->responded, words->kept,
                                      words->median, words->p90,  words->first_time};
        sk_xml_open(&put->xml, "tr");
        put_cell(put, "th", NULL, sk_slice_of(first));
        for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
                put_cell(put, "th", "n", sk_slice_of(titles[i]));
        sk_xml_close(&put->xml);
}

static void put_figures(page *put, sk_report_row *row) {
        bool has_ended = row->closed > 0;
        put_number(put, row->closed + row->open);
        put_number(put, row->open);
        put_share(put, row->response_kept, row->response_promised);
        put_share(put, row->kept, row->promised);
        put_time(put, has_ended, has_ended ? sk_report_row_percentile(row, 50) : 0);
        put_time(put, has_ended, has_ended ? sk_report_row_percentile(row, 90) : 0);
        put_share(put, row->first_time, row->traced);
}

static void put_label(page *put, const char *name, size_t index) {
        sk_buf label = sk_buf_make(TEXT_BYTES);
        sk_figures_label(put->report->figures, index, put->report->language, &label);
        put_cell(put, name, NULL, sk_buf_slice(&label));
        sk_buf_free(&label);
}

static void put_summary(page *put) {
        sk_xml_open(&put->xml, "table");
        put_titles(put, put->words->rows[put->report->by]);
        for (size_t i = 0; i < sk_figures_count(put->report->figures); i++) {
                sk_xml_open(&put->xml, "tr");
                put_label(put, "td", i);
                put_figures(put, sk_figures_at(put->report->figures, i));
                sk_xml_close(&put->xml);
        }
        sk_xml_close(&put->xml);
}

/* ---- a section ---- */

/* Where the time went: for what, and at whom. The names are made here and live until the chart is drawn. */
static void put_times(page *put, const sk_report_row *row) {
        sk_chart_part parts[PARTS_MAX];
        sk_buf names[PARTS_MAX];
        size_t count = 0;
        for (size_t i = 0; i < row->part_count && count < PARTS_MAX; i++) {
                const sk_report_part *part = &row->parts[i];
                sk_slice team = sk_report_names_at(sk_figures_names(put->report->figures), part->team);
                if (part->time_us == 0)
                        continue;
                names[count] = sk_buf_make(TEXT_BYTES);
                sk_buf_add_format(&names[count], "%s: %.*s", put->words->waits[part->wait], (int)team.len, team.at);
                parts[count] = (sk_chart_part){sk_buf_slice(&names[count]), part->time_us};
                count++;
        }
        if (count > 0) {
                put_cell(put, "h3", NULL, sk_slice_of(put->words->where_time));
                sk_chart_stack(&put->xml, parts, count, "…");
        }
        for (size_t i = 0; i < count; i++)
                sk_buf_free(&names[i]);
}

static void put_line(page *put, const char *title, uint64_t count, sk_slice text) {
        sk_xml_open(&put->xml, "p");
        sk_xml_open(&put->xml, "b");
        sk_xml_format(&put->xml, "%s (%" PRIu64 "): ", title, count);
        sk_xml_close(&put->xml);
        sk_xml_text(&put->xml, text);
        sk_xml_close(&put->xml);
}

static void put_missed(page *put, const sk_report_row *row, bool of_responses) {
        uint64_t missed = of_responses ? row->response_promised - row->response_kept : row->promised - row->kept;
        sk_buf text = sk_buf_make(TEXT_BYTES);
        sk_report_causes_write(put->report, row, of_responses, &text);
        if (missed > 0)
                put_line(put, of_responses ? put->words->missed_responses : put->words->missed, missed,
                         sk_buf_slice(&text));
        sk_buf_free(&text);
}

static void put_troubles(page *put, const sk_report_row *row) {
        sk_buf text = sk_buf_make(TEXT_BYTES);
        put_missed(put, row, true);
        put_missed(put, row, false);
        uint64_t count = sk_report_endings_write(put->report, row, &text);
        if (count > 0)
                put_line(put, put->words->ended_early, count, sk_buf_slice(&text));
        sk_buf_free(&text);
}

/* ---- work instructions and their calls ---- */

static const char *kept_text(const page *put, const sk_detail_call *call) {
        if (call->is_open || !call->is_promised)
                return "–";
        return call->is_kept ? put->words->kept : put->words->late;
}

static void put_cause(page *put, const sk_detail_call *call) {
        sk_buf text = sk_buf_make(TEXT_BYTES);
        sk_slice team = sk_report_names_at(sk_figures_names(put->report->figures), call->cause.team);
        if (call->cause.team != 0)
                sk_report_reason_write(put->words, &call->cause, team, put->report->team == NULL, &text);
        put_cell(put, "td", NULL, sk_buf_slice(&text));
        sk_buf_free(&text);
}

static void put_call(page *put, const sk_detail_call *call) {
        char id[SK_ID_TEXT];
        const sk_text *outcome = sk_outcome_text(call->outcome);
        bool is_late = call->is_promised && !call->is_kept;
        sk_id_format(&call->id, id);
        sk_xml_open(&put->xml, "tr");
        sk_xml_open(&put->xml, "td");
        sk_xml_attribute_slice(&put->xml, "title", (sk_slice){id, SK_ID_TEXT});
        sk_xml_text(&put->xml, (sk_slice){id + SK_ID_TEXT - SK_REPORT_ID_SHOWN, SK_REPORT_ID_SHOWN});
        sk_xml_close(&put->xml);
        put_cell(put, "td", NULL, call->facility);
        put_cell(put, "td", NULL, call->customer);
        put_cell(put, "td", NULL, sk_slice_of(sk_cli_when(put->cli, call->opened_us)));
        put_time(put, !call->is_open, call->lead_us);
        put_cell(put, "td", is_late ? "late" : NULL, sk_slice_of(kept_text(put, call)));
        if (call->is_open)
                put_cell(put, "td", NULL, sk_slice_of(put->words->open));
        else
                put_cell(put, "td", NULL,
                         sk_slice_of(outcome == NULL ? sk_outcome_id(call->outcome)
                                                     : outcome->name[put->report->language]));
        put_cause(put, call);
        sk_xml_close(&put->xml);
        sk_cli_forget(put->cli);
}

static void put_calls(page *put, const sk_detail *detail) {
        const sk_report_words *words = put->words;
        const char *const titles[] = {words->call, words->facility, words->customer, words->opened,
                                      words->lead, words->promises, words->outcome,  words->cause};
        sk_xml_open(&put->xml, "table");
        sk_xml_open(&put->xml, "tr");
        for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
                put_cell(put, "th", i == 4 ? "n" : NULL, sk_slice_of(titles[i]));
        sk_xml_close(&put->xml);
        for (size_t i = 0; i < detail->call_count; i++)
                put_call(put, &detail->calls[i]);
        sk_xml_close(&put->xml);
        if (detail->left_out == 0)
                return;
        sk_xml_open(&put->xml, "p");
        sk_xml_format(&put->xml, "+%" PRIu64 " %s", detail->left_out, words->more);
        sk_xml_close(&put->xml);
}

static void put_detail(page *put, sk_detail *detail) {
        sk_buf label = sk_buf_make(TEXT_BYTES);
        sk_report_label_instruction(detail->instruction, put->report->language, &label);
        sk_xml_open(&put->xml, "details");
        sk_xml_open(&put->xml, "summary");
        sk_xml_text(&put->xml, sk_buf_slice(&label));
        sk_xml_format(&put->xml, ": %" PRIu64 " %s", detail->row.closed + detail->row.open, put->words->calls);
        if (detail->row.promised > 0)
                sk_xml_format(&put->xml, ", %.0f %% %s",
                              100.0 * (double)detail->row.kept / (double)detail->row.promised, put->words->kept);
        if (detail->row.closed > 0)
                sk_xml_format(&put->xml, ", %s %s", put->words->median,
                              sk_report_long(put->cli, sk_report_row_percentile(&detail->row, 50)));
        sk_xml_close(&put->xml);
        put_calls(put, detail);
        sk_xml_close(&put->xml);
        sk_buf_free(&label);
}

/* The label of what the detail belongs to is that of the row. */
static bool belongs(page *put, const sk_detail *detail, size_t index) {
        unsigned number = sk_figures_number(put->report->figures, index);
        sk_buf row = sk_buf_make(TEXT_BYTES);
        sk_buf own = sk_buf_make(TEXT_BYTES);
        sk_figures_label(put->report->figures, index, SK_ENGLISH, &row);
        sk_report_label_undecided(detail->type, SK_ENGLISH, &own);
        bool is_same =
                detail->workflow == number && (number != 0 || sk_slice_equal(sk_buf_slice(&row), sk_buf_slice(&own)));
        sk_buf_free(&row);
        sk_buf_free(&own);
        return is_same;
}

static void put_details(page *put, size_t index) {
        sk_report_details *details = put->report->details;
        bool is_first = true;
        for (size_t i = 0; details != NULL && i < sk_report_details_count(details); i++) {
                sk_detail *detail = sk_report_details_at(details, i);
                if (!belongs(put, detail, index))
                        continue;
                if (is_first)
                        put_cell(put, "h3", NULL, sk_slice_of(put->words->rows[SK_BY_INSTRUCTION]));
                is_first = false;
                put_detail(put, detail);
        }
}

static void put_section(page *put, size_t index) {
        sk_report_row *row = sk_figures_at(put->report->figures, index);
        sk_xml_open(&put->xml, "section");
        put_label(put, "h2", index);
        sk_xml_open(&put->xml, "table");
        put_titles(put, "");
        sk_xml_open(&put->xml, "tr");
        put_cell(put, "td", NULL, SK_SLICE(""));
        put_figures(put, row);
        sk_xml_close(&put->xml);
        sk_xml_close(&put->xml);
        put_times(put, row);
        if (row->lead_count > 0) {
                put_cell(put, "h3", NULL, sk_slice_of(put->words->lead_times));
                sk_chart_durations(&put->xml, row->leads, row->lead_count);
        }
        put_troubles(put, row);
        put_details(put, index);
        sk_xml_close(&put->xml);
}

/* ---- improvements ---- */

static void put_improvement(page *put, const sk_improvement *improvement) {
        const sk_text *outcome = sk_outcome_text(improvement->outcome);
        sk_buf effect = sk_buf_make(TEXT_BYTES);
        bool is_open = improvement->closed_us == 0;
        sk_report_effect_write(improvement, &effect);
        sk_xml_open(&put->xml, "tr");
        put_cell(put, "td", NULL, improvement->need);
        put_cell(put, "td", NULL, improvement->facility);
        put_cell(put, "td", NULL, sk_slice_of(sk_cli_when(put->cli, improvement->opened_us)));
        put_cell(put, "td", NULL,
                 sk_slice_of(is_open || outcome == NULL ? put->words->still_open
                                                        : outcome->name[put->report->language]));
        put_cell(put, "td", "n", sk_buf_slice(&effect));
        sk_xml_close(&put->xml);
        sk_buf_free(&effect);
}

static void put_improvements(page *put) {
        const sk_report_words *words = put->words;
        const char *const titles[] = {"", words->facility, words->started, words->outcome, words->effect};
        if (sk_report_effects_count(put->report->effects) == 0)
                return;
        sk_xml_open(&put->xml, "section");
        put_cell(put, "h2", NULL, sk_slice_of(words->improvements));
        sk_xml_open(&put->xml, "table");
        sk_xml_open(&put->xml, "tr");
        for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
                put_cell(put, "th", i == 4 ? "n" : NULL, sk_slice_of(titles[i]));
        sk_xml_close(&put->xml);
        for (size_t i = 0; i < sk_report_effects_count(put->report->effects); i++)
                put_improvement(put, sk_report_effects_at(put->report->effects, i));
        sk_xml_close(&put->xml);
        sk_xml_close(&put->xml);
}

/* ---- the whole ---- */

static void put_ends(page *put) {
        const sk_report *report = put->report;
        char text[SK_DIGEST_TEXT];
        sk_digest digest = sk_end_digest(report->provided, SK_NONE, SK_NONE);
        if (!sk_report_is_comparable(report))
                return;
        sk_digest_format(&digest, text);
        sk_xml_open(&put->xml, "p");
        if (sk_report_is_equal(report)) {
                sk_xml_format(&put->xml, "%s (%s %.*s…)", put->words->same_figures, put->words->digest, DIGEST_SHOWN,
                              text);
        } else {
                sk_xml_attribute(&put->xml, "class", "warn");
                sk_xml_format(&put->xml, "%s%s", put->words->differ, report->is_moving ? put->words->at_work : "");
        }
        sk_xml_close(&put->xml);
}

static void write_subject(const page *put, sk_buf *out) {
        const sk_report *report = put->report;
        sk_buf_add_slice(out, report->team == NULL ? sk_slice_of(put->words->all_teams) : sk_team_title(report->team));
        if (report->customer != NULL) {
                sk_slice customer = sk_team_title(report->customer);
                sk_buf_add_format(out, " %s %.*s", put->words->for_whom, (int)customer.len, customer.at);
        }
        sk_buf_add_text(out, " · ");
        sk_report_period_write(report, out);
}

static void put_head(page *put, sk_slice subject) {
        sk_xml *xml = &put->xml;
        sk_xml_open(xml, "head");
        sk_xml_open(xml, "meta");
        sk_xml_attribute(xml, "charset", "utf-8");
        sk_xml_close(xml);
        sk_xml_open(xml, "meta");
        sk_xml_attribute(xml, "name", "viewport");
        sk_xml_attribute(xml, "content", "width=device-width");
        sk_xml_close(xml);
        sk_xml_open(xml, "title");
        sk_xml_format(xml, "%s: ", put->words->title);
        sk_xml_text(xml, subject);
        sk_xml_close(xml);
        sk_xml_open(xml, "style");
        sk_xml_literal(xml, style);
        sk_xml_close(xml);
        sk_xml_close(xml);
}

static void put_body(page *put, sk_slice subject) {
        size_t count = sk_figures_count(put->report->figures);
        sk_xml_open(&put->xml, "body");
        put_cell(put, "h1", NULL, sk_slice_of(put->words->title));
        put_cell(put, "p", "sub", subject);
        if (count == 0)
                put_cell(put, "p", NULL, sk_slice_of(put->words->no_calls));
        else
                put_summary(put);
        put_ends(put);
        for (size_t i = 0; i < count; i++)
                put_section(put, i);
        put_improvements(put);
        sk_buf text = sk_buf_make(TEXT_BYTES);
        sk_report_contradictions_write(put->report, &text);
        if (text.len > 0)
                put_cell(put, "p", NULL, sk_buf_slice(&text));
        sk_buf_free(&text);
        sk_xml_close(&put->xml);
}

void sk_report_html(sk_report *report, sk_buf *out) {
        page put = {.report = report,
                    .words = sk_report_words_of(report->language),
                    .cli = report->session->cli,
                    .xml = sk_xml_make(out, true)};
        sk_buf subject = sk_buf_make(TEXT_BYTES);
        write_subject(&put, &subject);
        sk_buf_add_text(out, "<!DOCTYPE html>");
        sk_xml_open(&put.xml, "html");
        sk_xml_attribute(&put.xml, "lang", sk_language_id(report->language));
        put_head(&put, sk_buf_slice(&subject));
        put_body(&put, sk_buf_slice(&subject));
        sk_xml_close(&put.xml);
        sk_buf_free(&subject);
}

int sk_report_print_html(sk_report *report) {
        sk_buf out = sk_buf_make(PAGE_BYTES);
        sk_report_html(report, &out);
        int status = out.err == SK_OK ? sk_output_write(report->session->cli, sk_buf_slice(&out))
                                      : sk_session_no_memory(report->session);
        sk_buf_free(&out);
        return status;
}
