/*
 * Each call is one piece of memory with its head behind it, rounded up so that most new heads fit in the old place; the
 * data is a piece of its own, because it changes seldom and may be large.
 *
 * Deadlines stand in a heap that has room for all of them, also for those that were given out: putting one back needs
 * no memory.
 */

#include "link/store.h"

#include <assert.h>

#include "kit/alloc.h"
#include "kit/heap.h"
#include "kit/idmap.h"
#include "link/customers.h"

#define HEAD_ROUNDING 64u

typedef struct entry {
        char *data;
        uint32_t data_len;
        uint32_t customer;
        uint32_t head_len;
        uint32_t head_capacity;
        sk_opening opening;
        sk_deadline due; /* at 0: none */
        bool has_data;
        bool has_head;
        char head[];
} entry;

struct sk_store {
        sk_idmap *entries;
        sk_heap *dues;
        size_t armed; /* entries with a deadline, whether it stands in the heap or was given out */
        size_t headless;
        size_t calls;
        uint64_t bytes;
};

sk_store *sk_store_new(void) {
        sk_store *store = sk_alloc_zero(1, sizeof(*store));

        if (store == NULL)
                return NULL;
        store->entries = sk_idmap_new();
        store->dues = sk_heap_new();
        if (store->entries == NULL || store->dues == NULL) {
                sk_store_free(store);
                return NULL;
        }
        return store;
}

static void entry_free(entry *old) {
        assert(old->data != NULL || old->data_len == 0);
        sk_free(old->data);
        sk_free(old);
}

void sk_store_free(sk_store *store) {
        size_t position = 0;
        sk_id id;
        void *value;

        if (store == NULL)
                return;
        while (store->entries != NULL && sk_idmap_next(store->entries, &position, &id, &value))
                entry_free(value);
        sk_idmap_free(store->entries);
        sk_heap_free(store->dues);
        sk_free(store);
}

static sk_stored stored_of(const entry *at) {
        assert(at->head_len <= at->head_capacity);
        assert(at->data != NULL || at->data_len == 0);
        return (sk_stored){
                .customer = at->customer,
                .has_data = at->has_data,
                .head = at->has_head ? (sk_slice){at->head, at->head_len} : SK_NONE,
                .data = at->data == NULL ? SK_SLICE("") : (sk_slice){at->data, at->data_len},
                .opening = at->opening,
                .due_us = at->due.at_us,
        };
}

bool sk_store_get(const sk_store *store, const sk_id *id, sk_stored *out) {
        const entry *at = sk_idmap_get(store->entries, id);

        if (at == NULL)
                return false;
        *out = stored_of(at);
        return true;
}

/* Takes out what the entry counts for; count_in puts it back after a change. */
static void count_out(sk_store *store, const entry *at) {
        assert(at->has_head || store->headless > 0);
        assert(!at->has_head || at->customer == SK_CUSTOMER_ASK || store->calls > 0);
        assert(store->bytes >= (uint64_t)at->head_len + at->data_len);
        store->bytes -= (uint64_t)at->head_len + at->data_len;
        store->headless -= !at->has_head;
        store->calls -= at->has_head && at->customer != SK_CUSTOMER_ASK;
}

static void count_in(sk_store *store, const entry *at) {
        assert(at->customer != SK_CUSTOMER_ANY);
        store->bytes += (uint64_t)at->head_len + at->data_len;
        store->headless += !at->has_head;
        store->calls += at->has_head && at->customer != SK_CUSTOMER_ASK;
        assert(store->calls + store->headless <= sk_idmap_count(store->entries));
}

static void disarm(sk_store *store, entry *at) {
        assert(store->armed > 0 || at->due.at_us == 0);
        store->armed -= at->due.at_us != 0;
        sk_heap_take(store->dues, &at->due);
        at->due = (sk_deadline){0};
}

static uint32_t capacity_for(size_t len) {
        assert(len <= UINT32_MAX - HEAD_ROUNDING);
        return ((uint32_t)len + HEAD_ROUNDING - 1) / HEAD_ROUNDING * HEAD_ROUNDING;
}

static entry *entry_new(uint32_t customer, size_t head_len) {
        uint32_t capacity = capacity_for(head_len);
        entry *new = sk_alloc(sizeof(*new) + capacity);

        if (new != NULL)
                *new = (entry){.customer = customer, .head_capacity = capacity};
        return new;
}

/* An entry under the id with room for the head: the one that is there, or a new one that takes over its data. */
static entry *entry_with_room(sk_store *store, const sk_id *id, uint32_t customer, size_t head_len) {
        entry *old = sk_idmap_get(store->entries, id);
        entry *new;

        assert(head_len <= UINT32_MAX - HEAD_ROUNDING);
        if (old != NULL && head_len <= old->head_capacity) {
                count_out(store, old);
                return old;
        }
        new = entry_new(customer, head_len);
        if (new == NULL)
                return NULL;
        if (sk_idmap_put(store->entries, id, new, NULL) != SK_OK) {
                sk_free(new);
                return NULL;
        }
        if (old == NULL)
                return new;
        count_out(store, old);
        new->data = old->data;
        new->data_len = old->data_len;
        new->has_data = old->has_data;
        new->has_head = old->has_head;
        new->due = old->due;
        sk_heap_moved(store->dues, &new->due);
        sk_free(old);
        return new;
}

sk_err sk_store_put_head(sk_store *store, const sk_id *id, uint32_t customer, sk_slice head,
                         const sk_opening *opening) {
        assert(opening != NULL);
        entry *at = entry_with_room(store, id, customer, head.len);

        assert(sk_slice_there(head));
        if (at == NULL)
                return SK_ERR_NO_MEMORY;
        assert(head.len <= at->head_capacity);
        memcpy(at->head, head.at, head.len);
        at->head_len = (uint32_t)head.len;
        at->customer = customer;
        at->opening = *opening;
        at->has_head = true;
        count_in(store, at);
        return SK_OK;
}

sk_err sk_store_put_data(sk_store *store, const sk_id *id, uint32_t customer, sk_slice data) {
        assert(customer != SK_CUSTOMER_ANY);
        entry *at = sk_idmap_get(store->entries, id);
        char *copy = sk_alloc_copy(data.at, data.len);

        assert(data.len <= UINT32_MAX);
        if (copy == NULL)
                return SK_ERR_NO_MEMORY;
        if (at == NULL) {
                at = entry_new(customer, 0);
                if (at == NULL || sk_idmap_put(store->entries, id, at, NULL) != SK_OK) {
                        sk_free(at);
                        sk_free(copy);
                        return SK_ERR_NO_MEMORY;
                }
        } else {
                count_out(store, at);
        }
        sk_free(at->data);
        at->data = copy;
        at->data_len = (uint32_t)data.len;
        at->has_data = true;
        count_in(store, at);
        return SK_OK;
}

void sk_store_drop_data(sk_store *store, const sk_id *id) {
        assert(store != NULL);
        entry *at = sk_idmap_get(store->entries, id);

        if (at == NULL)
                return;
        if (!at->has_head) {
                sk_store_drop(store, id);
                return;
        }
        count_out(store, at);
        sk_free(at->data);
        at->data = NULL;
        at->data_len = 0;
        at->has_data = false;
        count_in(store, at);
}

void sk_store_drop(sk_store *store, const sk_id *id) {
        assert(store != NULL);
        entry *at = sk_idmap_take(store->entries, id);

        if (at == NULL)
                return;
        disarm(store, at);
        assert(at->due.place == 0); /* the heap knows it no more */
        count_out(store, at);
        entry_free(at);
}

sk_err sk_store_arm(sk_store *store, const sk_id *id, int64_t at_us) {
        entry *at = sk_idmap_get(store->entries, id);
        size_t wanted = store->armed + (at->due.at_us == 0);

        assert(at->has_head);
        if (at->due.at_us == at_us && (at_us == 0 || at->due.place != 0))
                return SK_OK;
        if (at_us != 0 && sk_heap_reserve(store->dues, wanted) != SK_OK)
                return SK_ERR_NO_MEMORY;
        disarm(store, at);
        if (at_us == 0)
                return SK_OK;
        at->due = (sk_deadline){.at_us = at_us, .id = *id};
        store->armed++;
        sk_heap_put(store->dues, &at->due);
        return SK_OK;
}

int64_t sk_store_due_us(const sk_store *store) {
        const sk_deadline *first = sk_heap_first(store->dues);

        return first == NULL ? INT64_MAX : first->at_us;
}

bool sk_store_take_due(sk_store *store, int64_t now_us, sk_id *out_id, int64_t *out_at_us) {
        assert(out_id != NULL);
        assert(out_at_us != NULL);
        sk_deadline *first = sk_heap_first(store->dues);

        if (first == NULL || first->at_us > now_us)
                return false;
        sk_heap_take(store->dues, first);
        *out_id = first->id;
        *out_at_us = first->at_us;
        return true;
}

void sk_store_arm_again(sk_store *store, const sk_id *id) {
        assert(id != NULL);
        entry *at = sk_idmap_get(store->entries, id);

        if (at == NULL || at->due.at_us == 0 || at->due.place != 0)
                return;
        assert(sk_heap_count(store->dues) < store->armed);
        sk_heap_put(store->dues, &at->due);
}

size_t sk_store_count_armed(const sk_store *store) {
        assert(store->armed <= sk_idmap_count(store->entries));
        return store->armed;
}

size_t sk_store_count(const sk_store *store) {
        assert(store->headless <= sk_idmap_count(store->entries));
        return sk_idmap_count(store->entries) - store->headless;
}

size_t sk_store_count_calls(const sk_store *store) {
        assert(store->calls <= sk_idmap_count(store->entries));
        return store->calls;
}

size_t sk_store_count_headless(const sk_store *store) {
        assert(store->headless <= sk_idmap_count(store->entries));
        return store->headless;
}

uint64_t sk_store_bytes(const sk_store *store) {
        assert(store->bytes == 0 || sk_idmap_count(store->entries) > 0);
        return store->bytes;
}

bool sk_store_next(const sk_store *store, size_t *position, sk_id *out_id, sk_stored *out) {
        assert(out != NULL);
        void *value;

        if (!sk_idmap_next(store->entries, position, out_id, &value))
                return false;
        *out = stored_of(value);
        return true;
}

size_t sk_store_chunk(const sk_store *store, uint64_t from, sk_idmap_entry *out, uint64_t *out_next) {
        assert(out != NULL);
        assert(out_next != NULL);
        return sk_idmap_chunk(store->entries, from, out, out_next);
}

sk_slice sk_store_head(const sk_idmap_entry *at) {
        assert(at->value != NULL);
        return stored_of(at->value).head;
}
