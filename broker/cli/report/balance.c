/*
 * Counts both ends of agreements.
 */
#include "cli/report/balance.h"

#include <assert.h>
#include <stdio.h>

#include "kit/alloc.h"
#include "kit/json_scan.h"
#include "kit/map.h"

#define ARENA_MAX ((size_t)1 << 20)

struct sk_balance {
        sk_map *by_pair; /**< "customer/provider" to row */
        sk_map *asked;   /**< "customer/ask" to row: what the customer has asked itself */
        sk_balance_row *rows;
        size_t count;
        sk_arena *arena;
};

static sk_slice pair_name(sk_slice customer, sk_slice provider, char out[2 * SK_NAME_MAX + 2]) {
        int len = snprintf(out, 2 * SK_NAME_MAX + 2, "%.*s/%.*s", (int)(customer.len > SK_NAME_MAX ? 0 : customer.len),
                           customer.at, (int)(provider.len > SK_NAME_MAX ? 0 : provider.len), provider.at);
        return (sk_slice){out, (size_t)len};
}

static sk_err fill(sk_balance *balance, const sk_edition *edition) {
        for (size_t i = 0; i < balance->count; i++) {
                const sk_agreement *agreement = sk_edition_agreement_at(edition, i);
                sk_balance_row *row = &balance->rows[i];
                char name[2 * SK_NAME_MAX + 2];
                row->customer = sk_agreement_customer(agreement);
                row->provider = sk_agreement_provider(agreement);
                sk_err err = sk_map_put(balance->by_pair, pair_name(row->customer, row->provider, name), row, NULL);
                if (err != SK_OK)
                        return err;
        }
        return SK_OK;
}

sk_balance *sk_balance_new(const sk_edition *edition) {
        sk_balance *balance = sk_alloc_zero(1, sizeof(*balance));
        if (balance == NULL)
                return NULL;
        balance->count = sk_edition_agreement_count(edition);
        balance->rows = sk_alloc_zero(balance->count + 1, sizeof(*balance->rows));
        balance->by_pair = sk_map_new();
        balance->asked = sk_map_new();
        balance->arena = sk_arena_new(ARENA_MAX);
        if (balance->rows == NULL || balance->by_pair == NULL || balance->asked == NULL || balance->arena == NULL ||
            fill(balance, edition) != SK_OK) {
                sk_balance_free(balance);
                return NULL;
        }
        return balance;
}

void sk_balance_free(sk_balance *balance) {
        if (balance == NULL)
                return;
        sk_map_free(balance->by_pair);
        sk_map_free(balance->asked);
        sk_free(balance->rows);
        sk_arena_free(balance->arena);
        sk_free(balance);
}

static sk_balance_row *find(sk_balance *balance, sk_slice customer, sk_slice provider) {
        char name[2 * SK_NAME_MAX + 2];
        return sk_map_get(balance->by_pair, pair_name(customer, provider, name));
}

static void mix(sk_id *into, const sk_id *id, sk_slice outcome) {
        for (size_t i = 0; i < sizeof(id->bytes); i++) {
                unsigned letter = outcome.len == 0 ? 0 : (unsigned char)outcome.at[i % outcome.len] + (unsigned)i;
                into->bytes[i] = (uint8_t)(into->bytes[i] ^ (uint8_t)(id->bytes[i] + letter));
        }
}

/** Name of an ask; the same id may be an ask of several teams. */
static sk_slice ask_name(const sk_event_seen *event, const sk_id *ask, char out[SK_NAME_MAX + SK_ID_TEXT + 2]) {
        char id[SK_ID_TEXT + 1] = "";
        sk_id_format(ask, id);
        int len = snprintf(out, SK_NAME_MAX + SK_ID_TEXT + 2, "%.*s/%s",
                           (int)(event->team.len > SK_NAME_MAX ? 0 : event->team.len), event->team.at, id);
        return (sk_slice){out, (size_t)len};
}

/** What a provider has told of an ask; an offer that nobody asked for stands on the provider's side as its own call. */
static void add_fed(sk_balance *balance, const sk_event_seen *event) {
        sk_slice team = sk_json_member_string(event->data, "team", balance->arena);
        sk_slice outcome = sk_json_member_string(event->data, "outcome", balance->arena);
        sk_slice message = sk_json_member_string(event->data, "message", balance->arena);
        sk_balance_row *row = find(balance, event->team, team);
        char name[SK_NAME_MAX + SK_ID_TEXT + 2];
        sk_id ask;
        if (row == NULL || !sk_id_parse(sk_json_member_string(event->data, "ask", balance->arena), &ask) ||
            sk_map_get(balance->asked, ask_name(event, &ask, name)) == NULL)
                return;
        if (sk_slice_is(message, "feedback.closed")) {
                row->fed_closed++;
                mix(&row->fed_closed_ids, &ask, outcome);
        } else if (sk_slice_is(message, "feedback.refused") && sk_slice_there(outcome)) {
                row->asked--;
                mix(&row->asked_ids, &ask, SK_NONE);
        }
}

static void add_delegated(sk_balance *balance, const sk_event_seen *event) {
        sk_balance_row *row = find(balance, event->team, sk_json_member_string(event->data, "team", balance->arena));
        sk_id ask;
        if (row == NULL || !sk_id_parse(sk_json_member_string(event->data, "ask", balance->arena), &ask))
                return;
        char name[SK_NAME_MAX + SK_ID_TEXT + 2];
        (void)sk_map_put(balance->asked, ask_name(event, &ask, name), row, NULL);
        row->asked++;
        mix(&row->asked_ids, &ask, SK_NONE);
}

static void add_provided(sk_balance *balance, const sk_event_seen *event) {
        sk_balance_row *row =
                find(balance, sk_json_member_string(event->data, "customer", balance->arena), event->team);
        if (row == NULL)
                return;
        if (event->type == SK_EVENT_OPENED) {
                row->opened++;
                mix(&row->opened_ids, &event->id, SK_NONE);
        } else if (event->type == SK_EVENT_CLOSED) {
                row->closed++;
                mix(&row->closed_ids, &event->id, sk_json_member_string(event->data, "outcome", balance->arena));
        } else {
                row->archived++;
        }
}

void sk_balance_add(sk_balance *balance, const sk_event_seen *event) {
        sk_arena_reset(balance->arena);
        switch (event->type) {
        case SK_EVENT_DELEGATED:
                add_delegated(balance, event);
                break;
        case SK_EVENT_FED:
                add_fed(balance, event);
                break;
        case SK_EVENT_OPENED:
        case SK_EVENT_CLOSED:
        case SK_ARCHIVE_CALL:
                add_provided(balance, event);
                break;
        default:
                break;
        }
}

size_t sk_balance_count(const sk_balance *balance) {
        return balance->count;
}

const sk_balance_row *sk_balance_at(const sk_balance *balance, size_t index) {
        assert(index < balance->count);
        return &balance->rows[index];
}

bool sk_balance_is_equal(const sk_balance_row *row) {
        return row->asked == row->opened && row->fed_closed == row->closed && row->closed == row->archived &&
               sk_id_equal(&row->asked_ids, &row->opened_ids) && sk_id_equal(&row->fed_closed_ids, &row->closed_ids);
}
