#ifndef SK_KIT_SCHEMA_H
#define SK_KIT_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>

#include "kit/err.h"
#include "kit/form.h"

/*
 * JSON Schema 2020-12, as far as forms need it: type, enum, const, bounds of numbers, texts, lists and objects,
 * properties, items, prefixItems, allOf, anyOf, oneOf, not, if, dependentRequired, and $ref within the schema. The
 * formats "date" and "date-time" are checked. What cannot be checked (pattern, patternProperties, other references) is
 * said by sk_schema_is_sound, and passes.
 */

#define SK_SCHEMA_DEPTH_MAX 64 /**< of schemas inside each other, by reference too */

/**
 * Checks the schema itself: that its words have values that they can have, and that its defaults fit.
 *
 * @return whether nothing is wrong and everything will be looked at; else @p out says the first that is not so
 */
bool sk_schema_is_sound(const json_t *schema, sk_form_fault *out);

/** Whether @p value fits; else @p out says the first thing that does not. */
bool sk_schema_fits(const json_t *schema, const json_t *value, sk_form_fault *out);

/** The same of an object, without those of its members that @p passed (ends with NULL) names and the schema does not. */
bool sk_schema_fits_but(const json_t *schema, const json_t *value, const char *const *passed, sk_form_fault *out);

/**
 * Gives objects the members that they lack and that have a default.
 *
 * @param value      changed in place
 * @param out_count  is raised by how many were given
 * @return SK_OK or SK_ERR_NO_MEMORY
 */
sk_err sk_schema_fill(const json_t *schema, json_t *value, size_t *out_count);

#endif
