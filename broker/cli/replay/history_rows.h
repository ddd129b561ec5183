#ifndef SK_CLI_HISTORY_ROWS_H
#define SK_CLI_HISTORY_ROWS_H

#include "cli/replay/history_map.h"

/*
 * The rows of a recorded history, one after the other: CSV (RFC 4180, a header first) or JSON lines. A row that is wrong
 * is given with what is wrong with it; the next one is read all the same. Pure: bytes come from a function.
 */

#define SK_HISTORY_ROW_MAX ((size_t)256 << 10) /**< bytes of a row */
#define SK_HISTORY_LINES_MAX 1000              /**< that a row with quoted line feeds may have */
#define SK_HISTORY_FIELDS_MAX 1024

/** Fills at most @p size bytes; how many, 0 at the end, -1 when reading fails. */
typedef long sk_history_fill(void *self, char *at, size_t size);

typedef struct sk_history_row {
        uint64_t line;          /**< of the file, where it begins; from 1 */
        sk_slice raw;           /**< as it stands, without its end; what is too long is cut */
        const char *problem;    /**< NULL: none */
        const sk_slice *fields; /**< by the map's columns; SK_NONE: missing */
} sk_history_row;

typedef struct sk_history_rows sk_history_rows;

/**
 * Starts reading; reads the header of a CSV.
 *
 * @param map   borrowed as long as the rows
 * @param why   gets what is wrong, one sentence
 * @param out   new: free with sk_history_rows_free
 * @return SK_OK; SK_ERR_SYNTAX (no header, or not one that goes with the map); SK_ERR_IO; SK_ERR_NO_MEMORY
 */
sk_err sk_history_rows_new(const sk_history_map *map, sk_history_fill *fill, void *self, char why[320],
                           sk_history_rows **out);
/** NULL is legal. */
void sk_history_rows_free(sk_history_rows *rows);

/**
 * The next row; good until the one after it.
 *
 * @return SK_OK; SK_ERR_NOT_FOUND at the end; SK_ERR_IO; SK_ERR_NO_MEMORY
 */
sk_err sk_history_rows_next(sk_history_rows *rows, sk_history_row *out);

#endif
