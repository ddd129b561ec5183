#ifndef SK_CLI_DOT_H
#define SK_CLI_DOT_H

#include "kit/buf.h"
#include "kit/slice.h"

/** Appends @p text as a quoted string of the language of `dot`: quotes and backslashes escaped, on one line. */
void sk_dot_text(sk_buf *out, sk_slice text);

#endif
