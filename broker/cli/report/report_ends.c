/*
 * Figures of one end of agreements, in a form that both ends can compare.
 */
#include "cli/report/report_ends.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "kit/alloc.h"
#include "kit/arena.h"
#include "kit/map.h"

#define ARENA_BYTES ((size_t)64 << 20)
#define NAME_BYTES 256
#define TEXT_BYTES ((size_t)64 << 20)

/** A row while it is filled. */
typedef struct filling {
        sk_end_row row; /**< first, so that rows can be compared */
        int64_t *leads;
        size_t count;
        size_t room;
} filling;

struct sk_end {
        sk_map *by_name;
        sk_arena *arena;
        filling **rows;
        size_t count;
        size_t room;
};

sk_end *sk_end_new(void) {
        sk_end *end = sk_alloc_zero(1, sizeof(*end));
        if (end == NULL)
                return NULL;
        end->by_name = sk_map_new();
        end->arena = sk_arena_new(ARENA_BYTES);
        if (end->by_name == NULL || end->arena == NULL) {
                sk_end_free(end);
                return NULL;
        }
        return end;
}

void sk_end_free(sk_end *end) {
        if (end == NULL)
                return;
        for (size_t i = 0; i < end->count; i++)
                sk_free(end->rows[i]->leads);
        sk_free(end->rows);
        sk_map_free(end->by_name);
        sk_arena_free(end->arena);
        sk_free(end);
}

static bool make_room(sk_end *end) {
        if (end->count < end->room)
                return true;
        size_t room = end->room == 0 ? 16 : 2 * end->room;
        filling **rows = sk_realloc(end->rows, room * sizeof(*rows));
        if (rows == NULL)
                return false;
        end->rows = rows;
        end->room = room;
        return true;
}

static filling *row_new(sk_end *end, sk_slice name, const sk_figured *call) {
        filling *made = sk_arena_get_zero(end->arena, 1, sizeof(*made));
        if (made == NULL || !make_room(end))
                return NULL;
        made->row.customer = sk_arena_copy(end->arena, call->customer);
        made->row.provider = sk_arena_copy(end->arena, call->provider);
        made->row.type = call->type;
        if (!sk_slice_there(made->row.customer) || !sk_slice_there(made->row.provider) ||
            sk_map_put(end->by_name, name, made, NULL) != SK_OK)
                return NULL;
        end->rows[end->count++] = made;
        return made;
}

static filling *row_of(sk_end *end, const sk_figured *call) {
        char text[NAME_BYTES];
        if (call->customer.len + call->provider.len + 8 > sizeof(text))
                return NULL;
        int len = snprintf(text, sizeof(text), "%.*s/%.*s/%u", (int)call->customer.len, call->customer.at,
                           (int)call->provider.len, call->provider.at, (unsigned)call->type);
        sk_slice name = {text, (size_t)len};
        filling *known = sk_map_get(end->by_name, name);
        return known != NULL ? known : row_new(end, name, call);
}

static sk_err add_lead(filling *to, int64_t lead_us) {
        if (to->count == to->room) {
                size_t room = to->room == 0 ? 16 : 2 * to->room;
                int64_t *leads = sk_realloc(to->leads, room * sizeof(*leads));
                if (leads == NULL)
                        return SK_ERR_NO_MEMORY;
                to->leads = leads;
                to->room = room;
        }
        to->leads[to->count++] = lead_us;
        return SK_OK;
}

sk_err sk_end_add(void *self, const sk_figured *call) {
        sk_end *end = self;
        if (sk_slice_equal(call->customer, call->provider))
                return SK_OK;
        filling *to = row_of(end, call);
        if (to == NULL)
                return SK_ERR_NO_MEMORY;
        to->row.open += call->is_open;
        if (call->is_open)
                return SK_OK;
        assert(call->outcome < SK_OUTCOMES);
        to->row.closed++;
        to->row.outcomes[call->outcome]++;
        to->row.promised += call->is_promised;
        to->row.kept += call->is_promised && call->is_kept;
        to->row.response_promised += call->is_response_promised;
        to->row.response_kept += call->is_response_promised && call->is_response_kept;
        to->row.lead_us += call->lead_us;
        to->row.stopped_us += call->stopped_us;
        return add_lead(to, call->lead_us);
}

static int name_compare(sk_slice a, sk_slice b) {
        int found = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);
        return found != 0 ? found : (a.len > b.len) - (a.len < b.len);
}

static int row_compare(const void *a, const void *b) {
        const sk_end_row *left = &(*(filling *const *)a)->row;
        const sk_end_row *right = &(*(filling *const *)b)->row;
        int found = name_compare(left->provider, right->provider);
        if (found == 0)
                found = name_compare(left->customer, right->customer);
        return found != 0 ? found : (left->type > right->type) - (left->type < right->type);
}

void sk_end_sort(sk_end *end) {
        if (end->count > 1)
                qsort(end->rows, end->count, sizeof(*end->rows), row_compare);
        for (size_t i = 0; i < end->count; i++) {
                filling *to = end->rows[i];
                if (to->count > 1)
                        qsort(to->leads, to->count, sizeof(*to->leads), sk_lead_compare);
                to->row.median_us = sk_percentile_of(to->leads, to->count, 50);
                to->row.p90_us = sk_percentile_of(to->leads, to->count, 90);
        }
}

size_t sk_end_count(const sk_end *end) {
        return end->count;
}

const sk_end_row *sk_end_at(const sk_end *end, size_t index) {
        assert(index < end->count);
        return &end->rows[index]->row;
}

/* ---- digest ---- */

static void write_row(sk_buf *text, const sk_end_row *row) {
        sk_buf_add_slice(text, row->provider);
        sk_buf_add_byte(text, ' ');
        sk_buf_add_slice(text, row->customer);
        sk_buf_add_format(text, " %u closed %" PRIu64 " open %" PRIu64 " promised %" PRIu64 " kept %" PRIu64,
                          (unsigned)row->type, row->closed, row->open, row->promised, row->kept);
        sk_buf_add_format(text, " lead %" PRId64 " stopped %" PRId64 " median %" PRId64 " p90 %" PRId64, row->lead_us,
                          row->stopped_us, row->median_us, row->p90_us);
        sk_buf_add_format(text, " response %" PRIu64 " kept %" PRIu64, row->response_promised, row->response_kept);
        for (unsigned i = 0; i < SK_OUTCOMES; i++)
                sk_buf_add_format(text, " %" PRIu64, row->outcomes[i]);
        sk_buf_add_byte(text, '\n');
}

sk_digest sk_end_digest(const sk_end *end, sk_slice customer, sk_slice provider) {
        sk_buf text = sk_buf_make(TEXT_BYTES);
        for (size_t i = 0; i < end->count; i++) {
                const sk_end_row *row = &end->rows[i]->row;
                if ((!sk_slice_there(customer) || sk_slice_equal(row->customer, customer)) &&
                    (!sk_slice_there(provider) || sk_slice_equal(row->provider, provider)))
                        write_row(&text, row);
        }
        sk_digest digest = sk_digest_of(sk_buf_slice(&text));
        sk_buf_free(&text);
        return digest;
}
