#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "usm/figure.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void test_a_sentence_says_figure_limit_and_days(void **state) {
        static const struct {
                const char *text;
                sk_figure figure;
        } cases[] = {
                {"promise kept below 95 % over 30 days", {SK_FIGURE_PROMISE_KEPT, false, 950, 30}},
                {"when promise kept below 95% over 30 days", {SK_FIGURE_PROMISE_KEPT, false, 950, 30}},
                {"  response kept  below 99.5 %  over 7 days ", {SK_FIGURE_RESPONSE_KEPT, false, 995, 7}},
                {"completed above 0 % over 1 day", {SK_FIGURE_COMPLETED, true, 0, 1}},
                {"completed below 100.0 % over 366 days", {SK_FIGURE_COMPLETED, false, 1000, 366}},
                {"when calls above 40 over 7 days", {SK_FIGURE_CALLS, true, 400, 7}},
        };
        (void)state;

        for (size_t i = 0; i < COUNT(cases); i++) {
                sk_figure figure = {0};
                assert_int_equal(sk_figure_parse(sk_slice_of(cases[i].text), &figure), SK_OK);
                assert_int_equal(figure.kind, cases[i].figure.kind);
                assert_int_equal(figure.is_above, cases[i].figure.is_above);
                assert_int_equal(figure.limit_tenth, cases[i].figure.limit_tenth);
                assert_int_equal(figure.days, cases[i].figure.days);
        }
}

static void test_what_is_no_such_sentence_is_refused(void **state) {
        static const struct {
                const char *text;
                sk_err err;
        } cases[] = {
                {"", SK_ERR_SYNTAX},
                {"when", SK_ERR_SYNTAX},
                {"promise", SK_ERR_SYNTAX},
                {"promises kept below 95 % over 30 days", SK_ERR_SYNTAX},
                {"promise kept 95 % over 30 days", SK_ERR_SYNTAX},
                {"promise kept under 95 % over 30 days", SK_ERR_SYNTAX},
                {"promise kept below 95 over 30 days", SK_ERR_SYNTAX},
                {"promise kept below -5 % over 30 days", SK_ERR_SYNTAX},
                {"promise kept below 95.55 % over 30 days", SK_ERR_SYNTAX},
                {"promise kept below 95. % over 30 days", SK_ERR_SYNTAX},
                {"promise kept below 95 % over days", SK_ERR_SYNTAX},
                {"promise kept below 95 % over 30 weeks", SK_ERR_SYNTAX},
                {"promise kept below 95 % over 30 days again", SK_ERR_SYNTAX},
                {"calls above 40 % over 7 days", SK_ERR_SYNTAX},
                {"calls above 99999999999999999999 over 7 days", SK_ERR_RANGE},
                {"calls above 999999999 over 7 days", SK_ERR_RANGE},
                {"promise kept below 100.1 % over 30 days", SK_ERR_RANGE},
                {"promise kept below 95 % over 0 days", SK_ERR_RANGE},
                {"promise kept below 95 % over 367 days", SK_ERR_RANGE},
        };
        (void)state;

        for (size_t i = 0; i < COUNT(cases); i++) {
                sk_figure figure = {.days = 77};
                sk_err err = sk_figure_parse(sk_slice_of(cases[i].text), &figure);
                if (err != cases[i].err)
                        fail_msg("\"%s\": %s", cases[i].text, sk_err_text(err));
                assert_int_equal(figure.days, 77);
        }
}

static void test_figures_are_found_by_their_names(void **state) {
        (void)state;
        for (unsigned i = 0; i < SK_FIGURE_KINDS; i++)
                assert_int_equal(sk_figure_find(sk_slice_of(sk_figure_id((sk_figure_kind)i))), i);
        assert_int_equal(sk_figure_find(SK_SLICE("lead time")), SK_FIGURE_KINDS);
        assert_true(sk_figure_is_share(SK_FIGURE_COMPLETED));
        assert_false(sk_figure_is_share(SK_FIGURE_CALLS));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_sentence_says_figure_limit_and_days),
                cmocka_unit_test(test_what_is_no_such_sentence_is_refused),
                cmocka_unit_test(test_figures_are_found_by_their_names),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
