#ifndef SK_DAEMON_TURN_WATCH_H
#define SK_DAEMON_TURN_WATCH_H

#include <stdint.h>

#include <uv.h>

#include "daemon/logger.h"

/*
 * Ends the process when a turn of its loop takes too long: what a loop does is bounded, and what waits or computes for
 * long belongs on another thread. A turn is all that is done between two looks for what there is to do. What counts is
 * the processor time of the loop's thread: a machine that stalls, or a process that is stopped, is no fault of the loop.
 *
 * Debug builds have it on. A loop that computes for 50 ms is wrong, and still better than none.
 */

#define SK_TURN_MAX_US 50000

#ifdef SK_DEBUG
#define SK_TURN_IS_WATCHED true
#else
#define SK_TURN_IS_WATCHED false
#endif

typedef struct sk_turn_watch {
        uv_prepare_t prepare;
        sk_logger *logger;
        uint64_t max_us;
        uint64_t began_us; /**< processor time of the thread when the turn began */
} sk_turn_watch;

/** Watches from now on, on the thread of the loop. It keeps no loop alive. @p logger: borrowed. */
void sk_turn_watch_start(sk_turn_watch *watch, uv_loop_t *loop, uint64_t max_us, sk_logger *logger);
/** No longer; its memory may go when the loop has run once more. */
void sk_turn_watch_stop(sk_turn_watch *watch);

#endif
