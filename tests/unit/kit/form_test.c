/* Forms: schemas whose formats count and whose defaults are filled in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kit/form.h"
#include "support/failing_alloc.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *const passed[] = {"cut", "priority", NULL};

static void test_a_form_that_cannot_mean_what_it_says_is_found(void **state) {
        static const struct {
                const char *form;
                sk_err err;
                const char *place;
                const char *text;
        } rows[] = {
                {"{\"type\":\"object\",\"properties\":{\"a\":{\"enum\":[1,2],\"default\":2}},\"title\":\"A form\"}",
                 SK_OK, NULL, NULL},
                {"7", SK_ERR_TYPE, "", "must be a schema: an object, true or false"},
                {"{\"properties\":{\"a\":{\"type\":\"x\"}}}", SK_ERR_RANGE, "/properties/a/type", NULL},
                {"{\"properties\":{\"a\":{\"enum\":[1,2],\"default\":3}}}", SK_ERR_CONFLICT, "/properties/a/default",
                 "must be one of 1, 2"},
                {"{\"properties\":{\"a\":{\"format\":\"date\",\"default\":\"soon\"}}}", SK_ERR_CONFLICT,
                 "/properties/a/default", "must be a date such as 2026-12-24"},
                {"{\"$ref\":\"#/$defs/a\"}", SK_ERR_NOT_FOUND, "/$ref", "leads nowhere"},
                {"{\"$ref\":\"other.json\"}", SK_ERR_NOT_FOUND, "/$ref", "leads nowhere"},
        };
        sk_schema_run *run = sk_schema_run_new();
        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                sk_schema_fault fault = {.text = ""};
                sk_schema *form = NULL;
                sk_err err = sk_form_compile(sk_slice_of(rows[i].form), run, &form, &fault);
                if (err != rows[i].err ||
                    (err != SK_OK && (form != NULL || strcmp(sk_form_fault_place(&fault), rows[i].place) != 0)))
                        fail_msg("%s: %s at %s: %s", rows[i].form, sk_err_name(err), fault.schema, fault.text);
                if (rows[i].text != NULL)
                        assert_string_equal(fault.text, rows[i].text);
                sk_schema_free(form);
        }
        sk_schema_run_free(run);
}

static void test_what_nothing_looks_at_is_told(void **state) {
        static const char *const rows[][3] = {
                {"{\"minLength\":1,\"title\":\"x\",\"comment\":7,\"$x\":1,\"format\":\"date\"}", NULL, NULL},
                {"{\"requires\":[\"a\"]}", "/requires", "is no keyword of JSON Schema, and not looked at"},
                {"{\"properties\":{\"a\":{\"items\":{\"minimun\":1}}}}", "/properties/a/items/minimun",
                 "is no keyword of JSON Schema, and not looked at"},
                {"{\"properties\":{\"requires\":{\"format\":\"colour\"}}}", "/properties/requires/format",
                 "is a format that is not looked at"},
        };
        sk_schema_run *run = sk_schema_run_new();
        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                sk_schema_fault fault = {.text = ""};
                sk_schema *form = NULL;
                assert_int_equal(sk_form_compile(sk_slice_of(rows[i][0]), run, &form, &fault), SK_OK);
                assert_int_equal(sk_schema_is_odd(form, &fault), rows[i][1] != NULL);
                if (rows[i][1] != NULL) {
                        assert_string_equal(sk_form_fault_place(&fault), rows[i][1]);
                        assert_string_equal(fault.text, rows[i][2]);
                }
                sk_schema_free(form);
        }
        sk_schema_run_free(run);
}

static const struct fit_row {
        const char *form;
        const char *entered; /* NULL: nothing */
        const char *out;     /* NULL: it does not fit; "": it stands as it was entered */
        const char *pointer;
        const char *text;
} fit_rows[] = {
        {"{}", NULL, "", NULL, NULL},
        {"{}", "[]", NULL, "", "must be an object"},
        {"{}", "{", NULL, "", "must be an object"},
        {"{\"required\":[\"a\"]}", NULL, NULL, "/a", "is required"},
        {"{\"required\":[\"a\"],\"properties\":{\"a\":{\"default\":1}}}", NULL, "{\"a\":1}", NULL, NULL},
        {"{\"properties\":{\"a\":{\"default\":1}}}", " {\"a\":7} ", "", NULL, NULL},
        {"{\"properties\":{\"a\":{\"default\":1},\"b\":{\"properties\":{\"c\":{\"default\":[2]}}},\"d\":{\"$ref\":"
         "\"#/$defs/d\"},\"e\":{}},\"$defs\":{\"d\":{\"properties\":{\"f\":{\"default\":null}}}}}",
         "{\"a\":7,\"b\":{},\"d\":{},\"x\":[1]}", "{\"a\":7,\"b\":{\"c\":[2]},\"d\":{\"f\":null},\"x\":[1]}", NULL,
         NULL},
        {"{\"$ref\":\"#/$defs/d\",\"properties\":{\"f\":{\"default\":1}},\"$defs\":{\"d\":{\"properties\":{\"f\":{"
         "\"default\":2},\"g\":{\"default\":3}}}}}",
         "{}", "{\"f\":1,\"g\":3}", NULL, NULL},
        {"{\"additionalProperties\":false}", "{\"cut\":{},\"priority\":1}", "", NULL, NULL},
        {"{\"additionalProperties\":false}", "{\"cut\":{},\"other\":1}", NULL, "/other", "may not be there"},
        {"{\"properties\":{\"cut\":{\"type\":\"string\"}}}", "{\"cut\":{}}", NULL, "/cut", "must be a text"},
        {"{\"properties\":{\"a\":{\"default\":1}},\"additionalProperties\":false}", "{\"cut\":{}}",
         "{\"cut\":{},\"a\":1}", NULL, NULL},
        {"{\"properties\":{\"d\":{\"format\":\"date\"}}}", "{\"d\":\"1900-02-29\"}", NULL, "/d",
         "must be a date such as 2026-12-24"},
        {"{\"properties\":{\"d\":{\"format\":\"date\"}}}", "{\"d\":\"2024-02-29\"}", "", NULL, NULL},
        {"{\"properties\":{\"d\":{\"format\":\"date-time\"}}}", "{\"d\":\"noon\"}", NULL, "/d",
         "must be a time such as 2026-12-24T12:00:00+01:00"},
        {"{\"properties\":{\"d\":{\"format\":\"email\"}}}", "{\"d\":\"anna\"}", NULL, "/d",
         "must be a mail address such as anna@example.org"},
        {"{\"properties\":{\"d\":{\"format\":\"colour\"}}}", "{\"d\":\"noon\"}", "", NULL, NULL},
};

static void test_what_is_entered_fits_and_gets_defaults_or_is_told_where_not(void **state) {
        sk_schema_run *run = sk_schema_run_new();
        sk_buf out = sk_buf_make(4096);
        (void)state;
        for (size_t i = 0; i < COUNT(fit_rows); i++) {
                const struct fit_row *row = &fit_rows[i];
                sk_schema_fault fault = {.text = ""};
                sk_schema *form = NULL;
                assert_int_equal(sk_form_compile(sk_slice_of(row->form), run, &form, &fault), SK_OK);
                sk_buf_clear(&out);
                sk_err err = sk_form_fit(form, run, sk_slice_of(row->entered), passed, &out, &fault);
                if (err != (row->out == NULL ? SK_ERR_CONFLICT : SK_OK) ||
                    !sk_slice_is(sk_buf_slice(&out), row->out == NULL ? "" : row->out))
                        fail_msg("%s: %s %s: %.*s", row->form, fault.instance, fault.text, (int)out.len, out.at);
                if (row->out == NULL) {
                        assert_string_equal(fault.instance, row->pointer);
                        assert_string_equal(fault.text, row->text);
                }
                sk_schema_free(form);
        }
        sk_buf_free(&out);
        sk_schema_run_free(run);
}

/* Once scratch and buffer have their size, a value that fits takes no memory at all. */
static void test_checking_what_fits_takes_no_memory(void **state) {
        static const char text[] =
                "{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":\"string\","
                "\"pattern\":\"^x+$\",\"maxLength\":9},\"b\":{\"uniqueItems\":true},\"c\":{\"default\""
                ":5},\"d\":{\"anyOf\":[{\"multipleOf\":3},{\"enum\":[1,{\"x\":2}]}]}},"
                "\"unevaluatedProperties\":false}";
        sk_schema_run *run = sk_schema_run_new();
        sk_buf out = sk_buf_make(4096);
        sk_schema_fault fault = {.text = ""};
        sk_schema *form = NULL;
        (void)state;
        assert_int_equal(sk_form_compile(SK_SLICE(text), run, &form, &fault), SK_OK);
        for (int i = 0; i < 2; i++) {
                sk_buf_clear(&out);
                if (i == 1)
                        failing_alloc_begin(0);
                assert_int_equal(sk_form_fit(form, run,
                                             SK_SLICE("{\"a\":\"\\u0078x\",\"b\":[1,2],\"d\":{\"x\":2},\"cut\":1}"),
                                             passed, &out, &fault),
                                 SK_OK);
        }
        assert_int_equal(failing_alloc_count(), 0);
        failing_alloc_end();
        sk_schema_free(form);
        sk_buf_free(&out);
        sk_schema_run_free(run);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_form_that_cannot_mean_what_it_says_is_found),
                cmocka_unit_test(test_what_nothing_looks_at_is_told),
                cmocka_unit_test(test_what_is_entered_fits_and_gets_defaults_or_is_told_where_not),
                cmocka_unit_test(test_checking_what_fits_takes_no_memory),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
