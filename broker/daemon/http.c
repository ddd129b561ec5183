#include "daemon/http.h"

#include <assert.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "kit/alloc.h"

/*
 * libmicrohttpd without a thread of its own: its epoll descriptor is watched by the loop, and a timer runs only while
 * a connection is open, for the time-outs.
 */

#define CONNECTIONS_MAX 128
#define CONNECTION_SECONDS 3
#define CONNECTION_BYTES ((size_t)8 * 1024)
#define BODY_BYTES_MAX ((size_t)1024 * 1024)

struct sk_http {
        struct MHD_Daemon *daemon;
        sk_http_answer *answer;
        void *self;
        uv_poll_t poll;
        uv_timer_t timer;
        bool is_watched;
        char address[SK_HTTP_ADDRESS_MAX];
};

static enum MHD_Result respond(struct MHD_Connection *connection, unsigned status, sk_slice body) {
        struct MHD_Response *response =
                MHD_create_response_from_buffer(body.len, (void *)(uintptr_t)body.at, MHD_RESPMEM_MUST_COPY);
        if (response == NULL)
                return MHD_NO;
        (void)MHD_add_response_header(response, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        (void)MHD_add_response_header(response, "Cache-Control", "no-store");
        (void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
        if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
                (void)MHD_add_response_header(response, "Allow", "GET, HEAD");
        enum MHD_Result result = MHD_queue_response(connection, status, response);
        MHD_destroy_response(response);
        return result;
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *connection, const char *path, const char *method,
                                  const char *version, const char *upload, size_t *upload_len, void **request) {
        sk_http *http = self;
        static int seen;

        (void)version;
        (void)upload;
        if (*request == NULL) {
                /* The first call comes before the body; an answer now would close the connection. */
                *request = &seen;
                return MHD_YES;
        }
        if (*upload_len > 0) {
                *upload_len = 0;
                return MHD_YES;
        }
        if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
                return respond(connection, MHD_HTTP_METHOD_NOT_ALLOWED, SK_SLICE("only GET and HEAD are served\n"));
        sk_buf body = sk_buf_make(BODY_BYTES_MAX);
        unsigned status = http->answer(http->self, path, &body);
        enum MHD_Result result =
                body.err == SK_OK ? respond(connection, status, sk_buf_slice(&body))
                                  : respond(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, SK_SLICE("out of memory\n"));
        sk_buf_free(&body);
        return result;
}

static void on_timer(uv_timer_t *timer);

static unsigned connections_of(const sk_http *http) {
        const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
        return info == NULL ? 0 : info->num_connections;
}

/* Having been at its bound, it looks at who waits outside only when it is run once more. */
static void run(sk_http *http) {
        MHD_UNSIGNED_LONG_LONG timeout_ms = 0;
        unsigned before = connections_of(http);

        (void)MHD_run(http->daemon);
        bool has_timeout = MHD_get_timeout(http->daemon, &timeout_ms) == MHD_YES;
        if (connections_of(http) != before)
                (void)uv_timer_start(&http->timer, on_timer, 0, 0);
        else if (has_timeout)
                (void)uv_timer_start(&http->timer, on_timer, timeout_ms < 1000 ? timeout_ms : 1000, 0);
        else
                (void)uv_timer_stop(&http->timer);
}

static void on_timer(uv_timer_t *timer) {
        run(timer->data);
}

static void on_poll(uv_poll_t *poll, int status, int events) {
        (void)status;
        (void)events;
        run(poll->data);
}

/* "127.0.0.1:0" or "[::1]:0": numbers only, since looking up a name could block. */
static bool address_parse(const char *text, struct addrinfo **out) {
        char host[SK_HTTP_ADDRESS_MAX];
        const char *colon = strrchr(text, ':');

        if (colon == NULL || colon == text || strlen(text) >= sizeof(host) || colon[1] == '\0')
                return false;
        bool has_brackets = text[0] == '[' && colon[-1] == ']';
        const char *start = has_brackets ? text + 1 : text;
        int len = (int)(colon - start) - (has_brackets ? 1 : 0);
        (void)snprintf(host, sizeof(host), "%.*s", len, start);
        const char *name = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
        struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                 .ai_socktype = SOCK_STREAM,
                                 .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
        return getaddrinfo(name, colon + 1, &hints, out) == 0;
}

static void on_mhd_log(void *self, const char *format, va_list list) {
        (void)self;
        (void)format;
        (void)list;
}

/* Paths are compared as they came: nothing in them is unescaped. */
static size_t leave_escaped(void *self, struct MHD_Connection *connection, char *text) {
        (void)self;
        (void)connection;
        return strlen(text);
}

static struct MHD_Daemon *listen_on(sk_http *http, const struct addrinfo *where) {
        unsigned flags = MHD_USE_EPOLL | (where->ai_family == AF_INET6 ? (unsigned)MHD_USE_IPv6 : 0u);

        return MHD_start_daemon(flags, 0, NULL, NULL, on_request, http,               //
                                MHD_OPTION_EXTERNAL_LOGGER, on_mhd_log, NULL,         //
                                MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL,    //
                                MHD_OPTION_SOCK_ADDR, where->ai_addr,                 //
                                MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,         //
                                MHD_OPTION_CONNECTION_TIMEOUT, CONNECTION_SECONDS,    //
                                MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES, //
                                MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u,               //
                                MHD_OPTION_END);
}

static void address_note(sk_http *http) {
        const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_LISTEN_FD);
        struct sockaddr_storage bound;
        socklen_t len = sizeof(bound);
        char host[64];
        char port[16];

        if (info == NULL || getsockname(info->listen_fd, (struct sockaddr *)&bound, &len) < 0 ||
            getnameinfo((struct sockaddr *)&bound, len, host, sizeof(host), port, sizeof(port),
                        NI_NUMERICHOST | NI_NUMERICSERV) != 0)
                return;
        (void)snprintf(http->address, sizeof(http->address), bound.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
                       port);
}

static sk_err start(sk_http *http, const sk_http_config *config, char *why) {
        struct addrinfo *where = NULL;

        if (!address_parse(config->address, &where)) {
                (void)snprintf(why, SK_HTTP_ADDRESS_MAX + 120,
                               "--http wants an address in numbers and a port, such as 127.0.0.1:0 or [::1]:9464");
                return SK_ERR_SYNTAX;
        }
        http->daemon = listen_on(http, where);
        freeaddrinfo(where);
        if (http->daemon == NULL) {
                (void)snprintf(why, SK_HTTP_ADDRESS_MAX + 120, "cannot listen on %.80s: %s", config->address,
                               strerror(errno));
                return SK_ERR_IO;
        }
        const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
        if (info == NULL) {
                (void)snprintf(why, SK_HTTP_ADDRESS_MAX + 120, "libmicrohttpd was built without epoll");
                return SK_ERR_IO;
        }
        address_note(http);
        (void)uv_timer_init(config->loop, &http->timer);
        (void)uv_poll_init(config->loop, &http->poll, info->epoll_fd);
        http->is_watched = true;
        http->timer.data = http;
        http->poll.data = http;
        (void)uv_poll_start(&http->poll, UV_READABLE, on_poll);
        return SK_OK;
}

sk_err sk_http_new(const sk_http_config *config, char why[SK_HTTP_ADDRESS_MAX + 120], sk_http **out) {
        assert(config != NULL && config->answer != NULL && out != NULL);
        sk_http *http = sk_alloc_zero(1, sizeof(*http));
        if (http == NULL)
                return SK_ERR_NO_MEMORY;

        http->answer = config->answer;
        http->self = config->self;
        sk_err err = start(http, config, why);
        if (err != SK_OK) {
                sk_http_free(http);
                return err;
        }
        *out = http;
        return SK_OK;
}

void sk_http_close(sk_http *http) {
        assert(http != NULL);
        if (!http->is_watched)
                return;
        http->is_watched = false;
        uv_close((uv_handle_t *)&http->timer, NULL);
        uv_close((uv_handle_t *)&http->poll, NULL);
}

void sk_http_free(sk_http *http) {
        if (http == NULL)
                return;
        assert(!http->is_watched);
        if (http->daemon != NULL)
                MHD_stop_daemon(http->daemon);
        sk_free(http);
}

const char *sk_http_address(const sk_http *http) {
        assert(http != NULL);
        return http->address;
}
