#ifndef SK_CLI_MARGIN_H
#define SK_CLI_MARGIN_H

#include "cli/cli.h"

/**
 * How far from its promise a call ended, in the promise's own hours: only the provider knew them, and says so in the
 * `clock` of a closed call.
 */
typedef struct sk_margin {
        int64_t us;             /**< to spare; negative: too late by so much */
        sk_slice service_hours; /**< the calendar; "": the hours always run */
} sk_margin;

/**
 * Reads it from a `clock`.
 *
 * @param clock  JSON, or SK_NONE
 * @return false when it has none: nothing was promised
 */
bool sk_margin_read(sk_cli *cli, sk_slice clock, sk_margin *out);

/** Its size, for people: "48 min", "3 h of service hours"; good as sk_cli_safe. */
const char *sk_margin_text(sk_cli *cli, const sk_margin *margin);

#endif
