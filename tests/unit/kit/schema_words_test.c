/* What is said of a value that does not fit: where it is, and what it must be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kit/schema.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct row {
        const char *schema;
        const char *value;
        const char *pointer; /* NULL: it fits */
        const char *text;
} rows[] = {
        {"true", "7", NULL, NULL},
        {"false", "7", "", "may not be there"},
        {"{}", "[null]", NULL, NULL},
        {"{\"type\":\"string\"}", "7", "", "must be a text"},
        {"{\"type\":\"integer\"}", "1.0", NULL, NULL},
        {"{\"type\":\"integer\"}", "1.5", "", "must be a whole number"},
        {"{\"type\":[\"string\",\"null\"]}", "null", NULL, NULL},
        {"{\"type\":[\"string\",\"null\"]}", "false", "", "must be a text or null"},
        {"{\"enum\":[\"glass\",2]}", "2.0", NULL, NULL},
        {"{\"enum\":[\"glass\",2]}", "\"rim\"", "", "must be one of \"glass\", 2"},
        {"{\"const\":{\"a\":[1]}}", "{\"a\":[1]}", NULL, NULL},
        {"{\"const\":1}", "true", "", "must be 1"},
        {"{\"minimum\":1,\"maximum\":5}", "5", NULL, NULL},
        {"{\"minimum\":1,\"maximum\":5}", "0", "", "must be at least 1"},
        {"{\"minimum\":1,\"maximum\":5}", "5.1", "", "must be at most 5"},
        {"{\"exclusiveMinimum\":1}", "1", "", "must be more than 1"},
        {"{\"exclusiveMaximum\":1.5}", "1.5", "", "must be less than 1.5"},
        {"{\"minimum\":9007199254740993}", "9007199254740992", "", "must be at least 9007199254740993"},
        {"{\"multipleOf\":0.1}", "0.3", NULL, NULL},
        {"{\"multipleOf\":3}", "7", "", "must be a multiple of 3"},
        {"{\"minLength\":1}", "\"\"", "", "must not be empty"},
        {"{\"minLength\":2}", "\"\"", "", "must have at least 2 letters"},
        {"{\"maxLength\":2}", "\"\u00e9\u20ac\"", NULL, NULL},
        {"{\"maxLength\":2}", "\"abc\"", "", "must have at most 2 letters"},
        {"{\"pattern\":\"^x\"}", "\"abc\"", "", "must match the pattern \"^x\""},
        {"{\"required\":[\"cause\"]}", "{}", "/cause", "is required"},
        {"{\"required\":[\"a/b\"]}", "{}", "/a~1b", "is required"},
        {"{\"required\":[\"cause\"]}", "[]", NULL, NULL},
        {"{\"properties\":{\"a\":{\"properties\":{\"b\":{\"type\":\"string\"}}}}}", "{\"a\":{\"b\":1}}", "/a/b",
         "must be a text"},
        {"{\"properties\":{\"a\":{}},\"additionalProperties\":false}", "{\"a\":1,\"b\":2}", "/b", "may not be there"},
        {"{\"properties\":{\"a\":{}},\"unevaluatedProperties\":false}", "{\"a\":1,\"b\":2}", "/b", "may not be there"},
        {"{\"propertyNames\":{\"maxLength\":1}}", "{\"ab\":1}", "/ab", "must have at most 1 letter"},
        {"{\"minProperties\":1}", "{}", "", "must have at least 1 member"},
        {"{\"maxProperties\":1}", "{\"a\":1,\"b\":1}", "", "must have at most 1 member"},
        {"{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"a\":1}", "/b", "is required"},
        {"{\"items\":{\"type\":\"integer\"}}", "[1,\"x\"]", "/1", "must be a whole number"},
        {"{\"prefixItems\":[{\"type\":\"string\"}],\"items\":false}", "[\"x\",1]", "/1", "may not be there"},
        {"{\"minItems\":1}", "[]", "", "must have at least 1 item"},
        {"{\"maxItems\":2}", "[1,2,3]", "", "must have at most 2 items"},
        {"{\"uniqueItems\":true}", "[1,2,1.0]", "", "must have each item once"},
        {"{\"contains\":{\"const\":1}}", "[2]", "", "has too few items of the kind that it must have"},
        {"{\"allOf\":[{\"minimum\":1},{\"maximum\":3}]}", "4", "", "must be at most 3"},
        {"{\"anyOf\":[{\"const\":1},{\"const\":2}]}", "2", NULL, NULL},
        {"{\"anyOf\":[{\"const\":1},{\"const\":2}]}", "3", "", "fits none of what it may be"},
        {"{\"oneOf\":[{\"minimum\":1},{\"minimum\":2}]}", "2", "", "must fit exactly one of what it may be"},
        {"{\"not\":{\"type\":\"null\"}}", "null", "", "must not be that"},
        {"{\"if\":{\"const\":1},\"then\":{\"type\":\"string\"},\"else\":{\"minimum\":5}}", "1", "", "must be a text"},
        {"{\"if\":{\"const\":1},\"then\":{\"type\":\"string\"},\"else\":{\"minimum\":5}}", "2", "",
         "must be at least 5"},
        {"{\"$defs\":{\"a\":{\"type\":\"string\"}},\"items\":{\"$ref\":\"#/$defs/a\"}}", "[1]", "/0", "must be a text"},
        {"{\"$ref\":\"#\"}", "1", "", "takes too much work to check"},
};

static void test_a_value_fits_or_it_is_said_where_and_what_it_must_be(void **state) {
        sk_schema_run *run = sk_schema_run_new();
        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                const sk_schema_text texts[] = {{SK_SLICE("test:s"), sk_slice_of(rows[i].schema)}};
                const sk_schema_source source = {texts, 1, SK_SLICE("test:s"), false};
                sk_schema_fault fault = {.text = ""};
                sk_schema *schema = NULL;
                if (sk_schema_compile(&source, &schema, &fault) != SK_OK)
                        fail_msg("%s: %s", rows[i].schema, fault.text);
                bool is_fit = sk_schema_check(schema, run, sk_slice_of(rows[i].value), &fault) == SK_OK;
                if (is_fit != (rows[i].pointer == NULL) || (!is_fit && (strcmp(fault.instance, rows[i].pointer) != 0 ||
                                                                        strcmp(fault.text, rows[i].text) != 0)))
                        fail_msg("%s with %s: \"%s\" %s", rows[i].schema, rows[i].value, fault.instance, fault.text);
                sk_schema_free(schema);
        }
        sk_schema_run_free(run);
}

/* A list of values, or one value, longer than can be shown. */
static void test_what_is_too_long_to_be_shown_is_cut_short(void **state) {
        static const char *const schemas[][2] = {
                {"{\"enum\":[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
                 "\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"]}",
                 "must be one of \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", ..."},
                {"{\"const\":\"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
                 "cccccccccccccccccccccccccccccccccccccccccc\"}",
                 "is not the one value that it may have"},
        };
        sk_schema_run *run = sk_schema_run_new();
        (void)state;
        for (size_t i = 0; i < COUNT(schemas); i++) {
                const sk_schema_text texts[] = {{SK_SLICE("test:s"), sk_slice_of(schemas[i][0])}};
                const sk_schema_source source = {texts, 1, SK_SLICE("test:s"), false};
                sk_schema_fault fault = {.text = ""};
                sk_schema *schema = NULL;
                assert_int_equal(sk_schema_compile(&source, &schema, &fault), SK_OK);
                assert_int_equal(sk_schema_check(schema, run, SK_SLICE("1"), &fault), SK_ERR_CONFLICT);
                assert_string_equal(fault.text, schemas[i][1]);
                sk_schema_free(schema);
        }
        sk_schema_run_free(run);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_value_fits_or_it_is_said_where_and_what_it_must_be),
                cmocka_unit_test(test_what_is_too_long_to_be_shown_is_cut_short),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
