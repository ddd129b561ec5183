#ifndef SK_CLI_SHOW_H
#define SK_CLI_SHOW_H

#include "cli/session/known.h"
#include "cli/story/story.h"

/*
 * One call, for people: what `schakel show` prints, and its process runs.
 */

#define SK_SHOW_RUNS 64

/** One process that ran for the call, here or at another link. */
typedef struct sk_show_run {
        sk_process process;
        sk_slice team;
        sk_slice outcome; /**< "": it runs, or it is not known */
        bool is_remote;
        sk_id ask;       /**< of a remote one */
        sk_slice result; /**< JSON; SK_NONE: nothing was recorded */
} sk_show_run;

/** What is shown. */
typedef struct sk_show {
        const sk_session *session;
        const sk_known *known;
        const sk_story_call *story; /**< NULL: its events are gone */
        sk_id id;
        int64_t now_us;
        sk_show_run runs[SK_SHOW_RUNS];
        size_t run_count;
} sk_show;

/** Finds the process runs and the one result of each. */
void sk_show_find_runs(sk_show *show);
/** Prints the whole as one line of JSON. Returns SK_EXIT_…. */
int sk_show_json(const sk_show *show);

#endif
