#include "daemon/notify.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

void sk_notify(const char *state) {
        assert(state != NULL);
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        const char *path = getenv("NOTIFY_SOCKET");

        if (path == NULL || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof(address.sun_path))
                return;
        memcpy(address.sun_path, path, strlen(path));
        if (path[0] == '@')
                address.sun_path[0] = '\0';
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return;
        socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + (path[0] == '/' ? 1 : 0));
        (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address, len);
        close(fd);
}

void sk_notify_reloading(const char *more) {
        assert(more != NULL);
        struct timespec now;
        char text[256];

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        (void)snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld\n%s",
                       (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000, more);
        sk_notify(text);
}

uint64_t sk_notify_watchdog_ms(void) {
        const char *interval = getenv("WATCHDOG_USEC");
        const char *process = getenv("WATCHDOG_PID");

        if (interval == NULL || (process != NULL && strtol(process, NULL, 10) != (long)getpid()))
                return 0;
        unsigned long long interval_us = strtoull(interval, NULL, 10);
        if (interval_us < 2000 || interval_us > 86400ULL * 1000000ULL)
                return 0;
        return interval_us / 2000;
}
