#include <assert.h>

#include "link/mutation.h"
#include "link/spent.h"
#include "link/stepping.h"

/*
 * Late is said before it is too late. After each step the call's end is forecast: the end of the running visit, which a
 * supplier or a person has said or which is usual, and what is to be done behind it. When that passes the promise the
 * customer is told, with the reason; again only when it changes by more than a tenth of the time from opening to end.
 *
 * All of it is reckoned in time spent (link/spent.h), in which the promise is a number and time that stands does not count.
 */

enum { REASON_MAX = 2000, OWN = 0xff };

typedef struct forecast {
        int64_t now_us;    /* spent by now */
        int64_t within_us; /* promised */
        int64_t visit_us;  /* end of the running visit; not before now */
        int64_t end_us;    /* of the call */
        const sk_ask *ask; /* whose supplier decides; NULL */
        bool is_said;      /* by a person */
} forecast;

/* ---- the end of the running visit ---- */

/** Time spent by a moment that somebody has named, if the clock runs from now on. */
static int64_t spent_then(const sk_stepping *s, int64_t at_us) {
        return sk_spent_now(s) + sk_hours_between(sk_step_hours(s), s->context->now_us, at_us);
}

/** When the supplier is ready, as it has said; 0: it has not. */
static int64_t said_by(const sk_ask *ask) {
        assert(ask->standing != SK_CLOSED);
        return ask->forecast_us != 0 ? ask->forecast_us : ask->promised_us;
}

static int64_t usual_end(const sk_visit *visit, int64_t now_us) {
        if (visit->began_us + visit->usual_us > now_us) {
                return visit->began_us + visit->usual_us;
        }
        return visit->began_us + visit->long_us > now_us ? visit->began_us + visit->long_us : now_us;
}

/** The latest of the suppliers that the visit waits for; one that has said nothing takes as long as is usual. */
static void ask_suppliers(const sk_stepping *s, forecast *out) {
        const sk_visit *visit = &s->call.visit;

        assert(visit->how == SK_HOW_DELEGATE);
        for (unsigned i = 0; i < s->call.ask_count; i++) {
                const sk_ask *ask = &s->call.asks[i];
                if (ask->visit != visit->number || ask->standing == SK_CLOSED) {
                        continue;
                }
                int64_t said_us = said_by(ask);
                int64_t end_us = said_us == 0 ? usual_end(visit, out->now_us) : spent_then(s, said_us);
                if (end_us > out->visit_us) {
                        out->visit_us = end_us;
                        out->ask = said_us == 0 ? NULL : ask;
                }
        }
        assert(out->visit_us >= out->now_us);
}

/** What has gone onward is to be in before the call closes, whatever is done meanwhile. */
static void ask_onward(const sk_stepping *s, forecast *out) {
        assert(out->end_us >= out->visit_us);
        for (unsigned i = 0; i < s->call.ask_count; i++) {
                const sk_ask *ask = &s->call.asks[i];
                if (!ask->is_onward || ask->standing == SK_CLOSED || said_by(ask) == 0) {
                        continue;
                }
                int64_t end_us = spent_then(s, said_by(ask));
                if (end_us > out->end_us) {
                        out->end_us = end_us;
                        out->ask = ask;
                        out->is_said = false;
                }
        }
}

static forecast forecast_of(const sk_stepping *s) {
        const sk_visit *visit = &s->call.visit;
        forecast out = {.now_us = sk_spent_now(s),
                        .within_us = sk_spent_within(&s->call, sk_step_hours(s), s->call.resolve_by_us)};

        assert(visit->number != 0);
        assert(visit->rest_us >= 0);
        out.visit_us = out.now_us;
        if (visit->said_us > s->context->now_us) {
                out.visit_us = spent_then(s, visit->said_us);
                out.is_said = true;
        } else if (visit->how == SK_HOW_DELEGATE) {
                ask_suppliers(s, &out);
        } else {
                out.visit_us = usual_end(visit, out.now_us);
        }
        out.end_us = out.visit_us + visit->rest_us;
        ask_onward(s, &out);
        return out;
}

/** A visit of which nobody knows the end can end now; then the promise is passed when no time is left. */
static bool is_late(const forecast *of) {
        return of->end_us > of->within_us || (of->visit_us == of->now_us && of->end_us == of->within_us);
}

static bool is_to_be_said(const sk_stepping *s, const forecast *of) {
        int64_t said_us = s->call.late_us;
        int64_t change_us = of->end_us > said_us ? of->end_us - said_us : said_us - of->end_us;

        return said_us == 0 ? is_late(of) : change_us > said_us / 10;
}

/* ---- saying it ---- */

static sk_slice reason_kept(const sk_stepping *s, uint8_t index) {
        sk_section section;
        bool is_there = sk_data_find(sk_data_now(s), SK_SECTION_LATE, index, &section);

        return is_there ? sk_json_member_string(section.bytes, "reason", s->context->arena) : SK_NONE;
}

/** In words, for the customer: no names of who else is in the chain. */
static sk_slice reason_of(const sk_stepping *s, const forecast *of) {
        sk_slice said = of->is_said       ? reason_kept(s, OWN)
                        : of->ask != NULL ? reason_kept(s, sk_ask_index(&s->call, of->ask))
                                          : SK_NONE;

        if (said.len > 0) {
                return said;
        }
        if (of->ask != NULL) {
                return SK_SLICE("a supplier needs longer");
        }
        return of->visit_us == of->now_us ? SK_SLICE("it takes longer than usual")
                                          : SK_SLICE("what is to be done takes longer than is left");
}

static const char *code_of(const forecast *of) {
        assert(of->ask == NULL || !of->is_said);
        if (of->ask != NULL) {
                return "supplier";
        }
        return of->is_said ? "said" : of->visit_us == of->now_us ? "overdue" : "estimate";
}

static void report_late(sk_stepping *s, const forecast *of, int64_t forecast_us) {
        assert(forecast_us != 0);
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_LATE);

        sk_event_put_place(s, w);
        sk_json_put_cstr(w, "code", code_of(of));
        sk_json_put_time(w, "forecast", forecast_us);
        sk_json_put_time(w, "due", sk_call_due_us(&s->call, sk_step_hours(s), s->context->now_us));
        if (of->ask != NULL) {
                sk_json_put_id(w, "ask", &of->ask->id);
                sk_json_put_text(w, "team", of->ask->provider);
        }
        sk_event_end(s);
}

static void say(sk_stepping *s, const forecast *of) {
        sk_slice reason = sk_step_keep(s, reason_of(s, of));

        assert(of->end_us >= 0);
        s->call.late_us =
                of->end_us > 0 ? of->end_us : 1; /* good news in the first moment: 0 would be that nothing was said */
        int64_t forecast_us = sk_late_forecast_us(s);
        if (forecast_us == 0) {
                return;
        }
        report_late(s, of, forecast_us);
        sk_json_writer *w = sk_feedback_begin(s, SK_FEEDBACK_LATE);
        sk_json_put_time(w, "forecast", forecast_us);
        sk_json_put_text(w, "reason", reason);
        sk_feedback_end(s);
        assert(s->call.late_us > 0);
}

int64_t sk_late_forecast_us(const sk_stepping *s) {
        if (s->call.late_us == 0) {
                return 0;
        }
        return sk_spent_moment(&s->call, sk_step_hours(s), s->call.late_us, s->context->now_us);
}

static bool is_forecast(const sk_stepping *s) {
        const sk_call *call = &s->call;

        return !s->is_closed && !call->is_ask && call->resolve_by_us != 0 && call->visit.number != 0 &&
               call->standing != SK_WITHDRAWING;
}

void sk_late_look(sk_stepping *s) {
        if (!is_forecast(s) || SK_MUTATED(FORECAST)) {
                return;
        }
        sk_visit_estimate(s);
        forecast of = forecast_of(s);
        if (is_to_be_said(s, &of)) {
                say(s, &of);
        }
}

/** By which time spent the forecast changes by itself: when the visit passes its end, or when what is left is too little. */
int64_t sk_late_next_us(const sk_stepping *s) {
        if (!is_forecast(s) || s->call.clock_stands || s->call.visit.rest_us < 0 || SK_MUTATED(LATE)) {
                return 0;
        }
        forecast of = forecast_of(s);
        int64_t limit_us = s->call.late_us == 0 ? of.within_us : s->call.late_us + s->call.late_us / 10 + 1;
        int64_t next_us = limit_us - s->call.visit.rest_us;
        if (of.visit_us > of.now_us && (of.visit_us < next_us || next_us <= of.now_us)) {
                next_us = of.visit_us;
        }
        return next_us <= of.now_us ? 0 : sk_spent_moment(&s->call, sk_step_hours(s), next_us, s->context->now_us);
}

/* ---- what others say ---- */

static void keep_reason(sk_stepping *s, uint8_t index, sk_slice reason) {
        assert(index < SK_ASKS_MAX || index == OWN);
        sk_buf *scratch = &s->out->value;
        sk_json_writer w = sk_json_writer_make(scratch);

        assert(scratch->len == 0);
        sk_data_remove(s, SK_SECTION_LATE, index);
        if (reason.len == 0) {
                return;
        }
        sk_json_open_object(&w, NULL);
        sk_json_put_text(&w, "reason", sk_step_shorten(reason, REASON_MAX));
        sk_json_close_object(&w);
        if (sk_data_has_room(s, scratch->len, SK_DATA_SENT_MAX)) {
                sk_data_append(s, SK_SECTION_LATE, index, 0, sk_buf_slice(scratch));
        }
        sk_buf_clear(scratch);
}

static int64_t time_of(sk_stepping *s, sk_slice object, const char *name) {
        assert(name != NULL);
        int64_t at_us = 0;
        sk_slice text = sk_json_member_string(object, name, s->context->arena);

        return sk_slice_there(text) && sk_when_parse(text, &at_us) && at_us > 0 ? at_us : 0;
}

/** A supplier will be late, or has promised for later than it was asked for. */
static void report_supplier(sk_stepping *s, const sk_ask *ask, const char *code, int64_t forecast_us) {
        assert(forecast_us > 0);
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_LATE);

        sk_json_put_id(w, "ask", &ask->id);
        sk_json_put_text(w, "team", ask->provider);
        sk_json_put_cstr(w, "code", code);
        sk_json_put_time(w, "forecast", forecast_us);
        if (ask->due_us != 0) {
                sk_json_put_time(w, "due", ask->due_us);
        }
        sk_event_end(s);
}

void sk_late_learn(sk_stepping *s, sk_ask *ask, sk_slice standing) {
        sk_slice promise = sk_json_member(standing, "promise");
        int64_t promised_us = sk_slice_there(promise) && sk_json_kind_of(promise) == SK_JSON_OBJECT
                                      ? time_of(s, promise, "resolve_by")
                                      : 0;
        int64_t forecast_us = time_of(s, standing, "forecast");

        assert(ask->standing != SK_CLOSED);
        if (promised_us != 0 && promised_us != ask->promised_us) {
                ask->promised_us = promised_us;
                if (ask->due_us != 0 && promised_us > ask->due_us) {
                        report_supplier(s, ask, "promised-later", promised_us);
                }
        }
        if (forecast_us != 0) {
                ask->forecast_us = forecast_us;
        }
}

void sk_late_heard(sk_stepping *s, sk_ask *ask, sk_slice value) {
        assert(ask->standing != SK_CLOSED);
        int64_t forecast_us = time_of(s, value, "forecast");

        if (forecast_us == 0) {
                return;
        }
        ask->forecast_us = forecast_us;
        keep_reason(s, sk_ask_index(&s->call, ask), sk_json_member_string(value, "reason", s->context->arena));
        report_supplier(s, ask, "said", forecast_us);
}

const char *sk_late_said(sk_stepping *s, sk_slice value, sk_slice text) {
        int64_t said_us = time_of(s, value, "forecast");

        if (!sk_slice_there(sk_json_member(value, "forecast"))) {
                return NULL;
        }
        if (said_us <= s->context->now_us) {
                return "bad-forecast";
        }
        if (s->call.is_ask || s->call.visit.number == 0) {
                return "no-such-visit";
        }
        if (!sk_slice_equal(s->call.visit.holder, sk_work_actor(s)) && !sk_work_is_coordinator(s)) {
                return "not-holder";
        }
        s->call.visit.said_us = said_us;
        assert(s->call.visit.said_us > s->context->now_us);
        keep_reason(s, OWN, text);
        return NULL;
}

void sk_late_forget(sk_stepping *s) {
        sk_data_remove(s, SK_SECTION_LATE, OWN);
}
