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

/* ---- an offer that nobody decides ---- */

#define WISH "{\"type\":\"wish\",\"facility\":\"laptop\",\"need\":\"a lighter one\"}"

/* Anna makes an offer that stands until then. */
static void offer(one_call *c, const char *until) {
        char completion[160];

        one_call_open(c, "centre", NULL);
        one_call_customer(c, SK_CALL_RAISE, WISH);
        for (int i = 0; i < 3; i++)
                one_call_do(c, "anna", "\"outcome\":\"completed\"");
        (void)snprintf(completion, sizeof completion, "\"result\":{\"offer\":{},\"until\":%s}", until);
        one_call_do(c, "anna", completion);
}

static const char *in_quotes(char text[SK_WHEN_TEXT + 3], int64_t at_us) {
        text[0] = '"';
        sk_when_format(at_us, text + 1);
        (void)snprintf(text + 1 + SK_WHEN_TEXT, 2, "\"");
        return text;
}

static void test_an_offer_lapses_at_its_time_as_if_it_had_been_refused(void **state) {
        char text[SK_WHEN_TEXT + 3];
        one_call c = {0};
        (void)state;

        int64_t until_us = INT64_C(1900000000000000);
        offer(&c, in_quotes(text, until_us));
        assert_string_equal(outcome_code(&c), "ok");
        assert_true(sk_slice_there(sk_json_member(one_call_value(&c, SK_FEEDBACK_OFFER, 0), "until")));
        assert_true(one_call_now(&c).timer_us == until_us);
        one_call_wait(&c, until_us - c.now_us + SK_HOUR_US);
        assert_string_equal(one_call_text(&c, SK_EVENT_ANSWERED, 0, "code"), "lapsed");
        assert_string_equal(one_call_text(&c, SK_EVENT_ENDED, 0, "outcome"), "declined");
        assert_string_equal(one_call_text(&c, SK_EVENT_ENDED, 0, "code"), "offer-lapsed");
        assert_int_equal(one_call_now(&c).offer, 0);
        assert_false(one_call_now(&c).clock_stands);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_PROGRESS), 1);
        one_call_free(&c);
}

static void test_an_offer_that_is_decided_in_time_does_not_lapse(void **state) {
        char text[SK_WHEN_TEXT + 3];
        char value[80];
        one_call c = {0};
        (void)state;

        int64_t until_us = INT64_C(1900000000000000);
        offer(&c, in_quotes(text, until_us));
        (void)snprintf(value, sizeof value, "{\"offer\":%u,\"decision\":\"accept\"}", one_call_now(&c).offer);
        one_call_customer(&c, SK_CALL_DECIDE, value);
        assert_int_equal(one_call_now(&c).question_until_us, 0);
        assert_true(one_call_now(&c).timer_us != until_us);
        one_call_free(&c);
}

static void test_an_offer_without_an_end_stands(void **state) {
        one_call c = {0};
        (void)state;

        one_call_open(&c, "centre", NULL);
        one_call_customer(&c, SK_CALL_RAISE, WISH);
        for (int i = 0; i < 3; i++)
                one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        one_call_do(&c, "anna", "\"result\":{\"offer\":{}}");
        assert_false(sk_slice_there(sk_json_member(one_call_value(&c, SK_FEEDBACK_OFFER, 0), "until")));
        one_call_wait(&c, 400 * SK_DAY_US);
        assert_true(one_call_now(&c).offer != 0);
        one_call_free(&c);
}

static void test_an_offer_ends_at_no_time_that_is_over_or_none(void **state) {
        static const char *const untils[] = {"\"2020-01-01T00:00:00Z\"", "\"soon\"", "7"};
        (void)state;

        for (size_t i = 0; i < sizeof untils / sizeof untils[0]; i++) {
                one_call c = {0};
                offer(&c, untils[i]);
                assert_string_equal(outcome_code(&c), "bad-until");
                assert_int_equal(one_call_now(&c).offer, 0);
                one_call_free(&c);
        }
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

/* ---- escalation ---- */

static void expect_escalation(one_call *c, const char *code, int64_t percent, const char *profile) {
        int64_t number = 0;

        assert_int_equal(one_call_count(c, SK_EVENT_ESCALATED), 1);
        assert_string_equal(one_call_text(c, SK_EVENT_ESCALATED, 0, "code"), code);
        assert_string_equal(one_call_text(c, SK_EVENT_ESCALATED, 0, "profile"), profile);
        assert_true(sk_json_member_int(one_call_value(c, SK_EVENT_ESCALATED, 0), "percent", 1, 1000, &number));
        assert_int_equal(number, percent);
}

static void test_shares_of_the_promise_reach_the_coordinator_and_then_the_manager(void **state) {
        static const struct {
                int64_t percent;
                const char *profile;
        } steps[] = {
                {50, "line-coordinator"}, {75, "line-coordinator"}, {90, "process-manager"}, {100, "process-manager"}};
        one_call c;
        (void)state;

        open_incident(&c);
        int64_t opened_us = one_call_now(&c).opened_us;
        for (size_t i = 0; i < 4; i++) {
                int64_t at_us = opened_us + 8 * SK_HOUR_US / 100 * steps[i].percent;
                one_call_wait(&c, at_us - c.now_us - 1);
                assert_int_equal(one_call_count(&c, SK_EVENT_ESCALATED), 0);
                one_call_wait(&c, 1);
                expect_escalation(&c, "resolve", steps[i].percent, steps[i].profile);
        }
        assert_int_equal(one_call_now(&c).escalated_to, 2);
        one_call_free(&c);
}

static void test_steps_run_in_service_hours(void **state) {
        one_call c;
        int64_t half_us = 0;
        (void)state;

        one_call_open(&c, "centre", routine);
        one_call_customer(&c, SK_CALL_RAISE, "{\"type\":\"incident\",\"facility\":\"desk\",\"need\":\"it is wobbly\"}");
        int64_t opened_us = one_call_now(&c).opened_us;
        const sk_hours *day = sk_edition_hours(c.edition, SK_SLICE("day"));
        assert_int_equal(sk_hours_add(day, opened_us, 4 * SK_HOUR_US, &half_us), SK_OK);
        assert_true(one_call_now(&c).timer_us == half_us && half_us > opened_us + 4 * SK_HOUR_US);
        one_call_free(&c);
}

static void test_a_call_that_nobody_accepts_is_escalated_by_its_promised_response(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", NULL);
        one_call_customer(&c, SK_CALL_RAISE, INCIDENT);
        int64_t opened_us = one_call_now(&c).opened_us;
        one_call_wait(&c, opened_us + 30 * SK_MINUTE_US - c.now_us);
        expect_escalation(&c, "respond", 50, "line-coordinator");
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_int_equal(one_call_now(&c).escalated, 0);
        assert_int_equal(one_call_now(&c).escalated_to, 0);
        one_call_wait(&c, opened_us + 4 * SK_HOUR_US - c.now_us);
        expect_escalation(&c, "resolve", 50, "line-coordinator");
        one_call_free(&c);
}

static void test_steps_wait_while_the_clock_stands(void **state) {
        one_call c;
        char value[80];
        (void)state;

        open_incident(&c);
        int64_t opened_us = one_call_now(&c).opened_us;
        int64_t asked_us = c.now_us + SK_SECOND_US;
        ask(&c, after(&c, SK_DAY_US), "");
        one_call_wait(&c, 10 * SK_HOUR_US);
        assert_int_equal(one_call_count(&c, SK_EVENT_ESCALATED), 0);
        int64_t answered_us = c.now_us;
        (void)snprintf(value, sizeof value, "{\"question\":%u,\"answer\":\"this\"}", one_call_now(&c).question);
        one_call_customer(&c, SK_CALL_ANSWER, value);
        assert_true(one_call_now(&c).timer_us == opened_us + 4 * SK_HOUR_US + answered_us - asked_us);
        one_call_free(&c);
}

static void test_after_a_week_away_each_step_is_reported_once(void **state) {
        one_call c;
        (void)state;

        open_incident(&c);
        one_call_late(&c, 7 * SK_DAY_US);
        assert_int_equal(one_call_count(&c, SK_EVENT_ESCALATED), 4);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_LATE), 1);
        one_call_wait(&c, 7 * SK_DAY_US);
        assert_int_equal(one_call_count(&c, SK_EVENT_ESCALATED), 0);
        one_call_free(&c);
}

static void test_what_takes_longer_than_its_time_out_is_told_to_the_coordinator_once(void **state) {
        static const char slow[] =
                "{\"workflow\":4,\"activities\":{\"recover.accept\":{\"how\":\"auto\"},"
                "\"recover.classify\":{\"how\":\"auto\"},\"recover.analyse\":{\"timeout\":\"PT1H\"}}}";
        one_call c;
        (void)state;

        one_call_open(&c, "centre", slow);
        one_call_customer(&c, SK_CALL_RAISE, INCIDENT);
        one_call_wait(&c, one_call_now(&c).opened_us + SK_HOUR_US - c.now_us);
        assert_string_equal(one_call_text(&c, SK_EVENT_ESCALATED, 0, "code"), "timeout");
        assert_string_equal(one_call_text(&c, SK_EVENT_ESCALATED, 0, "profile"), "line-coordinator");
        assert_true(sk_slice_is(one_call_now(&c).visit.responsible, "operator"));
        one_call_wait(&c, SK_HOUR_US);
        assert_int_equal(one_call_count(&c, SK_EVENT_ESCALATED), 0);
        one_call_free(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_an_offer_lapses_at_its_time_as_if_it_had_been_refused),
                cmocka_unit_test(test_an_offer_that_is_decided_in_time_does_not_lapse),
                cmocka_unit_test(test_an_offer_without_an_end_stands),
                cmocka_unit_test(test_an_offer_ends_at_no_time_that_is_over_or_none),
                cmocka_unit_test(test_a_question_lapses_at_its_time_and_the_task_goes_on),
                cmocka_unit_test(test_an_answer_in_time_leaves_nothing_to_lapse),
                cmocka_unit_test(test_an_answer_behind_the_time_is_a_note),
                cmocka_unit_test(test_what_follows_a_question_without_answer_is_as_it_said),
                cmocka_unit_test(test_past_the_point_of_no_return_the_coordinator_has_the_last_word),
                cmocka_unit_test(test_a_question_must_lapse_at_a_time_to_come_and_say_what_then),
                cmocka_unit_test(test_after_a_week_away_the_clock_has_stood_until_the_question_lapsed),
                cmocka_unit_test(test_what_a_timer_wrote_names_it_as_its_cause),
                cmocka_unit_test(test_shares_of_the_promise_reach_the_coordinator_and_then_the_manager),
                cmocka_unit_test(test_steps_run_in_service_hours),
                cmocka_unit_test(test_a_call_that_nobody_accepts_is_escalated_by_its_promised_response),
                cmocka_unit_test(test_steps_wait_while_the_clock_stands),
                cmocka_unit_test(test_after_a_week_away_each_step_is_reported_once),
                cmocka_unit_test(test_what_takes_longer_than_its_time_out_is_told_to_the_coordinator_once),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
