#include "bench/bench.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

void bench_print_time(const char *name, size_t calls, const bench_time *time, double bar_per_second) {
        double each_us = time->cpu_us / (double)calls;

        (void)printf("time\t%s\t%.0f\t%.3f\t%.0f\t%zu\n", name, 1e6 / each_us, each_us, bar_per_second, calls);
        (void)fflush(stdout);
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

void bench_fail(const char *format, ...) {
        va_list list;

        (void)fprintf(stderr, "bench: ");
        va_start(list, format);
        (void)vfprintf(stderr, format, list);
        va_end(list);
        (void)fprintf(stderr, "\n");
        exit(1);
}
