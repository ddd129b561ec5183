/*
 * Rows. The bytes lie in a window that is filled as needed; a row is a stretch of it. Where a quote is never closed only
 * the line that it stands in is wrong, and reading goes on with the line below.
 */
#include "cli/replay/history_rows.h"

#include <assert.h>
#include <stdio.h>

#include "cli/print/csv.h"
#include "kit/alloc.h"
#include "kit/arena.h"
#include "kit/json_scan.h"
#include "kit/utf8.h"
#include "usm/quote.h"
#include "usm/suggest.h"

#define WINDOW_BYTES (2 * SK_HISTORY_ROW_MAX)
#define ARENA_MAX ((size_t)4 << 20)
#define DEPTH_MAX 32

struct sk_history_rows {
        const sk_history_map *map;
        sk_history_fill *fill;
        void *self;
        char *window;
        size_t at;  /**< where what is not read yet begins */
        size_t end; /**< behind what is filled */
        bool is_over;
        bool has_failed;
        bool is_skipping; /**< in a line that is too long */
        uint64_t line;
        sk_arena *arena; /**< of one row */
        size_t header_count;
        int column_of[SK_HISTORY_FIELDS_MAX]; /**< of each field: the map's column, or SK_HISTORY_NONE */
        sk_slice fields[SK_HISTORY_COLUMNS_MAX];
        char problem[200];
};

/** A stretch that may be a row. */
typedef struct stretch {
        size_t len;     /**< without the line end */
        size_t whole;   /**< with it */
        uint64_t lines; /**< how many it has */
        const char *problem;
} stretch;

/* ---- the window ---- */

/** Gets more bytes behind those that are there; false if there are none, or no room. */
static bool more(sk_history_rows *rows) {
        if (rows->is_over || rows->has_failed)
                return false;
        if (rows->at > 0) {
                memmove(rows->window, rows->window + rows->at, rows->end - rows->at);
                rows->end -= rows->at;
                rows->at = 0;
        }
        if (rows->end == WINDOW_BYTES)
                return false;
        long got = rows->fill(rows->self, rows->window + rows->end, WINDOW_BYTES - rows->end);
        if (got < 0)
                rows->has_failed = true;
        else if (got == 0)
                rows->is_over = true;
        else
                rows->end += (size_t)got;
        return got > 0;
}

static bool has(sk_history_rows *rows, size_t index) {
        while (rows->at + index >= rows->end) {
                if (!more(rows))
                        return false;
        }
        return true;
}

/** Ends a stretch at a line feed at @p index, or at the end of the file. */
static stretch ends_at(const sk_history_rows *rows, size_t index, bool has_feed) {
        size_t len = index;
        if (len > 0 && rows->window[rows->at + len - 1] == '\r')
                len--;
        return (stretch){.len = len, .whole = index + (has_feed ? 1 : 0), .lines = 1};
}

static stretch next_line(sk_history_rows *rows) {
        size_t index = 0;
        for (; has(rows, index) && rows->window[rows->at + index] != '\n'; index++) {
                if (index == SK_HISTORY_ROW_MAX) {
                        rows->is_skipping = true;
                        return (stretch){.len = 200, .whole = index, .lines = 0, .problem = "the row is too long"};
                }
        }
        return ends_at(rows, index, rows->at + index < rows->end);
}

/** A row of CSV: line feeds inside quotes belong to it. */
static stretch next_record(sk_history_rows *rows) {
        bool is_quoted = false;
        uint64_t lines = 1;
        size_t index = 0;
        for (; has(rows, index) && (is_quoted || rows->window[rows->at + index] != '\n'); index++) {
                char byte = rows->window[rows->at + index];
                is_quoted ^= byte == '"';
                lines += byte == '\n';
                if (index < SK_HISTORY_ROW_MAX && lines <= SK_HISTORY_LINES_MAX)
                        continue;
                stretch line = next_line(rows);
                if (line.problem == NULL)
                        line.problem = "a quote is not closed in time";
                return line;
        }
        if (is_quoted) {
                stretch line = next_line(rows);
                line.problem = "a quote is never closed";
                return line;
        }
        stretch record = ends_at(rows, index, rows->at + index < rows->end);
        record.lines = lines;
        return record;
}

/** Goes behind a line that was too long. */
static void skip(sk_history_rows *rows) {
        while (rows->is_skipping && has(rows, 0)) {
                const char *feed = memchr(rows->window + rows->at, '\n', rows->end - rows->at);
                rows->at = feed == NULL ? rows->end : (size_t)(feed - rows->window) + 1;
                rows->is_skipping = feed == NULL;
                rows->line += feed != NULL;
        }
}

/* ---- fields ---- */

typedef const char *field_found(sk_history_rows *rows, size_t index, sk_slice field);

/** Takes a row of CSV apart. */
static const char *each_field(sk_history_rows *rows, sk_slice row, field_found *found, size_t *out_count) {
        for (size_t index = 0;; index++) {
                sk_slice field;
                const char *problem = sk_csv_take(&row, rows->map->delimiter, rows->arena, &field);
                if (problem == NULL)
                        problem = found(rows, index, field);
                if (problem != NULL)
                        return problem;
                if (row.len == 0) {
                        *out_count = index + 1;
                        return NULL;
                }
                row = (sk_slice){row.at + 1, row.len - 1};
        }
}

static void put(sk_history_rows *rows, int column, sk_slice text) {
        rows->fields[column] = sk_history_is_missing(rows->map, text) ? SK_NONE : text;
}

static const char *csv_field(sk_history_rows *rows, size_t index, sk_slice field) {
        if (index < rows->header_count && rows->column_of[index] != SK_HISTORY_NONE)
                put(rows, rows->column_of[index], field);
        return NULL;
}

static const char *read_csv(sk_history_rows *rows, sk_slice row) {
        size_t count = 0;
        const char *problem = each_field(rows, row, csv_field, &count);
        if (problem != NULL || count == rows->header_count)
                return problem;
        (void)snprintf(rows->problem, sizeof(rows->problem), "it has %zu fields and the header has %zu", count,
                       rows->header_count);
        return rows->problem;
}

static const char *read_json(sk_history_rows *rows, sk_slice row) {
        sk_err err = sk_json_check(row, DEPTH_MAX, NULL);
        if (err != SK_OK)
                return sk_err_text(err);
        if (sk_json_kind_of(row) != SK_JSON_OBJECT)
                return "it is no JSON object";
        for (int i = 0; i < rows->map->column_count; i++) {
                char name[256];
                sk_slice column = rows->map->columns[i];
                if (column.len >= sizeof(name) || memchr(column.at, '\0', column.len) != NULL)
                        continue;
                memcpy(name, column.at, column.len);
                name[column.len] = '\0';
                sk_slice value = sk_json_member(row, name);
                if (!sk_slice_there(value) || sk_json_kind_of(value) == SK_JSON_NULL)
                        continue;
                sk_json_kind kind = sk_json_kind_of(value);
                if (kind == SK_JSON_OBJECT || kind == SK_JSON_ARRAY) {
                        (void)snprintf(rows->problem, sizeof(rows->problem), "%s is neither a text nor a number",
                                       sk_quote(column).text);
                        return rows->problem;
                }
                put(rows, i, kind == SK_JSON_STRING ? sk_json_string(value, rows->arena) : value);
        }
        return NULL;
}

/* ---- the header ---- */

static const char *header_field(sk_history_rows *rows, size_t index, sk_slice field) {
        const sk_history_map *map = rows->map;
        if (index == SK_HISTORY_FIELDS_MAX)
                return "the header has too many fields";
        rows->column_of[index] = SK_HISTORY_NONE;
        for (int i = 0; i < map->column_count; i++) {
                if (!sk_slice_equal(map->columns[i], field))
                        continue;
                for (size_t before = 0; before < index; before++) {
                        if (rows->column_of[before] == i)
                                return "a column that the map uses stands twice in the header";
                }
                rows->column_of[index] = i;
        }
        return NULL;
}

static bool is_found(const sk_history_rows *rows, int column) {
        for (size_t i = 0; i < rows->header_count; i++) {
                if (rows->column_of[i] == column)
                        return true;
        }
        return false;
}

static const char *read_header(sk_history_rows *rows, char why[320]) {
        stretch record = next_record(rows);
        sk_slice row = {rows->window + rows->at, record.len};
        if (row.len >= 3 && memcmp(row.at, "\xef\xbb\xbf", 3) == 0)
                row = (sk_slice){row.at + 3, row.len - 3};
        const char *problem = record.problem != NULL  ? record.problem
                              : sk_utf8_is_valid(row) ? NULL
                                                      : "it is not UTF-8";
        if (problem == NULL && row.len == 0)
                problem = "there is none";
        if (problem == NULL)
                problem = each_field(rows, row, header_field, &rows->header_count);
        for (int i = 0; i < rows->map->column_count && problem == NULL; i++) {
                if (is_found(rows, i))
                        continue;
                sk_history_row ignored = {.raw = row};
                (void)snprintf(why, 320, "the header has no column %s, which the map uses; it begins: %s",
                               sk_quote(rows->map->columns[i]).text, sk_quote(ignored.raw).text);
                return why;
        }
        if (problem != NULL)
                (void)snprintf(why, 320, "the header cannot be read: %s", problem);
        rows->at += record.whole;
        rows->line += record.lines;
        return problem;
}

sk_err sk_history_rows_new(const sk_history_map *map, sk_history_fill *fill, void *self, char why[320],
                           sk_history_rows **out) {
        assert(map != NULL && fill != NULL && out != NULL);
        sk_history_rows *rows = sk_alloc_zero(1, sizeof(*rows));
        if (rows == NULL)
                return SK_ERR_NO_MEMORY;
        *rows = (sk_history_rows){.map = map, .fill = fill, .self = self, .line = 1};
        rows->window = sk_alloc(WINDOW_BYTES);
        rows->arena = sk_arena_new(ARENA_MAX);
        sk_err err = rows->window == NULL || rows->arena == NULL ? SK_ERR_NO_MEMORY : SK_OK;
        if (err == SK_OK && map->format == SK_HISTORY_CSV && read_header(rows, why) != NULL)
                err = rows->has_failed ? SK_ERR_IO : SK_ERR_SYNTAX;
        if (err != SK_OK) {
                sk_history_rows_free(rows);
                return err;
        }
        *out = rows;
        return SK_OK;
}

void sk_history_rows_free(sk_history_rows *rows) {
        if (rows == NULL)
                return;
        sk_free(rows->window);
        sk_arena_free(rows->arena);
        sk_free(rows);
}

static stretch find_row(sk_history_rows *rows) {
        for (;;) {
                skip(rows);
                stretch found = rows->map->format == SK_HISTORY_CSV ? next_record(rows) : next_line(rows);
                if (found.len > 0 || found.whole == 0 || found.problem != NULL)
                        return found;
                rows->at += found.whole;
                rows->line += found.lines;
        }
}

sk_err sk_history_rows_next(sk_history_rows *rows, sk_history_row *out) {
        sk_arena_reset(rows->arena);
        stretch found = find_row(rows);
        if (rows->has_failed)
                return SK_ERR_IO;
        if (found.whole == 0)
                return SK_ERR_NOT_FOUND;
        *out = (sk_history_row){.line = rows->line,
                                .raw = {rows->window + rows->at, found.len},
                                .problem = found.problem,
                                .fields = rows->fields};
        for (int i = 0; i < rows->map->column_count; i++)
                rows->fields[i] = SK_NONE;
        if (out->problem == NULL && !sk_utf8_is_valid(out->raw))
                out->problem = "it is not UTF-8";
        if (out->problem == NULL)
                out->problem =
                        rows->map->format == SK_HISTORY_CSV ? read_csv(rows, out->raw) : read_json(rows, out->raw);
        rows->at += found.whole;
        rows->line += found.lines;
        return SK_OK;
}
