/*
 * Comma-separated values. Reading goes over the text once; a cell without quotes points into it.
 */
#include "cli/print/csv.h"

#include <assert.h>

#include "kit/utf8.h"

/* ---- writing ---- */

bool sk_csv_is_formula(sk_slice text) {
        size_t blanks = 0;

        while (blanks < text.len && text.at[blanks] == ' ')
                blanks++;
        return blanks < text.len && memchr("=+-@\t\r|%", text.at[blanks], 8) != NULL;
}

/* Also what looks like such a text already guarded, so that reading gives back what was written. */
static bool is_guarded(sk_slice text) {
        while (text.len > 0 && text.at[0] == '\'')
                text = (sk_slice){text.at + 1, text.len - 1};
        return sk_csv_is_formula(text);
}

sk_slice sk_csv_lines(sk_slice cell, sk_arena *arena) {
        bool has_returns = cell.len > 0 && memchr(cell.at, '\r', cell.len) != NULL;
        char *text = has_returns ? sk_arena_get(arena, cell.len) : NULL;
        size_t len = 0;

        if (text == NULL)
                return cell;
        for (size_t i = 0; i < cell.len; i++) {
                while (cell.at[i] == '\n' && len > 0 && text[len - 1] == '\r')
                        len--;
                text[len++] = cell.at[i];
        }
        return (sk_slice){text, len};
}

static bool needs_quotes(sk_slice text) {
        for (size_t i = 0; i < text.len; i++) {
                if (memchr(",\"\r\n", text.at[i], 4) != NULL)
                        return true;
        }
        return false;
}

void sk_csv_put(sk_buf *out, sk_slice text, char behind) {
        const char *quote = needs_quotes(text) ? "\"" : "";

        assert(behind == ',' || behind == '\n');
        sk_buf_add_text(out, quote);
        if (is_guarded(text))
                sk_buf_add_byte(out, '\'');
        for (size_t i = 0; i < text.len; i++) {
                if (text.at[i] == '"')
                        sk_buf_add_byte(out, '"');
                sk_buf_add_byte(out, (uint8_t)text.at[i]);
        }
        sk_buf_add_text(out, quote);
        sk_buf_add_text(out, behind == '\n' ? "\r\n" : ",");
}

/* ---- a row ---- */

static const char *take_quoted(sk_slice *row, char separator, sk_arena *arena, sk_slice *out) {
        char *text = sk_arena_get(arena, row->len);
        size_t len = 0;
        size_t i = 1;

        if (text == NULL)
                return "no memory is left";
        for (; i < row->len; i++) {
                if (row->at[i] == '"' && (i + 1 == row->len || row->at[i + 1] != '"'))
                        break;
                i += row->at[i] == '"';
                text[len++] = row->at[i];
        }
        if (i == row->len)
                return "a quote is never closed";
        *row = (sk_slice){row->at + i + 1, row->len - i - 1};
        *out = (sk_slice){text, len};
        return row->len == 0 || row->at[0] == separator ? NULL : "something stands behind a closing quote";
}

const char *sk_csv_take(sk_slice *row, char separator, sk_arena *arena, sk_slice *out) {
        if (row->len > 0 && row->at[0] == '"')
                return take_quoted(row, separator, arena, out);
        const char *found = row->len == 0 ? NULL : memchr(row->at, separator, row->len);
        size_t len = found == NULL ? row->len : (size_t)(found - row->at);
        *out = (sk_slice){row->at, len};
        *row = (sk_slice){row->at + len, row->len - len};
        return NULL;
}

/* ---- a table ---- */

typedef struct reading {
        sk_slice rest;
        char separator; /* spreadsheets use what the language of their user asks for */
        sk_arena *arena;
        sk_csv *csv;
} reading;

static sk_err fail(const reading *self, sk_err err, const char *why) {
        self->csv->why = why;
        return err;
}

static char separator_of(sk_slice text) {
        static const char candidates[] = ",;\t";
        size_t counts[3] = {0};
        bool is_quoted = false;
        unsigned best = 0;

        for (size_t i = 0; i < text.len; i++) {
                const char *found = is_quoted ? NULL : memchr(candidates, text.at[i], 3);
                if (found != NULL)
                        counts[found - candidates]++;
                if (text.at[i] == '"')
                        is_quoted = !is_quoted;
                if (text.at[i] == '\n' && !is_quoted && counts[0] + counts[1] + counts[2] > 0)
                        break;
        }
        for (unsigned i = 1; i < 3; i++)
                best = counts[i] > counts[best] ? i : best;
        return candidates[best];
}

/* The next row without its end; line feeds inside quotes belong to it. */
static sk_slice next_row(reading *self, uint32_t *out_lines) {
        sk_slice row = self->rest;
        bool is_quoted = false;
        size_t len = 0;

        *out_lines = 1;
        for (; len < row.len && (is_quoted || row.at[len] != '\n'); len++) {
                is_quoted ^= row.at[len] == '"';
                *out_lines += row.at[len] == '\n';
        }
        size_t whole = len < row.len ? len + 1 : len;
        self->rest = (sk_slice){row.at + whole, row.len - whole};
        row.len = len > 0 && row.at[len - 1] == '\r' ? len - 1 : len;
        return row;
}

/* Line ends within a cell as they were written, and no apostrophe in front of a would-be formula. */
static sk_slice plain(const reading *self, sk_slice cell) {
        cell = sk_csv_lines(cell, self->arena);
        sk_slice behind = {cell.at + 1, cell.len > 0 ? cell.len - 1 : 0};
        return cell.len > 0 && cell.at[0] == '\'' && is_guarded(behind) ? behind : cell;
}

/* Takes a row apart; *out_empty: nothing stands in it. */
static sk_err read_cells(const reading *self, sk_slice text, sk_csv_row *row, bool *out_empty) {
        *out_empty = true;
        for (unsigned index = 0;; index++) {
                sk_slice cell;
                const char *problem = sk_csv_take(&text, self->separator, self->arena, &cell);
                if (problem != NULL)
                        return fail(self, SK_ERR_SYNTAX, problem);
                if (cell.len > 0 && index >= SK_CSV_CELLS)
                        return fail(self, SK_ERR_FULL, "the row has more cells than any table of ours");
                *out_empty = *out_empty && cell.len == 0;
                if (index < SK_CSV_CELLS)
                        row->cells[row->count++] = cell.len == 0 ? cell : plain(self, cell);
                if (text.len == 0)
                        return sk_arena_err(self->arena);
                text = (sk_slice){text.at + 1, text.len - 1};
        }
}

static sk_err read_rows(reading *self) {
        sk_csv *csv = self->csv;

        for (csv->line = 1; self->rest.len > 0;) {
                uint32_t lines;
                bool is_empty;
                sk_csv_row row = {.line = csv->line};
                sk_err err = read_cells(self, next_row(self, &lines), &row, &is_empty);
                if (err != SK_OK)
                        return err;
                if (!is_empty && csv->count == SK_CSV_ROWS)
                        return fail(self, SK_ERR_FULL, "there are more rows than in any table of ours");
                if (!is_empty)
                        csv->rows[csv->count++] = row;
                csv->line += lines;
        }
        return SK_OK;
}

sk_err sk_csv_read(sk_slice text, sk_arena *arena, sk_csv *out) {
        static const char mark[] = "\xef\xbb\xbf";

        assert(arena != NULL && sk_slice_there(text));
        if (text.len >= 3 && memcmp(text.at, mark, 3) == 0)
                text = (sk_slice){text.at + 3, text.len - 3};
        *out = (sk_csv){.line = 1, .why = "no memory is left"};
        reading self = {.rest = text, .separator = separator_of(text), .arena = arena, .csv = out};
        if (!sk_utf8_is_valid(text) || memchr(text.at, '\0', text.len) != NULL)
                return fail(&self, SK_ERR_UTF8, "it is not text in UTF-8");
        out->rows = sk_arena_get(arena, SK_CSV_ROWS * sizeof *out->rows);
        return out->rows == NULL ? SK_ERR_NO_MEMORY : read_rows(&self);
}
