#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "event/envelope.h"
#include "event/structured.h"
#include "kit/hash.h"

/*
 * A record of calls, feedback or work from bytes: u8 topic, u8 partition, u8 length of the key, u16 little-endian
 * length of the headers, key, headers; the rest is the value. A partition of 255 stands for the right one. What
 * passes must be encoded and decoded again to the same. Structured mode is unwrapped first.
 */

#define PARTITIONS 4
#define PREFIX 5
#define RUN_MAX (64 * 1024)
#define ARENA_MAX ((size_t)4 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const sk_topic topics[] = {
        {.name = {"ssc.desk.calls.finance", 22}, .kind = SK_TOPIC_CALLS, .owner = {"desk", 4}, .peer = {"finance", 7}},
        {.name = {"ssc.finance.feedback.desk", 25},
         .kind = SK_TOPIC_FEEDBACK,
         .owner = {"finance", 7},
         .peer = {"desk", 4}},
        {.name = {"ssc.desk.work", 13}, .kind = SK_TOPIC_WORK, .owner = {"desk", 4}},
};

static sk_slice take(sk_slice *rest, size_t len) {
        sk_slice part = {rest->at, len < rest->len ? len : rest->len};
        *rest = (sk_slice){rest->at + part.len, rest->len - part.len};
        return part;
}

static sk_record record_of(const uint8_t *data, size_t size) {
        sk_slice rest = {(const char *)data + PREFIX, size - PREFIX};
        sk_record record = {.topic = &topics[data[0] % 3], .offset = 1};
        record.key = take(&rest, data[2]);
        record.headers = take(&rest, (size_t)(data[3] | data[4] << 8));
        record.value = rest;
        record.partition = data[1] == 255 ? sk_hash_partition(record.key, PARTITIONS) : data[1];
        return record;
}

static void check_again(const sk_record *record, const sk_envelope *envelope) {
        sk_buf run = sk_buf_make(RUN_MAX);
        sk_envelope_encode(envelope, &run);
        assert(run.err == SK_OK);
        sk_record again = *record;
        again.headers = sk_buf_slice(&run);
        sk_envelope decoded;
        sk_reject reject;
        sk_err err = sk_envelope_decode(&again, SK_SLICE("ssc"), PARTITIONS, &decoded, &reject);
        assert(err == SK_OK);
        assert(decoded.type == envelope->type && decoded.seqno == envelope->seqno);
        assert(sk_slice_equal(decoded.id, envelope->id) && sk_id_equal(&decoded.callid, &envelope->callid));
        sk_buf_free(&run);
}

/* What is unwrapped is binary mode, whole and within its bounds. */
static sk_err unwrap(sk_record *record, sk_arena *arena, sk_reject *reject) {
        sk_record plain;

        if (!sk_structured_is(record))
                return SK_OK;
        sk_err err = sk_structured_unwrap(record, arena, &plain, reject);
        if (err != SK_OK)
                return err;
        assert(sk_headers_check(plain.headers) && sk_slice_there(plain.value));
        *record = plain;
        return SK_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        sk_envelope envelope;
        sk_reject reject = {.reason = NULL};

        if (size < PREFIX)
                return 0;
        sk_arena *arena = sk_arena_new(ARENA_MAX);
        sk_record record = record_of(data, size);
        sk_err err = unwrap(&record, arena, &reject);
        if (err == SK_OK)
                err = sk_envelope_decode(&record, SK_SLICE("ssc"), PARTITIONS, &envelope, &reject);
        if (err != SK_OK) {
                assert(sk_err_class_of(err) == SK_CLASS_INPUT);
                assert(reject.reason != NULL && memchr(reject.text, '\0', sizeof(reject.text)) != NULL);
        } else if (envelope.type != SK_MESSAGES) {
                check_again(&record, &envelope);
        }
        sk_arena_free(arena);
        return 0;
}
