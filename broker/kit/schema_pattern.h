#ifndef SK_KIT_SCHEMA_PATTERN_H
#define SK_KIT_SCHEMA_PATTERN_H

#include "kit/err.h"
#include "kit/slice.h"

/* Regular expressions of JSON Schema, on PCRE2. The only file of this layer that knows it. */

typedef struct sk_pattern sk_pattern;
/** Scratch memory of one thread for any patterns. */
typedef struct sk_pattern_run sk_pattern_run;

/**
 * @param out  new: free with sk_pattern_free
 * @return SK_OK; SK_ERR_SYNTAX: no regular expression; SK_ERR_NO_MEMORY
 */
sk_err sk_pattern_compile(sk_slice expression, sk_pattern **out);
/** NULL is legal. */
void sk_pattern_free(sk_pattern *pattern);
/** New: free with sk_pattern_run_free; NULL without memory. */
sk_pattern_run *sk_pattern_run_new(void);
/** NULL is legal. */
void sk_pattern_run_free(sk_pattern_run *run);

/** Whether it matches anywhere in @p text, which is UTF-8. @return SK_OK, SK_ERR_CONFLICT, or SK_ERR_SIZE: too much work */
sk_err sk_pattern_match(const sk_pattern *pattern, sk_pattern_run *run, sk_slice text);

#endif
