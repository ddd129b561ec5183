/* Differences of JSON values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/template/json_diff.h"
#include "kit/alloc.h"
#include "kit/json_load.h"

static json_t *load(const char *text) {
        json_t *value = NULL;
        if (text == NULL)
                return NULL;
        assert_int_equal(sk_json_load(sk_slice_of(text), 32, &value, NULL), SK_OK);
        return value;
}

static void test_objects_are_compared_member_by_member_and_the_rest_whole(void **state) {
        static const struct {
                const char *from;
                const char *to;
                const char *difference;
        } cases[] = {
                {"{\"a\":1}", "{\"a\":1}", "[]"},
                {NULL, NULL, "[]"},
                {NULL, "{\"a\":1}", "[{\"at\":\"\",\"to\":{\"a\":1}}]"},
                {"{\"a\":1}", NULL, "[{\"at\":\"\",\"from\":{\"a\":1}}]"},
                {"{\"b\":1,\"a\":2}", "{\"a\":3,\"c\":4}",
                 "[{\"at\":\"/a\",\"from\":2,\"to\":3},{\"at\":\"/b\",\"from\":1},{\"at\":\"/c\",\"to\":4}]"},
                {"{\"a\":{\"b/c\":[1]}}", "{\"a\":{\"b/c\":[1,2]}}",
                 "[{\"at\":\"/a/b~1c\",\"from\":[1],\"to\":[1,2]}]"},
                {"{\"a\":{}}", "{\"a\":7}", "[{\"at\":\"/a\",\"from\":{},\"to\":7}]"},
        };
        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                json_t *from = load(cases[i].from);
                json_t *to = load(cases[i].to);
                json_t *out = json_array();
                assert_int_equal(sk_json_diff(from, to, 100, out), SK_OK);
                char *text = json_dumps(out, JSON_COMPACT);
                assert_string_equal(text, cases[i].difference);
                sk_free(text);
                json_decref(out);
                json_decref(from);
                json_decref(to);
        }
}

static void test_more_than_the_limit_are_counted(void **state) {
        json_t *from = load("{}");
        json_t *to = load("{\"a\":1,\"b\":2,\"c\":3}");
        json_t *out = json_array();
        (void)state;
        assert_int_equal(sk_json_diff(from, to, 1, out), SK_OK);
        assert_int_equal(json_array_size(out), 2);
        assert_int_equal(json_integer_value(json_object_get(json_array_get(out, 1), "more")), 2);
        json_decref(out);
        json_decref(from);
        json_decref(to);
}

static int setup(void **state) {
        (void)state;
        sk_json_load_prepare();
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_objects_are_compared_member_by_member_and_the_rest_whole),
                cmocka_unit_test(test_more_than_the_limit_are_counted),
        };
        return cmocka_run_group_tests(tests, setup, NULL);
}
