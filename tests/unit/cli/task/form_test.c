#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/task/form.h"
#include "kit/alloc.h"
#include "kit/json_load.h"
#include "kit/when.h"

#define NOW_US (1456708560 * SK_SECOND_US) /* 2016-02-29 */

static void filled_is(const char *form, uint32_t seed, const char *wanted) {
        json_t *schema = NULL;
        assert_int_equal(sk_json_load(sk_slice_of(form), 32, &schema, NULL), SK_OK);
        json_t *filled = sk_form_fill(schema, seed, NOW_US);
        assert_non_null(filled);
        char *text = json_dumps(filled, JSON_COMPACT | JSON_SORT_KEYS);
        assert_string_equal(text, wanted);
        sk_free(text);
        json_decref(filled);
        json_decref(schema);
}

static void test_each_kind_of_member_gets_an_answer_that_fits(void **state) {
        (void)state;
        static const struct row {
                const char *member;
                const char *wanted;
        } rows[] = {
                {"{\"enum\":[\"x\",\"y\",\"z\"]}", "{\"a\":\"y\"}"},
                {"{\"type\":\"boolean\"}", "{\"a\":true}"},
                {"{\"type\":\"integer\",\"minimum\":1,\"maximum\":5}", "{\"a\":5}"},
                {"{\"type\":\"integer\",\"minimum\":7,\"maximum\":7}", "{\"a\":7}"},
                {"{\"type\":\"number\"}", "{\"a\":4}"},
                {"{\"type\":\"string\",\"title\":\"Cause\"}", "{\"a\":\"Cause: as usual\"}"},
                {"{\"type\":\"string\"}", "{\"a\":\"a: as usual\"}"},
                {"{\"type\":\"string\",\"examples\":[\"worn out\"]}", "{\"a\":\"worn out\"}"},
                {"{\"type\":\"string\",\"format\":\"date\"}", "{\"a\":\"2016-03-05\"}"},
                {"{\"type\":\"array\",\"items\":{\"type\":\"string\"}}", "{}"},
                {"{\"type\":\"object\"}", "{}"},
                {"{}", "{\"a\":\"a: as usual\"}"},
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                char form[256];
                (void)snprintf(form, sizeof(form), "{\"type\":\"object\",\"properties\":{\"a\":%s}}", rows[i].member);
                filled_is(form, 4, rows[i].wanted);
        }
}

static void test_lists_and_objects_are_there_when_they_must_be(void **state) {
        (void)state;
        filled_is("{\"properties\":{\"a\":{\"type\":\"array\"},\"b\":{\"type\":\"object\",\"properties\":{\"c\":{"
                  "\"type\":\"boolean\"}}}},\"required\":[\"a\",\"b\"]}",
                  0, "{\"a\":[],\"b\":{\"c\":true}}");
}

static void test_the_cut_is_left_to_others(void **state) {
        (void)state;
        filled_is("{\"properties\":{\"cut\":{\"type\":\"object\"},\"a\":{\"type\":\"boolean\"}}}", 0, "{\"a\":true}");
}

static void test_without_a_form_there_is_nothing_to_say(void **state) {
        (void)state;
        json_t *filled = sk_form_fill(NULL, 1, NOW_US);
        assert_int_equal(json_object_size(filled), 0);
        json_decref(filled);
}

int main(void) {
        sk_json_load_prepare();
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_kind_of_member_gets_an_answer_that_fits),
                cmocka_unit_test(test_lists_and_objects_are_there_when_they_must_be),
                cmocka_unit_test(test_the_cut_is_left_to_others),
                cmocka_unit_test(test_without_a_form_there_is_nothing_to_say),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
