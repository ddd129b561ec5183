#ifndef SK_USM_FORM_H
#define SK_USM_FORM_H

#include "usm/check.h"

/* Forms of tasks while an edition is built: JSON Schemas, which may refer to files in folders named `forms`. */

/**
 * Reads a form, says what is wrong with it, and keeps it compiled in the edition.
 *
 * @return the form as JSON with all that it refers to within itself; SK_NONE: it is wrong, and that was said
 */
sk_slice sk_form_read(sk_check *check, const sk_spot *spot);

/** Says what in a form that is a good JSON Schema leaves nobody anything to enter. */
void sk_form_check_sense(sk_check *check, const sk_spot *form);

/** What the build needs only; NULL is legal. */
void sk_forms_end(sk_check *check);
/** The compiled forms of an edition. */
void sk_forms_free(sk_edition *edition);

#endif
