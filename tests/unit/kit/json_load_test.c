#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/json_load.h"

#include "support/failing_alloc.h"

#define DEPTH 32

static void test_a_text_becomes_a_tree(void **state) {
        json_t *tree = NULL;

        (void)state;
        assert_int_equal(sk_json_load(SK_SLICE("{\"a\":[1,\"b\"]} "), DEPTH, &tree, NULL), SK_OK);
        assert_int_equal(json_array_size(json_object_get(tree, "a")), 2);
        json_decref(tree);
        assert_int_equal(sk_json_load(SK_SLICE("7"), DEPTH, &tree, NULL), SK_OK);
        assert_int_equal(json_integer_value(tree), 7);
        json_decref(tree);
}

static void test_what_is_refused_has_its_error_and_line(void **state) {
        static const struct {
                const char *text;
                sk_err err;
                uint32_t line;
        } cases[] = {
                {"", SK_ERR_SYNTAX, 1},
                {"{\n\"a\":1\n,}", SK_ERR_SYNTAX, 3},
                {"{\n\"a\":1,\n\"a\":2}", SK_ERR_DUPLICATE, 3},
                {"[\n[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", SK_ERR_DEPTH, 2},
                {"[\n\"\xff\"]", SK_ERR_UTF8, 2},
                {"[\n\n99999999999999999999]", SK_ERR_RANGE, 3},
                {"[\n\n1e999]", SK_ERR_RANGE, 3},
                {"[\n\"a\\u0000b\"]", SK_ERR_RANGE, 2},
                {"{\n\"a\\u0000b\":1}", SK_ERR_RANGE, 2},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                json_t *tree = NULL;
                sk_place place = {0};
                sk_err err = sk_json_load(sk_slice_of(cases[i].text), DEPTH, &tree, &place);

                if (err != cases[i].err || place.line != cases[i].line)
                        fail_msg("case %zu gave %s at line %u", i, sk_err_name(err), place.line);
                assert_null(tree);
        }
}

static void test_values_are_what_the_text_says(void **state) {
        static const struct {
                const char *text;
                const char *compact; /* as jansson writes it again */
        } cases[] = {
                {" [ ] ", "[]"},
                {"{}\n", "{}"},
                {"\"\"", "\"\""},
                {"{\"\":{\"\":[]}}", "{\"\":{\"\":[]}}"},
                {"[true,false,null]", "[true,false,null]"},
                {"-9223372036854775808", "-9223372036854775808"},
                {"9223372036854775807", "9223372036854775807"},
                {"[0,-0,10,1.5,-2.25e2,1E2]", "[0,0,10,1.5,-225.0,100.0]"},
                {"\"\\u0061\\n\\/\\\\\\\"\\ud83d\\ude00\"", "\"a\\n/\\\\\\\"\xf0\x9f\x98\x80\""},
                {"{\"\\u0061b\":1}", "{\"ab\":1}"},
                {"1.000000000000000000000000000000000000000000000000000000000000000000000000001", "1.0"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                json_t *tree = NULL;
                char written[200];

                assert_int_equal(sk_json_load(sk_slice_of(cases[i].text), DEPTH, &tree, NULL), SK_OK);
                size_t len = json_dumpb(tree, written, sizeof(written) - 1, JSON_COMPACT | JSON_ENCODE_ANY);
                assert_true(len < sizeof(written));
                written[len] = '\0';
                assert_string_equal(written, cases[i].compact);
                json_decref(tree);
        }
}

static bool load_a_tree(void *context) {
        sk_slice text = SK_SLICE("{\"a string that is longer than what a parser may have at hand\":"
                                 "\"and \\\"another\\\" one, which has escapes, and goes on for a while\",\"name\":\"a "
                                 "text\",\"list\":[1,2.5,true,null,{\"x\":\"\\u00e9\"}],\"more\":{}}");
        json_t *tree = NULL;
        sk_err err = sk_json_load(text, DEPTH, &tree, NULL);

        (void)context;
        assert_true(err == SK_OK || err == SK_ERR_NO_MEMORY);
        assert_int_equal(err == SK_OK, tree != NULL);
        json_decref(tree);
        return err == SK_OK;
}

static void test_every_allocation_of_a_tree_may_fail(void **state) {
        (void)state;
        failing_alloc_each(load_a_tree, NULL);
        failing_alloc_begin(0);
        assert_true(load_a_tree(NULL));
        assert_true(failing_alloc_count() > 10);
        failing_alloc_end();
}

static int prepare(void **state) {
        (void)state;
        sk_json_load_prepare();
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_text_becomes_a_tree),
                cmocka_unit_test(test_what_is_refused_has_its_error_and_line),
                cmocka_unit_test(test_values_are_what_the_text_says),
                cmocka_unit_test(test_every_allocation_of_a_tree_may_fail),
        };

        return cmocka_run_group_tests(tests, prepare, NULL);
}
