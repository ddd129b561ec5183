/* Figures of days, and when they crossed a limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "cli/report/figure_days.h"
#include "kit/when.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char chain_json[] = "{\"name\":\"tiny\"}";
static const char agreement_json[] = "{\"customer\":\"a\",\"provider\":\"b\",\"facilities\":{\"lift\":{\"actions\":["
                                     "\"repair\"],\"calls\":[\"incident\"]},\"door\":{\"actions\":[\"repair\"],"
                                     "\"calls\":[\"incident\"]}}}";

/* A team whose only threshold is this one. */
static sk_edition *build(const char *threshold) {
        char team[800];
        (void)snprintf(team, sizeof team,
                       "{\"organised_by\":\"process\",\"coordinated_by\":\"process\",\"people\":{\"eva\":{\"profiles\":"
                       "[\"operator\",\"process-manager\"]}},\"thresholds\":{\"late\":{%s,\"raise\":{\"facility\":"
                       "\"lift\",\"need\":\"look\"}}}}",
                       threshold);
        sk_chain_file files[] = {{"chain.json", sk_slice_of(chain_json)},
                                 {"a/team.json", SK_SLICE("{\"consumer\":true}")},
                                 {"b/team.json", sk_slice_of(team)},
                                 {"agreements/a-b.json", sk_slice_of(agreement_json)}};
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;
        (void)sk_edition_build(files, COUNT(files), NULL, findings, &edition);
        for (size_t i = 0; edition == NULL && i < sk_findings_count(findings); i++)
                print_message("%s %s\n", sk_findings_at(findings, i)->path, sk_findings_at(findings, i)->text);
        sk_findings_free(findings);
        assert_non_null(edition);
        return edition;
}

static const sk_threshold *threshold_of(const sk_edition *edition) {
        const sk_team *team = sk_edition_team(edition, SK_SLICE("b"));
        assert_int_equal(sk_team_threshold_count(team), 1);
        return sk_team_threshold_at(team, 0);
}

/* So many calls about the facility closed on that day, of which so many kept their promise. */
static void add(sk_report_effects *effects, const char *facility, int64_t day, unsigned calls, unsigned kept) {
        for (unsigned i = 0; i < calls; i++) {
                sk_figured call = {.customer = SK_SLICE("a"),
                                   .provider = SK_SLICE("b"),
                                   .facility = sk_slice_of(facility),
                                   .instruction = SK_SLICE(""),
                                   .type = SK_INCIDENT,
                                   .closed_us = day * SK_DAY_US + 1,
                                   .outcome = i % 2 == 0 ? SK_COMPLETED : SK_DECLINED,
                                   .is_promised = true,
                                   .is_kept = i<kept, .is_response_promised = i> 0,
                                   .is_response_kept = i > 1};
                assert_int_equal(sk_report_effects_add(effects, &call), SK_OK);
        }
}

static void assert_near(double value, double wanted) {
        assert_true(value > wanted - 1e-6 && value < wanted + 1e-6);
}

static void test_a_figure_is_of_so_many_days_up_to_one(void **state) {
        sk_report_effects *effects = sk_report_effects_new();
        sk_edition *edition = build("\"when\":\"promise kept below 90 % over 3 days\"");
        const sk_threshold *late = threshold_of(edition);
        (void)state;

        add(effects, "lift", 100, 4, 1);
        add(effects, "lift", 102, 6, 6);
        add(effects, "door", 102, 50, 0);
        assert_int_equal(sk_threshold_share(effects, SK_SLICE("b"), late, 99).closed, 0);
        assert_int_equal(sk_threshold_share(effects, SK_SLICE("b"), late, 100).closed, 4);
        assert_int_equal(sk_threshold_share(effects, SK_SLICE("b"), late, 102).closed, 10);
        assert_int_equal(sk_threshold_share(effects, SK_SLICE("b"), late, 102).kept, 7);
        assert_int_equal(sk_threshold_share(effects, SK_SLICE("b"), late, 103).closed, 6);
        assert_int_equal(sk_threshold_share(effects, SK_SLICE("c"), late, 102).closed, 0);
        sk_report_effects_free(effects);
        sk_edition_release(edition);
}

static void test_each_kind_of_figure(void **state) {
        sk_report_effects *effects = sk_report_effects_new();
        double value = -1;
        (void)state;

        add(effects, "lift", 100, 4, 1);
        sk_share share = sk_report_effects_sum(effects, SK_SLICE("b"), SK_SLICE("lift"), 100, 101);
        assert_true(sk_share_figure(&share, SK_FIGURE_PROMISE_KEPT, &value));
        assert_near(value, 25.0);
        assert_true(sk_share_figure(&share, SK_FIGURE_RESPONSE_KEPT, &value));
        assert_near(value, 200.0 / 3.0);
        assert_true(sk_share_figure(&share, SK_FIGURE_COMPLETED, &value));
        assert_near(value, 50.0);
        assert_true(sk_share_figure(&share, SK_FIGURE_CALLS, &value));
        assert_near(value, 4.0);
        assert_false(sk_share_figure(&(sk_share){0}, SK_FIGURE_COMPLETED, &value));
        assert_true(sk_share_figure(&(sk_share){0}, SK_FIGURE_CALLS, &value));
        sk_report_effects_free(effects);
}

/* Beyond on days 101 to 103 and again from 106 on. */
static sk_report_effects *up_and_down(void) {
        sk_report_effects *effects = sk_report_effects_new();
        for (int64_t day = 100; day < 110; day++)
                add(effects, "lift", day, 10, (day >= 101 && day <= 103) || day >= 106 ? 5 : 10);
        return effects;
}

static void test_each_crossing_has_one_day_whenever_it_is_asked_for(void **state) {
        static const struct {
                int64_t asked;
                int64_t crossed; /* 0: it is not beyond the limit */
        } cases[] = {{99, 0},  {100, 0}, {101, 101}, {102, 101}, {103, 101},
                     {104, 0}, {105, 0}, {106, 106}, {109, 106}, {110, 0}};
        sk_report_effects *effects = up_and_down();
        sk_edition *edition = build("\"when\":\"promise kept below 90 % over 1 day\"");
        (void)state;

        for (size_t i = 0; i < COUNT(cases); i++) {
                int64_t crossed = 0;
                bool is_beyond =
                        sk_threshold_crossed(effects, SK_SLICE("b"), threshold_of(edition), cases[i].asked, &crossed);
                assert_int_equal(is_beyond, cases[i].crossed != 0);
                assert_int_equal(crossed, cases[i].crossed);
        }
        sk_report_effects_free(effects);
        sk_edition_release(edition);
}

static void test_the_limit_itself_is_not_beyond_it(void **state) {
        static const struct {
                const char *threshold;
                bool holds;
        } cases[] = {
                {"\"when\":\"promise kept below 50 % over 1 day\"", false},
                {"\"when\":\"promise kept below 50.1 % over 1 day\"", true},
                {"\"when\":\"promise kept above 50 % over 1 day\"", false},
                {"\"when\":\"promise kept above 49.9 % over 1 day\"", true},
                {"\"when\":\"calls above 10 over 1 day\"", false},
                {"\"when\":\"calls above 9 over 1 day\"", true},
                {"\"when\":\"calls below 11 over 1 day\"", true},
                /* too few to say anything; a count says what it says */
                {"\"when\":\"promise kept below 90 % over 1 day\",\"at_least\":10", true},
                {"\"when\":\"promise kept below 90 % over 1 day\",\"at_least\":11", false},
                {"\"when\":\"calls above 9 over 1 day\",\"at_least\":11", true},
                /* about all that the team does */
                {"\"when\":\"calls above 14 over 1 day\",\"all_facilities\":true", true},
                {"\"when\":\"calls above 14 over 1 day\"", false},
        };
        sk_report_effects *effects = sk_report_effects_new();
        (void)state;

        add(effects, "lift", 100, 10, 5);
        add(effects, "door", 100, 5, 5);
        for (size_t i = 0; i < COUNT(cases); i++) {
                sk_edition *edition = build(cases[i].threshold);
                if (sk_threshold_holds(effects, SK_SLICE("b"), threshold_of(edition), 100) != cases[i].holds)
                        fail_msg("%s", cases[i].threshold);
                sk_edition_release(edition);
        }
        sk_report_effects_free(effects);
}

static void test_a_call_keeps_the_figure_that_it_wants_to_change(void **state) {
        sk_arena *arena = sk_arena_new(1 << 16);
        (void)state;

        sk_wanted wanted = sk_wanted_read(SK_SLICE("{\"data\":{\"figure\":{\"of\":\"response kept\",\"over_days\":7,"
                                                   "\"was\":71.5,\"all_facilities\":true}}}"),
                                          arena);
        assert_true(wanted.is_said);
        assert_int_equal(wanted.kind, SK_FIGURE_RESPONSE_KEPT);
        assert_int_equal(wanted.days, 7);
        assert_true(wanted.is_all);
        assert_true(wanted.has_was);
        assert_near(wanted.was, 71.5);
        sk_arena_free(arena);
}

static void test_what_says_no_figure_is_about_promises_kept(void **state) {
        static const char *const raises[] = {"{}",
                                             "{\"data\":7}",
                                             "{\"data\":{}}",
                                             "{\"data\":{\"figure\":\"much\"}}",
                                             "{\"data\":{\"figure\":{}}}",
                                             "{\"data\":{\"figure\":{\"of\":7}}}",
                                             "{\"data\":{\"figure\":{\"of\":\"luck\",\"over_days\":3}}}"};
        sk_arena *arena = sk_arena_new(1 << 16);
        (void)state;

        for (size_t i = 0; i < COUNT(raises); i++) {
                sk_wanted wanted = sk_wanted_read(sk_slice_of(raises[i]), arena);
                assert_false(wanted.is_said);
                assert_int_equal(wanted.kind, SK_FIGURE_PROMISE_KEPT);
                assert_int_equal(wanted.days, SK_EFFECT_DAYS);
        }
        sk_arena_free(arena);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_figure_is_of_so_many_days_up_to_one),
                cmocka_unit_test(test_each_kind_of_figure),
                cmocka_unit_test(test_each_crossing_has_one_day_whenever_it_is_asked_for),
                cmocka_unit_test(test_the_limit_itself_is_not_beyond_it),
                cmocka_unit_test(test_a_call_keeps_the_figure_that_it_wants_to_change),
                cmocka_unit_test(test_what_says_no_figure_is_about_promises_kept),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
