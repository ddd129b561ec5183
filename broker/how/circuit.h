#ifndef SK_HOW_CIRCUIT_H
#define SK_HOW_CIRCUIT_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/slice.h"

/*
 * A circuit per host, so that one dead tool does not hold the others: after some failures in a row nobody tries it for a
 * while; then one try finds out whether it is back. Pure: times are given, any clock that only goes forward.
 *
 *   closed --FAILURES in a row--> open --PAUSE--> trying --success--> closed
 *                                   ^----------------'failure, pause doubled up to PAUSE_MAX
 */

#define SK_CIRCUIT_FAILURES 5u
#define SK_CIRCUIT_PAUSE_US INT64_C(5000000)
#define SK_CIRCUIT_PAUSE_MAX_US INT64_C(60000000)
#define SK_CIRCUIT_HOSTS 1024u /**< that are remembered; of more, those that work are forgotten */

typedef struct sk_circuits sk_circuits;

/** New and empty; NULL without memory. */
sk_circuits *sk_circuits_new(void);
/** NULL is legal. */
void sk_circuits_free(sk_circuits *circuits);

/**
 * Whether the host may be tried now.
 *
 * @param out_wait_us  if not: how long until it makes sense to ask again
 */
bool sk_circuit_allows(sk_circuits *circuits, sk_slice host, int64_t now_us, int64_t *out_wait_us);
/** How a try that was allowed ended: whether the host answered at all. */
void sk_circuit_ended(sk_circuits *circuits, sk_slice host, bool has_answered, int64_t now_us);

#endif
