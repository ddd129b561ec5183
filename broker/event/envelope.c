#include "event/envelope.h"

#include <assert.h>

#include "kit/when.h"

/*
 * Writing the attributes. The size is counted first, so that the buffer grows once; names come with their length
 * byte in front, as constants, and what is the same in every record is one run.
 */

#define TYPE_PREFIX "schakel."
#define SCHEMA_PREFIX "schakel:"
#define SCHEMA_SUFFIX "/" SK_SCHEMA_VERSION
#define UINT_DIGITS_MAX 10

/** A name with its length byte in front. */
struct head {
        const char *at;
        size_t len;
};

#define HEAD(length, name) ((struct head){length name, sizeof(name)})

/* ce_specversion and content-type: the same in every record. */
static const char common_run[] = "\x0e"
                                 "ce_specversion"
                                 "\x03\0\0\0"
                                 "1.0"
                                 "\x0c"
                                 "content-type"
                                 "\x10\0\0\0"
                                 "application/json";
#define COMMON_RUN ((struct head){common_run, sizeof(common_run) - 1})
#define TYPE_HEAD HEAD("\x07", "ce_type")
#define SCHEMA_HEAD HEAD("\x0d", "ce_dataschema")
#define ID_HEAD HEAD("\x05", "ce_id")
#define SOURCE_HEAD HEAD("\x09", "ce_source")
#define TIME_HEAD HEAD("\x07", "ce_time")
#define CALLID_HEAD HEAD("\x09", "ce_callid")
#define SEQNO_HEAD HEAD("\x08", "ce_seqno")
#define REPLYKEY_HEAD HEAD("\x0b", "ce_replykey")
#define ROOTID_HEAD HEAD("\x09", "ce_rootid")
#define HOPS_HEAD HEAD("\x07", "ce_hops")
#define AGREEMENT_HEAD HEAD("\x0c", "ce_agreement")
#define ACTOR_HEAD HEAD("\x08", "ce_actor")
#define TRACE_HEAD HEAD("\x0b", "traceparent")
#define CHAIN_TRACE_HEAD HEAD("\x0e", "ce_traceparent")

/** Decimal digits at the end of a small room. */
struct number {
        char digits[UINT_DIGITS_MAX];
        size_t len;
};

static struct number number_of(uint32_t value) {
        struct number number = {.len = 0};
        do {
                number.len++;
                number.digits[UINT_DIGITS_MAX - number.len] = (char)('0' + value % 10);
                value /= 10;
        } while (value != 0);
        assert(number.len <= UINT_DIGITS_MAX);
        return number;
}

static sk_slice number_slice(const struct number *number) {
        assert(number->len > 0);
        assert(number->len <= UINT_DIGITS_MAX);
        return (sk_slice){number->digits + UINT_DIGITS_MAX - number->len, number->len};
}

static char *put(char *at, const char *bytes, size_t len) {
        memcpy(at, bytes, len);
        return at + len;
}

static char *put_head(char *at, struct head head, size_t value_len) {
        at = put(at, head.at, head.len);
        at[0] = (char)(value_len & 0xff);
        at[1] = (char)(value_len >> 8 & 0xff);
        at[2] = (char)(value_len >> 16 & 0xff);
        at[3] = (char)(value_len >> 24 & 0xff);
        return at + 4;
}

/** One attribute that is to be written; an empty value is one that is not there. */
struct item {
        struct head head;
        sk_slice value;
};

#define ITEMS_MAX 12

struct items {
        struct item at[ITEMS_MAX];
        size_t count;
        size_t size;
};

static void items_add(struct items *items, struct head head, sk_slice value) {
        if (value.len == 0)
                return;
        assert(items->count < ITEMS_MAX);
        items->at[items->count++] = (struct item){head, value};
        items->size += head.len + 4 + value.len;
}

/** Texts of what an envelope keeps as values. */
struct texts {
        char callid[SK_ID_TEXT];
        char replykey[SK_ID_TEXT];
        char time[SK_WHEN_TEXT];
        struct number seqno;
        struct number hops;
};

static void texts_fill(struct texts *texts, const sk_envelope *envelope) {
        assert(envelope != NULL);
        sk_when_format(envelope->time_us, texts->time);
        if (envelope->has_callid)
                sk_id_format(&envelope->callid, texts->callid);
        if (envelope->has_replykey)
                sk_id_format(&envelope->replykey, texts->replykey);
        texts->seqno = number_of(envelope->seqno);
        texts->hops = number_of(envelope->hops);
}

static void items_fill(struct items *items, const struct texts *texts, const sk_envelope *envelope) {
        assert(items->count == 0);
        bool has_numbers = sk_message_is_call(envelope->type) || sk_message_is_feedback(envelope->type);

        items_add(items, ID_HEAD, envelope->id);
        items_add(items, SOURCE_HEAD, envelope->source);
        items_add(items, TIME_HEAD, (sk_slice){texts->time, SK_WHEN_TEXT});
        if (envelope->has_callid)
                items_add(items, CALLID_HEAD, (sk_slice){texts->callid, SK_ID_TEXT});
        if (has_numbers)
                items_add(items, SEQNO_HEAD, number_slice(&texts->seqno));
        if (envelope->has_replykey)
                items_add(items, REPLYKEY_HEAD, (sk_slice){texts->replykey, SK_ID_TEXT});
        items_add(items, ROOTID_HEAD, envelope->rootid);
        if (has_numbers)
                items_add(items, HOPS_HEAD, number_slice(&texts->hops));
        items_add(items, AGREEMENT_HEAD, envelope->agreement);
        items_add(items, ACTOR_HEAD, envelope->actor);
        items_add(items, TRACE_HEAD, envelope->traceparent);
        items_add(items, CHAIN_TRACE_HEAD, envelope->chain_traceparent);
        assert(items->count <= ITEMS_MAX);
}

/* What only the type decides: the common run, ce_type and ce_dataschema. */
static size_t type_size(sk_slice name) {
        assert(name.len > 0);
        return COMMON_RUN.len + TYPE_HEAD.len + 4 + sizeof(TYPE_PREFIX) - 1 + name.len + SCHEMA_HEAD.len + 4 +
               sizeof(SCHEMA_PREFIX) - 1 + name.len + sizeof(SCHEMA_SUFFIX) - 1;
}

static char *put_type(char *at, sk_slice name) {
        assert(name.len > 0);
        at = put(at, COMMON_RUN.at, COMMON_RUN.len);
        at = put_head(at, TYPE_HEAD, sizeof(TYPE_PREFIX) - 1 + name.len);
        at = put(at, TYPE_PREFIX, sizeof(TYPE_PREFIX) - 1);
        at = put(at, name.at, name.len);
        at = put_head(at, SCHEMA_HEAD, sizeof(SCHEMA_PREFIX) - 1 + name.len + sizeof(SCHEMA_SUFFIX) - 1);
        at = put(at, SCHEMA_PREFIX, sizeof(SCHEMA_PREFIX) - 1);
        at = put(at, name.at, name.len);
        return put(at, SCHEMA_SUFFIX, sizeof(SCHEMA_SUFFIX) - 1);
}

void sk_envelope_encode(const sk_envelope *envelope, sk_buf *headers) {
        assert(envelope != NULL);
        assert(headers != NULL);
        assert(envelope->type < SK_MESSAGES);
        sk_slice name = sk_slice_of(sk_message_name(envelope->type));
        struct texts texts;
        struct items items = {.count = 0, .size = 0};

        texts_fill(&texts, envelope);
        items_fill(&items, &texts, envelope);
        size_t size = type_size(name) + items.size;
        char *start = sk_buf_grow(headers, size);
        if (start == NULL)
                return;

        char *at = put_type(start, name);
        for (size_t i = 0; i < items.count; i++) {
                at = put_head(at, items.at[i].head, items.at[i].value.len);
                at = put(at, items.at[i].value.at, items.at[i].value.len);
        }
        assert((size_t)(at - start) == size);
}
