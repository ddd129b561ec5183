/* How fast and how big a link is on Kafka, beside a bare program that writes the same. README.md says what is done. */

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"
#include "bench/kafka/runs.h"
#include "bench/kafka/shape.h"

#define LOOK_MS 10
#define IDLE_MS 3000
#define HOP_EACH_US 150000
#define LATENCY_MAX 100000
#define GUESS_PER_SECOND 3000 /* where saturation was not measured */

static rig r;

static size_t pairs_of(const bench_options *options) {
        size_t said = getenv("PAIRS") == NULL ? 0 : strtoul(getenv("PAIRS"), NULL, 10);

        if (said > 0 && said <= BENCH_ROUNDS_MAX)
                return said;
        return options->is_quick ? 1 : 5;
}

/* ---- saturation: A B A B ---- */

typedef struct pair {
        run link;
        run bare;
        double idle_mb;
} pair;

static void tell_shape(const shape_count *count, const run *link) {
        double calls = (double)link->calls;
        static const char *const names[] = {"feedback", "journal", "events", "archive"};

        bench_print_note(
                "a call makes the link write %.1f records, %.0f bytes without Kafka's own; %.0f calls in a commit",
                (double)count->records / calls, (double)count->bytes / calls, calls / link->commits);
        for (size_t i = 0; i < 4; i++)
                bench_print_note("  %s: %.2f records, %.0f bytes", names[i], (double)count->by_kind[i][0] / calls,
                                 (double)count->by_kind[i][1] / calls);
}

static void one_pair(size_t number, size_t calls, pair *out) {
        rig_chain chains[2];
        rig_link link;
        char name[40];
        char shape[600];
        shape_count count;

        for (size_t i = 0; i < 2; i++) {
                (void)snprintf(name, sizeof(name), "%s%zu", i == 0 ? "link" : "bare", number);
                rig_chain_make(&r, name, 1, &chains[i]);
        }
        (void)snprintf(shape, sizeof(shape), "%.500s/shape", r.folder.path);
        rig_link_start(&r, &chains[0], 1, &link);
        (void)poll(NULL, 0, IDLE_MS);
        out->idle_mb = cpu_resident_mb(link.process.pid);
        customer *c = customer_new(r.cluster.brokers, chains[0].name, CUSTOMER_AT_ONCE);
        run_link(&r, c, &link, calls, &out->link);
        customer_free(c);
        rig_link_stop(&link);
        shape_write(&r, &chains[0], (size_t)out->link.commits, shape, &count);
        run_bare(&r, &chains[1], shape, calls, &out->bare);
        rig_chain_drop(&r, &chains[0]);
        rig_chain_drop(&r, &chains[1]);
        if (number == 0)
                tell_shape(&count, &out->link);
        bench_print_note("pair %zu: link %.0f calls/s, %.1f us; bare %.0f calls/s, %.1f us", number + 1,
                         run_per_second(&out->link), run_cpu_us(&out->link), run_per_second(&out->bare),
                         run_cpu_us(&out->bare));
}

typedef double figure(const pair *of);

static double link_speed(const pair *of) {
        return run_per_second(&of->link);
}

static double bare_speed(const pair *of) {
        return run_per_second(&of->bare);
}

static double speed_ratio(const pair *of) {
        return link_speed(of) / bare_speed(of);
}

static double link_cpu(const pair *of) {
        return run_cpu_us(&of->link);
}

static double bare_cpu(const pair *of) {
        return run_cpu_us(&of->bare);
}

static double cpu_ratio(const pair *of) {
        return link_cpu(of) / bare_cpu(of);
}

static double link_proc(const pair *of) {
        return run_proc_us(&of->link);
}

static double bare_proc(const pair *of) {
        return run_proc_us(&of->bare);
}

static double idle_memory(const pair *of) {
        return of->idle_mb;
}

static double median_of(const pair *all, size_t count, figure *take) {
        double values[BENCH_ROUNDS_MAX];

        for (size_t i = 0; i < count; i++)
                values[i] = take(&all[i]);
        return bench_median(values, count);
}

/* How many calls a second a link takes. */
static double saturation(size_t pairs, size_t calls) {
        static pair all[BENCH_ROUNDS_MAX];
        bool is_sampled = true;

        for (size_t i = 0; i < pairs; i++) {
                one_pair(i, calls, &all[i]);
                is_sampled = is_sampled && all[i].link.cpu.sampled_s > 0 && all[i].bare.cpu.sampled_s > 0;
        }
        double speed = median_of(all, pairs, link_speed);
        bench_print_value("saturation, link", speed, "calls/s", "");
        bench_print_value("saturation, bare program", median_of(all, pairs, bare_speed), "calls/s", "");
        bench_print_value("saturation, ratio", median_of(all, pairs, speed_ratio), "by the clock", "0.8 at least");
        bench_print_value("CPU of a call, link", median_of(all, pairs, link_cpu),
                          is_sampled ? "us, sampled" : "us, /proc: perf does not work here", "");
        bench_print_value("CPU of a call, bare program", median_of(all, pairs, bare_cpu), "us", "");
        bench_print_value("CPU of a call, ratio", median_of(all, pairs, cpu_ratio), "", "1.25 at most");
        bench_print_value("CPU of a call by /proc, link", median_of(all, pairs, link_proc), "us", "");
        bench_print_value("CPU of a call by /proc, bare", median_of(all, pairs, bare_proc), "us", "");
        bench_print_value("resident, idle", median_of(all, pairs, idle_memory), "MB", "30 at most");
        return speed;
}

/* For a profiler: the link alone. */
static void link_alone(size_t calls) {
        rig_chain chain;
        rig_link link;
        run out;

        rig_chain_make(&r, "alone", 1, &chain);
        rig_link_start(&r, &chain, 1, &link);
        customer *c = customer_new(r.cluster.brokers, chain.name, CUSTOMER_AT_ONCE);
        run_link(&r, c, &link, calls, &out);
        customer_free(c);
        rig_link_stop(&link);
        rig_chain_drop(&r, &chain);
        bench_print_note("link %.0f calls/s, %.1f us, %.0f calls in a commit", run_per_second(&out), run_cpu_us(&out),
                         (double)calls / out.commits);
}

/* ---- latency ---- */

static void latency_at(customer *c, const char *name, double per_second, size_t count) {
        static double each_us[LATENCY_MAX];
        char label[64];
        char unit[64];

        count = count > LATENCY_MAX ? LATENCY_MAX : count;
        customer_measure(c, count, 1e6 / per_second, "schakel.feedback.accepted", each_us);
        (void)snprintf(unit, sizeof(unit), "ms at %.0f calls/s", per_second);
        (void)snprintf(label, sizeof(label), "raise to accepted, %s, p50", name);
        bench_print_value(label, each_us[count / 2] / 1e3, unit, "");
        (void)snprintf(label, sizeof(label), "raise to accepted, %s, p99", name);
        bench_print_value(label, each_us[count * 99 / 100] / 1e3, unit, "");
}

static void latency(double per_second, double seconds) {
        rig_chain chain;
        rig_link link;

        rig_chain_make(&r, "latency", 1, &chain);
        rig_link_start(&r, &chain, 1, &link);
        customer *c = customer_new(r.cluster.brokers, chain.name, CUSTOMER_ONE_BY_ONE);
        customer_measure(c, 50, 20000, "schakel.feedback.accepted", (double[50]){0}); /* the first meet cold caches */
        latency_at(c, "a tenth", per_second / 10, (size_t)(per_second / 10 * seconds));
        latency_at(c, "a half", per_second / 2, (size_t)(per_second / 2 * seconds));
        customer_free(c);
        rig_link_stop(&link);
        rig_chain_drop(&r, &chain);
}

/* ---- hops ---- */

typedef struct hops {
        rig_chain chain;
        rig_link links[RIG_LINKS_MAX];
        customer *customer;
        double each_us[1000];
} hops;

static void hops_start(hops *of, unsigned links) {
        char name[16];

        (void)snprintf(name, sizeof(name), "hops%u", links);
        rig_chain_make(&r, name, links, &of->chain);
        for (unsigned i = 0; i < links; i++)
                rig_link_start(&r, &of->chain, i + 1, &of->links[i]);
        of->customer = customer_new(r.cluster.brokers, of->chain.name, CUSTOMER_ONE_BY_ONE);
        customer_measure(of->customer, 5, HOP_EACH_US, "schakel.feedback.closed", of->each_us);
}

static void hops_stop(hops *of, unsigned links) {
        for (unsigned i = 0; i < links; i++)
                rig_link_stop(&of->links[i]);
        customer_free(of->customer);
        rig_chain_drop(&r, &of->chain);
}

/* All chains are there at the same time and take turns. */
static void hop_latency(size_t rounds, size_t each) {
        static hops all[RIG_LINKS_MAX];
        double medians[RIG_LINKS_MAX][BENCH_ROUNDS_MAX];
        char label[64];
        double first = 0;
        double last = 0;

        for (unsigned i = 0; i < RIG_LINKS_MAX; i++)
                hops_start(&all[i], i + 1);
        for (size_t round = 0; round < rounds; round++) {
                for (unsigned i = 0; i < RIG_LINKS_MAX; i++) {
                        customer_measure(all[i].customer, each, HOP_EACH_US, "schakel.feedback.closed", all[i].each_us);
                        medians[i][round] = all[i].each_us[each / 2] / 1e3;
                }
        }
        for (unsigned i = 0; i < RIG_LINKS_MAX; i++) {
                last = bench_median(medians[i], rounds);
                first = i == 0 ? last : first;
                (void)snprintf(label, sizeof(label), "raise to closed, chain of %u", i + 1);
                bench_print_value(label, last, "ms, idle, median", "");
                hops_stop(&all[i], i + 1);
        }
        bench_print_value("a hop more adds", (last - first) / (RIG_LINKS_MAX - 1), "ms", "");
}

/* ---- open calls ---- */

typedef struct crowd {
        rig_chain chain;
        rig_link link;
        customer *customer;
        run runs[BENCH_ROUNDS_MAX];
} crowd;

static void crowd_start(crowd *of, const char *name) {
        rig_chain_make(&r, name, 1, &of->chain);
        rig_link_start(&r, &of->chain, 1, &of->link);
        of->customer = customer_new(r.cluster.brokers, of->chain.name, CUSTOMER_AT_ONCE);
}

static void crowd_stop(crowd *of) {
        rig_link_stop(&of->link);
        customer_free(of->customer);
        rig_chain_drop(&r, &of->chain);
}

static void crowd_open(crowd *of, size_t open) {
        customer_raise(of->customer, open, CUSTOMER_BEAMER);
        customer_release(of->customer);
        while (rig_link_metric(&of->link, "schakel_open_calls") < (double)open)
                (void)poll(NULL, 0, LOOK_MS);
        (void)poll(NULL, 0, IDLE_MS);
}

static double again(crowd *of) {
        rig_link_stop(&of->link);
        return rig_link_start_again(&of->link);
}

static void open_calls(size_t pairs, size_t open, size_t calls) {
        static crowd none;
        static crowd many;
        double ratios[BENCH_ROUNDS_MAX];
        double starts[BENCH_ROUNDS_MAX];
        double restores[BENCH_ROUNDS_MAX];
        double costs[BENCH_ROUNDS_MAX];

        crowd_start(&none, "none");
        crowd_start(&many, "many");
        crowd_open(&many, open);
        bench_print_value("resident, with the open calls", cpu_resident_mb(many.link.process.pid), "MB, as they came",
                          "");
        for (size_t i = 0; i < pairs; i++) {
                starts[i] = again(&none);
                restores[i] = again(&many);
        }
        (void)poll(NULL, 0, IDLE_MS);
        bench_print_value("resident, with the open calls", cpu_resident_mb(many.link.process.pid), "MB, restored", "");
        bench_print_value("start until ready, no open call", bench_median(starts, pairs), "s", "");
        bench_print_value("start until ready, all restored", bench_median(restores, pairs), "s", "");
        for (size_t i = 0; i < pairs; i++) {
                run_link(&r, none.customer, &none.link, calls, &none.runs[i]);
                run_link(&r, many.customer, &many.link, calls, &many.runs[i]);
                ratios[i] = run_per_second(&many.runs[i]) / run_per_second(&none.runs[i]);
                costs[i] = run_cpu_us(&many.runs[i]) / run_cpu_us(&none.runs[i]);
                bench_print_note("pair %zu: none %.0f calls/s, %.1f us; many %.0f calls/s, %.1f us", i + 1,
                                 run_per_second(&none.runs[i]), run_cpu_us(&none.runs[i]),
                                 run_per_second(&many.runs[i]), run_cpu_us(&many.runs[i]));
        }
        bench_print_value("open calls, throughput to none", bench_median(ratios, pairs), "by the clock",
                          "0.9 at least");
        bench_print_value("open calls, CPU of a call to none", bench_median(costs, pairs), "", "");
        crowd_stop(&none);
        crowd_stop(&many);
}

int main(int argc, char **argv) {
        bench_options options = bench_options_of(argc, argv);
        double per_second = GUESS_PER_SECOND;
        size_t pairs = pairs_of(&options);

        rig_up(&r);
        if (bench_wants(&options, "saturation"))
                per_second = saturation(pairs, bench_count(&options, 20000, 5000));
        if (options.only != NULL && bench_wants(&options, "link"))
                link_alone(bench_count(&options, 20000, 5000));
        if (bench_wants(&options, "latency"))
                latency(per_second, options.is_quick ? 2 : 10);
        if (bench_wants(&options, "hops"))
                hop_latency(pairs, options.is_quick ? 5 : 20);
        if (bench_wants(&options, "open"))
                open_calls(pairs, bench_count(&options, 100000, 10000), options.is_quick ? 5000 : 20000);
        rig_down(&r);
        return 0;
}
