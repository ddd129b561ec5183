/* Trees by jansson, for configuration: what passes here is checked, and all its memory comes from sk_alloc. */

#include "kit/json_load.h"

#include <assert.h>

#include "kit/alloc.h"

void sk_json_load_prepare(void) {
        json_set_alloc_funcs(sk_alloc, sk_free);
}

/* What can still go wrong after sk_json_check. */
static sk_err err_of(const json_error_t *error) {
        switch (json_error_code(error)) {
        case json_error_numeric_overflow:
        case json_error_null_character:
        case json_error_null_byte_in_key:
                return SK_ERR_RANGE;
        default:
                return SK_ERR_NO_MEMORY;
        }
}

sk_err sk_json_load(sk_slice text, unsigned max_depth, json_t **out, sk_place *out_place) {
        sk_err err = sk_json_check(text, max_depth, out_place);
        json_error_t error;
        json_t *tree;

        if (err != SK_OK)
                return err;
        tree = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
        if (tree == NULL) {
                if (out_place != NULL)
                        *out_place = sk_place_of(text, error.position < 0 ? 0 : (size_t)error.position);
                return err_of(&error);
        }
        *out = tree;
        return SK_OK;
}
