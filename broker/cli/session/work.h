#ifndef SK_CLI_WORK_H
#define SK_CLI_WORK_H

#include "cli/session/session.h"
#include "event/message.h"
#include "kit/id.h"

/*
 * What people say to their own link: one record on the team's topic `work`, and the link's word on it.
 */

/** A record to be sent. */
typedef struct sk_work {
        const sk_team *team;
        sk_slice person;
        sk_message type;
        sk_id call;    /**< the key; of a raise: new */
        sk_slice data; /**< a JSON object */
} sk_work;

/** What the link said. */
typedef struct sk_work_answer {
        sk_id id;         /**< of the record */
        bool is_answered; /**< false: nothing came in time; the record stays and counts once the link runs */
        bool is_done;
        bool is_proven; /**< the log has proof of who it was */
        char code[48];
} sk_work_answer;

/** A new UUIDv7. */
sk_id sk_work_new_id(void);

/**
 * Appends the record and waits as long as --timeout says for the link's answer, or until Ctrl-C.
 *
 * @return SK_EXIT_OK also when the answer is no; SK_EXIT_NEGATIVE with the message printed when nothing was sent
 */
int sk_work_send(const sk_session *session, const sk_work *work, sk_work_answer *out);

/**
 * Prints what came of it: @p done as a line of its own (format as printf, with the end of the line added), JSON when
 * --json was given, or why not and what to do.
 *
 * @return SK_EXIT_OK when it was done (or when --timeout 0s asked for no answer), else SK_EXIT_NEGATIVE
 */
int sk_work_report(const sk_session *session, const sk_work *work, const sk_work_answer *answer, const char *done, ...)
        __attribute__((format(printf, 4, 5)));

/** Says why a record was refused and what to do. Returns SK_EXIT_NEGATIVE. */
int sk_work_refused(const sk_session *session, const sk_work *work, const sk_work_answer *answer);

#endif
