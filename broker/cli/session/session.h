#ifndef SK_CLI_SESSION_H
#define SK_CLI_SESSION_H

#include "cli/cli.h"
#include "event/record.h"
#include "log/tool.h"
#include "usm/edition.h"

/*
 * What a command that looks into a chain, or acts in it, starts with: the chain's files, read and checked, and the
 * log. Options of the same name mean the same in all of them.
 */

/** Who acts. `--as` takes a person, a team, or PERSON@TEAM. */
#define SK_OPTION_WHO                                                                               \
        {                                                                                           \
                .name = "as", .kind = SK_OPTION_TEXT, .value = "WHO",                               \
                .text = "who does it: PERSON, TEAM or PERSON@TEAM", .environment = "SCHAKEL_PERSON" \
        }
#define SK_OPTION_PERSON                                                                    \
        {                                                                                   \
                .name = "person", .kind = SK_OPTION_TEXT, .value = "NAME",                  \
                .text = "name of the person or tool that does it, known to the team or not" \
        }
/** How long to wait for the link's word. */
#define SK_OPTION_PATIENCE                                                                                \
        {                                                                                                 \
                .name = "timeout", .kind = SK_OPTION_DURATION, .value = "TIME",                           \
                .text = "how long to wait for the link's answer (default: 10s; 0s: send it, do not wait)" \
        }

typedef struct sk_session {
        sk_cli *cli;
        sk_edition *edition;
        sk_log_tool *log;
        const char *log_url;
        sk_slice chain;
        sk_arena *arena; /**< for what lives as long as the session */
} sk_session;

typedef enum sk_purpose {
        SK_LOOK,  /**< only reads */
        SK_ACT,   /**< appends to a log that must be there */
        SK_START, /**< appends; makes the log if need be */
} sk_purpose;

/**
 * Opens what --chain and --log name.
 *
 * @return SK_EXIT_OK; otherwise the message is printed and there is nothing to close
 */
int sk_session_open(sk_cli *cli, sk_purpose purpose, sk_session *out);
/** Closes the log and frees the edition. */
void sk_session_close(sk_session *session);

/** The team that --team names, NULL if it is not given. @return SK_EXIT_OK, or SK_EXIT_USAGE with the message printed */
int sk_session_team(const sk_session *session, const sk_team **out);
/** By name, with the message and what may have been meant. NULL: there is none. */
const sk_team *sk_session_find_team(const sk_session *session, const char *what, sk_slice name);

/** Who acts: what --as, --team and --person say together. */
typedef struct sk_who {
        const sk_team *team; /**< NULL: not said */
        sk_slice person;     /**< SK_NONE: not said */
} sk_who;

/** @return SK_EXIT_OK, or SK_EXIT_USAGE with the message printed */
int sk_session_who(const sk_session *session, sk_who *out);
/** The person said, else the login name. */
sk_slice sk_session_actor(const sk_session *session, const sk_who *who);

/** Name of a topic; @p peer on calls and feedback, else SK_NONE. Lives as long as the session; SK_NONE: no memory. */
sk_slice sk_session_topic(const sk_session *session, sk_slice team, sk_topic_kind kind, sk_slice peer);

/** Says that the log could not be read. Returns SK_EXIT_NEGATIVE. */
int sk_session_fail(const sk_session *session, const char *what);
/** Says that memory ran out. Returns SK_EXIT_NEGATIVE. */
int sk_session_no_memory(const sk_session *session);

#endif
