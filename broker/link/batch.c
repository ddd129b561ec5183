/* The overlay of a batch: its changes in a list, found by an index over the id. */

#include "link/batch.h"

#include <assert.h>

#include "kit/alloc.h"
#include "kit/hash.h"

#define RECORDS_MAX 65536
#define SEAL_BYTES_SPARE ((size_t)4 << 20)

bool sk_folding_init(sk_folding *batch, int32_t partitions, size_t inputs_max, size_t bytes_max) {
        assert(batch != NULL);
        assert(bytes_max > 0);
        size_t changes_max = 2 * inputs_max + SK_BATCH_TIMERS_MAX + SK_BATCH_DONE_MAX; /* an input may raise one more */
        size_t slots = 64;

        assert(partitions > 0);
        assert(inputs_max > 0);
        while (slots < changes_max * 2)
                slots *= 2;
        *batch = (sk_folding){.partitions = partitions, .change_max = changes_max, .slot_mask = slots - 1};
        batch->arena = sk_arena_new(bytes_max);
        batch->seal_arena = sk_arena_new(bytes_max * 2 + SEAL_BYTES_SPARE);
        batch->changes = sk_alloc_zero(changes_max, sizeof(*batch->changes));
        batch->given = sk_alloc_zero(SK_BATCH_TIMERS_MAX, sizeof(*batch->given));
        batch->slots = sk_alloc_zero(slots, sizeof(*batch->slots));
        batch->done = sk_alloc_zero(SK_BATCH_DONE_MAX, sizeof(*batch->done));
        batch->lasted = sk_alloc_zero(SK_BATCH_DURATIONS_MAX, sizeof(*batch->lasted));
        batch->is_touched = sk_alloc_zero((size_t)partitions, sizeof(*batch->is_touched));
        batch->expired_upto = sk_alloc_zero((size_t)partitions, sizeof(*batch->expired_upto));
        if (batch->arena != NULL && batch->seal_arena != NULL && batch->changes != NULL && batch->slots != NULL &&
            batch->given != NULL && batch->lasted != NULL && batch->done != NULL && batch->is_touched != NULL &&
            batch->expired_upto != NULL) {
                batch->out = sk_out_make(batch->arena, RECORDS_MAX);
                assert(batch->change_max <= batch->slot_mask); /* so that a search in the index ends */
                assert((batch->slot_mask & (batch->slot_mask + 1)) == 0);
                return true;
        }
        sk_folding_free(batch);
        return false;
}

void sk_folding_free(sk_folding *batch) {
        if (batch == NULL)
                return;
        sk_out_free(&batch->out);
        sk_arena_free(batch->arena);
        sk_arena_free(batch->seal_arena);
        sk_free(batch->changes);
        sk_free(batch->slots);
        sk_free(batch->given);
        sk_free(batch->lasted);
        sk_free(batch->done);
        sk_free(batch->is_touched);
        sk_free(batch->expired_upto);
        *batch = (sk_folding){0};
}

void sk_folding_reset(sk_folding *batch, int64_t now_us) {
        assert(batch != NULL);
        assert(batch->arena != NULL);
        assert(batch->seal_arena != NULL);
        sk_arena_reset(batch->arena);
        sk_arena_reset(batch->seal_arena);
        batch->out.arena = batch->arena;
        batch->out.records = NULL;
        batch->out.capacity = 0;
        batch->out.count = 0;
        batch->out.max = RECORDS_MAX;
        sk_out_rewind(&batch->out, 0);
        if (batch->change_count > 0)
                memset(batch->slots, 0, (batch->slot_mask + 1) * sizeof(*batch->slots));
        memset(batch->is_touched, 0, (size_t)batch->partitions * sizeof(*batch->is_touched));
        memset(batch->expired_upto, 0, (size_t)batch->partitions * sizeof(*batch->expired_upto));
        batch->sealed = (sk_batch){0};
        batch->change_count = batch->inputs = batch->expired = batch->given_count = batch->locals =
                batch->lasted_count = batch->done_count = batch->passed = batch->resynced = 0;
        batch->now_us = now_us;
        batch->is_merged = batch->is_unknown = batch->has_told = false;
        batch->aborts = 0;
        batch->retry_us = batch->give_up_us = INT64_MAX;
        assert(sk_folding_is_empty(batch));
        assert(batch->out.count == 0);
}

bool sk_folding_is_empty(const sk_folding *batch) {
        assert(batch != NULL);
        assert(batch->given_count <= SK_BATCH_TIMERS_MAX);
        assert(batch->done_count <= SK_BATCH_DONE_MAX);
        return batch->inputs == 0 && batch->expired == 0 && batch->given_count == 0 && batch->done_count == 0 &&
               batch->locals == 0 && batch->passed == 0 && batch->resynced == 0;
}

static size_t home_of(const sk_folding *batch, const sk_id *id) {
        assert(id != NULL);
        assert(batch->slot_mask > 0);
        return sk_hash_table((sk_slice){(const char *)id->bytes, sizeof(id->bytes)}) & batch->slot_mask;
}

sk_overlaid *sk_folding_find(const sk_folding *batch, const sk_id *id, uint32_t customer) {
        sk_overlaid *found = NULL;

        assert(batch->change_count <= batch->change_max);
        if (batch->change_count == 0)
                return NULL;
        for (size_t i = home_of(batch, id); batch->slots[i] != 0; i = (i + 1) & batch->slot_mask) {
                sk_overlaid *at = &batch->changes[batch->slots[i] - 1];
                assert(batch->slots[i] <= batch->change_count);

                if (!sk_id_equal(&at->id, id))
                        continue;
                if (at->customer == customer)
                        return at;
                if (customer == SK_CUSTOMER_ANY && (found == NULL || at->is_open))
                        found = at;
        }
        return found;
}

sk_overlaid *sk_folding_add(sk_folding *batch, const sk_id *id, uint32_t customer) {
        assert(customer != SK_CUSTOMER_ANY);
        size_t i = home_of(batch, id);
        sk_overlaid *new;

        assert(batch->change_count < batch->change_max);
        while (batch->slots[i] != 0) {
                const sk_overlaid *other = &batch->changes[batch->slots[i] - 1];

                assert(other->customer != customer || !sk_id_equal(&other->id, id)); /* a call has one change */
                i = (i + 1) & batch->slot_mask;
        }
        new = &batch->changes[batch->change_count++];
        batch->slots[i] = (uint32_t)batch->change_count;
        *new = (sk_overlaid){.id = *id, .customer = customer};
        assert(batch->change_count <= batch->change_max);
        return new;
}
