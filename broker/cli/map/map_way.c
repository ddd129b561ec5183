/*
 * The way of one call, from what its events tell.
 */
#include "cli/map/map_way.h"

/** While it is gathered. */
typedef struct walking {
        sk_cli *cli;
        const sk_story *story;
        const sk_story_call *first;
        sk_subway_stop *stops;
        size_t count;
} walking;

#define DEEPEST 8u

static sk_slice kept(sk_cli *cli, const char *text) {
        sk_slice copy = sk_arena_copy(sk_cli_arena(cli), sk_slice_of(text));
        return sk_slice_there(copy) ? copy : SK_SLICE("");
}

/* A person if one had it; else how it was done. */
static sk_slice who_of(const sk_story_step *step) {
        if (step->actor.len > 0)
                return step->actor;
        if (sk_slice_is(step->how, "manual"))
                return step->profile;
        return step->how.len > 0 ? step->how : step->rule;
}

static bool is_now(const sk_story_call *call, size_t index) {
        return call->closed_us == 0 && call->current == index && call->steps[index].ended_us == 0;
}

static void add_step(walking *walk, const sk_story_call *call, size_t index) {
        const sk_story_step *step = &call->steps[index];
        sk_subway_stop *stop = &walk->stops[walk->count];
        sk_subway_station station;
        if (walk->count == SK_MAP_STOPS_MAX || !sk_subway_find(step->activity, &station))
                return;
        int64_t end_us = step->ended_us != 0 ? step->ended_us : walk->story->now_us;
        bool is_other = call != walk->first;
        *stop = (sk_subway_stop){.station = station,
                                 .is_here = is_now(call, index),
                                 .is_skipped = step->kind == SK_STORY_SKIPPED,
                                 .to = step->target.len > 0 ? sk_process_find(step->target) : SK_PROCESSES,
                                 .team = is_other ? sk_team_name(call->team) : SK_SLICE(""),
                                 .who = who_of(step),
                                 .when = kept(walk->cli, sk_cli_when(walk->cli, step->entered_us)),
                                 .took = kept(walk->cli, sk_cli_long(walk->cli, end_us - step->entered_us))};
        if (stop->is_skipped)
                stop->took = SK_SLICE("");
        walk->count++;
}

/* Where a cut hands over to another link, the call goes on there. */
static void walk_call(walking *walk, const sk_story_call *call, unsigned depth) {
        for (size_t i = 0; i < call->step_count; i++) {
                add_step(walk, call, i);
                for (size_t n = 0; n < call->ask_count && call->steps[i].kind == SK_STORY_CUT && depth < DEEPEST; n++) {
                        const sk_story_ask *ask = &call->asks[n];
                        const sk_story_call *next =
                                ask->step == i ? sk_story_find(walk->story, &ask->id, ask->team, false) : NULL;
                        if (next != NULL && next != call)
                                walk_call(walk, next, depth + 1);
                }
        }
}

/* Who waits at a cut for another link is where that link is. */
static void leave_only_last(walking *walk) {
        bool is_found = false;
        for (size_t i = walk->count; i > 0; i--) {
                sk_subway_stop *stop = &walk->stops[i - 1];
                stop->is_here = stop->is_here && !is_found;
                is_found = is_found || stop->is_here;
        }
}

const sk_subway_stop *sk_map_way(sk_cli *cli, const sk_story *story, const sk_story_call *call, size_t *out_count) {
        walking walk = {.cli = cli,
                        .story = story,
                        .first = call,
                        .stops = sk_arena_get(sk_cli_arena(cli), SK_MAP_STOPS_MAX * sizeof(*walk.stops))};
        if (walk.stops == NULL)
                return NULL;
        walk_call(&walk, call, 0);
        leave_only_last(&walk);
        *out_count = walk.count;
        return walk.stops;
}
