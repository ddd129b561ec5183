#include "daemon/status.h"

#include <assert.h>

bool sk_status_ready(const sk_host_status *hosts, size_t count, sk_buf *out) {
        assert((hosts != NULL || count == 0) && out != NULL);
        bool is_ready = true;

        for (size_t i = 0; i < count; i++) {
                is_ready = is_ready && hosts[i].is_ready;
                sk_buf_add_format(out, "%.*s: %s\n", (int)hosts[i].team.len, hosts[i].team.at,
                                  hosts[i].is_ready ? "ready" : hosts[i].not_ready_why);
        }
        return is_ready;
}

/* One that works off what came while it was not there has started. */
static bool is_settled(const sk_host_status *host) {
        return host->is_ready || host->stage == SK_LOG_STANDBY ||
               (host->stage == SK_LOG_RUNNING && host->driver.is_ready);
}

bool sk_status_is_settled(const sk_host_status *hosts, size_t count) {
        assert(hosts != NULL || count == 0);
        size_t settled = 0;

        for (size_t i = 0; i < count; i++)
                settled += is_settled(&hosts[i]);
        return settled == count;
}

void sk_status_line(const sk_host_status *hosts, size_t count, bool is_edition_refused, sk_buf *out) {
        assert((hosts != NULL || count == 0) && out != NULL);
        size_t ready = 0;
        size_t standbys = 0;

        for (size_t i = 0; i < count; i++) {
                ready += hosts[i].is_ready;
                standbys += hosts[i].stage == SK_LOG_STANDBY;
        }
        sk_buf_add_format(out, "teams: %zu ready", ready);
        if (standbys > 0)
                sk_buf_add_format(out, ", %zu standing by", standbys);
        if (ready + standbys < count)
                sk_buf_add_format(out, ", %zu not ready", count - ready - standbys);
        if (is_edition_refused)
                sk_buf_add_text(out, "; the new edition was refused, see the log");
}
