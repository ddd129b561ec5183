#ifndef SK_CLI_FIND_H
#define SK_CLI_FIND_H

#include "cli/session/session.h"
#include "kit/id.h"

/**
 * The id of a call that @p text, whole or shortened, stands for: open, closed, or only told of in events any more. The
 * name of a task (CALL/VISIT) stands for its call.
 *
 * @param team  NULL: of any team
 * @return SK_EXIT_OK; SK_EXIT_NEGATIVE: there is none; SK_EXIT_USAGE: it is no id, or fits several; the message is
 *         printed
 */
int sk_find_call(const sk_session *session, const sk_team *team, const char *text, sk_id *out);

#endif
