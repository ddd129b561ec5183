/*
 * What events tell of components. The touches stand in an array, their names in an arena.
 */
#include "cli/report/register.h"

#include <assert.h>
#include <stdlib.h>

#include "kit/alloc.h"
#include "kit/json_scan.h"
#include "kit/when.h"

#define NAMES_BYTES ((size_t)64 << 20)
#define TOUCHES_MAX 1000000u

struct sk_register {
        sk_touch *at;
        size_t count;
        size_t room;
        sk_arena *names;
        sk_arena *scratch;
};

const char *sk_touch_text(sk_touch_kind kind) {
        static const char *const texts[SK_TOUCH_KINDS] = {"changed", "change without a component",
                                                          "operate that touched it"};
        assert(kind < SK_TOUCH_KINDS);
        return texts[kind];
}

sk_register *sk_register_new(void) {
        sk_register *it = sk_alloc_zero(1, sizeof *it);

        if (it == NULL)
                return NULL;
        it->names = sk_arena_new(NAMES_BYTES);
        it->scratch = sk_arena_new((size_t)1 << 20);
        if (it->names != NULL && it->scratch != NULL)
                return it;
        sk_register_free(it);
        return NULL;
}

void sk_register_free(sk_register *it) {
        if (it == NULL)
                return;
        sk_arena_free(it->names);
        sk_arena_free(it->scratch);
        sk_free(it->at);
        sk_free(it);
}

static sk_err keep(sk_register *it, const sk_event_seen *event, sk_touch_kind kind, sk_slice component) {
        if (it->count == it->room) {
                size_t room = it->room == 0 ? 64 : 2 * it->room;
                sk_touch *more = it->count >= TOUCHES_MAX ? NULL : sk_realloc(it->at, room * sizeof *more);
                if (more == NULL)
                        return SK_ERR_NO_MEMORY;
                it->at = more;
                it->room = room;
        }
        sk_touch touch = {.kind = kind, .team = event->team, .call = event->id, .time_us = event->time_us};
        sk_slice now = sk_json_member_string(event->data, "now", it->scratch);
        if (sk_slice_there(now))
                (void)sk_when_parse(now, &touch.time_us);
        touch.component = sk_arena_copy(it->names, component);
        if (!sk_slice_there(touch.component))
                return SK_ERR_NO_MEMORY;
        it->at[it->count++] = touch;
        return SK_OK;
}

static sk_err keep_each(sk_register *it, const sk_event_seen *event, sk_touch_kind kind) {
        sk_json_walk walk = sk_json_walk_make(sk_json_member(event->data, "components"));
        sk_err err = SK_OK;
        sk_slice none;
        sk_slice item;

        while (err == SK_OK && sk_json_walk_next(&walk, &none, &item)) {
                sk_slice name = sk_json_string(item, it->scratch);
                if (sk_slice_there(name))
                        err = keep(it, event, kind, name);
        }
        return err;
}

static bool says(sk_register *it, const sk_event_seen *event, const char *member, const char *text) {
        sk_slice found = sk_json_member_string(event->data, member, it->scratch);

        return sk_slice_there(found) && sk_slice_is(found, text);
}

sk_err sk_register_add(sk_register *it, const sk_event_seen *event) {
        assert(it != NULL && event != NULL);
        sk_arena_reset(it->scratch);
        switch (event->type) {
        case SK_EVENT_REGISTERED:
                return keep_each(it, event, SK_TOUCH_CHANGED);
        case SK_EVENT_NOT_APPLICABLE:
                return says(it, event, "rule", "no-component") ? keep(it, event, SK_TOUCH_UNNAMED, SK_SLICE(""))
                                                               : SK_OK;
        case SK_EVENT_TRIGGERED: /* behind a change, operate carries out what the change modifies */
                return says(it, event, "to", "operate") && !says(it, event, "from", "change")
                               ? keep_each(it, event, SK_TOUCH_OPERATED)
                               : SK_OK;
        default:
                return SK_OK;
        }
}

static int by_time(const void *a, const void *b) {
        const sk_touch *left = a;
        const sk_touch *right = b;

        return left->time_us != right->time_us ? (left->time_us > right->time_us) - (left->time_us < right->time_us)
                                               : (left > right) - (left < right);
}

void sk_register_sort(sk_register *it) {
        if (it->count > 1)
                qsort(it->at, it->count, sizeof *it->at, by_time);
}

size_t sk_register_count(const sk_register *it) {
        return it->count;
}

const sk_touch *sk_register_at(const sk_register *it, size_t index) {
        assert(index < it->count);
        return &it->at[index];
}

uint64_t sk_register_count_of(const sk_register *it, sk_touch_kind kind, int64_t from_us, int64_t to_us) {
        uint64_t count = 0;

        for (size_t i = 0; i < it->count; i++)
                count += it->at[i].kind == kind && it->at[i].time_us >= from_us && it->at[i].time_us < to_us;
        return count;
}

/* ---- from the log ---- */

static sk_err on_event(void *self, const sk_event_seen *seen) {
        return sk_register_add(self, seen);
}

int sk_register_read(const sk_session *session, const sk_team *team, sk_register *it) {
        return sk_read_events(session, sk_team_name(team), SK_TOPIC_EVENTS, on_event, it);
}
