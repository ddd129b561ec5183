#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "cli/chain/steering_plan.h"

#define PEOPLE                                                                                                     \
        "\"people\":{\"eva\":{\"profiles\":[\"line-manager\",\"line-coordinator\",\"process-manager\"]},\"wim\":{" \
        "\"profiles\":[\"workflow-coordinator\",\"workflow-manager\",\"operator\"]}}"
#define AGREEMENT                                                                                                \
        "{\"customer\":\"shop\",\"provider\":\"desk\",\"facilities\":{\"thing\":{\"goods\":[\"it\"],\"calls\":[" \
        "\"incident\",\"service-request\"]}}}"
#define RECOVER                                                                                                       \
        "{\"process\":\"recover\",\"activities\":{\"recover.analyse\":{\"responsible\":\"operator\",\"accountable\":" \
        "\"process-manager\"},\"recover.prepare\":{\"how\":\"auto\"}}}"
#define FLOW "{\"workflow\":5,\"activities\":{\"operate.perform\":{\"how\":\"manual\"}}}"

static sk_edition *build(const char *organised_by, const char *coordinated_by) {
        char team[1000];
        sk_edition *edition = NULL;
        snprintf(team, sizeof(team),
                 "{\"title\":\"Desk\",\"organised_by\":\"%s\",\"coordinated_by\":\"%s\"," PEOPLE "}", organised_by,
                 coordinated_by);
        const sk_chain_file files[] = {
                {"chain.json", SK_SLICE("{\"name\":\"test\"}")},
                {"shop/team.json", SK_SLICE("{\"title\":\"Shop\",\"consumer\":true}")},
                {"desk/team.json", sk_slice_of(team)},
                {"agreements/shop-desk.json", SK_SLICE(AGREEMENT)},
                {"desk/routines/recover.json", SK_SLICE(RECOVER)},
                {"desk/routines/flow.json", SK_SLICE(FLOW)},
        };
        sk_findings *findings = sk_findings_new();
        sk_err err = sk_edition_build(files, sizeof(files) / sizeof(files[0]), NULL, findings, &edition);
        for (size_t i = 0; err != SK_OK && i < sk_findings_count(findings); i++)
                print_message("%s: %s\n", sk_findings_at(findings, i)->path, sk_findings_at(findings, i)->text);
        sk_findings_free(findings);
        assert_int_equal(err, SK_OK);
        return edition;
}

typedef struct planned {
        sk_edition *before;
        sk_edition *after;
        sk_arena *arena;
        sk_steering_plan *plan;
} planned;

static planned plan_of(const char *organised_by, const char *coordinated_by) {
        planned p = {.before = build("process", "line"),
                     .after = build(organised_by, coordinated_by),
                     .arena = sk_arena_new((size_t)16 << 20)};
        p.plan = sk_steering_plan_new(p.before, p.after, SK_SLICE("desk"), p.arena);
        assert_non_null(p.plan);
        return p;
}

static void end(planned *p) {
        sk_edition_release(p->before);
        sk_edition_release(p->after);
        sk_arena_free(p->arena);
}

static const sk_touch *touch_of(const planned *p, const char *subject) {
        for (size_t i = 0; i < p->plan->count; i++) {
                if (sk_slice_is(p->plan->touches[i].subject, subject))
                        return &p->plan->touches[i];
        }
        fail_msg("%s is not in the plan", subject);
        return NULL;
}

static bool says(sk_slice text, const char *part) {
        return memmem(text.at, text.len, part, strlen(part)) != NULL;
}

static void test_what_stays_as_it_is_touches_nothing_and_lists_all(void **state) {
        planned p = plan_of("process", "line");
        (void)state;
        for (unsigned kind = 0; kind < SK_TOUCHED_KINDS; kind++)
                assert_int_equal(sk_steering_plan_changes(p.plan, (sk_touched)kind), 0);
        assert_int_equal(p.plan->count, 2 + 3 + 2 + 2);
        end(&p);
}

static void test_organised_otherwise_it_touches_routines_and_the_own_report(void **state) {
        planned p = plan_of("workflow", "line");
        (void)state;
        assert_int_equal(sk_steering_plan_changes(p.plan, SK_TOUCHED_TEMPLATE), 1);
        const sk_touch *recover = touch_of(&p, "recover");
        assert_true(recover->is_changed);
        assert_true(says(recover->note, "3, 4"));
        assert_true(says(recover->note, "in 1 of its activities"));
        assert_false(touch_of(&p, "flow")->is_changed);
        assert_true(touch_of(&p, "the team's own report")->is_changed);
        assert_false(touch_of(&p, "report for shop")->is_changed);
        const sk_touch *steward = touch_of(&p, "accountable where no routine says who");
        assert_true(steward->is_changed);
        assert_true(sk_slice_is(steward->before, "process-manager (eva)"));
        assert_true(sk_slice_is(steward->after, "workflow-manager (wim)"));
        assert_int_equal(sk_steering_plan_changes(p.plan, SK_TOUCHED_WORKLIST), 0);
        end(&p);
}

static void test_coordinated_otherwise_it_touches_worklists(void **state) {
        planned p = plan_of("process", "workflow");
        (void)state;
        assert_int_equal(sk_steering_plan_changes(p.plan, SK_TOUCHED_TEMPLATE), 0);
        assert_int_equal(sk_steering_plan_changes(p.plan, SK_TOUCHED_REPORT), 0);
        assert_int_equal(sk_steering_plan_changes(p.plan, SK_TOUCHED_WORKLIST), 2);
        assert_true(sk_slice_is(touch_of(&p, "eva")->before, "own tasks, late and stuck work"));
        assert_true(sk_slice_is(touch_of(&p, "eva")->after, "own tasks"));
        assert_true(sk_slice_is(touch_of(&p, "wim")->after, "own tasks, late and stuck work"));
        assert_true(sk_slice_is(touch_of(&p, "then to")->after, "workflow-manager (wim)"));
        end(&p);
}

static void test_a_profile_that_nobody_holds_is_named(void **state) {
        planned p = plan_of("process", "process");
        (void)state;
        const sk_touch *late = touch_of(&p, "late and stuck work goes to");
        assert_true(sk_slice_is(late->after, "process-manager (eva)"));
        assert_int_equal(late->note.len > 0, 1);
        end(&p);
}

/* ---- the file ---- */

static void test_only_the_two_words_of_the_file_change(void **state) {
        static const char before[] =
                "{ \"title\": \"x\",\n  \"coordinated_by\" : \"line\" ,\n  \"organised_by\":\"process\",\n"
                "  \"comment\": \"organised_by: process\" }\n";
        static const char after[] =
                "{ \"title\": \"x\",\n  \"coordinated_by\" : \"workflow\" ,\n  \"organised_by\":\"workflow\",\n"
                "  \"comment\": \"organised_by: process\" }\n";
        sk_steering to = {SK_SLICE("workflow"), SK_SLICE("workflow")};
        sk_buf out = sk_buf_make(4096);
        (void)state;
        assert_int_equal(sk_steering_rewrite(SK_SLICE(before), &to, &out), SK_OK);
        assert_true(sk_slice_is(sk_buf_slice(&out), after));
        sk_buf_free(&out);
}

static void test_a_file_that_does_not_name_both_is_not_rewritten(void **state) {
        static const char *const texts[] = {"",
                                            "{}",
                                            "{\"organised_by\":\"process\"}",
                                            "[1]",
                                            "{\"organised_by\":1,\"coordinated_by\":\"line\"}",
                                            "{\"organised_by\":\"process"};
        sk_steering to = {SK_SLICE("process"), SK_SLICE("line")};
        (void)state;
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
                sk_buf out = sk_buf_make(4096);
                assert_int_equal(sk_steering_rewrite(sk_slice_of(texts[i]), &to, &out), SK_ERR_SYNTAX);
                sk_buf_free(&out);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_stays_as_it_is_touches_nothing_and_lists_all),
                cmocka_unit_test(test_organised_otherwise_it_touches_routines_and_the_own_report),
                cmocka_unit_test(test_coordinated_otherwise_it_touches_worklists),
                cmocka_unit_test(test_a_profile_that_nobody_holds_is_named),
                cmocka_unit_test(test_only_the_two_words_of_the_file_change),
                cmocka_unit_test(test_a_file_that_does_not_name_both_is_not_rewritten),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
