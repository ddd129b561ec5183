/* Deadlines in a binary heap. The order is total (time, id, kind), so that the same pushes give the same pops. */

#include "kit/heap.h"

#include <assert.h>
#include <stdint.h>

#include "kit/alloc.h"

#define CAPACITY_FIRST 64

struct sk_heap {
        sk_deadline *items;
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
        return heap->count;
}

static bool is_before(const sk_deadline *a, const sk_deadline *b) {
        int order;

        if (a->at_us != b->at_us)
                return a->at_us < b->at_us;
        order = sk_id_compare(&a->id, &b->id);
        return order != 0 ? order < 0 : a->kind < b->kind;
}

static bool make_room(sk_heap *heap) {
        size_t capacity = heap->capacity == 0 ? CAPACITY_FIRST : heap->capacity * 2;
        sk_deadline *items;

        if (heap->count < heap->capacity)
                return true;
        if (capacity > SIZE_MAX / sizeof(*items))
                return false;
        items = sk_realloc(heap->items, capacity * sizeof(*items));
        if (items == NULL)
                return false;
        heap->items = items;
        heap->capacity = capacity;
        return true;
}

sk_err sk_heap_push(sk_heap *heap, const sk_deadline *deadline) {
        sk_deadline item = *deadline;
        size_t at = heap->count;

        if (!make_room(heap))
                return SK_ERR_NO_MEMORY;
        for (; at > 0 && is_before(&item, &heap->items[(at - 1) / 2]); at = (at - 1) / 2)
                heap->items[at] = heap->items[(at - 1) / 2];
        heap->items[at] = item;
        heap->count++;
        return SK_OK;
}

bool sk_heap_peek(const sk_heap *heap, sk_deadline *out) {
        if (heap->count == 0)
                return false;
        *out = heap->items[0];
        return true;
}

/* Lets the item sink from the top to where it belongs. */
static void sink(sk_heap *heap, const sk_deadline *item) {
        size_t at = 0;

        for (size_t child = 1; child < heap->count; child = 2 * at + 1) {
                if (child + 1 < heap->count && is_before(&heap->items[child + 1], &heap->items[child]))
                        child++;
                if (!is_before(&heap->items[child], item))
                        break;
                heap->items[at] = heap->items[child];
                at = child;
        }
        heap->items[at] = *item;
}

bool sk_heap_pop(sk_heap *heap, sk_deadline *out) {
        if (!sk_heap_peek(heap, out))
                return false;
        heap->count--;
        if (heap->count > 0) {
                sk_deadline last = heap->items[heap->count];

                sink(heap, &last);
        }
        return true;
}
