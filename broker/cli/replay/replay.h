#ifndef SK_CLI_REPLAY_H
#define SK_CLI_REPLAY_H

#include "cli/cli.h"
#include "cli/replay/history_file.h"
#include "cli/report/balance.h"
#include "kit/map.h"

/*
 * What the files of `schakel replay` share: the calls that are replayed, and what the chain's own records say of each.
 */

/** One replayed call, as both sides saw it. */
typedef struct sk_replayed {
        sk_history_call *call;
        bool is_known; /**< raised by an earlier replay */
        bool is_raised;
        bool is_refused;    /**< the customer's own link would not raise it */
        uint32_t asked;     /**< events.delegated of the customer */
        uint32_t told;      /**< event.closed of the customer */
        uint32_t opened;    /**< event.opened of the provider */
        uint32_t closed;    /**< event.closed of the provider */
        uint32_t kept;      /**< archived by the customer */
        uint32_t archived;  /**< archived by the provider */
        uint32_t workflow;  /**< 0: none */
        sk_outcome outcome; /**< as told */
} sk_replayed;

/** How far a team's topic has been read. */
typedef struct sk_replay_reader {
        sk_slice team;
        char topic[160];
        int64_t *nexts;   /**< of each partition */
        bool is_customer; /**< of a replayed call */
} sk_replay_reader;

typedef struct sk_replay {
        sk_cli *cli;
        const sk_edition *edition;
        sk_log_tool *log;
        const char *log_name;
        sk_history_map *map;
        sk_history_calls *calls;
        sk_history_tally tally;
        sk_replayed *list; /**< in order of time */
        size_t count;
        sk_map *by_id; /**< 36 characters to sk_replayed */
        sk_balance *balance;
        sk_replay_reader *readers; /**< of events, by team */
        size_t reader_count;
        int64_t *nexts;  /**< of all readers */
        size_t raised;   /**< appended by this run */
        size_t known;    /**< by an earlier one */
        size_t finished; /**< told or refused */
        int64_t begun_us;
        int64_t ended_us;
} sk_replay;

/** What it all comes to. */
typedef struct sk_replay_result {
        uint64_t told;
        uint64_t open;
        uint64_t lost;
        uint64_t doubled;
        uint64_t refused;
        uint64_t changed;     /**< of those that the history says it of: infrastructure was modified */
        uint64_t as_recorded; /**< 3 or 4 as the history says */
        uint64_t otherwise;
        uint64_t outcomes[SK_OUTCOMES];
        uint64_t unequal; /**< agreements */
        bool is_ok;
} sk_replay_result;

/** Makes what is needed to follow the calls. Returns SK_EXIT_…; a failure is printed. */
int sk_replay_follow_begin(sk_replay *replay);
/** Ends the following; nothing is read any more. */
void sk_replay_follow_end(sk_replay *replay);
/** Reads what is new in events: of the customers only, or of all teams. */
int sk_replay_follow(sk_replay *replay, bool of_all);
/** Finds which calls were raised before, in the `work` topics. */
int sk_replay_find_known(sk_replay *replay);
/** Reads the archives of all teams. */
int sk_replay_read_archives(sk_replay *replay);
/** Appends the next calls that are not known yet, at most @p max of those before @p until_us. */
int sk_replay_raise(sk_replay *replay, size_t *next, size_t max, int64_t until_us);

/** Adds up what has become of the calls so far. */
void sk_replay_sum(const sk_replay *replay, sk_replay_result *out);
/** Prints the result, as text or as JSON. */
int sk_replay_print(const sk_replay *replay, const sk_replay_result *result);

#endif
