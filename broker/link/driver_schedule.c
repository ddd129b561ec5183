/*
 * Schedules. Each lives in one partition, whose journal says up to which instant it has been done; so one instance at a
 * time does it, and after a pause the last instant that was missed is made up for, and no other. One that is new begins
 * with the moment at which it is first seen.
 */

#include <assert.h>
#include <stdio.h>

#include "kit/alloc.h"
#include "kit/hash.h"
#include "kit/when.h"
#include "link/driver_inside.h"
#include "link/journal.h"
#include "link/mutation.h"

#define NEVER INT64_MIN
#define UNKNOWN INT64_MIN
#define KEY_ROOM (sizeof("schedule/") + SK_NAME_MAX)
#define KEPT_MAX 1000 /* in one partition, with those that are no more */

static size_t key_write(sk_slice name, char out[KEY_ROOM]) {
        assert(name.len > 0);
        assert(name.len <= SK_NAME_MAX);
        int len = snprintf(out, KEY_ROOM, "schedule/%.*s", (int)name.len, name.at);

        assert(len > 0);
        assert((size_t)len < KEY_ROOM);
        return (size_t)len;
}

static void name_copy(char out[SK_NAME_MAX + 1], sk_slice name) {
        assert(name.len <= SK_NAME_MAX);
        memcpy(out, name.at, name.len);
        out[name.len] = '\0';
}

/* ---- what there is ---- */

sk_err sk_driver_schedules_list(sk_driver *driver) {
        size_t count = sk_team_schedule_count(driver->team);
        sk_planned *planned = sk_alloc_zero(count + 1, sizeof(*planned));
        char key[KEY_ROOM];

        if (planned == NULL)
                return SK_ERR_NO_MEMORY;
        for (size_t i = 0; i < count; i++) {
                const sk_schedule *schedule = sk_team_schedule_at(driver->team, i);
                size_t len = key_write(sk_schedule_name(schedule), key);

                planned[i] =
                        (sk_planned){schedule, sk_hash_partition((sk_slice){key, len}, driver->partitions), UNKNOWN};
        }
        sk_free(driver->planned);
        driver->planned = planned;
        driver->planned_count = count;
        return SK_OK;
}

void sk_driver_schedules_forget(sk_driver *driver) {
        assert(driver->planned != NULL || driver->planned_count == 0);
        for (size_t i = 0; i < driver->planned_count; i++)
                driver->planned[i].due_us = UNKNOWN;
}

static sk_scheduled *find(const sk_share *share, sk_slice name) {
        assert(share->scheduled_count <= KEPT_MAX);
        for (size_t i = 0; i < share->scheduled_count; i++)
                if (sk_slice_is(name, share->scheduled[i].name))
                        return &share->scheduled[i];
        return NULL;
}

static sk_scheduled *get(sk_share *share, sk_slice name) {
        sk_scheduled *found = find(share, name);
        sk_scheduled *grown;

        if (found != NULL || share->scheduled_count == KEPT_MAX)
                return found;
        grown = sk_realloc(share->scheduled, (share->scheduled_count + 1) * sizeof(*grown));
        if (grown == NULL)
                return NULL;
        share->scheduled = grown;
        found = &grown[share->scheduled_count++];
        *found = (sk_scheduled){.done_us = NEVER, .folded_us = NEVER};
        name_copy(found->name, name);
        assert(share->scheduled_count <= KEPT_MAX);
        return found;
}

sk_err sk_driver_restore_schedule(sk_driver *driver, sk_share *share, sk_slice name, sk_slice payload) {
        assert(share->state == SK_SHARE_RESTORING);
        uint64_t instant = 0;
        sk_scheduled *at;

        if (payload.len != sizeof(instant))
                return SK_ERR_TRUNCATED;
        for (unsigned i = 0; i < sizeof(instant); i++)
                instant |= (uint64_t)(uint8_t)payload.at[i] << (8 * i);
        at = get(share, name);
        if (at == NULL)
                return share->scheduled_count == KEPT_MAX ? SK_OK : SK_ERR_NO_MEMORY;
        at->done_us = at->folded_us = SK_MUTATED(SCHEDULE) ? NEVER : (int64_t)instant;
        sk_driver_schedules_forget(driver);
        return SK_OK;
}

/* ---- when ---- */

static int64_t due_of(const sk_driver *driver, const sk_planned *planned) {
        assert(planned->partition >= 0);
        assert(planned->partition < driver->partitions);
        const sk_scheduled *at = find(&driver->shares[planned->partition], sk_schedule_name(planned->schedule));
        int64_t due_us;

        if (at == NULL || at->folded_us == NEVER)
                return driver->now_us; /* it begins now */
        return sk_schedule_due(planned->schedule, at->folded_us, &due_us) ? due_us : INT64_MAX;
}

int64_t sk_driver_schedules_us(const sk_driver *driver, int32_t partition) {
        assert(partition >= 0);
        assert(partition < driver->partitions);
        int64_t earliest = INT64_MAX;

        for (size_t i = 0; i < driver->planned_count; i++) {
                sk_planned *planned = &driver->planned[i];

                if (planned->partition != partition)
                        continue;
                if (planned->due_us == UNKNOWN)
                        planned->due_us = due_of(driver, planned);
                earliest = planned->due_us < earliest ? planned->due_us : earliest;
        }
        return earliest;
}

/* ---- doing it ---- */

static sk_err raise(sk_driver *driver, sk_folding *batch, const sk_planned *planned, int64_t instant_us) {
        assert(instant_us <= batch->now_us);
        char text[KEY_ROOM + 1 + SK_WHEN_TEXT];
        size_t len = key_write(sk_schedule_name(planned->schedule), text);
        size_t before = batch->out.count;
        sk_known_call known;
        sk_after after;
        sk_err err;

        text[len++] = '/';
        sk_when_format(instant_us, text + len);
        sk_slice name = sk_arena_copy(batch->arena, (sk_slice){text, len + SK_WHEN_TEXT});
        sk_slice value = sk_arena_copy(batch->arena, sk_schedule_raise(planned->schedule));
        if (!sk_slice_there(name) || !sk_slice_there(value))
                return SK_ERR_FULL;
        err = sk_driver_own_step(driver, batch, &(sk_own_raise){planned->partition, name, name, value}, &known, &after);
        if (err == SK_OK)
                err = sk_driver_overlay(driver, batch, planned->partition, &known, &after);
        if (err != SK_OK)
                sk_out_rewind(&batch->out, before);
        return err;
}

/* One that is new has nothing to make up for: what is noted is only where it begins. */
static sk_err do_due(sk_driver *driver, sk_folding *batch, const sk_planned *planned, const sk_scheduled *at,
                     int64_t *out_instant_us) {
        assert(at->folded_us <= batch->now_us || at->folded_us == NEVER);
        if (at->folded_us == NEVER) {
                *out_instant_us = batch->now_us;
                return SK_OK;
        }
        if (!sk_schedule_last(planned->schedule, at->folded_us, batch->now_us, out_instant_us)) {
                *out_instant_us = at->folded_us;
                return SK_OK;
        }
        return raise(driver, batch, planned, *out_instant_us);
}

static sk_err fold_one(sk_driver *driver, sk_folding *batch, sk_planned *planned) {
        assert(batch->done_count < SK_BATCH_DONE_MAX);
        sk_scheduled *at = get(sk_driver_share(driver, planned->partition), sk_schedule_name(planned->schedule));
        int64_t instant_us = 0;
        sk_err err = at == NULL ? SK_ERR_NO_MEMORY : do_due(driver, batch, planned, at, &instant_us);

        if (err != SK_OK)
                return err;
        planned->due_us = instant_us == at->folded_us ? batch->now_us + SK_MINUTE_US : UNKNOWN;
        if (instant_us == at->folded_us)
                return SK_OK;
        sk_done *done = &batch->done[batch->done_count++];
        *done = (sk_done){.partition = planned->partition, .instant_us = instant_us};
        memcpy(done->name, at->name, sizeof(done->name));
        batch->is_touched[planned->partition] = true;
        assert(at->folded_us == NEVER || at->folded_us < instant_us);
        at->folded_us = instant_us;
        return SK_OK;
}

sk_err sk_driver_fold_schedules(sk_driver *driver, sk_folding *batch) {
        assert(batch->done_count == 0);
        sk_err err = SK_OK;

        if (!sk_driver_may_add(driver, batch))
                return SK_OK;
        for (size_t i = 0; i < driver->planned_count && err == SK_OK && batch->done_count < SK_BATCH_DONE_MAX; i++) {
                sk_planned *planned = &driver->planned[i];

                if (!sk_share_is_foldable(&driver->shares[planned->partition]))
                        continue;
                if (planned->due_us == UNKNOWN)
                        planned->due_us = due_of(driver, planned);
                if (planned->due_us <= batch->now_us)
                        err = fold_one(driver, batch, planned);
        }
        return err;
}

/* ---- what becomes of the batch ---- */

sk_err sk_driver_seal_schedules(sk_driver *driver, sk_folding *batch) {
        assert(batch->done_count <= SK_BATCH_DONE_MAX);
        assert(batch->sealed.records == NULL);
        sk_err err = SK_OK;

        for (size_t i = 0; i < batch->done_count && err == SK_OK; i++) {
                const sk_done *done = &batch->done[i];
                sk_seal seal = sk_driver_seal(driver);
                char payload[8];
                char key[KEY_ROOM];
                size_t len = key_write(sk_slice_of(done->name), key);

                for (unsigned b = 0; b < sizeof(payload); b++)
                        payload[b] = (char)(uint8_t)((uint64_t)done->instant_us >> (8 * b));
                err = sk_folding_journal(batch, &seal, done->partition, SK_JOURNAL_SCHEDULE, (sk_slice){key, len},
                                         (sk_slice){payload, sizeof(payload)});
        }
        return err;
}

void sk_driver_merge_schedules(sk_driver *driver, const sk_folding *batch) {
        assert(batch->sealed.number > 0);
        for (size_t i = 0; i < batch->done_count; i++) {
                sk_scheduled *at =
                        find(sk_driver_share(driver, batch->done[i].partition), sk_slice_of(batch->done[i].name));

                if (at != NULL && at->done_us < batch->done[i].instant_us)
                        at->done_us = batch->done[i].instant_us;
        }
}

void sk_driver_undo_schedules(sk_driver *driver) {
        assert(driver->waiting == NULL);
        const sk_folding *flying = driver->flying;

        for (int32_t p = 0; p < driver->partitions; p++)
                for (size_t i = 0; i < driver->shares[p].scheduled_count; i++)
                        driver->shares[p].scheduled[i].folded_us = driver->shares[p].scheduled[i].done_us;
        for (size_t i = 0; flying != NULL && !flying->is_merged && i < flying->done_count; i++) {
                sk_scheduled *at =
                        find(sk_driver_share(driver, flying->done[i].partition), sk_slice_of(flying->done[i].name));

                if (at != NULL && flying->is_touched[flying->done[i].partition])
                        at->folded_us = flying->done[i].instant_us;
        }
        sk_driver_schedules_forget(driver);
}
