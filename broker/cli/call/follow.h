#ifndef SK_CLI_FOLLOW_H
#define SK_CLI_FOLLOW_H

#include "cli/session/session.h"
#include "kit/id.h"

/**
 * Follows one call as its customer sees it: what the provider feeds back, and its end. Plain value; made before the
 * call is raised, so that nothing is missed.
 */
typedef struct sk_follow {
        const sk_session *session;
        sk_id id;
        char key[SK_ID_TEXT];
        sk_slice feedback; /**< topic; SK_NONE for a call of the team's own */
        sk_slice events;
        int32_t partition;
        int64_t feedback_next;
        int64_t events_next;
        int64_t late_us; /**< when the provider first said that it will be late; 0: never */
        bool is_closed;
        bool is_completed;
} sk_follow;

/** @return SK_EXIT_OK, or SK_EXIT_NEGATIVE with the message printed */
int sk_follow_begin(const sk_session *session, sk_slice customer, sk_slice provider, const sk_id *id, sk_follow *out);

/**
 * Prints line by line (with --json, a JSON text a line) until the call is closed or Ctrl-C.
 *
 * @return SK_EXIT_OK when it was completed, else SK_EXIT_NEGATIVE
 */
int sk_follow_run(sk_follow *follow);

/** `09:04:10`, local; good as sk_cli_safe. */
const char *sk_follow_clock(sk_cli *cli, int64_t time_us);

#endif
