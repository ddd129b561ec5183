#ifndef SK_LOG_MEMORY_CLIENT_INSIDE_H
#define SK_LOG_MEMORY_CLIENT_INSIDE_H

#include "log/memory_client.h"

/*
 * What the files of the memory client share.
 *
 *   not held -> idle (assigned, the driver has not said restore) -> committed (R2a) -> end (R2b) -> read (R2c)
 *            -> restored -> not held
 */

typedef enum sk_held_phase {
        SK_HELD_NOT,
        SK_HELD_IDLE,
        SK_HELD_COMMITTED,
        SK_HELD_END,
        SK_HELD_READ,
        SK_HELD_RESTORED
} sk_held_phase;

typedef struct sk_held {
        sk_held_phase phase;
        int64_t position;
        int64_t end;
} sk_held;

typedef struct sk_fetch {
        const sk_topic *topic;
        sk_memory_topic *log;
        int32_t partition;
        int64_t next_offset;
        bool is_paused; /* a gap: what the mark wants is not there any more */
} sk_fetch;

typedef enum sk_commit_phase {
        SK_COMMIT_NONE,
        SK_COMMIT_WRITE,
        SK_COMMIT_OFFSETS,
        SK_COMMIT_END,
        SK_COMMIT_ANSWER
} sk_commit_phase;

typedef struct sk_stub_asked {
        int32_t partition;
        char *key;
        size_t key_len;
} sk_stub_asked;

#define SK_GENERATIONS_KEPT 16

struct sk_memory_client {
        sk_memory_broker *broker;
        sk_driver *driver;
        sk_memory_notes *notes;
        void (*given)(void *self, const sk_record *record);
        void *self;
        sk_memory_group *group;
        char *instance;
        char *transactional_id;
        char *group_name;
        int64_t transaction_timeout_us;
        int64_t session_timeout_us;
        const sk_topic *journal;
        const sk_topic *work;
        sk_memory_topic *journal_log;
        sk_memory_topic *work_log;

        sk_memory_producer producer;
        bool is_producing;
        sk_memory_member member;
        bool has_joined;
        bool is_assigned;
        bool is_revoking;
        bool keeps_partitions;
        uint64_t assigned_generation; /* the group's, for which what is held was last looked at */
        uint64_t generation;          /* counts assignments; what the driver seals under */
        sk_memory_member members[SK_GENERATIONS_KEPT];

        int32_t partition_count;
        sk_held *partitions;
        int64_t *restored_ends; /* of each partition's last restore, also when it is not held any more */
        sk_fetch *fetches;
        size_t fetch_count;
        size_t fetch_capacity;
        bool has_given; /* records the driver has had no turn for */

        sk_commit_phase commit;
        const sk_batch *batch;
        int64_t begun_us; /* when it was begun, by the broker's clock */
        size_t written;
        bool is_unknown; /* the commit was asked for once; only asking again tells how it ended */
        sk_err result;

        sk_input_place *places;
        size_t place_count;
        bool is_noting;
        bool is_forgetting;
        sk_stub_asked *stubs;
        size_t stub_count;
        size_t stub_capacity;

        bool has_exited;
        int exit_code;
};

/* memory_consumer.c */
bool sk_memory_restore_waits(const sk_memory_client *client, int32_t partition);
/** The next step of restoring the partition (rule R2): at most @p amount records of its journal for the driver. */
void sk_memory_restore(sk_memory_client *client, int32_t partition, size_t amount, int64_t now_us);
/** SK_COMMAND_RESUME: sets the positions of the partition's inbound topics to the marks. */
void sk_memory_resume(sk_memory_client *client, const sk_command *command);
/** Whether there is anything to read for the fetch with that index. */
bool sk_memory_fetch_waits(const sk_memory_client *client, size_t index);
/** Reads up to @p amount records of it. */
void sk_memory_fetch_some(sk_memory_client *client, size_t index, size_t amount);
/** Stops reading whatever belongs to the partition. */
void sk_memory_fetches_drop(sk_memory_client *client, int32_t partition);
/** Notes that a stub is wanted; the key is copied. False without memory. */
bool sk_memory_stub_ask(sk_memory_client *client, int32_t partition, sk_slice key);
/** Reads the oldest stub asked for back and gives it to the driver. */
void sk_memory_stub_answer(sk_memory_client *client, int64_t now_us);
/** Forgets all stubs asked for. */
void sk_memory_stubs_drop(sk_memory_client *client);

/* memory_commit.c */
void sk_memory_commit_go(sk_memory_client *client, sk_memory_fault fault, size_t amount);

#endif
