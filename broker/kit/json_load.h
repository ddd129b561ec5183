#ifndef SK_KIT_JSON_LOAD_H
#define SK_KIT_JSON_LOAD_H

#include <jansson.h>

#include "kit/err.h"
#include "kit/json_scan.h"
#include "kit/slice.h"

/** Makes jansson take its memory from sk_alloc. Call it at start, before any other use of jansson. */
void sk_json_load_prepare(void);

/**
 * Reads one JSON value into a tree, after sk_json_check.
 *
 * @param out        new: release with json_decref; untouched on failure
 * @param out_place  where the error stands; may be NULL
 * @return SK_OK; what sk_json_check says; SK_ERR_RANGE for a number that does not fit, or U+0000 in a text or name;
 *         SK_ERR_NO_MEMORY
 */
sk_err sk_json_load(sk_slice text, unsigned max_depth, json_t **out, sk_place *out_place);

#endif
