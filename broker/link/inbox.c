/*
 * Copies of records lie one behind the other in chunks; a chunk that holds none any more is used again. Each lane is a
 * list, each partition has a heap of its lanes that are not empty, ordered by their first records.
 */

#include "link/inbox.h"

#include <assert.h>
#include <stdalign.h>

#include "kit/alloc.h"
#include "kit/map.h"
#include "link/mutation.h"

#define CHUNK_BYTES ((size_t)64 << 10)

typedef struct chunk {
        struct chunk *next; /* in the list of spare ones */
        size_t capacity;
        size_t used;
        size_t live; /* records in it */
        alignas(max_align_t) char bytes[];
} chunk;

typedef struct sk_waiting {
        struct sk_waiting *next;
        chunk *in;
        size_t bytes;
        uint64_t arrival;
        sk_record record;
} sk_waiting;

typedef struct side {
        sk_lane **lanes;
        size_t lane_count;
        size_t lane_capacity;
        sk_lane **heap; /* as long as lanes */
        size_t heap_count;
        size_t count;
} side;

struct sk_inbox {
        side *sides;
        int32_t partitions;
        sk_map *by_place;
        chunk *filling;
        chunk *spare; /* at most one */
        size_t count;
        size_t bytes;
        uint64_t arrivals;
};

sk_inbox *sk_inbox_new(int32_t partitions) {
        sk_inbox *inbox = sk_alloc_zero(1, sizeof(*inbox));

        assert(partitions > 0);
        if (inbox == NULL)
                return NULL;
        inbox->partitions = partitions;
        inbox->sides = sk_alloc_zero((size_t)partitions, sizeof(side));
        inbox->by_place = sk_map_new();
        if (inbox->sides == NULL || inbox->by_place == NULL) {
                sk_inbox_free(inbox);
                return NULL;
        }
        return inbox;
}

void sk_inbox_free(sk_inbox *inbox) {
        if (inbox == NULL)
                return;
        for (int32_t p = 0; inbox->sides != NULL && inbox->by_place != NULL && p < inbox->partitions; p++) {
                sk_inbox_close(inbox, p);
                sk_free(inbox->sides[p].lanes);
                sk_free(inbox->sides[p].heap);
        }
        sk_free(inbox->filling);
        sk_free(inbox->spare);
        sk_map_free(inbox->by_place);
        sk_free(inbox->sides);
        sk_free(inbox);
}

/* ---- chunks ---- */

static chunk *chunk_new(sk_inbox *inbox, size_t size) {
        assert(size > 0);
        assert(inbox->spare == NULL || inbox->spare->live == 0);
        chunk *new = inbox->spare;

        if (new != NULL && size <= new->capacity) {
                inbox->spare = NULL;
                return new;
        }
        size = size < CHUNK_BYTES ? CHUNK_BYTES : size;
        new = sk_alloc(sizeof(*new) + size);
        if (new != NULL)
                *new = (chunk){.capacity = size};
        return new;
}

static void chunk_release(sk_inbox *inbox, chunk *old) {
        assert(old->live == 0);
        assert(old != inbox->spare);
        old->used = 0;
        if (inbox->spare == NULL && old->capacity == CHUNK_BYTES)
                inbox->spare = old;
        else
                sk_free(old);
}

static void *chunk_take(sk_inbox *inbox, size_t size, chunk **out_chunk) {
        assert(size % alignof(max_align_t) == 0);
        chunk *in = inbox->filling;
        void *at;

        if (in == NULL || size > in->capacity - in->used) {
                in = chunk_new(inbox, size);
                if (in == NULL)
                        return NULL;
                if (inbox->filling != NULL && inbox->filling->live == 0)
                        chunk_release(inbox, inbox->filling);
                inbox->filling = in;
        }
        at = in->bytes + in->used;
        in->used += size;
        in->live++;
        assert(in->used <= in->capacity);
        *out_chunk = in;
        return at;
}

static void chunk_give(sk_inbox *inbox, chunk *in) {
        assert(in->used > 0);
        assert(in->live > 0);
        in->live--;
        if (in->live > 0)
                return;
        if (in == inbox->filling)
                in->used = 0;
        else
                chunk_release(inbox, in);
}

/* ---- the heap of lanes ---- */

static bool lane_before(const sk_lane *a, const sk_lane *b) {
        const sk_waiting *x = a->first;
        const sk_waiting *y = b->first;
        size_t len = a->topic->name.len < b->topic->name.len ? a->topic->name.len : b->topic->name.len;
        int order;

        assert(x != NULL);
        assert(y != NULL);
        if (SK_MUTATED(O3))
                return x->arrival < y->arrival;
        if (x->record.timestamp_us != y->record.timestamp_us)
                return x->record.timestamp_us < y->record.timestamp_us;
        order = memcmp(a->topic->name.at, b->topic->name.at, len);
        return order != 0 ? order < 0 : a->topic->name.len < b->topic->name.len;
}

static void heap_sink(side *at, size_t i) {
        assert(i < at->heap_count);
        for (;;) {
                size_t least = i;
                sk_lane *moved = at->heap[i];

                for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < at->heap_count; child++)
                        if (lane_before(at->heap[child], at->heap[least]))
                                least = child;
                if (least == i)
                        break;
                at->heap[i] = at->heap[least];
                at->heap[least] = moved;
                i = least;
        }
        assert(i == 0 || !lane_before(at->heap[i], at->heap[(i - 1) / 2]));
}

static void heap_push(side *at, sk_lane *lane) {
        assert(lane->first != NULL);
        size_t i = at->heap_count++;

        assert(at->heap_count <= at->lane_count);
        for (; i > 0 && lane_before(lane, at->heap[(i - 1) / 2]); i = (i - 1) / 2)
                at->heap[i] = at->heap[(i - 1) / 2];
        at->heap[i] = lane;
}

/* ---- lanes ---- */

typedef struct place {
        const sk_topic *topic;
        int64_t partition; /* as wide as the pointer, so that no padding gets into the key */
} place;

static sk_slice place_key(const place *at) {
        assert(at->topic != NULL);
        static_assert(sizeof(place) == sizeof(at->topic) + sizeof(at->partition), "a key has no padding");
        return (sk_slice){(const char *)at, sizeof(*at)};
}

sk_lane *sk_inbox_find(const sk_inbox *inbox, const sk_topic *topic, int32_t partition) {
        assert(partition >= 0);
        assert(partition < inbox->partitions);
        place at = {topic, partition};

        return sk_map_get(inbox->by_place, place_key(&at));
}

static bool side_room(side *at) {
        assert(at->lane_count <= at->lane_capacity);
        size_t capacity = at->lane_capacity == 0 ? 8 : at->lane_capacity * 2;
        sk_lane **grown;

        if (at->lane_count < at->lane_capacity)
                return true;
        grown = sk_realloc(at->lanes, capacity * sizeof(sk_lane *));
        if (grown == NULL)
                return false;
        at->lanes = grown;
        grown = sk_realloc(at->heap, capacity * sizeof(sk_lane *));
        if (grown == NULL)
                return false;
        at->heap = grown;
        at->lane_capacity = capacity;
        assert(at->lane_count < at->lane_capacity);
        return true;
}

sk_lane *sk_inbox_lane(sk_inbox *inbox, const sk_topic *topic, int32_t partition) {
        assert(inbox != NULL);
        assert(topic != NULL);
        place at = {topic, partition};
        sk_lane *lane = sk_map_get(inbox->by_place, place_key(&at));
        side *in = &inbox->sides[partition];

        assert(partition >= 0);
        assert(partition < inbox->partitions);
        assert(topic->is_inbound);
        if (lane != NULL)
                return lane;
        lane = side_room(in) ? sk_alloc_zero(1, sizeof(*lane)) : NULL;
        if (lane == NULL)
                return NULL;
        lane->topic = topic;
        lane->partition = partition;
        if (sk_map_put(inbox->by_place, place_key(&at), lane, NULL) != SK_OK) {
                sk_free(lane);
                return NULL;
        }
        in->lanes[in->lane_count++] = lane;
        assert(in->lane_count <= in->lane_capacity);
        return lane;
}

size_t sk_inbox_lanes(const sk_inbox *inbox, int32_t partition, sk_lane *const **out) {
        assert(out != NULL);
        assert(partition >= 0);
        assert(partition < inbox->partitions);
        *out = inbox->sides[partition].lanes;
        return inbox->sides[partition].lane_count;
}

void sk_lane_start(sk_lane *lane, int64_t next_offset) {
        assert(lane->first == NULL);
        assert(next_offset >= 0);
        lane->committed_next = lane->sealed_next = lane->folded_next = lane->fetched_next = next_offset;
}

bool sk_lane_pass(sk_lane *lane, int64_t next_offset) {
        if (next_offset <= lane->fetched_next)
                return false;
        assert(lane->first != NULL || lane->folded_next == lane->fetched_next);
        lane->fetched_next = next_offset;
        if (lane->first != NULL)
                return false;
        lane->folded_next = next_offset;
        assert(lane->sealed_next <= lane->folded_next);
        return true;
}

/* ---- records ---- */

static sk_waiting *waiting_new(sk_inbox *inbox, const sk_record *record) {
        assert(record->topic != NULL);
        size_t payload = record->key.len + record->headers.len + record->value.len + record->proven.len;
        size_t size = (sizeof(sk_waiting) + payload + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
        chunk *in;
        sk_waiting *new = chunk_take(inbox, size, &in);
        char *at;

        if (new == NULL)
                return NULL;
        at = (char *)(new + 1);
        *new = (sk_waiting){.in = in, .bytes = size, .arrival = inbox->arrivals++, .record = *record};
        new->record.key = sk_slice_put(&at, record->key);
        new->record.headers = sk_slice_put(&at, record->headers);
        new->record.value = sk_slice_put(&at, record->value);
        new->record.proven = sk_slice_put(&at, record->proven);
        assert(at <= (char *)new + size);
        return new;
}

sk_err sk_inbox_put(sk_inbox *inbox, sk_lane *lane, const sk_record *record) {
        assert(inbox != NULL);
        assert(lane != NULL);
        side *in = &inbox->sides[lane->partition];
        sk_waiting *new;

        assert(record->topic == lane->topic);
        assert(record->partition == lane->partition);
        if (record->offset < lane->fetched_next)
                return SK_OK;
        new = waiting_new(inbox, record);
        if (new == NULL)
                return SK_ERR_NO_MEMORY;
        lane->fetched_next = record->offset + 1;
        assert(lane->folded_next <= lane->fetched_next);
        inbox->count++;
        inbox->bytes += new->bytes;
        in->count++;
        if (lane->first == NULL) {
                lane->first = lane->last = new;
                heap_push(in, lane);
        } else {
                lane->last->next = new;
                lane->last = new;
        }
        return SK_OK;
}

const sk_record *sk_inbox_peek(const sk_inbox *inbox, int32_t partition) {
        assert(partition >= 0);
        assert(partition < inbox->partitions);
        const side *in = &inbox->sides[partition];

        assert((in->heap_count == 0) == (in->count == 0));
        return in->heap_count == 0 ? NULL : &in->heap[0]->first->record;
}

static void waiting_free(sk_inbox *inbox, side *in, sk_waiting *old) {
        assert(old->bytes <= inbox->bytes);
        assert(in->count > 0);
        inbox->count--;
        inbox->bytes -= old->bytes;
        in->count--;
        chunk_give(inbox, old->in);
}

void sk_inbox_take(sk_inbox *inbox, int32_t partition) {
        assert(partition >= 0);
        assert(partition < inbox->partitions);
        assert(inbox->sides[partition].heap_count > 0);
        side *in = &inbox->sides[partition];
        sk_lane *lane = in->heap[0];
        sk_waiting *taken = lane->first;

        assert(in->heap_count > 0);
        assert(taken != NULL);
        lane->folded_next = taken->record.offset + 1;
        assert(lane->folded_next > lane->sealed_next);
        assert(lane->folded_next <= lane->fetched_next);
        lane->first = taken->next;
        if (lane->first == NULL) {
                lane->last = NULL;
                lane->folded_next = lane->fetched_next; /* what was passed behind it is read as well */
                in->heap[0] = in->heap[--in->heap_count];
        }
        if (in->heap_count > 0)
                heap_sink(in, 0);
        waiting_free(inbox, in, taken);
}

static void lane_empty(sk_inbox *inbox, side *in, sk_lane *lane) {
        assert((lane->first == NULL) == (lane->last == NULL));
        while (lane->first != NULL) {
                sk_waiting *old = lane->first;

                lane->first = old->next;
                waiting_free(inbox, in, old);
        }
        lane->last = NULL;
}

void sk_inbox_rewind(sk_inbox *inbox, int32_t partition) {
        assert(partition >= 0);
        assert(partition < inbox->partitions);
        side *in = &inbox->sides[partition];

        for (size_t i = 0; i < in->lane_count; i++) {
                lane_empty(inbox, in, in->lanes[i]);
                assert(in->lanes[i]->committed_next <=
                       in->lanes[i]->folded_next); /* never ahead to what was not read */
                sk_lane_start(in->lanes[i], in->lanes[i]->committed_next);
        }
        in->heap_count = 0;
        assert(in->count == 0);
}

void sk_inbox_close(sk_inbox *inbox, int32_t partition) {
        side *in = &inbox->sides[partition];

        sk_inbox_rewind(inbox, partition);
        assert(in->heap_count == 0);
        for (size_t i = 0; i < in->lane_count; i++) {
                place at = {in->lanes[i]->topic, partition};

                (void)sk_map_take(inbox->by_place, place_key(&at));
                sk_free(in->lanes[i]);
        }
        in->lane_count = 0;
}

size_t sk_inbox_count(const sk_inbox *inbox) {
        assert(inbox != NULL);
        return inbox->count;
}

size_t sk_inbox_count_of(const sk_inbox *inbox, int32_t partition) {
        assert(partition >= 0);
        assert(partition < inbox->partitions);
        assert(inbox->sides[partition].count <= inbox->count);
        return inbox->sides[partition].count;
}

size_t sk_inbox_bytes(const sk_inbox *inbox) {
        assert((inbox->count == 0) == (inbox->bytes == 0));
        return inbox->bytes;
}
