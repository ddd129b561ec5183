#include <assert.h>

#include "link/journal.h"
#include "link/mutation.h"
#include "link/share.h"
#include "link/stepping.h"

/*
 * The end of a call (rule C2): the final feedback, the archive, and the stub that answers late duplicates.
 */

enum { ARCHIVE_MAX = 896 * 1024 }; /* so that the record fits where the call's data did */

/** How far from the promise, counted like the promise itself: only the provider knows the hours. */
static void put_margin(sk_stepping *s, sk_clock_report *clock) {
        const sk_hours *hours = sk_step_hours(s);
        int64_t now_us = s->context->now_us;

        assert(clock->margin_us == 0);
        clock->service_hours = hours == NULL ? SK_SLICE("") : s->call.calendar;
        if (clock->due_us != 0) {
                clock->margin_us = clock->kept ? sk_hours_between(hours, now_us, clock->due_us)
                                               : -sk_hours_between(hours, clock->due_us, now_us);
        }
}

static sk_clock_report clock_of(sk_stepping *s) {
        const sk_call *call = &s->call;
        sk_clock_report clock = {.elapsed_us = s->context->now_us - call->opened_us, .stopped_us = call->stopped_us};

        assert(call->opened_us <= s->context->now_us);
        assert(!call->clock_stands);
        clock.due_us = sk_call_due_us(call, sk_step_hours(s), s->context->now_us);
        clock.kept = clock.due_us == 0 || s->context->now_us <= clock.due_us;
        put_margin(s, &clock);
        if (call->accepted_us != 0) {
                clock.responded_us = call->accepted_us - call->opened_us;
                clock.is_response_promised = call->respond_by_us != 0;
                clock.response_kept = call->accepted_us <= call->respond_by_us;
        }
        assert(clock.elapsed_us >= 0);
        return clock;
}

void sk_clock_put(sk_json_writer *w, const sk_clock_report *clock) {
        assert(w->levels > 0);
        int64_t elapsed_us = SK_MUTATED(SIDES) ? clock->elapsed_us / 1000 * 1000 : clock->elapsed_us;

        sk_json_open_object(w, "clock");
        sk_json_put_double(w, "elapsed_s", (double)elapsed_us / 1e6);
        sk_json_put_double(w, "stopped_s", (double)clock->stopped_us / 1e6);
        if (clock->is_response_promised) {
                sk_json_put_double(w, "responded_s", (double)clock->responded_us / 1e6);
                sk_json_put_bool(w, "response_kept", clock->response_kept);
        }
        if (clock->due_us != 0) {
                sk_json_put_time(w, "due", clock->due_us);
                sk_json_put_bool(w, "kept", clock->kept);
                sk_json_put_double(w, "margin_s", (double)clock->margin_us / 1e6);
                sk_json_put_optional(w, "service_hours", clock->service_hours);
        }
        sk_json_close_object(w);
}

/** What was not agreed, or was of another type, can be raised anew: the offer says how. */
static void put_offer(sk_stepping *s, sk_json_writer *w) {
        assert(s->call.standing == SK_CLOSED);
        sk_section section;
        bool is_retyped =
                sk_slice_is(s->call.code, "retyped") && sk_data_find(sk_data_now(s), SK_SECTION_OFFER, 1, &section);

        if (is_retyped) {
                sk_json_put_raw(w, "offer", section.bytes);
        } else if (sk_slice_is(s->call.code, "not-agreed")) {
                sk_json_open_object(w, "offer");
                sk_json_put_cstr(w, "type", sk_call_type_id(SK_WISH));
                sk_json_put_text(w, "facility", s->call.facility);
                sk_json_close_object(w);
        }
}

/** The agreement with whoever gets the end of the call; NULL: nobody does, or there is none any more. */
static const sk_agreement *agreement_of_reader(const sk_stepping *s) {
        assert(s->call.standing == SK_CLOSED);
        return sk_edition_agreement(s->context->edition, sk_step_counterpart(s), s->own);
}

/** What the reader may see of the result; one that is too large to travel stays in the archive, by its digest. */
static void put_result(sk_stepping *s, sk_json_writer *w, sk_slice result) {
        assert(!s->call.is_ask);
        const sk_agreement *agreement = agreement_of_reader(s);
        char text[SK_DIGEST_TEXT];

        if (result.len == 0 || !sk_share_has_any(agreement, "result", result)) {
                return;
        }
        if (result.len <= SK_RESULT_MAX) {
                sk_share_put(w, agreement, "result", result);
                return;
        }
        sk_digest digest = sk_digest_of(result);
        sk_digest_format(&digest, text);
        sk_json_put_text(w, "resultref", (sk_slice){text, sizeof text});
}

static void feed_back(sk_stepping *s, const sk_clock_report *clock) {
        assert(s->call.standing == SK_CLOSED);
        sk_json_writer *w = sk_feedback_begin(s, SK_FEEDBACK_CLOSED);
        sk_slice result = sk_data_result(s);

        assert(!s->call.is_ask);
        sk_json_put_cstr(w, "outcome", sk_outcome_id(s->call.outcome));
        sk_json_put_optional(w, "code", s->call.code);
        sk_clock_put(w, clock);
        put_result(s, w, result);
        put_offer(s, w);
        sk_feedback_end(s);
}

static void report_closed(sk_stepping *s, const sk_clock_report *clock) {
        assert(s->call.standing == SK_CLOSED);
        assert(s->call.outcome != SK_OUTCOME_NONE);
        sk_json_writer *w = sk_event_begin(s, SK_EVENT_CLOSED);

        sk_json_put_cstr(w, "outcome", sk_outcome_id(s->call.outcome));
        sk_json_put_optional(w, "code", s->call.code);
        if (!s->call.is_ask) {
                sk_json_put_cstr(w, "type", sk_call_type_id(s->call.type));
                sk_json_put_text(w, "customer", s->call.customer);
                sk_json_put_text(w, "facility", s->call.facility);
                if (s->call.workflow != 0) {
                        sk_json_put_int(w, "workflow", s->call.workflow);
                }
        }
        sk_json_put_int(w, "elapsed_us", clock->elapsed_us);
        sk_json_put_int(w, "stopped_us", clock->stopped_us);
        if (clock->is_response_promised) {
                sk_json_put_int(w, "responded_us", clock->responded_us);
                sk_json_put_bool(w, "response_kept", clock->response_kept);
        }
        if (clock->due_us != 0) {
                sk_json_put_time(w, "due", clock->due_us);
                sk_json_put_bool(w, "kept", clock->kept);
                sk_json_put_int(w, "margin_us", clock->margin_us);
                sk_json_put_optional(w, "service_hours", clock->service_hours);
        }
        sk_event_end(s);
}

static void put_section(sk_json_writer *w, const sk_section *section) {
        const sk_activity *activity = sk_activity_by_number(section->tag);

        sk_json_open_object(w, NULL);
        sk_json_put_cstr(w, "kind", sk_section_name(section->kind));
        sk_json_put_int(w, "index", section->index);
        if (section->kind == SK_SECTION_RESULT) {
                sk_json_put_cstr(w, "activity", activity != NULL ? activity->id : "cut");
        }
        sk_json_put_raw(w, "value", section->bytes);
        sk_json_close_object(w);
}

/** Many short notes take more room as JSON than they took with the call: what does not fit is counted. */
static void put_sections(sk_stepping *s, sk_json_writer *w) {
        assert(w->levels > 0);
        size_t position = 0;
        int64_t left_out = 0;
        sk_section section;

        sk_json_open_array(w, "sections");
        while (sk_data_next(sk_data_now(s), &position, &section)) {
                if (w->buf->len + section.bytes.len > ARCHIVE_MAX) {
                        left_out++;
                        continue;
                }
                put_section(w, &section);
        }
        sk_json_close_array(w);
        if (left_out > 0) {
                sk_json_put_int(w, "left_out", left_out);
        }
}

static void put_asks(const sk_call *call, sk_json_writer *w) {
        sk_json_open_array(w, "asks");
        for (unsigned i = 0; i < call->ask_count; i++) {
                const sk_ask *ask = &call->asks[i];
                assert(SK_MUTATED(C6) || ask->standing == SK_CLOSED);
                sk_json_open_object(w, NULL);
                sk_json_put_id(w, "id", &ask->id);
                sk_json_put_text(w, "team", ask->provider);
                sk_json_put_text(w, "facility", ask->facility);
                sk_json_put_cstr(w, "type", sk_call_type_id(ask->type));
                sk_json_put_int(w, "visit", ask->visit);
                sk_json_put_cstr(w, "outcome", sk_outcome_id(ask->outcome));
                sk_json_close_object(w);
        }
        sk_json_close_array(w);
}

/** The closed call whole, for the team alone. */
static void archive(sk_stepping *s, const sk_clock_report *clock) {
        const sk_call *call = &s->call;
        sk_json_writer *w = sk_archive_begin(s);

        assert(call->visit.number == 0);
        assert(call->standing == SK_CLOSED);
        sk_json_put_id(w, "id", &call->id);
        sk_json_put_bool(w, "is_ask", call->is_ask);
        sk_json_put_text(w, "customer", call->customer);
        sk_json_put_cstr(w, "type", sk_call_type_id(call->type));
        sk_json_put_text(w, "facility", call->facility);
        sk_json_put_text(w, "rootid", call->rootid);
        sk_json_put_int(w, "hops", call->hops);
        if (call->workflow != 0) {
                sk_json_put_int(w, "workflow", call->workflow);
        }
        sk_json_put_optional(w, "category", call->category);
        sk_json_put_int(w, "priority", call->priority);
        sk_json_put_cstr(w, "outcome", sk_outcome_id(call->outcome));
        sk_json_put_optional(w, "code", call->code);
        sk_json_put_time(w, "opened", call->opened_us);
        sk_json_put_time(w, "closed", s->context->now_us);
        sk_clock_put(w, clock);
        put_asks(call, w);
        put_sections(s, w);
        sk_archive_end(s);
}

/** What the stub keeps of asks and of `work` records lies behind each other in one piece; *out_asks is the first part. */
static sk_slice keep_memory(sk_stepping *s, size_t *out_asks) {
        const sk_call *call = &s->call;
        sk_buf *scratch = &s->out->value;

        assert(call->work_count <= SK_WORK_MEMORY);
        assert(scratch->len == 0);
        for (unsigned i = 0; i < call->ask_count; i++) {
                sk_buf_add(scratch, call->asks[i].id.bytes, sizeof call->asks[i].id.bytes);
                sk_buf_add_u32(scratch, call->asks[i].in_seqno);
        }
        *out_asks = call->ask_count * (size_t)SK_STUB_ASK_BYTES;
        for (unsigned i = 0; i < call->work_count; i++) {
                sk_buf_add_u64(scratch, call->work[i].tail);
                sk_buf_add_byte(scratch, call->work[i].was_done);
        }
        if (s->input->kind == SK_INPUT_MESSAGE &&
            s->input->record->topic->kind == SK_TOPIC_WORK) { /* the record that closes is remembered as well */
                sk_buf_add_u64(scratch, sk_work_tail(s->cause));
                sk_buf_add_byte(scratch, true);
        }
        if (scratch->err != SK_OK) {
                s->out->err = scratch->err;
        }
        sk_slice kept = sk_step_keep(s, sk_buf_slice(scratch));
        sk_buf_clear(scratch);
        return kept;
}

static void leave_stub(sk_stepping *s, const sk_clock_report *clock) {
        const sk_call *call = &s->call;
        uint32_t days = sk_edition_acceptance_days(s->context->edition) + SK_MEMORY_DAYS;
        bool is_small = s->final_value.len + s->final_headers.len <= SK_STUB_FEEDBACK_MAX;
        sk_buf *scratch = &s->out->value;
        sk_stub stub = {.customer = call->is_ask ? SK_NONE : call->customer,
                        .id = call->id,
                        .replykey = call->replykey,
                        .in_seqno = call->in_seqno,
                        .out_seqno = call->out_seqno,
                        .raise_digest = call->raise_digest,
                        .outcome = (uint8_t)call->outcome,
                        .code = call->code,
                        .closed_us = s->context->now_us,
                        .expires_us = s->context->now_us + (int64_t)days * SK_DAY_US,
                        .elapsed_us = clock->elapsed_us,
                        .stopped_us = clock->stopped_us,
                        .due_us = clock->due_us,
                        .margin_us = clock->margin_us,
                        .service_hours = clock->service_hours,
                        .headers = is_small ? s->final_headers : SK_NONE,
                        .value = is_small ? s->final_value : SK_NONE,
                        .feedback_digest = sk_digest_of(s->final_value),
                        .feedback_size = (uint32_t)s->final_value.len};

        assert(stub.expires_us > stub.closed_us);
        assert(call->standing == SK_CLOSED);
        assert(call->outcome != SK_OUTCOME_NONE);
        size_t asks = 0;
        sk_slice memory = keep_memory(s, &asks);
        if (s->out->err != SK_OK) {
                return;
        }
        stub.asks = (sk_slice){memory.at, asks};
        stub.works = (sk_slice){memory.at + asks, memory.len - asks};
        sk_stub_encode(&stub, scratch);
        if (scratch->err != SK_OK) {
                s->out->err = scratch->err;
        }
        s->after->stub = sk_step_keep(s, sk_buf_slice(scratch));
        sk_buf_clear(scratch);
        s->after->change = SK_CHANGE_CLOSE;
        s->after->customer = call->is_ask ? SK_NONE : sk_step_keep(s, call->customer);
        s->after->id = call->id;
}

void sk_call_close(sk_stepping *s) {
        assert(!s->is_closed);
        assert(s->call.visit.number == 0);
        assert(SK_MUTATED(C6) || !sk_call_has_open_asks(&s->call));
        assert(s->call.outcome != SK_OUTCOME_NONE);
        assert((s->call.is_ask || s->call.frames[0].has_result));
        if (s->call.outcome == SK_COMPLETED) {
                s->call.code = SK_SLICE(""); /* of an early end that a later attempt has made good */
        } else if (s->call.outcome == SK_WITHDRAWN && s->call.is_unanswered) {
                s->call.code = SK_SLICE("no-answer");
        }
        sk_clock_start(s, s->context->now_us);
        s->call.standing = SK_CLOSED;
        s->call.question = 0;
        s->call.offer = 0;
        sk_clock_report clock = clock_of(s);
        if (!s->call.is_ask) {
                feed_back(s, &clock);
        }
        report_closed(s, &clock);
        archive(s, &clock);
        leave_stub(s, &clock);
        s->is_closed = true;
        assert(s->call.visit.number == 0);
        assert(s->call.question == 0);
        assert(s->call.offer == 0);
        assert(s->after->change == SK_CHANGE_CLOSE || s->out->err != SK_OK);
}

/** Ends what runs, so that the record has no gap: a visit as failed, a crossing by its feedback. */
static void break_visit(sk_stepping *s) {
        assert(!s->is_closed);
        bool is_at_cut = sk_call_top(&s->call)->step == SK_AT_CUT;

        if (s->call.visit.number == 0) {
                return;
        }
        if (!is_at_cut) {
                sk_visit_end(s, &(sk_ending_report){.outcome = SK_FAILED,
                                                    .code = SK_SLICE("forced"),
                                                    .actor = SK_NONE,
                                                    .result = SK_NONE});
                return;
        }
        s->call.visit = (sk_visit){0};
        if (sk_call_top(&s->call)->triggered != SK_PROCESSES && sk_call_top(&s->call)->fed == SK_OUTCOME_NONE) {
                sk_cut_feed_back(s, SK_FAILED);
        }
}

static void end_frame(sk_stepping *s) {
        assert(s->call.visit.number == 0);
        sk_frame_skip_all(s, "forced");
        sk_frame_conclude(s, SK_FAILED);
}

void sk_call_close_forced(sk_stepping *s) {
        assert(!s->is_closed);
        assert(!sk_call_has_open_asks(&s->call));
        s->call.code = SK_SLICE("forced");
        if (!s->call.is_ask) {
                break_visit(s);
                end_frame(s);
        }
        while (s->call.frame_count > 1) {
                s->call.frame_count--;
                sk_cut_feed_back(s, SK_FAILED);
                end_frame(s);
        }
        s->call.outcome = SK_FAILED;
        s->call.code = SK_SLICE("forced");
        sk_call_close(s);
        assert(s->is_closed);
}
