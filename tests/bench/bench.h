#ifndef SK_TESTS_BENCH_H
#define SK_TESTS_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What every benchmark program shares: its options, its stopwatch, and how it says what it found. A program prints
 * lines of fields with tabs between them, which run.sh lays out:
 *
 *   time   NAME  PER_SECOND  CPU_MICROSECONDS  BAR  HOW_MANY  LOWEST  HIGHEST   the bar is 0 where there is none
 *   value  NAME  VALUE  UNIT  BAR                              the bar is a text, "" where there is none
 *   note   TEXT
 */

typedef struct bench_options {
        bool is_quick;
        const char *only; /**< NULL: every case */
        size_t count;     /**< with `only`: how many; 0: as usual */
} bench_options;

/** `[--quick] [--case NAME] [--count N]`; ends the program for anything else. */
bench_options bench_options_of(int argc, char **argv);
/** Whether the case is to be run. */
bool bench_wants(const bench_options *options, const char *name);
/** How many: what the options say, else one of these. */
size_t bench_count(const bench_options *options, size_t usual, size_t quick);
/** How often to measure: once for one case alone. */
size_t bench_rounds_of(const bench_options *options);

/** Time that was spent, in microseconds. */
typedef struct bench_time {
        double cpu_us; /**< of the whole process, all of its threads */
        double wall_us;
} bench_time;

/**
 * Runs @p work and adds what it took. Everything that is measured goes through here, so that a profiler can be told to
 * count this function alone.
 */
void bench_measured(bench_time *total, void (*work)(void *self), void *self);

#define BENCH_ROUNDS_MAX 9

/** The same thing measured several times, CPU microseconds of one call each. */
typedef struct bench_rounds {
        size_t count;
        size_t calls; /**< of all rounds */
        double each_us[BENCH_ROUNDS_MAX];
} bench_rounds;

void bench_rounds_add(bench_rounds *rounds, const bench_time *time, size_t calls);
double bench_median(const double *values, size_t count);

/** Prints the median of the rounds, and the lowest and the highest. */
void bench_print_time(const char *name, const bench_rounds *rounds, double bar_per_second);
typedef struct bench_case {
        const char *name;
        /** Does at least @p count of them, and returns how many. */
        size_t (*run)(size_t count, bench_time *time);
        size_t usual; /**< in one round */
        size_t quick;
        double bar_per_second; /**< 0: none */
} bench_case;

/**
 * Runs those that are wanted in turns, A B C A B C, so that what else the machine does hits all of them alike, and
 * prints them.
 */
void bench_run(const bench_options *options, const bench_case *cases, size_t count);

void bench_print_value(const char *name, double value, const char *unit, const char *bar);
void bench_print_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Bytes that the program has from the allocator and has not given back. */
size_t bench_memory(void);
/** Bytes of memory that the system has given it. */
size_t bench_resident(void);

/** A benchmark that does not do what it says is worth nothing: says why and ends the program. */
void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
