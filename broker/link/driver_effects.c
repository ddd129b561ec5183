/*
 * Effects as the driver sees them (rule E): which are due follows from the heads that are committed, never from an overlay;
 * what becomes of them is an input like a record, kept until the batch that has taken it in is committed.
 */

#include <assert.h>
#include <stdio.h>

#include "kit/alloc.h"
#include "link/call.h"
#include "link/driver_inside.h"
#include "link/mutation.h"

#define ARENA_BYTES ((size_t)1 << 20)

bool sk_driver_effects_make(sk_driver *driver) {
        driver->effects = sk_effects_new();
        driver->effect_arena = sk_arena_new(ARENA_BYTES);
        return driver->effects != NULL && driver->effect_arena != NULL;
}

/* ---- local inputs ---- */

static sk_slice put_bytes(char **at, sk_slice bytes) {
        assert(*at != NULL);
        sk_slice copy = {*at, bytes.len};

        if (bytes.len == 0)
                return SK_NONE;
        memcpy(*at, bytes.at, bytes.len);
        *at += bytes.len;
        return copy;
}

static sk_slice bounded(sk_slice bytes, size_t max) {
        assert(sk_slice_there(bytes) || bytes.len == 0);
        return bytes.len <= max ? bytes : (sk_slice){bytes.at + (bytes.len - max), max};
}

/* Whatever is longer than may be kept is known to be too long by its length; of a text the end says most. */
static sk_local *local_new(const sk_effect_report *report) {
        assert(report->visit > 0);
        sk_slice text = bounded(report->text, SK_EFFECT_TEXT_MAX + 4);
        sk_local *local = sk_alloc_zero(1, sizeof(*local) + report->value.len + report->code.len + text.len);

        if (local == NULL)
                return NULL;
        char *at = (char *)(local + 1);
        local->report = *report;
        local->report.value = put_bytes(&at, report->value);
        local->report.code = put_bytes(&at, report->code);
        local->report.text = put_bytes(&at, text);
        assert(at <= (char *)(local + 1) + report->value.len + report->code.len + text.len);
        return local;
}

static void local_add(sk_driver *driver, sk_effect_word word, int32_t partition, const sk_effect_report *report) {
        assert(partition >= 0);
        assert(partition < driver->partitions);
        assert((driver->locals == NULL) == (driver->locals_last == NULL));
        sk_local *local = local_new(report);

        if (local == NULL) {
                sk_driver_exit(driver, 75, "out of memory for what has become of an effect");
                return;
        }
        local->word = word;
        local->partition = partition;
        if (driver->locals_last != NULL)
                driver->locals_last->next = local;
        else
                driver->locals = local;
        driver->locals_last = local;
}

/* Takes out those that @p is_wanted gives true for. */
static void locals_remove(sk_driver *driver, bool (*is_wanted)(const sk_local *local, const void *self),
                          const void *self) {
        assert((driver->locals == NULL) == (driver->locals_last == NULL));
        sk_local **at = &driver->locals;

        driver->locals_last = NULL;
        while (*at != NULL) {
                sk_local *local = *at;

                if (is_wanted(local, self)) {
                        *at = local->next;
                        sk_free(local);
                } else {
                        driver->locals_last = local;
                        at = &local->next;
                }
        }
        assert((driver->locals == NULL) == (driver->locals_last == NULL));
}

static bool is_any(const sk_local *local, const void *self) {
        (void)local;
        (void)self;
        return true;
}

static bool is_taken_in(const sk_local *local, const void *self) {
        assert(self != NULL);
        return local->taken_in == self;
}

static bool is_of_partition(const sk_local *local, const void *self) {
        assert(self != NULL);
        return local->partition == *(const int32_t *)self;
}

static bool is_itself(const sk_local *local, const void *self) {
        assert(self != NULL);
        return local == self;
}

void sk_driver_effects_free(sk_driver *driver) {
        assert(driver->locals == NULL || driver->effects != NULL);
        locals_remove(driver, is_any, NULL);
        sk_effects_free(driver->effects);
        sk_arena_free(driver->effect_arena);
}

/* ---- what is due ---- */

static sk_effect_report nothing_said(const sk_effect_place *place) {
        assert(place->visit != 0);
        return (sk_effect_report){.callid = place->callid,
                                  .visit = place->visit,
                                  .try_number = place->try_number,
                                  .result = SK_EFFECT_RETRY,
                                  .value = SK_NONE,
                                  .code = SK_NONE,
                                  .text = SK_NONE};
}

/* What the call's head says. What has begun and is not known here was begun by somebody who is gone. */
static void note(sk_driver *driver, int32_t partition, const sk_id *id, sk_slice head, sk_slice data) {
        assert(partition >= 0);
        assert(partition < driver->partitions);
        sk_head_effect due;

        if (!sk_head_has_effect(head) || !sk_head_effect_of(head, &due)) {
                sk_effects_drop(driver->effects, id);
                return;
        }
        sk_effect_place place = {.callid = *id,
                                 .partition = partition,
                                 .visit = due.visit,
                                 .try_number = due.try_number,
                                 .how = due.how,
                                 .is_once = due.is_once && !SK_MUTATED(E2),
                                 .is_begun = due.is_begun};
        if (due.is_begun && !sk_effects_knows(driver->effects, id, due.visit, due.try_number)) {
                sk_effect_report report = nothing_said(&place);
                local_add(driver, SK_EFFECT_LOST, partition, &report);
        } else if (sk_effects_put(driver->effects, &place, sk_effect_target(data)) != SK_OK) {
                sk_driver_exit(driver, 75, "out of memory for an effect");
        }
}

static void note_change(sk_driver *driver, const sk_overlaid *change) {
        assert(change->customer != SK_CUSTOMER_ANY);
        const sk_share *share = sk_driver_share(driver, change->partition);
        sk_stored stored;

        if (change->is_gone)
                return;
        if (change->is_open && sk_head_has_effect(change->head) && sk_store_get(share->store, &change->id, &stored))
                note(driver, change->partition, &change->id, change->head, stored.data);
        else if (!sk_effects_is_empty(driver->effects))
                sk_effects_drop(driver->effects, &change->id);
}

void sk_driver_effects_committed(sk_driver *driver, const sk_folding *batch) {
        assert(batch->sealed.number > 0);
        assert(driver->flying == NULL);
        locals_remove(driver, is_taken_in, batch);
        for (size_t i = 0; i < batch->change_count; i++)
                note_change(driver, &batch->changes[i]);
}

void sk_driver_effects_sealed(sk_driver *driver, const sk_folding *batch) {
        assert(batch == driver->waiting);
        for (size_t i = 0; SK_MUTATED(E1) && i < batch->change_count; i++) {
                const sk_overlaid *change = &batch->changes[i];

                if (change->is_open && sk_head_has_effect(change->head))
                        note(driver, change->partition, &change->id, change->head,
                             change->has_new_data ? change->data : SK_SLICE(""));
        }
}

void sk_driver_effects_dropped(sk_driver *driver, const sk_folding *batch) {
        assert(batch->sealed.number > 0);
        for (sk_local *local = driver->locals; local != NULL; local = local->next)
                if (local->taken_in == batch)
                        local->taken_in = NULL;
}

void sk_driver_effects_restored(sk_driver *driver, int32_t partition) {
        const sk_share *share = sk_driver_share(driver, partition);
        size_t position = 0;
        sk_stored stored;
        sk_id id;

        assert(share->state == SK_SHARE_READY);
        assert(share->store != NULL);
        while (!driver->is_over && sk_store_next(share->store, &position, &id, &stored))
                if (sk_slice_there(stored.head) && sk_head_has_effect(stored.head) && !SK_MUTATED(E3))
                        note(driver, partition, &id, stored.head, stored.data);
}

void sk_driver_effects_forget(sk_driver *driver, int32_t partition) {
        assert(partition >= 0);
        assert(partition < driver->partitions);
        if (SK_MUTATED(E4) && driver->shares[partition].state != SK_SHARE_NONE)
                return;
        sk_effects_drop_partition(driver->effects, partition);
        locals_remove(driver, is_of_partition, &partition);
}

/* ---- folding ---- */

static bool is_foldable(const sk_driver *driver, const sk_local *local) {
        return local->taken_in == NULL && sk_share_is_foldable(sk_driver_share(driver, local->partition));
}

bool sk_driver_has_locals(const sk_driver *driver) {
        for (const sk_local *local = driver->locals; local != NULL; local = local->next)
                if (is_foldable(driver, local))
                        return true;
        return false;
}

static bool is_awaited(const sk_known_call *known, const sk_local *local) {
        sk_head_effect due;

        if (SK_MUTATED(E6))
                return known->before.known == SK_KNOWN_OPEN;
        return known->before.known == SK_KNOWN_OPEN && sk_head_effect_of(known->before.head, &due) &&
               due.visit == local->report.visit && due.try_number == local->report.try_number;
}

/* Nobody waits for it, by what is committed or by an overlay: in that case it may yet be awaited again. */
static void leave_out(sk_driver *driver, sk_folding *batch, sk_local *local) {
        assert(local->taken_in == NULL);
        const sk_folding *older = driver->flying == batch ? NULL : driver->flying;

        if (sk_folding_find(batch, &local->report.callid, SK_CUSTOMER_ANY) != NULL)
                local->taken_in = batch;
        else if (older == NULL || sk_folding_find(older, &local->report.callid, SK_CUSTOMER_ANY) == NULL)
                locals_remove(driver, is_itself, local);
}

static sk_err step_local(sk_driver *driver, sk_folding *batch, sk_local *local, const sk_known_call *known) {
        assert(local->taken_in == NULL);
        assert(batch->sealed.records == NULL);
        sk_step_context context = sk_driver_context(driver, batch, local->partition);
        sk_step_input input = {.kind = SK_INPUT_EFFECT, .word = local->word, .report = &local->report};
        size_t before = batch->out.count;
        sk_reject reject = {0};
        sk_after after;
        sk_err err = sk_step(&context, &known->before, &input, &batch->out, &after, &reject);

        if (err == SK_OK)
                err = batch->out.err;
        if (err == SK_OK)
                err = sk_driver_overlay(driver, batch, local->partition, known, &after);
        if (err != SK_OK) {
                assert(sk_err_class_of(err) == SK_CLASS_RETRY);
                sk_out_rewind(&batch->out, before);
                return err;
        }
        sk_driver_note_durations(batch, local->partition, &after);
        local->taken_in = batch;
        batch->locals++;
        batch->is_touched[local->partition] = true;
        return SK_OK;
}

sk_err sk_driver_fold_locals(sk_driver *driver, sk_folding *batch) {
        assert(batch->locals == 0);
        sk_local *next;
        sk_err err = SK_OK;

        for (sk_local *local = driver->locals; local != NULL && err == SK_OK; local = next) {
                next = local->next;
                if (!is_foldable(driver, local))
                        continue;
                if (batch->locals == SK_BATCH_TIMERS_MAX / 2 || !sk_driver_may_add(driver, batch))
                        return SK_OK;
                sk_known_call known = sk_driver_look_open(driver, batch, local->partition, &local->report.callid);
                if (is_awaited(&known, local))
                        err = step_local(driver, batch, local, &known);
                else
                        leave_out(driver, batch, local);
                if (err == SK_OK && SK_MUTATED(E5) && local->taken_in == batch)
                        locals_remove(driver, is_itself, local);
        }
        return err;
}

/* ---- beginning and ending ---- */

void sk_driver_ask_for_once(sk_driver *driver) {
        sk_effect_limits limits = sk_team_effect_limits(driver->team);
        sk_effect_place place;

        while (!driver->is_stopping && !driver->is_unsettled && !driver->is_over &&
               sk_effects_take(driver->effects, &limits, true, &place)) {
                sk_effect_report report = nothing_said(&place);
                local_add(driver, SK_EFFECT_BEGINS, place.partition, &report);
        }
}

/* As it is committed. */
static sk_err describe(sk_driver *driver, const sk_effect_place *place, sk_effect *out) {
        assert(place->visit != 0);
        const sk_share *share = sk_driver_share(driver, place->partition);
        sk_stored stored;

        if (SK_MUTATED(E1)) {
                sk_known_call known = sk_driver_look_open(driver, driver->waiting, place->partition, &place->callid);
                return sk_effect_describe(known.before.head, known.before.data, driver->effect_arena, out);
        }
        if (share->store == NULL || !sk_store_get(share->store, &place->callid, &stored))
                return SK_ERR_NOT_FOUND;
        return sk_effect_describe(stored.head, stored.data, driver->effect_arena, out);
}

static const char *key_of(sk_driver *driver, const sk_effect *effect) {
        assert(effect->visit != 0);
        char *key = sk_arena_get(driver->effect_arena, SK_EFFECT_KEY_TEXT);

        if (key == NULL)
                return NULL;
        sk_id_format(&effect->callid, key);
        (void)snprintf(key + SK_ID_TEXT, SK_EFFECT_KEY_TEXT - SK_ID_TEXT, "/%u", (unsigned)effect->visit);
        return key;
}

static bool begin(sk_driver *driver, const sk_effect_place *place, sk_effect *out) {
        sk_err err = describe(driver, place, out);

        assert(err != SK_ERR_NOT_FOUND || place->visit != 0);
        if (err == SK_OK)
                out->key = key_of(driver, out);
        if (err != SK_OK || out->key == NULL) {
                sk_driver_exit(driver, 75, "out of memory for an effect");
                return false;
        }
        driver->numbers.effects_begun++;
        return true;
}

bool sk_driver_next_effect(sk_driver *driver, sk_effect *out) {
        sk_effect_limits limits = sk_team_effect_limits(driver->team);
        sk_effect_place place;

        assert(out != NULL);
        sk_arena_reset(driver->effect_arena);
        if (sk_effects_take_stop(driver->effects, &place)) {
                *out = (sk_effect){.is_stop = true,
                                   .callid = place.callid,
                                   .visit = place.visit,
                                   .try_number = place.try_number,
                                   .how = place.how};
                return true;
        }
        if (driver->is_over || driver->is_stopping || driver->is_unsettled)
                return false;
        return sk_effects_take(driver->effects, &limits, false, &place) && begin(driver, &place, out);
}

static int32_t partition_of(const sk_driver *driver, const sk_id *callid) {
        char text[SK_ID_TEXT];

        sk_id_format(callid, text);
        return sk_hash_partition((sk_slice){text, sizeof(text)}, driver->partitions);
}

void sk_driver_effect_ended(sk_driver *driver, const sk_effect_report *report, int64_t now_us) {
        assert(report != NULL);
        assert(report->result < SK_EFFECT_RESULTS);
        sk_driver_at(driver, now_us);
        bool is_running = sk_effects_ended(driver->effects, &report->callid, report->visit, report->try_number);
        if (driver->is_over || !(is_running || SK_MUTATED(E6)))
                return;
        driver->numbers.effects_ended[report->result]++;
        local_add(driver, SK_EFFECT_ENDED, partition_of(driver, &report->callid), report);
        sk_driver_advance(driver);
}
