#ifndef SK_TESTS_SUPPORT_EFFECTS_KINDS_H
#define SK_TESTS_SUPPORT_EFFECTS_KINDS_H

#include <stdbool.h>

#include "kit/slice.h"
#include "support/effects_world.h"

/*
 * What calls of tests/data/chains/effects have done: one kind of work for each facility, and one facility whose calls
 * are done by several hands, one behind the other.
 */

enum { OFFICE, SHOP, PRINTERS, TEAMS };

extern const char *const effects_teams[TEAMS];

typedef enum effects_terms {
        AGAIN, /**< tried again, by its key */
        ONCE,
        TERMS,
} effects_terms;

/** What a call for a facility has done, and by whom. */
typedef struct effects_kind {
        const char *facility;
        unsigned team;
        const char *how;  /**< exec, http, ledger, register, list */
        const char *path; /**< what the tool is asked for, as in effects_world.pl */
        effects_terms terms;
        const char *timeout;
} effects_kind;

/** The kind of a facility's calls; fails the test if there is none. */
const effects_kind *effects_kind_find(sk_slice facility);
/** The kind of call number @p number: each has its turn. */
const effects_kind *effects_kind_of_call(unsigned number);
/** What an event that is @p value tells of, in a call of kind @p whole: of a list the action. */
const effects_kind *effects_kind_of_action(const effects_kind *whole, sk_slice value);

/** Writes the routines of shop and printers, by which it is done with the tools of @p world. */
void effects_routines_write(const effects_world *world, const char *chain_dir);

#endif
