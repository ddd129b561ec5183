#ifndef SK_EVENT_CONTRACT_H
#define SK_EVENT_CONTRACT_H

#include "event/message.h"
#include "kit/err.h"
#include "kit/schema.h"
#include "kit/slice.h"

/*
 * The contract of the messages: the schemas of schemas/messages, which the library carries, compiled. Nothing changes in
 * it after it is made, so that any number of drivers and threads can share one.
 */
typedef struct sk_contract sk_contract;

/** New: free with sk_contract_free; NULL without memory. */
sk_contract *sk_contract_new(void);
/** NULL is legal. */
void sk_contract_free(sk_contract *contract);

/**
 * Whether data fits the schema of its message. What a later minor version has added is let pass: no schema closes its
 * objects.
 *
 * @param type   one that this version knows
 * @param value  JSON that sk_json_check has accepted
 * @param fault  filled when it does not fit; may be NULL
 * @return SK_OK; SK_ERR_CONFLICT: it does not fit; SK_ERR_SIZE, SK_ERR_DEPTH: too much work to tell
 */
sk_err sk_contract_check(const sk_contract *contract, sk_schema_run *run, sk_message type, sk_slice value,
                         sk_schema_fault *fault);

/** The text of a schema by its `$id`; SK_NONE: there is none. Static. */
sk_slice sk_contract_text(sk_slice id);
/** The `$id` of the schema of a message's data; static. */
sk_slice sk_contract_id(sk_message type);

#endif
