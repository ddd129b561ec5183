#include "support/failing_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kit/alloc.h"

#define RUNS_MAX 100000

static atomic_size_t count;
static atomic_size_t live;
static size_t refused;

static bool is_refused(void) {
        return atomic_fetch_add(&count, 1) + 1 == refused;
}

static void *allocate(void *self, size_t size) {
        void *at = is_refused() ? NULL : malloc(size);

        (void)self;
        if (at != NULL)
                atomic_fetch_add(&live, 1);
        return at;
}

static void *reallocate(void *self, void *at, size_t size) {
        void *new;

        if (at == NULL)
                return allocate(self, size);
        new = is_refused() ? NULL : realloc(at, size);
        return new;
}

static void release(void *self, void *at) {
        (void)self;
        atomic_fetch_sub(&live, 1);
        free(at);
}

void failing_alloc_begin(size_t nth) {
        const sk_allocator allocator = {.allocate = allocate, .reallocate = reallocate, .release = release};

        atomic_store(&count, 0);
        atomic_store(&live, 0);
        refused = nth;
        sk_alloc_use(&allocator);
}

size_t failing_alloc_count(void) {
        return atomic_load(&count);
}

size_t failing_alloc_live(void) {
        return atomic_load(&live);
}

void failing_alloc_end(void) {
        sk_alloc_use(NULL);
}

void failing_alloc_each(bool (*operation)(void *context), void *context) {
        for (size_t nth = 1; nth <= RUNS_MAX; nth++) {
                bool succeeded;

                failing_alloc_begin(nth);
                succeeded = operation(context);
                failing_alloc_end();
                if (failing_alloc_live() != 0)
                        fail_msg("%zu blocks left behind when allocation %zu fails", failing_alloc_live(), nth);
                if (failing_alloc_count() >= nth)
                        continue;
                if (!succeeded)
                        fail_msg("failed although all %zu allocations succeeded", failing_alloc_count());
                return;
        }
        fail_msg("still allocating after %d runs", RUNS_MAX);
}
