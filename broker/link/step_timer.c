#include <assert.h>

#include "link/stepping.h"

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
        return s->call.question != 0 ? s->call.question_until_us : 0;
}

static void tell_lapsed(sk_stepping *s, uint32_t question) {
        sk_json_put_int(sk_feedback_begin(s, SK_FEEDBACK_PROGRESS), "lapsed", question);
        sk_feedback_end(s);
}

static void question_lapses(sk_stepping *s) {
        uint32_t question = s->call.question;
        sk_lapse then = s->call.question_then;

        assert(question != 0 && s->call.visit.number != 0);
        sk_question_drop(s);
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

/* ---- all of them ---- */

static const timer timers[] = {
        {question_due_us, question_lapses},
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
        return first;
}

int64_t sk_timer_next_us(const sk_stepping *s) {
        int64_t due_us;

        assert(!s->is_closed);
        return s->call.is_ask || first_of(s, &due_us) == NULL ? 0 : due_us;
}

void sk_step_timer(sk_stepping *s) {
        int64_t due_us;

        assert(s->before->known == SK_KNOWN_OPEN && s->input->deadline_us <= s->context->now_us);
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
