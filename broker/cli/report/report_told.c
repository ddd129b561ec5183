/*
 * What a customer knows of his calls: what he raised and what he was told.
 */
#include <assert.h>

#include "cli/report/report_call.h"
#include "cli/report/report_ends.h"
#include "kit/alloc.h"
#include "kit/json_scan.h"
#include "kit/when.h"

#define ARENA_BYTES ((size_t)1 << 20)

/** A call that he raised. */
typedef struct told_call {
        int64_t raised_us;
        int64_t closed_us; /**< INT64_MAX: not yet */
        int64_t lead_us;
        int64_t stopped_us;
        sk_call_type type;
        sk_outcome outcome;
        bool is_refused; /**< the raise itself was: there never was a call */
        bool is_promised;
        bool is_kept;
        bool is_response_promised;
        bool is_response_kept;
} told_call;

struct sk_told {
        sk_told_plan plan;
        sk_idmap *by_id;
        sk_arena *calls;
        sk_arena *arena; /**< strings of one record */
};

sk_told *sk_told_new(const sk_told_plan *plan) {
        sk_told *told = sk_alloc_zero(1, sizeof(*told));
        if (told == NULL)
                return NULL;
        told->plan = *plan;
        told->by_id = sk_idmap_new();
        told->calls = sk_arena_new(SIZE_MAX);
        told->arena = sk_arena_new(ARENA_BYTES);
        if (told->by_id == NULL || told->calls == NULL || told->arena == NULL) {
                sk_told_free(told);
                return NULL;
        }
        return told;
}

void sk_told_free(sk_told *told) {
        if (told == NULL)
                return;
        sk_idmap_free(told->by_id);
        sk_arena_free(told->calls);
        sk_arena_free(told->arena);
        sk_free(told);
}

static bool is_usable(const sk_log_entry *entry) {
        return sk_slice_there(entry->value) && sk_json_check(entry->value, SK_JSON_SCAN_DEPTH_MAX, NULL) == SK_OK &&
               sk_json_kind_of(entry->value) == SK_JSON_OBJECT;
}

static int64_t time_of(const sk_log_entry *entry) {
        int64_t time_us;
        sk_slice text = sk_headers_find(entry->headers, "ce_time");
        return sk_slice_there(text) && sk_when_parse(text, &time_us) ? time_us : entry->timestamp_us;
}

static void read_type(sk_told *told, told_call *call, sk_slice object) {
        sk_slice text = sk_json_member_string(object, "type", told->arena);
        sk_call_type type = sk_slice_there(text) ? sk_call_type_find(text) : SK_CALL_TYPES;
        if (type != SK_CALL_TYPES)
                call->type = type;
}

sk_err sk_told_call(sk_told *told, const sk_log_entry *entry) {
        sk_id id;
        sk_message message = sk_message_find(sk_headers_find(entry->headers, "ce_type"));
        sk_arena_reset(told->arena);
        if (message != SK_CALL_RAISE || !sk_id_parse(sk_headers_find(entry->headers, "ce_callid"), &id) ||
            !is_usable(entry) || sk_idmap_get(told->by_id, &id) != NULL)
                return SK_OK;
        told_call *call = sk_arena_get_zero(told->calls, 1, sizeof(*call));
        if (call == NULL)
                return SK_ERR_NO_MEMORY;
        *call = (told_call){.raised_us = time_of(entry), .closed_us = INT64_MAX, .type = SK_CALL_TYPES};
        read_type(told, call, entry->value);
        return sk_idmap_put(told->by_id, &id, call, NULL);
}

static void closed(sk_told *told, told_call *call, const sk_log_entry *entry) {
        sk_slice clock = sk_json_member(entry->value, "clock");
        sk_slice outcome = sk_json_member_string(entry->value, "outcome", told->arena);
        if (call->closed_us != INT64_MAX || !sk_slice_there(clock))
                return; /* told again */
        sk_outcome found = sk_slice_there(outcome) ? sk_outcome_find(outcome) : SK_OUTCOMES;
        sk_slice kept = sk_json_member(clock, "kept");
        call->closed_us = time_of(entry);
        call->outcome = found == SK_OUTCOMES ? SK_OUTCOME_NONE : found;
        call->lead_us = sk_report_seconds(clock, "elapsed_s");
        call->stopped_us = sk_report_seconds(clock, "stopped_s");
        call->raised_us = call->closed_us - call->lead_us;
        call->is_promised = sk_slice_there(kept);
        call->is_kept = sk_slice_there(kept) && sk_slice_is(kept, "true");
        sk_slice response = sk_json_member(clock, "response_kept");
        call->is_response_promised = sk_slice_there(response);
        call->is_response_kept = sk_slice_there(response) && sk_slice_is(response, "true");
}

/* The raise is the first message; a refusal of it outside the numbering says that there is no call. */
static void refused(sk_told *told, told_call *call, const sk_log_entry *entry) {
        sk_slice of = sk_json_member_string(entry->value, "of", told->arena);
        bool is_raise = of.len == SK_ID_TEXT + 4 && memcmp(of.at + SK_ID_TEXT, "/c/1", 4) == 0;
        if (is_raise && call->closed_us == INT64_MAX && sk_slice_is(sk_headers_find(entry->headers, "ce_seqno"), "0"))
                call->is_refused = true;
}

sk_err sk_told_feedback(sk_told *told, const sk_log_entry *entry) {
        sk_id id;
        sk_message message = sk_message_find(sk_headers_find(entry->headers, "ce_type"));
        sk_arena_reset(told->arena);
        if (!sk_id_parse(sk_headers_find(entry->headers, "ce_callid"), &id) || !is_usable(entry))
                return SK_OK;
        told_call *call = sk_idmap_get(told->by_id, &id);
        sk_slice standing = sk_json_member(entry->value, "standing");
        if (call == NULL)
                return SK_OK;
        if (sk_slice_there(standing) && sk_json_kind_of(standing) == SK_JSON_OBJECT && call->closed_us == INT64_MAX &&
            time_of(entry) < told->plan.to_us)
                read_type(told, call, standing);
        if (message == SK_FEEDBACK_CLOSED)
                closed(told, call, entry);
        else if (message == SK_FEEDBACK_REFUSED)
                refused(told, call, entry);
        return SK_OK;
}

sk_err sk_told_end(sk_told *told, sk_end *end) {
        size_t position = 0;
        void *at;
        sk_id id;
        sk_err err = SK_OK;
        while (err == SK_OK && sk_idmap_next(told->by_id, &position, &id, &at)) {
                const told_call *call = at;
                bool is_open = call->closed_us >= told->plan.to_us;
                if (call->is_refused || call->raised_us >= told->plan.to_us || call->closed_us < told->plan.from_us)
                        continue;
                sk_figured figured = {.customer = told->plan.customer,
                                      .provider = told->plan.provider,
                                      .type = call->type,
                                      .is_open = is_open,
                                      .outcome = call->outcome,
                                      .lead_us = call->lead_us,
                                      .stopped_us = call->stopped_us,
                                      .is_promised = call->is_promised,
                                      .is_kept = call->is_kept,
                                      .is_response_promised = call->is_response_promised,
                                      .is_response_kept = call->is_response_kept};
                err = sk_end_add(end, &figured);
        }
        return err;
}
