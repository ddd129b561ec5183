#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "kit/when.h"
#include "support/one_call.h"
#include "support/routines.h"
#include "usm/steering.h"

/*
 * Whose worklist late and stuck work reaches, for every legal combination of the two choices, and what a change of them
 * leaves behind.
 */

#define TEAM_BYTES 1500

/** Everybody holds one profile, so that it is seen who is meant. */
static void write_team(char out[TEAM_BYTES], const char *organised_by, const char *coordinated_by) {
        int len =
                snprintf(out, TEAM_BYTES,
                         "{\"title\":\"Centre\",\"organised_by\":\"%s\",\"coordinated_by\":\"%s\",\"people\":{"
                         "\"anna\":{\"profiles\":[\"operator\"]},\"lc\":{\"profiles\":[\"line-coordinator\"]},"
                         "\"lm\":{\"profiles\":[\"line-manager\"]},\"pc\":{\"profiles\":[\"process-coordinator\"]},"
                         "\"pm\":{\"profiles\":[\"process-manager\"]},\"wc\":{\"profiles\":[\"workflow-coordinator\"]},"
                         "\"wm\":{\"profiles\":[\"workflow-manager\"]}}}",
                         organised_by, coordinated_by);
        assert_in_range(len, 1, TEAM_BYTES - 1);
}

static const struct combination {
        const char *organised_by;
        const char *coordinated_by;
        const char *profile;     /**< on whose list it lands */
        const char *person;      /**< who holds it */
        const char *manager;     /**< who hears of it next */
        const char *accountable; /**< who answers for what no routine names anybody for */
} combinations[] = {
        {"process", "line", "line-coordinator", "lc", "line-manager", "pm"},
        {"process", "process", "process-coordinator", "pc", "process-manager", "pm"},
        {"process", "workflow", "workflow-coordinator", "wc", "workflow-manager", "pm"},
        {"workflow", "line", "line-coordinator", "lc", "line-manager", "wm"},
        {"workflow", "process", "process-coordinator", "pc", "process-manager", "wm"},
        {"workflow", "workflow", "workflow-coordinator", "wc", "workflow-manager", "wm"},
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define REQUEST "{\"type\":\"service-request\",\"facility\":\"laptop\",\"need\":\"one more\"}"

static void open_combination(one_call *c, const struct combination *combination, const char *routine, char *team) {
        write_team(team, combination->organised_by, combination->coordinated_by);
        one_call_open_team(c, "centre", routine, team);
        one_call_customer(c, SK_CALL_RAISE, REQUEST);
}

/* anna asks the customer, who does not answer: late work. */
static void let_it_lapse(one_call *c) {
        char value[300];
        char until[SK_WHEN_TEXT + 1] = {0};
        unsigned visit = one_call_now(c).visit.number;
        (void)snprintf(value, sizeof value, "{\"visit\":%u}", visit);
        one_call_work(c, SK_WORK_CLAIM, "anna", value);
        sk_when_format(c->now_us + SK_HOUR_US, until);
        (void)snprintf(value, sizeof value,
                       "{\"visit\":%u,\"text\":\"which?\",\"until\":\"%s\",\"then\":\"coordinator\"}", visit, until);
        one_call_work(c, SK_WORK_QUESTION, "anna", value);
        assert_string_equal(one_call_text(c, SK_EVENT_OUTCOME, 0, "code"), "ok");
        one_call_wait(c, 2 * SK_HOUR_US);
}

static void lands_with(one_call *c, const struct combination *combination) {
        char value[100];
        assert_int_equal(one_call_count(c, SK_EVENT_ESCALATED), 1);
        assert_string_equal(one_call_text(c, SK_EVENT_ESCALATED, 0, "profile"), combination->profile);
        assert_true(sk_slice_is(one_call_now(c).visit.responsible, combination->profile));
        (void)snprintf(value, sizeof value, "{\"visit\":%u}", one_call_now(c).visit.number);
        for (size_t i = 0; i < COUNT(combinations); i++) {
                if (strcmp(combinations[i].person, combination->person) == 0)
                        continue;
                one_call_work(c, SK_WORK_CLAIM, combinations[i].person, value);
                assert_string_equal(one_call_text(c, SK_EVENT_OUTCOME, 0, "code"), "not-entitled");
        }
        one_call_work(c, SK_WORK_CLAIM, combination->person, value);
        assert_string_equal(one_call_text(c, SK_EVENT_OUTCOME, 0, "code"), "ok");
}

static void test_late_work_reaches_whom_the_steering_says(void **state) {
        (void)state;
        for (size_t i = 0; i < COUNT(combinations); i++) {
                char team[TEAM_BYTES];
                one_call c;
                open_combination(&c, &combinations[i], ROUTINE_OPERATE("\"manual\"", "\"auto\""), team);
                let_it_lapse(&c);
                lands_with(&c, &combinations[i]);
                one_call_free(&c);
        }
}

static void test_stuck_work_reaches_whom_the_steering_says(void **state) {
        (void)state;
        for (size_t i = 0; i < COUNT(combinations); i++) {
                char team[TEAM_BYTES];
                one_call c;
                open_combination(&c, &combinations[i], ROUTINE_OPERATE(ROUTINE_DELEGATE(ROUTINE_WIFI), "\"auto\""),
                                 team);
                assert_int_equal(one_call_now(&c).ask_count, 1);
                one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED,
                                  "{\"standing\":{\"state\":\"closed\",\"seen\":1,\"type\":\"service-request\"},"
                                  "\"outcome\":\"failed\",\"clock\":{\"elapsed_s\":1,\"stopped_s\":0}}");
                lands_with(&c, &combinations[i]);
                one_call_free(&c);
        }
}

static void test_who_answers_follows_what_it_is_organised_by(void **state) {
        (void)state;
        for (size_t i = 0; i < COUNT(combinations); i++) {
                char team[TEAM_BYTES];
                one_call c;
                open_combination(&c, &combinations[i], ROUTINE_OPERATE("\"manual\"", "\"auto\""), team);
                assert_true(sk_slice_is(one_call_now(&c).visit.accountable, combinations[i].accountable));
                assert_true(sk_slice_is(sk_team_manager(c.team), combinations[i].manager));
                one_call_free(&c);
        }
}

/* ---- changing it ---- */

#define LINE "{\"organised_by\":\"process\",\"coordinated_by\":\"line\"}"
#define FLOW "{\"organised_by\":\"workflow\",\"coordinated_by\":\"workflow\"}"
#define DESIGN(from, to) "{\"what\":\"steering\",\"from\":" from ",\"to\":" to ",\"reason\":\"we are ready\"}"

static const char *designed(one_call *c, const char *actor, const char *value) {
        one_call_work(c, SK_WORK_DESIGN, actor, value);
        return one_call_text(c, SK_EVENT_OUTCOME, 0, "code");
}

static void test_another_steering_is_an_event_with_person_and_reason(void **state) {
        char team[TEAM_BYTES];
        one_call c;
        (void)state;
        write_team(team, "process", "line");
        one_call_open_team(&c, "centre", NULL, team);
        assert_string_equal(designed(&c, "pm", DESIGN(LINE, FLOW)), "ok");
        assert_string_equal(one_call_text(&c, SK_EVENT_DESIGNED, 0, "what"), "steering");
        assert_string_equal(one_call_text(&c, SK_EVENT_DESIGNED, 0, "actor"), "pm");
        assert_string_equal(one_call_text(&c, SK_EVENT_DESIGNED, 0, "reason"), "we are ready");
        sk_slice event = one_call_value(&c, SK_EVENT_DESIGNED, 0);
        assert_true(sk_slice_is(sk_json_member(event, "from"), LINE));
        assert_true(sk_slice_is(sk_json_member(event, "to"), FLOW));
        assert_int_equal(c.known, SK_KNOWN_NOT);
        one_call_free(&c);
}

static void test_what_cannot_be_chosen_is_refused_with_the_reason(void **state) {
        static const struct {
                const char *actor;
                const char *value;
                const char *code;
        } cases[] = {
                {"anna", DESIGN(LINE, FLOW), "not-entitled"},
                {"lc", DESIGN(LINE, FLOW), "not-entitled"},
                {"nobody", DESIGN(LINE, FLOW), "not-entitled"},
                {"lm", DESIGN(LINE, FLOW), "not-entitled"},
                {"pm", DESIGN(FLOW, LINE), "too-late"},
                {"pm", DESIGN(LINE, "{\"organised_by\":\"line\",\"coordinated_by\":\"line\"}"), "invalid"},
                {"pm", DESIGN(LINE, "{\"organised_by\":\"process\"}"), "invalid"},
                {"pm", DESIGN(LINE, "7"), "invalid"},
                {"pm", "{\"what\":\"steering\",\"from\":" LINE ",\"to\":" FLOW "}", "invalid"},
                {"pm", "{\"what\":\"weather\",\"reason\":\"x\"}", "unsupported"},
                {"pm", "{}", "invalid"},
        };
        char team[TEAM_BYTES];
        (void)state;
        write_team(team, "process", "line");
        for (size_t i = 0; i < COUNT(cases); i++) {
                one_call c;
                one_call_open_team(&c, "centre", NULL, team);
                assert_string_equal(designed(&c, cases[i].actor, cases[i].value), cases[i].code);
                assert_int_equal(one_call_count(&c, SK_EVENT_DESIGNED), 0);
                one_call_free(&c);
        }
}

static void test_under_the_id_of_an_open_call_nothing_can_be_chosen(void **state) {
        char team[TEAM_BYTES];
        one_call c;
        (void)state;
        open_combination(&c, &combinations[0], ROUTINE_OPERATE("\"manual\"", "\"auto\""), team);
        assert_string_equal(designed(&c, "pm", DESIGN(LINE, FLOW)), "unsupported");
        assert_int_equal(one_call_count(&c, SK_EVENT_DESIGNED), 0);
        one_call_free(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_late_work_reaches_whom_the_steering_says),
                cmocka_unit_test(test_stuck_work_reaches_whom_the_steering_says),
                cmocka_unit_test(test_who_answers_follows_what_it_is_organised_by),
                cmocka_unit_test(test_another_steering_is_an_event_with_person_and_reason),
                cmocka_unit_test(test_what_cannot_be_chosen_is_refused_with_the_reason),
                cmocka_unit_test(test_under_the_id_of_an_open_call_nothing_can_be_chosen),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
