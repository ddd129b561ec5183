#ifndef SK_LOG_KAFKA_MEMBER_H
#define SK_LOG_KAFKA_MEMBER_H

#include "event/record.h"
#include "link/port.h"
#include "log/kafka_settings.h"
#include "log/kafka_stats.h"

/*
 * The instance as a member of its team's consumer group (rule R1). It subscribes to `work` only, and is told which
 * partition numbers are its own; what it then reads, of `work` and of every other inbound topic, it says itself, each
 * topic partition with the offset to begin at, once its state has been restored.
 *
 * Nothing here waits for a broker. One thread: the loop's.
 */

typedef struct sk_kafka_member sk_kafka_member;

/** Makes the handle and subscribes. @p partitions: N. @p out: new, end with sk_kafka_member_close. */
sk_err sk_kafka_member_new(const sk_kafka_settings *settings, sk_slice work, int32_t partitions,
                           char why[SK_KAFKA_WHY_MAX], sk_kafka_member **out);
/** Frees the member but for its handle, which it returns: to destroy it takes time. */
rd_kafka_t *sk_kafka_member_close(sk_kafka_member *member);

typedef enum sk_kafka_news_kind {
        SK_KAFKA_RECORD,   /**< the next record of something that is read */
        SK_KAFKA_PASSED,   /**< up to offset there are no more: what lies before it are control and aborted records */
        SK_KAFKA_ALIVE,    /**< there is a connection to a broker; said now and then */
        SK_KAFKA_ASSIGNED, /**< these partitions, and no others, are ours */
        SK_KAFKA_REVOKED,  /**< all partitions go away: answer with sk_kafka_member_let_go; lost: they are gone */
        SK_KAFKA_GAP,      /**< the log no longer has, or does not have yet, what is to be read next */
        SK_KAFKA_AWAY,     /**< no broker can be reached */
        SK_KAFKA_TROUBLE,  /**< something failed and is tried again */
        SK_KAFKA_FATAL,    /**< this member is of no use any more */
} sk_kafka_news_kind;

typedef struct sk_kafka_news {
        sk_kafka_news_kind kind;
        bool is_lost;
        const int32_t *partitions; /**< assigned; good until the next news */
        size_t partition_count;
        sk_record record;      /**< good until the next news */
        const sk_topic *topic; /**< passed, gap */
        int32_t partition;
        int64_t offset; /**< passed: where reading stands */
        const char *text;
} sk_kafka_news;

/** Its handle, to be asked about the group on another thread before it is closed; borrowed. */
rd_kafka_t *sk_kafka_member_client(const sk_kafka_member *member);

/** What has happened since, in order; false when nothing has. */
bool sk_kafka_member_news(sk_kafka_member *member, sk_kafka_news *out);

/** Metadata of the group as it is now, to go with what is sealed; new: rd_kafka_consumer_group_metadata_destroy. */
rd_kafka_consumer_group_metadata_t *sk_kafka_member_group(sk_kafka_member *member);
/** The revoked partitions may go to others. */
void sk_kafka_member_let_go(sk_kafka_member *member);
/** Leaves the group: a revocation follows. */
void sk_kafka_member_leave(sk_kafka_member *member);

/**
 * This topic will be read: who leads its partitions is found out meanwhile, which librdkafka would take a second or two
 * for afterwards.
 */
sk_err sk_kafka_member_expect(sk_kafka_member *member, const sk_topic *topic);
/** Read this topic partition from there on, 0 meaning from what is left of it; sk_kafka_member_flow makes it so. */
sk_err sk_kafka_member_place(sk_kafka_member *member, const sk_position *position);
/** What is to be read of it next; -1: it is not read. */
int64_t sk_kafka_member_next(const sk_kafka_member *member, const sk_topic *topic, int32_t partition);
/** Stop reading that partition of all topics. */
void sk_kafka_member_keep_back(sk_kafka_member *member, int32_t partition);
/** Stop reading whatever is read. */
void sk_kafka_member_stop(sk_kafka_member *member);
/** What of it not to read for now; goes on where it was. sk_kafka_member_flow makes it so. */
void sk_kafka_member_hold(sk_kafka_member *member, bool holds_calls, bool holds_all);
/** Tells librdkafka what has changed since. */
void sk_kafka_member_flow(sk_kafka_member *member);

/** What was read of it so far is committed. */
void sk_kafka_member_done(sk_kafka_member *member, const sk_position *position);
/**
 * Whether what was there when reading began has been read, and what came of it is committed. What is held is left out.
 * From what has come already: no broker is asked.
 */
bool sk_kafka_member_has_caught_up(const sk_kafka_member *member);

typedef struct sk_kafka_member_numbers {
        uint64_t lag[SK_TOPIC_KINDS]; /**< records before the last stable offset that had not come yet, at most */
        sk_kafka_stats stats;
} sk_kafka_member_numbers;

/** How it was when librdkafka gave its statistics last, some seconds ago; borrowed. */
const sk_kafka_member_numbers *sk_kafka_member_count(const sk_kafka_member *member);

/** Readable when there may be news. */
int sk_kafka_member_fd(const sk_kafka_member *member);
/** To be called when it was readable, before looking. */
void sk_kafka_member_drain(sk_kafka_member *member);

#endif
