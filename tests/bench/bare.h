#ifndef SK_TESTS_BENCH_BARE_H
#define SK_TESTS_BENCH_BARE_H

#include <stddef.h>

#include "link/port.h"

/*
 * The yardstick of the local log: a program that does nothing but write records to SQLite. It keeps a copy of every
 * batch that a link has committed and writes them again: the same records in the same commits, one connection, one
 * prepared statement a table, the same settings, and nothing that reads, decides or encodes.
 */

typedef struct bare bare;

bare *bare_new(void);
void bare_free(bare *b);

/** Copies the records of a batch as one commit. */
void bare_keep(bare *b, const sk_batch *batch);
size_t bare_commits(const bare *b);
size_t bare_records(const bare *b);

/** Writes everything kept to a new file. */
void bare_write(bare *b, const char *path);

#endif
