#ifndef SK_CLI_CONFORMANCE_H
#define SK_CLI_CONFORMANCE_H

#include "cli/cli.h"
#include "kit/buf.h"

/*
 * The rules of the method, written down a second time and held against what is built in: the tables themselves, and
 * calls that go through the links of a small chain in memory.
 */

/** A rule that a simulated call shows. */
typedef struct sk_conformance_call {
        const char *name;
        const char *text;
        const char *type;    /**< of the call; "risk" is the provider's own */
        const char *cut;     /**< what people answer where the cut is decided; JSON */
        const char *at;      /**< the activity at which something else happens; NULL: nowhere */
        const char *outcome; /**< there: `failed`, `not-confirmed`, `declined`, or `withdrawn` by the customer */
        unsigned times;      /**< how often it happens */
        bool refuses;        /**< the customer refuses what is offered */
        const char *way;     /**< what has to be seen: activities as entered, then "= outcome workflow" */
} sk_conformance_call;

/** What `schakel check --conformance` runs; ends with one without a name. */
extern const sk_conformance_call sk_conformance_calls[];

/** A rule of the tables. */
typedef struct sk_conformance_rule {
        const char *name;
        const char *text;
        /** Whether it holds; appends what was found instead. */
        bool (*holds)(sk_buf *found);
} sk_conformance_rule;

/** Ends with one without a name. */
extern const sk_conformance_rule sk_conformance_rules[];

/**
 * Sends a call through a chain in memory and appends to @p way what happened to it: the activities at the provider in
 * the order they were entered, in brackets those that did not apply, what each cut triggered, then how the call was closed.
 *
 * @return false without memory
 */
bool sk_conformance_walk(const sk_conformance_call *call, sk_buf *way);

/** `schakel check --conformance`: each rule with its result. SK_EXIT_NEGATIVE: one does not hold. */
int sk_conformance_check(sk_cli *cli);

#endif
