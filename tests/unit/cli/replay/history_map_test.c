#include "unit/cli/replay/history_fixture.h"

/** A good map in which one member is another one. */
#define WITH(member) "{\"format\":\"csv\",\"id\":\"id\"," member "," MAP_REST "}"
/** A map of these members alone. */
#define ONLY(members) "{\"format\":\"csv\",\"id\":\"id\"," members "}"

static void test_what_is_wrong_is_said_with_its_place(void **state) {
        (void)state;
        static const struct row {
                const char *text;
                const char *pointer;
                const char *words;
        } rows[] = {
                {"{\"format\":", "", ""},
                {"[]", "", "an object is wanted"},
                {"{}", "", "\"format\" is missing"},
                {"{\"format\":\"csv\"," MAP_REST "}", "", "\"id\" is missing"},
                {WITH("\"colour\":1"), "/colour", ""},
                {WITH("\"delimiter\":\",,\""), "/delimiter", ""},
                {WITH("\"missing\":7"), "/missing", ""},
                {WITH("\"rows\":\"days\""), "/rows", ""},
                {WITH("\"priority\":9"), "/priority", ""},
                {WITH("\"priority\":{\"column\":\"p\",\"table\":{\"x\":6}}"), "/priority", "6"},
                {WITH("\"data\":[[]]"), "/data/0", ""},
                {WITH("\"happened\":{\"waiting\":{\"column\":\"s\"}}"), "/happened/waiting", ""},
                {WITH("\"happened\":{\"kept\":{\"column\":\"k\"}}"), "/happened/kept", "\"values\" is missing"},
                {WITH("\"happened\":{\"ended\":{\"column\":\"e\",\"format\":\"soon\"}}"), "/happened/ended/format", ""},
                {WITH("\"promises\":{\"1\":\"tomorrow\"}"), "/promises/1", "a duration"},
                {WITH("\"statuses\":{\"column\":\"s\",\"activities\":{\"new\":\"recover.sleep\"}}"),
                 "/statuses/activities/new", ""},
                {"{\"format\":\"xml\",\"id\":\"id\"," MAP_REST "}", "/format", ""},
                {"{\"format\":\"csv\",\"id\":{}," MAP_REST "}", "/id", ""},
                {ONLY("\"time\":{\"column\":\"at\",\"format\":\"%d-%q\"},\"customer\":\"a\",\"provider\":\"b\","
                      "\"facility\":\"f\",\"type\":\"incident\",\"subject\":\"s\""),
                 "/time/format", ""},
                {ONLY("\"time\":{\"column\":\"at\",\"format\":\"%d-%m-%Y\",\"zone\":\"CET\"},\"customer\":\"a\","
                      "\"provider\":\"b\",\"facility\":\"f\",\"type\":\"incident\",\"subject\":\"s\""),
                 "/time/zone", ""},
                {ONLY("\"time\":{\"column\":\"at\",\"format\":\"rfc3339\"},\"customer\":\"a\",\"provider\":\"b\","
                      "\"facility\":\"f\",\"type\":\"accident\",\"subject\":\"s\""),
                 "/type", ""},
                {ONLY("\"time\":{\"column\":\"at\",\"format\":\"rfc3339\"},\"customer\":\"a\",\"provider\":\"b\","
                      "\"facility\":\"f\",\"type\":\"incident\",\"subject\":\"{open\""),
                 "/subject", ""},
                {ONLY("\"time\":{\"column\":\"at\",\"format\":\"rfc3339\"},\"customer\":\"a\",\"provider\":\"b\","
                      "\"facility\":{\"table\":{}},\"type\":\"incident\",\"subject\":\"s\""),
                 "/facility", ""},
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                sk_history_problem problem;
                sk_history_map *map = NULL;
                if (sk_history_map_read(sk_slice_of(rows[i].text), &map, &problem) != SK_ERR_CONFIG)
                        fail_msg("taken: %s", rows[i].text);
                assert_string_equal(problem.pointer, rows[i].pointer);
                assert_non_null(strstr(problem.text, rows[i].words));
                assert_true(problem.line > 0 && problem.column > 0 && problem.text[0] != '\0');
        }
}

static void test_comments_mean_nothing(void **state) {
        (void)state;
        sk_history_map_free(map_of(WITH("\"comment\":\"x\",\"$schema\":1")));
}

static void test_a_value_is_looked_up_then_spread_then_the_default(void **state) {
        (void)state;
        sk_history_pair table[] = {{SK_SLICE("a"), SK_SLICE("1")}, {SK_SLICE("b"), SK_SLICE("2")}};
        sk_slice spread[] = {SK_SLICE("x"), SK_SLICE("y")};
        const sk_history_value plain = {.is_given = true, .column = 0, .otherwise = SK_NONE};
        const sk_history_value looked_up = {.is_given = true,
                                            .column = 0,
                                            .otherwise = SK_SLICE("d"),
                                            .has_table = true,
                                            .table = table,
                                            .table_count = 2};
        sk_history_value both = looked_up;
        both.hash = spread;
        both.hash_count = 2;
        sk_slice given = SK_SLICE("b");
        sk_slice other = SK_SLICE("other");
        sk_slice none = SK_NONE;
        assert_true(sk_slice_is(sk_history_value_of(&plain, &other), "other"));
        assert_false(sk_slice_there(sk_history_value_of(&plain, &none)));
        assert_true(sk_slice_is(sk_history_value_of(&looked_up, &given), "2"));
        assert_true(sk_slice_is(sk_history_value_of(&looked_up, &other), "d"));
        assert_true(sk_slice_is(sk_history_value_of(&looked_up, &none), "d"));
        assert_true(sk_slice_is(sk_history_value_of(&both, &given), "2"));
        sk_slice once = sk_history_value_of(&both, &other);
        assert_true(sk_slice_is(once, "x") || sk_slice_is(once, "y"));
        assert_true(sk_slice_equal(once, sk_history_value_of(&both, &other)));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_is_wrong_is_said_with_its_place),
                cmocka_unit_test(test_comments_mean_nothing),
                cmocka_unit_test(test_a_value_is_looked_up_then_spread_then_the_default),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
