#include <assert.h>

#include "link/spent.h"
#include "link/stepping.h"

/*
 * How long it takes: the running visit, and everything behind it. What is usual comes from what the same activities have
 * taken, the routine's estimate until there are enough of them; where neither says anything, nothing is assumed.
 */

static sk_usual usual_of(const sk_stepping *s, const sk_duration_key *key, int64_t estimate_us) {
        assert(estimate_us >= 0);
        sk_usual usual = {estimate_us, estimate_us};

        if (s->context->durations != NULL) {
                (void)sk_durations_usual(s->context->durations, key, &usual);
        }
        assert(usual.median_us <= usual.p90_us);
        return usual;
}

static sk_usual usual_of_activity(const sk_stepping *s, const sk_selection *selection, const sk_activity *activity) {
        assert(activity != NULL);
        sk_way way;
        sk_duration_key key = {.activity = activity->number};

        sk_team_way(s->context->team, selection, activity, &way, &key.routine);
        return way.how == SK_HOW_AUTO ? (sk_usual){0, 0} : usual_of(s, &key, way.times.estimate_us);
}

/** From the question at the cut to the feedback of what it triggers. */
static sk_usual usual_of_cut(const sk_stepping *s, const sk_selection *selection, sk_process process) {
        assert(process < SK_PROCESSES);
        sk_cut_way way;
        sk_slice routine;
        sk_duration_key key = {SK_SLICE(""), (uint16_t)(SK_DURATIONS_CUT + process)};

        sk_team_cut_way(s->context->team, selection, process, &way, &routine);
        return usual_of(s, &key, way.times.estimate_us);
}

/** What the frame has to do yet, behind the step at which it stands. */
static int64_t rest_of_frame(const sk_stepping *s, const sk_selection *selection, const sk_frame *frame) {
        const sk_process_info *info = sk_process_get(frame->process);
        bool is_cut_ahead = frame->step != SK_AT_CUT && frame->step < info->before_cut && info->may_trigger != 0;
        unsigned next = frame->step == SK_AT_CUT ? info->before_cut : frame->step + 1u;
        int64_t rest_us = is_cut_ahead ? usual_of_cut(s, selection, frame->process).median_us : 0;

        for (unsigned i = next; i < info->count; i++) {
                rest_us += usual_of_activity(s, selection, &info->activities[i]).median_us;
        }
        assert(rest_us >= 0);
        return rest_us;
}

void sk_visit_estimate(sk_stepping *s) {
        sk_visit *visit = &s->call.visit;

        if (visit->number == 0 || visit->rest_us >= 0 || s->call.resolve_by_us == 0) {
                return;
        }
        sk_selection selection = sk_step_selection(s);
        const sk_frame *top = sk_call_top(&s->call);
        const sk_activity *activity = sk_frame_activity(top);
        sk_usual usual = activity == NULL ? usual_of_cut(s, &selection, top->process)
                                          : usual_of_activity(s, &selection, activity);
        visit->usual_us = usual.median_us;
        visit->long_us = usual.p90_us > usual.median_us ? usual.p90_us : usual.median_us;
        visit->rest_us = 0;
        for (unsigned i = 0; i < s->call.frame_count; i++) {
                visit->rest_us += rest_of_frame(s, &selection, &s->call.frames[i]);
        }
        s->call_changed = true;
        assert(visit->rest_us >= 0);
        assert(visit->long_us >= visit->usual_us);
}

int64_t sk_spent_now(const sk_stepping *s) {
        return sk_spent_by(&s->call, sk_step_hours(s), s->context->now_us);
}

void sk_duration_note(sk_stepping *s, sk_slice routine, uint16_t number, int64_t began_us) {
        sk_after *after = s->after;

        assert(after->duration_count <= SK_STEP_DURATIONS_MAX);
        if (after->duration_count == SK_STEP_DURATIONS_MAX) {
                return;
        }
        after->durations[after->duration_count++] =
                (sk_duration){.key = {sk_step_keep(s, routine), number}, .duration_us = sk_spent_now(s) - began_us};
}

int64_t sk_visit_due_us(sk_stepping *s) {
        sk_visit *visit = &s->call.visit;

        sk_visit_estimate(s);
        if (s->call.resolve_by_us == 0) {
                return 0;
        }
        assert(visit->rest_us >= 0 || visit->number == 0);
        int64_t spent_us = sk_spent_now(s);
        int64_t left_us = sk_spent_within(&s->call, sk_step_hours(s), s->call.resolve_by_us) - visit->rest_us;
        return sk_spent_moment(&s->call, sk_step_hours(s), left_us > spent_us ? left_us : spent_us, s->context->now_us);
}
