#ifndef SK_TESTS_BENCH_KAFKA_CPU_H
#define SK_TESTS_BENCH_KAFKA_CPU_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * What a process costs. A machine that its host pauses charges the pause to whoever ran: so its CPU time is counted in
 * samples that perf takes of its CPU clock, one each half millisecond, of which a pause is one. What /proc says stands
 * beside it, and is all there is where perf does not work.
 */

typedef struct cpu_watch {
        pid_t subject;
        pid_t perf; /* 0: there is none */
        int control;
        int answers;
        char file[600];
        double proc_s;
} cpu_watch;

typedef struct cpu_spent {
        double sampled_s; /**< 0: perf does not work here */
        double proc_s;
} cpu_spent;

/** Begins to watch; samples go to a file in @p folder. */
void cpu_begin(cpu_watch *watch, const char *folder, pid_t subject);
/** Ends it. The subject must still be there. */
void cpu_end(cpu_watch *watch, cpu_spent *out);
/** Seconds by the samples, or else by /proc. */
double cpu_seconds(const cpu_spent *spent);
/** Resident memory of a process in MB. */
double cpu_resident_mb(pid_t subject);

#endif
