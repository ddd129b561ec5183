#ifndef SK_TESTS_BENCH_H
#define SK_TESTS_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What every benchmark program shares: its options, its stopwatch, and how it says what it found. A program prints
 * lines of fields with tabs between them, which run.sh lays out:
 *
 *   time   NAME  PER_SECOND  CPU_MICROSECONDS  BAR  HOW_MANY   the bar is 0 where there is none
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

void bench_print_time(const char *name, size_t calls, const bench_time *time, double bar_per_second);
void bench_print_value(const char *name, double value, const char *unit, const char *bar);
void bench_print_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Bytes that the program has from the allocator and has not given back. */
size_t bench_memory(void);

/** A benchmark that does not do what it says is worth nothing: says why and ends the program. */
void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
