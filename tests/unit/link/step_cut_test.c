#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "support/one_call.h"
#include "support/routines.h"

static const char incident[] = "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"screen stays black\"}";
static const char change[] = "{\"type\":\"request-for-change\",\"facility\":\"laptop\",\"need\":\"x\"}";
static const char remote_operate[] =
        ROUTINE_CHANGE("\"auto\"", "{\"link\":{\"operate\":{\"team\":\"network\"}}}", "\"manual\"");
static const char risk[] = "{\"to\":\"centre\",\"type\":\"risk\",\"facility\":\"laptop\",\"need\":\"old\"}";
#define OPERATE_AUTO                                                                                               \
        "\"operate.accept\":" ROUTINE_AUTO ",\"operate.classify\":" ROUTINE_AUTO ",\"operate.plan\":" ROUTINE_AUTO \
        ",\"operate.perform\":" ROUTINE_AUTO ",\"operate.review\":" ROUTINE_AUTO ",\"operate.close\":" ROUTINE_AUTO
static const char recover_by_hand[] = "{\"workflow\":4,\"activities\":{" OPERATE_AUTO "}}";

static void complete(one_call *c, const char *completion) {
        one_call_do(c, "anna", completion);
        assert_string_equal(one_call_text(c, SK_EVENT_OUTCOME, 0, "code"), "ok");
}

/** An incident whose operate part was gone through once, and was not what was wanted. */
static void open_not_confirmed(one_call *c) {
        one_call_open(c, "centre", recover_by_hand);
        one_call_customer(c, SK_CALL_RAISE, incident);
        for (int i = 0; i < 3; i++) {
                complete(c, "\"outcome\":\"completed\"");
        }
        complete(c, "\"result\":{\"cut\":{\"infrastructure\":false}}");
        assert_int_equal(one_call_count(c, SK_EVENT_FED_BACK), 1);
        complete(c, "\"outcome\":\"not-confirmed\"");
        sk_call call = one_call_now(c);
        assert_int_equal(call.frames[0].step, SK_AT_CUT);
        assert_int_equal(call.visit.how, SK_HOW_MANUAL);
}

static void test_a_forced_close_at_the_second_cut_feeds_nothing_back_twice(void **state) {
        one_call c;
        (void)state;

        open_not_confirmed(&c);
        one_call_work(&c, SK_WORK_FORCE_CLOSE, "dina", "{\"reason\":\"x\"}");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        assert_int_equal(one_call_count(&c, SK_EVENT_FED_BACK), 0);
        one_call_free(&c);
}

static void test_what_a_later_attempt_makes_good_leaves_no_code_of_the_earlier_one(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", remote_operate);
        one_call_customer(&c, SK_CALL_RAISE, change);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, "{\"outcome\":\"declined\",\"code\":\"busy\"}");
        complete(&c, "\"outcome\":\"not-confirmed\"");
        assert_int_equal(one_call_count(&c, SK_EVENT_TRIGGERED), 1);
        one_call_feedback(&c, "network", 1, SK_FEEDBACK_CLOSED, "{\"outcome\":\"completed\"}");
        complete(&c, "\"outcome\":\"completed\"");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), "completed");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "code"), "");
        one_call_free(&c);
}

/** All ways lead through operate: when that comes back from another link, there is nothing left to withdraw. */
static void test_a_withdraw_comes_too_late_once_another_link_has_operated(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", remote_operate);
        one_call_customer(&c, SK_CALL_RAISE, change);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, "{\"outcome\":\"completed\"}");
        one_call_customer(&c, SK_CALL_WITHDRAW, "{\"reason\":\"x\"}");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_REFUSED, 0, "code"), "too-late");
        one_call_free(&c);
}

static void test_half_an_answer_at_the_cut_is_refused_and_not_kept(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", NULL);
        one_call_work(&c, SK_WORK_RAISE, "anna", risk);
        for (int i = 0; i < 4; i++) {
                complete(&c, "\"outcome\":\"completed\"");
        }
        assert_int_equal(one_call_now(&c).frames[0].step, SK_AT_CUT);
        one_call_do(&c, "anna", "\"result\":{\"cut\":{\"agreement\":false}}");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "bad-result");
        assert_false(one_call_now(&c).answered_agreement);
        one_call_do(&c, "anna", "\"outcome\":\"failed\",\"result\":{\"cut\":{\"agreement\":true}}");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "not-allowed");
        complete(&c, "\"result\":{\"cut\":{\"agreement\":false,\"infrastructure\":true}}");
        assert_int_equal(one_call_now(&c).workflow, 7);
        one_call_free(&c);
}

static void test_who_gave_up_before_the_cut_cannot_be_sent_through_it_again(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", NULL);
        one_call_customer(&c, SK_CALL_RAISE, incident);
        complete(&c, "\"outcome\":\"completed\"");
        complete(&c, "\"outcome\":\"failed\"");
        assert_string_equal(one_call_text(&c, SK_EVENT_ENTERED, 0, "activity"), "recover.review");
        one_call_do(&c, "anna", "\"outcome\":\"not-confirmed\"");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "not-allowed");
        one_call_free(&c);
}

/** Rule V3: what runs when a new edition comes goes on as it began, also a round at the cut. */
static void test_a_round_at_the_cut_follows_the_edition_that_it_began_under(void **state) {
        static const char linked[] = "{\"process\":\"recover\",\"activities\":{\"recover.cut\":{\"link\":{\"operate\":{"
                                     "\"team\":\"network\"}}}}}";
        (void)state;
        static const struct {
                const char *first;
                const char *then;
                unsigned raised;
        } table[] = {{linked, NULL, 1}, {NULL, linked, 0}};

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                one_call c;
                one_call_open(&c, "centre", table[i].first);
                one_call_customer(&c, SK_CALL_RAISE, incident);
                for (int k = 0; k < 4; k++) {
                        complete(&c, "\"outcome\":\"completed\"");
                }
                assert_int_equal(one_call_now(&c).frames[0].step, SK_AT_CUT);
                one_call_new_edition(&c, table[i].then);
                complete(&c, "\"result\":{\"cut\":{\"infrastructure\":false}}");
                assert_int_equal(one_call_count(&c, SK_CALL_RAISE), table[i].raised);
                one_call_free(&c);
        }
}

/** A component may be concerned and not be modified; that decides for operate. */
static void test_components_that_stay_as_they_are_do_not_make_it_a_change(void **state) {
        static const char automatic[] = "{\"process\":\"recover\",\"activities\":{\"recover.cut\":{\"how\":\"auto\"}}}";
        static const char raise[] =
                "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"x\",\"data\":{\"cut\":"
                "{\"infrastructure\":false,\"components\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\","
                "\"8\",\"9\"]}}}";
        one_call c;
        (void)state;

        one_call_open(&c, "centre", automatic);
        one_call_customer(&c, SK_CALL_RAISE, raise);
        for (int k = 0; k < 4; k++) {
                complete(&c, "\"outcome\":\"completed\"");
        }
        sk_call call = one_call_now(&c);
        assert_int_equal(call.workflow, 4);
        assert_int_equal(call.component_count, SK_COMPONENTS_MAX);
        one_call_free(&c);
}

/** An incident whose cut is the next task. */
static void open_at_cut(one_call *c) {
        one_call_open(c, "centre", NULL);
        one_call_customer(c, SK_CALL_RAISE, incident);
        for (int i = 0; i < 3; i++) {
                complete(c, "\"outcome\":\"completed\"");
        }
}

static void test_a_component_that_is_named_is_one_that_changes(void **state) {
        (void)state;
        static const struct {
                const char *cut;
                const char *target;
        } table[] = {
                {"{\"components\":[\"c1\"]}", "change"},
                {"{\"components\":[\"c1\",\"c2\"],\"infrastructure\":true}", "change"},
                {"{\"components\":[],\"infrastructure\":false}", "operate"},
        };

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                one_call c;
                char completion[200];
                open_at_cut(&c);
                (void)snprintf(completion, sizeof completion, "\"result\":{\"cut\":%s}", table[i].cut);
                complete(&c, completion);
                assert_string_equal(one_call_text(&c, SK_EVENT_TRIGGERED, 0, "to"), table[i].target);
                one_call_free(&c);
        }
}

static void test_of_a_long_reason_whole_characters_are_kept(void **state) {
        (void)state;
        for (size_t shift = 0; shift < 3;
             shift++) { /* the bound falls before, in and after a character of three bytes */
                one_call c;
                char completion[400];
                size_t len = (size_t)snprintf(completion, sizeof completion,
                                              "\"result\":{\"cut\":{\"infrastructure\":false,\"reason\":\"%.*s",
                                              (int)shift, "aa");
                for (int i = 0; i < 80; i++) {
                        len += (size_t)snprintf(completion + len, sizeof completion - len, "\xe2\x82\xac");
                }
                (void)snprintf(completion + len, sizeof completion - len, "\"}}");
                open_at_cut(&c);
                complete(&c, completion);
                sk_slice reason = sk_slice_of(one_call_text(&c, SK_EVENT_TRIGGERED, 0, "reason"));
                assert_in_range(reason.len, 198, 200);
                assert_int_equal((reason.len - shift) % 3, 0);
                assert_memory_equal(reason.at + reason.len - 3, "\xe2\x82\xac", 3);
                one_call_free(&c);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_forced_close_at_the_second_cut_feeds_nothing_back_twice),
                cmocka_unit_test(test_what_a_later_attempt_makes_good_leaves_no_code_of_the_earlier_one),
                cmocka_unit_test(test_a_withdraw_comes_too_late_once_another_link_has_operated),
                cmocka_unit_test(test_half_an_answer_at_the_cut_is_refused_and_not_kept),
                cmocka_unit_test(test_a_round_at_the_cut_follows_the_edition_that_it_began_under),
                cmocka_unit_test(test_components_that_stay_as_they_are_do_not_make_it_a_change),
                cmocka_unit_test(test_a_component_that_is_named_is_one_that_changes),
                cmocka_unit_test(test_of_a_long_reason_whole_characters_are_kept),
                cmocka_unit_test(test_who_gave_up_before_the_cut_cannot_be_sent_through_it_again),
        };
        return cmocka_run_group_tests_name("step_cut", tests, NULL, NULL);
}
