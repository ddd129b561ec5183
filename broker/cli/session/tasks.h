#ifndef SK_CLI_TASKS_H
#define SK_CLI_TASKS_H

#include "cli/session/view.h"

/*
 * What waits for people: manual visits of the calls that a team serves, and what its providers have asked it. A task
 * is named by the call (it has at most one) or by CALL/VISIT, which never means a later one.
 */

typedef enum sk_task_kind {
        SK_TASK_VISIT,    /**< an activity or a cut to be done */
        SK_TASK_QUESTION, /**< a provider's, or our own to a walk-in */
        SK_TASK_OFFER,
        SK_TASK_ADVICE,  /**< a colleague asks for advice */
        SK_TASK_LATE,    /**< time runs out, or has: the coordinator or the manager is to look after it */
        SK_TASK_APPOINT, /**< nobody is accountable: the coordinator is to appoint somebody */
        SK_TASK_KINDS,
} sk_task_kind;

typedef struct sk_task {
        sk_task_kind kind;
        const sk_view_record *record;
        const sk_call *call;
        const sk_ask *ask; /**< of a question or offer; NULL: on a call of the team's own */
        uint32_t seqno;    /**< of a question, offer or advice */
} sk_task;

/** "task", "question", "offer", "advice", "late", "appoint"; static. */
const char *sk_task_kind_id(sk_task_kind kind);

/** Called for each task; anything but SK_EXIT_OK ends it and is returned. */
typedef int sk_task_visit(void *self, const sk_task *task);

/** What is open in a record. */
int sk_tasks_of(const sk_session *session, const sk_view_record *record, sk_task_visit *visit, void *self);

/** "recover.analyse", "recover.cut", "question", "offer"; good as sk_cli_safe. */
const char *sk_task_what(const sk_session *session, const sk_task *task);
/** What is to be done, one line for people; static. */
const char *sk_task_title(const sk_task *task);
/** Text of the question, or SK_NONE. */
sk_slice sk_task_text(const sk_session *session, const sk_task *task);
/** Instruction and form; both SK_NONE if there are none. */
void sk_task_instruction(const sk_session *session, const sk_task *task, sk_slice *out_text, sk_slice *out_form);
/** Member of what is kept for the running visit beside these: "consulted", "wait_for_advice"; SK_NONE: it has none. */
sk_slice sk_task_kept(const sk_task *task, const char *name);
/** What was saved of its result so far; SK_NONE: nothing. */
sk_slice sk_task_draft(const sk_task *task);
/** Whether @p person may do it now: holds it, or it is free and the person acts for the profile. */
bool sk_task_is_for(const sk_team *team, const sk_task *task, sk_slice person);

/** A question to colleagues, or advice. */
typedef struct sk_task_advice {
        uint32_t number;
        bool is_given;  /**< advice; else a question */
        bool is_open;   /**< a question of the running visit that nobody has answered */
        sk_slice value; /**< JSON: from, at, text, of a question also to */
} sk_task_advice;

/** Walks what was asked and advised on a call; start with *position 0, false at the end. */
bool sk_task_advice_next(const sk_view_record *record, const sk_call *call, size_t *position, sk_task_advice *out);
/** Walks what became of the tries of its program, webhook or plug-in, each an object; start with *position 0. */
bool sk_task_try_next(const sk_task *task, size_t *position, sk_slice *out);
/** One line of JSON. */
int sk_task_json(const sk_session *session, const sk_task *task);
/** `schakel task show`: everything a person needs to know; @p team serves the call. */
void sk_task_print(const sk_session *session, const sk_team *team, const sk_task *task, size_t id_length);
/** Whether its result may say what the cut triggers, and the method leaves a choice. */
bool sk_task_decides(sk_cli *cli, const sk_task *task);

/** A task as named on the command line. */
typedef struct sk_task_name {
        const sk_team *team;
        sk_id call;
        uint32_t visit;
} sk_task_name;

/**
 * Finds the task that CALL or CALL/VISIT names.
 *
 * @param team  NULL: whichever serves the call
 * @param view  the open records of that team, or of all
 * @param out   what was found, with its record; the call is unpacked into @p call
 * @return SK_EXIT_OK, or another with the message printed
 */
int sk_task_find(const sk_session *session, const sk_view *view, const sk_team *team, const char *name, sk_call *call,
                 sk_task *out);
/** The same of any running visit, by hand or not. */
int sk_task_find_visit(const sk_session *session, const sk_view *view, const sk_team *team, const char *name,
                       sk_call *call, sk_task *out);

extern const sk_command sk_command_task_list;
extern const sk_command sk_command_task_show;
extern const sk_command sk_command_task_claim;
extern const sk_command sk_command_task_release;
extern const sk_command sk_command_task_assign;
extern const sk_command sk_command_task_complete;
extern const sk_command sk_command_task_decline;
extern const sk_command sk_command_task_note;
extern const sk_command sk_command_task_question;
extern const sk_command sk_command_task_save;
extern const sk_command sk_command_task_do;
extern const sk_command sk_command_task_ask;
extern const sk_command sk_command_task_advise;
extern const sk_command sk_command_task_appoint;
extern const sk_command sk_command_task_classify;

#endif
