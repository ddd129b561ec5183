#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/json_scan.h"

#include "kit/buf.h"

static const char text[] = " { \"plain\" : \"text\", \"escaped\":\"a\\\"b\\u00e9\\\\\", \"empty\":\"\",\n"
                           "\"n\":-12, \"nested\": {\"plain\":[1,{\"x\":\"}]\\\"\"}] } ,"
                           "\"n\\u0061me\": null, \"list\":[ true,false , null ,\"a,b\",-1.5e3] , \"last\":0 } ";

static void test_members_are_found_with_their_values_trimmed(void **state) {
        static const struct {
                const char *name;
                const char *value;
        } cases[] = {
                {"plain", "\"text\""}, {"empty", "\"\""},
                {"n", "-12"},          {"nested", "{\"plain\":[1,{\"x\":\"}]\\\"\"}] }"},
                {"name", "null"},      {"list", "[ true,false , null ,\"a,b\",-1.5e3]"},
                {"last", "0"},
        };

        (void)state;
        assert_int_equal(sk_json_check(SK_SLICE(text), 32, NULL), SK_OK);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                assert_true(sk_slice_is(sk_json_member(SK_SLICE(text), cases[i].name), cases[i].value));
}

static void test_what_is_not_there_is_not_found(void **state) {
        static const char *const names[] = {"", "plai", "plainer", "x", "n\\u0061me", "text", "N"};

        (void)state;
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                assert_false(sk_slice_there(sk_json_member(SK_SLICE(text), names[i])));
        assert_false(sk_slice_there(sk_json_member(SK_SLICE("[\"a\",1]"), "a")));
        assert_false(sk_slice_there(sk_json_member(SK_SLICE("\"a\""), "a")));
        assert_false(sk_slice_there(sk_json_member(SK_SLICE("{}"), "a")));
        assert_false(sk_slice_there(sk_json_member(SK_NONE, "a")));
}

static void test_texts_are_copied_only_when_escaped(void **state) {
        sk_arena *arena = sk_arena_new(1000);
        sk_slice plain = sk_json_member_string(SK_SLICE(text), "plain", arena);

        (void)state;
        assert_true(sk_slice_is(plain, "text"));
        assert_int_equal(sk_arena_used(arena), 0);
        assert_true(plain.at > text && plain.at < text + sizeof(text));
        assert_true(sk_slice_is(sk_json_member_string(SK_SLICE(text), "escaped", arena), "a\"b\xc3\xa9\\"));
        assert_true(sk_arena_used(arena) > 0);
        assert_true(sk_slice_there(sk_json_member_string(SK_SLICE(text), "empty", arena)));
        assert_false(sk_slice_there(sk_json_member_string(SK_SLICE(text), "n", arena)));
        assert_false(sk_slice_there(sk_json_member_string(SK_SLICE(text), "absent", arena)));
        sk_arena_free(arena);
}

static void test_an_escaped_text_without_room_is_not_there(void **state) {
        sk_arena *arena = sk_arena_new(0);

        (void)state;
        assert_false(sk_slice_there(sk_json_string(SK_SLICE("\"a\\n\""), arena)));
        assert_false(sk_slice_there(sk_json_string(SK_SLICE("\"a\\n\""), NULL)));
        assert_true(sk_slice_is(sk_json_string(SK_SLICE(" \"a\" "), NULL), "a"));
        sk_arena_free(arena);
}

static void test_integers_are_read_exactly_and_within_bounds(void **state) {
        static const struct {
                const char *value;
                bool is_int;
                int64_t number;
        } cases[] = {
                {"0", true, 0},
                {"-0", true, 0},
                {"9223372036854775807", true, INT64_MAX},
                {"-9223372036854775808", true, INT64_MIN},
                {"9223372036854775808", false, 0},
                {"-9223372036854775809", false, 0},
                {"100000000000000000000000000000000000000000", false, 0},
                {"1.0", false, 0},
                {"1e3", false, 0},
                {"\"1\"", false, 0},
                {"true", false, 0},
                {"null", false, 0},
                {"[1]", false, 0},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_buf buf = sk_buf_make(200);
                int64_t number = 77;

                sk_buf_add_format(&buf, "{\"n\": %s }", cases[i].value);
                assert_int_equal(sk_json_member_int(sk_buf_slice(&buf), "n", INT64_MIN, INT64_MAX, &number),
                                 cases[i].is_int);
                assert_true(number == (cases[i].is_int ? cases[i].number : 77));
                sk_buf_free(&buf);
        }
        assert_false(sk_json_member_int(SK_SLICE("{\"n\":5}"), "n", 6, 9, &(int64_t){0}));
        assert_false(sk_json_member_int(SK_SLICE("{\"n\":5}"), "n", 0, 4, &(int64_t){0}));
        assert_true(sk_json_member_int(SK_SLICE("{\"n\":5}"), "n", 5, 5, &(int64_t){0}));
        assert_false(sk_json_member_int(SK_SLICE("{}"), "n", 0, 9, &(int64_t){0}));
}

static void test_kinds_are_told_by_the_first_byte(void **state) {
        static const struct {
                const char *value;
                sk_json_kind kind;
        } cases[] = {
                {" null", SK_JSON_NULL}, {"false", SK_JSON_FALSE}, {"true", SK_JSON_TRUE}, {"\n-1", SK_JSON_NUMBER},
                {"0", SK_JSON_NUMBER},   {"\"\"", SK_JSON_STRING}, {" []", SK_JSON_ARRAY}, {"{}", SK_JSON_OBJECT},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                assert_int_equal(sk_json_kind_of(sk_slice_of(cases[i].value)), cases[i].kind);
}

static void test_a_walk_over_an_array_gives_each_item(void **state) {
        static const char *const items[] = {"true", "false", "null", "\"a,b\"", "-1.5e3"};
        sk_json_walk walk = sk_json_walk_make(sk_json_member(SK_SLICE(text), "list"));
        sk_slice name, value;
        size_t count = 0;

        (void)state;
        for (; sk_json_walk_next(&walk, &name, &value); count++) {
                assert_false(sk_slice_there(name));
                assert_true(sk_slice_is(value, items[count]));
        }
        assert_int_equal(count, 5);
        assert_false(sk_json_walk_next(&walk, &name, &value));
}

static void test_a_walk_over_an_object_gives_raw_names(void **state) {
        static const char *const names[] = {"plain", "escaped", "empty", "n", "nested", "n\\u0061me", "list", "last"};
        sk_json_walk walk = sk_json_walk_make(SK_SLICE(text));
        sk_slice name, value;
        size_t count = 0;

        (void)state;
        for (; sk_json_walk_next(&walk, &name, &value); count++)
                assert_true(sk_slice_is(name, names[count]));
        assert_int_equal(count, 8);
}

static void test_there_is_nothing_to_walk_in_a_scalar_or_in_nothing(void **state) {
        static const char *const cases[] = {"", "1", "\"[1]\"", "null", "[]", "{ }", " [ ] "};
        sk_slice name, value;

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_json_walk walk = sk_json_walk_make(sk_slice_of(cases[i]));

                assert_false(sk_json_walk_next(&walk, &name, &value));
        }
}

static void test_places_count_lines_and_stop_at_the_end(void **state) {
        static const struct {
                size_t offset;
                sk_place place;
        } cases[] = {
                {0, {0, 1, 1}}, {1, {1, 1, 2}}, {2, {2, 2, 1}}, {4, {4, 3, 2}}, {99, {4, 3, 2}},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_place place = sk_place_of(SK_SLICE("a\n\nb"), cases[i].offset);

                assert_int_equal(place.offset, cases[i].place.offset);
                assert_int_equal(place.line, cases[i].place.line);
                assert_int_equal(place.column, cases[i].place.column);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_members_are_found_with_their_values_trimmed),
                cmocka_unit_test(test_what_is_not_there_is_not_found),
                cmocka_unit_test(test_texts_are_copied_only_when_escaped),
                cmocka_unit_test(test_an_escaped_text_without_room_is_not_there),
                cmocka_unit_test(test_integers_are_read_exactly_and_within_bounds),
                cmocka_unit_test(test_kinds_are_told_by_the_first_byte),
                cmocka_unit_test(test_a_walk_over_an_array_gives_each_item),
                cmocka_unit_test(test_a_walk_over_an_object_gives_raw_names),
                cmocka_unit_test(test_there_is_nothing_to_walk_in_a_scalar_or_in_nothing),
                cmocka_unit_test(test_places_count_lines_and_stop_at_the_end),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
