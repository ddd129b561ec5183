#ifndef SK_CLI_HISTORY_FILE_H
#define SK_CLI_HISTORY_FILE_H

#include "cli/cli.h"
#include "cli/replay/history_calls.h"

/*
 * A history as it lies in a file, packed with gzip or not: reading it whole, and keeping aside what does not fit. What
 * is wrong is printed.
 */

/** What was read, and what was not used. */
typedef struct sk_history_tally {
        uint64_t rows;        /**< all of them */
        uint64_t rows_aside;  /**< rows of which nothing is used, those of calls that do not fit too */
        uint64_t calls_aside; /**< calls that do not fit */
} sk_history_tally;

/** Reads a map file; on failure says where and what. @param out new: sk_history_map_free */
int sk_history_load_map(sk_cli *cli, const char *path, sk_history_map **out);

/**
 * Reads all rows and finds what they are in that chain.
 *
 * @param out  new: sk_history_calls_free
 */
int sk_history_load(sk_cli *cli, const char *path, const sk_history_map *map, const sk_edition *edition,
                    sk_history_calls **out, sk_history_tally *out_tally);

/**
 * Writes each row that is not used into a file, as JSON lines: the line, the reason, the row. No file is made when there
 * is none. The first reasons are printed as remarks.
 */
int sk_history_keep_aside(sk_cli *cli, const char *path, const sk_history_map *map, const sk_history_calls *calls,
                          const char *aside, sk_history_tally *tally);

#endif
