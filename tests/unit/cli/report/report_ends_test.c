#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/report/report_ends.h"
#include "kit/when.h"

/** A record of calls or feedback as a test says it. */
typedef struct said {
        const char *type;
        const char *seqno;
        int at; /**< seconds */
        const char *value;
} said;

#define ID "00000000-0000-0000-0000-000000000001"

static void tell(sk_told *told, bool is_feedback, const said *record) {
        sk_buf headers = sk_buf_make(4096);
        char when[SK_WHEN_TEXT];
        sk_when_format(record->at * SK_SECOND_US, when);
        sk_headers_add(&headers, "ce_type", sk_slice_of(record->type));
        sk_headers_add(&headers, "ce_callid", SK_SLICE(ID));
        sk_headers_add(&headers, "ce_time", (sk_slice){when, SK_WHEN_TEXT});
        sk_headers_add(&headers, "ce_seqno", sk_slice_of(record->seqno));
        sk_log_entry entry = {.headers = sk_buf_slice(&headers), .value = sk_slice_of(record->value)};
        assert_int_equal(is_feedback ? sk_told_feedback(told, &entry) : sk_told_call(told, &entry), SK_OK);
        sk_buf_free(&headers);
}

static const said raise_it = {"schakel.call.raise", "1", 0, "{\"type\":\"support-request\",\"facility\":\"x\"}"};
static const said accepted = {"schakel.feedback.accepted", "1", 1, "{\"standing\":{\"type\":\"incident\"}}"};
static const said ended = {"schakel.feedback.closed", "2", 11,
                           "{\"standing\":{\"type\":\"incident\"},\"outcome\":\"completed\",\"clock\":{\"elapsed_s\":"
                           "10.000001,\"stopped_s\":2,\"responded_s\":1,\"response_kept\":false,\"due\":\"1970-01-"
                           "01T01:00:00Z\",\"kept\":true}}"};
static const said refused = {"schakel.feedback.refused", "0", 1,
                             "{\"standing\":null,\"of\":\"" ID "/c/1\",\"code\":\"too-old\"}"};

/* The customer's figures after a raise and the records given, up to NULL. */
static sk_end *customers_end(int64_t from_us, int64_t to_us, const said *const *records) {
        sk_told_plan plan = {SK_SLICE("sales"), SK_SLICE("desk"), from_us, to_us};
        sk_told *told = sk_told_new(&plan);
        sk_end *end = sk_end_new();
        assert_non_null(told);
        assert_non_null(end);
        tell(told, false, &raise_it);
        tell(told, false, &raise_it); /* repeated */
        for (; *records != NULL; records++)
                tell(told, true, *records);
        assert_int_equal(sk_told_end(told, end), SK_OK);
        sk_told_free(told);
        sk_end_sort(end);
        return end;
}

static sk_end *providers_end(const sk_figured *calls, size_t count) {
        sk_end *end = sk_end_new();
        for (size_t i = 0; i < count; i++)
                assert_int_equal(sk_end_add(end, &calls[i]), SK_OK);
        sk_end_sort(end);
        return end;
}

static bool is_same(const sk_end *a, const sk_end *b) {
        sk_digest left = sk_end_digest(a, SK_NONE, SK_NONE);
        sk_digest right = sk_end_digest(b, SK_NONE, SK_NONE);
        return memcmp(left.bytes, right.bytes, SK_DIGEST_BYTES) == 0;
}

static const sk_figured provided = {.customer = {"sales", 5},
                                    .provider = {"desk", 4},
                                    .type = SK_INCIDENT,
                                    .outcome = SK_COMPLETED,
                                    .lead_us = 10000001,
                                    .stopped_us = 2000000,
                                    .is_promised = true,
                                    .is_kept = true,
                                    .is_response_promised = true,
                                    .is_response_kept = false};

static void test_both_ends_of_one_call_have_the_same_figures(void **state) {
        (void)state;
        sk_end *told = customers_end(INT64_MIN, INT64_MAX, (const said *const[]){&accepted, &ended, NULL});
        sk_end *end = providers_end(&provided, 1);
        assert_int_equal(sk_end_count(told), 1);
        assert_int_equal(sk_end_at(told, 0)->median_us, 10000001);
        assert_true(is_same(told, end));
        sk_end_free(told);
        sk_end_free(end);
}

static void test_an_end_that_is_told_again_counts_once(void **state) {
        (void)state;
        sk_end *told =
                customers_end(INT64_MIN, INT64_MAX, (const said *const[]){&accepted, &ended, &ended, &refused, NULL});
        sk_end *end = providers_end(&provided, 1);
        assert_true(is_same(told, end));
        sk_end_free(told);
        sk_end_free(end);
}

static void test_every_figure_makes_a_difference(void **state) {
        (void)state;
        sk_end *end = providers_end(&provided, 1);
        for (unsigned i = 0; i < 10; i++) {
                sk_figured other = provided;
                other.customer = i == 0 ? SK_SLICE("sale") : other.customer;
                other.provider = i == 1 ? SK_SLICE("disk") : other.provider;
                other.type = i == 2 ? SK_WISH : other.type;
                other.is_open = i == 3;
                other.outcome = i == 4 ? SK_FAILED : other.outcome;
                other.lead_us += i == 5;
                other.stopped_us += i == 6;
                other.is_kept = i != 7;
                other.is_response_kept = i == 8;
                other.is_response_promised = i != 9;
                sk_end *differs = providers_end(&other, 1);
                assert_false(is_same(end, differs));
                sk_end_free(differs);
        }
        sk_end_free(end);
}

static void test_the_order_of_calls_makes_none(void **state) {
        sk_figured calls[3] = {provided, provided, provided};
        (void)state;
        calls[1].customer = SK_SLICE("alpha");
        calls[2].lead_us = 5;
        sk_end *forth = providers_end(calls, 3);
        sk_figured back[3] = {calls[2], calls[1], calls[0]};
        sk_end *other = providers_end(back, 3);
        assert_true(is_same(forth, other));
        sk_end_free(forth);
        sk_end_free(other);
}

static void test_calls_of_a_teams_own_have_one_end_only(void **state) {
        sk_figured own = provided;
        (void)state;
        own.customer = own.provider;
        sk_end *end = providers_end(&own, 1);
        assert_int_equal(sk_end_count(end), 0);
        sk_end_free(end);
}

static void test_a_refused_raise_is_no_call(void **state) {
        (void)state;
        sk_end *told = customers_end(INT64_MIN, INT64_MAX, (const said *const[]){&refused, NULL});
        assert_int_equal(sk_end_count(told), 0);
        sk_end_free(told);
}

static void test_what_is_closed_later_is_open_at_the_end_of_the_period(void **state) {
        (void)state;
        sk_end *told = customers_end(INT64_MIN, 5 * SK_SECOND_US, (const said *const[]){&accepted, &ended, NULL});
        assert_int_equal(sk_end_count(told), 1);
        assert_int_equal(sk_end_at(told, 0)->open, 1);
        assert_int_equal(sk_end_at(told, 0)->closed, 0);
        assert_int_equal(sk_end_at(told, 0)->type, SK_INCIDENT);
        sk_end_free(told);
        told = customers_end(12 * SK_SECOND_US, INT64_MAX, (const said *const[]){&accepted, &ended, NULL});
        assert_int_equal(sk_end_count(told), 0);
        sk_end_free(told);
}

static void test_feedback_that_is_no_json_changes_nothing(void **state) {
        static const said broken = {"schakel.feedback.closed", "2", 3, "{\"outcome\":"};
        static const said strange = {"schakel.feedback.closed", "2", 3,
                                     "{\"outcome\":7,\"clock\":{\"elapsed_s\":\"x\",\"stopped_s\":-1e400}}"};
        (void)state;
        sk_end *told = customers_end(INT64_MIN, INT64_MAX, (const said *const[]){&accepted, &broken, NULL});
        assert_int_equal(sk_end_at(told, 0)->open, 1);
        sk_end_free(told);
        told = customers_end(INT64_MIN, INT64_MAX, (const said *const[]){&accepted, &strange, NULL});
        assert_int_equal(sk_end_at(told, 0)->outcomes[SK_OUTCOME_NONE], 1);
        sk_end_free(told);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_both_ends_of_one_call_have_the_same_figures),
                cmocka_unit_test(test_an_end_that_is_told_again_counts_once),
                cmocka_unit_test(test_every_figure_makes_a_difference),
                cmocka_unit_test(test_the_order_of_calls_makes_none),
                cmocka_unit_test(test_calls_of_a_teams_own_have_one_end_only),
                cmocka_unit_test(test_a_refused_raise_is_no_call),
                cmocka_unit_test(test_what_is_closed_later_is_open_at_the_end_of_the_period),
                cmocka_unit_test(test_feedback_that_is_no_json_changes_nothing),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
