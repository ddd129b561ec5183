#include "link/step.h"

#include <assert.h>
#include <stdio.h>

#include "kit/cursor.h"
#include "link/stepping.h"

sk_err sk_head_summarise(sk_slice head, sk_head_summary *out) {
        assert(out != NULL);
        sk_call call;
        sk_err err = sk_call_decode(head, &call);

        if (err == SK_OK) {
                *out = (sk_head_summary){.is_ask = call.is_ask,
                                         .customer = call.customer,
                                         .id = call.id,
                                         .rootid = call.rootid,
                                         .facility = call.facility,
                                         .type = call.type};
        }
        return err;
}

int64_t sk_head_timer_us(sk_slice head) {
        assert(sk_slice_there(head) || head.len == 0);
        sk_cursor cursor = sk_cursor_make(head);
        int64_t timer_us = (int64_t)sk_cursor_u64(&cursor); /* what a head begins with */

        return cursor.err == SK_OK ? timer_us : 0;
}

bool sk_step_is_own(const sk_stepping *s) {
        assert(s->own.len > 0);
        return sk_slice_equal(s->call.customer, s->own);
}

const sk_agreement *sk_step_agreement(const sk_stepping *s) {
        assert(s->context->edition != NULL);
        return sk_step_is_own(s) ? NULL : sk_edition_agreement(s->context->edition, s->call.customer, s->own);
}

const sk_hours *sk_step_hours(const sk_stepping *s) {
        sk_slice calendar = s->call.calendar;

        return calendar.len == 0 ? NULL : sk_edition_hours(s->context->edition, calendar);
}

sk_slice sk_step_counterpart(const sk_stepping *s) {
        assert(s->context->edition != NULL);
        if (!sk_step_is_own(s)) {
                return s->call.customer;
        }
        bool is_customer = sk_edition_agreement(s->context->edition, s->call.on_behalf, s->own) != NULL;
        return is_customer ? s->call.on_behalf : SK_SLICE("");
}

sk_slice sk_step_keep(sk_stepping *s, sk_slice text) {
        if (text.len == 0) {
                return SK_SLICE("");
        }
        sk_slice kept = sk_arena_copy(s->context->arena, text);
        if (!sk_slice_there(kept)) {
                s->out->err = SK_ERR_FULL;
                return SK_SLICE("");
        }
        assert(kept.len == text.len);
        return kept;
}

sk_slice sk_step_shorten(sk_slice text, size_t max) {
        assert(sk_slice_there(text) || text.len == 0);
        if (text.len > max) {
                text.len = max;
                while (text.len > 0 && ((uint8_t)text.at[text.len] & 0xc0u) == 0x80u) {
                        text.len--;
                }
        }
        assert(text.len <= max);
        return text;
}

static void dispatch(sk_stepping *s) {
        assert(!s->is_closed);
        assert(s->after->change == SK_CHANGE_NOTHING);
        if (s->input->kind == SK_INPUT_STUB_READ) {
                sk_step_stub_read(s);
                return;
        }
        if (s->input->kind == SK_INPUT_TIMER) {
                sk_step_timer(s);
                return;
        }
        if (s->input->kind == SK_INPUT_EFFECT) {
                sk_step_effect(s);
                return;
        }
        if (s->input->kind == SK_INPUT_RESYNC) {
                sk_step_resync(s);
                return;
        }
        if (s->input->kind == SK_INPUT_OWN_RAISE) {
                sk_step_own_raise(s);
                return;
        }
        assert(s->input->kind == SK_INPUT_MESSAGE);
        switch (s->input->record->topic->kind) {
        case SK_TOPIC_CALLS:
                sk_step_customer(s);
                return;
        case SK_TOPIC_FEEDBACK:
                sk_step_feedback(s);
                return;
        default:
                assert(s->input->record->topic->kind == SK_TOPIC_WORK);
                sk_step_work(s);
        }
}

/** Packs the state after the step; the scratch of `out` serves as room. */
static void pack(sk_stepping *s) {
        assert(!s->is_closed);
        sk_buf *scratch = &s->out->value;

        if (!s->call_changed && !s->data_changed) {
                return;
        }
        assert(scratch->len == 0);
        s->call.timer_us = sk_timer_next_us(s);
        sk_call_encode(&s->call, scratch);
        if (scratch->err != SK_OK) {
                s->out->err = scratch->err;
        }
        s->after->head = sk_step_keep(s, sk_buf_slice(scratch));
        sk_buf_clear(scratch);
        s->after->change = SK_CHANGE_PUT;
        s->after->data_changed = s->data_changed;
        if (s->data_changed) {
                s->after->data = sk_step_keep(s, sk_buf_slice(&s->data));
        }
}

static sk_err load(sk_stepping *s) {
        sk_err err = SK_OK;

        assert(s->before->known == SK_KNOWN_OPEN || s->before->known == SK_KNOWN_NOT ||
               s->before->known == SK_KNOWN_CLOSED);
        s->call = (sk_call){.type = SK_CALL_TYPES};
        if (s->before->known == SK_KNOWN_OPEN) {
                err = sk_call_decode(s->before->head, &s->call);
        }
        if (err != SK_OK) {
                s->reject->reason = "unreadable-state";
                memcpy(s->reject->text, "the call's head cannot be read", sizeof "the call's head cannot be read");
        }
        return err;
}

/** A text that was not there for want of room must not count as one that was not said: the step is as if it never was. */
static sk_err err_of(const sk_stepping *s) {
        if (sk_arena_err(s->context->arena) != SK_OK) {
                return sk_arena_err(s->context->arena);
        }
        return s->out->err != SK_OK ? s->out->err : s->data.err;
}

static sk_err finish(sk_stepping *s) {
        assert(!s->is_closed || s->call.visit.number == 0);
        s->out->err = err_of(s);
        if (s->out->err == SK_OK && s->reject->reason == NULL && !s->is_closed) {
                if (s->call_changed || s->data_changed) {
                        sk_late_look(s);
                }
                s->after->customer = s->call.is_ask ? SK_NONE : sk_step_keep(s, s->call.customer);
                s->after->id = s->call.id;
                pack(s);
                s->out->err = err_of(s);
        }
        sk_buf_free(&s->data);
        assert(s->is_closed == (s->after->change == SK_CHANGE_CLOSE) || s->out->err != SK_OK);
        if (s->out->err != SK_OK) {
                *s->reject = (sk_reject){0};
                return s->out->err;
        }
        return s->reject->reason == NULL ? SK_OK : SK_ERR_CONFLICT;
}

bool sk_step_is_json(sk_stepping *s, sk_slice value, unsigned max_depth) {
        sk_err err = sk_json_check(value, max_depth, NULL);

        assert(max_depth <= SK_JSON_DEPTH_MAX);
        if (err == SK_ERR_NO_MEMORY) {
                s->out->err = err;
        }
        return err == SK_OK;
}

/** Names what has become of an effect by its visit and try, as if it were a record. */
static sk_slice effect_cause(const sk_step_context *context, const sk_step_input *input) {
        assert(input->word <= SK_EFFECT_LOST);
        static const char *const words[] = {
                [SK_EFFECT_BEGINS] = "/begins", [SK_EFFECT_ENDED] = "", [SK_EFFECT_LOST] = "/lost"};
        char text[48];

        assert(input->report != NULL);
        int len = snprintf(text, sizeof text, "effect/%u/%u%s", (unsigned)input->report->visit,
                           (unsigned)input->report->try_number, words[input->word]);
        assert(len > 0);
        assert((size_t)len < sizeof text);
        return sk_arena_copy(context->arena, (sk_slice){text, (size_t)len});
}

/** Names a timer as if it were a record: by when it was due. */
static sk_slice cause_of(const sk_step_context *context, const sk_step_input *input) {
        assert(input->kind <= SK_INPUT_RESYNC);
        char text[6 + SK_WHEN_TEXT] = "timer/";

        if (input->kind == SK_INPUT_EFFECT) {
                return effect_cause(context, input);
        }
        if (input->kind != SK_INPUT_TIMER) {
                return input->envelope == NULL ? SK_SLICE("") : input->envelope->id;
        }
        sk_when_format(input->deadline_us, text + 6);
        return sk_arena_copy(context->arena, (sk_slice){text, sizeof text});
}

static int64_t time_of(const sk_step_context *context, const sk_step_input *input) {
        assert(input->kind != SK_INPUT_TIMER || input->deadline_us <= context->now_us);
        if (input->kind == SK_INPUT_TIMER) {
                return input->deadline_us;
        }
        return input->record == NULL ? context->now_us : input->record->timestamp_us;
}

sk_err sk_step(const sk_step_context *context, const sk_before *before, const sk_step_input *input, sk_out *out,
               sk_after *out_after, sk_reject *out_reject) {
        assert(context != NULL);
        assert(before != NULL);
        assert(input != NULL);
        assert(out_after != NULL);
        assert(out_reject != NULL);
        assert((input->record == NULL) == (input->envelope == NULL));
        sk_stepping s = {.context = context,
                         .before = before,
                         .input = input,
                         .out = out,
                         .after = out_after,
                         .reject = out_reject,
                         .own = sk_team_name(context->team),
                         .cause = cause_of(context, input),
                         .at_us = time_of(context, input),
                         .data = sk_buf_make(SK_DATA_MAX)};

        assert(out->err == SK_OK);
        *out_after = (sk_after){.change = SK_CHANGE_NOTHING, .customer = SK_NONE};
        *out_reject = (sk_reject){0};
        sk_err err = load(&s);
        if (err != SK_OK) {
                return err;
        }
        dispatch(&s);
        if (out->err == SK_OK && s.reject->reason == NULL && !s.is_closed) {
                sk_customer_tell(&s);
        }
        return finish(&s);
}
