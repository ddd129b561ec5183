/* References of a form, in it and in the files that came with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/task/form_follow.h"
#include "kit/alloc.h"
#include "kit/json_load.h"

static const char form_text[] =
        "{\"$id\":\"chain:/desk/routines/operate.json\",\"$defs\":{"
        "\"own\":{\"type\":\"string\",\"title\":\"Own\"},\"round\":{\"$ref\":\"#/$defs/round\"},"
        "\"a/b\":{\"type\":\"boolean\"},"
        "\"chain:/forms/cause.json\":{\"$id\":\"chain:/forms/cause.json\",\"enum\":[1],"
        "\"$defs\":{\"own\":{\"type\":\"number\"}}},"
        "\"chain:/desk/forms/visit.json\":{\"$id\":\"chain:/desk/forms/visit.json\",\"properties\":{\"when\":"
        "{\"$ref\":\"../../forms/cause.json#/$defs/own\",\"title\":\"When\"}}}}}";

static void test_a_reference_is_followed_to_where_it_leads(void **state) {
        static const struct {
                const char *schema;
                const char *expected;
        } rows[] = {
                {"{\"type\":\"string\"}", "{\"type\":\"string\"}"},
                {"{\"$ref\":\"#/$defs/own\"}", "{\"title\":\"Own\",\"type\":\"string\"}"},
                {"{\"$ref\":\"#/$defs/own\",\"title\":\"Mine\"}", "{\"title\":\"Mine\",\"type\":\"string\"}"},
                {"{\"$ref\":\"#/$defs/a~1b\"}", "{\"type\":\"boolean\"}"},
                {"{\"$ref\":\"../../forms/cause.json#/$defs/own\"}", "{\"type\":\"number\"}"},
                {"{\"$ref\":\"../forms/visit.json#/properties/when\"}", "{\"title\":\"When\",\"type\":\"number\"}"},
                {"{\"$ref\":\"../forms/none.json\"}", "{\"$ref\":\"../forms/none.json\"}"},
                {"{\"$ref\":\"#/$defs/none\"}", "{\"$ref\":\"#/$defs/none\"}"},
                {"{\"$ref\":\"#anchor\"}", "{\"$ref\":\"#anchor\"}"},
                {"{\"$ref\":\"#/$defs/round\"}", "{\"$ref\":\"#/$defs/round\"}"}, /* and it comes to an end */
                {"{\"$ref\":7}", "{\"$ref\":7}"},
        };
        json_t *form = NULL;
        (void)state;
        assert_int_equal(sk_json_load(sk_slice_of(form_text), 32, &form, NULL), SK_OK);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                json_t *schema = NULL;
                assert_int_equal(sk_json_load(sk_slice_of(rows[i].schema), 32, &schema, NULL), SK_OK);
                sk_form_place at = {form, schema};
                json_t *whole = sk_form_followed(form, &at);
                assert_non_null(whole);
                char *text = json_dumps(whole, JSON_COMPACT | JSON_SORT_KEYS);
                assert_string_equal(text, rows[i].expected);
                sk_free(text);
                json_decref(whole);
                json_decref(schema);
        }
        json_decref(form);
}

static void test_it_is_told_in_which_file_that_is(void **state) {
        json_t *form = NULL;
        (void)state;
        assert_int_equal(sk_json_load(sk_slice_of(form_text), 32, &form, NULL), SK_OK);
        json_t *schema = json_pack("{s:s}", "$ref", "../forms/visit.json");
        sk_form_place at = {form, schema};
        json_t *whole = sk_form_followed(form, &at);
        assert_ptr_equal(at.file, json_object_get(json_object_get(form, "$defs"), "chain:/desk/forms/visit.json"));
        assert_non_null(json_object_get(whole, "properties"));
        json_decref(whole);
        json_decref(schema);
        assert_null(sk_form_followed(form, &(sk_form_place){form, json_true()}));
        json_decref(form);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_reference_is_followed_to_where_it_leads),
                cmocka_unit_test(test_it_is_told_in_which_file_that_is),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
