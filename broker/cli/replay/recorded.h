#ifndef SK_CLI_RECORDED_H
#define SK_CLI_RECORDED_H

#include "cli/replay/replay.h"
#include "kit/heap.h"
#include "link/call.h"
#include "log/memory_chain.h"

/*
 * A replay as it was: the links of a chain in one process, on a log in memory, under a clock that goes from one recorded
 * moment to the next. Each call is raised when it was, its customer is asked while it was, and the first thing that a
 * person does for it at its provider takes until it was over; whatever else people do takes no time. So promises can be
 * counted as the links count them, and compared with what the record says of them.
 */

/** What is still to be done about a recorded call. */
typedef enum sk_recorded_step {
        SK_RECORDED_RAISE,
        SK_RECORDED_ASK,    /**< the customer is asked */
        SK_RECORDED_ANSWER, /**< and answers */
        SK_RECORDED_END,    /**< the task is completed */
        SK_RECORDED_DONE,
} sk_recorded_step;

/** One recorded call. */
typedef struct sk_recorded_call {
        sk_history_call *call;
        sk_recorded_step step;         /**< the next */
        const sk_history_pause *pause; /**< the next, or the one that runs */
        sk_deadline due;               /**< of the next step; its id is the call's */
        uint32_t visit;                /**< of the task that is held until the end; 0: none yet */
        bool is_held;
        bool is_closed;
        bool is_promised;
        bool is_kept;
        int64_t lead_us;
        int64_t stopped_us;
} sk_recorded_call;

typedef struct sk_recorded {
        sk_cli *cli;
        sk_edition *edition;
        const sk_history_map *map;
        const sk_history_calls *calls;
        sk_memory_chain *chain;
        sk_recorded_call *list;
        size_t count;
        sk_map *by_id; /**< 36 characters to sk_recorded_call */
        sk_heap *agenda;
        int64_t now_us;
        uint64_t written; /**< `work` records so far: their ids count up */
        bool is_full;     /**< no memory is left */
} sk_recorded;

/**
 * Reads a chain whose agreements promise what the map says, in place of what they say themselves.
 *
 * @param out  new: sk_edition_release
 * @return SK_EXIT_…; a failure is printed
 */
int sk_recorded_edition(sk_cli *cli, const char *chain, const sk_history_map *map, sk_edition **out);

/** Runs the history of @p replay to its end and prints how its promises compare. Returns SK_EXIT_…. */
int sk_recorded_run(sk_replay *replay);

/** A `work` record. */
typedef struct sk_recorded_deed {
        size_t team; /**< index in the edition */
        sk_id call;
        sk_message type;
        sk_slice actor;
} sk_recorded_deed;

/** Appends it; @p value is an object. */
void sk_recorded_work(sk_recorded *self, const sk_recorded_deed *deed, sk_slice value);
/** Index of a team in the edition, by name; it must be there. */
size_t sk_recorded_team(const sk_recorded *self, sk_slice name);
/** People do what waits for them now, but for what is held. Whether there was anything. */
bool sk_recorded_people(sk_recorded *self);
/** The step of a call that is due now. */
void sk_recorded_step_do(sk_recorded *self, sk_recorded_call *call);

/** Counts what became of the calls, as a report does, and prints the comparison. Returns SK_EXIT_…. */
int sk_recorded_print(sk_recorded *self);

#endif
