#ifndef SK_CLI_IDS_H
#define SK_CLI_IDS_H

#include "cli/cli.h"
#include "kit/id.h"

/*
 * Short forms of ids. They show the end: ids that were made in the same moment begin alike. A person may give any
 * beginning or end of at least four characters, as long as it fits only one.
 */

/** How many last characters keep all of them apart; at least 8, at most 36. */
size_t sk_ids_short(const sk_id *ids, size_t count);

/** The last @p length characters of an id; good as sk_cli_safe. */
const char *sk_cli_id(sk_cli *cli, const sk_id *id, size_t length);

/** Whether @p text is the id, or begins or ends it. */
bool sk_id_fits(const sk_id *id, sk_slice text);

/** Whether @p text could be an id or part of one at all. */
bool sk_id_is_part(sk_slice text);

#endif
