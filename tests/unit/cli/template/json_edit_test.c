/*
 * Changing one member of a JSON text, and laying values out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/template/json_edit.h"

static const char *apply(const char *text, const sk_json_edit *edit, sk_buf *out) {
        sk_buf_clear(out);
        assert_int_equal(sk_json_edit_apply(sk_slice_of(text), edit, out), SK_OK);
        sk_buf_add_byte(out, 0);
        return out->at;
}

static void test_members_are_set_and_taken_away_where_they_stand(void **state) {
        static const struct {
                const char *text;
                const char *name;
                const char *after;
                const char *value;
                const char *expected;
        } cases[] = {
                {"{ \"a\": 1 }\n", "a", NULL, "2", "{ \"a\": 2 }\n"},
                {"{ \"a\" : 1,\"b\":2}", "b", NULL, "\"x\"", "{ \"a\" : 1,\"b\":\"x\"}"},
                {"{}", "a", NULL, "1", "{ \"a\": 1 }"},
                {"{\n  \"a\": 1\n}\n", "b", NULL, "[1, 2]", "{\n  \"a\": 1,\n  \"b\": [1, 2]\n}\n"},
                {"{\n  \"a\": 1,\n  \"c\": 3\n}", "b", "a", "2", "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}"},
                {"{\n  \"b\": 2\n}", "a", "", "1", "{\n  \"a\": 1,\n  \"b\": 2\n}"},
                {"{ \"a\": 1, \"c\": 3 }", "b", "a", "2", "{ \"a\": 1, \"b\": 2, \"c\": 3 }"},
                {"{ \"a\": 1 }", "b", "nobody", "2", "{ \"a\": 1, \"b\": 2 }"},
                {"{ \"a\": 1, \"b\": 2, \"c\": 3 }", "b", NULL, NULL, "{ \"a\": 1, \"c\": 3 }"},
                {"{ \"a\": 1, \"b\": 2 }", "a", NULL, NULL, "{ \"b\": 2 }"},
                {"{ \"a\": 1, \"b\": 2 }", "b", NULL, NULL, "{ \"a\": 1 }"},
                {"{\n  \"a\": 1\n}", "a", NULL, NULL, "{}"},
                {"{ \"a\": 1 }", "b", NULL, NULL, "{ \"a\": 1 }"},
                {"{ \"\\u0061\": 1 }", "a", NULL, "2", "{ \"\\u0061\": 2 }"},
        };
        sk_buf out = sk_buf_make(4096);
        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_json_edit edit = {
                        .name = cases[i].name, .after = cases[i].after, .value = sk_slice_of(cases[i].value)};
                assert_string_equal(apply(cases[i].text, &edit, &out), cases[i].expected);
        }
        sk_buf_free(&out);
}

static void test_the_way_leads_through_objects(void **state) {
        static const char *const path[] = {"activities", "recover.accept"};
        sk_json_edit edit = {.path = path, .depth = 2, .name = "responsible", .value = SK_SLICE("\"desk\"")};
        sk_buf out = sk_buf_make(4096);
        (void)state;
        assert_string_equal(
                apply("{\n  \"activities\": {\n    \"recover.accept\": { \"how\": \"auto\" }\n  }\n}", &edit, &out),
                "{\n  \"activities\": {\n    \"recover.accept\": { \"how\": \"auto\", \"responsible\": \"desk\" "
                "}\n  }\n}");
        sk_buf_clear(&out);
        assert_int_equal(sk_json_edit_apply(SK_SLICE("{ \"activities\": [] }"), &edit, &out), SK_ERR_NOT_FOUND);
        assert_int_equal(sk_json_edit_apply(SK_SLICE("[]"), &edit, &out), SK_ERR_NOT_FOUND);
        sk_buf_free(&out);
}

static void test_what_is_short_stands_on_one_line(void **state) {
        sk_buf out = sk_buf_make(4096);
        (void)state;
        sk_json_pretty(SK_SLICE("{\"a\":[1,2,{}],\"b\":[],\"c\":\"x\"}"), 4, 10, &out);
        assert_true(sk_slice_is(sk_buf_slice(&out), "{ \"a\": [1, 2, {}], \"b\": [], \"c\": \"x\" }"));
        sk_buf_clear(&out);
        sk_json_pretty(SK_SLICE("{\"a\":[1,2],\"b\":{\"c\":\"x\"}}"), 2, 100, &out);
        assert_true(sk_slice_is(sk_buf_slice(&out), "{\n    \"a\": [1, 2],\n    \"b\": { \"c\": \"x\" }\n  }"));
        sk_buf_free(&out);
}

static void test_a_full_buffer_is_said(void **state) {
        sk_json_edit edit = {.name = "a", .value = SK_SLICE("\"0123456789\"")};
        sk_buf out = sk_buf_make(8);
        (void)state;
        assert_int_equal(sk_json_edit_apply(SK_SLICE("{ \"a\": 1 }"), &edit, &out), SK_ERR_FULL);
        sk_buf_free(&out);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_members_are_set_and_taken_away_where_they_stand),
                cmocka_unit_test(test_the_way_leads_through_objects),
                cmocka_unit_test(test_what_is_short_stands_on_one_line),
                cmocka_unit_test(test_a_full_buffer_is_said),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
