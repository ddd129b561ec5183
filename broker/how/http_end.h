#ifndef SK_HOW_HTTP_END_H
#define SK_HOW_HTTP_END_H

#include "link/port.h"

/*
 * What the answer of a webhook means:
 *
 *   202 later · other 2xx done · 409, 422 declined · 408, 425, 429, 5xx again · anything else failed
 *   no answer: again
 */

/** Why there is no answer. */
typedef enum sk_http_fault {
        SK_HTTP_ANSWERED,
        SK_HTTP_NO_HOST,   /**< the name of the host is not known */
        SK_HTTP_NO_ACCESS, /**< nobody takes the connection */
        SK_HTTP_NO_TRUST,  /**< TLS: who answers is not who he should be */
        SK_HTTP_TIMEOUT,
        SK_HTTP_TOO_LONG, /**< more than is read */
        SK_HTTP_BROKEN,   /**< anything else: cut off in the middle, not HTTP */
        SK_HTTP_FAULTS,
} sk_http_fault;

#define SK_HTTP_BODY_MAX (200u * 1024u) /**< of an answer */

/** How a request ended; borrowed. */
typedef struct sk_http_end {
        sk_http_fault fault;
        unsigned status;      /**< of an answer */
        sk_slice body;        /**< any bytes */
        sk_slice retry_after; /**< the header; SK_NONE: there is none */
        const char *text;     /**< of a fault, for people; may be NULL */
        int64_t now_us;       /**< since the epoch: for Retry-After with a date */
} sk_http_end;

/** What it means; `code` of the report lies in @p code, the rest is borrowed from @p end. callid and the like are not set. */
void sk_http_end_read(const sk_http_end *end, char code[32], sk_effect_report *out);

#endif
