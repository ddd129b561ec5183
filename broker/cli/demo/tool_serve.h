#ifndef SK_CLI_TOOL_SERVE_H
#define SK_CLI_TOOL_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/err.h"
#include "kit/slice.h"

/*
 * A small HTTP server of this machine for what stands in for tools: a request whole, then its answer. One thread.
 */

#define SK_TOOL_BODY_MAX ((size_t)1 << 20)

typedef struct sk_tool_server sk_tool_server;

/** What is asked; good while it is answered. */
typedef struct sk_tool_request {
        const char *method;
        sk_slice url; /**< its path, without the query */
        sk_slice key; /**< of `Idempotency-Key`; empty: none */
        sk_slice body;
} sk_tool_request;

/** @return the status of HTTP; 0: no answer, the connection is closed. @p out_body is JSON, borrowed until the next
 * request. */
typedef unsigned sk_tool_answer(void *self, const sk_tool_request *request, sk_slice *out_body);

/**
 * Listens on 127.0.0.1.
 *
 * @param port  0: a free one
 * @param out   new: sk_tool_server_free
 * @return SK_OK; SK_ERR_IO: the port cannot be had; SK_ERR_NO_MEMORY
 */
sk_err sk_tool_server_new(uint16_t port, sk_tool_answer *answer, void *self, sk_tool_server **out);
/** The port it listens on. */
uint16_t sk_tool_server_port(const sk_tool_server *server);
/** Answers what there is, and waits for more at most @p timeout_ms. A signal ends the wait. */
void sk_tool_server_turn(sk_tool_server *server, int timeout_ms);
/** NULL is legal. */
void sk_tool_server_free(sk_tool_server *server);

#endif
