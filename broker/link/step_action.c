#include <assert.h>

#include "link/stepping.h"

/*
 * An activity whose how is a list of actions: one is done after the other, each in a visit of its own, but for those that are
 * not for the call as it stands.
 */

/** The first action of a list from there on that is for the call as it stands; the count: there is none. */
static unsigned next_action(sk_stepping *s, const sk_way *way, unsigned from) {
        assert(way->action_count <= SK_ACTIONS_MAX);
        while (from < way->action_count && !sk_action_is_for(s, way->actions[from].when)) {
                from++;
        }
        return from;
}

void sk_action_take(sk_stepping *s, sk_way *way) {
        sk_frame *frame = sk_call_top(&s->call);
        unsigned count = way->action_count;
        unsigned at = next_action(s, way, frame->action);

        if (count == 0) {
                frame->action = 0;
                return;
        }
        bool is_none = at >= count && frame->action == 0;
        frame->action = (uint8_t)(is_none ? 0 : at < count ? at : count - 1);
        sk_way_action(way, frame->action, way);
        if (is_none) { /* none is for this call: nothing is to be done */
                way->how = SK_HOW_AUTO;
                way->result = SK_NONE;
        }
        assert(frame->action < SK_ACTIONS_MAX);
}

bool sk_action_has_next(sk_stepping *s, const sk_activity *activity) {
        assert(s->call.visit.number != 0);
        sk_selection selection = sk_step_selection(s);
        sk_way way;
        sk_slice routine;

        sk_team_way(s->context->team, &selection, activity, &way, &routine);
        return next_action(s, &way, sk_call_top(&s->call)->action + 1u) < way.action_count;
}
