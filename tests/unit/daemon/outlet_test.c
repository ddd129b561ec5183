/* Those who are informed are told by the team's outlet: a command, a message, a webhook. Nobody waits for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/notice.h"
#include "daemon/outlet.h"
#include "kit/json_load.h"

#define CALL "01a1ff34-261a-7267-8038-21a65a19201b"
#define EVENT                                                                                                   \
        "{\"now\":\"2026-09-21T14:13:20.000000Z\",\"activity\":\"operate.perform\",\"visit\":4,\"key\":\"" CALL \
        "/4\",\"outcome\":\"completed\",\"customer\":\"shop\",\"type\":\"incident\",\"facility\":\"till\","     \
        "\"to\":[\"eva\",\"tom\"]}"

typedef struct world {
        char folder[256];
        uv_loop_t loop;
        sk_logger *logger;
        sk_edition *edition;
        sk_outlet *outlet;
} world;

static world w;

static sk_edition *edition_of(const char *outlet) {
        char team[2000];
        (void)snprintf(team, sizeof team,
                       "{\"organised_by\":\"process\",\"coordinated_by\":\"line\",%s\"people\":{"
                       "\"eva\":{\"mail\":\"eva@example.org\",\"profiles\":[\"line-manager\"]},"
                       "\"tom\":{\"profiles\":[\"operator\"]}}}",
                       outlet);
        const sk_chain_file files[] = {{"chain.json", SK_SLICE("{\"name\":\"test\"}")},
                                       {"desk/team.json", sk_slice_of(team)}};
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;
        sk_err err = sk_edition_build(files, 2, NULL, findings, &edition);
        if (err != SK_OK)
                fail_msg("%s", sk_findings_at(findings, 0)->text);
        sk_findings_free(findings);
        return edition;
}

/* A shell command as the outlet, in the test's folder. */
static void open_command(const char *script) {
        char outlet[1000];
        (void)snprintf(outlet, sizeof outlet, "\"outlet\":{\"command\":[\"sh\",\"-c\",\"%s\"]},", script);
        w.edition = edition_of(outlet);
        sk_outlet_config config = {.loop = &w.loop,
                                   .logger = w.logger,
                                   .edition = w.edition,
                                   .team = "desk",
                                   .folder = w.folder,
                                   .retry_ms = 1};
        w.outlet = sk_outlet_new(&config);
        assert_non_null(w.outlet);
}

/* The loop ends by itself when nothing waits and nothing runs. */
static sk_outlet_numbers run(void) {
        sk_outlet_numbers numbers;
        (void)uv_run(&w.loop, UV_RUN_DEFAULT);
        sk_outlet_count(w.outlet, &numbers);
        return numbers;
}

static size_t read_file(const char *name, char *out, size_t size) {
        char path[300];
        (void)snprintf(path, sizeof path, "%s/%s", w.folder, name);
        FILE *file = fopen(path, "r");
        size_t len = file == NULL ? 0 : fread(out, 1, size - 1, file);
        out[len] = '\0';
        if (file != NULL)
                fclose(file);
        return len;
}

static int setup(void **state) {
        (void)state;
        const char *base = getenv("TMPDIR");
        (void)signal(SIGPIPE, SIG_IGN);
        (void)snprintf(w.folder, sizeof w.folder, "%s/outlet.XXXXXX", base == NULL ? "/tmp" : base);
        assert_non_null(mkdtemp(w.folder));
        assert_int_equal(uv_loop_init(&w.loop), 0);
        w.logger = sk_logger_new(open("/dev/null", O_WRONLY | O_CLOEXEC), true);
        assert_non_null(w.logger);
        return 0;
}

static int teardown(void **state) {
        char command[400];
        (void)state;
        if (w.outlet != NULL) {
                sk_outlet_close(w.outlet);
                (void)uv_run(&w.loop, UV_RUN_DEFAULT);
        }
        sk_outlet_free(w.outlet);
        sk_edition_release(w.edition);
        sk_logger_free(w.logger);
        assert_int_equal(uv_loop_close(&w.loop), 0);
        static const char *const files[] = {"got", "keys", "tries", "pid"};
        for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
                (void)snprintf(command, sizeof command, "%s/%s", w.folder, files[i]);
                (void)unlink(command);
        }
        (void)rmdir(w.folder);
        w = (world){.outlet = NULL};
        return 0;
}

/* ---- what is written ---- */

static void test_a_program_gets_json(void **state) {
        sk_buf text = sk_buf_make(4096);
        (void)state;
        w.edition = edition_of("\"outlet\":{\"command\":\"tell\"},");
        const sk_team *team = sk_edition_team(w.edition, SK_SLICE("desk"));
        assert_int_equal(sk_notice_write(w.edition, team, SK_SLICE(EVENT), SK_OUTLET_COMMAND, &text), 2);
        assert_true(sk_slice_is(
                sk_buf_slice(&text),
                "{\"key\":\"" CALL "/4\",\"chain\":\"test\",\"team\":\"desk\",\"call\":\"" CALL
                "\",\"activity\":\"operate.perform\",\"outcome\":\"completed\",\"customer\":\"shop\",\"type\":"
                "\"incident\","
                "\"facility\":\"till\",\"text\":\"operate.perform (incident till of shop): completed\",\"to\":["
                "{\"person\":\"eva\",\"mail\":\"eva@example.org\"},{\"person\":\"tom\"}]}\n"));
        sk_buf_free(&text);
}

static void test_a_message_goes_to_those_who_have_an_address(void **state) {
        sk_buf text = sk_buf_make(4096);
        (void)state;
        w.edition = edition_of("\"outlet\":{\"sendmail\":\"/usr/sbin/sendmail\",\"from\":\"desk@example.org\"},");
        const sk_team *team = sk_edition_team(w.edition, SK_SLICE("desk"));
        assert_int_equal(sk_notice_write(w.edition, team, SK_SLICE(EVENT), SK_OUTLET_MAIL, &text), 1);
        static const char begin[] =
                "To: eva@example.org\nFrom: desk@example.org\nSubject: operate.perform (incident till of "
                "shop): completed\nMessage-ID: <" CALL ".4@desk.test.schakel>\n";
        assert_true(text.len > sizeof begin);
        assert_memory_equal(text.at, begin, sizeof begin - 1);
        sk_buf_free(&text);
}

static void test_an_event_without_a_key_is_no_notice(void **state) {
        (void)state;
        assert_false(sk_slice_there(sk_notice_key(SK_SLICE("{}"))));
        assert_false(sk_slice_there(sk_notice_key(SK_SLICE("{\"key\":\"7\"}"))));
        assert_true(sk_slice_is(sk_notice_key(SK_SLICE(EVENT)), CALL "/4"));
}

/* ---- who is told ---- */

static void test_the_command_is_told_with_the_key_beside_it(void **state) {
        char got[4096];
        (void)state;
        open_command("cat >got; echo $SCHAKEL_KEY >keys");
        sk_outlet_tell(w.outlet, SK_SLICE(EVENT));
        sk_outlet_numbers numbers = run();
        assert_int_equal(numbers.told, 1);
        assert_int_equal(numbers.waiting, 0);
        assert_true(read_file("got", got, sizeof got) > 0);
        assert_non_null(strstr(got, "\"person\":\"eva\""));
        (void)read_file("keys", got, sizeof got);
        assert_string_equal(got, CALL "/4\n");
}

static void test_what_fails_is_tried_three_times_with_the_same_key(void **state) {
        char got[4096];
        (void)state;
        open_command("echo $SCHAKEL_KEY >>keys; exit 1");
        sk_outlet_tell(w.outlet, SK_SLICE(EVENT));
        sk_outlet_numbers numbers = run();
        assert_int_equal(numbers.told, 0);
        assert_int_equal(numbers.failed, 1);
        (void)read_file("keys", got, sizeof got);
        assert_string_equal(got, CALL "/4\n" CALL "/4\n" CALL "/4\n");
}

static void test_a_second_try_may_succeed(void **state) {
        (void)state;
        open_command("test -e tries || { touch tries; exit 1; }");
        sk_outlet_tell(w.outlet, SK_SLICE(EVENT));
        sk_outlet_numbers numbers = run();
        assert_int_equal(numbers.told, 1);
        assert_int_equal(numbers.failed, 0);
}

static void test_a_program_that_does_not_read_is_no_trouble(void **state) {
        (void)state;
        open_command("exec <&-; exit 0");
        sk_outlet_tell(w.outlet, SK_SLICE(EVENT));
        assert_int_equal(run().told, 1);
}

static void test_more_than_the_queue_holds_are_left_out_and_the_rest_is_told(void **state) {
        sk_outlet_numbers numbers;
        (void)state;
        open_command("exec sleep 1000");
        for (int i = 0; i < 1100; i++)
                sk_outlet_tell(w.outlet, SK_SLICE(EVENT));
        sk_outlet_count(w.outlet, &numbers);
        assert_int_equal(numbers.waiting, 1000);
        assert_int_equal(numbers.dropped, 100);
}

static void test_without_an_outlet_nobody_is_told(void **state) {
        (void)state;
        w.edition = edition_of("");
        sk_outlet_config config = {.loop = &w.loop, .logger = w.logger, .edition = w.edition, .team = "desk"};
        w.outlet = sk_outlet_new(&config);
        sk_outlet_tell(w.outlet, SK_SLICE(EVENT));
        sk_outlet_numbers numbers = run();
        assert_int_equal(numbers.told + numbers.failed + numbers.dropped + numbers.waiting, 0);
}

static void test_a_program_that_there_is_not_is_given_up(void **state) {
        (void)state;
        w.edition = edition_of("\"outlet\":{\"command\":\"/nowhere/tell\"},");
        sk_outlet_config config = {
                .loop = &w.loop, .logger = w.logger, .edition = w.edition, .team = "desk", .retry_ms = 1};
        w.outlet = sk_outlet_new(&config);
        sk_outlet_tell(w.outlet, SK_SLICE(EVENT));
        assert_int_equal(run().failed, 1);
}

static void test_what_runs_is_killed_when_it_is_closed(void **state) {
        char text[32] = "";
        (void)state;
        open_command("echo $$ >pid; exec sleep 1000");
        sk_outlet_tell(w.outlet, SK_SLICE(EVENT));
        while (read_file("pid", text, sizeof text) == 0)
                (void)uv_run(&w.loop, UV_RUN_NOWAIT);
        sk_outlet_close(w.outlet);
        (void)uv_run(&w.loop, UV_RUN_DEFAULT);
        sk_outlet_numbers numbers;
        sk_outlet_count(w.outlet, &numbers);
        assert_int_equal(numbers.waiting, 0);
}

/* ---- webhooks ---- */

/** A tool that answers each request with the same status, on the outlet's loop, which it does not keep from ending. */
typedef struct tool {
        uv_tcp_t listener;
        unsigned status;
        unsigned asked;
        unsigned alike; /* requests that are what they should be */
} tool;

/** One request and its answer. */
typedef struct visit {
        tool *at;
        uv_tcp_t stream;
        uv_write_t writing;
        char text[8192];
        size_t len;
} visit;

static void on_visit_closed(uv_handle_t *stream) {
        free(stream->data);
}

static void on_answered(uv_write_t *writing, int status) {
        visit *it = writing->data;
        (void)status;
        uv_close((uv_handle_t *)&it->stream, on_visit_closed);
}

static bool is_whole(const visit *it) {
        const char *body = strstr(it->text, "\r\n\r\n");
        const char *length = strstr(it->text, "Content-Length: ");
        return body != NULL && length != NULL &&
               it->len >= (size_t)(body + 4 - it->text) + strtoul(length + 16, NULL, 10);
}

static void answer(visit *it) {
        it->at->asked++;
        it->at->alike += strncmp(it->text, "POST /notices HTTP/1.1\r\n", 24) == 0 &&
                         strstr(it->text, "\r\nIdempotency-Key: " CALL "/4\r\n") != NULL &&
                         strstr(it->text, "\r\nContent-Type: application/json\r\n") != NULL &&
                         strstr(it->text, "\"person\":\"eva\"") != NULL;
        int len = snprintf(it->text, sizeof it->text,
                           "HTTP/1.1 %u So\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n"
                           "Connection: close\r\n\r\n",
                           it->at->status);
        uv_buf_t bytes = uv_buf_init(it->text, (unsigned)len);
        it->writing.data = it;
        assert_int_equal(uv_write(&it->writing, (uv_stream_t *)&it->stream, &bytes, 1, on_answered), 0);
}

static void on_room(uv_handle_t *stream, size_t size, uv_buf_t *out) {
        visit *it = stream->data;
        (void)size;
        *out = uv_buf_init(it->text + it->len, (unsigned)(sizeof it->text - 1 - it->len));
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *bytes) {
        visit *it = stream->data;
        (void)bytes;
        if (got == 0)
                return;
        if (got > 0) {
                it->len += (size_t)got;
                it->text[it->len] = '\0';
                if (!is_whole(it))
                        return;
        }
        (void)uv_read_stop(stream);
        if (got > 0)
                answer(it);
        else
                uv_close((uv_handle_t *)stream, on_visit_closed);
}

static void on_visit(uv_stream_t *listener, int status) {
        visit *it = calloc(1, sizeof *it);
        assert_true(status == 0 && it != NULL);
        it->at = listener->data;
        assert_int_equal(uv_tcp_init(listener->loop, &it->stream), 0);
        it->stream.data = it;
        assert_int_equal(uv_accept(listener, (uv_stream_t *)&it->stream), 0);
        assert_int_equal(uv_read_start((uv_stream_t *)&it->stream, on_room, on_read), 0);
}

/* Gives the port. */
static unsigned open_tool(unsigned status, tool *out) {
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        int len = sizeof address;

        *out = (tool){.status = status};
        assert_int_equal(uv_tcp_init(&w.loop, &out->listener), 0);
        out->listener.data = out;
        assert_int_equal(uv_tcp_bind(&out->listener, (const struct sockaddr *)&address, 0), 0);
        assert_int_equal(uv_listen((uv_stream_t *)&out->listener, 8, on_visit), 0);
        assert_int_equal(uv_tcp_getsockname(&out->listener, (struct sockaddr *)&address, &len), 0);
        uv_unref((uv_handle_t *)&out->listener);
        return ntohs(address.sin_port);
}

/* Tells a tool that answers so; gives what became of it, and of the tool what it was asked. */
static sk_outlet_numbers tell_tool(unsigned status, tool *out) {
        char outlet[200];

        (void)snprintf(outlet, sizeof outlet, "\"outlet\":{\"webhook\":\"http://127.0.0.1:%u/notices\"},",
                       open_tool(status, out));
        w.edition = edition_of(outlet);
        sk_outlet_config config = {
                .loop = &w.loop, .logger = w.logger, .edition = w.edition, .team = "desk", .retry_ms = 1};
        w.outlet = sk_outlet_new(&config);
        sk_outlet_tell(w.outlet, SK_SLICE(EVENT));
        sk_outlet_numbers numbers = run();
        uv_close((uv_handle_t *)&out->listener, NULL);
        (void)uv_run(&w.loop, UV_RUN_DEFAULT);
        return numbers;
}

static void test_a_tool_is_told_and_what_it_does_not_take_is_tried_again_with_the_same_key(void **state) {
        static const struct {
                unsigned status;
                bool is_told;
        } table[] = {{200, true}, {204, true}, {302, false}, {307, false}, {404, false}, {500, false}};

        if (access("/usr/bin/curl", X_OK) != 0)
                skip(); /* a package of its own, which the outlet's documentation names */
        for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
                tool posted;
                sk_outlet_numbers numbers = tell_tool(table[i].status, &posted);
                if (numbers.told != (table[i].is_told ? 1 : 0) || posted.asked != (table[i].is_told ? 1 : 3))
                        fail_msg("%u: %u told, asked %u times", table[i].status, (unsigned)numbers.told, posted.asked);
                assert_int_equal(numbers.failed, table[i].is_told ? 0 : 1);
                assert_int_equal(posted.alike, posted.asked);
                (void)teardown(state);
                (void)setup(state);
        }
}

static void test_sendmail_takes_the_addresses_from_the_message(void **state) {
        char got[4096];
        (void)state;
        w.edition = edition_of("\"outlet\":{\"sendmail\":[\"sh\",\"-c\",\"cat >got; echo $0 >keys\"],"
                               "\"from\":\"desk@example.org\"},");
        sk_outlet_config config = {.loop = &w.loop,
                                   .logger = w.logger,
                                   .edition = w.edition,
                                   .team = "desk",
                                   .folder = w.folder,
                                   .retry_ms = 1};
        w.outlet = sk_outlet_new(&config);
        sk_outlet_tell(w.outlet, SK_SLICE(EVENT));
        assert_int_equal(run().told, 1);
        (void)read_file("keys", got, sizeof got);
        assert_string_equal(got, "-t\n");
        (void)read_file("got", got, sizeof got);
        assert_memory_equal(got, "To: eva@example.org\n", 20);
}

static void test_a_notice_for_an_outlet_that_is_gone_is_let_go(void **state) {
        sk_outlet_numbers numbers;
        (void)state;
        open_command("exit 1");
        sk_outlet_tell(w.outlet, SK_SLICE(EVENT));
        sk_edition *other = edition_of("");
        sk_outlet_edition(w.outlet, other);
        numbers = run();
        assert_int_equal(numbers.told, 0);
        assert_int_equal(numbers.waiting, 0);
        sk_edition_release(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static int prepare(void **state) {
        (void)state;
        sk_json_load_prepare();
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_a_program_gets_json),
                TEST(test_a_message_goes_to_those_who_have_an_address),
                TEST(test_an_event_without_a_key_is_no_notice),
                TEST(test_the_command_is_told_with_the_key_beside_it),
                TEST(test_what_fails_is_tried_three_times_with_the_same_key),
                TEST(test_a_second_try_may_succeed),
                TEST(test_a_program_that_does_not_read_is_no_trouble),
                TEST(test_more_than_the_queue_holds_are_left_out_and_the_rest_is_told),
                TEST(test_without_an_outlet_nobody_is_told),
                TEST(test_a_program_that_there_is_not_is_given_up),
                TEST(test_what_runs_is_killed_when_it_is_closed),
                TEST(test_a_tool_is_told_and_what_it_does_not_take_is_tried_again_with_the_same_key),
                TEST(test_sendmail_takes_the_addresses_from_the_message),
                TEST(test_a_notice_for_an_outlet_that_is_gone_is_let_go),
        };
        return cmocka_run_group_tests(tests, prepare, NULL);
}
