#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "kit/when.h"
#include "support/one_call.h"

#define INCIDENT "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"the screen stays black\"}"
#define REQUEST "{\"type\":\"service-request\",\"facility\":\"laptop\",\"need\":\"one more\"}"

/* Accepts and classifies by itself; the rest is anna's. */
static const char routine[] = "{\"workflow\":4,\"activities\":{\"recover.accept\":{\"how\":\"auto\"},"
                              "\"recover.classify\":{\"how\":\"auto\"}}}";

static const char *outcome_code(const one_call *c) {
        return one_call_text(c, SK_EVENT_OUTCOME, 0, "code");
}

static int64_t after(const one_call *c, int64_t us) {
        return c->now_us + us;
}

/* anna has the task and asks about it; @p rest are members behind the text, such as ",\"then\":\"withdraw\"". */
static void ask(one_call *c, int64_t until_us, const char *rest) {
        char value[300];
        char until[SK_WHEN_TEXT + 1] = {0};
        unsigned visit = one_call_now(c).visit.number;

        (void)snprintf(value, sizeof value, "{\"visit\":%u}", visit);
        one_call_work(c, SK_WORK_CLAIM, "anna", value);
        sk_when_format(until_us, until);
        (void)snprintf(value, sizeof value, "{\"visit\":%u,\"text\":\"which one?\",\"until\":\"%s\"%s}", visit, until,
                       rest);
        one_call_work(c, SK_WORK_QUESTION, "anna", value);
}

static void open_incident(one_call *c) {
        one_call_open(c, "centre", routine);
        one_call_customer(c, SK_CALL_RAISE, INCIDENT);
}

/* ---- a question that nobody answers ---- */

static void test_a_question_lapses_at_its_time_and_the_task_goes_on(void **state) {
        one_call c;
        (void)state;

        open_incident(&c);
        int64_t asked_us = c.now_us + SK_SECOND_US;
        int64_t until_us = after(&c, SK_HOUR_US);
        ask(&c, until_us, "");
        assert_string_equal(outcome_code(&c), "ok");
        assert_true(one_call_now(&c).timer_us == until_us);
        one_call_wait(&c, 2 * SK_HOUR_US);

        assert_string_equal(one_call_text(&c, SK_EVENT_ANSWERED, 0, "code"), "lapsed");
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_PROGRESS), 1);
        sk_call call = one_call_now(&c);
        assert_int_equal(call.standing, SK_WORKING);
        assert_int_equal(call.question, 0);
        assert_true(sk_slice_is(call.visit.holder, "anna"));
        assert_int_equal(call.stopped_us, until_us - asked_us);
        one_call_free(&c);
}

static void test_an_answer_in_time_leaves_nothing_to_lapse(void **state) {
        one_call c;
        char value[80];
        (void)state;

        open_incident(&c);
        ask(&c, after(&c, SK_HOUR_US), ",\"then\":\"withdraw\"");
        (void)snprintf(value, sizeof value, "{\"question\":%u,\"answer\":\"this\"}", one_call_now(&c).question);
        one_call_customer(&c, SK_CALL_ANSWER, value);
        one_call_wait(&c, 2 * SK_HOUR_US);
        assert_int_equal(one_call_now(&c).standing, SK_WORKING);
        assert_int_equal(one_call_count(&c, SK_EVENT_ANSWERED), 0);
        one_call_free(&c);
}

static void test_an_answer_behind_the_time_is_a_note(void **state) {
        one_call c;
        (void)state;

        open_incident(&c);
        ask(&c, after(&c, SK_HOUR_US), "");
        unsigned question = one_call_now(&c).question;
        one_call_wait(&c, 2 * SK_HOUR_US);
        char value[80];
        (void)snprintf(value, sizeof value, "{\"question\":%u,\"answer\":\"this\"}", question);
        one_call_customer(&c, SK_CALL_ANSWER, value);
        assert_int_equal(one_call_count(&c, SK_EVENT_NOTED), 1);
        one_call_free(&c);
}

static void test_what_follows_a_question_without_answer_is_as_it_said(void **state) {
        one_call c;
        (void)state;

        open_incident(&c);
        ask(&c, after(&c, SK_HOUR_US), ",\"then\":\"coordinator\"");
        one_call_wait(&c, 2 * SK_HOUR_US);
        assert_string_equal(one_call_text(&c, SK_EVENT_ESCALATED, 0, "code"), "no-answer");
        assert_true(one_call_now(&c).visit.is_escalated);
        one_call_free(&c);

        open_incident(&c);
        ask(&c, after(&c, SK_HOUR_US), ",\"then\":\"withdraw\"");
        one_call_wait(&c, 2 * SK_HOUR_US);
        assert_int_equal(c.known, SK_KNOWN_OPEN);
        assert_int_equal(one_call_now(&c).outcome == SK_OUTCOME_NONE, true);
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), "withdrawn");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "code"), "no-answer");
        one_call_free(&c);
}

static void test_past_the_point_of_no_return_the_coordinator_has_the_last_word(void **state) {
        static const char direct[] = "{\"workflow\":5,\"activities\":{\"operate.accept\":{\"how\":\"auto\"},"
                                     "\"operate.classify\":{\"how\":\"auto\"},\"operate.plan\":{\"how\":\"auto\"}}}";
        one_call c;
        (void)state;

        one_call_open(&c, "centre", direct);
        one_call_customer(&c, SK_CALL_RAISE, REQUEST);
        assert_true(one_call_now(&c).is_past_return);
        ask(&c, after(&c, SK_HOUR_US), ",\"then\":\"withdraw\"");
        one_call_wait(&c, 2 * SK_HOUR_US);
        assert_string_equal(one_call_text(&c, SK_EVENT_ESCALATED, 0, "code"), "no-answer");
        assert_int_equal(one_call_now(&c).standing, SK_WORKING);
        assert_false(one_call_now(&c).is_unanswered);
        one_call_free(&c);
}

static void test_a_question_must_lapse_at_a_time_to_come_and_say_what_then(void **state) {
        static const char *const bad[] = {",\"then\":\"explode\"", ",\"then\":1"};
        one_call c;
        (void)state;

        open_incident(&c);
        ask(&c, c.now_us - SK_HOUR_US, "");
        assert_string_equal(outcome_code(&c), "bad-until");
        for (size_t i = 0; i < 2; i++) {
                ask(&c, after(&c, SK_HOUR_US), bad[i]);
                assert_string_equal(outcome_code(&c), "bad-until");
        }
        char value[100];
        (void)snprintf(value, sizeof value, "{\"visit\":%u,\"text\":\"which?\",\"then\":\"go-on\"}",
                       one_call_now(&c).visit.number);
        one_call_work(&c, SK_WORK_QUESTION, "anna", value);
        assert_string_equal(outcome_code(&c), "invalid");
        one_call_free(&c);
}

static void test_after_a_week_away_the_clock_has_stood_until_the_question_lapsed(void **state) {
        one_call c;
        (void)state;

        open_incident(&c);
        int64_t asked_us = c.now_us + SK_SECOND_US;
        int64_t until_us = after(&c, SK_HOUR_US);
        ask(&c, until_us, "");
        one_call_late(&c, 7 * SK_DAY_US);
        assert_int_equal(one_call_now(&c).stopped_us, until_us - asked_us);
        one_call_free(&c);
}

static void test_what_a_timer_wrote_names_it_as_its_cause(void **state) {
        one_call c;
        char cause[6 + SK_WHEN_TEXT + 1] = "timer/";
        (void)state;

        open_incident(&c);
        int64_t until_us = after(&c, SK_HOUR_US);
        ask(&c, until_us, "");
        one_call_wait(&c, 2 * SK_HOUR_US);
        sk_when_format(until_us, cause + 6);
        assert_string_equal(one_call_text(&c, SK_EVENT_ANSWERED, 0, "cause"), cause);
        one_call_free(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_question_lapses_at_its_time_and_the_task_goes_on),
                cmocka_unit_test(test_an_answer_in_time_leaves_nothing_to_lapse),
                cmocka_unit_test(test_an_answer_behind_the_time_is_a_note),
                cmocka_unit_test(test_what_follows_a_question_without_answer_is_as_it_said),
                cmocka_unit_test(test_past_the_point_of_no_return_the_coordinator_has_the_last_word),
                cmocka_unit_test(test_a_question_must_lapse_at_a_time_to_come_and_say_what_then),
                cmocka_unit_test(test_after_a_week_away_the_clock_has_stood_until_the_question_lapsed),
                cmocka_unit_test(test_what_a_timer_wrote_names_it_as_its_cause),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
