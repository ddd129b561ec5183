/*
 * Rows are kept in a ring while something waits in them. Each effect is in the map by its call, and in one list: that of
 * its row while it waits, that of the stops once it is to be stopped, in none while it runs.
 */

#include "link/effects.h"

#include <assert.h>
#include <string.h>

#include "kit/alloc.h"
#include "kit/idmap.h"
#include "kit/map.h"

typedef enum effect_state {
        WAITING, /* may begin when there is room */
        ASKED,   /* once: room is kept until the journal says that it is begun */
        CLEARED, /* once: the journal says so */
        RUNNING,
        ENDED, /* by itself; the journal does not know yet */
} effect_state;

typedef struct effect {
        sk_effect_place place;
        effect_state state;
        struct row *row;
        struct effect *next;
        struct effect *before;
} effect;

typedef struct list {
        effect *first;
        effect *last;
} list;

typedef struct row {
        sk_how how;
        uint32_t running;
        list waiting;
        struct row *next; /* of the ring of those in which something waits; NULL: it is not in it */
        struct row *before;
} row;

struct sk_effects {
        sk_idmap *by_call;
        sk_map *rows;
        row *turn; /* of the ring: who is asked next */
        list cleared;
        list stops;
        uint32_t running;
        uint32_t running_of[SK_HOWS];
        size_t waiting;
};

/* ---- lists ---- */

static void list_add(list *to, effect *one) {
        assert((to->first == NULL) == (to->last == NULL));
        assert(one->next == NULL);
        assert(one->before == NULL);
        one->before = to->last;
        if (to->last != NULL)
                to->last->next = one;
        else
                to->first = one;
        to->last = one;
}

static void list_remove(list *from, effect *one) {
        assert(one->before != NULL || from->first == one);
        assert(one->next != NULL || from->last == one);
        if (one->before != NULL)
                one->before->next = one->next;
        else
                from->first = one->next;
        if (one->next != NULL)
                one->next->before = one->before;
        else
                from->last = one->before;
        one->next = one->before = NULL;
}

static void ring_add(sk_effects *effects, row *one) {
        assert(one->waiting.first != NULL);
        if (one->next != NULL)
                return;
        if (effects->turn == NULL) {
                one->next = one->before = one;
                effects->turn = one;
                return;
        }
        one->next = effects->turn;
        one->before = effects->turn->before;
        one->before->next = one;
        one->next->before = one;
}

static void ring_remove(sk_effects *effects, row *one) {
        assert(one->waiting.first == NULL);
        assert(one->before->next == one);
        assert(one->next->before == one);
        assert(one->next != NULL);
        assert(effects->turn != NULL);
        if (effects->turn == one)
                effects->turn = one->next == one ? NULL : one->next;
        one->before->next = one->next;
        one->next->before = one->before;
        one->next = one->before = NULL;
}

/* ---- making and ending ---- */

sk_effects *sk_effects_new(void) {
        sk_effects *effects = sk_alloc_zero(1, sizeof(*effects));

        if (effects == NULL)
                return NULL;
        effects->by_call = sk_idmap_new();
        effects->rows = sk_map_new();
        if (effects->by_call != NULL && effects->rows != NULL)
                return effects;
        sk_effects_free(effects);
        return NULL;
}

static void stops_free(sk_effects *effects) {
        effect *one;

        while ((one = effects->stops.first) != NULL) {
                list_remove(&effects->stops, one);
                sk_free(one);
        }
}

void sk_effects_free(sk_effects *effects) {
        size_t position = 0;
        sk_slice key;
        sk_id id;
        void *one;

        if (effects == NULL)
                return;
        while (effects->by_call != NULL && sk_idmap_next(effects->by_call, &position, &id, &one))
                sk_free(one);
        stops_free(effects);
        position = 0;
        while (effects->rows != NULL && sk_map_next(effects->rows, &position, &key, &one))
                sk_free(one);
        sk_idmap_free(effects->by_call);
        sk_map_free(effects->rows);
        sk_free(effects);
}

bool sk_effects_is_empty(const sk_effects *effects) {
        assert(effects != NULL);
        assert(effects->waiting + effects->running <= sk_idmap_count(effects->by_call));
        return sk_idmap_count(effects->by_call) == 0 && effects->stops.first == NULL;
}

/* ---- counting ---- */

static void count_running(sk_effects *effects, effect *one) {
        assert(one->state == WAITING);
        assert(one->place.how < SK_HOWS);
        effects->running++;
        effects->running_of[one->place.how]++;
        one->row->running++;
        assert(effects->running_of[one->place.how] <= effects->running);
        assert(one->row->running <= effects->running_of[one->place.how]);
}

static void uncount_running(sk_effects *effects, effect *one) {
        assert(effects->running_of[one->place.how] > 0);
        assert(effects->running > 0);
        assert(one->row->running > 0);
        effects->running--;
        effects->running_of[one->place.how]--;
        one->row->running--;
}

static void wait(sk_effects *effects, effect *one) {
        assert(one->row != NULL);
        one->state = WAITING;
        list_add(&one->row->waiting, one);
        effects->waiting++;
        ring_add(effects, one->row);
}

static void wait_no_more(sk_effects *effects, effect *one) {
        assert(one->state == WAITING);
        assert(effects->waiting > 0);
        list_remove(&one->row->waiting, one);
        effects->waiting--;
        if (one->row->waiting.first == NULL)
                ring_remove(effects, one->row);
        assert(effects->waiting > 0 || one->row->waiting.first == NULL);
}

/* ---- what is due ---- */

static row *row_of(sk_effects *effects, sk_how how, sk_slice target) {
        assert(sk_how_is_effect(how));
        static_assert(SK_HOWS <= 10, "a how is one digit of a row's key");
        char key[256];
        sk_slice name = {key, 1 + (target.len < sizeof(key) - 1 ? target.len : sizeof(key) - 1)};

        key[0] = (char)('0' + how);
        if (target.len > 0)
                memcpy(key + 1, target.at, name.len - 1);
        row *one = sk_map_get(effects->rows, name);
        if (one != NULL)
                return one;
        one = sk_alloc_zero(1, sizeof(*one));
        if (one == NULL)
                return NULL;
        one->how = how;
        if (sk_map_put(effects->rows, name, one, NULL) == SK_OK)
                return one;
        sk_free(one);
        return NULL;
}

static bool is_same(const sk_effect_place *a, const sk_effect_place *b) {
        assert(sk_id_equal(&a->callid, &b->callid));
        return a->visit == b->visit && a->try_number == b->try_number;
}

/* It is known already: begun now perhaps, and nothing else. */
static void clear(sk_effects *effects, effect *one) {
        assert(one->state != CLEARED || one->place.is_begun);
        if (one->state == WAITING) {
                wait_no_more(effects, one);
                count_running(effects, one);
        } else if (one->state != ASKED) {
                return;
        }
        one->place.is_begun = true;
        one->state = CLEARED;
        list_add(&effects->cleared, one);
}

sk_err sk_effects_put(sk_effects *effects, const sk_effect_place *place, sk_slice target) {
        assert(effects != NULL);
        assert(place != NULL);
        assert(place->visit != 0);
        effect *one = sk_idmap_get(effects->by_call, &place->callid);

        assert(sk_how_is_effect(place->how));
        assert((place->is_once || !place->is_begun));
        if (one != NULL && is_same(&one->place, place)) {
                if (place->is_begun)
                        clear(effects, one);
                return SK_OK;
        }
        row *in = row_of(effects, place->how, target);
        effect *new = in == NULL ? NULL : sk_alloc_zero(1, sizeof(*new));
        if (new == NULL)
                return SK_ERR_NO_MEMORY;
        sk_effects_drop(effects, &place->callid);
        if (sk_idmap_put(effects->by_call, &place->callid, new, NULL) != SK_OK) {
                sk_free(new);
                return SK_ERR_NO_MEMORY;
        }
        new->place = *place;
        new->row = in;
        wait(effects, new);
        return SK_OK;
}

/* Out of the map and of its list; freed, or to be stopped. */
static void let_go(sk_effects *effects, effect *one) {
        switch (one->state) {
        case WAITING:
                wait_no_more(effects, one);
                break;
        case CLEARED:
                list_remove(&effects->cleared, one);
                uncount_running(effects, one);
                break;
        case ASKED:
                uncount_running(effects, one);
                break;
        case RUNNING:
                uncount_running(effects, one);
                list_add(&effects->stops, one);
                return;
        case ENDED:
                break;
        }
        assert(one->next == NULL); /* in no list any more */
        assert(one->before == NULL);
        sk_free(one);
}

void sk_effects_drop(sk_effects *effects, const sk_id *callid) {
        assert(callid != NULL);
        effect *one = sk_idmap_take(effects->by_call, callid);

        if (one != NULL)
                let_go(effects, one);
}

void sk_effects_drop_partition(sk_effects *effects, int32_t partition) {
        sk_idmap_entry entries[SK_IDMAP_CHUNK];
        uint64_t from = 0;

        if (sk_idmap_count(effects->by_call) == 0)
                return;
        do {
                size_t count = sk_idmap_chunk(effects->by_call, from, entries, &from);

                for (size_t i = 0; i < count; i++)
                        if (((const effect *)entries[i].value)->place.partition == partition)
                                sk_effects_drop(effects, &entries[i].id);
        } while (from != 0);
}

static effect *find(const sk_effects *effects, const sk_id *callid, uint32_t visit, uint8_t try_number) {
        effect *one = sk_idmap_get(effects->by_call, callid);

        assert(one == NULL || sk_id_equal(&one->place.callid, callid));
        return one != NULL && one->place.visit == visit && one->place.try_number == try_number ? one : NULL;
}

bool sk_effects_knows(const sk_effects *effects, const sk_id *callid, uint32_t visit, uint8_t try_number) {
        return find(effects, callid, visit, try_number) != NULL;
}

bool sk_effects_ended(sk_effects *effects, const sk_id *callid, uint32_t visit, uint8_t try_number) {
        effect *one = find(effects, callid, visit, try_number);

        if (one == NULL || one->state != RUNNING)
                return false;
        uncount_running(effects, one);
        assert(one->next == NULL);
        one->state = ENDED;
        return true;
}

/* ---- what may begin ---- */

static bool has_room(const sk_effects *effects, const row *in, const sk_effect_limits *limits) {
        assert(in->running <= effects->running_of[in->how]);
        assert(effects->running_of[in->how] <= effects->running);
        return effects->running < limits->most && effects->running_of[in->how] < limits->per_how[in->how] &&
               in->running < limits->per_target;
}

static bool give(effect *one, effect_state state, sk_effect_place *out) {
        assert(state == ASKED || state == RUNNING);
        assert(state != ASKED || one->place.is_once);
        assert(one->next == NULL);
        one->state = state;
        *out = one->place;
        return true;
}

bool sk_effects_take(sk_effects *effects, const sk_effect_limits *limits, bool only_once, sk_effect_place *out) {
        assert(limits != NULL);
        assert(out != NULL);
        row *at = effects->turn;
        row *end = at;
        effect *one = effects->cleared.first;

        if (!only_once && one != NULL) {
                list_remove(&effects->cleared, one);
                return give(one, RUNNING, out);
        }
        if (at == NULL || effects->running >= limits->most)
                return false;
        do {
                one = at->waiting.first;
                assert(one != NULL); /* else the row would not be in the ring */
                if (has_room(effects, at, limits) && one->place.is_once == only_once) {
                        effects->turn = at->next;
                        wait_no_more(effects, one);
                        count_running(effects, one);
                        return give(one, one->place.is_once ? ASKED : RUNNING, out);
                }
                at = at->next;
        } while (at != end);
        return false;
}

bool sk_effects_has_stops(const sk_effects *effects) {
        return effects->stops.first != NULL;
}

bool sk_effects_take_stop(sk_effects *effects, sk_effect_place *out) {
        assert(out != NULL);
        effect *one = effects->stops.first;

        if (one == NULL)
                return false;
        assert(one->state == RUNNING);
        *out = one->place;
        list_remove(&effects->stops, one);
        sk_free(one);
        return true;
}

size_t sk_effects_waiting(const sk_effects *effects) {
        assert((effects->waiting == 0) == (effects->turn == NULL));
        return effects->waiting;
}

size_t sk_effects_running(const sk_effects *effects) {
        assert(effects->running <= sk_idmap_count(effects->by_call));
        return effects->running;
}
