/* What people and tools say of an effect, and of what was asked of others: orders that do not fit, and those that do. */
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

#define EXEC "{\"exec\":{\"command\":[\"programs/p\"]}}"
#define REQUEST "{\"type\":\"service-request\",\"facility\":\"laptop\",\"need\":\"one more\"}"
#define DECLINED                                                                                                 \
        "{\"standing\":{\"state\":\"closed\",\"seen\":1,\"type\":\"service-request\"},\"outcome\":\"declined\"," \
        "\"code\":\"not-agreed\",\"clock\":{\"elapsed_s\":1,\"stopped_s\":0}}"

static void open_with(one_call *c, const char *routine) {
        one_call_open(c, "centre", routine);
        one_call_customer(c, SK_CALL_RAISE, REQUEST);
        assert_int_equal(c->known, SK_KNOWN_OPEN);
}

static sk_visit visit_of(const one_call *c) {
        return one_call_now(c).visit;
}

static void ends(one_call *c, sk_effect_result result, sk_slice code, sk_slice text) {
        sk_visit visit = visit_of(c);
        sk_effect_report report = {
                .visit = visit.number, .try_number = visit.try_number, .result = result, .code = code, .text = text};

        one_call_effect(c, SK_EFFECT_ENDED, &report);
}

static void order(one_call *c, sk_message type, const char *actor, const char *more) {
        char value[200];

        (void)snprintf(value, sizeof value, "{\"visit\":%u%s}", visit_of(c).number, more);
        one_call_work(c, type, actor, value);
}

static sk_slice section_of(const one_call *c, sk_section_kind kind, uint8_t index) {
        sk_section section;

        return sk_data_find((sk_slice){c->data, c->data_len}, kind, index, &section) ? section.bytes : SK_NONE;
}

static const char *code_of(const one_call *c) {
        return one_call_text(c, SK_EVENT_OUTCOME, 0, "code");
}

/* ---- what a program or a plug-in says ---- */

static void test_a_code_that_is_none_is_not_passed_on(void **state) {
        (void)state;
        static const struct {
                const char *said;
                const char *kept;
        } table[] = {
                {"exit-1", "exit-1"},
                {"Exit 1", "invalid"},
                {"a_b", "invalid"},
                {"\x1b[31m", "invalid"},
                {"a-code-that-nobody-will-ever-want-to-read-in-a-list-of-what-went-wrong-since-it-is-too-long",
                 "invalid"},
        };

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                one_call c;
                open_with(&c, ROUTINE_OPERATE(EXEC, "\"auto\""));
                ends(&c, SK_EFFECT_FAILED, sk_slice_of(table[i].said), SK_SLICE(""));
                assert_string_equal(one_call_text(&c, SK_EVENT_TRIED, 0, "code"), table[i].kept);
                one_call_free(&c);
        }
}

static void test_of_a_long_text_the_end_is_kept_from_a_whole_character_on(void **state) {
        (void)state;

        for (size_t shift = 0; shift < 3; shift++) { /* the cut falls before, in and after a character of three bytes */
                one_call c;
                sk_buf text = sk_buf_make(3 * SK_EFFECT_TEXT_MAX);
                while (text.len < 2 * SK_EFFECT_TEXT_MAX)
                        sk_buf_add(&text, "\xe2\x82\xac", 3);
                sk_buf_add(&text, "endend", 4 + shift);
                open_with(&c, ROUTINE_OPERATE(EXEC, "\"auto\""));
                ends(&c, SK_EFFECT_FAILED, SK_SLICE("exit-1"), sk_buf_slice(&text));
                sk_slice kept = sk_json_member_string(section_of(&c, SK_SECTION_TRY, 1), "text", c.arena);
                assert_in_range(kept.len, SK_EFFECT_TEXT_MAX - 2, SK_EFFECT_TEXT_MAX);
                assert_memory_equal(kept.at, "\xe2\x82\xac", 3);
                assert_memory_equal(kept.at + kept.len - 4 - shift, "endend", 4 + shift);
                sk_buf_free(&text);
                one_call_free(&c);
        }
}

/* ---- results that come later ---- */

static void test_who_speaks_for_an_effect_says_how_it_ended(void **state) {
        (void)state;
        static const struct {
                const char *said;
                const char *code;      /* of the record */
                const char *result;    /* of the try; "": it is still awaited */
                const char *escalated; /* why it is a person's matter then */
        } table[] = {
                {",\"outcome\":\"declined\",\"text\":\"not ours\"", "ok", "declined", "effect-declined"},
                {",\"outcome\":\"failed\",\"text\":\"broke\"", "ok", "failed", "effect-failed"},
                {",\"outcome\":\"withdrawn\"", "not-allowed", "", ""},
                {",\"outcome\":\"nonsense\"", "not-allowed", "", ""},
                {",\"try\":\"1\",\"outcome\":\"completed\"", "not-due", "", ""},
                {",\"outcome\":\"completed\",\"result\":{\"priority\":9}", "bad-result", "", ""},
        };

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                one_call c;
                open_with(&c, ROUTINE_OPERATE(EXEC, "\"manual\""));
                ends(&c, SK_EFFECT_LATER, SK_SLICE(""), SK_SLICE(""));
                order(&c, SK_WORK_RESULT, "anna", table[i].said);
                assert_string_equal(code_of(&c), table[i].code);
                assert_string_equal(one_call_text(&c, SK_EVENT_TRIED, 0, "result"), table[i].result);
                assert_string_equal(one_call_text(&c, SK_EVENT_ESCALATED, 0, "code"), table[i].escalated);
                bool is_awaited = table[i].result[0] == '\0';
                assert_int_equal(visit_of(&c).due, is_awaited ? SK_DUE_LATER : SK_DUE_GIVEN_UP);
                assert_int_equal(visit_of(&c).how, is_awaited ? SK_HOW_EXEC : SK_HOW_MANUAL);
                one_call_free(&c);
        }
}

static void test_what_somebody_declines_where_that_is_allowed_ends_the_activity(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", ROUTINE_CHANGE(EXEC, ROUTINE_AUTO, "\"manual\""));
        one_call_customer(&c, SK_CALL_RAISE,
                          "{\"type\":\"request-for-change\",\"facility\":\"laptop\",\"need\":\"x\"}");
        ends(&c, SK_EFFECT_LATER, SK_SLICE(""), SK_SLICE(""));
        order(&c, SK_WORK_RESULT, "anna", ",\"outcome\":\"declined\"");
        assert_string_equal(code_of(&c), "ok");
        assert_string_equal(one_call_text(&c, SK_EVENT_ENDED, 0, "outcome"), "declined");
        assert_string_equal(one_call_text(&c, SK_EVENT_ENDED, 0, "actor"), "anna");
        one_call_free(&c);
}

static void test_orders_about_another_visit_or_an_effect_that_is_not_awaited_are_refused(void **state) {
        (void)state;
        static const struct {
                sk_message type;
                const char *actor;
                const char *value;
                const char *code;
        } table[] = {
                {SK_WORK_RESULT, "anna", "{\"visit\":4}", "not-due"},
                {SK_WORK_RESULT, "anna", "{\"visit\":9}", "no-such-visit"},
                {SK_WORK_RESULT, "anna", "{\"visit\":\"4\"}", "no-such-visit"},
                {SK_WORK_RETRY, "dina", "{\"visit\":9}", "no-such-visit"},
                {SK_WORK_RETRY, "dina", "{\"visit\":4}", "not-due"},
                {SK_WORK_REISSUE, "dina", "{\"visit\":9,\"reason\":\"x\"}", "no-such-visit"},
                {SK_WORK_REISSUE, "anna", "{\"visit\":4,\"reason\":\"x\"}", "not-entitled"},
        };

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                one_call c;
                open_with(&c, ROUTINE_OPERATE("\"manual\"", "\"auto\""));
                assert_int_equal(visit_of(&c).number, 4);
                one_call_work(&c, table[i].type, table[i].actor, table[i].value);
                assert_string_equal(code_of(&c), table[i].code);
                assert_int_equal(visit_of(&c).number, 4);
                one_call_free(&c);
        }
}

static void test_nothing_is_tried_or_entered_again_while_a_call_is_withdrawn(void **state) {
        static const sk_message orders[] = {SK_WORK_RETRY, SK_WORK_REISSUE};
        (void)state;

        for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
                one_call c;
                open_with(&c, NULL);
                one_call_customer(&c, SK_CALL_WITHDRAW, "{\"reason\":\"not needed\"}");
                assert_int_equal(one_call_now(&c).standing, SK_WITHDRAWING);
                order(&c, orders[i], "dina", ",\"reason\":\"x\"");
                assert_string_equal(code_of(&c), "withdrawing");
                assert_int_equal(one_call_count(&c, SK_EVENT_REISSUED), 0);
                one_call_free(&c);
        }
}

/* ---- what was asked of others in vain ---- */

static void test_a_coordinator_has_others_asked_again_what_they_have_declined(void **state) {
        one_call c;
        (void)state;

        open_with(&c, ROUTINE_OPERATE(ROUTINE_DELEGATE(ROUTINE_WIFI), "\"auto\""));
        order(&c, SK_WORK_RETRY, "dina", "");
        assert_string_equal(code_of(&c), "not-due"); /* nobody has declined yet */
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, DECLINED);
        assert_true(visit_of(&c).is_escalated);
        order(&c, SK_WORK_RETRY, "anna", "");
        assert_string_equal(code_of(&c), "not-entitled");
        order(&c, SK_WORK_CLAIM, "dina", "");
        order(&c, SK_WORK_QUESTION, "dina", ",\"text\":\"does a cable do?\"");
        assert_true(one_call_now(&c).clock_stands);
        order(&c, SK_WORK_RETRY, "dina", "");
        assert_string_equal(code_of(&c), "ok");
        sk_call call = one_call_now(&c);
        assert_int_equal(one_call_count(&c, SK_CALL_RAISE), 1);
        assert_int_equal(call.visit.how, SK_HOW_DELEGATE);
        assert_int_equal(call.visit.try_number, 2);
        assert_false(call.visit.is_escalated);
        assert_int_equal(call.visit.holder.len, 0);
        assert_int_equal(call.question, 0); /* who has asked it works on it no more */
        assert_false(call.clock_stands);
        unsigned second = call.ask_count - 1;
        one_call_feedback(&c, "network", second, SK_FEEDBACK_CLOSED,
                          "{\"outcome\":\"completed\",\"result\":{\"port\":7}}");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), "completed");
        one_call_free(&c);
}

static void test_only_what_was_declined_is_asked_again(void **state) {
        one_call c;
        (void)state;

        open_with(&c, ROUTINE_OPERATE(ROUTINE_DELEGATE(ROUTINE_WIFI "," ROUTINE_WIFI), "\"auto\""));
        assert_int_equal(one_call_count(&c, SK_CALL_RAISE), 2);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, "{\"outcome\":\"completed\",\"result\":{\"port\":7}}");
        one_call_feedback(&c, "network", 1, SK_FEEDBACK_CLOSED, DECLINED);
        assert_true(visit_of(&c).is_escalated);
        order(&c, SK_WORK_RETRY, "dina", "");
        assert_string_equal(code_of(&c), "ok");
        assert_int_equal(one_call_count(&c, SK_CALL_RAISE), 1);
        one_call_feedback(&c, "network", 2, SK_FEEDBACK_CLOSED, DECLINED);
        assert_true(visit_of(&c).is_escalated);
        assert_int_equal(visit_of(&c).try_number, 2);
        one_call_free(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_code_that_is_none_is_not_passed_on),
                cmocka_unit_test(test_of_a_long_text_the_end_is_kept_from_a_whole_character_on),
                cmocka_unit_test(test_who_speaks_for_an_effect_says_how_it_ended),
                cmocka_unit_test(test_what_somebody_declines_where_that_is_allowed_ends_the_activity),
                cmocka_unit_test(test_orders_about_another_visit_or_an_effect_that_is_not_awaited_are_refused),
                cmocka_unit_test(test_nothing_is_tried_or_entered_again_while_a_call_is_withdrawn),
                cmocka_unit_test(test_a_coordinator_has_others_asked_again_what_they_have_declined),
                cmocka_unit_test(test_only_what_was_declined_is_asked_again),
        };
        return cmocka_run_group_tests_name("step_effect_said", tests, NULL, NULL);
}
