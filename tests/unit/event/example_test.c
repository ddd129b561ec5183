#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "event/envelope.h"
#include "event/topics.h"
#include "kit/json_scan.h"

/*
 * What other implementers are told stands in schemas/: the examples there are records that this code reads and would
 * write to the byte, and each message of the catalogue has its schema.
 */

#define FILE_MAX (256u * 1024u)
#define RUN_MAX 4096
#define PARTITIONS 4

/* The whole file; free with free. */
static sk_slice file_read(const char *path) {
        const char *root = getenv("SK_SOURCE_DIR");
        char name[512];
        (void)snprintf(name, sizeof(name), "%s/%s", root == NULL ? "." : root, path);
        FILE *file = fopen(name, "rb");
        if (file == NULL)
                fail_msg("cannot open %s", name);
        char *bytes = malloc(FILE_MAX);
        assert_non_null(bytes);
        size_t len = fread(bytes, 1, FILE_MAX, file);
        (void)fclose(file);
        assert_true(len < FILE_MAX);
        return (sk_slice){bytes, len};
}

/* The line at the start of *rest, which moves behind it; false at the end. */
static bool line_take(sk_slice *rest, sk_slice *out) {
        if (rest->len == 0)
                return false;
        const char *end = memchr(rest->at, '\n', rest->len);
        assert_non_null(end);
        *out = (sk_slice){rest->at, (size_t)(end - rest->at)};
        *rest = (sk_slice){end + 1, rest->len - out->len - 1};
        return true;
}

static void headers_read(sk_slice line, sk_buf *run) {
        sk_json_walk walk = sk_json_walk_make(sk_json_member(line, "headers"));
        sk_slice name;
        sk_slice value;
        while (sk_json_walk_next(&walk, &name, &value)) {
                char text[256] = {0};
                assert_true(name.len < sizeof(text));
                memcpy(text, name.at, name.len);
                sk_headers_add(run, text, sk_json_string(value, NULL));
        }
}

static sk_topic topic_read(sk_slice line) {
        sk_topic topic = {.name = sk_json_member_string(line, "topic", NULL), .is_inbound = true};
        sk_slice chain;
        assert_true(sk_topic_parse(topic.name, &chain, &topic.owner, &topic.kind, &topic.peer));
        assert_true(sk_slice_is(chain, "ssc"));
        return topic;
}

static void check_example(sk_slice line, sk_message *out_type) {
        assert_int_equal(sk_json_check(line, SK_JSON_DEPTH_MAX + 1, NULL), SK_OK);
        sk_topic topic = topic_read(line);
        sk_buf run = sk_buf_make(RUN_MAX);
        headers_read(line, &run);
        int64_t partition = -1;
        assert_true(sk_json_member_int(line, "partition", 0, PARTITIONS - 1, &partition));
        sk_record record = {.topic = &topic,
                            .partition = (int32_t)partition,
                            .key = sk_json_member_string(line, "key", NULL),
                            .headers = sk_buf_slice(&run),
                            .value = sk_json_member(line, "value")};
        sk_envelope envelope;
        sk_reject reject;
        if (sk_envelope_decode(&record, SK_SLICE("ssc"), PARTITIONS, &envelope, &reject) != SK_OK)
                fail_msg("%s", reject.text);

        sk_buf again = sk_buf_make(RUN_MAX);
        sk_envelope_encode(&envelope, &again);
        assert_true(sk_slice_equal(sk_buf_slice(&run), sk_buf_slice(&again)));
        *out_type = envelope.type;
        sk_buf_free(&run);
        sk_buf_free(&again);
}

static void test_the_example_of_a_call_is_read_and_written_to_the_byte(void **state) {
        (void)state;
        static const sk_message expected[] = {
                SK_WORK_RAISE,        SK_CALL_RAISE,  SK_FEEDBACK_ACCEPTED, SK_WORK_CLAIM,    SK_WORK_QUESTION,
                SK_FEEDBACK_QUESTION, SK_WORK_ANSWER, SK_CALL_ANSWER,       SK_WORK_COMPLETE, SK_FEEDBACK_CLOSED,
        };
        sk_slice text = file_read("schemas/examples/service-request.jsonl");
        sk_slice rest = text;
        sk_slice line;
        size_t count = 0;

        while (line_take(&rest, &line)) {
                sk_message type;
                check_example(line, &type);
                assert_true(count < sizeof(expected) / sizeof(expected[0]));
                assert_int_equal(type, expected[count++]);
        }
        assert_int_equal(count, sizeof(expected) / sizeof(expected[0]));
        free((void *)(uintptr_t)text.at);
}

static void test_every_message_has_a_schema_that_its_dataschema_names(void **state) {
        (void)state;
        for (unsigned message = 0; message < SK_MESSAGES; message++) {
                const char *name = sk_message_name((sk_message)message);
                char path[128];
                char id[128];
                (void)snprintf(path, sizeof(path), "schemas/messages/%s.schema.json", name);
                (void)snprintf(id, sizeof(id), "schakel:%s/" SK_SCHEMA_VERSION, name);
                sk_slice schema = file_read(path);

                assert_int_equal(sk_json_check(schema, SK_JSON_DEPTH_MAX, NULL), SK_OK);
                assert_true(sk_slice_is(sk_json_member_string(schema, "$schema", NULL),
                                        "https://json-schema.org/draft/2020-12/schema"));
                assert_true(sk_slice_is(sk_json_member_string(schema, "$id", NULL), id));
                assert_true(sk_json_member_string(schema, "title", NULL).len > 0);
                assert_true(sk_slice_there(sk_json_member(schema, "description")));
                assert_true(sk_slice_is(sk_json_member_string(schema, "type", NULL), "object"));
                assert_false(sk_slice_there(sk_json_member(schema, "additionalProperties")));
                free((void *)(uintptr_t)schema.at);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_example_of_a_call_is_read_and_written_to_the_byte),
                cmocka_unit_test(test_every_message_has_a_schema_that_its_dataschema_names),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
