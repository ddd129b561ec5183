#ifndef SK_CLI_REPORT_ENDS_H
#define SK_CLI_REPORT_ENDS_H

#include "cli/report/report_figures.h"
#include "kit/hash.h"
#include "kit/id.h"

/*
 * The same figures as each end of an agreement has them. The provider's come from its events and archive, the
 * customer's from what he wrote and was told: the topics calls and feedback. A customer does not learn by which
 * workflow he is served, so both are by type of call.
 */

/** One agreement and type of call, as one end sees it. */
typedef struct sk_end_row {
        sk_slice customer;
        sk_slice provider;
        sk_call_type type;
        uint64_t closed;
        uint64_t open;
        uint64_t outcomes[SK_OUTCOMES];
        uint64_t promised;
        uint64_t kept;
        uint64_t response_promised;
        uint64_t response_kept;
        int64_t lead_us; /**< of all */
        int64_t stopped_us;
        int64_t median_us; /**< after sk_end_sort */
        int64_t p90_us;
} sk_end_row;

/** The figures of one end, of any number of agreements. */
typedef struct sk_end sk_end;

/** NULL without memory. */
sk_end *sk_end_new(void);
/** NULL is legal. */
void sk_end_free(sk_end *end);
/** A call; a sk_figured_visit with the end as `self`. Calls of a team's own have only one end and are left out. */
sk_err sk_end_add(void *end, const sk_figured *call);
/** Orders the rows by customer, provider and type, and works out what needs all of them. */
void sk_end_sort(sk_end *end);
/** How many rows there are. */
size_t sk_end_count(const sk_end *end);
/** One of them, index below sk_end_count; borrowed, good until a call is added. */
const sk_end_row *sk_end_at(const sk_end *end, size_t index);

/** Digest over the figures of the rows of one agreement, or of all (SK_NONE, SK_NONE). Sorted before. */
sk_digest sk_end_digest(const sk_end *end, sk_slice customer, sk_slice provider);

/* ---- the customer's side ---- */

/** The calls of one agreement as the customer sees them. */
typedef struct sk_told sk_told;

typedef struct sk_told_plan {
        sk_slice customer;
        sk_slice provider;
        int64_t from_us; /**< as in a report */
        int64_t to_us;
} sk_told_plan;

/** NULL without memory. The names are borrowed. */
sk_told *sk_told_new(const sk_told_plan *plan);
/** NULL is legal. */
void sk_told_free(sk_told *told);
/** The next record of the topic calls: all of them come before those of feedback. */
sk_err sk_told_call(sk_told *told, const sk_log_entry *entry);
/** The next record of the topic feedback. */
sk_err sk_told_feedback(sk_told *told, const sk_log_entry *entry);
/** Adds what is known now. */
sk_err sk_told_end(sk_told *told, sk_end *end);

#endif
