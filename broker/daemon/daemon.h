#ifndef SK_DAEMON_DAEMON_H
#define SK_DAEMON_DAEMON_H

#include "daemon/logger.h"
#include "daemon/options.h"

/** First word of the command line of the process that runs programs: the second names its folder, descriptor 3 is its
 * socket (how/runner.h). */
#define SK_RUNNER_WORD "--runner"
/** The same, with the path of a shared object: the process is that plug-in (how/plugin_host.h). */
#define SK_PLUGIN_WORD "--plugin-host"

/** Exit statuses of schakeld (rule T). */
#define SK_EXIT_STOPPED 0
#define SK_EXIT_USAGE 64
#define SK_EXIT_CONFIG 65
#define SK_EXIT_FENCED 70
#define SK_EXIT_AGAIN 75

/** Hosts the links that the options name until told to stop; returns the exit status. */
int sk_daemon_run(const sk_options *options, sk_logger *logger);
/** Says whether the chain directory is good and has the teams; returns the exit status. */
int sk_daemon_check(const sk_options *options, sk_logger *logger);

#endif
