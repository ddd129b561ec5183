/*
 * An arena: a list of blocks, each twice as large as the one before up to a limit, and a pointer that moves
 * through the newest. The bound counts what is handed out, padding included.
 */

#include "kit/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>

#include "kit/alloc.h"

#define ALIGNMENT alignof(max_align_t)
#define BLOCK_FIRST 4096
#define BLOCK_LIMIT ((size_t)1 << 20)

typedef struct arena_block {
        struct arena_block *next;
        size_t capacity;
        size_t used;
        alignas(max_align_t) char bytes[];
} arena_block;

struct sk_arena {
        arena_block *newest;
        size_t max_bytes;
        size_t used_bytes;
        sk_err err; /* the last refusal since the reset */
};

static size_t rounded(size_t size) {
        assert(size <= SIZE_MAX - ALIGNMENT);
        return (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}

sk_arena *sk_arena_new(size_t max_bytes) {
        sk_arena *arena = sk_alloc_zero(1, sizeof(*arena));

        if (arena == NULL)
                return NULL;
        arena->max_bytes = max_bytes > SIZE_MAX / 2 ? SIZE_MAX / 2 : rounded(max_bytes);
        return arena;
}

static void blocks_free(arena_block *block) {
        while (block != NULL) {
                arena_block *next = block->next;

                sk_free(block);
                block = next;
        }
}

void sk_arena_free(sk_arena *arena) {
        if (arena == NULL)
                return;
        blocks_free(arena->newest);
        sk_free(arena);
}

/* Blocks mostly grow, so the largest is kept: a use of the same size then takes no memory from the system. */
void sk_arena_reset(sk_arena *arena) {
        assert(arena != NULL);
        arena_block *kept = arena->newest;
        arena_block **at;

        arena->used_bytes = 0;
        arena->err = SK_OK;
        if (kept == NULL)
                return;
        for (arena_block *block = kept->next; block != NULL; block = block->next)
                kept = block->capacity > kept->capacity ? block : kept;
        for (at = &arena->newest; *at != kept;)
                at = &(*at)->next;
        *at = kept->next;
        blocks_free(arena->newest);
        kept->next = NULL;
        kept->used = 0;
        arena->newest = kept;
}

static arena_block *block_add(sk_arena *arena, size_t size) {
        assert(size > 0);
        size_t capacity = arena->newest == NULL ? BLOCK_FIRST : arena->newest->capacity * 2;
        arena_block *block;

        capacity = capacity > BLOCK_LIMIT ? BLOCK_LIMIT : capacity;
        capacity = capacity < size ? size : capacity;
        block = sk_alloc(sizeof(*block) + capacity);
        if (block == NULL)
                return NULL;
        block->capacity = capacity;
        block->used = 0;
        block->next = arena->newest;
        arena->newest = block;
        assert(block->capacity >= size);
        return block;
}

static void *refuse(sk_arena *arena, sk_err err) {
        assert(err != SK_OK);
        arena->err = err;
        return NULL;
}

static void *take(sk_arena *arena, size_t size, size_t alignment) {
        arena_block *block = arena->newest;
        size_t from = 0;

        if (size > arena->max_bytes - arena->used_bytes)
                return refuse(arena, SK_ERR_FULL);
        if (block != NULL)
                from = (block->used + alignment - 1) & ~(alignment - 1);
        if (block == NULL || from > block->capacity || size > block->capacity - from) {
                block = block_add(arena, size);
                from = 0;
        }
        if (block == NULL)
                return refuse(arena, SK_ERR_NO_MEMORY);
        if (from + size - block->used > arena->max_bytes - arena->used_bytes)
                return refuse(arena, SK_ERR_FULL);
        arena->used_bytes += from + size - block->used;
        block->used = from + size;
        return block->bytes + from;
}

void *sk_arena_get(sk_arena *arena, size_t size) {
        assert(arena != NULL);
        return take(arena, size == 0 ? 1 : size, ALIGNMENT);
}

void *sk_arena_get_zero(sk_arena *arena, size_t count, size_t size) {
        assert(arena != NULL);
        size_t total;
        void *at;

        if (__builtin_mul_overflow(count, size, &total))
                return refuse(arena, SK_ERR_FULL);
        at = sk_arena_get(arena, total);
        return at == NULL ? NULL : memset(at, 0, total);
}

sk_slice sk_arena_copy(sk_arena *arena, sk_slice bytes) {
        assert(sk_slice_there(bytes) || bytes.len == 0);
        char *copy = bytes.len == SIZE_MAX ? refuse(arena, SK_ERR_FULL) : take(arena, bytes.len + 1, 1);

        if (copy == NULL)
                return SK_NONE;
        if (bytes.len > 0)
                memcpy(copy, bytes.at, bytes.len);
        copy[bytes.len] = '\0';
        return (sk_slice){copy, bytes.len};
}

sk_err sk_arena_err(const sk_arena *arena) {
        assert(arena != NULL);
        return arena->err;
}

size_t sk_arena_used(const sk_arena *arena) {
        assert(arena->used_bytes <= arena->max_bytes);
        return arena->used_bytes;
}
