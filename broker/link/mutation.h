#ifndef SK_LINK_MUTATION_H
#define SK_LINK_MUTATION_H

/*
 * Rules taken out on purpose. A build with SK_MUTATION defines `sk_mutation`; the simulation sets it and must then find
 * a violation. In every other build SK_MUTATED is 0 and nothing of this is left.
 */

typedef enum sk_without {
        SK_WITHOUT_NOTHING,
        SK_WITHOUT_R1,
        SK_WITHOUT_R2,
        SK_WITHOUT_R5,
        SK_WITHOUT_T2,
        SK_WITHOUT_T3,
        SK_WITHOUT_T5,
        SK_WITHOUT_T6,
        SK_WITHOUT_O2,
        SK_WITHOUT_O3,
        SK_WITHOUT_C2,
        SK_WITHOUT_C3,
        SK_WITHOUT_C6,          /**< a call closes only when what went onward has */
        SK_WITHOUT_SCHEDULE,    /**< how far a schedule is done outlives the process */
        SK_WITHOUT_CLOCK,       /**< nothing becomes due while the clock stands */
        SK_WITHOUT_LATE,        /**< a call is looked at before its promise breaks */
        SK_WITHOUT_FORECAST,    /**< late is said when it is known */
        SK_WITHOUT_SIDES,       /**< the customer is told what the provider counts */
        SK_WITHOUT_ACCOUNTABLE, /**< where nobody is accountable the coordinator is told */
        SK_WITHOUT_SHARE,       /**< only what an agreement shares goes over */
        SK_WITHOUT_E1,          /**< effects start after the commit that made them due */
        SK_WITHOUT_E2,          /**< what may happen only once is begun in the journal first */
        SK_WITHOUT_E3,          /**< after a restore what is due runs again */
        SK_WITHOUT_E4,          /**< losing a partition kills its effects */
        SK_WITHOUT_E5,          /**< what has become of an effect is an input until it is committed */
        SK_WITHOUT_E6,          /**< the end of a try counts once, while it is awaited */
        SK_WITHOUT_E7,          /**< what may happen only once is not tried again */
        SK_WITHOUTS,
} sk_without;

#ifdef SK_MUTATION
extern int sk_mutation;
#define SK_MUTATED(rule) (sk_mutation == SK_WITHOUT_##rule)
#else
#define SK_MUTATED(rule) 0
#endif

#endif
