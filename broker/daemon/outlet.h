#ifndef SK_DAEMON_OUTLET_H
#define SK_DAEMON_OUTLET_H

#include <uv.h>

#include "daemon/logger.h"
#include "usm/edition.h"

/*
 * A team's outlet: tells those who are informed, by the command, mail or webhook of team.json. Never in anybody's way:
 * what comes waits in a queue with a bound, a few programs run at a time and not for long, and what fails is tried again
 * twice. What waits when the process ends is not told; its event stands on the log. All on the loop's thread.
 */

typedef struct sk_outlet sk_outlet;

typedef struct sk_outlet_config {
        uv_loop_t *loop;
        sk_logger *logger;
        sk_edition *edition; /**< retained */
        const char *team;    /**< must be in it */
        const char *folder;  /**< where programs run; NULL: where the daemon does */
        uint64_t retry_ms;   /**< pause before the second try, six times as long before the third; 0: 10 s */
} sk_outlet_config;

typedef struct sk_outlet_numbers {
        uint64_t told;    /**< notices that the outlet took */
        uint64_t failed;  /**< that it did not, three times */
        uint64_t dropped; /**< for which there was no room */
        size_t waiting;   /**< in the queue or under way */
} sk_outlet_numbers;

/** New outlet; NULL without memory. sk_outlet_close, then the loop until it is idle, then sk_outlet_free. */
sk_outlet *sk_outlet_new(const sk_outlet_config *config);
/** Kills what runs, forgets what waits. */
void sk_outlet_close(sk_outlet *outlet);
/** NULL is legal. */
void sk_outlet_free(sk_outlet *outlet);
/** The new edition holds from now on; it must have the team. */
void sk_outlet_edition(sk_outlet *outlet, sk_edition *edition);
/** Tells those whom the `event.informed` with this value names; copied. Without an outlet in team.json nobody is told. */
void sk_outlet_tell(sk_outlet *outlet, sk_slice event);
/** Looks at the counters. */
void sk_outlet_count(const sk_outlet *outlet, sk_outlet_numbers *out);

#endif
