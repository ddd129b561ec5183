#ifndef SK_DAEMON_NOTIFY_H
#define SK_DAEMON_NOTIFY_H

#include <stdint.h>

/*
 * Telling a service manager how we are (sd_notify(3)), by a datagram to $NOTIFY_SOCKET. Without one nothing happens.
 */

/** Sends lines such as "READY=1\nSTATUS=...". Never blocks, never fails aloud. */
void sk_notify(const char *state);
/** Says that the configuration is being read again, since now; @p more: further lines. */
void sk_notify_reloading(const char *more);
/** How often the service manager wants WATCHDOG=1, in milliseconds, halved already; 0: never. */
uint64_t sk_notify_watchdog_ms(void);

#endif
