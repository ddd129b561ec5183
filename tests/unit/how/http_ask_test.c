/*
 * What is sent to a webhook.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "how/http_ask.h"

#define INPUT "{\"id\":\"a b/c\",\"n\":7,\"list\":[\"x\",true],\"o\":{\"~k\":\"v\",\"\":\"e\"},\"none\":null}"

static sk_slice secret(void *self, sk_slice path) {
        unsigned *asked = self;
        ++*asked;
        if (sk_slice_is(path, "token"))
                return SK_SLICE("s3cret\n");
        return sk_slice_is(path, "bad") ? SK_SLICE("a\r\nX-Evil: 1") : SK_NONE;
}

static sk_err make(sk_arena *arena, const char *config, sk_http_ask *out) {
        sk_effect effect = {.how = SK_HOW_HTTP,
                            .key = "0198c5f2-7b1a-7c3d-8e4f-a1b2c3d4e5f6/3",
                            .config = sk_slice_of(config),
                            .input = SK_SLICE(INPUT)};
        unsigned asked = 0;
        sk_arena_reset(arena);
        return sk_http_ask_make(&effect, secret, &asked, arena, out);
}

static void test_urls_are_filled_and_encoded(void **state) {
        static const struct {
                const char *config;
                const char *url;
        } cases[] = {
                {"{\"url\":\"https://h/p\"}", "https://h/p"},
                {"{\"url\":\"https://h/{/id}/x?n={/n}\"}", "https://h/a%20b%2Fc/x?n=7"},
                {"{\"url\":\"https://h/{/list/1}/{/list/0}\"}", "https://h/true/x"},
                {"{\"url\":\"https://h/{/o/~0k}{/o/}\"}", "https://h/ve"},
                {"{\"url\":\"https://h/open{\"}", "https://h/open{"},
        };
        sk_arena *arena = sk_arena_new(1 << 20);
        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_http_ask ask;
                assert_int_equal(make(arena, cases[i].config, &ask), SK_OK);
                assert_string_equal(ask.url, cases[i].url);
                assert_string_equal(ask.method, "POST");
                assert_true(sk_slice_is(ask.body, INPUT));
        }
        sk_arena_free(arena);
}

static void test_headers_carry_key_and_secrets(void **state) {
        sk_arena *arena = sk_arena_new(1 << 20);
        sk_http_ask ask;
        (void)state;
        assert_int_equal(
                make(arena,
                     "{\"url\":\"https://h\",\"method\":\"PUT\",\"headers\":{\"Authorization\":\"Bearer {t}\"},"
                     "\"secrets\":{\"t\":\"token\"},\"ca\":\"ca.pem\",\"proxy\":\"\"}",
                     &ask),
                SK_OK);
        assert_string_equal(ask.method, "PUT");
        assert_int_equal(ask.header_count, 3);
        assert_string_equal(ask.headers[0], "Content-Type: application/json");
        assert_string_equal(ask.headers[1], "Idempotency-Key: 0198c5f2-7b1a-7c3d-8e4f-a1b2c3d4e5f6/3");
        assert_string_equal(ask.headers[2], "Authorization: Bearer s3cret");
        assert_string_equal(ask.ca, "ca.pem");
        assert_null(ask.proxy);
        assert_null(ask.key);
        assert_int_equal(make(arena, "{\"url\":\"https://h\",\"method\":\"GET\",\"key_header\":\"\"}", &ask), SK_OK);
        assert_int_equal(ask.header_count, 0);
        assert_false(sk_slice_there(ask.body));
        assert_int_equal(make(arena, "{\"url\":\"https://h\",\"body\":false,\"key_header\":\"X-Key\"}", &ask), SK_OK);
        assert_false(sk_slice_there(ask.body));
        assert_memory_equal(ask.headers[0], "X-Key: ", 7);
        sk_arena_free(arena);
}

static void test_what_cannot_be_sent_says_why(void **state) {
        static const struct {
                const char *config;
                sk_err err;
        } cases[] = {
                {"{}", SK_ERR_TYPE},
                {"{\"url\":7}", SK_ERR_TYPE},
                {"{\"url\":\"https://h/\\u0001\"}", SK_ERR_TYPE},
                {"{\"url\":\"https://h/{/nothing}\"}", SK_ERR_NOT_FOUND},
                {"{\"url\":\"https://h/{/o}\"}", SK_ERR_NOT_FOUND},
                {"{\"url\":\"https://h/{/none}\"}", SK_ERR_NOT_FOUND},
                {"{\"url\":\"https://h/{/list/2}\"}", SK_ERR_NOT_FOUND},
                {"{\"url\":\"https://h/{/list/01}\"}", SK_ERR_NOT_FOUND},
                {"{\"url\":\"https://h/{/o/~2}\"}", SK_ERR_NOT_FOUND},
                {"{\"url\":\"https://h/{id}\"}", SK_ERR_NOT_FOUND},
                {"{\"url\":\"https://h\",\"method\":\"TRACE\"}", SK_ERR_TYPE},
                {"{\"url\":\"https://h\",\"headers\":{\"X\":\"{t}\"}}", SK_ERR_NOT_FOUND},
                {"{\"url\":\"https://h\",\"headers\":{\"X\":\"{t}\"},\"secrets\":{\"t\":\"none\"}}", SK_ERR_NOT_FOUND},
                {"{\"url\":\"https://h\",\"headers\":{\"X\":\"{t}\"},\"secrets\":{\"t\":\"bad\"}}", SK_ERR_RANGE},
                {"{\"url\":\"https://h\",\"headers\":{\"X\":\"a\\nb\"}}", SK_ERR_RANGE},
                {"{\"url\":\"https://h\",\"headers\":{\"X Y\":\"a\"}}", SK_ERR_TYPE},
                {"{\"url\":\"https://h\",\"headers\":{\"X\":7}}", SK_ERR_TYPE},
                {"{\"url\":\"https://h\",\"ca\":\"a\\nb\"}", SK_ERR_RANGE},
        };
        sk_arena *arena = sk_arena_new(1 << 20);
        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_http_ask ask;
                assert_int_equal(make(arena, cases[i].config, &ask), cases[i].err);
                assert_non_null(ask.why);
        }
        sk_arena_free(arena);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_urls_are_filled_and_encoded),
                cmocka_unit_test(test_headers_carry_key_and_secrets),
                cmocka_unit_test(test_what_cannot_be_sent_says_why),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
