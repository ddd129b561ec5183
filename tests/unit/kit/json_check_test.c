#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "kit/buf.h"
#include "kit/json_scan.h"
#include "support/failing_alloc.h"

#define DEPTH 32

/* At the end of memory of its own, so that a sanitizer sees every read past the end. */
static sk_err check(const char *text, size_t len, sk_place *out_place) {
        char *copy = malloc(len + (len == 0));
        sk_err err;

        assert_non_null(copy);
        memcpy(copy, text, len);
        err = sk_json_check((sk_slice){copy, len}, DEPTH, out_place);
        free(copy);
        return err;
}

static void test_well_formed_texts_are_accepted(void **state) {
        static const char *const cases[] = {
                "null",
                "true",
                "false",
                "0",
                "-0",
                "12",
                "-1.5e+10",
                "1E400",
                "1e-400",
                "0.0",
                "123456789012345678901234567890123456789012345678901234567890.1234567890123456789",
                "\"\"",
                "\"a\\n\\u0041\\ud83d\\ude00\\u0000\"",
                "\"\x7f\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
                "\"\\uFFFF\"",
                "[]",
                "{}",
                " \t\r\n[ ] \n",
                "[1,2 , 3]",
                "[[],{},[{}]]",
                "{\"a\":1,\"b\":{\"a\":2},\"c\":[{\"a\":3},{\"a\":4}]}",
                "{ \"\" : 1 , \"a\" : 2 }",
                "{\"a\":1,\"A\":2,\"\\u0041\\u0041\":3}",
                "{\"\\\\u0061\":1,\"a\":2}",
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                if (check(cases[i], strlen(cases[i]), NULL) != SK_OK)
                        fail_msg("%s was refused", cases[i]);
}

static const struct {
        const char *text;
        sk_err err;
        size_t offset;
} malformed[] = {
        {"", SK_ERR_SYNTAX, 0},
        {"  ", SK_ERR_SYNTAX, 2},
        {"nul", SK_ERR_SYNTAX, 0},
        {"True", SK_ERR_SYNTAX, 0},
        {"nullx", SK_ERR_SYNTAX, 4},
        {"1 2", SK_ERR_SYNTAX, 2},
        {"NaN", SK_ERR_SYNTAX, 0},
        {"-", SK_ERR_SYNTAX, 1},
        {"+1", SK_ERR_SYNTAX, 0},
        {"01", SK_ERR_SYNTAX, 1},
        {"-01", SK_ERR_SYNTAX, 2},
        {".5", SK_ERR_SYNTAX, 0},
        {"1.", SK_ERR_SYNTAX, 2},
        {"1.e5", SK_ERR_SYNTAX, 2},
        {"1e", SK_ERR_SYNTAX, 2},
        {"1e+", SK_ERR_SYNTAX, 3},
        {"0x10", SK_ERR_SYNTAX, 1},
        {"-Infinity", SK_ERR_SYNTAX, 1},
        {"[", SK_ERR_SYNTAX, 1},
        {"]", SK_ERR_SYNTAX, 0},
        {"[1", SK_ERR_SYNTAX, 2},
        {"[1,", SK_ERR_SYNTAX, 3},
        {"[1,]", SK_ERR_SYNTAX, 3},
        {"[,1]", SK_ERR_SYNTAX, 1},
        {"[1 2]", SK_ERR_SYNTAX, 3},
        {"[1}", SK_ERR_SYNTAX, 2},
        {"[1]]", SK_ERR_SYNTAX, 3},
        {"{", SK_ERR_SYNTAX, 1},
        {"{\"a\"", SK_ERR_SYNTAX, 4},
        {"{\"a\":", SK_ERR_SYNTAX, 5},
        {"{\"a\":1", SK_ERR_SYNTAX, 6},
        {"{\"a\":1,}", SK_ERR_SYNTAX, 7},
        {"{\"a\" 1}", SK_ERR_SYNTAX, 5},
        {"{a:1}", SK_ERR_SYNTAX, 1},
        {"{'a':1}", SK_ERR_SYNTAX, 1},
        {"{1:1}", SK_ERR_SYNTAX, 1},
        {"{\"a\":1]", SK_ERR_SYNTAX, 6},
        {"\"", SK_ERR_SYNTAX, 1},
        {"\"abc", SK_ERR_SYNTAX, 4},
        {"\"abc\\\"", SK_ERR_SYNTAX, 6},
        {"\"a\nb\"", SK_ERR_SYNTAX, 2},
        {"\"a\tb\"", SK_ERR_SYNTAX, 2},
        {"\"\\x\"", SK_ERR_SYNTAX, 1},
        {"\"\\u12\"", SK_ERR_SYNTAX, 1},
        {"\"\\u12G4\"", SK_ERR_SYNTAX, 1},
        {"\"\\", SK_ERR_SYNTAX, 1},
        {"// comment\n1", SK_ERR_SYNTAX, 0},
        {"\xef\xbb\xbf{}", SK_ERR_SYNTAX, 0},
        {"\x0b"
         "1",
         SK_ERR_SYNTAX, 0},
        {"\"\\ud800\"", SK_ERR_UTF8, 1},
        {"\"\\udc00\\ud800\"", SK_ERR_UTF8, 1},
        {"\"a\\ud83d\\u0041\"", SK_ERR_UTF8, 2},
        {"\"\x80\"", SK_ERR_UTF8, 1},
        {"\"a\xc3\"", SK_ERR_UTF8, 2},
        {"\"a\xc3", SK_ERR_UTF8, 2},
        {"\"\xed\xa0\x80\"", SK_ERR_UTF8, 1},
        {"\"\xc0\x80\"", SK_ERR_UTF8, 1},
        {"{\"\xff\":1}", SK_ERR_UTF8, 2},
        {"{\"a\":1,\"a\":2}", SK_ERR_DUPLICATE, 7},
        {"{\"a\":1,\"\\u0061\":2}", SK_ERR_DUPLICATE, 7},
        {"{\"\\u0061\":1,\"a\":2}", SK_ERR_DUPLICATE, 12},
        {"{\"\":1,\"\":2}", SK_ERR_DUPLICATE, 6},
        {"{\"/\":1,\"\\/\":2}", SK_ERR_DUPLICATE, 7},
        {"{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}", SK_ERR_DUPLICATE, 18},
        {"[{\"b\":{\"a\":1,\"c\":0,\"a\":2}}]", SK_ERR_DUPLICATE, 19},
        {"{\"a\":{\"a\":1},\"b\":[{\"b\":1}],\"a\":2}", SK_ERR_DUPLICATE, 27},
};

static void test_malformed_texts_are_refused_with_their_place(void **state) {
        (void)state;
        for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
                sk_place place = {0};
                sk_err err = check(malformed[i].text, strlen(malformed[i].text), &place);

                if (err != malformed[i].err || place.offset != malformed[i].offset)
                        fail_msg("%s gave %s at %zu", malformed[i].text, sk_err_name(err), place.offset);
        }
}

static void test_a_zero_byte_is_refused_everywhere(void **state) {
        (void)state;
        assert_int_equal(check("\0", 1, NULL), SK_ERR_SYNTAX);
        assert_int_equal(check("1\0", 2, NULL), SK_ERR_SYNTAX);
        assert_int_equal(check("\"a\0b\"", 5, NULL), SK_ERR_SYNTAX);
        assert_int_equal(check("\"\\\0\"", 4, NULL), SK_ERR_SYNTAX);
        assert_int_equal(sk_json_check(SK_NONE, DEPTH, NULL), SK_ERR_SYNTAX);
}

static void test_lines_and_columns_are_counted_from_one(void **state) {
        sk_place place;

        (void)state;
        assert_int_equal(sk_json_check(SK_SLICE("{\n  \"a\": 1,\n  b"), DEPTH, &place), SK_ERR_SYNTAX);
        assert_int_equal(place.line, 3);
        assert_int_equal(place.column, 3);
        assert_int_equal(place.offset, 14);
}

static sk_err check_nested(size_t depth, unsigned max_depth, char open, char close) {
        sk_buf buf = sk_buf_make(1 << 20);
        sk_err err;

        for (size_t i = 0; i < depth; i++) {
                sk_buf_add_text(&buf, open == '{' && i > 0 ? "\"a\":" : "");
                sk_buf_add_byte(&buf, (uint8_t)open);
        }
        for (size_t i = 0; i < depth; i++)
                sk_buf_add_byte(&buf, (uint8_t)close);
        assert_int_equal(buf.err, SK_OK);
        err = sk_json_check(sk_buf_slice(&buf), max_depth, NULL);
        sk_buf_free(&buf);
        return err;
}

static void test_the_depth_is_bounded_whatever_is_allowed(void **state) {
        static const struct {
                size_t depth;
                unsigned max_depth;
                sk_err err;
        } cases[] = {
                {1, 0, SK_ERR_DEPTH},
                {1, 1, SK_OK},
                {32, 32, SK_OK},
                {33, 32, SK_ERR_DEPTH},
                {SK_JSON_SCAN_DEPTH_MAX, UINT32_MAX, SK_OK},
                {SK_JSON_SCAN_DEPTH_MAX + 1, UINT32_MAX, SK_ERR_DEPTH},
                {100000, UINT32_MAX, SK_ERR_DEPTH},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                assert_int_equal(check_nested(cases[i].depth, cases[i].max_depth, '[', ']'), cases[i].err);
                assert_int_equal(check_nested(cases[i].depth, cases[i].max_depth, '{', '}'), cases[i].err);
        }
        assert_int_equal(sk_json_check(SK_SLICE("1"), 0, NULL), SK_OK);
}

#define NO_TWIN SIZE_MAX

/* An object of @p count members; member @p twin gets the name of the first, escaped. */
static void write_object(sk_buf *buf, size_t count, size_t twin, const char *prefix) {
        sk_buf_add_byte(buf, '{');
        for (size_t i = 0; i < count; i++) {
                sk_buf_add_text(buf, i == 0 ? "\"" : ",\"");
                sk_buf_add_text(buf, prefix);
                sk_buf_add_format(buf, i == twin ? "\\u0030" : "%zu", i);
                sk_buf_add_text(buf, "\":{\"x\":1,\"y\":[2]}");
        }
        sk_buf_add_byte(buf, '}');
        assert_int_equal(buf->err, SK_OK);
}

static void test_duplicates_are_found_in_objects_of_any_size(void **state) {
        static const size_t counts[] = {2, 15, 16, 17, 18, 127, 128, 129, 1000, 20000};
        static const char long_prefix[] = "sixty-four-bytes-and-more-of-the-same-beginning-for-every-single-name-";
        sk_buf buf = sk_buf_make(1 << 22);

        (void)state;
        for (size_t i = 0; i < 2 * sizeof(counts) / sizeof(counts[0]); i++) {
                size_t count = counts[i / 2];
                const char *prefix = i % 2 == 0 ? "" : long_prefix;
                sk_place place;

                sk_buf_clear(&buf);
                write_object(&buf, count, NO_TWIN, prefix);
                assert_int_equal(sk_json_check(sk_buf_slice(&buf), DEPTH, NULL), SK_OK);
                sk_buf_clear(&buf);
                write_object(&buf, count, count - 1, prefix);
                assert_int_equal(sk_json_check(sk_buf_slice(&buf), DEPTH, &place), SK_ERR_DUPLICATE);
                assert_memory_equal(buf.at + place.offset + 1 + strlen(prefix), "\\u0030\":", 8);
        }
        sk_buf_free(&buf);
}

static void test_ordinary_texts_cost_no_allocation(void **state) {
        sk_buf buf = sk_buf_make(1 << 16);

        (void)state;
        write_object(&buf, 100, NO_TWIN, "name");
        failing_alloc_begin(1);
        assert_int_equal(sk_json_check(sk_buf_slice(&buf), DEPTH, NULL), SK_OK);
        assert_int_equal(failing_alloc_count(), 0);
        failing_alloc_end();
        sk_buf_free(&buf);
}

static bool check_large(void *context) {
        const sk_buf *buf = context;
        sk_err err = sk_json_check(sk_buf_slice(buf), DEPTH, NULL);

        assert_true(err == SK_OK || err == SK_ERR_NO_MEMORY);
        return err == SK_OK;
}

static void test_every_allocation_may_fail(void **state) {
        sk_buf buf = sk_buf_make(1 << 20);

        (void)state;
        write_object(&buf, 2000, NO_TWIN, "name");
        failing_alloc_each(check_large, &buf);
        sk_buf_free(&buf);
}

static void test_every_beginning_of_a_text_is_refused(void **state) {
        static const char text[] = "{\"a\":[1.5e3,true,null,\"\\ud83d\\ude00\xc3\xa9\"],\"b\":{\"c\":false}}";

        (void)state;
        for (size_t len = 0; len < sizeof(text) - 1; len++)
                assert_int_not_equal(check(text, len, NULL), SK_OK);
        assert_int_equal(check(text, sizeof(text) - 1, NULL), SK_OK);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_well_formed_texts_are_accepted),
                cmocka_unit_test(test_malformed_texts_are_refused_with_their_place),
                cmocka_unit_test(test_a_zero_byte_is_refused_everywhere),
                cmocka_unit_test(test_lines_and_columns_are_counted_from_one),
                cmocka_unit_test(test_the_depth_is_bounded_whatever_is_allowed),
                cmocka_unit_test(test_duplicates_are_found_in_objects_of_any_size),
                cmocka_unit_test(test_ordinary_texts_cost_no_allocation),
                cmocka_unit_test(test_every_allocation_may_fail),
                cmocka_unit_test(test_every_beginning_of_a_text_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
