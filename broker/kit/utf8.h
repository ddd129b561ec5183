#ifndef SK_KIT_UTF8_H
#define SK_KIT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/slice.h"

/**
 * How many of the @p left bytes at @p at, from the first on, are plain inside a JSON string: ASCII, no control
 * character, no quote, no backslash.
 */
size_t sk_utf8_plain_run(const char *at, size_t left);

/** Length of the UTF-8 sequence at @p at, 1 to 4; 0 if there is no valid one in the @p left bytes. */
size_t sk_utf8_length(const char *at, size_t left);

/** Whether all of @p text is UTF-8. */
bool sk_utf8_is_valid(sk_slice text);

/** Writes @p code, a Unicode scalar value, to @p out; gives its length, 1 to 4. */
size_t sk_utf8_write(uint32_t code, char out[4]);

#endif
