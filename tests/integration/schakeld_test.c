#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log/tool.h"
#include "support/folder.h"
#include "support/link_process.h"

/* The daemon as a process: started, stopped, killed, told of a new edition, asked over HTTP, badly too. */

#define LIMIT_MS 120000
#define CHAIN "tests/data/chains/line"

typedef struct fixture {
        test_folder folder;
        char url[FOLDER_PATH_MAX + 64];
        link_process first;
        link_process second;
        sk_log_tool *tool;
} fixture;

static fixture f;

static int setup(void **state) {
        (void)state;
        f = (fixture){.tool = NULL};
        folder_make(&f.folder);
        (void)snprintf(f.url, sizeof(f.url), "local:%s", folder_file(&f.folder, "chain.log"));
        return sk_log_tool_open(f.url, SK_LOG_APPEND, NULL, &f.tool) == SK_OK ? 0 : -1;
}

static int teardown(void **state) {
        (void)state;
        link_kill(&f.first);
        link_kill(&f.second);
        sk_log_tool_free(f.tool);
        folder_remove(&f.folder);
        return 0;
}

static void start(link_process *link, const char *name, const char *chain, const char *team, const char *more,
                  const char *value) {
        const char *arguments[] = {"-C", chain, "--team", team, "--log", f.url, more, value, NULL};

        link_start(link, &f.folder, name, arguments);
}

static void stop(link_process *link) {
        link_signal(link, SIGTERM);
        assert_int_equal(link_wait(link), 0);
}

/* ---- life and death ---- */

static void test_a_signal_to_stop_ends_it_with_status_0_and_no_trace_of_an_unclean_exit(void **state) {
        static const int numbers[] = {SIGTERM, SIGINT};

        (void)state;
        for (size_t i = 0; i < 2; i++) {
                start(&f.first, i == 0 ? "term" : "int", CHAIN, "desk", NULL, NULL);
                link_await(&f.first, "\"ready\"", 1);
                assert_int_equal(access(folder_file(&f.folder, "chain.log.d/state/desk.running"), F_OK), 0);
                link_signal(&f.first, numbers[i]);
                assert_int_equal(link_wait(&f.first), 0);
                assert_int_equal(link_said(&f.first, "\"unclean-exit\""), 0);
                assert_int_equal(access(folder_file(&f.folder, "chain.log.d/state/desk.running"), F_OK), -1);
        }
}

static void test_the_second_daemon_of_a_team_stands_by_and_takes_over_when_the_first_is_killed(void **state) {
        raised_call call;
        char holder[64];

        (void)state;
        start(&f.first, "first", CHAIN, "customer", NULL, NULL);
        link_await(&f.first, "\"ready\"", 1);
        assert_true(sk_log_tool_is_run(f.tool, SK_SLICE("customer")));
        start(&f.second, "second", CHAIN, "customer", NULL, NULL);
        link_await(&f.second, "\"standby\"", 1);
        (void)snprintf(holder, sizeof(holder), "held by process %ld", (long)f.first.pid);
        assert_int_equal(link_said(&f.second, holder), 1);

        link_kill(&f.first);
        link_await(&f.second, "\"ready\"", 1);
        link_await(&f.second, "epoch 2", 1);
        link_await(&f.second, "\"unclean-exit\"", 1);
        call_raise(f.tool, 1, &call);
        records_await(f.tool, "line.desk.calls.customer", "call.raise", 1);
        stop(&f.second);
        assert_false(sk_log_tool_is_run(f.tool, SK_SLICE("customer")));
}

static void test_a_standby_that_is_told_to_stop_leaves_the_first_alone(void **state) {
        (void)state;
        start(&f.first, "first", CHAIN, "desk", NULL, NULL);
        link_await(&f.first, "\"ready\"", 1);
        start(&f.second, "second", CHAIN, "desk", NULL, NULL);
        link_await(&f.second, "\"standby\"", 1);
        stop(&f.second);
        assert_true(link_is_alive(&f.first));
        assert_int_equal(access(folder_file(&f.folder, "chain.log.d/state/desk.running"), F_OK), 0);
        stop(&f.first);
}

static void test_a_daemon_whose_epoch_was_passed_is_fenced_and_stands_by(void **state) {
        raised_call call;

        (void)state;
        start(&f.first, "first", CHAIN, "customer", NULL, NULL);
        link_await(&f.first, "\"ready\"", 1);
        assert_int_equal(unlink(folder_file(&f.folder, "chain.log.d/customer.lock")), 0);
        start(&f.second, "second", CHAIN, "customer", NULL, NULL);
        link_await(&f.second, "\"ready\"", 1);
        for (unsigned i = 0; i < 20 && link_said(&f.first, "\"standby\"") == 0; i++) {
                call_raise(f.tool, i, &call);
                records_await(f.tool, "line.desk.calls.customer", "call.raise", i + 1);
                /* Woken by nobody, since the socket is the second's now, the first looks once a second. */
                link_await(&f.first, "\"fenced\"", 1);
                link_await(&f.first, "\"standby\"", 1);
        }
        assert_int_equal(link_said(&f.second, "\"fenced\""), 0);
        stop(&f.second);
        link_await(&f.first, "\"ready\"", 2);
        stop(&f.first);
        assert_int_equal(records_count(f.tool, "line.customer.events", "event.delegated"),
                         records_count(f.tool, "line.desk.calls.customer", "call.raise"));
}

static void test_what_was_open_is_restored(void **state) {
        raised_call call;

        (void)state;
        start(&f.first, "first", CHAIN, "customer", NULL, NULL);
        start(&f.second, "second", CHAIN, "desk", NULL, NULL);
        for (unsigned i = 0; i < 5; i++)
                call_raise(f.tool, i, &call);
        records_await(f.tool, "line.supplier.calls.desk", "call.raise", 5);
        stop(&f.second);
        link_start_again(&f.second);
        link_await(&f.second, "\"ready\"", 2);
        assert_int_equal(link_said(&f.second, "5 calls are open"), 1);
        stop(&f.second);
        stop(&f.first);
}

static void test_several_teams_live_in_one_process(void **state) {
        raised_call call;
        const char *arguments[] = {"-C",     CHAIN,      "-t",    "customer", "-t", "desk",
                                   "--team", "supplier", "--log", f.url,      NULL};

        (void)state;
        link_start(&f.first, &f.folder, "all", arguments);
        for (unsigned i = 0; i < 10; i++)
                call_raise(f.tool, i, &call);
        records_await(f.tool, "line.customer.feedback.desk", "feedback.closed", 10);
        stop(&f.first);
}

/* ---- what it is started with ---- */

static const struct {
        int status;
        const char *arguments[8];
        const char *said;
} starts[] = {
        {64, {NULL}, "-C DIR"},
        {64, {"-C", CHAIN, NULL}, "--team"},
        {64, {"-C", CHAIN, "-t", "desk", NULL}, "--log"},
        {64, {"-C", CHAIN, "-t", "desk", "-l", "nothing:x", NULL}, "local:FILE"},
        {64, {"-C", CHAIN, "-t", "../desk", "-l", "local:x", NULL}, "name"},
        {64, {"-C", CHAIN, "-t", "desk", "-t", "desk", NULL}, "twice"},
        {64, {"--nothing", NULL}, "schakeld --help"},
        {64, {"-C", CHAIN, "--log-format", "xml", NULL}, "json or text"},
        {64, {"-C", CHAIN, "more", NULL}, "belongs to no option"},
        {0, {"--help", NULL}, "Exit status"},
        {0, {"--version", NULL}, "schakeld "},
        {0, {"-C", CHAIN, "--check", NULL}, "edition-good"},
        {65, {"-C", CHAIN, "--check", "-t", "nobody", NULL}, "has no team nobody"},
        {65, {"-C", "no/such/chain", "--check", NULL}, "cannot be used"},
        {65, {"-C", CHAIN, "-t", "desk", "-l", "local:/no/such/folder/log", NULL}, "cannot be used"},
        {65, {"-C", CHAIN, "-t", "desk", "-l", "local:Makefile", NULL}, "not a database"},
};

static void test_it_says_what_is_wrong_and_ends_with_the_right_status(void **state) {
        (void)state;
        for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
                char name[32];
                (void)snprintf(name, sizeof(name), "start%zu", i);
                link_start(&f.first, &f.folder, name, starts[i].arguments);
                int status = link_wait(&f.first);
                if (status != starts[i].status || link_said(&f.first, starts[i].said) == 0)
                        fail_msg("case %zu: status %d, and \"%s\" said %u times", i, status, starts[i].said,
                                 link_said(&f.first, starts[i].said));
                (void)unlink("Makefile.d/state");
                (void)rmdir("Makefile.d");
        }
}

/* ---- editions ---- */

static void copy_chain(char *out, size_t room) {
        char command[2 * FOLDER_PATH_MAX];
        const char *argv[] = {"cp", "-r", CHAIN, NULL, NULL};
        int status = -1;

        (void)snprintf(out, room, "%s/chain", f.folder.path);
        (void)snprintf(command, sizeof(command), "%s", out);
        argv[3] = command;
        pid_t child = fork();
        if (child == 0) {
                (void)execvp("cp", (char *const *)(uintptr_t)argv);
                _exit(127);
        }
        link_process copy = {.pid = child};
        status = link_wait(&copy);
        assert_int_equal(status, 0);
}

static void write_text(const char *path, const char *text) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
        close(fd);
}

static void test_a_new_edition_is_taken_whole_or_refused_with_its_findings(void **state) {
        char chain[FOLDER_PATH_MAX + 16];
        raised_call call;

        (void)state;
        copy_chain(chain, sizeof(chain));
        start(&f.first, "first", chain, "customer", NULL, NULL);
        link_await(&f.first, "\"ready\"", 1);

        const char *path = folder_file(&f.folder, "chain/chain.json");
        write_text(path, "{ \"name\": \"line\", \"titel\": \"x\" }");
        link_signal(&f.first, SIGHUP);
        link_await(&f.first, "\"edition-kept\"", 1);
        link_await(&f.first, "\"code\":\"member-unknown\",\"file\":\"chain.json\",\"line\":1", 1);

        write_text(path, "{ \"name\": \"other\" }");
        link_signal(&f.first, SIGHUP);
        link_await(&f.first, "\"chain-changed\"", 1);
        link_await(&f.first, "\"edition-kept\"", 2);

        write_text(path, "{ \"name\": \"line\", \"title\": \"Another title\" }");
        link_signal(&f.first, SIGHUP);
        link_await(&f.first, "\"edition-taken\"", 1);
        call_raise(f.tool, 1, &call);
        records_await(f.tool, "line.desk.calls.customer", "call.raise", 1);
        assert_int_equal(link_said(&f.first, "\"edition-kept\""), 2);
        stop(&f.first);
}

/* ---- HTTP ---- */

static struct sockaddr_in address_of(const char *file) {
        char text[64] = "";
        int fd = open(folder_file(&f.folder, file), O_RDONLY);

        assert_true(fd >= 0);
        assert_true(read(fd, text, sizeof(text) - 1) > 0);
        close(fd);
        assert_memory_equal(text, "127.0.0.1:", 10);
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(text + 10, NULL, 10))};
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
}

static int connect_to(const struct sockaddr_in *address) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_true(fd >= 0);
        assert_int_equal(connect(fd, (const struct sockaddr *)address, sizeof(*address)), 0);
        return fd;
}

/* Sends and reads to the end, at most @p room - 1 bytes. */
static const char *ask(const struct sockaddr_in *address, const char *request, char *out, size_t room) {
        int fd = connect_to(address);
        size_t len = 0;

        (void)send(fd, request, strlen(request), MSG_NOSIGNAL);
        for (;;) {
                struct pollfd wait = {.fd = fd, .events = POLLIN};
                if (len + 1 >= room || poll(&wait, 1, LIMIT_MS) <= 0)
                        break;
                ssize_t part = recv(fd, out + len, room - len - 1, 0);
                if (part <= 0)
                        break;
                len += (size_t)part;
        }
        out[len] = '\0';
        close(fd);
        return out;
}

#define GET(path) "GET " path " HTTP/1.0\r\n\r\n"

static void start_with_http(void) {
        start(&f.first, "first", CHAIN, "desk", "--http", "127.0.0.1:0");
        link_await(&f.first, "\"ready\"", 1);
}

static void test_it_says_over_http_how_it_is(void **state) {
        static char text[65536];

        (void)state;
        start_with_http();
        struct sockaddr_in address = address_of("chain.log.d/state/desk.http");
        assert_non_null(strstr(ask(&address, GET("/livez"), text, sizeof(text)), "200 OK"));
        assert_non_null(strstr(ask(&address, GET("/readyz"), text, sizeof(text)), "desk: ready"));
        assert_non_null(strstr(text, "200 OK"));
        assert_non_null(
                strstr(ask(&address, GET("/metrics"), text, sizeof(text)), "schakel_open_calls{team=\"desk\"} 0"));
        assert_non_null(strstr(text, "# TYPE schakel_calls_opened_total counter"));
        assert_non_null(strstr(ask(&address, GET("/"), text, sizeof(text)), "404"));
        assert_non_null(strstr(ask(&address, "POST /livez HTTP/1.0\r\nContent-Length: 2\r\n\r\nab", text, sizeof(text)),
                               "405"));

        start(&f.second, "second", CHAIN, "desk", "--http", "127.0.0.1:0");
        link_await(&f.second, "\"standby\"", 1);
        address = address_of("chain.log.d/state/desk.http");
        assert_non_null(strstr(ask(&address, GET("/readyz"), text, sizeof(text)), "503"));
        assert_non_null(strstr(text, "desk: standby"));
}

static void test_hostile_clients_stop_nothing(void **state) {
        static char text[65536];
        static char large[300000];
        int idle[40];

        (void)state;
        start_with_http();
        struct sockaddr_in address = address_of("chain.log.d/state/desk.http");

        memset(large, 'a', sizeof(large) - 1);
        (void)ask(&address, large, text, sizeof(text));
        memcpy(large, "GET /", 5);
        (void)ask(&address, large, text, sizeof(text));
        (void)ask(&address, "\x16\x03\x01\x02garbage\r\n\r\n", text, sizeof(text));
        (void)ask(&address, "GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", text, sizeof(text));
        (void)ask(&address, "GET /../../etc/passwd HTTP/1.0\r\n\r\n", text, sizeof(text));
        assert_null(strstr(text, "root:"));

        /* Slow ones take every connection there is; they are dropped, and the next one is served. */
        for (size_t i = 0; i < sizeof(idle) / sizeof(idle[0]); i++) {
                idle[i] = connect_to(&address);
                (void)send(idle[i], "GET /live", 9, MSG_NOSIGNAL);
        }
        raised_call call;
        start(&f.second, "second", CHAIN, "customer", NULL, NULL);
        call_raise(f.tool, 1, &call);
        records_await(f.tool, "line.customer.feedback.desk", "feedback.accepted", 1);
        for (size_t i = 0; i < sizeof(idle) / sizeof(idle[0]); i++)
                close(idle[i]);
        for (unsigned tries = 0; tries < 1000; tries++) {
                if (strstr(ask(&address, GET("/livez"), text, sizeof(text)), "200 OK") != NULL)
                        break;
                (void)poll(NULL, 0, 20);
        }
        assert_non_null(strstr(text, "200 OK"));
        stop(&f.second);
        stop(&f.first);
}

static void test_an_address_that_is_none_or_taken_is_refused(void **state) {
        (void)state;
        start(&f.first, "first", CHAIN, "desk", "--http", "example.org:80");
        assert_int_equal(link_wait(&f.first), 64);
        assert_int_equal(link_said(&f.first, "an address in numbers"), 1);

        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t len = sizeof(address);
        char text[64];
        assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
        assert_int_equal(listen(fd, 1), 0);
        assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
        (void)snprintf(text, sizeof(text), "127.0.0.1:%u", ntohs(address.sin_port));
        start(&f.first, "taken", CHAIN, "desk", "--http", text);
        assert_int_equal(link_wait(&f.first), 75);
        assert_int_equal(link_said(&f.first, "cannot listen"), 1);
        close(fd);
}

/* ---- the service manager ---- */

static void await_state(int fd, const char *wanted) {
        for (;;) {
                char text[256];
                struct pollfd wait = {.fd = fd, .events = POLLIN};
                if (poll(&wait, 1, LIMIT_MS) != 1)
                        fail_msg("the service manager was not told %s", wanted);
                ssize_t len = recv(fd, text, sizeof(text) - 1, 0);
                assert_true(len > 0);
                text[len] = '\0';
                if (strstr(text, wanted) != NULL)
                        return;
        }
}

static void test_the_service_manager_is_told(void **state) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        (void)state;
        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%.90s/notify", f.folder.path);
        assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(setenv("NOTIFY_SOCKET", address.sun_path, 1), 0);
        assert_int_equal(setenv("WATCHDOG_USEC", "200000", 1), 0);
        start(&f.first, "first", CHAIN, "desk", NULL, NULL);
        assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
        assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
        await_state(fd, "READY=1");
        await_state(fd, "WATCHDOG=1");
        link_signal(&f.first, SIGHUP);
        await_state(fd, "RELOADING=1");
        await_state(fd, "READY=1");
        link_signal(&f.first, SIGTERM);
        await_state(fd, "STOPPING=1");
        assert_int_equal(link_wait(&f.first), 0);
        close(fd);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                WITH_FOLDER(test_a_signal_to_stop_ends_it_with_status_0_and_no_trace_of_an_unclean_exit),
                WITH_FOLDER(test_the_second_daemon_of_a_team_stands_by_and_takes_over_when_the_first_is_killed),
                WITH_FOLDER(test_a_standby_that_is_told_to_stop_leaves_the_first_alone),
                WITH_FOLDER(test_a_daemon_whose_epoch_was_passed_is_fenced_and_stands_by),
                WITH_FOLDER(test_what_was_open_is_restored),
                WITH_FOLDER(test_several_teams_live_in_one_process),
                WITH_FOLDER(test_it_says_what_is_wrong_and_ends_with_the_right_status),
                WITH_FOLDER(test_a_new_edition_is_taken_whole_or_refused_with_its_findings),
                WITH_FOLDER(test_it_says_over_http_how_it_is),
                WITH_FOLDER(test_hostile_clients_stop_nothing),
                WITH_FOLDER(test_an_address_that_is_none_or_taken_is_refused),
                WITH_FOLDER(test_the_service_manager_is_told),
        };

        return cmocka_run_group_tests_name("schakeld", tests, NULL, NULL);
}
