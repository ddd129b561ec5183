#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "support/one_call.h"

#define AUTO "{\"how\":\"auto\"}"
#define OPERATE(perform)                                                                                  \
        "{\"process\":\"operate\",\"activities\":{\"operate.accept\":" AUTO ",\"operate.classify\":" AUTO \
        ",\"operate.plan\":" AUTO ",\"operate.perform\":{\"how\":" perform "},\"operate.review\":" AUTO   \
        ",\"operate.close\":" AUTO "}}"
#define WIFI "{\"team\":\"network\",\"type\":\"service-request\",\"facility\":\"wifi\"}"

static const char once[] = OPERATE("{\"delegate\":{\"to\":[" WIFI "]}}");
static const char two_targets[] = OPERATE("{\"delegate\":{\"to\":[" WIFI "," WIFI "]}}");
static const char request[] =
        "{\"type\":\"service-request\",\"facility\":\"laptop\",\"need\":\"x\",\"data\":{\"serial\":7,\"salary\":1}}";

static void open_with(one_call *c, const char *routine) {
        one_call_open(c, "centre", routine);
        one_call_customer(c, SK_CALL_RAISE, request);
        assert_int_equal(c->known, SK_KNOWN_OPEN);
}

static void test_what_comes_behind_a_closed_changes_nothing(void **state) {
        (void)state;
        static const struct {
                sk_message type;
                const char *value;
        } table[] = {
                {SK_FEEDBACK_PROGRESS, "{\"standing\":{\"state\":\"working\"},\"text\":\"still here\"}"},
                {SK_FEEDBACK_QUESTION, "{\"standing\":{\"state\":\"waiting\"},\"text\":\"really?\"}"},
                {SK_FEEDBACK_OFFER, "{\"standing\":{\"state\":\"waiting\"},\"agreement\":{}}"},
                {SK_FEEDBACK_ACCEPTED, "{\"standing\":{\"state\":\"accepted\"}}"},
                {SK_FEEDBACK_CLOSED, "{\"outcome\":\"completed\",\"result\":{\"port\":8}}"},
                {SK_FEEDBACK_REFUSED, "{\"of\":\"x/c/1\",\"code\":\"too-old\"}"},
        };

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                one_call c;
                open_with(&c, two_targets);
                one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, "{\"outcome\":\"declined\"}");
                one_call_feedback(&c, "network", 0, table[i].type, table[i].value);
                assert_int_equal(one_call_count(&c, SK_EVENT_LATE), 1);
                sk_call call = one_call_now(&c);
                assert_int_equal(call.asks[0].standing, SK_CLOSED);
                assert_int_equal(call.asks[0].outcome, SK_DECLINED);
                one_call_free(&c);
        }
}

static void test_a_question_that_was_lost_is_learned_from_the_next_standing(void **state) {
        one_call c;
        (void)state;

        open_with(&c, once);
        sk_id ask = one_call_now(&c).asks[0].id;
        one_call_feedback_numbered(
                &c, "network", &ask, 3, SK_FEEDBACK_PROGRESS,
                "{\"standing\":{\"state\":\"waiting\",\"question\":{\"seqno\":2,\"text\":\"which?\"}}}");
        assert_int_equal(one_call_count(&c, SK_EVENT_GAP), 1);
        assert_int_equal(one_call_now(&c).asks[0].question, 2);
        char id[SK_ID_TEXT + 1] = {0};
        char answer[120];
        sk_id_format(&ask, id);
        (void)snprintf(answer, sizeof answer, "{\"ask\":\"%s\",\"question\":2,\"answer\":\"the left one\"}", id);
        one_call_work(&c, SK_WORK_ANSWER, "anna", answer);
        assert_int_equal(one_call_count(&c, SK_CALL_ANSWER), 1);
        assert_int_equal(one_call_now(&c).asks[0].standing, SK_WORKING);
        int64_t question = 0;
        assert_true(sk_json_member_int(one_call_value(&c, SK_EVENT_ANSWERED, 0), "question", 2, 2, &question));
        /* a standing that was written before the answer arrived asks nothing again */
        one_call_feedback_numbered(
                &c, "network", &ask, 4, SK_FEEDBACK_PROGRESS,
                "{\"standing\":{\"state\":\"waiting\",\"question\":{\"seqno\":2,\"text\":\"which?\"}}}");
        assert_int_equal(one_call_now(&c).asks[0].question, 0);
        one_call_free(&c);
}

static void test_a_question_that_is_moot_is_open_no_more(void **state) {
        one_call c;
        (void)state;

        open_with(&c, once);
        one_call_feedback(
                &c, "network", 0, SK_FEEDBACK_QUESTION,
                "{\"standing\":{\"state\":\"waiting\",\"question\":{\"seqno\":1,\"text\":\"?\"}},\"text\":\"?\"}");
        assert_int_equal(one_call_now(&c).asks[0].question, 1);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_PROGRESS, "{\"standing\":{\"state\":\"working\"}}");
        assert_int_equal(one_call_now(&c).asks[0].question, 0);
        assert_int_equal(one_call_now(&c).asks[0].standing, SK_WORKING);
        one_call_free(&c);
}

/** Whatever comes, its standing says what is open: a message that was lost is made up for by any other. */
static void test_every_feedback_takes_back_what_its_standing_does_not_show(void **state) {
        (void)state;
        static const struct {
                sk_message type;
                const char *value;
                uint32_t question;
                uint32_t offer;
        } table[] = {
                {SK_FEEDBACK_ACCEPTED, "{\"standing\":{\"state\":\"accepted\"}}", 0, 0},
                {SK_FEEDBACK_PROGRESS, "{\"standing\":{\"state\":\"working\"}}", 0, 0},
                {SK_FEEDBACK_LATE, "{\"standing\":{\"state\":\"working\"},\"reason\":\"stock\"}", 0, 0},
                {SK_FEEDBACK_REFUSED, "{\"standing\":{\"state\":\"working\"},\"of\":\"x/c/2\",\"code\":\"too-late\"}",
                 0, 0},
                {SK_FEEDBACK_QUESTION, "{\"standing\":{\"state\":\"waiting\"},\"text\":\"new?\"}", 3, 0},
                {SK_FEEDBACK_OFFER, "{\"standing\":{\"state\":\"waiting\"},\"agreement\":{}}", 0, 3},
        };
        static const char asked[] = "{\"standing\":{\"state\":\"waiting\",\"question\":{\"seqno\":1}},\"text\":\"?\"}";
        static const char offered[] = "{\"standing\":{\"state\":\"waiting\",\"question\":{\"seqno\":1},\"offer\":2}}";

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                one_call c;
                open_with(&c, once);
                one_call_feedback(&c, "network", 0, SK_FEEDBACK_QUESTION, asked);
                one_call_feedback(&c, "network", 0, SK_FEEDBACK_OFFER, offered);
                sk_call call = one_call_now(&c);
                assert_true(call.asks[0].question == 1 && call.asks[0].offer == 2);
                one_call_feedback(&c, "network", 0, table[i].type, table[i].value);
                call = one_call_now(&c);
                assert_int_equal(call.asks[0].question, table[i].question);
                assert_int_equal(call.asks[0].offer, table[i].offer);
                one_call_free(&c);
        }
}

/** Rule O7: feedback that answers a repeated raise shows what the provider has not heard. */
static void test_an_answer_and_a_withdraw_that_were_lost_are_said_again(void **state) {
        one_call c;
        (void)state;

        open_with(&c, once);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_QUESTION, "{\"standing\":{},\"text\":\"which?\"}");
        char id[SK_ID_TEXT + 1] = {0};
        char value[160];
        sk_call call = one_call_now(&c);
        sk_id_format(&call.asks[0].id, id);
        (void)snprintf(value, sizeof value, "{\"ask\":\"%s\",\"question\":1,\"answer\":\"left\",\"note\":\"hm\"}", id);
        one_call_work(&c, SK_WORK_ANSWER, "anna", value);
        (void)snprintf(value, sizeof value, "{\"ask\":\"%s\",\"reason\":\"no\"}", id);
        one_call_work(&c, SK_WORK_WITHDRAW, "dina", value);
        assert_int_equal(one_call_count(&c, SK_CALL_WITHDRAW), 1);
        one_call_feedback(
                &c, "network", 0, SK_FEEDBACK_PROGRESS,
                "{\"of\":\"x\",\"standing\":{\"state\":\"waiting\",\"question\":{\"seqno\":1,\"text\":\"?\"}}}");
        assert_int_equal(one_call_count(&c, SK_CALL_ANSWER), 1);
        assert_string_equal(one_call_text(&c, SK_CALL_ANSWER, 0, "answer"), "left");
        assert_string_equal(one_call_text(&c, SK_CALL_ANSWER, 0, "note"), "hm");
        assert_int_equal(one_call_count(&c, SK_CALL_WITHDRAW), 1);
        assert_int_equal(one_call_now(&c).asks[0].out_seqno, 5);
        one_call_free(&c);
}

static void test_an_offer_out_of_the_blue_opens_a_record_only_under_its_own_id(void **state) {
        one_call c;
        sk_id other = {{1, 2, 3, 4, 5, 6, 0x70, 8, 0x80, 10, 11, 12, 13, 14, 15, 16}};
        (void)state;

        one_call_open(&c, "centre", NULL);
        one_call_feedback_numbered(&c, "network", &other, 1, SK_FEEDBACK_OFFER, "{\"standing\":{},\"agreement\":{}}");
        assert_int_equal(c.known, SK_KNOWN_NOT);
        assert_int_equal(one_call_count(&c, SK_EVENT_UNKNOWN), 1);
        one_call_feedback_numbered(&c, "network", &c.id, 1, SK_FEEDBACK_OFFER, "{\"standing\":{},\"agreement\":{}}");
        assert_int_equal(c.known, SK_KNOWN_OPEN);
        one_call_work(&c, SK_WORK_ANSWER, "anna", "{\"question\":1,\"answer\":\"accept\"}");
        assert_string_equal(one_call_text(&c, SK_CALL_DECIDE, 0, "decision"), "accept");
        one_call_free(&c);
}

/* Our first message about a call of the provider's own is a decision: its refusal declines nothing. */
static void test_a_refused_decision_on_an_offer_does_not_end_the_record(void **state) {
        one_call c;
        char id[SK_ID_TEXT + 1] = {0};
        char value[160];
        (void)state;

        one_call_open(&c, "centre", NULL);
        one_call_feedback_numbered(&c, "network", &c.id, 1, SK_FEEDBACK_OFFER, "{\"standing\":{},\"agreement\":{}}");
        one_call_work(&c, SK_WORK_ANSWER, "anna", "{\"question\":1,\"answer\":\"refuse\"}");
        sk_id_format(&c.id, id);
        (void)snprintf(value, sizeof value, "{\"standing\":{},\"of\":\"%s/c/1\",\"code\":\"no-offer\"}", id);
        one_call_feedback_numbered(&c, "network", &c.id, 2, SK_FEEDBACK_REFUSED, value);
        assert_int_equal(c.known, SK_KNOWN_OPEN);
        one_call_feedback_numbered(&c, "network", &c.id, 3, SK_FEEDBACK_CLOSED, "{\"outcome\":\"withdrawn\"}");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        assert_string_equal(one_call_text(&c, SK_EVENT_CLOSED, 0, "outcome"), "withdrawn");
        one_call_free(&c);
}

static void test_a_result_too_deep_or_too_large_to_go_on_is_left_out(void **state) {
        (void)state;
        static char large[200 * 1024];
        const char *const shapes[] = {
                "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
                large,
        };

        memset(large, 'x', sizeof large - 1);
        memcpy(large, "{\"a\":\"", 6);
        memcpy(large + sizeof large - 3, "\"}", 2);
        for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
                one_call c;
                size_t room = strlen(shapes[i]) + 60;
                char *value = malloc(room);
                open_with(&c, once);
                (void)snprintf(value, room, "{\"outcome\":\"completed\",\"result\":%s}", shapes[i]);
                one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, value);
                assert_int_equal(c.known, SK_KNOWN_CLOSED);
                assert_string_equal(one_call_text(&c, SK_EVENT_FED, 0, "left_out"), "result");
                assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), "completed");
                free(value);
                one_call_free(&c);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_comes_behind_a_closed_changes_nothing),
                cmocka_unit_test(test_a_question_that_was_lost_is_learned_from_the_next_standing),
                cmocka_unit_test(test_a_question_that_is_moot_is_open_no_more),
                cmocka_unit_test(test_every_feedback_takes_back_what_its_standing_does_not_show),
                cmocka_unit_test(test_an_answer_and_a_withdraw_that_were_lost_are_said_again),
                cmocka_unit_test(test_an_offer_out_of_the_blue_opens_a_record_only_under_its_own_id),
                cmocka_unit_test(test_a_refused_decision_on_an_offer_does_not_end_the_record),
                cmocka_unit_test(test_a_result_too_deep_or_too_large_to_go_on_is_left_out),
        };
        return cmocka_run_group_tests_name("step_feedback", tests, NULL, NULL);
}
