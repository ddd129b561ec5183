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
#include "kit/buf.h"
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
                {"{\"title\":\"Mine\",\"allOf\":[{\"$ref\":\"#/$defs/own\"},{\"minLength\":2,\"type\":\"number\"}]}",
                 "{\"minLength\":2,\"title\":\"Mine\",\"type\":\"string\"}"},
                {"{\"$ref\":\"#/$defs/own\",\"allOf\":[{\"title\":\"Theirs\"}]}",
                 "{\"title\":\"Theirs\",\"type\":\"string\"}"},
        };
        json_t *form = NULL;
        (void)state;
        assert_int_equal(sk_json_load(sk_slice_of(form_text), 32, &form, NULL), SK_OK);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                json_t *schema = NULL;
                assert_int_equal(sk_json_load(sk_slice_of(rows[i].schema), 32, &schema, NULL), SK_OK);
                json_t *whole = sk_form_whole(form, &(sk_form_place){.file = form, .schema = schema});
                assert_non_null(whole);
                char *text = json_dumps(whole, JSON_COMPACT | JSON_SORT_KEYS);
                assert_string_equal(text, rows[i].expected);
                sk_free(text);
                json_decref(whole);
                json_decref(schema);
        }
        json_decref(form);
}

typedef struct listed {
        const json_t *form;
        char text[512];
} listed;

static bool list_member(void *self, const char *name, const sk_form_place *member) {
        listed *list = self;
        const char *id = json_string_value(json_object_get(member->file, "$id"));
        size_t len = strlen(list->text);
        (void)snprintf(list->text + len, sizeof list->text - len, "%s at %s#%s\n", name,
                       member->file == list->form ? "" : id, member->pointer);
        return strcmp(name, "last") != 0;
}

static void test_members_are_told_once_with_their_place(void **state) {
        static const struct {
                const char *form; /* what it says beside the files that it has with it */
                const char *expected;
                bool is_through;
        } rows[] = {
                {"{", "", true},
                {"{\"$ref\":\"../forms/visit.json\",", "when at chain:/desk/forms/visit.json#/properties/when\n", true},
                {"{\"$ref\":\"../forms/visit.json\",\"properties\":{\"a/b\":{},\"when\":{}},",
                 "a/b at #/properties/a~1b\nwhen at #/properties/when\n", true},
                {"{\"allOf\":[{\"properties\":{\"one\":{}}},{\"$ref\":\"#/allOf/0\"},{\"$ref\":\"../forms/"
                 "visit.json\"},"
                 "{\"allOf\":[{\"properties\":{\"one\":{},\"two\":{}}}]},true],",
                 "one at #/allOf/0/properties/one\nwhen at chain:/desk/forms/visit.json#/properties/when\n"
                 "two at #/allOf/3/allOf/0/properties/two\n",
                 true},
                {"{\"allOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}],\"properties\":{\"one\":{}},",
                 "one at #/properties/one\n", true}, /* and it comes to an end */
                {"{\"properties\":{\"last\":{}},\"allOf\":[{\"properties\":{\"one\":{}}}],",
                 "last at #/properties/last\n", false},
        };
        char text[2048];
        (void)state;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                json_t *form = NULL;
                (void)snprintf(text, sizeof text, "%s%s", rows[i].form, form_text + 1);
                assert_int_equal(sk_json_load(sk_slice_of(text), 32, &form, NULL), SK_OK);
                listed list = {.form = form};
                const sk_form_place at = {.file = form, .schema = form};
                assert_int_equal(sk_form_members(form, &at, list_member, &list), rows[i].is_through);
                assert_string_equal(list.text, rows[i].expected);
                json_decref(form);
        }
}

static void test_what_is_no_object_has_no_members(void **state) {
        listed list = {.text = ""};
        json_t *form = json_object();
        const sk_form_place at = {.file = form, .schema = json_true()};
        (void)state;
        assert_null(sk_form_whole(form, &at));
        assert_true(sk_form_members(form, &at, list_member, &list));
        assert_string_equal(list.text, "");
        json_decref(form);
}

static void test_a_form_of_several_is_shown_with_what_each_requires(void **state) {
        static const char several[] =
                "{\"required\":[\"a\"],\"properties\":{\"a\":{\"allOf\":[{\"properties\":{\"in\":{}},\"required\":["
                "\"in\"]}]}},"
                "\"allOf\":[{\"required\":[\"b\"]},{\"properties\":{\"b\":{\"type\":\"string\"}}}]}";
        json_t *form = NULL;
        (void)state;
        assert_int_equal(sk_json_load(sk_slice_of(several), 32, &form, NULL), SK_OK);
        json_t *whole = sk_form_flat(form);
        json_t *a = json_object_get(json_object_get(whole, "properties"), "a");
        assert_true(sk_form_requires(whole, "a") && sk_form_requires(whole, "b"));
        assert_true(sk_form_requires(a, "in"));
        assert_non_null(json_object_get(json_object_get(a, "properties"), "in"));
        assert_non_null(json_object_get(json_object_get(whole, "properties"), "b"));
        assert_false(sk_form_requires(form, "b")); /* the form itself is as it was */
        assert_null(json_object_get(json_object_get(form, "properties"), "b"));
        json_decref(whole);
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

/* Thirty members that are the form again, six levels deep, would be 700 million. */
static void test_a_form_that_is_its_own_members_is_shown_in_part(void **state) {
        sk_buf text = sk_buf_make(65536);
        json_t *form = NULL;
        (void)state;
        for (int i = 0; i < 30; i++)
                sk_buf_add_format(&text, "%s\"m%d\":{\"$ref\":\"#\"}", i == 0 ? "{\"properties\":{" : ",", i);
        sk_buf_add_text(&text, "}}");
        assert_int_equal(sk_json_load(sk_buf_slice(&text), 32, &form, NULL), SK_OK);
        json_t *whole = sk_form_flat(form);
        assert_int_equal(json_object_size(json_object_get(whole, "properties")), 30);
        json_decref(whole);
        json_decref(form);
        sk_buf_free(&text);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_reference_is_followed_to_where_it_leads),
                cmocka_unit_test(test_members_are_told_once_with_their_place),
                cmocka_unit_test(test_what_is_no_object_has_no_members),
                cmocka_unit_test(test_a_form_of_several_is_shown_with_what_each_requires),
                cmocka_unit_test(test_a_form_is_shown_with_all_that_it_refers_to),
                cmocka_unit_test(test_a_form_that_is_its_own_members_is_shown_in_part),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
