#ifndef SK_CLI_BALANCE_H
#define SK_CLI_BALANCE_H

#include "cli/session/reading.h"
#include "usm/edition.h"

/*
 * Both ends of each agreement, counted from what each side wrote for itself: the customer's events and the provider's
 * events and archive. The same calls with the same ends must stand on both sides.
 */

/** One agreement, seen from both ends. */
typedef struct sk_balance_row {
        sk_slice customer;
        sk_slice provider;
        uint64_t asked;      /**< by the customer, without what was refused */
        uint64_t opened;     /**< by the provider */
        uint64_t fed_closed; /**< told to the customer */
        uint64_t closed;     /**< by the provider */
        uint64_t archived;   /**< by the provider */
        sk_id asked_ids;     /**< all ids in one: exclusive or */
        sk_id opened_ids;
        sk_id fed_closed_ids; /**< ids and how each ended */
        sk_id closed_ids;
} sk_balance_row;

typedef struct sk_balance sk_balance;

/** New; NULL without memory. @p edition is borrowed. */
sk_balance *sk_balance_new(const sk_edition *edition);
/** NULL is legal. */
void sk_balance_free(sk_balance *balance);
/** Counts an event or an archived call; each must be given once. */
void sk_balance_add(sk_balance *balance, const sk_event_seen *event);
/** As many as the edition has agreements. */
size_t sk_balance_count(const sk_balance *balance);
/** Row by index, below the count; borrowed. */
const sk_balance_row *sk_balance_at(const sk_balance *balance, size_t index);
/** Whether both ends say the same. */
bool sk_balance_is_equal(const sk_balance_row *row);

#endif
