#ifndef SK_CLI_FORM_FIT_H
#define SK_CLI_FORM_FIT_H

#include <jansson.h>
#include <stdbool.h>

#include "kit/schema.h"

/* Forms held against trees of JSON, as the command line has them while it asks. */

/**
 * Whether the object fits the form.
 *
 * @param object  has the members that the link understands without any form taken as they are; members that lack get their
 *                defaults when it fits
 * @param fault   filled when it does not; text "no memory is left" if that is why
 */
bool sk_form_takes(const json_t *form, json_t *object, sk_schema_fault *fault);

/** Whether the value fits a schema that stands in the form, and may refer to what else the form says. */
bool sk_form_takes_value(const json_t *form, const json_t *schema, const json_t *value, sk_schema_fault *fault);

#endif
