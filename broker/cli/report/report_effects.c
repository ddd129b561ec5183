/*
 * What improvements changed. Calls are counted by team, facility and day, so that any span of days can be added up later.
 */
#include "cli/report/report_effects.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "kit/alloc.h"
#include "kit/arena.h"
#include "kit/json_scan.h"
#include "kit/map.h"
#include "kit/when.h"

#define KEY_BYTES 512
#define NEED_MAX 200

/** One team's calls about one facility ("": all) that closed on one day. */
typedef struct day_count {
        sk_share share;
} day_count;

struct sk_report_effects {
        sk_map *days;
        sk_arena *arena;
        sk_improvement *at;
        size_t count;
        size_t room;
};

sk_report_effects *sk_report_effects_new(void) {
        sk_report_effects *effects = sk_alloc_zero(1, sizeof(*effects));
        if (effects == NULL)
                return NULL;
        effects->days = sk_map_new();
        effects->arena = sk_arena_new(SIZE_MAX);
        if (effects->days == NULL || effects->arena == NULL) {
                sk_report_effects_free(effects);
                return NULL;
        }
        return effects;
}

void sk_report_effects_free(sk_report_effects *effects) {
        if (effects == NULL)
                return;
        sk_map_free(effects->days);
        sk_arena_free(effects->arena);
        sk_free(effects->at);
        sk_free(effects);
}

/* ---- days ---- */

static int64_t day_of(int64_t time_us) {
        return time_us / SK_DAY_US - (time_us % SK_DAY_US < 0);
}

static sk_slice key_of(char text[KEY_BYTES], sk_slice team, sk_slice facility, int64_t day) {
        int len = snprintf(text, KEY_BYTES, "%.*s/%.*s/%lld", (int)team.len, team.at, (int)facility.len, facility.at,
                           (long long)day);
        return (sk_slice){text, len > 0 && len < KEY_BYTES ? (size_t)len : KEY_BYTES - 1};
}

static sk_err count_day(sk_report_effects *effects, const sk_figured *call, sk_slice facility) {
        char text[KEY_BYTES];
        sk_slice key = key_of(text, call->provider, facility, day_of(call->closed_us));
        day_count *day = sk_map_get(effects->days, key);
        if (day == NULL) {
                day = sk_arena_get_zero(effects->arena, 1, sizeof(*day));
                if (day == NULL || sk_map_put(effects->days, key, day, NULL) != SK_OK)
                        return SK_ERR_NO_MEMORY;
        }
        day->share.closed++;
        day->share.promised += call->is_promised;
        day->share.kept += call->is_promised && call->is_kept;
        day->share.response_promised += call->is_response_promised;
        day->share.response_kept += call->is_response_promised && call->is_response_kept;
        day->share.completed += call->outcome == SK_COMPLETED;
        return SK_OK;
}

sk_share sk_report_effects_sum(const sk_report_effects *effects, sk_slice team, sk_slice facility, int64_t first_day,
                               int64_t last_day) {
        sk_share sum = {0};
        for (int64_t day = first_day; day < last_day; day++) {
                char text[KEY_BYTES];
                const day_count *found = sk_map_get(effects->days, key_of(text, team, facility, day));
                if (found == NULL)
                        continue;
                sum.closed += found->share.closed;
                sum.promised += found->share.promised;
                sum.kept += found->share.kept;
                sum.response_promised += found->share.response_promised;
                sum.response_kept += found->share.response_kept;
                sum.completed += found->share.completed;
        }
        return sum;
}

static sk_share share_of(const sk_report_effects *effects, const sk_improvement *improvement, int64_t first,
                         int64_t last) {
        return sk_report_effects_sum(effects, improvement->team,
                                     improvement->wanted.is_all ? SK_SLICE("") : improvement->facility, first, last);
}

static bool part_of(uint64_t part, uint64_t of, double *out) {
        if (of == 0)
                return false;
        *out = 100.0 * (double)part / (double)of;
        return true;
}

bool sk_share_figure(const sk_share *share, sk_figure_kind kind, double *out) {
        assert(kind < SK_FIGURE_KINDS);
        switch (kind) {
        case SK_FIGURE_PROMISE_KEPT:
                return part_of(share->kept, share->promised, out);
        case SK_FIGURE_RESPONSE_KEPT:
                return part_of(share->response_kept, share->response_promised, out);
        case SK_FIGURE_COMPLETED:
                return part_of(share->completed, share->closed, out);
        default:
                *out = (double)share->closed;
                return true;
        }
}

/* ---- which figure ---- */

sk_wanted sk_wanted_read(sk_slice raise, sk_arena *arena) {
        sk_wanted wanted = {.kind = SK_FIGURE_PROMISE_KEPT, .days = SK_EFFECT_DAYS};
        sk_slice data = sk_json_member(raise, "data");
        sk_slice figure = sk_slice_there(data) && sk_json_kind_of(data) == SK_JSON_OBJECT
                                  ? sk_json_member(data, "figure")
                                  : SK_NONE;
        int64_t days = SK_EFFECT_DAYS;
        if (!sk_slice_there(figure) || sk_json_kind_of(figure) != SK_JSON_OBJECT)
                return wanted;
        sk_slice of = sk_json_member_string(figure, "of", arena);
        sk_figure_kind kind = sk_slice_there(of) ? sk_figure_find(of) : SK_FIGURE_KINDS;
        if (kind == SK_FIGURE_KINDS)
                return wanted;
        (void)sk_json_member_int(figure, "over_days", 1, SK_FIGURE_DAYS_MAX, &days);
        wanted.is_said = true;
        wanted.kind = kind;
        wanted.days = (uint32_t)days;
        wanted.is_all = sk_slice_is(sk_json_member(figure, "all_facilities"), "true");
        sk_slice was = sk_json_member(figure, "was");
        char number[32] = "";
        if (sk_slice_there(was) && was.len < sizeof(number)) {
                memcpy(number, was.at, was.len);
                wanted.has_was = sk_json_kind_of(was) == SK_JSON_NUMBER;
                wanted.was = strtod(number, NULL);
        }
        return wanted;
}

/* ---- improvements ---- */

static sk_err keep(sk_report_effects *effects, const sk_figured *call) {
        if (effects->count == effects->room) {
                size_t room = effects->room == 0 ? 16 : 2 * effects->room;
                sk_improvement *at = sk_realloc(effects->at, room * sizeof(*at));
                if (at == NULL)
                        return SK_ERR_NO_MEMORY;
                effects->at = at;
                effects->room = room;
        }
        effects->at[effects->count++] = (sk_improvement){.id = call->id,
                                                         .team = sk_arena_copy(effects->arena, call->provider),
                                                         .facility = sk_arena_copy(effects->arena, call->facility),
                                                         .need = SK_SLICE(""),
                                                         .wanted = sk_wanted_read(SK_SLICE("{}"), NULL),
                                                         .workflow = call->workflow,
                                                         .opened_us = call->opened_us,
                                                         .closed_us = call->is_open ? 0 : call->closed_us,
                                                         .outcome = call->outcome};
        const sk_improvement *kept = &effects->at[effects->count - 1];
        return sk_slice_there(kept->team) && sk_slice_there(kept->facility) ? SK_OK : SK_ERR_NO_MEMORY;
}

sk_err sk_report_effects_add(void *self, const sk_figured *call) {
        sk_report_effects *effects = self;
        if (call->type == SK_RISK)
                return keep(effects, call);
        if (call->is_open)
                return SK_OK;
        sk_err err = count_day(effects, call, SK_SLICE(""));
        return err == SK_OK && call->facility.len > 0 ? count_day(effects, call, call->facility) : err;
}

/* Cut at a whole character. */
static sk_slice shortened(sk_slice text) {
        if (text.len > NEED_MAX) {
                text.len = NEED_MAX;
                while (text.len > 0 && ((unsigned char)text.at[text.len] & 0xc0) == 0x80)
                        text.len--;
        }
        return text;
}

/* What it was raised with; SK_NONE: the archive does not have it. */
static sk_slice raise_of(sk_slice archived, sk_arena *arena) {
        sk_slice sections = sk_json_member(archived, "sections");
        sk_slice name;
        sk_slice section;
        if (!sk_slice_there(sections) || sk_json_kind_of(sections) != SK_JSON_ARRAY)
                return SK_NONE;
        sk_json_walk walk = sk_json_walk_make(sections);
        while (sk_json_walk_next(&walk, &name, &section)) {
                sk_slice value = sk_json_member(section, "value");
                if (sk_slice_is(sk_json_member_string(section, "kind", arena), "raise") && sk_slice_there(value))
                        return value;
        }
        return SK_NONE;
}

sk_err sk_report_effects_need(sk_report_effects *effects, const sk_event_seen *archived) {
        if (!sk_slice_is(sk_json_member_string(archived->data, "type", effects->arena), "risk"))
                return SK_OK;
        sk_slice raise = raise_of(archived->data, effects->arena);
        sk_slice need = sk_slice_there(raise) ? sk_json_member_string(raise, "need", effects->arena) : SK_NONE;
        for (size_t i = 0; sk_slice_there(need) && i < effects->count; i++) {
                if (!sk_id_equal(&effects->at[i].id, &archived->id))
                        continue;
                effects->at[i].wanted = sk_wanted_read(raise, effects->arena);
                effects->at[i].need = sk_arena_copy(effects->arena, shortened(need));
                if (!sk_slice_there(effects->at[i].need))
                        return SK_ERR_NO_MEMORY;
        }
        return SK_OK;
}

/* ---- the end ---- */

static bool is_within(const sk_improvement *improvement, int64_t from_us, int64_t to_us) {
        int64_t end_us = improvement->closed_us == 0 ? INT64_MAX : improvement->closed_us;
        return improvement->opened_us < to_us && end_us >= from_us;
}

static int compare(const void *a, const void *b) {
        const sk_improvement *left = a;
        const sk_improvement *right = b;
        if (left->opened_us != right->opened_us)
                return left->opened_us < right->opened_us ? -1 : 1;
        return memcmp(left->id.bytes, right->id.bytes, sizeof(left->id.bytes));
}

void sk_report_effects_end(sk_report_effects *effects, int64_t from_us, int64_t to_us) {
        size_t kept = 0;
        for (size_t i = 0; i < effects->count; i++) {
                sk_improvement *improvement = &effects->at[i];
                int64_t begin = day_of(improvement->opened_us);
                int64_t end = day_of(improvement->closed_us);
                if (!is_within(improvement, from_us, to_us))
                        continue;
                improvement->before = share_of(effects, improvement, begin - improvement->wanted.days, begin);
                if (improvement->closed_us != 0)
                        improvement->after =
                                share_of(effects, improvement, end + 1, end + 1 + improvement->wanted.days);
                effects->at[kept++] = *improvement;
        }
        effects->count = kept;
        if (kept > 1)
                qsort(effects->at, kept, sizeof(*effects->at), compare);
}

size_t sk_report_effects_count(const sk_report_effects *effects) {
        return effects->count;
}

const sk_improvement *sk_report_effects_at(const sk_report_effects *effects, size_t index) {
        assert(index < effects->count);
        return &effects->at[index];
}
