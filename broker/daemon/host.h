#ifndef SK_DAEMON_HOST_H
#define SK_DAEMON_HOST_H

#include <uv.h>

#include <stdbool.h>

#include "daemon/logger.h"
#include "daemon/outlet.h"
#include "kit/err.h"
#include "link/driver.h"
#include "log/log.h"
#include "usm/edition.h"

/*
 * The link of one team in this process: its driver and its log, turned by the loop. All on the loop's thread.
 */

typedef struct sk_host sk_host;

/** Called when a host's stage changed, when it became ready, and when it is over. */
typedef void sk_host_changed(void *self, sk_host *host);

typedef struct sk_host_config {
        uv_loop_t *loop;
        sk_logger *logger;
        sk_edition *edition;
        const char *team;
        const char *log;        /**< its URL */
        const char *instance;   /**< where a log is shared by instances */
        const char *properties; /**< file with properties for the log's client; NULL: none */
        const char *state_dir;
        const char *chain_dir;          /**< where programs of work instructions stand */
        const char *const *runner;      /**< how the runner of programs is run, see how/exec.h */
        const char *const *plugin_host; /**< how the process of a plug-in is run, see how/plugin.h */
        const char *plugins;            /**< folder of plug-ins */
        bool passes_gaps;               /**< see sk_log_config */
        sk_host_changed *changed;
        void *changed_self;
} sk_host_config;

/**
 * Opens the log and starts turning with the loop. On failure the reason is logged.
 *
 * @param out  new: sk_host_close, then the loop once more, then sk_host_free
 * @return SK_OK; SK_ERR_CONFIG, SK_ERR_VERSION, SK_ERR_SIZE: the configuration; SK_ERR_BUSY, SK_ERR_IO,
 *         SK_ERR_NO_MEMORY: later perhaps
 */
sk_err sk_host_new(const sk_host_config *config, sk_host **out);
/** Takes the host out of the loop; whatever is underway is let go. */
void sk_host_close(sk_host *host);
/** NULL is legal. */
void sk_host_free(sk_host *host);

/** Finish what is underway, then be over. */
void sk_host_stop(sk_host *host);
/** The same, but give the team's partitions to other instances first. */
void sk_host_drain(sk_host *host);
/** The new edition holds from now on; it must have the team. */
void sk_host_edition(sk_host *host, sk_edition *edition);
/** Writes a small file into the state directory; SK_NONE takes it away. */
void sk_host_publish(sk_host *host, const char *suffix, sk_slice text);

/** How a host is. */
typedef struct sk_host_status {
        sk_slice team;
        sk_log_stage stage;
        bool is_ready;
        const char *not_ready_why; /**< "" when ready */
        sk_driver_numbers driver;
        sk_log_numbers log;
        sk_outlet_numbers outlet;
} sk_host_status;
/** Looks how the host is; what it points to is borrowed until the next turn. */
void sk_host_status_of(const sk_host *host, sk_host_status *out);
/** See sk_log_crash_fd. */
int sk_host_crash_fd(const sk_host *host);
/** Exit code of a host that is over, and why; static text. */
int sk_host_exit_code(const sk_host *host);
/** Why the link ended, as a sentence; "" if there is nothing to say. Good until the host is freed. */
const char *sk_host_exit_why(const sk_host *host);

#endif
