#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/json_write.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "kit/json_scan.h"
#include "kit/random.h"

#define NOW_US INT64_C(1795270971000000)

static void assert_written(sk_buf *buf, const char *expected) {
        assert_int_equal(buf->err, SK_OK);
        if (!sk_slice_is(sk_buf_slice(buf), expected))
                fail_msg("written: %.*s", (int)buf->len, buf->at);
        assert_int_equal(sk_json_check(sk_buf_slice(buf), 32, NULL), SK_OK);
        sk_buf_free(buf);
}

static void test_an_object_with_everything_in_it(void **state) {
        sk_buf buf = sk_buf_make(10000);
        sk_json_writer writer = sk_json_writer_make(&buf);
        sk_id id = {{1, 2, 3}};

        (void)state;
        sk_json_open_object(&writer, NULL);
        sk_json_put_cstr(&writer, "text", "a");
        sk_json_put_optional(&writer, "none", SK_NONE);
        sk_json_put_optional(&writer, "some", SK_SLICE("b"));
        sk_json_put_int(&writer, "int", INT64_MIN);
        sk_json_put_bool(&writer, "yes", true);
        sk_json_put_bool(&writer, "no", false);
        sk_json_put_null(&writer, "null");
        sk_json_put_id(&writer, "id", &id);
        sk_json_put_time(&writer, "time", NOW_US);
        sk_json_put_raw(&writer, "raw", SK_SLICE("{\"x\":1}"));
        sk_json_close_object(&writer);
        assert_written(&buf, "{\"text\":\"a\",\"some\":\"b\",\"int\":-9223372036854775808,\"yes\":true,\"no\":false,"
                             "\"null\":null,\"id\":\"01020300-0000-0000-0000-000000000000\","
                             "\"time\":\"2026-11-21T14:22:51.000000Z\",\"raw\":{\"x\":1}}");
}

static void test_commas_stand_between_items_on_every_level(void **state) {
        sk_buf buf = sk_buf_make(10000);
        sk_json_writer writer = sk_json_writer_make(&buf);

        (void)state;
        sk_json_open_array(&writer, NULL);
        sk_json_open_object(&writer, NULL);
        sk_json_open_array(&writer, "a");
        sk_json_close_array(&writer);
        sk_json_open_object(&writer, "b");
        sk_json_put_int(&writer, "c", 1);
        sk_json_close_object(&writer);
        sk_json_close_object(&writer);
        sk_json_open_object(&writer, NULL);
        sk_json_put_int(&writer, "d", 2);
        sk_json_put_int(&writer, "e", 3);
        sk_json_close_object(&writer);
        sk_json_put_int(&writer, NULL, 4);
        sk_json_put_null(&writer, NULL);
        sk_json_close_array(&writer);
        assert_written(&buf, "[{\"a\":[],\"b\":{\"c\":1}},{\"d\":2,\"e\":3},4,null]");
}

static void test_thirty_two_levels_can_be_open(void **state) {
        sk_buf buf = sk_buf_make(1000);
        sk_json_writer writer = sk_json_writer_make(&buf);

        (void)state;
        for (int i = 0; i < 32; i++) {
                if (i > 0)
                        sk_json_put_int(&writer, NULL, i);
                sk_json_open_array(&writer, NULL);
        }
        for (int i = 0; i < 32; i++)
                sk_json_close_array(&writer);
        assert_int_equal(buf.err, SK_OK);
        assert_int_equal(sk_json_check(sk_buf_slice(&buf), 32, NULL), SK_OK);
        sk_buf_free(&buf);
}

static void test_texts_are_escaped_and_bad_utf8_is_replaced(void **state) {
        static const struct {
                sk_slice text;
                const char *written;
        } cases[] = {
                {{"", 0}, "\"\""},
                {{NULL, 0}, "\"\""},
                {{"a\"b\\c/d", 7}, "\"a\\\"b\\\\c/d\""},
                {{"\b\t\n\v\f\r", 6}, "\"\\b\\t\\n\\u000b\\f\\r\""},
                {{"\0\x01\x1f\x7f", 4}, "\"\\u0000\\u0001\\u001f\x7f\""},
                {{"\xc3\xa9\xf0\x9f\x98\x80", 6}, "\"\xc3\xa9\xf0\x9f\x98\x80\""},
                {{"a\xff"
                  "b",
                  3},
                 "\"a\xef\xbf\xbd"
                 "b\""},
                {{"\xe2\x82", 2}, "\"\xef\xbf\xbd\xef\xbf\xbd\""},
                {{"\x1b[31mred", 8}, "\"\\u001b[31mred\""},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_buf buf = sk_buf_make(1000);
                sk_json_writer writer = sk_json_writer_make(&buf);

                sk_json_put_text(&writer, NULL, cases[i].text);
                assert_written(&buf, cases[i].written);
        }
}

static void test_any_bytes_become_a_well_formed_text(void **state) {
        sk_random random = sk_random_make(5);

        (void)state;
        for (int i = 0; i < 2000; i++) {
                sk_buf buf = sk_buf_make(10000);
                sk_json_writer writer = sk_json_writer_make(&buf);
                char bytes[100];
                size_t len = (size_t)sk_random_below(&random, sizeof(bytes));

                for (size_t at = 0; at < len; at++)
                        bytes[at] = (char)(uint8_t)sk_random_next(&random);
                sk_json_put_text(&writer, NULL, (sk_slice){bytes, len});
                assert_int_equal(buf.err, SK_OK);
                assert_int_equal(sk_json_check(sk_buf_slice(&buf), 1, NULL), SK_OK);
                sk_buf_free(&buf);
        }
}

static void test_numbers_with_a_fraction_are_short_and_exact(void **state) {
        static const struct {
                double number;
                const char *written;
        } cases[] = {
                {0, "0"},
                {0.1, "0.1"},
                {-2.5, "-2.5"},
                {1e300, "1e+300"},
                {0.1 + 0.2, "0.30000000000000004"},
                {-0.0, "-0"},
                {1e-4, "0.0001"},
                {99e-6, "9.9e-05"},
                {28800, "28800"},
                {28799.999999, "28799.999999"},
                {999999999.999999, "999999999.999999"},
                {1e9, "1000000000"},
                {1.0000005, "1.0000005"},
                {-3600.5, "-3600.5"},
                {INFINITY, "null"},
                {NAN, "null"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_buf buf = sk_buf_make(1000);
                sk_json_writer writer = sk_json_writer_make(&buf);

                sk_json_put_double(&writer, NULL, cases[i].number);
                assert_written(&buf, cases[i].written);
        }
}

static void test_seconds_are_written_as_printf_would(void **state) {
        uint64_t random = 1;

        (void)state;
        for (size_t i = 0; i < 20000; i++) {
                char expected[32];
                sk_buf buf = sk_buf_make(1000);
                sk_json_writer writer = sk_json_writer_make(&buf);

                random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
                double number = (double)(int64_t)(random >> (14 + random % 40)) / 1e6;
                (void)snprintf(expected, sizeof(expected), "%.15g", number);
                if (strtod(expected, NULL) < number || strtod(expected, NULL) > number)
                        (void)snprintf(expected, sizeof(expected), "%.17g", number);
                sk_json_put_double(&writer, NULL, number);
                assert_written(&buf, expected);
        }
}

static void test_a_full_buffer_keeps_its_error_whatever_follows(void **state) {
        (void)state;
        for (size_t max = 0; max < 120; max++) {
                sk_buf buf = sk_buf_make(max);
                sk_json_writer writer = sk_json_writer_make(&buf);
                sk_id id = {{0}};

                sk_json_open_object(&writer, NULL);
                sk_json_put_id(&writer, "id", &id);
                sk_json_put_time(&writer, "time", NOW_US);
                sk_json_put_cstr(&writer, "text", "and a text that is a little longer\n");
                sk_json_close_object(&writer);
                assert_int_equal(buf.err, SK_ERR_FULL);
                assert_true(buf.len <= max);
                sk_buf_free(&buf);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_an_object_with_everything_in_it),
                cmocka_unit_test(test_commas_stand_between_items_on_every_level),
                cmocka_unit_test(test_thirty_two_levels_can_be_open),
                cmocka_unit_test(test_texts_are_escaped_and_bad_utf8_is_replaced),
                cmocka_unit_test(test_any_bytes_become_a_well_formed_text),
                cmocka_unit_test(test_numbers_with_a_fraction_are_short_and_exact),
                cmocka_unit_test(test_seconds_are_written_as_printf_would),
                cmocka_unit_test(test_a_full_buffer_keeps_its_error_whatever_follows),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
