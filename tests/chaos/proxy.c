#include "chaos/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/*
 * One thread runs all connections; `rules` is written by others and read by it, under the mutex. A connection is two
 * pipes of one buffer each: nothing is read while the buffer is full, so that what does not flow on one side does not
 * flow on the other either.
 */

#define CONNECTIONS_MAX 1024
#define RULES_MAX 256
#define BUFFER_BYTES 65536
#define NAME_AT 14 /* size, key, version, correlation id, length of the name */
#define TURN_MS 1000

struct rule {
        char client[PROXY_NAME_MAX];
        unsigned broker;
        proxy_way way;
        unsigned delay_ms;
};

/* What one side has said and the other has not heard. */
struct pipe {
        size_t at;
        size_t len;
        int64_t due_ms;
        char bytes[BUFFER_BYTES];
};

struct connection {
        int client; /* -1: free */
        int broker; /* -1: not yet connected */
        unsigned number;
        char name[PROXY_NAME_MAX]; /* "": not yet known */
        struct pipe up;
        struct pipe down;
        proxy_way way;
        unsigned delay_ms;
        size_t polled[2]; /* places among what is polled; SIZE_MAX: not there */
};

struct proxy {
        unsigned brokers;
        int listeners[PROXY_BROKERS_MAX];
        uint16_t behind[PROXY_BROKERS_MAX];
        int bell;
        pthread_t thread;
        pthread_mutex_t mutex;
        bool is_stopping;
        unsigned made;
        struct rule rules[RULES_MAX];
        size_t rule_count;
        struct connection *connections[CONNECTIONS_MAX];
        struct pollfd polled[2 * CONNECTIONS_MAX + PROXY_BROKERS_MAX + 1];
        nfds_t polled_count;
};

static int64_t clock_ms(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- connections ---- */

static struct sockaddr_in local(uint16_t port) {
        return (struct sockaddr_in){
                .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void reset(int fd) {
        const struct linger at_once = {.l_onoff = 1};

        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        close(fd);
}

static void drop(struct proxy *p, size_t index) {
        struct connection *c = p->connections[index];

        reset(c->client);
        if (c->broker >= 0)
                reset(c->broker);
        free(c);
        p->connections[index] = NULL;
}

static void take(struct proxy *p, unsigned number) {
        const int yes = 1;
        int fd = accept4(p->listeners[number], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        for (size_t i = 0; fd >= 0 && i < CONNECTIONS_MAX; i++) {
                if (p->connections[i] != NULL)
                        continue;
                struct connection *c = calloc(1, sizeof(*c));
                if (c == NULL)
                        break;
                (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
                c->client = fd;
                c->broker = -1;
                c->number = number;
                p->connections[i] = c;
                return;
        }
        if (fd >= 0)
                reset(fd);
}

/* The name stands at the same place in every version of the header. */
static void name_find(struct connection *c) {
        const struct pipe *up = &c->up;
        size_t len;

        if (up->len < NAME_AT)
                return;
        len = (size_t)(uint8_t)up->bytes[NAME_AT - 2] << 8 | (uint8_t)up->bytes[NAME_AT - 1];
        if (len >= sizeof(c->name) || up->len < NAME_AT + len)
                return;
        memcpy(c->name, up->bytes + NAME_AT, len);
}

static bool connect_on(struct proxy *p, struct connection *c) {
        const int yes = 1;
        struct sockaddr_in address = local(p->behind[c->number]);

        c->broker = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (c->broker < 0)
                return false;
        (void)setsockopt(c->broker, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
        p->made++;
        return connect(c->broker, (struct sockaddr *)&address, sizeof(address)) == 0 || errno == EINPROGRESS;
}

/* ---- bytes ---- */

/* False when that side has ended. */
static bool fill(struct pipe *pipe, int fd, int64_t now_ms) {
        ssize_t got = read(fd, pipe->bytes + pipe->len, sizeof(pipe->bytes) - pipe->len);

        if (got < 0)
                return errno == EAGAIN || errno == EINTR;
        pipe->len += (size_t)got;
        pipe->due_ms = now_ms;
        return got > 0;
}

static bool pour(struct pipe *pipe, int fd) {
        ssize_t put = send(fd, pipe->bytes + pipe->at, pipe->len - pipe->at, MSG_NOSIGNAL);

        if (put < 0)
                return errno == EAGAIN || errno == EINTR || errno == ENOTCONN;
        pipe->at += (size_t)put;
        if (pipe->at == pipe->len)
                pipe->at = pipe->len = 0;
        return true;
}

static bool is_due(const struct connection *c, const struct pipe *pipe, int64_t now_ms) {
        return pipe->len > 0 && pipe->due_ms + (c->way == PROXY_DELAYS ? c->delay_ms : 0) <= now_ms;
}

static bool pump(struct proxy *p, struct connection *c, short client, short broker, int64_t now_ms) {
        const short in = POLLIN | POLLHUP | POLLERR;

        if (c->name[0] == '\0') {
                if ((client & in) != 0 && !fill(&c->up, c->client, now_ms))
                        return false;
                name_find(c);
                return c->name[0] == '\0' ? c->up.len < sizeof(c->up.bytes) : connect_on(p, c);
        }
        /* Whoever is gone altogether would be told of without end while something for the other lies here. */
        if (c->way == PROXY_RESETS || ((client | broker) & POLLERR) != 0 ||
            ((client & POLLHUP) != 0 && c->up.len > 0) || ((broker & POLLHUP) != 0 && c->down.len > 0))
                return false;
        if ((client & in) != 0 && c->up.len == 0 && !fill(&c->up, c->client, now_ms))
                return false;
        if ((broker & in) != 0 && c->down.len == 0 && !fill(&c->down, c->broker, now_ms))
                return false;
        if (is_due(c, &c->up, now_ms) && !pour(&c->up, c->broker))
                return false;
        return !is_due(c, &c->down, now_ms) || pour(&c->down, c->client);
}

/* ---- the thread ---- */

static void rule_look_up(const struct proxy *p, struct connection *c) {
        c->way = PROXY_PASSES;
        for (size_t i = 0; i < p->rule_count; i++) {
                const struct rule *rule = &p->rules[i];
                if (rule->broker != c->number || strcmp(rule->client, c->name) != 0)
                        continue;
                c->way = rule->way;
                c->delay_ms = rule->delay_ms;
        }
}

static size_t poll_add(struct proxy *p, int fd, short events) {
        p->polled[p->polled_count] = (struct pollfd){.fd = fd, .events = events};
        return p->polled_count++;
}

static short wanted(const struct connection *c, const struct pipe *from, const struct pipe *to, int64_t now_ms) {
        return (short)((from->len == 0 || c->name[0] == '\0' ? POLLIN : 0) | (is_due(c, to, now_ms) ? POLLOUT : 0));
}

/* When something that is held back comes due. */
static int wait_ms(const struct connection *c, const struct pipe *pipe, int64_t now_ms, int least_ms) {
        int64_t left_ms = pipe->due_ms + c->delay_ms - now_ms;

        if (c->way != PROXY_DELAYS || pipe->len == 0 || left_ms <= 0 || left_ms >= least_ms)
                return least_ms;
        return (int)left_ms;
}

static int poll_prepare(struct proxy *p) {
        int64_t now_ms = clock_ms();
        int timeout_ms = TURN_MS;

        p->polled_count = 0;
        (void)poll_add(p, p->bell, POLLIN);
        for (unsigned i = 0; i < p->brokers; i++)
                (void)poll_add(p, p->listeners[i], POLLIN);
        for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
                struct connection *c = p->connections[i];
                if (c == NULL)
                        continue;
                rule_look_up(p, c);
                c->polled[0] = c->polled[1] = SIZE_MAX;
                if (c->way == PROXY_RESETS && c->name[0] != '\0')
                        timeout_ms = 0;
                if (c->way == PROXY_HANGS)
                        continue;
                timeout_ms = wait_ms(c, &c->up, now_ms, wait_ms(c, &c->down, now_ms, timeout_ms));
                c->polled[0] = poll_add(p, c->client, wanted(c, &c->up, &c->down, now_ms));
                if (c->broker >= 0)
                        c->polled[1] = poll_add(p, c->broker, wanted(c, &c->down, &c->up, now_ms));
        }
        return timeout_ms;
}

static void poll_take(struct proxy *p) {
        int64_t now_ms = clock_ms();

        for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
                struct connection *c = p->connections[i];
                if (c == NULL || c->polled[0] == SIZE_MAX)
                        continue;
                short client = p->polled[c->polled[0]].revents;
                short broker = c->polled[1] == SIZE_MAX ? 0 : p->polled[c->polled[1]].revents;
                if (!pump(p, c, client, broker, now_ms))
                        drop(p, i);
        }
        for (unsigned i = 0; i < p->brokers; i++) {
                if (p->polled[i + 1].revents != 0)
                        take(p, i);
        }
}

static void *run(void *self) {
        struct proxy *p = self;
        uint64_t count;

        (void)pthread_mutex_lock(&p->mutex);
        while (!p->is_stopping) {
                int timeout_ms = poll_prepare(p);
                (void)pthread_mutex_unlock(&p->mutex);
                (void)poll(p->polled, p->polled_count, timeout_ms);
                (void)pthread_mutex_lock(&p->mutex);
                (void)!read(p->bell, &count, sizeof(count));
                poll_take(p);
        }
        (void)pthread_mutex_unlock(&p->mutex);
        return NULL;
}

/* ---- what others call ---- */

static int listen_at(uint16_t port) {
        const int yes = 1;
        struct sockaddr_in address = local(port);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

        if (fd < 0)
                return -1;
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
        if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 128) == 0)
                return fd;
        close(fd);
        return -1;
}

static bool thread_start(proxy *p) {
        sigset_t all;
        sigset_t before;

        (void)sigfillset(&all);
        (void)pthread_sigmask(SIG_SETMASK, &all, &before);
        bool is_started = pthread_create(&p->thread, NULL, run, p) == 0;
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
        return is_started;
}

proxy *proxy_start(unsigned brokers, const uint16_t *front, const uint16_t *behind) {
        proxy *p = brokers > PROXY_BROKERS_MAX ? NULL : calloc(1, sizeof(*p));
        bool is_well = p != NULL;

        if (p == NULL)
                return NULL;
        p->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        (void)pthread_mutex_init(&p->mutex, NULL);
        for (unsigned i = 0; i < brokers && is_well; i++) {
                p->listeners[i] = listen_at(front[i]);
                p->behind[i] = behind[i];
                is_well = p->listeners[i] >= 0;
                p->brokers += is_well;
        }
        if (is_well && p->bell >= 0 && thread_start(p))
                return p;
        for (unsigned i = 0; i < p->brokers; i++)
                close(p->listeners[i]);
        close(p->bell);
        free(p);
        return NULL;
}

static void ring(proxy *p) {
        const uint64_t one = 1;
        (void)!write(p->bell, &one, sizeof(one));
}

void proxy_stop(proxy *p) {
        if (p == NULL)
                return;
        (void)pthread_mutex_lock(&p->mutex);
        p->is_stopping = true;
        (void)pthread_mutex_unlock(&p->mutex);
        ring(p);
        (void)pthread_join(p->thread, NULL);
        for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
                if (p->connections[i] != NULL)
                        drop(p, i);
        }
        for (unsigned i = 0; i < p->brokers; i++)
                close(p->listeners[i]);
        close(p->bell);
        (void)pthread_mutex_destroy(&p->mutex);
        free(p);
}

static struct rule *rule_of(proxy *p, const char *client, unsigned broker) {
        size_t i = 0;

        while (i < p->rule_count && (p->rules[i].broker != broker || strcmp(p->rules[i].client, client) != 0))
                i++;
        if (i == RULES_MAX)
                abort();
        if (i == p->rule_count) {
                p->rule_count++;
                (void)snprintf(p->rules[i].client, sizeof(p->rules[i].client), "%s", client);
                p->rules[i].broker = broker;
        }
        return &p->rules[i];
}

void proxy_set(proxy *p, const char *client, unsigned broker, proxy_way way, unsigned delay_ms) {
        (void)pthread_mutex_lock(&p->mutex);
        for (unsigned i = 0; i < p->brokers; i++) {
                if (broker != PROXY_ANY_BROKER && broker != i)
                        continue;
                struct rule *rule = rule_of(p, client, i);
                rule->way = way;
                rule->delay_ms = delay_ms;
        }
        (void)pthread_mutex_unlock(&p->mutex);
        ring(p);
}

unsigned proxy_count(proxy *p) {
        (void)pthread_mutex_lock(&p->mutex);
        unsigned made = p->made;
        (void)pthread_mutex_unlock(&p->mutex);
        return made;
}
