#ifndef SK_TESTS_BENCH_KAFKA_CUSTOMER_H
#define SK_TESTS_BENCH_KAFKA_CUSTOMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The customer of link1, played by the benchmark: it writes `call.raise` of 1 KiB of JSON as the customer's link would,
 * and reads the feedback. Calls are numbered; numbers are never used again.
 */

typedef struct customer customer;

typedef enum customer_way {
        CUSTOMER_AT_ONCE,    /**< all calls in one transaction, so that the link sees them when it is told to */
        CUSTOMER_ONE_BY_ONE, /**< each call when it is raised */
} customer_way;

typedef enum customer_facility { CUSTOMER_LAPTOP, CUSTOMER_BEAMER } customer_facility;

customer *customer_new(const char *brokers, const char *chain, customer_way way);
void customer_free(customer *c);

/** Writes @p count calls. CUSTOMER_AT_ONCE: nobody can read them before customer_release. */
void customer_raise(customer *c, size_t count, customer_facility facility);
/** Commits what was raised. */
void customer_release(customer *c);

/**
 * Raises @p count calls, @p each_us apart, and waits for the feedback that says @p type of each. A call counts from the
 * moment at which it should have been raised.
 *
 * @param out_us  how long each took, sorted
 */
void customer_measure(customer *c, size_t count, double each_us, const char *type, double *out_us);

#endif
