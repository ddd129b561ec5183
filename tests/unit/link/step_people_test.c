/* Who has a part in a visit: accountable, consulted, informed, and those who stand in while others are away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "link/data.h"
#include "support/one_call.h"
#include "support/routines.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* one_call begins on 2026-09-21, a Monday. */
#define AWAY "\"absent\":[{\"from\":\"2026-09-21\",\"to\":\"2026-09-25\"}]"
#define TEAM(eva, dina)                                                                                      \
        "{\"organised_by\":\"process\",\"coordinated_by\":\"line\",\"people\":{"                             \
        "\"anna\":{\"profiles\":[\"operator\"]},\"bo\":{\"profiles\":[\"operator\"],\"deputies\":\"carl\"}," \
        "\"carl\":{\"profiles\":[]},\"dina\":{\"profiles\":[\"line-coordinator\"]" dina "},"                 \
        "\"eva\":{\"profiles\":[\"process-manager\"]" eva "}}}"

static const char everybody[] = TEAM("", "");
static const char eva_away[] = TEAM(",\"deputies\":[\"dina\",\"bo\"]," AWAY, "");
static const char both_away[] = TEAM(",\"deputies\":[\"dina\",\"bo\"]," AWAY, "," AWAY);
static const char eva_alone[] = TEAM("," AWAY, "");

#define PERFORM(who, how)                                                                                    \
        "{\"process\":\"operate\",\"activities\":{\"operate.accept\":" ROUTINE_AUTO                          \
        ",\"operate.classify\":" ROUTINE_AUTO ",\"operate.plan\":" ROUTINE_AUTO ",\"operate.perform\":{" who \
        "\"how\":" how "}"                                                                                   \
        ",\"operate.review\":{\"how\":\"manual\"},\"operate.close\":" ROUTINE_AUTO "}}"

static const char request[] = "{\"type\":\"service-request\",\"facility\":\"laptop\",\"need\":\"x\"}";

static void open_with(one_call *c, const char *team, const char *routine) {
        one_call_open_team(c, "centre", routine, team);
        one_call_customer(c, SK_CALL_RAISE, request);
        assert_int_equal(c->known, SK_KNOWN_OPEN);
}

static uint32_t visit(const one_call *c) {
        return one_call_now(c).visit.number;
}

/** Sends it with the running visit in front of @p more, and gives the outcome's code. */
static const char *work(one_call *c, sk_message type, const char *actor, const char *more) {
        char value[400];

        (void)snprintf(value, sizeof value, "{\"visit\":%u%s%s}", visit(c), more[0] == '\0' ? "" : ",", more);
        one_call_work(c, type, actor, value);
        assert_int_equal(one_call_count(c, SK_EVENT_OUTCOME), 1);
        return one_call_text(c, SK_EVENT_OUTCOME, 0, "code");
}

static const char *last_entered(const one_call *c, const char *member) {
        return one_call_text(c, SK_EVENT_ENTERED, one_call_count(c, SK_EVENT_ENTERED) - 1, member);
}

/* ---- accountable ---- */

static void test_accountable_is_one_person_when_an_activity_is_entered(void **state) {
        static const struct {
                const char *team;
                const char *person;
                const char *instead_of;
                const char *code;
        } cases[] = {
                {everybody, "eva", "", ""},
                {eva_away, "dina", "eva", ""},
                {both_away, "bo", "eva", ""},
                {eva_alone, "", "", "accountable-away"},
        };
        (void)state;

        for (size_t i = 0; i < COUNT(cases); i++) {
                one_call c;
                open_with(&c, cases[i].team, PERFORM("", "\"manual\""));
                assert_string_equal(last_entered(&c, "activity"), "operate.perform");
                assert_string_equal(last_entered(&c, "accountable"), cases[i].person);
                assert_string_equal(last_entered(&c, "instead_of"), cases[i].instead_of);
                assert_string_equal(one_call_text(&c, SK_EVENT_ESCALATED, 0, "code"), cases[i].code);
                sk_call call = one_call_now(&c);
                assert_true(sk_slice_is(call.visit.accountable, cases[i].person));
                assert_true(sk_slice_is(call.visit.instead_of, cases[i].instead_of));
                one_call_free(&c);
        }
}

static void test_a_coordinator_appoints_who_is_accountable(void **state) {
        one_call c;
        (void)state;

        open_with(&c, eva_alone, PERFORM("", "\"manual\""));
        assert_string_equal(one_call_text(&c, SK_EVENT_ESCALATED, 0, "profile"), "line-coordinator");
        assert_string_equal(work(&c, SK_WORK_APPOINT, "anna", "\"to\":\"bo\""), "not-entitled");
        assert_string_equal(work(&c, SK_WORK_APPOINT, "dina", "\"to\":\"zoe\""), "unknown-person");
        assert_string_equal(work(&c, SK_WORK_APPOINT, "dina", "\"to\":\"eva\""), "away");
        assert_string_equal(work(&c, SK_WORK_APPOINT, "dina", "\"to\":\"bo\""), "ok");
        assert_string_equal(one_call_text(&c, SK_EVENT_APPOINTED, 0, "accountable"), "bo");
        assert_true(sk_slice_is(one_call_now(&c).visit.accountable, "bo"));
        one_call_work(&c, SK_WORK_APPOINT, "dina", "{\"visit\":99,\"to\":\"bo\"}");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "no-such-visit");
        one_call_free(&c);
}

static void test_a_cut_that_a_person_decides_says_that_nobody_is_accountable(void **state) {
        static const char recover[] = "{\"process\":\"recover\",\"activities\":{\"recover.accept\":" ROUTINE_AUTO
                                      ",\"recover.classify\":" ROUTINE_AUTO ",\"recover.analyse\":" ROUTINE_AUTO
                                      ",\"recover.prepare\":" ROUTINE_AUTO ",\"recover.cut\":{\"how\":\"manual\"}}}";
        one_call c;
        (void)state;

        one_call_open_team(&c, "centre", recover, eva_alone);
        one_call_customer(&c, SK_CALL_RAISE, "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"x\"}");
        assert_string_equal(last_entered(&c, "activity"), "recover.cut");
        assert_string_equal(one_call_text(&c, SK_EVENT_ESCALATED, 0, "code"), "accountable-away");
        one_call_free(&c);
}

static void test_who_stands_in_does_what_the_other_may(void **state) {
        static const char bo_away[] =
                "{\"organised_by\":\"process\",\"coordinated_by\":\"line\",\"people\":{"
                "\"bo\":{\"profiles\":[\"operator\"],\"deputies\":\"carl\"," AWAY "},\"carl\":{\"profiles\":[]},"
                "\"eva\":{\"profiles\":[\"process-manager\",\"line-coordinator\"]}}}";
        one_call c;
        (void)state;

        open_with(&c, everybody, PERFORM("", "\"manual\""));
        assert_string_equal(work(&c, SK_WORK_CLAIM, "carl", ""), "not-entitled");
        one_call_free(&c);
        open_with(&c, bo_away, PERFORM("", "\"manual\""));
        assert_string_equal(work(&c, SK_WORK_ASSIGN, "eva", "\"to\":\"bo\""), "away");
        assert_string_equal(work(&c, SK_WORK_CLAIM, "carl", ""), "ok");
        assert_string_equal(work(&c, SK_WORK_COMPLETE, "carl", "\"outcome\":\"completed\""), "ok");
        one_call_free(&c);
}

/* ---- consulted ---- */

static void test_a_holder_asks_the_consulted_and_they_advise(void **state) {
        one_call c;
        (void)state;

        open_with(&c, everybody, PERFORM("\"consulted\":[\"carl\",\"line-coordinator\"],", "\"manual\""));
        assert_string_equal(work(&c, SK_WORK_ASK, "anna", "\"text\":\"which cable?\""), "not-holder");
        assert_string_equal(work(&c, SK_WORK_CLAIM, "anna", ""), "ok");
        assert_string_equal(work(&c, SK_WORK_ASK, "anna", "\"text\":\"\""), "invalid");
        assert_string_equal(work(&c, SK_WORK_ASK, "anna", "\"text\":\"which cable?\""), "ok");
        assert_true(sk_slice_is(sk_json_member(one_call_value(&c, SK_EVENT_CONSULTED, 0), "to"),
                                "[\"carl\",\"line-coordinator\"]"));
        assert_string_equal(work(&c, SK_WORK_ADVISE, "bo", "\"advice\":1,\"text\":\"red\""), "not-entitled");
        assert_string_equal(work(&c, SK_WORK_ADVISE, "dina", "\"advice\":2,\"text\":\"red\""), "no-question");
        assert_string_equal(work(&c, SK_WORK_ADVISE, "dina", "\"advice\":1,\"text\":\"\""), "invalid");
        assert_string_equal(work(&c, SK_WORK_ADVISE, "dina", "\"advice\":1,\"text\":\"the red one\""), "ok");
        assert_string_equal(one_call_text(&c, SK_EVENT_ADVISED, 0, "actor"), "dina");
        assert_string_equal(work(&c, SK_WORK_ADVISE, "carl", "\"advice\":1,\"text\":\"dina is right\""), "ok");
        sk_section section;
        assert_true(sk_data_find((sk_slice){c.data, c.data_len}, SK_SECTION_ADVICE, 1, &section));
        assert_true(sk_slice_is(sk_json_member_string(section.bytes, "text", c.arena), "dina is right"));
        /* the events hold who, not what */
        assert_false(sk_slice_there(sk_json_member(one_call_value(&c, SK_EVENT_ADVISED, 0), "text")));
        assert_string_equal(work(&c, SK_WORK_COMPLETE, "anna", "\"outcome\":\"completed\""), "ok");
        one_call_free(&c);
}

static void test_anybody_of_the_team_can_be_asked_by_name(void **state) {
        one_call c;
        (void)state;

        open_with(&c, everybody, PERFORM("", "\"manual\""));
        assert_string_equal(work(&c, SK_WORK_CLAIM, "anna", ""), "ok");
        assert_string_equal(work(&c, SK_WORK_ASK, "anna", "\"text\":\"?\""), "nobody-consulted");
        assert_string_equal(work(&c, SK_WORK_ASK, "anna", "\"text\":\"?\",\"to\":\"zoe\""), "unknown-person");
        assert_string_equal(work(&c, SK_WORK_ASK, "anna", "\"text\":\"?\",\"to\":\"carl\""), "ok");
        assert_string_equal(work(&c, SK_WORK_ADVISE, "carl", "\"advice\":1,\"text\":\"!\""), "ok");
        /* when the visit is over there is nothing to advise on */
        assert_string_equal(work(&c, SK_WORK_COMPLETE, "anna", "\"outcome\":\"completed\""), "ok");
        assert_string_equal(work(&c, SK_WORK_ADVISE, "carl", "\"advice\":1,\"text\":\"!\""), "no-question");
        one_call_free(&c);
}

static void test_a_task_waits_for_advice_only_where_its_how_says_so(void **state) {
        one_call c;
        (void)state;

        open_with(&c, everybody, PERFORM("\"consulted\":\"carl\",", "{\"manual\":{\"wait_for_advice\":true}}"));
        assert_string_equal(work(&c, SK_WORK_CLAIM, "anna", ""), "ok");
        assert_string_equal(work(&c, SK_WORK_COMPLETE, "anna", "\"outcome\":\"completed\""), "advice-missing");
        assert_string_equal(work(&c, SK_WORK_ASK, "anna", "\"text\":\"?\""), "ok");
        assert_string_equal(work(&c, SK_WORK_COMPLETE, "anna", "\"outcome\":\"completed\""), "advice-open");
        assert_string_equal(work(&c, SK_WORK_ADVISE, "carl", "\"advice\":1,\"text\":\"!\""), "ok");
        assert_string_equal(work(&c, SK_WORK_COMPLETE, "anna", "\"outcome\":\"completed\""), "ok");
        one_call_free(&c);
}

/* ---- informed ---- */

static void test_the_informed_are_told_once_when_it_has_ended(void **state) {
        one_call c;
        char id[SK_ID_TEXT + 1] = "";
        char key[SK_ID_TEXT + 16];
        (void)state;

        open_with(&c, everybody, PERFORM("\"informed\":[\"dina\",\"operator\"],", "\"manual\""));
        assert_int_equal(one_call_count(&c, SK_EVENT_INFORMED), 0);
        sk_id_format(&c.id, id);
        (void)snprintf(key, sizeof key, "%s/%u", id, visit(&c));
        assert_string_equal(work(&c, SK_WORK_CLAIM, "anna", ""), "ok");
        assert_string_equal(work(&c, SK_WORK_COMPLETE, "anna", "\"outcome\":\"completed\""), "ok");
        assert_int_equal(one_call_count(&c, SK_EVENT_INFORMED), 1);
        /* anna has done it: she knows */
        assert_true(sk_slice_is(sk_json_member(one_call_value(&c, SK_EVENT_INFORMED, 0), "to"), "[\"bo\",\"dina\"]"));
        assert_string_equal(one_call_text(&c, SK_EVENT_INFORMED, 0, "outcome"), "completed");
        assert_string_equal(one_call_text(&c, SK_EVENT_INFORMED, 0, "key"), key);
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_int_equal(one_call_count(&c, SK_EVENT_INFORMED), 0);
        one_call_free(&c);
}

static void test_who_is_told_of_what_is_automatic_is_told_too(void **state) {
        one_call c;
        (void)state;

        open_with(&c, everybody, PERFORM("\"informed\":\"dina\",", "\"auto\""));
        assert_int_equal(one_call_count(&c, SK_EVENT_INFORMED), 1);
        one_call_free(&c);
}

/* ---- handing over, saving, classifying ---- */

static void test_a_holder_hands_over_and_a_coordinator_assigns_anew(void **state) {
        one_call c;
        (void)state;

        open_with(&c, everybody, PERFORM("", "\"manual\""));
        assert_string_equal(work(&c, SK_WORK_ASSIGN, "anna", "\"to\":\"bo\""), "not-entitled");
        assert_string_equal(work(&c, SK_WORK_CLAIM, "anna", ""), "ok");
        assert_string_equal(work(&c, SK_WORK_ASSIGN, "bo", "\"to\":\"bo\""), "not-entitled");
        assert_string_equal(work(&c, SK_WORK_ASSIGN, "anna", "\"to\":\"dina\""), "not-a-holder");
        assert_string_equal(work(&c, SK_WORK_ASSIGN, "anna", "\"to\":\"bo\",\"text\":\"the part is ordered\""), "ok");
        assert_string_equal(one_call_text(&c, SK_EVENT_CLAIMED, 0, "actor"), "bo");
        assert_string_equal(one_call_text(&c, SK_EVENT_CLAIMED, 0, "by"), "anna");
        sk_section section;
        assert_true(sk_data_find((sk_slice){c.data, c.data_len}, SK_SECTION_NOTE, 0xfe, &section));
        assert_string_equal(work(&c, SK_WORK_ASSIGN, "dina", "\"to\":\"anna\""), "ok");
        assert_true(sk_slice_is(one_call_now(&c).visit.holder, "anna"));
        one_call_free(&c);
}

static void test_what_is_entered_so_far_is_kept_until_the_task_ends(void **state) {
        one_call c;
        sk_section section;
        (void)state;

        open_with(&c, everybody, PERFORM("", "\"manual\""));
        assert_string_equal(work(&c, SK_WORK_SAVE, "anna", "\"result\":{}"), "not-holder");
        assert_string_equal(work(&c, SK_WORK_CLAIM, "anna", ""), "ok");
        assert_string_equal(work(&c, SK_WORK_SAVE, "anna", "\"result\":7"), "bad-result");
        assert_string_equal(work(&c, SK_WORK_SAVE, "anna", "\"result\":{\"a\":1}"), "ok");
        assert_string_equal(work(&c, SK_WORK_SAVE, "anna", "\"result\":{\"a\":2}"), "ok");
        assert_int_equal(one_call_count(&c, SK_EVENT_SAVED), 1);
        assert_true(sk_data_find((sk_slice){c.data, c.data_len}, SK_SECTION_DRAFT, 0, &section));
        assert_true(sk_slice_is(section.bytes, "{\"a\":2}"));
        assert_string_equal(work(&c, SK_WORK_COMPLETE, "anna", "\"outcome\":\"completed\""), "ok");
        assert_false(sk_data_find((sk_slice){c.data, c.data_len}, SK_SECTION_DRAFT, 0, &section));
        one_call_free(&c);
}

static void test_priority_and_category_change_by_a_record(void **state) {
        one_call c;
        (void)state;

        open_with(&c, everybody, NULL);
        assert_string_equal(work(&c, SK_WORK_CLASSIFY, "dina", "\"priority\":1"), "too-early");
        one_call_free(&c);
        open_with(&c, everybody, PERFORM("", "\"manual\""));
        assert_int_equal(one_call_now(&c).priority, 3);
        assert_string_equal(work(&c, SK_WORK_CLASSIFY, "anna", "\"priority\":1"), "not-entitled");
        assert_string_equal(work(&c, SK_WORK_CLASSIFY, "dina", "\"priority\":6"), "invalid");
        assert_string_equal(work(&c, SK_WORK_CLASSIFY, "dina", "\"category\":\"\""), "invalid");
        assert_string_equal(work(&c, SK_WORK_CLASSIFY, "dina", "\"reason\":\"why not\""), "invalid");
        assert_string_equal(work(&c, SK_WORK_CLASSIFY, "dina", "\"priority\":1,\"reason\":\"payday\""), "ok");
        assert_string_equal(one_call_text(&c, SK_EVENT_CLASSIFIED, 0, "actor"), "dina");
        assert_int_equal(one_call_now(&c).priority, 1);
        assert_string_equal(work(&c, SK_WORK_CLASSIFY, "eva", "\"category\":\"hardware\""), "ok");
        sk_call call = one_call_now(&c);
        assert_true(sk_slice_is(call.category, "hardware"));
        assert_int_equal(call.priority, 1);
        one_call_free(&c);
}

static void test_what_comes_after_it_follows_the_new_priority(void **state) {
        static const char urgent[] =
                "{\"process\":\"operate\",\"select\":{\"priority\":1},\"activities\":{"
                "\"operate.accept\":" ROUTINE_AUTO ",\"operate.classify\":" ROUTINE_AUTO ",\"operate.review\":{"
                "\"responsible\":\"line-coordinator\",\"how\":\"manual\"}}}";
        one_call c;
        (void)state;

        open_with(&c, everybody, urgent);
        for (unsigned i = 0; i < 3; i++) /* accept, classify, plan by the default: no priority yet */
                one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_string_equal(last_entered(&c, "activity"), "operate.perform");
        assert_string_equal(work(&c, SK_WORK_CLASSIFY, "dina", "\"priority\":1"), "ok");
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_string_equal(last_entered(&c, "activity"), "operate.review");
        assert_string_equal(last_entered(&c, "profile"), "line-coordinator");
        one_call_free(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_accountable_is_one_person_when_an_activity_is_entered),
                cmocka_unit_test(test_a_coordinator_appoints_who_is_accountable),
                cmocka_unit_test(test_a_cut_that_a_person_decides_says_that_nobody_is_accountable),
                cmocka_unit_test(test_who_stands_in_does_what_the_other_may),
                cmocka_unit_test(test_a_holder_asks_the_consulted_and_they_advise),
                cmocka_unit_test(test_anybody_of_the_team_can_be_asked_by_name),
                cmocka_unit_test(test_a_task_waits_for_advice_only_where_its_how_says_so),
                cmocka_unit_test(test_the_informed_are_told_once_when_it_has_ended),
                cmocka_unit_test(test_who_is_told_of_what_is_automatic_is_told_too),
                cmocka_unit_test(test_a_holder_hands_over_and_a_coordinator_assigns_anew),
                cmocka_unit_test(test_what_is_entered_so_far_is_kept_until_the_task_ends),
                cmocka_unit_test(test_priority_and_category_change_by_a_record),
                cmocka_unit_test(test_what_comes_after_it_follows_the_new_priority),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
