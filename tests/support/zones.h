#ifndef TESTS_SUPPORT_ZONES_H
#define TESTS_SUPPORT_ZONES_H

#include "kit/slice.h"
#include "kit/zone.h"

/* Where Debian's tzdata keeps them. */
#define ZONE_FOLDER "/usr/share/zoneinfo"

/** The file of a zone; fails the test if there is none. New: free with zone_bytes_free. */
sk_slice zone_bytes(const char *name);
void zone_bytes_free(sk_slice bytes);
/** The zone; fails the test if it cannot be read. New: free with sk_zone_free. */
sk_zone *zone_load(const char *name);

#endif
