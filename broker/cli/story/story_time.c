/*
 * Where the time of a call went, through the calls that it waited for.
 */
#include <assert.h>

#include "cli/story/story.h"
#include "event/envelope.h"

#define DEEPEST (SK_HOPS_MAX + 2)

/** One sum being made. */
typedef struct summing {
        const sk_story *story;
        const sk_story_call *top;
        sk_story_sums *sums;
} summing;

static int64_t later(int64_t a, int64_t b) {
        return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b) {
        return a < b ? a : b;
}

static void add(const summing *sum, sk_slice team, sk_spell_kind kind, bool is_stopped, int64_t time_us) {
        sk_story_sums *sums = sum->sums;
        if (time_us <= 0)
                return;
        for (size_t i = 0; i < sums->count; i++) {
                sk_story_share *share = &sums->shares[i];
                if (share->kind == kind && share->is_stopped == is_stopped && sk_slice_equal(share->team, team)) {
                        share->time_us += time_us;
                        return;
                }
        }
        if (sums->count == SK_STORY_SHARES) {
                sums->shares[0].time_us += time_us;
                return;
        }
        sums->shares[sums->count++] =
                (sk_story_share){.team = team, .kind = kind, .is_stopped = is_stopped, .time_us = time_us};
}

static void add_link(const summing *sum, int64_t time_us) {
        add(sum, SK_SLICE(""), SK_SPELL_LINK, false, time_us);
}

/* Among the asks that are open throughout, the one that all have to wait for. */
static const sk_story_ask *last_of(const sk_story_call *call, int64_t from_us, int64_t to_us) {
        const sk_story_ask *last = NULL;
        for (size_t i = 0; i < call->ask_count; i++) {
                const sk_story_ask *ask = &call->asks[i];
                if (ask->awaited_us > from_us || (ask->ended_us != 0 && ask->ended_us < to_us))
                        continue;
                if (last == NULL || (last->ended_us != 0 && (ask->ended_us == 0 || ask->ended_us > last->ended_us)))
                        last = ask;
        }
        return last;
}

static void sum_call(const summing *sum, const sk_story_call *call, int64_t from_us, int64_t to_us, unsigned depth);

static void sum_asks(const summing *sum, const sk_story_call *call, int64_t from_us, int64_t to_us, unsigned depth) {
        const sk_story_ask *ask = last_of(call, from_us, to_us);
        const sk_story_call *asked = NULL;
        if (ask != NULL && depth < DEEPEST)
                asked = sk_story_find(sum->story, &ask->id, ask->team, false);
        if (ask == NULL)
                add_link(sum, to_us - from_us);
        else if (asked == NULL)
                add(sum, ask->team, SK_SPELL_UNSEEN, false, to_us - from_us);
        else
                sum_call(sum, asked, from_us, to_us, depth + 1);
}

static void sum_spell(const summing *sum, const sk_story_call *call, const sk_story_spell *spell, int64_t from_us,
                      int64_t to_us, unsigned depth) {
        switch (spell->kind) {
        case SK_SPELL_ASKS:
                sum_asks(sum, call, from_us, to_us, depth);
                return;
        case SK_SPELL_CUSTOMER:
                add(sum, call->customer, spell->kind, call == sum->top, to_us - from_us);
                return;
        case SK_SPELL_LINK:
                add_link(sum, to_us - from_us);
                return;
        default:
                add(sum, sk_team_name(call->team), spell->kind, false, to_us - from_us);
        }
}

/* What no spell of the call covers was spent on the way to it or back. */
static void sum_call(const summing *sum, const sk_story_call *call, int64_t from_us, int64_t to_us, unsigned depth) {
        int64_t covered_us = 0;
        for (size_t i = 0; i < call->spell_count; i++) {
                const sk_story_spell *spell = &call->spells[i];
                int64_t begin_us = later(from_us, spell->from_us);
                int64_t end_us = earlier(to_us, spell->to_us);
                if (begin_us >= end_us)
                        continue;
                sum_spell(sum, call, spell, begin_us, end_us, depth);
                covered_us += end_us - begin_us;
        }
        add_link(sum, to_us - from_us - covered_us);
}

/* The call whose promise it is about: the one that the customer's record led to. */
static const sk_story_call *top_of(const sk_story *story, const sk_story_call *call) {
        if (!call->is_ask || call->ask_count == 0)
                return call;
        const sk_story_ask *ask = &call->asks[call->ask_count - 1];
        const sk_story_call *asked = sk_story_find(story, &ask->id, ask->team, false);
        return asked == NULL ? call : asked;
}

void sk_story_sum(const sk_story *story, const sk_story_call *call, sk_story_sums *out) {
        summing sum = {.story = story, .top = top_of(story, call), .sums = out};
        *out = (sk_story_sums){.count = 1, .from_us = call->first_us};
        out->shares[0] = (sk_story_share){.team = SK_SLICE(""), .kind = SK_SPELL_LINK};
        out->to_us = later(call->first_us, call->closed_us != 0 ? call->closed_us : story->now_us);
        sum_call(&sum, call, out->from_us, out->to_us, 0);
}

int64_t sk_story_step_time(const sk_story_call *call, size_t step, sk_spell_kind kind) {
        int64_t time_us = 0;
        for (size_t i = 0; i < call->spell_count; i++) {
                const sk_story_spell *spell = &call->spells[i];
                if (spell->step == step && spell->kind == kind)
                        time_us += spell->to_us - spell->from_us;
        }
        return time_us;
}
