#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "kit/alloc.h"
#include "kit/buf.h"
#include "kit/json_scan.h"
#include "kit/schema.h"
#include "support/failing_alloc.h"

static sk_schema *compile(const char *text) {
        const sk_schema_text texts[] = {{SK_SLICE("test:s"), sk_slice_of(text)}};
        sk_schema_fault fault;
        sk_schema *schema = NULL;

        if (sk_schema_compile(&(sk_schema_source){.texts = texts, .count = 1, .uri = SK_SLICE("test:s")}, &schema,
                              &fault) != SK_OK)
                fail_msg("%s: %s: %s", text, fault.schema, fault.text);
        return schema;
}

/* ---- what is told ---- */

static void test_a_fault_says_where_and_why(void **state) {
        static const char schema[] =
                "{\"type\":\"object\",\"required\":[\"need\"],\"additionalProperties\":false,\"properties\":{"
                "\"need\":{\"type\":\"string\",\"maxLength\":5,\"pattern\":\"^[a-z]*$\"},"
                "\"urgency\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":5},"
                "\"list\":{\"type\":\"array\",\"maxItems\":2,\"uniqueItems\":true,\"items\":{\"$ref\":\"#/$defs/"
                "name\"}},"
                "\"a/"
                "b\":{\"const\":1},\"of\":{\"enum\":[\"x\",2]},\"any\":{\"anyOf\":[{\"type\":\"null\"},{\"minimum\":5}]"
                "}},"
                "\"propertyNames\":{\"maxLength\":8},\"$defs\":{\"name\":{\"type\":\"string\"}}}";
        static const struct {
                const char *value;
                const char *instance;
                const char *schema;
                const char *text;
        } cases[] = {
                {"[]", "", "test:s#/type", "must be an object"},
                {"{}", "/need", "test:s#/required", "is required"},
                {"{\"need\":\"abcdef\"}", "/need", "test:s#/properties/need/maxLength", "must have at most 5 letters"},
                {"{\"need\":\"A\"}", "/need", "test:s#/properties/need/pattern", "must match the pattern \"^[a-z]*$\""},
                {"{\"need\":\"a\",\"x\":1}", "/x", "test:s#/additionalProperties", "may not be there"},
                {"{\"need\":\"a\",\"urgency\":6}", "/urgency", "test:s#/properties/urgency/maximum",
                 "must be at most 5"},
                {"{\"need\":\"a\",\"urgency\":1.5}", "/urgency", "test:s#/properties/urgency/type",
                 "must be a whole number"},
                {"{\"need\":\"a\",\"list\":[\"x\",7]}", "/list/1", "test:s#/$defs/name/type", "must be a text"},
                {"{\"need\":\"a\",\"list\":[\"x\",\"\\u0078\"]}", "/list", "test:s#/properties/list/uniqueItems",
                 "must have each item once"},
                {"{\"need\":\"a\",\"list\":[\"1\",\"2\",\"3\"]}", "/list", "test:s#/properties/list/maxItems",
                 "must have at most 2 items"},
                {"{\"need\":\"a\",\"a/b\":2}", "/a~1b", "test:s#/properties/a~1b/const", "must be 1"},
                {"{\"need\":\"a\",\"of\":3}", "/of", "test:s#/properties/of/enum", "must be one of \"x\", 2"},
                {"{\"need\":\"a\",\"any\":3}", "/any", "test:s#/properties/any/anyOf", "fits none of what it may be"},
        };
        sk_schema *compiled = compile(schema);
        sk_schema_run *run = sk_schema_run_new();

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_schema_fault fault = {.text = ""};
                sk_err err = sk_schema_check(compiled, run, sk_slice_of(cases[i].value), &fault);
                if (err != SK_ERR_CONFLICT || strcmp(fault.instance, cases[i].instance) != 0 ||
                    strcmp(fault.schema, cases[i].schema) != 0 || strcmp(fault.text, cases[i].text) != 0)
                        fail_msg("%s: %s: \"%s\" at %s by %s", cases[i].value, sk_err_name(err), fault.text,
                                 fault.instance, fault.schema);
                assert_int_equal(sk_schema_check(compiled, run, sk_slice_of(cases[i].value), NULL), SK_ERR_CONFLICT);
        }
        assert_int_equal(sk_schema_check(compiled, run, SK_SLICE("{\"need\":\"a\",\"urgency\":5.0,\"any\":7}"), NULL),
                         SK_OK);
        sk_schema_run_free(run);
        sk_schema_free(compiled);
}

static void test_a_schema_that_is_wrong_is_refused_with_its_place(void **state) {
        static const struct {
                const char *schema;
                sk_err err;
                const char *where;
        } cases[] = {
                {"{", SK_ERR_SYNTAX, "test:s"},
                {"7", SK_ERR_TYPE, "test:s#"},
                {"{\"type\":\"text\"}", SK_ERR_RANGE, "test:s#/type"},
                {"{\"properties\":{\"a\":5}}", SK_ERR_TYPE, "test:s#/properties/a"},
                {"{\"pattern\":\"(\"}", SK_ERR_SYNTAX, "test:s#/pattern"},
                {"{\"pattern\":5}", SK_ERR_TYPE, "test:s#/pattern"},
                {"{\"minLength\":-1}", SK_ERR_RANGE, "test:s#/minLength"},
                {"{\"minItems\":1.5}", SK_ERR_RANGE, "test:s#/minItems"},
                {"{\"multipleOf\":0}", SK_ERR_RANGE, "test:s#/multipleOf"},
                {"{\"multipleOf\":0.12345678901234567891}", SK_ERR_RANGE, "test:s#/multipleOf"},
                {"{\"type\":[]}", SK_ERR_RANGE, "test:s#/type"},
                {"{\"uniqueItems\":1}", SK_ERR_TYPE, "test:s#/uniqueItems"},
                {"{\"dependentRequired\":{\"a\":1}}", SK_ERR_TYPE, "test:s#/dependentRequired/a"},
                {"{\"dependentRequired\":{\"a\":[1]}}", SK_ERR_TYPE, "test:s#/dependentRequired/a/0"},
                {"{\"dependentSchemas\":[]}", SK_ERR_TYPE, "test:s#/dependentSchemas"},
                {"{\"prefixItems\":{}}", SK_ERR_TYPE, "test:s#/prefixItems"},
                {"{\"items\":[]}", SK_ERR_TYPE, "test:s#/items"},
                {"{\"anyOf\":[{},7]}", SK_ERR_TYPE, "test:s#/anyOf/1"},
                {"{\"required\":\"a\"}", SK_ERR_TYPE, "test:s#/required"},
                {"{\"required\":[1]}", SK_ERR_TYPE, "test:s#/required/0"},
                {"{\"allOf\":[]}", SK_ERR_RANGE, "test:s#/allOf"},
                {"{\"enum\":5}", SK_ERR_TYPE, "test:s#/enum"},
                {"{\"$ref\":\"#/nowhere\"}", SK_ERR_NOT_FOUND, "test:s#/$ref"},
                {"{\"$ref\":\"http://elsewhere/\"}", SK_ERR_NOT_FOUND, "test:s#/$ref"},
                {"{\"$ref\":\"../../etc/passwd\"}", SK_ERR_NOT_FOUND, "test:s#/$ref"},
                {"{\"$ref\":7}", SK_ERR_TYPE, "test:s#/$ref"},
                {"{\"$id\":7}", SK_ERR_TYPE, "test:s#/$id"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                const sk_schema_text texts[] = {{SK_SLICE("test:s"), sk_slice_of(cases[i].schema)}};
                sk_schema_fault fault = {.text = ""};
                sk_schema *schema = NULL;
                sk_err err = sk_schema_compile(
                        &(sk_schema_source){.texts = texts, .count = 1, .uri = SK_SLICE("test:s")}, &schema, &fault);
                if (err != cases[i].err || strcmp(fault.schema, cases[i].where) != 0 || fault.text[0] == '\0')
                        fail_msg("%s: %s at \"%s\": %s", cases[i].schema, sk_err_name(err), fault.schema, fault.text);
                assert_null(schema);
        }
}

/* ---- bounds ---- */

static void test_a_schema_without_end_ends(void **state) {
        static const char *const schemas[] = {
                "{\"$ref\":\"#\"}",
                "{\"allOf\":[{\"$ref\":\"#\"}]}",
                "{\"$dynamicAnchor\":\"a\",\"anyOf\":[{\"$dynamicRef\":\"#a\"},{\"$dynamicRef\":\"#a\"}]}",
        };
        sk_schema_run *run = sk_schema_run_new();

        (void)state;
        for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
                sk_schema_fault fault = {.text = ""};
                sk_schema *schema = compile(schemas[i]);
                sk_err err = sk_schema_check(schema, run, SK_SLICE("{}"), &fault);
                assert_true(err == SK_ERR_DEPTH || err == SK_ERR_SIZE);
                assert_string_not_equal(fault.text, "");
                sk_schema_free(schema);
        }
        sk_schema_run_free(run);
}

static void test_work_that_grows_without_bound_is_given_up(void **state) {
        sk_schema_run *run = sk_schema_run_new();
        sk_schema *unique = compile("{\"uniqueItems\":true}");
        sk_schema *pattern = compile("{\"pattern\":\"^(a|a|aa)+$\"}");
        sk_buf list = sk_buf_make((size_t)1 << 20);
        char text[203] = "\"";

        (void)state;
        sk_buf_add_text(&list, "[0");
        for (int i = 1; i < 5000; i++)
                sk_buf_add_format(&list, ",%d", i);
        sk_buf_add_text(&list, "]");
        assert_int_equal(sk_schema_check(unique, run, sk_buf_slice(&list), NULL), SK_ERR_SIZE);
        memset(text + 1, 'a', 200);
        text[200] = 'b';
        text[201] = '"';
        assert_int_equal(sk_schema_check(pattern, run, (sk_slice){text, 202}, NULL), SK_ERR_SIZE);
        assert_int_equal(sk_schema_check(pattern, run, SK_SLICE("\"aaa\""), NULL), SK_OK);
        sk_buf_free(&list);
        sk_schema_free(unique);
        sk_schema_free(pattern);
        sk_schema_run_free(run);
}

static bool compile_once(void *context) {
        static const char text[] =
                "{\"$id\":\"http://x/\",\"properties\":{\"a\":{\"$anchor\":\"b\",\"pattern\":\"x\"}},"
                "\"allOf\":[{\"$ref\":\"#b\"},{\"$ref\":\"#/properties/a\"}],\"required\":[\"a\"]}";
        const sk_schema_text texts[] = {{SK_SLICE("test:s"), sk_slice_of(text)}};
        sk_schema_fault fault;
        sk_schema *schema = NULL;

        (void)context;
        sk_err err = sk_schema_compile(&(sk_schema_source){.texts = texts, .count = 1, .uri = SK_SLICE("test:s")},
                                       &schema, &fault);
        assert_true(err == SK_OK || err == SK_ERR_NO_MEMORY);
        sk_schema_free(schema);
        return err == SK_OK;
}

static void test_compiling_without_memory_leaves_nothing_behind(void **state) {
        (void)state;
        failing_alloc_each(compile_once, NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_fault_says_where_and_why),
                cmocka_unit_test(test_a_schema_that_is_wrong_is_refused_with_its_place),
                cmocka_unit_test(test_a_schema_without_end_ends),
                cmocka_unit_test(test_work_that_grows_without_bound_is_given_up),
                cmocka_unit_test(test_compiling_without_memory_leaves_nothing_behind),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
