/*
 * What a command needs of the machine: the clock, Ctrl-C, a file.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/frame.h"
#include "kit/when.h"

static volatile sig_atomic_t interrupts;

static void interrupt(int signal) {
        (void)signal;
        interrupts = interrupts < 1000 ? interrupts + 1 : interrupts;
}

void sk_cli_catch_interrupt(void) {
        struct sigaction action = {.sa_handler = interrupt}; /* without SA_RESTART: what blocks shall come back */
        sigemptyset(&action.sa_mask);
        sigaction(SIGINT, &action, NULL);
        sigaction(SIGTERM, &action, NULL);
}

bool sk_cli_is_interrupted(void) {
        return interrupts != 0;
}

unsigned sk_cli_interrupts(void) {
        return (unsigned)interrupts;
}

int64_t sk_cli_now_us(void) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        return (int64_t)now.tv_sec * SK_SECOND_US + now.tv_nsec / 1000;
}

/* Reads to the end of the file or one byte past @p max. */
static sk_err read_all(int file, size_t max, sk_buf *out) {
        char part[65536];
        while (out->len <= max) {
                ssize_t got = read(file, part, sizeof(part));
                if (got < 0 && errno == EINTR && !sk_cli_is_interrupted())
                        continue;
                if (got < 0)
                        return SK_ERR_IO;
                if (got == 0)
                        return out->err;
                sk_buf_add(out, part, (size_t)got);
                if (out->err != SK_OK)
                        return out->err;
        }
        return SK_ERR_SIZE;
}

int sk_cli_read(sk_cli *cli, const char *path, size_t max, sk_slice *out) {
        assert(cli != NULL && path != NULL && out != NULL);
        bool is_stdin = strcmp(path, "-") == 0;
        int file = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0)
                return sk_cli_fail(cli, path, "name a file that you may read, or - for standard input", "%s",
                                   strerror(errno));
        sk_buf bytes = sk_buf_make(max + 65536);
        sk_err err = read_all(file, max, &bytes);
        int why = errno;
        if (!is_stdin)
                close(file);
        sk_slice copy = err == SK_OK ? sk_arena_copy(cli->arena, sk_buf_slice(&bytes)) : SK_NONE;
        sk_buf_free(&bytes);
        if (err == SK_ERR_IO)
                return sk_cli_fail(cli, path, "name a file that you may read, or - for standard input", "%s",
                                   strerror(why));
        if (err == SK_ERR_SIZE || err == SK_ERR_FULL)
                return sk_cli_fail(cli, path, "give less", "larger than %zu bytes", max);
        if (!sk_slice_there(copy))
                return sk_cli_fail(cli, path, "give less, or free memory", "%s", sk_err_text(SK_ERR_NO_MEMORY));
        *out = copy;
        return SK_EXIT_OK;
}
