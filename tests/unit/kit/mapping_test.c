/* Templates filled from sources. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "kit/mapping.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *const names[] = {"call", "result", "edition"};

static const char call[] =
        "{\"id\":\"01a2\",\"need\":\"A \\\"big\\\" screen\",\"data\":{\"floor\":3,\"a/b\":{\"m~n\":true},"
        "\"list\":[10,{\"x\":null}],\"none\":null,\"\":1}}";
static const char result[] = "{\"number\":1.50,\"ok\":false}";

static const struct fill_case {
        const char *template;
        const char *out; /* NULL: it fails */
        const char *pointer;
        const char *text;
} fill_cases[] = {
        {"7", "7", NULL, NULL},
        {"\"\"", "\"\"", NULL, NULL},
        {" { \"a\" : [ 1 , \"b\" ] } ", "{\"a\":[1,\"b\"]}", NULL, NULL},
        {"\"/call/need\"", "\"A \\\"big\\\" screen\"", NULL, NULL},
        {"\"\\u002fcall/data/floor\"", "3", NULL, NULL},
        {"{\"n\":\"/result/number\",\"f\":\"/call/data/floor\"}", "{\"n\":1.50,\"f\":3}", NULL, NULL},
        {"\"/call/data/a~1b/m~0n\"", "true", NULL, NULL},
        {"\"/call/data/list/1/x\"", "null", NULL, NULL},
        {"\"/call/data/\"", "1", NULL, NULL},
        {"\"/result\"", "{\"number\":1.50,\"ok\":false}", NULL, NULL},
        {"[\"/call/data/list/01\"]", NULL, "/0", "there is nothing at \"/call/data/list/01\", and no \"$default\""},
        {"\"/edition/team\"", NULL, "", "there is nothing at \"/edition/team\", and no \"$default\""},
        {"{\"a\":{\"$from\":\"/call/x\"}}", NULL, "/a", "there is nothing at \"/call/x\", and no \"$default\""},
        {"{\"$from\":\"/call/data/none\",\"$default\":1}", "null", NULL, NULL},
        {"{\"$from\":\"/call/x\",\"$default\":{\"a\":\"/call/id\"}}", "{\"a\":\"01a2\"}", NULL, NULL},
        {"{\"$from\":\"/call/x\",\"$default\":{\"$from\":\"/call/y\",\"$default\":[]}}", "[]", NULL, NULL},
        {"{\"$from\":\"/call/x\",\"$default\":\"/call/y\"}", NULL, "/$default",
         "there is nothing at \"/call/y\", and no \"$default\""},
        {"{\"a\":{\"$from\":\"/call/x\",\"$optional\":true},\"b\":1}", "{\"b\":1}", NULL, NULL},
        {"[{\"$from\":\"/call/x\",\"$optional\":true},2,{\"$from\":\"/call/id\",\"$optional\":true}]", "[2,\"01a2\"]",
         NULL, NULL},
        {"[{\"$from\":\"/call/x\",\"$default\":{\"$from\":\"/call/y\",\"$optional\":true}}]", "[]", NULL, NULL},
        {"{\"$text\":[\"Call \",\"/call/id\",\": \",\"/call/need\",\" x\",2,true]}",
         "\"Call 01a2: A \\\"big\\\" screen x2true\"", NULL, NULL},
        {"{\"$text\":[{\"$from\":\"/call/x\",\"$default\":\"none\"},{\"$from\":\"/call/x\",\"$optional\":true},"
         "{\"$text\":[\"/call/data/floor\"]},{\"$literal\":\"/\"}]}",
         "\"none3/\"", NULL, NULL},
        {"{\"$text\":[]}", "\"\"", NULL, NULL},
        {"{\"$text\":[\"/call/data\"]}", NULL, "/$text/0",
         "only a text, a number, true or false can be part of a text"},
        {"{\"$text\":[\"/call/data/none\"]}", NULL, "/$text/0",
         "only a text, a number, true or false can be part of a text"},
        {"{\"$text\":[\"/call/x\"]}", NULL, "/$text/0", "there is nothing at \"/call/x\", and no \"$default\""},
        {"{\"$literal\":{\"$from\":\"/etc\"}}", "{\"$from\":\"/etc\"}", NULL, NULL},
        {"[{\"$literal\":\"/etc/hosts\"}]", "[\"/etc/hosts\"]", NULL, NULL},
};

static const struct bad_case {
        const char *template;
        sk_err err;
        const char *pointer;
        const char *text; /* how it begins */
} bad_cases[] = {
        {"\"/\"", SK_ERR_NOT_FOUND, "", "a text that begins with a slash is a pointer into /call, /result, /edition;"},
        {"{\"a\":[\"/calls/id\"]}", SK_ERR_NOT_FOUND, "/a/0", "a text that begins with a slash"},
        {"\"/call/~2\"", SK_ERR_SYNTAX, "", "the pointer has a ~"},
        {"\"/call/~\"", SK_ERR_SYNTAX, "", "the pointer has a ~"},
        {"{\"$from\":\"call\"}", SK_ERR_SYNTAX, "/$from", "\"$from\" must be a pointer"},
        {"{\"$from\":7}", SK_ERR_SYNTAX, "/$from", "\"$from\" must be a pointer"},
        {"{\"$default\":7}", SK_ERR_SYNTAX, "", "$text and $literal stand alone"},
        {"{\"$from\":\"/call\",\"x\":1}", SK_ERR_SYNTAX, "/x", "$text and $literal stand alone"},
        {"{\"$literal\":1,\"x\":1}", SK_ERR_SYNTAX, "/x", "$text and $literal stand alone"},
        {"{\"$literal\":1,\"$default\":1}", SK_ERR_SYNTAX, "", "$text and $literal stand alone"},
        {"{\"$from\":\"/call\",\"$text\":[]}", SK_ERR_SYNTAX, "", "$text and $literal stand alone"},
        {"{\"$from\":\"/call/x\",\"$optional\":1}", SK_ERR_SYNTAX, "/$optional", "\"$optional\" must be"},
        {"[{\"$from\":\"/call/x\",\"$optional\":true,\"$default\":1}]", SK_ERR_SYNTAX, "/0", "there can be"},
        {"{\"$from\":\"/call/x\",\"$optional\":true}", SK_ERR_SYNTAX, "", "the whole cannot be left out"},
        {"{\"$text\":\"/call/x\"}", SK_ERR_SYNTAX, "/$text", "\"$text\" must be a list"},
        {"{\"$text\":[[]]}", SK_ERR_SYNTAX, "/$text/0", "a text is made of"},
        {"{\"$text\":[null]}", SK_ERR_SYNTAX, "/$text/0", "a text is made of"},
        {"{\"$form\":1}", SK_ERR_SYNTAX, "/$form", "$form is not known"},
};

typedef struct fixture {
        sk_arena *arena;
        sk_buf out;
        sk_mapping_fault fault;
} fixture;

static int set_up(void **state) {
        fixture *at = calloc(1, sizeof *at);
        at->arena = sk_arena_new(1 << 20);
        at->out = sk_buf_make(4096);
        *state = at;
        return at->arena == NULL;
}

static int tear_down(void **state) {
        fixture *at = *state;
        sk_arena_free(at->arena);
        sk_buf_free(&at->out);
        free(at);
        return 0;
}

static sk_err compile(fixture *at, const char *text, const sk_mapping **out) {
        assert_int_equal(sk_json_check(sk_slice_of(text), 128, NULL), SK_OK);
        at->fault = (sk_mapping_fault){.text = ""};
        return sk_mapping_compile(at->arena, sk_slice_of(text), names, COUNT(names), out, &at->fault);
}

static sk_err run(fixture *at, const sk_mapping *mapping) {
        const sk_slice sources[] = {SK_SLICE(call), SK_SLICE(result), SK_NONE};
        sk_buf_clear(&at->out);
        return sk_mapping_run(mapping, sources, &at->out, &at->fault);
}

static void test_templates_are_filled_or_say_what_is_missing(void **state) {
        fixture *at = *state;
        for (size_t i = 0; i < COUNT(fill_cases); i++) {
                const struct fill_case *row = &fill_cases[i];
                const sk_mapping *mapping = NULL;
                if (compile(at, row->template, &mapping) != SK_OK)
                        fail_msg("%s: %s", row->template, at->fault.text);
                sk_err err = run(at, mapping);
                if (err != (row->out != NULL ? SK_OK : err) || (row->out == NULL && err == SK_OK))
                        fail_msg("%s: %s", row->template, at->fault.text);
                if (row->out != NULL && !sk_slice_is(sk_buf_slice(&at->out), row->out))
                        fail_msg("%s gives %.*s", row->template, (int)at->out.len, at->out.at);
                if (row->out != NULL)
                        continue;
                assert_int_equal(at->out.len, 0);
                assert_string_equal(at->fault.pointer, row->pointer);
                assert_string_equal(at->fault.text, row->text);
        }
}

static void test_bad_templates_are_refused_with_where_and_why(void **state) {
        fixture *at = *state;
        for (size_t i = 0; i < COUNT(bad_cases); i++) {
                const struct bad_case *row = &bad_cases[i];
                const sk_mapping *mapping = NULL;
                sk_err err = compile(at, row->template, &mapping);
                if (err != row->err || strcmp(at->fault.pointer, row->pointer) != 0 ||
                    strncmp(at->fault.text, row->text, strlen(row->text)) != 0)
                        fail_msg("%s: %s at \"%s\": %s", row->template, sk_err_name(err), at->fault.pointer,
                                 at->fault.text);
                assert_null(mapping);
        }
}

static void test_a_mapping_knows_which_sources_it_uses(void **state) {
        const sk_mapping *mapping = NULL;
        assert_int_equal(
                compile(*state, "[\"/call/id\",{\"$from\":\"/call/x\",\"$default\":\"/edition/x\"}]", &mapping), SK_OK);
        assert_true(sk_mapping_uses(mapping, 0));
        assert_false(sk_mapping_uses(mapping, 1));
        assert_true(sk_mapping_uses(mapping, 2));
}

static void test_what_comes_out_is_bounded(void **state) {
        fixture *at = *state;
        const sk_mapping *mapping = NULL;
        assert_int_equal(compile(at, "[\"/call\",\"/call\"]", &mapping), SK_OK);
        at->out.max = sizeof call + 10;
        assert_int_equal(run(at, mapping), SK_ERR_FULL);
        assert_int_equal(at->out.len, 0);
        assert_string_equal(at->fault.text, "what comes out is too large");
        at->out.max = 2 * sizeof call + 1;
        assert_int_equal(run(at, mapping), SK_OK);
}

/* @p depth arrays inside each other, and "/call" in the innermost. */
static const char *nested(char *text, unsigned depth, const char *inner) {
        char *at = text;
        for (unsigned i = 0; i < depth; i++)
                *at++ = '[';
        memcpy(at, inner, strlen(inner));
        at += strlen(inner);
        for (unsigned i = 0; i < depth; i++)
                *at++ = ']';
        *at = '\0';
        return text;
}

static void test_depth_is_bounded_in_templates_and_in_what_comes_out(void **state) {
        fixture *at = *state;
        char text[128];
        const sk_mapping *mapping = NULL;
        assert_int_equal(compile(at, nested(text, SK_MAPPING_DEPTH_MAX, "1"), &mapping), SK_ERR_DEPTH);
        assert_int_equal(compile(at, nested(text, SK_MAPPING_DEPTH_MAX - 3, "\"/call/data\""), &mapping), SK_OK);
        assert_int_equal(run(at, mapping), SK_OK);
        assert_int_equal(compile(at, nested(text, SK_MAPPING_DEPTH_MAX - 2, "\"/call/data\""), &mapping), SK_OK);
        assert_int_equal(run(at, mapping), SK_ERR_DEPTH);
}

static void test_the_number_of_values_is_bounded(void **state) {
        fixture *at = *state;
        static char text[2 * SK_MAPPING_NODES_MAX + 2] = "[1";
        const sk_mapping *mapping = NULL;
        for (size_t i = 1; i < SK_MAPPING_NODES_MAX - 1; i++)
                memcpy(text + 2 * i, ",1", 2);
        text[2 * SK_MAPPING_NODES_MAX - 2] = ']';
        assert_int_equal(compile(at, text, &mapping), SK_OK);
        memcpy(text + 2 * SK_MAPPING_NODES_MAX - 2, ",1]", 3);
        assert_int_equal(compile(at, text, &mapping), SK_ERR_SIZE);
}

static void test_a_full_arena_is_an_error(void **state) {
        fixture *at = *state;
        sk_arena *small = sk_arena_new(400);
        const sk_mapping *mapping = NULL;
        assert_int_equal(
                sk_mapping_compile(small, SK_SLICE("[1,2,3,4,5,6,7,8]"), names, COUNT(names), &mapping, &at->fault),
                SK_ERR_FULL);
        assert_null(mapping);
        sk_arena_free(small);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_templates_are_filled_or_say_what_is_missing),
                TEST(test_bad_templates_are_refused_with_where_and_why),
                TEST(test_a_mapping_knows_which_sources_it_uses),
                TEST(test_what_comes_out_is_bounded),
                TEST(test_depth_is_bounded_in_templates_and_in_what_comes_out),
                TEST(test_the_number_of_values_is_bounded),
                TEST(test_a_full_arena_is_an_error),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
