#ifndef SK_LOG_LOCAL_READER_H
#define SK_LOG_LOCAL_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/err.h"
#include "link/driver.h"
#include "log/local.h"
#include "log/local_proof.h"

/*
 * The reading side of a local log for one driver, on the loop's thread with a connection of its own: restores the
 * journal, fetches inbound records, reads stubs back; a bounded amount at a time.
 */

typedef struct sk_local_reader sk_local_reader;

/** Opens the connection; see sk_local_new. Free with sk_local_reader_free. */
sk_err sk_local_reader_new(const sk_local_config *config, char why[SK_LOG_TEXT_MAX], sk_local_reader **out);
/** NULL is legal. */
void sk_local_reader_free(sk_local_reader *reader);

/** From where it is known who wrote a `work` record; borrowed, NULL: from nowhere. */
void sk_local_reader_proofs(sk_local_reader *reader, const sk_local_proofs *proofs);
/** Forgets all positions and a restore that is underway: the team is no longer ours. */
void sk_local_reader_reset(sk_local_reader *reader);
/** Begins a restore (rule R2c): to the end that the journal has now. */
void sk_local_reader_restore(sk_local_reader *reader);
/** Does some of it, and tells the driver at its end; true when there is more to do at once. */
bool sk_local_reader_restore_some(sk_local_reader *reader, int64_t now_us);
/** From where an inbound topic is to be read; SK_ERR_NO_MEMORY. */
sk_err sk_local_reader_place(sk_local_reader *reader, const sk_position *position);
/**
 * Gives the driver records from all topics in turn, as long as it wants them, some hundreds at most.
 *
 * @param out_has_more  there may be more, now or when the driver has room again
 * @return true when it is worth coming back at once
 */
bool sk_local_reader_fetch(sk_local_reader *reader, bool *out_has_more);
/** Reads the latest value of a key of the journal and gives it to the driver (SK_DO_READ_STUB). */
void sk_local_reader_stub(sk_local_reader *reader, sk_slice key, int64_t now_us);
/** Whether anybody has committed since the last question. */
bool sk_local_reader_has_changed(sk_local_reader *reader);
/** Records given to the driver so far. */
uint64_t sk_local_reader_count(const sk_local_reader *reader);

#endif
