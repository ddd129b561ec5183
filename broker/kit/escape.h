#ifndef SK_KIT_ESCAPE_H
#define SK_KIT_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/buf.h"
#include "kit/slice.h"

/*
 * What nobody trusts, made fit for a terminal: control characters (C0, DEL, C1), line and paragraph separators and
 * characters that turn the writing direction become `\n`, `\t`, `\x1b`, `\u202e`; bytes that are not UTF-8 become
 * `\xff`; a backslash stays as it is.
 */

/** Appends @p text on one line. */
void sk_escape(sk_buf *out, sk_slice text);

/** The same but keeps line feeds; for messages made of several lines. */
void sk_escape_lines(sk_buf *out, sk_slice text);

/** Checked JSON; what a terminal could obey inside its strings becomes \u00XX, so that it stays the same JSON. */
void sk_escape_json(sk_buf *out, sk_slice json);

/** Reads the character at *position, which is inside, and steps over it; false (one byte is stepped over) if it is not
 * UTF-8. */
bool sk_escape_next(sk_slice text, size_t *position, uint32_t *out);

#endif
