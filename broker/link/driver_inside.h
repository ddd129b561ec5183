#ifndef SK_LINK_DRIVER_INSIDE_H
#define SK_LINK_DRIVER_INSIDE_H

#include "kit/arena.h"
#include "kit/name.h"
#include "link/batch.h"
#include "link/broken.h"
#include "link/commands.h"
#include "link/driver.h"
#include "link/effects.h"
#include "link/inbox.h"
#include "link/journal.h"
#include "link/openings.h"
#include "link/step.h"
#include "link/store.h"
#include "link/stubs.h"
#include "usm/schedule.h"

/*
 * What the files of the driver share; nobody else includes this.
 *
 * One partition's share of the state:
 *
 *   none ──assigned──> assigned ──RESTORE──> restoring ──restored──> ready ──revoked──> revoking ──REVOKED──> none
 *                         ^                      │ (unreadable: stays, with a reason)
 *                         └── waits until the outcome of a batch in flight is known
 */

typedef enum sk_share_state {
        SK_SHARE_NONE,
        SK_SHARE_ASSIGNED,
        SK_SHARE_RESTORING,
        SK_SHARE_READY,
        SK_SHARE_REVOKING,
} sk_share_state;

#define SK_RESYNCS_MAX 8 /**< of one partition at the same time */

/** A `work.resync` that is being worked off. */
typedef struct sk_resync {
        bool is_there;
        bool is_through;   /**< every call was looked at */
        uint64_t taken_in; /**< number of the batch that has taken it; 0: that is committed */
        uint64_t ended_in; /**< of the one that holds its outcome; 0: not yet */
        uint64_t from;     /**< hash of the next call to look at */
        uint64_t calls;    /**< of which something was sent */
        uint64_t asks;     /**< raises that were sent */
        sk_id callid;
        char provider[SK_NAME_MAX + 1];
        char work[SK_RESYNC_TEXT_MAX + 1];
        char actor[SK_RESYNC_TEXT_MAX + 1];
} sk_resync;

/* How far a schedule has been done in a partition. */
typedef struct sk_scheduled {
        char name[SK_NAME_MAX + 1];
        int64_t done_us;   /* by what is committed; INT64_MIN: never */
        int64_t folded_us; /* by the batches under way too */
} sk_scheduled;

typedef struct sk_share {
        sk_share_state state;
        bool has_gap;
        sk_broken broken;       /**< while restoring */
        const char *broken_why; /**< static text; NULL: nothing is wrong */
        int64_t broken_offset;  /**< of the record in the journal; -1: it is not about one */
        sk_store *store;        /**< NULL when none */
        sk_stubs *stubs;
        sk_durations *durations;
        sk_resync resyncs[SK_RESYNCS_MAX];
        sk_scheduled *scheduled;
        size_t scheduled_count;
        int64_t mark_now_us; /**< of its mark (rule O4) */
        int64_t resumed_us;  /**< when its inputs began to be read */
        int64_t backlog_us;  /**< when an input came that had been there for long; 0: none has */
        bool has_passed;     /**< lanes have gone on without a record, and no batch says so yet */
        bool is_past_gap;    /**< one should, soon */
        bool waits_for_stub; /**< its next input has asked for a stub; nothing of it is folded meanwhile */
        bool has_stub;       /**< and that has come */
        sk_buf stub;         /**< its payload; empty: it is gone */
        sk_buf stub_key;
} sk_share;

/**
 * Something that has become of an effect: an input that is on no topic. It is folded like a record and forgotten when the
 * batch that has taken it in is committed; when that is dropped it is folded anew.
 */
typedef struct sk_local {
        struct sk_local *next;
        sk_effect_word word;
        int32_t partition;
        sk_effect_report report;    /**< its bytes follow the struct */
        const sk_folding *taken_in; /**< NULL: not yet */
} sk_local;

#define SK_FENCES_MAX 3

/* Batches of one after an unclean exit (rule R5). */
typedef struct sk_careful {
        size_t left;           /**< inputs to go; 0: not careful */
        sk_input_place *noted; /**< from before, those still to come; one twice there was found twice */
        size_t noted_count;
        sk_input_place *note; /**< what is in the note */
        size_t note_count;
        sk_input_place subject; /**< the input that is noted now */
        bool is_asked;          /**< NOTE was given out, noted has not come */
        bool is_noted;          /**< the subject may be stepped */
} sk_careful;

/* A schedule of the edition. */
typedef struct sk_planned {
        const sk_schedule *schedule;
        int32_t partition; /* in which it lives */
        int64_t due_us;    /* INT64_MIN: to be worked out */
} sk_planned;

struct sk_driver {
        uint32_t magic;
        sk_edition *edition;
        const sk_team *team;
        sk_topics *topics;
        sk_customers *customers;
        sk_openings *openings;
        sk_inbox *inbox;
        sk_schema_run *checks; /**< scratch */
        const sk_contract *contract;
        sk_contract *own_contract; /**< NULL: it is borrowed */
        sk_commands commands;
        int32_t partitions;
        sk_share *shares;
        size_t batch_records_max;
        size_t batch_bytes_max;
        size_t inbox_bytes_max;
        uint64_t open_calls_max;

        uint64_t generation;
        uint64_t batch_number;
        int64_t now_us;        /**< newest that was given */
        int64_t folded_now_us; /**< of the newest batch folded */
        sk_planned *planned;
        size_t planned_count;
        sk_folding foldings[2];
        sk_folding *flying;  /**< with the log, or waiting to be given again */
        sk_folding *waiting; /**< sealed, behind it */
        bool is_unsettled;   /**< assignment changed: nothing is folded until the batch in flight has ended */
        int64_t revoke_us;   /**< when to let go whatever happens; INT64_MAX: nothing is being revoked */
        int64_t fences_us[SK_FENCES_MAX];
        size_t fence_count;
        unsigned memory_fails; /**< folds in a row that found no memory */
        int64_t memory_us;     /**< not to be tried before */
        bool is_stopping;
        bool is_over; /**< EXIT was given out */
        sk_careful careful;
        sk_effects *effects;
        sk_local *locals; /**< in order of arrival */
        sk_local *locals_last;
        sk_arena *effect_arena; /**< of the effect that was given out last */
        sk_buf key;             /**< scratch */
        sk_buf headers;         /**< scratch */
        sk_driver_numbers numbers;
};

/** What the link has about an id: for the step, and for the overlay. */
typedef struct sk_known_call {
        sk_before before;
        uint32_t customer;
        bool has_data;
        sk_opening opening;
        sk_slice stub;      /**< payload of a stub that is only in an overlay yet; SK_NONE */
        int64_t expires_us; /**< of a stub in the journal */
} sk_known_call;

/* ---- driver.c ---- */

/** What it holds of a partition number. */
sk_share *sk_driver_share(const sk_driver *driver, int32_t partition);
/** Ends the process; every later input is ignored. */
void sk_driver_exit(sk_driver *driver, int code, const char *why);
/** Notes the time; each input that has one begins with it. */
void sk_driver_at(sk_driver *driver, int64_t now_us);
/** Whether its inputs and timers can be folded. */
bool sk_share_is_foldable(const sk_share *share);
/** Does what can be done now; each input that has a time ends with it. */
void sk_driver_advance(sk_driver *driver);

/* ---- driver_assign.c ---- */

/** Forgets all that is known of the partition. */
void sk_share_clear(sk_driver *driver, int32_t partition);
/** When a batch is due only to say how far the partition was read; INT64_MAX: there is nothing to say. */
int64_t sk_share_passed_us(const sk_share *share);
/** Goes on after the assignment has changed, once nothing is in flight. */
void sk_driver_settle(sk_driver *driver);
/** Lets go of partitions whose time to do so is over. */
void sk_driver_revoke_due(sk_driver *driver);
/** What memory keeps of a stub. */
sk_err sk_closed_of(sk_slice payload, uint32_t customer, sk_closed *out);
/** RESUME of a ready partition from its marks; @p only_new: of lanes that do not exist yet. */
void sk_driver_resume(sk_driver *driver, int32_t partition, bool only_new);

/* ---- driver_fold.c ---- */

/** Folds one batch if there is reason to; it then stands sealed in `waiting`. */
void sk_driver_fold(sk_driver *driver);

/** What every step of a call of that partition is given. */
sk_step_context sk_driver_context(sk_driver *driver, const sk_folding *batch, int32_t partition);
/** What sealing the batch that is folded now needs. */
sk_seal sk_driver_seal(sk_driver *driver);
/** Takes the state after a step into the overlay. An error leaves everything as it was. */
sk_err sk_driver_overlay(sk_driver *driver, sk_folding *batch, int32_t partition, const sk_known_call *known,
                         const sk_after *after);

/* ---- driver_stub.c ---- */

typedef enum sk_stub_fetch {
        SK_STUB_FETCHED,
        SK_STUB_AWAITED, /**< it has been asked for: the record comes again */
        SK_STUB_NO_MEMORY,
} sk_stub_fetch;

/**
 * The bytes of the stub of a closed call.
 *
 * @param partition  of the record that needs it
 * @param out        SK_NONE: it is gone; good until the record is through, or the batch has ended
 */
sk_stub_fetch sk_driver_stub_for(sk_driver *driver, int32_t partition, const sk_known_call *known, const sk_id *id,
                                 sk_slice *out);

/* ---- driver_timer.c ---- */

/** When something of the partition is due that is not an input; INT64_MAX: nothing is. */
int64_t sk_driver_timers_us(const sk_driver *driver, int32_t partition);
/** Steps calls that are due. An error: the batch has no room for another, or the machine no memory. */
sk_err sk_driver_fold_timers(sk_driver *driver, sk_folding *batch);
/** What was given out for this batch is looked at again when it is due by what holds now. */
void sk_driver_give_back(sk_driver *driver, const sk_folding *batch);
/** An input has come that had the time @p timestamp_us. */
void sk_share_note_backlog(const sk_driver *driver, sk_share *share, int64_t timestamp_us);

/* ---- driver_own.c ---- */

/** A call that the link raises with its own team. */
typedef struct sk_own_raise {
        int32_t partition; /**< in which it shall lie */
        sk_slice name;     /**< what its id derives from */
        sk_slice cause;    /**< of its events */
        sk_slice value;    /**< of a `work.raise` */
} sk_own_raise;

/** Steps it; sk_driver_overlay then takes what came out of it. One that was raised before changes nothing. */
sk_err sk_driver_own_step(sk_driver *driver, sk_folding *batch, const sk_own_raise *raise, sk_known_call *out_known,
                          sk_after *out_after);

/* ---- driver_schedule.c ---- */

/** Makes the list of schedules anew, of the present edition. */
sk_err sk_driver_schedules_list(sk_driver *driver);
/** When they are due has to be worked out anew. */
void sk_driver_schedules_forget(sk_driver *driver);
/** When one of that partition is due; INT64_MAX: none is. */
int64_t sk_driver_schedules_us(const sk_driver *driver, int32_t partition);
/** Raises what is due. An error: no room, or no memory. */
sk_err sk_driver_fold_schedules(sk_driver *driver, sk_folding *batch);
/** Adds the records of schedules that were done in the batch. */
sk_err sk_driver_seal_schedules(sk_driver *driver, sk_folding *batch);
/** They are done. */
void sk_driver_merge_schedules(sk_driver *driver, const sk_folding *batch);
/** What batches that are dropped have done is not done. */
void sk_driver_undo_schedules(sk_driver *driver);
/** The instant of a journal record. */
sk_err sk_driver_restore_schedule(sk_driver *driver, sk_share *share, sk_slice name, sk_slice payload);

/* ---- driver_effects.c ---- */

/** Makes what it needs; false without memory. */
bool sk_driver_effects_make(sk_driver *driver);
/** Frees it. */
void sk_driver_effects_free(sk_driver *driver);
/** What the batch has changed is committed: effects are due, or no longer; what it has taken in is done. */
void sk_driver_effects_committed(sk_driver *driver, const sk_folding *batch);
/** It is sealed: nothing begins yet. */
void sk_driver_effects_sealed(sk_driver *driver, const sk_folding *batch);
/** It is dropped: what it has taken in is to be folded anew. */
void sk_driver_effects_dropped(sk_driver *driver, const sk_folding *batch);
/** The partition has been restored: what is due is begun again, what had begun and may only once is lost. */
void sk_driver_effects_restored(sk_driver *driver, int32_t partition);
/** The partition goes away: its effects are to be stopped before anything else. */
void sk_driver_effects_forget(sk_driver *driver, int32_t partition);
/** Whether something waits to be folded. */
bool sk_driver_has_locals(const sk_driver *driver);
/** Folds it. An error: the batch has no room for another, or the machine no memory. */
sk_err sk_driver_fold_locals(sk_driver *driver, sk_folding *batch);
/** What may happen only once is asked for, as far as there is room. */
void sk_driver_ask_for_once(sk_driver *driver);

/* ---- driver_durations.c ---- */

/** Notes how long activities took that ended in a step. */
void sk_driver_note_durations(sk_folding *batch, int32_t partition, const sk_after *after);
/** Adds the records of activities that have ended in the batch. */
sk_err sk_driver_seal_durations(sk_driver *driver, sk_folding *batch);
/** They count from now on. */
void sk_driver_merge_durations(sk_driver *driver, const sk_folding *batch);
/** Those of a journal record. */
sk_err sk_driver_restore_durations(sk_share *share, sk_slice name, sk_slice payload);

/* ---- driver_look.c ---- */

/**
 * What is known of the id of @p record, with the overlays in @p newest and the batch in flight. SK_ERR_NO_MEMORY when a
 * customer that is new here cannot be kept.
 */
sk_err sk_driver_look(sk_driver *driver, const sk_folding *newest, const sk_record *record, const sk_id *id,
                      sk_known_call *out);
/** What is known of a call of that partition, of whichever customer. */
sk_known_call sk_driver_look_open(sk_driver *driver, const sk_folding *newest, int32_t partition, const sk_id *id);
/** Whether a call of this root, facility and type is open; for the step. */
bool sk_driver_is_open(void *self, sk_slice rootid, sk_slice facility, sk_call_type type);

/* ---- driver_commit.c ---- */

/** Gives the waiting batch to the log if none is in flight; works off retries and limits of time. */
void sk_driver_send(sk_driver *driver);
/** Forgets both batches and puts the inbox back to the marks. */
void sk_driver_drop_batches(sk_driver *driver);
/** Forgets the batch behind the one in flight. */
void sk_driver_drop_waiting(sk_driver *driver);
/** Takes one partition out of the batch in flight: what it has changed there counts no more. */
void sk_driver_forget_changes(sk_driver *driver, int32_t partition);
/** The overlay becomes the state. */
bool sk_driver_merge(sk_driver *driver, sk_folding *batch);

/* ---- driver_careful.c ---- */

typedef enum sk_care {
        SK_CARE_STEP, /**< step the record */
        SK_CARE_WAIT, /**< first the note must be written */
        SK_CARE_BURY, /**< it was found twice: a dead letter */
} sk_care;

/**
 * Whether the batch can take what is no input. While inputs are noted one by one it cannot take it beside one, which would
 * be blamed for it; but it does not wait for more inputs to come.
 */
bool sk_driver_may_add(const sk_driver *driver, const sk_folding *batch);
/** Whether inputs are noted one by one. */
bool sk_driver_is_careful(const sk_driver *driver);
/** What to do with the next input. */
sk_care sk_driver_care(sk_driver *driver, const sk_record *record);
/** The input is through its step. */
void sk_driver_care_over(sk_driver *driver, const sk_record *record);
/** What was noted of a partition, and is behind its marks as they are restored, was never to blame. */
void sk_driver_care_restored(sk_driver *driver, int32_t partition);
/** Forgets every input that was to be folded alone. */
void sk_careful_clear(sk_driver *driver);

/* ---- driver_redeliver.c ---- */

/** A record taken out of work.redeliver; bytes in the arena. */
sk_err sk_redeliver_unpack(sk_driver *driver, sk_arena *arena, const sk_record *work, sk_record *out,
                           const char **out_code);
/* ---- driver_outcome.c ---- */

/** A `work` record that the driver itself has done or refused. */
typedef struct sk_worked {
        sk_message type;
        sk_id callid;
        sk_slice id;
        sk_slice actor;
        int32_t partition;
        bool has_counts;
        uint64_t calls;
        uint64_t asks;
} sk_worked;

/** Writes the event that answers it; @p code other than "ok": it was refused. Errors stick in the batch's records. */
void sk_driver_report(sk_driver *driver, sk_folding *batch, sk_message event, const sk_worked *work, const char *code);
/** Whether a `work` record that no step sees fits the schema of its message. */
bool sk_driver_is_fit(sk_driver *driver, const sk_record *work, sk_message type);

/* ---- driver_resync.c ---- */

/** Takes a `work.resync`, or refuses it. An error: it could not be said that it is refused. */
sk_err sk_driver_take_resync(sk_driver *driver, sk_folding *batch, const sk_record *work, const sk_envelope *envelope);
/** Whether an order of the partition is to be gone on with. */
bool sk_driver_has_resync(const sk_driver *driver, int32_t partition);
/** Goes on with all orders. An error: the batch has no room for another raise, or the machine no memory. */
sk_err sk_driver_fold_resyncs(sk_driver *driver, sk_folding *batch);
/** Journal records of what the batch has taken and ended. */
sk_err sk_driver_seal_resyncs(sk_driver *driver, sk_folding *batch);
/** What the batch has taken and ended holds. */
void sk_driver_resyncs_committed(sk_driver *driver, const sk_folding *batch);
/** What it has taken will be taken again, what it has sent is sent anew. */
void sk_driver_resyncs_dropped(sk_driver *driver, const sk_folding *batch);
/** An order in the journal. */
sk_err sk_driver_restore_resync(sk_share *share, sk_slice provider, sk_slice payload);
/** Its tombstone. */
void sk_driver_forget_resync(sk_share *share, sk_slice provider);

#endif
