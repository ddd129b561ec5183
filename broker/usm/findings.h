#ifndef SK_USM_FINDINGS_H
#define SK_USM_FINDINGS_H

#include "usm/edition.h"

/* Writing side of findings; reading is in usm/edition.h. */

/** Most findings that are kept; what comes after them is counted as one more. */
#define SK_FINDINGS_MAX 1000

/** Adds a copy of @p finding (texts too; `code` stays borrowed). @return SK_OK, SK_ERR_NO_MEMORY */
sk_err sk_findings_add(sk_findings *findings, const sk_finding *finding);

/** Whether the bound is reached, so that looking for places is no longer worth its time. */
bool sk_findings_is_full(const sk_findings *findings);

/** Puts them in order of file, line, column, pointer, code, and drops what is said twice. */
void sk_findings_sort(sk_findings *findings);

#endif
