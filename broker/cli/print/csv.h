#ifndef SK_CLI_CSV_H
#define SK_CLI_CSV_H

#include "kit/arena.h"
#include "kit/buf.h"
#include "kit/err.h"
#include "kit/slice.h"

/*
 * Comma-separated values, RFC 4180, as spreadsheets read and save them. What a spreadsheet would take for a formula is
 * written with an apostrophe in front, which reading takes away again.
 */

/** Appends a cell and what stands behind it: ',' or '\n' (which becomes CR LF). */
void sk_csv_put(sk_buf *out, sk_slice text, char behind);
/** Whether a spreadsheet would take it for a formula. */
bool sk_csv_is_formula(sk_slice text);
/**
 * The cell with line feeds for ends of lines, however many carriage returns stand before one; in the arena, or as it is
 * where it has none, or there is no memory.
 */
sk_slice sk_csv_lines(sk_slice cell, sk_arena *arena);

/**
 * Takes the first field of a row off; what stands behind it, from the separator on, is left in @p row.
 *
 * @param arena  gets a copy of a quoted field
 * @return what is wrong, static; NULL: nothing
 */
const char *sk_csv_take(sk_slice *row, char separator, sk_arena *arena, sk_slice *out);

#define SK_CSV_ROWS 512u
#define SK_CSV_CELLS 32u

/** A row; cells behind the last that was given are SK_NONE. */
typedef struct sk_csv_row {
        uint32_t line; /**< where it begins, from 1 */
        unsigned count;
        sk_slice cells[SK_CSV_CELLS];
} sk_csv_row;

/** A small table, whole. */
typedef struct sk_csv {
        sk_csv_row *rows; /**< without empty ones */
        size_t count;
        uint32_t line;   /**< on failure, where */
        const char *why; /**< on failure, what is wrong; static */
} sk_csv;

/**
 * Reads a whole file. A byte order mark is passed over; the separator is the one of comma, semicolon and tab that the
 * first line with any has the most of outside of quotes; CR LF within a cell becomes LF.
 *
 * @param text   borrowed as long as the cells
 * @param arena  holds rows and cells
 * @param out    on failure `line` and `why` are set
 * @return SK_OK; SK_ERR_SYNTAX; SK_ERR_UTF8; SK_ERR_FULL (more than SK_CSV_ROWS rows, or SK_CSV_CELLS cells in a row);
 *         SK_ERR_NO_MEMORY
 */
sk_err sk_csv_read(sk_slice text, sk_arena *arena, sk_csv *out);

#endif
