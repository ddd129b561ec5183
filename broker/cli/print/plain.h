#ifndef SK_CLI_PLAIN_H
#define SK_CLI_PLAIN_H

#include "cli/cli.h"

/** Called for each value that is no object and no array of objects: `cut.reason`, and the value as text; both raw. */
typedef void sk_plain_visit(void *self, sk_slice name, sk_slice value);

/**
 * Takes JSON apart for people: members of objects inside have names with dots, arrays of plain values become one text.
 *
 * @param json  checked
 */
void sk_plain_walk(sk_cli *cli, sk_slice json, sk_plain_visit *visit, void *self);

/** The same as lines of `name  value`, @p indent columns from the left, the names of one width. */
void sk_plain_print(sk_cli *cli, sk_slice json, int indent);

#endif
