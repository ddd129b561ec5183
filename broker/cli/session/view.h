#ifndef SK_CLI_VIEW_H
#define SK_CLI_VIEW_H

#include "cli/session/session.h"
#include "kit/buf.h"
#include "kit/id.h"
#include "link/call.h"
#include "link/journal.h"

/*
 * The open calls of one team or of all, and what teams have asked themselves, folded from their journals. Heads stay
 * packed until they are asked for, so that many fit.
 */

/** One record: a call that the team serves, or an ask of its own. */
typedef struct sk_view_record {
        sk_slice team; /**< whose journal */
        bool is_ask;
        bool is_closed;    /**< only a stub is left: `head` is one (link/journal.h) */
        sk_slice customer; /**< of a call */
        sk_id id;
        sk_slice head;
        sk_slice data; /**< sections (link/data.h); SK_NONE: none */
} sk_view_record;

typedef struct sk_view sk_view;

/**
 * Reads the journals.
 *
 * @param team     NULL: all teams
 * @param stubs    whether closed calls are wanted as well
 * @param out      new: free with sk_view_free
 * @return SK_EXIT_OK, or SK_EXIT_NEGATIVE with the message printed
 */
int sk_view_load(const sk_session *session, const sk_team *team, bool stubs, sk_view **out);
/** NULL is legal. */
/** Reads only the records of call @p id, served and asked, open and closed. Returns as sk_view_load. */
int sk_view_load_one(const sk_session *session, const sk_team *team, const sk_id *id, sk_view **out);
/** NULL is legal. */
void sk_view_free(sk_view *view);
/** How many there are. */
size_t sk_view_count(const sk_view *view);
/** Record by index, below the count; borrowed. */
const sk_view_record *sk_view_at(const sk_view *view, size_t index);
/** Records that could not be read; each was remarked upon. */
size_t sk_view_damaged(const sk_view *view);

/** Unpacks an open record; false, remarked upon, if it is damaged. */
bool sk_view_call(const sk_session *session, const sk_view_record *record, sk_call *out);

/** The record of call @p id in @p team (SK_NONE: any), served or asked; NULL if there is none. */
const sk_view_record *sk_view_find(const sk_view *view, sk_slice team, const sk_id *id, bool is_ask);
/** Whether any team serves @p id. */
bool sk_view_is_served(const sk_view *view, const sk_id *id);

/**
 * The id that @p text, whole or shortened, stands for among the records; several or none: the message is printed.
 *
 * @return SK_EXIT_OK, SK_EXIT_NEGATIVE (there is none), SK_EXIT_USAGE (it is none, or fits several)
 */
int sk_view_resolve(const sk_session *session, const sk_view *view, const char *text, sk_id *out);

/** How long ids must be to differ in what is shown. */
size_t sk_view_id_length(const sk_view *view);

/* ---- what a record says ---- */

/** What the customer needs, as text; "" if it is not known. */
sk_slice sk_view_need(const sk_session *session, const sk_view_record *record);
/** Where it stands, for people: "recover.analyse (anna)"; good as sk_cli_safe. */
const char *sk_view_stands(const sk_session *session, const sk_call *call);
/** When the promise ends, with the time that the clock stood and still stands; 0: nothing is promised. */
int64_t sk_view_due_us(const sk_session *session, const sk_call *call, int64_t now_us);
/** When the call will be ready, as its customer was told last because that is later than promised; 0: it was not. */
int64_t sk_view_forecast_us(const sk_session *session, const sk_call *call, int64_t now_us);
/** How long the promise's clock stood and still stands, in the promise's hours. */
int64_t sk_view_stood_us(const sk_session *session, const sk_call *call, int64_t now_us);
/** What is left until @p due_us: "7 h 59 min", "3 h of service hours"; good as sk_cli_safe. */
const char *sk_view_left(const sk_session *session, const sk_call *call, int64_t due_us, int64_t now_us);
/** Id of the activity at which a frame stands: "recover.analyse" or "recover.cut"; good as sk_cli_safe. */
const char *sk_view_activity(sk_cli *cli, const sk_frame *frame);

#endif
