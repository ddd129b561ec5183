/* What becomes of an activity that a program, a webhook or a plug-in does (rule E). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "kit/when.h"
#include "link/data.h"
#include "support/one_call.h"
#include "support/routines.h"

#define EXEC(rest) "{\"exec\":{\"command\":[\"programs/p\"]" rest "}}"
#define RETRIES ",\"attempts\":3,\"backoff\":\"PT10S\",\"backoff_max\":\"PT15S\""
#define ONCE ",\"once\":true"
#define REQUEST "{\"type\":\"service-request\",\"facility\":\"laptop\",\"need\":\"one more\",\"data\":{\"size\":14}}"

static void open_with(one_call *c, const char *routine) {
        one_call_open(c, "centre", routine);
        one_call_customer(c, SK_CALL_RAISE, REQUEST);
        assert_int_equal(c->known, SK_KNOWN_OPEN);
}

/* What the effect of the running visit has come to. */
static void say(one_call *c, sk_effect_result result, const char *value, const char *code) {
        sk_call call = one_call_now(c);
        sk_effect_report report = {.visit = call.visit.number,
                                   .try_number = call.visit.try_number,
                                   .result = result,
                                   .value = value == NULL ? SK_NONE : sk_slice_of(value),
                                   .code = sk_slice_of(code),
                                   .text = SK_SLICE("what it said")};

        one_call_effect(c, SK_EFFECT_ENDED, &report);
}

static void word(one_call *c, sk_effect_word what) {
        sk_call call = one_call_now(c);
        sk_effect_report report = {.visit = call.visit.number, .try_number = call.visit.try_number};

        one_call_effect(c, what, &report);
}

static sk_visit visit_of(const one_call *c) {
        return one_call_now(c).visit;
}

static sk_slice section_of(const one_call *c, sk_section_kind kind, uint8_t index) {
        sk_section section;

        return sk_data_find((sk_slice){c->data, c->data_len}, kind, index, &section) ? section.bytes : SK_NONE;
}

static const char *outcome_code(const one_call *c) {
        return one_call_text(c, SK_EVENT_OUTCOME, 0, "code");
}

static void order(one_call *c, sk_message type, const char *actor, const char *more) {
        char value[200];

        (void)snprintf(value, sizeof value, "{\"visit\":%u%s}", visit_of(c).number, more);
        one_call_work(c, type, actor, value);
}

/* ---- becoming due ---- */

static void test_an_effect_is_due_with_what_it_is_given(void **state) {
        one_call c;
        sk_head_effect due;
        sk_effect effect;
        (void)state;

        open_with(&c, ROUTINE_OPERATE(EXEC(RETRIES), "\"auto\""));
        assert_int_equal(visit_of(&c).due, SK_DUE_NOW);
        assert_int_equal(one_call_count(&c, SK_EVENT_BEGUN), 1);
        assert_true(sk_head_effect_of((sk_slice){c.head, c.head_len}, &due));
        assert_int_equal(due.how, SK_HOW_EXEC);
        assert_false(due.is_once);
        assert_int_equal(
                sk_effect_describe((sk_slice){c.head, c.head_len}, (sk_slice){c.data, c.data_len}, c.arena, &effect),
                SK_OK);
        assert_true(sk_slice_is(effect.target, "programs/p"));
        assert_true(sk_slice_is(effect.config, "{\"command\":[\"programs/p\"]}"));
        assert_int_equal(effect.attempts, 3);
        assert_true(effect.timeout_us == 30 * SK_SECOND_US);
        sk_slice call = sk_json_member(effect.input, "call");
        assert_true(sk_slice_is(sk_json_member(call, "need"), "\"one more\""));
        assert_true(sk_slice_is(sk_json_member(sk_json_member(call, "data"), "size"), "14"));
        assert_true(sk_slice_is(sk_json_member(effect.input, "activity"), "\"operate.perform\""));
        one_call_free(&c);
}

static void test_a_call_without_an_effect_says_so_in_a_byte(void **state) {
        one_call c;
        sk_head_effect due;
        (void)state;

        open_with(&c, ROUTINE_OPERATE("\"manual\"", "\"auto\""));
        assert_false(sk_head_has_effect((sk_slice){c.head, c.head_len}));
        assert_false(sk_head_effect_of((sk_slice){c.head, c.head_len}, &due));
        one_call_free(&c);
}

/* ---- its ends ---- */

static void test_what_is_done_is_the_result_of_the_activity(void **state) {
        one_call c;
        (void)state;

        open_with(&c, ROUTINE_OPERATE(EXEC(RETRIES), "\"auto\""));
        say(&c, SK_EFFECT_DONE, "{\"ordered\":7}", "exit-0");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        assert_string_equal(one_call_text(&c, SK_EVENT_TRIED, 0, "result"), "done");
        assert_string_equal(one_call_text(&c, SK_EVENT_TRIED, 0, "cause"), "effect/4/1");
        sk_slice closed = one_call_value(&c, SK_FEEDBACK_CLOSED, 0);
        assert_true(sk_slice_is(sk_json_member(closed, "result"), "{\"ordered\":7}"));
        one_call_free(&c);
}

static void test_an_answer_that_is_none_becomes_a_task(void **state) {
        static const char *const answers[] = {"{\"a\":", "[1]", "7", "{\"priority\":9}", "\xff"};
        (void)state;

        for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
                one_call c;
                open_with(&c, ROUTINE_OPERATE(EXEC(RETRIES), "\"auto\""));
                say(&c, SK_EFFECT_DONE, answers[i], "exit-0");
                assert_string_equal(one_call_text(&c, SK_EVENT_ESCALATED, 0, "code"), "effect-result");
                assert_int_equal(visit_of(&c).how, SK_HOW_MANUAL);
                one_call_free(&c);
        }
}

static void test_what_is_declined_follows_the_table_of_early_ends(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", ROUTINE_CHANGE(EXEC(""), ROUTINE_AUTO, "\"auto\""));
        one_call_customer(&c, SK_CALL_RAISE,
                          "{\"type\":\"request-for-change\",\"facility\":\"laptop\",\"need\":\"x\"}");
        say(&c, SK_EFFECT_DECLINED, NULL, "exit-10");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), "declined");
        one_call_free(&c);

        open_with(&c, ROUTINE_OPERATE(EXEC(""), "\"auto\"")); /* what is being performed cannot be declined */
        say(&c, SK_EFFECT_DECLINED, NULL, "exit-10");
        assert_string_equal(one_call_text(&c, SK_EVENT_ESCALATED, 0, "code"), "effect-declined");
        one_call_free(&c);
}

static void test_what_fails_is_the_coordinators_with_all_that_happened(void **state) {
        one_call c;
        (void)state;

        open_with(&c, ROUTINE_OPERATE(EXEC(RETRIES), "\"auto\""));
        say(&c, SK_EFFECT_FAILED, NULL, "exit-3");
        sk_visit visit = visit_of(&c);
        assert_int_equal(visit.how, SK_HOW_MANUAL);
        assert_true(visit.is_escalated && sk_slice_is(visit.responsible, "line-coordinator"));
        assert_int_equal(visit.due, SK_DUE_GIVEN_UP);
        sk_slice try = section_of(&c, SK_SECTION_TRY, 1);
        assert_true(sk_slice_is(sk_json_member(try, "code"), "\"exit-3\""));
        assert_true(sk_slice_is(sk_json_member(try, "text"), "\"what it said\""));
        assert_true(section_of(&c, SK_SECTION_FORM, 0).len > 0);
        one_call_do(&c, "dina", "\"outcome\":\"completed\",\"result\":{\"by\":\"hand\"}");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        one_call_free(&c);
}

/* ---- mappings ---- */

static void test_mappings_say_what_it_is_given_and_what_of_its_answer_counts(void **state) {
        one_call c;
        sk_effect effect;
        (void)state;

        open_with(&c, ROUTINE_OPERATE(EXEC(",\"in\":{\"inches\":\"/call/data/size\",\"by\":\"/edition/team\"},\"out\":{"
                                           "\"order\":\"/result/id\",\"for\":\"/call/customer\"}"),
                                      "\"auto\""));
        assert_int_equal(
                sk_effect_describe((sk_slice){c.head, c.head_len}, (sk_slice){c.data, c.data_len}, c.arena, &effect),
                SK_OK);
        assert_true(sk_json_equal(effect.input, SK_SLICE("{\"inches\":14,\"by\":\"centre\"}")));
        say(&c, SK_EFFECT_DONE, "{\"id\":7,\"secret\":1}", "exit-0");
        sk_slice result = sk_json_member(one_call_value(&c, SK_FEEDBACK_CLOSED, 0), "result");
        assert_true(sk_json_equal(result, SK_SLICE("{\"order\":7,\"for\":\"finance\"}")));
        one_call_free(&c);
}

static void test_what_a_mapping_does_not_find_is_told_the_coordinator(void **state) {
        one_call c;
        (void)state;

        open_with(&c, ROUTINE_OPERATE(EXEC(",\"in\":{\"room\":\"/call/data/room\"}"), "\"auto\""));
        assert_string_equal(one_call_text(&c, SK_EVENT_ESCALATED, 0, "code"), "effect-input");
        assert_true(sk_slice_there(section_of(&c, SK_SECTION_TRY, 1)));
        one_call_free(&c);

        open_with(&c, ROUTINE_OPERATE(EXEC(",\"out\":{\"order\":\"/result/id\"}"), "\"auto\""));
        say(&c, SK_EFFECT_DONE, NULL, "exit-0");
        assert_string_equal(one_call_text(&c, SK_EVENT_ESCALATED, 0, "code"), "effect-result");
        one_call_free(&c);
}

/* ---- tries ---- */

static void test_tries_are_paused_longer_each_time_and_then_given_up(void **state) {
        one_call c;
        int64_t before_us;
        (void)state;

        open_with(&c, ROUTINE_OPERATE(EXEC(RETRIES), "\"auto\""));
        for (unsigned i = 1; i <= 2; i++) {
                before_us = c.now_us;
                say(&c, SK_EFFECT_RETRY, NULL, "timeout");
                int64_t pause_us = visit_of(&c).again_us - before_us;
                int64_t base_us = (i == 1 ? 10 : 15) * SK_SECOND_US;
                assert_int_equal(visit_of(&c).due, SK_DUE_PAUSED);
                assert_true(pause_us >= base_us / 2 && pause_us <= base_us * 3 / 2);
                one_call_wait(&c, pause_us);
                assert_int_equal(visit_of(&c).due, SK_DUE_NOW);
                assert_int_equal(visit_of(&c).try_number, i + 1);
        }
        say(&c, SK_EFFECT_RETRY, NULL, "timeout");
        assert_string_equal(one_call_text(&c, SK_EVENT_ESCALATED, 0, "code"), "effect-tries");
        assert_true(section_of(&c, SK_SECTION_TRY, 3).len > 0);
        one_call_free(&c);
}

static void test_the_same_try_is_paused_as_long_wherever_it_is_worked_out(void **state) {
        one_call a;
        one_call b;
        (void)state;

        open_with(&a, ROUTINE_OPERATE(EXEC(RETRIES), "\"auto\""));
        open_with(&b, ROUTINE_OPERATE(EXEC(RETRIES), "\"auto\""));
        say(&a, SK_EFFECT_RETRY, NULL, "timeout");
        say(&b, SK_EFFECT_RETRY, NULL, "timeout");
        assert_true(visit_of(&a).again_us == visit_of(&b).again_us);
        one_call_free(&a);
        one_call_free(&b);
}

static void test_what_is_asked_to_wait_waits_at_least_so_long(void **state) {
        one_call c;
        sk_effect_report report = {.try_number = 1, .result = SK_EFFECT_RETRY, .retry_after_us = SK_HOUR_US};
        (void)state;

        open_with(&c, ROUTINE_OPERATE(EXEC(RETRIES), "\"auto\""));
        report.visit = visit_of(&c).number;
        int64_t before_us = c.now_us;
        one_call_effect(&c, SK_EFFECT_ENDED, &report);
        assert_true(visit_of(&c).again_us == before_us + SK_HOUR_US);
        one_call_free(&c);
}

static void test_each_try_is_given_the_same_whatever_has_been_said_meanwhile(void **state) {
        one_call c;
        char before[4000];
        (void)state;

        open_with(&c, ROUTINE_OPERATE(EXEC(RETRIES), "\"auto\""));
        sk_slice action = section_of(&c, SK_SECTION_ACTION, 0);
        assert_true(action.len < sizeof before);
        memcpy(before, action.at, action.len);
        size_t len = action.len;
        say(&c, SK_EFFECT_RETRY, NULL, "timeout");
        one_call_customer(&c, SK_CALL_NOTE, "{\"text\":\"two, please\"}");
        one_call_new_edition(&c, ROUTINE_OPERATE("\"manual\"", "\"auto\""));
        one_call_wait(&c, SK_MINUTE_US);
        assert_int_equal(visit_of(&c).due, SK_DUE_NOW);
        action = section_of(&c, SK_SECTION_ACTION, 0);
        assert_true(action.len == len && memcmp(action.at, before, len) == 0);
        one_call_free(&c);
}

static void test_at_its_deadline_it_is_given_up_whatever_it_is_at(void **state) {
        one_call c;
        (void)state;

        open_with(&c, ROUTINE_OPERATE(EXEC(",\"deadline\":\"PT1H\""), "\"auto\""));
        one_call_wait(&c, SK_HOUR_US);
        assert_string_equal(one_call_text(&c, SK_EVENT_ESCALATED, 0, "code"), "deadline");
        assert_int_equal(visit_of(&c).due, SK_DUE_GIVEN_UP);
        one_call_free(&c);
}

/* ---- once ---- */

static void test_what_may_happen_once_is_begun_in_the_journal_first(void **state) {
        one_call c;
        sk_head_effect due;
        (void)state;

        open_with(&c, ROUTINE_OPERATE(EXEC(ONCE), "\"auto\""));
        assert_int_equal(one_call_count(&c, SK_EVENT_BEGUN), 0);
        word(&c, SK_EFFECT_BEGINS);
        assert_int_equal(one_call_count(&c, SK_EVENT_BEGUN), 1);
        assert_true(sk_head_effect_of((sk_slice){c.head, c.head_len}, &due));
        assert_true(due.is_once && due.is_begun);
        say(&c, SK_EFFECT_RETRY, NULL, "timeout"); /* nobody knows whether it has happened */
        assert_string_equal(one_call_text(&c, SK_EVENT_ESCALATED, 0, "code"), "effect-unknown");
        one_call_free(&c);
}

static void test_what_was_begun_once_by_somebody_who_is_gone_is_a_persons_matter(void **state) {
        one_call c;
        (void)state;

        open_with(&c, ROUTINE_OPERATE(EXEC(ONCE), "\"auto\""));
        word(&c, SK_EFFECT_BEGINS);
        word(&c, SK_EFFECT_LOST);
        assert_string_equal(one_call_text(&c, SK_EVENT_ESCALATED, 0, "code"), "effect-lost");
        assert_int_equal(visit_of(&c).how, SK_HOW_MANUAL);
        one_call_free(&c);
}

/* ---- what is not awaited ---- */

static void test_what_comes_twice_or_of_another_try_changes_nothing(void **state) {
        one_call c;
        (void)state;

        open_with(&c, ROUTINE_OPERATE(EXEC(RETRIES), "\"auto\""));
        sk_effect_report report = {.visit = visit_of(&c).number, .try_number = 2, .result = SK_EFFECT_DONE};
        one_call_effect(&c, SK_EFFECT_ENDED, &report);
        assert_int_equal(c.after.change, SK_CHANGE_NOTHING);
        say(&c, SK_EFFECT_RETRY, NULL, "timeout");
        report.try_number = 1;
        one_call_effect(&c, SK_EFFECT_ENDED, &report);
        assert_int_equal(c.after.change, SK_CHANGE_NOTHING);
        assert_int_equal(c.out.count, 0);
        one_call_free(&c);
}

/* ---- later ---- */

static void test_a_result_that_comes_later_is_taken_while_it_is_awaited(void **state) {
        one_call c;
        (void)state;

        open_with(&c, ROUTINE_OPERATE(EXEC(RETRIES), "\"auto\""));
        say(&c, SK_EFFECT_LATER, NULL, "");
        assert_int_equal(visit_of(&c).due, SK_DUE_LATER);
        order(&c, SK_WORK_RESULT, "mallory", ",\"outcome\":\"completed\"");
        assert_string_equal(outcome_code(&c), "not-entitled");
        order(&c, SK_WORK_RESULT, "anna", ",\"try\":2,\"outcome\":\"completed\"");
        assert_string_equal(outcome_code(&c), "not-due");
        order(&c, SK_WORK_RESULT, "anna", ",\"outcome\":\"completed\",\"result\":[1]");
        assert_string_equal(outcome_code(&c), "bad-result");
        order(&c, SK_WORK_RESULT, "anna", ",\"try\":1,\"outcome\":\"completed\",\"result\":{\"n\":1}");
        assert_string_equal(outcome_code(&c), "ok");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        one_call_free(&c);
}

/* ---- lists of actions ---- */

#define LIST                                                                                          \
        "[" EXEC("") ",{\"manual\":{\"instruction\":\"Look.\"},\"responsible\":\"process-manager\"}," \
                     "{\"auto\":{\"result\":{\"b\":3,\"c\":4}}}]"

static void test_actions_are_done_one_after_the_other_and_their_results_become_one(void **state) {
        one_call c;
        (void)state;

        open_with(&c, ROUTINE_OPERATE(LIST, "\"manual\""));
        unsigned visit = visit_of(&c).number;
        say(&c, SK_EFFECT_DONE, "{\"a\":1,\"b\":2}", "exit-0");
        assert_int_equal(visit_of(&c).how, SK_HOW_MANUAL);
        assert_int_equal(visit_of(&c).number, visit + 1);
        assert_true(sk_slice_is(visit_of(&c).responsible, "process-manager"));
        assert_string_equal(one_call_text(&c, SK_EVENT_ENTERED, 0, "activity"), "operate.perform");
        one_call_do(&c, "dina", "\"outcome\":\"completed\",\"result\":{\"seen\":true}");
        assert_string_equal(one_call_text(&c, SK_EVENT_ENTERED, 1, "activity"), "operate.review");
        sk_section section;
        assert_true(sk_data_find((sk_slice){c.data, c.data_len}, SK_SECTION_RESULT, SK_RESULT_OF_ACTIVITY, &section));
        assert_true(sk_json_equal(section.bytes, SK_SLICE("{\"a\":1,\"b\":3,\"c\":4,\"seen\":true}")));
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        one_call_free(&c);
}

static void test_actions_that_are_not_for_the_call_are_left_out(void **state) {
        static const char list[] = ROUTINE_OPERATE(
                "[{\"manual\":{},\"when\":{\"properties\":{\"data\":{\"properties\":{\"size\":{\"minimum\":20}}}}}},"
                "{\"exec\":{\"command\":[\"programs/p\"]},\"when\":{\"properties\":{\"data\":{\"properties\":{\"size\":"
                "{\"maximum\":19}}}}}},{\"manual\":{},\"when\":{\"properties\":{\"results\":{\"properties\":{"
                "\"operate.perform\":{\"required\":[\"odd\"]}}}}}}]",
                "\"auto\"");
        one_call c;
        (void)state;

        open_with(&c, list);
        assert_int_equal(visit_of(&c).how, SK_HOW_EXEC);
        assert_int_equal(one_call_now(&c).frames[0].action, 1);
        say(&c, SK_EFFECT_DONE, "{\"odd\":1}", "exit-0"); /* what it found decides what follows */
        assert_int_equal(visit_of(&c).how, SK_HOW_MANUAL);
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        one_call_free(&c);

        open_with(&c, list);
        say(&c, SK_EFFECT_DONE, "{\"even\":1}", "exit-0");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        one_call_free(&c);
}

static void test_what_ends_early_ends_the_list(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", ROUTINE_CHANGE("[" EXEC("") ",\"manual\"]", ROUTINE_AUTO, "\"auto\""));
        one_call_customer(&c, SK_CALL_RAISE,
                          "{\"type\":\"request-for-change\",\"facility\":\"laptop\",\"need\":\"x\"}");
        say(&c, SK_EFFECT_DECLINED, NULL, "exit-10");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), "declined");
        one_call_free(&c);
}

static void test_a_list_that_became_shorter_goes_on_with_its_end(void **state) {
        one_call c;
        (void)state;

        open_with(&c, ROUTINE_OPERATE("[\"manual\",\"manual\",\"manual\"]", "\"auto\""));
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_int_equal(one_call_now(&c).frames[0].action, 1);
        one_call_new_edition(&c, ROUTINE_OPERATE("[\"auto\",\"manual\"]", "\"auto\""));
        one_call_do(&c, "bo", "\"outcome\":\"completed\"");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        one_call_free(&c);
}

/* ---- by order of a coordinator ---- */

static void test_a_coordinator_has_it_tried_again(void **state) {
        one_call c;
        (void)state;

        open_with(&c, ROUTINE_OPERATE(EXEC(ONCE), "\"auto\""));
        order(&c, SK_WORK_RETRY, "dina", "");
        assert_string_equal(outcome_code(&c), "not-due");
        word(&c, SK_EFFECT_BEGINS);
        say(&c, SK_EFFECT_FAILED, NULL, "exit-1");
        order(&c, SK_WORK_RETRY, "anna", "");
        assert_string_equal(outcome_code(&c), "not-entitled");
        order(&c, SK_WORK_RETRY, "dina", "");
        assert_string_equal(outcome_code(&c), "ok");
        assert_int_equal(visit_of(&c).how, SK_HOW_EXEC);
        assert_int_equal(visit_of(&c).try_number, 2);
        word(&c, SK_EFFECT_BEGINS);
        say(&c, SK_EFFECT_DONE, NULL, "");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        one_call_free(&c);
}

/** A head is read as it stands in the journal. */
static void test_an_effect_that_no_step_would_have_written_is_not_due(void **state) {
        one_call c;
        sk_head_effect due;
        (void)state;

        open_with(&c, ROUTINE_OPERATE(EXEC(""), "\"auto\""));
        sk_call call = one_call_now(&c);
        sk_buf head = sk_buf_make(65536);
        call.visit.how = SK_HOW_MANUAL;
        sk_call_encode(&call, &head);
        assert_true(sk_head_has_effect(sk_buf_slice(&head)));
        assert_false(sk_head_effect_of(sk_buf_slice(&head), &due));
        call = one_call_now(&c);
        call.visit.due = SK_DUE_BEGUN;
        sk_buf_clear(&head);
        sk_call_encode(&call, &head);
        assert_false(call.visit.is_once);
        assert_false(sk_head_effect_of(sk_buf_slice(&head), &due));
        sk_buf_free(&head);
        one_call_free(&c);
}

static void test_an_activity_is_entered_again_under_todays_edition(void **state) {
        one_call c;
        (void)state;

        open_with(&c, ROUTINE_OPERATE(EXEC(RETRIES), "\"auto\""));
        unsigned visit = visit_of(&c).number;
        one_call_new_edition(&c, ROUTINE_OPERATE("\"manual\"", "\"auto\""));
        order(&c, SK_WORK_REISSUE, "anna", ",\"reason\":\"by hand\"");
        assert_string_equal(outcome_code(&c), "not-entitled");
        assert_int_equal(visit_of(&c).how, SK_HOW_EXEC);
        order(&c, SK_WORK_REISSUE, "dina", ",\"reason\":\"by hand\"");
        assert_string_equal(outcome_code(&c), "ok");
        assert_int_equal(one_call_count(&c, SK_EVENT_REISSUED), 1);
        assert_int_equal(visit_of(&c).how, SK_HOW_MANUAL);
        assert_int_equal(visit_of(&c).number, visit + 1);
        assert_false(sk_slice_there(section_of(&c, SK_SECTION_ACTION, 0)));
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        one_call_free(&c);
}

static void test_what_was_asked_of_others_is_withdrawn_and_awaited_first(void **state) {
        one_call c;
        (void)state;

        open_with(&c, ROUTINE_OPERATE(ROUTINE_DELEGATE(ROUTINE_WIFI), "\"auto\""));
        one_call_new_edition(&c, ROUTINE_OPERATE(EXEC(""), "\"auto\""));
        order(&c, SK_WORK_REISSUE, "dina", ",\"reason\":\"a program does it now\"");
        assert_string_equal(outcome_code(&c), "ok");
        assert_int_equal(one_call_count(&c, SK_CALL_WITHDRAW), 1);
        assert_int_equal(visit_of(&c).how, SK_HOW_DELEGATE);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED,
                          "{\"standing\":{\"state\":\"closed\",\"seen\":2,\"type\":\"service-request\"},\"outcome\":"
                          "\"withdrawn\",\"code\":\"withdrawn\",\"clock\":{\"elapsed_s\":1,\"stopped_s\":0}}");
        assert_int_equal(visit_of(&c).how, SK_HOW_EXEC);
        assert_int_equal(visit_of(&c).due, SK_DUE_NOW);
        one_call_free(&c);
}

static void test_a_withdraw_ends_an_effect_before_the_point_of_no_return(void **state) {
        one_call c;
        sk_head_effect due;
        (void)state;

        one_call_open(&c, "centre", ROUTINE_CHANGE(EXEC(""), ROUTINE_AUTO, "\"auto\""));
        one_call_customer(&c, SK_CALL_RAISE,
                          "{\"type\":\"request-for-change\",\"facility\":\"laptop\",\"need\":\"x\"}");
        assert_true(sk_head_effect_of((sk_slice){c.head, c.head_len}, &due));
        one_call_customer(&c, SK_CALL_WITHDRAW, "{\"reason\":\"not needed\"}");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), "withdrawn");
        one_call_free(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_an_effect_is_due_with_what_it_is_given),
                cmocka_unit_test(test_a_call_without_an_effect_says_so_in_a_byte),
                cmocka_unit_test(test_what_is_done_is_the_result_of_the_activity),
                cmocka_unit_test(test_an_answer_that_is_none_becomes_a_task),
                cmocka_unit_test(test_what_is_declined_follows_the_table_of_early_ends),
                cmocka_unit_test(test_what_fails_is_the_coordinators_with_all_that_happened),
                cmocka_unit_test(test_mappings_say_what_it_is_given_and_what_of_its_answer_counts),
                cmocka_unit_test(test_what_a_mapping_does_not_find_is_told_the_coordinator),
                cmocka_unit_test(test_tries_are_paused_longer_each_time_and_then_given_up),
                cmocka_unit_test(test_the_same_try_is_paused_as_long_wherever_it_is_worked_out),
                cmocka_unit_test(test_what_is_asked_to_wait_waits_at_least_so_long),
                cmocka_unit_test(test_each_try_is_given_the_same_whatever_has_been_said_meanwhile),
                cmocka_unit_test(test_at_its_deadline_it_is_given_up_whatever_it_is_at),
                cmocka_unit_test(test_what_may_happen_once_is_begun_in_the_journal_first),
                cmocka_unit_test(test_what_was_begun_once_by_somebody_who_is_gone_is_a_persons_matter),
                cmocka_unit_test(test_what_comes_twice_or_of_another_try_changes_nothing),
                cmocka_unit_test(test_a_result_that_comes_later_is_taken_while_it_is_awaited),
                cmocka_unit_test(test_actions_are_done_one_after_the_other_and_their_results_become_one),
                cmocka_unit_test(test_actions_that_are_not_for_the_call_are_left_out),
                cmocka_unit_test(test_what_ends_early_ends_the_list),
                cmocka_unit_test(test_a_list_that_became_shorter_goes_on_with_its_end),
                cmocka_unit_test(test_a_coordinator_has_it_tried_again),
                cmocka_unit_test(test_an_effect_that_no_step_would_have_written_is_not_due),
                cmocka_unit_test(test_an_activity_is_entered_again_under_todays_edition),
                cmocka_unit_test(test_what_was_asked_of_others_is_withdrawn_and_awaited_first),
                cmocka_unit_test(test_a_withdraw_ends_an_effect_before_the_point_of_no_return),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
