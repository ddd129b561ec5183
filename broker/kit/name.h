#ifndef SK_KIT_NAME_H
#define SK_KIT_NAME_H

#include <stdbool.h>

#include "kit/slice.h"

/*
 * Names of chains, teams, facilities, persons and the like: `[a-z][a-z0-9-]{0,39}`. They become parts of topics and keys,
 * so that no other character may slip in (rule I).
 */

#define SK_NAME_MAX 40

/** Whether it is such a name. */
bool sk_name_is_good(sk_slice name);

#endif
