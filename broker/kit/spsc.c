/*
 * A queue between two threads. sk_spsc_put runs on the writer's, sk_spsc_take and sk_spsc_drain on the reader's.
 *
 * The writer rings the bell only when the reader may have seen an empty queue. Both store their own position and then
 * load the other's, sequentially consistent: so either the reader finds the new item or the writer finds it gone to
 * the end, and rings.
 */

#include "kit/spsc.h"

#include <assert.h>
#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "kit/alloc.h"

#define CACHE_LINE 64

struct sk_spsc {
        void **items;
        size_t mask;
        int fd;
        char apart_1[CACHE_LINE];
        atomic_size_t written; /* stored by the writer only */
        char apart_2[CACHE_LINE];
        atomic_size_t taken; /* stored by the reader only */
};

sk_spsc *sk_spsc_new(size_t capacity) {
        sk_spsc *queue;

        assert(capacity > 0);
        assert((capacity & (capacity - 1)) == 0);
        queue = sk_alloc_zero(1, sizeof(*queue));
        if (queue == NULL)
                return NULL;
        atomic_init(&queue->written, 0);
        atomic_init(&queue->taken, 0);
        queue->mask = capacity - 1;
        queue->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        queue->items = sk_alloc_zero(capacity, sizeof(void *));
        if (queue->fd < 0 || queue->items == NULL) {
                sk_spsc_free(queue);
                return NULL;
        }
        return queue;
}

void sk_spsc_free(sk_spsc *queue) {
        if (queue == NULL)
                return;
        if (queue->fd >= 0)
                close(queue->fd);
        sk_free(queue->items);
        sk_free(queue);
}

/* The only failure is a counter that is full, and then the descriptor is readable anyway. */
static void ring(const sk_spsc *queue) {
        assert(queue->fd >= 0);
        uint64_t one = 1;

        while (write(queue->fd, &one, sizeof(one)) < 0 && errno == EINTR)
                continue;
}

bool sk_spsc_put(sk_spsc *queue, void *item) {
        size_t written = atomic_load_explicit(&queue->written, memory_order_relaxed);

        assert(item != NULL);
        if (written - atomic_load_explicit(&queue->taken, memory_order_acquire) > queue->mask)
                return false;
        queue->items[written & queue->mask] = item;
        atomic_store(&queue->written, written + 1);
        if (atomic_load(&queue->taken) == written)
                ring(queue);
        return true;
}

void *sk_spsc_take(sk_spsc *queue) {
        assert(queue != NULL);
        size_t taken = atomic_load_explicit(&queue->taken, memory_order_relaxed);
        void *item;

        if (atomic_load(&queue->written) == taken)
                return NULL;
        item = queue->items[taken & queue->mask];
        atomic_store(&queue->taken, taken + 1);
        return item;
}

int sk_spsc_fd(const sk_spsc *queue) {
        assert(queue->fd >= 0);
        return queue->fd;
}

void sk_spsc_drain(sk_spsc *queue) {
        assert(queue->fd >= 0);
        uint64_t count;

        while (read(queue->fd, &count, sizeof(count)) < 0 && errno == EINTR)
                continue;
}
