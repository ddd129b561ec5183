#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "link/stepping.h"
#include "support/one_call.h"

#define AUTO "{\"how\":\"auto\"}"
#define OPERATE(perform)                                                                                  \
        "{\"process\":\"operate\",\"activities\":{\"operate.accept\":" AUTO ",\"operate.classify\":" AUTO \
        ",\"operate.plan\":" AUTO ",\"operate.perform\":{\"how\":" perform "},\"operate.review\":" AUTO   \
        ",\"operate.close\":" AUTO "}}"
#define CHANGE(plan)                                                                                   \
        "{\"process\":\"change\",\"activities\":{\"change.accept\":" AUTO ",\"change.classify\":" AUTO \
        ",\"change.plan\":{\"how\":" plan "},\"change.review\":" AUTO ",\"change.close\":" AUTO "}}"
#define WIFI "{\"team\":\"network\",\"type\":\"service-request\",\"facility\":\"wifi\"}"
#define WIFI_FIX "{\"team\":\"network\",\"type\":\"service-request\",\"facility\":\"wifi\",\"need\":\"a port\"}"
#define WIFI8 WIFI "," WIFI "," WIFI "," WIFI "," WIFI "," WIFI "," WIFI "," WIFI
#define BIG_DELEGATE "{\"delegate\":{\"to\":[" WIFI8 "],\"attempts\":5}}"

static const char three_tries[] = OPERATE("{\"delegate\":{\"to\":[" WIFI_FIX "],\"attempts\":3}}");
static const char two_tries_of_two[] = OPERATE("{\"delegate\":{\"to\":[" WIFI "," WIFI_FIX "],\"attempts\":2}}");
static const char five_tries_of_eight[] = OPERATE(BIG_DELEGATE);
static const char plan_of_two[] = CHANGE("{\"delegate\":{\"to\":[" WIFI "," WIFI "]}}");
static const char request[] =
        "{\"type\":\"service-request\",\"facility\":\"laptop\",\"need\":\"x\",\"data\":{\"serial\":7,\"salary\":1}}";
static const char change[] = "{\"type\":\"request-for-change\",\"facility\":\"laptop\",\"need\":\"x\"}";

static void open_with(one_call *c, const char *routine, const char *raise) {
        one_call_open(c, "centre", routine);
        one_call_customer(c, SK_CALL_RAISE, raise);
        assert_int_equal(c->known, SK_KNOWN_OPEN);
}

static void test_a_delegated_call_carries_the_data_that_the_agreement_shares(void **state) {
        one_call c;
        (void)state;

        open_with(&c, three_tries, request);
        sk_slice data = sk_json_member(one_call_value(&c, SK_CALL_RAISE, 0), "data");
        assert_true(sk_slice_is(data, "{\"serial\":7}"));
        one_call_free(&c);
}

static void test_each_try_says_what_the_first_one_said(void **state) {
        one_call c;
        (void)state;

        open_with(&c, three_tries, request);
        for (unsigned i = 0; i < 3; i++) {
                assert_string_equal(one_call_text(&c, SK_CALL_RAISE, 0, "need"), "a port");
                assert_true(sk_slice_there(sk_json_member(one_call_value(&c, SK_CALL_RAISE, 0), "data")));
                assert_int_equal(one_call_now(&c).visit.try_number, i + 1);
                one_call_feedback(&c, "network", i, SK_FEEDBACK_CLOSED, "{\"outcome\":\"failed\"}");
        }
        assert_int_equal(one_call_count(&c, SK_CALL_RAISE), 0);
        assert_true(one_call_now(&c).visit.is_escalated);
        one_call_free(&c);
}

static void test_results_are_those_of_the_last_try_in_the_order_of_the_targets(void **state) {
        one_call c;
        (void)state;

        open_with(&c, two_tries_of_two, request);
        one_call_feedback(&c, "network", 1, SK_FEEDBACK_CLOSED, "{\"outcome\":\"completed\",\"result\":{\"port\":2}}");
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, "{\"outcome\":\"failed\",\"result\":{\"port\":0}}");
        assert_int_equal(one_call_count(&c, SK_CALL_RAISE), 1);
        one_call_feedback(&c, "network", 2, SK_FEEDBACK_CLOSED, "{\"outcome\":\"completed\",\"result\":{\"port\":1}}");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        sk_slice result = sk_json_member(one_call_value(&c, SK_FEEDBACK_CLOSED, 0), "result");
        assert_true(sk_slice_is(result, "{\"results\":[{\"port\":1},{\"port\":2}]}"));
        one_call_free(&c);
}

/** All eight must close; in whichever order they do, each result has the place of its target. */
static void test_the_results_of_eight_targets_are_in_their_places(void **state) {
        static const unsigned order[SK_TARGETS_MAX] = {5, 0, 7, 2, 6, 1, 4, 3};
        enum { WITHOUT = 4 };
        one_call c;
        char value[100];
        (void)state;

        open_with(&c, five_tries_of_eight, request);
        assert_int_equal(one_call_count(&c, SK_CALL_RAISE), SK_TARGETS_MAX);
        for (unsigned i = 0; i < SK_TARGETS_MAX; i++) {
                assert_int_equal(c.known, SK_KNOWN_OPEN);
                (void)snprintf(value, sizeof value, "{\"outcome\":\"completed\",\"result\":{\"port\":%u}}", order[i]);
                one_call_feedback(&c, "network", order[i], SK_FEEDBACK_CLOSED,
                                  order[i] == WITHOUT ? "{\"outcome\":\"completed\"}" : value);
        }
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        sk_slice result = sk_json_member(one_call_value(&c, SK_FEEDBACK_CLOSED, 0), "result");
        assert_true(sk_slice_is(result,
                                "{\"results\":[{\"port\":0},{\"port\":1},{\"port\":2},{\"port\":3},null,{\"port\":5},"
                                "{\"port\":6},{\"port\":7}]}"));
        one_call_free(&c);
}

/** More asks in the end than a head has places for: places of tries that count no more are used again. */
static void test_five_tries_with_eight_targets_find_room_in_the_head(void **state) {
        one_call c;
        (void)state;

        open_with(&c, five_tries_of_eight, request);
        for (unsigned try_number = 1; try_number <= 5; try_number++) {
                sk_call call = one_call_now(&c);
                assert_int_equal(call.visit.try_number, try_number);
                assert_false(call.visit.is_escalated);
                for (unsigned i = 0; i < call.ask_count; i++) {
                        if (call.asks[i].standing != SK_CLOSED) {
                                one_call_feedback(&c, "network", i, SK_FEEDBACK_CLOSED,
                                                  "{\"outcome\":\"failed\",\"result\":{\"a\":1}}");
                        }
                }
        }
        sk_call call = one_call_now(&c);
        assert_true(call.visit.is_escalated);
        assert_int_equal(call.ask_count, SK_ASKS_MAX);
        one_call_free(&c);
}

/** Closes the one ask that is open as declined; gives the code of a coordinator's retry, once the visit is his. */
static const char *decline_and_retry(one_call *c) {
        char value[40];
        sk_call call = one_call_now(c);
        unsigned open = 0;

        while (call.asks[open].standing == SK_CLOSED) {
                open++;
        }
        one_call_feedback(c, "network", open, SK_FEEDBACK_CLOSED, "{\"outcome\":\"declined\"}");
        call = one_call_now(c);
        if (!call.visit.is_escalated) {
                return "ok";
        }
        (void)snprintf(value, sizeof value, "{\"visit\":%u}", call.visit.number);
        one_call_work(c, SK_WORK_RETRY, "dina", value);
        return one_call_text(c, SK_EVENT_OUTCOME, 0, "code");
}

static void test_a_delegation_is_tried_again_as_long_as_its_ids_have_room(void **state) {
        one_call c;
        (void)state;

        open_with(&c, three_tries, request);
        for (unsigned tries = 1; tries < SK_ASK_TRIES_MAX; tries++) {
                assert_string_equal(decline_and_retry(&c), "ok");
                assert_int_equal(one_call_now(&c).visit.try_number, tries + 1);
        }
        assert_string_equal(decline_and_retry(&c), "not-due");
        assert_int_equal(one_call_now(&c).visit.try_number, SK_ASK_TRIES_MAX);
        one_call_free(&c);
}

static void take_head(one_call *c, const sk_call *call) {
        sk_buf head = sk_buf_make(65536);

        sk_call_encode(call, &head);
        assert_int_equal(head.len, c->head_len);
        memcpy(c->head, head.at, head.len);
        sk_buf_free(&head);
}

/** Rule C6: what has been raised for a task ends before the task does. */
static void test_a_task_whose_asks_are_open_cannot_be_ended(void **state) {
        one_call c;
        char value[100];
        (void)state;

        open_with(&c, plan_of_two, change);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, "{\"outcome\":\"declined\"}");
        one_call_feedback(&c, "network", 1, SK_FEEDBACK_CLOSED, "{\"outcome\":\"declined\"}");
        sk_call call = one_call_now(&c);
        assert_true(call.visit.is_escalated);
        /* the head of a call whose second try could be raised in part only */
        call.asks[1].standing = SK_WORKING;
        take_head(&c, &call);
        one_call_do(&c, "dina", "\"outcome\":\"completed\"");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "asks-open");
        (void)snprintf(value, sizeof value, "{\"visit\":%u}", call.visit.number);
        one_call_work(&c, SK_WORK_DECLINE, "dina", value);
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "asks-open");
        /* a withdraw of the customer waits for it, and then ends the task as well */
        one_call_customer(&c, SK_CALL_WITHDRAW, "{\"reason\":\"x\"}");
        assert_int_equal(one_call_count(&c, SK_CALL_WITHDRAW), 1);
        one_call_feedback(&c, "network", 1, SK_FEEDBACK_CLOSED, "{\"outcome\":\"withdrawn\"}");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), "withdrawn");
        one_call_free(&c);
}

static void work_on_visit(one_call *c, sk_message type) {
        char value[100];

        (void)snprintf(value, sizeof value, "{\"visit\":%u}", one_call_now(c).visit.number);
        one_call_work(c, type, "dina", value);
}

static void test_the_coordinator_reads_why_a_delegation_came_to_nothing(void **state) {
        one_call c;
        sk_section section;
        char text[1000];
        (void)state;

        open_with(&c, plan_of_two, change);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, "{\"outcome\":\"completed\"}");
        one_call_feedback(&c, "network", 1, SK_FEEDBACK_CLOSED,
                          "{\"outcome\":\"failed\",\"code\":\"no-cable\",\"text\":\"it is \\\"gone\\\"\"}");
        assert_true(one_call_now(&c).visit.is_escalated);
        assert_true(sk_data_find((sk_slice){c.data, c.data_len}, SK_SECTION_FORM, 0, &section));
        (void)snprintf(text, sizeof text, "%.*s", (int)section.bytes.len, section.bytes.at);
        assert_non_null(strstr(
                text, "not completed: network (service-request, wifi): failed, no-cable, it is \\\"gone\\\". Do"));
        work_on_visit(&c, SK_WORK_RETRY);
        assert_int_equal(one_call_count(&c, SK_CALL_RAISE), 1);
        assert_false(sk_data_find((sk_slice){c.data, c.data_len}, SK_SECTION_FORM, 0, &section));
        one_call_free(&c);
}

/** Nothing would be raised, and nothing would ever end it. */
static void test_a_delegation_of_which_nothing_is_in_vain_cannot_be_tried_again(void **state) {
        one_call c;
        (void)state;

        open_with(&c, plan_of_two, change);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, "{\"outcome\":\"declined\"}");
        one_call_feedback(&c, "network", 1, SK_FEEDBACK_CLOSED, "{\"outcome\":\"declined\"}");
        sk_call call =
                one_call_now(&c); /* as one that could be raised in part only, of which that part has completed */
        call.asks[0].outcome = SK_COMPLETED;
        call.asks[1].outcome = SK_COMPLETED;
        take_head(&c, &call);
        work_on_visit(&c, SK_WORK_RETRY);
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "not-due");
        assert_int_equal(one_call_now(&c).visit.how, SK_HOW_MANUAL);
        one_call_free(&c);
}

static void test_a_withdraw_of_the_call_goes_before_a_reissue_that_awaits_its_asks(void **state) {
        one_call c;
        (void)state;

        open_with(&c, plan_of_two, change);
        work_on_visit(&c, SK_WORK_REISSUE);
        assert_int_equal(one_call_count(&c, SK_CALL_WITHDRAW), 2);
        one_call_customer(&c, SK_CALL_WITHDRAW, "{\"reason\":\"x\"}");
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, "{\"outcome\":\"withdrawn\"}");
        one_call_feedback(&c, "network", 1, SK_FEEDBACK_CLOSED, "{\"outcome\":\"withdrawn\"}");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), "withdrawn");
        one_call_free(&c);
}

static void test_a_retyped_call_is_raised_once_more_with_all_that_it_said(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", NULL);
        one_call_work(
                &c, SK_WORK_RAISE, "anna",
                "{\"to\":\"network\",\"type\":\"service-request\",\"facility\":\"wifi\",\"need\":\"x\",\"ref\":\"r\","
                "\"data\":{\"a\":1}}");
        sk_id first = one_call_now(&c).asks[0].id;
        static const char retyped[] = "{\"outcome\":\"declined\",\"code\":\"retyped\",\"offer\":{\"type\":\"incident\","
                                      "\"facility\":\"wifi\"}}";
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, retyped);
        assert_string_equal(one_call_text(&c, SK_CALL_RAISE, 0, "type"), "incident");
        assert_string_equal(one_call_text(&c, SK_CALL_RAISE, 0, "ref"), "r");
        assert_true(sk_slice_there(sk_json_member(one_call_value(&c, SK_CALL_RAISE, 0), "data")));
        assert_false(sk_id_equal(&one_call_now(&c).asks[0].id, &first));
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, retyped);
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        one_call_free(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_delegated_call_carries_the_data_that_the_agreement_shares),
                cmocka_unit_test(test_each_try_says_what_the_first_one_said),
                cmocka_unit_test(test_the_results_of_eight_targets_are_in_their_places),
                cmocka_unit_test(test_results_are_those_of_the_last_try_in_the_order_of_the_targets),
                cmocka_unit_test(test_five_tries_with_eight_targets_find_room_in_the_head),
                cmocka_unit_test(test_a_delegation_is_tried_again_as_long_as_its_ids_have_room),
                cmocka_unit_test(test_a_task_whose_asks_are_open_cannot_be_ended),
                cmocka_unit_test(test_the_coordinator_reads_why_a_delegation_came_to_nothing),
                cmocka_unit_test(test_a_delegation_of_which_nothing_is_in_vain_cannot_be_tried_again),
                cmocka_unit_test(test_a_withdraw_of_the_call_goes_before_a_reissue_that_awaits_its_asks),
                cmocka_unit_test(test_a_retyped_call_is_raised_once_more_with_all_that_it_said),
        };
        return cmocka_run_group_tests_name("step_ask", tests, NULL, NULL);
}
