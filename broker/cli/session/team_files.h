#ifndef SK_CLI_TEAM_FILES_H
#define SK_CLI_TEAM_FILES_H

#include "cli/cli.h"
#include "usm/edition.h"

/**
 * The team of that name; else NULL, and what may have been meant, or which there are, is printed as a usage error.
 *
 * @param what  the option or argument that names it
 */
const sk_team *sk_team_files_find(sk_cli *cli, const sk_edition *edition, const char *what, sk_slice name);

/**
 * The chain of --chain and its team of --team, for commands that need no log.
 *
 * @param out_edition  new: sk_edition_release, also when this fails
 * @param out_team     belongs to the edition
 * @return SK_EXIT_OK; another with the message printed
 */
int sk_team_files_open(sk_cli *cli, sk_edition **out_edition, const sk_team **out_team);

#endif
