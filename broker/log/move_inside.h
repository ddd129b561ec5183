#ifndef SK_LOG_MOVE_INSIDE_H
#define SK_LOG_MOVE_INSIDE_H

#include "event/topics.h"
#include "log/move.h"

/* What both directions know of a chain on a log. */

#define SK_MOVE_TOPICS_MAX 65536
#define SK_MOVE_PARTITIONS_MAX 10000

/** One topic partition. */
typedef struct sk_move_place {
        int64_t low;          /**< export: everything below was deleted */
        int64_t end;          /**< export */
        int64_t mark;         /**< export: where the reader stands */
        int64_t base;         /**< import: offset of the first record */
        int64_t last;         /**< import: offset of the last record that is there */
        sk_moved_sum there;   /**< import: what is there */
        sk_moved_sum planned; /**< import: what has to be there in the end */
        sk_moved_sum prefix;  /**< import: of the planned ones, as many as are there */
        uint64_t read;        /**< import: of the planned ones, those that count as read */
        uint64_t passed;      /**< import: of the planned ones, those gone through while writing */
} sk_move_place;

typedef struct sk_move_topic {
        char name[SK_MOVE_NAME_MAX];
        sk_topic_kind kind;
        sk_slice owner; /**< in name */
        int32_t partitions;
        sk_move_place *places; /**< as many */
        bool has_mark;
        int64_t mark_now_us;
        sk_buf mark;     /**< of a journal: payload of the newest */
        bool is_in_file; /**< import */
} sk_move_topic;

typedef struct sk_move_topics {
        sk_move_topic *at;
        size_t count;
        size_t room;
} sk_move_topics;

/** Frees what it holds; on an empty one it is legal. */
void sk_move_topics_free(sk_move_topics *topics);
/** By name; NULL. */
sk_move_topic *sk_move_topics_find(const sk_move_topics *topics, sk_slice name);
/**
 * Adds a topic of the chain. Moves the others in memory.
 *
 * @return SK_OK; SK_ERR_SYNTAX: it is none of the chain's; SK_ERR_NO_MEMORY; SK_ERR_FULL
 */
sk_err sk_move_topics_add(sk_move_topics *topics, sk_slice chain, sk_slice name, int32_t partitions,
                          sk_move_topic **out);
/** All topics of the chain on the log, with low and end of their places. Fills @p why. */
sk_err sk_move_topics_list(sk_move_topics *topics, const sk_move_config *config, char *why);
/** Keeps the links of all teams out, and sees that nothing is undecided. Fills @p why. */
sk_err sk_move_hold(const sk_move_topics *topics, const sk_move_config *config, char *why);
/** Whether it is read by its owner's link. */
bool sk_move_is_inbound(const sk_move_topic *topic);

/** Writes a sentence for people and gives the error back. */
sk_err sk_move_fail(char *why, sk_err err, const char *format, ...) __attribute__((format(printf, 3, 4)));
/** SK_OK or SK_ERR_ABORTED. */
sk_err sk_move_tell(const sk_move_config *config, const char *what, uint64_t done, uint64_t total);

#endif
