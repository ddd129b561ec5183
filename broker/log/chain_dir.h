#ifndef SK_LOG_CHAIN_DIR_H
#define SK_LOG_CHAIN_DIR_H

#include "kit/err.h"
#include "usm/edition.h"

/*
 * A chain directory, read whole into memory for sk_edition_build. It stands in this layer because the engine's layers may
 * not touch files, and both the daemon and the command line read chains.
 */

typedef struct sk_chain_dir sk_chain_dir;

/**
 * Reads every *.json and *.ics below @p path, at most 10,000, each at most 1 MiB, three folders deep. Names that begin
 * with a dot are left out; symbolic links that lead out of the directory are not followed. Blocks as long as the disk
 * does.
 *
 * @param findings  gets an error for whatever cannot be read; borrowed
 * @param out       new, also when some file could not be read: free with sk_chain_dir_free
 * @return SK_OK; SK_ERR_CONFIG when something could not be read (then *out holds the rest); SK_ERR_NO_MEMORY
 */
sk_err sk_chain_dir_read(const char *path, sk_findings *findings, sk_chain_dir **out);

/** NULL is legal. */
void sk_chain_dir_free(sk_chain_dir *dir);

/** The files, in no order; good as long as the directory. */
const sk_chain_file *sk_chain_dir_files(const sk_chain_dir *dir, size_t *out_count);

/** The file with this path; NULL if there is none. */
const sk_chain_file *sk_chain_dir_find(const sk_chain_dir *dir, const char *path);

/**
 * Reads and builds in one: what the daemon does at start and on SIGHUP.
 *
 * @return as sk_edition_build; what was wrong is in @p findings
 */
sk_err sk_chain_dir_build(const char *path, sk_findings *findings, sk_edition **out);

#endif
