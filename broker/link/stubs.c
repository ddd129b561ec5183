/*
 * A queue of 32-byte entries in closing order, in blocks, and an index of 4-byte places in it by hash of the id, split
 * into shards so that growing copies one shard and never the whole.
 *
 *      blocks   [ first … expiring … next )      place = number of the entry since the beginning
 *      index    place + 1 modulo 2^32, 0 is an empty slot; linear probing, at most 3/4 full
 *
 * An entry that was replaced stays in the queue, dead, until its turn comes.
 */

#include "link/stubs.h"

#include <assert.h>
#include <string.h>

#include "kit/alloc.h"
#include "kit/hash.h"
#include "kit/when.h"
#include "link/customers.h"

#define BLOCK_ENTRIES 512u
#define SHARDS 64u
#define SLOTS_FIRST 16u
#define DEAD UINT32_MAX /* as an entry's customer */
#define LIVE_MAX ((uint64_t)UINT32_MAX - 1)

static_assert(sizeof(sk_closed) == 32, "an entry takes 32 bytes, so that with its index it stays below 48");

typedef struct shard {
        uint32_t *slots;
        uint32_t slot_count; /* a power of two, or 0 */
        uint32_t count;
} shard;

struct sk_stubs {
        sk_closed **blocks; /* ring of pointers; block b stands at b mod block_capacity */
        size_t block_capacity;
        uint64_t first;    /* place of the oldest entry kept */
        uint64_t expiring; /* entries before it are hidden */
        uint64_t next;     /* place of the next entry */
        size_t live;
        shard shards[SHARDS];
};

sk_stubs *sk_stubs_new(void) {
        return sk_alloc_zero(1, sizeof(sk_stubs));
}

void sk_stubs_free(sk_stubs *stubs) {
        if (stubs == NULL)
                return;
        for (size_t i = 0; i < stubs->block_capacity; i++)
                sk_free(stubs->blocks[i]);
        for (size_t i = 0; i < SHARDS; i++)
                sk_free(stubs->shards[i].slots);
        sk_free(stubs->blocks);
        sk_free(stubs);
}

size_t sk_stubs_count(const sk_stubs *stubs) {
        assert(stubs->live <= stubs->next - stubs->first);
        return stubs->live;
}

size_t sk_stubs_bytes(const sk_stubs *stubs) {
        assert(stubs->block_capacity > 0 || stubs->next == 0);
        size_t bytes = sizeof(*stubs) + stubs->block_capacity * sizeof(*stubs->blocks);

        for (size_t i = 0; i < stubs->block_capacity; i++)
                bytes += stubs->blocks[i] == NULL ? 0 : BLOCK_ENTRIES * sizeof(sk_closed);
        for (size_t i = 0; i < SHARDS; i++)
                bytes += stubs->shards[i].slot_count * sizeof(uint32_t);
        return bytes;
}

/* ---- the queue ---- */

static sk_closed **block_at(const sk_stubs *stubs, uint64_t place) {
        assert(stubs->block_capacity > 0);
        return &stubs->blocks[place / BLOCK_ENTRIES % stubs->block_capacity];
}

static sk_closed *entry_at(const sk_stubs *stubs, uint64_t place) {
        assert((*block_at(stubs, place)) != NULL);
        assert(place >= stubs->first);
        assert(place < stubs->next);
        return &(*block_at(stubs, place))[place % BLOCK_ENTRIES];
}

static bool ring_grow(sk_stubs *stubs) {
        assert(stubs->first <= stubs->next);
        size_t capacity = stubs->block_capacity == 0 ? 4 : stubs->block_capacity * 2;
        sk_closed **blocks = sk_alloc_zero(capacity, sizeof(*blocks));

        if (blocks == NULL)
                return false;
        for (uint64_t b = stubs->first / BLOCK_ENTRIES; stubs->block_capacity > 0 && b * BLOCK_ENTRIES < stubs->next;
             b++)
                blocks[b % capacity] = stubs->blocks[b % stubs->block_capacity];
        sk_free(stubs->blocks);
        stubs->blocks = blocks;
        stubs->block_capacity = capacity;
        return true;
}

static bool queue_room(sk_stubs *stubs) {
        assert(stubs->first <= stubs->expiring);
        assert(stubs->expiring <= stubs->next);
        uint64_t blocks = stubs->next / BLOCK_ENTRIES - stubs->first / BLOCK_ENTRIES + 1;

        if (stubs->next - stubs->first >= LIVE_MAX)
                return false;
        if (blocks > stubs->block_capacity && !ring_grow(stubs))
                return false;
        if (*block_at(stubs, stubs->next) == NULL)
                *block_at(stubs, stubs->next) = sk_alloc(BLOCK_ENTRIES * sizeof(sk_closed));
        return *block_at(stubs, stubs->next) != NULL;
}

/* ---- the index ---- */

static uint64_t hash_of(const sk_id *id) {
        assert(id != NULL);
        return sk_hash_table((sk_slice){(const char *)id->bytes, sizeof(id->bytes)});
}

static shard *shard_of(const sk_stubs *stubs, uint64_t hash) {
        return (shard *)(uintptr_t)&stubs->shards[hash >> 58];
}

/* The place that an index slot stands for: the one in the queue's window whose low bits are the slot's. */
static uint64_t place_of(const sk_stubs *stubs, uint32_t slot) {
        assert(slot != 0); /* an empty one stands for nothing */
        return stubs->first + (uint32_t)(slot - 1 - (uint32_t)stubs->first);
}

static uint32_t slot_for(uint64_t place) {
        return (uint32_t)place + 1;
}

static bool slot_matches(const sk_stubs *stubs, uint32_t slot, const sk_id *id, uint32_t customer) {
        const sk_closed *at = entry_at(stubs, place_of(stubs, slot));

        return sk_id_equal(&at->id, id) && (customer == SK_CUSTOMER_ANY || at->customer == customer);
}

/* The slot that holds the id, or SIZE_MAX. */
static size_t index_find(const sk_stubs *stubs, const sk_id *id, uint32_t customer) {
        uint64_t hash = hash_of(id);
        const shard *in = shard_of(stubs, hash);
        uint32_t mask = in->slot_count - 1;

        assert(in->count == 0 || in->count <= in->slot_count / 4 * 3);
        if (in->count == 0)
                return SIZE_MAX;
        for (uint32_t i = (uint32_t)hash & mask; in->slots[i] != 0; i = (i + 1) & mask)
                if (slot_matches(stubs, in->slots[i], id, customer))
                        return i;
        return SIZE_MAX;
}

static void index_add(shard *in, uint64_t hash, uint32_t slot) {
        assert(slot != 0);
        uint32_t mask = in->slot_count - 1;
        uint32_t i = (uint32_t)hash & mask;

        assert((in->slot_count & mask) == 0);
        assert(in->count < in->slot_count);
        while (in->slots[i] != 0)
                i = (i + 1) & mask;
        in->slots[i] = slot;
        in->count++;
}

static bool index_room(const sk_stubs *stubs, shard *in) {
        shard grown = {.slot_count = in->slot_count == 0 ? SLOTS_FIRST : in->slot_count * 2};

        if (in->slot_count > 0 && in->count + 1 <= in->slot_count / 4 * 3)
                return true;
        grown.slots = sk_alloc_zero(grown.slot_count, sizeof(uint32_t));
        if (grown.slots == NULL)
                return false;
        for (uint32_t i = 0; i < in->slot_count; i++)
                if (in->slots[i] != 0)
                        index_add(&grown, hash_of(&entry_at(stubs, place_of(stubs, in->slots[i]))->id), in->slots[i]);
        sk_free(in->slots);
        *in = grown;
        assert(in->count < in->slot_count);
        return true;
}

/* Takes a slot out and moves back every slot behind the hole that the hole would hide. */
static void index_remove(const sk_stubs *stubs, shard *in, uint32_t hole) {
        assert(hole < in->slot_count);
        uint32_t mask = in->slot_count - 1;

        assert(in->count > 0);
        assert(in->slots[hole] != 0);
        for (uint32_t i = (hole + 1) & mask; in->slots[i] != 0; i = (i + 1) & mask) {
                uint32_t home = (uint32_t)hash_of(&entry_at(stubs, place_of(stubs, in->slots[i]))->id) & mask;

                if (((i - home) & mask) < ((i - hole) & mask))
                        continue;
                in->slots[hole] = in->slots[i];
                hole = i;
        }
        in->slots[hole] = 0;
        in->count--;
}

/* ---- the whole ---- */

void sk_stubs_drop(sk_stubs *stubs, const sk_id *id, uint32_t customer) {
        assert(customer != DEAD);
        size_t slot = index_find(stubs, id, customer);
        shard *in = shard_of(stubs, hash_of(id));

        if (slot == SIZE_MAX)
                return;
        entry_at(stubs, place_of(stubs, in->slots[slot]))->customer = DEAD;
        index_remove(stubs, in, (uint32_t)slot);
        assert(stubs->live > 0);
        stubs->live--;
}

sk_err sk_stubs_put(sk_stubs *stubs, const sk_closed *closed) {
        uint64_t hash = hash_of(&closed->id);

        assert(closed->customer != DEAD);
        if (!queue_room(stubs) || !index_room(stubs, shard_of(stubs, hash)))
                return SK_ERR_NO_MEMORY;
        sk_stubs_drop(stubs, &closed->id, closed->customer);
        stubs->next++;
        *entry_at(stubs, stubs->next - 1) = *closed;
        index_add(shard_of(stubs, hash), hash, slot_for(stubs->next - 1));
        stubs->live++;
        assert(stubs->live <= stubs->next - stubs->first);
        return SK_OK;
}

bool sk_stubs_get(const sk_stubs *stubs, const sk_id *id, uint32_t customer, sk_closed *out) {
        assert(id != NULL);
        size_t slot = index_find(stubs, id, customer);
        uint64_t place;

        assert(out != NULL);
        if (slot == SIZE_MAX)
                return false;
        place = place_of(stubs, shard_of(stubs, hash_of(id))->slots[slot]);
        if (place < stubs->expiring)
                return false;
        *out = *entry_at(stubs, place);
        return true;
}

int64_t sk_stubs_expiry_us(const sk_stubs *stubs) {
        assert(stubs->first <= stubs->expiring);
        assert(stubs->expiring <= stubs->next);
        uint64_t place = stubs->expiring;

        if (place == stubs->next)
                return INT64_MAX;
        return (int64_t)entry_at(stubs, place)->expires_s * SK_SECOND_US;
}

bool sk_stubs_expire(sk_stubs *stubs, int64_t now_us, sk_closed *out) {
        assert(out != NULL);
        while (stubs->expiring < stubs->next && sk_stubs_expiry_us(stubs) <= now_us) {
                const sk_closed *at = entry_at(stubs, stubs->expiring++);

                if (at->customer == DEAD)
                        continue;
                *out = *at;
                return true;
        }
        return false;
}

uint64_t sk_stubs_expiring(const sk_stubs *stubs) {
        assert(stubs->first <= stubs->expiring);
        return stubs->expiring;
}

static void first_forget(sk_stubs *stubs) {
        assert(stubs->first < stubs->expiring);
        sk_closed *at = entry_at(stubs, stubs->first);
        uint64_t place = stubs->first;

        assert(stubs->first < stubs->next);
        if (at->customer != DEAD)
                sk_stubs_drop(stubs, &at->id, at->customer);
        stubs->first++;
        if (stubs->first % BLOCK_ENTRIES == 0) {
                sk_free(*block_at(stubs, place));
                *block_at(stubs, place) = NULL;
        }
}

void sk_stubs_expired(sk_stubs *stubs, uint64_t upto) {
        assert(upto <= stubs->expiring);
        while (stubs->first < upto)
                first_forget(stubs);
        assert(stubs->first >= upto || upto == 0);
}

void sk_stubs_unexpire(sk_stubs *stubs, uint64_t upto) {
        assert(upto <= stubs->expiring);
        stubs->expiring = upto > stubs->first ? upto : stubs->first;
        assert(stubs->first <= stubs->expiring);
}
