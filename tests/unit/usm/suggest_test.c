/* "Did you mean": near names are found, far ones are not, and nothing hostile gets through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "usm/suggest.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void test_the_nearest_name_is_suggested_and_nothing_far(void **state) {
        static const char *const names[] = {"network",  "workplace",       "applications",
                                            "operator", "process-manager", "hr"};
        static const struct {
                const char *wanted;
                const char *found; /* NULL: nothing is near enough */
        } cases[] = {
                {"netwrok", "network"},
                {"networks", "network"},
                {"workplaces", "workplace"},
                {"aplications", "applications"},
                {"operater", "operator"},
                {"process-manger", "process-manager"},
                {"hr2", "hr"},
                {"finance", NULL},
                {"zz", NULL},
                {"", NULL},
                {"network", "network"},
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                sk_suggestion suggestion = sk_suggest_make(sk_slice_of(cases[i].wanted));
                for (size_t j = 0; j < COUNT(names); j++)
                        sk_suggest_offer(&suggestion, sk_slice_of(names[j]));
                bool is_right = cases[i].found == NULL ? !sk_slice_there(suggestion.best)
                                                       : sk_slice_is(suggestion.best, cases[i].found);
                if (!is_right)
                        fail_msg("%s: found %.*s", cases[i].wanted, (int)suggestion.best.len,
                                 suggestion.best.at == NULL ? "" : suggestion.best.at);
        }
}

static void test_the_hint_is_a_question_or_nothing(void **state) {
        sk_suggestion suggestion = sk_suggest_make(SK_SLICE("lifft"));
        (void)state;
        assert_string_equal(sk_suggest_hint(&suggestion).text, "");
        sk_suggest_offer(&suggestion, SK_SLICE("lift"));
        assert_string_equal(sk_suggest_hint(&suggestion).text, "did you mean \"lift\"? ");
}

static void test_names_of_any_size_are_borne(void **state) {
        static char large[100000];
        (void)state;
        memset(large, 'a', sizeof large);
        sk_suggestion suggestion = sk_suggest_make((sk_slice){large, sizeof large});
        sk_suggest_offer(&suggestion, SK_SLICE("aaa"));
        assert_false(sk_slice_there(suggestion.best));
        suggestion = sk_suggest_make(SK_SLICE("aaa"));
        sk_suggest_offer(&suggestion, (sk_slice){large, sizeof large});
        sk_suggest_offer(&suggestion, (sk_slice){large, 64});
        assert_false(sk_slice_there(suggestion.best));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_nearest_name_is_suggested_and_nothing_far),
                cmocka_unit_test(test_the_hint_is_a_question_or_nothing),
                cmocka_unit_test(test_names_of_any_size_are_borne),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
