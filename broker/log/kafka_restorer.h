#ifndef SK_LOG_KAFKA_RESTORER_H
#define SK_LOG_KAFKA_RESTORER_H

#include "event/record.h"
#include "kit/buf.h"
#include "log/kafka_journal.h"

/*
 * The restorer: one thread that reads journals back for the loop (rule R2), and stubs out of them. It answers with
 * pieces, a bounded number of which are underway. Its connections are there while there is something to do.
 *
 * All functions are for the one thread that owns the restorer.
 */

typedef struct sk_kafka_restorer sk_kafka_restorer;

typedef enum sk_kafka_piece_kind {
        SK_KAFKA_RECORDS,  /**< of journal[partition] */
        SK_KAFKA_RESTORED, /**< there are no more: end_offset has been reached */
        SK_KAFKA_LOW,      /**< end_offset: where the topic that is the key of the one row begins */
        SK_KAFKA_STUB, /**< the one row is what was found for the key; a tombstone: nothing was. end_offset: from where */
        SK_KAFKA_WAITS, /**< text says what is waited for */
} sk_kafka_piece_kind;

#define SK_KAFKA_PIECE_ROWS 256

typedef struct sk_kafka_piece {
        sk_kafka_piece_kind kind;
        unsigned
                round; /**< the restorer's own: what was asked for before the last sk_kafka_restorer_forget is dropped */
        int32_t partition;
        int64_t end_offset;
        char text[SK_KAFKA_WHY_MAX];
        sk_buf bytes;
        size_t count;
        struct sk_kafka_row {
                int64_t offset;
                int64_t timestamp_us;
                size_t start;
                size_t key_len;
                size_t value_len;
                bool is_tombstone;
        } rows[SK_KAFKA_PIECE_ROWS];
} sk_kafka_piece;

/** Starts the thread. @p settings: borrowed until it is freed. @p out: new, free with sk_kafka_restorer_free. */
sk_err sk_kafka_restorer_new(const sk_kafka_settings *settings, int32_t partitions, sk_kafka_restorer **out);
/** Ends the thread, some seconds at worst. NULL is legal. */
void sk_kafka_restorer_free(sk_kafka_restorer *restorer);

/** Makes connections, which takes a second; nothing comes of it. */
void sk_kafka_restorer_warm(sk_kafka_restorer *restorer);
/** Rule R2 b and c for the partition, which has been settled. SK_OK; SK_ERR_NO_MEMORY. */
sk_err sk_kafka_restorer_restore(sk_kafka_restorer *restorer, int32_t partition);
/** Where that partition of an inbound topic begins. */
sk_err sk_kafka_restorer_low(sk_kafka_restorer *restorer, int32_t partition, sk_slice topic);
/** Reads the latest value of a key back. @p since_us: when it was written, about; 0: not known. */
sk_err sk_kafka_restorer_stub(sk_kafka_restorer *restorer, int32_t partition, sk_slice key, int64_t since_us);
/** Drops whatever is underway. */
void sk_kafka_restorer_forget(sk_kafka_restorer *restorer);

/** The next piece or NULL; give it back with sk_kafka_restorer_give. */
sk_kafka_piece *sk_kafka_restorer_take(sk_kafka_restorer *restorer);
/** Gives a piece back, whose rows are no longer good then. */
void sk_kafka_restorer_give(sk_kafka_restorer *restorer, sk_kafka_piece *piece);
/** A row as a record without a topic; good until the piece is given back. */
sk_record sk_kafka_piece_record(const sk_kafka_piece *piece, size_t index);
/** Readable when there is a piece; sk_kafka_restorer_take drains it when there is none left. */
int sk_kafka_restorer_fd(const sk_kafka_restorer *restorer);

#endif
