#ifndef SK_KIT_SCHEMA_INSIDE_H
#define SK_KIT_SCHEMA_INSIDE_H

#include <stddef.h>

#include "kit/schema.h"

/* What the two files of schemas share. */

/** Appends a name to a JSON Pointer, as far as there is room. @return its length before */
size_t sk_schema_enter(char *pointer, size_t size, const char *name);
/** Whether the value is of a type of JSON Schema; any other name counts as null. */
bool sk_schema_is_type(const json_t *value, const char *type);
/** The part of the schema that `#/...` means; NULL if it means nothing in it. */
const json_t *sk_schema_refer(const json_t *root, const char *reference);

#endif
