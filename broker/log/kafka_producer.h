#ifndef SK_LOG_KAFKA_PRODUCER_H
#define SK_LOG_KAFKA_PRODUCER_H

#include <stdatomic.h>

#include "link/port.h"
#include "log/kafka_keeping.h"
#include "log/kafka_settings.h"
#include "log/kafka_settle.h"

/*
 * The transactional producer of an instance (rule T): one sealed batch, one transaction.
 *
 *     begin ─> produce ─> send offsets ─> all delivered? ─> commit ─ok─> SK_OK
 *                 │            │               │               ├─again─> SK_ERR_UNKNOWN_OUTCOME, then recommit
 *                 └────────────┴───────────────┴─> abort ──────┴─> SK_ERR_ABORTED: surely nothing was written
 *
 * A fatal error anywhere is SK_ERR_FENCED: free this producer and make a new one. So is an error after which nobody can
 * tell whether the commit was written: what the journal says then counts. Either is SK_ERR_LOST instead when no other
 * process need be the reason: nobody has said "fenced", or the transaction is so old that its time-out may have ended
 * it.
 *
 * Blocks, for as long as brokers do; for the committer's thread only. Between two waits it looks at `is_stopping`.
 */

typedef struct sk_kafka_producer sk_kafka_producer;

typedef struct sk_kafka_producer_config {
        const sk_kafka_settings *settings; /**< borrowed for the call */
        const atomic_bool *is_stopping;    /**< borrowed; gives up what it waits for */
        const char *run;                   /**< begins the tag that goes with each offset; borrowed */
        int call_ms;                       /**< how long one call may take before it is looked around; 0: 5 s */
        uint64_t (*now_us)(void);          /**< a clock that never goes back; NULL: sk_kafka_monotonic_us */
} sk_kafka_producer_config;

/** The tag of a batch: who wrote it. */
void sk_kafka_tag_make(const char *run, uint64_t number, char out[SK_KAFKA_TAG_MAX]);

/** Makes the producer; does not wait for a broker. SK_OK; SK_ERR_CONFIG; SK_ERR_NO_MEMORY. */
sk_err sk_kafka_producer_new(const sk_kafka_producer_config *config, char why[SK_KAFKA_WHY_MAX],
                             sk_kafka_producer **out);
/** Drops what is underway. NULL is legal. */
void sk_kafka_producer_free(sk_kafka_producer *producer);

/**
 * Registers with the cluster, which ends a transaction that an earlier process has left open (rule R2).
 *
 * @return SK_OK; SK_ERR_BUSY (no answer in time: again); SK_ERR_CONFIG (the right to the transactional id is missing);
 *         SK_ERR_FENCED
 */
sk_err sk_kafka_producer_init(sk_kafka_producer *producer, char why[SK_KAFKA_WHY_MAX]);

/**
 * Looks whether these topics are there, each with @p partitions partitions; the first transaction then knows where they
 * are (rule T1).
 *
 * @return SK_OK; SK_ERR_NOT_FOUND (one is not there, or may not be seen); SK_ERR_CONFLICT (another number of
 *         partitions); SK_ERR_CONFIG (the brokers do not let us in); SK_ERR_BUSY (no broker answered in time)
 */
sk_err sk_kafka_producer_look(sk_kafka_producer *producer, const sk_slice *topics, size_t count, int32_t partitions,
                              char why[SK_KAFKA_WHY_MAX]);

/** Looks how they are kept: sk_kafka_keeping_check. */
sk_err sk_kafka_producer_keeping(sk_kafka_producer *producer, const sk_kafka_keeping *keeping,
                                 char beware[SK_KAFKA_WHY_MAX], char why[SK_KAFKA_WHY_MAX]);

/**
 * Writes a batch.
 *
 * @param group  metadata of the group under which the batch was sealed
 * @return SK_OK; SK_ERR_ABORTED; SK_ERR_UNKNOWN_OUTCOME; SK_ERR_FENCED; SK_ERR_LOST
 */
sk_err sk_kafka_producer_commit(sk_kafka_producer *producer, const sk_batch *batch,
                                const rd_kafka_consumer_group_metadata_t *group, char why[SK_KAFKA_WHY_MAX]);
/** Asks again how a commit ended that came back with SK_ERR_UNKNOWN_OUTCOME; answers the same. */
sk_err sk_kafka_producer_recommit(sk_kafka_producer *producer, char why[SK_KAFKA_WHY_MAX]);

#endif
