#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event/structured.h"
#include "support/record_fixture.h"

#define STRUCTURED "application/cloudevents+json"
#define EVENT_MAX 4096

typedef struct fixture {
        sk_arena *arena;
        record_fixture plain;
        sk_buf run;
        sk_buf value;
        sk_record record;
} fixture;

static fixture f;

static int begin(void **state) {
        (void)state;
        f.arena = sk_arena_new((size_t)1 << 20);
        f.run = sk_buf_make(EVENT_MAX);
        f.value = sk_buf_make((size_t)1 << 20);
        return f.arena == NULL;
}

static int end(void **state) {
        (void)state;
        sk_arena_free(f.arena);
        sk_buf_free(&f.run);
        sk_buf_free(&f.value);
        return 0;
}

static void structured_begin(sk_topic_kind kind) {
        f.plain = record_fixture_make(kind);
        record_fixture_build(&f.plain);
        sk_buf_clear(&f.run);
        sk_buf_clear(&f.value);
        sk_headers_add(&f.run, "content-type", SK_SLICE(STRUCTURED "; charset=UTF-8"));
        f.record = f.plain.record;
}

static void structured_end(void) {
        f.record.headers = sk_buf_slice(&f.run);
        f.record.value = sk_buf_slice(&f.value);
        assert_int_equal(f.run.err, SK_OK);
        assert_int_equal(f.value.err, SK_OK);
}

/* The record of the fixture as a CloudEvents library would write it in structured mode. */
static void structured_of(sk_topic_kind kind) {
        structured_begin(kind);
        sk_buf_add_text(&f.value, "{");
        for (size_t i = 0; i < FIXTURE_HEADERS && f.plain.headers[i].name != NULL; i++) {
                const char *name = f.plain.headers[i].name;
                const char *value = f.plain.headers[i].value;
                bool is_number = strcmp(name, "ce_seqno") == 0 || strcmp(name, "ce_hops") == 0;
                if (strncmp(name, "ce_", 3) == 0)
                        sk_buf_add_format(&f.value, is_number ? "\"%s\":%s, " : "\"%s\":\"%s\", ", name + 3, value);
                else if (strcmp(name, "traceparent") == 0)
                        sk_headers_add(&f.run, name, sk_slice_of(value));
        }
        sk_buf_add_text(&f.value, "\"datacontenttype\":\"application/json\",\"data\": ");
        sk_buf_add_slice(&f.value, f.plain.record.value);
        sk_buf_add_text(&f.value, " }");
        structured_end();
}

static void structured_from(const char *value) {
        structured_begin(SK_TOPIC_WORK);
        sk_buf_add_text(&f.value, value);
        structured_end();
}

static sk_err decode(const sk_record *record, sk_envelope *out, sk_reject *reject) {
        return sk_envelope_decode(record, FIXTURE_CHAIN, FIXTURE_PARTITIONS, out, reject);
}

static void assert_same(sk_slice a, sk_slice b) {
        assert_int_equal(sk_slice_there(a), sk_slice_there(b));
        if (sk_slice_there(a) && !sk_slice_equal(a, b))
                fail_msg("\"%.*s\" is not \"%.*s\"", (int)a.len, a.at, (int)b.len, b.at);
}

static void assert_same_envelope(const sk_envelope *a, const sk_envelope *b) {
        assert_int_equal(a->type, b->type);
        assert_same(a->id, b->id);
        assert_same(a->source, b->source);
        assert_same(a->source_team, b->source_team);
        assert_true(a->time_us == b->time_us);
        assert_true(sk_id_equal(&a->callid, &b->callid) && sk_id_equal(&a->replykey, &b->replykey));
        assert_same(a->rootid, b->rootid);
        assert_int_equal(a->seqno, b->seqno);
        assert_int_equal(a->hops, b->hops);
        assert_same(a->agreement, b->agreement);
        assert_same(a->actor, b->actor);
        assert_same(a->traceparent, b->traceparent);
        assert_same(a->chain_traceparent, b->chain_traceparent);
}

static void test_structured_mode_says_the_same_as_binary_mode(void **state) {
        (void)state;
        for (sk_topic_kind kind = SK_TOPIC_CALLS; kind <= SK_TOPIC_WORK; kind++) {
                sk_record record;
                sk_envelope wanted;
                sk_envelope found;
                sk_reject reject = {0};

                structured_of(kind);
                assert_true(sk_structured_is(&f.record));
                assert_false(sk_structured_is(&f.plain.record));
                assert_int_equal(sk_structured_unwrap(&f.record, f.arena, &record, &reject), SK_OK);
                assert_int_equal(decode(&f.plain.record, &wanted, &reject), SK_OK);
                if (decode(&record, &found, &reject) != SK_OK)
                        fail_msg("%s", reject.text);
                assert_same_envelope(&found, &wanted);
                assert_same(record.value, f.plain.record.value);
                assert_same(record.key, f.plain.record.key);
                record_fixture_free(&f.plain);
        }
}

#define WORK_BUT_ID                                                                                            \
        "\"specversion\":\"1.0\",\"type\":\"schakel.work.claim\",\"dataschema\":\"schakel:work.claim/1.0\","   \
        "\"time\":\"2026-11-21T14:22:51Z\",\"callid\":\"" FIXTURE_CALLID "\",\"actor\":\"anna\",\"source\":\"" \
        "\\/ssc\\/desk\""
#define WORK WORK_BUT_ID ",\"id\":\"" FIXTURE_WORKID "\""

/* Rows with an error are refused by the unwrapping, those with a reason only by the envelope behind it. */
static const struct {
        const char *value;
        sk_err err;
        const char *reason;
} cases[] = {
        {"{" WORK ",\"data\":{\"visit\":4}}", SK_OK, NULL},
        {"{" WORK ",\"data\":{\"visit\":4},\"datacontenttype\":\"application/json\"}", SK_OK, NULL},
        {"{" WORK ",\"data\":{},\"unknown\":[1,{}],\"subject\":null}", SK_OK, NULL},
        {"{" WORK ",\"data\":{},\"traceparent\":\"nonsense\"}", SK_OK, NULL},
        {"{" WORK ",\"data\":{},\"seqno\":null}", SK_OK, NULL},
        {"{" WORK_BUT_ID ",\"id\":\"0198c5f2-7b1b-7001-8002-00000000000\\u0033\",\"data\":{}}", SK_OK, NULL},
        {"{" WORK ",\"data\":[]}", SK_OK, "bad-data"},
        {"{" WORK ",\"data\":null}", SK_OK, "bad-data"},
        {"{" WORK ",\"data\":\"{}\"}", SK_OK, "bad-data"},
        {"{" WORK ",\"data\":{},\"datacontenttype\":\"text/xml\"}", SK_OK, "bad-envelope"},
        {"{" WORK_BUT_ID ",\"data\":{}}", SK_OK, "bad-envelope"},
        {"{" WORK_BUT_ID ",\"id\":17,\"data\":{}}", SK_OK, "bad-envelope"},
        {"{" WORK_BUT_ID ",\"id\":\"\",\"data\":{}}", SK_OK, "bad-envelope"},
        {"{" WORK_BUT_ID ",\"id\":\"\\u0000\",\"data\":{}}", SK_OK, "bad-envelope"},
        {"{" WORK_BUT_ID ",\"id\":true,\"data\":{}}", SK_ERR_TYPE, "bad-envelope"},
        {"{" WORK_BUT_ID ",\"id\":[\"x\"],\"data\":{}}", SK_ERR_TYPE, "bad-envelope"},
        {"{" WORK_BUT_ID ",\"id\":\"1\",\"id\":\"2\",\"data\":{}}", SK_ERR_DUPLICATE, "bad-envelope"},
        {"{" WORK "}", SK_ERR_MISSING, "bad-data"},
        {"{" WORK ",\"data_base64\":\"e30=\"}", SK_ERR_TYPE, "bad-data"},
        {"[]", SK_ERR_TYPE, "bad-envelope"},
        {"\"{}\"", SK_ERR_TYPE, "bad-envelope"},
        {"", SK_ERR_SYNTAX, "bad-envelope"},
        {"{", SK_ERR_SYNTAX, "bad-envelope"},
        {"{\"id\":\"\xff\"}", SK_ERR_UTF8, "bad-envelope"},
        {"{}", SK_ERR_MISSING, "bad-data"},
};

static void test_each_value_is_judged_as_an_event(void **state) {
        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_record record;
                sk_envelope envelope;
                sk_reject reject = {.reason = NULL};

                structured_from(cases[i].value);
                sk_err err = sk_structured_unwrap(&f.record, f.arena, &record, &reject);
                if (err == SK_OK)
                        (void)decode(&record, &envelope, &reject);
                const char *reason = reject.reason == NULL ? "" : reject.reason;
                if (err != cases[i].err || strcmp(reason, cases[i].reason == NULL ? "" : cases[i].reason) != 0)
                        fail_msg("%s: got %s, \"%s\" (%s)", cases[i].value, sk_err_name(err), reason, reject.text);
                record_fixture_free(&f.plain);
        }
}

static void test_a_value_that_is_too_large_or_not_there_is_refused(void **state) {
        (void)state;
        sk_record record;
        sk_reject reject = {0};
        char *large = malloc(SK_VALUE_MAX + 1);

        assert_non_null(large);
        structured_from("{}");
        memset(large, ' ', SK_VALUE_MAX + 1);
        f.record.value = (sk_slice){large, SK_VALUE_MAX + 1};
        assert_int_equal(sk_structured_unwrap(&f.record, f.arena, &record, &reject), SK_ERR_SIZE);
        assert_string_equal(reject.reason, "too-large");
        f.record.value = SK_NONE;
        assert_int_equal(sk_structured_unwrap(&f.record, f.arena, &record, &reject), SK_ERR_MISSING);
        assert_string_equal(reject.reason, "bad-data");
        free(large);
        record_fixture_free(&f.plain);
}

static void test_headers_beside_structured_mode_change_nothing(void **state) {
        (void)state;
        sk_record record;
        sk_envelope envelope;
        sk_reject reject = {0};

        structured_of(SK_TOPIC_WORK);
        sk_headers_add(&f.run, "ce_actor", SK_SLICE("mallory"));
        sk_headers_add(&f.run, "ce_type", SK_SLICE("schakel.work.complete"));
        structured_end();
        assert_int_equal(sk_structured_unwrap(&f.record, f.arena, &record, &reject), SK_OK);
        assert_int_equal(decode(&record, &envelope, &reject), SK_OK);
        assert_true(sk_slice_is(envelope.actor, "anna"));
        assert_int_equal(envelope.type, SK_WORK_CLAIM);
        record_fixture_free(&f.plain);
}

static void test_only_its_own_content_type_is_structured_mode(void **state) {
        (void)state;
        static const struct {
                const char *type;
                bool is_structured;
        } types[] = {
                {STRUCTURED, true},
                {"Application/CloudEvents+JSON", true},
                {STRUCTURED "; charset=utf-8", true},
                {STRUCTURED " ;charset=utf-8", true},
                {"application/cloudevents+jsonp", false},
                {"application/cloudevents-batch+json", false},
                {"application/cloudevents+avro", false},
                {"application/json", false},
                {"", false},
        };

        for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
                structured_from("{}");
                sk_buf_clear(&f.run);
                sk_headers_add(&f.run, "content-type", sk_slice_of(types[i].type));
                structured_end();
                assert_int_equal(sk_structured_is(&f.record), types[i].is_structured);
                record_fixture_free(&f.plain);
        }
}

static void test_an_arena_without_room_is_told_apart_from_a_bad_event(void **state) {
        (void)state;
        sk_record record;
        sk_reject reject = {.reason = NULL};
        sk_arena *small = sk_arena_new(16);

        structured_of(SK_TOPIC_CALLS);
        assert_int_equal(sk_structured_unwrap(&f.record, small, &record, &reject), SK_ERR_FULL);
        assert_null(reject.reason);
        sk_arena_free(small);
        record_fixture_free(&f.plain);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_structured_mode_says_the_same_as_binary_mode, begin, end),
                cmocka_unit_test_setup_teardown(test_each_value_is_judged_as_an_event, begin, end),
                cmocka_unit_test_setup_teardown(test_a_value_that_is_too_large_or_not_there_is_refused, begin, end),
                cmocka_unit_test_setup_teardown(test_headers_beside_structured_mode_change_nothing, begin, end),
                cmocka_unit_test_setup_teardown(test_only_its_own_content_type_is_structured_mode, begin, end),
                cmocka_unit_test_setup_teardown(test_an_arena_without_room_is_told_apart_from_a_bad_event, begin, end),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
