/*
 * How many calls a plug-in does in a second, there and back: the link's side, the socket and the process of the
 * plug-in, all on one processor. It is time that passes which is measured, as two processes share it.
 */

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"
#include "how/plugin.h"
#include "how/plugin_host.h"

#define HOST_WORD "--plugin-host"
#define IN_FLIGHT 32u
#define ROUNDS 5

static struct {
        uv_loop_t loop;
        sk_how_port port;
        size_t wanted;
        size_t begun;
        size_t ended;
} f;

static void begin(void) {
        sk_effect effect = {.visit = (uint32_t)f.begun,
                            .try_number = 1,
                            .attempts = 1,
                            .how = SK_HOW_PLUGIN,
                            .key = "01a1ffca-e721-7693-9752-693ed043f7a1/4",
                            .target = SK_SLICE("template"),
                            .config = SK_SLICE("{\"name\":\"template\"}"),
                            .input = SK_SLICE("{\"article\":\"chain\",\"for\":\"sales\"}"),
                            .timeout_us = INT64_C(600) * 1000000};

        f.begun++;
        f.port.begin(f.port.self, &effect);
}

static void on_ended(void *self, const sk_effect_report *report) {
        (void)self;
        if (report->result != SK_EFFECT_DONE)
                bench_fail("the plug-in has not done it: %.*s", (int)report->text.len, report->text.at);
        f.ended++;
        if (f.begun < f.wanted)
                begin();
}

static void rounds(void *self) {
        size_t count = *(const size_t *)self;

        f.wanted = f.begun + count;
        for (unsigned i = 0; i < IN_FLIGHT && f.begun < f.wanted; i++)
                begin();
        while (f.ended < f.wanted)
                (void)uv_run(&f.loop, UV_RUN_ONCE);
}

/* Of this build: build/VARIANT/plugins, beside build/VARIANT/tests/bench. */
static void folder_find(char folder[PATH_MAX]) {
        ssize_t len = readlink("/proc/self/exe", folder, PATH_MAX - 40);

        while (len > 0 && folder[len - 1] != '/')
                len--;
        (void)snprintf(folder + (len > 0 ? len : 0), 40, "../../plugins");
}

static void one_processor(void) {
        cpu_set_t set;

        CPU_ZERO(&set);
        CPU_SET((unsigned)sched_getcpu(), &set);
        if (sched_setaffinity(0, sizeof(set), &set) != 0)
                bench_print_note("all processors were used: this one could not be chosen");
}

int main(int argc, char **argv) {
        static const char *const host[] = {"/proc/self/exe", HOST_WORD, NULL};
        char folder[PATH_MAX];
        double per_second[ROUNDS];

        if (argc == 3 && strcmp(argv[1], HOST_WORD) == 0)
                return sk_plugin_host_main(3, argv[2]);
        bench_options options = bench_options_of(argc, argv);
        if (!bench_wants(&options, "plugin/round-trip"))
                return 0;
        size_t count = bench_count(&options, 40000, 2000);
        folder_find(folder);
        one_processor();
        (void)uv_loop_init(&f.loop);
        sk_plugin_config config = {.loop = &f.loop, .team_dir = "/", .folder = folder, .host = host, .ended = on_ended};
        if (sk_plugin_new(&config, &f.port) != SK_OK)
                bench_fail("no memory is left");
        size_t first = 1;
        rounds(&first); /* it is warm now */
        for (unsigned i = 0; i < ROUNDS; i++) {
                bench_time time = {0};
                bench_measured(&time, rounds, &count);
                per_second[i] = (double)count / time.wall_us * 1e6;
        }
        bench_print_value("plugin/round-trip", bench_median(per_second, ROUNDS), "per second on one processor",
                          "20,000 at least");
        f.port.close(f.port.self);
        (void)uv_run(&f.loop, UV_RUN_DEFAULT);
        f.port.free(f.port.self);
        return uv_loop_close(&f.loop);
}
