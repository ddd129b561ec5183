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

#define AUTO "{\"how\":\"auto\"}"
#define OPERATE(perform)                                                                                  \
        "{\"process\":\"operate\",\"activities\":{\"operate.accept\":" AUTO ",\"operate.classify\":" AUTO \
        ",\"operate.plan\":" AUTO ",\"operate.perform\":{\"how\":" perform "},\"operate.review\":" AUTO   \
        ",\"operate.close\":" AUTO "}}"
#define WIFI "{\"team\":\"network\",\"type\":\"service-request\",\"facility\":\"wifi\"}"

static const char two_targets[] = OPERATE("{\"delegate\":{\"to\":[" WIFI "," WIFI "],\"attempts\":2}}");
static const char request[] =
        "{\"type\":\"service-request\",\"facility\":\"laptop\",\"need\":\"x\",\"data\":{\"serial\":7}}";
static const char own_request[] =
        "{\"to\":\"network\",\"type\":\"service-request\",\"facility\":\"wifi\",\"need\":\"one more\",\"urgency\":2}";

typedef struct sent {
        char *headers;
        size_t headers_len;
        char *value;
        size_t value_len;
        int32_t partition;
        char key[SK_ID_TEXT + 1];
} sent;

static char *copy_of(sk_slice bytes) {
        char *copy = malloc(bytes.len);

        assert_non_null(copy);
        memcpy(copy, bytes.at, bytes.len);
        return copy;
}

static sent keep(const one_call *c, unsigned index) {
        const sk_record *record = one_call_record(c, SK_CALL_RAISE, index);
        sent kept = {.partition = 0};

        assert_non_null(record);
        kept.headers = copy_of(record->headers);
        kept.headers_len = record->headers.len;
        kept.value = copy_of(record->value);
        kept.value_len = record->value.len;
        kept.partition = record->partition;
        memcpy(kept.key, record->key.at, SK_ID_TEXT);
        return kept;
}

/** The record number @p index of the last step is that one, to the byte. */
static void assert_same(const one_call *c, unsigned index, const sent *kept) {
        const sk_record *record = one_call_record(c, SK_CALL_RAISE, index);

        assert_non_null(record);
        assert_true(sk_slice_equal(record->headers, (sk_slice){kept->headers, kept->headers_len}));
        assert_true(sk_slice_equal(record->value, (sk_slice){kept->value, kept->value_len}));
        assert_int_equal(record->partition, kept->partition);
        assert_memory_equal(record->key.at, kept->key, SK_ID_TEXT);
        assert_true(sk_slice_is(record->topic->name, "test.network.calls.centre"));
}

static void release(sent *kept) {
        free(kept->headers);
        free(kept->value);
}

/** Nothing but the raises is written, and the call stays as it is. */
static void resync(one_call *c, const char *provider, unsigned raises) {
        char *head = copy_of((sk_slice){c->head, c->head_len});
        size_t len = c->head_len;

        assert_int_equal(sk_head_asks((sk_slice){c->head, c->head_len}, sk_slice_of(provider)), raises > 0);
        one_call_resync(c, provider);
        assert_int_equal(c->err, SK_OK);
        assert_int_equal(c->after.change, SK_CHANGE_NOTHING);
        assert_int_equal(c->out.count, raises);
        assert_int_equal(one_call_count(c, SK_CALL_RAISE), raises);
        assert_true(len == c->head_len && memcmp(head, c->head, len) == 0);
        free(head);
}

static void test_what_is_open_is_raised_again_to_the_byte(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", two_targets);
        one_call_customer(&c, SK_CALL_RAISE, request);
        sent first = keep(&c, 0);
        sent second = keep(&c, 1);
        c.now_us += 9 * SK_DAY_US;
        resync(&c, "network", 2);
        assert_same(&c, 0, &first);
        assert_same(&c, 1, &second);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_ACCEPTED, "{\"standing\":{\"state\":\"accepted\"}}");
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, "{\"outcome\":\"completed\"}");
        resync(&c, "network", 1);
        assert_same(&c, 0, &second);
        resync(&c, "finance", 0);
        release(&first);
        release(&second);
        one_call_free(&c);
}

/** Today's agreement may be another one: what was sent was sent under the one of then. */
static void test_a_new_agreement_does_not_change_what_was_sent(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "finance", NULL);
        one_call_work(&c, SK_WORK_RAISE, "frank",
                      "{\"to\":\"centre\",\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"x\"}");
        sent first = keep(&c, 0);
        c.share = "[]";
        one_call_new_edition(&c, NULL);
        one_call_resync(&c, "centre");
        const sk_record *again = one_call_record(&c, SK_CALL_RAISE, 0);
        assert_non_null(again);
        assert_true(sk_slice_equal(again->headers, (sk_slice){first.headers, first.headers_len}));
        assert_true(sk_slice_equal(again->value, (sk_slice){first.value, first.value_len}));
        release(&first);
        one_call_free(&c);
}

static void test_the_next_try_is_what_is_raised_again(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", two_targets);
        one_call_customer(&c, SK_CALL_RAISE, request);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, "{\"outcome\":\"completed\"}");
        one_call_feedback(&c, "network", 1, SK_FEEDBACK_CLOSED, "{\"outcome\":\"failed\"}");
        assert_int_equal(one_call_count(&c, SK_CALL_RAISE), 1);
        sent again = keep(&c, 0);
        resync(&c, "network", 1);
        assert_same(&c, 0, &again);
        release(&again);
        one_call_free(&c);
}

static void test_what_people_have_raised_themselves_is_raised_again_as_well(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", NULL);
        one_call_work(&c, SK_WORK_RAISE, "anna", own_request);
        sent first = keep(&c, 0);
        one_call_work(&c, SK_WORK_NOTE, "anna", "{\"text\":\"soon, please\"}");
        one_call_work(&c, SK_WORK_WITHDRAW, "anna", "{\"reason\":\"not needed\"}");
        resync(&c, "network", 1);
        assert_same(&c, 0, &first);
        release(&first);
        one_call_free(&c);
}

/** A raise of another type takes the place of the first one: that is what is open. */
static void test_a_retyped_ask_is_raised_again_as_it_is_now(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", NULL);
        one_call_work(&c, SK_WORK_RAISE, "anna", own_request);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED,
                          "{\"outcome\":\"declined\",\"code\":\"retyped\",\"offer\":{\"type\":\"incident\"}}");
        assert_int_equal(one_call_count(&c, SK_CALL_RAISE), 1);
        sent retyped = keep(&c, 0);
        resync(&c, "network", 1);
        assert_same(&c, 0, &retyped);
        release(&retyped);
        one_call_free(&c);
}

/* ---- at the provider ---- */

static void
test_a_provider_that_has_lost_the_raise_opens_the_call_and_one_that_has_not_says_how_it_stands(void **state) {
        one_call customer;
        one_call provider;
        (void)state;

        one_call_open(&customer, "finance", NULL);
        one_call_work(&customer, SK_WORK_RAISE, "frank",
                      "{\"to\":\"centre\",\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"x\"}");
        one_call_resync(&customer, "centre");
        sk_slice value = one_call_value(&customer, SK_CALL_RAISE, 0);
        char *text = strndup(value.at, value.len);
        one_call_open(&provider, "centre", NULL);
        one_call_customer_numbered(&provider, SK_CALL_RAISE, 1, text);
        assert_int_equal(one_call_count(&provider, SK_EVENT_OPENED), 1);
        one_call_customer_numbered(&provider, SK_CALL_RAISE, 1, text);
        assert_int_equal(one_call_count(&provider, SK_EVENT_OPENED), 0);
        assert_int_equal(one_call_count(&provider, SK_FEEDBACK_PROGRESS), 1);
        free(text);
        one_call_free(&customer);
        one_call_free(&provider);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_is_open_is_raised_again_to_the_byte),
                cmocka_unit_test(test_a_new_agreement_does_not_change_what_was_sent),
                cmocka_unit_test(test_the_next_try_is_what_is_raised_again),
                cmocka_unit_test(test_what_people_have_raised_themselves_is_raised_again_as_well),
                cmocka_unit_test(test_a_retyped_ask_is_raised_again_as_it_is_now),
                cmocka_unit_test(
                        test_a_provider_that_has_lost_the_raise_opens_the_call_and_one_that_has_not_says_how_it_stands),
        };
        return cmocka_run_group_tests_name("step_resync", tests, NULL, NULL);
}
