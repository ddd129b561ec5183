#ifndef SK_CLI_PROGRESS_H
#define SK_CLI_PROGRESS_H

#include "cli/cli.h"

/**
 * A line on stderr about something that takes long: what, how many, how fast, how long it will still take. It first
 * shows after a second; on a terminal it is drawn over itself, elsewhere it is a plain line every ten seconds.
 * Plain value; no memory.
 */
typedef struct sk_progress {
        sk_cli *cli;
        const char *label;
        uint64_t total;
        int64_t begun_us;
        int64_t shown_us; /**< 0: never yet */
} sk_progress;

/** @p label is ours ("replaying"), borrowed. @p total 0: not known. */
sk_progress sk_progress_begin(sk_cli *cli, const char *label, uint64_t total);
/** @p done so far; draws at most five times a second, so call it as often as you like. */
void sk_progress_set(sk_progress *progress, uint64_t done);
/** Takes the line away again, so that something else can be printed. */
void sk_progress_end(sk_progress *progress);

#endif
