#ifndef SK_CLI_NEXT_H
#define SK_CLI_NEXT_H

#include "cli/session/known.h"
#include "event/message.h"

/*
 * What a person can do next, said as commands that can be entered as they stand. They go on with the chain, the log
 * and the person that the present command was given; what a variable of the environment says is not repeated. What is
 * to be filled in stands in capitals.
 */

/** Prints `label: schakel COMMAND` and a new line. As printf: texts are safe already. */
void sk_next_print(sk_cli *cli, const char *label, const char *command, ...) __attribute__((format(printf, 3, 4)));

/** The same for @p who, if this command was not told who acts. */
void sk_next_print_as(sk_cli *cli, const char *who, const char *label, const char *command, ...)
        __attribute__((format(printf, 4, 5)));

/**
 * After a deed about call @p id: where the call stands now if that may have changed, and what to do then. Prints nothing
 * with --json.
 *
 * @param who  who did it, in the team that serves the call; not looked at where the call cannot have moved on
 * @return SK_EXIT_OK, or another with the message printed
 */
int sk_next_after(const sk_session *session, const sk_who *who, const sk_id *id, sk_message deed);

#endif
