#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "event/envelope.h"
#include "kit/hash.h"
#include "support/record_fixture.h"

#define CALLS SK_TOPIC_CALLS
#define FEEDBACK SK_TOPIC_FEEDBACK
#define WORK SK_TOPIC_WORK
#define UPPER_CALLID "5F0C1D2E-3B4A-8C6D-9E7F-0A1B2C3D4E5F"
#define ZERO_ID "00000000-0000-0000-0000-000000000000"

static sk_err decode(record_fixture *fixture, sk_envelope *out, sk_reject *out_reject) {
        *out_reject = (sk_reject){.reason = NULL};
        return sk_envelope_decode(&fixture->record, FIXTURE_CHAIN, FIXTURE_PARTITIONS, out, out_reject);
}

static void assert_refused(const char *what, record_fixture *fixture, sk_err err, const char *reason) {
        sk_envelope envelope;
        sk_reject reject;
        sk_err found = decode(fixture, &envelope, &reject);
        if (found != err || (reason != NULL && strcmp(reject.reason, reason) != 0))
                fail_msg("%s: got %s (%s: %s), wanted %s (%s)", what, sk_err_name(found),
                         reject.reason == NULL ? "-" : reject.reason, reject.reason == NULL ? "-" : reject.text,
                         sk_err_name(err), reason == NULL ? "-" : reason);
        if (err != SK_OK)
                assert_true(strlen(reject.text) > 10 && strlen(reject.text) < sizeof(reject.text));
}

static void test_every_required_attribute_that_is_missing_is_named(void **state) {
        (void)state;
        static const struct {
                sk_topic_kind kind;
                const char *required[16];
        } cases[] = {
                {CALLS,
                 {"ce_specversion", "content-type", "ce_type", "ce_dataschema", "ce_id", "ce_source", "ce_time",
                  "ce_callid", "ce_seqno", "ce_replykey", "ce_rootid", "ce_hops", "ce_agreement"}},
                {FEEDBACK,
                 {"ce_specversion", "content-type", "ce_type", "ce_dataschema", "ce_id", "ce_source", "ce_time",
                  "ce_callid", "ce_seqno", "ce_replykey", "ce_rootid", "ce_hops"}},
                {WORK,
                 {"ce_specversion", "content-type", "ce_type", "ce_dataschema", "ce_id", "ce_source", "ce_time",
                  "ce_callid", "ce_actor"}},
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                for (const char *const *name = cases[i].required; *name != NULL; name++) {
                        record_fixture fixture = record_fixture_make(cases[i].kind);
                        record_fixture_set(&fixture, *name, NULL);
                        record_fixture_build(&fixture);
                        sk_envelope envelope;
                        sk_reject reject;

                        assert_int_equal(decode(&fixture, &envelope, &reject), SK_ERR_MISSING);
                        assert_string_equal(reject.reason, "bad-envelope");
                        assert_non_null(strstr(reject.text, *name));
                        record_fixture_free(&fixture);
                }
        }
}

/* One header is given another value; everything else stays right. */
static const struct {
        sk_topic_kind kind;
        const char *name;
        const char *value;
        sk_err err;
        const char *reason;
} header_cases[] = {
        {CALLS, "ce_specversion", "0.3", SK_ERR_VERSION, "bad-version"},
        {CALLS, "ce_specversion", "1", SK_ERR_VERSION, "bad-version"},
        {CALLS, "ce_dataschema", "schakel:call.raise/2.0", SK_ERR_VERSION, "bad-version"},
        {CALLS, "ce_dataschema", "schakel:call.raise/0.9", SK_ERR_VERSION, "bad-version"},
        {CALLS, "ce_dataschema", "schakel:call.raise/10.0", SK_ERR_VERSION, "bad-version"},
        {CALLS, "ce_dataschema", "schakel:call.raise/1", SK_ERR_VERSION, "bad-version"},
        {CALLS, "ce_dataschema", "schakel:call.raise/1.", SK_ERR_VERSION, "bad-version"},
        {CALLS, "ce_dataschema", "schakel:call.raise/1.x", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_dataschema", "schakel:call.raise/1.7", SK_OK, NULL},
        {CALLS, "ce_dataschema", "schakel:call.note/1.0", SK_ERR_CONFLICT, "bad-envelope"},
        {CALLS, "ce_dataschema", "https://example.com/call.raise/1.0", SK_ERR_CONFLICT, "bad-envelope"},
        {CALLS, "content-type", "application/json; charset=utf-8", SK_OK, NULL},
        {CALLS, "content-type", "Application/JSON", SK_OK, NULL},
        {CALLS, "content-type", "application/cloudevents+json", SK_ERR_TYPE, "bad-envelope"},
        {CALLS, "content-type", "application/jsonp", SK_ERR_TYPE, "bad-envelope"},
        {CALLS, "content-type", "text/plain", SK_ERR_TYPE, "bad-envelope"},
        {CALLS, "content-type", "application/json\n", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_type", "", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_type", "schakel.call\x1b[2J", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_type", "schakel.feedback.closed", SK_ERR_CONFLICT, "misrouted"},
        {CALLS, "ce_type", "schakel.event.opened", SK_ERR_CONFLICT, "misrouted"},
        {FEEDBACK, "ce_type", "schakel.call.raise", SK_ERR_CONFLICT, "misrouted"},
        {WORK, "ce_type", "schakel.call.note", SK_ERR_CONFLICT, "misrouted"},
        {CALLS, "ce_id", FIXTURE_CALLID "/c/2", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_id", FIXTURE_CALLID "/c/01", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_id", FIXTURE_CALLID "/c/11", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_id", FIXTURE_CALLID "/c/", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_id", FIXTURE_CALLID "/f/1", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_id", FIXTURE_REPLYKEY "/c/1", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_id", UPPER_CALLID "/c/1", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_id", FIXTURE_CALLID, SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_id", "1", SK_ERR_SYNTAX, "bad-envelope"},
        {FEEDBACK, "ce_id", FIXTURE_CALLID "/c/1", SK_ERR_SYNTAX, "bad-envelope"},
        {WORK, "ce_id", FIXTURE_CALLID, SK_ERR_SYNTAX, "bad-envelope"},
        {WORK, "ce_id", "0198C5F2-7B1B-7001-8002-000000000003", SK_ERR_SYNTAX, "bad-envelope"},
        {WORK, "ce_id", "0198c5f2-7b1b-4001-8002-000000000003", SK_ERR_SYNTAX, "bad-envelope"},
        {WORK, "ce_id", "0198c5f2-7b1b-7001-c002-000000000003", SK_ERR_SYNTAX, "bad-envelope"},
        {WORK, "ce_id", "0198c5f27b1b70018002000000000003", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_source", "/ssc/hr", SK_ERR_CONFLICT, "wrong-source"},
        {CALLS, "ce_source", "/ssc/desk", SK_ERR_CONFLICT, "wrong-source"},
        {CALLS, "ce_source", "/other/finance", SK_ERR_CONFLICT, "wrong-source"},
        {CALLS, "ce_source", "ssc/finance/", SK_ERR_CONFLICT, "wrong-source"},
        {CALLS, "ce_source", "finance", SK_ERR_CONFLICT, "wrong-source"},
        {CALLS, "ce_source", "/ssc/finance/../hr", SK_ERR_CONFLICT, "wrong-source"},
        {CALLS, "ce_source", "/", SK_ERR_CONFLICT, "wrong-source"},
        {FEEDBACK, "ce_source", "/ssc/finance", SK_ERR_CONFLICT, "wrong-source"},
        {WORK, "ce_source", "/ssc/finance", SK_ERR_CONFLICT, "wrong-source"},
        {CALLS, "ce_time", "yesterday", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_time", "2026-11-21", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_time", "2026-02-30T00:00:00Z", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_time", "1763734971", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_time", "2026-11-21T15:22:51+01:00", SK_OK, NULL},
        {CALLS, "ce_callid", UPPER_CALLID, SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_callid", ZERO_ID, SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_callid", "{5f0c1d2e-3b4a-8c6d-9e7f-0a1b2c3d4e5f}", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_callid", "5f0c1d2e-3b4a-8c6d-9e7f-0a1b2c3d4e5", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_callid", "5f0c1d2e-3b4a-8c6d-9e7f-0a1b2c3d4e5g", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_callid", "../../../../../../../../../etc/passwd", SK_ERR_SYNTAX, "bad-envelope"},
        {FEEDBACK, "ce_callid", UPPER_CALLID, SK_ERR_SYNTAX, "bad-envelope"},
        {WORK, "ce_callid", UPPER_CALLID, SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_seqno", "0", SK_ERR_RANGE, "bad-envelope"},
        {CALLS, "ce_seqno", "2", SK_ERR_RANGE, "bad-envelope"},
        {CALLS, "ce_seqno", "-1", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_seqno", "+1", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_seqno", "01", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_seqno", "1.0", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_seqno", "0x1", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_seqno", "4294967296", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_seqno", "18446744073709551617", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_seqno", "", SK_ERR_SYNTAX, "bad-envelope"},
        {FEEDBACK, "ce_seqno", "0", SK_ERR_RANGE, "bad-envelope"},
        {CALLS, "ce_replykey", "finance", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_replykey", "0198C5F2-7B1A-7C3D-8E4F-A1B2C3D4E5F6", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_rootid", "root", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_rootid", ZERO_ID, SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_hops", "16", SK_OK, NULL},
        {CALLS, "ce_hops", "17", SK_ERR_RANGE, "bad-envelope"},
        {CALLS, "ce_hops", "65536", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_hops", "-1", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_hops", "one", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_agreement", "00112233", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "ce_agreement", "00112233445566778899aabbccddeefg", SK_ERR_SYNTAX, "bad-envelope"},
        {WORK, "ce_actor", "anna\r\nbert", SK_ERR_SYNTAX, "bad-envelope"},
        {WORK, "ce_actor", "anna bert", SK_ERR_SYNTAX, "bad-envelope"},
        {WORK, "ce_actor", "\xff\xfe", SK_ERR_SYNTAX, "bad-envelope"},
        {WORK, "ce_seqno", "nonsense", SK_OK, NULL},
        {CALLS, "ce_surprise", "of a later version", SK_OK, NULL},
        {FEEDBACK, "ce_agreement", NULL, SK_OK, NULL},
        {FEEDBACK, "ce_agreement", "none", SK_ERR_SYNTAX, "bad-envelope"},
        {CALLS, "traceparent", NULL, SK_OK, NULL},
        {CALLS, "traceparent", "nonsense", SK_OK, NULL},
};

static void test_each_header_with_a_hostile_value_is_judged(void **state) {
        (void)state;
        for (size_t i = 0; i < sizeof(header_cases) / sizeof(header_cases[0]); i++) {
                record_fixture fixture = record_fixture_make(header_cases[i].kind);
                record_fixture_set(&fixture, header_cases[i].name, header_cases[i].value);
                record_fixture_build(&fixture);
                char what[128];
                (void)snprintf(what, sizeof(what), "%s = %s", header_cases[i].name,
                               header_cases[i].value == NULL ? "(none)" : header_cases[i].value);
                assert_refused(what, &fixture, header_cases[i].err, header_cases[i].reason);
                record_fixture_free(&fixture);
        }
}

static void test_an_unknown_type_is_no_error(void **state) {
        (void)state;
        static const char *const types[] = {"schakel.call.celebrate", "com.example.other", "x"};
        for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
                record_fixture fixture = record_fixture_make(CALLS);
                record_fixture_set(&fixture, "ce_type", types[i]);
                record_fixture_set(&fixture, "ce_dataschema", "schakel:call.celebrate/7.1");
                record_fixture_build(&fixture);
                sk_envelope envelope;
                sk_reject reject;

                assert_int_equal(decode(&fixture, &envelope, &reject), SK_OK);
                assert_int_equal(envelope.type, SK_MESSAGES);
                assert_true(sk_slice_is(envelope.type_text, types[i]));
                record_fixture_free(&fixture);
        }
}

static void test_only_a_refusal_may_have_number_zero(void **state) {
        (void)state;
        record_fixture fixture = record_fixture_make(FEEDBACK);
        record_fixture_set(&fixture, "ce_type", "schakel.feedback.refused");
        record_fixture_set(&fixture, "ce_dataschema", "schakel:feedback.refused/1.0");
        record_fixture_set(&fixture, "ce_seqno", "0");
        record_fixture_set(&fixture, "ce_id", FIXTURE_CALLID "/f/0");
        record_fixture_build(&fixture);

        assert_refused("refused with 0", &fixture, SK_OK, NULL);
        record_fixture_free(&fixture);
}

static void test_an_attribute_given_twice_is_refused(void **state) {
        (void)state;
        record_fixture fixture = record_fixture_make(CALLS);
        record_fixture_build(&fixture);
        sk_headers_add(&fixture.run, "ce_source", SK_SLICE("/ssc/hr"));
        fixture.record.headers = sk_buf_slice(&fixture.run);

        assert_refused("ce_source twice", &fixture, SK_ERR_DUPLICATE, "bad-envelope");
        record_fixture_free(&fixture);
}

static void test_headers_are_bounded_in_number(void **state) {
        (void)state;
        record_fixture fixture = record_fixture_make(CALLS);
        record_fixture_build(&fixture);
        size_t own = 0;
        while (own < FIXTURE_HEADERS && fixture.headers[own].name != NULL)
                own++;
        for (size_t i = own; i < SK_HEADERS_MAX; i++)
                sk_headers_add(&fixture.run, "other", SK_SLICE("x"));
        fixture.record.headers = sk_buf_slice(&fixture.run);
        assert_refused("64 headers", &fixture, SK_OK, NULL);

        sk_headers_add(&fixture.run, "other", SK_SLICE("x"));
        fixture.record.headers = sk_buf_slice(&fixture.run);
        assert_refused("65 headers", &fixture, SK_ERR_SIZE, "bad-envelope");
        record_fixture_free(&fixture);
}

static void test_an_attribute_of_257_bytes_is_refused(void **state) {
        (void)state;
        char actor[258];
        memset(actor, 'a', sizeof(actor));
        actor[257] = '\0';
        record_fixture fixture = record_fixture_make(WORK);
        record_fixture_set(&fixture, "ce_actor", actor);
        record_fixture_build(&fixture);
        assert_refused("257 bytes", &fixture, SK_ERR_SYNTAX, "bad-envelope");

        actor[256] = '\0';
        record_fixture_build(&fixture);
        assert_refused("256 bytes", &fixture, SK_OK, NULL);
        record_fixture_free(&fixture);
}

static void test_headers_cut_anywhere_never_pass_as_whole(void **state) {
        (void)state;
        record_fixture fixture = record_fixture_make(WORK);
        record_fixture_build(&fixture);
        sk_slice whole = fixture.record.headers;

        for (size_t len = 0; len < whole.len; len++) {
                char *copy = malloc(len == 0 ? 1 : len); /* its own memory: a sanitizer sees each byte too far */
                assert_non_null(copy);
                memcpy(copy, whole.at, len);
                fixture.record.headers = (sk_slice){copy, len};
                sk_envelope envelope;
                sk_reject reject;
                assert_int_not_equal(decode(&fixture, &envelope, &reject), SK_OK);
                free(copy);
        }
        record_fixture_free(&fixture);
}

static void test_a_record_at_the_wrong_place_is_misrouted(void **state) {
        (void)state;
        for (unsigned kind = CALLS; kind <= WORK; kind++) {
                record_fixture fixture = record_fixture_make((sk_topic_kind)kind);
                record_fixture_build(&fixture);
                sk_slice key = fixture.record.key;
                int32_t partition = fixture.record.partition;

                fixture.record.partition = (partition + 1) % FIXTURE_PARTITIONS;
                assert_refused("next partition", &fixture, SK_ERR_CONFLICT, "misrouted");
                fixture.record.partition = -1;
                assert_refused("no partition", &fixture, SK_ERR_CONFLICT, "misrouted");
                fixture.record.partition = partition;
                fixture.record.key = SK_NONE;
                assert_refused("no key", &fixture, SK_ERR_CONFLICT, "misrouted");
                fixture.record.key = (sk_slice){key.at, key.len - 1};
                assert_refused("short key", &fixture, SK_ERR_CONFLICT, "misrouted");
                record_fixture_free(&fixture);
        }
}

static void test_the_key_is_the_readers_id(void **state) {
        (void)state;
        static const struct {
                sk_topic_kind kind;
                const char *wrong_key;
        } cases[] = {{CALLS, FIXTURE_REPLYKEY}, {FEEDBACK, FIXTURE_CALLID}, {WORK, FIXTURE_WORKID}};
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                record_fixture fixture = record_fixture_make(cases[i].kind);
                record_fixture_build(&fixture);
                fixture.record.key = sk_slice_of(cases[i].wrong_key);
                fixture.record.partition = sk_hash_partition(fixture.record.key, FIXTURE_PARTITIONS);
                assert_refused(cases[i].wrong_key, &fixture, SK_ERR_CONFLICT, "misrouted");
                record_fixture_free(&fixture);
        }
}

static void test_each_value_is_judged_as_json(void **state) {
        (void)state;
        static const struct {
                const char *value;
                sk_err err;
        } cases[] = {
                {NULL, SK_ERR_MISSING},
                {"", SK_ERR_SYNTAX},
                {"{", SK_ERR_SYNTAX},
                {"{}", SK_OK},
                {" {\"a\":1}\n", SK_OK},
                {"{} {}", SK_ERR_SYNTAX},
                {"{\"a\":1,}", SK_ERR_SYNTAX},
                {"{\"a\":NaN}", SK_ERR_SYNTAX},
                {"{\"a\":1,\"b\":2,\"a\":3}", SK_ERR_DUPLICATE},
                {"{\"a\":{\"x\":1,\"\\u0078\":2}}", SK_ERR_DUPLICATE},
                {"{\"a\":\"\xff\"}", SK_ERR_UTF8},
                {"{\"a\":\"\xc0\xaf\"}", SK_ERR_UTF8},
                {"{\"a\":\"\xed\xa0\x80\"}", SK_ERR_UTF8},
                {"{\"a\":\"line\nline\"}", SK_ERR_SYNTAX},
                {"[]", SK_ERR_TYPE},
                {"\"text\"", SK_ERR_TYPE},
                {"null", SK_ERR_TYPE},
                {"1e999999", SK_ERR_TYPE},
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                record_fixture fixture = record_fixture_make(CALLS);
                record_fixture_build(&fixture);
                fixture.record.value = sk_slice_of(cases[i].value);
                assert_refused(cases[i].value == NULL ? "(tombstone)" : cases[i].value, &fixture, cases[i].err,
                               cases[i].err == SK_OK ? NULL : "bad-data");
                record_fixture_free(&fixture);
        }
}

/* An object of @p depth objects inside each other. */
static sk_slice nested(char *at, unsigned depth) {
        size_t len = 0;
        for (unsigned i = 1; i < depth; i++) {
                memcpy(at + len, "{\"a\":", 5);
                len += 5;
        }
        memcpy(at + len, "{}", 2);
        len += 2;
        memset(at + len, '}', depth - 1);
        return (sk_slice){at, len + depth - 1};
}

static void test_a_value_may_be_32_deep_and_no_more(void **state) {
        (void)state;
        char value[512];
        record_fixture fixture = record_fixture_make(FEEDBACK);
        record_fixture_build(&fixture);

        fixture.record.value = nested(value, SK_JSON_DEPTH_MAX);
        assert_refused("depth 32", &fixture, SK_OK, NULL);
        fixture.record.value = nested(value, SK_JSON_DEPTH_MAX + 1);
        assert_refused("depth 33", &fixture, SK_ERR_DEPTH, "bad-data");
        record_fixture_free(&fixture);
}

static void test_a_value_may_have_256_kib_and_no_more(void **state) {
        (void)state;
        char *value = malloc(SK_VALUE_MAX + 1);
        assert_non_null(value);
        memset(value, ' ', SK_VALUE_MAX + 1);
        value[0] = '{';
        value[1] = '}';
        record_fixture fixture = record_fixture_make(CALLS);
        record_fixture_build(&fixture);

        fixture.record.value = (sk_slice){value, SK_VALUE_MAX};
        assert_refused("256 KiB", &fixture, SK_OK, NULL);
        fixture.record.value = (sk_slice){value, SK_VALUE_MAX + 1};
        assert_refused("256 KiB + 1", &fixture, SK_ERR_SIZE, "too-large");
        record_fixture_free(&fixture);
        free(value);
}

static void test_what_is_right_is_read_whole(void **state) {
        (void)state;
        record_fixture fixture = record_fixture_make(CALLS);
        record_fixture_set(&fixture, "ce_hops", "3");
        record_fixture_build(&fixture);
        sk_envelope envelope;
        sk_reject reject;
        char text[SK_ID_TEXT];

        assert_int_equal(decode(&fixture, &envelope, &reject), SK_OK);
        assert_int_equal(envelope.type, SK_CALL_RAISE);
        assert_true(sk_slice_is(envelope.id, FIXTURE_CALLID "/c/1"));
        assert_true(sk_slice_is(envelope.source, "/ssc/finance"));
        assert_true(sk_slice_is(envelope.source_team, "finance"));
        assert_true(envelope.time_us == INT64_C(1795270971000000));
        assert_true(envelope.has_callid && envelope.has_replykey);
        sk_id_format(&envelope.callid, text);
        assert_memory_equal(text, FIXTURE_CALLID, SK_ID_TEXT);
        sk_id_format(&envelope.replykey, text);
        assert_memory_equal(text, FIXTURE_REPLYKEY, SK_ID_TEXT);
        assert_true(sk_slice_is(envelope.rootid, FIXTURE_REPLYKEY));
        assert_int_equal(envelope.seqno, 1);
        assert_int_equal(envelope.hops, 3);
        assert_true(sk_slice_is(envelope.agreement, FIXTURE_AGREEMENT));
        assert_false(sk_slice_there(envelope.actor));
        assert_true(sk_slice_there(envelope.traceparent) && sk_slice_there(envelope.chain_traceparent));
        record_fixture_free(&fixture);
}

static void test_a_malformed_trace_is_dropped_and_the_message_kept(void **state) {
        (void)state;
        record_fixture fixture = record_fixture_make(WORK);
        record_fixture_set(&fixture, "traceparent", "00-nonsense");
        record_fixture_build(&fixture);
        sk_envelope envelope;
        sk_reject reject;

        assert_int_equal(decode(&fixture, &envelope, &reject), SK_OK);
        assert_false(sk_slice_there(envelope.traceparent));
        assert_true(sk_slice_is(envelope.actor, "anna"));
        record_fixture_free(&fixture);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_required_attribute_that_is_missing_is_named),
                cmocka_unit_test(test_each_header_with_a_hostile_value_is_judged),
                cmocka_unit_test(test_an_unknown_type_is_no_error),
                cmocka_unit_test(test_only_a_refusal_may_have_number_zero),
                cmocka_unit_test(test_an_attribute_given_twice_is_refused),
                cmocka_unit_test(test_headers_are_bounded_in_number),
                cmocka_unit_test(test_an_attribute_of_257_bytes_is_refused),
                cmocka_unit_test(test_headers_cut_anywhere_never_pass_as_whole),
                cmocka_unit_test(test_a_record_at_the_wrong_place_is_misrouted),
                cmocka_unit_test(test_the_key_is_the_readers_id),
                cmocka_unit_test(test_each_value_is_judged_as_json),
                cmocka_unit_test(test_a_value_may_be_32_deep_and_no_more),
                cmocka_unit_test(test_a_value_may_have_256_kib_and_no_more),
                cmocka_unit_test(test_what_is_right_is_read_whole),
                cmocka_unit_test(test_a_malformed_trace_is_dropped_and_the_message_kept),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
