#ifndef SK_KIT_FORM_H
#define SK_KIT_FORM_H

#include <stdbool.h>

#include "kit/buf.h"
#include "kit/err.h"
#include "kit/slice.h"

/* Forms: what is entered as JSON, against a JSON Schema, both as text. */

/** What is wrong, and where. */
typedef struct sk_form_fault {
        char pointer[200]; /**< JSON Pointer of the value; cut off when longer; "" for the whole */
        char text[200];    /**< one sentence without an end: `must be one of "glass", "rim"` */
        bool is_unchecked; /**< only of a schema itself: nothing is wrong, but this is not looked at */
} sk_form_fault;

/**
 * Checks what was entered; members that lack get their defaults.
 *
 * @param form     JSON Schema; has been checked
 * @param entered  an object; SK_NONE: nothing was entered
 * @param passed   members that may be there although the form does not name them; ends with NULL
 * @param out      gets the whole when defaults were given; else nothing: what was entered stands
 * @param fault    SK_ERR_CONFLICT: what does not fit
 * @return SK_OK; SK_ERR_CONFLICT; SK_ERR_NO_MEMORY
 */
sk_err sk_form_fit(sk_slice form, sk_slice entered, const char *const *passed, sk_buf *out, sk_form_fault *fault);

#endif
