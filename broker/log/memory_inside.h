#ifndef SK_LOG_MEMORY_INSIDE_H
#define SK_LOG_MEMORY_INSIDE_H

#include "kit/map.h"
#include "log/memory_broker.h"

/*
 * What the files memory_*.c of the broker share. A partition is a list of records in order of offsets, with holes;
 * `first` is the index of the first one that is still kept.
 */

typedef enum sk_memory_state { SK_MEMORY_OPEN, SK_MEMORY_STABLE, SK_MEMORY_ABORTED } sk_memory_state;

typedef struct sk_memory_entry {
        int64_t offset;
        int64_t timestamp_us;
        uint64_t transaction; /* 0: none */
        int64_t cleaned_us;   /* of a tombstone: when compaction first took what it deletes; 0: not yet */
        sk_memory_state state;
        uint32_t key_len;
        uint32_t headers_len;
        uint32_t value_len;
        bool is_tombstone;
        char bytes[];
} sk_memory_entry;

typedef struct sk_memory_open {
        uint64_t transaction;
        int64_t first_offset;
} sk_memory_open;

#define SK_MEMORY_OPEN_MAX 256 /* transactions open in one partition */

typedef struct sk_memory_partition {
        sk_memory_entry **entries;
        size_t first;
        size_t count;
        size_t capacity;
        int64_t low;
        int64_t next;
        int64_t changed_us; /* when the last offset was taken, by a record, a control record or a gap */
        sk_memory_open open[SK_MEMORY_OPEN_MAX];
        size_t open_count;
} sk_memory_partition;

struct sk_memory_topic {
        sk_memory_broker *broker;
        sk_memory_partition *partitions;
        int32_t partition_count;
        size_t name_len;
        char name[];
};

typedef enum sk_memory_phase {
        SK_MEMORY_IDLE,
        SK_MEMORY_RUNNING,
        SK_MEMORY_COMMITTING,
        SK_MEMORY_ABORTING
} sk_memory_phase;

typedef struct sk_memory_transaction {
        char *id;
        size_t id_len;
        uint32_t epoch;
        uint64_t number; /* of the transaction that runs or ran last */
        sk_memory_phase phase;
        bool was_committed; /* how the last one ended */
        int64_t began_us;
        int64_t timeout_us;
        uint32_t markers; /* not delivered yet */
        struct {
                sk_memory_topic *topic;
                int32_t partition;
        } * touched;
        size_t touched_count;
        size_t touched_capacity;
        sk_memory_written *written;
        size_t written_count;
        size_t written_capacity;
        sk_memory_group *group;
        sk_memory_offset *offsets;
        size_t offset_count;
        size_t offset_capacity;
} sk_memory_transaction;

typedef struct sk_memory_marker {
        uint32_t producer;
        sk_memory_topic *topic; /* NULL: the group's offsets */
        int32_t partition;
} sk_memory_marker;

typedef struct sk_memory_seat {
        char *instance;
        size_t instance_len;
        uint32_t incarnation;
        bool is_member;
        bool has_joined; /* for the generation to come */
        int64_t seen_us;
        int32_t first;
        int32_t count;
} sk_memory_seat;

typedef struct sk_memory_group_offset {
        const sk_memory_topic *topic;
        int32_t partition;
        int64_t next_offset; /* -1: none */
        uint32_t pending;    /* transactions that have put one and are not done */
        uint64_t settled_by; /* number of the transaction that gave next_offset: a later one is not overwritten */
} sk_memory_group_offset;

struct sk_memory_group {
        sk_memory_broker *broker;
        char *name;
        size_t name_len;
        int64_t session_timeout_us;
        uint64_t generation;
        bool is_rebalancing;
        sk_memory_seat *seats; /* never taken out: a member's index stays good */
        size_t seat_count;
        sk_memory_group_offset *offsets;
        size_t offset_count;
};

struct sk_memory_broker {
        int32_t partitions;
        int64_t now_us;
        uint64_t transactions; /* numbers given */
        sk_memory_topic **topics;
        size_t topic_count;
        sk_map *by_name;
        sk_memory_transaction *producers;
        size_t producer_count;
        sk_memory_marker *markers;
        size_t marker_count;
        size_t marker_capacity;
        sk_memory_group **groups;
        size_t group_count;
        sk_memory_counts counts;
        sk_memory_observer observer;
        void *observer_self;
};

/* Makes room for one more item; false without memory. */
bool sk_memory_grow(void **items, size_t count, size_t *capacity, size_t item_size);

/* partitions */
sk_memory_partition *sk_memory_partition_of(const sk_memory_topic *topic, int32_t partition);
/**
 * Appends a copy of the record, of @p transaction (0: of none). @p out: the entry, may be NULL. SK_ERR_NO_MEMORY;
 * SK_ERR_FULL: SK_MEMORY_OPEN_MAX transactions are open.
 */
sk_err sk_memory_partition_append(sk_memory_partition *partition, const sk_record *record, int64_t now_us,
                                  uint64_t transaction, sk_memory_entry **out);
/** Whether the transaction has records here that no marker has settled. */
bool sk_memory_partition_is_open(const sk_memory_partition *partition, uint64_t transaction);
/* A control record: takes an offset, settles the records of the transaction. */
void sk_memory_partition_mark(sk_memory_partition *partition, uint64_t transaction, bool is_commit, int64_t now_us);
/** Frees what the partition holds, not the partition. */
void sk_memory_partition_free(sk_memory_partition *partition);
/** The entry as a record that borrows from it. */
void sk_memory_entry_view(const sk_memory_entry *entry, int32_t partition, sk_record *out);

/* transactions */
void sk_memory_transactions_expire(sk_memory_broker *broker);
/** Frees what it holds. */
void sk_memory_transaction_free(sk_memory_transaction *transaction);

/* groups */
bool sk_memory_group_allows(const sk_memory_group *group, const sk_memory_member *member);
/** A transaction has put this offset: it cannot be read until that is settled. SK_ERR_NO_MEMORY. */
sk_err sk_memory_group_offset_pend(sk_memory_group *group, const sk_memory_offset *offset);
/** The transaction that put it is decided: the offset counts if @p is_commit and no later one has given another. */
void sk_memory_group_offset_settle(sk_memory_group *group, const sk_memory_offset *offset, uint64_t transaction,
                                   bool is_commit);
/** Throws members out whose session has ended by the broker's time. */
void sk_memory_groups_expire(sk_memory_broker *broker);
/** NULL is legal. */
void sk_memory_group_free(sk_memory_group *group);

#endif
