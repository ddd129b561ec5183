/*
 * Work instructions and calls below the rows of a report.
 */
#include "cli/report/report_details.h"

#include <assert.h>
#include <stdlib.h>

#include "kit/alloc.h"

struct sk_report_details {
        size_t calls_max;
        sk_detail *at;
        size_t count;
        size_t room;
};

sk_report_details *sk_report_details_new(size_t calls_max) {
        sk_report_details *details = sk_alloc_zero(1, sizeof(*details));
        if (details != NULL)
                details->calls_max = calls_max;
        return details;
}

void sk_report_details_free(sk_report_details *details) {
        if (details == NULL)
                return;
        for (size_t i = 0; i < details->count; i++) {
                sk_report_row_free(&details->at[i].row);
                sk_free(details->at[i].calls);
        }
        sk_free(details->at);
        sk_free(details);
}

static bool fits(const sk_detail *detail, const sk_figured *call) {
        return detail->workflow == call->workflow && (call->workflow != 0 || detail->type == call->type) &&
               sk_slice_equal(detail->instruction, call->instruction);
}

/* NULL without memory. */
static sk_detail *detail_of(sk_report_details *details, const sk_figured *call) {
        for (size_t i = 0; i < details->count; i++) {
                if (fits(&details->at[i], call))
                        return &details->at[i];
        }
        if (details->count == details->room) {
                size_t room = details->room == 0 ? 16 : 2 * details->room;
                sk_detail *at = sk_realloc(details->at, room * sizeof(*at));
                if (at == NULL)
                        return NULL;
                details->at = at;
                details->room = room;
        }
        sk_detail *made = &details->at[details->count++];
        *made = (sk_detail){.workflow = call->workflow, .type = call->type, .instruction = call->instruction};
        return made;
}

static sk_detail_call call_of(const sk_figured *figured) {
        sk_detail_call call = {.id = figured->id,
                               .customer = figured->customer,
                               .facility = figured->facility,
                               .provider = figured->provider,
                               .code = figured->code,
                               .type = figured->type,
                               .is_open = figured->is_open,
                               .is_promised = figured->is_promised,
                               .is_kept = figured->is_kept,
                               .is_response_promised = figured->is_response_promised,
                               .is_response_kept = figured->is_response_kept,
                               .outcome = figured->outcome,
                               .opened_us = figured->opened_us,
                               .closed_us = figured->closed_us,
                               .lead_us = figured->lead_us};
        const sk_report_ended *ended = figured->ended;
        if (ended != NULL && ended->part_count > 0)
                call.cause = ended->parts[sk_report_part_largest(ended->parts, ended->part_count)];
        return call;
}

/* Whether somebody will ask about this call. */
static bool is_notable(const sk_detail_call *call) {
        bool is_late = (call->is_promised && !call->is_kept) || (call->is_response_promised && !call->is_response_kept);
        return is_late || (!call->is_open && call->outcome != SK_COMPLETED);
}

static sk_err append_call(sk_detail *detail, const sk_detail_call *call) {
        if (detail->call_count == detail->call_room) {
                size_t room = detail->call_room == 0 ? 16 : 2 * detail->call_room;
                sk_detail_call *calls = sk_realloc(detail->calls, room * sizeof(*calls));
                if (calls == NULL)
                        return SK_ERR_NO_MEMORY;
                detail->calls = calls;
                detail->call_room = room;
        }
        detail->calls[detail->call_count++] = *call;
        return SK_OK;
}

/* There is no room: a notable one takes the place of one that is not. */
static void replace_call(sk_detail *detail, const sk_detail_call *call) {
        detail->left_out++;
        for (size_t i = 0; is_notable(call) && i < detail->call_count; i++) {
                if (!is_notable(&detail->calls[i])) {
                        detail->calls[i] = *call;
                        return;
                }
        }
}

sk_err sk_report_details_add(void *self, const sk_figured *figured) {
        sk_report_details *details = self;
        sk_detail *detail = detail_of(details, figured);
        sk_err err = SK_OK;
        if (detail == NULL)
                return SK_ERR_NO_MEMORY;
        if (figured->is_open)
                detail->row.open++;
        else if (figured->ended != NULL)
                err = sk_report_row_add(&detail->row, figured->ended);
        sk_detail_call call = call_of(figured);
        if (err == SK_OK && detail->call_count < details->calls_max)
                return append_call(detail, &call);
        replace_call(detail, &call);
        return err;
}

/* ---- order ---- */

static int compare_names(sk_slice a, sk_slice b) {
        int found = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);
        return found != 0 ? found : (a.len > b.len) - (a.len < b.len);
}

/* Undecided ones come last; what ran under none comes first. */
static int compare_details(const void *a, const void *b) {
        const sk_detail *left = a;
        const sk_detail *right = b;
        unsigned left_place = left->workflow == 0 ? 100 + left->type : left->workflow;
        unsigned right_place = right->workflow == 0 ? 100 + right->type : right->workflow;
        if (left_place != right_place)
                return left_place < right_place ? -1 : 1;
        return compare_names(left->instruction, right->instruction);
}

static int compare_calls(const void *a, const void *b) {
        const sk_detail_call *left = a;
        const sk_detail_call *right = b;
        if (left->opened_us != right->opened_us)
                return left->opened_us < right->opened_us ? -1 : 1;
        return memcmp(left->id.bytes, right->id.bytes, sizeof(left->id.bytes));
}

void sk_report_details_sort(sk_report_details *details) {
        if (details->count > 1)
                qsort(details->at, details->count, sizeof(*details->at), compare_details);
        for (size_t i = 0; i < details->count; i++) {
                sk_detail *detail = &details->at[i];
                if (detail->call_count > 1)
                        qsort(detail->calls, detail->call_count, sizeof(*detail->calls), compare_calls);
        }
}

size_t sk_report_details_count(const sk_report_details *details) {
        return details->count;
}

sk_detail *sk_report_details_at(sk_report_details *details, size_t index) {
        assert(index < details->count);
        return &details->at[index];
}
