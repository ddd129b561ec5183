#ifndef SK_DAEMON_HTTP_H
#define SK_DAEMON_HTTP_H

#include <uv.h>

#include "kit/buf.h"
#include "kit/err.h"

/*
 * A small HTTP server in the loop: GET and HEAD of a few fixed paths. Connections, their memory and their time are
 * bounded, so that slow or hostile clients cost little and stop nothing.
 */

typedef struct sk_http sk_http;

#define SK_HTTP_ADDRESS_MAX 80

/** Writes the answer to a path into @p body; returns the status: 200, 404 or 503. */
typedef unsigned sk_http_answer(void *self, const char *path, sk_buf *body);

typedef struct sk_http_config {
        uv_loop_t *loop;
        const char *address; /**< "127.0.0.1:0", "[::1]:9464" */
        sk_http_answer *answer;
        void *self;
} sk_http_config;

/**
 * Starts to serve.
 *
 * @param why  gets a sentence when this fails
 * @param out  new: sk_http_close, then the loop once more, then sk_http_free
 * @return SK_OK; SK_ERR_SYNTAX (address); SK_ERR_IO (cannot be bound); SK_ERR_NO_MEMORY
 */
sk_err sk_http_new(const sk_http_config *config, char why[SK_HTTP_ADDRESS_MAX + 120], sk_http **out);
/** Stops listening and ends all connections. */
void sk_http_close(sk_http *http);
/** NULL is legal. */
void sk_http_free(sk_http *http);
/** Where it listens, with the real port. */
const char *sk_http_address(const sk_http *http);

#endif
