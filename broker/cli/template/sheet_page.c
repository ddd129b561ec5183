/*
 * A sheet as a document: the process table with two more columns, who and how.
 */
#include <assert.h>

#include "cli/print/xml.h"
#include "cli/template/sheet.h"
#include "kit/json_scan.h"

#define CELL_BYTES ((size_t)256 << 10)

/* A document being written: cells become Markdown or HTML. */
typedef struct paging {
        sk_buf *out;
        sk_xml xml;
        bool is_html;
        bool has_line; /* of the cell: something stands there already */
} paging;

/* ---- what the two have in common ---- */

/* Markdown: what would end the cell, or be taken for markup, is escaped. */
static void put_markdown(sk_buf *out, sk_slice text) {
        for (size_t i = 0; i < text.len; i++) {
                if (text.at[i] == '\n') {
                        sk_buf_add_text(out, "<br>");
                        continue;
                }
                if (memchr("|\\`*_<>[]", text.at[i], 9) != NULL)
                        sk_buf_add_byte(out, '\\');
                sk_buf_add_byte(out, (uint8_t)text.at[i]);
        }
}

/* A line of a cell: "accountable: process-manager". */
static void line(paging *self, const char *label, sk_slice text) {
        if (text.len == 0)
                return;
        if (self->is_html) {
                sk_xml_open(&self->xml, "p");
                if (label[0] != '\0')
                        sk_xml_element(&self->xml, "span", "label", sk_slice_of(label));
                sk_xml_text(&self->xml, text);
                sk_xml_close(&self->xml);
        } else {
                sk_buf_add_text(self->out, self->has_line ? "<br>" : "");
                sk_buf_add_format(self->out, "%s%s", label, label[0] == '\0' ? "" : " ");
                put_markdown(self->out, text);
        }
        self->has_line = true;
}

static void cell_begin(paging *self) {
        self->has_line = false;
        if (self->is_html)
                sk_xml_open(&self->xml, "td");
        else
                sk_buf_add_text(self->out, "| ");
}

static void cell_end(paging *self) {
        if (self->is_html)
                sk_xml_close(&self->xml);
        else
                sk_buf_add_byte(self->out, ' ');
}

/* ---- how ---- */

/* What the person fills in: titles, or names, of the form's members. */
static void write_form(sk_slice settings, sk_arena *arena, sk_buf *out) {
        sk_json_walk walk = sk_json_walk_make(sk_json_member(sk_json_member(settings, "form"), "properties"));
        sk_slice name;
        sk_slice value;

        while (sk_json_walk_next(&walk, &name, &value)) {
                sk_slice title = sk_json_member_string(value, "title", arena);
                sk_buf_add_text(out, out->len == 0 ? "" : ", ");
                sk_buf_add_slice(out, sk_slice_there(title) ? title : name);
        }
}

/* Teams that it is passed on to: of a delegation, and of a cut. */
static void write_teams(const sk_sheet_row *row, sk_arena *arena, sk_buf *out) {
        sk_json_walk walk = sk_json_walk_make(sk_json_member(row->cells[SK_SHEET_SETTINGS], "to"));
        sk_slice name;
        sk_slice value;
        bool is_onward = row->cells[SK_SHEET_SETTINGS].len > 0 &&
                         sk_slice_is(sk_json_member(row->cells[SK_SHEET_SETTINGS], "wait"), "false");

        while (row->cells[SK_SHEET_SETTINGS].len > 0 && sk_json_walk_next(&walk, &name, &value)) {
                sk_buf_add_text(out, out->len == 0 ? "" : ", ");
                sk_buf_add_slice(out, sk_json_member_string(value, "team", arena));
                sk_buf_add_text(out, is_onward ? " (onward)" : "");
        }
        if (row->cells[SK_SHEET_MORE].len == 0)
                return;
        walk = sk_json_walk_make(sk_json_member(row->cells[SK_SHEET_MORE], "link"));
        while (sk_json_walk_next(&walk, &name, &value)) {
                sk_buf_add_format(out, "%s%.*s at ", out->len == 0 ? "" : ", ", (int)name.len, name.at);
                sk_buf_add_slice(out, sk_json_member_string(value, "team", arena));
        }
}

static void put_how(paging *self, const sk_sheet_row *row, sk_arena *arena) {
        sk_buf text = sk_buf_make(CELL_BYTES);

        line(self, "", row->cells[SK_SHEET_HOW]);
        line(self, "", row->cells[SK_SHEET_INSTRUCTION]);
        if (row->cells[SK_SHEET_SETTINGS].len > 0)
                write_form(row->cells[SK_SHEET_SETTINGS], arena, &text);
        line(self, "to fill in:", sk_buf_slice(&text));
        sk_buf_clear(&text);
        write_teams(row, arena, &text);
        line(self, "passed on to:", sk_buf_slice(&text));
        sk_buf_free(&text);
}

/* ---- rows ---- */

static void put_what(paging *self, const sk_sheet_row *row) {
        static const char *const arrows[] = {"", "\xe2\x86\xb3 ", "\xe2\x86\xb3\xe2\x86\xb3 ",
                                             "\xe2\x86\xb3\xe2\x86\xb3\xe2\x86\xb3 "};
        sk_buf text = sk_buf_make(CELL_BYTES);

        sk_buf_add_text(&text, arrows[row->depth < 3 ? row->depth : 3]);
        sk_buf_add_slice(&text, row->cells[SK_SHEET_NAME].len == 0 ? SK_SLICE("The cut") : row->cells[SK_SHEET_NAME]);
        line(self, "", sk_buf_slice(&text));
        line(self, "", row->cells[SK_SHEET_WHAT]);
        sk_buf_free(&text);
}

static void put_row(paging *self, const sk_sheet_row *row, sk_arena *arena) {
        if (self->is_html)
                sk_xml_open(&self->xml, "tr");
        cell_begin(self);
        put_what(self, row);
        cell_end(self);
        cell_begin(self);
        line(self, "", row->cells[SK_SHEET_WHO]);
        line(self, "accountable:", row->cells[SK_SHEET_ACCOUNTABLE]);
        line(self, "consulted:", row->cells[SK_SHEET_CONSULTED]);
        line(self, "informed:", row->cells[SK_SHEET_INFORMED]);
        cell_end(self);
        cell_begin(self);
        put_how(self, row, arena);
        cell_end(self);
        if (self->is_html)
                sk_xml_close(&self->xml);
        else
                sk_buf_add_text(self->out, "|\n");
}

/* The title in one language; the text of a title in several is JSON. */
static sk_slice title_of(const sk_sheet *sheet, sk_arena *arena) {
        for (unsigned i = 0; i < sheet->head_count; i++) {
                sk_slice text = sheet->heads[i].text;
                if (!sk_slice_is(sheet->heads[i].name, "title") || text.len == 0)
                        continue;
                sk_slice english = text.at[0] == '{' ? sk_json_member_string(text, "en", arena) : text;
                return sk_slice_there(english) ? english : text;
        }
        return sheet->routine;
}

static bool is_shown(sk_slice name) {
        return !sk_slice_is(name, "title") && name.len > 0 && name.at[0] != '$';
}

void sk_sheet_markdown(const sk_sheet *sheet, sk_arena *arena, sk_buf *out) {
        paging self = {.out = out};

        assert(arena != NULL);
        sk_buf_add_text(out, "# ");
        put_markdown(out, title_of(sheet, arena));
        sk_buf_add_text(out, "\n\n");
        for (unsigned i = 0; i < sheet->head_count; i++) {
                if (!is_shown(sheet->heads[i].name))
                        continue;
                sk_buf_add_text(out, "- ");
                put_markdown(out, sheet->heads[i].name);
                sk_buf_add_text(out, ": ");
                put_markdown(out, sheet->heads[i].text);
                sk_buf_add_byte(out, '\n');
        }
        sk_buf_add_text(out, "\n| What | Who | How |\n|---|---|---|\n");
        for (unsigned i = 0; i < sheet->count; i++)
                put_row(&self, &sheet->rows[i], arena);
}

/* ---- HTML ---- */

static const char style[] = "body{font:16px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem;"
                            "color:#1a1a1a;background:#fff}table{border-collapse:collapse;width:100%}"
                            "th,td{border-top:1px solid #bbb;padding:.4rem .6rem;text-align:left;vertical-align:top}"
                            "td:first-child{white-space:nowrap}td p{margin:0;white-space:pre-line}"
                            "td p+p{margin-top:.2rem}.label{color:#555;padding-right:.4em}"
                            "dl{display:grid;grid-template-columns:max-content auto;gap:.1rem 1rem}dd{margin:0}"
                            "@media (prefers-color-scheme:dark){body{color:#eee;background:#161616}.label{color:#aaa}}"
                            "@media print{body{margin:0;max-width:none}}";

static void html_head(paging *self, sk_slice title) {
        sk_xml_open(&self->xml, "head");
        sk_xml_open(&self->xml, "meta");
        sk_xml_attribute(&self->xml, "charset", "utf-8");
        sk_xml_close(&self->xml);
        sk_xml_element(&self->xml, "title", NULL, title);
        sk_xml_open(&self->xml, "style");
        sk_xml_literal(&self->xml, style);
        sk_xml_close(&self->xml);
        sk_xml_close(&self->xml);
}

static void html_heads(paging *self, const sk_sheet *sheet) {
        sk_xml_open(&self->xml, "dl");
        for (unsigned i = 0; i < sheet->head_count; i++) {
                if (!is_shown(sheet->heads[i].name))
                        continue;
                sk_xml_element(&self->xml, "dt", NULL, sheet->heads[i].name);
                sk_xml_element(&self->xml, "dd", NULL, sheet->heads[i].text);
        }
        sk_xml_close(&self->xml);
}

static void html_titles(paging *self) {
        static const char *const titles[] = {"What", "Who", "How"};
        sk_xml_open(&self->xml, "thead");
        sk_xml_open(&self->xml, "tr");
        for (unsigned i = 0; i < 3; i++)
                sk_xml_element(&self->xml, "th", NULL, sk_slice_of(titles[i]));
        sk_xml_close(&self->xml);
        sk_xml_close(&self->xml);
}

void sk_sheet_html(const sk_sheet *sheet, sk_arena *arena, sk_buf *out) {
        paging self = {.out = out, .xml = sk_xml_make(out, true), .is_html = true};
        sk_slice title = title_of(sheet, arena);

        assert(arena != NULL);
        sk_buf_add_text(out, "<!DOCTYPE html>");
        sk_xml_open(&self.xml, "html");
        sk_xml_attribute(&self.xml, "xmlns", "http://www.w3.org/1999/xhtml");
        sk_xml_attribute(&self.xml, "lang", "en");
        html_head(&self, title);
        sk_xml_open(&self.xml, "body");
        sk_xml_element(&self.xml, "h1", NULL, title);
        html_heads(&self, sheet);
        sk_xml_open(&self.xml, "table");
        html_titles(&self);
        sk_xml_open(&self.xml, "tbody");
        for (unsigned i = 0; i < sheet->count; i++)
                put_row(&self, &sheet->rows[i], arena);
        while (!sk_xml_is_complete(&self.xml))
                sk_xml_close(&self.xml);
        sk_buf_add_byte(out, '\n');
}
