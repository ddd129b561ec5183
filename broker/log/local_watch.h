#ifndef SK_LOG_LOCAL_WATCH_H
#define SK_LOG_LOCAL_WATCH_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The loop's watch over the committer: nothing may wait for a disk or for another writer without people hearing of it.
 * Time is given, from a clock that does not jump; 0 is never.
 */

#define SK_LOCAL_LATE_US UINT64_C(10000000)

typedef struct sk_local_watch {
        uint64_t waiting_us; /**< how long the oldest job has been with the committer; 0: none is */
        bool is_late;        /**< longer than SK_LOCAL_LATE_US */
        uint64_t told_us;    /**< when this was said last */
} sk_local_watch;

/** Looks: @p since_us is when the oldest job was handed over, 0: none is. True when it is time to say how it stands. */
bool sk_local_watch_look(sk_local_watch *watch, uint64_t since_us, uint64_t now_us);

#endif
