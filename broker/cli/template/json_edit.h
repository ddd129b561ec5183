#ifndef SK_CLI_JSON_EDIT_H
#define SK_CLI_JSON_EDIT_H

#include "kit/buf.h"
#include "kit/err.h"
#include "kit/slice.h"

/*
 * Changes of a JSON file that people write by hand: one member is set or taken away, and every other byte stays as it is.
 * All texts have been checked (sk_json_check) and are at most SK_JSON_EDIT_DEPTH deep.
 */

#define SK_JSON_EDIT_DEPTH 32

/** Appends @p value on one line, with blanks as people write it. */
void sk_json_flat(sk_slice value, sk_buf *out);

/**
 * Appends @p value as people write it: on one line where it fits into 110 columns, else a member or item on each.
 *
 * @param indent  blanks in front of the line that it begins on
 * @param used    columns that are taken on that line
 */
void sk_json_pretty(sk_slice value, unsigned indent, size_t used, sk_buf *out);

/** One change. */
typedef struct sk_json_edit {
        const char *const *path; /**< names of the objects on the way, from the outermost */
        unsigned depth;          /**< how many */
        const char *name;        /**< of the member */
        const char *after;       /**< a new member comes behind this one; "": first; NULL, or not there: last */
        sk_slice value;          /**< JSON; SK_NONE takes the member away */
} sk_json_edit;

/**
 * Appends @p text with the change made. A member that is to be taken away and is not there is no change.
 *
 * @return SK_OK; SK_ERR_NOT_FOUND (the way leads to no object); what stuck in @p out
 */
sk_err sk_json_edit_apply(sk_slice text, const sk_json_edit *edit, sk_buf *out);

#endif
