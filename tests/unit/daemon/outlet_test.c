/* Those who are informed are told by the team's outlet: a command, a message, a webhook. Nobody waits for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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

/** A tool that answers each request with the same status, in a thread of its own. */
typedef struct tool {
        int fd;
        unsigned status;
        unsigned asked;
        unsigned alike; /* requests that are what they should be */
        pthread_t thread;
} tool;

static bool read_request(int fd, char *out, size_t room) {
        size_t len = 0;

        for (;;) {
                ssize_t got = read(fd, out + len, room - 1 - len);
                if (got <= 0)
                        return false;
                len += (size_t)got;
                out[len] = '\0';
                const char *body = strstr(out, "\r\n\r\n");
                const char *length = strstr(out, "Content-Length: ");
                if (body != NULL && length != NULL && len >= (size_t)(body + 4 - out) + strtoul(length + 16, NULL, 10))
                        return true;
        }
}

static void *serve(void *self) {
        tool *it = self;
        char text[8192];

        for (int fd; (fd = accept(it->fd, NULL, NULL)) >= 0; (void)close(fd)) {
                if (!read_request(fd, text, sizeof text))
                        continue;
                it->asked++;
                it->alike += strncmp(text, "POST /notices HTTP/1.1\r\n", 24) == 0 &&
                             strstr(text, "\r\nIdempotency-Key: " CALL "/4\r\n") != NULL &&
                             strstr(text, "\r\nContent-Type: application/json\r\n") != NULL &&
                             strstr(text, "\"person\":\"eva\"") != NULL;
                int len = snprintf(text, sizeof text,
                                   "HTTP/1.1 %u So\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n"
                                   "Connection: close\r\n\r\n",
                                   it->status);
                (void)!write(fd, text, (size_t)len);
        }
        return NULL;
}

/* Tells a tool that answers so; gives what became of it, and of the tool what it was asked. */
static sk_outlet_numbers tell_tool(unsigned status, tool *out) {
        char outlet[200];
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        socklen_t len = sizeof address;

        *out = (tool){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .status = status};
        assert_int_equal(bind(out->fd, (const struct sockaddr *)&address, len), 0);
        assert_int_equal(listen(out->fd, 8), 0);
        assert_int_equal(getsockname(out->fd, (struct sockaddr *)&address, &len), 0);
        assert_int_equal(pthread_create(&out->thread, NULL, serve, out), 0);
        (void)snprintf(outlet, sizeof outlet, "\"outlet\":{\"webhook\":\"http://127.0.0.1:%u/notices\"},",
                       (unsigned)ntohs(address.sin_port));
        w.edition = edition_of(outlet);
        sk_outlet_config config = {
                .loop = &w.loop, .logger = w.logger, .edition = w.edition, .team = "desk", .retry_ms = 1};
        w.outlet = sk_outlet_new(&config);
        sk_outlet_tell(w.outlet, SK_SLICE(EVENT));
        sk_outlet_numbers numbers = run();
        assert_int_equal(shutdown(out->fd, SHUT_RDWR), 0);
        assert_int_equal(pthread_join(out->thread, NULL), 0);
        (void)close(out->fd);
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
