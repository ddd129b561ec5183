#ifndef SK_CLI_TASK_DEED_H
#define SK_CLI_TASK_DEED_H

#include "cli/session/tasks.h"
#include "cli/session/work.h"

/*
 * One deed of a person about a task: sk_deed_begin, then one record or several, and always sk_deed_end.
 */

#define SK_DEED_OPTIONS \
        SK_OPTION_CHAIN, SK_OPTION_LOG, SK_OPTION_TEAM, SK_OPTION_WHO, SK_OPTION_PERSON, SK_OPTION_PATIENCE

#define SK_DEED_TASK "CALL[/VISIT]"

/** A task about to be acted upon. */
typedef struct sk_deed {
        sk_session session;
        sk_who who; /**< the team that serves the call, and the person */
        sk_view *view;
        sk_call call;
        sk_task task;
        sk_buf data; /**< of the record being made */
        size_t id_length;
} sk_deed;

/** Finds the task and who acts. @return SK_EXIT_OK, or another with the message printed; sk_deed_end follows in any case */
int sk_deed_begin(sk_cli *cli, const char *name, sk_deed *out);
/** The same for a running visit that need not be a person's to do. */
int sk_deed_begin_visit(sk_cli *cli, const char *name, sk_deed *out);
/** Frees what it holds. @return @p status */
int sk_deed_end(sk_deed *deed, int status);

/** Begins the data of a record, an object. */
sk_json_writer sk_deed_data(sk_deed *deed);
/** The same with the visit that was seen in it. */
sk_json_writer sk_deed_visit(sk_deed *deed);
/** Ends the object, sends it, and prints @p done with what and which call, or why not. */
int sk_deed_send(sk_deed *deed, sk_json_writer *json, sk_message type, const char *done);
/** Claims the task if nobody has; prints nothing when it goes well. */
int sk_deed_claim(sk_deed *deed);

#endif
