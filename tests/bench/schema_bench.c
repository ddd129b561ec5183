/*
 * What it takes to check a call's data against its schema, beside what jansson takes to read the same text. The data is
 * that of the other benchmarks, 1 KiB with escapes, and a second one as a form's result is: many small members.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/world.h"
#include "kit/json_scan.h"
#include "kit/schema.h"

#define SCHEMA_MAX ((size_t)65536)

static struct {
        char texts[2][SCHEMA_MAX];
        sk_schema *schema;
        sk_schema_run *run;
        sk_slice call;
        sk_slice parts;
        sk_slice value; /* the one in use */
        size_t count;
} f;

static sk_slice read_schema(const char *path, char *into) {
        FILE *file = fopen(path, "r");

        if (file == NULL)
                bench_fail("%s is missing: run it in the project's folder", path);
        size_t len = fread(into, 1, SCHEMA_MAX, file);
        fclose(file);
        return (sk_slice){into, len};
}

static void compile(void) {
        const sk_schema_text texts[] = {
                {SK_SLICE("schakel:call.raise/1.0"),
                 read_schema("schemas/messages/call.raise.schema.json", f.texts[0])},
                {SK_SLICE("schakel:common/1.0"), read_schema("schemas/messages/common.schema.json", f.texts[1])},
        };
        const sk_schema_source source = {texts, 2, SK_SLICE("schakel:call.raise/1.0"), false};
        sk_schema_fault fault = {.text = ""};

        if (sk_schema_compile(&source, &f.schema, &fault) != SK_OK)
                bench_fail("%s %s", fault.schema, fault.text);
        f.run = sk_schema_run_new();
}

/* A call whose data has 40 members. */
static sk_slice make_parts(void) {
        static char text[2048];
        int len = snprintf(text, sizeof(text),
                           "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"It stays black.\",\"urgency\":2,"
                           "\"due\":\"2026-11-23T17:00:00Z\",\"attachments\":[{\"uri\":\"https://files.example/1\","
                           "\"digest\":\"sha-256:00\",\"size\":5120}],\"data\":{");

        for (int i = 0; i < 40; i++)
                len += snprintf(text + len, sizeof(text) - (size_t)len, "%s\"part-%02d\":%d.5", i == 0 ? "" : ",", i,
                                i);
        len += snprintf(text + len, sizeof(text) - (size_t)len, "}}");
        return (sk_slice){text, (size_t)len};
}

static void check(void *self) {
        (void)self;
        for (size_t i = 0; i < f.count; i++) {
                if (sk_schema_check(f.schema, f.run, f.value, NULL) != SK_OK)
                        bench_fail("a call does not fit its schema");
        }
}

static void parse(void *self) {
        (void)self;
        for (size_t i = 0; i < f.count; i++) {
                json_t *tree = json_loadb(f.value.at, f.value.len, 0, NULL);
                if (tree == NULL)
                        bench_fail("a call cannot be read");
                json_decref(tree);
        }
}

static void scan(void *self) {
        (void)self;
        for (size_t i = 0; i < f.count; i++) {
                if (sk_json_check(f.value, 32, NULL) != SK_OK)
                        bench_fail("a call cannot be read");
        }
}

static size_t run(void (*work)(void *), sk_slice value, size_t count, bench_time *time) {
        f.count = count;
        f.value = value;
        bench_measured(time, work, NULL);
        return count;
}

static size_t check_call(size_t count, bench_time *time) {
        return run(check, f.call, count, time);
}
static size_t parse_call(size_t count, bench_time *time) {
        return run(parse, f.call, count, time);
}
static size_t scan_call(size_t count, bench_time *time) {
        return run(scan, f.call, count, time);
}
static size_t check_parts(size_t count, bench_time *time) {
        return run(check, f.parts, count, time);
}
static size_t parse_parts(size_t count, bench_time *time) {
        return run(parse, f.parts, count, time);
}

/* Rounds of both by turns, so that their ratio is one of the same minute. */
static double share_of(size_t (*one)(size_t, bench_time *), size_t (*other)(size_t, bench_time *), size_t count) {
        double shares[BENCH_ROUNDS_MAX];

        for (size_t i = 0; i < BENCH_ROUNDS_MAX; i++) {
                bench_time times[2] = {{.cpu_us = 0}, {.cpu_us = 0}};
                (void)one(count, &times[0]);
                (void)other(count, &times[1]);
                shares[i] = times[0].cpu_us / times[1].cpu_us;
        }
        return bench_median(shares, BENCH_ROUNDS_MAX);
}

int main(int argc, char **argv) {
        static const bench_case cases[] = {
                {"schema-call", check_call, 200000, 20000, 0},  {"jansson-call", parse_call, 50000, 5000, 0},
                {"scan-call", scan_call, 200000, 20000, 0},     {"schema-parts", check_parts, 100000, 10000, 0},
                {"jansson-parts", parse_parts, 50000, 5000, 0},
        };
        bench_options options = bench_options_of(argc, argv);

        compile();
        world *w = world_new(WORLD_AUTOMATIC, 4);
        f.call = sk_slice_of(w->raise);
        f.parts = make_parts();
        bench_run(&options, cases, sizeof(cases) / sizeof(cases[0]));
        if (options.only == NULL) {
                size_t count = options.is_quick ? 5000 : 20000;
                bench_print_value("schema/jansson-call", share_of(check_call, parse_call, count), "of the parse's time",
                                  "0.5 at most");
                bench_print_value("schema/jansson-parts", share_of(check_parts, parse_parts, count),
                                  "of the parse's time", "0.5 at most");
        }
        sk_schema_free(f.schema);
        sk_schema_run_free(f.run);
        world_free(w);
        return 0;
}
