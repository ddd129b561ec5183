#ifndef SK_DAEMON_PLUGIN_HELP_H
#define SK_DAEMON_PLUGIN_HELP_H

#include <stdbool.h>

/** Prints what a plug-in of the folder says of itself; false: stderr says why not. */
bool sk_plugin_help(const char *folder, const char *name);

#endif
