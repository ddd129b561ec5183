#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "kit/when.h"
#include "support/one_call.h"

/* Routines of the centre, as JSON. */
static const char all_auto[] =
        "{\"process\":\"operate\",\"activities\":{\"operate.accept\":{\"how\":\"auto\"},\"operate.classify\":{\"how\":"
        "\"auto\"},"
        "\"operate.plan\":{\"how\":\"auto\"},\"operate.perform\":{\"how\":{\"auto\":{\"result\":{\"done\":true}}}},"
        "\"operate.review\":{\"how\":\"auto\"},\"operate.close\":{\"how\":\"auto\"}}}";
static const char incident_auto[] =
        "{\"workflow\":4,\"activities\":{\"recover.accept\":{\"how\":\"auto\"},\"recover.classify\":{\"how\":\"auto\"},"
        "\"recover.analyse\":{\"how\":\"auto\"},\"recover.prepare\":{\"how\":\"auto\"},"
        "\"recover.cut\":{\"how\":{\"auto\":{\"target\":\"operate\"}}},\"recover.review\":{\"how\":\"auto\"},"
        "\"recover.close\":{\"how\":\"auto\"},\"operate.accept\":{\"how\":\"auto\"},\"operate.classify\":{\"how\":"
        "\"auto\"},"
        "\"operate.plan\":{\"how\":\"auto\"},\"operate.perform\":{\"how\":\"auto\"},\"operate.review\":{\"how\":"
        "\"auto\"},"
        "\"operate.close\":{\"how\":\"auto\"}}}";
static const char delegated[] =
        "{\"process\":\"operate\",\"activities\":{\"operate.accept\":{\"how\":\"auto\"},\"operate.classify\":{\"how\":"
        "\"auto\"},"
        "\"operate.plan\":{\"how\":\"auto\"},\"operate.perform\":{\"how\":{\"delegate\":{\"to\":[{\"team\":\"network\","
        "\"type\":\"service-request\",\"facility\":\"wifi\"}]}}},"
        "\"operate.review\":{\"how\":\"auto\"},\"operate.close\":{\"how\":\"auto\"}}}";

static const char service_request[] = "{\"type\":\"service-request\",\"facility\":\"laptop\",\"need\":\"a new one\"}";
static const char incident[] = "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"screen stays black\"}";

static const char *activity_of(const one_call *c, sk_message type, unsigned index) {
        return one_call_text(c, type, index, "activity");
}

static void test_an_automatic_service_request_goes_through_operate_in_one_step(void **state) {
        one_call c;
        (void)state;
        static const char *const order[] = {"operate.accept",  "operate.classify", "operate.plan",
                                            "operate.perform", "operate.review",   "operate.close"};

        one_call_open(&c, "centre", all_auto);
        one_call_customer(&c, SK_CALL_RAISE, service_request);

        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        assert_int_equal(one_call_count(&c, SK_EVENT_ENDED), 6);
        for (unsigned i = 0; i < 6; i++) {
                assert_string_equal(activity_of(&c, SK_EVENT_ENDED, i), order[i]);
        }
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_ACCEPTED), 1);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_CLOSED), 1);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), "completed");
        assert_true(
                sk_slice_is(sk_json_member(one_call_value(&c, SK_FEEDBACK_CLOSED, 0), "result"), "{\"done\": true}") ||
                sk_slice_is(sk_json_member(one_call_value(&c, SK_FEEDBACK_CLOSED, 0), "result"), "{\"done\":true}"));
        assert_int_equal(one_call_count(&c, SK_ARCHIVE_CALL), 1);
        one_call_free(&c);
}

static void test_an_incident_crosses_the_cut_and_comes_back(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", incident_auto);
        one_call_customer(&c, SK_CALL_RAISE, incident);

        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        assert_int_equal(one_call_count(&c, SK_EVENT_TRIGGERED), 1);
        assert_int_equal(one_call_count(&c, SK_EVENT_FED_BACK), 1);
        assert_string_equal(one_call_text(&c, SK_EVENT_TRIGGERED, 0, "to"), "operate");
        assert_string_equal(one_call_text(&c, SK_EVENT_TRIGGERED, 0, "decided_by"), "preset");
        assert_int_equal(one_call_count(&c, SK_EVENT_ENDED), 12);
        assert_string_equal(activity_of(&c, SK_EVENT_ENDED, 11), "recover.close");
        one_call_free(&c);
}

static void do_task(one_call *c, const char *completion) {
        one_call_do(c, "anna", completion);
        assert_string_equal(one_call_text(c, SK_EVENT_OUTCOME, 0, "code"), "ok");
}

static void test_the_answers_of_a_person_decide_between_three_and_four(void **state) {
        (void)state;
        static const struct {
                const char *completion;
                int workflow;
                const char *target;
        } table[] = {
                {"\"outcome\":\"completed\",\"result\":{\"cut\":{\"infrastructure\":true,\"components\":[\"c1\"]}}", 3,
                 "change"},
                {"\"outcome\":\"completed\",\"result\":{\"cut\":{\"infrastructure\":false}}", 4, "operate"},
        };

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                one_call c;
                one_call_open(&c, "centre", NULL);
                one_call_customer(&c, SK_CALL_RAISE, incident);
                for (int k = 0; k < 3; k++) {
                        do_task(&c, "\"outcome\":\"completed\"");
                }
                assert_int_equal(one_call_now(&c).workflow, 0);
                do_task(&c, table[i].completion);
                assert_int_equal(one_call_now(&c).workflow, table[i].workflow);
                assert_string_equal(one_call_text(&c, SK_EVENT_TRIGGERED, 0, "to"), table[i].target);
                assert_string_equal(one_call_text(&c, SK_EVENT_TRIGGERED, 0, "decided_by"), "anna");
                one_call_free(&c);
        }
}

static void test_a_call_outside_the_agreement_is_declined_with_the_offer_of_a_wish(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", all_auto);
        one_call_customer(&c, SK_CALL_RAISE, "{\"type\":\"incident\",\"facility\":\"aeroplane\",\"need\":\"x\"}");

        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), "declined");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "code"), "not-agreed");
        sk_slice offer = sk_json_member(one_call_value(&c, SK_FEEDBACK_CLOSED, 0), "offer");
        assert_true(sk_slice_there(offer));
        assert_true(sk_slice_is(sk_json_member_string(offer, "type", c.arena), "wish"));
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_ACCEPTED), 0);
        assert_int_equal(one_call_count(&c, SK_EVENT_ENDED) + one_call_count(&c, SK_EVENT_NOT_APPLICABLE), 6);
        one_call_free(&c);
}

static void test_calls_that_are_declined_at_once_say_why(void **state) {
        (void)state;
        static const struct {
                const char *value;
                bool loops;
                const char *code;
        } table[] = {
                {"{\"type\":\"risk\",\"facility\":\"laptop\",\"need\":\"x\"}", false, "proactive"},
                {"{\"type\":\"service-request\",\"facility\":\"laptop\",\"need\":\"x\"}", true, "loop"},
                {"{\"type\":\"support-request\",\"facility\":\"tower\",\"need\":\"x\"}", false, "not-agreed"},
        };

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                one_call c;
                one_call_open(&c, "centre", all_auto);
                c.is_open_elsewhere = table[i].loops;
                one_call_customer(&c, SK_CALL_RAISE, table[i].value);
                assert_int_equal(c.known, SK_KNOWN_CLOSED);
                assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "code"), table[i].code);
                one_call_free(&c);
        }
}

static void test_a_raise_that_cannot_be_read_is_refused_and_not_remembered(void **state) {
        (void)state;
        static const char *const values[] = {
                "{}", "{\"type\":\"incident\"}", "{\"type\":\"nonsense\",\"facility\":\"laptop\",\"need\":\"x\"}",
                "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":7}",
                "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"x\",\"urgency\":9}"};

        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
                one_call c;
                one_call_open(&c, "centre", all_auto);
                one_call_customer(&c, SK_CALL_RAISE, values[i]);
                assert_int_equal(c.known, SK_KNOWN_NOT);
                assert_string_equal(one_call_text(&c, SK_FEEDBACK_REFUSED, 0, "code"), "invalid");
                one_call_free(&c);
        }
}

static void test_a_delegation_waits_for_the_ask_and_takes_its_result(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", delegated);
        one_call_customer(&c, SK_CALL_RAISE, service_request);
        assert_int_equal(one_call_count(&c, SK_CALL_RAISE), 1);
        assert_string_equal(one_call_text(&c, SK_CALL_RAISE, 0, "facility"), "wifi");
        assert_int_equal(c.known, SK_KNOWN_OPEN);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_ACCEPTED, "{\"standing\":{\"state\":\"accepted\"}}");
        assert_int_equal(c.known, SK_KNOWN_OPEN);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, "{\"outcome\":\"completed\",\"result\":{\"port\":7}}");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), "completed");
        one_call_free(&c);
}

static void test_a_declined_delegation_becomes_a_task_of_the_coordinator(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", delegated);
        one_call_customer(&c, SK_CALL_RAISE, service_request);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, "{\"outcome\":\"declined\",\"code\":\"not-agreed\"}");

        assert_int_equal(one_call_count(&c, SK_EVENT_ESCALATED), 1);
        sk_call call = one_call_now(&c);
        assert_int_equal(call.visit.how, SK_HOW_MANUAL);
        assert_true(call.visit.is_escalated);
        one_call_free(&c);
}

static void test_repeated_feedback_is_recorded_and_ignored(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", delegated);
        one_call_customer(&c, SK_CALL_RAISE, service_request);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_ACCEPTED, "{\"standing\":{}}");
        sk_call before = one_call_now(&c);
        uint32_t seen = before.asks[0].in_seqno;
        assert_int_equal(seen, 1);
        one_call_customer_numbered(&c, SK_CALL_NOTE, 1, "{\"text\":\"again\"}");
        assert_int_equal(one_call_count(&c, SK_EVENT_DUPLICATE), 1);
        one_call_free(&c);
}

static void test_a_withdraw_waits_for_the_asks_and_then_closes(void **state) {
        one_call c;
        (void)state;
        static const char change_at_network[] =
                "{\"process\":\"change\",\"activities\":{\"change.accept\":{\"how\":\"auto\"},\"change.classify\":{"
                "\"how\":\"auto\"},"
                "\"change.plan\":{\"how\":{\"delegate\":{\"to\":[{\"team\":\"network\",\"type\":\"service-request\","
                "\"facility\":\"wifi\"}]}}},\"change.review\":{\"how\":\"auto\"},\"change.close\":{\"how\":\"auto\"}}}";

        one_call_open(&c, "centre", change_at_network);
        one_call_customer(&c, SK_CALL_RAISE,
                          "{\"type\":\"request-for-change\",\"facility\":\"laptop\",\"need\":\"x\"}");
        assert_int_equal(one_call_count(&c, SK_CALL_RAISE), 1);
        one_call_customer(&c, SK_CALL_WITHDRAW, "{\"reason\":\"not needed\"}");
        assert_int_equal(one_call_count(&c, SK_CALL_WITHDRAW), 1);
        assert_int_equal(one_call_now(&c).standing, SK_WITHDRAWING);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, "{\"outcome\":\"withdrawn\"}");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), "withdrawn");
        one_call_free(&c);
}

static void test_a_withdraw_after_the_point_of_no_return_is_refused(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", delegated);
        one_call_customer(&c, SK_CALL_RAISE, service_request);
        one_call_customer(&c, SK_CALL_WITHDRAW, "{\"reason\":\"too late\"}");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_REFUSED, 0, "code"), "too-late");
        assert_int_equal(one_call_count(&c, SK_CALL_WITHDRAW), 0);
        one_call_free(&c);
}

static void test_of_two_people_the_first_has_the_task(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", NULL);
        one_call_customer(&c, SK_CALL_RAISE, incident);
        one_call_work(&c, SK_WORK_CLAIM, "anna", "{\"visit\":1}");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "status"), "done");
        one_call_work(&c, SK_WORK_CLAIM, "bo", "{\"visit\":1}");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "held");
        one_call_work(&c, SK_WORK_COMPLETE, "bo", "{\"visit\":1,\"outcome\":\"completed\"}");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "not-holder");
        one_call_work(&c, SK_WORK_RELEASE, "anna", "{\"visit\":1}");
        one_call_work(&c, SK_WORK_CLAIM, "bo", "{\"visit\":1}");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "status"), "done");
        one_call_work(&c, SK_WORK_COMPLETE, "bo", "{\"visit\":1,\"outcome\":\"completed\"}");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "status"), "done");
        one_call_work(&c, SK_WORK_COMPLETE, "anna", "{\"visit\":1,\"outcome\":\"completed\"}");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "no-such-visit");
        assert_int_equal(one_call_count(&c, SK_EVENT_ENDED), 0);
        one_call_free(&c);
}

static void test_work_that_cannot_be_done_is_refused_with_its_reason(void **state) {
        (void)state;
        static const struct {
                sk_message type;
                const char *actor;
                const char *value;
                const char *code;
        } table[] = {
                {SK_WORK_CLAIM, "anna", "{\"visit\":9}", "no-such-visit"},
                {SK_WORK_CLAIM, "anna", "{}", "no-such-visit"},
                {SK_WORK_CLAIM, "zoe", "{\"visit\":1}", "not-entitled"},
                {SK_WORK_RELEASE, "anna", "{\"visit\":1}", "not-holder"},
                {SK_WORK_ASSIGN, "anna", "{\"visit\":1,\"to\":\"bo\"}", "not-entitled"},
                {SK_WORK_ANSWER, "anna", "{\"question\":1,\"answer\":\"x\"}", "no-such-ask"},
                {SK_WORK_NOTE, "anna", "{}", "invalid"},
                {SK_WORK_WITHDRAW, "anna", "{\"reason\":\"x\"}", "not-allowed"},
                {SK_WORK_FORCE_CLOSE, "anna", "{\"reason\":\"x\"}", "not-entitled"},
                {SK_WORK_RAISE, "anna", "{}", "id-conflict"},
        };

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                one_call c;
                one_call_open(&c, "centre", NULL);
                one_call_customer(&c, SK_CALL_RAISE, incident);
                one_call_work(&c, table[i].type, table[i].actor, table[i].value);
                assert_int_equal(one_call_count(&c, SK_EVENT_OUTCOME), 1);
                assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), table[i].code);
                one_call_free(&c);
        }
}

static void test_a_question_stops_the_clock_until_it_is_answered(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", NULL);
        one_call_customer(&c, SK_CALL_RAISE, incident);
        do_task(&c, "\"outcome\":\"completed\"");
        one_call_work(&c, SK_WORK_CLAIM, "anna", "{\"visit\":2}");
        one_call_work(&c, SK_WORK_QUESTION, "anna", "{\"visit\":2,\"text\":\"does another screen work?\"}");
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_QUESTION), 1);
        sk_call call = one_call_now(&c);
        assert_true(call.clock_stands);
        assert_int_equal(call.standing, SK_WAITING);
        char answer[100];
        (void)snprintf(answer, sizeof answer, "{\"question\":%u,\"answer\":\"yes\"}", call.question);
        c.now_us += 60000000;
        one_call_customer(&c, SK_CALL_ANSWER, answer);
        call = one_call_now(&c);
        assert_false(call.clock_stands);
        assert_int_equal(call.stopped_us, 61000000);
        assert_int_equal(call.standing, SK_WORKING);
        one_call_free(&c);
}

static int64_t at(const char *text) {
        int64_t time_us = 0;

        assert_true(sk_when_parse(sk_slice_of(text), &time_us));
        return time_us;
}

static void test_a_promise_runs_and_stands_in_its_service_hours(void **state) {
        one_call c;
        char answer[100];
        (void)state;

        one_call_open(&c, "centre", NULL);
        c.now_us = at("2026-09-21T14:13:20Z"); /* a Monday; they close at 18:00 */
        one_call_customer(&c, SK_CALL_RAISE, "{\"type\":\"incident\",\"facility\":\"desk\",\"need\":\"a leg\"}");
        do_task(&c, "\"outcome\":\"completed\"");
        const sk_hours *day = sk_edition_hours(c.edition, SK_SLICE("day"));
        sk_call call = one_call_now(&c);
        assert_true(sk_slice_is(call.calendar, "day"));
        assert_int_equal(sk_call_due_us(&call, day, c.now_us),
                         call.opened_us - at("2026-09-21T14:13:20Z") + at("2026-09-22T12:13:20Z"));
        one_call_work(&c, SK_WORK_CLAIM, "anna", "{\"visit\":2}");
        one_call_work(&c, SK_WORK_QUESTION, "anna", "{\"visit\":2,\"text\":\"which one?\"}");
        call = one_call_now(&c);
        int64_t asked_us = call.clock_changed_us;
        c.now_us = at("2026-09-22T10:13:20Z");
        assert_int_equal(sk_call_due_us(&call, day, c.now_us) - call.resolve_by_us,
                         sk_hours_between(day, asked_us, c.now_us) + 14 * SK_HOUR_US); /* over a night */
        (void)snprintf(answer, sizeof answer, "{\"question\":%u,\"answer\":\"yes\"}", call.question);
        one_call_customer(&c, SK_CALL_ANSWER, answer);
        call = one_call_now(&c);
        assert_int_equal(call.stopped_us, sk_hours_between(day, asked_us, call.clock_changed_us));
        assert_true(call.stopped_us < 6 * SK_HOUR_US + SK_MINUTE_US);
        one_call_free(&c);
}

/** The clock as its feedback tells it; the event and the archive say the same. */
static void assert_margin(const one_call *c, const char *margin_s, const char *hours) {
        sk_slice told = sk_json_member(one_call_value(c, SK_FEEDBACK_CLOSED, 0), "clock");
        sk_slice kept = sk_json_member(one_call_value(c, SK_ARCHIVE_CALL, 0), "clock");
        int64_t margin_us = 0;

        assert_true(sk_slice_there(told) && sk_slice_equal(told, kept));
        assert_true(sk_slice_is(sk_json_member(told, "margin_s"), margin_s));
        assert_true(sk_json_member_int(one_call_value(c, SK_EVENT_CLOSED, 0), "margin_us", INT64_MIN, INT64_MAX,
                                       &margin_us));
        assert_int_equal(margin_us, strtoll(margin_s, NULL, 10) * 1000000);
        assert_string_equal(one_call_text(c, SK_EVENT_CLOSED, 0, "service_hours"), hours);
}

static void test_a_margin_counts_in_the_hours_of_the_promise(void **state) {
        (void)state;
        static const struct {
                const char *facility;
                const char *closed;
                const char *margin_s;
                const char *hours;
        } table[] = {
                {"desk", "2026-09-21T17:13:20Z", "18000", "day"}, /* 47 min of Monday and 4 h 13 min of Tuesday */
                {"desk", "2026-09-22T02:00:00Z", "15200", "day"},
                {"desk", "2026-09-22T12:13:20Z", "0", "day"},
                {"desk", "2026-09-22T20:00:00Z", "-20800", "day"},
                {"desk", "2026-09-23T07:59:00Z", "-20800", "day"}, /* nobody works at night */
                {"desk", "2026-09-23T08:00:01Z", "-20801", "day"},
                {"laptop", "2026-09-21T16:13:20Z", "21600", ""},
                {"laptop", "2026-09-23T08:13:20Z", "-122400", ""},
        };

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                one_call c;
                char raise[100];
                (void)snprintf(raise, sizeof raise, "{\"type\":\"incident\",\"facility\":\"%s\",\"need\":\"x\"}",
                               table[i].facility);
                one_call_open(&c, "centre", NULL);
                c.now_us = at("2026-09-21T14:13:20Z"); /* a Monday; they close at 18:00 */
                one_call_customer(&c, SK_CALL_RAISE, raise);
                do_task(&c, "\"outcome\":\"completed\"");
                c.now_us = at(table[i].closed);
                one_call_work(&c, SK_WORK_FORCE_CLOSE, "dina", "{\"reason\":\"x\"}");
                assert_margin(&c, table[i].margin_s, table[i].hours);
                one_call_free(&c);
        }
}

static void test_a_repeated_raise_is_answered_by_standing(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", NULL);
        one_call_customer(&c, SK_CALL_RAISE, incident);
        one_call_customer_numbered(&c, SK_CALL_RAISE, 1, incident);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_PROGRESS), 1);
        one_call_customer_numbered(&c, SK_CALL_RAISE, 1, service_request);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_REFUSED, 0, "code"), "id-conflict");
        one_call_free(&c);
}

static void test_a_closed_call_answers_a_late_raise_with_the_same_bytes(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", all_auto);
        one_call_customer(&c, SK_CALL_RAISE, service_request);
        sk_slice final = sk_arena_copy(c.arena, one_call_value(&c, SK_FEEDBACK_CLOSED, 0));
        one_call_customer_numbered(&c, SK_CALL_RAISE, 1, service_request);
        assert_true(c.after.wants_stub);
        one_call_stub(&c);
        assert_true(sk_slice_equal(one_call_value(&c, SK_FEEDBACK_CLOSED, 0), final));
        one_call_free(&c);
}

static void test_a_gap_in_the_numbers_is_recorded_and_bridged(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", NULL);
        one_call_customer(&c, SK_CALL_RAISE, incident);
        one_call_customer_numbered(&c, SK_CALL_NOTE, 5, "{\"text\":\"hello\"}");
        assert_int_equal(one_call_count(&c, SK_EVENT_GAP), 1);
        assert_int_equal(one_call_count(&c, SK_EVENT_NOTED), 1);
        assert_int_equal(one_call_now(&c).in_seqno, 5);
        one_call_free(&c);
}

static void test_the_same_inputs_give_the_same_bytes(void **state) {
        one_call a;
        one_call b;
        (void)state;

        one_call_open(&a, "centre", incident_auto);
        one_call_open(&b, "centre", incident_auto);
        one_call_customer(&a, SK_CALL_RAISE, incident);
        one_call_customer(&b, SK_CALL_RAISE, incident);
        assert_int_equal(a.out.count, b.out.count);
        for (size_t i = 0; i < a.out.count; i++) {
                assert_true(sk_slice_equal(a.out.records[i].value, b.out.records[i].value));
                assert_true(sk_slice_equal(a.out.records[i].headers, b.out.records[i].headers));
        }
        one_call_free(&a);
        one_call_free(&b);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_an_automatic_service_request_goes_through_operate_in_one_step),
                cmocka_unit_test(test_an_incident_crosses_the_cut_and_comes_back),
                cmocka_unit_test(test_the_answers_of_a_person_decide_between_three_and_four),
                cmocka_unit_test(test_a_call_outside_the_agreement_is_declined_with_the_offer_of_a_wish),
                cmocka_unit_test(test_calls_that_are_declined_at_once_say_why),
                cmocka_unit_test(test_a_raise_that_cannot_be_read_is_refused_and_not_remembered),
                cmocka_unit_test(test_a_delegation_waits_for_the_ask_and_takes_its_result),
                cmocka_unit_test(test_a_declined_delegation_becomes_a_task_of_the_coordinator),
                cmocka_unit_test(test_repeated_feedback_is_recorded_and_ignored),
                cmocka_unit_test(test_a_withdraw_waits_for_the_asks_and_then_closes),
                cmocka_unit_test(test_a_withdraw_after_the_point_of_no_return_is_refused),
                cmocka_unit_test(test_of_two_people_the_first_has_the_task),
                cmocka_unit_test(test_work_that_cannot_be_done_is_refused_with_its_reason),
                cmocka_unit_test(test_a_question_stops_the_clock_until_it_is_answered),
                cmocka_unit_test(test_a_promise_runs_and_stands_in_its_service_hours),
                cmocka_unit_test(test_a_margin_counts_in_the_hours_of_the_promise),
                cmocka_unit_test(test_a_repeated_raise_is_answered_by_standing),
                cmocka_unit_test(test_a_closed_call_answers_a_late_raise_with_the_same_bytes),
                cmocka_unit_test(test_a_gap_in_the_numbers_is_recorded_and_bridged),
                cmocka_unit_test(test_the_same_inputs_give_the_same_bytes),
        };
        return cmocka_run_group_tests_name("step", tests, NULL, NULL);
}
