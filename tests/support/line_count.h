#ifndef SK_TESTS_SUPPORT_LINE_COUNT_H
#define SK_TESTS_SUPPORT_LINE_COUNT_H

#include "log/tool.h"

/*
 * What must be true of a chain of the shape of `line` (customer, desk, supplier) when all its calls are closed,
 * whatever happened to its links meanwhile: each call once from first to last on both sides, each message once, nothing
 * left. Any difference fails the test that runs.
 */

#define LINE_TEAMS 3
extern const char *const line_teams[LINE_TEAMS];

/** Waits until the customer knows that @p calls calls are closed. */
void line_await(sk_log_tool *tool, const char *chain, unsigned calls);
/** Counts everything; @p calls were raised, each is delegated once. */
void line_check(sk_log_tool *tool, const char *chain, unsigned calls);

#endif
