#ifndef SK_TESTS_FAKE_STEP_H
#define SK_TESTS_FAKE_STEP_H

#include <stdio.h>
#include <stdlib.h>

#include "kit/json_scan.h"
#include "link/customers.h"
#include "link/journal.h"
#include "link/step.h"

/*
 * A step that does as its message says: {"do": …} with
 *
 *   open     a call appears, or its count goes up; writes one event
 *   data     the same, and the data becomes the message
 *   due      the same, and the call is to be looked at at the time `at`
 *   ask      the same, and the call has an open ask to team network
 *   close    the call closes
 *   reject   the record is of no use
 *   tell     the same as open, and people are to be told
 *   huge     it makes more than any batch holds
 *   quiet    nothing changes, nothing is written
 *
 * and `lasted`, so many microseconds that an activity of the routine `work` took,
 *
 * A head is the call's count as text, `customer|count|root`, or `customer|count@time|root` until that time, or
 * `customer|count!|root` with an open ask, whose raise said again is the text `again`. A message about a stub asks for
 * the stub, and what is read becomes an event. Include in exactly one file of a test program: it takes the place of the
 * true step.
 */

static int64_t fake_step_now_us;   /* of the last step */
static size_t fake_step_calls;     /* steps so far */
static sk_known fake_step_known;   /* what the last step was told */
static bool fake_step_was_open;    /* what the last step heard about the loop */
static char fake_step_order[4096]; /* `seen` members in the order in which they came */
static char fake_step_data[256];   /* data of the last step */
static sk_usual fake_step_usual;   /* what the last step heard about that activity; zeroes: nothing */

static const sk_duration_key fake_activity = {{"work", 4}, 1};

static void fake_event_of(const sk_step_context *context, sk_out *out, sk_slice key, const char *type,
                          const char *text) {
        sk_headers_add(&out->headers, "ce_type", sk_slice_of(type));
        sk_buf_add_text(&out->value, text);
        sk_out_add(out, sk_topics_own(context->topics, SK_TOPIC_EVENTS), sk_hash_partition(key, context->partitions),
                   key);
}

static void fake_event(const sk_step_context *context, sk_out *out, sk_slice key, const char *text) {
        fake_event_of(context, out, key, "schakel.event.noted", text);
}

static void fake_stub(const sk_step_context *context, sk_slice customer, const sk_id *id, sk_after *after) {
        sk_buf bytes = sk_buf_make(4096);
        sk_stub stub = {.customer = customer,
                        .id = *id,
                        .in_seqno = 7,
                        .out_seqno = 8,
                        .closed_us = context->now_us,
                        .expires_us = context->now_us + INT64_C(1000000000)};

        sk_stub_encode(&stub, &bytes);
        after->stub = bytes.err == SK_OK ? sk_arena_copy(context->arena, sk_buf_slice(&bytes)) : SK_NONE;
        sk_buf_free(&bytes);
}

static void fake_remember(const sk_step_input *input, sk_arena *arena) {
        sk_slice seen = sk_json_member_string(input->record->value, "seen", arena);
        size_t len = strlen(fake_step_order);

        if (sk_slice_there(seen) && len + seen.len + 1 < sizeof(fake_step_order)) {
                memcpy(fake_step_order + len, seen.at, seen.len);
                fake_step_order[len + seen.len] = '\0';
        }
}

static sk_slice fake_head(const sk_step_context *context, const sk_before *before, sk_slice customer, sk_slice root,
                          int64_t due_us, bool asks) {
        sk_buf text = sk_buf_make(4096);
        const char *bar = before->known == SK_KNOWN_OPEN ? memchr(before->head.at, '|', before->head.len) : NULL;
        int count = bar == NULL ? 1 : (int)strtol(bar + 1, NULL, 10) + 1;
        char due[32] = "";
        sk_slice head;

        if (due_us != 0)
                (void)snprintf(due, sizeof(due), "@%lld", (long long)due_us);
        else if (asks)
                (void)snprintf(due, sizeof(due), "!");
        sk_buf_add_format(&text, "%.*s|%d%s|%.*s", (int)customer.len, customer.at == NULL ? "" : customer.at, count,
                          due, (int)root.len, root.at == NULL ? "" : root.at);
        head = text.err == SK_OK ? sk_arena_copy(context->arena, sk_buf_slice(&text)) : SK_NONE;
        sk_buf_free(&text);
        return head;
}

static sk_slice fake_customer(const sk_before *before, const sk_step_input *input) {
        if (before->known == SK_KNOWN_OPEN) {
                const char *bar = memchr(before->head.at, '|', before->head.len);
                size_t len = (size_t)(bar - before->head.at);

                return len == 0 ? SK_NONE : (sk_slice){before->head.at, len};
        }
        return input->record->topic->kind == SK_TOPIC_CALLS ? input->record->topic->peer : SK_NONE;
}

static sk_err fake_do(const sk_step_context *context, const sk_before *before, const sk_step_input *input,
                      sk_slice what, sk_out *out, sk_after *after, sk_reject *reject) {
        int64_t due_us = 0;

        if (sk_slice_is(what, "reject")) {
                fake_event(context, out, input->record->key, "never to be seen");
                *reject = (sk_reject){.reason = "bad-data", .text = "asked for"};
                return SK_ERR_CONFLICT;
        }
        if (sk_slice_is(what, "huge")) {
                while (out->err == SK_OK)
                        fake_event(context, out, input->record->key, "more and more and more and more");
                return out->err;
        }
        if (sk_slice_is(what, "quiet"))
                return SK_OK;
        after->customer = fake_customer(before, input);
        after->id =
                input->record->topic->kind == SK_TOPIC_FEEDBACK ? input->envelope->replykey : input->envelope->callid;
        fake_event(context, out, input->record->key, "done");
        after->has_told = sk_slice_is(what, "tell");
        if (after->has_told)
                fake_event_of(context, out, input->record->key, "schakel.event.informed", "{\"key\":\"7\"}");
        if (sk_json_member_int(input->record->value, "lasted", 0, INT64_MAX, &after->durations[0].duration_us)) {
                after->durations[0].key = fake_activity;
                after->duration_count = 1;
        }
        if (sk_slice_is(what, "close")) {
                after->change = SK_CHANGE_CLOSE;
                fake_stub(context, after->customer, &after->id, after);
                return sk_slice_there(after->stub) ? out->err : SK_ERR_NO_MEMORY;
        }
        after->change = SK_CHANGE_PUT;
        (void)sk_json_member_int(input->record->value, "at", INT64_MIN, INT64_MAX, &due_us);
        after->head =
                fake_head(context, before, after->customer, input->envelope->rootid, due_us, sk_slice_is(what, "ask"));
        after->data_changed = sk_slice_is(what, "data");
        after->data = input->record->value;
        if (after->data_changed)
                after->data = sk_arena_copy(context->arena, input->record->value);
        return sk_slice_there(after->head) && sk_slice_there(after->data) ? out->err : SK_ERR_NO_MEMORY;
}

/* The call goes on without a deadline; its customer is in its head. */
static sk_err fake_timer(const sk_step_context *context, const sk_before *before, sk_out *out, sk_after *after) {
        const char *bar = memchr(before->head.at, '|', before->head.len);
        const char *last = memrchr(before->head.at, '|', before->head.len);
        sk_slice root = {last + 1, before->head.len - (size_t)(last + 1 - before->head.at)};
        char cause[40];

        (void)snprintf(cause, sizeof(cause), "timer of %lld", (long long)sk_head_timer_us(before->head));
        if (!sk_id_parse(root, &after->id))
                return SK_ERR_SYNTAX;
        fake_event(context, out, root, cause);
        after->change = SK_CHANGE_PUT;
        after->customer = (sk_slice){before->head.at, (size_t)(bar - before->head.at)};
        after->head = fake_head(context, before, after->customer, root, 0, false);
        return sk_slice_there(after->head) ? out->err : SK_ERR_NO_MEMORY;
}

bool sk_head_asks(sk_slice head, sk_slice provider) {
        return sk_slice_is(provider, "network") && memchr(head.at, '!', head.len) != NULL;
}

static sk_err fake_resync(const sk_step_context *context, const sk_before *before, const sk_step_input *input,
                          sk_out *out) {
        const char *last = memrchr(before->head.at, '|', before->head.len);
        sk_slice root = {last + 1, before->head.len - (size_t)(last + 1 - before->head.at)};

        if (!sk_head_asks(before->head, input->provider))
                return SK_OK;
        sk_headers_add(&out->headers, "ce_type", SK_SLICE("schakel.call.raise"));
        sk_buf_add_text(&out->value, "again");
        sk_out_add(out, sk_topics_calls_to(context->topics, input->provider),
                   sk_hash_partition(root, context->partitions), root);
        return out->err;
}

sk_err sk_step(const sk_step_context *context, const sk_before *before, const sk_step_input *input, sk_out *out,
               sk_after *out_after, sk_reject *out_reject) {
        sk_stub stub;

        *out_after = (sk_after){.change = SK_CHANGE_NOTHING, .customer = SK_NONE};
        *out_reject = (sk_reject){0};
        fake_step_calls++;
        fake_step_now_us = context->now_us;
        fake_step_known = before->known;
        fake_step_data[0] = '\0';
        fake_step_usual = (sk_usual){0, 0};
        (void)sk_durations_usual(context->durations, &fake_activity, &fake_step_usual);
        if (before->known == SK_KNOWN_OPEN && before->data.len < sizeof(fake_step_data)) {
                memcpy(fake_step_data, before->data.at, before->data.len);
                fake_step_data[before->data.len] = '\0';
        }
        if (input->kind == SK_INPUT_TIMER)
                return fake_timer(context, before, out, out_after);
        if (input->kind == SK_INPUT_RESYNC)
                return fake_resync(context, before, input, out);
        if (input->kind == SK_INPUT_STUB_READ && !sk_slice_there(input->stub))
                return SK_OK;
        if (input->kind == SK_INPUT_STUB_READ) {
                if (sk_stub_decode(input->stub, &stub) != SK_OK)
                        return SK_ERR_CONFLICT;
                fake_event(context, out, SK_SLICE("00000000-0000-7000-8000-000000000000"), "from the stub");
                return out->err;
        }
        fake_remember(input, context->arena);
        fake_step_was_open = context->is_open(context->self, input->envelope->rootid, SK_SLICE("laptop"), SK_INCIDENT);
        if (before->known == SK_KNOWN_CLOSED && input->record->topic->kind == SK_TOPIC_CALLS) {
                out_after->wants_stub = true;
                return SK_OK;
        }
        return fake_do(context, before, input, sk_json_member_string(input->record->value, "do", context->arena), out,
                       out_after, out_reject);
}

int64_t sk_head_timer_us(sk_slice head) {
        const char *at = memchr(head.at, '@', head.len);

        return at == NULL ? 0 : strtoll(at + 1, NULL, 10);
}

sk_err sk_head_summarise(sk_slice head, sk_head_summary *out) {
        const char *bar = memchr(head.at, '|', head.len);
        const char *last;

        if (bar == NULL)
                return SK_ERR_SYNTAX;
        last = memrchr(head.at, '|', head.len);
        *out = (sk_head_summary){.is_ask = bar == head.at,
                                 .customer = {head.at, (size_t)(bar - head.at)},
                                 .rootid = {last + 1, head.len - (size_t)(last + 1 - head.at)},
                                 .facility = SK_SLICE("laptop"),
                                 .type = SK_INCIDENT};
        return SK_OK;
}

#endif
