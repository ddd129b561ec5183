#ifndef SK_EVENT_CONTRACT_INSIDE_H
#define SK_EVENT_CONTRACT_INSIDE_H

#include "kit/schema.h"

/* What the build makes of schemas/messages; only contract.c and that file include this. */

/** The schemas of all messages and what they refer to, each under its `$id`. */
extern const sk_schema_text sk_contract_texts[];
/** How many there are. */
extern const size_t sk_contract_text_count;

#endif
