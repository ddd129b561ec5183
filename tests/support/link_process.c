#include "support/link_process.h"

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
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "event/envelope.h"
#include "kit/when.h"

/* Long enough for any machine; what is waited for comes in milliseconds. */
#define LIMIT_MS 120000
#define STEP_MS 5

const char *program_path(const char *name) {
        static char path[1024];
        const char *build = getenv("SK_BUILD");

        (void)snprintf(path, sizeof(path), "%s/%s", build == NULL ? "build/release" : build, name);
        return path;
}

static void run_child(const link_process *link) {
        const char *argv[LINK_ARGUMENTS_MAX + 2] = {"schakeld"};
        int fd = open(link->log, O_WRONLY | O_CREAT | O_APPEND, 0600);

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (fd < 0 || dup2(fd, STDERR_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0)
                _exit(126);
        for (size_t i = 0; i < LINK_ARGUMENTS_MAX && link->arguments[i] != NULL; i++)
                argv[i + 1] = link->arguments[i];
        (void)execv(program_path("schakeld"), (char *const *)(uintptr_t)argv);
        _exit(127);
}

void link_start_again(link_process *link) {
        assert_int_equal(link->pid, 0);
        link->pid = fork();
        assert_true(link->pid >= 0);
        if (link->pid == 0)
                run_child(link);
}

void link_start(link_process *link, const test_folder *folder, const char *name, const char *const *arguments) {
        *link = (link_process){.pid = 0};
        (void)snprintf(link->log, sizeof(link->log), "%.400s/%.64s.out", folder->path, name);
        for (size_t i = 0; arguments[i] != NULL; i++) {
                assert_true(i < LINK_ARGUMENTS_MAX);
                link->arguments[i] = arguments[i];
        }
        link_start_again(link);
}

void link_signal(const link_process *link, int number) {
        assert_true(link->pid > 0);
        assert_int_equal(kill(link->pid, number), 0);
}

static void print_log(const link_process *link) {
        char bytes[65536];
        int fd = open(link->log, O_RDONLY);
        ssize_t len = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes) - 1);

        if (fd >= 0)
                close(fd);
        if (len > 0)
                print_message("%s:\n%.*s\n", link->log, (int)len, bytes);
}

bool link_has_ended(link_process *link, int *out_status) {
        int status = 0;
        pid_t ended = waitpid(link->pid, &status, WNOHANG);

        assert_true(ended >= 0);
        if (ended != link->pid)
                return false;
        link->pid = 0;
        *out_status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
        return true;
}

int link_wait(link_process *link) {
        int status = 0;

        for (int waited = 0; waited < LIMIT_MS; waited += STEP_MS) {
                if (link_has_ended(link, &status))
                        return status;
                (void)poll(NULL, 0, STEP_MS);
        }
        print_log(link);
        fail_msg("a daemon did not end");
        return -1;
}

void link_kill(link_process *link) {
        if (link->pid == 0)
                return;
        link_signal(link, SIGKILL);
        assert_int_equal(link_wait(link), 1000 + SIGKILL);
}

unsigned link_said(const link_process *link, const char *text) {
        unsigned times = 0;
        struct stat status;
        int fd = open(link->log, O_RDONLY);

        if (fd < 0)
                return 0;
        assert_int_equal(fstat(fd, &status), 0);
        char *bytes = malloc((size_t)status.st_size + 1);
        assert_non_null(bytes);
        ssize_t len = read(fd, bytes, (size_t)status.st_size);
        close(fd);
        bytes[len > 0 ? len : 0] = '\0';
        for (const char *at = bytes; (at = strstr(at, text)) != NULL; at++)
                times++;
        free(bytes);
        return times;
}

bool link_is_alive(const link_process *link) {
        siginfo_t info = {0};

        return link->pid > 0 && waitid(P_PID, (id_t)link->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
               info.si_pid == 0;
}

void link_await(const link_process *link, const char *text, unsigned times) {
        for (int waited = 0; waited < LIMIT_MS; waited += STEP_MS) {
                if (link_said(link, text) >= times)
                        return;
                if (!link_is_alive(link) && link_said(link, text) < times)
                        break;
                (void)poll(NULL, 0, STEP_MS);
        }
        print_log(link);
        fail_msg("a daemon has not said \"%s\"", text);
}

/* ---- calls ---- */

static sk_id id_of(unsigned number, unsigned kind) {
        uint8_t random[10] = {
                (uint8_t)kind,  0, 0, 0, 0, 0, (uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
                (uint8_t)number};
        struct timespec now;

        (void)clock_gettime(CLOCK_REALTIME, &now);
        /* A day's beginning: the same number gives the same id all through a test. */
        return sk_id_of_time((int64_t)(now.tv_sec - now.tv_sec % 86400) * SK_SECOND_US, random);
}

void call_compose(const call_place *place, unsigned number, const char *members, raised_call *out, sk_buf *headers,
                  char value[CALL_VALUE_MAX]) {
        sk_id callid = id_of(number, 1);
        sk_id work_id = id_of(number, 2);
        struct timespec now;
        char source[128];

        (void)clock_gettime(CLOCK_REALTIME, &now);
        out->is_incident = number % 3 == 0;
        sk_id_format(&callid, out->id);
        sk_id_format(&work_id, out->work_id);
        (void)snprintf(source, sizeof(source), "/%s/%s", place->chain, place->customer);
        sk_envelope envelope = {.type = SK_WORK_RAISE,
                                .id = {out->work_id, sizeof(out->work_id)},
                                .source = sk_slice_of(source),
                                .time_us = (int64_t)now.tv_sec * SK_SECOND_US,
                                .callid = callid,
                                .has_callid = true,
                                .actor = SK_SLICE("anna")};
        sk_envelope_encode(&envelope, headers);
        assert_int_equal(headers->err, SK_OK);
        (void)snprintf(value, CALL_VALUE_MAX,
                       "{\"to\":\"%s\",\"type\":\"%s\",\"facility\":\"%s\",\"need\":\"call %u\"%s%s}", place->provider,
                       out->is_incident ? "incident" : "service-request", place->facility, number,
                       members[0] == '\0' ? "" : ",", members);
}

sk_err call_raise_with(sk_log_tool *tool, const call_place *place, unsigned number, const char *members,
                       raised_call *out) {
        sk_buf headers = sk_buf_make(4096);
        char topic[128];
        char value[CALL_VALUE_MAX];

        call_compose(place, number, members, out, &headers, value);
        (void)snprintf(topic, sizeof(topic), "%s.%s.work", place->chain, place->customer);
        sk_log_append append = {.topic = sk_slice_of(topic),
                                .key = {out->id, sizeof(out->id)},
                                .headers = sk_buf_slice(&headers),
                                .value = sk_slice_of(value)};
        sk_err err = sk_log_tool_append(tool, &append, 1, NULL);
        sk_buf_free(&headers);
        return err;
}

void call_raise_at(sk_log_tool *tool, const call_place *place, unsigned number, raised_call *out) {
        if (call_raise_with(tool, place, number, "", out) != SK_OK)
                fail_msg("%s", sk_log_tool_why(tool));
}

void call_raise(sk_log_tool *tool, unsigned number, raised_call *out) {
        static const call_place desk = {"line", "customer", "desk", "laptop"};

        call_raise_at(tool, &desk, number, out);
}

struct counting {
        sk_slice type;
        unsigned count;
};

static bool count_one(void *self, const sk_log_entry *entry) {
        struct counting *counting = self;
        sk_slice type = sk_headers_find(entry->headers, "ce_type");
        size_t prefix = strlen("schakel.");

        if (type.len > prefix && sk_slice_equal((sk_slice){type.at + prefix, type.len - prefix}, counting->type))
                counting->count++;
        return true;
}

void records_read(sk_log_tool *tool, const char *topic, sk_log_visit *visit, void *self) {
        for (int32_t p = 0; p < sk_log_tool_partitions(tool); p++) {
                sk_log_read read = {.topic = sk_slice_of(topic), .partition = p};
                if (sk_log_tool_read(tool, &read, visit, self, NULL) != SK_OK)
                        fail_msg("%s: %s", topic, sk_log_tool_why(tool));
        }
}

unsigned records_count(sk_log_tool *tool, const char *topic, const char *type) {
        struct counting counting = {.type = sk_slice_of(type)};

        records_read(tool, topic, count_one, &counting);
        return counting.count;
}

void records_await(sk_log_tool *tool, const char *topic, const char *type, unsigned count) {
        for (;;) {
                unsigned there = records_count(tool, topic, type);
                if (there >= count)
                        return;
                if (!sk_log_tool_wait(tool, LIMIT_MS / 2))
                        fail_msg("%s has %u records of type %s, and nothing more happens; expected %u", topic, there,
                                 type, count);
        }
}
