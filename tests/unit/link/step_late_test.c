#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "kit/when.h"
#include "support/one_call.h"

/* Budgets, forecasts, and late: said before it is too late. The laptop's promise is 8 hours, of all days. */

#define INCIDENT "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"the screen stays black\"}"
#define ACCEPTS "\"recover.accept\":{\"how\":\"auto\"},\"recover.classify\":{\"how\":\"auto\"},"
#define BEHIND                                                                                                    \
        "\"recover.cut\":{\"estimate\":\"PT3H\"},\"recover.review\":{\"estimate\":\"PT30M\"},\"recover.close\":{" \
        "\"how\":\"auto\"}"

/* Two hours, and four and a half behind them. */
static const char estimated[] =
        "{\"process\":\"recover\",\"activities\":{" ACCEPTS
        "\"recover.analyse\":{\"estimate\":\"PT2H\"},\"recover.prepare\":{\"estimate\":\"PT1H\"}," BEHIND "}}";
/* More than is promised. */
static const char too_long[] =
        "{\"process\":\"recover\",\"activities\":{" ACCEPTS
        "\"recover.analyse\":{\"estimate\":\"PT5H\"},\"recover.prepare\":{\"estimate\":\"PT1H\"}," BEHIND "}}";
/* One activity alone takes more; nobody says how long the others do. */
static const char brief[] = "{\"process\":\"recover\",\"activities\":{" ACCEPTS
                            "\"recover.analyse\":{\"estimate\":\"PT9H\"},\"recover.close\":{\"how\":\"auto\"}}}";
/* The network analyses. */
static const char delegated[] =
        "{\"process\":\"recover\",\"activities\":{" ACCEPTS
        "\"recover.analyse\":{\"how\":{\"delegate\":{\"to\":[{\"team\":\"network\",\"type\":\"service-request\"}]}}},"
        "\"recover.prepare\":{\"estimate\":\"PT1H\"}," BEHIND "}}";
/* Nobody says how long anything takes. */
static const char unknown[] =
        "{\"process\":\"recover\",\"activities\":{" ACCEPTS "\"recover.close\":{\"how\":\"auto\"}}}";

static int64_t opened_us; /* of the last call */

static void open_with(one_call *c, const char *routine) {
        one_call_open(c, "centre", routine);
        opened_us = c->now_us;
        one_call_customer(c, SK_CALL_RAISE, INCIDENT);
        assert_true(one_call_now(c).resolve_by_us == opened_us + 8 * SK_HOUR_US);
}

/* Waits until so much later than the opening. */
static void wait_until(one_call *c, int64_t us) {
        one_call_wait(c, opened_us + us - c->now_us);
}

static int64_t time_in(const one_call *c, sk_message type, unsigned index, const char *name) {
        int64_t at_us = 0;

        assert_true(sk_when_parse(sk_slice_of(one_call_text(c, type, index, name)), &at_us));
        return at_us - opened_us;
}

static const char *text_of(int64_t at_us) {
        static char text[SK_WHEN_TEXT + 1];

        sk_when_format(at_us, text);
        return text;
}

/* ---- by what is usual ---- */

static void test_late_is_said_when_what_is_left_is_too_little_for_the_rest(void **state) {
        one_call c;
        (void)state;

        open_with(&c, estimated);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_LATE), 0);
        wait_until(&c, 3 * SK_HOUR_US + 29 * SK_MINUTE_US);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_LATE), 0);
        wait_until(&c, 3 * SK_HOUR_US + 30 * SK_MINUTE_US);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_LATE), 1);
        assert_int_equal(time_in(&c, SK_FEEDBACK_LATE, 0, "forecast"), 8 * SK_HOUR_US);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_LATE, 0, "reason"), "it takes longer than usual");
        assert_string_equal(one_call_text(&c, SK_EVENT_LATE, 0, "code"), "overdue");
        assert_int_equal(time_in(&c, SK_EVENT_LATE, 0, "due"), 8 * SK_HOUR_US);
        one_call_free(&c);
}

static void test_it_is_said_again_only_when_it_changes_by_more_than_a_tenth(void **state) {
        one_call c;
        (void)state;

        open_with(&c, estimated);
        wait_until(&c, 3 * SK_HOUR_US + 30 * SK_MINUTE_US);
        assert_int_equal(time_in(&c, SK_FEEDBACK_LATE, 0, "forecast"), 8 * SK_HOUR_US);
        wait_until(&c, 4 * SK_HOUR_US + 18 * SK_MINUTE_US);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_LATE), 0);
        wait_until(&c, 4 * SK_HOUR_US + 19 * SK_MINUTE_US);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_LATE), 1);
        assert_int_equal(time_in(&c, SK_FEEDBACK_LATE, 0, "forecast"), 8 * SK_HOUR_US + 48 * SK_MINUTE_US + 1);
        one_call_free(&c);
}

static void test_what_takes_longer_than_is_promised_is_late_from_the_beginning(void **state) {
        one_call c;
        (void)state;

        open_with(&c, too_long);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_LATE), 1);
        assert_int_equal(time_in(&c, SK_FEEDBACK_LATE, 0, "forecast"), 9 * SK_HOUR_US + 30 * SK_MINUTE_US);
        assert_string_equal(one_call_text(&c, SK_EVENT_LATE, 0, "code"), "estimate");
        assert_int_equal(one_call_now(&c).late_us, 9 * SK_HOUR_US + 30 * SK_MINUTE_US);
        one_call_free(&c);
}

static void test_where_nobody_knows_how_long_it_takes_it_is_said_when_the_time_is_up(void **state) {
        one_call c;
        (void)state;

        open_with(&c, unknown);
        wait_until(&c, 8 * SK_HOUR_US - 1);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_LATE), 0);
        wait_until(&c, 8 * SK_HOUR_US);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_LATE), 1);
        one_call_free(&c);
}

static void test_good_news_are_said_too(void **state) {
        one_call c;
        (void)state;

        open_with(&c, too_long);
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_LATE), 1);
        assert_true(time_in(&c, SK_FEEDBACK_LATE, 0, "forecast") < 5 * SK_HOUR_US);
        one_call_free(&c);
}

static void test_good_news_may_come_in_the_moment_of_the_opening(void **state) {
        one_call c;
        char value[40];
        (void)state;

        open_with(&c, brief);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_LATE), 1);
        (void)snprintf(value, sizeof value, "{\"visit\":%u}", one_call_now(&c).visit.number);
        c.now_us = opened_us;
        one_call_work(&c, SK_WORK_CLAIM, "anna", value);
        c.now_us = opened_us;
        one_call_work(&c, SK_WORK_COMPLETE, "anna", value);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_LATE), 1);
        assert_true(time_in(&c, SK_FEEDBACK_LATE, 0, "forecast") < SK_SECOND_US);
        assert_true(one_call_now(&c).late_us != 0);
        one_call_free(&c);
}

static void test_recorded_durations_count_before_the_estimate(void **state) {
        one_call c;
        sk_duration_key key = {SK_SLICE("only"), sk_activity_find(SK_SLICE("recover.analyse"))->number};
        sk_durations *durations = sk_durations_new();
        (void)state;

        for (int i = 0; i < 8; i++)
                (void)sk_durations_add(durations, &key, i < 7 ? SK_HOUR_US : 6 * SK_HOUR_US);
        one_call_open(&c, "centre", too_long);
        c.durations = durations;
        opened_us = c.now_us;
        one_call_customer(&c, SK_CALL_RAISE, INCIDENT);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_LATE), 0);
        assert_int_equal(one_call_now(&c).visit.usual_us, SK_HOUR_US);
        assert_int_equal(one_call_now(&c).visit.long_us, 6 * SK_HOUR_US);
        wait_until(&c, SK_HOUR_US - 1);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_LATE), 0);
        wait_until(&c, SK_HOUR_US); /* it is none of the usual ones */
        assert_int_equal(time_in(&c, SK_FEEDBACK_LATE, 0, "forecast"), 10 * SK_HOUR_US + 30 * SK_MINUTE_US);
        one_call_free(&c);
        sk_durations_free(durations);
}

static void test_a_step_tells_how_long_its_activity_took_without_the_customers_time(void **state) {
        one_call c;
        char value[100];
        (void)state;

        open_with(&c, estimated);
        (void)snprintf(value, sizeof value, "{\"visit\":%u}", one_call_now(&c).visit.number);
        one_call_work(&c, SK_WORK_CLAIM, "anna", value);
        (void)snprintf(value, sizeof value, "{\"visit\":%u,\"text\":\"which?\"}", one_call_now(&c).visit.number);
        one_call_work(&c, SK_WORK_QUESTION, "anna", value);
        int64_t asked_us = c.now_us - SK_SECOND_US;
        one_call_wait(&c, SK_HOUR_US);
        int64_t answered_us = c.now_us;
        one_call_customer(&c, SK_CALL_ANSWER, "{\"question\":2,\"answer\":\"this\"}");
        (void)snprintf(value, sizeof value, "{\"visit\":%u,\"outcome\":\"completed\"}", one_call_now(&c).visit.number);
        one_call_work(&c, SK_WORK_COMPLETE, "anna", value);
        assert_int_equal(c.after.duration_count, 1);
        assert_true(sk_slice_is(c.after.durations[0].key.routine, "only"));
        assert_int_equal(c.after.durations[0].duration_us,
                         c.now_us - SK_SECOND_US - opened_us - (answered_us - asked_us));
        one_call_free(&c);
}

static void test_late_waits_while_the_customer_is_asked(void **state) {
        one_call c;
        char value[100];
        (void)state;

        open_with(&c, estimated);
        (void)snprintf(value, sizeof value, "{\"visit\":%u}", one_call_now(&c).visit.number);
        one_call_work(&c, SK_WORK_CLAIM, "anna", value);
        (void)snprintf(value, sizeof value, "{\"visit\":%u,\"text\":\"which?\"}", one_call_now(&c).visit.number);
        one_call_work(&c, SK_WORK_QUESTION, "anna", value);
        int64_t asked_us = c.now_us - SK_SECOND_US;
        assert_int_equal(one_call_now(&c).timer_us, 0);
        one_call_wait(&c, 20 * SK_HOUR_US);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_LATE), 0);
        int64_t stood_us = c.now_us - asked_us;
        one_call_customer(&c, SK_CALL_ANSWER, "{\"question\":2,\"answer\":\"this\"}");
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_LATE), 0);
        wait_until(&c, 3 * SK_HOUR_US + 30 * SK_MINUTE_US + stood_us - 1);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_LATE), 0);
        wait_until(&c, 3 * SK_HOUR_US + 30 * SK_MINUTE_US + stood_us);
        assert_int_equal(time_in(&c, SK_FEEDBACK_LATE, 0, "forecast"), 8 * SK_HOUR_US + stood_us);
        one_call_free(&c);
}

/* ---- suppliers ---- */

static void promise(one_call *c, int64_t by_us) {
        char value[200];

        (void)snprintf(value, sizeof value,
                       "{\"standing\":{\"state\":\"accepted\",\"seen\":1,\"type\":\"service-request\",\"promise\":{"
                       "\"resolve_by\":"
                       "\"%s\"}},\"type\":\"service-request\"}",
                       text_of(by_us));
        one_call_feedback(c, "network", 0, SK_FEEDBACK_ACCEPTED, value);
}

static void warn(one_call *c, int64_t forecast_us, const char *reason) {
        char value[300];

        (void)snprintf(value, sizeof value,
                       "{\"standing\":{\"state\":\"working\",\"seen\":1,\"type\":\"service-request\"},\"forecast\":\"%"
                       "s\",\"reason\":\"%s\"}",
                       text_of(forecast_us), reason);
        one_call_feedback(c, "network", 0, SK_FEEDBACK_LATE, value);
}

static void test_a_supplier_gets_what_is_left_less_what_is_needed_after_it(void **state) {
        one_call c;
        (void)state;

        open_with(&c, delegated);
        assert_int_equal(time_in(&c, SK_CALL_RAISE, 0, "due"), 3 * SK_HOUR_US + 30 * SK_MINUTE_US);
        one_call_free(&c);
}

static void test_a_supplier_that_promises_in_time_is_no_reason_to_be_late(void **state) {
        one_call c;
        (void)state;

        open_with(&c, delegated);
        promise(&c, opened_us + 3 * SK_HOUR_US + 30 * SK_MINUTE_US);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_LATE), 0);
        assert_int_equal(one_call_count(&c, SK_EVENT_LATE), 0);
        one_call_free(&c);
}

static void test_a_supplier_that_promises_later_is_seen_at_once(void **state) {
        one_call c;
        (void)state;

        open_with(&c, delegated);
        promise(&c, opened_us + 4 * SK_HOUR_US);
        assert_string_equal(one_call_text(&c, SK_EVENT_LATE, 0, "code"), "promised-later");
        assert_string_equal(one_call_text(&c, SK_EVENT_LATE, 0, "team"), "network");
        assert_int_equal(time_in(&c, SK_FEEDBACK_LATE, 0, "forecast"), 8 * SK_HOUR_US + 30 * SK_MINUTE_US);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_LATE, 0, "reason"), "a supplier needs longer");
        one_call_free(&c);
}

static void test_what_a_supplier_says_goes_up_the_chain_at_once_with_its_reason(void **state) {
        one_call c;
        (void)state;

        open_with(&c, delegated);
        promise(&c, opened_us + 3 * SK_HOUR_US);
        warn(&c, opened_us + 10 * SK_HOUR_US, "the panel must come from stock");
        assert_int_equal(time_in(&c, SK_FEEDBACK_LATE, 0, "forecast"), 14 * SK_HOUR_US + 30 * SK_MINUTE_US);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_LATE, 0, "reason"), "the panel must come from stock");
        warn(&c, opened_us + 11 * SK_HOUR_US, "it is on its way");
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_LATE), 0);
        assert_int_equal(one_call_count(&c, SK_EVENT_LATE), 1);
        warn(&c, opened_us + 12 * SK_HOUR_US, "it is still on its way");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_LATE, 0, "reason"), "it is still on its way");
        one_call_free(&c);
}

static void test_a_warning_that_makes_no_sense_changes_nothing(void **state) {
        static const char *const values[] = {"{}", "{\"forecast\":7,\"reason\":1}", "{\"forecast\":\"soon\"}",
                                             "{\"standing\":{\"forecast\":\"x\",\"promise\":[]}}"};
        one_call c;
        (void)state;

        open_with(&c, delegated);
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
                one_call_feedback(&c, "network", 0, SK_FEEDBACK_LATE, values[i]);
                assert_int_equal(c.err, SK_OK);
                assert_int_equal(one_call_count(&c, SK_FEEDBACK_LATE), 0);
                assert_int_equal(one_call_now(&c).asks[0].forecast_us, 0);
        }
        one_call_free(&c);
}

static void test_the_standing_carries_the_forecast_from_then_on(void **state) {
        one_call c;
        (void)state;

        open_with(&c, delegated);
        warn(&c, opened_us + 10 * SK_HOUR_US, "");
        one_call_customer(&c, SK_CALL_NOTE, "{\"text\":\"how is it?\"}");
        one_call_customer_numbered(&c, SK_CALL_RAISE, 1, INCIDENT);
        sk_slice standing = sk_json_member(one_call_value(&c, SK_FEEDBACK_PROGRESS, 0), "standing");
        assert_true(sk_slice_there(sk_json_member(standing, "forecast")));
        one_call_free(&c);
}

/* ---- persons ---- */

static void note(one_call *c, const char *actor, const char *forecast) {
        char value[200];

        (void)snprintf(value, sizeof value, "{\"text\":\"the part is ordered\",\"forecast\":\"%s\"}", forecast);
        one_call_work(c, SK_WORK_NOTE, actor, value);
}

static void test_who_has_the_task_says_when_it_will_be_ready(void **state) {
        one_call c;
        char value[100];
        (void)state;

        open_with(&c, estimated);
        note(&c, "anna", text_of(opened_us + 5 * SK_HOUR_US));
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "not-holder");
        (void)snprintf(value, sizeof value, "{\"visit\":%u}", one_call_now(&c).visit.number);
        one_call_work(&c, SK_WORK_CLAIM, "anna", value);
        note(&c, "anna", "tomorrow");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "bad-forecast");
        note(&c, "anna", text_of(opened_us + 5 * SK_HOUR_US));
        assert_int_equal(time_in(&c, SK_FEEDBACK_LATE, 0, "forecast"), 9 * SK_HOUR_US + 30 * SK_MINUTE_US);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_LATE, 0, "reason"), "the part is ordered");
        assert_string_equal(one_call_text(&c, SK_EVENT_LATE, 0, "code"), "said");
        one_call_free(&c);
}

/* ---- priority ---- */

static void test_impact_and_urgency_make_the_priority(void **state) {
        static const struct {
                const char *members;
                const char *result;
                unsigned priority;
        } cases[] = {{"", "{}", 3},
                     {",\"urgency\":2", "{}", 2},
                     {",\"urgency\":4,\"impact\":1", "{}", 2},
                     {",\"urgency\":4,\"impact\":1", "{\"impact\":5}", 5},
                     {",\"impact\":1", "{\"urgency\":1}", 1},
                     {",\"impact\":1", "{\"priority\":4}", 4}};
        char text[200];
        (void)state;

        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                one_call c;
                one_call_open(&c, "centre", "{\"workflow\":4,\"activities\":{\"recover.accept\":{\"how\":\"auto\"}}}");
                (void)snprintf(text, sizeof text, "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"x\"%s}",
                               cases[i].members);
                one_call_customer(&c, SK_CALL_RAISE, text);
                (void)snprintf(text, sizeof text, "\"outcome\":\"completed\",\"result\":%s", cases[i].result);
                one_call_do(&c, "anna", text);
                assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "ok");
                assert_int_equal(one_call_now(&c).priority, cases[i].priority);
                one_call_free(&c);
        }
}

static void test_levels_out_of_range_are_refused(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", "{\"workflow\":4,\"activities\":{\"recover.accept\":{\"how\":\"auto\"}}}");
        one_call_customer(&c, SK_CALL_RAISE,
                          "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"x\",\"impact\":6}");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_REFUSED, 0, "code"), "invalid");
        one_call_free(&c);
        one_call_open(&c, "centre", "{\"workflow\":4,\"activities\":{\"recover.accept\":{\"how\":\"auto\"}}}");
        one_call_customer(&c, SK_CALL_RAISE, INCIDENT);
        one_call_do(&c, "anna", "\"outcome\":\"completed\",\"result\":{\"impact\":0}");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "bad-result");
        one_call_free(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_late_is_said_when_what_is_left_is_too_little_for_the_rest),
                cmocka_unit_test(test_it_is_said_again_only_when_it_changes_by_more_than_a_tenth),
                cmocka_unit_test(test_what_takes_longer_than_is_promised_is_late_from_the_beginning),
                cmocka_unit_test(test_where_nobody_knows_how_long_it_takes_it_is_said_when_the_time_is_up),
                cmocka_unit_test(test_good_news_are_said_too),
                cmocka_unit_test(test_good_news_may_come_in_the_moment_of_the_opening),
                cmocka_unit_test(test_recorded_durations_count_before_the_estimate),
                cmocka_unit_test(test_a_step_tells_how_long_its_activity_took_without_the_customers_time),
                cmocka_unit_test(test_late_waits_while_the_customer_is_asked),
                cmocka_unit_test(test_a_supplier_gets_what_is_left_less_what_is_needed_after_it),
                cmocka_unit_test(test_a_supplier_that_promises_in_time_is_no_reason_to_be_late),
                cmocka_unit_test(test_a_supplier_that_promises_later_is_seen_at_once),
                cmocka_unit_test(test_what_a_supplier_says_goes_up_the_chain_at_once_with_its_reason),
                cmocka_unit_test(test_a_warning_that_makes_no_sense_changes_nothing),
                cmocka_unit_test(test_the_standing_carries_the_forecast_from_then_on),
                cmocka_unit_test(test_who_has_the_task_says_when_it_will_be_ready),
                cmocka_unit_test(test_impact_and_urgency_make_the_priority),
                cmocka_unit_test(test_levels_out_of_range_are_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
