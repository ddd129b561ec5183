#ifndef SK_CLI_FORM_FOLLOW_H
#define SK_CLI_FORM_FOLLOW_H

#include <jansson.h>
#include <stdbool.h>

#include "kit/arena.h"
#include "kit/slice.h"

/*
 * A form and the files that it refers to, which it has with it: each stands in its `$defs` with its own `$id`.
 */

/** Whether a form, or what stands in it, says that the member must be there. */
bool sk_form_requires(const json_t *form, const char *name);

/** A schema, and the form or file that it stands in, from which its references lead. */
typedef struct sk_form_place {
        const json_t *file;
        const json_t *schema;
} sk_form_place;

/**
 * The schema with what its `$ref` leads to, and that one's, and so on; what stands beside a `$ref` goes before. Other
 * keywords than `$ref` are left as they are, and so is a `$ref` that leads nowhere.
 *
 * @param form  as a task has it
 * @param at    where to begin; afterwards where what was found last stands
 * @return new; NULL: without memory, or the schema is no object
 */
json_t *sk_form_followed(const json_t *form, sk_form_place *at);

/**
 * The form with what it refers to in its place, as far as members go, and members of members: to be shown. An answer is held
 * against the form itself.
 *
 * @return new; NULL: without memory, or the form is no object
 */
json_t *sk_form_flat(const json_t *form);
/** The same of a text, in the arena; as it is, where that cannot be. */
sk_slice sk_form_flat_text(sk_slice form, sk_arena *arena);

#endif
