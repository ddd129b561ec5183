#ifndef SK_CLI_TEMPLATE_H
#define SK_CLI_TEMPLATE_H

#include "usm/routine_view.h"

/*
 * A routine as a table: what the method gives, who and how a team has filled in. What alone is a process, what and who a
 * procedure, what, who and how a work instruction.
 */

#define SK_TEMPLATE_ROWS 48u

typedef struct sk_template_row {
        sk_row_view said;             /**< an activity, or a cut */
        sk_target link[SK_PROCESSES]; /**< of a cut: by whom the triggered process is done */
        unsigned depth;               /**< how many processes triggered this one */
        bool has_choice;              /**< a cut at which more than one process can be triggered: somebody decides */
} sk_template_row;

typedef struct sk_template {
        sk_template_row rows[SK_TEMPLATE_ROWS];
        unsigned count;
        unsigned who_missing; /**< activities for which nobody is named */
        unsigned how_missing;
} sk_template;

/** The table of one process, as all workflows inherit it. */
void sk_template_of_process(const sk_team *team, sk_process process, sk_template *out);
/** The table of a workflow, down and back, as far as the team does it itself. */
void sk_template_of_workflow(const sk_team *team, const sk_selection *selection, unsigned number, sk_template *out);

typedef enum sk_template_kind { SK_TEMPLATE_PROCESS, SK_TEMPLATE_PROCEDURE, SK_TEMPLATE_INSTRUCTION } sk_template_kind;

/** "process", "procedure", "work instruction"; static. */
const char *sk_template_kind_text(sk_template_kind kind);
/** Whether it is known who does it; an activity that is automatic or delegated needs nobody. */
bool sk_template_row_has_who(const sk_template_row *row);
/** What one row is. */
sk_template_kind sk_template_row_kind(const sk_template_row *row);
/** What the whole is: as much as its least row. */
sk_template_kind sk_template_whole(const sk_template *table);
/** The whole with what is missing to the next: "procedure, 2 hows missing". */
void sk_template_whole_write(const sk_template *table, sk_buf *out);

#endif
