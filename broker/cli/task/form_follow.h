#ifndef SK_CLI_FORM_FOLLOW_H
#define SK_CLI_FORM_FOLLOW_H

#include <jansson.h>
#include <stdbool.h>

#include "kit/arena.h"
#include "kit/slice.h"

/*
 * A form and the files that it refers to, which it has with it: each stands in its `$defs` with its own `$id`.
 */

/** Whether this form, by its own `required`, says that the member must be there. */
bool sk_form_requires(const json_t *form, const char *name);

#define SK_FORM_POINTER_MAX 256

/** A schema, and where it stands. */
typedef struct sk_form_place {
        const json_t *file;                /**< the form, or a file that came with it: from here its references lead */
        const json_t *schema;              /**< in the file; what is no object has no members */
        char pointer[SK_FORM_POINTER_MAX]; /**< to the schema: a JSON Pointer */
} sk_form_place;

/**
 * The schema as one: with its `allOf`, and what its `$ref` leads to, and theirs. Where several say the same keyword the
 * schema itself goes before, then the order in which they stand. A `$ref` that leads nowhere is left as it is.
 *
 * @param form  as a task has it
 * @return new; NULL: without memory, or the schema is no object
 */
json_t *sk_form_whole(const json_t *form, const sk_form_place *at);

/** Called for a member; false: no more. */
typedef bool sk_form_visit(void *self, const char *name, const sk_form_place *member);

/**
 * Visits each member once that the schema has properties for, its own first, then those of its `allOf` and of what its
 * `$ref` leads to. False: the visitor has ended it, or there is no memory.
 */
bool sk_form_members(const json_t *form, const sk_form_place *at, sk_form_visit *visit, void *self);

/**
 * The form with all members that it, its `allOf` and what it refers to have, each as a whole, and so their members: to be
 * shown. An answer is held against the form itself.
 *
 * @return new; NULL: without memory, or the form is no object
 */
json_t *sk_form_flat(const json_t *form);
/** The same of a text, in the arena; as it is, where that cannot be. */
sk_slice sk_form_flat_text(sk_slice form, sk_arena *arena);

#endif
