#ifndef SK_CLI_ARCHIVE_H
#define SK_CLI_ARCHIVE_H

#include "cli/session/session.h"
#include "kit/id.h"

/*
 * Closed calls, from the archives of the teams.
 */

/**
 * Prints the last @p limit closed calls, the latest last; --facility and --type choose among them.
 *
 * @param team  NULL: all teams, each call once
 */
int sk_archive_list(const sk_session *session, const sk_team *team, uint64_t limit);

/** Called for each archived call: team and the value of `archive.call`; false ends the reading. */
typedef bool sk_archive_visit(void *self, const sk_team *team, sk_slice value);

/**
 * Reads the archives of a team or of all (NULL).
 *
 * @param id  only this call; NULL: all
 * @return SK_EXIT_OK, or SK_EXIT_NEGATIVE with the message printed
 */
int sk_archive_read(const sk_session *session, const sk_team *team, const sk_id *id, sk_archive_visit *visit,
                    void *self);

/**
 * The id of a closed call that @p text, whole or shortened, stands for.
 *
 * @return SK_EXIT_OK; SK_EXIT_NEGATIVE: there is none; SK_EXIT_USAGE: it fits several; the message is printed
 */
int sk_archive_resolve(const sk_session *session, const char *text, sk_id *out);

#endif
