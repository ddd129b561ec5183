#ifndef SK_CLI_ESCAPE_H
#define SK_CLI_ESCAPE_H

#include <stddef.h>

#include "kit/escape.h"
#include "kit/slice.h"

/* Text on a terminal: what it may hold is kit/escape.h, how much room it takes is here. */

/** Columns that @p text takes on a terminal (UTF-8; wide and combining characters are counted as such). */
size_t sk_text_columns(sk_slice text);

/** How many bytes of @p text fit into @p columns. */
size_t sk_text_fit(sk_slice text, size_t columns);

#endif
