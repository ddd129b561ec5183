#ifndef SK_DAEMON_CRASH_H
#define SK_DAEMON_CRASH_H

#include <stddef.h>

/*
 * A process that dies by its own fault leaves word of it (rule R5): the next one then suspects the input that was
 * noted, while one that was only killed from outside says nothing against its input.
 */

/** Handles the fatal signals: writes to each descriptor, then dies of the same signal. */
void sk_crash_watch(void);
/** Which descriptors, from now on; copied. At most SK_HOSTED_TEAMS_MAX; -1 are left out. */
void sk_crash_tell(const int *fds, size_t count);

#endif
