#ifndef SK_DAEMON_PLUGIN_CHECK_H
#define SK_DAEMON_PLUGIN_CHECK_H

#include <stdbool.h>

#include "daemon/logger.h"
#include "usm/edition.h"

/**
 * Whether every plug-in that the team's routines name is in the folder, and takes its configuration; what is wrong is logged.
 * Loads them into this process: for one that ends when it has looked.
 *
 * @param team_dir  what files of a configuration are relative to
 */
bool sk_plugin_check(const sk_team *team, const char *folder, const char *team_dir, sk_logger *logger);

#endif
