#ifndef SK_EVENT_TRACE_H
#define SK_EVENT_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/id.h"
#include "kit/slice.h"

/*
 * W3C trace context, version 00, derived and not drawn: the same call makes the same spans after every restart.
 * The trace is the chain, so a whole chain of calls shows as one trace in whatever tool reads it.
 */

#define SK_TRACE_TEXT 55 /**< 00-<32 hexadecimal>-<16 hexadecimal>-01 */

/**
 * This hop's `traceparent`, without a zero byte: the trace id is the root call's id, the span id 8 bytes of
 * BLAKE2b over the call's id and the hop. The chain's start (`ce_traceparent`) is that of the root itself, hop 0.
 *
 * @param root  id of the call that started the chain; not all zero
 * @param call  the call that this hop works on
 * @param hops  how many links it is away from the root
 */
void sk_trace_write(const sk_id *root, const sk_id *call, uint16_t hops, char out[SK_TRACE_TEXT]);

/** Whether @p text is a traceparent of version 00 with ids that are not zero. */
bool sk_trace_check(sk_slice text);

#endif
