/*
 * Sheets that come back from a spreadsheet.
 */
#include <assert.h>

#include "cli/template/sheet.h"

static sk_err say(sk_sheet_problem *problem, uint32_t line, sk_slice column, const char *why, const char *remedy) {
        *problem = (sk_sheet_problem){.line = line, .column = column, .why = why, .remedy = remedy};
        return SK_ERR_SYNTAX;
}

static sk_slice cell_of(const sk_csv_row *row, unsigned index) {
        return index < row->count ? sk_slice_trimmed(row->cells[index]) : SK_SLICE("");
}

static bool is_member_name(sk_slice name) {
        bool is_name = name.len > 0;

        for (size_t i = 0; i < name.len && is_name; i++) {
                char byte = name.at[i];
                is_name = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '$' || byte == '_';
        }
        return is_name;
}

static sk_err read_head(const sk_csv_row *row, sk_sheet *out, sk_sheet_problem *problem) {
        sk_slice name = cell_of(row, 0);

        if (sk_slice_is(name, "routine")) {
                out->routine = cell_of(row, 1);
                return SK_OK;
        }
        if (!is_member_name(name))
                return say(problem, row->line, SK_NONE,
                           "this is neither what the routine is nor the row of column names",
                           "above the row that begins with \"what\", each row has a name and a text");
        for (unsigned i = 0; i < out->head_count; i++) {
                if (sk_slice_equal(out->heads[i].name, name))
                        return say(problem, row->line, SK_NONE, "this is said twice", "take one of the two rows away");
        }
        if (out->head_count == SK_SHEET_HEADS)
                return say(problem, row->line, SK_NONE, "there are too many rows above the column names",
                           "begin the activities with a row that begins with \"what\"");
        out->heads[out->head_count++] = (sk_sheet_head){.name = name, .text = cell_of(row, 1), .line = row->line};
        return SK_OK;
}

/* Which cell of a row belongs to which column; SK_CSV_CELLS: none does. */
static sk_err read_titles(const sk_csv_row *row, unsigned cells[SK_SHEET_COLUMNS], sk_sheet_problem *problem) {
        for (unsigned column = 0; column < SK_SHEET_COLUMNS; column++)
                cells[column] = SK_CSV_CELLS;
        for (unsigned index = 0; index < row->count; index++) {
                sk_slice title = cell_of(row, index);
                unsigned column = 0;
                while (column < SK_SHEET_COLUMNS && !sk_slice_is(title, sk_sheet_column_title((sk_sheet_column)column)))
                        column++;
                if (title.len == 0)
                        continue;
                if (column == SK_SHEET_COLUMNS)
                        return say(problem, row->line, title, "there is no such column",
                                   "columns are what, name, who, accountable, consulted, informed, how, instruction, "
                                   "settings, more");
                if (cells[column] != SK_CSV_CELLS)
                        return say(problem, row->line, title, "this column stands here twice",
                                   "take one of the two away");
                cells[column] = index;
        }
        return SK_OK;
}

static sk_err read_row(const sk_csv_row *row, const unsigned cells[SK_SHEET_COLUMNS], sk_sheet *out,
                       sk_sheet_problem *problem) {
        sk_sheet_row *to = &out->rows[out->count];
        sk_slice what = cell_of(row, cells[SK_SHEET_WHAT]);

        if (what.len == 0)
                return say(problem, row->line, SK_SLICE("what"), "the row does not say which activity it is about",
                           "take the row away, or name the activity as schakel template export does");
        for (unsigned i = 0; i < out->count; i++) {
                if (sk_slice_equal(out->rows[i].cells[SK_SHEET_WHAT], what))
                        return say(problem, row->line, what, "this activity has two rows", "take one of them away");
        }
        if (out->count == SK_SHEET_ROWS)
                return say(problem, row->line, SK_NONE, "there are more rows than a workflow has activities",
                           "take those away that do not belong to it");
        *to = (sk_sheet_row){.line = row->line};
        for (unsigned column = 0; column < SK_SHEET_COLUMNS; column++)
                to->cells[column] = cells[column] == SK_CSV_CELLS ? SK_NONE : cell_of(row, cells[column]);
        out->count++;
        return SK_OK;
}

sk_err sk_sheet_read(sk_slice csv, sk_arena *arena, sk_sheet *out, sk_sheet_problem *problem) {
        unsigned cells[SK_SHEET_COLUMNS];
        bool has_titles = false;
        sk_csv table;
        sk_err err = sk_csv_read(csv, arena, &table);

        assert(problem != NULL);
        *out = (sk_sheet){.routine = SK_SLICE("")};
        if (err != SK_OK) {
                (void)say(problem, table.line, SK_NONE, table.why,
                          "save it as CSV in UTF-8 (a spreadsheet asks for both)");
                return err;
        }
        for (size_t i = 0; i < table.count && err == SK_OK; i++) {
                const sk_csv_row *row = &table.rows[i];
                if (has_titles) {
                        err = read_row(row, cells, out, problem);
                } else if (sk_slice_is(cell_of(row, 0), sk_sheet_column_title(SK_SHEET_WHAT))) {
                        has_titles = true;
                        err = read_titles(row, cells, problem);
                } else {
                        err = read_head(row, out, problem);
                }
        }
        if (err == SK_OK && !has_titles)
                err = say(problem, 0, SK_NONE, "no row begins with \"what\" and names the columns",
                          "schakel template export shows how such a file looks");
        return err;
}
