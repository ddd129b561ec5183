#ifndef SK_LINK_PORT_H
#define SK_LINK_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/record.h"
#include "kit/id.h"

/*
 * What a driver asks of the world around it. A log (local, memory, Kafka) carries out the commands and answers with
 * the driver's inputs (link/driver.h), always later, never from within the fetching of a command.
 */

/** A position in a topic partition: the next offset to read. */
typedef struct sk_position {
        const sk_topic *topic;
        int32_t partition;
        int64_t next_offset;
} sk_position;

/** Which input of a batch: for the note of rule R5. */
typedef struct sk_input_place {
        char topic[250];
        int32_t partition;
        int64_t offset;
} sk_input_place;

/**
 * A sealed batch (rule T2): everything that one transaction holds. Immutable; lives until its commit has ended.
 * `generation` is that of the assignment under which it was sealed: the log commits with the group metadata it kept
 * for that generation.
 */
typedef struct sk_batch {
        uint64_t number;
        uint64_t generation;
        int64_t now_us;
        const sk_record *records; /**< in the order in which they are to be written; journal marks included */
        size_t record_count;
        const sk_position *offsets; /**< for send_offsets: what was consumed and always work[p] (rule T3) */
        size_t offset_count;
} sk_batch;

typedef enum sk_command_kind {
        SK_DO_RESTORE, /**< rule R2 a to c for `partition`: give its journal records, then sk_driver_restored */
        SK_DO_RESUME, /**< rule R2 d, f: seek each position of `positions`, then fetch; a topic without a mark: next_offset 0 */
        SK_DO_REVOKED,  /**< `partition` may be let go */
        SK_DO_COMMIT,   /**< write `batch` as one transaction; answer sk_driver_committed */
        SK_DO_RECOMMIT, /**< the outcome of `batch` is unknown: resume its commit, do nothing else; answer the same */
        SK_DO_RESTART,  /**< throw producer and consumers away, make new ones; sk_driver_assigned will follow */
        SK_DO_NOTE, /**< keep `places` in the state directory, durably, over an unclean exit; answer sk_driver_noted */
        SK_DO_FORGET, /**< the note is no longer needed */
        SK_DO_TELL, /**< after its commit: people are to be told: `key` is the value of a committed `event.informed`, zero-terminated */
        SK_DO_READ_STUB, /**< latest value of `key` in journal[partition]; answer sk_driver_stub */
        SK_DO_EXIT,      /**< end the process with `exit_code` (rule T) */
} sk_command_kind;

typedef struct sk_command {
        sk_command_kind kind;
        int32_t partition;
        const sk_position *positions;
        size_t position_count;
        const sk_batch *batch;
        const sk_input_place *places;
        size_t place_count;
        sk_slice key;
        int exit_code;
        const char *why; /**< for the log line of an exit or restart; static */
} sk_command;

#endif
