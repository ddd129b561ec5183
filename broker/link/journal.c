/*
 * The journal's frame around every value, its keys, and the small kinds: mark and stub. The checksum takes in the key,
 * so that a value under a wrong key is found out; it is the sum (exclusive or) of both checksums, which needs no copy
 * of either. Numbers are little-endian. The layouts:
 *
 *   mark   i64 now, 16 edition, u16 format, u8 length, time zone data
 *   resync 16 key of the record, u8 length, its id, u8 length, actor
 *   stub   u8 length (255: an ask), customer, 16 id, 16 reply key, u32 in, u32 out, 16 digest of the raise,
 *          u8 outcome, u8 length, code, i64 closed, i64 expires, i64 elapsed, i64 stopped, i64 due, i64 margin,
 *          u8 length, calendar,
 *          u8 there (1 headers, 2 value), u32 length, headers, u32 length, value, 16 digest, u32 size,
 *          u32 length, asks, u32 length, works
 */

#include "link/journal.h"

#include <assert.h>

#include "kit/cursor.h"
#include "kit/name.h"
#include "link/durations.h"
#include "usm/method.h"

#define FRAME_BYTES 8
#define TOPIC_MAX_BYTES 249
#define ASK_LENGTH 255
#define HEADERS_THERE 1
#define VALUE_THERE 2

static uint32_t checksum(sk_slice key, sk_slice payload) {
        return sk_hash_crc32c(payload) ^ sk_hash_crc32c(key);
}

void sk_journal_wrap(sk_journal_kind kind, sk_slice key, sk_slice payload, sk_buf *out) {
        assert(out != NULL);
        assert(kind >= SK_JOURNAL_HEAD);
        assert(kind <= SK_JOURNAL_RESYNC);
        sk_buf_add(out, "SK", 2);
        sk_buf_add_byte(out, (uint8_t)kind);
        sk_buf_add_byte(out, SK_JOURNAL_FORMAT);
        sk_buf_add_u32(out, checksum(key, payload));
        sk_buf_add_slice(out, payload);
}

sk_err sk_journal_unwrap(sk_slice key, sk_slice value, sk_journal_kind *out_kind, sk_slice *out_payload) {
        assert(out_kind != NULL);
        assert(out_payload != NULL);
        sk_cursor cursor = sk_cursor_make(value);
        sk_slice magic = sk_cursor_bytes(&cursor, 2);
        uint8_t kind = sk_cursor_u8(&cursor);
        uint8_t format = sk_cursor_u8(&cursor);
        uint32_t sum = sk_cursor_u32(&cursor);
        sk_slice payload = sk_cursor_bytes(&cursor, sk_cursor_left(&cursor));

        if (cursor.err != SK_OK)
                return cursor.err;
        if (!sk_slice_is(magic, "SK"))
                return SK_ERR_SYNTAX;
        if (format != SK_JOURNAL_FORMAT)
                return SK_ERR_VERSION;
        if (kind < SK_JOURNAL_HEAD || kind > SK_JOURNAL_RESYNC)
                return SK_ERR_SYNTAX;
        if (sum != checksum(key, payload))
                return SK_ERR_CHECKSUM;
        *out_kind = (sk_journal_kind)kind;
        *out_payload = payload;
        return SK_OK;
}

/* ---- keys ---- */

static bool topic_check(sk_slice name) {
        if (name.len == 0 || name.len > TOPIC_MAX_BYTES)
                return false;
        for (size_t i = 0; i < name.len; i++)
                if (name.at[i] <= ' ' || name.at[i] > '~')
                        return false;
        return true;
}

/* What stands behind the slash of a call's or an ask's key: the id and perhaps `#d`. */
static bool id_parse(sk_slice rest, sk_id *out_id, bool *out_is_data) {
        assert(out_id != NULL);
        assert(out_is_data != NULL);
        *out_is_data = rest.len == SK_ID_TEXT + 2 && memcmp(rest.at + SK_ID_TEXT, "#d", 2) == 0;
        if (rest.len != SK_ID_TEXT && !*out_is_data)
                return false;
        return sk_id_parse((sk_slice){rest.at, SK_ID_TEXT}, out_id);
}

/* Keys that are names behind a word that is no team's. */
static bool named_parse(sk_slice word, sk_slice rest, sk_journal_place *out_place) {
        assert(out_place != NULL);
        sk_duration_key key;

        if (sk_slice_is(word, "schedule") && sk_name_is_good(rest))
                *out_place = SK_KEY_SCHEDULE;
        else if (sk_slice_is(word, "durations") && sk_duration_key_parse(rest, &key))
                *out_place = SK_KEY_DURATIONS;
        else if (sk_slice_is(word, "resync") && sk_name_is_good(rest))
                *out_place = SK_KEY_RESYNC;
        else
                return false;
        return true;
}

sk_err sk_journal_key_parse(sk_slice key, sk_journal_place *out_place, sk_slice *out_name, sk_id *out_id) {
        assert(out_place != NULL);
        assert(out_name != NULL);
        assert(out_id != NULL);
        const char *slash = key.len == 0 ? NULL : memchr(key.at, '/', key.len);
        sk_slice name;
        sk_slice rest;
        bool is_data;

        if (sk_slice_is(key, "mark")) {
                *out_place = SK_KEY_MARK;
                return SK_OK;
        }
        if (sk_slice_is(key, SK_JOURNAL_BARRIER)) {
                *out_place = SK_KEY_BARRIER;
                return SK_OK;
        }
        if (slash == NULL)
                return SK_ERR_SYNTAX;
        name = (sk_slice){key.at, (size_t)(slash - key.at)};
        rest = (sk_slice){slash + 1, key.len - name.len - 1};
        if (sk_slice_is(name, "mark") && topic_check(rest)) {
                *out_place = SK_KEY_OFFSET;
                *out_name = rest;
                return SK_OK;
        }
        if (named_parse(name, rest, out_place)) {
                *out_name = rest;
                return SK_OK;
        }
        if (!sk_name_is_good(name) || !id_parse(rest, out_id, &is_data))
                return SK_ERR_SYNTAX;
        if (sk_slice_is(name, "ask")) {
                *out_place = is_data ? SK_KEY_ASK_DATA : SK_KEY_ASK;
                return SK_OK;
        }
        *out_place = is_data ? SK_KEY_CALL_DATA : SK_KEY_CALL;
        *out_name = name;
        return SK_OK;
}

void sk_journal_key_write(sk_slice customer, const sk_id *id, bool is_data, sk_buf *out) {
        assert(id != NULL);
        assert(out != NULL);
        char text[SK_ID_TEXT];

        assert(!sk_slice_there(customer) || customer.len > 0);
        sk_id_format(id, text);
        sk_buf_add_slice(out, sk_slice_there(customer) ? customer : SK_SLICE("ask"));
        sk_buf_add_byte(out, '/');
        sk_buf_add(out, text, sizeof(text));
        if (is_data)
                sk_buf_add(out, "#d", 2);
}

/* ---- mark ---- */

static void add_digest(sk_buf *out, const sk_digest *digest) {
        sk_buf_add(out, digest->bytes, sizeof(digest->bytes));
}

static sk_digest read_digest(sk_cursor *cursor) {
        sk_digest digest = {{0}};
        sk_slice bytes = sk_cursor_bytes(cursor, sizeof(digest.bytes));

        assert(!sk_slice_there(bytes) || bytes.len == sizeof(digest.bytes));
        if (sk_slice_there(bytes))
                memcpy(digest.bytes, bytes.at, sizeof(digest.bytes));
        return digest;
}

void sk_mark_encode(const sk_mark *mark, sk_buf *out) {
        assert(mark->now_us >= 0); /* as decoding demands */
        assert(mark->tzdata.len <= UINT8_MAX);
        sk_buf_add_u64(out, (uint64_t)mark->now_us);
        add_digest(out, &mark->edition);
        sk_buf_add_u16(out, mark->format);
        sk_buf_add_byte(out, (uint8_t)mark->tzdata.len);
        sk_buf_add_slice(out, mark->tzdata);
}

sk_err sk_mark_decode(sk_slice payload, sk_mark *out) {
        assert(out != NULL);
        sk_cursor cursor = sk_cursor_make(payload);
        sk_mark mark;

        mark.now_us = (int64_t)sk_cursor_u64(&cursor);
        mark.edition = read_digest(&cursor);
        mark.format = sk_cursor_u16(&cursor);
        mark.tzdata = sk_cursor_bytes(&cursor, sk_cursor_u8(&cursor));
        if (cursor.err != SK_OK)
                return cursor.err;
        if (sk_cursor_left(&cursor) > 0 || mark.now_us < 0)
                return SK_ERR_RANGE;
        *out = mark;
        return SK_OK;
}

/* ---- resync ---- */

void sk_resync_order_encode(const sk_resync_order *order, sk_buf *out) {
        assert(order->work.len <= SK_RESYNC_TEXT_MAX);
        assert(order->actor.len <= SK_RESYNC_TEXT_MAX);
        sk_buf_add(out, order->callid.bytes, sizeof(order->callid.bytes));
        sk_buf_add_byte(out, (uint8_t)order->work.len);
        sk_buf_add_slice(out, order->work);
        sk_buf_add_byte(out, (uint8_t)order->actor.len);
        sk_buf_add_slice(out, order->actor);
}

sk_err sk_resync_order_decode(sk_slice payload, sk_resync_order *out) {
        assert(out != NULL);
        sk_cursor cursor = sk_cursor_make(payload);
        sk_slice id = sk_cursor_bytes(&cursor, sizeof(out->callid.bytes));
        sk_resync_order order;

        order.work = sk_cursor_bytes(&cursor, sk_cursor_u8(&cursor));
        order.actor = sk_cursor_bytes(&cursor, sk_cursor_u8(&cursor));
        if (cursor.err != SK_OK)
                return cursor.err;
        if (sk_cursor_left(&cursor) > 0 || order.work.len > SK_RESYNC_TEXT_MAX || order.actor.len > SK_RESYNC_TEXT_MAX)
                return SK_ERR_RANGE;
        assert(id.len == sizeof(order.callid.bytes));
        memcpy(order.callid.bytes, id.at, sizeof(order.callid.bytes));
        *out = order;
        return SK_OK;
}

/* ---- stub ---- */

static void add_id(sk_buf *out, const sk_id *id) {
        sk_buf_add(out, id->bytes, sizeof(id->bytes));
}

static sk_id read_id(sk_cursor *cursor) {
        sk_id id = {{0}};
        sk_slice bytes = sk_cursor_bytes(cursor, sizeof(id.bytes));

        assert(!sk_slice_there(bytes) || bytes.len == sizeof(id.bytes));
        if (sk_slice_there(bytes))
                memcpy(id.bytes, bytes.at, sizeof(id.bytes));
        return id;
}

/* Lengths are bounded by SCRATCH buffers and a stub's own limits, far below what 32 bits hold. */
static void add_long(sk_buf *out, sk_slice bytes) {
        assert(bytes.len <= UINT32_MAX);
        sk_buf_add_u32(out, (uint32_t)bytes.len);
        sk_buf_add_slice(out, bytes);
}

static sk_slice read_long(sk_cursor *cursor) {
        uint32_t len = sk_cursor_u32(cursor);

        return sk_cursor_bytes(cursor, len);
}

static void add_ending(sk_buf *out, const sk_stub *stub) {
        assert(stub->outcome < SK_OUTCOMES);
        sk_buf_add_byte(out, stub->outcome);
        sk_buf_add_byte(out, (uint8_t)stub->code.len);
        sk_buf_add_slice(out, stub->code);
        sk_buf_add_u64(out, (uint64_t)stub->closed_us);
        sk_buf_add_u64(out, (uint64_t)stub->expires_us);
        sk_buf_add_u64(out, (uint64_t)stub->elapsed_us);
        sk_buf_add_u64(out, (uint64_t)stub->stopped_us);
        sk_buf_add_u64(out, (uint64_t)stub->due_us);
        sk_buf_add_u64(out, (uint64_t)stub->margin_us);
        sk_buf_add_byte(out, (uint8_t)stub->service_hours.len);
        sk_buf_add_slice(out, stub->service_hours);
}

void sk_stub_encode(const sk_stub *stub, sk_buf *out) {
        assert(out != NULL);
        bool is_ask = !sk_slice_there(stub->customer);
        uint8_t there = (uint8_t)((sk_slice_there(stub->headers) ? HEADERS_THERE : 0) |
                                  (sk_slice_there(stub->value) ? VALUE_THERE : 0));

        assert(stub->customer.len <= SK_NAME_MAX);
        assert(stub->code.len <= UINT8_MAX);
        assert(stub->service_hours.len <= SK_NAME_MAX);
        assert(stub->asks.len % SK_STUB_ASK_BYTES == 0);
        assert(stub->works.len % SK_STUB_WORK_BYTES == 0);
        sk_buf_add_byte(out, is_ask ? ASK_LENGTH : (uint8_t)stub->customer.len);
        sk_buf_add_slice(out, stub->customer);
        add_id(out, &stub->id);
        add_id(out, &stub->replykey);
        sk_buf_add_u32(out, stub->in_seqno);
        sk_buf_add_u32(out, stub->out_seqno);
        add_digest(out, &stub->raise_digest);
        add_ending(out, stub);
        sk_buf_add_byte(out, there);
        add_long(out, stub->headers);
        add_long(out, stub->value);
        add_digest(out, &stub->feedback_digest);
        sk_buf_add_u32(out, stub->feedback_size);
        add_long(out, stub->asks);
        add_long(out, stub->works);
}

static sk_slice read_customer(sk_cursor *cursor) {
        uint8_t len = sk_cursor_u8(cursor);

        return len == ASK_LENGTH ? SK_NONE : sk_cursor_bytes(cursor, len);
}

static void read_ending(sk_cursor *cursor, sk_stub *stub) {
        stub->outcome = sk_cursor_u8(cursor);
        stub->code = sk_cursor_bytes(cursor, sk_cursor_u8(cursor));
        stub->closed_us = (int64_t)sk_cursor_u64(cursor);
        stub->expires_us = (int64_t)sk_cursor_u64(cursor);
        stub->elapsed_us = (int64_t)sk_cursor_u64(cursor);
        stub->stopped_us = (int64_t)sk_cursor_u64(cursor);
        stub->due_us = (int64_t)sk_cursor_u64(cursor);
        stub->margin_us = (int64_t)sk_cursor_u64(cursor);
        stub->service_hours = sk_cursor_bytes(cursor, sk_cursor_u8(cursor));
}

static void read_feedback(sk_cursor *cursor, sk_stub *stub, uint8_t *out_there) {
        *out_there = sk_cursor_u8(cursor);
        stub->headers = read_long(cursor);
        stub->value = read_long(cursor);
        stub->feedback_digest = read_digest(cursor);
        stub->feedback_size = sk_cursor_u32(cursor);
        stub->asks = read_long(cursor);
        stub->works = read_long(cursor);
}

/* A length without its flag would be lost by encoding again. */
static bool feedback_check(sk_stub *stub, uint8_t there) {
        assert(stub != NULL);
        if (there > (HEADERS_THERE | VALUE_THERE))
                return false;
        if ((there & HEADERS_THERE) == 0) {
                if (stub->headers.len > 0)
                        return false;
                stub->headers = SK_NONE;
        }
        if ((there & VALUE_THERE) == 0) {
                if (stub->value.len > 0)
                        return false;
                stub->value = SK_NONE;
        }
        return stub->asks.len % SK_STUB_ASK_BYTES == 0 && stub->works.len % SK_STUB_WORK_BYTES == 0;
}

sk_err sk_stub_decode(sk_slice payload, sk_stub *out) {
        assert(out != NULL);
        sk_cursor cursor = sk_cursor_make(payload);
        sk_stub stub = {0};
        uint8_t there;

        stub.customer = read_customer(&cursor);
        stub.id = read_id(&cursor);
        stub.replykey = read_id(&cursor);
        stub.in_seqno = sk_cursor_u32(&cursor);
        stub.out_seqno = sk_cursor_u32(&cursor);
        stub.raise_digest = read_digest(&cursor);
        read_ending(&cursor, &stub);
        read_feedback(&cursor, &stub, &there);
        if (cursor.err != SK_OK)
                return cursor.err;
        if (sk_cursor_left(&cursor) > 0 || !feedback_check(&stub, there))
                return SK_ERR_RANGE;
        if ((sk_slice_there(stub.customer) && !sk_name_is_good(stub.customer)) || stub.service_hours.len > SK_NAME_MAX)
                return SK_ERR_RANGE;
        if (stub.outcome >= SK_OUTCOMES || stub.expires_us < 0)
                return SK_ERR_RANGE;
        *out = stub;
        return SK_OK;
}
