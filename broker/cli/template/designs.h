#ifndef SK_CLI_DESIGNS_H
#define SK_CLI_DESIGNS_H

#include <jansson.h>

#include "cli/session/session.h"

/*
 * Routines as they stand in files, and what has been recorded of them: each change is an `event.designed` on the log, with
 * person, reason and difference.
 */

/** One recorded change of a routine. */
typedef struct sk_design {
        const char *name; /**< of the routine; in the event */
        json_t *event;    /**< its data, whole */
        int64_t time_us;
        bool is_proposal;
} sk_design;

/** All of a team's, the oldest first. */
typedef struct sk_designs {
        sk_design *at;
        size_t count;
        size_t capacity;
} sk_designs;

/** Reads them from the events of the team. @return SK_EXIT_OK, or another with the message printed */
int sk_designs_load(const sk_session *session, const sk_team *team, sk_designs *out);
/** Frees what it holds. */
void sk_designs_free(sk_designs *designs);

/** The change of the routine that is in force; NULL: none was recorded. */
const sk_design *sk_designs_in_force(const sk_designs *designs, const char *name);
/** The proposal for the routine made after it, if there is one; NULL: nothing waits. */
const sk_design *sk_designs_proposed(const sk_designs *designs, const char *name);

/** A routine of which file and record differ. */
typedef struct sk_redesign {
        const char *name;
        const sk_design *before;   /**< NULL: never recorded */
        const sk_design *proposed; /**< what waits for approval with this very content; NULL: nothing */
        json_t *content;           /**< as it stands in the file; NULL: the file is gone */
        json_t *difference;
        char before_digest[33]; /**< "" if there is none */
        char after_digest[33];
} sk_redesign;

/** Called for each; anything but SK_EXIT_OK ends it and is returned. What it points to is good until it returns. */
typedef int sk_redesign_visit(void *self, const sk_redesign *redesign);

/** Walks the routines whose file is not what was recorded, files first, then those that are gone. */
int sk_redesigns_walk(const sk_session *session, const sk_team *team, const sk_designs *designs,
                      sk_redesign_visit *visit, void *self);

#endif
