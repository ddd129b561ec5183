/*
 * Reports whose rows are calls: the last step when one looks closer.
 */
#include <inttypes.h>

#include "cli/print/table.h"
#include "cli/report/report.h"
#include "kit/when.h"

#define TEXT_BYTES ((size_t)64 << 10)
#define SECOND 1e6

typedef void list_visit(void *self, const sk_report *report, const sk_detail *detail, const sk_detail_call *call);

static void visit_calls(sk_report *report, list_visit *visit, void *self) {
        for (size_t i = 0; i < sk_report_details_count(report->details); i++) {
                const sk_detail *detail = sk_report_details_at(report->details, i);
                for (size_t n = 0; n < detail->call_count; n++)
                        visit(self, report, detail, &detail->calls[n]);
        }
}

static void write_cause(const sk_report *report, const sk_detail_call *call, sk_buf *out) {
        if (call->cause.team != 0)
                sk_report_reason_write(sk_report_words_of(report->language), &call->cause,
                                       sk_report_names_at(sk_figures_names(report->figures), call->cause.team),
                                       report->team == NULL, out);
}

/* ---- text ---- */

static const char *kept_text(const sk_report *report, const sk_detail_call *call) {
        const sk_report_words *words = sk_report_words_of(report->language);
        if (!call->is_promised)
                return "-";
        return call->is_kept ? words->kept : words->late;
}

static const char *outcome_text(const sk_report *report, const sk_detail_call *call) {
        const sk_text *text = sk_outcome_text(call->outcome);
        if (call->is_open)
                return sk_report_words_of(report->language)->open;
        return report->language == SK_ENGLISH || text == NULL ? sk_outcome_id(call->outcome)
                                                              : text->name[report->language];
}

static void put_call(void *self, const sk_report *report, const sk_detail *detail, const sk_detail_call *call) {
        sk_cli *cli = report->session->cli;
        sk_table *table = self;
        char id[SK_ID_TEXT];
        sk_buf cause = sk_buf_make(TEXT_BYTES);
        bool is_late = call->is_promised && !call->is_kept;
        sk_id_format(&call->id, id);
        write_cause(report, call, &cause);
        sk_table_cell(table, (sk_slice){id + SK_ID_TEXT - SK_REPORT_ID_SHOWN, SK_REPORT_ID_SHOWN});
        sk_table_cell_text(table, call->type < SK_CALL_TYPES ? sk_call_type_id(call->type) : "");
        sk_table_cell(table, call->facility);
        sk_table_cell(table, call->customer);
        sk_table_cell(table, detail->instruction);
        sk_table_cell_text(table, sk_cli_when(cli, call->opened_us));
        sk_table_cell_text(table, call->is_open ? "-" : sk_report_long(cli, call->lead_us));
        sk_table_cell_style(table, sk_slice_of(call->is_open ? "-" : kept_text(report, call)),
                            is_late ? SK_RED : SK_PLAIN);
        sk_table_cell_text(table, outcome_text(report, call));
        sk_table_cell(table, sk_buf_slice(&cause));
        sk_buf_free(&cause);
}

int sk_report_print_list(sk_report *report) {
        const sk_report_words *words = sk_report_words_of(report->language);
        const sk_column columns[] = {{.title = words->call},
                                     {.title = words->type},
                                     {.title = words->facility, .shrinks = true},
                                     {.title = words->customer, .shrinks = true},
                                     {.title = words->rows[SK_BY_INSTRUCTION], .shrinks = true},
                                     {.title = words->opened},
                                     {.title = words->lead, .is_right = true},
                                     {.title = words->promises},
                                     {.title = words->outcome},
                                     {.title = words->cause, .shrinks = true}};
        sk_table *table = sk_table_new(report->session->cli, columns, sizeof(columns) / sizeof(columns[0]));
        if (table == NULL)
                return sk_session_no_memory(report->session);
        visit_calls(report, put_call, table);
        if (sk_report_details_count(report->details) == 0)
                sk_cli_print(report->session->cli, "%s\n", words->no_calls);
        return sk_table_print(table);
}

/* ---- JSON ---- */

static void json_call(void *self, const sk_report *report, const sk_detail *detail, const sk_detail_call *call) {
        sk_json_writer *json = self;
        sk_json_open_object(json, NULL);
        sk_json_put_id(json, "call", &call->id);
        sk_json_put_cstr(json, "type", call->type < SK_CALL_TYPES ? sk_call_type_id(call->type) : "unknown");
        sk_json_put_text(json, "facility", call->facility);
        sk_json_put_text(json, "customer", call->customer);
        sk_json_put_text(json, "provider", call->provider);
        if (detail->workflow > 0)
                sk_json_put_int(json, "workflow", detail->workflow);
        sk_json_put_optional(json, "instruction", detail->instruction);
        sk_json_put_time(json, "opened", call->opened_us);
        sk_json_put_bool(json, "open", call->is_open);
        if (!call->is_open) {
                sk_json_put_time(json, "closed", call->closed_us);
                sk_json_put_cstr(json, "outcome", sk_outcome_id(call->outcome));
                sk_json_put_optional(json, "code", call->code);
                sk_json_put_double(json, "lead_s", (double)call->lead_us / SECOND);
        }
        if (call->is_promised)
                sk_json_put_bool(json, "kept", call->is_kept);
        if (call->is_response_promised)
                sk_json_put_bool(json, "response_kept", call->is_response_kept);
        if (call->cause.team != 0) {
                sk_json_put_cstr(json, "waited_most_for", sk_wait_id(call->cause.wait));
                sk_json_put_text(json, "in", sk_report_names_at(sk_figures_names(report->figures), call->cause.team));
        }
        sk_json_close_object(json);
}

void sk_report_list_json(sk_report *report, sk_json_writer *json) {
        sk_json_open_array(json, "list");
        visit_calls(report, json_call, json);
        sk_json_close_array(json);
}

/* ---- CSV ---- */

static void csv_id(const sk_id *id, sk_buf *out) {
        char text[SK_ID_TEXT];
        sk_id_format(id, text);
        sk_report_csv_cell(out, (sk_slice){text, SK_ID_TEXT}, ',');
}

static void csv_time(int64_t time_us, sk_buf *out) {
        char text[SK_WHEN_TEXT];
        sk_when_format(time_us, text);
        sk_report_csv_cell(out, time_us == 0 ? SK_SLICE("") : (sk_slice){text, SK_WHEN_TEXT}, ',');
}

static const char *csv_kept(bool is_promised, bool is_kept) {
        if (!is_promised)
                return "";
        return is_kept ? "yes" : "no";
}

static void csv_call(void *self, const sk_report *report, const sk_detail *detail, const sk_detail_call *call) {
        sk_buf *out = self;
        sk_buf cause = sk_buf_make(TEXT_BYTES);
        csv_id(&call->id, out);
        sk_report_csv_cell(out, sk_slice_of(call->type < SK_CALL_TYPES ? sk_call_type_id(call->type) : ""), ',');
        sk_report_csv_cell(out, call->facility, ',');
        sk_report_csv_cell(out, call->customer, ',');
        sk_report_csv_cell(out, call->provider, ',');
        if (detail->workflow > 0)
                sk_buf_add_uint(out, detail->workflow);
        sk_buf_add_byte(out, ',');
        sk_report_csv_cell(out, detail->instruction, ',');
        csv_time(call->opened_us, out);
        csv_time(call->is_open ? 0 : call->closed_us, out);
        sk_report_csv_cell(out, sk_slice_of(call->is_open ? "" : sk_outcome_id(call->outcome)), ',');
        sk_report_csv_cell(out, call->code, ',');
        sk_buf_add_format(out, "%" PRId64 ".%06" PRId64 ",", call->lead_us / 1000000, call->lead_us % 1000000);
        sk_report_csv_cell(out, sk_slice_of(csv_kept(call->is_response_promised, call->is_response_kept)), ',');
        sk_report_csv_cell(out, sk_slice_of(csv_kept(call->is_promised, call->is_kept)), ',');
        write_cause(report, call, &cause);
        sk_report_csv_cell(out, sk_buf_slice(&cause), '\n');
        sk_buf_free(&cause);
}

void sk_report_list_csv(sk_report *report, sk_buf *out) {
        sk_buf_add_text(out,
                        "call,type,facility,customer,provider,workflow,instruction,opened,closed,outcome,code,lead_s,"
                        "response_kept,kept,most_of_the_time\r\n");
        visit_calls(report, csv_call, out);
}
