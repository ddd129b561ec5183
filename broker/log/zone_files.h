#ifndef SK_LOG_ZONE_FILES_H
#define SK_LOG_ZONE_FILES_H

#include "usm/edition.h"

/**
 * The time zones of this machine, as the package tzdata installs them: below $TZDIR, else /usr/share/zoneinfo. Reading
 * blocks as long as the disk does. Static; the version is read once, by whichever thread comes first.
 */
const sk_zones *sk_zone_files(void);

#endif
