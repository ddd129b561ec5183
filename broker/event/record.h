#ifndef SK_EVENT_RECORD_H
#define SK_EVENT_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/buf.h"
#include "kit/slice.h"

/*
 * A record as it lies on a topic, and its headers. Headers are one run of bytes: for each a u8 length and the
 * name, a u32 little-endian length and the value. At most 64, names of at most 255 bytes.
 */

#define SK_HEADERS_MAX 64
#define SK_VALUE_MAX (256u * 1024u) /**< rule B */

/** What a topic is for; names are in rule K. */
typedef enum sk_topic_kind {
        SK_TOPIC_CALLS,    /**< `<chain>.<provider>.calls.<customer>` */
        SK_TOPIC_FEEDBACK, /**< `<chain>.<customer>.feedback.<provider>` */
        SK_TOPIC_WORK,
        SK_TOPIC_JOURNAL,
        SK_TOPIC_EVENTS,
        SK_TOPIC_ARCHIVE,
        SK_TOPIC_DEADLETTER,
        SK_TOPIC_KINDS,
} sk_topic_kind;

/** A topic as one team sees it. Interned: two are the same topic exactly when the pointers are equal. */
typedef struct sk_topic {
        sk_slice name; /**< whole: "ssc.network.calls.service-centre" */
        sk_topic_kind kind;
        bool is_inbound; /**< the team reads it as input: calls of its customers, feedback of its providers, its work */
        sk_slice owner;  /**< team whose name the topic begins with */
        sk_slice peer;   /**< last part of the name on calls and feedback, else SK_NONE */
} sk_topic;

/** A record read from, or to be written to, a topic. All bytes are borrowed. */
typedef struct sk_record {
        const sk_topic *topic;
        int32_t partition;
        int64_t offset;       /**< where it was read; -1 for one that is to be written */
        int64_t timestamp_us; /**< record timestamp; the log sets it when it is written */
        sk_slice key;
        sk_slice headers;
        sk_slice value;  /**< SK_NONE is a tombstone */
        sk_slice proven; /**< on work: login of who wrote it, where the log has proof of that; else SK_NONE */
} sk_record;

/** Appends one header. */
void sk_headers_add(sk_buf *buf, const char *name, sk_slice value);

/** Checks the whole run: lengths, at most SK_HEADERS_MAX. */
bool sk_headers_check(sk_slice headers);

/** The value of the first header with that name; SK_NONE if there is none. The run must have been checked. */
sk_slice sk_headers_find(sk_slice headers, const char *name);

/** Walks: start with *position 0; false at the end or at a malformed rest. */
bool sk_headers_next(sk_slice headers, size_t *position, sk_slice *out_name, sk_slice *out_value);

#endif
