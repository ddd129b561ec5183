#ifndef SK_LOG_LOCAL_PROOF_H
#define SK_LOG_LOCAL_PROOF_H

#include <stdbool.h>
#include <stddef.h>

#include "kit/slice.h"

/*
 * Who wrote a `work` record: before a tool writes one it tells the team's socket the record's id, and the kernel says
 * under which user (SO_PASSCRED). Whoever forges a record cannot have its id told by somebody else. One thread.
 */

#define SK_LOCAL_LOGIN_MAX 64
#define SK_LOCAL_ID_MAX 36 /**< of a record: a UUID as text */

typedef struct sk_local_proofs sk_local_proofs;

/** The newest 4096 announcements; NULL without memory. Free with sk_local_proofs_free. */
sk_local_proofs *sk_local_proofs_new(void);
/** NULL is legal. */
void sk_local_proofs_free(sk_local_proofs *proofs);

/**
 * Takes what came on a socket made by sk_local_dir_bind, at most @p max datagrams.
 *
 * @param proofs  NULL: it is only taken
 * @return whether anything came
 */
bool sk_local_proofs_receive(sk_local_proofs *proofs, int fd, int max);

/** Login of who announced the record with that id; SK_NONE if nobody did. Good until the next receive. */
sk_slice sk_local_proofs_login(const sk_local_proofs *proofs, sk_slice id);

#endif
