#ifndef SK_LOG_KAFKA_JOURNAL_H
#define SK_LOG_KAFKA_JOURNAL_H

#include "event/record.h"
#include "log/kafka_settings.h"

/*
 * A team's journal, read back (rule R2). Everything blocks, for as long as brokers do; one thread.
 *
 * The end of a restore is where a record falls that is written for it, and must be reached by a handle that reads
 * committed. What such a handle takes for the end is the first open transaction, and a transaction that is decided but
 * not marked yet lies behind it. Nor can one ask for the end: a broker that was paused for so long that another leads in
 * its place answers, when it wakes up, as if nothing had happened. It acknowledges no record, though.
 */

typedef struct sk_kafka_journal sk_kafka_journal;

typedef struct sk_kafka_journal_config {
        const sk_kafka_settings *settings;           /**< borrowed until it is freed */
        bool (*goes_on)(void *self);                 /**< asked between any two waits; false gives up */
        void (*waits)(void *self, const char *text); /**< told what is waited for when it takes long; may be NULL */
        void *self;
} sk_kafka_journal_config;

/** Makes the handles; no broker is asked. @p out: new, free with sk_kafka_journal_free. */
sk_err sk_kafka_journal_new(const sk_kafka_journal_config *config, char why[SK_KAFKA_WHY_MAX], sk_kafka_journal **out);
/** NULL is legal. */
void sk_kafka_journal_free(sk_kafka_journal *journal);

/** Finds the way to the brokers, so that what follows need not: a few seconds at worst, and no matter how it ends. */
void sk_kafka_journal_warm(sk_kafka_journal *journal);

/** The true end of journal[partition] now, behind a barrier that this writes (rule R2b). SK_OK; SK_ERR_ABORTED. */
sk_err sk_kafka_journal_end(sk_kafka_journal *journal, int32_t partition, int64_t *out_offset);

/** Where a partition of any topic begins. SK_OK; SK_ERR_ABORTED. */
sk_err sk_kafka_journal_low(sk_kafka_journal *journal, sk_slice topic, int32_t partition, int64_t *out_offset);

/** Called for each record, in order; the record has no topic and no headers. False ends the reading. */
typedef bool sk_kafka_journal_visit(void *self, const sk_record *record);

/** What of journal[partition] is read. */
typedef struct sk_kafka_journal_range {
        int32_t partition;
        int64_t from_offset; /**< 0: its beginning */
        int64_t end_offset;  /**< until the position has reached it */
} sk_kafka_journal_range;

/**
 * Reads some of the journal (rule R2c).
 *
 * @param out_offset  the position reached
 * @return SK_OK; SK_ERR_ABORTED (given up, or told to by @p visit)
 */
sk_err sk_kafka_journal_read(sk_kafka_journal *journal, const sk_kafka_journal_range *range,
                             sk_kafka_journal_visit *visit, void *self, int64_t *out_offset);

/**
 * Where in journal[partition] the first record stands that was written at @p since_us or later; 0 if there is none.
 *
 * @return SK_OK; SK_ERR_ABORTED (given up)
 */
sk_err sk_kafka_journal_since(sk_kafka_journal *journal, int32_t partition, int64_t since_us, int64_t *out_offset);

#endif
