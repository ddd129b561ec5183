#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "link/journal.h"
#include "support/failing_alloc.h"
#include "usm/method.h"

#define ID "0198c5f2-7b1a-7c3d-8e4f-a1b2c3d4e5f6"

static sk_id id_of(const char *text) {
        sk_id id;

        assert_true(sk_id_parse(sk_slice_of(text), &id));
        return id;
}

static void test_what_is_wrapped_is_unwrapped_under_the_same_key(void **state) {
        (void)state;
        sk_buf value = sk_buf_make(4096);
        sk_journal_kind kind;
        sk_slice payload;

        sk_journal_wrap(SK_JOURNAL_HEAD, SK_SLICE("finance/" ID), SK_SLICE("a head"), &value);
        assert_int_equal(sk_journal_unwrap(SK_SLICE("finance/" ID), sk_buf_slice(&value), &kind, &payload), SK_OK);
        assert_int_equal(kind, SK_JOURNAL_HEAD);
        assert_true(sk_slice_is(payload, "a head"));
        assert_int_equal(sk_journal_unwrap(SK_SLICE("legal/" ID), sk_buf_slice(&value), &kind, &payload),
                         SK_ERR_CHECKSUM);
        sk_buf_free(&value);
}

/* The layout is what other versions of the program read: these bytes must never change. */
static void test_the_frame_is_laid_out_as_documented(void **state) {
        (void)state;
        sk_buf value = sk_buf_make(4096);
        uint32_t sum = sk_hash_crc32c(SK_SLICE("xyz")) ^ sk_hash_crc32c(SK_SLICE("mark"));

        sk_journal_wrap(SK_JOURNAL_MARK, SK_SLICE("mark"), SK_SLICE("xyz"), &value);
        assert_int_equal(value.len, 11);
        assert_memory_equal(value.at, "SK\x04\x01", 4);
        for (unsigned i = 0; i < 4; i++)
                assert_int_equal((uint8_t)value.at[4 + i], (sum >> (8 * i)) & 0xff);
        assert_memory_equal(value.at + 8, "xyz", 3);
        sk_buf_free(&value);
}

static void test_every_damaged_bit_of_a_record_is_found(void **state) {
        (void)state;
        sk_buf value = sk_buf_make(4096);
        sk_journal_kind kind;
        sk_slice payload;

        sk_journal_wrap(SK_JOURNAL_DATA, SK_SLICE("ask/" ID "#d"), SK_SLICE("some data"), &value);
        for (size_t bit = 0; bit < value.len * 8; bit++) {
                bool is_kind = bit / 8 == 2;

                value.at[bit / 8] ^= (char)(1 << bit % 8);
                sk_err err = sk_journal_unwrap(SK_SLICE("ask/" ID "#d"), sk_buf_slice(&value), &kind, &payload);
                if (!is_kind)
                        assert_int_not_equal(err, SK_OK);
                value.at[bit / 8] ^= (char)(1 << bit % 8);
        }
        for (size_t len = 0; len < value.len; len++)
                assert_int_not_equal(
                        sk_journal_unwrap(SK_SLICE("ask/" ID "#d"), (sk_slice){value.at, len}, &kind, &payload), SK_OK);
        sk_buf_free(&value);
}

static void test_another_format_is_named_as_such(void **state) {
        (void)state;
        sk_buf value = sk_buf_make(4096);
        sk_journal_kind kind;
        sk_slice payload;

        sk_journal_wrap(SK_JOURNAL_MARK, SK_SLICE("mark"), SK_SLICE(""), &value);
        value.at[3]++;
        assert_int_equal(sk_journal_unwrap(SK_SLICE("mark"), sk_buf_slice(&value), &kind, &payload), SK_ERR_VERSION);
        sk_buf_free(&value);
}

/* ---- keys ---- */

static void test_keys_are_taken_apart(void **state) {
        (void)state;
        static const struct {
                const char *key;
                sk_err err;
                sk_journal_place place;
                const char *name;
        } rows[] = {
                {"finance/" ID, SK_OK, SK_KEY_CALL, "finance"},
                {"finance/" ID "#d", SK_OK, SK_KEY_CALL_DATA, "finance"},
                {"ask/" ID, SK_OK, SK_KEY_ASK, NULL},
                {"ask/" ID "#d", SK_OK, SK_KEY_ASK_DATA, NULL},
                {"mark", SK_OK, SK_KEY_MARK, NULL},
                {"mark/ssc.desk.work", SK_OK, SK_KEY_OFFSET, "ssc.desk.work"},
                {"", SK_ERR_SYNTAX, SK_KEY_CALL, NULL},
                {"mark/", SK_ERR_SYNTAX, SK_KEY_CALL, NULL},
                {"finance", SK_ERR_SYNTAX, SK_KEY_CALL, NULL},
                {"finance/", SK_ERR_SYNTAX, SK_KEY_CALL, NULL},
                {"/" ID, SK_ERR_SYNTAX, SK_KEY_CALL, NULL},
                {"Finance/" ID, SK_ERR_SYNTAX, SK_KEY_CALL, NULL},
                {"../" ID, SK_ERR_SYNTAX, SK_KEY_CALL, NULL},
                {"finance/" ID "#e", SK_ERR_SYNTAX, SK_KEY_CALL, NULL},
                {"finance/" ID "#", SK_ERR_SYNTAX, SK_KEY_CALL, NULL},
                {"finance/0198C5F2-7B1A-7C3D-8E4F-A1B2C3D4E5F6", SK_ERR_SYNTAX, SK_KEY_CALL, NULL},
                {"mark/a b", SK_ERR_SYNTAX, SK_KEY_CALL, NULL},
                {"schedule/weekly", SK_OK, SK_KEY_SCHEDULE, "weekly"},
                {"schedule/Weekly", SK_ERR_SYNTAX, SK_KEY_CALL, NULL},
                {"schedule/", SK_ERR_SYNTAX, SK_KEY_CALL, NULL},
                {"durations/shut-in/29", SK_OK, SK_KEY_DURATIONS, "shut-in/29"},
                {"durations//32770", SK_OK, SK_KEY_DURATIONS, "/32770"},
                {"durations/29", SK_ERR_SYNTAX, SK_KEY_CALL, NULL},
                {"resync/network", SK_OK, SK_KEY_RESYNC, "network"},
                {"resync/Network", SK_ERR_SYNTAX, SK_KEY_CALL, NULL},
                {"resync/", SK_ERR_SYNTAX, SK_KEY_CALL, NULL},
                {"barrier", SK_OK, SK_KEY_BARRIER, NULL},
                {"barrier/", SK_ERR_SYNTAX, SK_KEY_CALL, NULL},
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                sk_journal_place place;
                sk_slice name = SK_NONE;
                sk_id id;

                assert_int_equal(sk_journal_key_parse(sk_slice_of(rows[i].key), &place, &name, &id), rows[i].err);
                if (rows[i].err != SK_OK)
                        continue;
                assert_int_equal(place, rows[i].place);
                assert_true(sk_slice_equal(name, sk_slice_of(rows[i].name)));
        }
}

static void test_a_written_key_is_read_back(void **state) {
        (void)state;
        static const char *const customers[] = {"finance", NULL};
        sk_id id = id_of(ID);

        for (unsigned i = 0; i < 4; i++) {
                sk_buf key = sk_buf_make(256);
                sk_journal_place place;
                sk_slice name = SK_NONE;
                sk_id back;

                sk_journal_key_write(sk_slice_of(customers[i / 2]), &id, i % 2 == 1, &key);
                assert_int_equal(sk_journal_key_parse(sk_buf_slice(&key), &place, &name, &back), SK_OK);
                assert_true(sk_id_equal(&id, &back));
                assert_true(sk_slice_equal(name, sk_slice_of(customers[i / 2])));
                assert_int_equal(place, i < 2 ? SK_KEY_CALL + (int)i : SK_KEY_ASK + (int)(i - 2));
                sk_buf_free(&key);
        }
}

/* ---- mark ---- */

static void test_a_mark_is_read_back_and_a_damaged_one_is_not(void **state) {
        (void)state;
        sk_buf bytes = sk_buf_make(256);
        sk_mark mark = {.now_us = INT64_C(1790000000000000), .format = 1, .tzdata = SK_SLICE("2026a")};
        sk_mark back;

        memset(mark.edition.bytes, 7, sizeof(mark.edition.bytes));
        sk_mark_encode(&mark, &bytes);
        assert_int_equal(sk_mark_decode(sk_buf_slice(&bytes), &back), SK_OK);
        assert_true(back.now_us == mark.now_us && back.format == 1 && sk_slice_is(back.tzdata, "2026a"));
        assert_memory_equal(&back.edition, &mark.edition, sizeof(mark.edition));
        for (size_t len = 0; len < bytes.len; len++)
                assert_int_equal(sk_mark_decode((sk_slice){bytes.at, len}, &back), SK_ERR_TRUNCATED);
        sk_buf_add_byte(&bytes, 0);
        assert_int_equal(sk_mark_decode(sk_buf_slice(&bytes), &back), SK_ERR_RANGE);
        bytes.at[7] = (char)0x80; /* before the epoch */
        assert_int_equal(sk_mark_decode((sk_slice){bytes.at, bytes.len - 1}, &back), SK_ERR_RANGE);
        sk_buf_free(&bytes);
}

/* ---- stub ---- */

static sk_stub full_stub(void) {
        return (sk_stub){
                .customer = SK_SLICE("finance"),
                .id = id_of(ID),
                .replykey = id_of("5f0c1d2e-3b4a-8c6d-9e7f-0a1b2c3d4e5f"),
                .in_seqno = 3,
                .out_seqno = 4000000000u,
                .raise_digest = {{1}},
                .outcome = 2,
                .code = SK_SLICE("not-agreed"),
                .closed_us = 1,
                .expires_us = 2,
                .elapsed_us = 3,
                .stopped_us = 4,
                .due_us = 5,
                .margin_us = -6,
                .service_hours = SK_SLICE("office"),
                .headers = SK_SLICE("headers"),
                .value = SK_SLICE("{}"),
                .feedback_digest = {{9}},
                .feedback_size = 2,
                .asks = SK_SLICE("0123456789abcdef0001"),
                .works = SK_SLICE("012345671"),
        };
}

static void check_same(const sk_stub *a, const sk_stub *b) {
        assert_true(sk_slice_equal(a->customer, b->customer) && a->customer.len == b->customer.len);
        assert_int_equal(sk_slice_there(a->customer), sk_slice_there(b->customer));
        assert_true(sk_id_equal(&a->id, &b->id) && sk_id_equal(&a->replykey, &b->replykey));
        assert_true(a->in_seqno == b->in_seqno && a->out_seqno == b->out_seqno && a->outcome == b->outcome);
        assert_memory_equal(&a->raise_digest, &b->raise_digest, sizeof(a->raise_digest));
        assert_true(sk_slice_equal(a->code, b->code) && a->closed_us == b->closed_us);
        assert_true(a->expires_us == b->expires_us && a->elapsed_us == b->elapsed_us);
        assert_true(a->stopped_us == b->stopped_us && a->due_us == b->due_us && a->margin_us == b->margin_us);
        assert_true(sk_slice_equal(a->service_hours, b->service_hours));
        assert_true(sk_slice_equal(a->headers, b->headers) && sk_slice_equal(a->value, b->value));
        assert_int_equal(sk_slice_there(a->headers), sk_slice_there(b->headers));
        assert_int_equal(sk_slice_there(a->value), sk_slice_there(b->value));
        assert_memory_equal(&a->feedback_digest, &b->feedback_digest, sizeof(a->feedback_digest));
        assert_true(a->feedback_size == b->feedback_size && sk_slice_equal(a->asks, b->asks));
        assert_true(sk_slice_equal(a->works, b->works));
}

static void check_round(const sk_stub *stub) {
        sk_buf bytes = sk_buf_make(8192);
        sk_stub back;

        sk_stub_encode(stub, &bytes);
        assert_int_equal(sk_stub_decode(sk_buf_slice(&bytes), &back), SK_OK);
        check_same(stub, &back);
        for (size_t len = 0; len < bytes.len; len++)
                assert_int_not_equal(sk_stub_decode((sk_slice){bytes.at, len}, &back), SK_OK);
        sk_buf_add_byte(&bytes, 0);
        assert_int_equal(sk_stub_decode(sk_buf_slice(&bytes), &back), SK_ERR_RANGE);
        sk_buf_free(&bytes);
}

static void test_stubs_with_and_without_their_parts_are_read_back(void **state) {
        (void)state;
        sk_stub stub = full_stub();

        check_round(&stub);
        stub.customer = SK_NONE;
        check_round(&stub);
        stub.headers = stub.value = SK_NONE;
        stub.asks = stub.works = stub.code = SK_SLICE("");
        check_round(&stub);
        stub.value = SK_SLICE("");
        check_round(&stub);
}

static void test_a_stub_whose_parts_contradict_each_other_is_refused(void **state) {
        (void)state;
        sk_stub stub = full_stub();
        sk_stub back;
        sk_buf bytes = sk_buf_make(8192);
        size_t there;

        sk_stub_encode(&stub, &bytes);
        there = 1 + 7 + 16 + 16 + 8 + 16 + 1 + 1 + 10 + 48 + 1 + 6;
        assert_int_equal(bytes.at[there], 3);
        for (int flags = 0; flags < 8; flags++) {
                bytes.at[there] = (char)flags;
                assert_int_equal(sk_stub_decode(sk_buf_slice(&bytes), &back) == SK_OK, flags == 3);
        }
        bytes.at[there] = 3;
        bytes.at[1] = '/'; /* no customer has such a name */
        assert_int_equal(sk_stub_decode(sk_buf_slice(&bytes), &back), SK_ERR_RANGE);
        sk_buf_free(&bytes);
}

static void test_a_stub_that_no_step_would_write_is_refused(void **state) {
        (void)state;
        sk_stub stub = full_stub();
        sk_stub back;
        sk_buf bytes = sk_buf_make(8192);
        const size_t outcome = 1 + 7 + 16 + 16 + 8 + 16;

        sk_stub_encode(&stub, &bytes);
        assert_int_equal(bytes.at[outcome], 2);
        bytes.at[outcome] = SK_OUTCOMES;
        assert_int_equal(sk_stub_decode(sk_buf_slice(&bytes), &back), SK_ERR_RANGE);
        sk_buf_clear(&bytes);
        stub.expires_us = -1; /* before there were computers */
        sk_stub_encode(&stub, &bytes);
        assert_int_equal(sk_stub_decode(sk_buf_slice(&bytes), &back), SK_ERR_RANGE);
        sk_buf_free(&bytes);
}

static bool wrap_once(void *context) {
        sk_stub stub = full_stub();
        sk_buf payload = sk_buf_make(8192);
        sk_buf value = sk_buf_make(8192);
        bool is_done;
        (void)context;

        sk_stub_encode(&stub, &payload);
        sk_journal_wrap(SK_JOURNAL_STUB, SK_SLICE("finance/" ID), sk_buf_slice(&payload), &value);
        is_done = payload.err == SK_OK && value.err == SK_OK;
        if (!is_done)
                assert_true(payload.err == SK_ERR_NO_MEMORY || value.err == SK_ERR_NO_MEMORY);
        sk_buf_free(&payload);
        sk_buf_free(&value);
        return is_done;
}

static void test_an_order_to_raise_again_is_read_back_and_a_damaged_one_is_not(void **state) {
        (void)state;
        sk_resync_order order = {.callid = id_of(ID), .work = SK_SLICE("0198-w"), .actor = SK_SLICE("dina")};
        sk_buf bytes = sk_buf_make(400);
        sk_resync_order back;

        sk_resync_order_encode(&order, &bytes);
        assert_int_equal(sk_resync_order_decode(sk_buf_slice(&bytes), &back), SK_OK);
        assert_true(sk_id_equal(&back.callid, &order.callid));
        assert_true(sk_slice_is(back.work, "0198-w") && sk_slice_is(back.actor, "dina"));
        for (size_t len = 0; len < bytes.len; len++)
                assert_int_equal(sk_resync_order_decode((sk_slice){bytes.at, len}, &back), SK_ERR_TRUNCATED);
        sk_buf_add_byte(&bytes, 0);
        assert_int_equal(sk_resync_order_decode(sk_buf_slice(&bytes), &back), SK_ERR_RANGE);
        sk_buf_clear(&bytes);
        sk_buf_add(&bytes, order.callid.bytes, 16);
        sk_buf_add_byte(&bytes, 200); /* more than a link ever takes */
        for (int i = 0; i < 201; i++)
                sk_buf_add_byte(&bytes, 0);
        assert_int_equal(sk_resync_order_decode(sk_buf_slice(&bytes), &back), SK_ERR_RANGE);
        sk_buf_free(&bytes);
}

static void test_wrapping_without_memory_says_so(void **state) {
        (void)state;
        failing_alloc_each(wrap_once, NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_is_wrapped_is_unwrapped_under_the_same_key),
                cmocka_unit_test(test_the_frame_is_laid_out_as_documented),
                cmocka_unit_test(test_every_damaged_bit_of_a_record_is_found),
                cmocka_unit_test(test_another_format_is_named_as_such),
                cmocka_unit_test(test_keys_are_taken_apart),
                cmocka_unit_test(test_a_written_key_is_read_back),
                cmocka_unit_test(test_a_mark_is_read_back_and_a_damaged_one_is_not),
                cmocka_unit_test(test_stubs_with_and_without_their_parts_are_read_back),
                cmocka_unit_test(test_a_stub_whose_parts_contradict_each_other_is_refused),
                cmocka_unit_test(test_a_stub_that_no_step_would_write_is_refused),
                cmocka_unit_test(test_an_order_to_raise_again_is_read_back_and_a_damaged_one_is_not),
                cmocka_unit_test(test_wrapping_without_memory_says_so),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
