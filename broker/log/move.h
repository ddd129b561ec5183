#ifndef SK_LOG_MOVE_H
#define SK_LOG_MOVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/export_file.h"
#include "log/moved.h"
#include "log/mover.h"

/*
 * Moving a chain with everything that is open in it: out of a log into a file, out of a file into a log, which may have
 * another number of partitions. Links go on there exactly where they stopped: what they had read counts as read, what
 * they had not comes first for them.
 *
 * Memory is bounded by what a link keeps as well: some 24 bytes for each key of one journal partition, and for each dead
 * letter. Everything blocks; one thread.
 */

#define SK_MOVE_WHY_MAX 768
#define SK_MOVE_NAME_MAX 250

/** What became of one topic. */
typedef struct sk_move_row {
        char topic[SK_MOVE_NAME_MAX];
        sk_moved_sum sum;  /**< of what was exported; of a journal without the marks */
        uint64_t unread;   /**< of them, before which its link stands */
        uint64_t open;     /**< of a journal: open calls and asks */
        uint64_t closed;   /**< of a journal: stubs of closed ones */
        uint64_t written;  /**< by this import, marks too */
        bool is_confirmed; /**< import: it was read back, count and digest agree */
} sk_move_row;

typedef struct sk_move_report {
        sk_move_row *rows;
        size_t row_count;
        uint64_t records;
        uint64_t unread;
        uint64_t open;
        uint64_t closed;
        uint64_t written;
        char why[SK_MOVE_WHY_MAX]; /**< a sentence for people, after an error */
} sk_move_report;

/** Gives its memory back and empties it. */
void sk_move_report_free(sk_move_report *report);
/** The row of a topic, made if it is not there; NULL without memory. Good until the next is made. */
sk_move_row *sk_move_report_row(sk_move_report *report, sk_slice topic);
/** Adds the rows up. */
void sk_move_report_add_up(sk_move_report *report);

/** Told how far it is; @p total 0: not known. False gives up. */
typedef bool sk_move_progress(void *self, const char *what, uint64_t done, uint64_t total);

typedef struct sk_move_config {
        sk_mover *mover; /**< borrowed */
        sk_slice chain;
        const sk_slice *teams; /**< whose links are to be kept out, besides those that own topics on the log */
        size_t team_count;
        const char *file;
        int32_t partitions; /**< that the topics of the target have to have; 0: any number, if only it is one for all */
        bool passes_gaps;   /**< export: records that were deleted unread are given up */
        int64_t now_us;
        sk_move_progress *progress; /**< may be NULL */
        void *progress_self;
} sk_move_config;

/**
 * Writes a chain into a file that must not be there yet.
 *
 * @param report  filled; free it in any case
 * @return SK_OK; SK_ERR_BUSY (a link runs); SK_ERR_NOT_FOUND (nothing of the chain is there); SK_ERR_CONFLICT (the file is
 *         there; a gap; somebody wrote meanwhile); SK_ERR_CHECKSUM and the like (a damaged journal); SK_ERR_ABORTED (given
 *         up); SK_ERR_IO; SK_ERR_NO_MEMORY. Without SK_OK there is no file.
 */
sk_err sk_move_out(const sk_move_config *config, sk_move_report *report);

/**
 * Writes the chain of a file into a log. First the file is read whole, then what the log holds is compared with it: it
 * has to be nothing, or, after an import that was interrupted or is repeated, the beginning of the same. Only what is
 * missing is written; afterwards all is read back.
 *
 * @return SK_OK; SK_ERR_BUSY (a link runs); SK_ERR_CONFLICT (the log holds something else; another chain; another number
 *         of partitions); SK_ERR_NOT_FOUND (a topic, or the file, is not there); what export files answer; SK_ERR_ABORTED;
 *         SK_ERR_IO; SK_ERR_NO_MEMORY. Repeat it after an error while writing.
 */
sk_err sk_move_in(const sk_move_config *config, sk_move_report *report);

#endif
