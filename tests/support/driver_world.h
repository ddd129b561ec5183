#ifndef SK_TESTS_DRIVER_WORLD_H
#define SK_TESTS_DRIVER_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "event/message.h"
#include "link/driver.h"
#include "link/journal.h"

/*
 * A driver with a log of arrays around it: everything that is sent is kept, commands are carried out at once, or held
 * back for the test to answer. Team centre of the chain `test`, customers finance and legal, provider network.
 */

#define WORLD_PARTITIONS 4
#define WORLD_RECORDS_MAX 8192
#define WORLD_COMMANDS_MAX 64

typedef struct world_record {
        sk_record record;
        uint64_t batch; /* in which it was written; 0: an input */
} world_record;

typedef struct driver_world {
        sk_edition *edition;
        sk_driver *driver;
        sk_driver_config config;
        sk_topics *topics; /* of the log: its own, as the drivers come and go */
        int64_t now_us;
        uint64_t generation;
        world_record log[WORLD_RECORDS_MAX];
        size_t log_count;
        uint64_t commits;

        bool holds_commits;  /* COMMIT and RECOMMIT wait for world_answer */
        bool holds_restores; /* RESTORE waits for world_restore */
        bool holds_stubs;
        bool holds_notes;
        const sk_batch *batch; /* held back */
        sk_command_kind batch_command;
        sk_buf stub_key; /* held back */
        int32_t stub_partition;
        int64_t stub_since_us;           /* as the last READ_STUB had it */
        unsigned counts[SK_DO_EXIT + 1]; /* commands of each kind so far */
        int exit_code;                   /* -1: none */
        int32_t restores[WORLD_COMMANDS_MAX];
        size_t restore_count;
        int64_t next[WORLD_PARTITIONS][8]; /* next offset to deliver, by position in the list of inbound topics; -1 */
        sk_input_place note[16];
        size_t note_count;
} driver_world;

/** An edition of the team and its agreements in a chain of that name; release it. */
sk_edition *world_edition(const char *chain);

/** The same with more members in the team's file: `,"schedules":{…}`. */
sk_edition *world_edition_with(const char *chain, const char *members);

/** An edition in @p config is taken over; NULL: the usual one. */
void world_open(driver_world *w, const sk_driver_config *config);
void world_close(driver_world *w);
/** Another process on the same log: a new driver that knows nothing. */
void world_restart(driver_world *w);

/** Assigns all partitions under a new generation. */
void world_assign(driver_world *w);
/** Gives the journal of a partition whose restore was held back. */
void world_restore(driver_world *w, int32_t partition);
/** Does what the driver wants and gives it what was sent, until nothing is left to do. */
void world_run(driver_world *w);
/** Answers the commit that is held back; SK_OK writes it. Then runs. */
void world_answer(driver_world *w, sk_err result);
/** Writes the batch that is held back, but tells nobody. */
void world_write_batch(driver_world *w);
void world_stub_answer(driver_world *w, bool is_there);
void world_wait(driver_world *w, int64_t us);

/** An id, the same for the same number; partition_of says where its records go. */
sk_id world_id(unsigned number);
/** An id of that number that falls on the partition. */
sk_id world_id_in(int32_t partition, unsigned number);
int32_t world_partition(const sk_id *id);
/** A record of a customer about a call. */
void world_call(driver_world *w, const char *customer, const sk_id *id, sk_message type, uint32_t seqno,
                const char *value);
void world_work(driver_world *w, const sk_id *id, sk_message type, const char *value);
void world_feedback(driver_world *w, const char *provider, const sk_id *key, sk_message type, const char *value);
/** Any record on an inbound topic; timestamps follow the log's count unless given. */
void world_send(driver_world *w, const sk_topic *topic, int32_t partition, int64_t timestamp_us, sk_slice key,
                sk_slice headers, sk_slice value);

/** Records written so far on a kind of topic. */
size_t world_count(const driver_world *w, sk_topic_kind kind);
/** The value of the last record written under a key of the journal; SK_NONE: a tombstone or none. */
sk_slice world_journal(const driver_world *w, int32_t partition, const char *key, bool *out_is_there);
/** The n-th written record of a kind, from 0; NULL. */
const sk_record *world_written(const driver_world *w, sk_topic_kind kind, size_t n);
sk_driver_numbers world_numbers(const driver_world *w);

#endif
