#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "support/one_call.h"

/*
 * The inside of the provider stays invisible: whatever happens in a call, what its customer reads names no activity, no
 * person, no profile, no tool, no routine and no supplier, and of data and results only what the agreement shares.
 */

#define AUTO "{\"how\":\"auto\"}"
#define OPERATE(perform)                                                                                      \
        "{\"process\":\"operate\",\"activities\":{\"operate.accept\":" AUTO ",\"operate.classify\":{\"how\":" \
        "{\"auto\":{\"result\":{\"category\":\"secret\",\"priority\":2}}}},\"operate.plan\":" AUTO            \
        ",\"operate.perform\":{\"how\":" perform "},\"operate.review\":" AUTO ",\"operate.close\":" AUTO "}}"
#define WIFI "{\"team\":\"network\",\"type\":\"service-request\",\"facility\":\"wifi\",\"need\":\"secret\"}"

static const char delegated[] = OPERATE("{\"delegate\":{\"to\":[" WIFI "," WIFI "]}}");
static const char by_hand[] = OPERATE("\"manual\"");
static const char request[] = "{\"type\":\"service-request\",\"facility\":\"laptop\",\"need\":\"x\"}";
static const char incident[] = "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"screen stays black\"}";

/** Words of the inside; none is part of a word of the messages. */
static const char *const inside[] = {
        "anna",     "bo\"",     "dina",     "carl",    "operator", "coordinator", "manager",   "network", "wifi",
        "accept\"", "classify", "analyse",  "perform", "review",   "recover",     "operate",   "change.", "only",
        "secret",   "routine",  "activity", "visit",   "frame",    "accountable", "component", "manual",  "delegat",
};

static bool has_word(sk_slice text, const char *word) {
        return memmem(text.at, text.len, word, strlen(word)) != NULL;
}

/** Called behind each step. */
static void look(one_call *c, const sk_before *before, const sk_step_input *input) {
        (void)before;
        (void)input;
        for (size_t i = 0; i < c->out.count; i++) {
                const sk_record *record = &c->out.records[i];
                if (record->topic->kind != SK_TOPIC_FEEDBACK) {
                        continue;
                }
                for (size_t j = 0; j < sizeof inside / sizeof inside[0]; j++) {
                        if (has_word(record->value, inside[j]) || has_word(record->headers, inside[j])) {
                                fail_msg("a customer reads %s: %.*s", inside[j], (int)record->value.len,
                                         record->value.at);
                        }
                }
        }
}

static void open_watched(one_call *c, const char *routine, const char *share, const char *raise) {
        one_call_open_sharing(c, "centre", routine, share);
        c->look = look;
        one_call_customer(c, SK_CALL_RAISE, raise);
        assert_int_equal(c->known, SK_KNOWN_OPEN);
}

static void complete(one_call *c, const char *completion) {
        one_call_do(c, "anna", completion);
        assert_string_equal(one_call_text(c, SK_EVENT_OUTCOME, 0, "code"), "ok");
}

static sk_slice result_of(const one_call *c) {
        assert_int_equal(one_call_count(c, SK_FEEDBACK_CLOSED), 1);
        return sk_json_member(one_call_value(c, SK_FEEDBACK_CLOSED, 0), "result");
}

static void test_a_customer_gets_of_a_result_what_the_agreement_shares(void **state) {
        (void)state;
        static const struct {
                const char *share;
                const char *result; /* NULL: none */
        } table[] = {
                {"[\"/need\"]", NULL},
                {"[\"/result/serial\"]", "{\"serial\":\"L-1\"}"},
                {"[\"/result/serial\",\"/result/place/floor\"]", "{\"serial\":\"L-1\",\"place\":{\"floor\":2}}"},
                {"[\"/result/price\"]", NULL},
        };

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                one_call c;
                open_watched(&c, by_hand, table[i].share, request);
                complete(&c,
                         "\"result\":{\"serial\":\"L-1\",\"by\":\"anna\",\"place\":{\"floor\":2,\"key\":\"secret\"}}");
                sk_slice result = result_of(&c);
                assert_int_equal(sk_slice_there(result), table[i].result != NULL);
                assert_true(table[i].result == NULL || sk_slice_is(result, table[i].result));
                /* the team itself keeps it whole */
                assert_true(has_word(one_call_value(&c, SK_ARCHIVE_CALL, 0), "\"by\":\"anna\""));
                one_call_free(&c);
        }
}

static void test_todays_agreement_says_what_is_shared(void **state) {
        one_call c;
        (void)state;

        open_watched(&c, by_hand, "[\"/result\"]", request);
        c.share = "[]";
        one_call_new_edition(&c, by_hand);
        complete(&c, "\"result\":{\"by\":\"anna\"}");
        assert_false(sk_slice_there(result_of(&c)));
        one_call_free(&c);
}

static void test_a_customer_does_not_see_who_else_works_for_him(void **state) {
        one_call c;
        (void)state;

        open_watched(&c, delegated, "[\"/result/results/1/port\"]", request);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_ACCEPTED, "{\"standing\":{\"state\":\"accepted\"}}");
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_QUESTION,
                          "{\"standing\":{\"state\":\"waiting\"},\"text\":\"secret?\"}");
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_PROGRESS,
                          "{\"standing\":{\"state\":\"working\"},\"text\":\"network says secret\"}");
        one_call_feedback(
                &c, "network", 0, SK_FEEDBACK_LATE,
                "{\"standing\":{\"state\":\"working\"},\"forecast\":\"2026-12-01T00:00:00Z\",\"reason\":\"carl\"}");
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED,
                          "{\"outcome\":\"completed\",\"code\":\"secret\",\"result\":{\"by\":\"carl\"}}");
        one_call_feedback(&c, "network", 1, SK_FEEDBACK_CLOSED,
                          "{\"outcome\":\"completed\",\"result\":{\"by\":\"carl\",\"port\":8}}");
        assert_true(sk_slice_is(result_of(&c), "{\"results\":[null,{\"port\":8}]}"));
        one_call_free(&c);
}

/** A supplier that tells more than was agreed: it is not kept, neither here nor for whoever asks here. */
static void test_what_a_supplier_tells_is_limited_by_the_agreement_too(void **state) {
        one_call c;
        (void)state;

        open_watched(&c, delegated, "[\"/result\"]", request);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED,
                          "{\"outcome\":\"completed\",\"result\":{\"port\":7,\"price\":\"secret\"}}");
        assert_string_equal(one_call_text(&c, SK_EVENT_FED, 0, "left_out"), "");
        one_call_feedback(&c, "network", 1, SK_FEEDBACK_CLOSED,
                          "{\"outcome\":\"completed\",\"result\":{\"price\":\"secret\"}}");
        assert_string_equal(one_call_text(&c, SK_EVENT_FED, 0, "left_out"), "result");
        assert_true(sk_slice_is(result_of(&c), "{\"results\":[{\"port\":7},null]}"));
        assert_false(has_word(one_call_value(&c, SK_ARCHIVE_CALL, 0), "price"));
        one_call_free(&c);
}

static void test_nothing_of_a_supplier_that_fails_goes_on(void **state) {
        (void)state;
        static const char *const ends[] = {
                "{\"outcome\":\"declined\",\"code\":\"not-network\",\"text\":\"carl is away\"}",
                "{\"outcome\":\"failed\",\"code\":\"wifi\"}",
                "{\"of\":\"x/c/1\",\"code\":\"too-old\",\"text\":\"network has no such call\"}",
        };

        for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
                one_call c;
                sk_message type = i == 2 ? SK_FEEDBACK_REFUSED : SK_FEEDBACK_CLOSED;
                open_watched(&c, delegated, "[\"/result\"]", request);
                one_call_feedback(&c, "network", 0, type, ends[i]);
                one_call_feedback(&c, "network", 1, type, ends[i]);
                assert_int_equal(one_call_now(&c).visit.is_escalated, true);
                one_call_work(&c, SK_WORK_CLAIM, "dina", "{\"visit\":4}");
                one_call_work(&c, SK_WORK_COMPLETE, "dina", "{\"visit\":4,\"outcome\":\"failed\"}");
                assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "outcome"), "failed");
                one_call_free(&c);
        }
}

/** A long life: asked, told, late to answer, sent back, declined, refused. */
static void test_people_at_work_do_not_show(void **state) {
        one_call c;
        char value[120];
        (void)state;

        open_watched(&c, NULL, "[\"/result/cause\"]", incident);
        one_call_work(&c, SK_WORK_CLAIM, "anna", "{\"visit\":1}");
        one_call_work(&c, SK_WORK_QUESTION, "anna", "{\"visit\":1,\"text\":\"which?\",\"form\":{\"type\":\"object\"}}");
        one_call_customer_numbered(&c, SK_CALL_RAISE, 1, incident); /* told by standing */
        (void)snprintf(value, sizeof value, "{\"question\":%u,\"answer\":\"this\"}", one_call_now(&c).question);
        one_call_customer(&c, SK_CALL_ANSWER, value);
        one_call_work(&c, SK_WORK_NOTE, "bo", "{\"text\":\"soon\",\"to\":\"customer\"}");
        one_call_work(&c, SK_WORK_ASSIGN, "dina", "{\"visit\":1,\"to\":\"bo\"}");
        one_call_work(&c, SK_WORK_COMPLETE, "bo", "{\"visit\":1}");
        complete(&c, "\"result\":{\"category\":\"secret\",\"priority\":1}");
        complete(&c, "\"result\":{\"cause\":\"panel\",\"by\":\"anna\"}");
        complete(&c, "\"outcome\":\"completed\"");
        complete(&c,
                 "\"result\":{\"cut\":{\"infrastructure\":true,\"components\":[\"secret-1\"],\"reason\":\"anna\"}}");
        one_call_customer(&c, SK_CALL_DECIDE, "{\"offer\":9,\"decision\":\"accept\"}");
        one_call_work(&c, SK_WORK_FORCE_CLOSE, "dina", "{\"reason\":\"secret\"}");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "code"), "forced");
        assert_true(sk_slice_is(result_of(&c), "{\"cause\":\"panel\"}"));
        one_call_free(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_customer_gets_of_a_result_what_the_agreement_shares),
                cmocka_unit_test(test_todays_agreement_says_what_is_shared),
                cmocka_unit_test(test_a_customer_does_not_see_who_else_works_for_him),
                cmocka_unit_test(test_what_a_supplier_tells_is_limited_by_the_agreement_too),
                cmocka_unit_test(test_nothing_of_a_supplier_that_fails_goes_on),
                cmocka_unit_test(test_people_at_work_do_not_show),
        };
        return cmocka_run_group_tests_name("step_inside", tests, NULL, NULL);
}
