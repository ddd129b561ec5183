#ifndef SK_LINK_JOURNAL_H
#define SK_LINK_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/buf.h"
#include "kit/err.h"
#include "kit/hash.h"
#include "kit/id.h"
#include "kit/slice.h"

/*
 * Records of the journal. Each value is
 *
 *   offset  size
 *        0     2  'S' 'K'
 *        2     1  kind (sk_journal_kind)
 *        3     1  format (SK_JOURNAL_FORMAT)
 *        4     4  CRC-32C of everything from offset 8 on, exclusive-or CRC-32C of the key
 *        8     …  the kind's own layout, little-endian
 *
 * Keys: `<customer>/<callid>` head or stub, the same + `#d` data, `ask/<id>` and `ask/<id>#d` for a call that this
 * team raised without an owner, `mark` and `mark/<topic>`, `schedule/<name>`, `durations/<routine>/<activity>`,
 * `resync/<provider>`. A tombstone takes the key away. `barrier` only ever has tombstones: where one lies the journal
 * ended when a restore began (rule R2b).
 */

#define SK_JOURNAL_BARRIER "barrier"

#define SK_JOURNAL_FORMAT 1

typedef enum sk_journal_kind {
        SK_JOURNAL_HEAD = 1,      /**< link/call.h */
        SK_JOURNAL_DATA = 2,      /**< link/data.h */
        SK_JOURNAL_STUB = 3,      /**< sk_stub */
        SK_JOURNAL_MARK = 4,      /**< sk_mark */
        SK_JOURNAL_OFFSET = 5,    /**< u64 next offset of the topic that the key names */
        SK_JOURNAL_SCHEDULE = 6,  /**< i64 the last instant of the schedule that was done */
        SK_JOURNAL_DURATIONS = 7, /**< link/durations.h */
        SK_JOURNAL_RESYNC = 8,    /**< sk_resync_order */
} sk_journal_kind;

/** Wraps @p payload for the journal. */
void sk_journal_wrap(sk_journal_kind kind, sk_slice key, sk_slice payload, sk_buf *out);
/** Checks magic, format and checksum; SK_ERR_TRUNCATED, SK_ERR_SYNTAX, SK_ERR_VERSION or SK_ERR_CHECKSUM. */
sk_err sk_journal_unwrap(sk_slice key, sk_slice value, sk_journal_kind *out_kind, sk_slice *out_payload);

typedef enum sk_journal_place {
        SK_KEY_CALL,
        SK_KEY_CALL_DATA,
        SK_KEY_ASK,
        SK_KEY_ASK_DATA,
        SK_KEY_MARK,
        SK_KEY_OFFSET,
        SK_KEY_SCHEDULE,
        SK_KEY_DURATIONS,
        SK_KEY_RESYNC,
        SK_KEY_BARRIER
} sk_journal_place;

/**
 * Takes a key apart: the customer (calls), the id (calls, asks), the topic (offsets), the schedule's name, the provider
 * (resync), or the routine and activity of durations (sk_duration_key_parse).
 */
sk_err sk_journal_key_parse(sk_slice key, sk_journal_place *out_place, sk_slice *out_name, sk_id *out_id);
/** Writes the key of a call's (customer given) or an ask's (SK_NONE) head or data. */
void sk_journal_key_write(sk_slice customer, const sk_id *id, bool is_data, sk_buf *out);

/** What `mark` holds (rule T3). */
typedef struct sk_mark {
        int64_t now_us;
        sk_digest edition;
        uint16_t format;
        sk_slice tzdata; /**< version of the time zones; "": no calendar has one */
} sk_mark;

/** Appends the encoded mark. */
void sk_mark_encode(const sk_mark *mark, sk_buf *out);
/** @return SK_OK, SK_ERR_VERSION, SK_ERR_SYNTAX */
sk_err sk_mark_decode(sk_slice payload, sk_mark *out);

/** What `resync/<provider>` holds: a `work.resync` that was taken and is not through yet. */
typedef struct sk_resync_order {
        sk_id callid;   /**< the record's key, which its outcome has as well */
        sk_slice work;  /**< its ce_id */
        sk_slice actor; /**< who asked for it; "" */
} sk_resync_order;

#define SK_RESYNC_TEXT_MAX 100 /**< of the id, and of the actor */

/** Appends the encoded order. */
void sk_resync_order_encode(const sk_resync_order *order, sk_buf *out);
/** @return SK_OK, SK_ERR_TRUNCATED, SK_ERR_RANGE */
sk_err sk_resync_order_decode(sk_slice payload, sk_resync_order *out);

#define SK_STUB_FEEDBACK_MAX 1024
#define SK_STUB_ASK_BYTES 20
#define SK_STUB_WORK_BYTES 9

/** What is left of a closed call (rule C2). */
typedef struct sk_stub {
        sk_slice customer; /**< SK_NONE for an ask without owner */
        sk_id id;
        sk_id replykey;
        uint32_t in_seqno;  /**< the other side's last, applied */
        uint32_t out_seqno; /**< our last */
        sk_digest raise_digest;
        uint8_t outcome; /**< sk_outcome */
        sk_slice code;
        int64_t closed_us;
        int64_t expires_us; /**< closed + M */
        int64_t elapsed_us;
        int64_t stopped_us;
        int64_t due_us;    /**< 0: nothing was promised */
        int64_t margin_us; /**< how far from the promise, in its hours; negative: too late */
        sk_slice service_hours;
        sk_slice headers; /**< of the final feedback; SK_NONE when it was too large or there is none */
        sk_slice value;
        sk_digest feedback_digest;
        uint32_t feedback_size;
        sk_slice asks;  /**< of its asks: 16 bytes id and u32 last seqno each */
        sk_slice works; /**< of its last `work` records (rule O6): u64 tail of the id and u8 was done each */
} sk_stub;

/** Appends the encoded stub. */
void sk_stub_encode(const sk_stub *stub, sk_buf *out);
/** @return SK_OK, SK_ERR_VERSION, SK_ERR_SYNTAX */
sk_err sk_stub_decode(sk_slice payload, sk_stub *out);

#endif
