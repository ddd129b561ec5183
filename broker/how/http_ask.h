#ifndef SK_HOW_HTTP_ASK_H
#define SK_HOW_HTTP_ASK_H

#include <stdbool.h>

#include "kit/arena.h"
#include "kit/err.h"
#include "link/port.h"

/*
 * What is sent to a webhook, from the work instruction and what the call gives:
 *
 *     {"url": "https://tool.example.org/orders/{/id}", "method": "PUT",
 *      "headers": {"Authorization": "Bearer {token}"}, "secrets": {"token": "/run/credentials/tool"}}
 *
 * In the URL `{/pointer}` is a JSON Pointer into what is given, percent-encoded; in a header `{name}` is a secret. No
 * header can be smuggled in: what has a control character fails.
 */

#define SK_HTTP_HEADERS_MAX 32
#define SK_HTTP_TEXT_MAX 8192 /**< bytes of a URL, and of a header's value */

/** Text of a secret by the path of its file; SK_NONE if it cannot be had. Trailing line feeds do not count. */
typedef sk_slice sk_http_secret(void *self, sk_slice path);

/** A request; C texts, in the arena. */
typedef struct sk_http_ask {
        const char *url;
        const char *method;
        const char *headers[SK_HTTP_HEADERS_MAX]; /**< "Name: value" */
        size_t header_count;
        sk_slice body;  /**< SK_NONE: none */
        const char *ca; /**< files of the team's folder, or absolute paths; NULL: the system's, and none */
        const char *certificate;
        const char *key;
        const char *proxy; /**< NULL: none */
        const char *why;   /**< on failure: what is wrong; static */
} sk_http_ask;

/**
 * @param effect  config, input, key and target of it
 * @param secret  called for each secret that a header names
 * @param out     `why` on failure
 * @return SK_OK; SK_ERR_TYPE (the instruction), SK_ERR_NOT_FOUND (a pointer or a secret), SK_ERR_RANGE (a bound or a
 *         character); SK_ERR_NO_MEMORY
 */
sk_err sk_http_ask_make(const sk_effect *effect, sk_http_secret *secret, void *self, sk_arena *arena, sk_http_ask *out);

#endif
