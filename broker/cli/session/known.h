#ifndef SK_CLI_KNOWN_H
#define SK_CLI_KNOWN_H

#include "cli/session/view.h"

/**
 * What a team knows of one call now: its open record, or what the archive kept of it. The team that serves the call
 * goes before the one that raised it.
 */
typedef struct sk_known {
        const sk_team *team; /**< NULL: nobody knows the call */
        bool is_ask;         /**< the team raised it for itself */
        sk_view *view;
        const sk_view_record *open; /**< NULL once it is closed */
        sk_call call;               /**< of an open one */
        sk_slice archived;          /**< of a closed one: the value of `archive.call` */
} sk_known;

/**
 * @param team  only what this team knows; NULL: any
 * @param out   free with sk_known_free, also when nobody knows the call
 * @return SK_EXIT_OK, or SK_EXIT_NEGATIVE with the message printed and nothing to free
 */
int sk_known_load(const sk_session *session, const sk_team *team, const sk_id *id, sk_known *out);
/** Frees what sk_known_load found. */
void sk_known_free(sk_known *known);

/** What the customer needs, as text; "" if it is not known. */
sk_slice sk_known_need(const sk_session *session, const sk_known *known);
/** A text member of what the archive kept; "" if it is not there. */
sk_slice sk_known_text(const sk_session *session, const sk_known *known, const char *name);
/** A time there; 0 if it is not there. */
int64_t sk_known_time(const sk_session *session, sk_slice object, const char *name);

/** A piece of the call's data: a result, a note, a question. */
typedef struct sk_known_piece {
        const char *kind; /**< as the archive calls it: "raise", "result", "note" */
        unsigned index;
        sk_slice activity; /**< of a result: "recover.analyse" or "cut"; else "" */
        sk_slice value;    /**< JSON */
} sk_known_piece;

/** Called for each piece in order; false ends it. */
typedef bool sk_known_visit(void *self, const sk_known_piece *piece);
/** Calls @p visit with @p self for each piece of the call's data, oldest first; slices are good during the visit only. */
void sk_known_pieces(const sk_session *session, const sk_known *known, sk_known_visit *visit, void *self);

#endif
