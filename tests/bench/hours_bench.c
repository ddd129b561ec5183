/*
 * Service hours: when an amount of them has passed, and how many lie between two moments; office hours of Amsterdam with
 * holidays, amounts and distances as promises have them, at moments all over thirty years.
 */

#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"
#include "kit/hours.h"
#include "kit/random.h"
#include "kit/when.h"
#include "kit/zone.h"
#include "support/zones.h"

#define MOMENTS 4096
#define FIRST_DAY 18262 /* 1 January 2020 */
#define DAYS (30 * 365)
#define HOLIDAYS 300
#define DAY_MIN(n, hour) ((n)*1440 + (hour)*60)

static struct {
        sk_zone *zone;
        sk_hours *hours;
        int64_t from_us[MOMENTS];
        int64_t to_us[MOMENTS];
        int64_t amount_us[MOMENTS];
        size_t count;
        int64_t sum;
} h;

static void make(void) {
        static const sk_hours_window windows[] = {
                {DAY_MIN(0, 8), DAY_MIN(0, 18)}, {DAY_MIN(1, 8), DAY_MIN(1, 18)}, {DAY_MIN(2, 8), DAY_MIN(2, 18)},
                {DAY_MIN(3, 8), DAY_MIN(3, 18)}, {DAY_MIN(4, 8), DAY_MIN(4, 12)}, {DAY_MIN(4, 13), DAY_MIN(4, 17)},
                {DAY_MIN(5, 22), DAY_MIN(6, 2)},
        };
        int64_t holidays[HOLIDAYS];
        sk_random random = sk_random_make(1);

        for (int64_t i = 0; i < HOLIDAYS; i++)
                holidays[i] = FIRST_DAY + i * DAYS / HOLIDAYS;
        h.zone = zone_load("Europe/Amsterdam");
        if (sk_hours_new(h.zone, windows, sizeof(windows) / sizeof(windows[0]), holidays, HOLIDAYS, &h.hours) != SK_OK)
                bench_fail("there are no hours");
        for (size_t i = 0; i < MOMENTS; i++) {
                h.from_us[i] = FIRST_DAY * SK_DAY_US + (int64_t)sk_random_below(&random, DAYS) * SK_DAY_US +
                               (int64_t)sk_random_below(&random, SK_DAY_US);
                h.amount_us[i] = (int64_t)sk_random_below(&random, 80 * (uint64_t)SK_HOUR_US);
                h.to_us[i] = h.from_us[i] + (int64_t)sk_random_below(&random, 14 * (uint64_t)SK_DAY_US);
        }
}

static void run_add(void *self) {
        (void)self;
        for (size_t i = 0; i < h.count; i++) {
                int64_t due_us = 0;
                if (sk_hours_add(h.hours, h.from_us[i % MOMENTS], h.amount_us[i % MOMENTS], &due_us) != SK_OK)
                        bench_fail("no time is due");
                h.sum += due_us;
        }
}

static void run_between(void *self) {
        (void)self;
        for (size_t i = 0; i < h.count; i++)
                h.sum += sk_hours_between(h.hours, h.from_us[i % MOMENTS], h.to_us[i % MOMENTS]);
}

static size_t bench_add(size_t count, bench_time *time) {
        h.count = count;
        bench_measured(time, run_add, NULL);
        return count;
}

static size_t bench_between(size_t count, bench_time *time) {
        h.count = count;
        bench_measured(time, run_between, NULL);
        return count;
}

int main(int argc, char **argv) {
        static const bench_case cases[] = {{"hours-add", bench_add, 500000, 50000, 0},
                                           {"hours-between", bench_between, 500000, 50000, 0}};
        bench_options options = bench_options_of(argc, argv);

        make();
        bench_run(&options, cases, sizeof(cases) / sizeof(cases[0]));
        sk_hours_free(h.hours);
        sk_zone_free(h.zone);
        return 0;
}
