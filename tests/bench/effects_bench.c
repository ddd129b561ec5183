/*
 * What effects cost: programs by the runner, webhooks beside a bare loop of libcurl against the same server, and calls that
 * need no effect beside a thousand that hang. Programs and the server are other processes, whose CPU time is not counted.
 */

#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <curl/curl.h>
#include <uv.h>

#include "bench/bench.h"
#include "bench/instant.h"
#include "how/exec.h"
#include "how/http.h"
#include "how/runner.h"

#define RUNNER "runner"
#define AT_A_TIME 16
#define HANGING 1000
#define BLOCK 1024
#define INPUT "{\"article\":\"laptop\",\"for\":\"finance\",\"count\":1}"

static struct {
        uv_loop_t loop;
        sk_how_port port;
        world *chain;
        sk_how how;
        const char *config;
        size_t begun;
        size_t ended;
        size_t wanted;
} b;

/* ---- tries of a how, so many at a time ---- */

static void begin_one(void) {
        sk_effect effect = {.callid = world_id(++b.begun),
                            .visit = 1,
                            .try_number = 1,
                            .how = b.how,
                            .key = "0198c5f2-7b1a-7c3d-8e4f-a1b2c3d4e5f6/4",
                            .target = SK_SLICE("x"),
                            .config = sk_slice_of(b.config),
                            .input = SK_SLICE(INPUT),
                            .timeout_us = INT64_C(60000000)};

        b.port.begin(b.port.self, &effect);
}

static void on_again(uv_timer_t *timer) {
        (void)timer;
}

/* A try may not begin within the end of another: the loop goes round first. */
static void ended(void *self, const sk_effect_report *report) {
        (void)self;
        if (report->result != SK_EFFECT_DONE)
                bench_fail("an effect ended with %.*s: %.*s", (int)report->code.len, report->code.at,
                           (int)report->text.len, report->text.at == NULL ? "" : report->text.at);
        b.ended++;
}

static void run_port(void *self) {
        (void)self;
        while (b.ended < b.wanted) {
                while (b.begun < b.wanted && b.begun - b.ended < AT_A_TIME)
                        begin_one();
                (void)uv_run(&b.loop, UV_RUN_ONCE);
        }
}

static void port_measure(size_t count, bench_time *time) {
        b.wanted = b.ended + count;
        bench_measured(time, run_port, NULL);
}

static void port_end(void) {
        uv_timer_t timer;

        b.port.close(b.port.self);
        (void)uv_timer_init(&b.loop, &timer);
        (void)uv_timer_start(&timer, on_again, 1, 0);
        (void)uv_run(&b.loop, UV_RUN_ONCE);
        uv_close((uv_handle_t *)&timer, NULL);
        (void)uv_run(&b.loop, UV_RUN_DEFAULT);
        b.port.free(b.port.self);
        b.begun = b.ended = 0;
}

/* ---- programs ---- */

static void exec_round_trips(const bench_options *options) {
        static const char *const runner[] = {"/proc/self/exe", RUNNER, NULL};
        char folder[] = "/tmp/schakel-bench-XXXXXX";
        double rates[BENCH_ROUNDS_MAX];
        size_t count = bench_count(options, 1000, 200);
        size_t rounds = bench_rounds_of(options);

        if (mkdtemp(folder) == NULL)
                bench_fail("no folder below /tmp");
        sk_exec_config config = {.loop = &b.loop,
                                 .edition = b.chain->edition,
                                 .team = "centre",
                                 .chain_dir = folder,
                                 .scratch = folder,
                                 .runner = runner,
                                 .ended = ended};
        if (sk_exec_new(&config, &b.port) != SK_OK)
                bench_fail("no memory");
        b.how = SK_HOW_EXEC;
        b.config = "{\"command\":[\"/bin/true\"]}";
        bench_time time = {0};
        port_measure(AT_A_TIME, &time); /* the runner has begun */
        for (size_t round = 0; round < rounds; round++) {
                time = (bench_time){0};
                port_measure(count, &time);
                rates[round] = (double)count * 1e6 / time.wall_us;
        }
        bench_print_value("exec, round trips of /bin/true", bench_median(rates, rounds), "per second", "500 at least");
        port_end();
        (void)rmdir(folder);
}

/* ---- webhooks ---- */

static enum MHD_Result on_request(void *self, struct MHD_Connection *connection, const char *path, const char *method,
                                  const char *version, const char *upload, size_t *upload_len, void **request) {
        static char body[] = "{\"order\":4711}";
        (void)self, (void)path, (void)method, (void)version, (void)upload;

        if (*request == NULL || *upload_len > 0) {
                *request = connection;
                *upload_len = 0;
                return MHD_YES;
        }
        struct MHD_Response *response = MHD_create_response_from_buffer(sizeof(body) - 1, body, MHD_RESPMEM_PERSISTENT);
        enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
        MHD_destroy_response(response);
        return result;
}

/* A process of its own, which ends with this one. */
static pid_t server_start(unsigned *out_port) {
        int ends[2];

        if (pipe(ends) != 0)
                bench_fail("no pipe");
        pid_t pid = fork();
        if (pid == 0) {
                (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
                struct MHD_Daemon *server = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, on_request,
                                                             NULL, MHD_OPTION_END);
                unsigned port = server == NULL ? 0 : MHD_get_daemon_info(server, MHD_DAEMON_INFO_BIND_PORT)->port;
                if (write(ends[1], &port, sizeof(port)) == (ssize_t)sizeof(port))
                        (void)pause();
                _exit(0);
        }
        if (pid < 0 || read(ends[0], out_port, sizeof(*out_port)) != (ssize_t)sizeof(*out_port) || *out_port == 0)
                bench_fail("the server does not start");
        (void)close(ends[0]);
        (void)close(ends[1]);
        return pid;
}

typedef struct bare {
        CURLM *multi;
        CURL *easy[AT_A_TIME];
        struct curl_slist *headers;
        size_t count;
} bare;

static size_t on_body(char *at, size_t size, size_t count, void *self) {
        (void)at, (void)self;
        return size * count;
}

static void bare_begin(bare *it, const char *url) {
        it->multi = curl_multi_init();
        it->headers = curl_slist_append(NULL, "Content-Type: application/json");
        it->headers = curl_slist_append(it->headers, "Idempotency-Key: 0198c5f2-7b1a-7c3d-8e4f-a1b2c3d4e5f6/4");
        for (size_t i = 0; i < AT_A_TIME; i++) {
                CURL *easy = it->easy[i] = curl_easy_init();
                if (easy == NULL || it->multi == NULL)
                        bench_fail("no memory");
                (void)curl_easy_setopt(easy, CURLOPT_URL, url);
                (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, it->headers);
                (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, INPUT);
                (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
        }
}

/* One ended: the same handle asks again. */
static size_t bare_take(bare *it, size_t begun) {
        CURLMsg *message;
        int left;

        while ((message = curl_multi_info_read(it->multi, &left)) != NULL) {
                CURL *easy = message->easy_handle;
                if (message->data.result != CURLE_OK)
                        bench_fail("bare: %s", curl_easy_strerror(message->data.result));
                b.ended++;
                (void)curl_multi_remove_handle(it->multi, easy);
                if (begun < it->count) {
                        (void)curl_multi_add_handle(it->multi, easy);
                        begun++;
                }
        }
        return begun;
}

static void run_bare(void *self) {
        bare *it = self;
        size_t begun = 0;
        int running;

        for (b.ended = 0; begun < AT_A_TIME && begun < it->count; begun++)
                (void)curl_multi_add_handle(it->multi, it->easy[begun]);
        while (b.ended < it->count) {
                (void)curl_multi_perform(it->multi, &running);
                begun = bare_take(it, begun);
                if (b.ended < it->count)
                        (void)curl_multi_poll(it->multi, NULL, 0, 1000, NULL);
        }
}

static void bare_end(bare *it) {
        for (size_t i = 0; i < AT_A_TIME; i++)
                curl_easy_cleanup(it->easy[i]);
        curl_slist_free_all(it->headers);
        (void)curl_multi_cleanup(it->multi);
}

static void webhooks(const bench_options *options) {
        char config[128];
        char url[64];
        unsigned port = 0;
        pid_t server = server_start(&port);
        bench_rounds ours = {0};
        bench_rounds theirs = {0};
        double rates[BENCH_ROUNDS_MAX];
        double shares[BENCH_ROUNDS_MAX];
        bare it = {.count = bench_count(options, 4000, 500)};
        sk_http_how_config how = {.loop = &b.loop, .team = "centre", .chain_dir = "/tmp", .ended = ended};

        (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/orders", port);
        (void)snprintf(config, sizeof(config), "{\"url\":\"%s\"}", url);
        if (sk_http_how_new(&how, &b.port) != SK_OK)
                bench_fail("no memory");
        b.how = SK_HOW_HTTP;
        b.config = config;
        bare_begin(&it, url);
        for (size_t round = 0; round < bench_rounds_of(options); round++) {
                bench_time with = {0};
                bench_time without = {0};
                bench_measured(&without, run_bare, &it);
                b.begun = b.ended = 0;
                port_measure(it.count, &with);
                bench_rounds_add(&theirs, &without, it.count);
                bench_rounds_add(&ours, &with, it.count);
                rates[round] = (double)it.count * 1e6 / with.wall_us;
                shares[round] = without.cpu_us / with.cpu_us;
        }
        bench_print_time("webhook", &ours, 0);
        bench_print_time("webhook-bare, libcurl alone", &theirs, 0);
        bench_print_value("webhooks by the clock", bench_median(rates, ours.count), "per second", "");
        bench_print_value("webhook, share of libcurl alone", bench_median(shares, ours.count), "", "0.7 at least");
        bare_end(&it);
        port_end();
        (void)kill(server, SIGKILL);
}

/* ---- beside what hangs ---- */

typedef struct beside {
        instant link;
        uint64_t next_call;
        sk_record records[BLOCK];
} beside;

static void drain_effects(instant *link, size_t *out_begun) {
        sk_effect effect;

        while (sk_driver_next_effect(link->driver, &effect))
                ++*out_begun;
}

static void run_block(void *self) {
        beside *it = self;
        size_t begun = 0;

        for (size_t i = 0; i < BLOCK; i++)
                instant_give(&it->link, &it->records[i]);
        instant_run(&it->link);
        drain_effects(&it->link, &begun);
}

static void block(world *w, beside *it, bench_time *time) {
        sk_arena_reset(w->arena);
        for (size_t i = 0; i < BLOCK; i++)
                it->records[i] = world_call_record(w, SK_CALL_RAISE, it->next_call++, 1, w->raise);
        instant_adopt(&it->link, it->records, BLOCK);
        bench_measured(time, run_block, it);
}

static void hang(world *w, beside *it) {
        static const char incident[] = "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"x\"}";
        sk_driver_numbers numbers;
        size_t begun = 0;

        sk_arena_reset(w->arena);
        for (size_t i = 0; i < HANGING; i++)
                it->records[i] = world_call_record(w, SK_CALL_RAISE, it->next_call++, 1, incident);
        instant_adopt(&it->link, it->records, HANGING);
        for (size_t i = 0; i < HANGING; i++)
                instant_give(&it->link, &it->records[i]);
        instant_run(&it->link);
        drain_effects(&it->link, &begun);
        sk_driver_count(it->link.driver, &numbers);
        if (begun != HANGING || numbers.effects_running != HANGING)
                bench_fail("%zu effects have begun, %llu wait", begun, (unsigned long long)numbers.effects_waiting);
}

static void beside_hanging(const bench_options *options) {
        static beside none, some;
        world *w = world_new(WORLD_HANGING, 4);
        bench_rounds without = {0};
        bench_rounds with = {0};
        double shares[BENCH_ROUNDS_MAX];
        size_t blocks = options->is_quick ? 2 : 8;

        instant_start(&none.link, w, "centre");
        instant_start(&some.link, w, "centre");
        hang(w, &some);
        for (size_t round = 0; round < bench_rounds_of(options); round++) {
                bench_time a = {0};
                bench_time c = {0};
                for (size_t i = 0; i < blocks; i++) {
                        block(w, &none, &a);
                        block(w, &some, &c);
                }
                bench_rounds_add(&without, &a, blocks * BLOCK);
                bench_rounds_add(&with, &c, blocks * BLOCK);
                shares[round] = a.cpu_us / c.cpu_us;
        }
        bench_print_time("effects-whole, beside none", &without, 0);
        bench_print_time("effects-whole, 1,000 hang", &with, 0);
        bench_print_value("effects-whole, share of none", bench_median(shares, with.count), "", "0.95 at least");
        instant_free(&none.link);
        instant_free(&some.link);
        world_free(w);
}

int main(int argc, char **argv) {
        if (argc == 3 && strcmp(argv[1], RUNNER) == 0)
                return sk_runner_main(3, argv[2]);
        bench_options options = bench_options_of(argc, argv);

        (void)curl_global_init(CURL_GLOBAL_DEFAULT);
        (void)uv_loop_init(&b.loop);
        b.chain = world_new(WORLD_AUTOMATIC, 4);
        if (bench_wants(&options, "exec"))
                exec_round_trips(&options);
        if (bench_wants(&options, "webhook"))
                webhooks(&options);
        if (bench_wants(&options, "effects-whole"))
                beside_hanging(&options);
        world_free(b.chain);
        (void)uv_loop_close(&b.loop);
        return 0;
}
