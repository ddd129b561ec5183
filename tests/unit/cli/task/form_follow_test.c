/* References of a form, in it and in the files that came with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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

static void test_a_form_is_shown_with_all_that_it_refers_to(void **state) {
        static const char visited[] = "{\"$ref\":\"../forms/visit.json\",\"required\":[\"when\"]";
        sk_arena *arena = sk_arena_new(65536);
        char text[2048];
        json_t *whole = NULL;
        (void)state;
        (void)snprintf(text, sizeof text, "%s,%s", visited, form_text + 1);
        sk_slice flat = sk_form_flat_text(sk_slice_of(text), arena);
        assert_int_equal(sk_json_load(flat, 32, &whole, NULL), SK_OK);
        json_t *when = json_object_get(json_object_get(whole, "properties"), "when");
        assert_string_equal(json_string_value(json_object_get(when, "type")), "number");
        assert_string_equal(json_string_value(json_object_get(when, "title")), "When");
        assert_int_equal(json_array_size(json_object_get(whole, "required")), 1);
        json_decref(whole);
        assert_true(sk_slice_is(sk_form_flat_text(SK_SLICE("true"), arena), "true"));
        assert_false(sk_slice_there(sk_form_flat_text(SK_NONE, arena)));
        sk_arena_free(arena);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_reference_is_followed_to_where_it_leads),
                cmocka_unit_test(test_it_is_told_in_which_file_that_is),
                cmocka_unit_test(test_a_form_is_shown_with_all_that_it_refers_to),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
