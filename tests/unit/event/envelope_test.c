#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "event/envelope.h"
#include "event/trace.h"
#include "kit/hash.h"
#include "kit/random.h"
#include "support/record_fixture.h"

#define RUN_MAX 4096
#define ROUNDS 2000

static sk_id id_of(const char *text) {
        sk_id id;
        assert_true(sk_id_parse(sk_slice_of(text), &id));
        return id;
}

static sk_envelope raise_envelope(void) {
        return (sk_envelope){
                .type = SK_CALL_RAISE,
                .id = SK_SLICE(FIXTURE_CALLID "/c/1"),
                .source = SK_SLICE("/ssc/finance"),
                .time_us = INT64_C(1795270971000000),
                .callid = id_of(FIXTURE_CALLID),
                .has_callid = true,
                .replykey = id_of(FIXTURE_REPLYKEY),
                .has_replykey = true,
                .rootid = SK_SLICE(FIXTURE_REPLYKEY),
                .seqno = 1,
                .hops = 10,
                .agreement = SK_SLICE(FIXTURE_AGREEMENT),
                .traceparent = SK_SLICE("00-0198c5f27b1a7c3d8e4fa1b2c3d4e5f6-00f067aa0ba902b7-01"),
                .chain_traceparent = SK_SLICE("00-0198c5f27b1a7c3d8e4fa1b2c3d4e5f6-00f067aa0ba902b8-01"),
        };
}

static void test_the_header_bytes_of_a_raise_are_these(void **state) {
        (void)state;
        /* clang-format off */
        static const char golden[] =
                "\x0e" "ce_specversion" "\x03\0\0\0" "1.0"
                "\x0c" "content-type" "\x10\0\0\0" "application/json"
                "\x07" "ce_type" "\x12\0\0\0" "schakel.call.raise"
                "\x0d" "ce_dataschema" "\x16\0\0\0" "schakel:call.raise/1.0"
                "\x05" "ce_id" "\x28\0\0\0" "5f0c1d2e-3b4a-8c6d-9e7f-0a1b2c3d4e5f/c/1"
                "\x09" "ce_source" "\x0c\0\0\0" "/ssc/finance"
                "\x07" "ce_time" "\x1b\0\0\0" "2026-11-21T14:22:51.000000Z"
                "\x09" "ce_callid" "\x24\0\0\0" "5f0c1d2e-3b4a-8c6d-9e7f-0a1b2c3d4e5f"
                "\x08" "ce_seqno" "\x01\0\0\0" "1"
                "\x0b" "ce_replykey" "\x24\0\0\0" "0198c5f2-7b1a-7c3d-8e4f-a1b2c3d4e5f6"
                "\x09" "ce_rootid" "\x24\0\0\0" "0198c5f2-7b1a-7c3d-8e4f-a1b2c3d4e5f6"
                "\x07" "ce_hops" "\x02\0\0\0" "10"
                "\x0c" "ce_agreement" "\x20\0\0\0" "00112233445566778899aabbccddeeff"
                "\x0b" "traceparent" "\x37\0\0\0" "00-0198c5f27b1a7c3d8e4fa1b2c3d4e5f6-00f067aa0ba902b7-01"
                "\x0e" "ce_traceparent" "\x37\0\0\0" "00-0198c5f27b1a7c3d8e4fa1b2c3d4e5f6-00f067aa0ba902b8-01";
        /* clang-format on */
        sk_envelope envelope = raise_envelope();
        sk_buf run = sk_buf_make(RUN_MAX);
        sk_envelope_encode(&envelope, &run);

        assert_int_equal(run.err, SK_OK);
        assert_int_equal(run.len, sizeof(golden) - 1);
        assert_memory_equal(run.at, golden, run.len);
        sk_buf_free(&run);
}

static void test_the_header_bytes_of_a_claim_are_these(void **state) {
        (void)state;
        /* clang-format off */
        static const char golden[] =
                "\x0e" "ce_specversion" "\x03\0\0\0" "1.0"
                "\x0c" "content-type" "\x10\0\0\0" "application/json"
                "\x07" "ce_type" "\x12\0\0\0" "schakel.work.claim"
                "\x0d" "ce_dataschema" "\x16\0\0\0" "schakel:work.claim/1.0"
                "\x05" "ce_id" "\x24\0\0\0" "0198c5f2-7b1b-7001-8002-000000000003"
                "\x09" "ce_source" "\x09\0\0\0" "/ssc/desk"
                "\x07" "ce_time" "\x1b\0\0\0" "2026-11-21T14:22:51.000000Z"
                "\x09" "ce_callid" "\x24\0\0\0" "5f0c1d2e-3b4a-8c6d-9e7f-0a1b2c3d4e5f"
                "\x08" "ce_actor" "\x04\0\0\0" "anna";
        /* clang-format on */
        sk_envelope envelope = {
                .type = SK_WORK_CLAIM,
                .id = SK_SLICE(FIXTURE_WORKID),
                .source = SK_SLICE("/ssc/desk"),
                .time_us = INT64_C(1795270971000000),
                .callid = id_of(FIXTURE_CALLID),
                .has_callid = true,
                .actor = SK_SLICE("anna"),
        };
        sk_buf run = sk_buf_make(RUN_MAX);
        sk_envelope_encode(&envelope, &run);

        assert_int_equal(run.len, sizeof(golden) - 1);
        assert_memory_equal(run.at, golden, run.len);
        sk_buf_free(&run);
}

static void test_headers_are_appended_to_what_stands_there(void **state) {
        (void)state;
        sk_envelope envelope = raise_envelope();
        sk_buf run = sk_buf_make(RUN_MAX);
        sk_headers_add(&run, "first", SK_SLICE("1"));
        sk_envelope_encode(&envelope, &run);

        assert_true(sk_slice_is(sk_headers_find(sk_buf_slice(&run), "first"), "1"));
        assert_true(sk_slice_is(sk_headers_find(sk_buf_slice(&run), "ce_hops"), "10"));
        assert_true(sk_headers_check(sk_buf_slice(&run)));
        sk_buf_free(&run);
}

static void test_an_attribute_that_is_empty_is_left_out(void **state) {
        (void)state;
        sk_envelope envelope = raise_envelope();
        envelope.agreement = SK_SLICE("");
        envelope.traceparent = SK_NONE;
        sk_buf run = sk_buf_make(RUN_MAX);
        sk_envelope_encode(&envelope, &run);

        assert_false(sk_slice_there(sk_headers_find(sk_buf_slice(&run), "ce_agreement")));
        assert_false(sk_slice_there(sk_headers_find(sk_buf_slice(&run), "traceparent")));
        assert_true(sk_slice_there(sk_headers_find(sk_buf_slice(&run), "ce_traceparent")));
        sk_buf_free(&run);
}

static void test_a_buffer_without_room_says_so_and_holds_no_half_header(void **state) {
        (void)state;
        sk_envelope envelope = raise_envelope();
        sk_buf run = sk_buf_make(100);
        sk_envelope_encode(&envelope, &run);

        assert_int_equal(run.err, SK_ERR_FULL);
        assert_int_equal(run.len, 0);
        sk_buf_free(&run);
}

/* What a random envelope borrows from. */
struct drawn {
        char id[SK_ID_TEXT + 16];
        char rootid[SK_ID_TEXT];
        char agreement[SK_DIGEST_TEXT];
        char trace[SK_TRACE_TEXT];
        char chain_trace[SK_TRACE_TEXT];
        char key[SK_ID_TEXT];
};

static sk_id id_draw(sk_random *random) {
        sk_id id;
        for (size_t i = 0; i < sizeof(id.bytes); i++)
                id.bytes[i] = (uint8_t)sk_random_below(random, 256);
        id.bytes[0] |= 1; /* never zero */
        id.bytes[6] = (uint8_t)(0x70 | (id.bytes[6] & 0x0f));
        id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f));
        return id;
}

static uint32_t seqno_draw(sk_random *random, sk_message type) {
        if (type == SK_CALL_RAISE)
                return 1;
        return (uint32_t)(1 + sk_random_below(random, sk_random_below(random, 2) == 0 ? 20 : UINT32_MAX));
}

static void draw_between(sk_random *random, struct drawn *drawn, sk_envelope *out) {
        sk_id root = id_draw(random);
        sk_digest digest = sk_digest_of((sk_slice){(const char *)root.bytes, sizeof(root.bytes)});

        out->seqno = seqno_draw(random, out->type);
        out->hops = (uint16_t)sk_random_below(random, SK_HOPS_MAX + 1);
        out->replykey = id_draw(random);
        out->has_replykey = true;
        sk_id_format(&root, drawn->rootid);
        sk_digest_format(&digest, drawn->agreement);
        sk_trace_write(&root, &out->callid, out->hops, drawn->trace);
        sk_trace_write(&root, &root, 0, drawn->chain_trace);
        out->rootid = (sk_slice){drawn->rootid, SK_ID_TEXT};
        out->agreement = (sk_slice){drawn->agreement, SK_DIGEST_TEXT};
        out->traceparent = (sk_slice){drawn->trace, SK_TRACE_TEXT};
        out->chain_traceparent = (sk_slice){drawn->chain_trace, SK_TRACE_TEXT};

        char callid[SK_ID_TEXT];
        sk_id_format(&out->callid, callid);
        char letter = sk_message_is_call(out->type) ? 'c' : 'f';
        int len = snprintf(drawn->id, sizeof(drawn->id), "%.*s/%c/%u", SK_ID_TEXT, callid, letter, out->seqno);
        out->id = (sk_slice){drawn->id, (size_t)len};
}

/* Anything that may stand on calls, feedback or work. */
static sk_envelope envelope_draw(sk_random *random, struct drawn *drawn) {
        sk_envelope out = {.type = (sk_message)sk_random_below(random, SK_WORK_FORCE_CLOSE + 1)};
        out.time_us = (int64_t)sk_random_below(random, UINT64_C(4000000000000000));
        out.callid = id_draw(random);
        out.has_callid = true;
        if (!sk_message_is_work(out.type)) {
                out.source = sk_message_is_call(out.type) ? SK_SLICE("/ssc/finance") : SK_SLICE("/ssc/desk");
                draw_between(random, drawn, &out);
                return out;
        }
        sk_id id = id_draw(random);
        sk_id_format(&id, drawn->id);
        out.id = (sk_slice){drawn->id, SK_ID_TEXT};
        out.source = SK_SLICE("/ssc/desk");
        out.actor = SK_SLICE("bert");
        return out;
}

static void assert_same(const sk_envelope *a, const sk_envelope *b) {
        assert_int_equal(a->type, b->type);
        assert_true(sk_slice_equal(a->id, b->id));
        assert_true(sk_slice_equal(a->source, b->source));
        assert_true(a->time_us == b->time_us);
        assert_true(sk_id_equal(&a->callid, &b->callid));
        assert_int_equal(a->has_replykey, b->has_replykey);
        assert_true(!a->has_replykey || sk_id_equal(&a->replykey, &b->replykey));
        assert_true(sk_slice_equal(a->rootid, b->rootid));
        assert_true(a->seqno == b->seqno);
        assert_int_equal(a->hops, b->hops);
        assert_true(sk_slice_equal(a->agreement, b->agreement));
        assert_true(sk_slice_equal(a->actor, b->actor));
        assert_true(sk_slice_equal(a->traceparent, b->traceparent));
        assert_true(sk_slice_equal(a->chain_traceparent, b->chain_traceparent));
}

static void test_what_is_encoded_is_decoded_as_it_was_and_encoded_to_the_same_bytes(void **state) {
        (void)state;
        sk_random random = sk_random_make(20261121);
        sk_buf run = sk_buf_make(RUN_MAX);
        sk_buf again = sk_buf_make(RUN_MAX);

        for (unsigned round = 0; round < ROUNDS; round++) {
                struct drawn drawn;
                sk_envelope envelope = envelope_draw(&random, &drawn);
                sk_envelope decoded;
                sk_reject reject = {.reason = "-"};
                sk_topic_kind kind = sk_message_is_call(envelope.type)   ? SK_TOPIC_CALLS
                                     : sk_message_is_work(envelope.type) ? SK_TOPIC_WORK
                                                                         : SK_TOPIC_FEEDBACK;
                record_fixture fixture = record_fixture_make(kind);
                record_fixture_build(&fixture);
                sk_buf_clear(&run);
                sk_envelope_encode(&envelope, &run);
                sk_id_format(kind == SK_TOPIC_FEEDBACK ? &envelope.replykey : &envelope.callid, drawn.key);
                fixture.record.key = (sk_slice){drawn.key, SK_ID_TEXT};
                fixture.record.partition = sk_hash_partition(fixture.record.key, FIXTURE_PARTITIONS);
                fixture.record.headers = sk_buf_slice(&run);

                sk_err err = sk_envelope_decode(&fixture.record, FIXTURE_CHAIN, FIXTURE_PARTITIONS, &decoded, &reject);
                if (err != SK_OK)
                        fail_msg("round %u, %s: %s", round, sk_message_name(envelope.type), reject.text);
                assert_same(&envelope, &decoded);
                sk_buf_clear(&again);
                sk_envelope_encode(&decoded, &again);
                assert_true(sk_slice_equal(sk_buf_slice(&run), sk_buf_slice(&again)));
                record_fixture_free(&fixture);
        }
        sk_buf_free(&run);
        sk_buf_free(&again);
}

static void test_events_and_archive_encode_without_numbers_of_a_direction(void **state) {
        (void)state;
        for (unsigned type = SK_EVENT_OPENED; type < SK_MESSAGES; type++) {
                sk_envelope envelope = raise_envelope();
                envelope.type = (sk_message)type;
                sk_buf run = sk_buf_make(RUN_MAX);
                sk_envelope_encode(&envelope, &run);
                sk_slice headers = sk_buf_slice(&run);

                assert_true(sk_headers_check(headers));
                assert_false(sk_slice_there(sk_headers_find(headers, "ce_seqno")));
                assert_false(sk_slice_there(sk_headers_find(headers, "ce_hops")));
                assert_int_equal(sk_message_find(sk_headers_find(headers, "ce_type")), type);
                sk_buf_free(&run);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_header_bytes_of_a_raise_are_these),
                cmocka_unit_test(test_the_header_bytes_of_a_claim_are_these),
                cmocka_unit_test(test_headers_are_appended_to_what_stands_there),
                cmocka_unit_test(test_an_attribute_that_is_empty_is_left_out),
                cmocka_unit_test(test_a_buffer_without_room_says_so_and_holds_no_half_header),
                cmocka_unit_test(test_what_is_encoded_is_decoded_as_it_was_and_encoded_to_the_same_bytes),
                cmocka_unit_test(test_events_and_archive_encode_without_numbers_of_a_direction),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
