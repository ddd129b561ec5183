/* What a function prints, taken from a process of its own. */

#include "simulation/capture.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void child_run(void (*write)(void *self), void *self, int to) {
        if (dup2(to, STDOUT_FILENO) < 0)
                _exit(2);
        write(self);
        _exit(fflush(stdout) == 0 ? 0 : 2);
}

bool sim_capture(void (*write)(void *self), void *self, sk_buf *out) {
        char bytes[4096];
        ssize_t got;
        int ends[2];
        int status = 1;

        if (pipe(ends) != 0)
                return false;
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
                close(ends[0]);
                child_run(write, self, ends[1]);
        }
        close(ends[1]);
        while (child > 0 && (got = read(ends[0], bytes, sizeof(bytes))) > 0)
                sk_buf_add(out, bytes, (size_t)got);
        close(ends[0]);
        return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
               out->err == SK_OK;
}
