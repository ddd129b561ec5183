#ifndef SK_CLI_TRACE_H
#define SK_CLI_TRACE_H

#include "cli/session/known.h"
#include "cli/story/story.h"

/*
 * A call with everything that it caused: the tree as lines, and as JSON.
 */

/** What is shown. */
typedef struct sk_trace {
        const sk_session *session;
        const sk_story *story;
        const sk_story_call *top;  /**< the customer's record if there is one, else the call itself */
        const sk_story_call *main; /**< the call itself; the customer's record as long as nobody serves it */
        const sk_known *known;
        int64_t due_us; /**< 0: nothing promised */
} sk_trace;

/** Prints the tree. Returns SK_EXIT_…. */
int sk_trace_rows(const sk_trace *trace);
/** Prints where the time went, as one paragraph. */
void sk_trace_time(const sk_trace *trace);
/** Prints the whole as one line of JSON. Returns SK_EXIT_…. */
int sk_trace_json(const sk_trace *trace);

/** "3", "3 or 4", "1, 2 or 3"; "-" if it is not known. Good as sk_cli_safe. */
const char *sk_trace_workflow(sk_cli *cli, uint16_t workflows);
/** Where the time of a share went, for JSON: "link", "waiting", "work", "customer", "elsewhere". */
const char *sk_spell_id(sk_spell_kind kind);

#endif
