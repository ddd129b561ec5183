/*
 * work.resync {provider}: the raise of every open ask to that provider once more, of the calls of one partition. There
 * may be a million of them, so it is an order that the link keeps and works off behind its inputs, some calls in each batch:
 *
 *   taken ──(journal: resync/<provider>)──> walking, in the order of the calls' hashes ──> through ──(tombstone,
 *                                               └── a batch is dropped, a restart: from the beginning      event.outcome)
 *
 * To begin anew is harmless, because a raise that was sent twice is a duplicate (rule C3). The order goes away in the
 * transaction that holds its outcome, so there is exactly one.
 */

#include <assert.h>

#include "kit/json_scan.h"
#include "kit/name.h"
#include "link/call.h"
#include "link/driver_inside.h"
#include "link/journal.h"

#define PREFIX "resync/"
#define LOOKED_MAX 4096 /* calls that one batch looks at */
#define SENT_MAX 256    /* raises that one batch repeats, so that inputs do not wait for their commit */

/* ---- orders ---- */

static sk_resync *find(sk_share *share, sk_slice provider) {
        assert(provider.len <= SK_NAME_MAX);
        for (size_t i = 0; i < SK_RESYNCS_MAX; i++)
                if (share->resyncs[i].is_there && sk_slice_is(provider, share->resyncs[i].provider))
                        return &share->resyncs[i];
        return NULL;
}

static sk_resync *find_room(sk_share *share) {
        assert(share->state != SK_SHARE_NONE);
        for (size_t i = 0; i < SK_RESYNCS_MAX; i++)
                if (!share->resyncs[i].is_there)
                        return &share->resyncs[i];
        return NULL;
}

static void keep(char *out, size_t size, sk_slice text) {
        assert(size > 0);
        assert(text.len < size);
        if (text.len > 0)
                memcpy(out, text.at, text.len);
        out[text.len] = '\0';
}

static void fill(sk_resync *order, sk_slice provider, const sk_resync_order *from) {
        assert(provider.len > 0);
        assert(provider.len <= SK_NAME_MAX);
        *order = (sk_resync){.is_there = true, .callid = from->callid};
        keep(order->provider, sizeof(order->provider), provider);
        keep(order->work, sizeof(order->work), from->work);
        keep(order->actor, sizeof(order->actor), from->actor);
}

static void begin_anew(sk_resync *order) {
        order->from = order->calls = order->asks = 0;
        order->is_through = false;
}

static sk_worked worked_of(const sk_resync *order, int32_t partition) {
        assert(order->is_there);
        return (sk_worked){.type = SK_WORK_RESYNC,
                           .callid = order->callid,
                           .id = sk_slice_of(order->work),
                           .actor = sk_slice_of(order->actor),
                           .partition = partition,
                           .has_counts = true,
                           .calls = order->calls,
                           .asks = order->asks};
}

/* ---- taking ---- */

/* NULL: it can be taken. */
static const char *why_not(sk_driver *driver, const sk_record *work, const sk_envelope *envelope, sk_slice provider) {
        assert(work->topic->kind == SK_TOPIC_WORK);
        sk_share *share = sk_driver_share(driver, work->partition);

        if (!sk_driver_is_fit(driver, work, SK_WORK_RESYNC) || !sk_name_is_good(provider) ||
            envelope->id.len > SK_RESYNC_TEXT_MAX || envelope->actor.len > SK_RESYNC_TEXT_MAX)
                return "invalid";
        if (sk_edition_agreement(driver->edition, sk_team_name(driver->team), provider) == NULL)
                return "unknown-agreement";
        if (find(share, provider) != NULL)
                return "under-way";
        return find_room(share) == NULL ? "full" : NULL;
}

sk_err sk_driver_take_resync(sk_driver *driver, sk_folding *batch, const sk_record *work, const sk_envelope *envelope) {
        sk_share *share = sk_driver_share(driver, work->partition);
        sk_slice provider = sk_json_member_string(work->value, "provider", batch->arena);
        const char *code = why_not(driver, work, envelope, provider);
        sk_resync_order order = {envelope->callid, envelope->id, envelope->actor};
        sk_worked refused = {.type = SK_WORK_RESYNC,
                             .callid = envelope->callid,
                             .id = envelope->id,
                             .actor = envelope->actor,
                             .partition = work->partition};

        assert(envelope->type == SK_WORK_RESYNC);
        assert(work->topic->kind == SK_TOPIC_WORK);
        if (code == NULL) {
                sk_resync *taken = find_room(share);

                assert(taken != NULL);
                fill(taken, provider, &order);
                taken->taken_in = driver->batch_number + 1;
                return SK_OK;
        }
        if (strcmp(code, "under-way") == 0 && sk_slice_is(envelope->id, find(share, provider)->work))
                sk_driver_report(driver, batch, SK_EVENT_DUPLICATE, &refused, "ok");
        else
                sk_driver_report(driver, batch, SK_EVENT_OUTCOME, &refused, code);
        return batch->out.err;
}

/* ---- walking ---- */

typedef struct walk {
        sk_driver *driver;
        sk_folding *batch;
        sk_idmap_entry *chunk;
        size_t looked;
        size_t sent;
        bool is_over; /* the batch has had its share */
} walk;

/* A call that its batch has changed meanwhile is taken as it is now. */
static sk_err send(walk *at, int32_t partition, sk_resync *order, const sk_id *id) {
        assert(order->is_there);
        assert(!at->is_over);
        sk_folding *batch = at->batch;
        sk_known_call known = sk_driver_look_open(at->driver, batch, partition, id);
        sk_step_context context = sk_driver_context(at->driver, batch, partition);
        sk_step_input input = {.kind = SK_INPUT_RESYNC, .provider = sk_slice_of(order->provider)};
        size_t before = batch->out.count;
        sk_reject reject = {0};
        sk_after after;
        sk_err err;

        if (known.before.known != SK_KNOWN_OPEN)
                return SK_OK;
        err = sk_step(&context, &known.before, &input, &batch->out, &after, &reject);
        if (err == SK_OK)
                err = batch->out.err;
        if (err != SK_OK) {
                sk_out_rewind(&batch->out, before);
                return err;
        }
        assert(after.change == SK_CHANGE_NOTHING);
        order->asks += batch->out.count - before;
        order->calls += batch->out.count > before;
        at->sent += batch->out.count - before;
        batch->resynced += batch->out.count - before;
        batch->is_touched[partition] = batch->is_touched[partition] || batch->out.count > before;
        return SK_OK;
}

/* What is left then is more than a raise takes. */
static bool is_full(const walk *at) {
        assert(at->sent <= SENT_MAX + SK_ASKS_MAX);
        return at->sent >= SENT_MAX || sk_arena_used(at->batch->arena) > at->driver->batch_bytes_max / 2;
}

/* One chunk of calls; where it stops for want of room, it goes on in another batch. */
static sk_err go_on(walk *at, int32_t partition, sk_resync *order) {
        assert(order->is_there);
        uint64_t next;
        size_t count = sk_store_chunk(sk_driver_share(at->driver, partition)->store, order->from, at->chunk, &next);

        assert(!order->is_through);
        assert(count <= SK_STORE_CHUNK);
        for (size_t i = 0; i < count; i++) {
                sk_slice head = sk_store_head(&at->chunk[i]);
                sk_err err = SK_OK;

                if (!sk_slice_there(head) || !sk_head_asks(head, sk_slice_of(order->provider)))
                        continue;
                order->from = at->chunk[i].hash;
                at->is_over = is_full(at);
                if (at->is_over)
                        return SK_OK;
                err = send(at, partition, order, &at->chunk[i].id);
                if (err != SK_OK)
                        return err;
        }
        at->looked += count + 1;
        at->is_over = at->looked >= LOOKED_MAX;
        order->from = next;
        order->is_through = next == 0;
        return SK_OK;
}

static sk_err end(walk *at, int32_t partition, sk_resync *order) {
        assert(order->is_there);
        sk_folding *batch = at->batch;
        sk_worked work = worked_of(order, partition);
        size_t before = batch->out.count;

        assert(order->is_through);
        assert(order->ended_in == 0);
        sk_driver_report(at->driver, batch, SK_EVENT_OUTCOME, &work, "ok");
        if (batch->out.err != SK_OK) {
                sk_err err = batch->out.err;

                sk_out_rewind(&batch->out, before);
                return err;
        }
        order->ended_in = at->driver->batch_number + 1;
        batch->resynced++;
        batch->is_touched[partition] = true;
        return SK_OK;
}

static sk_err work_off(walk *at, int32_t partition) {
        assert(at->chunk != NULL);
        sk_share *share = sk_driver_share(at->driver, partition);
        sk_err err = SK_OK;

        for (size_t i = 0; i < SK_RESYNCS_MAX && err == SK_OK; i++) {
                sk_resync *order = &share->resyncs[i];

                if (!order->is_there || order->ended_in != 0)
                        continue;
                while (err == SK_OK && !order->is_through && !at->is_over)
                        err = go_on(at, partition, order);
                if (err == SK_OK && order->is_through)
                        err = end(at, partition, order);
        }
        return err;
}

static bool has_order(const sk_share *share) {
        for (size_t i = 0; i < SK_RESYNCS_MAX; i++)
                if (share->resyncs[i].is_there && share->resyncs[i].ended_in == 0)
                        return true;
        return false;
}

bool sk_driver_has_resync(const sk_driver *driver, int32_t partition) {
        return has_order(sk_driver_share(driver, partition));
}

/* From another partition on each time, so that none of them waits for the others. */
sk_err sk_driver_fold_resyncs(sk_driver *driver, sk_folding *batch) {
        walk at = {.driver = driver, .batch = batch};
        sk_err err = SK_OK;

        if (!sk_driver_may_add(driver, batch))
                return SK_OK;
        for (int32_t i = 0; i < driver->partitions && err == SK_OK; i++) {
                int32_t p = (int32_t)((driver->batch_number + (uint64_t)i) % (uint64_t)driver->partitions);

                if (at.is_over || !sk_share_is_foldable(&driver->shares[p]) || !sk_driver_has_resync(driver, p))
                        continue;
                if (at.chunk == NULL)
                        at.chunk = sk_arena_get(batch->arena, SK_STORE_CHUNK * sizeof(*at.chunk));
                err = at.chunk == NULL ? SK_ERR_FULL : work_off(&at, p);
        }
        return err;
}

/* ---- the commit ---- */

static sk_err seal_one(sk_driver *driver, sk_folding *batch, int32_t partition, const sk_resync *order) {
        assert(order->is_there);
        assert(order->ended_in <= driver->batch_number + 1);
        assert(order->taken_in <= driver->batch_number + 1);
        uint64_t number = driver->batch_number + 1;
        sk_seal seal = sk_driver_seal(driver);
        sk_resync_order kept = {order->callid, sk_slice_of(order->work), sk_slice_of(order->actor)};
        char key[sizeof(PREFIX) + SK_NAME_MAX] = PREFIX;
        sk_slice name = {key, sizeof(PREFIX) - 1 + strlen(order->provider)};

        keep(key + sizeof(PREFIX) - 1, sizeof(key) - sizeof(PREFIX) + 1, sk_slice_of(order->provider));
        if (order->ended_in == number)
                return order->taken_in == number
                               ? SK_OK
                               : sk_folding_journal(batch, &seal, partition, SK_JOURNAL_RESYNC, name, SK_NONE);
        if (order->taken_in != number)
                return SK_OK;
        sk_buf_clear(&driver->key);
        sk_resync_order_encode(&kept, &driver->key);
        return driver->key.err != SK_OK ? driver->key.err
                                        : sk_folding_journal(batch, &seal, partition, SK_JOURNAL_RESYNC, name,
                                                             sk_buf_slice(&driver->key));
}

sk_err sk_driver_seal_resyncs(sk_driver *driver, sk_folding *batch) {
        assert(batch->sealed.records == NULL);
        sk_err err = SK_OK;

        for (int32_t p = 0; p < driver->partitions; p++)
                for (size_t i = 0; i < SK_RESYNCS_MAX && err == SK_OK; i++)
                        if (driver->shares[p].resyncs[i].is_there)
                                err = seal_one(driver, batch, p, &driver->shares[p].resyncs[i]);
        return err;
}

void sk_driver_resyncs_committed(sk_driver *driver, const sk_folding *batch) {
        uint64_t number = batch->sealed.number;

        assert(number > 0);
        for (int32_t p = 0; p < driver->partitions; p++)
                for (size_t i = 0; i < SK_RESYNCS_MAX; i++) {
                        sk_resync *order = &driver->shares[p].resyncs[i];

                        if (order->ended_in == number)
                                *order = (sk_resync){0};
                        else if (order->taken_in == number)
                                order->taken_in = 0;
                }
}

void sk_driver_resyncs_dropped(sk_driver *driver, const sk_folding *batch) {
        uint64_t number = batch->sealed.number;

        assert(number > 0);
        for (int32_t p = 0; p < driver->partitions; p++)
                for (size_t i = 0; i < SK_RESYNCS_MAX; i++) {
                        sk_resync *order = &driver->shares[p].resyncs[i];

                        if (order->taken_in == number) {
                                *order = (sk_resync){0};
                        } else if (order->ended_in == 0 || order->ended_in == number) {
                                order->ended_in = 0;
                                begin_anew(order);
                        }
                }
}

/* ---- restore ---- */

sk_err sk_driver_restore_resync(sk_share *share, sk_slice provider, sk_slice payload) {
        assert(share->state == SK_SHARE_RESTORING);
        sk_resync_order order;
        sk_err err = sk_resync_order_decode(payload, &order);
        sk_resync *room = find(share, provider);

        if (err != SK_OK)
                return err;
        if (room == NULL)
                room = find_room(share);
        if (room == NULL)
                return SK_ERR_RANGE;
        fill(room, provider, &order);
        return SK_OK;
}

void sk_driver_forget_resync(sk_share *share, sk_slice provider) {
        assert(share->state == SK_SHARE_RESTORING);
        sk_resync *order = find(share, provider);

        if (order != NULL)
                *order = (sk_resync){0};
}
