#ifndef SK_CLI_OUTPUT_H
#define SK_CLI_OUTPUT_H

#include "cli/cli.h"

/*
 * Results that are files: drawings, pages. They go to stdout, or with --output to a file, which is there whole or not at
 * all.
 */

#define SK_OPTION_OUTPUT                                                                  \
        {                                                                                 \
                .name = "output", .letter = 'o', .kind = SK_OPTION_TEXT, .value = "FILE", \
                .text = "write to this file instead of stdout"                            \
        }

/**
 * Writes a file, whole or not at all; a device or a pipe is written to as it is, a link stays one. Returns SK_EXIT_OK, or
 * SK_EXIT_NEGATIVE with the message printed.
 */
int sk_file_write(sk_cli *cli, const char *path, sk_slice text);

/** Writes @p text. Returns SK_EXIT_OK, or SK_EXIT_NEGATIVE with the message printed. */
int sk_output_write(sk_cli *cli, sk_slice text);

#endif
