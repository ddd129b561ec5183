#ifndef SK_LOG_LOCAL_FILE_H
#define SK_LOG_LOCAL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/err.h"
#include "kit/slice.h"

/*
 * One connection to the SQLite file behind a local log (rule L). A connection belongs to one thread at a time; every
 * thread and every process has its own. Functions that fail leave a sentence in sk_local_file_why.
 *
 * Tables: `topics` (id, name, low_offset), `records` and `journal` (rows of a topic stand together: their id is the
 * topic's id and the offset in one number), `epochs` (one row a team). The journal keeps one row a key: what is
 * superseded goes in the same transaction, a tombstone a day later.
 */

#define SK_LOCAL_WHY_MAX 512
#define SK_LOCAL_PATH_MAX 3072
#define SK_LOCAL_RETAIN_ROWS 500                 /**< rule L5: most rows that one commit deletes for retention */
#define SK_LOCAL_WAL_BYTES (32u * 1024u * 1024u) /**< rule L3: above this the committer checkpoints */

typedef struct sk_local_file sk_local_file;

/** A row as it is read; bytes are good until the visitor returns. */
typedef struct sk_local_row {
        int64_t offset;
        int64_t timestamp_us;
        sk_slice key;
        sk_slice headers;
        sk_slice value; /**< SK_NONE is a tombstone */
} sk_local_row;

/** Called for each row; false ends the reading after this row. Must not use the connection. */
typedef bool sk_local_visit(void *self, const sk_local_row *row);

/** How long a connection waits for another writer, in milliseconds, before it says SK_ERR_BUSY. */
#define SK_LOCAL_BUSY_MS 5000

/**
 * Opens the file, checks that it lies on a local file system and is a log of a version that this program reads.
 *
 * @param may_create  make file and tables when they are not there
 * @param why         gets the sentence when this fails; may be NULL
 * @param out         new: free with sk_local_file_free
 * @return SK_OK; SK_ERR_NOT_FOUND; SK_ERR_VERSION; SK_ERR_CONFIG (such a place cannot hold a log); SK_ERR_SIZE (path);
 *         SK_ERR_BUSY; SK_ERR_IO; SK_ERR_NO_MEMORY
 */
sk_err sk_local_file_open(const char *path, bool may_create, char why[SK_LOCAL_WHY_MAX], sk_local_file **out);
/** NULL is legal. An open transaction is rolled back. */
void sk_local_file_free(sk_local_file *file);
/** What went wrong last; borrowed until the next call. */
const char *sk_local_file_why(const sk_local_file *file);

/** Asked again and again while waiting for another writer: true ends the wait at once. For the committer's stop. */
void sk_local_file_give_up(sk_local_file *file, bool (*gives_up)(void *self), void *self);

/* ---- transactions ---- */

/** BEGIN IMMEDIATE (rule L3). SK_ERR_BUSY after SK_LOCAL_BUSY_MS. */
sk_err sk_local_begin(sk_local_file *file);
/**
 * Commits with the file synchronised. Whatever it returns, no transaction is open afterwards.
 *
 * @return SK_OK; SK_ERR_ABORTED: nothing was written; SK_ERR_UNKNOWN_OUTCOME: the disk failed underway, open the
 *         file anew and look
 */
sk_err sk_local_commit(sk_local_file *file);
/** Legal without a transaction. */
void sk_local_rollback(sk_local_file *file);
/** Reads see one state until sk_local_read_end; at most 100 ms (rule L3). */
sk_err sk_local_read_begin(sk_local_file *file);
/** Ends the reading that was begun. */
void sk_local_read_end(sk_local_file *file);

/* ---- writing, inside a transaction ---- */

/** One record to write. */
typedef struct sk_local_append {
        sk_slice topic;
        int64_t timestamp_us;
        sk_slice key;
        sk_slice headers;
        sk_slice value; /**< SK_NONE: a tombstone */
} sk_local_append;

/**
 * Writes a record behind the last of its topic, which is made if it is not there. In a journal it takes the place of
 * what its key had.
 *
 * @param out_offset  may be NULL
 * @return SK_OK; SK_ERR_SYNTAX (not a topic of the protocol); SK_ERR_FULL (disk); SK_ERR_IO; SK_ERR_NO_MEMORY
 */
sk_err sk_local_append_row(sk_local_file *file, const sk_local_append *append, int64_t *out_offset);
/** Makes the topic if it is not there. */
sk_err sk_local_topic_make(sk_local_file *file, sk_slice topic);
/** Epoch of a team; 0 if it never had one. */
sk_err sk_local_epoch_get(sk_local_file *file, sk_slice team, int64_t *out);
/** Raises the epoch of a team by one. */
sk_err sk_local_epoch_raise(sk_local_file *file, sk_slice team, int64_t *out);
/**
 * Deletes records of a topic older than @p before_us from its beginning, at most SK_LOCAL_RETAIN_ROWS and never the
 * last one, whose offset is the topic's memory. Not for journals.
 */
sk_err sk_local_retain_topic(sk_local_file *file, sk_slice topic, int64_t before_us, size_t *out_rows);
/** Deletes tombstones older than @p before_us from all journals, at most SK_LOCAL_RETAIN_ROWS. */
sk_err sk_local_retain_tombstones(sk_local_file *file, int64_t before_us, size_t *out_rows);

/* ---- reading ---- */

/** Which rows. */
typedef struct sk_local_range {
        sk_slice topic;
        int64_t from_offset;
        size_t max; /**< most rows */
} sk_local_range;

/**
 * Visits rows in order of offsets. A topic that is not there has none.
 *
 * @param out_next  behind the last row visited; from_offset if there was none; may be NULL
 * @param out_rows  how many rows were visited; may be NULL
 */
sk_err sk_local_read(sk_local_file *file, const sk_local_range *range, sk_local_visit *visit, void *self,
                     int64_t *out_next, size_t *out_rows);
/** Latest row of a key of a journal; visits it if there is one. */
sk_err sk_local_read_key(sk_local_file *file, sk_slice journal, sk_slice key, sk_local_visit *visit, void *self);
/** Visits rows of a journal in order of keys, from @p from_key on, at most @p max; tombstones too. */
sk_err sk_local_read_keys(sk_local_file *file, sk_slice journal, sk_slice from_key, size_t max, sk_local_visit *visit,
                          void *self);

/** Ends of a topic; both 0 when it is not there. */
typedef struct sk_local_ends {
        int64_t low_offset; /**< everything below has been deleted */
        int64_t end_offset; /**< the next record will be here */
} sk_local_ends;
/** First and next offset of a topic. @return SK_OK or SK_ERR_IO */
sk_err sk_local_ends_of(sk_local_file *file, sk_slice topic, sk_local_ends *out);

/** First topic by name behind @p after (SK_NONE: the first at all); SK_ERR_NOT_FOUND at the end. */
sk_err sk_local_topic_next(sk_local_file *file, sk_slice after, char *out_name, size_t room);

/* ---- the file ---- */

/** Changes whenever another connection has committed. Cheap. */
sk_err sk_local_data_version(sk_local_file *file, int64_t *out);
/** Size of the write-ahead log after this connection's last commit, in bytes. */
size_t sk_local_wal_bytes(const sk_local_file *file);
/** Moves the write-ahead log into the file without waiting for anybody (PASSIVE). */
void sk_local_checkpoint(sk_local_file *file);

#endif
