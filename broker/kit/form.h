#ifndef SK_KIT_FORM_H
#define SK_KIT_FORM_H

#include "kit/buf.h"
#include "kit/err.h"
#include "kit/schema.h"
#include "kit/slice.h"

/* Forms: what a person enters, against a JSON Schema whose formats are asserted and whose defaults are filled in. */

/**
 * Compiles a form: a JSON Schema that refers to nothing but itself.
 *
 * @param text   borrowed for the call
 * @param run    scratch
 * @param out    new: free with sk_schema_free
 * @param fault  filled on failure; its places begin with `form:#`
 * @return what sk_schema_compile says; SK_ERR_CONFLICT: a default does not fit where it stands
 */
sk_err sk_form_compile(sk_slice text, sk_schema_run *run, sk_schema **out, sk_schema_fault *fault);

/**
 * Checks what was entered; members that lack get their defaults.
 *
 * @param form     as sk_form_compile gives it
 * @param entered  an object; SK_NONE: nothing was entered
 * @param passed   members that may be there although the form does not name them; ends with NULL
 * @param out      empty; gets the whole when defaults were given; else nothing: what was entered stands
 * @param fault    filled when it does not fit
 * @return SK_OK; SK_ERR_CONFLICT: it does not fit, or is no JSON object; SK_ERR_SIZE, SK_ERR_DEPTH: too much work to
 *         tell; SK_ERR_NO_MEMORY, SK_ERR_FULL: of @p out
 */
sk_err sk_form_fit(const sk_schema *form, sk_schema_run *run, sk_slice entered, const char *const *passed, sk_buf *out,
                   sk_schema_fault *fault);

/** JSON Pointer of a fault of sk_form_compile: where in the form it is. Points into the fault. */
const char *sk_form_fault_place(const sk_schema_fault *fault);

#endif
