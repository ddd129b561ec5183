/*
 * libmicrohttpd without a thread of its own: its epoll descriptor is waited for here.
 */
#include "cli/demo/tool_serve.h"

#include <arpa/inet.h>
#include <assert.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>

#include "kit/alloc.h"
#include "kit/buf.h"

#define CONNECTIONS_MAX 512
#define CONNECTION_SECONDS 60u

struct sk_tool_server {
        struct MHD_Daemon *daemon;
        sk_tool_answer *answer;
        void *self;
};

/** A request while its body comes in. */
typedef struct coming {
        sk_buf body;
} coming;

static enum MHD_Result respond(struct MHD_Connection *connection, unsigned status, sk_slice body) {
        struct MHD_Response *response =
                MHD_create_response_from_buffer(body.len, (void *)(uintptr_t)body.at, MHD_RESPMEM_MUST_COPY);
        if (response == NULL)
                return MHD_NO;
        (void)MHD_add_response_header(response, "Content-Type", "application/json");
        enum MHD_Result result = MHD_queue_response(connection, status, response);
        MHD_destroy_response(response);
        return result;
}

static const char *header_of(struct MHD_Connection *connection, const char *name) {
        const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
        return value == NULL ? "" : value;
}

static enum MHD_Result ask(const sk_tool_server *server, struct MHD_Connection *connection, const char *url,
                           const char *method, const coming *whole) {
        sk_slice body = SK_SLICE("");
        const sk_tool_request request = {.method = method,
                                         .url = sk_slice_of(url),
                                         .key = sk_slice_of(header_of(connection, "Idempotency-Key")),
                                         .body = sk_buf_slice(&whole->body)};
        if (whole->body.err != SK_OK)
                return respond(connection, MHD_HTTP_CONTENT_TOO_LARGE, SK_SLICE("{}"));
        unsigned status = server->answer(server->self, &request, &body);
        return status == 0 ? MHD_NO : respond(connection, status, body);
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_len, void **request) {
        coming *whole = *request;
        (void)version;
        if (whole == NULL) {
                whole = sk_alloc_zero(1, sizeof(*whole));
                if (whole == NULL)
                        return MHD_NO;
                whole->body = sk_buf_make(SK_TOOL_BODY_MAX);
                *request = whole;
                return MHD_YES;
        }
        if (*upload_len == 0)
                return ask(self, connection, url, method, whole);
        sk_buf_add(&whole->body, upload, *upload_len);
        *upload_len = 0;
        return MHD_YES;
}

static void on_completed(void *self, struct MHD_Connection *connection, void **request,
                         enum MHD_RequestTerminationCode why) {
        coming *whole = *request;
        (void)self;
        (void)connection;
        (void)why;
        if (whole != NULL)
                sk_buf_free(&whole->body);
        sk_free(whole);
        *request = NULL;
}

sk_err sk_tool_server_new(uint16_t port, sk_tool_answer *answer, void *self, sk_tool_server **out) {
        const struct sockaddr_in here = {
                .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        sk_tool_server *server = sk_alloc_zero(1, sizeof(*server));
        assert(answer != NULL && out != NULL);
        if (server == NULL)
                return SK_ERR_NO_MEMORY;
        server->answer = answer;
        server->self = self;
        server->daemon = MHD_start_daemon(MHD_USE_EPOLL, port, NULL, NULL, on_request, server, MHD_OPTION_SOCK_ADDR,
                                          &here, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
                                          MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
                                          MHD_OPTION_CONNECTION_TIMEOUT, CONNECTION_SECONDS, MHD_OPTION_END);
        if (server->daemon == NULL) {
                sk_free(server);
                return SK_ERR_IO;
        }
        *out = server;
        return SK_OK;
}

uint16_t sk_tool_server_port(const sk_tool_server *server) {
        const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
        return info == NULL ? 0 : info->port;
}

void sk_tool_server_turn(sk_tool_server *server, int timeout_ms) {
        const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
        MHD_UNSIGNED_LONG_LONG due_ms;
        assert(info != NULL);
        struct pollfd waits = {.fd = info->epoll_fd, .events = POLLIN};
        if (MHD_get_timeout(server->daemon, &due_ms) == MHD_YES && due_ms < (unsigned)timeout_ms)
                timeout_ms = (int)due_ms;
        (void)poll(&waits, 1, timeout_ms);
        (void)MHD_run(server->daemon);
}

void sk_tool_server_free(sk_tool_server *server) {
        if (server == NULL)
                return;
        MHD_stop_daemon(server->daemon);
        sk_free(server);
}
