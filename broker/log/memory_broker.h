#ifndef SK_LOG_MEMORY_BROKER_H
#define SK_LOG_MEMORY_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/record.h"
#include "kit/err.h"
#include "kit/slice.h"

/*
 * A deterministic model of those parts of Kafka that rules T and R rely on. Everything happens at once when it is
 * called, except what a real broker does later by itself: the markers of an ended transaction lie in a list until
 * somebody delivers them, one by one and in any order, and time-outs happen when the clock is set. No thread, no
 * clock, no randomness: the same calls give the same bytes.
 *
 *   begin ─ produce, send_offsets ─> open ─ commit or abort ─> decided ─ last marker delivered ─> done
 *                                      └──── time-out, or init by a successor: decided, aborted
 *
 * A decided transaction is not visible before its marker is in that partition: each partition and the group's
 * offsets see it at a moment of their own.
 */

typedef struct sk_memory_broker sk_memory_broker;
typedef struct sk_memory_topic sk_memory_topic;
typedef struct sk_memory_group sk_memory_group;

typedef enum sk_isolation { SK_READ_COMMITTED, SK_READ_UNCOMMITTED } sk_isolation;

/** New broker whose topics all have @p partitions partitions; NULL without memory. */
sk_memory_broker *sk_memory_broker_new(int32_t partitions);
/** NULL is legal. Clients go before it. */
void sk_memory_broker_free(sk_memory_broker *broker);
/** How many each topic has. */
int32_t sk_memory_broker_partitions(const sk_memory_broker *broker);

/**
 * The broker's time is @p now_us; it never goes back. Aborts transactions that outlived their time-out (and fences
 * their producers) and throws members out whose session has ended.
 */
void sk_memory_broker_clock(sk_memory_broker *broker, int64_t now_us);
/** The broker's time, as sk_memory_broker_clock said last; microseconds. */
int64_t sk_memory_broker_now(const sk_memory_broker *broker);

/** What has happened so far, for tests that must know that it does. */
typedef struct sk_memory_counts {
        uint64_t committed;
        uint64_t aborted;
        uint64_t expired;          /**< transactions that outlived their time-out; among the aborted ones */
        uint64_t fenced;           /**< requests of a producer that has a successor or a transaction that expired */
        uint64_t offsets_refused;  /**< send_offsets under a generation that is over */
        uint64_t offsets_unstable; /**< offsets asked for while a transaction had them pending */
        uint64_t readers_held;     /**< read_committed readers that stood before an open transaction */
        uint64_t generations;
        uint64_t members_lost; /**< thrown out after their session time-out */
        uint64_t retained;     /**< records that retention took */
        uint64_t compacted;    /**< records that compaction took */
} sk_memory_counts;
/** What has happened since the broker was made. */
sk_memory_counts sk_memory_broker_counts(const sk_memory_broker *broker);

/* ---- topics ---- */

/** The topic of that name, made on first use; NULL without memory. */
sk_memory_topic *sk_memory_topic_open(sk_memory_broker *broker, sk_slice name);
/** How many topics have been opened. */
size_t sk_memory_topic_count(const sk_memory_broker *broker);
/** One of them, index below the count, in the order of their first use; borrowed. */
sk_memory_topic *sk_memory_topic_at(const sk_memory_broker *broker, size_t index);
/** Good for as long as the broker is. */
sk_slice sk_memory_topic_name(const sk_memory_topic *topic);

/**
 * The first record at or behind @p position that this isolation shows. Markers, aborted records and gaps are skipped.
 *
 * @param out       bytes stay good until retention or compaction takes the record; `topic` is NULL
 * @param out_next  where to go on: behind the record, or where reading stands when there is none
 * @return SK_OK; SK_ERR_NOT_FOUND: nothing there yet; SK_ERR_RANGE: below the low watermark or behind the end
 */
sk_err sk_memory_read(const sk_memory_topic *topic, int32_t partition, int64_t position, sk_isolation isolation,
                      sk_record *out, int64_t *out_next);
/** Low watermark: the smallest offset that is still readable. */
int64_t sk_memory_low(const sk_memory_topic *topic, int32_t partition);
/** The end as this isolation sees it: the last stable offset, or the high watermark. */
int64_t sk_memory_end(const sk_memory_topic *topic, int32_t partition, sk_isolation isolation);
/** Leaves @p count offsets without a record, as compaction and control records do. */
void sk_memory_skip(sk_memory_topic *topic, int32_t partition, int64_t count);
/**
 * Takes stable records older than @p before_us and below @p below away; the low watermark follows. When none is left,
 * control records and gaps that are as old go as well, as with the last segment of a real partition.
 */
void sk_memory_retain(sk_memory_topic *topic, int32_t partition, int64_t before_us, int64_t below);
/**
 * Takes all from offset @p from on away, as when a broker that was behind becomes the leader; their offsets stay without
 * a record. Nothing goes while a transaction is open behind it.
 *
 * @return how many
 */
size_t sk_memory_lose(sk_memory_topic *topic, int32_t partition, int64_t from);
/**
 * Keeps the last stable value of each key; offsets stay as they are. A tombstone goes when the compaction that took what
 * it deletes lies before @p before_us: whoever began to read before that, and comes to the end in this time, sees it.
 */
sk_err sk_memory_compact(sk_memory_topic *topic, int32_t partition, int64_t before_us);
/** Appends outside of any transaction; the record's timestamp is the broker's time. */
sk_err sk_memory_append(sk_memory_broker *broker, sk_memory_topic *topic, const sk_record *record);

/* ---- transactions ---- */

/** A producer as its client holds it: good until another one is initialised with the same transactional id. */
typedef struct sk_memory_producer {
        uint32_t index;
        uint32_t epoch;
} sk_memory_producer;

/** What a consumer knows about its membership at one moment. */
typedef struct sk_memory_member {
        uint32_t index;       /**< of the static member (group.instance.id) */
        uint32_t incarnation; /**< of the process behind it */
        uint64_t generation;
} sk_memory_member;

/** A position for send_offsets. */
typedef struct sk_memory_offset {
        const sk_memory_topic *topic;
        int32_t partition;
        int64_t next_offset;
} sk_memory_offset;

/**
 * init_transactions: raises the epoch of the transactional id and aborts what an earlier producer left open.
 *
 * @return SK_OK; SK_ERR_BUSY while markers of the earlier transaction are under way (call again); SK_ERR_NO_MEMORY
 */
sk_err sk_memory_producer_init(sk_memory_broker *broker, sk_slice transactional_id, int64_t timeout_us,
                               sk_memory_producer *out);
/** Writes in the producer's transaction, opening one. SK_ERR_FENCED; SK_ERR_BUSY: the last one's markers are under way. */
sk_err sk_memory_produce(sk_memory_broker *broker, const sk_memory_producer *producer, sk_memory_topic *topic,
                         const sk_record *record);
/**
 * Puts offsets into the transaction. Without offsets it succeeds and checks nothing at all, as on a real broker.
 *
 * @return SK_OK; SK_ERR_ABORTED: the member or its generation is not the group's (abortable); SK_ERR_FENCED; SK_ERR_BUSY
 */
sk_err sk_memory_send_offsets(sk_memory_broker *broker, const sk_memory_producer *producer, sk_memory_group *group,
                              const sk_memory_member *member, const sk_memory_offset *offsets, size_t count);
/** Decides the open transaction; repeating it after it was decided gives the same answer. SK_ERR_FENCED. */
sk_err sk_memory_commit(sk_memory_broker *broker, const sk_memory_producer *producer);
/** Aborts the producer's transaction. SK_OK also when none is open; SK_ERR_FENCED; SK_ERR_LOST: it is being committed. */
sk_err sk_memory_abort(sk_memory_broker *broker, const sk_memory_producer *producer);

/** Markers of decided transactions that no partition has yet; delivering one takes it out of the list. */
size_t sk_memory_marker_count(const sk_memory_broker *broker);
/** Writes the marker with that index, below the number pending: what it settles is visible now. */
void sk_memory_marker_deliver(sk_memory_broker *broker, size_t index);

/** What a transaction wrote, as shown to an observer. */
typedef struct sk_memory_written {
        const sk_memory_topic *topic;
        sk_record record;
} sk_memory_written;

typedef struct sk_memory_commit_view {
        sk_slice transactional_id;
        const sk_memory_written *records; /**< in the order of writing */
        size_t record_count;
        const sk_memory_offset *offsets;
        size_t offset_count;
} sk_memory_commit_view;

/** Called whenever a transaction is decided as committed, before any marker is delivered. */
typedef void (*sk_memory_observer)(void *self, const sk_memory_commit_view *view);
/** @p observer is called with @p self for each transaction that is decided as committed; NULL: nobody. */
void sk_memory_broker_observe(sk_memory_broker *broker, sk_memory_observer observer, void *self);

/* ---- groups ---- */

typedef enum sk_membership {
        SK_MEMBER_STABLE,      /**< the partitions given are this member's */
        SK_MEMBER_REBALANCING, /**< give back what you have and rejoin */
        SK_MEMBER_UNKNOWN,     /**< thrown out: everything is lost; join anew */
        SK_MEMBER_FENCED,      /**< a newer process has the same instance id */
} sk_membership;

/** The group of that name, made on first use with this session time-out, microseconds; NULL without memory. */
sk_memory_group *sk_memory_group_open(sk_memory_broker *broker, sk_slice name, int64_t session_timeout_us);
/** A process joins as static member @p instance; if that one is in the stable group already, nobody else notices. */
sk_err sk_memory_group_join(sk_memory_group *group, sk_slice instance, sk_memory_member *out);
/** After SK_MEMBER_REBALANCING: everything is given back, ready for the next generation. */
void sk_memory_group_rejoin(sk_memory_group *group, const sk_memory_member *member);
/** Leaves at once (unsubscribe of a dynamic member; --drain). */
void sk_memory_group_leave(sk_memory_group *group, const sk_memory_member *member);
/**
 * Heartbeat and news. On SK_MEMBER_STABLE the member's generation is brought up to date.
 *
 * @param out_first  partitions first to first + count - 1 are the member's (range assignment)
 */
sk_membership sk_memory_group_poll(sk_memory_group *group, sk_memory_member *member, int32_t *out_first,
                                   int32_t *out_count);
/** Members now, and which of them this one is by name (tests). */
size_t sk_memory_group_size(const sk_memory_group *group);
/** Counts the group's rebalances. */
uint64_t sk_memory_group_generation(const sk_memory_group *group);
/** An offset is read_committed-readable only when no transaction has it pending: else SK_ERR_BUSY. -1: none. */
sk_err sk_memory_committed(const sk_memory_group *group, const sk_memory_topic *topic, int32_t partition,
                           sk_isolation isolation, int64_t *out_next);

#endif
