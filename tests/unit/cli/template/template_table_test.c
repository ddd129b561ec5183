#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "cli/template/template.h"

#define TEAM                                                                                                 \
        "{\"title\":\"Desk\",\"organised_by\":\"process\",\"coordinated_by\":\"line\",\"people\":{\"eva\":{" \
        "\"profiles\":[\"line-manager\",\"process-manager\",\"operator\"]}}}"
#define AGREEMENT                                                                                                \
        "{\"customer\":\"shop\",\"provider\":\"desk\",\"facilities\":{\"thing\":{\"goods\":[\"it\"],\"calls\":[" \
        "\"incident\",\"service-request\"]}}}"
#define BEHIND                                                                                                    \
        "{\"customer\":\"desk\",\"provider\":\"works\",\"facilities\":{\"thing\":{\"goods\":[\"it\"],\"calls\":[" \
        "\"request-for-change\"]}}}"
#define WHO "{\"responsible\":\"operator\"}"
#define WHO_HOW "{\"responsible\":\"operator\",\"how\":\"manual\"}"

/** The team desk with one routine. */
static sk_edition *build(const char *routine) {
        sk_edition *edition = NULL;
        const sk_chain_file files[] = {
                {"chain.json", SK_SLICE("{\"name\":\"test\"}")},
                {"shop/team.json", SK_SLICE("{\"title\":\"Shop\",\"consumer\":true}")},
                {"works/team.json", SK_SLICE(TEAM)},
                {"desk/team.json", SK_SLICE(TEAM)},
                {"agreements/shop-desk.json", SK_SLICE(AGREEMENT)},
                {"agreements/desk-works.json", SK_SLICE(BEHIND)},
                {"desk/routines/one.json", sk_slice_of(routine)},
        };
        sk_findings *findings = sk_findings_new();
        sk_err err = sk_edition_build(files, sizeof(files) / sizeof(files[0]), NULL, findings, &edition);
        for (size_t i = 0; err != SK_OK && i < sk_findings_count(findings); i++)
                print_message("%s: %s\n", sk_findings_at(findings, i)->path, sk_findings_at(findings, i)->text);
        sk_findings_free(findings);
        assert_int_equal(err, SK_OK);
        return edition;
}

static void whole_is(const sk_template *table, const char *expected) {
        sk_buf text = sk_buf_make(200);
        sk_template_whole_write(table, &text);
        sk_buf_add_byte(&text, 0);
        assert_string_equal(text.at, expected);
        sk_buf_free(&text);
}

#define OPERATE(perform)                                                                                        \
        "{\"process\":\"operate\",\"activities\":{\"operate.accept\":" WHO_HOW ",\"operate.classify\":" WHO_HOW \
        ",\"operate.plan\":" WHO_HOW ",\"operate.perform\":" perform ",\"operate.review\":{\"how\":\"auto\"},"  \
        "\"operate.close\":{\"how\":\"auto\"}}}"

static void test_taking_away_one_how_makes_a_procedure_of_a_work_instruction(void **state) {
        static const struct {
                const char *routine;
                const char *expected;
        } cases[] = {
                {OPERATE(WHO_HOW), "work instruction"},
                {OPERATE(WHO), "procedure, 1 how missing"},
                {OPERATE("{\"how\":\"manual\"}"), "process, 1 who missing"},
                {OPERATE("{\"accountable\":\"process-manager\"}"), "process, 1 who missing, 1 how missing"},
        };
        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_edition *edition = build(cases[i].routine);
                sk_template table;
                sk_template_of_process(sk_edition_team(edition, SK_SLICE("desk")), SK_OPERATE, &table);
                assert_int_equal(table.count, 6);
                whole_is(&table, cases[i].expected);
                sk_edition_release(edition);
        }
}

static void test_a_process_without_any_routine_is_a_process(void **state) {
        sk_edition *edition = build(OPERATE(WHO));
        sk_template table;
        (void)state;
        sk_template_of_process(sk_edition_team(edition, SK_SLICE("desk")), SK_RECOVER, &table);
        assert_int_equal(table.count, 7);
        assert_null(table.rows[4].said.activity);
        assert_true(table.rows[4].has_choice);
        assert_int_equal(sk_template_whole(&table), SK_TEMPLATE_PROCESS);
        assert_true(sk_slice_is(table.rows[0].said.routine, "default"));
        whole_is(&table, "process, 7 who missing, 7 how missing");
        sk_edition_release(edition);
}

static void test_a_workflow_goes_down_and_comes_back(void **state) {
        static const char *const expected[] = {
                "recover.accept", "recover.classify", "recover.analyse", "recover.prepare", "recover.cut",
                "operate.accept", "operate.classify", "operate.plan",    "operate.perform", "operate.review",
                "operate.close",  "recover.review",   "recover.close"};
        sk_edition *edition = build(OPERATE(WHO));
        sk_selection selection = {0};
        sk_template table;
        (void)state;
        sk_template_of_workflow(sk_edition_team(edition, SK_SLICE("desk")), &selection, 4, &table);
        assert_int_equal(table.count, sizeof(expected) / sizeof(expected[0]));
        for (unsigned i = 0; i < table.count; i++) {
                const sk_activity *activity = table.rows[i].said.activity;
                assert_string_equal(activity == NULL ? "recover.cut" : activity->id, expected[i]);
                assert_int_equal(table.rows[i].depth, i > 4 && i < 11 ? 1 : 0);
        }
        sk_edition_release(edition);
}

static void test_where_another_team_goes_on_the_table_does_not(void **state) {
        sk_edition *edition = build("{\"process\":\"recover\",\"activities\":{\"recover.cut\":{\"link\":{\"change\":{"
                                    "\"team\":\"works\"}}}}}");
        sk_selection selection = {.facility = SK_SLICE("thing")};
        sk_template table;
        (void)state;
        sk_template_of_workflow(sk_edition_team(edition, SK_SLICE("desk")), &selection, 3, &table);
        assert_int_equal(table.count, 7);
        assert_true(sk_slice_is(table.rows[4].link[SK_CHANGE].team, "works"));
        sk_edition_release(edition);
}

static void test_who_serves_others_has_the_proactive_workflows_too(void **state) {
        sk_edition *edition = build(OPERATE(WHO));
        (void)state;
        assert_int_equal(sk_team_workflows(edition, sk_edition_team(edition, SK_SLICE("desk"))), 0x1f8);
        assert_int_equal(sk_team_workflows(edition, sk_edition_team(edition, SK_SLICE("shop"))), 0);
        sk_edition_release(edition);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_taking_away_one_how_makes_a_procedure_of_a_work_instruction),
                cmocka_unit_test(test_a_process_without_any_routine_is_a_process),
                cmocka_unit_test(test_a_workflow_goes_down_and_comes_back),
                cmocka_unit_test(test_where_another_team_goes_on_the_table_does_not),
                cmocka_unit_test(test_who_serves_others_has_the_proactive_workflows_too),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
