/* The border: what comes in is held against the schema of its message, and answered when it does not fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/one_call.h"
#include "support/routines.h"

static const char good[] = "{\"type\":\"service-request\",\"facility\":\"laptop\",\"need\":\"x\"}";

static void open(one_call *c) {
        one_call_open(c, "centre", ROUTINE_OPERATE("\"manual\"", "\"manual\""));
        c->is_strict = true;
}

static void test_a_call_that_does_not_fit_is_refused_with_its_place(void **state) {
        static const struct {
                const char *value;
                const char *text;
        } rows[] = {
                {"{\"type\":\"service-request\",\"facility\":\"laptop\"}", "/need is required"},
                {"{\"type\":\"service-request\",\"facility\":\"laptop\",\"need\":\"x\",\"urgency\":9}",
                 "/urgency must be at most 5"},
                {"{\"type\":\"service-request\",\"facility\":\"laptop\",\"need\":\"x\",\"attachments\":[{\"uri\":1}]}",
                 "/attachments/0/uri must be a text"},
        };
        (void)state;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                one_call c;
                open(&c);
                one_call_customer(&c, SK_CALL_RAISE, rows[i].value);
                assert_int_equal(c.known, SK_KNOWN_NOT);
                assert_string_equal(one_call_text(&c, SK_FEEDBACK_REFUSED, 0, "code"), "invalid");
                assert_string_equal(one_call_text(&c, SK_FEEDBACK_REFUSED, 0, "text"), rows[i].text);
                one_call_free(&c);
        }
}

static void test_a_message_on_an_open_call_is_refused_and_changes_nothing_else(void **state) {
        one_call c;
        (void)state;
        open(&c);
        one_call_customer(&c, SK_CALL_RAISE, good);
        assert_int_equal(c.known, SK_KNOWN_OPEN);
        one_call_customer(&c, SK_CALL_NOTE, "{\"text\":7}");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_REFUSED, 0, "code"), "invalid");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_REFUSED, 0, "text"), "/text must be a text");
        one_call_customer(&c, SK_CALL_NOTE, "{\"text\":\"seven\"}");
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_REFUSED), 0);
        one_call_free(&c);
}

static void test_members_of_a_later_version_are_let_pass(void **state) {
        one_call c;
        (void)state;
        open(&c);
        one_call_customer(
                &c, SK_CALL_RAISE,
                "{\"type\":\"service-request\",\"facility\":\"laptop\",\"need\":\"x\",\"of_1_9\":{\"a\":[1]}}");
        assert_int_equal(c.known, SK_KNOWN_OPEN);
        one_call_free(&c);
}

static void test_work_that_does_not_fit_has_the_outcome_invalid(void **state) {
        one_call c;
        (void)state;
        open(&c);
        one_call_customer(&c, SK_CALL_RAISE, good);
        one_call_work(&c, SK_WORK_CLAIM, "anna", "{\"visit\":\"four\"}");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "invalid");
        one_call_free(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_call_that_does_not_fit_is_refused_with_its_place),
                cmocka_unit_test(test_a_message_on_an_open_call_is_refused_and_changes_nothing_else),
                cmocka_unit_test(test_members_of_a_later_version_are_let_pass),
                cmocka_unit_test(test_work_that_does_not_fit_has_the_outcome_invalid),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
