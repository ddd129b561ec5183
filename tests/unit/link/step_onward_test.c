#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "kit/when.h"
#include "link/data.h"
#include "support/one_call.h"
#include "support/routines.h"

/* What only goes onward: the visit ends when its asks are sent, the call's close waits for them. */

#define WIFI ROUTINE_WIFI
#define ONWARD(targets) "{\"delegate\":{\"to\":[" targets "],\"wait\":false}}"
#define WIFI8 WIFI "," WIFI "," WIFI "," WIFI "," WIFI "," WIFI "," WIFI "," WIFI
#define AUTO "\"auto\""
#define MANUAL "\"manual\""
#define REQUEST "{\"type\":\"service-request\",\"facility\":\"laptop\",\"need\":\"x\"}"
#define CHANGE "{\"type\":\"request-for-change\",\"facility\":\"laptop\",\"need\":\"x\"}"
#define DONE "{\"outcome\":\"completed\",\"result\":{\"port\":1}}"
#define FAILED "{\"outcome\":\"failed\",\"code\":\"no-cable\",\"text\":\"the cable is missing\"}"

static const char alone[] = ROUTINE_OPERATE(ONWARD(WIFI), AUTO);
static const char two[] = ROUTINE_OPERATE(ONWARD(WIFI "," WIFI), AUTO);
static const char reviewed[] = ROUTINE_OPERATE(ONWARD(WIFI), MANUAL);
static const char eight_reviewed[] = ROUTINE_OPERATE(ONWARD(WIFI8), MANUAL);
static const char plan[] = ROUTINE_CHANGE(ONWARD(WIFI), "{\"how\":\"manual\"}", AUTO);
static const char listed[] = ROUTINE_OPERATE("[" ONWARD(WIFI) ",{\"manual\":{}}]", AUTO);
static const char awaited_beside[] = ROUTINE_OPERATE("[" ONWARD(WIFI) ",{\"delegate\":{\"to\":[" WIFI "]}}]", AUTO);
static const char closed_by_hand[] =
        "{\"process\":\"operate\",\"activities\":{\"operate.accept\":" ROUTINE_AUTO
        ",\"operate.classify\":" ROUTINE_AUTO ",\"operate.plan\":" ROUTINE_AUTO
        ",\"operate.perform\":" ROUTINE_HOW(ONWARD(WIFI)) ",\"operate.review\":" ROUTINE_AUTO "}}";

static void open_with(one_call *c, const char *routine, const char *raise) {
        one_call_open(c, "centre", routine);
        one_call_customer(c, SK_CALL_RAISE, raise);
        assert_int_equal(c->known, SK_KNOWN_OPEN);
}

static const char *place_of(const one_call *c) {
        sk_call call = one_call_now(c);
        const sk_activity *activity = sk_frame_activity(sk_call_top(&call));

        return activity == NULL ? "cut" : activity->id;
}

/* What the running task's person reads. */
static bool instruction_has(const one_call *c, const char *words) {
        sk_section section;
        char text[2000];

        if (!sk_data_find((sk_slice){c->data, c->data_len}, SK_SECTION_FORM, 0, &section)) {
                return false;
        }
        (void)snprintf(text, sizeof text, "%.*s", (int)section.bytes.len, section.bytes.at);
        return strstr(text, words) != NULL;
}

static void assert_waits(const one_call *c) {
        assert_int_equal(c->known, SK_KNOWN_OPEN);
        sk_call call = one_call_now(c);
        assert_string_equal(place_of(c), "operate.close");
        assert_true(call.visit.is_waiting);
        assert_int_equal(call.visit.how, SK_HOW_DELEGATE);
}

/* ---- going on ---- */

static void test_the_visit_ends_in_the_step_that_sends_what_goes_onward(void **state) {
        one_call c;
        (void)state;

        open_with(&c, reviewed, REQUEST);
        assert_int_equal(one_call_count(&c, SK_CALL_RAISE), 1);
        assert_string_equal(place_of(&c), "operate.review");
        assert_true(sk_slice_is(sk_json_member(one_call_value(&c, SK_EVENT_DELEGATED, 0), "onward"), "true"));
        unsigned last = one_call_count(&c, SK_EVENT_ENDED) - 1;
        assert_string_equal(one_call_text(&c, SK_EVENT_ENDED, last, "activity"), "operate.perform");
        assert_string_equal(one_call_text(&c, SK_EVENT_ENDED, last, "how"), "delegate");
        assert_string_equal(one_call_text(&c, SK_EVENT_ENDED, last, "outcome"), "completed");
        one_call_free(&c);
}

static void test_the_next_action_of_a_list_begins_meanwhile(void **state) {
        one_call c;
        (void)state;

        open_with(&c, listed, REQUEST);
        assert_string_equal(place_of(&c), "operate.perform");
        assert_int_equal(one_call_now(&c).visit.how, SK_HOW_MANUAL);
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_waits(&c);
        one_call_free(&c);
}

static void test_a_delegation_does_not_wait_for_what_an_earlier_one_sent_onward(void **state) {
        one_call c;
        (void)state;

        open_with(&c, awaited_beside, REQUEST);
        one_call_feedback(&c, "network", 1, SK_FEEDBACK_CLOSED, DONE);
        assert_waits(&c);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, "{\"outcome\":\"completed\",\"result\":{\"port\":2}}");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        sk_slice result = sk_json_member(one_call_value(&c, SK_FEEDBACK_CLOSED, 0), "result");
        assert_true(sk_slice_is(result, "{\"results\":[{\"port\":1}]}"));
        one_call_free(&c);
}

static void test_a_task_can_be_done_while_something_is_onward(void **state) {
        one_call c;
        (void)state;

        open_with(&c, reviewed, REQUEST);
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "ok");
        assert_waits(&c);
        one_call_free(&c);
}

static void test_what_the_supplier_asks_is_answered_while_the_call_goes_on(void **state) {
        one_call c;
        char value[200];
        char id[SK_ID_TEXT + 1] = "";
        (void)state;

        open_with(&c, reviewed, REQUEST);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_QUESTION, "{\"text\":\"which room?\"}");
        sk_call call = one_call_now(&c);
        assert_int_equal(call.asks[0].question, 1);
        sk_id_format(&call.asks[0].id, id);
        (void)snprintf(value, sizeof value, "{\"ask\":\"%s\",\"question\":1,\"answer\":\"12\"}", id);
        one_call_work(&c, SK_WORK_ANSWER, "anna", value);
        assert_string_equal(one_call_text(&c, SK_CALL_ANSWER, 0, "answer"), "12");
        assert_string_equal(place_of(&c), "operate.review");
        one_call_free(&c);
}

/* ---- the close ---- */

static void test_the_call_closes_with_the_last_of_what_went_onward(void **state) {
        one_call c;
        (void)state;

        open_with(&c, two, REQUEST);
        assert_waits(&c);
        one_call_feedback(&c, "network", 1, SK_FEEDBACK_CLOSED, DONE);
        assert_waits(&c);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, DONE);
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), "completed");
        sk_slice result = sk_json_member(one_call_value(&c, SK_FEEDBACK_CLOSED, 0), "result");
        assert_false(sk_slice_there(result) && sk_slice_there(sk_json_member(result, "results")));
        one_call_free(&c);
}

static void test_what_is_in_before_the_close_is_not_waited_for(void **state) {
        one_call c;
        (void)state;

        open_with(&c, reviewed, REQUEST);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, DONE);
        assert_string_equal(place_of(&c), "operate.review");
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        one_call_free(&c);
}

static void test_a_close_by_hand_begins_when_all_is_in(void **state) {
        one_call c;
        (void)state;

        open_with(&c, closed_by_hand, REQUEST);
        assert_waits(&c);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, DONE);
        assert_string_equal(place_of(&c), "operate.close");
        assert_false(one_call_now(&c).visit.is_waiting);
        assert_int_equal(one_call_now(&c).visit.how, SK_HOW_MANUAL);
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        one_call_free(&c);
}

static void test_a_wait_that_is_over_is_no_duration_of_the_close(void **state) {
        one_call c;
        (void)state;

        open_with(&c, alone, REQUEST);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, DONE);
        for (unsigned i = 0; i < c.after.duration_count; i++) {
                assert_int_not_equal(c.after.durations[i].key.activity,
                                     sk_activity_find(SK_SLICE("operate.close"))->number);
        }
        one_call_free(&c);
}

/* ---- in vain ---- */

/* @p value NULL: the raise is refused. */
static void end_ask(one_call *c, const char *value) {
        char refusal[300];
        char id[SK_ID_TEXT + 1] = "";

        sk_id_format(&one_call_now(c).asks[0].id, id);
        (void)snprintf(refusal, sizeof refusal,
                       "{\"standing\":null,\"of\":\"%s/c/1\",\"code\":\"no-longer\",\"text\":\"not served\"}", id);
        one_call_feedback(c, "network", 0, value == NULL ? SK_FEEDBACK_REFUSED : SK_FEEDBACK_CLOSED,
                          value == NULL ? refusal : value);
}

static const struct vain {
        const char *name;
        const char *value;
        const char *said; /* in the coordinator's task */
        const char *code;
} vains[] = {
        {"failed", FAILED, "network (service-request, wifi): failed, no-cable, the cable is missing.", "onward-failed"},
        {"declined", "{\"outcome\":\"declined\",\"code\":\"not-agreed\"}", "declined, not-agreed.", "onward-failed"},
        {"plainly declined", "{\"outcome\":\"declined\",\"code\":\"declined\"}", "wifi): declined. ", "onward-failed"},
        {"withdrawn", "{\"outcome\":\"withdrawn\"}", "withdrawn.", "onward-failed"},
        {"refused", NULL, "declined, no-longer, not served.", "onward-failed"},
};

enum { VAINS = sizeof vains / sizeof vains[0] };

static void assert_is_the_coordinators(const one_call *c, const struct vain *vain) {
        sk_call call = one_call_now(c);

        if (call.visit.how != SK_HOW_MANUAL || !call.visit.is_escalated || !instruction_has(c, vain->said)) {
                fail_msg("%s: nobody is told", vain->name);
        }
        assert_string_equal(place_of(c), "operate.close");
        assert_string_equal(one_call_text(c, SK_EVENT_ESCALATED, one_call_count(c, SK_EVENT_ESCALATED) - 1, "code"),
                            vain->code);
}

static void test_what_ends_in_vain_while_the_close_waits_is_the_coordinators(void **state) {
        (void)state;

        for (size_t i = 0; i < VAINS; i++) {
                one_call c;
                open_with(&c, alone, REQUEST);
                end_ask(&c, vains[i].value);
                assert_is_the_coordinators(&c, &vains[i]);
                one_call_free(&c);
        }
}

static void test_what_ended_in_vain_before_is_the_coordinators_at_the_close(void **state) {
        (void)state;

        for (size_t i = 0; i < VAINS; i++) {
                one_call c;
                open_with(&c, reviewed, REQUEST);
                end_ask(&c, vains[i].value);
                assert_string_equal(place_of(&c), "operate.review");
                one_call_do(&c, "anna", "\"outcome\":\"completed\"");
                assert_is_the_coordinators(&c, &vains[i]);
                one_call_free(&c);
        }
}

static const struct accepted {
        const char *completion;
        const char *outcome;
} accepted[] = {
        {"\"outcome\":\"completed\"", "completed"},
        {"\"outcome\":\"failed\"", "failed"},
};

static void test_the_coordinator_closes_the_call_in_spite_of_it_or_as_failed(void **state) {
        (void)state;

        for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
                one_call c;
                open_with(&c, alone, REQUEST);
                end_ask(&c, FAILED);
                one_call_do(&c, "dina", accepted[i].completion);
                assert_int_equal(c.known, SK_KNOWN_CLOSED);
                assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), accepted[i].outcome);
                one_call_free(&c);
        }
}

static void work_on_visit(one_call *c, sk_message type, const char *actor) {
        char value[100];

        (void)snprintf(value, sizeof value, "{\"visit\":%u}", one_call_now(c).visit.number);
        one_call_work(c, type, actor, value);
}

static void test_the_coordinator_has_it_asked_again_and_the_close_waits_again(void **state) {
        one_call c;
        (void)state;

        open_with(&c, two, REQUEST);
        one_call_feedback(&c, "network", 1, SK_FEEDBACK_CLOSED, DONE);
        end_ask(&c, FAILED);
        work_on_visit(&c, SK_WORK_RETRY, "dina");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "ok");
        assert_int_equal(one_call_count(&c, SK_CALL_RAISE), 1);
        assert_false(sk_slice_there(sk_json_member(one_call_value(&c, SK_EVENT_DELEGATED, 0), "onward")));
        assert_waits(&c);
        assert_false(instruction_has(&c, ""));
        one_call_feedback(&c, "network", 2, SK_FEEDBACK_CLOSED, DONE);
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        one_call_free(&c);
}

static void test_a_task_beside_it_is_nothing_to_be_asked_again(void **state) {
        one_call c;
        (void)state;

        open_with(&c, reviewed, REQUEST);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, DONE);
        work_on_visit(&c, SK_WORK_RETRY, "dina");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "not-due");
        one_call_free(&c);
}

static void test_what_was_never_done_and_a_call_that_failed_close_by_the_coordinator_too(void **state) {
        one_call c;
        (void)state;

        open_with(&c, reviewed, REQUEST);
        end_ask(&c, FAILED);
        one_call_do(&c, "anna", "\"outcome\":\"failed\"");
        assert_is_the_coordinators(&c, &vains[0]);
        one_call_do(&c, "dina", "\"outcome\":\"completed\"");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), "failed");
        one_call_free(&c);
}

/* ---- steering ---- */

static void test_a_withdraw_takes_back_what_went_onward_and_awaits_it(void **state) {
        one_call c;
        (void)state;

        open_with(&c, plan, CHANGE);
        one_call_customer(&c, SK_CALL_WITHDRAW, "{\"reason\":\"x\"}");
        assert_int_equal(one_call_count(&c, SK_CALL_WITHDRAW), 1);
        assert_string_equal(place_of(&c), "operate.accept");
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, "{\"outcome\":\"withdrawn\"}");
        assert_string_equal(place_of(&c), "operate.close"); /* of what the cut has triggered, by hand */
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), "withdrawn");
        assert_int_equal(one_call_count(&c, SK_EVENT_ESCALATED), 0);
        one_call_free(&c);
}

/** A close that has begun is finished first; then what went onward is taken back, and nobody has to look at it. */
static void test_a_withdraw_during_the_close_of_a_frame_takes_it_back_before_the_call_closes(void **state) {
        one_call c;
        char value[100];
        (void)state;

        open_with(&c, plan, CHANGE);
        work_on_visit(&c, SK_WORK_CLAIM, "anna");
        (void)snprintf(value, sizeof value, "{\"visit\":%u,\"reason\":\"no\"}", one_call_now(&c).visit.number);
        one_call_work(&c, SK_WORK_DECLINE, "anna", value);
        assert_string_equal(place_of(&c), "operate.close");
        one_call_customer(&c, SK_CALL_WITHDRAW, "{\"reason\":\"x\"}");
        assert_int_equal(one_call_count(&c, SK_CALL_WITHDRAW), 0);
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_string_equal(place_of(&c), "change.close");
        assert_int_equal(one_call_count(&c, SK_CALL_WITHDRAW), 1);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, "{\"outcome\":\"withdrawn\"}");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), "withdrawn");
        assert_int_equal(one_call_count(&c, SK_EVENT_ESCALATED), 0);
        one_call_free(&c);
}

static void test_a_reissue_leaves_alone_what_an_earlier_visit_sent_onward(void **state) {
        one_call c;
        (void)state;

        open_with(&c, reviewed, REQUEST);
        work_on_visit(&c, SK_WORK_REISSUE, "dina");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "ok");
        assert_int_equal(one_call_count(&c, SK_CALL_WITHDRAW), 0);
        assert_string_equal(place_of(&c), "operate.review");
        assert_true(one_call_now(&c).asks[0].is_onward);
        one_call_free(&c);
}

static void test_the_wait_itself_cannot_be_reissued(void **state) {
        one_call c;
        (void)state;

        open_with(&c, alone, REQUEST);
        work_on_visit(&c, SK_WORK_REISSUE, "dina");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "not-allowed");
        assert_waits(&c);
        one_call_free(&c);
}

static void test_a_close_by_force_does_not_wait(void **state) {
        static const char *const routines[] = {alone, reviewed};
        (void)state;

        for (size_t i = 0; i < sizeof routines / sizeof routines[0]; i++) {
                one_call c;
                open_with(&c, routines[i], REQUEST);
                one_call_work(&c, SK_WORK_FORCE_CLOSE, "dina", "{\"reason\":\"x\"}");
                assert_int_equal(c.known, SK_KNOWN_CLOSED);
                assert_int_equal(one_call_count(&c, SK_CALL_WITHDRAW), 1);
                one_call_free(&c);
        }
}

static void test_a_resync_repeats_the_raise_of_what_went_onward(void **state) {
        static const char *const routines[] = {alone, reviewed};
        (void)state;

        for (size_t i = 0; i < sizeof routines / sizeof routines[0]; i++) {
                one_call c;
                open_with(&c, routines[i], REQUEST);
                one_call_resync(&c, "network");
                assert_int_equal(one_call_count(&c, SK_CALL_RAISE), 1);
                one_call_free(&c);
        }
}

static void test_a_supplier_who_is_late_onward_makes_the_call_late(void **state) {
        one_call c;
        char value[200];
        char when[SK_WHEN_TEXT + 1] = "";
        (void)state;

        one_call_open(&c, "centre",
                      "{\"process\":\"recover\",\"activities\":{\"recover.accept\":" ROUTINE_AUTO
                      ",\"recover.classify\":" ROUTINE_AUTO ",\"recover.analyse\":" ROUTINE_HOW(ONWARD(WIFI)) "}}");
        one_call_customer(&c, SK_CALL_RAISE, "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"x\"}");
        assert_string_equal(place_of(&c), "recover.prepare");
        sk_when_format(one_call_now(&c).resolve_by_us + SK_HOUR_US, when);
        (void)snprintf(value, sizeof value, "{\"forecast\":\"%s\",\"reason\":\"no cable\"}", when);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_LATE, value);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_LATE), 1);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_LATE, 0, "forecast"), when);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_LATE, 0, "reason"), "no cable");
        one_call_free(&c);
}

/* ---- bounds ---- */

/** A call that goes through perform a third time has no place for eight more: the coordinator's, with sixteen open. */
static void test_as_much_as_a_head_has_places_for_goes_onward(void **state) {
        one_call c;
        (void)state;

        open_with(&c, eight_reviewed, REQUEST);
        for (unsigned i = 0; i < 2; i++) {
                assert_int_equal(one_call_now(&c).ask_count, 8 * (i + 1));
                one_call_do(&c, "anna", "\"outcome\":\"not-confirmed\"");
        }
        assert_string_equal(place_of(&c), "operate.perform");
        assert_string_equal(one_call_text(&c, SK_EVENT_ESCALATED, 0, "code"), "too-many-asks");
        one_call_do(&c, "dina", "\"outcome\":\"completed\"");
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_waits(&c);
        for (unsigned i = 0; i < SK_ASKS_MAX; i++) {
                assert_waits(&c);
                one_call_feedback(&c, "network", i, SK_FEEDBACK_CLOSED, DONE);
        }
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        one_call_free(&c);
}

/** Its place is not given away before somebody has seen it. */
static void test_what_ended_in_vain_keeps_its_place_until_it_is_seen(void **state) {
        one_call c;
        (void)state;

        open_with(&c, eight_reviewed, REQUEST);
        end_ask(&c, FAILED);
        for (unsigned i = 1; i < 8; i++) {
                one_call_feedback(&c, "network", i, SK_FEEDBACK_CLOSED, DONE);
        }
        one_call_do(&c, "anna", "\"outcome\":\"not-confirmed\"");
        one_call_do(&c, "anna", "\"outcome\":\"not-confirmed\"");
        sk_call call = one_call_now(&c);
        assert_int_equal(call.ask_count, SK_ASKS_MAX);
        assert_true(call.asks[0].standing == SK_CLOSED && call.asks[0].outcome == SK_FAILED);
        one_call_free(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_visit_ends_in_the_step_that_sends_what_goes_onward),
                cmocka_unit_test(test_the_next_action_of_a_list_begins_meanwhile),
                cmocka_unit_test(test_a_delegation_does_not_wait_for_what_an_earlier_one_sent_onward),
                cmocka_unit_test(test_a_task_can_be_done_while_something_is_onward),
                cmocka_unit_test(test_what_the_supplier_asks_is_answered_while_the_call_goes_on),
                cmocka_unit_test(test_the_call_closes_with_the_last_of_what_went_onward),
                cmocka_unit_test(test_what_is_in_before_the_close_is_not_waited_for),
                cmocka_unit_test(test_a_close_by_hand_begins_when_all_is_in),
                cmocka_unit_test(test_a_wait_that_is_over_is_no_duration_of_the_close),
                cmocka_unit_test(test_what_ends_in_vain_while_the_close_waits_is_the_coordinators),
                cmocka_unit_test(test_what_ended_in_vain_before_is_the_coordinators_at_the_close),
                cmocka_unit_test(test_the_coordinator_closes_the_call_in_spite_of_it_or_as_failed),
                cmocka_unit_test(test_the_coordinator_has_it_asked_again_and_the_close_waits_again),
                cmocka_unit_test(test_a_task_beside_it_is_nothing_to_be_asked_again),
                cmocka_unit_test(test_what_was_never_done_and_a_call_that_failed_close_by_the_coordinator_too),
                cmocka_unit_test(test_a_withdraw_takes_back_what_went_onward_and_awaits_it),
                cmocka_unit_test(test_a_withdraw_during_the_close_of_a_frame_takes_it_back_before_the_call_closes),
                cmocka_unit_test(test_a_reissue_leaves_alone_what_an_earlier_visit_sent_onward),
                cmocka_unit_test(test_the_wait_itself_cannot_be_reissued),
                cmocka_unit_test(test_a_close_by_force_does_not_wait),
                cmocka_unit_test(test_a_resync_repeats_the_raise_of_what_went_onward),
                cmocka_unit_test(test_a_supplier_who_is_late_onward_makes_the_call_late),
                cmocka_unit_test(test_as_much_as_a_head_has_places_for_goes_onward),
                cmocka_unit_test(test_what_ended_in_vain_keeps_its_place_until_it_is_seen),
        };
        return cmocka_run_group_tests_name("step_onward", tests, NULL, NULL);
}
