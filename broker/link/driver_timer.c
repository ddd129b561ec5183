/*
 * Timers (rule O3): calls that are due, after the inputs of the batch. The heap of each partition holds what the
 * committed heads say; a call that is given out comes back with the head that its step has made, or as it was when the
 * batch is dropped. So a timer is never done twice and never forgotten.
 *
 * An input beats a timer. Whoever has just come back has inputs to read that are older than what is due: until they have
 * been read, timers wait, but not for ever; and at most so many are done in a batch that inputs do not wait either.
 */

#include <assert.h>

#include "kit/when.h"
#include "link/driver_inside.h"

#define SETTLE_US SK_SECOND_US             /* without old inputs, after which there are none */
#define BACKLOG_US (5 * SK_SECOND_US)      /* an input that lay for so long is an old one */
#define BACKLOG_MAX_US (10 * SK_MINUTE_US) /* after so long timers wait no more */

static int64_t earlier(int64_t a, int64_t b) {
        return a < b ? a : b;
}

static int64_t later(int64_t a, int64_t b) {
        return a > b ? a : b;
}

void sk_share_note_backlog(const sk_driver *driver, sk_share *share, int64_t timestamp_us) {
        assert(share->state == SK_SHARE_READY);
        if (timestamp_us < driver->now_us - BACKLOG_US)
                share->backlog_us = driver->now_us;
}

/* Until when timers wait for what is still to be read. */
static int64_t settled_us(const sk_share *share) {
        assert(share->state == SK_SHARE_READY);
        return earlier(later(share->resumed_us, share->backlog_us) + SETTLE_US, share->resumed_us + BACKLOG_MAX_US);
}

static int64_t calls_us(const sk_share *share) {
        assert(share->store != NULL);
        int64_t due_us = sk_store_due_us(share->store);

        return due_us == INT64_MAX ? due_us : later(due_us, settled_us(share));
}

int64_t sk_driver_timers_us(const sk_driver *driver, int32_t partition) {
        const sk_share *share = sk_driver_share(driver, partition);
        int64_t due_us = earlier(calls_us(share), sk_driver_schedules_us(driver, partition));

        assert(share->store != NULL);
        assert(share->stubs != NULL);
        if (sk_driver_has_resync(driver, partition))
                return driver->now_us;
        return earlier(due_us, earlier(sk_stubs_expiry_us(share->stubs), sk_share_passed_us(share)));
}

/* ---- one timer ---- */

static bool still_holds(const sk_known_call *known, int64_t due_us) {
        return known->before.known == SK_KNOWN_OPEN && sk_head_timer_us(known->before.head) == due_us;
}

/* Steps a call whose time has come; one that a batch which is not committed yet has changed meanwhile is left alone. */
static sk_err step_due(sk_driver *driver, sk_folding *batch, int32_t partition, const sk_id *id, int64_t due_us) {
        assert(due_us > 0);
        assert(due_us <= batch->now_us);
        sk_known_call known = sk_driver_look_open(driver, batch, partition, id);
        sk_step_context context = sk_driver_context(driver, batch, partition);
        sk_step_input input = {.kind = SK_INPUT_TIMER, .deadline_us = due_us};
        size_t before = batch->out.count;
        sk_reject reject = {0};
        sk_after after;
        sk_err err;

        if (!still_holds(&known, due_us))
                return SK_OK;
        err = sk_step(&context, &known.before, &input, &batch->out, &after, &reject);
        if (err == SK_OK)
                err = batch->out.err;
        if (err == SK_OK)
                err = sk_driver_overlay(driver, batch, partition, &known, &after);
        if (err == SK_OK) {
                sk_driver_note_durations(batch, partition, &after);
                return SK_OK;
        }
        assert(sk_err_class_of(err) == SK_CLASS_RETRY); /* nothing that came from outside is in it */
        sk_out_rewind(&batch->out, before);
        return err;
}

/* ---- one batch ---- */

/* Whether an input of the partition waits that is not later than the timer. */
static bool is_beaten(const sk_driver *driver, int32_t partition, int64_t due_us) {
        assert(partition < driver->partitions);
        const sk_record *record = sk_inbox_peek(driver->inbox, partition);

        return record != NULL && record->timestamp_us <= due_us;
}

static sk_err fold_partition(sk_driver *driver, sk_folding *batch, int32_t partition) {
        sk_share *share = sk_driver_share(driver, partition);
        int64_t due_us = sk_store_due_us(share->store);
        sk_id id;

        assert(share->state == SK_SHARE_READY);
        while (batch->given_count + batch->locals < SK_BATCH_TIMERS_MAX && !is_beaten(driver, partition, due_us) &&
               sk_store_take_due(share->store, batch->now_us, &id, &due_us)) {
                sk_err err = step_due(driver, batch, partition, &id, due_us);

                if (err != SK_OK) {
                        sk_store_arm_again(share->store, &id);
                        return err;
                }
                batch->given[batch->given_count++] = (sk_given){id, partition};
                batch->is_touched[partition] = true;
                due_us = sk_store_due_us(share->store);
        }
        return SK_OK;
}

/* From another partition on each time, so that none of them waits for the others. */
sk_err sk_driver_fold_timers(sk_driver *driver, sk_folding *batch) {
        assert(batch->sealed.records == NULL);
        sk_err err = SK_OK;

        assert(batch->given_count == 0);
        for (int32_t i = 0; i < driver->partitions && err == SK_OK; i++) {
                int32_t p = (int32_t)((driver->batch_number + (uint64_t)i) % (uint64_t)driver->partitions);

                if (sk_share_is_foldable(&driver->shares[p]) && sk_driver_may_add(driver, batch) &&
                    calls_us(&driver->shares[p]) <= batch->now_us)
                        err = fold_partition(driver, batch, p);
        }
        return err;
}

void sk_driver_give_back(sk_driver *driver, const sk_folding *batch) {
        assert(batch->given_count <= SK_BATCH_TIMERS_MAX);
        for (size_t i = 0; i < batch->given_count; i++) {
                sk_share *share = sk_driver_share(driver, batch->given[i].partition);

                if (share->store != NULL)
                        sk_store_arm_again(share->store, &batch->given[i].id);
        }
}
