#include <assert.h>

#include "link/mutation.h"
#include "link/stepping.h"

/*
 * What only goes onward (`"wait": false`): the visit that delegates ends when its asks are sent, and the call goes on. Its
 * close waits for them (rule C6): before it is entered a visit of its own takes over what is open still, or has ended
 * otherwise than completed. From there on that is a delegation like any other: it ends when the last ask does, or becomes
 * the coordinator's task.
 *
 *     delegate, wait: false ──> asks sent, visit ended ──> ... ──> close: waiting ──> close
 *                                                                     └──> the coordinator's ──^
 */

/** Whether somebody has to wait for it, or to look at it; nobody looks at what a withdrawn call has not got. */
static bool is_left(const sk_call *call, const sk_ask *ask) {
        assert(call->ask_count > 0);
        bool is_vain = ask->outcome != SK_COMPLETED && call->standing != SK_WITHDRAWING;

        return ask->is_onward && (ask->standing != SK_CLOSED || is_vain);
}

bool sk_onward_is_awaited(const sk_stepping *s, const sk_activity *activity) {
        const sk_call *call = &s->call;

        assert(call->visit.number == 0);
        if (activity->name != SK_CLOSE || call->frame_count > 1 || SK_MUTATED(C6)) {
                return false;
        }
        for (unsigned i = 0; i < call->ask_count; i++) {
                if (is_left(call, &call->asks[i])) {
                        return true;
                }
        }
        return false;
}

/** From now on they are asks of the running visit, as many as one has; their ids stay what they are. What is more than that
 * waits for the next one. */
static void take_over(sk_call *call) {
        uint8_t count = 0;

        assert(call->visit.is_waiting);
        for (unsigned i = 0; i < call->ask_count && count < SK_TARGETS_MAX; i++) {
                sk_ask *ask = &call->asks[i];
                if (is_left(call, ask)) {
                        ask->is_onward = false;
                        ask->visit = call->visit.number;
                        ask->target = count++;
                        ask->try_number = 1;
                }
        }
        assert(count > 0);
}

void sk_onward_wait(sk_stepping *s, const sk_activity *activity) {
        sk_selection selection = sk_step_selection(s);
        sk_way way;
        sk_slice routine;

        assert(sk_onward_is_awaited(s, activity));
        sk_team_way(s->context->team, &selection, activity, &way, &routine);
        way.how = SK_HOW_DELEGATE;
        way.times = (sk_times){0};
        sk_visit_begin(s, &way, routine, true);
        take_over(&s->call);
        if (s->call.standing == SK_WITHDRAWING) { /* by one who came while the close of a frame was under way */
                (void)sk_asks_withdraw(s);
        }
        if (!sk_visit_has_open_asks(&s->call)) {
                sk_vain_escalate(s, "onward-failed");
        }
}
