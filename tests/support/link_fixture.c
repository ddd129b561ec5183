#include "support/link_fixture.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define LIMIT_MS 120000
#define STEP_MS 5

int link_fixture_open(link_fixture *f) {
        *f = (link_fixture){.tool = NULL};
        folder_make(&f->folder);
        (void)snprintf(f->file, sizeof(f->file), "%s", folder_file(&f->folder, "chain.log"));
        (void)snprintf(f->url, sizeof(f->url), "local:%s", f->file);
        return sk_log_tool_open(f->url, SK_LOG_APPEND, NULL, &f->tool) == SK_OK ? 0 : -1;
}

void link_fixture_close(link_fixture *f) {
        link_kill(&f->first);
        link_kill(&f->second);
        sk_log_tool_free(f->tool);
        folder_remove(&f->folder);
}

void link_fixture_start(link_fixture *f, link_process *link, const char *name, const char *chain, const char *team,
                        const char *option, const char *value) {
        const char *arguments[] = {"-C", chain, "--team", team, "--log", f->url, option, value, NULL};

        link_start(link, &f->folder, name, arguments);
}

void link_stop(link_process *link) {
        link_signal(link, SIGTERM);
        assert_int_equal(link_wait(link), 0);
}

void link_fixture_copy_chain(link_fixture *f, char *out, size_t room) {
        const char *argv[] = {"cp", "-r", LINE_CHAIN, out, NULL};

        (void)snprintf(out, room, "%s/chain", f->folder.path);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                (void)execvp("cp", (char *const *)(uintptr_t)argv);
                _exit(127);
        }
        link_process copy = {.pid = child};
        assert_int_equal(link_wait(&copy), 0);
}

void text_write(const char *path, const char *text) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
        close(fd);
}

/* ---- HTTP ---- */

struct sockaddr_in link_fixture_http(const link_fixture *f, const char *team) {
        char path[FOLDER_PATH_MAX + 64];
        char text[64] = "";
        int fd = -1;

        (void)snprintf(path, sizeof(path), "%s.d/state/%s.http", f->file, team);
        for (int waited = 0; fd < 0 && waited < LIMIT_MS; waited += STEP_MS) {
                fd = open(path, O_RDONLY);
                if (fd < 0)
                        (void)poll(NULL, 0, STEP_MS);
        }
        assert_true(fd >= 0);
        assert_true(read(fd, text, sizeof(text) - 1) > 0);
        close(fd);
        assert_memory_equal(text, "127.0.0.1:", 10);
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(text + 10, NULL, 10))};
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
}

struct sockaddr_in link_http_said(const link_process *link) {
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        static const char before[] = "\"event\":\"http\",\"text\":\"127.0.0.1:";
        char text[4096] = "";
        int fd = open(link->log, O_RDONLY);

        assert_true(fd >= 0);
        assert_true(read(fd, text, sizeof(text) - 1) > 0);
        close(fd);
        const char *at = strstr(text, before);
        assert_non_null(at);
        address.sin_port = htons((uint16_t)strtoul(at + strlen(before), NULL, 10));
        return address;
}

int http_connect(const struct sockaddr_in *address, int flags) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

        assert_true(fd >= 0);
        int result = connect(fd, (const struct sockaddr *)address, sizeof(*address));
        assert_true(result == 0 || (flags != 0 && errno == EINPROGRESS));
        return fd;
}

const char *http_ask(const struct sockaddr_in *address, const char *request, char *out, size_t room) {
        int fd = http_connect(address, 0);
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

void metric_await(const struct sockaddr_in *address, const char *name, double wanted) {
        static char text[65536];
        char line[128];

        (void)snprintf(line, sizeof(line), "\n%s ", name);
        for (int waited = 0; waited < LIMIT_MS; waited += STEP_MS) {
                const char *at = strstr(http_ask(address, "GET /metrics HTTP/1.0\r\n\r\n", text, sizeof(text)), line);
                if (at != NULL && strtod(at + strlen(line), NULL) >= wanted)
                        return;
                (void)poll(NULL, 0, STEP_MS);
        }
        fail_msg("%s has not become %g: %s", name, wanted, text);
}

/* ---- /proc ---- */

static void file_read(const char *path, char *out, size_t room) {
        int fd = open(path, O_RDONLY);
        ssize_t len = fd < 0 ? -1 : read(fd, out, room - 1);

        if (fd >= 0)
                close(fd);
        out[len > 0 ? len : 0] = '\0';
}

static unsigned long long number_behind(const char *text, const char *name) {
        const char *at = strstr(text, name);
        return at == NULL ? 0 : strtoull(at + strlen(name), NULL, 10);
}

static unsigned long long cpu_ticks_of(pid_t pid) {
        char path[64];
        char text[4096];
        unsigned long long ticks = 0;

        (void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
        file_read(path, text, sizeof(text));
        /* Behind the name in brackets: state is field 3, utime 14, stime 15. */
        char *at = strrchr(text, ')');
        assert_non_null(at);
        at++;
        for (int field = 3; field <= 15; field++) {
                at += strspn(at, " ");
                if (field >= 14)
                        ticks += strtoull(at, NULL, 10);
                at += strcspn(at, " ");
        }
        return ticks;
}

process_use process_use_of(pid_t pid) {
        process_use use = {.cpu_ticks = cpu_ticks_of(pid)};
        char path[FOLDER_PATH_MAX];
        char text[8192];
        struct timespec now;

        (void)snprintf(path, sizeof(path), "/proc/%ld/task", (long)pid);
        DIR *tasks = opendir(path);
        assert_non_null(tasks);
        for (const struct dirent *task; (task = readdir(tasks)) != NULL;) {
                if (task->d_name[0] == '.')
                        continue;
                (void)snprintf(path, sizeof(path), "/proc/%ld/task/%.20s/status", (long)pid, task->d_name);
                file_read(path, text, sizeof(text));
                use.wake_ups += number_behind(text, "\nvoluntary_ctxt_switches:");
                if (number_behind(text, "VmRSS:") > 0)
                        use.resident_kib = (unsigned long)number_behind(text, "VmRSS:");
        }
        closedir(tasks);
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        use.at_seconds = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
        return use;
}
