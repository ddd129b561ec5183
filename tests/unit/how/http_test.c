/*
 * Webhooks against a server of the test's: what it gets, and what becomes of what it answers.
 */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <microhttpd.h>
#include <pthread.h>

#include "how/http.h"
#include "kit/buf.h"
#include "support/folder.h"

#define ENDS_MAX 16

typedef struct world {
        uv_loop_t loop;
        uv_timer_t patience;
        sk_how_port port;
        test_folder folder;
        struct MHD_Daemon *server;
        unsigned server_port;
        char config[1024];
        /* what the server got last */
        char method[16];
        char path[256];
        char key[64];
        char token[64];
        char body[512];
        size_t body_len;
        unsigned requests;
        struct MHD_Connection *hanging[ENDS_MAX];
        unsigned hanging_count;
        bool is_over;
        /* what came of it */
        sk_effect_report ends[ENDS_MAX];
        char codes[ENDS_MAX][32];
        char values[ENDS_MAX][256];
        char texts[ENDS_MAX][256];
        unsigned count;
        bool is_impatient;
} world;

static world w;
static pthread_mutex_t seen = PTHREAD_MUTEX_INITIALIZER; /* of what the server has got: it has a thread of its own */

/* ---- the server: the path says what it answers ---- */

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *text) {
        struct MHD_Response *response =
                MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
        (void)MHD_add_response_header(response, "Retry-After", "7");
        enum MHD_Result result = MHD_queue_response(connection, status, response);
        MHD_destroy_response(response);
        return result;
}

/* Nothing is answered before the test has ended. */
static enum MHD_Result hang(struct MHD_Connection *connection) {
        assert_true(w.hanging_count < ENDS_MAX);
        w.hanging[w.hanging_count++] = connection;
        MHD_suspend_connection(connection);
        return MHD_YES;
}

static void keep(char *to, size_t size, const char *text) {
        (void)snprintf(to, size, "%s", text == NULL ? "" : text);
}

static enum MHD_Result serve(struct MHD_Connection *connection, const char *path, const char *method,
                             const char *upload, size_t *upload_len, void **request) {
        static char huge[300 * 1024];
        if (*request == NULL) {
                *request = &w;
                w.body_len = 0;
                return MHD_YES;
        }
        if (*upload_len > 0) {
                size_t room = sizeof(w.body) - 1 - w.body_len;
                size_t len = *upload_len < room ? *upload_len : room;
                memcpy(w.body + w.body_len, upload, len);
                w.body_len += len;
                *upload_len = 0;
                return MHD_YES;
        }
        w.body[w.body_len] = '\0';
        w.requests++;
        keep(w.method, sizeof w.method, method);
        keep(w.path, sizeof w.path, path);
        keep(w.key, sizeof w.key, MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Idempotency-Key"));
        keep(w.token, sizeof w.token, MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization"));
        if (strcmp(path, "/hang") == 0 && !w.is_over)
                return hang(connection);
        if (strcmp(path, "/drop") == 0)
                return MHD_NO;
        if (strcmp(path, "/huge") == 0) {
                memset(huge, 'x', sizeof huge - 1);
                return answer(connection, 200, huge);
        }
        unsigned status = (unsigned)strtoul(path + 1, NULL, 10);
        return answer(connection, status == 0 ? 200 : status, "{\"done\":true}");
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *connection, const char *path, const char *method,
                                  const char *version, const char *upload, size_t *upload_len, void **request) {
        (void)self;
        (void)version;
        (void)pthread_mutex_lock(&seen);
        enum MHD_Result result = serve(connection, path, method, upload, upload_len, request);
        (void)pthread_mutex_unlock(&seen);
        return result;
}

/* ---- the port ---- */

static void ended(void *self, const sk_effect_report *report) {
        unsigned at = w.count++;
        (void)self;
        assert_true(at < ENDS_MAX);
        w.ends[at] = *report;
        (void)snprintf(w.codes[at], sizeof w.codes[at], "%.*s", (int)report->code.len, report->code.at);
        (void)snprintf(w.values[at], sizeof w.values[at], "%.*s", (int)report->value.len,
                       report->value.at == NULL ? "" : report->value.at);
        (void)snprintf(w.texts[at], sizeof w.texts[at], "%.*s", (int)report->text.len,
                       report->text.at == NULL ? "" : report->text.at);
        uv_stop(&w.loop);
}

static void on_impatient(uv_timer_t *timer) {
        (void)timer;
        w.is_impatient = true;
        uv_stop(&w.loop);
}

static void file_write(const char *name, const char *text) {
        FILE *file = fopen(folder_file(&w.folder, name), "w");
        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
}

static int setup(void **state) {
        (void)state;
        memset(&w, 0, sizeof w);
        folder_make(&w.folder);
        file_write("token", "s3cret\n");
        w.server = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
                                    on_request, NULL, MHD_OPTION_END);
        assert_non_null(w.server);
        w.server_port = MHD_get_daemon_info(w.server, MHD_DAEMON_INFO_BIND_PORT)->port;
        assert_int_equal(uv_loop_init(&w.loop), 0);
        assert_int_equal(uv_timer_init(&w.loop, &w.patience), 0);
        sk_http_how_config config = {.loop = &w.loop, .team = "t", .chain_dir = w.folder.path, .ended = ended};
        assert_int_equal(sk_http_how_new(&config, &w.port), SK_OK);
        return 0;
}

static int teardown(void **state) {
        (void)state;
        w.port.close(w.port.self);
        uv_close((uv_handle_t *)&w.patience, NULL);
        assert_int_equal(uv_run(&w.loop, UV_RUN_DEFAULT), 0);
        w.port.free(w.port.self);
        assert_int_equal(uv_loop_close(&w.loop), 0);
        (void)pthread_mutex_lock(&seen);
        w.is_over = true;
        for (unsigned i = 0; i < w.hanging_count; i++)
                MHD_resume_connection(w.hanging[i]);
        (void)pthread_mutex_unlock(&seen);
        MHD_stop_daemon(w.server);
        folder_remove(&w.folder);
        return 0;
}

static sk_effect effect_make(uint32_t visit, const char *path, const char *more) {
        (void)snprintf(w.config, sizeof w.config, "{\"url\":\"http://127.0.0.1:%u%s\"%s}", w.server_port, path, more);
        return (sk_effect){.callid = {{1}},
                           .visit = visit,
                           .try_number = 1,
                           .how = SK_HOW_HTTP,
                           .key = "key/1",
                           .target = SK_SLICE("127.0.0.1"),
                           .config = sk_slice_of(w.config),
                           .input = SK_SLICE("{\"id\":\"x y\"}"),
                           .timeout_us = INT64_C(120000000)};
}

static void begin(uint32_t visit, const char *path, const char *more) {
        sk_effect effect = effect_make(visit, path, more);
        w.port.begin(w.port.self, &effect);
}

/* Lets the loop run until so many have ended; two minutes are a broken test, not a slow machine. */
static void wait_for(unsigned count) {
        (void)uv_timer_start(&w.patience, on_impatient, 120000, 0);
        while (w.count < count && !w.is_impatient)
                (void)uv_run(&w.loop, UV_RUN_DEFAULT);
        (void)uv_timer_stop(&w.patience);
        assert_int_equal(w.count, count);
        (void)pthread_mutex_lock(&seen); /* what the server has got is there to be looked at */
        (void)pthread_mutex_unlock(&seen);
}

static void test_a_tool_gets_what_the_instruction_says(void **state) {
        (void)state;
        char more[FOLDER_PATH_MAX + 128];
        (void)snprintf(more, sizeof more,
                       ",\"method\":\"PUT\",\"headers\":{\"Authorization\":\"Bearer {t}\"},\"secrets\":{\"t\":\"%s\"}",
                       folder_file(&w.folder, "token"));
        begin(3, "/{/id}", more);
        assert_int_equal(w.count, 0);
        wait_for(1);
        assert_string_equal(w.method, "PUT");
        assert_string_equal(w.path, "/x y");
        assert_string_equal(w.key, "key/1");
        assert_string_equal(w.token, "Bearer s3cret");
        assert_string_equal(w.body, "{\"id\":\"x y\"}");
        assert_int_equal(w.ends[0].result, SK_EFFECT_DONE);
        assert_int_equal(w.ends[0].visit, 3);
        assert_string_equal(w.codes[0], "http-200");
        assert_string_equal(w.values[0], "{\"done\":true}");
}

static void test_answers_mean_what_they_mean(void **state) {
        static const struct {
                const char *path;
                sk_effect_result result;
                const char *code;
        } cases[] = {
                {"/202", SK_EFFECT_LATER, "http-202"},   {"/409", SK_EFFECT_DECLINED, "http-409"},
                {"/404", SK_EFFECT_FAILED, "http-404"},  {"/503", SK_EFFECT_RETRY, "http-503"},
                {"/301", SK_EFFECT_FAILED, "http-301"},  {"/drop", SK_EFFECT_RETRY, "broken-off"},
                {"/huge", SK_EFFECT_FAILED, "too-long"}, {"/200", SK_EFFECT_DONE, "http-200"},
        };
        (void)state;
        for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                begin(i + 1, cases[i].path, "");
                wait_for(i + 1);
                assert_string_equal(w.codes[i], cases[i].code);
                assert_int_equal(w.ends[i].result, cases[i].result);
                assert_int_equal(w.ends[i].retry_after_us, i == 3 ? 7000000 : 0);
        }
}

/* curl would send it anew on a connection that it has used before. */
static void test_what_may_happen_once_is_sent_once(void **state) {
        (void)state;
        begin(1, "/200", "");
        wait_for(1);
        sk_effect effect = effect_make(2, "/drop", "");
        effect.is_once = true;
        w.port.begin(w.port.self, &effect);
        wait_for(2);
        assert_int_equal(w.ends[1].result, SK_EFFECT_RETRY);
        assert_int_equal(w.requests, 2);
}

static void test_what_does_not_answer_in_time_may_be_tried_again(void **state) {
        (void)state;
        sk_effect effect = effect_make(1, "/hang", "");
        effect.timeout_us = 50000;
        w.port.begin(w.port.self, &effect);
        wait_for(1);
        assert_string_equal(w.codes[0], "timeout");
        assert_int_equal(w.ends[0].result, SK_EFFECT_RETRY);
}

static void test_what_is_stopped_is_not_answered(void **state) {
        (void)state;
        begin(1, "/hang", "");
        sk_effect effect = effect_make(1, "/hang", "");
        w.port.stop(w.port.self, &effect);
        begin(2, "/200", "");
        wait_for(1);
        assert_int_equal(w.ends[0].visit, 2);
        w.port.stop(w.port.self, &effect);
}

static void test_what_cannot_be_sent_is_told_later(void **state) {
        (void)state;
        begin(1, "/{/nothing}", "");
        begin(2, "/200", ",\"headers\":{\"A\":\"{t}\"},\"secrets\":{\"t\":\"none\"}");
        assert_int_equal(w.count, 0);
        wait_for(2);
        assert_int_equal(w.requests, 0);
        for (unsigned i = 0; i < 2; i++) {
                assert_string_equal(w.codes[i], "not-sent");
                assert_int_equal(w.ends[i].result, SK_EFFECT_FAILED);
                assert_true(w.texts[i][0] != '\0');
        }
}

static unsigned free_port(void) {
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t len = sizeof address;
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
        assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
        (void)close(fd);
        return ntohs(address.sin_port);
}

static void test_a_host_that_is_away_does_not_hold_others(void **state) {
        unsigned there = w.server_port;
        (void)state;
        w.server_port = free_port();
        for (unsigned i = 0; i < 5; i++) {
                begin(i + 1, "/", "");
                wait_for(i + 1);
                assert_string_equal(w.codes[i], "no-access");
        }
        begin(6, "/", "");
        wait_for(6);
        assert_string_equal(w.codes[5], "host-away");
        assert_int_equal(w.ends[5].result, SK_EFFECT_RETRY);
        assert_true(w.ends[5].retry_after_us > 0);
        w.server_port = there;
        sk_effect effect = effect_make(7, "/200", "");
        effect.target = SK_SLICE("localhost");
        w.port.begin(w.port.self, &effect);
        wait_for(7);
        assert_int_equal(w.ends[6].result, SK_EFFECT_DONE);
}

static void test_a_certificate_of_nobody_is_not_trusted(void **state) {
        (void)state;
        sk_effect effect = effect_make(1, "/200", "");
        (void)snprintf(w.config, sizeof w.config, "{\"url\":\"https://127.0.0.1:%u/\"}", w.server_port);
        effect.config = sk_slice_of(w.config);
        w.port.begin(w.port.self, &effect);
        wait_for(1);
        assert_string_equal(w.codes[0], "no-trust");
        assert_int_equal(w.requests, 0);
}

static void test_closing_ends_what_runs_without_a_word(void **state) {
        (void)state;
        for (unsigned i = 0; i < 8; i++)
                begin(i + 1, "/hang", "");
        (void)uv_run(&w.loop, UV_RUN_NOWAIT);
        assert_int_equal(w.count, 0);
}

#define HTTP_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                HTTP_TEST(test_a_tool_gets_what_the_instruction_says),
                HTTP_TEST(test_answers_mean_what_they_mean),
                HTTP_TEST(test_what_may_happen_once_is_sent_once),
                HTTP_TEST(test_what_does_not_answer_in_time_may_be_tried_again),
                HTTP_TEST(test_what_is_stopped_is_not_answered),
                HTTP_TEST(test_what_cannot_be_sent_is_told_later),
                HTTP_TEST(test_a_host_that_is_away_does_not_hold_others),
                HTTP_TEST(test_a_certificate_of_nobody_is_not_trusted),
                HTTP_TEST(test_closing_ends_what_runs_without_a_word),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
