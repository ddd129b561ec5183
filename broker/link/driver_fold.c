/*
 * Folding: inputs in the order of rule O3, one step each, into a batch that is sealed at the end of the same pass. So
 * the order within a batch holds whatever the moments at which records arrived, and a batch is never added to later.
 */

#include <assert.h>
#include <stdio.h>

#include "event/envelope.h"
#include "event/structured.h"
#include "kit/when.h"
#include "link/deadletter.h"
#include "link/driver_inside.h"
#include "link/journal.h"
#include "link/mutation.h"

#define EXPIRE_MAX SK_BATCH_TIMERS_MAX
#define MEMORY_TRIES 10
#define MEMORY_PAUSE_US SK_SECOND_US

/* How the folding of one input went. */
typedef enum outcome {
        TAKEN,     /* it is in the batch */
        HELD,      /* it waits: its partition goes no further */
        FULL,      /* the batch has no room left; nothing of it was kept */
        NO_MEMORY, /* the machine has none */
} outcome;

static outcome outcome_of(const sk_driver *driver, const sk_folding *batch, sk_err err) {
        assert(batch->sealed.records == NULL);
        assert(sk_err_class_of(err) == SK_CLASS_RETRY);
        if (err == SK_ERR_FULL || sk_arena_used(batch->arena) > driver->batch_bytes_max / 2)
                return FULL;
        return NO_MEMORY;
}

/* ---- dead letters ---- */

static outcome bury(sk_driver *driver, sk_folding *batch, const sk_record *record, const sk_reject *reject) {
        assert(record->topic != NULL);
        assert(batch->sealed.records == NULL);
        sk_dead_letter letter = {record, reject, batch->now_us, driver->partitions};
        size_t before = batch->out.count;
        sk_err err;

        assert(reject->reason != NULL);
        sk_dead_letter_write(&letter, driver->topics, &batch->out);
        err = batch->out.err;
        if (err == SK_OK) {
                driver->numbers.dead_letters++;
                return TAKEN;
        }
        sk_out_rewind(&batch->out, before);
        return outcome_of(driver, batch, err);
}

/* The record does not fit in a whole batch: an arena of its size takes the dead letter. */
static outcome bury_large(sk_driver *driver, sk_folding *batch, const sk_record *record) {
        sk_reject reject = {.reason = "too-large"};
        outcome done;

        assert(sk_folding_is_empty(batch));
        (void)snprintf(reject.text, sizeof(reject.text), "what it makes does not fit in a batch of %zu bytes",
                       driver->batch_bytes_max);
        sk_folding_reset(batch, batch->now_us);
        batch->out.arena = batch->seal_arena;
        done = bury(driver, batch, record, &reject);
        batch->out.arena = batch->arena;
        return done == FULL ? NO_MEMORY : done;
}

/* ---- the overlay ---- */

static sk_err fill_open(sk_overlaid *change, const sk_after *after) {
        assert(after->change == SK_CHANGE_PUT);
        assert(sk_slice_there(after->head));
        change->is_open = true;
        change->head = after->head;
        if (after->data_changed) {
                change->has_new_data = true;
                change->data = after->data;
        }
        return sk_opening_of_head(after->head, &change->opening);
}

static sk_err fill_closed(sk_overlaid *change, const sk_after *after) {
        assert(sk_slice_there(after->stub));
        assert(after->change == SK_CHANGE_CLOSE);
        change->is_open = false;
        change->stub = after->stub;
        change->opening = (sk_opening){{{0}}};
        return sk_closed_of(after->stub, change->customer, &change->closed);
}

static sk_overlaid change_made(const sk_known_call *known, const sk_id *id, uint32_t customer, int32_t partition) {
        assert(customer != SK_CUSTOMER_ANY);
        bool is_same = known->before.known == SK_KNOWN_OPEN && known->customer == customer;

        return (sk_overlaid){
                .id = *id,
                .customer = customer,
                .partition = partition,
                .was_open = is_same,
                .had_data = is_same && known->has_data,
                .opening_before = is_same ? known->opening : (sk_opening){{{0}}},
                .opening = is_same ? known->opening : (sk_opening){{{0}}},
        };
}

sk_err sk_driver_overlay(sk_driver *driver, sk_folding *batch, int32_t partition, const sk_known_call *known,
                         const sk_after *after) {
        assert(batch->sealed.records == NULL);
        assert(after->change <= SK_CHANGE_CLOSE);
        uint32_t customer;
        sk_overlaid *at;
        sk_overlaid change;
        sk_opening counted;
        sk_err err = sk_customers_number(driver->customers, after->customer, &customer);

        batch->has_told |= after->has_told;
        if (after->change == SK_CHANGE_NOTHING || err != SK_OK)
                return err;
        at = sk_folding_find(batch, &after->id, customer);
        change = at != NULL ? *at : change_made(known, &after->id, customer, partition);
        counted = change.opening;
        err = after->change == SK_CHANGE_PUT ? fill_open(&change, after) : fill_closed(&change, after);
        assert(err == SK_OK); /* the step writes what can be read */
        err = sk_openings_add(driver->openings, &change.opening);
        if (err != SK_OK)
                return err;
        sk_openings_remove(driver->openings, &counted);
        if (at == NULL)
                at = sk_folding_add(batch, &after->id, customer);
        *at = change;
        return SK_OK;
}

/* ---- one step ---- */

sk_step_context sk_driver_context(sk_driver *driver, const sk_folding *batch, int32_t partition) {
        assert(batch != driver->flying);
        return (sk_step_context){
                .edition = driver->edition,
                .team = driver->team,
                .topics = driver->topics,
                .partitions = driver->partitions,
                .now_us = batch->now_us,
                .arena = batch->arena,
                .durations = sk_driver_share(driver, partition)->durations,
                .checks = driver->checks,
                .contract = driver->contract,
                .is_open = sk_driver_is_open,
                .self = driver,
        };
}

/* A message whose call has closed. */
typedef struct asking {
        const sk_step_input *message;
        const sk_known_call *known;
        const sk_id *id;
} asking;

/*
 * A duplicate asked for its stub: the record stays where it is until that was read, then both parts of its step are
 * done in one batch. So an answer is never lost between the record's offset and the stub's reading.
 */
static outcome answer_from_stub(sk_driver *driver, sk_folding *batch, const asking *of, sk_after *after,
                                sk_err *out_err) {
        const sk_step_input *message = of->message;
        sk_step_context context = sk_driver_context(driver, batch, message->record->partition);
        sk_step_input input = {.kind = SK_INPUT_STUB_READ, .record = message->record, .envelope = message->envelope};
        sk_reject reject = {0};
        sk_stub_fetch fetch = sk_driver_stub_for(driver, message->record->partition, of->known, of->id, &input.stub);

        assert(after->wants_stub);
        assert(after->change == SK_CHANGE_NOTHING);
        *out_err = SK_OK;
        if (fetch != SK_STUB_FETCHED)
                return fetch == SK_STUB_AWAITED ? HELD : NO_MEMORY;
        *out_err = sk_step(&context, &of->known->before, &input, &batch->out, after, &reject);
        return TAKEN;
}

static void count_duplicates(sk_driver *driver, const sk_folding *batch, size_t from) {
        assert(from <= batch->out.count);
        for (size_t i = from; i < batch->out.count; i++)
                if (batch->out.records[i].topic->kind == SK_TOPIC_EVENTS &&
                    sk_slice_is(sk_headers_find(batch->out.records[i].headers, "ce_type"), "schakel.event.duplicate"))
                        driver->numbers.duplicates++;
}

/* One record as it came, as it is read, and what it says. */
typedef struct reading {
        const sk_record *whole; /* what becomes a dead letter, byte for byte */
        const sk_record *record;
        sk_record unwrapped; /* structured mode: the same in binary mode */
        sk_envelope envelope;
        sk_reject reject; /* what it is refused for, if it is */
} reading;

static sk_err read_record(const sk_driver *driver, sk_folding *batch, const sk_record *whole, reading *out) {
        assert(whole->topic != NULL);
        assert(whole->topic->is_inbound);
        sk_err err = SK_OK;

        *out = (reading){.whole = whole, .record = whole};
        if (sk_structured_is(whole)) {
                err = sk_structured_unwrap(whole, batch->arena, &out->unwrapped, &out->reject);
                out->unwrapped.proven = whole->proven;
                out->record = &out->unwrapped;
        }
        if (err != SK_OK)
                return err;
        return sk_envelope_decode(out->record, sk_topics_chain(driver->topics), driver->partitions, &out->envelope,
                                  &out->reject);
}

static outcome bury_unread(sk_driver *driver, sk_folding *batch, const reading *read, sk_err err) {
        assert(err != SK_OK);
        if (sk_err_class_of(err) == SK_CLASS_RETRY)
                return outcome_of(driver, batch, err);
        return bury(driver, batch, read->whole, &read->reject);
}

/* What came out of a step, and the call that is raised because of what somebody found: both, or nothing. */
static sk_err take_after(sk_driver *driver, sk_folding *batch, const reading *read, const sk_known_call *known,
                         const sk_after *after) {
        assert(!sk_slice_there(after->finding) || sk_slice_there(after->finding_name));
        int32_t partition = read->record->partition;
        sk_own_raise raise = {partition, after->finding_name, read->envelope.id, after->finding};
        bool has_found = sk_slice_there(after->finding);
        sk_known_call raised_known;
        sk_after raised;
        sk_err err = has_found ? sk_driver_own_step(driver, batch, &raise, &raised_known, &raised) : SK_OK;

        if (err == SK_OK)
                err = sk_driver_overlay(driver, batch, partition, known, after);
        if (err != SK_OK || !has_found)
                return err;
        err = sk_driver_overlay(driver, batch, partition, &raised_known, &raised);
        if (err != SK_OK)
                sk_driver_exit(driver, 75, "out of memory between a call and what was found in it");
        return SK_OK;
}

/* Steps one record. */
static outcome step_record(sk_driver *driver, sk_folding *batch, reading *read) {
        assert(read->record != NULL);
        const sk_record *record = read->record;
        const sk_envelope *envelope = &read->envelope;
        sk_reject *reject = &read->reject;
        sk_id id = record->topic->kind == SK_TOPIC_FEEDBACK ? envelope->replykey : envelope->callid;
        sk_known_call known;
        sk_step_context context = sk_driver_context(driver, batch, record->partition);
        sk_step_input input = {.kind = SK_INPUT_MESSAGE, .record = record, .envelope = envelope};
        size_t before = batch->out.count;
        sk_after after;
        outcome held = TAKEN;
        sk_err err = sk_driver_look(driver, batch, record, &id, &known);

        assert(record->topic->is_inbound);
        if (err == SK_OK)
                err = sk_step(&context, &known.before, &input, &batch->out, &after, reject);
        if (err == SK_OK && after.wants_stub)
                held = answer_from_stub(driver, batch, &(asking){&input, &known, &id}, &after, &err);
        if (err == SK_OK && held == TAKEN)
                err = batch->out.err;
        if (err == SK_OK && held == TAKEN)
                err = take_after(driver, batch, read, &known, &after);
        if (err == SK_OK && held == TAKEN) {
                sk_driver_note_durations(batch, record->partition, &after);
                if (after.change == SK_CHANGE_NOTHING)
                        count_duplicates(driver, batch, before);
                return TAKEN;
        }
        sk_out_rewind(&batch->out, before);
        if (held != TAKEN)
                return held;
        if (sk_err_class_of(err) == SK_CLASS_RETRY)
                return outcome_of(driver, batch, err);
        if (reject->reason == NULL)
                *reject = (sk_reject){.reason = "bad-data", .text = "the record cannot be used"};
        return bury(driver, batch, read->whole, reject);
}

/* ---- one input ---- */

static outcome resync(sk_driver *driver, sk_folding *batch, const reading *work) {
        size_t before = batch->out.count;
        sk_err err = sk_driver_take_resync(driver, batch, work->record, &work->envelope);

        if (err == SK_OK)
                return TAKEN;
        sk_out_rewind(&batch->out, before);
        return outcome_of(driver, batch, err);
}

static outcome redeliver(sk_driver *driver, sk_folding *batch, const reading *work) {
        sk_record record;
        reading inner = {0};
        const char *code = "ok";
        size_t before = batch->out.count;
        sk_worked told = {.type = SK_WORK_REDELIVER,
                          .callid = work->envelope.callid,
                          .id = work->envelope.id,
                          .actor = work->envelope.actor,
                          .partition = work->record->partition};
        outcome done;
        sk_err err = sk_redeliver_unpack(driver, batch->arena, work->record, &record, &code);

        assert(work->envelope.type == SK_WORK_REDELIVER);
        if (err != SK_OK && sk_err_class_of(err) == SK_CLASS_RETRY)
                return outcome_of(driver, batch, err);
        if (err == SK_OK) {
                err = read_record(driver, batch, &record, &inner);
                done = err == SK_OK ? step_record(driver, batch, &inner) : bury_unread(driver, batch, &inner, err);
                if (done != TAKEN)
                        return done;
                code = inner.reject.reason != NULL ? inner.reject.reason : "ok";
        }
        sk_driver_report(driver, batch, SK_EVENT_OUTCOME, &told, code);
        if (batch->out.err == SK_OK)
                return TAKEN;
        err = batch->out.err;
        sk_out_rewind(&batch->out, before);
        return outcome_of(driver, batch, err);
}

static outcome fold_record(sk_driver *driver, sk_folding *batch, const sk_record *record) {
        assert(record->topic->is_inbound);
        reading read;
        sk_err err = read_record(driver, batch, record, &read);

        if (err != SK_OK)
                return bury_unread(driver, batch, &read, err);
        if (read.envelope.type == SK_WORK_REDELIVER)
                return redeliver(driver, batch, &read);
        if (read.envelope.type == SK_WORK_RESYNC)
                return resync(driver, batch, &read);
        return step_record(driver, batch, &read);
}

static outcome bury_crashed(sk_driver *driver, sk_folding *batch, const sk_record *record) {
        assert(sk_driver_is_careful(driver));
        sk_reject reject = {.reason = "crashed", .text = "the link ended twice while it worked on this record"};

        return bury(driver, batch, record, &reject);
}

static outcome fold_with_care(sk_driver *driver, sk_folding *batch, const sk_record *record) {
        outcome done;

        switch (sk_driver_care(driver, record)) {
        case SK_CARE_WAIT:
                return HELD;
        case SK_CARE_BURY:
                done = bury_crashed(driver, batch, record);
                break;
        default:
                done = fold_record(driver, batch, record);
        }
        if (done == FULL && sk_folding_is_empty(batch))
                done = bury_large(driver, batch, record);
        assert(done != FULL || !sk_folding_is_empty(batch)); /* a whole batch always takes one */
        if (done == TAKEN)
                sk_driver_care_over(driver, record);
        return done;
}

static outcome fold_next(sk_driver *driver, sk_folding *batch, int32_t partition) {
        assert(sk_inbox_count_of(driver->inbox, partition) > 0);
        assert(batch->inputs < driver->batch_records_max);
        const sk_record *record = sk_inbox_peek(driver->inbox, partition);
        sk_share *share = sk_driver_share(driver, partition);
        sk_topic_kind kind = record->topic->kind;
        outcome done = fold_with_care(driver, batch, record);

        assert(share->state == SK_SHARE_READY);
        if (done != TAKEN)
                return done;
        sk_inbox_take(driver->inbox, partition);
        share->waits_for_stub = share->has_stub = false;
        sk_buf_clear(&share->stub);
        batch->inputs++;
        batch->is_touched[partition] = true;
        driver->numbers.inputs[kind]++;
        return TAKEN;
}

/* ---- one batch ---- */

static bool has_input(const sk_driver *driver, int32_t partition) {
        return sk_share_is_foldable(&driver->shares[partition]) && sk_inbox_count_of(driver->inbox, partition) > 0;
}

/* Each partition that has something gets the same share of the batch, so that a busy one starves no other. */
static size_t quota_of(const sk_driver *driver) {
        size_t busy = 0;
        size_t quota;

        assert(driver->batch_records_max > 0);
        if (sk_driver_is_careful(driver))
                return 1;
        for (int32_t p = 0; p < driver->partitions; p++)
                busy += has_input(driver, p);
        quota = busy == 0 ? 0 : driver->batch_records_max / busy;
        assert(quota <= driver->batch_records_max);
        return quota == 0 ? 1 : quota;
}

static outcome fold_inputs(sk_driver *driver, sk_folding *batch) {
        assert(batch != driver->flying);
        size_t quota = quota_of(driver);

        assert(sk_folding_is_empty(batch));
        for (int32_t p = 0; p < driver->partitions; p++) {
                outcome done = TAKEN;

                for (size_t i = 0; i < quota && done == TAKEN && has_input(driver, p); i++) {
                        if (batch->inputs == driver->batch_records_max)
                                return TAKEN;
                        done = fold_next(driver, batch, p);
                        if (done == FULL || done == NO_MEMORY)
                                return done;
                        if (sk_driver_is_careful(driver) || driver->careful.is_asked)
                                return TAKEN;
                }
        }
        return TAKEN;
}

sk_seal sk_driver_seal(sk_driver *driver) {
        return (sk_seal){
                .topics = driver->topics,
                .customers = driver->customers,
                .inbox = driver->inbox,
                .edition = *sk_edition_digest(driver->edition),
                .tzdata = sk_edition_tzdata(driver->edition),
                .number = driver->batch_number + 1,
                .generation = driver->generation,
                .key = &driver->key,
        };
}

/* Stubs whose time is over, at most so many in one batch (rule C2). Timers come after inputs (rule O3). */
static void expire_stubs(sk_driver *driver, sk_folding *batch) {
        assert(batch->expired == 0);
        sk_seal seal = sk_driver_seal(driver);
        sk_closed closed;

        for (int32_t p = 0; p < driver->partitions; p++) {
                sk_share *share = &driver->shares[p];
                size_t before = batch->expired;

                while (sk_share_is_foldable(&driver->shares[p]) && batch->expired < EXPIRE_MAX &&
                       batch->out.err == SK_OK && sk_stubs_expire(share->stubs, batch->now_us, &closed)) {
                        (void)sk_folding_expire(batch, &seal, p, &closed);
                        batch->expired++;
                }
                if (batch->expired == before)
                        continue;
                batch->expired_upto[p] = sk_stubs_expiring(share->stubs);
                batch->is_touched[p] = true;
        }
}

/* Marks of partitions that were read on without a record, a day after the last. */
static void mark_passed(const sk_driver *driver, sk_folding *batch) {
        assert(batch->passed == 0);
        for (int32_t p = 0; p < driver->partitions; p++) {
                if (!sk_share_is_foldable(&driver->shares[p]) || batch->is_touched[p] ||
                    sk_share_passed_us(&driver->shares[p]) > batch->now_us)
                        continue;
                batch->is_touched[p] = true;
                batch->passed++;
        }
}

static sk_folding *spare_folding(sk_driver *driver) {
        assert(driver->waiting == NULL);
        return driver->flying == &driver->foldings[0] ? &driver->foldings[1] : &driver->foldings[0];
}

/* One `now` for the batch, which never goes back for any partition that is held (rule O4). */
static int64_t batch_now(sk_driver *driver) {
        int64_t now = driver->now_us > driver->folded_now_us ? driver->now_us : driver->folded_now_us;

        for (int32_t p = 0; p < driver->partitions; p++)
                if (driver->shares[p].state == SK_SHARE_READY && driver->shares[p].mark_now_us > now)
                        now = driver->shares[p].mark_now_us;
        assert(now >= driver->folded_now_us);
        return now;
}

static bool has_timers(const sk_driver *driver) {
        for (int32_t p = 0; p < driver->partitions; p++)
                if (sk_share_is_foldable(&driver->shares[p]) && sk_driver_timers_us(driver, p) <= driver->now_us)
                        return true;
        return false;
}

static bool has_inputs(const sk_driver *driver) {
        for (int32_t p = 0; p < driver->partitions; p++)
                if (has_input(driver, p))
                        return true;
        return false;
}

/* Behind a batch in flight it pays to wait for half a batch: the commit to come then carries more. */
static bool is_time(const sk_driver *driver) {
        assert(driver->waiting == NULL || driver->flying != NULL || driver->is_over);
        if (driver->waiting != NULL || driver->is_unsettled || driver->is_stopping || driver->is_over)
                return false;
        if (driver->careful.is_asked || driver->memory_us > driver->now_us)
                return false;
        if (driver->flying == NULL)
                return has_inputs(driver) || sk_driver_has_locals(driver) || has_timers(driver);
        return !sk_driver_is_careful(driver) && sk_inbox_count(driver->inbox) * 2 >= driver->batch_records_max &&
               has_inputs(driver);
}

static void fail_for_memory(sk_driver *driver) {
        assert(driver->memory_fails < MEMORY_TRIES);
        driver->memory_us = driver->now_us + MEMORY_PAUSE_US;
        if (++driver->memory_fails >= MEMORY_TRIES)
                sk_driver_exit(driver, 75, "out of memory");
}

static void seal(sk_driver *driver, sk_folding *batch) {
        assert(batch != driver->flying);
        assert(batch->now_us >= driver->folded_now_us); /* it never goes back */
        sk_seal with = sk_driver_seal(driver);

        assert(driver->waiting == NULL);
        if (batch->out.err != SK_OK || sk_driver_seal_durations(driver, batch) != SK_OK ||
            sk_driver_seal_resyncs(driver, batch) != SK_OK || sk_driver_seal_schedules(driver, batch) != SK_OK ||
            sk_folding_seal(batch, &with) != SK_OK) {
                sk_driver_exit(driver, 75, "out of memory while sealing a batch");
                return;
        }
        driver->batch_number = with.number;
        driver->folded_now_us = batch->now_us;
        driver->waiting = batch;
        driver->memory_fails = 0;
        driver->memory_us = 0;
        for (int32_t p = 0; p < driver->partitions; p++)
                if (batch->is_touched[p])
                        driver->shares[p].has_passed = driver->shares[p].is_past_gap = false;
        sk_driver_effects_sealed(driver, batch);
        if (SK_MUTATED(T6) && sk_driver_merge(driver, batch))
                batch->is_merged = true;
}

void sk_driver_fold(sk_driver *driver) {
        sk_folding *batch;
        outcome done;

        if (!is_time(driver))
                return;
        batch = spare_folding(driver);
        sk_folding_reset(batch, batch_now(driver));
        assert(batch != driver->flying);
        done = fold_inputs(driver, batch);
        if (done == TAKEN &&
            (sk_driver_fold_locals(driver, batch) != SK_OK || sk_driver_fold_timers(driver, batch) != SK_OK ||
             sk_driver_fold_schedules(driver, batch) != SK_OK || sk_driver_fold_resyncs(driver, batch) != SK_OK))
                done = FULL;
        if (done == TAKEN) {
                expire_stubs(driver, batch);
                mark_passed(driver, batch);
        }
        if (!sk_folding_is_empty(batch))
                seal(driver, batch);
        else if (done == NO_MEMORY || done == FULL)
                fail_for_memory(driver);
}
