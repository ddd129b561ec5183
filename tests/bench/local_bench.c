/*
 * A chain of two links on a local log: finance raises calls, the centre carries them through. Both links in one
 * process and one loop, each with its committer thread, as schakeld hosts several. Beside it the bare program writes
 * the same commits. Every run has files of its own, side by side in one folder.
 */

#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "bench/bare.h"
#include "bench/bench.h"
#include "bench/world.h"
#include "log/local.h"
#include "log/tool.h"

#define APPEND_AT_ONCE 500
#define PATH_BYTES 512

typedef struct hosted {
        sk_driver *driver;
        sk_local *local;
        int64_t delay_us;
} hosted;

typedef struct chain {
        world *w;
        bare *bare;
        char folder[PATH_BYTES];
        char file[PATH_BYTES + 32];
        hosted finance;
        hosted centre;
        size_t calls;
} chain;

static chain c;

/* The linker puts these between the log and the driver: what the log is told to commit is kept for the bare program. */
bool __real_sk_driver_next(sk_driver *driver, sk_command *out);
bool __wrap_sk_driver_next(sk_driver *driver, sk_command *out);

bool __wrap_sk_driver_next(sk_driver *driver, sk_command *out) {
        bool has_one = __real_sk_driver_next(driver, out);

        if (has_one && out->kind == SK_DO_COMMIT && c.bare != NULL)
                bare_keep(c.bare, out->batch);
        return has_one;
}

static int64_t clock_us(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_REALTIME, &now);
        return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- the links ---- */

static void tell(void *self, sk_log_news news, const char *text) {
        (void)self;
        if (news == SK_NEWS_COMMIT_FAILED || news == SK_NEWS_FENCED || news == SK_NEWS_TROUBLE)
                bench_fail("the log: %s", text);
}

static void host(hosted *link, const char *team) {
        char why[SK_LOG_TEXT_MAX];
        sk_driver_config driver = {.edition = c.w->edition,
                                   .team = sk_slice_of(team),
                                   .partitions = 1,
                                   .instance = SK_SLICE("bench"),
                                   .open_calls_max = UINT64_MAX};
        sk_local_config config = {.file = c.file, .state_dir = c.folder, .tell = tell, .acceptance_days = 14};

        config.driver = link->driver = sk_driver_new(&driver);
        if (link->driver == NULL)
                bench_fail("no driver for %s", team);
        if (sk_local_new(&config, why, &link->local) != SK_OK)
                bench_fail("%s", why);
        link->delay_us = 0;
}

static void unhost(hosted *link) {
        sk_local_free(link->local);
        sk_driver_free(link->driver);
}

static void turn_both(void) {
        struct pollfd fds[] = {{.fd = sk_local_fd(c.finance.local), .events = POLLIN},
                               {.fd = sk_local_fd(c.centre.local), .events = POLLIN}};
        int64_t delay_us = c.finance.delay_us < c.centre.delay_us ? c.finance.delay_us : c.centre.delay_us;

        (void)poll(fds, 2, (int)((delay_us + 999) / 1000));
        c.finance.delay_us = sk_local_turn(c.finance.local, clock_us());
        c.centre.delay_us = sk_local_turn(c.centre.local, clock_us());
}

static bool is_ready(const hosted *link) {
        sk_driver_numbers numbers;

        sk_driver_count(link->driver, &numbers);
        return sk_local_stage_of(link->local) == SK_LOG_RUNNING && numbers.is_ready;
}

static bool is_through(void) {
        sk_driver_numbers numbers;

        sk_driver_count(c.finance.driver, &numbers);
        if (numbers.dead_letters > 0)
                bench_fail("%llu dead letters", (unsigned long long)numbers.dead_letters);
        return numbers.stubs == c.calls;
}

static void run_chain(void *self) {
        (void)self;
        c.centre.delay_us = c.finance.delay_us = 0;
        while (!is_through())
                turn_both();
}

/* ---- what they are asked to do ---- */

static void append_calls(void) {
        static sk_log_append appends[APPEND_AT_ONCE];
        const sk_topic *work = sk_topics_own(sk_driver_topics(c.finance.driver), SK_TOPIC_WORK);
        char url[sizeof(c.file) + 8];
        char why[SK_LOG_WHY_MAX];
        sk_log_tool *tool;

        (void)snprintf(url, sizeof(url), "local:%s", c.file);
        if (sk_log_tool_open(url, SK_LOG_APPEND, why, &tool) != SK_OK)
                bench_fail("%s", why);
        for (size_t done = 0; done < c.calls;) {
                size_t count = 0;

                sk_arena_reset(c.w->arena);
                for (; count < APPEND_AT_ONCE && done < c.calls; count++, done++) {
                        sk_record record = world_work_record(c.w, work, SK_WORK_RAISE, done, 0, c.w->work_raise);
                        appends[count] = (sk_log_append){work->name, record.key, record.headers, record.value};
                }
                if (sk_log_tool_append(tool, appends, count, NULL) != SK_OK)
                        bench_fail("%s", sk_log_tool_why(tool));
        }
        sk_log_tool_free(tool);
}

static void run_bare(void *self) {
        (void)self;
        bare_write(c.bare, c.file);
}

/* ---- folders ---- */

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where) {
        (void)status;
        (void)kind;
        (void)where;
        return remove(path);
}

/* Beside the build, because /tmp may be memory, which would make a commit look cheap. */
static void folder_make(void) {
        const char *build = getenv("SK_BUILD");

        (void)snprintf(c.folder, sizeof(c.folder), "%.400s/bench-XXXXXX", build == NULL ? "." : build);
        if (mkdtemp(c.folder) == NULL)
                bench_fail("no folder %s", c.folder);
}

static void folder_remove(void) {
        (void)nftw(c.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- rounds ---- */

typedef struct round_times {
        bench_time chain;
        bench_time bare;
} round_times;

static void chain_round(bench_time *time) {
        (void)snprintf(c.file, sizeof(c.file), "%s/chain.db", c.folder);
        host(&c.finance, "finance");
        host(&c.centre, "centre");
        while (!is_ready(&c.finance) || !is_ready(&c.centre))
                turn_both();
        append_calls();
        bench_measured(time, run_chain, NULL);
        unhost(&c.finance);
        unhost(&c.centre);
}

static void one_round(round_times *times, bool with_bare) {
        folder_make();
        c.bare = with_bare ? bare_new() : NULL;
        chain_round(&times->chain);
        if (with_bare) {
                (void)snprintf(c.file, sizeof(c.file), "%s/bare.db", c.folder);
                bench_measured(&times->bare, run_bare, NULL);
        }
        folder_remove();
}

static int by_ratio(const void *a, const void *b) {
        const round_times *one = a;
        const round_times *two = b;
        double left = one->bare.wall_us / one->chain.wall_us;
        double right = two->bare.wall_us / two->chain.wall_us;

        return (left > right) - (left < right);
}

static void rounds_print(const char *name, bool of_bare, const round_times *times, size_t count) {
        bench_rounds rounds = {0};

        for (size_t i = 0; i < count; i++)
                bench_rounds_add(&rounds, of_bare ? &times[i].bare : &times[i].chain, c.calls);
        bench_print_time(name, &rounds, 0);
}

static double share_by_cpu(const round_times *times, size_t count) {
        double shares[BENCH_ROUNDS_MAX];

        for (size_t i = 0; i < count; i++)
                shares[i] = times[i].bare.cpu_us / times[i].chain.cpu_us;
        return bench_median(shares, count);
}

/* By the clock, the round with the median ratio speaks for all. */
static void bench_local(size_t rounds) {
        round_times times[BENCH_ROUNDS_MAX] = {0};
        const round_times *middle = &times[rounds / 2];
        size_t commits = 0;
        size_t records = 0;

        for (size_t i = 0; i < rounds; i++) {
                one_round(&times[i], true);
                commits += bare_commits(c.bare);
                records += bare_records(c.bare);
                bare_free(c.bare);
                c.bare = NULL;
        }
        qsort(times, rounds, sizeof(times[0]), by_ratio);
        rounds_print("local-chain", false, times, rounds);
        rounds_print("local-bare", true, times, rounds);
        bench_print_value("local-chain, by the clock", (double)c.calls * 1e6 / middle->chain.wall_us, "calls/s", "");
        bench_print_value("local-bare, by the clock", (double)c.calls * 1e6 / middle->bare.wall_us, "calls/s", "");
        bench_print_value("local-chain, share of bare", middle->bare.wall_us / middle->chain.wall_us, "by the clock",
                          "0.7 at least");
        bench_print_value("local-chain, share of bare", share_by_cpu(times, rounds), "by CPU time", "");
        bench_print_note("local-chain: ratios from %.2f to %.2f in %zu rounds; %zu calls in %zu commits of %zu records",
                         times[0].bare.wall_us / times[0].chain.wall_us,
                         times[rounds - 1].bare.wall_us / times[rounds - 1].chain.wall_us, rounds, c.calls,
                         commits / rounds, records / commits);
}

/* One case for counting instructions: the bare program alone is what is printed. */
static void bench_bare(void) {
        round_times times = {.chain = {0}};

        one_round(&times, true);
        bare_free(c.bare);
        rounds_print("local-bare", true, &times, 1);
}

int main(int argc, char **argv) {
        bench_options options = bench_options_of(argc, argv);

        c.w = world_new(WORLD_AUTOMATIC, 1);
        c.calls = bench_count(&options, 10000, 2000);
        if (options.only == NULL)
                bench_local(bench_rounds_of(&options));
        if (options.only != NULL && bench_wants(&options, "local-chain"))
                one_round(&(round_times){.chain = {0}}, false);
        if (options.only != NULL && bench_wants(&options, "local-bare"))
                bench_bare();
        world_free(c.w);
        return 0;
}
