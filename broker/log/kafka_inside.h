#ifndef SK_LOG_KAFKA_INSIDE_H
#define SK_LOG_KAFKA_INSIDE_H

#include "log/kafka.h"
#include "log/kafka_absence.h"
#include "log/kafka_clock.h"
#include "log/kafka_committer.h"
#include "log/kafka_member.h"
#include "log/kafka_restorer.h"

/* What the files of the port share: kafka.c has its life and its turns, kafka_group.c what the group says, kafka_park.c
 * what is kept over a rebalance, kafka_do.c the driver's commands and the answers of committer and restorer. */

#define SK_KAFKA_GENERATIONS 4
#define SK_KAFKA_RUN 17          /**< hexadecimal digits and a zero byte */
#define SK_KAFKA_WANTED_MAX 4096 /**< topics of one link */

/** Metadata of the group under which batches were sealed. Freed when replaced and no job has it. */
typedef struct sk_kafka_generation {
        uint64_t number; /**< 0: free */
        rd_kafka_consumer_group_metadata_t *group;
        unsigned users;
} sk_kafka_generation;

/** What is known of one partition. */
typedef struct sk_kafka_share {
        bool is_held;               /**< the driver has it */
        bool is_restored;           /**< the driver has its state */
        bool is_worth_a_look;       /**< while verifying: it was there, whole, when all was revoked */
        char tag[SK_KAFKA_TAG_MAX]; /**< of the last transaction in it, ours or that before our restore */
} sk_kafka_share;

typedef struct sk_kafka_slot {
        sk_kafka_job job;
        bool is_used;
        uint64_t started_us;
        sk_kafka_generation *generation;
} sk_kafka_slot;

struct sk_kafka {
        unsigned magic;
        sk_driver *driver;
        sk_log_tell *tell;
        void *tell_self;
        sk_topics *topics;
        sk_kafka_settings settings;
        char *texts;            /**< what settings point to */
        char run[SK_KAFKA_RUN]; /**< names this process in the tags of its offsets */
        int32_t partitions;

        sk_kafka_committer *committer;
        sk_kafka_restorer *restorer;
        sk_kafka_member *member; /**< NULL while there is none */
        sk_local_state *state;
        sk_kafka_slot slots[SK_KAFKA_JOBS_MAX];
        int epoll_fd;

        sk_log_stage stage;
        bool wants_producer;
        bool is_opening;
        bool wants_member;
        bool is_draining;
        bool has_entered;
        uint64_t retry_us;      /**< monotonic: not before that; 0: at once */
        uint64_t lost_us;       /**< monotonic: when a transaction was lost last; 0: never */
        sk_kafka_share *shares; /**< by partition */
        bool is_revoking;
        bool is_parked;     /**< revoked, and the driver does not know: it may all come back */
        uint64_t parked_us; /**< monotonic */
        bool is_verifying;  /**< parked, and the group is being asked about what is assigned now */
        int32_t *coming;    /**< while verifying: what is assigned */
        size_t coming_count;
        sk_kafka_settled *settled; /**< the job's that asks, while is_settling */
        bool is_settling;
        uint64_t settling;       /**< the generation for which it asks */
        unsigned settle_fails;   /**< in a row */
        const sk_batch *refused; /**< a batch that no generation takes any more; to be answered */
        bool is_unknown;         /**< the outcome of a commit is */
        bool has_caught_up;      /**< with what was there when the partitions were assigned */
        uint64_t generation;
        sk_kafka_generation generations[SK_KAFKA_GENERATIONS];
        uint64_t fences_us[2]; /**< monotonic; of the member */
        sk_slice *wanted;      /**< names of topics that must be there */
        sk_input_place *places;
        uint32_t acceptance_days;
        bool passes_gaps;
        bool has_warned;
        char told[SK_KAFKA_WHY_MAX]; /**< why opening failed last, as it was told; "": it has not */
        uint64_t told_us;
        sk_kafka_absence absence;
        char away_why[SK_KAFKA_WHY_MAX]; /**< why no broker can be reached */
        uint64_t transaction_us;         /**< monotonic, since when a batch is with the committer; 0: none is */

        uint64_t full_us; /**< monotonic, since when the driver has had no room; 0: it has */
        bool holds_calls;
        uint64_t held_us; /**< monotonic, when holds_calls changed last */
        bool is_pressing;
        int exit_code;
        const char *exit_why;
        sk_log_numbers numbers;
};

/** Tells the daemon, which logs it; printf's rules. */
void sk_kafka_tell(sk_kafka *kafka, sk_log_news news, const char *format, ...) __attribute__((format(printf, 3, 4)));
/** The loop wakes up when it is readable. */
void sk_kafka_watch(sk_kafka *kafka, int fd);
/** Ends the port. */
void sk_kafka_over(sk_kafka *kafka, int exit_code, const char *why);
/** No broker can be reached; told when it begins. */
void sk_kafka_is_away(sk_kafka *kafka, const char *why);
/** Brokers answer again. */
void sk_kafka_is_back(sk_kafka *kafka);
/** A new job for the committer, to be put by the caller. */
sk_kafka_job *sk_kafka_job_begin(sk_kafka *kafka, sk_kafka_job_kind kind);

/** kafka_group.c: news of the member. */
void sk_kafka_group_look(sk_kafka *kafka, int64_t now_us);
/** Joins the group if that is due. */
void sk_kafka_group_join(sk_kafka *kafka);
/** Tells the driver of an assignment. */
void sk_kafka_group_assign(sk_kafka *kafka, const int32_t *partitions, size_t count, int64_t now_us);
/** Tells the driver that everything it holds is lost. */
void sk_kafka_group_lose(sk_kafka *kafka, int64_t now_us);
/** Gives the member up; its handle is closed by the committer. */
void sk_kafka_group_leave(sk_kafka *kafka, bool is_leaving);
/** A partition of the driver's may go. */
void sk_kafka_group_let_go(sk_kafka *kafka, int32_t partition);
/** The generation of that number; NULL if it is forgotten. */
sk_kafka_generation *sk_kafka_group_generation(sk_kafka *kafka, uint64_t number);
/** Frees the member and its generations; what the committer still uses is freed with it. */
void sk_kafka_group_free(sk_kafka *kafka);

/** kafka_park.c: everything is revoked and may come back (rule R3). */
void sk_kafka_park(sk_kafka *kafka);
/** What is parked is forgotten as parked: the driver has been told of its end, or will be. */
void sk_kafka_park_end(sk_kafka *kafka);
/** Lets the group go on when the commit underway has ended, five seconds at most. */
void sk_kafka_park_look(sk_kafka *kafka);
/** These partitions are assigned: the group is asked about them (rule R2a) before the driver hears of it. */
void sk_kafka_park_assigned(sk_kafka *kafka, const int32_t *partitions, size_t count, int64_t now_us);
/** What the group says about who wrote last. */
void sk_kafka_park_settled(sk_kafka *kafka, const sk_kafka_job *job, int64_t now_us);

/** kafka_do.c: opens producer and topics if that is due. */
void sk_kafka_do_open(sk_kafka *kafka);
/** Takes back what the committer has done, and gives the driver its answers. */
void sk_kafka_do_jobs(sk_kafka *kafka, int64_t now_us);
/** Hands the driver what the restorer has read, as far as it has room. */
void sk_kafka_do_pieces(sk_kafka *kafka, int64_t now_us);
/** Fetches the driver's commands; true when some are left. */
bool sk_kafka_do_commands(sk_kafka *kafka);

#endif
