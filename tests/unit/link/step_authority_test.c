/* Who may execute, who decides by name, and what two people have to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "support/one_call.h"
#include "support/routines.h"

#define TEAM(more, eva)                                                                         \
        "{\"organised_by\":\"process\",\"coordinated_by\":\"line\"," more "\"people\":{"        \
        "\"anna\":{\"profiles\":[\"operator\"]},\"bo\":{\"profiles\":[\"operator\"]},"          \
        "\"dina\":{\"profiles\":[\"line-coordinator\"]},\"quin\":{\"profiles\":[\"quality\"]}," \
        "\"eva\":{\"profiles\":[\"process-manager\"]" eva "}},\"profiles\":{\"quality\":{\"designs\":true}}}"

#define CHANGE(plan, prepare, release)                                                                                 \
        "{\"process\":\"change\",\"activities\":{\"change.accept\":" ROUTINE_AUTO ",\"change.classify\":" ROUTINE_AUTO \
        ",\"change.plan\":" ROUTINE_HOW(plan) ",\"change.prepare\":" ROUTINE_HOW(                                      \
                prepare) ",\"change.release\":" ROUTINE_HOW(release) "}}"

static const char team[] = TEAM("", "");
static const char two_needed[] = TEAM("\"four_eyes\":[\"change.release\"],", "");
static const char eva_away[] = TEAM("", ",\"absent\":[{\"from\":\"2026-09-21\",\"to\":\"2026-09-25\"}]");
static const char request[] = "{\"type\":\"request-for-change\",\"facility\":\"laptop\",\"need\":\"more memory\"}";

static void open_with(one_call *c, const char *people, const char *routine) {
        one_call_open_team(c, "centre", routine, people);
        one_call_customer(c, SK_CALL_RAISE, request);
        assert_int_equal(c->known, SK_KNOWN_OPEN);
}

static const char *work(one_call *c, sk_message type, const char *actor, const char *more) {
        char value[400];

        (void)snprintf(value, sizeof value, "{\"visit\":%u%s%s}", one_call_now(c).visit.number,
                       more[0] == '\0' ? "" : ",", more);
        one_call_work(c, type, actor, value);
        return one_call_text(c, SK_EVENT_OUTCOME, 0, "code");
}

/** Who stands for the decision about that activity in what the last step wrote; "" if nobody does. */
static const char *decided_by(const one_call *c, const char *activity) {
        for (unsigned i = 0; i < one_call_count(c, SK_EVENT_ENDED); i++) {
                if (strcmp(one_call_text(c, SK_EVENT_ENDED, i, "activity"), activity) == 0)
                        return one_call_text(c, SK_EVENT_ENDED, i, "decided_by");
        }
        return "";
}

static void test_who_only_designs_is_refused_the_work(void **state) {
        static const struct {
                const char *person;
                const char *code;
        } cases[] = {{"eva", "designs-only"}, {"quin", "designs-only"}, {"dina", "not-entitled"}, {"anna", "ok"}};
        one_call c;
        (void)state;

        open_with(&c, team, CHANGE("\"manual\"", "\"auto\"", "\"auto\""));
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
                assert_string_equal(work(&c, SK_WORK_CLAIM, cases[i].person, ""), cases[i].code);
        one_call_free(&c);
}

static void test_plan_and_release_are_decided_by_name(void **state) {
        one_call c;
        (void)state;

        open_with(&c, team, CHANGE("\"manual\"", "\"manual\"", "\"manual\""));
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_string_equal(decided_by(&c, "change.plan"), "anna");
        one_call_do(&c, "bo", "\"outcome\":\"completed\"");
        assert_string_equal(decided_by(&c, "change.prepare"), "");
        assert_string_equal(work(&c, SK_WORK_CLAIM, "bo", ""), "ok");
        assert_string_equal(work(&c, SK_WORK_DECLINE, "bo", "\"reason\":\"not now\""), "ok");
        assert_string_equal(decided_by(&c, "change.release"), "bo");
        one_call_free(&c);
}

static void test_what_a_routine_decides_its_accountable_stands_for(void **state) {
        one_call c;
        (void)state;

        open_with(&c, team, CHANGE("\"auto\"", "\"auto\"", "\"auto\""));
        assert_string_equal(decided_by(&c, "change.plan"), "eva");
        assert_string_equal(decided_by(&c, "change.release"), "eva");
        one_call_free(&c);
}

static void test_a_decision_that_nobody_stands_for_is_the_coordinators(void **state) {
        one_call c;
        (void)state;

        open_with(&c, eva_away, CHANGE("\"auto\"", "\"auto\"", "\"auto\""));
        assert_string_equal(one_call_text(&c, SK_EVENT_ESCALATED, 0, "code"), "decision-nobody");
        sk_call call = one_call_now(&c);
        assert_int_equal(call.visit.how, SK_HOW_MANUAL);
        assert_true(sk_slice_is(call.visit.responsible, "line-coordinator"));
        one_call_do(&c, "dina", "\"outcome\":\"completed\"");
        assert_string_equal(decided_by(&c, "change.plan"), "dina");
        one_call_free(&c);
}

static void test_four_eyes_are_two_people(void **state) {
        one_call c;
        (void)state;

        open_with(&c, two_needed, CHANGE("\"auto\"", "\"manual\"", "\"manual\""));
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_string_equal(work(&c, SK_WORK_CLAIM, "anna", ""), "four-eyes");
        assert_string_equal(work(&c, SK_WORK_ASSIGN, "dina", "\"to\":\"anna\""), "four-eyes");
        assert_string_equal(work(&c, SK_WORK_CLAIM, "bo", ""), "ok");
        assert_string_equal(work(&c, SK_WORK_ASSIGN, "bo", "\"to\":\"anna\""), "four-eyes");
        assert_string_equal(work(&c, SK_WORK_COMPLETE, "bo", "\"outcome\":\"completed\""), "ok");
        assert_string_equal(decided_by(&c, "change.release"), "bo");
        one_call_free(&c);
        /* where the team does not ask for it one person does both */
        open_with(&c, team, CHANGE("\"auto\"", "\"manual\"", "\"manual\""));
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_string_equal(work(&c, SK_WORK_CLAIM, "anna", ""), "ok");
        one_call_free(&c);
}

/* ---- designing ---- */

#define ROUTINE(more) "{\"what\":\"routine\",\"routine\":\"change\",\"reason\":\"as agreed\"" more "}"
#define CHANGED ",\"before\":\"00\",\"after\":\"01\",\"difference\":[{\"at\":\"/a\"}],\"content\":{\"a\":1}"

static void test_who_only_executes_is_refused_a_change_of_a_routine(void **state) {
        static const struct {
                const char *person;
                const char *value;
                const char *code;
        } cases[] = {
                {"eva", ROUTINE(CHANGED), "ok"},
                {"quin", ROUTINE(CHANGED), "ok"},
                {"anna", ROUTINE(CHANGED), "executes-only"},
                {"dina", ROUTINE(CHANGED), "executes-only"},
                {"zoe", ROUTINE(CHANGED), "not-entitled"},
                {"eva", ROUTINE(CHANGED ",\"proposed_by\":\"anna\""), "not-entitled"},
                {"eva", ROUTINE(CHANGED ",\"proposed_by\":\"eva\""), "four-eyes"},
                {"eva", ROUTINE(CHANGED ",\"proposed_by\":\"quin\""), "ok"},
                {"eva", ROUTINE(""), "invalid"},
                {"eva", ROUTINE(",\"after\":\"01\""), "invalid"},
                {"eva", ROUTINE(",\"after\":\"01\",\"difference\":{}"), "invalid"},
                {"eva", "{\"what\":\"routine\"}", "invalid"},
        };
        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                one_call c;
                one_call_open_team(&c, "centre", NULL, team);
                one_call_work(&c, SK_WORK_DESIGN, cases[i].person, cases[i].value);
                if (strcmp(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), cases[i].code) != 0)
                        fail_msg("%zu: %s", i, one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"));
                assert_int_equal(one_call_count(&c, SK_EVENT_DESIGNED), strcmp(cases[i].code, "ok") == 0 ? 1 : 0);
                one_call_free(&c);
        }
}

static void test_a_change_is_an_event_with_person_reason_and_difference(void **state) {
        one_call c;
        (void)state;
        one_call_open_team(&c, "centre", NULL, team);
        one_call_work(&c, SK_WORK_DESIGN, "eva", ROUTINE(CHANGED));
        assert_string_equal(one_call_text(&c, SK_EVENT_DESIGNED, 0, "actor"), "eva");
        assert_string_equal(one_call_text(&c, SK_EVENT_DESIGNED, 0, "reason"), "as agreed");
        assert_string_equal(one_call_text(&c, SK_EVENT_DESIGNED, 0, "routine"), "change");
        assert_string_equal(one_call_text(&c, SK_EVENT_DESIGNED, 0, "status"), "in-force");
        assert_true(sk_slice_is(sk_json_member(one_call_value(&c, SK_EVENT_DESIGNED, 0), "difference"),
                                "[{\"at\":\"/a\"}]"));
        one_call_free(&c);
}

static void test_with_four_eyes_it_is_a_proposal_until_a_second_one_approves(void **state) {
        static const char both[] = TEAM("\"four_eyes\":\"routines\",", "");
        one_call c;
        (void)state;
        one_call_open_team(&c, "centre", NULL, both);
        one_call_work(&c, SK_WORK_DESIGN, "eva", ROUTINE(CHANGED));
        assert_string_equal(one_call_text(&c, SK_EVENT_DESIGNED, 0, "status"), "proposed");
        one_call_work(&c, SK_WORK_DESIGN, "quin", ROUTINE(CHANGED ",\"proposed_by\":\"eva\""));
        assert_string_equal(one_call_text(&c, SK_EVENT_DESIGNED, 0, "status"), "in-force");
        assert_string_equal(one_call_text(&c, SK_EVENT_DESIGNED, 0, "proposed_by"), "eva");
        one_call_free(&c);
}

/* ---- who an actor is ---- */

static void test_events_say_how_sure_it_is_who_acted(void **state) {
        static const struct {
                const char *actors;
                const char *login;
                const char *code;
                const char *assurance;
        } cases[] = {
                {"", NULL, "ok", "claimed"},
                {"", "bo", "ok", "claimed"},
                {"", "anna", "ok", "proven"},
                {"proven", NULL, "not-proven", "claimed"},
                {"proven", "bo", "not-proven", "claimed"},
                {"proven", "anna", "ok", "proven"},
        };
        static const char wants[] = TEAM("\"actors\":\"proven\",", "");
        (void)state;

        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                one_call c;
                open_with(&c, cases[i].actors[0] == '\0' ? team : wants, CHANGE("\"manual\"", "\"auto\"", "\"auto\""));
                c.proven = cases[i].login;
                if (strcmp(work(&c, SK_WORK_CLAIM, "anna", ""), cases[i].code) != 0 ||
                    strcmp(one_call_text(&c, SK_EVENT_OUTCOME, 0, "assurance"), cases[i].assurance) != 0)
                        fail_msg("%zu: %s", i, one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"));
                one_call_free(&c);
        }
}

static void test_a_login_of_another_name_is_said_in_team_json(void **state) {
        static const char named[] =
                "{\"organised_by\":\"process\",\"coordinated_by\":\"line\",\"actors\":\"proven\",\"people\":{"
                "\"anna\":{\"login\":\"aj\",\"profiles\":[\"operator\"]},\"eva\":{\"profiles\":[\"process-manager\"]}}"
                "}";
        one_call c;
        (void)state;

        open_with(&c, named, CHANGE("\"manual\"", "\"auto\"", "\"auto\""));
        c.proven = "anna";
        assert_string_equal(work(&c, SK_WORK_CLAIM, "anna", ""), "not-proven");
        c.proven = "aj";
        assert_string_equal(work(&c, SK_WORK_CLAIM, "anna", ""), "ok");
        one_call_free(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_who_only_designs_is_refused_the_work),
                cmocka_unit_test(test_plan_and_release_are_decided_by_name),
                cmocka_unit_test(test_what_a_routine_decides_its_accountable_stands_for),
                cmocka_unit_test(test_a_decision_that_nobody_stands_for_is_the_coordinators),
                cmocka_unit_test(test_four_eyes_are_two_people),
                cmocka_unit_test(test_events_say_how_sure_it_is_who_acted),
                cmocka_unit_test(test_a_login_of_another_name_is_said_in_team_json),
                cmocka_unit_test(test_who_only_executes_is_refused_a_change_of_a_routine),
                cmocka_unit_test(test_a_change_is_an_event_with_person_reason_and_difference),
                cmocka_unit_test(test_with_four_eyes_it_is_a_proposal_until_a_second_one_approves),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
