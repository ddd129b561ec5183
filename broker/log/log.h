#ifndef SK_LOG_LOG_H
#define SK_LOG_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/err.h"
#include "kit/slice.h"
#include "link/driver.h"

/*
 * A log as a driver's port (link/port.h), whichever it is: what `--log` names. It restores, feeds the driver and carries
 * out its commands. Nothing here blocks the loop; what waits for a disk or for a broker does so on threads of its own.
 *
 * One thread: the one that owns the driver.
 */

typedef struct sk_log sk_log;

#define SK_LOG_TEXT_MAX 512

typedef enum sk_log_stage {
        SK_LOG_STANDBY,     /**< other processes run the team's link, all of it */
        SK_LOG_TAKING_OVER, /**< it is our turn, and not ours yet */
        SK_LOG_RUNNING,     /**< the driver is assigned; it may still restore */
        SK_LOG_OVER,        /**< see sk_log_exit_code */
} sk_log_stage;

/** What happened that people may want to read in the daemon's log. */
typedef enum sk_log_news {
        SK_NEWS_STANDBY,       /**< text: who holds the team */
        SK_NEWS_TAKEN_OVER,    /**< text: the epoch, or the generation and what of the team is ours */
        SK_NEWS_UNCLEAN,       /**< the last process did not end cleanly; text: "crashed; 1 inputs were noted" */
        SK_NEWS_RESTORED,      /**< text: how many records of the journal */
        SK_NEWS_GAP,           /**< records were deleted unread; text: topic and offsets */
        SK_NEWS_BEWARE,        /**< nothing is wrong yet; text: what people should know */
        SK_NEWS_COMMIT_FAILED, /**< text: why */
        SK_NEWS_FENCED,        /**< text: why */
        SK_NEWS_LOST,          /**< a transaction, and no rival's doing; text: why */
        SK_NEWS_TROUBLE,       /**< something failed and is tried again; text: what */
        SK_NEWS_AWAY,          /**< the log cannot be reached at all; text: why */
        SK_NEWS_BACK,          /**< it can again; text: after how many seconds */
        SK_NEWS_TELL,          /**< people are to be told of something that is committed; text: SK_DO_TELL's */
} sk_log_news;

typedef void sk_log_tell(void *self, sk_log_news news, const char *text);

/** Numbers for `/metrics`. */
typedef struct sk_log_numbers {
        int64_t epoch; /**< of the take-over; on Kafka assignments are counted; 0 before */
        uint64_t take_overs;
        uint64_t records_fetched;
        uint64_t commits_failed;
        uint64_t busy_waits; /**< time-outs behind another writer */
        uint64_t commit_us;  /**< spent in commits, as the loop sees it */
        uint64_t commits;
        uint64_t waiting_us;          /**< how long the oldest job has been with the committer; 0: none is */
        bool is_late;                 /**< so long that people must know: a slow disk, another writer, no broker */
        bool is_behind;               /**< what had come before the team was ours is not all read yet */
        uint64_t transaction_us;      /**< how long the present transaction is underway; 0: none is */
        bool is_unknown;              /**< its outcome is not known, and is being asked for */
        bool has_brokers;             /**< it is Kafka: what stands below means something */
        uint64_t lag[SK_TOPIC_KINDS]; /**< of inbound topics: records that had not been fetched lately, at most */
        uint64_t rebalances;          /**< how often the group assigned partitions */
        uint64_t absences;            /**< how often no broker could be reached */
        uint64_t away_us;             /**< how long none can be; 0: one can */
        unsigned brokers;             /**< that are known */
        unsigned brokers_up;          /**< to which there is a connection */
        uint64_t round_trip_us;       /**< to the group's coordinator, lately; 0: not known */
} sk_log_numbers;

typedef struct sk_log_config {
        const char *url;                     /**< `local:FILE`, `kafka:HOST:PORT[,HOST:PORT...]` */
        const char *state_dir;               /**< for notes and the mark of an unclean exit; of this instance only */
        const char *instance;                /**< on Kafka: one process of the team at a time has it */
        const sk_chain_property *properties; /**< what the log's library takes: sk_edition_kafka */
        size_t property_count;
        sk_driver *driver;  /**< borrowed; with as many partitions as sk_log_partitions says */
        int32_t partitions; /**< as the driver was told */
        sk_log_tell *tell;  /**< borrowed; may be NULL */
        void *tell_self;
        uint32_t acceptance_days;
        bool passes_gaps; /**< a person knows that records were deleted unread, and wants to go on behind them */
} sk_log_config;

/** Whether a URL names a log that this program knows; else @p why gets a sentence, which may be NULL. */
bool sk_log_is_url(const char *url, char why[SK_LOG_TEXT_MAX]);
/** Partitions of every topic on that log: 1 on a local one, else as the chain says. */
int32_t sk_log_partitions(const char *url, int32_t of_chain);
/** Whether the instances of a team share its partitions there and need names. */
bool sk_log_is_shared(const char *url);

/**
 * Opens the log; nothing is taken over before the first turn. Blocks for some seconds at worst.
 *
 * @param config  copied, but for what is borrowed
 * @param why     gets a sentence when this fails
 * @param out     new: free with sk_log_free, before the driver
 */
sk_err sk_log_new(const sk_log_config *config, char why[SK_LOG_TEXT_MAX], sk_log **out);
/** Lets go of everything, whatever is underway; waits for the commit that is underway. NULL is legal. */
void sk_log_free(sk_log *log);

/** Readable when a turn is due at once. One descriptor for everything, good for any poll. */
int sk_log_fd(const sk_log *log);

/**
 * Does what can be done now and gives the driver its turn.
 *
 * @param now_us  the clock, microseconds since the epoch, UTC
 * @return microseconds until the next turn is wanted if the descriptor stays quiet: 0 at once, at most a second
 */
int64_t sk_log_turn(sk_log *log, int64_t now_us);

/** Gives the team's partitions to others first, then stops the driver (rule R4); the same as stopping on a local log. */
void sk_log_drain(sk_log *log, int64_t now_us);

/** How far the log is: see sk_log_stage. */
sk_log_stage sk_log_stage_of(const sk_log *log);
/** When over: with what to end the process (rule T) and why; static text. */
int sk_log_exit_code(const sk_log *log);
/** Why it is over, one sentence; borrowed. */
const char *sk_log_exit_why(const sk_log *log);

/** Looks at the counters. */
void sk_log_count_of(const sk_log *log, sk_log_numbers *out);

/** See sk_local_crash_fd. */
int sk_log_crash_fd(const sk_log *log);
/** Writes `<team>.<suffix>` into the state directory, for tools: the address of a server; SK_NONE takes it away. */
sk_err sk_log_publish(sk_log *log, const char *suffix, sk_slice text);

#endif
