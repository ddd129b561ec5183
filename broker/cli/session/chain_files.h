#ifndef SK_CLI_CHAIN_FILES_H
#define SK_CLI_CHAIN_FILES_H

#include "cli/cli.h"
#include "log/chain_dir.h"

/*
 * A chain directory as it would be with some files otherwise: who changes files asks this first, so that no command
 * leaves a chain behind that does not pass its check.
 */

/**
 * Reads the directory of --chain.
 *
 * @param out  new: sk_chain_dir_free, also when this fails
 * @return SK_EXIT_OK, or SK_EXIT_NEGATIVE with the message printed
 */
int sk_chain_files_read(sk_cli *cli, sk_chain_dir **out);

/**
 * Builds the chain with these files in place of those with the same path, or beside them.
 *
 * @param changed  at most 16
 * @param remedy   what to do when that is not possible
 * @param out      new: sk_edition_release; NULL on failure
 * @return SK_EXIT_OK, or SK_EXIT_NEGATIVE with the first error printed
 */
int sk_chain_files_try(sk_cli *cli, const sk_chain_dir *dir, const sk_chain_file *changed, size_t count,
                       const char *remedy, sk_edition **out);

#endif
