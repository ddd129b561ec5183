#ifndef SK_LOG_LOCAL_H
#define SK_LOG_LOCAL_H

#include "log/log.h"

/*
 * The local log as a port of a driver (link/port.h, rule L): takes the team's lock or stands by, restores, feeds the
 * driver and carries out its commands. Nothing here blocks but for a bounded amount of reading from the page cache;
 * what waits for a disk or for another writer does so on the committer's thread.
 *
 *     standby ──lock──> taking over ──epoch raised──> running ──exit──> over
 *        ^                                               │
 *        └──────────────── fenced: restart ──────────────┘
 *
 * One thread: the one that owns the driver.
 */

typedef struct sk_local sk_local;

typedef struct sk_local_config {
        const char *file;      /**< path of the log */
        const char *state_dir; /**< for notes and the mark of an unclean exit */
        sk_driver *driver;     /**< borrowed; with one partition */
        sk_log_tell *tell;     /**< borrowed; may be NULL */
        void *tell_self;
        uint32_t acceptance_days;
        bool passes_gaps; /**< see sk_log_config */
} sk_local_config;

/**
 * Opens the log; nothing is taken over before the first turn. Blocks until the file is open, some seconds at worst.
 *
 * @param why  gets a sentence when this fails
 * @param out  new: free with sk_local_free, before the driver
 */
sk_err sk_local_new(const sk_local_config *config, char why[SK_LOG_TEXT_MAX], sk_local **out);
/** Lets go of everything, whatever is underway; waits for the commit that is at the disk. NULL is legal. */
void sk_local_free(sk_local *local);

/** Readable when a turn is due at once. One descriptor for everything, good for any poll. */
int sk_local_fd(const sk_local *local);

/**
 * Does what can be done now and gives the driver its turn.
 *
 * @param now_us  the clock, microseconds since the epoch, UTC
 * @return microseconds until the next turn is wanted if the descriptor stays quiet: 0 at once, at most a second
 */
int64_t sk_local_turn(sk_local *local, int64_t now_us);

/** There is nobody to give it to: stops the driver. */
void sk_local_drain(sk_local *local, int64_t now_us);

/** Where the log is in its life. */
sk_log_stage sk_local_stage_of(const sk_local *local);
/** When over: with what to end the process (rule T) and why; static text. */
int sk_local_exit_code(const sk_local *local);
/** Why it is over, one sentence; borrowed. */
const char *sk_local_exit_why(const sk_local *local);

/** Looks at the counters. */
void sk_local_count_of(const sk_local *local, sk_log_numbers *out);

/**
 * Where the handler of a fatal signal writes SK_LOCAL_CRASH, so that the next process knows that this one did not end
 * by somebody's will (rule R5); -1 while the link does not run.
 */
int sk_local_crash_fd(const sk_local *local);
#define SK_LOCAL_CRASH "crashed\n"

/** Writes `<team>.<suffix>` into the state directory, for tools: the address of a server; SK_NONE takes it away. */
sk_err sk_local_publish(sk_local *local, const char *suffix, sk_slice text);

#endif
