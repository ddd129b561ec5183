/*
 * Ids to pointers by extendible hashing: a directory, indexed by the first bits of the hash, of segments, each a small
 * table with open addressing, indexed by the last bits. A full segment is split in two, so that growing copies one
 * segment and never the map.
 *
 *      directory  [00] [01] [10] [11]        depth 2
 *                   |    |     \  /
 *                   v    v      v
 *                  seg  seg    seg           depth 2, 2, 1
 */

#include "kit/idmap.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "kit/alloc.h"
#include "kit/hash.h"

#define SLOTS_FIRST 32u
#define SLOTS_MAX 1024u
#define DEPTH_MAX 24u /* 16 million segments: far more than memory holds */

typedef struct id_slot {
        sk_id id;
        void *value;
} id_slot;

typedef struct segment {
        uint32_t depth; /* how many first bits of the hash all its ids share */
        uint32_t slot_count;
        uint32_t count;
        id_slot slots[];
} segment;

struct sk_idmap {
        segment **directory; /* 2^depth of them */
        uint32_t depth;
        size_t count;
        size_t bytes;
};

static_assert(sizeof(id_slot) == 24, "a slot takes 24 bytes");

static uint64_t hash_of(const sk_id *id) {
        return sk_hash_table((sk_slice){(const char *)id->bytes, sizeof(id->bytes)});
}

static size_t segment_bytes(uint32_t slot_count) {
        assert(slot_count <= SLOTS_MAX);
        return sizeof(segment) + slot_count * sizeof(id_slot);
}

static segment *segment_new(sk_idmap *map, uint32_t depth, uint32_t slot_count) {
        assert((slot_count & (slot_count - 1)) == 0);
        assert(depth <= DEPTH_MAX);
        segment *new = sk_alloc_zero(1, segment_bytes(slot_count));

        if (new == NULL)
                return NULL;
        new->depth = depth;
        new->slot_count = slot_count;
        map->bytes += segment_bytes(slot_count);
        return new;
}

static void segment_free(sk_idmap *map, segment *old) {
        assert(old == NULL || map->bytes >= segment_bytes(old->slot_count));
        if (old == NULL)
                return;
        map->bytes -= segment_bytes(old->slot_count);
        sk_free(old);
}

sk_idmap *sk_idmap_new(void) {
        sk_idmap *map = sk_alloc_zero(1, sizeof(*map));

        if (map == NULL)
                return NULL;
        map->bytes = sizeof(*map) + sizeof(segment *);
        map->directory = sk_alloc_zero(1, sizeof(segment *));
        if (map->directory != NULL)
                map->directory[0] = segment_new(map, 0, SLOTS_FIRST);
        if (map->directory == NULL || map->directory[0] == NULL) {
                sk_idmap_free(map);
                return NULL;
        }
        return map;
}

static size_t directory_size(const sk_idmap *map) {
        assert(map->depth <= DEPTH_MAX);
        return (size_t)1 << map->depth;
}

/* Entries that lead to one segment stand side by side. */
static bool is_first_entry(const sk_idmap *map, size_t entry) {
        assert(entry < directory_size(map));
        return entry == 0 || map->directory[entry] != map->directory[entry - 1];
}

void sk_idmap_free(sk_idmap *map) {
        if (map == NULL)
                return;
        for (size_t entry = directory_size(map); map->directory != NULL && entry-- > 0;)
                if (is_first_entry(map, entry))
                        sk_free(map->directory[entry]);
        sk_free(map->directory);
        sk_free(map);
}

size_t sk_idmap_count(const sk_idmap *map) {
        assert(map != NULL);
        return map->count;
}

size_t sk_idmap_bytes(const sk_idmap *map) {
        assert(map->bytes >= sizeof(*map));
        return map->bytes;
}

static size_t entry_of(const sk_idmap *map, uint64_t hash) {
        return map->depth == 0 ? 0 : (size_t)(hash >> (64 - map->depth));
}

/* Most segments are of full size: the slot is fetched from far memory beside the segment's head, not after it. */
static segment *segment_of(const sk_idmap *map, uint64_t hash) {
        segment *at = map->directory[entry_of(map, hash)];
        uintptr_t slot = (uintptr_t)at + sizeof(*at) + (hash & (SLOTS_MAX - 1)) * sizeof(id_slot);

        __builtin_prefetch((const void *)slot);
        return at;
}

/* The slot of the id, or the empty one where it would go. */
static id_slot *slot_find(segment *in, const sk_id *id, uint64_t hash) {
        size_t mask = in->slot_count - 1;
        size_t i = hash & mask;

        assert(in->count < in->slot_count);
        while (in->slots[i].value != NULL && !sk_id_equal(&in->slots[i].id, id))
                i = (i + 1) & mask;
        return &in->slots[i];
}

void *sk_idmap_get(const sk_idmap *map, const sk_id *id) {
        uint64_t hash = hash_of(id);

        return slot_find(segment_of(map, hash), id, hash)->value;
}

static void slot_add(segment *to, const id_slot *slot, uint64_t hash) {
        id_slot *free_slot = slot_find(to, &slot->id, hash);

        assert(free_slot->value == NULL);
        *free_slot = *slot;
        to->count++;
}

/* A young segment is replaced by one twice as large. */
static sk_err segment_enlarge(sk_idmap *map, segment *old) {
        assert(old->slot_count < SLOTS_MAX);
        segment *new = segment_new(map, old->depth, old->slot_count * 2);

        if (new == NULL)
                return SK_ERR_NO_MEMORY;
        for (uint32_t i = 0; i < old->slot_count; i++)
                if (old->slots[i].value != NULL)
                        slot_add(new, &old->slots[i], hash_of(&old->slots[i].id));
        for (size_t entry = 0; entry < directory_size(map); entry++)
                if (map->directory[entry] == old)
                        map->directory[entry] = new;
        assert(new->count == old->count);
        segment_free(map, old);
        return SK_OK;
}

static sk_err directory_double(sk_idmap *map) {
        assert(map->depth <= DEPTH_MAX);
        size_t size = directory_size(map);
        segment **directory;

        if (map->depth == DEPTH_MAX)
                return SK_ERR_FULL;
        directory = sk_realloc(map->directory, size * 2 * sizeof(segment *));
        if (directory == NULL)
                return SK_ERR_NO_MEMORY;
        for (size_t entry = size; entry-- > 0;)
                directory[entry * 2 + 1] = directory[entry * 2] = directory[entry];
        map->bytes += size * sizeof(segment *);
        map->directory = directory;
        map->depth++;
        return SK_OK;
}

/* The entries of the segment at @p entry: its first half goes to low, its second to high. */
static void segment_replace(sk_idmap *map, size_t entry, segment *low, segment *high) {
        assert(low->depth == high->depth);
        assert(low->depth <= map->depth);
        uint32_t depth = low->depth - 1;
        size_t span = (size_t)1 << (map->depth - depth);
        size_t first = entry & ~(span - 1);

        for (size_t i = 0; i < span; i++)
                map->directory[first + i] = i < span / 2 ? low : high;
}

static sk_err segment_split(sk_idmap *map, segment *old, size_t entry) {
        assert(old->slot_count == SLOTS_MAX);
        assert(old->depth < map->depth);
        segment *half[2] = {segment_new(map, old->depth + 1, SLOTS_MAX), segment_new(map, old->depth + 1, SLOTS_MAX)};

        if (half[0] == NULL || half[1] == NULL) {
                segment_free(map, half[0]);
                segment_free(map, half[1]);
                return SK_ERR_NO_MEMORY;
        }
        for (uint32_t i = 0; i < old->slot_count; i++) {
                uint64_t hash = hash_of(&old->slots[i].id);

                if (old->slots[i].value != NULL)
                        slot_add(half[(hash >> (63 - old->depth)) & 1], &old->slots[i], hash);
        }
        assert(half[0]->count + half[1]->count == old->count);
        segment_replace(map, entry, half[0], half[1]);
        segment_free(map, old);
        return SK_OK;
}

static bool is_full(const segment *at) {
        assert(at->count < at->slot_count);
        return at->count >= at->slot_count / 8 * 7;
}

/* One step towards room for the hash: called until its segment is not full. */
static sk_err grow_for(sk_idmap *map, uint64_t hash) {
        size_t entry = entry_of(map, hash);
        segment *at = map->directory[entry];

        if (at->slot_count < SLOTS_MAX)
                return segment_enlarge(map, at);
        if (at->depth == map->depth)
                return directory_double(map);
        return segment_split(map, at, entry);
}

sk_err sk_idmap_put(sk_idmap *map, const sk_id *id, void *value, void **out_old) {
        uint64_t hash = hash_of(id);
        segment *at = segment_of(map, hash);
        id_slot *slot = slot_find(at, id, hash);
        void *old = slot->value;

        assert(value != NULL);
        while (old == NULL && is_full(at)) {
                sk_err err = grow_for(map, hash);

                if (err != SK_OK)
                        return err;
                at = map->directory[entry_of(map, hash)];
                slot = slot_find(at, id, hash);
        }
        at->count += old == NULL;
        map->count += old == NULL;
        *slot = (id_slot){*id, value};
        if (out_old != NULL)
                *out_old = old;
        return SK_OK;
}

/* Moves back every slot behind the hole that the hole would hide. */
static void close_hole(segment *in, size_t hole) {
        assert(in->slots[hole].value != NULL);
        size_t mask = in->slot_count - 1;

        for (size_t i = (hole + 1) & mask; in->slots[i].value != NULL; i = (i + 1) & mask) {
                size_t home = hash_of(&in->slots[i].id) & mask;

                if (((i - home) & mask) < ((i - hole) & mask))
                        continue;
                in->slots[hole] = in->slots[i];
                hole = i;
        }
        in->slots[hole].value = NULL;
}

void *sk_idmap_take(sk_idmap *map, const sk_id *id) {
        uint64_t hash = hash_of(id);
        segment *at = segment_of(map, hash);
        id_slot *slot = slot_find(at, id, hash);
        void *value = slot->value;

        if (value == NULL)
                return NULL;
        close_hole(at, (size_t)(slot - at->slots));
        assert(at->count > 0);
        assert(map->count > 0);
        at->count--;
        map->count--;
        return value;
}

/* A position is entry * SLOTS_MAX + slot. */
bool sk_idmap_next(const sk_idmap *map, size_t *position, sk_id *out_id, void **out_value) {
        assert(position != NULL);
        assert(out_id != NULL);
        assert(out_value != NULL);
        size_t entry = *position / SLOTS_MAX;
        size_t i = *position % SLOTS_MAX;

        for (; entry < directory_size(map); entry++, i = 0) {
                const segment *at = map->directory[entry];

                if (!is_first_entry(map, entry))
                        continue;
                while (i < at->slot_count && at->slots[i].value == NULL)
                        i++;
                if (i == at->slot_count)
                        continue;
                *out_id = at->slots[i].id;
                *out_value = at->slots[i].value;
                *position = entry * SLOTS_MAX + i + 1;
                return true;
        }
        *position = entry * SLOTS_MAX;
        return false;
}

/* ---- chunks ---- */

static int compare_hashes(const void *left, const void *right) {
        uint64_t a = ((const sk_idmap_entry *)left)->hash;
        uint64_t b = ((const sk_idmap_entry *)right)->hash;

        return (a > b) - (a < b);
}

/* The first hash behind those of the segment; 0 when there is none. */
static uint64_t behind(const segment *at, uint64_t hash) {
        assert(at->depth < 64);
        uint64_t prefix = at->depth == 0 ? 0 : hash >> (64 - at->depth);

        return at->depth == 0 ? 0 : (prefix + 1) << (64 - at->depth);
}

/* A segment has all ids of a stretch of hashes, and however it is split, no id moves to another hash. */
size_t sk_idmap_chunk(const sk_idmap *map, uint64_t from, sk_idmap_entry *out, uint64_t *out_next) {
        assert(out != NULL);
        const segment *at = map->directory[entry_of(map, from)];
        size_t count = 0;

        static_assert(SK_IDMAP_CHUNK >= SLOTS_MAX, "a segment is a chunk");
        for (uint32_t i = 0; i < at->slot_count; i++) {
                uint64_t hash = at->slots[i].value == NULL ? 0 : hash_of(&at->slots[i].id);

                if (at->slots[i].value != NULL && hash >= from)
                        out[count++] = (sk_idmap_entry){at->slots[i].id, at->slots[i].value, hash};
        }
        if (count > 1)
                qsort(out, count, sizeof(*out), compare_hashes);
        *out_next = behind(at, from);
        assert(count <= SK_IDMAP_CHUNK);
        return count;
}
