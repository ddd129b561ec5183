#include "bench/bench.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char usage[] = "usage: %s [--quick] [--case NAME] [--count N]\n";

bench_options bench_options_of(int argc, char **argv) {
        bench_options options = {0};

        for (int i = 1; i < argc; i++) {
                bool has_next = i + 1 < argc;

                if (strcmp(argv[i], "--quick") == 0) {
                        options.is_quick = true;
                } else if (strcmp(argv[i], "--case") == 0 && has_next) {
                        options.only = argv[++i];
                } else if (strcmp(argv[i], "--count") == 0 && has_next) {
                        options.count = strtoul(argv[++i], NULL, 10);
                } else {
                        (void)fprintf(stderr, usage, argv[0]);
                        exit(64);
                }
        }
        return options;
}

bool bench_wants(const bench_options *options, const char *name) {
        return options->only == NULL || strcmp(options->only, name) == 0;
}

size_t bench_count(const bench_options *options, size_t usual, size_t quick) {
        if (options->count != 0)
                return options->count;
        return options->is_quick ? quick : usual;
}

size_t bench_rounds_of(const bench_options *options) {
        if (options->only != NULL)
                return 1;
        return options->is_quick ? 3 : 7;
}

static double clock_us(clockid_t id) {
        struct timespec now;

        (void)clock_gettime(id, &now);
        return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

__attribute__((noinline)) void bench_measured(bench_time *total, void (*work)(void *self), void *self) {
        double cpu_us = clock_us(CLOCK_PROCESS_CPUTIME_ID);
        double wall_us = clock_us(CLOCK_MONOTONIC);

        work(self);
        total->cpu_us += clock_us(CLOCK_PROCESS_CPUTIME_ID) - cpu_us;
        total->wall_us += clock_us(CLOCK_MONOTONIC) - wall_us;
}

static int by_value(const void *a, const void *b) {
        const double *left = a;
        const double *right = b;

        return (*left > *right) - (*left < *right);
}

static void sort(const double *values, size_t count, double *out) {
        if (count == 0 || count > BENCH_ROUNDS_MAX)
                bench_fail("%zu rounds", count);
        memcpy(out, values, count * sizeof(*values));
        qsort(out, count, sizeof(*out), by_value);
}

double bench_median(const double *values, size_t count) {
        double sorted[BENCH_ROUNDS_MAX];

        sort(values, count, sorted);
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

void bench_rounds_add(bench_rounds *rounds, const bench_time *time, size_t calls) {
        if (rounds->count == BENCH_ROUNDS_MAX)
                bench_fail("more than %d rounds", BENCH_ROUNDS_MAX);
        rounds->each_us[rounds->count++] = time->cpu_us / (double)calls;
        rounds->calls += calls;
}

void bench_print_time(const char *name, const bench_rounds *rounds, double bar_per_second) {
        double sorted[BENCH_ROUNDS_MAX];
        double each_us = bench_median(rounds->each_us, rounds->count);

        sort(rounds->each_us, rounds->count, sorted);
        (void)printf("time\t%s\t%.0f\t%.3f\t%.0f\t%zu\t%.2f\t%.2f\n", name, 1e6 / each_us, each_us, bar_per_second,
                     rounds->calls, sorted[0], sorted[rounds->count - 1]);
        (void)fflush(stdout);
}

#define CASES_MAX 8

void bench_run(const bench_options *options, const bench_case *cases, size_t count) {
        bench_rounds rounds[CASES_MAX] = {0};

        if (count > CASES_MAX)
                bench_fail("more than %d cases", CASES_MAX);
        for (size_t round = 0; round < bench_rounds_of(options); round++)
                for (size_t i = 0; i < count; i++) {
                        bench_time time = {0};

                        if (!bench_wants(options, cases[i].name))
                                continue;
                        size_t done = cases[i].run(bench_count(options, cases[i].usual, cases[i].quick), &time);
                        bench_rounds_add(&rounds[i], &time, done);
                }
        for (size_t i = 0; i < count; i++)
                if (rounds[i].count > 0)
                        bench_print_time(cases[i].name, &rounds[i], cases[i].bar_per_second);
}

void bench_print_value(const char *name, double value, const char *unit, const char *bar) {
        (void)printf("value\t%s\t%.*f\t%s\t%s\n", name, value < 10 ? 3 : 0, value, unit, bar);
        (void)fflush(stdout);
}

void bench_print_note(const char *format, ...) {
        va_list list;

        (void)printf("note\t");
        va_start(list, format);
        (void)vprintf(format, list);
        va_end(list);
        (void)printf("\n");
        (void)fflush(stdout);
}

size_t bench_memory(void) {
        struct mallinfo2 info = mallinfo2();

        return info.uordblks + info.hblkhd;
}

size_t bench_resident(void) {
        FILE *file = fopen("/proc/self/statm", "re");
        size_t pages = 0;

        if (file == NULL || fscanf(file, "%*u %zu", &pages) != 1)
                bench_fail("/proc/self/statm cannot be read");
        (void)fclose(file);
        return pages * (size_t)sysconf(_SC_PAGESIZE);
}

void bench_fail(const char *format, ...) {
        va_list list;

        (void)fprintf(stderr, "bench: ");
        va_start(list, format);
        (void)vfprintf(stderr, format, list);
        va_end(list);
        (void)fprintf(stderr, "\n");
        exit(1);
}
