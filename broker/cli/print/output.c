/*
 * Writes a result to stdout or to a file: beside it first, then in its place.
 */
#include "cli/print/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kit/buf.h"

#define PATH_BYTES 4096

static bool write_whole(const char *path, sk_slice text) {
        FILE *file = fopen(path, "we");
        if (file == NULL)
                return false;
        bool is_good = fwrite(text.at, 1, text.len, file) == text.len && fflush(file) == 0 && fsync(fileno(file)) == 0;
        int why = errno;
        is_good = fclose(file) == 0 && is_good;
        if (!is_good) {
                (void)unlink(path);
                errno = why;
        }
        return is_good;
}

int sk_file_write(sk_cli *cli, const char *path, sk_slice text) {
        char beside[PATH_BYTES];
        int len = snprintf(beside, sizeof(beside), "%s.new.%ld", path, (long)getpid());
        if (len < 0 || (size_t)len >= sizeof(beside))
                return sk_cli_fail(cli, "output", "choose a shorter name", "the path is too long");
        if (write_whole(beside, text) && rename(beside, path) == 0)
                return SK_EXIT_OK;
        int why = errno;
        (void)unlink(beside);
        return sk_cli_fail(cli, path, "see that the directory is there and that you may write to it",
                           "it cannot be written: %s", strerror(why));
}

int sk_output_write(sk_cli *cli, sk_slice text) {
        const char *path = sk_cli_text(cli, "output");
        if (path != NULL)
                return sk_file_write(cli, path, text);
        fwrite(text.at, 1, text.len, sk_cli_out(cli));
        return SK_EXIT_OK;
}
