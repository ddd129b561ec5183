#ifndef SK_LOG_MEMORY_CLIENT_H
#define SK_LOG_MEMORY_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/driver.h"
#include "log/memory_broker.h"

/*
 * What stands between a driver and the memory broker: a consumer, a producer and a restorer in one process, by rules
 * R1, R2 and T. It does nothing by itself. What it could do next is a list of moves, and whoever plays the scheduler
 * (the simulator, the rehearsal, a benchmark) chooses one, with a fault if it likes. One call of the driver's inputs
 * happens within one move at most, so that between any two of them a process may die.
 */

typedef struct sk_memory_client sk_memory_client;

#define SK_MEMORY_NOTES_MAX 1024

/** The state directory of an instance (rule R5): outlives its processes. */
typedef struct sk_memory_notes {
        sk_input_place places[SK_MEMORY_NOTES_MAX];
        size_t count;
        bool is_unclean; /**< the last process did not end by itself */
} sk_memory_notes;

typedef struct sk_memory_client_config {
        sk_memory_broker *broker;       /**< borrowed */
        sk_driver *driver;              /**< borrowed */
        sk_slice instance;              /**< static member and end of the transactional id; copied */
        sk_memory_notes *notes;         /**< borrowed */
        int64_t transaction_timeout_us; /**< 0: 30 s (rule T1) */
        int64_t session_timeout_us;     /**< 0: 30 s */
        /** Keep partitions over a rebalance and lose only those that go to others; else give all back first. */
        bool keeps_partitions;
        /** Told of each record of an inbound topic that the driver is given; may be NULL. */
        void (*given)(void *self, const sk_record *record);
        void *self;
} sk_memory_client_config;

/** New client of one process; NULL without memory. Gives the notes of an unclean exit to the driver. */
sk_memory_client *sk_memory_client_new(const sk_memory_client_config *config);
/** Leaves the group, so that others need not wait for the session to end (rule R4, `--drain`). */
void sk_memory_client_leave(sk_memory_client *client);
/** The process is gone: nothing is finished, aborted or left. NULL is legal. */
void sk_memory_client_free(sk_memory_client *client);

typedef enum sk_memory_move_kind {
        SK_MOVE_START,   /**< init_transactions, then subscribe */
        SK_MOVE_GROUP,   /**< poll the group: heartbeat, rebalance */
        SK_MOVE_RESTORE, /**< a bit of rule R2 for a partition */
        SK_MOVE_FETCH,   /**< records of one inbound topic partition */
        SK_MOVE_WRITE,   /**< some of the batch's records */
        SK_MOVE_OFFSETS, /**< send_offsets */
        SK_MOVE_END,     /**< commit */
        SK_MOVE_ANSWER,  /**< the driver hears how it ended */
        SK_MOVE_NOTE,    /**< a note comes on disk, or goes from it */
        SK_MOVE_STUB,    /**< a stub is read back */
        SK_MOVE_TURN,    /**< the driver's turn */
        SK_MOVES,
} sk_memory_move_kind;

typedef struct sk_memory_move {
        sk_memory_move_kind kind;
        size_t index; /**< restore: partition; fetch: position in the list of what is fetched */
} sk_memory_move;

typedef enum sk_memory_fault {
        SK_FAULT_NONE,
        SK_FAULT_ABORT,          /**< writing, send_offsets or commit fail abortably */
        SK_FAULT_UNKNOWN_BEFORE, /**< the commit never arrives, and nobody knows */
        SK_FAULT_UNKNOWN_AFTER,  /**< the commit arrives, its answer is lost */
} sk_memory_fault;

/** What can happen next at this moment of the process's clock, in a fixed order; at most @p room are listed. */
size_t sk_memory_client_moves(const sk_memory_client *client, int64_t now_us, sk_memory_move *out, size_t room);
/** Makes one move; @p amount bounds records written, restored or fetched by it. */
void sk_memory_client_move(sk_memory_client *client, const sk_memory_move *move, sk_memory_fault fault, size_t amount,
                           int64_t now_us);
/** Fetches what the driver wants done after one of its inputs was called from outside (stop, edition). */
void sk_memory_client_look(sk_memory_client *client);
/** Makes moves and delivers markers until nothing is left to do or @p max moves are made; how many were. */
size_t sk_memory_client_run(sk_memory_client *client, int64_t now_us, size_t max);

/** Whether the driver has asked to end the process. */
bool sk_memory_client_has_exited(const sk_memory_client *client, int *out_code);
/** The batch whose commit is under way; NULL if none is. */
const sk_batch *sk_memory_client_batch(const sk_memory_client *client);
/** The end of the journal partition that its last restore by this process has reached; 0: there was none. */
int64_t sk_memory_client_restored_end(const sk_memory_client *client, int32_t partition);
/** Whether every assigned partition is restored and something is assigned. */
bool sk_memory_client_is_running(const sk_memory_client *client);
/** Partitions that the process has under the group's present generation. */
size_t sk_memory_client_assigned(const sk_memory_client *client);

/** The latest committed value of a key in a journal partition; SK_NONE if there is none. */
sk_slice sk_memory_latest(const sk_memory_topic *topic, int32_t partition, sk_slice key);

#endif
