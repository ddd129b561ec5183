#ifndef SK_DAEMON_METRICS_H
#define SK_DAEMON_METRICS_H

#include <stddef.h>

#include "daemon/host.h"
#include "kit/buf.h"

/** What the process as a whole uses. */
typedef struct sk_process_numbers {
        double cpu_seconds;
        double resident_bytes;
        double start_seconds; /**< since the epoch */
} sk_process_numbers;

/** Writes the numbers in the Prometheus text format; no label but the team's name and a topic's kind. */
void sk_metrics_write(const sk_host_status *hosts, size_t count, const sk_process_numbers *process, sk_buf *out);

#endif
