#ifndef SK_LOG_EXPORT_FILE_H
#define SK_LOG_EXPORT_FILE_H

#include <stdint.h>

#include "kit/buf.h"
#include "kit/err.h"
#include "kit/slice.h"

/*
 * The file that `schakel export` writes: a head that says what it is and of which version, then pieces, each with its
 * length and checksum, up to the one that says that it is whole. It is read from its beginning to its end, and holds
 * one piece in memory.
 *
 *     head    "SCHAKEL\n" u32 version
 *     piece   u32 length, u8 kind, payload, u32 CRC-32C of kind and payload
 *
 *     CHAIN   u8 length, name, u32 partitions, i64 made at
 *     TOPIC   u8 length, name: what follows is of this topic. Journals come first
 *     MARK    of a journal: where its link stood (link/journal.h, sk_mark)
 *     RECORD  log/moved.h
 *     STATE   the same, of a journal: what its link keeps for each of its partitions; adds nothing to the sum
 *     SUM     ends a topic: u64 records, u64 low, u64 high
 *     END     u64 topics, u64 records; nothing follows
 */

#define SK_EXPORT_VERSION 1
#define SK_EXPORT_PIECE_MAX ((size_t)16 << 20)
#define SK_EXPORT_WHY_MAX 512

typedef enum sk_export_piece {
        SK_EXPORT_CHAIN = 1,
        SK_EXPORT_TOPIC,
        SK_EXPORT_MARK,
        SK_EXPORT_RECORD,
        SK_EXPORT_SUM,
        SK_EXPORT_END,
        SK_EXPORT_STATE,
} sk_export_piece;

/** Writes such a file: under another name beside it until it is whole and on disk. */
typedef struct sk_export_writer sk_export_writer;

/**
 * @param why  gets a sentence when this fails
 * @param out  new: free with sk_export_writer_free
 * @return SK_OK; SK_ERR_CONFLICT (it is there already); SK_ERR_IO; SK_ERR_SIZE; SK_ERR_NO_MEMORY
 */
sk_err sk_export_writer_new(const char *path, char why[SK_EXPORT_WHY_MAX], sk_export_writer **out);
/** What was not ended is removed. NULL is legal. */
void sk_export_writer_free(sk_export_writer *writer);
/** SK_OK; SK_ERR_SIZE; SK_ERR_IO (errno says why). */
sk_err sk_export_writer_put(sk_export_writer *writer, sk_export_piece kind, sk_slice payload);
/** Brings it to disk under its name. SK_OK; SK_ERR_IO (errno says why). */
sk_err sk_export_writer_end(sk_export_writer *writer);

typedef struct sk_export_reader sk_export_reader;

/** SK_OK; SK_ERR_NOT_FOUND; SK_ERR_SYNTAX (no such file); SK_ERR_VERSION; SK_ERR_IO; SK_ERR_NO_MEMORY */
sk_err sk_export_reader_new(const char *path, char why[SK_EXPORT_WHY_MAX], sk_export_reader **out);
/** NULL is legal. */
void sk_export_reader_free(sk_export_reader *reader);
/** From the first piece again. */
sk_err sk_export_reader_rewind(sk_export_reader *reader);
/**
 * The next piece; the payload is good until the next call.
 *
 * @return SK_OK; SK_ERR_TRUNCATED (also at the end of the file); SK_ERR_CHECKSUM; SK_ERR_SIZE; SK_ERR_IO; SK_ERR_NO_MEMORY
 */
sk_err sk_export_reader_next(sk_export_reader *reader, sk_export_piece *out_kind, sk_slice *out_payload);
/** Where the last piece began, in bytes. */
uint64_t sk_export_reader_at(const sk_export_reader *reader);

#endif
