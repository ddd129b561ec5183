#ifndef SK_CLI_CHECK_HOST_H
#define SK_CLI_CHECK_HOST_H

#include "cli/cli.h"

/** `schakel check --host`: what this machine can enforce on programs. SK_EXIT_NEGATIVE: not all that strict means. */
int sk_host_check(sk_cli *cli);

#endif
