#ifndef SK_TESTS_MEMBERS_H
#define SK_TESTS_MEMBERS_H

#include <stdbool.h>

#include "event/message.h"
#include "kit/slice.h"

/*
 * Schemas close no object, so that a later version may add members. What this version itself writes they do name, every
 * member of it: nobody could write another implementation otherwise.
 */

enum { MEMBER_PATH_MAX = 256 };

/**
 * Whether the schema of the message names all members of the data, also those in objects that it describes.
 *
 * @param value  JSON that has been checked
 * @param out    pointer of the first one that it does not name
 */
bool test_members_are_named(sk_message type, sk_slice value, char out[MEMBER_PATH_MAX]);

#endif
