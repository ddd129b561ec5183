#ifndef SK_LINK_DRIVER_H
#define SK_LINK_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/contract.h"
#include "event/record.h"
#include "event/topics.h"
#include "kit/err.h"
#include "link/port.h"
#include "usm/edition.h"

/*
 * The driver: a link's life without I/O (rule D). Inputs are functions, what shall happen comes out as commands
 * (link/port.h), to be fetched after each input until there is none. Same inputs, same commands, same bytes.
 *
 *   assigned -> RESTORE p -> journal records, restored -> RESUME p -> records -> fold -> COMMIT -> committed -> …
 *
 * One batch is in flight, one is folding behind it. State is the committed map plus the overlays of both.
 * One thread. No clock: every input that needs one is given `now`.
 */

typedef struct sk_driver sk_driver;

typedef struct sk_driver_config {
        sk_edition *edition;         /**< retained */
        sk_slice team;               /**< must be in the edition */
        int32_t partitions;          /**< N as the log has it */
        sk_slice instance;           /**< for messages */
        size_t batch_records_max;    /**< inputs of one batch; 0: 512 */
        size_t batch_bytes_max;      /**< arena of one batch; 0: 8 MiB */
        size_t inbox_bytes_max;      /**< fetched and not yet folded; 0: 16 MiB */
        uint64_t open_calls_max;     /**< 0: as the edition says */
        const sk_contract *contract; /**< borrowed; NULL: the driver makes one of its own */
} sk_driver_config;

/** New driver; NULL without memory or when the team is not in the edition. Free with sk_driver_free. */
sk_driver *sk_driver_new(const sk_driver_config *config);
/** NULL is legal. */
void sk_driver_free(sk_driver *driver);

/* ---- inputs: assignment and restore (rule R) ---- */

/** These partitions are ours from now on, under this generation. Commands: RESTORE for each that is not parked. */
void sk_driver_assigned(sk_driver *driver, uint64_t generation, const int32_t *partitions, size_t count,
                        int64_t now_us);
/**
 * These partitions go away. @p is_lost: they are somebody else's already, drop overlays at once; else the batch in
 * flight is awaited (at most 5 s), then command REVOKED says that the log may let go.
 */
void sk_driver_revoked(sk_driver *driver, const int32_t *partitions, size_t count, bool is_lost, int64_t now_us);
/** One record of journal[p] during a restore, in order; a tombstone too. An unreadable one makes p not ready. */
void sk_driver_journal(sk_driver *driver, const sk_record *record);
/** journal[p] has been read up to the barrier (rule R2c); @p end_offset is the position reached. */
void sk_driver_restored(sk_driver *driver, int32_t partition, int64_t end_offset, int64_t now_us);
/** The mark of this topic partition lies below what the log still has (rule R2d): not ready until told otherwise. */
void sk_driver_gap(sk_driver *driver, const sk_topic *topic, int32_t partition, int64_t low_offset);
/** Inputs that were noted before an unclean exit (rule R5): batches of one until they are through. */
void sk_driver_noted_before(sk_driver *driver, const sk_input_place *places, size_t count);

/* ---- inputs: running ---- */

/** Room for more records. When false the log stops fetching (of calls only, if @p kind is not SK_TOPIC_CALLS). */
bool sk_driver_wants(const sk_driver *driver, sk_topic_kind kind);
/** A record of an inbound topic, in offset order within its partition; copied. */
void sk_driver_record(sk_driver *driver, const sk_record *record);
/**
 * Reading of an inbound topic stands at @p next_offset, and behind the last record there is none: control records,
 * aborted ones and gaps lie between. They count as read; the marks tell so with the next batch, after a day with one of
 * their own. Without it a topic that was quiet for as long as it is kept would look as if records had been missed.
 */
void sk_driver_passed(sk_driver *driver, const sk_topic *topic, int32_t partition, int64_t next_offset);
/**
 * Records below @p low_offset are gone unread, and a person has said to go on behind them: as sk_driver_passed, and the
 * marks tell so at once.
 */
void sk_driver_past_gap(sk_driver *driver, const sk_topic *topic, int32_t partition, int64_t low_offset);
/** Time has come: folds, seals, works off timers, retries. Call after records were given and at sk_driver_wake_us. */
void sk_driver_turn(sk_driver *driver, int64_t now_us);
/** When the driver wants its next turn if nothing happens; INT64_MAX: never. */
int64_t sk_driver_wake_us(const sk_driver *driver);
/**
 * How the commit of batch @p number ended: SK_OK; SK_ERR_ABORTED (nothing was written, same generation);
 * SK_ERR_UNKNOWN_OUTCOME; SK_ERR_FENCED (fatal or fenced: producer and consumers must be made anew); SK_ERR_LOST
 * (the same must be done, but nobody has fenced it, as far as can be told).
 */
void sk_driver_committed(sk_driver *driver, uint64_t number, sk_err result, int64_t now_us);
/** The note of command NOTE is on disk. */
void sk_driver_noted(sk_driver *driver, int64_t now_us);
/** Value of a stub that command READ_STUB asked for (as it lies in the journal); SK_NONE: it is gone. */
void sk_driver_stub(sk_driver *driver, int32_t partition, sk_slice key, sk_slice value, int64_t now_us);
/**
 * A try of an effect has ended that sk_driver_next_effect has given out; copied. One that is not awaited (any more) is
 * left out. It is an input of the call: folded with the next batch, again if that is dropped.
 */
void sk_driver_effect_ended(sk_driver *driver, const sk_effect_report *report, int64_t now_us);
/** A new edition, taken whole at the next batch; retained. SK_ERR_CONFLICT if the team is not in it. */
sk_err sk_driver_edition(sk_driver *driver, sk_edition *edition);
/** Finish the batch in flight, take nothing more, then command EXIT with code 0. */
void sk_driver_stop(sk_driver *driver, int64_t now_us);

/* ---- outputs ---- */

/** The next command; false when there is none. What it points to is good until the next input. */
bool sk_driver_next(sk_driver *driver, sk_command *out);

/**
 * The next effect to be begun or stopped (link/port.h); false when there is none now. To be asked after each turn, by
 * who carries them out; a link without any need not ask. Stops come first.
 */
bool sk_driver_next_effect(sk_driver *driver, sk_effect *out);

/** The topics to read as input under the present edition: work, calls of each customer, feedback of each provider. */
size_t sk_driver_inbound(sk_driver *driver, const sk_topic **out, size_t room);
/** The team's topics; borrowed. */
sk_topics *sk_driver_topics(sk_driver *driver);

/** Numbers for `/metrics` and `/readyz`. */
typedef struct sk_driver_numbers {
        uint64_t open_calls;
        uint64_t stubs;
        uint64_t state_bytes; /**< heads and data held in memory */
        uint64_t inputs[SK_TOPIC_KINDS];
        uint64_t records_written;
        uint64_t batches_committed;
        uint64_t batches_aborted;
        uint64_t dead_letters;
        uint64_t duplicates;
        uint64_t unfit; /**< records made that do not fit the schema of their message */
        uint64_t calls_opened;
        uint64_t calls_closed;
        uint64_t effects_waiting; /**< due, and not begun for want of room */
        uint64_t effects_running;
        uint64_t effects_begun;
        uint64_t effects_ended[SK_EFFECT_RESULTS];
        bool is_ready;             /**< every assigned partition restored and without gap */
        const char *not_ready_why; /**< static text; NULL when ready */
        bool is_stuck;             /**< and it will not become ready by itself */
        int32_t stuck_partition;
        int64_t stuck_offset; /**< of the journal's record that cannot be read; -1: it is not about one */
} sk_driver_numbers;
/** Looks at the counters. */
void sk_driver_count(const sk_driver *driver, sk_driver_numbers *out);

/** Walks the committed open calls (tests, desk): head and data payloads; start with *position 0. */
bool sk_driver_walk(const sk_driver *driver, size_t *position, sk_slice *out_head, sk_slice *out_data);

#endif
