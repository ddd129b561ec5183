/*
 * What becomes of a sealed batch (rule T5).
 *
 *   COMMIT ──ok──> merged
 *      ├─aborted, same generation──> the same bytes again, after a pause, ten times; then the process ends (75)
 *      ├─aborted, assignment changed──> dropped; partitions that are still held go on from their marks
 *      ├─unknown──> RECOMMIT until it is known; after 20 s the process ends (75)
 *      ├─fenced──> everything is dropped, RESTART; the third time in ten minutes the process ends (70)
 *      └─lost, as after a broker's long absence──> the same, however often
 */

#include <assert.h>

#include "kit/when.h"
#include "link/driver_inside.h"
#include "link/mutation.h"

#define ABORTS_MAX 10
#define ABORT_PAUSE_US (50 * (SK_SECOND_US / 1000))
#define ABORT_PAUSE_MAX_US (5 * SK_SECOND_US)
#define UNKNOWN_US (20 * SK_SECOND_US)
#define UNKNOWN_PAUSE_US (100 * (SK_SECOND_US / 1000))
#define FENCES_US (10 * SK_MINUTE_US)
#define EXIT_FENCED 70
#define EXIT_AGAIN 75

static void command(sk_driver *driver, sk_command_kind kind, const sk_folding *batch, const char *why) {
        assert((kind == SK_DO_COMMIT || kind == SK_DO_RECOMMIT) == (batch != NULL));
        assert(batch == NULL || batch->sealed.records != NULL);
        sk_command put = {.kind = kind, .batch = batch == NULL ? NULL : &batch->sealed, .why = why};

        if (!sk_commands_put(&driver->commands, &put))
                sk_driver_exit(driver, EXIT_AGAIN, "out of memory");
}

/* ---- sending ---- */

static void send_again(sk_driver *driver) {
        sk_folding *batch = driver->flying;

        assert(batch->sealed.number > 0);
        assert(batch != NULL);
        if (batch->is_unknown && batch->give_up_us <= driver->now_us) {
                sk_driver_exit(driver, EXIT_AGAIN, "the outcome of a commit stayed unknown for 20 s");
                return;
        }
        if (batch->retry_us > driver->now_us)
                return;
        batch->retry_us = INT64_MAX;
        command(driver, batch->is_unknown ? SK_DO_RECOMMIT : SK_DO_COMMIT, batch, NULL);
}

void sk_driver_send(sk_driver *driver) {
        assert(driver->waiting == NULL || driver->waiting->sealed.number > 0);
        assert(driver->flying == NULL || driver->flying != driver->waiting);
        if (driver->is_over)
                return;
        if (driver->flying != NULL) {
                send_again(driver);
                return;
        }
        if (driver->waiting == NULL)
                return;
        driver->flying = driver->waiting;
        driver->waiting = NULL;
        command(driver, SK_DO_COMMIT, driver->flying, NULL);
}

/* ---- dropping ---- */

static void undo(sk_driver *driver, sk_overlaid *change) {
        assert(change->customer != SK_CUSTOMER_ANY);
        if (change->is_gone)
                return;
        change->is_gone = true;
        if (sk_openings_add(driver->openings, &change->opening_before) != SK_OK)
                sk_driver_exit(driver, EXIT_AGAIN, "out of memory");
        sk_openings_remove(driver->openings, &change->opening);
}

void sk_driver_forget_changes(sk_driver *driver, int32_t partition) {
        assert(partition >= 0);
        assert(partition < driver->partitions);
        sk_folding *batch = driver->flying;

        assert(driver->waiting == NULL);
        for (size_t i = batch == NULL || batch->is_merged ? 0 : batch->change_count; i-- > 0;)
                if (batch->changes[i].partition == partition)
                        undo(driver, &batch->changes[i]);
        if (batch != NULL)
                batch->is_touched[partition] =
                        false; /* its bytes are sealed already: only its mark is not taken over */
}

/* Stubs whose tombstones were not written are there again; those of a batch in flight stay hidden. */
static void unexpire(sk_driver *driver) {
        assert(driver->waiting == NULL);
        for (int32_t p = 0; p < driver->partitions; p++)
                if (driver->shares[p].stubs != NULL)
                        sk_stubs_unexpire(driver->shares[p].stubs,
                                          driver->flying == NULL || !driver->flying->is_touched[p]
                                                  ? 0
                                                  : driver->flying->expired_upto[p]);
}

static void rewind_inbox(sk_driver *driver) {
        assert(driver->flying == NULL); /* else what it has read would be read again */
        assert(driver->waiting == NULL);
        for (int32_t p = 0; p < driver->partitions; p++)
                if (driver->shares[p].state == SK_SHARE_READY)
                        sk_inbox_rewind(driver->inbox, p);
}

static void drop(sk_driver *driver, sk_folding *batch) {
        if (batch == NULL || batch->is_merged)
                return;
        assert(batch->sealed.number > 0);
        for (size_t i = batch->change_count; i-- > 0;)
                undo(driver, &batch->changes[i]);
        sk_driver_give_back(driver, batch);
        sk_driver_resyncs_dropped(driver, batch);
        sk_driver_effects_dropped(driver, batch);
}

void sk_driver_drop_waiting(sk_driver *driver) {
        drop(driver, driver->waiting);
        driver->waiting = NULL;
        driver->careful.is_asked = driver->careful.is_noted = false;
        sk_driver_undo_schedules(driver);
        unexpire(driver);
}

void sk_driver_drop_batches(sk_driver *driver) {
        sk_folding *flying = driver->flying;

        drop(driver, driver->waiting);
        driver->waiting = NULL;
        driver->flying = NULL;
        drop(driver, flying);
        driver->careful.is_asked = driver->careful.is_noted = false;
        sk_driver_undo_schedules(driver);
        unexpire(driver);
        rewind_inbox(driver);
}

/* ---- merging ---- */

/* Whether the state is what the batch has found below itself. */
static bool agrees(const sk_share *share, const sk_overlaid *change) {
        sk_stored stored;
        bool is_there = sk_store_get(share->store, &change->id, &stored) && sk_slice_there(stored.head) &&
                        stored.customer == change->customer;

        assert(share->state == SK_SHARE_READY || share->state == SK_SHARE_REVOKING);
        return is_there == change->was_open;
}

static bool merge_open(sk_share *share, const sk_overlaid *change) {
        assert(agrees(share, change));
        assert(change->is_open);
        assert(sk_slice_there(change->head));
        if (sk_store_put_head(share->store, &change->id, change->customer, change->head, &change->opening) != SK_OK)
                return false;
        if (sk_store_arm(share->store, &change->id, sk_head_timer_us(change->head)) != SK_OK)
                return false;
        if (change->has_new_data &&
            sk_store_put_data(share->store, &change->id, change->customer, change->data) != SK_OK)
                return false;
        if (!change->was_open)
                sk_stubs_drop(share->stubs, &change->id, change->customer);
        return true;
}

static bool merge_closed(sk_share *share, const sk_overlaid *change) {
        assert(sk_slice_there(change->stub));
        assert(agrees(share, change));
        assert(!change->is_open);
        if (change->was_open)
                sk_store_drop(share->store, &change->id);
        return SK_MUTATED(C2) || sk_stubs_put(share->stubs, &change->closed) == SK_OK;
}

static void count_change(sk_driver *driver, const sk_overlaid *change) {
        assert(change->customer != SK_CUSTOMER_ANY);
        if (change->customer == SK_CUSTOMER_ASK)
                return;
        driver->numbers.calls_opened += !change->was_open;
        driver->numbers.calls_closed += !change->is_open;
}

bool sk_driver_merge(sk_driver *driver, sk_folding *batch) {
        assert(batch->sealed.number > 0);
        assert(!batch->is_merged);
        for (size_t i = 0; i < batch->change_count; i++) {
                const sk_overlaid *change = &batch->changes[i];
                sk_share *share = sk_driver_share(driver, change->partition);

                if (change->is_gone)
                        continue;
                count_change(driver, change);
                if (!(change->is_open ? merge_open(share, change) : merge_closed(share, change)))
                        return false;
        }
        sk_driver_give_back(driver, batch);
        sk_driver_merge_durations(driver, batch);
        sk_driver_merge_schedules(driver, batch);
        return true;
}

static void merge_marks(sk_driver *driver, const sk_folding *batch) {
        for (size_t i = 0; i < batch->sealed.offset_count; i++) {
                const sk_position *at = &batch->sealed.offsets[i];
                sk_lane *lane = sk_inbox_find(driver->inbox, at->topic, at->partition);

                if (lane != NULL && batch->is_touched[at->partition] && lane->committed_next < at->next_offset)
                        lane->committed_next = at->next_offset;
                assert(lane == NULL || lane->committed_next <= lane->sealed_next);
        }
        for (int32_t p = 0; p < driver->partitions; p++) {
                if (!batch->is_touched[p])
                        continue;
                assert(driver->shares[p].mark_now_us <= batch->now_us); /* rule O4 */
                driver->shares[p].mark_now_us = batch->now_us;
                if (batch->expired_upto[p] > 0)
                        sk_stubs_expired(driver->shares[p].stubs, batch->expired_upto[p]);
        }
}

/* ---- telling people ---- */

static bool is_told(const sk_record *record) {
        assert(record->topic != NULL);
        return record->topic->kind == SK_TOPIC_EVENTS &&
               sk_message_find(sk_headers_find(record->headers, "ce_type")) == SK_EVENT_INFORMED;
}

/* Only what is committed is told. A notice for which there is no room is not: its event stands on the log. */
static void tell(sk_driver *driver, const sk_folding *batch) {
        assert(batch->sealed.records == batch->out.records);
        assert(batch->sealed.record_count == batch->out.count);
        for (size_t i = 0; batch->has_told && i < batch->out.count; i++) {
                const sk_record *record = &batch->out.records[i];
                sk_command told = {.kind = SK_DO_TELL, .partition = record->partition};

                if (!is_told(record))
                        continue;
                told.key = sk_arena_copy(driver->commands.arena, record->value);
                if (sk_slice_there(told.key))
                        (void)sk_commands_put(&driver->commands, &told);
        }
}

/* ---- outcomes ---- */

static void on_ok(sk_driver *driver) {
        sk_folding *batch = driver->flying;

        assert(batch != NULL);
        driver->flying = NULL;
        driver->numbers.batches_committed++;
        driver->numbers.unfit += batch->out.unfit;
        batch->out.unfit = 0;
        driver->numbers.records_written += batch->sealed.record_count;
        tell(driver, batch);
        if (!batch->is_merged && !sk_driver_merge(driver, batch)) {
                sk_driver_exit(driver, EXIT_AGAIN, "out of memory; the state will be read from the journal again");
                return;
        }
        merge_marks(driver, batch);
        sk_driver_resyncs_committed(driver, batch);
        sk_driver_effects_committed(driver, batch);
}

static int64_t abort_pause(unsigned aborts) {
        int64_t pause = ABORT_PAUSE_US;

        assert(aborts > 0);
        for (unsigned i = 1; i < aborts && pause < ABORT_PAUSE_MAX_US; i++)
                pause *= 2;
        assert(pause >= ABORT_PAUSE_US);
        return pause < ABORT_PAUSE_MAX_US ? pause : ABORT_PAUSE_MAX_US;
}

/* Whether the assignment under which the batch was sealed is over; if so its bytes must never be tried again. */
static bool is_outlived(sk_driver *driver, sk_folding *batch) {
        assert(batch == driver->flying);
        if (SK_MUTATED(T2)) {
                batch->sealed.generation = driver->generation;
                return false;
        }
        return driver->is_unsettled || batch->generation != driver->generation;
}

static void on_aborted(sk_driver *driver) {
        sk_folding *batch = driver->flying;

        assert(!batch->is_merged || SK_MUTATED(T6));
        assert(batch != NULL);
        driver->numbers.batches_aborted++;
        batch->is_unknown = false;
        batch->give_up_us = INT64_MAX;
        if (SK_MUTATED(T5)) {
                (void)sk_driver_merge(driver, batch);
                driver->flying = NULL;
        } else if (is_outlived(driver, batch)) {
                sk_driver_drop_batches(driver);
                driver->is_unsettled = true;
        } else if (++batch->aborts > ABORTS_MAX) {
                sk_driver_exit(driver, EXIT_AGAIN, "a batch was aborted ten times in a row");
        } else {
                batch->retry_us = driver->now_us + abort_pause(batch->aborts);
        }
}

/* The first time at once, then with a pause, so that a log that answers at once is not asked without end. */
static void on_unknown(sk_driver *driver) {
        sk_folding *batch = driver->flying;

        assert(batch != NULL);
        if (!batch->is_unknown) {
                batch->is_unknown = true;
                batch->give_up_us = driver->now_us + UNKNOWN_US;
                batch->retry_us = driver->now_us;
        } else {
                batch->retry_us = driver->now_us + UNKNOWN_PAUSE_US;
        }
}

static bool is_fenced_too_often(sk_driver *driver) {
        size_t recent = 0;

        assert(driver->fence_count < SK_FENCES_MAX);
        for (size_t i = 0; i < driver->fence_count; i++)
                if (driver->now_us - driver->fences_us[i] < FENCES_US)
                        driver->fences_us[recent++] = driver->fences_us[i];
        driver->fence_count = recent;
        driver->fences_us[driver->fence_count++] = driver->now_us;
        assert(driver->fence_count <= SK_FENCES_MAX);
        return driver->fence_count == SK_FENCES_MAX;
}

static void start_afresh(sk_driver *driver, bool is_fenced) {
        sk_driver_drop_batches(driver);
        assert(driver->flying == NULL);
        assert(driver->waiting == NULL);
        for (int32_t p = 0; p < driver->partitions; p++)
                sk_share_clear(driver, p);
        driver->revoke_us = INT64_MAX;
        driver->is_unsettled = false;
        sk_commands_forget(&driver->commands);
        if (is_fenced && is_fenced_too_often(driver))
                sk_driver_exit(driver, EXIT_FENCED, "fenced by another instance three times in ten minutes");
        else
                command(driver, SK_DO_RESTART, NULL, is_fenced ? "fenced" : "a transaction was lost");
}

void sk_driver_committed(sk_driver *driver, uint64_t number, sk_err result, int64_t now_us) {
        sk_driver_at(driver, now_us);
        if (driver->is_over || driver->flying == NULL || driver->flying->sealed.number != number)
                return;
        assert(driver->flying->sealed.records != NULL);
        switch (result) {
        case SK_OK:
                on_ok(driver);
                break;
        case SK_ERR_UNKNOWN_OUTCOME:
                on_unknown(driver);
                break;
        case SK_ERR_FENCED:
        case SK_ERR_LOST:
                start_afresh(driver, result == SK_ERR_FENCED);
                break;
        default:
                assert(result == SK_ERR_ABORTED);
                on_aborted(driver);
        }
        sk_driver_settle(driver);
        /* What is sealed is on its way before the next batch is folded, which the turn to come does. */
        if (driver->flying == NULL && driver->waiting != NULL)
                sk_driver_send(driver);
        else
                sk_driver_advance(driver);
}
