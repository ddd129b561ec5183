#ifndef SK_KIT_ALLOC_H
#define SK_KIT_ALLOC_H

#include <stddef.h>

/*
 * The one allocator. Every layer takes memory from here, and libjansson is told to do so as well, so that a
 * test can make the n-th allocation of an operation fail. Replacing it is not thread-safe: do it at start.
 */

typedef struct sk_allocator {
        void *(*allocate)(void *self, size_t size);
        void *(*reallocate)(void *self, void *at, size_t size);
        void (*release)(void *self, void *at);
        void *self;
} sk_allocator;

/** Takes memory from @p allocator from now on; NULL restores malloc. The struct is copied. */
void sk_alloc_use(const sk_allocator *allocator);

/** Memory of @p size bytes, not cleared, or NULL. Free with sk_free. */
void *sk_alloc(size_t size);

/** Memory for @p count items of @p size bytes, cleared, or NULL; also NULL when the product overflows. */
void *sk_alloc_zero(size_t count, size_t size);

/** As realloc(3). */
void *sk_realloc(void *at, size_t size);

/** Gives memory back; NULL is legal. */
void sk_free(void *at);

/** A copy of @p len bytes with a zero byte behind, or NULL. Free with sk_free. */
char *sk_alloc_copy(const char *at, size_t len);

#endif
