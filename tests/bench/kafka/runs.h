#ifndef SK_TESTS_BENCH_KAFKA_RUNS_H
#define SK_TESTS_BENCH_KAFKA_RUNS_H

#include "bench/kafka/cpu.h"
#include "bench/kafka/customer.h"
#include "bench/kafka/rig.h"

/* One run of a link, or of the bare program, over a number of calls. */

typedef struct run {
        size_t calls;
        double wall_s;
        cpu_spent cpu;
        double commits; /**< of the link */
} run;

/**
 * The link takes calls on a laptop as fast as it can: they lie there unseen until they are released. It counts from
 * there to the moment at which the link has closed the last one.
 */
void run_link(const rig *r, customer *c, const rig_link *link, size_t calls, run *out);
/** The bare program writes the shape of as many calls to the topics of that chain. */
void run_bare(const rig *r, const rig_chain *chain, const char *shape, size_t calls, run *out);

double run_per_second(const run *of);
/** CPU of one call in microseconds. */
double run_cpu_us(const run *of);
double run_proc_us(const run *of);

#endif
