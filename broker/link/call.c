#include "link/call.h"

#include <assert.h>

#include "kit/cursor.h"

/*
 * The head, little-endian, in the order in which it is written here:
 *
 *   i64 timer · u8 flags · id · text customer · replykey · text rootid, chain_trace, facility, category, on_behalf, code,
 *   agreement, cut_reason, cut_actor, calendar · u16 hops · u8 asked_type, type, workflow, priority, urgency, impact, escalated,
 *   escalated to, standing, outcome, decision, question then · digest of the raise · u32 in, out, event, visit numbers,
 *   question, offer · times opened, accepted, clock changed, stopped, respond by, resolve by, question until, late · u8
 *   answers · u8 count, text components · u8 count, frames · visit · u8 count, asks · u8 count, u8 next, work memory
 *
 * A text is a u8 length and its bytes; an i64 is two's complement, an absent time 0. Times are a u8 set of bits, which of them
 * are not 0, and these.
 */

enum {
        FLAG_ASK = 1,
        FLAG_PAST_RETURN = 2,
        FLAG_OFFERED = 4,
        FLAG_CLOCK_STANDS = 8,
        FLAG_UNANSWERED = 16,
        FLAG_EFFECT = 32, /* the visit's effect is to be begun: found without reading on */
        FLAGS_AT = 8,
        VISIT_ESCALATED = 1,
        VISIT_ONCE = 2,
        VISIT_REISSUED = 4,
        VISIT_WAITING = 8,
        VISIT_FLAGS = 16,
        ANSWER_INFRASTRUCTURE = 1,
        ANSWER_INFRASTRUCTURE_YES = 2,
        ANSWER_AGREEMENT = 4,
        ANSWER_AGREEMENT_YES = 8,
        ASK_WITHDRAW_SENT = 1,
        ASK_NEEDS_COORDINATOR = 2,
        ASK_RETYPED = 4,
        ASK_ONWARD = 8,
        ASK_FLAGS = 16,
        TEXT_MAX = 255,
        VISIT_TIMES = 8,
        ASK_TIMES = 3,
        STATE_TIMES = 8,
        ESCALATED_TO_MAX = 2,
};

bool sk_head_has_effect(sk_slice head) {
        assert(head.at != NULL || head.len == 0);
        return head.len > FLAGS_AT && ((uint8_t)head.at[FLAGS_AT] & FLAG_EFFECT) != 0;
}

static const char *const standing_ids[SK_STANDINGS] = {"raised",  "accepted",    "working",
                                                       "waiting", "withdrawing", "closed"};

const char *sk_standing_id(sk_standing standing) {
        assert((unsigned)standing < SK_STANDINGS);
        return standing_ids[standing];
}

static const char *const lapse_ids[SK_LAPSES] = {"go-on", "coordinator", "withdraw"};

const char *sk_lapse_id(sk_lapse lapse) {
        assert((unsigned)lapse < SK_LAPSES);
        return lapse_ids[lapse];
}

sk_lapse sk_lapse_find(sk_slice id) {
        unsigned lapse = 0;

        while (lapse < SK_LAPSES && !sk_slice_is(id, lapse_ids[lapse])) {
                lapse++;
        }
        assert(lapse <= SK_LAPSES);
        return (sk_lapse)lapse;
}

static void put_text(sk_buf *out, sk_slice text) {
        size_t len = text.len > TEXT_MAX ? TEXT_MAX : text.len;

        assert(sk_slice_there(text) || text.len == 0);
        sk_buf_add_byte(out, (uint8_t)len);
        sk_buf_add(out, text.at, len);
}

static sk_slice get_text(sk_cursor *cursor) {
        return sk_cursor_bytes(cursor, sk_cursor_u8(cursor));
}

static void put_id(sk_buf *out, const sk_id *id) {
        assert(id != NULL);
        sk_buf_add(out, id->bytes, sizeof id->bytes);
}

static void get_bytes16(sk_cursor *cursor, uint8_t out[16]) {
        sk_slice bytes = sk_cursor_bytes(cursor, 16);

        if (bytes.at != NULL) {
                memcpy(out, bytes.at, 16);
        }
}

static void put_time(sk_buf *out, int64_t time_us) {
        sk_buf_add_u64(out, (uint64_t)time_us);
}

static int64_t get_time(sk_cursor *cursor) {
        return (int64_t)sk_cursor_u64(cursor);
}

/** A u8 that must lie below @p bound. */
static unsigned get_below(sk_cursor *cursor, unsigned bound) {
        unsigned number = sk_cursor_u8(cursor);

        assert(bound > 0);
        assert(bound <= 256);
        if (number >= bound && cursor->err == SK_OK) {
                cursor->err = SK_ERR_RANGE;
        }
        return number < bound ? number : 0;
}

/** Times of which most are 0: which are not, as a set of bits, and these. */
static void put_times(sk_buf *out, const int64_t *times, unsigned count) {
        unsigned there = 0;

        assert(count <= 8);
        for (unsigned i = 0; i < count; i++) {
                there |= times[i] != 0 ? 1u << i : 0u;
        }
        sk_buf_add_byte(out, (uint8_t)there);
        for (unsigned i = 0; i < count; i++) {
                if (times[i] != 0) {
                        put_time(out, times[i]);
                }
        }
}

static void get_times(sk_cursor *cursor, int64_t *const *out, unsigned count) {
        assert(out != NULL);
        assert(count <= 8);
        unsigned there = get_below(cursor, 1u << count);

        for (unsigned i = 0; i < count; i++) {
                *out[i] = (there >> i & 1u) != 0 ? get_time(cursor) : 0;
                if ((there >> i & 1u) != 0 && *out[i] == 0 && cursor->err == SK_OK) {
                        cursor->err = SK_ERR_RANGE;
                }
        }
}

static void put_identity(const sk_call *call, sk_buf *out) {
        assert(call->visit.due < SK_DUES);
        assert(call->visit.number != 0 || call->visit.due == SK_DUE_NONE);
        unsigned flags = (call->is_ask ? FLAG_ASK : 0u) | (call->is_past_return ? FLAG_PAST_RETURN : 0u) |
                         (call->is_offered ? FLAG_OFFERED : 0u) | (call->clock_stands ? FLAG_CLOCK_STANDS : 0u) |
                         (call->is_unanswered ? FLAG_UNANSWERED : 0u) |
                         (call->visit.due == SK_DUE_NOW || call->visit.due == SK_DUE_BEGUN ? FLAG_EFFECT : 0u);
        const sk_slice texts[] = {call->rootid, call->chain_trace, call->facility,   call->category,  call->on_behalf,
                                  call->code,   call->agreement,   call->cut_reason, call->cut_actor, call->calendar};

        sk_buf_add_byte(out, (uint8_t)flags);
        put_id(out, &call->id);
        put_text(out, call->customer);
        put_id(out, &call->replykey);
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
                put_text(out, texts[i]);
        }
        sk_buf_add_u16(out, call->hops);
}

static void get_identity(sk_cursor *cursor, sk_call *call) {
        assert(call->frame_count == 0);
        unsigned flags = sk_cursor_u8(cursor);
        sk_slice *texts[] = {&call->rootid, &call->chain_trace, &call->facility,   &call->category,  &call->on_behalf,
                             &call->code,   &call->agreement,   &call->cut_reason, &call->cut_actor, &call->calendar};

        call->is_ask = (flags & FLAG_ASK) != 0;
        call->is_past_return = (flags & FLAG_PAST_RETURN) != 0;
        call->is_offered = (flags & FLAG_OFFERED) != 0;
        call->clock_stands = (flags & FLAG_CLOCK_STANDS) != 0;
        call->is_unanswered = (flags & FLAG_UNANSWERED) != 0;
        get_bytes16(cursor, call->id.bytes);
        call->customer = get_text(cursor);
        get_bytes16(cursor, call->replykey.bytes);
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
                *texts[i] = get_text(cursor);
        }
        call->hops = sk_cursor_u16(cursor);
}

static void put_state(const sk_call *call, sk_buf *out) {
        assert(call->type <= SK_CALL_TYPES);
        assert(call->asked_type < SK_CALL_TYPES);
        assert(call->decision < 3);
        assert(call->question_then < SK_LAPSES);
        assert(call->escalated <= SK_ESCALATIONS_MAX);
        assert(call->escalated_to <= ESCALATED_TO_MAX);
        const uint8_t bytes[] = {(uint8_t)call->asked_type,
                                 (uint8_t)call->type,
                                 call->workflow,
                                 call->priority,
                                 call->urgency,
                                 call->impact,
                                 call->escalated,
                                 call->escalated_to,
                                 (uint8_t)call->standing,
                                 (uint8_t)call->outcome,
                                 (uint8_t)call->decision,
                                 (uint8_t)call->question_then};
        const uint32_t numbers[] = {call->in_seqno,     call->out_seqno, call->event_number,
                                    call->visit_number, call->question,  call->offer};
        const int64_t times[STATE_TIMES] = {call->opened_us,         call->accepted_us,   call->clock_changed_us,
                                            call->stopped_us,        call->respond_by_us, call->resolve_by_us,
                                            call->question_until_us, call->late_us};

        assert(call->standing < SK_STANDINGS);
        assert(call->outcome < SK_OUTCOMES);
        sk_buf_add(out, bytes, sizeof bytes);
        sk_buf_add(out, call->raise_digest.bytes, SK_DIGEST_BYTES);
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
                sk_buf_add_u32(out, numbers[i]);
        }
        put_times(out, times, STATE_TIMES);
}

static void get_state(sk_cursor *cursor, sk_call *call) {
        call->asked_type = (sk_call_type)get_below(cursor, SK_CALL_TYPES);
        call->type = (sk_call_type)get_below(cursor, SK_CALL_TYPES + 1);
        call->workflow = (uint8_t)get_below(cursor, 9);
        call->priority = (uint8_t)get_below(cursor, 6);
        call->urgency = (uint8_t)get_below(cursor, 6);
        call->impact = (uint8_t)get_below(cursor, 6);
        call->escalated = (uint8_t)get_below(cursor, SK_ESCALATIONS_MAX + 1);
        call->escalated_to = (uint8_t)get_below(cursor, ESCALATED_TO_MAX + 1);
        call->standing = (sk_standing)get_below(cursor, SK_STANDINGS);
        call->outcome = (sk_outcome)get_below(cursor, SK_OUTCOMES);
        call->decision = get_below(cursor, 3);
        call->question_then = (sk_lapse)get_below(cursor, SK_LAPSES);
        get_bytes16(cursor, call->raise_digest.bytes);
        uint32_t *numbers[] = {&call->in_seqno,     &call->out_seqno, &call->event_number,
                               &call->visit_number, &call->question,  &call->offer};
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
                *numbers[i] = sk_cursor_u32(cursor);
        }
        int64_t *const times[STATE_TIMES] = {&call->opened_us,         &call->accepted_us,   &call->clock_changed_us,
                                             &call->stopped_us,        &call->respond_by_us, &call->resolve_by_us,
                                             &call->question_until_us, &call->late_us};
        get_times(cursor, times, STATE_TIMES);
}

static void put_answers(const sk_call *call, sk_buf *out) {
        unsigned answers = (call->answered_infrastructure ? ANSWER_INFRASTRUCTURE : 0u) |
                           (call->infrastructure ? ANSWER_INFRASTRUCTURE_YES : 0u) |
                           (call->answered_agreement ? ANSWER_AGREEMENT : 0u) |
                           (call->agreement_change ? ANSWER_AGREEMENT_YES : 0u);

        assert(call->component_count <= SK_COMPONENTS_MAX);
        sk_buf_add_byte(out, (uint8_t)answers);
        sk_buf_add_byte(out, call->component_count);
        for (unsigned i = 0; i < call->component_count; i++) {
                put_text(out, call->components[i]);
        }
}

static void get_answers(sk_cursor *cursor, sk_call *call) {
        unsigned answers = sk_cursor_u8(cursor);

        call->answered_infrastructure = (answers & ANSWER_INFRASTRUCTURE) != 0;
        call->infrastructure = (answers & ANSWER_INFRASTRUCTURE_YES) != 0;
        call->answered_agreement = (answers & ANSWER_AGREEMENT) != 0;
        call->agreement_change = (answers & ANSWER_AGREEMENT_YES) != 0;
        call->component_count = (uint8_t)get_below(cursor, SK_COMPONENTS_MAX + 1);
        for (unsigned i = 0; i < call->component_count; i++) {
                call->components[i] = get_text(cursor);
        }
        assert(call->component_count <= SK_COMPONENTS_MAX);
}

static void put_frames(const sk_call *call, sk_buf *out) {
        assert(call->frame_count <= SK_FRAMES_MAX);
        sk_buf_add_byte(out, call->frame_count);
        for (unsigned i = 0; i < call->frame_count; i++) {
                const sk_frame *frame = &call->frames[i];
                assert(frame->process < SK_PROCESSES);
                assert(frame->step == SK_AT_CUT || frame->step < sk_process_get(frame->process)->count);
                assert(frame->triggered <= SK_PROCESSES);
                assert(frame->action < SK_ACTIONS_MAX);
                const uint8_t bytes[] = {
                        (uint8_t)frame->process, frame->step,         frame->attempt,    (uint8_t)frame->triggered,
                        (uint8_t)frame->outcome, (uint8_t)frame->fed, frame->has_result, frame->action};
                sk_buf_add(out, bytes, sizeof bytes);
                sk_buf_add_u32(out, frame->cut_visit);
                put_text(out, frame->worker);
                if (frame->cut_visit != 0) {
                        put_time(out, frame->cut_began_us);
                }
        }
}

static void get_frame(sk_cursor *cursor, sk_frame *frame) {
        assert(frame != NULL);
        frame->process = (sk_process)get_below(cursor, SK_PROCESSES);
        frame->step = sk_cursor_u8(cursor);
        frame->attempt = sk_cursor_u8(cursor);
        frame->triggered = (sk_process)get_below(cursor, SK_PROCESSES + 1);
        frame->outcome = (sk_outcome)get_below(cursor, SK_OUTCOMES);
        frame->fed = (sk_outcome)get_below(cursor, SK_OUTCOMES);
        frame->has_result = get_below(cursor, 2) != 0;
        frame->action = (uint8_t)get_below(cursor, SK_ACTIONS_MAX);
        frame->cut_visit = sk_cursor_u32(cursor);
        frame->worker = get_text(cursor);
        frame->cut_began_us = frame->cut_visit != 0 ? get_time(cursor) : 0;
        if (frame->step != SK_AT_CUT && frame->step >= sk_process_get(frame->process)->count && cursor->err == SK_OK) {
                cursor->err = SK_ERR_RANGE;
        }
}

static void get_frames(sk_cursor *cursor, sk_call *call) {
        call->frame_count = (uint8_t)get_below(cursor, SK_FRAMES_MAX + 1);
        for (unsigned i = 0; i < call->frame_count; i++) {
                get_frame(cursor, &call->frames[i]);
        }
        if (!call->is_ask && call->frame_count == 0 && cursor->err == SK_OK) {
                cursor->err = SK_ERR_RANGE;
        }
        assert(call->frame_count <= SK_FRAMES_MAX);
}

static void put_visit(const sk_visit *visit, sk_buf *out) {
        assert(visit->due < SK_DUES);
        assert(visit->how < SK_HOWS);
        sk_buf_add_u32(out, visit->number);
        if (visit->number == 0) {
                return;
        }
        unsigned flags = (visit->is_escalated ? VISIT_ESCALATED : 0u) | (visit->is_once ? VISIT_ONCE : 0u) |
                         (visit->is_reissued ? VISIT_REISSUED : 0u) | (visit->is_waiting ? VISIT_WAITING : 0u);
        const uint8_t bytes[] = {visit->try_number, (uint8_t)visit->how, (uint8_t)flags, visit->attempts,
                                 (uint8_t)visit->due};
        sk_buf_add(out, bytes, sizeof bytes);
        const int64_t times[VISIT_TIMES] = {visit->began_us,   visit->usual_us, visit->long_us,  visit->rest_us,
                                            visit->timeout_us, visit->said_us,  visit->again_us, visit->deadline_us};
        put_time(out, visit->entered_us);
        put_times(out, times, VISIT_TIMES);
        put_text(out, visit->responsible);
        put_text(out, visit->accountable);
        put_text(out, visit->instead_of);
        put_text(out, visit->routine);
        put_text(out, visit->holder);
        sk_buf_add(out, visit->edition.bytes, SK_DIGEST_BYTES);
}

static void get_visit(sk_cursor *cursor, sk_visit *visit) {
        assert(visit->number == 0);
        visit->number = sk_cursor_u32(cursor);
        if (visit->number == 0) {
                return;
        }
        visit->try_number = sk_cursor_u8(cursor);
        visit->how = (sk_how)get_below(cursor, SK_HOWS);
        unsigned flags = get_below(cursor, VISIT_FLAGS);
        visit->is_escalated = (flags & VISIT_ESCALATED) != 0;
        visit->is_once = (flags & VISIT_ONCE) != 0;
        visit->is_reissued = (flags & VISIT_REISSUED) != 0;
        visit->is_waiting = (flags & VISIT_WAITING) != 0;
        visit->attempts = sk_cursor_u8(cursor);
        visit->due = (sk_due)get_below(cursor, SK_DUES);
        int64_t *const times[VISIT_TIMES] = {&visit->began_us, &visit->usual_us,   &visit->long_us,
                                             &visit->rest_us,  &visit->timeout_us, &visit->said_us,
                                             &visit->again_us, &visit->deadline_us};
        visit->entered_us = get_time(cursor);
        get_times(cursor, times, VISIT_TIMES);
        visit->responsible = get_text(cursor);
        visit->accountable = get_text(cursor);
        visit->instead_of = get_text(cursor);
        visit->routine = get_text(cursor);
        visit->holder = get_text(cursor);
        get_bytes16(cursor, visit->edition.bytes);
}

static void put_ask(const sk_ask *ask, sk_buf *out) {
        assert(ask->type < SK_CALL_TYPES);
        unsigned flags = (ask->withdraw_sent ? ASK_WITHDRAW_SENT : 0u) |
                         (ask->needs_coordinator ? ASK_NEEDS_COORDINATOR : 0u) | (ask->is_retyped ? ASK_RETYPED : 0u) |
                         (ask->is_onward ? ASK_ONWARD : 0u);
        const uint8_t bytes[] = {(uint8_t)flags,  (uint8_t)ask->type,     ask->target,
                                 ask->try_number, (uint8_t)ask->standing, (uint8_t)ask->outcome};
        const uint32_t numbers[] = {ask->visit,    ask->out_seqno, ask->in_seqno,
                                    ask->question, ask->offer,     ask->answered};

        assert(ask->standing < SK_STANDINGS);
        assert(ask->outcome < SK_OUTCOMES);
        put_id(out, &ask->id);
        put_text(out, ask->provider);
        put_text(out, ask->facility);
        sk_buf_add(out, bytes, sizeof bytes);
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
                sk_buf_add_u32(out, numbers[i]);
        }
        const int64_t times[ASK_TIMES] = {ask->due_us, ask->promised_us, ask->forecast_us};
        put_times(out, times, ASK_TIMES);
}

static void get_ask(sk_cursor *cursor, sk_ask *ask) {
        assert(ask != NULL);
        get_bytes16(cursor, ask->id.bytes);
        ask->provider = get_text(cursor);
        ask->facility = get_text(cursor);
        unsigned flags = get_below(cursor, ASK_FLAGS);
        ask->is_retyped = (flags & ASK_RETYPED) != 0;
        ask->withdraw_sent = (flags & ASK_WITHDRAW_SENT) != 0;
        ask->needs_coordinator = (flags & ASK_NEEDS_COORDINATOR) != 0;
        ask->is_onward = (flags & ASK_ONWARD) != 0;
        ask->type = (sk_call_type)get_below(cursor, SK_CALL_TYPES);
        ask->target = sk_cursor_u8(cursor);
        ask->try_number = sk_cursor_u8(cursor);
        ask->standing = (sk_standing)get_below(cursor, SK_STANDINGS);
        ask->outcome = (sk_outcome)get_below(cursor, SK_OUTCOMES);
        uint32_t *numbers[] = {&ask->visit,    &ask->out_seqno, &ask->in_seqno,
                               &ask->question, &ask->offer,     &ask->answered};
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
                *numbers[i] = sk_cursor_u32(cursor);
        }
        int64_t *const times[ASK_TIMES] = {&ask->due_us, &ask->promised_us, &ask->forecast_us};
        get_times(cursor, times, ASK_TIMES);
}

static void put_asks(const sk_call *call, sk_buf *out) {
        assert(call->ask_count <= SK_ASKS_MAX);
        sk_buf_add_byte(out, call->ask_count);
        for (unsigned i = 0; i < call->ask_count; i++) {
                put_ask(&call->asks[i], out);
        }
}

static void get_asks(sk_cursor *cursor, sk_call *call) {
        call->ask_count = (uint8_t)get_below(cursor, SK_ASKS_MAX + 1);
        for (unsigned i = 0; i < call->ask_count; i++) {
                get_ask(cursor, &call->asks[i]);
        }
        assert(call->ask_count <= SK_ASKS_MAX);
}

static void put_work(const sk_call *call, sk_buf *out) {
        assert(call->work_count <= SK_WORK_MEMORY);
        assert(call->work_next < SK_WORK_MEMORY);
        sk_buf_add_byte(out, call->work_count);
        sk_buf_add_byte(out, call->work_next);
        for (unsigned i = 0; i < call->work_count; i++) {
                sk_buf_add_u64(out, call->work[i].tail);
                sk_buf_add_byte(out, call->work[i].was_done);
        }
}

static void get_work(sk_cursor *cursor, sk_call *call) {
        call->work_count = (uint8_t)get_below(cursor, SK_WORK_MEMORY + 1);
        call->work_next = (uint8_t)get_below(cursor, SK_WORK_MEMORY);
        for (unsigned i = 0; i < call->work_count; i++) {
                call->work[i].tail = sk_cursor_u64(cursor);
                call->work[i].was_done = get_below(cursor, 2) != 0;
        }
        assert(call->work_count <= SK_WORK_MEMORY);
        assert(call->work_next < SK_WORK_MEMORY);
}

void sk_call_encode(const sk_call *call, sk_buf *out) {
        assert(out->len == 0); /* it begins with the timer, which is found there */
        assert(call->is_ask || call->frame_count > 0);
        put_time(out, call->timer_us);
        put_identity(call, out);
        put_state(call, out);
        put_answers(call, out);
        put_frames(call, out);
        put_visit(&call->visit, out);
        put_asks(call, out);
        put_work(call, out);
}

sk_err sk_call_decode(sk_slice head, sk_call *out) {
        sk_cursor cursor = sk_cursor_make(head);

        assert(out != NULL);
        *out = (sk_call){0};
        out->timer_us = get_time(&cursor);
        get_identity(&cursor, out);
        get_state(&cursor, out);
        get_answers(&cursor, out);
        get_frames(&cursor, out);
        get_visit(&cursor, &out->visit);
        get_asks(&cursor, out);
        get_work(&cursor, out);
        assert(out->frame_count <= SK_FRAMES_MAX);
        assert(out->ask_count <= SK_ASKS_MAX);
        if (cursor.err == SK_OK && sk_cursor_left(&cursor) != 0) {
                cursor.err = SK_ERR_RANGE;
        }
        return cursor.err;
}

sk_frame *sk_call_top(sk_call *call) {
        assert(call->frame_count > 0);
        return &call->frames[call->frame_count - 1];
}

const sk_activity *sk_frame_activity(const sk_frame *frame) {
        const sk_process_info *info = sk_process_get(frame->process);

        assert(frame->step == SK_AT_CUT || frame->step < info->count);
        return frame->step == SK_AT_CUT ? NULL : &info->activities[frame->step];
}

sk_ask *sk_call_ask(sk_call *call, const sk_id *id) {
        assert(id != NULL);
        assert(call->ask_count <= SK_ASKS_MAX);
        for (unsigned i = 0; i < call->ask_count; i++) {
                if (sk_id_equal(&call->asks[i].id, id)) {
                        return &call->asks[i];
                }
        }
        return NULL;
}

bool sk_call_has_open_asks(const sk_call *call) {
        assert(call->ask_count <= SK_ASKS_MAX);
        for (unsigned i = 0; i < call->ask_count; i++) {
                if (call->asks[i].standing != SK_CLOSED) {
                        return true;
                }
        }
        return false;
}

bool sk_visit_has_open_asks(const sk_call *call) {
        assert(call->ask_count <= SK_ASKS_MAX);
        for (unsigned i = 0; i < call->ask_count; i++) {
                if (call->asks[i].standing != SK_CLOSED && !call->asks[i].is_onward) {
                        return true;
                }
        }
        return false;
}

int64_t sk_call_due_us(const sk_call *call, const sk_hours *hours, int64_t now_us) {
        assert(call != NULL);
        int64_t due_us = 0;
        int64_t stood_us = call->stopped_us;

        if (call->resolve_by_us == 0) {
                return 0;
        }
        if (call->clock_stands) {
                stood_us += sk_hours_between(hours, call->clock_changed_us, now_us);
        }
        return sk_hours_add(hours, call->resolve_by_us, stood_us < 0 ? 0 : stood_us, &due_us) == SK_OK ? due_us : 0;
}

sk_selection sk_call_selection(const sk_call *call) {
        sk_process path[SK_FRAMES_MAX] = {0};

        assert(call->frame_count > 0);
        assert(call->frame_count <= SK_FRAMES_MAX);
        for (unsigned i = 0; i < call->frame_count; i++) {
                path[i] = call->frames[i].process;
        }
        return (sk_selection){.first = path[0],
                              .workflows =
                                      (uint16_t)(call->workflow != 0 ? 1u << call->workflow
                                                                     : sk_workflows_possible(path, call->frame_count)),
                              .customer = call->customer,
                              .facility = call->facility,
                              .category = call->category.len > 0 ? call->category : SK_NONE,
                              .priority = call->priority};
}
