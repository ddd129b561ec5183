#include <assert.h>

#include "link/mutation.h"
#include "link/spent.h"
#include "link/stepping.h"
#include "usm/steering.h"

/*
 * What becomes due in a call while nobody says anything. Each kind of timer is two functions of the call as it stands:
 * when it is due next, and what is done then, which moves it on. The head keeps the earliest of them; nothing else has to
 * be remembered, and nothing can be forgotten over a restart.
 */

enum { ROUNDS_MAX = 64 };

typedef struct timer {
        int64_t (*due_us)(const sk_stepping *s); /* 0: not */
        void (*act)(sk_stepping *s);
} timer;

/* ---- a question that was not answered in time ---- */

static int64_t question_due_us(const sk_stepping *s) {
        assert(s->call.question_then < SK_LAPSES);
        return s->call.question != 0 ? s->call.question_until_us : 0;
}

static void tell_lapsed(sk_stepping *s, uint32_t question) {
        assert(question != 0);
        sk_json_put_int(sk_feedback_begin(s, SK_FEEDBACK_PROGRESS), "lapsed", question);
        sk_feedback_end(s);
}

static void question_lapses(sk_stepping *s) {
        uint32_t question = s->call.question;
        sk_lapse then = s->call.question_then;

        assert(question != 0);
        assert(s->call.visit.number != 0);
        sk_question_drop(s);
        assert(s->call.question == 0);
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_ANSWERED);
        sk_json_put_int(w, "question", question);
        sk_json_put_cstr(w, "code", "lapsed");
        sk_json_put_cstr(w, "then", sk_lapse_id(then));
        sk_event_end(s);
        s->call.is_unanswered = then == SK_LAPSE_WITHDRAW;
        if (then == SK_LAPSE_WITHDRAW && sk_customer_withdraws(s) == NULL) {
                return;
        }
        s->call.is_unanswered = false;
        tell_lapsed(s, question);
        if (then != SK_LAPSE_GO_ON) {
                sk_visit_escalate(s, "no-answer");
        }
}

/* ---- an offer that was not decided in time: as if it had been refused ---- */

static int64_t offer_due_us(const sk_stepping *s) {
        return s->call.offer != 0 ? s->call.question_until_us : 0;
}

/* ---- what takes long ---- */

/** When so much has been spent; 0: not as the clock stands. */
static int64_t spent_due_us(const sk_stepping *s, int64_t spent_us) {
        if ((s->call.clock_stands && !SK_MUTATED(CLOCK)) || s->call.standing == SK_WITHDRAWING) {
                return 0;
        }
        return sk_spent_moment(&s->call, sk_step_hours(s), spent_us, s->context->now_us);
}

static void note_escalated_to(sk_call *call, bool is_manager) {
        uint8_t to = is_manager ? 2 : 1;

        call->escalated_to = call->escalated_to > to ? call->escalated_to : to;
        assert(call->escalated_to <= 2);
}

static int64_t visit_due_us(const sk_stepping *s) {
        const sk_visit *visit = &s->call.visit;

        return visit->number == 0 || visit->timeout_us == 0 ? 0 : spent_due_us(s, visit->began_us + visit->timeout_us);
}

/** Nothing is taken out of anybody's hands, and nothing is asked for twice: somebody has to look. */
static void visit_takes_long(sk_stepping *s) {
        assert(s->call.visit.timeout_us != 0);
        assert(s->call.visit.number != 0);
        s->call.visit.timeout_us = 0;
        note_escalated_to(&s->call, false);
        sk_visit_report_escalated(s, "timeout");
}

/* ---- steps of escalation ---- */

/** The promise under way: first the response, then the end. */
static int64_t promise_of(const sk_call *call) {
        return call->accepted_us == 0 ? call->respond_by_us : call->resolve_by_us;
}

static int64_t escalation_due_us(const sk_stepping *s) {
        size_t count = 0;
        const sk_escalation *steps = sk_team_escalation(s->context->team, &count);
        int64_t by_us = promise_of(&s->call);

        assert(count <= SK_ESCALATIONS_MAX);
        if (by_us == 0 || s->call.escalated >= count) {
                return 0;
        }
        int64_t within_us = sk_spent_within(&s->call, sk_step_hours(s), by_us);
        return spent_due_us(s, within_us / 100 * steps[s->call.escalated].percent);
}

static void escalate(sk_stepping *s) {
        size_t count = 0;
        const sk_escalation *steps = sk_team_escalation(s->context->team, &count);
        const sk_escalation *step = &steps[s->call.escalated];
        sk_process process = sk_call_top(&s->call)->process;

        assert(s->call.escalated < count);
        s->call.escalated++;
        note_escalated_to(&s->call, step->is_manager);
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_ESCALATED);
        sk_event_put_place(s, w);
        sk_json_put_cstr(w, "code", s->call.accepted_us == 0 ? "respond" : "resolve");
        sk_json_put_int(w, "percent", step->percent);
        sk_json_put_text(w, "profile",
                         step->is_manager ? sk_team_manager(s->context->team)
                                          : sk_team_coordinator(s->context->team, process));
        sk_event_end(s);
}

/* ---- all of them ---- */

static const timer timers[] = {
        {question_due_us, question_lapses}, {offer_due_us, sk_offer_lapses}, {sk_effect_due_us, sk_effect_is_due},
        {visit_due_us, visit_takes_long},   {escalation_due_us, escalate},
};

enum { TIMERS = sizeof timers / sizeof timers[0] };

static const timer *first_of(const sk_stepping *s, int64_t *out_due_us) {
        const timer *first = NULL;

        *out_due_us = 0;
        for (size_t i = 0; i < TIMERS; i++) {
                int64_t due_us = timers[i].due_us(s);
                if (due_us != 0 && (first == NULL || due_us < *out_due_us)) {
                        first = &timers[i];
                        *out_due_us = due_us;
                }
        }
        assert((first == NULL) == (*out_due_us == 0));
        return first;
}

int64_t sk_timer_next_us(const sk_stepping *s) {
        int64_t due_us = 0;

        assert(!s->is_closed);
        if (s->call.is_ask) {
                return 0;
        }
        (void)first_of(s, &due_us);
        int64_t late_us = sk_late_next_us(s);
        return due_us == 0 || (late_us != 0 && late_us < due_us) ? late_us : due_us;
}

void sk_step_timer(sk_stepping *s) {
        assert(s->input->kind == SK_INPUT_TIMER);
        int64_t due_us;

        assert(s->before->known == SK_KNOWN_OPEN);
        assert(s->input->deadline_us <= s->context->now_us);
        s->call_changed = true; /* whatever was due, the head says from now on what is due next */
        for (unsigned rounds = 0; !s->is_closed && s->out->err == SK_OK; rounds++) {
                const timer *first = first_of(s, &due_us);
                if (first == NULL || due_us > s->context->now_us) {
                        return;
                }
                assert(rounds < ROUNDS_MAX);
                s->at_us = due_us;
                first->act(s);
        }
}
