#ifndef SK_EVENT_STRUCTURED_H
#define SK_EVENT_STRUCTURED_H

#include <stdbool.h>

#include "event/envelope.h"
#include "event/record.h"
#include "kit/arena.h"
#include "kit/err.h"

/*
 * CloudEvents in structured mode: the content type is `application/cloudevents+json` and the value holds attributes and
 * data. Such a record is rewritten as the one in binary mode that says the same, and judged as that
 * (event/envelope.h). Links themselves write binary mode only.
 */

/** Whether the record's content type says structured mode. */
bool sk_structured_is(const sk_record *record);

/**
 * The record in binary mode: topic, place, key and `traceparent` header as they are, one `ce_` header for each
 * attribute that the protocol knows, the value of `data` as the value. Other headers named as those are passed over.
 * Whether what is there is right is for sk_envelope_decode to say.
 *
 * @param arena       gets the headers, and texts that have escapes in them
 * @param out         borrows from @p record and @p arena
 * @param out_reject  filled with an SK_CLASS_INPUT error
 * @return SK_OK; an SK_CLASS_INPUT error; SK_ERR_FULL or SK_ERR_NO_MEMORY of the arena
 */
sk_err sk_structured_unwrap(const sk_record *record, sk_arena *arena, sk_record *out, sk_reject *out_reject);

#endif
