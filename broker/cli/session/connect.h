#ifndef SK_CLI_CONNECT_H
#define SK_CLI_CONNECT_H

#include "cli/cli.h"
#include "log/tool.h"

/*
 * A connection to the log that a command was told, with what chain.json and the reader's own file say about it.
 */

typedef struct sk_connect {
        const sk_edition *edition; /**< NULL: only the reader's own file counts */
        const char *url;
        sk_log_open purpose;
        sk_slice team; /**< for properties that are another for each team; SK_NONE: not known */
} sk_connect;

/** @return as sk_log_tool_open_with; @p why gets a sentence when it fails */
sk_err sk_connect_open(const sk_connect *connect, char why[SK_LOG_WHY_MAX], sk_log_tool **out);

#endif
