#ifndef SK_LINK_PORT_H
#define SK_LINK_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/record.h"
#include "kit/id.h"
#include "usm/edition.h"

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
        SK_DO_RESTORE,  /**< rule R2 a to c for `partition`: give its journal records, then sk_driver_restored */
        SK_DO_RESUME,   /**< rule R2 d, f: seek each position of `positions`, then fetch; a topic without a mark:
                           next_offset 0 */
        SK_DO_REVOKED,  /**< `partition` may be let go */
        SK_DO_COMMIT,   /**< write `batch` as one transaction; answer sk_driver_committed */
        SK_DO_RECOMMIT, /**< the outcome of `batch` is unknown: resume its commit, do nothing else; answer the same */
        SK_DO_RESTART,  /**< throw producer and consumers away, make new ones; sk_driver_assigned will follow */
        SK_DO_NOTE, /**< keep `places` in the state directory, durably, over an unclean exit; answer sk_driver_noted */
        SK_DO_FORGET, /**< the note is no longer needed */
        SK_DO_TELL,   /**< after its commit: people are to be told: `key` is the value of a committed `event.informed`,
                         zero-terminated */
        SK_DO_READ_STUB, /**< latest value of `key` in journal[partition], written at about since_us; answer
                            sk_driver_stub */
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
        int64_t since_us; /**< of a stub: when the call closed, by the clock of whoever had it then */
        int exit_code;
        const char *why; /**< for the log line of an exit or restart; static */
} sk_command;

/* ---- effects (rule E) ---- */

/*
 * What happens outside of the log: programs, webhooks, plug-ins. A driver says which are to be begun and which to be
 * stopped (sk_driver_next_effect), always after the commit that made them due; whoever carries them out answers each that
 * he has begun with one sk_driver_effect_ended, later, never from within the fetching; or not at all when he dies: then
 * what was due is begun again by whoever has the call next, and what may happen only once becomes a person's task.
 */

/** One try of an effect. Bytes are good until the next sk_driver_next_effect or input of the driver. */
typedef struct sk_effect {
        bool is_stop; /**< end this try: kill it, and answer no more. Only callid, visit, try_number and how are set */
        sk_id callid;
        uint32_t visit;
        uint8_t try_number; /**< from 1 */
        uint8_t attempts;   /**< how many tries there will be at most */
        sk_how how;         /**< exec, http or plugin */
        bool is_once;
        const char *key;     /**< `<callid>/<visit>`, the same for every try: the idempotency key */
        sk_slice target;     /**< program, host or plug-in */
        sk_slice config;     /**< JSON object: the how as its work instruction says it (sk_effect_terms) */
        sk_slice input;      /**< JSON: what it is given; the same for every try */
        int64_t timeout_us;  /**< of this try, from its real start */
        int64_t deadline_us; /**< by when the visit is given up, microseconds since the epoch */
} sk_effect;

#define SK_EFFECT_KEY_TEXT (SK_ID_TEXT + 12) /**< a key and its end */

typedef enum sk_effect_result {
        SK_EFFECT_DONE,     /**< the activity is completed, with `value` as its result */
        SK_EFFECT_LATER,    /**< begun well; its result comes as `work.result` */
        SK_EFFECT_DECLINED, /**< not to be done */
        SK_EFFECT_RETRY,    /**< did not work, or is not known; another try may help */
        SK_EFFECT_FAILED,   /**< did not work, and no other try will help */
        SK_EFFECT_RESULTS,
} sk_effect_result;

/** Name as in events: done, later, declined, retry, failed; static. */
const char *sk_effect_result_id(sk_effect_result result);

#define SK_EFFECT_TEXT_MAX 4096u /**< bytes of `text` that are kept; of more, the last ones */

/** How a try has ended; copied. */
typedef struct sk_effect_report {
        sk_id callid;
        uint32_t visit;
        uint8_t try_number;
        sk_effect_result result;
        sk_slice value;         /**< what it answered, any bytes: JSON or refused; SK_NONE: nothing */
        sk_slice code;          /**< lower-case letters, digits and dashes: "exit-3", "http-503", "timeout"; "" */
        sk_slice text;          /**< for people: standard error, the body of a refusal; any bytes; may be SK_NONE */
        int64_t retry_after_us; /**< RETRY: not before so long; 0: as the instruction says */
} sk_effect_report;

#endif
