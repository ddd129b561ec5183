#ifndef SK_CLI_TASK_SCREEN_H
#define SK_CLI_TASK_SCREEN_H

#include "cli/print/wrap.h"
#include "cli/session/tasks.h"

/*
 * The parts of `schakel task show`: for somebody on the first day, who has never seen the call. A part is a label and
 * what belongs to it, which stands to the right of all labels.
 */

#define SK_TASK_INDENT 25

/** Prints the label of a part; what is printed next belongs to it. */
void sk_screen_label(sk_cli *cli, const char *label);
/** A part that is one text. */
void sk_screen_text(sk_cli *cli, const char *label, sk_slice text);

/** "What is to change": of a risk the figure that it wants to change; at its review before and after. */
void sk_screen_figure(const sk_session *session, const sk_team *team, const sk_task *task);

/** "To enter": the members of the form, which of them are required, what they may be. */
void sk_screen_form(sk_cli *cli, sk_slice form, bool is_cut_asked);
/** The options of `task complete` that enter what the form requires, each with a blank before it; good as sk_cli_safe. */
const char *sk_screen_required(sk_cli *cli, sk_slice form, sk_slice draft);

/** Who else can do it, who can be asked, and what was asked, advised and noted so far. */
void sk_screen_people(const sk_session *session, const sk_team *team, const sk_task *task);

/** What @p person (SK_NONE: not known) can do with the task now, as commands. */
void sk_screen_deeds(const sk_session *session, const sk_team *team, const sk_task *task, sk_slice person,
                     size_t id_length);

#endif
