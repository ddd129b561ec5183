#ifndef SK_CLI_JSON_DIFF_H
#define SK_CLI_JSON_DIFF_H

#include <jansson.h>

#include "cli/cli.h"
#include "kit/err.h"

/**
 * Lists what makes one JSON value another: objects member by member, everything else whole.
 *
 * @param from   NULL: there was none
 * @param to     NULL: there is none
 * @param limit  at most so many; the last then says how many more
 * @param out    an array; gets objects {at, from, to}, at being a JSON Pointer; from or to is missing where there is none
 */
sk_err sk_json_diff(json_t *from, json_t *to, size_t limit, json_t *out);

/** Prints such a list for people: a line for each change, with what is long cut. */
void sk_json_diff_print(sk_cli *cli, const json_t *list);

#endif
