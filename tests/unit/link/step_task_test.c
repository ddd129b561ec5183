/* What a task takes of people while the call has room for it, and how each is told that it has not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "link/data.h"
#include "support/one_call.h"

#define INCIDENT "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"screen stays black\"}"

static void open_with(one_call *c, const char *routine, const char *raise) {
        one_call_open(c, "centre", routine);
        one_call_customer(c, SK_CALL_RAISE, raise);
        assert_int_equal(c->known, SK_KNOWN_OPEN);
}

static const char *code_of(const one_call *c) {
        return one_call_text(c, SK_EVENT_OUTCOME, 0, "code");
}

/** Adds notes to the call's data until it is that long, as so much talking would have. */
static void fill(one_call *c, size_t size_bytes) {
        static char note[4000];
        sk_buf data = sk_buf_make(1u << 20);

        memset(note, 'x', sizeof note);
        memcpy(note, "{\"text\":\"", 9);
        memcpy(note + sizeof note - 2, "\"}", 2);
        sk_buf_add(&data, c->data, c->data_len);
        while (data.len + sizeof note + 100 < size_bytes)
                sk_data_add(&data, &(sk_section){.kind = SK_SECTION_NOTE, .bytes = {note, sizeof note}});
        assert_int_equal(data.err, SK_OK);
        free(c->data);
        c->data = malloc(data.len);
        assert_non_null(c->data);
        memcpy(c->data, data.at, data.len);
        c->data_len = data.len;
        sk_buf_free(&data);
}

/* `{"visit":1,BEFORE"xxx…"AFTER}` of that many bytes; freed by the next. */
static const char *sized(const char *before, const char *after, size_t size_bytes) {
        static char *kept;
        size_t bare = strlen(before) + strlen(after) + strlen("{\"visit\":1,\"\"}");

        assert_true(size_bytes > bare);
        free(kept);
        kept = malloc(size_bytes + 1);
        assert_non_null(kept);
        int len = snprintf(kept, size_bytes + 1, "{\"visit\":1,%s\"", before);
        memset(kept + len, 'x', size_bytes - bare);
        (void)snprintf(kept + len + (size_bytes - bare), strlen(after) + 3, "\"%s}", after);
        assert_int_equal(strlen(kept), size_bytes);
        return kept;
}

static void test_what_a_full_call_has_no_room_for_is_refused_and_changes_nothing(void **state) {
        (void)state;
        static const struct {
                sk_message type;
                const char *actor;
                const char *before;
                const char *after;
                size_t filled; /* up to here */
        } table[] = {
                {SK_WORK_NOTE, "anna", "\"text\":", "", SK_DATA_SAID_MAX},
                {SK_WORK_SAVE, "anna", "\"result\":{\"text\":", "}", SK_DATA_SAID_MAX},
                {SK_WORK_ASSIGN, "anna", "\"to\":\"bo\",\"text\":", "", SK_DATA_SAID_MAX},
                {SK_WORK_ASK, "anna", "\"to\":\"bo\",\"text\":", "", SK_DATA_SAID_MAX},
                {SK_WORK_CLASSIFY, "anna", "\"priority\":2,\"why\":", "", SK_DATA_SAID_MAX},
                {SK_WORK_REISSUE, "dina", "\"reason\":", "", SK_DATA_SAID_MAX},
                {SK_WORK_QUESTION, "anna", "\"text\":", "", SK_DATA_SENT_MAX},
                {SK_WORK_COMPLETE, "anna", "\"outcome\":\"completed\",\"result\":{\"text\":", "}", SK_DATA_SENT_MAX},
        };

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                one_call c;
                open_with(&c, NULL, INCIDENT);
                if (table[i].type == SK_WORK_CLASSIFY) {
                        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
                        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
                        one_call_work(&c, SK_WORK_CLAIM, "anna", "{\"visit\":3}");
                } else {
                        one_call_work(&c, SK_WORK_CLAIM, "anna", "{\"visit\":1}");
                }
                fill(&c, table[i].filled);
                sk_call before = one_call_now(&c);
                size_t before_len = c.data_len;
                one_call_work(&c, table[i].type, table[i].actor, sized(table[i].before, table[i].after, 8000));
                if (strcmp(code_of(&c), "full") != 0)
                        fail_msg("%s: %s", sk_message_name(table[i].type), code_of(&c));
                assert_int_equal(c.out.count, 1); /* the outcome */
                assert_int_equal(c.data_len, before_len);
                sk_call after = one_call_now(&c);
                assert_int_equal(after.visit.number, before.visit.number);
                assert_int_equal(after.priority, before.priority);
                assert_int_equal(after.question, 0);
                assert_true(sk_slice_is(after.visit.holder, "anna"));
                one_call_free(&c);
        }
}

static void test_an_answer_that_a_full_call_cannot_hold_leaves_the_question_open(void **state) {
        one_call c;
        (void)state;

        open_with(&c, NULL, INCIDENT);
        one_call_work(&c, SK_WORK_CLAIM, "anna", "{\"visit\":1}");
        one_call_work(&c, SK_WORK_QUESTION, "anna", "{\"visit\":1,\"text\":\"since when?\"}");
        unsigned question = one_call_now(&c).question;
        char members[40];
        (void)snprintf(members, sizeof members, "\"question\":%u,\"answer\":", question);
        fill(&c, SK_DATA_SENT_MAX);
        one_call_customer(&c, SK_CALL_ANSWER, sized(members, "", 8000));
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_REFUSED, 0, "code"), "full");
        assert_int_equal(one_call_now(&c).question, question);
        assert_true(one_call_now(&c).clock_stands);
        (void)snprintf(members, sizeof members, "{\"question\":%u,\"answer\":\"May\"}", question);
        one_call_customer(&c, SK_CALL_ANSWER, members);
        assert_int_equal(one_call_now(&c).question, 0);
        assert_false(one_call_now(&c).clock_stands);
        one_call_free(&c);
}

static void test_a_full_call_can_be_declined_all_the_same(void **state) {
        one_call c;
        (void)state;

        open_with(&c, NULL, INCIDENT);
        one_call_work(&c, SK_WORK_CLAIM, "anna", "{\"visit\":1}");
        fill(&c, SK_DATA_SENT_MAX);
        size_t before_len = c.data_len;
        one_call_work(&c, SK_WORK_DECLINE, "anna", sized("\"reason\":", "", 8000));
        assert_string_equal(code_of(&c), "ok");
        assert_string_equal(one_call_text(&c, SK_EVENT_ENDED, 0, "outcome"), "declined");
        assert_int_equal(c.data_len, before_len); /* without what there is no room for */
        one_call_free(&c);
}

/* ---- declining ---- */

static void test_a_call_of_the_wrong_type_is_declined_with_the_type_it_should_have_had(void **state) {
        one_call c;
        (void)state;

        open_with(&c, NULL, INCIDENT);
        one_call_work(&c, SK_WORK_CLAIM, "anna", "{\"visit\":1}");
        one_call_work(&c, SK_WORK_DECLINE, "anna", "{\"visit\":1,\"retype\":\"service-request\"}");
        assert_string_equal(code_of(&c), "ok");
        for (int i = 0; c.known == SK_KNOWN_OPEN && i < 3; i++)
                one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), "declined");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "code"), "retyped");
        sk_slice offer = sk_json_member(one_call_value(&c, SK_FEEDBACK_CLOSED, 0), "offer");
        assert_true(sk_slice_is(sk_json_member(offer, "type"), "\"service-request\""));
        assert_true(sk_slice_is(sk_json_member(offer, "facility"), "\"laptop\""));
        one_call_free(&c);
}

static void test_a_call_is_not_declined_as_what_it_cannot_become(void **state) {
        (void)state;
        static const char *const types[] = {"incident", "risk", "support-request", "nonsense", ""};

        for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
                one_call c;
                char value[100];
                open_with(&c, NULL, INCIDENT);
                one_call_work(&c, SK_WORK_CLAIM, "anna", "{\"visit\":1}");
                (void)snprintf(value, sizeof value, "{\"visit\":1,\"retype\":\"%s\"}", types[i]);
                one_call_work(&c, SK_WORK_DECLINE, "anna", value);
                assert_string_equal(code_of(&c), "bad-type");
                assert_int_equal(one_call_now(&c).visit.number, 1);
                one_call_free(&c);
        }
}

/* ---- questions ---- */

static void test_a_customer_is_asked_one_thing_at_a_time_by_who_holds_the_task(void **state) {
        one_call c;
        (void)state;

        open_with(&c, NULL, INCIDENT);
        one_call_work(&c, SK_WORK_CLAIM, "anna", "{\"visit\":1}");
        one_call_work(&c, SK_WORK_QUESTION, "bo", "{\"visit\":1,\"text\":\"mine?\"}");
        assert_string_equal(code_of(&c), "not-holder");
        one_call_work(&c, SK_WORK_QUESTION, "anna", "{\"visit\":1,\"text\":\"since when?\"}");
        assert_string_equal(code_of(&c), "ok");
        one_call_work(&c, SK_WORK_QUESTION, "anna", "{\"visit\":1,\"text\":\"and where?\"}");
        assert_string_equal(code_of(&c), "question-open");
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_QUESTION), 0);
        one_call_free(&c);
}

static void test_nobody_is_asked_about_what_is_being_withdrawn(void **state) {
        one_call c;
        char claim[40], question[60];
        (void)state;

        open_with(&c, NULL, INCIDENT);
        one_call_customer(&c, SK_CALL_WITHDRAW, "{\"reason\":\"not needed\"}");
        assert_int_equal(one_call_now(&c).standing, SK_WITHDRAWING); /* until somebody has closed it */
        (void)snprintf(claim, sizeof claim, "{\"visit\":%u}", one_call_now(&c).visit.number);
        (void)snprintf(question, sizeof question, "{\"visit\":%u,\"text\":\"?\"}", one_call_now(&c).visit.number);
        one_call_work(&c, SK_WORK_CLAIM, "anna", claim);
        assert_string_equal(code_of(&c), "ok");
        one_call_work(&c, SK_WORK_QUESTION, "anna", question);
        assert_string_equal(code_of(&c), "withdrawing");
        one_call_free(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_a_full_call_has_no_room_for_is_refused_and_changes_nothing),
                cmocka_unit_test(test_an_answer_that_a_full_call_cannot_hold_leaves_the_question_open),
                cmocka_unit_test(test_a_full_call_can_be_declined_all_the_same),
                cmocka_unit_test(test_a_call_of_the_wrong_type_is_declined_with_the_type_it_should_have_had),
                cmocka_unit_test(test_a_call_is_not_declined_as_what_it_cannot_become),
                cmocka_unit_test(test_a_customer_is_asked_one_thing_at_a_time_by_who_holds_the_task),
                cmocka_unit_test(test_nobody_is_asked_about_what_is_being_withdrawn),
        };
        return cmocka_run_group_tests_name("step_task", tests, NULL, NULL);
}
