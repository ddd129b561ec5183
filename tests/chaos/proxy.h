#ifndef SK_TESTS_CHAOS_PROXY_H
#define SK_TESTS_CHAOS_PROXY_H

#include <stdint.h>

/*
 * The network between links and brokers: a TCP proxy in a thread of its own. Brokers send clients to its ports
 * (`kafka up --front`), it passes on to theirs. Whose a connection is stands in the first request on it, the client.id;
 * so the way between any link and any broker can be cut by itself.
 */

#define PROXY_BROKERS_MAX 3
#define PROXY_NAME_MAX 128
#define PROXY_ANY_BROKER UINT32_MAX

typedef struct proxy proxy;

typedef enum proxy_way {
        PROXY_PASSES,
        PROXY_RESETS, /**< connections are reset, and so are new ones after their first request */
        PROXY_HANGS,  /**< what is sent gets lost on the way: neither side hears anything */
        PROXY_DELAYS, /**< everything takes so and so much longer */
} proxy_way;

/** Listens at @p front and passes on to @p behind, each of 127.0.0.1, one for each broker. NULL: a port is taken. */
proxy *proxy_start(unsigned brokers, const uint16_t *front, const uint16_t *behind);
/** Closes everything. NULL is legal. */
void proxy_stop(proxy *p);
/** From now on the way between @p client and broker @p broker, counted from 0, is that. */
void proxy_set(proxy *p, const char *client, unsigned broker, proxy_way way, unsigned delay_ms);
/** Connections that were made so far. */
unsigned proxy_count(proxy *p);

#endif
