/* JSON Schema as forms use it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_load.h"
#include "kit/schema.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static json_t *load(const char *text) {
        json_t *value = NULL;
        if (sk_json_load(sk_slice_of(text), 64, &value, NULL) != SK_OK)
                fail_msg("no JSON: %s", text);
        return value;
}

static const struct fit_case {
        const char *schema;
        const char *value;
        const char *pointer; /* NULL: it fits */
        const char *text;
} fit_cases[] = {
        {"true", "7", NULL, NULL},
        {"false", "7", "", "may not be there"},
        {"{}", "[null]", NULL, NULL},
        {"{\"type\":\"string\"}", "7", "", "must be a text"},
        {"{\"type\":\"integer\"}", "1.0", NULL, NULL},
        {"{\"type\":\"integer\"}", "1.5", "", "must be a whole number"},
        {"{\"type\":[\"string\",\"null\"]}", "null", NULL, NULL},
        {"{\"type\":[\"string\",\"null\"]}", "false", "", "is of none of the types that it may have"},
        {"{\"enum\":[\"glass\",2]}", "2.0", NULL, NULL},
        {"{\"enum\":[\"glass\",2]}", "\"rim\"", "", "must be one of \"glass\", 2"},
        {"{\"const\":{\"a\":[1]}}", "{\"a\":[1]}", NULL, NULL},
        {"{\"const\":1}", "true", "", "is not the one value that it may have"},
        {"{\"minimum\":1,\"maximum\":5}", "5", NULL, NULL},
        {"{\"minimum\":1,\"maximum\":5}", "0", "", "must be at least 1"},
        {"{\"minimum\":1,\"maximum\":5}", "5.1", "", "must be at most 5"},
        {"{\"exclusiveMinimum\":1}", "1", "", "must be more than 1"},
        {"{\"exclusiveMaximum\":1.5}", "1.5", "", "must be less than 1.5"},
        {"{\"minimum\":9007199254740993}", "9007199254740992", "", "must be at least 9.00719925474099e+15"},
        {"{\"multipleOf\":0.1}", "0.3", NULL, NULL},
        {"{\"multipleOf\":3}", "7", "", "must be a multiple of 3"},
        {"{\"multipleOf\":-1}", "-9223372036854775808", NULL, NULL},
        {"{\"minLength\":1}", "\"\"", "", "must not be empty"},
        {"{\"maxLength\":2}", "\"\u00e9\u20ac\"", NULL, NULL},
        {"{\"maxLength\":2}", "\"abc\"", "", "must have at most 2 letters"},
        {"{\"format\":\"date\"}", "\"2024-02-29\"", NULL, NULL},
        {"{\"format\":\"date\"}", "\"1900-02-29\"", "", "must be a date such as 2026-12-24"},
        {"{\"format\":\"date\"}", "\"9999-12-31\"", NULL, NULL},
        {"{\"format\":\"date-time\"}", "\"noon\"", "", "must be a time such as 2026-12-24T12:00:00+01:00"},
        {"{\"format\":\"colour\"}", "\"noon\"", NULL, NULL},
        {"{\"required\":[\"cause\"]}", "{}", "/cause", "is required"},
        {"{\"required\":[\"a/b\"]}", "{}", "/a~1b", "is required"},
        {"{\"required\":[\"cause\"]}", "[]", NULL, NULL},
        {"{\"properties\":{\"a\":{\"properties\":{\"b\":{\"type\":\"string\"}}}}}", "{\"a\":{\"b\":1}}", "/a/b",
         "must be a text"},
        {"{\"properties\":{\"a\":{}},\"additionalProperties\":false}", "{\"a\":1,\"b\":2}", "/b", "may not be there"},
        {"{\"propertyNames\":{\"maxLength\":1}}", "{\"ab\":1}", "/ab", "must have at most 1 letters"},
        {"{\"minProperties\":1}", "{}", "", "must have at least 1 members"},
        {"{\"maxProperties\":1}", "{\"a\":1,\"b\":1}", "", "must have at most 1 members"},
        {"{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"a\":1}", "/b", "is required"},
        {"{\"items\":{\"type\":\"integer\"}}", "[1,\"x\"]", "/1", "must be a whole number"},
        {"{\"prefixItems\":[{\"type\":\"string\"}],\"items\":false}", "[\"x\",1]", "/1", "may not be there"},
        {"{\"minItems\":1}", "[]", "", "must have at least 1 items"},
        {"{\"maxItems\":1}", "[1,2]", "", "must have at most 1 items"},
        {"{\"uniqueItems\":true}", "[1,2,1.0]", "", "must have each item once"},
        {"{\"allOf\":[{\"minimum\":1},{\"maximum\":3}]}", "4", "", "must be at most 3"},
        {"{\"anyOf\":[{\"const\":1},{\"const\":2}]}", "2", NULL, NULL},
        {"{\"anyOf\":[{\"const\":1},{\"const\":2}]}", "3", "", "fits none of what it may be"},
        {"{\"oneOf\":[{\"minimum\":1},{\"minimum\":2}]}", "2", "", "must fit exactly one of what it may be"},
        {"{\"not\":{\"type\":\"null\"}}", "null", "", "must not be that"},
        {"{\"if\":{\"const\":1},\"then\":{\"type\":\"string\"},\"else\":{\"minimum\":5}}", "1", "", "must be a text"},
        {"{\"if\":{\"const\":1},\"then\":{\"type\":\"string\"},\"else\":{\"minimum\":5}}", "2", "",
         "must be at least 5"},
        {"{\"$defs\":{\"a\":{\"type\":\"string\"}},\"items\":{\"$ref\":\"#/$defs/a\"}}", "[1]", "/0", "must be a text"},
        {"{\"$ref\":\"#\"}", "1", "", "is nested deeper than can be checked"},
};

static void test_values_fit_or_it_is_said_where_they_do_not(void **state) {
        const struct fit_case *cases = fit_cases;
        (void)state;
        for (size_t i = 0; i < COUNT(fit_cases); i++) {
                json_t *schema = load(cases[i].schema);
                json_t *value = load(cases[i].value);
                sk_form_fault fault = {.pointer = ""};
                bool is_fit = sk_schema_fits(schema, value, &fault);
                bool is_right = is_fit == (cases[i].pointer == NULL) &&
                                (is_fit || (strcmp(fault.pointer, cases[i].pointer) == 0 &&
                                            strcmp(fault.text, cases[i].text) == 0));
                if (!is_right)
                        fail_msg("%s with %s: \"%s\" %s", cases[i].schema, cases[i].value, fault.pointer, fault.text);
                json_decref(schema);
                json_decref(value);
        }
}

static void test_a_schema_that_cannot_mean_what_it_says_is_found(void **state) {
        static const struct {
                const char *schema;
                const char *pointer; /* NULL: it is good */
                bool is_unchecked;
        } cases[] = {
                {"{\"type\":\"object\",\"properties\":{\"a\":{\"enum\":[1,2],\"default\":2}},\"title\":\"A form\"}",
                 NULL, false},
                {"7", "", false},
                {"{\"type\":\"text\"}", "/type", false},
                {"{\"type\":[]}", "/type", false},
                {"{\"enum\":[]}", "/enum", false},
                {"{\"required\":\"a\"}", "/required", false},
                {"{\"required\":[1]}", "/required", false},
                {"{\"minLength\":-1}", "/minLength", false},
                {"{\"minimum\":\"1\"}", "/minimum", false},
                {"{\"uniqueItems\":1}", "/uniqueItems", false},
                {"{\"properties\":[]}", "/properties", false},
                {"{\"properties\":{\"a\":{\"type\":\"x\"}}}", "/properties/a/type", false},
                {"{\"properties\":{\"a\":{\"enum\":[1,2],\"default\":3}}}", "/properties/a/default", false},
                {"{\"items\":[]}", "/items", false},
                {"{\"anyOf\":[]}", "/anyOf", false},
                {"{\"anyOf\":[{},7]}", "/anyOf/1", false},
                {"{\"dependentRequired\":{\"a\":1}}", "/dependentRequired", false},
                {"{\"$ref\":\"#/$defs/a\"}", "/$ref", false},
                {"{\"$ref\":7}", "/$ref", false},
                {"{\"format\":7}", "/format", false},
                {"{\"$ref\":\"other.json\"}", "/$ref", true},
                {"{\"properties\":{\"a\":{\"pattern\":\"^x\"}}}", "/properties/a/pattern", true},
                {"{\"requires\":[\"a\"]}", "/requires", true},
                {"{\"pattern\":\"^x\",\"type\":\"text\"}", "/type", false},
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                json_t *schema = load(cases[i].schema);
                sk_form_fault fault = {.pointer = ""};
                bool is_good = sk_schema_is_sound(schema, &fault);
                bool is_right = is_good == (cases[i].pointer == NULL) &&
                                (is_good || (strcmp(fault.pointer, cases[i].pointer) == 0 &&
                                             fault.is_unchecked == cases[i].is_unchecked && fault.text[0] != '\0'));
                if (!is_right)
                        fail_msg("%s: \"%s\" %s", cases[i].schema, fault.pointer, fault.text);
                json_decref(schema);
        }
}

static void test_a_schema_nested_too_deeply_is_found(void **state) {
        json_t *schema = json_object();
        sk_form_fault fault;
        (void)state;
        for (int i = 0; i < SK_SCHEMA_DEPTH_MAX; i++) {
                json_t *outer = json_object();
                assert_int_equal(json_object_set_new(outer, "not", schema), 0);
                schema = outer;
        }
        assert_false(sk_schema_is_sound(schema, &fault));
        json_decref(schema);
}

static void test_members_that_lack_get_their_defaults(void **state) {
        json_t *schema = load("{\"properties\":{\"a\":{\"default\":1},\"b\":{\"properties\":{\"c\":{\"default\":[2]}}},"
                              "\"d\":{\"$ref\":\"#/$defs/d\"},\"e\":{}},\"$defs\":{\"d\":{\"properties\":{\"f\":{"
                              "\"default\":null}}}}}");
        json_t *value = load("{\"a\":7,\"b\":{},\"d\":{}}");
        json_t *expected = load("{\"a\":7,\"b\":{\"c\":[2]},\"d\":{\"f\":null}}");
        size_t count = 0;
        (void)state;
        assert_int_equal(sk_schema_fill(schema, value, &count), SK_OK);
        assert_int_equal(count, 2);
        assert_true(json_equal(value, expected));
        json_decref(schema);
        json_decref(value);
        json_decref(expected);
}

static int setup(void **state) {
        (void)state;
        sk_json_load_prepare();
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_values_fit_or_it_is_said_where_they_do_not),
                cmocka_unit_test(test_a_schema_that_cannot_mean_what_it_says_is_found),
                cmocka_unit_test(test_a_schema_nested_too_deeply_is_found),
                cmocka_unit_test(test_members_that_lack_get_their_defaults),
        };
        return cmocka_run_group_tests(tests, setup, NULL);
}
