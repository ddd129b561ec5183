/*
 * Tables. Cells are kept until the table is printed, because the widest one of a column decides how wide it is.
 */
#include "cli/print/table.h"

#include <assert.h>
#include <stdarg.h>

#include "cli/print/escape.h"
#include "kit/alloc.h"
#include "kit/buf.h"

#define COLUMNS_MAX 16
#define GAP 2
#define NARROWEST 8
#define MEMORY_MAX ((size_t)256 << 20)

typedef struct cell {
        sk_slice text;
        size_t columns;
        sk_style style;
} cell;

struct sk_table {
        sk_cli *cli;
        const sk_column *columns;
        size_t column_count;
        cell *cells;
        size_t cell_count;
        size_t cell_room;
        size_t widths[COLUMNS_MAX];
        sk_arena *memory;
        sk_buf scratch;
        sk_err err;
};

sk_table *sk_table_new(sk_cli *cli, const sk_column *columns, size_t count) {
        assert(count > 0 && count <= COLUMNS_MAX);
        sk_table *table = sk_alloc_zero(1, sizeof(*table));
        if (table == NULL)
                return NULL;
        table->memory = sk_arena_new(MEMORY_MAX);
        if (table->memory == NULL) {
                sk_free(table);
                return NULL;
        }
        table->cli = cli;
        table->columns = columns;
        table->column_count = count;
        table->scratch = sk_buf_make(MEMORY_MAX);
        for (size_t i = 0; i < count; i++)
                table->widths[i] = sk_text_columns(sk_slice_of(columns[i].title));
        return table;
}

void sk_table_free(sk_table *table) {
        if (table == NULL)
                return;
        sk_buf_free(&table->scratch);
        sk_arena_free(table->memory);
        sk_free(table->cells);
        sk_free(table);
}

static bool grow(sk_table *table) {
        if (table->cell_count < table->cell_room)
                return true;
        size_t room = table->cell_room == 0 ? 64 : table->cell_room * 2;
        cell *cells = sk_realloc(table->cells, room * sizeof(*cells));
        if (cells == NULL)
                return false;
        table->cells = cells;
        table->cell_room = room;
        return true;
}

void sk_table_cell_style(sk_table *table, sk_slice text, sk_style style) {
        sk_buf_clear(&table->scratch);
        sk_escape(&table->scratch, text);
        sk_slice copy =
                table->scratch.err == SK_OK ? sk_arena_copy(table->memory, sk_buf_slice(&table->scratch)) : SK_NONE;
        if (!sk_slice_there(copy) || !grow(table)) {
                table->err = SK_ERR_NO_MEMORY;
                return;
        }
        size_t column = table->cell_count % table->column_count;
        size_t columns = sk_text_columns(copy);
        table->cells[table->cell_count++] = (cell){copy, columns, style};
        if (columns > table->widths[column])
                table->widths[column] = columns;
}

void sk_table_cell(sk_table *table, sk_slice text) {
        sk_table_cell_style(table, text, SK_PLAIN);
}

void sk_table_cell_text(sk_table *table, const char *text) {
        sk_table_cell_style(table, sk_slice_of(text), SK_PLAIN);
}

void sk_table_cell_format(sk_table *table, const char *format, ...) {
        sk_buf text = sk_buf_make(MEMORY_MAX);
        va_list list;
        va_start(list, format);
        sk_buf_add_format_list(&text, format, list);
        va_end(list);
        sk_table_cell_style(table, sk_buf_slice(&text), SK_PLAIN);
        sk_buf_free(&text);
}

static size_t total_width(const sk_table *table) {
        size_t total = GAP * (table->column_count - 1);
        for (size_t i = 0; i < table->column_count; i++)
                total += table->widths[i];
        return total;
}

/* The widest column that may give way, or column_count. */
static size_t widest(const sk_table *table, bool any) {
        size_t found = table->column_count;
        for (size_t i = 0; i < table->column_count; i++) {
                if ((!any && !table->columns[i].shrinks) || table->widths[i] <= NARROWEST)
                        continue;
                if (found == table->column_count || table->widths[i] > table->widths[found])
                        found = i;
        }
        return found;
}

/* First the columns that are meant to shrink, then, on a very narrow terminal, the others. */
static void fit(sk_table *table) {
        size_t room = sk_cli_columns(table->cli);
        for (size_t i = 0; i < table->column_count; i++) {
                if (table->widths[i] > room)
                        table->widths[i] = room;
        }
        for (int any = 0; any < 2; any++) {
                size_t column = widest(table, any == 1);
                while (column < table->column_count && total_width(table) > room) {
                        table->widths[column]--;
                        column = widest(table, any == 1);
                }
        }
}

static void pad(sk_table *table, size_t columns) {
        for (size_t i = 0; i < columns; i++)
                sk_buf_add_byte(&table->scratch, ' ');
}

/* The last cell of a line is not filled up: no line ends in blanks. */
static void cell_write(sk_table *table, size_t column, const cell *shown) {
        size_t width = table->widths[column];
        sk_slice text = shown->text;
        size_t columns = shown->columns;
        bool is_cut = columns > width;
        if (is_cut) {
                text.len = width == 0 ? 0 : sk_text_fit(text, width - 1);
                columns = sk_text_columns(text) + 1;
        }
        if (table->columns[column].is_right)
                pad(table, width - columns);
        const char *begin = shown->style == SK_PLAIN ? "" : sk_cli_style(table->cli, shown->style);
        sk_buf_add_text(&table->scratch, begin);
        sk_buf_add_slice(&table->scratch, text);
        sk_buf_add_text(&table->scratch, is_cut ? "…" : "");
        sk_buf_add_text(&table->scratch, begin[0] == '\0' ? "" : sk_cli_style(table->cli, SK_PLAIN));
        if (column + 1 == table->column_count)
                return;
        pad(table, (table->columns[column].is_right ? 0 : width - columns) + GAP);
}

static void line_end(sk_table *table) {
        while (table->scratch.len > 0 && table->scratch.at[table->scratch.len - 1] == ' ')
                table->scratch.len--;
        sk_buf_add_byte(&table->scratch, '\n');
        fwrite(sk_buf_slice(&table->scratch).at, 1, table->scratch.len, sk_cli_out(table->cli));
        sk_buf_clear(&table->scratch);
}

static void titles_print(sk_table *table) {
        for (size_t i = 0; i < table->column_count; i++) {
                sk_slice title = sk_slice_of(table->columns[i].title);
                cell_write(table, i, &(cell){title, sk_text_columns(title), SK_BOLD});
        }
        line_end(table);
}

int sk_table_print(sk_table *table) {
        sk_cli *cli = table->cli;
        if (table->err != SK_OK) {
                sk_table_free(table);
                return sk_cli_fail(cli, "output", "ask for less at a time", "%s", sk_err_text(SK_ERR_NO_MEMORY));
        }
        assert(table->cell_count % table->column_count == 0);
        fit(table);
        sk_buf_clear(&table->scratch);
        if (table->cell_count > 0)
                titles_print(table);
        for (size_t i = 0; i < table->cell_count; i++) {
                cell_write(table, i % table->column_count, &table->cells[i]);
                if ((i + 1) % table->column_count == 0)
                        line_end(table);
        }
        sk_table_free(table);
        return SK_EXIT_OK;
}
