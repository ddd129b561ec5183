#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "support/one_call.h"

static const char incident[] = "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"screen stays black\"}";
static const char wish[] = "{\"type\":\"wish\",\"facility\":\"laptop\",\"need\":\"a larger one\"}";
static const char risk[] =
        "{\"to\":\"centre\",\"type\":\"risk\",\"facility\":\"laptop\",\"need\":\"old\",\"on_behalf\":\"finance\"}";

static void complete(one_call *c, const char *completion) {
        one_call_do(c, "anna", completion);
        assert_string_equal(one_call_text(c, SK_EVENT_OUTCOME, 0, "code"), "ok");
}

/** A wish whose offer waits for the customer. */
static void open_offered(one_call *c) {
        one_call_open(c, "centre", NULL);
        one_call_customer(c, SK_CALL_RAISE, wish);
        for (int i = 0; i < 3; i++) {
                complete(c, "\"outcome\":\"completed\"");
        }
        complete(c, "\"result\":{\"offer\":{\"facilities\":{}}}");
        sk_call call = one_call_now(c);
        assert_true(call.offer != 0 && call.clock_stands);
        assert_int_equal(call.standing, SK_WAITING);
}

static void decide(one_call *c, const char *decision) {
        char value[80];
        uint32_t offer = one_call_now(c).offer;

        (void)snprintf(value, sizeof value, "{\"offer\":%u,\"decision\":\"%s\"}", offer == 0 ? 5 : offer, decision);
        one_call_customer(c, SK_CALL_DECIDE, value);
}

static void test_of_two_answers_the_first_counts_and_the_second_is_a_note(void **state) {
        one_call c;
        char answer[80];
        (void)state;

        one_call_open(&c, "centre", NULL);
        one_call_customer(&c, SK_CALL_RAISE, incident);
        one_call_work(&c, SK_WORK_CLAIM, "anna", "{\"visit\":1}");
        one_call_work(&c, SK_WORK_QUESTION, "anna", "{\"visit\":1,\"text\":\"?\"}");
        (void)snprintf(answer, sizeof answer, "{\"question\":%u,\"answer\":\"yes\"}", one_call_now(&c).question);
        one_call_customer(&c, SK_CALL_ANSWER, answer);
        assert_int_equal(one_call_count(&c, SK_EVENT_ANSWERED), 1);
        int64_t stopped_us = one_call_now(&c).stopped_us;
        one_call_customer(&c, SK_CALL_ANSWER, answer);
        assert_int_equal(one_call_count(&c, SK_EVENT_ANSWERED), 0);
        assert_int_equal(one_call_count(&c, SK_EVENT_NOTED), 1);
        assert_int_equal(one_call_now(&c).stopped_us, stopped_us);
        one_call_free(&c);
}

static void open_asked(one_call *c) {
        one_call_open(c, "centre", NULL);
        one_call_customer(c, SK_CALL_RAISE, incident);
        one_call_work(c, SK_WORK_CLAIM, "anna", "{\"visit\":1}");
        one_call_work(c, SK_WORK_QUESTION, "anna", "{\"visit\":1,\"text\":\"?\"}");
        assert_true(one_call_now(c).question != 0);
}

/** The customer is told by the standing of the only feedback of that step: what he was asked, nobody waits for. */
static void assert_told_that_nothing_is_asked(one_call *c, sk_message type) {
        unsigned count = one_call_count(c, SK_FEEDBACK_PROGRESS) + one_call_count(c, SK_FEEDBACK_CLOSED) +
                         one_call_count(c, SK_FEEDBACK_ACCEPTED) + one_call_count(c, SK_FEEDBACK_REFUSED);
        sk_slice standing = sk_json_member(one_call_value(c, type, 0), "standing");

        assert_int_equal(count, 1);
        assert_true(sk_slice_there(standing));
        assert_false(sk_slice_there(sk_json_member(standing, "question")));
        assert_false(sk_slice_there(sk_json_member(standing, "offer")));
}

static void test_a_question_that_ends_with_its_task_is_taken_back(void **state) {
        one_call c;
        (void)state;

        open_asked(&c);
        one_call_work(&c, SK_WORK_COMPLETE, "anna", "{\"visit\":1}");
        assert_told_that_nothing_is_asked(&c, SK_FEEDBACK_ACCEPTED); /* which came anyway */
        complete(&c, "\"outcome\":\"completed\"");
        one_call_work(&c, SK_WORK_CLAIM, "anna", "{\"visit\":3}");
        one_call_work(&c, SK_WORK_QUESTION, "anna", "{\"visit\":3,\"text\":\"and now?\"}");
        one_call_work(&c, SK_WORK_COMPLETE, "anna", "{\"visit\":3}");
        assert_told_that_nothing_is_asked(&c, SK_FEEDBACK_PROGRESS);
        assert_int_equal(one_call_now(&c).question, 0);
        one_call_free(&c);
}

static void test_a_question_that_is_answered_needs_no_taking_back(void **state) {
        one_call c;
        char answer[80];
        (void)state;

        open_asked(&c);
        (void)snprintf(answer, sizeof answer, "{\"question\":%u,\"answer\":\"yes\"}", one_call_now(&c).question);
        one_call_customer(&c, SK_CALL_ANSWER, answer);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_PROGRESS), 0);
        one_call_free(&c);
}

static void test_a_refused_record_takes_no_question_back(void **state) {
        one_call c;
        (void)state;

        open_asked(&c);
        one_call_work(&c, SK_WORK_DECLINE, "anna", "{\"visit\":1,\"reason\":\"x\",\"retype\":\"nonsense\"}");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "status"), "refused");
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_PROGRESS), 0);
        assert_true(one_call_now(&c).question != 0);
        one_call_free(&c);
}

static void test_an_offer_that_ends_with_its_task_is_taken_back(void **state) {
        one_call c;
        (void)state;

        open_offered(&c);
        complete(&c, "\"outcome\":\"failed\"");
        assert_told_that_nothing_is_asked(&c, SK_FEEDBACK_PROGRESS);
        one_call_free(&c);
}

static void test_an_offer_is_decided_once(void **state) {
        one_call c;
        (void)state;

        open_offered(&c);
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "offer-open");
        decide(&c, "perhaps");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_REFUSED, 0, "code"), "invalid");
        decide(&c, "accept");
        assert_int_equal(one_call_count(&c, SK_EVENT_TRIGGERED), 1);
        assert_false(one_call_now(&c).clock_stands);
        decide(&c, "refuse");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_REFUSED, 0, "code"), "no-offer");
        one_call_free(&c);
}

static void test_a_refused_offer_ends_the_wish_as_declined(void **state) {
        one_call c;
        (void)state;

        open_offered(&c);
        decide(&c, "refuse");
        assert_int_equal(one_call_count(&c, SK_EVENT_TRIGGERED), 0);
        complete(&c, "\"outcome\":\"completed\"");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), "declined");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "code"), "offer-refused");
        one_call_free(&c);
}

static void test_a_withdraw_takes_an_open_offer_with_it(void **state) {
        one_call c;
        (void)state;

        open_offered(&c);
        one_call_customer(&c, SK_CALL_WITHDRAW, "{\"reason\":\"x\"}");
        sk_call call = one_call_now(&c);
        assert_int_equal(call.offer, 0);
        assert_false(call.clock_stands);
        one_call_customer(&c, SK_CALL_WITHDRAW, "{\"reason\":\"x\"}");
        assert_int_equal(one_call_count(&c, SK_EVENT_NOTED), 1);
        decide(&c, "accept");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_REFUSED, 0, "code"), "no-offer");
        complete(&c, "\"outcome\":\"completed\"");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), "withdrawn");
        one_call_free(&c);
}

/** Workflow 6: the risk is the team's own; whom the offer is for may decide about it, and no more. */
static void open_risk_offered(one_call *c) {
        one_call_open(c, "centre", NULL);
        one_call_work(c, SK_WORK_RAISE, "anna", risk);
        for (int i = 0; i < 3; i++) {
                complete(c, "\"outcome\":\"completed\"");
        }
        complete(c, "\"result\":{\"cut\":{\"agreement\":true}}");
        for (int i = 0; i < 4; i++) {
                complete(c, "\"outcome\":\"completed\"");
        }
        assert_int_equal(one_call_count(c, SK_FEEDBACK_OFFER), 1);
}

static void test_the_reader_of_an_offer_is_told_that_it_is_gone(void **state) {
        one_call c;
        (void)state;

        open_risk_offered(&c);
        complete(&c, "\"outcome\":\"failed\"");
        assert_told_that_nothing_is_asked(&c, SK_FEEDBACK_PROGRESS);
        assert_true(
                sk_slice_is(one_call_record(&c, SK_FEEDBACK_PROGRESS, 0)->topic->name, "test.finance.feedback.centre"));
        one_call_free(&c);
}

static void test_the_reader_of_an_offer_can_decide_but_not_withdraw(void **state) {
        one_call c;
        (void)state;

        open_risk_offered(&c);
        one_call_customer(&c, SK_CALL_WITHDRAW, "{\"reason\":\"x\"}");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_REFUSED, 0, "code"), "not-allowed");
        assert_int_equal(one_call_now(&c).standing, SK_WAITING);
        decide(&c, "accept");
        assert_int_equal(one_call_now(&c).workflow, 6);
        one_call_free(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_of_two_answers_the_first_counts_and_the_second_is_a_note),
                cmocka_unit_test(test_an_offer_is_decided_once),
                cmocka_unit_test(test_a_refused_offer_ends_the_wish_as_declined),
                cmocka_unit_test(test_a_withdraw_takes_an_open_offer_with_it),
                cmocka_unit_test(test_the_reader_of_an_offer_can_decide_but_not_withdraw),
                cmocka_unit_test(test_the_reader_of_an_offer_is_told_that_it_is_gone),
                cmocka_unit_test(test_a_question_that_ends_with_its_task_is_taken_back),
                cmocka_unit_test(test_a_question_that_is_answered_needs_no_taking_back),
                cmocka_unit_test(test_a_refused_record_takes_no_question_back),
                cmocka_unit_test(test_an_offer_that_ends_with_its_task_is_taken_back),
        };
        return cmocka_run_group_tests_name("step_customer", tests, NULL, NULL);
}
