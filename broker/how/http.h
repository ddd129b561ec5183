#ifndef SK_HOW_HTTP_H
#define SK_HOW_HTTP_H

#include <uv.h>

#include "how/how.h"
#include "kit/err.h"

/*
 * Webhooks (`http`): requests on the loop with libcurl, whose connections are used again. TLS is verified always; nothing
 * is followed; what comes back is bounded. What the answers mean stands in how/http_end.h, what is sent in how/http_ask.h.
 * A host that does not answer is left alone for a while (how/circuit.h): its tries end at once, to be tried again.
 */

typedef struct sk_http_how_config {
        uv_loop_t *loop;
        const char *team;      /**< copied */
        const char *chain_dir; /**< paths of secrets and certificates begin in its folder of the team; copied */
        sk_how_ended *ended;
        void *self;
} sk_http_how_config;

/** New port; SK_ERR_NO_MEMORY. To be closed, then freed after the loop's next rounds. */
sk_err sk_http_how_new(const sk_http_how_config *config, sk_how_port *out);

#endif
