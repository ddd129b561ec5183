#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/link_fixture.h"

/* The daemon asked over HTTP, by friends and by enemies. */

static link_fixture f;

static int setup(void **state) {
        (void)state;
        return link_fixture_open(&f);
}

static int teardown(void **state) {
        (void)state;
        link_fixture_close(&f);
        return 0;
}

static void start(link_process *link, const char *name, const char *chain, const char *team, const char *option,
                  const char *value) {
        link_fixture_start(&f, link, name, chain, team, option, value);
}

#define GET(path) "GET " path " HTTP/1.0\r\n\r\n"

static void start_with_http(void) {
        start(&f.first, "first", LINE_CHAIN, "desk", "--http", "127.0.0.1:0");
        link_await(&f.first, "\"ready\"", 1);
}

static void test_it_says_over_http_how_it_is(void **state) {
        static char text[65536];

        (void)state;
        start_with_http();
        struct sockaddr_in address = link_fixture_http(&f, "desk");
        assert_non_null(strstr(http_ask(&address, GET("/livez"), text, sizeof(text)), "200 OK"));
        assert_non_null(strstr(http_ask(&address, GET("/readyz"), text, sizeof(text)), "desk: ready"));
        assert_non_null(strstr(text, "200 OK"));
        assert_non_null(
                strstr(http_ask(&address, GET("/metrics"), text, sizeof(text)), "schakel_open_calls{team=\"desk\"} 0"));
        assert_non_null(strstr(text, "# TYPE schakel_calls_opened_total counter"));
        assert_non_null(strstr(http_ask(&address, GET("/"), text, sizeof(text)), "404"));
        assert_non_null(strstr(
                http_ask(&address, "POST /livez HTTP/1.0\r\nContent-Length: 2\r\n\r\nab", text, sizeof(text)), "405"));
        link_stop(&f.first);
        assert_int_equal(access(folder_file(&f.folder, "chain.log.d/state/desk.http"), F_OK), -1);
}

static void test_the_state_directory_names_the_address_of_the_one_that_runs_the_team(void **state) {
        static char text[65536];

        (void)state;
        start_with_http();
        struct sockaddr_in first = link_fixture_http(&f, "desk");
        start(&f.second, "second", LINE_CHAIN, "desk", "--http", "127.0.0.1:0");
        link_await(&f.second, "\"standby\"", 1);
        struct sockaddr_in second = link_http_said(&f.second);
        assert_non_null(strstr(http_ask(&second, GET("/livez"), text, sizeof(text)), "200 OK"));
        assert_non_null(strstr(http_ask(&second, GET("/readyz"), text, sizeof(text)), "503"));
        assert_non_null(strstr(text, "desk: standby"));
        assert_int_equal(link_fixture_http(&f, "desk").sin_port, first.sin_port);

        link_kill(&f.first);
        link_await(&f.second, "\"ready\"", 1);
        metric_await(&second, "schakel_ready{team=\"desk\"}", 1);
        while (link_fixture_http(&f, "desk").sin_port != second.sin_port)
                (void)poll(NULL, 0, 5);
        link_stop(&f.second);
}

static void test_only_its_three_pages_are_there(void **state) {
        static const char *const requests[] = {
                GET("/"),
                GET("/../../etc/passwd"),
                GET("/..%2f..%2fetc/passwd"),
                GET("/metrics/../../etc/passwd"),
                GET("//etc/passwd"),
                GET("/livez%00"),
                GET("/LIVEZ"),
                GET("/livez/"),
        };
        static char text[65536];

        (void)state;
        start_with_http();
        struct sockaddr_in address = link_fixture_http(&f, "desk");
        for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
                (void)http_ask(&address, requests[i], text, sizeof(text));
                if (strstr(text, "200 OK") != NULL || strstr(text, "root:") != NULL)
                        fail_msg("%s was answered with %s", requests[i], text);
        }
        link_stop(&f.first);
}

static void test_hostile_clients_stop_nothing(void **state) {
        static char text[65536];
        static char large[300000];
        int idle[150];

        (void)state;
        start_with_http();
        struct sockaddr_in address = link_fixture_http(&f, "desk");

        memset(large, 'a', sizeof(large) - 1);
        (void)http_ask(&address, large, text, sizeof(text));
        memcpy(large, "GET /", 5);
        (void)http_ask(&address, large, text, sizeof(text));
        (void)http_ask(&address, "\x16\x03\x01\x02garbage\r\n\r\n", text, sizeof(text));
        (void)http_ask(&address, "GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", text, sizeof(text));
        (void)http_ask(&address, "GET /../../etc/passwd HTTP/1.0\r\n\r\n", text, sizeof(text));
        assert_null(strstr(text, "root:"));

        /* Slow ones take every connection there is; they are dropped, and the next one is served. */
        for (size_t i = 0; i < sizeof(idle) / sizeof(idle[0]); i++) {
                idle[i] = http_connect(&address, 0);
                (void)send(idle[i], "GET /live", 9, MSG_NOSIGNAL);
        }
        raised_call call;
        start(&f.second, "second", LINE_CHAIN, "customer", NULL, NULL);
        call_raise(f.tool, 1, &call);
        records_await(f.tool, "line.customer.feedback.desk", "feedback.accepted", 1);
        for (size_t i = 0; i < sizeof(idle) / sizeof(idle[0]); i++)
                close(idle[i]);
        for (unsigned tries = 0; tries < 1000; tries++) {
                if (strstr(http_ask(&address, GET("/livez"), text, sizeof(text)), "200 OK") != NULL)
                        break;
                (void)poll(NULL, 0, 20);
        }
        assert_non_null(strstr(text, "200 OK"));
        link_stop(&f.second);
        link_stop(&f.first);
}

static size_t connect_many(const struct sockaddr_in *address, int *fds, size_t count) {
        struct rlimit limit;

        assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
        limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
        if (count > limit.rlim_cur - 100)
                count = limit.rlim_cur - 100;
        for (size_t i = 0; i < count; i++) {
                fds[i] = http_connect(address, SOCK_NONBLOCK);
                (void)send(fds[i], "GET /metr", i % 4 == 0 ? 9 : 0, MSG_NOSIGNAL | MSG_DONTWAIT);
        }
        return count;
}

/* A loop that spins takes all the processor time there is. */
static void assert_rests(const link_process *link) {
        process_use before = process_use_of(link->pid);
        process_use after = before;

        while (after.at_seconds < before.at_seconds + 1) {
                (void)poll(NULL, 0, 50);
                after = process_use_of(link->pid);
        }
        double cpu_seconds = (double)(after.cpu_ticks - before.cpu_ticks) / (double)sysconf(_SC_CLK_TCK);
        assert_true(cpu_seconds < (after.at_seconds - before.at_seconds) / 2);
}

static void test_a_thousand_connections_stop_nothing(void **state) {
        static int fds[1000];
        static char text[65536];
        raised_call call;

        (void)state;
        start_with_http();
        struct sockaddr_in address = link_fixture_http(&f, "desk");
        size_t count = connect_many(&address, fds, sizeof(fds) / sizeof(fds[0]));
        start(&f.second, "second", LINE_CHAIN, "customer", NULL, NULL);
        call_raise(f.tool, 1, &call);
        records_await(f.tool, "line.customer.feedback.desk", "feedback.accepted", 1);
        assert_rests(&f.first);
        for (size_t i = 0; i < count; i++)
                close(fds[i]);
        metric_await(&address, "schakel_open_calls{team=\"desk\"}", 1);
        assert_non_null(strstr(http_ask(&address, GET("/livez"), text, sizeof(text)), "200 OK"));
        assert_true(process_use_of(f.first.pid).resident_kib < 20000);
        link_stop(&f.second);
        link_stop(&f.first);
}

static void test_an_address_that_is_none_or_taken_is_refused(void **state) {
        (void)state;
        start(&f.first, "first", LINE_CHAIN, "desk", "--http", "example.org:80");
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
        start(&f.first, "taken", LINE_CHAIN, "desk", "--http", text);
        assert_int_equal(link_wait(&f.first), 75);
        assert_int_equal(link_said(&f.first, "cannot listen"), 1);
        close(fd);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                WITH_FOLDER(test_it_says_over_http_how_it_is),
                WITH_FOLDER(test_the_state_directory_names_the_address_of_the_one_that_runs_the_team),
                WITH_FOLDER(test_only_its_three_pages_are_there),
                WITH_FOLDER(test_hostile_clients_stop_nothing),
                WITH_FOLDER(test_a_thousand_connections_stop_nothing),
                WITH_FOLDER(test_an_address_that_is_none_or_taken_is_refused),
        };

        return cmocka_run_group_tests_name("schakeld over HTTP", tests, NULL, NULL);
}
