/*
 * A link inside a program of one's own: build it with
 *
 *     cc embed.c $(pkg-config --cflags --libs schakel) -o embed
 *     ./embed CHAIN-DIR TEAM local:FILE STATE-DIR
 *
 * It carries calls as schakeld does, until Ctrl-C, and says how many are open whenever that changes.
 */
#include <errno.h>
#include <poll.h>
#include <schakel/schakel.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

static volatile sig_atomic_t is_interrupted;

static void on_signal(int number) {
        (void)number;
        is_interrupted = 1;
}

static int64_t now_us(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_REALTIME, &now);
        return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void tell(void *self, const char *text) {
        (void)self;
        printf("%s\n", text);
}

/* Gives the link its turns until it has ended; a real program would have the descriptor in its own loop. */
static int run(schakel_link *link) {
        uint64_t open_calls = UINT64_MAX;
        int exit_code = 0;
        int is_stopping = 0;

        while (!schakel_is_over(link, &exit_code)) {
                if (is_interrupted && !is_stopping) {
                        is_stopping = 1;
                        schakel_stop(link, now_us());
                }
                int64_t wait_us = schakel_poll(link, now_us());
                if (schakel_is_ready(link) && schakel_open_calls(link) != open_calls) {
                        open_calls = schakel_open_calls(link);
                        printf("%llu calls are open\n", (unsigned long long)open_calls);
                        fflush(stdout);
                }
                struct pollfd fd = {.fd = schakel_fd(link), .events = POLLIN};
                if (poll(&fd, 1, (int)((wait_us + 999) / 1000)) < 0 && errno != EINTR)
                        return 75;
        }
        return exit_code;
}

int main(int argc, char **argv) {
        char why[SCHAKEL_WHY_MAX];
        schakel_link *link;

        if (argc != 5) {
                fprintf(stderr, "usage: embed CHAIN-DIR TEAM LOG STATE-DIR\n");
                return 2;
        }
        if (schakel_abi() != SCHAKEL_ABI) {
                fprintf(stderr, "embed: the library is another version: %s\n", schakel_version());
                return 1;
        }
        struct sigaction action = {.sa_handler = on_signal};
        (void)sigaction(SIGINT, &action, NULL);
        (void)sigaction(SIGTERM, &action, NULL);
        schakel_options options = {.size = sizeof options,
                                   .chain_dir = argv[1],
                                   .team = argv[2],
                                   .log = argv[3],
                                   .state_dir = argv[4],
                                   .tell = tell};
        if (schakel_open(&options, &link, why) != SCHAKEL_OK) {
                fprintf(stderr, "embed: %s\n", why);
                return 1;
        }
        int exit_code = run(link);
        schakel_close(link);
        return exit_code;
}
