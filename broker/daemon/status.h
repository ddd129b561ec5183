#ifndef SK_DAEMON_STATUS_H
#define SK_DAEMON_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/host.h"
#include "kit/buf.h"

/* How the process is, in words: for `/readyz`, for the service manager. */

/** A line for each team; returns whether all are ready. */
bool sk_status_ready(const sk_host_status *hosts, size_t count, sk_buf *out);
/** Whether every team has started: its state is restored, or it stands by, as it is meant to. */
bool sk_status_is_settled(const sk_host_status *hosts, size_t count);
/** One short line: how many teams are ready, stand by, or neither, and whether the last new edition was refused. */
void sk_status_line(const sk_host_status *hosts, size_t count, bool is_edition_refused, sk_buf *out);

#endif
