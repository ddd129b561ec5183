/*
 * Byte strings to pointers. Open addressing with linear probing; a removal moves later slots back, so that there
 * are no graves. An empty slot is one without a value. At most 3/4 full.
 */

#include "kit/map.h"

#include <assert.h>

#include "kit/alloc.h"
#include "kit/hash.h"

#define SLOTS_FIRST 16

typedef struct map_slot {
        uint64_t hash;
        char *key;
        size_t key_len;
        void *value;
} map_slot;

struct sk_map {
        map_slot *slots;
        size_t slot_count; /* a power of two, or 0 before the first put */
        size_t count;
};

sk_map *sk_map_new(void) {
        return sk_alloc_zero(1, sizeof(sk_map));
}

void sk_map_free(sk_map *map) {
        if (map == NULL)
                return;
        for (size_t i = 0; i < map->slot_count; i++)
                sk_free(map->slots[i].key);
        sk_free(map->slots);
        sk_free(map);
}

size_t sk_map_count(const sk_map *map) {
        assert(map->count <= map->slot_count);
        return map->count;
}

/* The slot of the key, or the empty one where it would go. */
static map_slot *slot_find(const sk_map *map, sk_slice key, uint64_t hash) {
        size_t mask = map->slot_count - 1;
        size_t i = hash & mask;

        for (; map->slots[i].value != NULL; i = (i + 1) & mask) {
                const map_slot *slot = &map->slots[i];

                if (slot->hash == hash && sk_slice_equal((sk_slice){slot->key, slot->key_len}, key))
                        break;
        }
        return &map->slots[i];
}

void *sk_map_get(const sk_map *map, sk_slice key) {
        assert(map != NULL);
        return map->count == 0 ? NULL : slot_find(map, key, sk_hash_table(key))->value;
}

static bool make_room(sk_map *map) {
        size_t slot_count = map->slot_count == 0 ? SLOTS_FIRST : map->slot_count * 2;
        map_slot *slots;

        if (map->slot_count > 0 && map->count + 1 <= map->slot_count / 4 * 3)
                return true;
        slots = sk_alloc_zero(slot_count, sizeof(*slots));
        if (slots == NULL)
                return false;
        for (size_t from = 0; from < map->slot_count; from++) {
                size_t to = map->slots[from].hash & (slot_count - 1);

                if (map->slots[from].value == NULL)
                        continue;
                while (slots[to].value != NULL)
                        to = (to + 1) & (slot_count - 1);
                slots[to] = map->slots[from];
        }
        sk_free(map->slots);
        map->slots = slots;
        map->slot_count = slot_count;
        assert(map->count < map->slot_count);
        return true;
}

sk_err sk_map_put(sk_map *map, sk_slice key, void *value, void **out_old) {
        assert(key.at != NULL || key.len == 0);
        uint64_t hash = sk_hash_table(key);
        map_slot *slot;
        void *old;

        assert(value != NULL);
        if (!make_room(map))
                return SK_ERR_NO_MEMORY;
        slot = slot_find(map, key, hash);
        old = slot->value;
        if (old == NULL) {
                char *copy = sk_alloc_copy(key.at, key.len);

                if (copy == NULL)
                        return SK_ERR_NO_MEMORY;
                *slot = (map_slot){.hash = hash, .key = copy, .key_len = key.len};
                map->count++;
        }
        slot->value = value;
        if (out_old != NULL)
                *out_old = old;
        return SK_OK;
}

/* Moves back every slot behind the hole that the hole would hide. */
static void close_hole(sk_map *map, size_t hole) {
        assert(map->slots[hole].value != NULL);
        size_t mask = map->slot_count - 1;

        for (size_t i = (hole + 1) & mask; map->slots[i].value != NULL; i = (i + 1) & mask) {
                size_t home = map->slots[i].hash & mask;

                if (((i - home) & mask) < ((i - hole) & mask))
                        continue;
                map->slots[hole] = map->slots[i];
                hole = i;
        }
        map->slots[hole] = (map_slot){.value = NULL};
}

void *sk_map_take(sk_map *map, sk_slice key) {
        map_slot *slot;
        void *value;

        if (map->count == 0)
                return NULL;
        slot = slot_find(map, key, sk_hash_table(key));
        value = slot->value;
        if (value == NULL)
                return NULL;
        sk_free(slot->key);
        close_hole(map, (size_t)(slot - map->slots));
        assert(map->count > 0);
        map->count--;
        return value;
}

bool sk_map_next(const sk_map *map, size_t *position, sk_slice *out_key, void **out_value) {
        assert(*position <= map->slot_count);
        while (*position < map->slot_count) {
                const map_slot *slot = &map->slots[(*position)++];

                if (slot->value == NULL)
                        continue;
                *out_key = (sk_slice){slot->key, slot->key_len};
                *out_value = slot->value;
                return true;
        }
        return false;
}
