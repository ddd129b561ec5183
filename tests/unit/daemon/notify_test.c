/* What a supervisor is told, where it says that it listens, and how often it wants to hear of the process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/folder.h"

/* A supervisor that listens there; `@` at the beginning: at no file. */
static int listen_at(const char *path) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        size_t len = strlen(path);

        assert_true(fd >= 0 && len < sizeof(address.sun_path));
        memcpy(address.sun_path, path, len);
        if (path[0] == '@')
                address.sun_path[0] = '\0';
        len += offsetof(struct sockaddr_un, sun_path) + (path[0] == '/' ? 1 : 0);
        assert_int_equal(bind(fd, (const struct sockaddr *)&address, (socklen_t)len), 0);
        assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
        return fd;
}

/* The next that it was told; "": nothing. */
static const char *heard(int fd) {
        static char text[512];
        ssize_t len = recv(fd, text, sizeof(text) - 1, 0);

        text[len < 0 ? 0 : len] = '\0';
        return text;
}

static void test_a_supervisor_is_told_where_it_listens(void **state) {
        test_folder folder;
        char abstract[64];
        (void)state;

        folder_make(&folder);
        (void)snprintf(abstract, sizeof(abstract), "@schakel-test-%ld", (long)getpid());
        const char *const paths[] = {folder_file(&folder, "notify"), abstract};
        for (size_t i = 0; i < 2; i++) {
                int fd = listen_at(paths[i]);
                sk_notify("READY=1\nSTATUS=two teams");
                assert_string_equal(heard(fd), "READY=1\nSTATUS=two teams");
                sk_notify_reloading("STATUS=reading the chain");
                const char *text = heard(fd);
                assert_memory_equal(text, "RELOADING=1\nMONOTONIC_USEC=", 27);
                assert_non_null(strstr(text, "\nSTATUS=reading the chain"));
                assert_string_equal(heard(fd), "");
                (void)close(fd);
        }
        folder_remove(&folder);
}

static void test_nobody_is_told_where_nobody_can_listen(void **state) {
        static char long_path[300];
        static const char *const places[] = {NULL, "", "relative/notify", "/nowhere/notify", long_path};
        char own[64];
        (void)state;

        (void)snprintf(own, sizeof(own), "@schakel-test-%ld", (long)getpid());
        int fd = listen_at(own);
        memset(long_path, 'x', sizeof(long_path) - 1);
        long_path[0] = '/';
        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
                if (places[i] == NULL)
                        assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
                else
                        assert_int_equal(setenv("NOTIFY_SOCKET", places[i], 1), 0);
                sk_notify("READY=1");
                assert_string_equal(heard(fd), "");
        }
        (void)close(fd);
}

static void test_a_watchdog_is_fed_twice_in_its_time(void **state) {
        char own[32];
        (void)state;
        const struct {
                const char *interval;
                const char *process;
                uint64_t expected_ms;
        } table[] = {
                {NULL, NULL, 0},
                {"30000000", NULL, 15000},
                {"30000000", own, 15000},
                {"30000000", "1", 0}, /* it means another process */
                {"2000", NULL, 1},
                {"1999", NULL, 0},
                {"86400000000", NULL, 43200000},
                {"86400000001", NULL, 0},
                {"", NULL, 0},
                {"soon", NULL, 0},
                {"-1", NULL, 0},
        };

        (void)snprintf(own, sizeof(own), "%ld", (long)getpid());
        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
                assert_int_equal(unsetenv("WATCHDOG_USEC") + unsetenv("WATCHDOG_PID"), 0);
                if (table[i].interval != NULL)
                        assert_int_equal(setenv("WATCHDOG_USEC", table[i].interval, 1), 0);
                if (table[i].process != NULL)
                        assert_int_equal(setenv("WATCHDOG_PID", table[i].process, 1), 0);
                assert_int_equal(sk_notify_watchdog_ms(), table[i].expected_ms);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_supervisor_is_told_where_it_listens),
                cmocka_unit_test(test_nobody_is_told_where_nobody_can_listen),
                cmocka_unit_test(test_a_watchdog_is_fed_twice_in_its_time),
        };

        return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}
