/*
 * What heads say of time, held against what they know: no clock runs while it stands, and late is said before the promise
 * breaks if anybody has said that it will.
 */

#include "simulation/sim.h"

#include "link/call.h"

static void fail(sim *s, const sim_call *call, const char *what) {
        sim_fail(s, "%s: call %s in %s", what, call->id_text, s->teams[call->team].name);
}

/* The end of the running visit, and of what went onward, as far as somebody has said it; 0: nobody has. */
static int64_t said_end_us(const sk_call *head) {
        int64_t end_us = 0;
        bool is_said = head->visit.said_us > head->clock_changed_us;

        if (is_said)
                end_us = head->visit.said_us;
        for (unsigned i = 0; i < head->ask_count; i++) {
                const sk_ask *ask = &head->asks[i];
                int64_t said_us = ask->forecast_us != 0 ? ask->forecast_us : ask->promised_us;
                bool is_awaited = ask->visit == head->visit.number && head->visit.how == SK_HOW_DELEGATE;

                if (((is_awaited && !is_said) || ask->is_onward) && ask->standing != SK_CLOSED && said_us > end_us)
                        end_us = said_us;
        }
        return end_us;
}

/*
 * Nothing is due while the clock stands but what it asked. As long as late was not said nobody has said that it will be, and
 * the call is looked at before its promise breaks, or was due for it already.
 */
void sim_check_clock(sim *s, const sim_call *call) {
        sk_call head;

        if (sk_call_decode((sk_slice){call->head, call->head_len}, &head) != SK_OK || head.is_ask)
                return;
        if (head.clock_stands && head.timer_us != head.question_until_us)
                fail(s, call, "no clock runs while it is stopped");
        if (head.resolve_by_us == 0 || head.late_us != 0 || head.clock_stands || head.visit.number == 0 ||
            head.standing == SK_WITHDRAWING)
                return;
        const sk_hours *hours = sk_edition_hours(s->editions[0], head.calendar);
        int64_t due_us = sk_call_due_us(&head, hours, head.clock_changed_us);
        if (head.timer_us == 0 || head.timer_us > due_us)
                fail(s, call, "late is said in time: nobody looks before the promise breaks");
        if (said_end_us(&head) > due_us)
                fail(s, call, "late is said in time: it is known, and the customer is not told");
}
