/*
 * The one allocator: malloc unless somebody asked for another. Size 0 is rounded up, so that NULL means failure only.
 */

#include "kit/alloc.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static sk_allocator other;
static bool uses_other;

void sk_alloc_use(const sk_allocator *allocator) {
        uses_other = allocator != NULL;
        if (!uses_other)
                return;
        assert(allocator->allocate != NULL);
        assert(allocator->reallocate != NULL);
        assert(allocator->release != NULL);
        other = *allocator;
}

void *sk_alloc(size_t size) {
        size += size == 0;
        return uses_other ? other.allocate(other.self, size) : malloc(size);
}

void *sk_alloc_zero(size_t count, size_t size) {
        size_t total;
        void *at;

        if (__builtin_mul_overflow(count, size, &total))
                return NULL;
        total += total == 0;
        if (!uses_other)
                return calloc(1, total);
        at = other.allocate(other.self, total);
        return at == NULL ? NULL : memset(at, 0, total);
}

void *sk_realloc(void *at, size_t size) {
        size += size == 0;
        return uses_other ? other.reallocate(other.self, at, size) : realloc(at, size);
}

void sk_free(void *at) {
        if (at == NULL)
                return;
        if (uses_other)
                other.release(other.self, at);
        else
                free(at);
}

char *sk_alloc_copy(const char *at, size_t len) {
        assert(at != NULL || len == 0);
        char *copy = len == SIZE_MAX ? NULL : sk_alloc(len + 1);

        if (copy == NULL)
                return NULL;
        if (len > 0)
                memcpy(copy, at, len);
        copy[len] = '\0';
        return copy;
}
