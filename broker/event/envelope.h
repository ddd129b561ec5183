#ifndef SK_EVENT_ENVELOPE_H
#define SK_EVENT_ENVELOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "event/message.h"
#include "event/record.h"
#include "kit/err.h"
#include "kit/id.h"

/*
 * The CloudEvents attributes of a record in Kafka binary mode: headers `ce_…` and `content-type` (rule M).
 */

#define SK_HOPS_MAX 16
#define SK_JSON_DEPTH_MAX 32
#define SK_SCHEMA_VERSION "1.0" /**< ends ce_dataschema: `schakel:call.raise/1.0` */

/** Attributes; slices are borrowed; SK_NONE for what is not there. */
typedef struct sk_envelope {
        sk_message type; /**< SK_MESSAGES when not known */
        sk_slice type_text;
        sk_slice id;
        sk_slice source;      /**< `/<chain>/<team>` */
        sk_slice source_team; /**< last part of it */
        int64_t time_us;
        sk_id callid;
        bool has_callid;
        sk_id replykey;
        bool has_replykey;
        sk_slice rootid; /**< id of the call that started the chain, as text */
        uint32_t seqno;  /**< 0 when not there (only `refused` may be 0) */
        uint16_t hops;
        sk_slice agreement; /**< digest in hexadecimal */
        sk_slice actor;
        sk_slice traceparent;
        sk_slice chain_traceparent;
} sk_envelope;

/** Why a record cannot be used: the reason names a dead letter's header, the text is for people. */
typedef struct sk_reject {
        const char *reason; /**< "bad-envelope", "bad-data", "misrouted", "wrong-source", ...; static */
        char text[160];
} sk_reject;

/**
 * Reads and checks the attributes of a record on calls, feedback or work: required ones there, ids well-formed, time
 * readable, seqno a number, hops in bounds, content type JSON, value within SK_VALUE_MAX and valid JSON of bounded
 * depth. Unknown attributes are ignored. Also checks key, partition (of @p partitions) and that ce_source names the
 * team that writes the topic (`wrong-source`, `misrouted`).
 *
 * @return SK_OK; an SK_CLASS_INPUT error with *out_reject filled; SK_ERR_NO_MEMORY; *out is undefined but with SK_OK
 */
sk_err sk_envelope_decode(const sk_record *record, sk_slice chain, int32_t partitions, sk_envelope *out,
                          sk_reject *out_reject);

/** Appends the attributes as headers, in a fixed order; absent ones are left out. Same values, same bytes. */
void sk_envelope_encode(const sk_envelope *envelope, sk_buf *headers);

#endif
