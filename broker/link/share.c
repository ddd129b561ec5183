#include "link/share.h"

#include <assert.h>
#include <string.h>

#include "kit/json_pointer.h"
#include "kit/json_scan.h"
#include "link/mutation.h"

enum { NAME_MAX_BYTES = 256 };

/** A way from the call down to a value: names as they stand in the JSON, places in arrays as numbers. */
typedef struct way {
        sk_slice steps[SK_SHARE_DEPTH_MAX];
        unsigned depth;
} way;

typedef enum shared {
        SHARED_NOT,
        SHARED_BELOW, /**< something in it may be */
        SHARED_WHOLE,
} shared;

static shared shared_by(sk_slice pointer, const way *to) {
        assert(to->depth > 0);
        assert(to->depth <= SK_SHARE_DEPTH_MAX);
        for (unsigned i = 0; i < to->depth; i++) {
                if (pointer.len == 0) {
                        return SHARED_WHOLE;
                }
                sk_slice token = sk_json_pointer_take(&pointer);
                if (!sk_json_pointer_is(token, to->steps[i])) {
                        return SHARED_NOT;
                }
        }
        return pointer.len == 0 ? SHARED_WHOLE : SHARED_BELOW;
}

static shared shared_at(const sk_agreement *agreement, const way *to) {
        size_t count = agreement == NULL ? 0 : sk_agreement_share_count(agreement);
        shared most = SHARED_NOT;

        assert(to->depth > 0);
        assert(to->depth <= SK_SHARE_DEPTH_MAX);
        if (SK_MUTATED(SHARE)) {
                return SHARED_WHOLE;
        }
        for (size_t i = 0; i < count; i++) {
                shared by = shared_by(sk_agreement_share_at(agreement, i), to);
                most = by > most ? by : most;
        }
        return most;
}

/** Walks the members or items of a value; the last step of `to` is where it is. */
typedef struct walking {
        sk_json_walk json;
        way to;
        unsigned place;
        char number[12];
} walking;

/** False in *out_can when pointers do not reach so deep: then nothing below is shared. */
static walking walk_make(const way *at, sk_slice value, bool *out_can) {
        assert(at->depth > 0);
        assert(at->depth <= SK_SHARE_DEPTH_MAX);
        walking walk = {.to = *at};

        *out_can = at->depth < SK_SHARE_DEPTH_MAX;
        walk.json = sk_json_walk_make(*out_can ? value : SK_SLICE("0"));
        walk.to.depth++;
        return walk;
}

static sk_slice number_write(walking *walk) {
        unsigned left = walk->place;
        size_t at = sizeof walk->number;

        do {
                walk->number[--at] = (char)('0' + left % 10);
                left /= 10;
        } while (left != 0);
        assert(at < sizeof walk->number);
        return (sk_slice){walk->number + at, sizeof walk->number - at};
}

static bool walk_next(walking *walk, sk_slice *out_value) {
        assert(walk->to.depth > 0);
        assert(walk->to.depth <= SK_SHARE_DEPTH_MAX);
        sk_slice name;

        do {
                if (!sk_json_walk_next(&walk->json, &name, out_value)) {
                        return false;
                }
        } while (name.len >= NAME_MAX_BYTES); /* which is shared only with what holds it */
        walk->to.steps[walk->to.depth - 1] = sk_slice_there(name) ? name : number_write(walk);
        walk->place++;
        return true;
}

/** How many members or items there are up to the last of which something is shared. */
static unsigned count_shared(const sk_agreement *agreement, const way *at, sk_slice value) {
        assert(sk_slice_there(value));
        bool can;
        walking below = walk_make(at, value, &can);
        unsigned last = 0;
        sk_slice inner;

        while (can && walk_next(&below, &inner)) {
                shared by = shared_at(agreement, &below.to);
                if (by == SHARED_WHOLE || (by == SHARED_BELOW && count_shared(agreement, &below.to, inner) > 0)) {
                        last = below.place;
                }
        }
        assert(last <= below.place);
        return last;
}

static void put(sk_json_writer *w, const sk_agreement *agreement, const way *at, const char *name, sk_slice value);

static void put_members(sk_json_writer *w, const sk_agreement *agreement, const way *at, sk_slice value) {
        char name[NAME_MAX_BYTES];
        bool can;
        walking below = walk_make(at, value, &can);
        sk_slice inner;

        while (can && walk_next(&below, &inner)) {
                sk_slice raw = below.to.steps[below.to.depth - 1];
                assert(raw.len < sizeof name);
                memcpy(name, raw.at, raw.len);
                name[raw.len] = '\0';
                put(w, agreement, &below.to, name, inner);
        }
}

static void put_items(sk_json_writer *w, const sk_agreement *agreement, const way *at, sk_slice value, unsigned count) {
        assert(count > 0);
        bool can;
        walking below = walk_make(at, value, &can);
        sk_slice inner;

        while (can && below.place < count && walk_next(&below, &inner)) {
                uint32_t levels = w->levels;
                size_t before = w->buf->len;
                put(w, agreement, &below.to, NULL, inner);
                assert(w->levels == levels);
                if (w->buf->len == before) {
                        sk_json_put_null(w, NULL);
                }
        }
}

static void put(sk_json_writer *w, const sk_agreement *agreement, const way *at, const char *name, sk_slice value) {
        assert(sk_slice_there(value));
        shared by = shared_at(agreement, at);
        unsigned count = by == SHARED_BELOW ? count_shared(agreement, at, value) : 0;

        if (by == SHARED_WHOLE) {
                sk_json_put_raw(w, name, value);
        } else if (count > 0 && sk_json_kind_of(value) == SK_JSON_OBJECT) {
                sk_json_open_object(w, name);
                put_members(w, agreement, at, value);
                sk_json_close_object(w);
        } else if (count > 0) {
                sk_json_open_array(w, name);
                put_items(w, agreement, at, value, count);
                sk_json_close_array(w);
        }
}

static way way_to(const char *member) {
        assert(member != NULL);
        return (way){.steps = {sk_slice_of(member)}, .depth = 1};
}

bool sk_share_has(const sk_agreement *agreement, const char *member) {
        way at = way_to(member);

        return shared_at(agreement, &at) == SHARED_WHOLE;
}

bool sk_share_has_any(const sk_agreement *agreement, const char *member, sk_slice value) {
        assert(sk_slice_there(value));
        way at = way_to(member);
        shared by = shared_at(agreement, &at);

        return by == SHARED_WHOLE || (by == SHARED_BELOW && count_shared(agreement, &at, value) > 0);
}

void sk_share_put(sk_json_writer *w, const sk_agreement *agreement, const char *member, sk_slice value) {
        way at = way_to(member);

        assert(sk_slice_there(value));
        put(w, agreement, &at, member, value);
}
