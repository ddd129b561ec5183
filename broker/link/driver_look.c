/*
 * What is known of an id, newest first: the batch being folded, the batch in flight, the committed state.
 *
 * A customer's record is looked up under (customer, id). If nothing is there but the id is open for another customer,
 * that call is given and the step refuses. Work and feedback name the id alone.
 */

#include <assert.h>

#include "kit/when.h"
#include "link/driver_inside.h"
#include "link/mutation.h"

typedef struct layers {
        const sk_folding *at[2];
        const sk_share *share;
} layers;

static sk_known_call nothing(void) {
        return (sk_known_call){.before = {.known = SK_KNOWN_NOT, .head = SK_NONE, .data = SK_NONE}, .stub = SK_NONE};
}

/* The newest data of an open call: the layer that has changed it last, else the committed. */
static sk_slice data_below(const layers *in, size_t layer, const sk_overlaid *top, bool *out_has_data) {
        assert(in->at[layer] != NULL);
        sk_stored stored;

        assert(layer < 2);
        assert(top->is_open);
        *out_has_data = top->had_data || top->has_new_data;
        if (top->has_new_data)
                return top->data;
        for (size_t i = layer + 1; i < 2; i++) {
                const sk_overlaid *below =
                        in->at[i] == NULL ? NULL : sk_folding_find(in->at[i], &top->id, top->customer);

                if (below != NULL && below->is_open && below->has_new_data)
                        return below->data;
        }
        if (top->was_open && sk_store_get(in->share->store, &top->id, &stored) && stored.customer == top->customer)
                return stored.data;
        return SK_SLICE("");
}

static sk_known_call from_overlay(const layers *in, size_t layer, const sk_overlaid *at) {
        assert(at->is_open || sk_slice_there(at->stub));
        sk_known_call known = nothing();

        assert(layer < 2);
        known.customer = at->customer;
        known.opening = at->opening;
        if (at->is_open) {
                known.before.known = SK_KNOWN_OPEN;
                known.before.head = at->head;
                known.before.data = data_below(in, layer, at, &known.has_data);
                return known;
        }
        known.before.known = SK_KNOWN_CLOSED;
        known.before.in_seqno = at->closed.in_seqno;
        known.before.out_seqno = at->closed.out_seqno;
        known.stub = at->stub;
        return known;
}

static sk_known_call from_store(const sk_stored *stored) {
        assert(stored->customer != SK_CUSTOMER_ANY);
        sk_known_call known = nothing();

        assert(sk_slice_there(stored->head));
        known.before.known = SK_KNOWN_OPEN;
        known.before.head = stored->head;
        known.before.data = stored->data;
        known.customer = stored->customer;
        known.has_data = stored->has_data;
        known.opening = stored->opening;
        return known;
}

static sk_known_call from_stub(const sk_closed *closed) {
        assert(closed->customer != SK_CUSTOMER_ANY);
        assert(closed->expires_s > 0);
        sk_known_call known = nothing();

        known.before.known = SK_KNOWN_CLOSED;
        known.before.in_seqno = closed->in_seqno;
        known.before.out_seqno = closed->out_seqno;
        known.customer = closed->customer;
        known.expires_us = (int64_t)closed->expires_s * SK_SECOND_US;
        return known;
}

static sk_known_call look(const layers *in, const sk_id *id, uint32_t customer) {
        assert(in->share->store != NULL);
        assert(in->at[0] == NULL || in->at[0] != in->at[1]);
        sk_stored stored;
        sk_closed closed;

        for (size_t i = 0; i < 2; i++) {
                const sk_overlaid *at = in->at[i] == NULL ? NULL : sk_folding_find(in->at[i], id, customer);

                if (at != NULL)
                        return from_overlay(in, i, at);
        }
        if (sk_store_get(in->share->store, id, &stored) && (customer == SK_CUSTOMER_ANY || stored.customer == customer))
                return from_store(&stored);
        if (!SK_MUTATED(C2) && sk_stubs_get(in->share->stubs, id, customer, &closed))
                return from_stub(&closed);
        return nothing();
}

sk_err sk_driver_look(sk_driver *driver, const sk_folding *newest, const sk_record *record, const sk_id *id,
                      sk_known_call *out) {
        assert(record->topic != NULL);
        assert(out != NULL);
        const sk_folding *older = driver->flying == newest ? NULL : driver->flying;
        layers in = {{newest, older}, sk_driver_share(driver, record->partition)};
        uint32_t customer = SK_CUSTOMER_ANY;
        sk_known_call other;

        assert(in.share->state == SK_SHARE_READY);
        if (record->topic->kind == SK_TOPIC_CALLS &&
            sk_customers_number(driver->customers, record->topic->peer, &customer) != SK_OK)
                return SK_ERR_NO_MEMORY;
        *out = look(&in, id, customer);
        if (customer == SK_CUSTOMER_ANY)
                return SK_OK;
        if (SK_MUTATED(C3) && out->before.known == SK_KNOWN_CLOSED)
                *out = nothing();
        if (out->before.known != SK_KNOWN_NOT || SK_MUTATED(C3))
                return SK_OK;
        other = look(&in, id, SK_CUSTOMER_ANY);
        if (other.before.known == SK_KNOWN_OPEN)
                *out = other;
        return SK_OK;
}

sk_known_call sk_driver_look_open(sk_driver *driver, const sk_folding *newest, int32_t partition, const sk_id *id) {
        assert(id != NULL);
        const sk_folding *older = driver->flying == newest ? NULL : driver->flying;
        layers in = {{newest, older}, sk_driver_share(driver, partition)};

        assert(in.share->state == SK_SHARE_READY);
        return look(&in, id, SK_CUSTOMER_ANY);
}

bool sk_driver_is_open(void *self, sk_slice rootid, sk_slice facility, sk_call_type type) {
        const sk_driver *driver = self;
        sk_opening opening = sk_opening_of(rootid, facility, type);

        assert(driver != NULL);
        assert(type < SK_CALL_TYPES);
        return sk_openings_has(driver->openings, &opening);
}
