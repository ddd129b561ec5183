/*
 * Deadlines in a binary heap. The order is total (time, id), so that the same deadlines come out in the same order
 * whatever the order in which they went in. The time stands in the heap too: sifting seldom looks elsewhere.
 */

#include "kit/heap.h"

#include <assert.h>
#include <stdbool.h>

#include "kit/alloc.h"

#define CAPACITY_FIRST 64

typedef struct item {
        int64_t at_us;
        sk_deadline *deadline;
} item;

struct sk_heap {
        item *items; /* place 1 is items[0] */
        size_t count;
        size_t capacity;
};

sk_heap *sk_heap_new(void) {
        return sk_alloc_zero(1, sizeof(sk_heap));
}

void sk_heap_free(sk_heap *heap) {
        if (heap == NULL)
                return;
        sk_free(heap->items);
        sk_free(heap);
}

size_t sk_heap_count(const sk_heap *heap) {
        assert(heap->count <= heap->capacity);
        return heap->count;
}

sk_err sk_heap_reserve(sk_heap *heap, size_t count) {
        assert(heap->count <= heap->capacity);
        size_t capacity = heap->capacity == 0 ? CAPACITY_FIRST : heap->capacity;
        item *items;

        if (count <= heap->capacity)
                return SK_OK;
        while (capacity < count)
                capacity *= 2;
        if (capacity > UINT32_MAX)
                return SK_ERR_NO_MEMORY;
        items = sk_realloc(heap->items, capacity * sizeof(*items));
        if (items == NULL)
                return SK_ERR_NO_MEMORY;
        heap->items = items;
        heap->capacity = capacity;
        assert(heap->capacity >= count);
        return SK_OK;
}

static bool is_before(const item *a, const item *b) {
        assert(a->deadline != NULL);
        assert(b->deadline != NULL);
        if (a->at_us != b->at_us)
                return a->at_us < b->at_us;
        return sk_id_compare(&a->deadline->id, &b->deadline->id) < 0;
}

static void place(sk_heap *heap, size_t at, const item *what) {
        assert(what->deadline->at_us == what->at_us); /* nobody has changed it meanwhile */
        heap->items[at] = *what;
        what->deadline->place = (uint32_t)(at + 1);
}

static void rise(sk_heap *heap, size_t at, const item *what) {
        assert(at < heap->count);
        for (; at > 0 && is_before(what, &heap->items[(at - 1) / 2]); at = (at - 1) / 2)
                place(heap, at, &heap->items[(at - 1) / 2]);
        place(heap, at, what);
}

static void sink(sk_heap *heap, size_t at, const item *what) {
        assert(at < heap->count);
        for (size_t child = 2 * at + 1; child < heap->count; child = 2 * at + 1) {
                if (child + 1 < heap->count && is_before(&heap->items[child + 1], &heap->items[child]))
                        child++;
                if (!is_before(&heap->items[child], what))
                        break;
                place(heap, at, &heap->items[child]);
                at = child;
        }
        place(heap, at, what);
}

void sk_heap_put(sk_heap *heap, sk_deadline *deadline) {
        item new = {deadline->at_us, deadline};

        assert(deadline->place == 0);
        assert(heap->count < heap->capacity);
        heap->count++;
        rise(heap, heap->count - 1, &new);
        assert(heap->items[deadline->place - 1].deadline == deadline);
}

void sk_heap_take(sk_heap *heap, sk_deadline *deadline) {
        assert(heap != NULL);
        size_t at = deadline->place;
        item last;

        if (at == 0)
                return;
        at--;
        assert(at < heap->count);
        assert(heap->items[at].deadline == deadline);
        deadline->place = 0;
        last = heap->items[--heap->count];
        if (at == heap->count)
                return;
        if (at > 0 && is_before(&last, &heap->items[(at - 1) / 2]))
                rise(heap, at, &last);
        else
                sink(heap, at, &last);
}

void sk_heap_moved(sk_heap *heap, sk_deadline *deadline) {
        assert(heap != NULL);
        if (deadline->place == 0)
                return;
        assert(deadline->place <= heap->count);
        assert(heap->items[deadline->place - 1].at_us == deadline->at_us);
        heap->items[deadline->place - 1].deadline = deadline;
}

sk_deadline *sk_heap_first(const sk_heap *heap) {
        assert(heap->count == 0 || heap->items[0].deadline->place == 1);
        return heap->count == 0 ? NULL : heap->items[0].deadline;
}
