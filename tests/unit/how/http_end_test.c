/*
 * What the answers of webhooks mean.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "how/http_end.h"

#define NOW_US (INT64_C(784111777) * 1000000) /* Sun, 06 Nov 1994 08:49:37 GMT */

static void test_each_status_has_its_meaning(void **state) {
        static const struct {
                unsigned status;
                sk_effect_result result;
        } cases[] = {
                {200, SK_EFFECT_DONE},     {201, SK_EFFECT_DONE},     {204, SK_EFFECT_DONE},   {202, SK_EFFECT_LATER},
                {409, SK_EFFECT_DECLINED}, {422, SK_EFFECT_DECLINED}, {408, SK_EFFECT_RETRY},  {425, SK_EFFECT_RETRY},
                {429, SK_EFFECT_RETRY},    {500, SK_EFFECT_RETRY},    {503, SK_EFFECT_RETRY},  {599, SK_EFFECT_RETRY},
                {400, SK_EFFECT_FAILED},   {401, SK_EFFECT_FAILED},   {404, SK_EFFECT_FAILED}, {301, SK_EFFECT_FAILED},
                {304, SK_EFFECT_FAILED},   {600, SK_EFFECT_FAILED},   {0, SK_EFFECT_FAILED},
        };
        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_http_end end = {.status = cases[i].status, .body = SK_SLICE("{\"a\":1}"), .now_us = NOW_US};
                sk_effect_report report;
                char code[32];
                sk_http_end_read(&end, code, &report);
                assert_int_equal(report.result, cases[i].result);
                assert_int_equal(sk_slice_there(report.value), cases[i].result == SK_EFFECT_DONE);
                assert_true(sk_slice_equal(report.code, sk_slice_of(code)));
        }
}

static void test_each_fault_is_told_apart(void **state) {
        static const struct {
                sk_http_fault fault;
                sk_effect_result result;
                const char *code;
        } cases[] = {
                {SK_HTTP_NO_HOST, SK_EFFECT_RETRY, "no-host"},    {SK_HTTP_NO_ACCESS, SK_EFFECT_RETRY, "no-access"},
                {SK_HTTP_NO_TRUST, SK_EFFECT_RETRY, "no-trust"},  {SK_HTTP_TIMEOUT, SK_EFFECT_RETRY, "timeout"},
                {SK_HTTP_TOO_LONG, SK_EFFECT_FAILED, "too-long"}, {SK_HTTP_BROKEN, SK_EFFECT_RETRY, "broken-off"},
        };
        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_http_end end = {.fault = cases[i].fault, .status = 200, .text = "why", .retry_after = SK_SLICE("7")};
                sk_effect_report report;
                char code[32];
                sk_http_end_read(&end, code, &report);
                assert_int_equal(report.result, cases[i].result);
                assert_string_equal(code, cases[i].code);
                assert_true(sk_slice_is(report.text, "why"));
                assert_false(sk_slice_there(report.value));
                assert_int_equal(report.retry_after_us, 0);
        }
}

static void test_retry_after_is_seconds_or_a_date(void **state) {
        static const struct {
                const char *text;
                int64_t seconds;
        } cases[] = {
                {"0", 0},
                {"120", 120},
                {"999999999", 86400},
                {"9999999999", 0},
                {"-5", 0},
                {"soon", 0},
                {"", 0},
                {NULL, 0},
                {"Sun, 06 Nov 1994 08:50:37 GMT", 60},
                {"Sun, 06 Nov 1994 08:49:37 GMT", 0},
                {"Sun, 06 Nov 1993 08:50:37 GMT", 0},
                {"Tue, 06 Nov 2096 08:50:37 GMT", 86400},
                {"Sun, 31 Feb 1996 08:50:37 GMT", 0},
                {"Sun, 06 Foo 1994 08:50:37 GMT", 0},
                {"Sunday, 06-Nov-94 08:50:37 GMT", 0},
                {"Sun, 06 Nov 1994 25:50:37 GMT", 0},
        };
        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_http_end end = {.status = 503, .retry_after = sk_slice_of(cases[i].text), .now_us = NOW_US};
                sk_effect_report report;
                char code[32];
                sk_http_end_read(&end, code, &report);
                assert_int_equal(report.retry_after_us, cases[i].seconds * 1000000);
        }
}

static void test_what_is_no_json_is_no_result(void **state) {
        static const char *const bodies[] = {"", "<html>", "{\"a\":1} x", "\xff"};
        (void)state;
        for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
                sk_http_end end = {.status = 200, .body = sk_slice_of(bodies[i])};
                sk_effect_report report;
                char code[32];
                sk_http_end_read(&end, code, &report);
                assert_int_equal(report.result, SK_EFFECT_DONE);
                assert_false(sk_slice_there(report.value));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_status_has_its_meaning),
                cmocka_unit_test(test_each_fault_is_told_apart),
                cmocka_unit_test(test_retry_after_is_seconds_or_a_date),
                cmocka_unit_test(test_what_is_no_json_is_no_result),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
