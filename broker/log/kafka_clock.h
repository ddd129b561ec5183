#ifndef SK_LOG_KAFKA_CLOCK_H
#define SK_LOG_KAFKA_CLOCK_H

#include <stdint.h>

/** CLOCK_MONOTONIC in microseconds, never 0: for waits of the port itself, never for what the driver sees. Any thread. */
uint64_t sk_kafka_monotonic_us(void);

#endif
