/*
 * Sealing: what the journal must hold so that this batch, once committed, is the state (rules S, T2, T3). Heads and data
 * are written here and not by each step, so that a call that changed often in one batch is written once.
 */

#include <assert.h>

#include "link/batch.h"
#include "link/journal.h"
#include "link/mutation.h"

static sk_slice call_key(const sk_seal *seal, const sk_id *id, uint32_t customer, bool is_data) {
        assert(customer != SK_CUSTOMER_ANY);
        sk_buf_clear(seal->key);
        sk_journal_key_write(sk_customers_name(seal->customers, customer), id, is_data, seal->key);
        return sk_buf_slice(seal->key);
}

static void journal_add(sk_folding *batch, const sk_seal *seal, int32_t partition, sk_journal_kind kind, sk_slice key,
                        sk_slice payload) {
        assert(batch->sealed.records == NULL); /* sealed, it is immutable */
        assert(key.len > 0 || seal->key->err != SK_OK);
        assert(partition >= 0);
        assert(partition < batch->partitions);
        sk_journal_wrap(kind, key, payload, &batch->out.value);
        sk_out_add(&batch->out, sk_topics_own(seal->topics, SK_TOPIC_JOURNAL), partition, key);
}

static void journal_add_tombstone(sk_folding *batch, const sk_seal *seal, int32_t partition, sk_slice key) {
        assert(batch->sealed.records == NULL);
        assert(key.len > 0 || seal->key->err != SK_OK);
        assert(partition >= 0);
        assert(partition < batch->partitions);
        sk_out_add_tombstone(&batch->out, sk_topics_own(seal->topics, SK_TOPIC_JOURNAL), partition, key);
}

sk_err sk_folding_journal(sk_folding *batch, const sk_seal *seal, int32_t partition, sk_journal_kind kind, sk_slice key,
                          sk_slice payload) {
        assert(partition >= 0);
        assert(partition < batch->partitions);
        assert(batch->sealed.records == NULL);
        assert(batch->is_touched[partition]);
        batch->out.arena = batch->seal_arena; /* inputs are over: what they have left does not matter */
        batch->out.max = SIZE_MAX;
        if (sk_slice_there(payload))
                journal_add(batch, seal, partition, kind, key, payload);
        else
                journal_add_tombstone(batch, seal, partition, key);
        return batch->out.err;
}

sk_err sk_folding_expire(sk_folding *batch, const sk_seal *seal, int32_t partition, const sk_closed *closed) {
        assert(closed != NULL);
        sk_slice key = call_key(seal, &closed->id, closed->customer, false);

        assert(batch->sealed.records == NULL);
        batch->out.arena = batch->seal_arena; /* inputs are over: what they have left does not matter */
        batch->out.max = SIZE_MAX;
        journal_add_tombstone(batch, seal, partition, key);
        return seal->key->err != SK_OK ? seal->key->err : batch->out.err;
}

static void add_open(sk_folding *batch, const sk_seal *seal, const sk_overlaid *change) {
        assert(!change->is_gone); /* only what is sealed can lose its partition */
        assert(change->is_open);
        assert(sk_slice_there(change->head));
        journal_add(batch, seal, change->partition, SK_JOURNAL_HEAD,
                    call_key(seal, &change->id, change->customer, false), change->head);
        if (change->has_new_data)
                journal_add(batch, seal, change->partition, SK_JOURNAL_DATA,
                            call_key(seal, &change->id, change->customer, true), change->data);
}

/* A call that opened and closed in one batch has no data in the journal, and needs no tombstone for it. */
static void add_closed(sk_folding *batch, const sk_seal *seal, const sk_overlaid *change) {
        assert(!change->is_gone);
        sk_slice key = call_key(seal, &change->id, change->customer, false);

        assert(!change->is_open);
        assert(sk_slice_there(change->stub));
        if (SK_MUTATED(C2))
                journal_add_tombstone(batch, seal, change->partition, key);
        else
                journal_add(batch, seal, change->partition, SK_JOURNAL_STUB, key, change->stub);
        if (change->had_data)
                journal_add_tombstone(batch, seal, change->partition,
                                      call_key(seal, &change->id, change->customer, true));
}

static void add_mark(sk_folding *batch, const sk_seal *seal, int32_t partition) {
        assert(batch->is_touched[partition]);
        assert(batch->now_us >= 0);
        sk_mark mark = {
                .now_us = batch->now_us, .edition = seal->edition, .format = SK_JOURNAL_FORMAT, .tzdata = seal->tzdata};

        sk_buf_clear(seal->key);
        sk_mark_encode(&mark, seal->key);
        journal_add(batch, seal, partition, SK_JOURNAL_MARK, SK_SLICE("mark"), sk_buf_slice(seal->key));
}

static void add_offset(sk_folding *batch, const sk_seal *seal, const sk_lane *lane) {
        assert(lane->topic != NULL);
        assert(lane->folded_next >= lane->committed_next);
        uint64_t next = (uint64_t)lane->folded_next;
        char payload[8];

        assert(lane->folded_next >= 0);
        for (unsigned i = 0; i < sizeof(payload); i++)
                payload[i] = (char)(uint8_t)(next >> (8 * i));
        sk_buf_clear(seal->key);
        sk_buf_add_text(seal->key, "mark/");
        sk_buf_add_slice(seal->key, lane->topic->name);
        journal_add(batch, seal, lane->partition, SK_JOURNAL_OFFSET, sk_buf_slice(seal->key),
                    (sk_slice){payload, sizeof(payload)});
}

static bool is_advanced(const sk_lane *lane) {
        assert(lane->committed_next <= lane->sealed_next);
        assert(lane->sealed_next <= lane->folded_next);
        return lane->folded_next != lane->sealed_next;
}

static size_t advanced_count(const sk_seal *seal, int32_t partition) {
        assert(partition >= 0);
        sk_lane *const *lanes;
        size_t count = sk_inbox_lanes(seal->inbox, partition, &lanes);
        size_t advanced = 0;

        for (size_t i = 0; i < count; i++)
                advanced += is_advanced(lanes[i]);
        assert(advanced <= count);
        return advanced;
}

/* Offsets of what was consumed, and of work always: without a valid offset there is no fence (rule T3). */
static void add_positions(sk_folding *batch, const sk_seal *seal, int32_t partition, sk_position *positions) {
        assert(positions != NULL);
        assert(batch->is_touched[partition]);
        sk_lane *const *lanes;
        size_t count = sk_inbox_lanes(seal->inbox, partition, &lanes);

        for (size_t i = 0; i < count; i++) {
                if (is_advanced(lanes[i]))
                        add_offset(batch, seal, lanes[i]);
                if (is_advanced(lanes[i]) || lanes[i]->topic->kind == SK_TOPIC_WORK)
                        positions[batch->sealed.offset_count++] =
                                (sk_position){lanes[i]->topic, partition, lanes[i]->folded_next};
        }
}

static bool is_marked(const sk_folding *batch, const sk_seal *seal, int32_t partition) {
        assert(partition >= 0);
        assert(partition < batch->partitions);
        if (!batch->is_touched[partition])
                return false;
        return !SK_MUTATED(T3) || advanced_count(seal, partition) > 0;
}

static bool add_marks(sk_folding *batch, const sk_seal *seal) {
        assert(batch->sealed.offsets == NULL);
        assert(batch->sealed.offset_count == 0);
        size_t room = 0;
        sk_position *positions;

        for (int32_t p = 0; p < batch->partitions; p++)
                room += is_marked(batch, seal, p) ? advanced_count(seal, p) + 1 : 0;
        positions = sk_arena_get(batch->seal_arena, (room + 1) * sizeof(*positions));
        if (positions == NULL)
                return false;
        for (int32_t p = 0; p < batch->partitions; p++) {
                if (!is_marked(batch, seal, p))
                        continue;
                add_mark(batch, seal, p);
                add_positions(batch, seal, p, positions);
        }
        assert(batch->sealed.offset_count <= room);
        batch->sealed.offsets = positions;
        return true;
}

static void lanes_sealed(const sk_folding *batch, const sk_seal *seal) {
        assert(batch->sealed.offsets != NULL);
        assert(batch->out.err == SK_OK);
        for (int32_t p = 0; p < batch->partitions; p++) {
                sk_lane *const *lanes;
                size_t count = batch->is_touched[p] ? sk_inbox_lanes(seal->inbox, p, &lanes) : 0;

                for (size_t i = 0; i < count; i++)
                        lanes[i]->sealed_next = lanes[i]->folded_next;
        }
}

sk_err sk_folding_seal(sk_folding *batch, const sk_seal *seal) {
        assert(seal != NULL);
        assert(!batch->is_merged);
        assert(seal->number > 0);
        assert(!sk_folding_is_empty(batch));
        assert(batch->out.err == SK_OK);
        assert(batch->sealed.records == NULL);
        batch->out.arena = batch->seal_arena;
        batch->out.max = SIZE_MAX;
        for (size_t i = 0; i < batch->change_count; i++) {
                if (batch->changes[i].is_open)
                        add_open(batch, seal, &batch->changes[i]);
                else
                        add_closed(batch, seal, &batch->changes[i]);
        }
        if (!add_marks(batch, seal) || batch->out.err != SK_OK || seal->key->err != SK_OK)
                return SK_ERR_NO_MEMORY;
        lanes_sealed(batch, seal);
        batch->generation = seal->generation;
        batch->sealed.number = seal->number;
        batch->sealed.generation = seal->generation;
        batch->sealed.now_us = batch->now_us;
        batch->sealed.records = batch->out.records;
        batch->sealed.record_count = batch->out.count;
        assert(batch->sealed.records != NULL);
        return SK_OK;
}
