/*
 * Writes a result to stdout or to a file: beside it first, then in its place.
 */
#include "cli/print/output.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/buf.h"

static bool write_open(FILE *file, sk_slice text, bool is_durable) {
        bool is_good = fwrite(text.at, 1, text.len, file) == text.len && fflush(file) == 0 &&
                       (!is_durable || fsync(fileno(file)) == 0);
        int why = errno;
        bool is_closed = fclose(file) == 0;

        if (!is_good)
                errno = why;
        return is_good && is_closed;
}

static bool write_whole(const char *path, sk_slice text) {
        FILE *file = fopen(path, "we");

        return file != NULL && write_open(file, text, true);
}

/* A device or a pipe is written to, and never put another file in the place of. */
static bool is_written_through(const char *path) {
        struct stat there;

        return stat(path, &there) == 0 && !S_ISREG(there.st_mode);
}

static int fail(sk_cli *cli, const char *path, int why) {
        return sk_cli_fail(cli, path, "see that the directory is there and that you may write to it",
                           "it cannot be written: %s", strerror(why));
}

int sk_file_write(sk_cli *cli, const char *path, sk_slice text) {
        char beside[PATH_MAX + 32];
        char target[PATH_MAX];

        if (is_written_through(path)) {
                FILE *file = fopen(path, "we");
                return file != NULL && write_open(file, text, false) ? SK_EXIT_OK : fail(cli, path, errno);
        }
        /* Of a link what it leads to is replaced. */
        if (realpath(path, target) == NULL && snprintf(target, sizeof(target), "%s", path) >= (int)sizeof(target))
                return sk_cli_fail(cli, "output", "choose a shorter name", "the path is too long");
        (void)snprintf(beside, sizeof(beside), "%s.new.%ld", target, (long)getpid());
        if (write_whole(beside, text) && rename(beside, target) == 0)
                return SK_EXIT_OK;
        int why = errno;
        (void)unlink(beside);
        return fail(cli, path, why);
}

int sk_output_write(sk_cli *cli, sk_slice text) {
        const char *path = sk_cli_text(cli, "output");
        if (path != NULL)
                return sk_file_write(cli, path, text);
        fwrite(text.at, 1, text.len, sk_cli_out(cli));
        return SK_EXIT_OK;
}
