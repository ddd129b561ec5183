#ifndef SK_TESTS_ROUTINES_H
#define SK_TESTS_ROUTINES_H

/*
 * Routines as JSON, for tests: a process of which everything is automatic but the parts that are given.
 */

#define ROUTINE_AUTO "{\"how\":\"auto\"}"
#define ROUTINE_HOW(how) "{\"how\":" how "}"

#define ROUTINE_OPERATE(perform, review)                                                                             \
        "{\"process\":\"operate\",\"activities\":{\"operate.accept\":" ROUTINE_AUTO                                  \
        ",\"operate.classify\":" ROUTINE_AUTO ",\"operate.plan\":" ROUTINE_AUTO ",\"operate.perform\":" ROUTINE_HOW( \
                perform) ",\"operate.review\":" ROUTINE_HOW(review) ",\"operate.close\":" ROUTINE_AUTO "}}"

#define ROUTINE_CHANGE(plan, cut, review)                                                                              \
        "{\"process\":\"change\",\"activities\":{\"change.accept\":" ROUTINE_AUTO ",\"change.classify\":" ROUTINE_AUTO \
        ",\"change.plan\":" ROUTINE_HOW(plan) ",\"change.prepare\":" ROUTINE_AUTO ",\"change.release\":" ROUTINE_AUTO  \
                                              ",\"change.cut\":" cut ",\"change.review\":" ROUTINE_HOW(                \
                                                      review) ",\"change.close\":" ROUTINE_AUTO "}}"

#define ROUTINE_WIFI "{\"team\":\"network\",\"type\":\"service-request\",\"facility\":\"wifi\"}"
#define ROUTINE_DELEGATE(targets) "{\"delegate\":{\"to\":[" targets "]}}"

#endif
