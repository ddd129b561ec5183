#include "daemon/crash.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "daemon/options.h"
#include "log/local.h"

/* Read by a signal handler, on any thread: an entry of 0 is none, so descriptors are kept plus one. */
static atomic_int told[SK_HOSTED_TEAMS_MAX];

static void on_fatal(int number) {
        for (size_t i = 0; i < SK_HOSTED_TEAMS_MAX; i++) {
                int fd = atomic_load(&told[i]) - 1;
                if (fd >= 0 && write(fd, SK_LOCAL_CRASH, strlen(SK_LOCAL_CRASH)) < 0)
                        continue;
        }
        /* The handler is gone already (SA_RESETHAND): this ends the process as the signal means to. */
        (void)raise(number);
}

void sk_crash_watch(void) {
        static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
        struct sigaction action = {.sa_handler = on_fatal, .sa_flags = (int)SA_RESETHAND};

        (void)sigemptyset(&action.sa_mask);
        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
                (void)sigaction(numbers[i], &action, NULL);
}

void sk_crash_tell(const int *fds, size_t count) {
        for (size_t i = 0; i < SK_HOSTED_TEAMS_MAX; i++)
                atomic_store(&told[i], i < count && fds[i] >= 0 ? fds[i] + 1 : 0);
}
