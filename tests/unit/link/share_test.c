#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "link/share.h"
#include "support/one_call.h"

typedef struct row {
        const char *share; /* JSON list of pointers */
        const char *value;
        const char *shared; /* "" nothing */
} row;

static void assert_shared(const row *at) {
        one_call c;
        sk_buf text = sk_buf_make(4096);
        sk_json_writer w = sk_json_writer_make(&text);
        char expected[1024];

        one_call_open_sharing(&c, "centre", NULL, at->share);
        const sk_agreement *agreement = sk_edition_agreement(c.edition, SK_SLICE("finance"), SK_SLICE("centre"));
        assert_non_null(agreement);
        sk_json_open_object(&w, NULL);
        sk_share_put(&w, agreement, "result", sk_slice_of(at->value));
        sk_json_close_object(&w);
        (void)snprintf(expected, sizeof expected, at->shared[0] == '\0' ? "{}" : "{\"result\":%s}", at->shared);
        if (!sk_slice_is(sk_buf_slice(&text), expected)) {
                fail_msg("%s of %s: %.*s and not %s", at->share, at->value, (int)text.len, text.at, expected);
        }
        assert_int_equal(sk_share_has_any(agreement, "result", sk_slice_of(at->value)), at->shared[0] != '\0');
        sk_buf_free(&text);
        one_call_free(&c);
}

static void test_only_what_a_pointer_leads_to_is_shared(void **state) {
        (void)state;
        static const row rows[] = {
                {"[]", "{\"a\":1}", ""},
                {"[\"/result\"]", "{\"a\": [1, {}]}", "{\"a\": [1, {}]}"},
                {"[\"/result\"]", "7", "7"},
                {"[\"\"]", "{\"a\":1}", "{\"a\":1}"},
                {"[\"/need\",\"/resul\",\"/results\",\"/RESULT\"]", "{\"a\":1}", ""},
                {"[\"/result/a\"]", "{\"b\":1,\"a\":2,\"aa\":3}", "{\"a\":2}"},
                {"[\"/result/a\",\"/result/b\"]", "{\"b\":1,\"a\":2}", "{\"b\":1,\"a\":2}"},
                {"[\"/result/a\"]", "{\"b\":1}", ""},
                {"[\"/result/a\"]", "\"a\"", ""},
                {"[\"/result/a/b\"]", "{\"a\":{\"b\":[1],\"c\":2},\"b\":3}", "{\"a\":{\"b\":[1]}}"},
                {"[\"/result/a/b\"]", "{\"a\":{\"c\":2}}", ""},
                {"[\"/result/a/b\"]", "{\"a\":7}", ""},
                {"[\"/result/a/b\",\"/result/a\"]", "{\"a\":{\"c\":2}}", "{\"a\":{\"c\":2}}"},
        };

        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                assert_shared(&rows[i]);
        }
}

static void test_what_stands_before_a_shared_item_is_null_and_what_stands_behind_is_gone(void **state) {
        (void)state;
        static const row rows[] = {
                {"[\"/result/1\"]", "[\"a\",\"b\",\"c\"]", "[null,\"b\"]"},
                {"[\"/result/0\",\"/result/2\"]", "[1,2,3,4]", "[1,null,3]"},
                {"[\"/result/3\"]", "[1,2,3]", ""},
                {"[\"/result/01\",\"/result/-\"]", "[1,2]", ""},
                {"[\"/result/10\"]", "[0,1,2,3,4,5,6,7,8,9,10,11]",
                 "[null,null,null,null,null,null,null,null,null,null,10]"},
                {"[\"/result/list/1/port\"]", "{\"list\":[{\"port\":1},{\"port\":2,\"by\":\"x\"}]}",
                 "{\"list\":[null,{\"port\":2}]}"},
        };

        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                assert_shared(&rows[i]);
        }
}

static void test_names_are_compared_by_what_they_stand_for(void **state) {
        (void)state;
        static const row rows[] = {
                {"[\"/result/a~1b\"]", "{\"a/b\":1,\"a~1b\":2}", "{\"a/b\":1}"},
                {"[\"/result/a~0b\"]", "{\"a~b\":1}", "{\"a~b\":1}"},
                {"[\"/result/~01\"]", "{\"~1\":1,\"/\":2}", "{\"~1\":1}"},
                {"[\"/result/\"]", "{\"\":1,\"a\":2}", "{\"\":1}"},
                {"[\"/result/caf\xc3\xa9\"]", "{\"caf\\u00e9\":1}", "{\"caf\\u00e9\":1}"},
                {"[\"/result/a\\\"b\"]", "{\"a\\\"b\":1}", "{\"a\\\"b\":1}"},
        };

        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                assert_shared(&rows[i]);
        }
}

static void test_without_an_agreement_nothing_is_shared(void **state) {
        (void)state;
        assert_false(sk_share_has(NULL, "need"));
        assert_false(sk_share_has_any(NULL, "result", SK_SLICE("{}")));
}

static void append(char *text, size_t size, const char *more) {
        size_t len = strlen(text);

        assert_true(len + strlen(more) < size);
        memcpy(text + len, more, strlen(more) + 1);
}

/** However large a value is and however it is nested, what is written is JSON, and a part of what was there. */
static void test_deep_and_wide_values_are_cut_as_well(void **state) {
        (void)state;
        char deep[400] = "";
        char long_name[600] = "{\"";

        for (int i = 0; i < 20; i++) {
                append(deep, sizeof deep, "{\"a\":");
        }
        append(deep, sizeof deep, "1");
        for (int i = 0; i < 20; i++) {
                append(deep, sizeof deep, "}");
        }
        assert_shared(&(row){"[\"/result/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a\"]", deep, deep});
        assert_shared(&(row){"[\"/result/a/a/b\"]", deep, ""});
        memset(long_name + 2, 'n', 400);
        append(long_name, sizeof long_name, "\":1}");
        assert_shared(&(row){"[\"/result/n\"]", long_name, ""});
        assert_shared(&(row){"[\"/result\"]", long_name, long_name});
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_only_what_a_pointer_leads_to_is_shared),
                cmocka_unit_test(test_what_stands_before_a_shared_item_is_null_and_what_stands_behind_is_gone),
                cmocka_unit_test(test_names_are_compared_by_what_they_stand_for),
                cmocka_unit_test(test_without_an_agreement_nothing_is_shared),
                cmocka_unit_test(test_deep_and_wide_values_are_cut_as_well),
        };
        return cmocka_run_group_tests_name("share", tests, NULL, NULL);
}
