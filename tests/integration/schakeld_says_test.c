#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <jansson.h>

#include "kit/escape.h"
#include "support/link_fixture.h"

/* What the daemon says: to the service manager and in its log. */

#define LIMIT_MS 120000

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

/* Its loop is watched, so that it may end where another one only takes long: whoever runs it must know. */
static void test_a_debug_build_says_that_it_is_one(void **state) {
        (void)state;
        start(&f.first, "first", LINE_CHAIN, "desk", NULL, NULL);
        link_await(&f.first, "\"ready\"", 1);
#ifdef SK_DEBUG
        assert_int_equal(link_said(&f.first, "this is a debug build"), 1);
#else
        assert_int_equal(link_said(&f.first, "this is a debug build"), 0);
#endif
        link_stop(&f.first);
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
        char chain[FOLDER_PATH_MAX + 16];
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        (void)state;
        link_fixture_copy_chain(&f, chain, sizeof(chain));
        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%.90s/notify", f.folder.path);
        assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(setenv("NOTIFY_SOCKET", address.sun_path, 1), 0);
        assert_int_equal(setenv("WATCHDOG_USEC", "200000", 1), 0);
        start(&f.first, "first", chain, "desk", NULL, NULL);
        assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
        assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
        await_state(fd, "READY=1\nSTATUS=teams: 1 ready");
        await_state(fd, "WATCHDOG=1");
        link_signal(&f.first, SIGHUP);
        await_state(fd, "RELOADING=1\nMONOTONIC_USEC=");
        await_state(fd, "READY=1\nSTATUS=teams: 1 ready");
        text_write(folder_file(&f.folder, "chain/chain.json"), "{");
        link_signal(&f.first, SIGHUP);
        await_state(fd, "READY=1\nSTATUS=teams: 1 ready; the new edition was refused, see the log");
        link_signal(&f.first, SIGTERM);
        await_state(fd, "STOPPING=1");
        assert_int_equal(link_wait(&f.first), 0);
        close(fd);
}

/* ---- its log lines ---- */

#define HOSTILE "no/such/\x1b]0;x\x07\n{\"chain\xff\xc2\x9b\xe2\x80\xae"

static sk_slice log_read(const link_process *link, char *out, size_t room) {
        int fd = open(link->log, O_RDONLY);
        ssize_t len = fd < 0 ? -1 : read(fd, out, room);

        assert_true(fd >= 0 && len > 0 && (size_t)len < room);
        close(fd);
        return (sk_slice){out, (size_t)len};
}

/* Nothing that a terminal obeys, whatever the form. */
static void assert_tame(sk_slice line) {
        sk_buf escaped = sk_buf_make(1 << 20);

        sk_escape(&escaped, line);
        assert_int_equal(escaped.err, SK_OK);
        assert_true(sk_slice_equal(sk_buf_slice(&escaped), line));
        sk_buf_free(&escaped);
}

static unsigned lines_check(sk_slice text, bool is_json) {
        unsigned lines = 0;

        while (text.len > 0) {
                const char *end = memchr(text.at, '\n', text.len);
                assert_non_null(end);
                sk_slice line = {text.at, (size_t)(end - text.at)};
                text = (sk_slice){end + 1, text.len - line.len - 1};
                assert_tame(line);
                json_error_t error;
                json_t *object = json_loadb(line.at, line.len, JSON_REJECT_DUPLICATES, &error);
                assert_int_equal(json_is_object(object), is_json);
                assert_true(!is_json || (json_is_string(json_object_get(object, "time")) &&
                                         json_is_string(json_object_get(object, "level")) &&
                                         json_is_string(json_object_get(object, "event")) &&
                                         json_is_string(json_object_get(object, "text"))));
                json_decref(object);
                lines++;
        }
        return lines;
}

static void test_a_line_of_its_log_is_one_object_and_tame_whatever_it_speaks_of(void **state) {
        static char text[65536];

        (void)state;
        for (int is_json = 0; is_json <= 1; is_json++) {
                start(&f.first, is_json ? "json" : "text", HOSTILE, "desk", "--log-format", is_json ? "json" : "text");
                assert_int_equal(link_wait(&f.first), 65);
                assert_true(lines_check(log_read(&f.first, text, sizeof(text)), is_json == 1) >= 2);
        }
}

static void test_a_flood_of_lines_is_bounded_and_counted(void **state) {
        char chain[FOLDER_PATH_MAX + 16];

        (void)state;
        link_fixture_copy_chain(&f, chain, sizeof(chain));
        start(&f.first, "first", chain, "desk", NULL, NULL);
        link_await(&f.first, "\"ready\"", 1);
        text_write(folder_file(&f.folder, "chain/chain.json"), "{");
        for (unsigned i = 0; link_said(&f.first, "\"lines-left-out\"") == 0; i++) {
                if (i == 200000)
                        fail_msg("so many lines, and none left out");
                link_signal(&f.first, SIGHUP);
                (void)poll(NULL, 0, i % 50 == 0);
        }
        link_signal(&f.first, SIGTERM);
        assert_int_equal(link_wait(&f.first), 0);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                WITH_FOLDER(test_a_debug_build_says_that_it_is_one),
                WITH_FOLDER(test_the_service_manager_is_told),
                WITH_FOLDER(test_a_line_of_its_log_is_one_object_and_tame_whatever_it_speaks_of),
                WITH_FOLDER(test_a_flood_of_lines_is_bounded_and_counted),
        };

        return cmocka_run_group_tests_name("what schakeld says", tests, NULL, NULL);
}
