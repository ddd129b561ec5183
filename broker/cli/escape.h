#ifndef SK_CLI_ESCAPE_H
#define SK_CLI_ESCAPE_H

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

/** Columns that @p text takes on a terminal (UTF-8; wide and combining characters are counted as such). */
size_t sk_text_columns(sk_slice text);

/** How many bytes of @p text fit into @p columns. */
size_t sk_text_fit(sk_slice text, size_t columns);

#endif
