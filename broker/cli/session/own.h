#ifndef SK_CLI_OWN_H
#define SK_CLI_OWN_H

#include "cli/session/view.h"
#include "cli/session/work.h"

/*
 * What people do with a call that they name by its id, as its customer or as the team that serves it: answer, withdraw,
 * note. Which team's record is meant follows from who does it and from what the records allow.
 */

#define SK_OWN_OPTIONS \
        SK_OPTION_CHAIN, SK_OPTION_LOG, SK_OPTION_TEAM, SK_OPTION_WHO, SK_OPTION_PERSON, SK_OPTION_PATIENCE

/** A record of the call that something can be done with. */
typedef struct sk_own_match {
        const sk_view_record *record;
        bool has_ask;      /**< it is about something that the team asked of another */
        sk_id ask;         /**< then, which */
        sk_slice provider; /**< whom */
        uint32_t seqno;    /**< of an open question or offer */
        bool is_offer;
        sk_slice text; /**< of the question */
} sk_own_match;

/** A command at work. */
typedef struct sk_own {
        sk_session session;
        sk_who who;
        sk_view *view;
        sk_id id;
        sk_own_match match; /**< after sk_own_choose */
        sk_call call;       /**< of the match */
        sk_buf data;        /**< what is sent */
} sk_own;

/**
 * Opens chain and log, finds who it is and which call @p text names.
 *
 * @param out  to be ended with sk_own_end, whatever this returns
 * @return SK_EXIT_OK, or another with the message printed
 */
int sk_own_begin(sk_cli *cli, const char *text, sk_own *out);
/** Gives everything back; returns @p status. */
int sk_own_end(sk_own *own, int status);

/** Whether something can be done with an open record, and with which ask of it; fills @p out. Called for each ask (NULL:
 * the call itself). */
typedef bool sk_own_fits(const sk_own *own, const sk_view_record *record, const sk_call *call, const sk_ask *ask,
                         sk_own_match *out);

/**
 * Finds the one record with which it can be done.
 *
 * @param what  for the message: "no question is open on it"
 * @return SK_EXIT_OK; SK_EXIT_NEGATIVE: there is none; SK_EXIT_USAGE: there are several; the message is printed
 */
int sk_own_choose(sk_own *own, sk_own_fits *fits, const char *what);

/** Sends own->data, which holds an open JSON object, and says what came of it: `done: incident laptop …`. */
int sk_own_send(sk_own *own, sk_json_writer *json, sk_message type, const char *done);
/** Begins the data, with the ask that it is about. */
sk_json_writer sk_own_data(sk_own *own);

#endif
