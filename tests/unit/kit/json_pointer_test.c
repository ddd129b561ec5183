/* JSON Pointers over checked text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_pointer.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Of RFC 6901, section 5, and what goes wrong. */
static const char text[] = "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,\"i\\\\j\":5,"
                           "\"k\\\"l\":6,\" \":7,\"m~n\":8,\"\\u00e9\":9}";

static const struct follow_case {
        const char *pointer;
        const char *value; /* NULL: nothing is there */
} follow_cases[] = {
        {"/foo", "[\"bar\",\"baz\"]"},
        {"/foo/0", "\"bar\""},
        {"/", "0"},
        {"/a~1b", "1"},
        {"/c%d", "2"},
        {"/e^f", "3"},
        {"/g|h", "4"},
        {"/i\\j", "5"},
        {"/k\"l", "6"},
        {"/ ", "7"},
        {"/m~0n", "8"},
        {"/\xc3\xa9", "9"},
        {"/foo/00", NULL},
        {"/foo/01", NULL},
        {"/foo/2", NULL},
        {"/foo/-", NULL},
        {"/foo/", NULL},
        {"/foo/+0", NULL},
        {"/fo", NULL},
        {"/fooo", NULL},
        {"/a/b", NULL},
        {"/foo/0/x", NULL},
        {"/foo/99999999999999999999999", NULL},
};

static void test_pointers_lead_where_the_standard_says(void **state) {
        (void)state;
        for (size_t i = 0; i < COUNT(follow_cases); i++) {
                sk_slice value = sk_json_pointer_follow(SK_SLICE(text), sk_slice_of(follow_cases[i].pointer));
                if (!sk_slice_equal(value, sk_slice_of(follow_cases[i].value)) ||
                    sk_slice_there(value) != (follow_cases[i].value != NULL))
                        fail_msg("%s leads to %.*s", follow_cases[i].pointer, (int)value.len, value.at);
        }
        assert_true(sk_slice_equal(sk_json_pointer_follow(SK_SLICE(text), SK_SLICE("")), SK_SLICE(text)));
}

static void test_a_written_pointer_leads_back(void **state) {
        static const char *const pointers[] = {"", "/foo", "/foo/1", "/a~1b", "/m~0n", "/"};
        (void)state;
        for (size_t i = 0; i < COUNT(pointers); i++) {
                sk_slice root = {text, sizeof text - 1};
                sk_slice value = sk_json_pointer_follow(root, sk_slice_of(pointers[i]));
                sk_buf out = sk_buf_make(64);
                sk_json_pointer_write(root, value.at, &out);
                assert_true(sk_slice_is(sk_buf_slice(&out), pointers[i]));
                sk_buf_free(&out);
        }
}

static void test_a_pointer_too_long_is_cut_off(void **state) {
        sk_slice root = {text, sizeof text - 1};
        sk_buf out = sk_buf_make(4);
        (void)state;
        sk_json_pointer_write(root, sk_json_pointer_follow(root, SK_SLICE("/foo/1")).at, &out);
        assert_int_equal(out.err, SK_OK);
        assert_true(sk_slice_is(sk_buf_slice(&out), "/foo"));
        sk_buf_free(&out);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_pointers_lead_where_the_standard_says),
                cmocka_unit_test(test_a_written_pointer_leads_back),
                cmocka_unit_test(test_a_pointer_too_long_is_cut_off),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
