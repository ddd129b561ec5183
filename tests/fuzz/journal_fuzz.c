#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "link/call.h"
#include "link/data.h"
#include "link/journal.h"

/*
 * A record of the journal from bytes: u8 length of the key, u8 what to do, key, the rest is the value. What to do: bit
 * 0 puts the right checksum in, so that the layouts behind it are reached. What can be read must be written again to
 * the same bytes.
 */

#define PREFIX 2
#define BYTES_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(const sk_buf *again, sk_slice payload) {
        assert(again->err == SK_OK && sk_slice_equal(sk_buf_slice(again), payload));
}

static void check_mark(sk_slice payload) {
        sk_buf again = sk_buf_make(BYTES_MAX);
        sk_mark mark;

        if (sk_mark_decode(payload, &mark) == SK_OK) {
                sk_mark_encode(&mark, &again);
                check_same(&again, payload);
        }
        sk_buf_free(&again);
}

static void check_stub(sk_slice payload) {
        sk_buf again = sk_buf_make(BYTES_MAX);
        sk_stub stub;

        if (sk_stub_decode(payload, &stub) == SK_OK) {
                sk_stub_encode(&stub, &again);
                check_same(&again, payload);
        }
        sk_buf_free(&again);
}

/* A head may be padded in ways that its encoder does not choose: what it says must come back, not its bytes. */
static void check_head(sk_slice payload) {
        sk_buf again = sk_buf_make(BYTES_MAX);
        sk_call call;
        sk_call back;

        if (sk_call_decode(payload, &call) == SK_OK) {
                sk_call_encode(&call, &again);
                assert(again.err == SK_OK);
                assert(sk_call_decode(sk_buf_slice(&again), &back) == SK_OK);
                assert(sk_id_equal(&call.id, &back.id) && call.frame_count == back.frame_count);
                assert(sk_slice_equal(call.customer, back.customer) && call.standing == back.standing);
        }
        sk_buf_free(&again);
}

static void check_order(sk_slice payload) {
        sk_buf again = sk_buf_make(BYTES_MAX);
        sk_resync_order order;

        if (sk_resync_order_decode(payload, &order) == SK_OK) {
                sk_resync_order_encode(&order, &again);
                check_same(&again, payload);
        }
        sk_buf_free(&again);
}

static void check_data(sk_slice payload) {
        sk_section section;
        size_t position = 0;
        size_t count = 0;

        while (sk_data_next(payload, &position, &section))
                count++;
        assert(count <= payload.len);
        if (sk_data_check(payload))
                assert(position == payload.len);
}

static void check_payload(sk_journal_kind kind, sk_slice payload) {
        switch (kind) {
        case SK_JOURNAL_HEAD:
                check_head(payload);
                return;
        case SK_JOURNAL_DATA:
                check_data(payload);
                return;
        case SK_JOURNAL_STUB:
                check_stub(payload);
                return;
        case SK_JOURNAL_MARK:
                check_mark(payload);
                return;
        case SK_JOURNAL_RESYNC:
                check_order(payload);
                return;
        default:
                return;
        }
}

static void check_key(sk_slice key) {
        sk_buf again = sk_buf_make(BYTES_MAX);
        sk_journal_place place;
        sk_slice name = SK_NONE;
        sk_id id;

        if (sk_journal_key_parse(key, &place, &name, &id) == SK_OK && place <= SK_KEY_ASK_DATA) {
                sk_journal_key_write(name, &id, place == SK_KEY_CALL_DATA || place == SK_KEY_ASK_DATA, &again);
                check_same(&again, key);
        }
        sk_buf_free(&again);
}

static void check_value(sk_slice key, sk_slice value) {
        sk_journal_kind kind;
        sk_slice payload;

        if (sk_journal_unwrap(key, value, &kind, &payload) == SK_OK) {
                sk_buf again = sk_buf_make(BYTES_MAX);

                sk_journal_wrap(kind, key, payload, &again);
                check_same(&again, value);
                check_payload(kind, payload);
                sk_buf_free(&again);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        sk_buf value = sk_buf_make(BYTES_MAX);
        sk_slice key;
        sk_slice rest;

        if (size < PREFIX || size > BYTES_MAX / 2)
                return 0;
        key = (sk_slice){(const char *)data + PREFIX, data[0] < size - PREFIX ? data[0] : size - PREFIX};
        rest = (sk_slice){key.at + key.len, size - PREFIX - key.len};
        check_key(key);
        if ((data[1] & 1) != 0 && rest.len >= 1)
                sk_journal_wrap((sk_journal_kind)((uint8_t)rest.at[0] % 5 + 1), key,
                                (sk_slice){rest.at + 1, rest.len - 1}, &value);
        else
                sk_buf_add_slice(&value, rest);
        check_value(key, sk_buf_slice(&value));
        sk_buf_free(&value);
        return 0;
}
