#ifndef SK_CLI_SCRIPT_H
#define SK_CLI_SCRIPT_H

#include <jansson.h>

#include "cli/cli.h"

/*
 * The script of a demonstration: calls that are raised beside the recorded ones, one JSON object a line. Members are
 * those of `schakel call`: as, to, type, facility, need (required), urgency, on_behalf, data; and what people decide
 * when the call comes to a cut: cut (`agree`, `change` or `operate`), components, reason.
 */

#define SK_SCRIPT_FILE "history/calls.jsonl" /**< below the chain directory */
#define SK_SCRIPT_CALLS_MAX 1000

/**
 * Reads a script.
 *
 * @param path  NULL or a file that is not there: a script without calls
 * @param out   new: an array, json_decref
 * @return SK_EXIT_OK, or SK_EXIT_NEGATIVE with the message printed
 */
int sk_script_load(sk_cli *cli, const char *path, json_t **out);

/** The text of a member; NULL if it is not there. */
const char *sk_script_text(const json_t *call, const char *name);

/** The call that says this need; NULL if there is none. */
const json_t *sk_script_find(const json_t *script, const char *need);

#endif
