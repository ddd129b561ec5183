/*
 * How long a call takes through two idle links, each a process of its own on one local log: from the writing of
 * `work.raise` to the moment at which another program can read the customer's `feedback.closed`. Three commits, each
 * with the disk asked to keep it, and three wake-ups of another process lie in between.
 */

#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"
#include "event/envelope.h"
#include "kit/random.h"
#include "kit/when.h"
#include "log/tool.h"

#define CALLS_MAX 1000
#define LINKS 2
#define LOOK_EVERY_NS 50000
#define LOST_US INT64_C(60000000)

typedef struct chain {
        char folder[256];
        char url[512];
        pid_t links[LINKS];
        sk_log_tool *tool;
        int64_t next_offset;
} chain;

static chain c;

static int64_t clock_us(clockid_t clock) {
        struct timespec now;

        (void)clock_gettime(clock, &now);
        return (int64_t)now.tv_sec * SK_SECOND_US + now.tv_nsec / 1000;
}

static pid_t link_run(const char *team) {
        const char *build = getenv("SK_BUILD");
        char program[1024];

        (void)snprintf(program, sizeof(program), "%s/schakeld", build == NULL ? "build/release" : build);
        pid_t child = fork();
        if (child == 0) {
                (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
                if (freopen("/dev/null", "w", stderr) == NULL)
                        _exit(126);
                (void)execl(program, "schakeld", "-C", "tests/data/chains/pair", "--team", team, "--log", c.url, NULL);
                _exit(127);
        }
        return child;
}

static void links_stop(void) {
        for (size_t i = 0; i < LINKS; i++) {
                if (c.links[i] > 0 && kill(c.links[i], SIGKILL) == 0)
                        (void)waitpid(c.links[i], NULL, 0);
        }
}

static void call_raise(sk_random *random) {
        static const char value[] = "{\"to\":\"provider\",\"type\":\"incident\",\"facility\":\"facility\","
                                    "\"need\":\"it does not work\"}";
        sk_buf headers = sk_buf_make(4096);
        char text[2][SK_ID_TEXT];
        sk_id ids[2];

        for (size_t i = 0; i < 2; i++) {
                uint8_t bytes[10];
                for (size_t at = 0; at < sizeof(bytes); at++)
                        bytes[at] = (uint8_t)sk_random_below(random, 256);
                ids[i] = sk_id_of_time(clock_us(CLOCK_REALTIME), bytes);
                sk_id_format(&ids[i], text[i]);
        }
        sk_envelope envelope = {.type = SK_WORK_RAISE,
                                .id = {text[1], SK_ID_TEXT},
                                .source = SK_SLICE("/pair/customer"),
                                .time_us = clock_us(CLOCK_REALTIME),
                                .callid = ids[0],
                                .has_callid = true,
                                .actor = SK_SLICE("carol")};
        sk_envelope_encode(&envelope, &headers);
        sk_log_append append = {.topic = SK_SLICE("pair.customer.work"),
                                .key = {text[0], SK_ID_TEXT},
                                .headers = sk_buf_slice(&headers),
                                .value = {value, sizeof(value) - 1}};
        if (headers.err != SK_OK || sk_log_tool_append(c.tool, &append, 1, NULL) != SK_OK)
                bench_fail("a call cannot be raised");
        sk_buf_free(&headers);
}

static bool see_closed(void *self, const sk_log_entry *entry) {
        bool *is_closed = self;

        *is_closed = *is_closed || sk_slice_is(sk_headers_find(entry->headers, "ce_type"), "schakel.feedback.closed");
        return true;
}

static double call_through(sk_random *random) {
        struct timespec pause = {.tv_nsec = LOOK_EVERY_NS};
        bool is_closed = false;
        int64_t since_us = clock_us(CLOCK_MONOTONIC);

        call_raise(random);
        while (!is_closed) {
                sk_log_read read = {.topic = SK_SLICE("pair.customer.feedback.provider"), .from_offset = c.next_offset};
                if (sk_log_tool_read(c.tool, &read, see_closed, &is_closed, &c.next_offset) != SK_OK ||
                    clock_us(CLOCK_MONOTONIC) - since_us > LOST_US)
                        bench_fail("a call has not come back");
                if (!is_closed)
                        (void)ppoll(NULL, 0, &pause, NULL);
        }
        return (double)(clock_us(CLOCK_MONOTONIC) - since_us) / 1000;
}

static int compare(const void *a, const void *b) {
        double left = *(const double *)a;
        double right = *(const double *)b;
        return (left > right) - (left < right);
}

static void measure(size_t count) {
        static double each_ms[CALLS_MAX];
        sk_random random = sk_random_make((uint64_t)clock_us(CLOCK_REALTIME));

        /* The first one meets cold caches. */
        (void)call_through(&random);
        for (size_t i = 0; i < count; i++) {
                /* Idle again, and at no fixed moment of the second at which links look by themselves. */
                (void)poll(NULL, 0, 20 + (int)sk_random_below(&random, 100));
                each_ms[i] = call_through(&random);
        }
        qsort(each_ms, count, sizeof(each_ms[0]), compare);
        bench_print_value("latency, median", each_ms[count / 2], "ms by the clock, two idle links", "100 at most");
        bench_print_value("latency, 9 of 10", each_ms[count * 9 / 10], "ms by the clock, two idle links", "");
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
        (void)status;
        (void)kind;
        (void)place;
        (void)remove(path);
        return 0;
}

int main(int argc, char **argv) {
        bench_options options = bench_options_of(argc, argv);
        size_t count = bench_count(&options, 200, 20);
        const char *below = getenv("TMPDIR");

        if (!bench_wants(&options, "latency") || count > CALLS_MAX)
                return 0;
        (void)snprintf(c.folder, sizeof(c.folder), "%.200s/latency.XXXXXX", below == NULL ? "/tmp" : below);
        if (mkdtemp(c.folder) == NULL)
                bench_fail("no folder for the log");
        (void)snprintf(c.url, sizeof(c.url), "local:%s/chain.log", c.folder);
        if (sk_log_tool_open(c.url, SK_LOG_APPEND, NULL, &c.tool) != SK_OK)
                bench_fail("no log");
        (void)atexit(links_stop);
        c.links[0] = link_run("customer");
        c.links[1] = link_run("provider");
        measure(count);
        links_stop();
        sk_log_tool_free(c.tool);
        (void)nftw(c.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        return 0;
}
