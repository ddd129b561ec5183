#ifndef SK_CLI_MATURITY_SHOW_H
#define SK_CLI_MATURITY_SHOW_H

#include "cli/report/maturity.h"
#include "cli/session/session.h"

#define SK_MATURITY_DAYS 90

/**
 * Reads what the record shows of a team and adds it to the facts.
 *
 * @return SK_EXIT_OK, or SK_EXIT_NEGATIVE with the message printed
 */
int sk_maturity_read(const sk_session *session, const sk_team *team, int64_t from_us, sk_maturity_facts *facts);

/** `schakel check --maturity`: facts about the team of --team, or about all that serve somebody. */
int sk_maturity_check(sk_cli *cli);

#endif
