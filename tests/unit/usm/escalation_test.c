#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "kit/when.h"
#include "usm/edition.h"
#include "usm/steering.h"

/* What a chain's files say about time: estimates, time-outs, steps of escalation, priorities by impact and urgency. */

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char agreement_json[] = "{\"customer\":\"a\",\"provider\":\"b\",\"facilities\":{\"lift\":{\"actions\":["
                                     "\"repair\"],\"calls\":[\"incident\"]}},"
                                     "\"priorities\":[[1,1,2,2,3],[1,2,2,3,3],[2,2,3,3,4],[2,3,3,4,5],[3,3,4,5,5]]}";
static const char process_json[] =
        "{\"process\":\"recover\",\"activities\":{\"recover.analyse\":{\"estimate\":\"PT20M\",\"timeout\":\"PT4H\"},"
        "\"recover.cut\":{\"estimate\":\"PT2H\"}}}";
static const char lift_json[] =
        "{\"workflow\":4,\"select\":{\"facility\":\"lift\"},\"activities\":{\"recover.analyse\":{"
        "\"estimate\":\"PT1H\"}}}";

static sk_edition *build(const char *escalation, const char *people) {
        char team[800];
        (void)snprintf(team, sizeof team,
                       "{\"organised_by\":\"process\",\"coordinated_by\":\"process\"%s,\"people\":{\"eva\":{"
                       "\"profiles\":[\"operator\""
                       "%s]}}}",
                       escalation, people);
        sk_chain_file files[] = {{"chain.json", SK_SLICE("{\"name\":\"tiny\"}")},
                                 {"a/team.json", SK_SLICE("{\"consumer\":true}")},
                                 {"b/team.json", sk_slice_of(team)},
                                 {"agreements/a-b.json", sk_slice_of(agreement_json)},
                                 {"b/routines/recover.json", sk_slice_of(process_json)},
                                 {"b/routines/lift.json", sk_slice_of(lift_json)}};
        sk_findings *findings = sk_findings_new();
        sk_edition *edition = NULL;
        (void)sk_edition_build(files, COUNT(files), NULL, findings, &edition);
        for (size_t i = 0; edition == NULL && i < sk_findings_count(findings); i++)
                print_message("%s %s\n", sk_findings_at(findings, i)->path, sk_findings_at(findings, i)->text);
        sk_findings_free(findings);
        assert_non_null(edition);
        return edition;
}

static const sk_team *team_b(const sk_edition *edition) {
        return sk_edition_team(edition, SK_SLICE("b"));
}

static void test_estimate_and_time_out_are_inherited_each_by_itself(void **state) {
        sk_edition *edition = build("", ",\"process-manager\"");
        sk_selection call = {.first = SK_RECOVER, .workflows = 1u << 4, .customer = SK_SLICE("a")};
        const sk_activity *analyse = sk_activity_find(SK_SLICE("recover.analyse"));
        sk_slice routine;
        sk_cut_way cut;
        sk_way way;
        (void)state;

        sk_team_way(team_b(edition), &call, analyse, &way, &routine);
        assert_int_equal(way.times.estimate_us, 20 * SK_MINUTE_US);
        call.facility = SK_SLICE("lift");
        sk_team_way(team_b(edition), &call, analyse, &way, &routine);
        assert_int_equal(way.times.estimate_us, SK_HOUR_US);
        assert_int_equal(way.times.timeout_us, 4 * SK_HOUR_US);
        assert_int_equal(way.how, SK_HOW_MANUAL);
        sk_team_way(team_b(edition), &call, sk_activity_find(SK_SLICE("recover.prepare")), &way, &routine);
        assert_int_equal(way.times.estimate_us + way.times.timeout_us, 0);
        sk_team_cut_way(team_b(edition), &call, SK_RECOVER, &cut, &routine);
        assert_int_equal(cut.times.estimate_us, 2 * SK_HOUR_US);
        sk_edition_release(edition);
}

static void test_without_steps_of_its_own_a_team_has_four(void **state) {
        static const sk_escalation usual[] = {{50, false}, {75, false}, {90, true}, {100, true}};
        sk_edition *edition = build("", ",\"process-manager\"");
        size_t count = 0;
        const sk_escalation *steps = sk_team_escalation(team_b(edition), &count);
        (void)state;

        assert_int_equal(count, 4);
        for (size_t i = 0; i < count; i++) {
                assert_int_equal(steps[i].percent, usual[i].percent);
                assert_int_equal(steps[i].is_manager, usual[i].is_manager);
        }
        sk_edition_release(edition);
}

static void test_a_team_says_its_own_steps_also_that_there_are_none(void **state) {
        sk_edition *edition = build(",\"escalation\":[{\"at\":80,\"to\":\"manager\"}]", ",\"process-manager\"");
        size_t count = 9;
        (void)state;

        assert_int_equal(sk_team_escalation(team_b(edition), &count)[0].percent, 80);
        assert_int_equal(count, 1);
        sk_edition_release(edition);
        edition = build(",\"escalation\":[]", ",\"process-manager\"");
        (void)sk_team_escalation(team_b(edition), &count);
        assert_int_equal(count, 0);
        sk_edition_release(edition);
}

static void test_the_manager_is_the_one_of_those_who_coordinate_or_who_is_nearest(void **state) {
        static const struct {
                const char *people;
                const char *manager;
        } cases[] = {{",\"process-manager\",\"line-manager\"", "process-manager"},
                     {",\"line-manager\"", "line-manager"},
                     {",\"workflow-manager\",\"process-coordinator\"", "workflow-manager"}};
        (void)state;

        for (size_t i = 0; i < COUNT(cases); i++) {
                sk_edition *edition = build("", cases[i].people);
                assert_true(sk_slice_is(sk_team_manager(team_b(edition)), cases[i].manager));
                sk_edition_release(edition);
        }
}

static void test_impact_and_urgency_give_the_priority(void **state) {
        static const struct {
                unsigned impact;
                unsigned urgency;
                unsigned priority;
        } cases[] = {{1, 1, 1}, {1, 5, 3}, {5, 1, 3}, {5, 5, 5}, {4, 2, 3}, {0, 0, 3}, {0, 1, 2}, {1, 0, 2}};
        sk_edition *edition = build("", ",\"process-manager\"");
        const sk_agreement *agreement = sk_edition_agreement(edition, SK_SLICE("a"), SK_SLICE("b"));
        (void)state;

        for (size_t i = 0; i < COUNT(cases); i++)
                assert_int_equal(sk_agreement_priority(agreement, cases[i].impact, cases[i].urgency),
                                 cases[i].priority);
        sk_edition_release(edition);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_estimate_and_time_out_are_inherited_each_by_itself),
                cmocka_unit_test(test_without_steps_of_its_own_a_team_has_four),
                cmocka_unit_test(test_a_team_says_its_own_steps_also_that_there_are_none),
                cmocka_unit_test(test_the_manager_is_the_one_of_those_who_coordinate_or_who_is_nearest),
                cmocka_unit_test(test_impact_and_urgency_give_the_priority),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
