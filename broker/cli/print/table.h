#ifndef SK_CLI_TABLE_H
#define SK_CLI_TABLE_H

#include "cli/cli.h"

/**
 * Rows and columns on stdout. Columns are as wide as their widest cell; when the line would be wider than the
 * terminal, columns with `shrinks` give way, the widest first, and their cells end in `…`. Cells are escaped.
 */
typedef struct sk_table sk_table;

typedef struct sk_column {
        const char *title;
        bool is_right; /**< numbers stand right */
        bool shrinks;  /**< may be cut to what fits, at least 8 columns */
} sk_column;

/** New table with @p count columns (at most 16); the columns are borrowed. NULL without memory. */
sk_table *sk_table_new(sk_cli *cli, const sk_column *columns, size_t count);
/** The next cell, row by row; copied and escaped. */
void sk_table_cell(sk_table *table, sk_slice text);
/** The next cell of the row, from C text; escaped. */
void sk_table_cell_text(sk_table *table, const char *text);
/** The next cell, coloured where there are colours; escaped. */
void sk_table_cell_style(sk_table *table, sk_slice text, sk_style style);
/** The next cell, as by printf; escaped. */
void sk_table_cell_format(sk_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Prints it, with titles if there is any row, and frees it. Returns SK_EXIT_OK, SK_EXIT_NEGATIVE without memory. */
int sk_table_print(sk_table *table);
/** Frees it unprinted. NULL is legal. */
void sk_table_free(sk_table *table);

#endif
