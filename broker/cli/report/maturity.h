#ifndef SK_CLI_MATURITY_H
#define SK_CLI_MATURITY_H

#include "cli/report/balance.h"
#include "usm/edition.h"

/*
 * How far a team has its way of working under control, as facts: what its files say, and what its record shows. No
 * levels are invented here; what the facts mean is for people. Only where work is steered by workflows, which is for
 * teams that control their processes already, are they turned into warnings.
 */

typedef struct sk_maturity_facts {
        /* routines */
        unsigned workflows; /**< that somebody can call the team for, or that it can start itself */
        unsigned complete;  /**< those that are work instructions: nobody and nothing is missing */
        unsigned who_missing;
        unsigned how_missing;
        /* calls that closed */
        uint64_t closed;
        uint64_t clean;    /**< with no skipped, late or returned activity */
        uint64_t skipped;  /**< some activity was not applicable, other than by a rule of the method */
        uint64_t late;     /**< some promise was missed */
        uint64_t returned; /**< something was done again, or not confirmed */
        /* of the managed infrastructure */
        uint64_t unnamed;  /**< changes that named no component */
        uint64_t operated; /**< times operate touched a named one */
        /* improvements */
        uint64_t raised;
        uint64_t improved; /**< closed as completed */
} sk_maturity_facts;

/** Fills in what the files say. */
void sk_maturity_routines(const sk_edition *edition, const sk_team *team, sk_maturity_facts *facts);

/** What the record shows of one team, event by event. */
typedef struct sk_maturity sk_maturity;

/** Calls that closed before @p from_us do not count. NULL without memory. */
sk_maturity *sk_maturity_new(int64_t from_us);
/** Frees what was gathered; on an empty one it is legal. */
void sk_maturity_free(sk_maturity *maturity);
/** The next event of the team, in order of each partition. */
sk_err sk_maturity_add(sk_maturity *maturity, const sk_event_seen *event);
/** Adds what was seen to the facts. */
void sk_maturity_take(const sk_maturity *maturity, sk_maturity_facts *facts);

#define SK_MATURITY_WARNINGS 4
#define SK_MATURITY_CALLS_LEAST 20 /**< fewer say nothing */
#define SK_MATURITY_CLEAN_LEAST 80 /**< per cent */

/** What speaks against steering by workflows, a sentence each, appended to @p out; returns how many. */
unsigned sk_maturity_warnings(const sk_maturity_facts *facts, sk_buf out[SK_MATURITY_WARNINGS]);
/** Whether the team steers by workflows in any way. */
bool sk_maturity_matters(sk_slice organised_by, sk_slice coordinated_by);

#endif
