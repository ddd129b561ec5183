/*
 * Child processes. What a child writes comes by a pipe; when it ends, the pipe does, which wakes the poll.
 */
#include "cli/session/children.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "kit/alloc.h"
#include "kit/when.h"

#define LINE_MAX_BYTES 8192
#define ARGUMENTS_MAX 31
#define BACKOFF_FIRST_US (SK_SECOND_US / 4)
#define BACKOFF_LAST_US (30 * SK_SECOND_US)
#define SETTLED_US SK_MINUTE_US /* so long alive: the next failure counts as the first */
#define LOOK_MS 100             /* how soon the end of a child without a pipe is seen */

typedef struct child {
        char *name;
        char *argv[ARGUMENTS_MAX + 1];
        bool is_kept;
        bool is_loud;
        bool is_silent;
        bool shows_errors;
        pid_t pid; /**< 0: does not run */
        int pipe;  /**< -1: none */
        int64_t started_us;
        int64_t again_us;   /**< 0: not to be started again */
        int64_t backoff_us; /**< the next one */
        int status;
        size_t line_len;
        char line[LINE_MAX_BYTES];
} child;

struct sk_children {
        sk_child_tell *tell;
        void *self;
        bool is_ending;
        size_t count;
        child *list[SK_CHILDREN_MAX];
        struct pollfd polled[SK_CHILDREN_MAX];
};

sk_children *sk_children_new(sk_child_tell *tell, void *self) {
        sk_children *children = sk_alloc_zero(1, sizeof(*children));
        if (children != NULL) {
                children->tell = tell;
                children->self = self;
        }
        return children;
}

static void child_free(child *one) {
        if (one == NULL)
                return;
        sk_free(one->name);
        for (size_t i = 0; i < ARGUMENTS_MAX; i++)
                sk_free(one->argv[i]);
        sk_free(one);
}

static void wait_for(child *one) {
        while (waitpid(one->pid, NULL, 0) < 0 && errno == EINTR) {}
        one->pid = 0;
}

void sk_children_free(sk_children *children) {
        if (children == NULL)
                return;
        sk_children_signal(children, SIGKILL);
        for (size_t i = 0; i < children->count; i++) {
                if (children->list[i]->pid != 0)
                        wait_for(children->list[i]);
                if (children->list[i]->pipe >= 0)
                        close(children->list[i]->pipe);
                child_free(children->list[i]);
        }
        sk_free(children);
}

/* ---- starting ---- */

static void redirect(const child *one, int write_end) {
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (null >= 0)
                (void)dup2(null, STDIN_FILENO);
        int out = one->is_silent ? null : write_end;
        if (out >= 0 && !one->is_loud) {
                (void)dup2(out, STDOUT_FILENO);
                if (!one->shows_errors)
                        (void)dup2(out, STDERR_FILENO);
        }
}

/** Becomes the program; between fork and exec only what is safe there. */
static void become(child *one, pid_t parent, int write_end) {
        (void)setpgid(0, 0);
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
                _exit(SK_CHILD_AGAIN); /* it died before the kernel knew of our wish */
        redirect(one, write_end);
        execv(one->argv[0], one->argv);
        static const char text[] = "it cannot be run\n";
        (void)!write(STDERR_FILENO, text, sizeof(text) - 1);
        _exit(127);
}

static sk_err launch(child *one) {
        int ends[2] = {-1, -1};
        bool has_pipe = !one->is_loud && !one->is_silent;
        if (has_pipe && pipe2(ends, O_CLOEXEC) < 0)
                return SK_ERR_IO;
        fflush(NULL);
        pid_t parent = getpid();
        pid_t pid = fork();
        if (pid == 0)
                become(one, parent, ends[1]);
        int why = errno;
        if (has_pipe)
                close(ends[1]);
        if (pid < 0) {
                if (has_pipe)
                        close(ends[0]);
                errno = why;
                return SK_ERR_IO;
        }
        if (has_pipe)
                (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
        one->pid = pid;
        one->pipe = ends[0];
        one->line_len = 0;
        one->started_us = sk_cli_now_us();
        one->again_us = 0;
        return SK_OK;
}

static bool copy_arguments(child *one, const char *const *argv) {
        for (size_t i = 0; argv[i] != NULL; i++) {
                assert(i < ARGUMENTS_MAX);
                one->argv[i] = sk_alloc_copy(argv[i], strlen(argv[i]));
                if (one->argv[i] == NULL)
                        return false;
        }
        return true;
}

sk_err sk_children_start(sk_children *children, const sk_child_plan *plan, size_t *out_index) {
        assert(plan->name != NULL && plan->argv != NULL && plan->argv[0] != NULL);
        if (children->count == SK_CHILDREN_MAX)
                return SK_ERR_FULL;
        child *one = sk_alloc_zero(1, sizeof(*one));
        if (one == NULL)
                return SK_ERR_NO_MEMORY;
        one->is_kept = plan->is_kept;
        one->is_loud = plan->is_loud;
        one->is_silent = plan->is_silent;
        one->shows_errors = plan->shows_errors;
        one->backoff_us = BACKOFF_FIRST_US;
        one->name = sk_alloc_copy(plan->name, strlen(plan->name));
        sk_err err = one->name != NULL && copy_arguments(one, plan->argv) ? launch(one) : SK_ERR_NO_MEMORY;
        if (err != SK_OK) {
                child_free(one);
                return err;
        }
        if (out_index != NULL)
                *out_index = children->count;
        children->list[children->count++] = one;
        return SK_OK;
}

/* ---- what they say ---- */

static void tell_line(sk_children *children, size_t index, sk_slice line) {
        child *one = children->list[index];
        if (children->tell != NULL)
                children->tell(children->self, &(sk_child_news){.name = one->name, .index = index, .line = line});
}

/** Tells whole lines and keeps the rest; a line that is too long is told in pieces. */
static void tell_lines(sk_children *children, size_t index) {
        child *one = children->list[index];
        size_t from = 0;
        for (size_t i = 0; i < one->line_len; i++) {
                if (one->line[i] != '\n')
                        continue;
                tell_line(children, index, (sk_slice){one->line + from, i - from});
                from = i + 1;
        }
        if (from == 0 && one->line_len == LINE_MAX_BYTES) {
                tell_line(children, index, (sk_slice){one->line, one->line_len});
                from = one->line_len;
        }
        memmove(one->line, one->line + from, one->line_len - from);
        one->line_len -= from;
}

/** Reads until there is nothing now; false at the end of the pipe. */
static bool pump(sk_children *children, size_t index) {
        child *one = children->list[index];
        for (unsigned i = 0; i < 64; i++) {
                ssize_t got = read(one->pipe, one->line + one->line_len, LINE_MAX_BYTES - one->line_len);
                if (got < 0)
                        return errno == EAGAIN || errno == EINTR;
                if (got == 0)
                        return false;
                one->line_len += (size_t)got;
                tell_lines(children, index);
        }
        return true;
}

/* ---- how they end ---- */

static bool comes_again(const sk_children *children, const child *one, int status) {
        if (!one->is_kept || children->is_ending)
                return false;
        return WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) == SK_CHILD_AGAIN);
}

static void ended(sk_children *children, size_t index, int status) {
        child *one = children->list[index];
        int64_t now_us = sk_cli_now_us();
        sk_child_news news = {.name = one->name, .index = index, .line = SK_NONE, .again_in_us = -1};
        news.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        news.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        one->status = news.signal != 0 ? 128 + news.signal : news.exit_status;
        one->pid = 0;
        if (comes_again(children, one, status)) {
                if (now_us - one->started_us > SETTLED_US)
                        one->backoff_us = BACKOFF_FIRST_US;
                news.again_in_us = one->backoff_us;
                one->again_us = now_us + one->backoff_us;
                one->backoff_us = one->backoff_us * 2 > BACKOFF_LAST_US ? BACKOFF_LAST_US : one->backoff_us * 2;
        }
        if (children->tell != NULL)
                children->tell(children->self, &news);
}

static void drain(sk_children *children, size_t index) {
        child *one = children->list[index];
        if (one->pipe >= 0) {
                (void)pump(children, index);
                close(one->pipe);
                one->pipe = -1;
        }
        if (one->line_len > 0)
                tell_line(children, index, (sk_slice){one->line, one->line_len});
        one->line_len = 0;
}

static void reap(sk_children *children) {
        for (size_t i = 0; i < children->count; i++) {
                child *one = children->list[i];
                int status;
                if (one->pid == 0 || waitpid(one->pid, &status, WNOHANG) != one->pid)
                        continue;
                drain(children, i);
                ended(children, i, status);
        }
}

static void start_due(sk_children *children) {
        int64_t now_us = sk_cli_now_us();
        for (size_t i = 0; i < children->count; i++) {
                child *one = children->list[i];
                if (one->again_us == 0 || one->again_us > now_us)
                        continue;
                if (launch(one) != SK_OK)
                        one->again_us = now_us + BACKOFF_LAST_US;
        }
}

/** How long may be waited: less if something is to be started, or ends without a pipe that says so. */
static int patience(const sk_children *children, int timeout_ms) {
        int64_t now_us = sk_cli_now_us();
        for (size_t i = 0; i < children->count; i++) {
                const child *one = children->list[i];
                if (one->pid != 0 && one->pipe < 0 && timeout_ms > LOOK_MS)
                        timeout_ms = LOOK_MS;
                if (one->again_us == 0)
                        continue;
                int64_t left_ms = one->again_us <= now_us ? 0 : (one->again_us - now_us) / 1000 + 1;
                if (left_ms < timeout_ms)
                        timeout_ms = (int)left_ms;
        }
        return timeout_ms;
}

void sk_children_turn(sk_children *children, int timeout_ms) {
        nfds_t count = 0;
        size_t indices[SK_CHILDREN_MAX];
        start_due(children);
        for (size_t i = 0; i < children->count; i++) {
                if (children->list[i]->pipe < 0)
                        continue;
                indices[count] = i;
                children->polled[count++] = (struct pollfd){.fd = children->list[i]->pipe, .events = POLLIN};
        }
        if (poll(children->polled, count, patience(children, timeout_ms)) > 0) {
                for (nfds_t i = 0; i < count; i++) {
                        if (children->polled[i].revents == 0 || pump(children, indices[i]))
                                continue;
                        close(children->list[indices[i]]->pipe);
                        children->list[indices[i]]->pipe = -1;
                }
        }
        reap(children);
}

/* ---- asking and ending ---- */

bool sk_children_is_up(const sk_children *children, size_t index) {
        assert(index < children->count);
        return children->list[index]->pid != 0 || children->list[index]->again_us != 0;
}

size_t sk_children_count(const sk_children *children) {
        size_t count = 0;
        for (size_t i = 0; i < children->count; i++)
                count += sk_children_is_up(children, i);
        return count;
}

int sk_children_status(const sk_children *children, size_t index) {
        assert(index < children->count && !sk_children_is_up(children, index));
        return children->list[index]->status;
}

void sk_children_signal_one(sk_children *children, size_t index, int signal) {
        child *one = children->list[index];
        one->again_us = 0;
        one->is_kept = false;
        if (one->pid != 0)
                (void)kill(one->pid, signal);
}

void sk_children_signal(sk_children *children, int signal) {
        children->is_ending = true;
        for (size_t i = 0; i < children->count; i++)
                sk_children_signal_one(children, i, signal);
}

bool sk_children_end(sk_children *children, int64_t patience_ms) {
        unsigned interrupts = sk_cli_interrupts();
        int64_t until_us = sk_cli_now_us() + patience_ms * 1000;
        sk_children_signal(children, SIGTERM);
        while (sk_children_count(children) > 0) {
                if (sk_cli_interrupts() != interrupts || sk_cli_now_us() > until_us) {
                        sk_children_signal(children, SIGKILL);
                        while (sk_children_count(children) > 0)
                                sk_children_turn(children, LOOK_MS);
                        return false;
                }
                sk_children_turn(children, LOOK_MS);
        }
        return true;
}

static bool fits(const char *dir, size_t dir_len, const char *name, char *out, size_t out_size) {
        int len = snprintf(out, out_size, "%.*s/%s", (int)dir_len, dir, name);
        return len > 0 && (size_t)len < out_size && access(out, X_OK) == 0;
}

const char *sk_program_find(const char *name, char *out, size_t out_size) {
        char own[4096];
        ssize_t len = readlink("/proc/self/exe", own, sizeof(own) - 1);
        if (len > 0) {
                own[len] = '\0';
                const char *slash = strrchr(own, '/');
                if (slash != NULL && fits(own, (size_t)(slash - own), name, out, out_size))
                        return out;
        }
        for (const char *at = getenv("PATH"); at != NULL && *at != '\0';) {
                size_t part = strcspn(at, ":");
                if (part > 0 && fits(at, part, name, out, out_size))
                        return out;
                at += part + (at[part] == ':');
        }
        return NULL;
}
