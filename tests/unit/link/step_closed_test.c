#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "support/one_call.h"
#include "support/routines.h"

static const char all_auto[] = ROUTINE_OPERATE("{\"auto\":{\"result\":{\"done\":true}}}", "\"auto\"");
static const char delegated[] = ROUTINE_OPERATE(ROUTINE_DELEGATE(ROUTINE_WIFI), "\"auto\"");
static const char request[] = "{\"type\":\"service-request\",\"facility\":\"laptop\",\"need\":\"a new one\"}";
static const char other[] = "{\"type\":\"service-request\",\"facility\":\"laptop\",\"need\":\"another\"}";

static void open_closed(one_call *c) {
        one_call_open(c, "centre", all_auto);
        one_call_customer(c, SK_CALL_RAISE, request);
        assert_int_equal(c->known, SK_KNOWN_CLOSED);
}

static bool is_readable_there(const sk_record *record) {
        sk_topics *theirs = sk_topics_new(SK_SLICE("test"), SK_SLICE("finance"));
        sk_record received = *record;
        sk_envelope envelope;
        sk_reject reject;

        received.topic = sk_topics_feedback_from(theirs, SK_SLICE("centre"));
        sk_err err = sk_envelope_decode(&received, SK_SLICE("test"), 4, &envelope, &reject);
        sk_topics_free(theirs);
        return err == SK_OK;
}

static void test_a_raise_of_another_call_under_a_closed_id_is_refused_readably(void **state) {
        one_call c;
        (void)state;

        open_closed(&c);
        one_call_customer_numbered(&c, SK_CALL_RAISE, 1, other);
        assert_int_equal(c.out.count, 0);
        one_call_stub(&c);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_REFUSED, 0, "code"), "id-conflict");
        assert_true(is_readable_there(one_call_record(&c, SK_FEEDBACK_REFUSED, 0)));
        assert_int_equal(one_call_count(&c, SK_EVENT_REFUSED), 1);
        assert_int_equal(one_call_count(&c, SK_EVENT_DUPLICATE), 0);
        one_call_free(&c);
}

static void test_what_a_closed_call_says_to_each_message(void **state) {
        (void)state;
        static const struct {
                sk_message type;
                uint32_t seqno;
                const char *value;
                sk_message event;
                unsigned closed;
        } table[] = {
                {SK_CALL_RAISE, 1, request, SK_EVENT_DUPLICATE, 1},
                {SK_CALL_WITHDRAW, 2, "{\"reason\":\"x\"}", SK_EVENT_DUPLICATE, 1},
                {SK_CALL_NOTE, 2, "{\"text\":\"x\"}", SK_EVENT_LATE, 0},
                {SK_CALL_ANSWER, 2, "{\"question\":1,\"answer\":\"x\"}", SK_EVENT_LATE, 0},
        };

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                one_call c;
                open_closed(&c);
                one_call_customer_numbered(&c, table[i].type, table[i].seqno, table[i].value);
                one_call_stub(&c);
                assert_int_equal(one_call_count(&c, table[i].event), 1);
                assert_int_equal(one_call_count(&c, SK_FEEDBACK_CLOSED), table[i].closed);
                assert_int_equal(c.after.change, SK_CHANGE_NOTHING);
                one_call_free(&c);
        }
}

static void test_a_final_feedback_too_large_for_the_stub_is_told_without_its_result(void **state) {
        one_call c;
        static const char begin[] = "{\"outcome\":\"completed\",\"result\":{\"port\":\"";
        static char raise[3000];
        (void)state;

        one_call_open(&c, "centre", delegated);
        one_call_customer(&c, SK_CALL_RAISE, request);
        memset(raise, 'x', sizeof raise - 1);
        memcpy(raise, begin, sizeof begin - 1);
        memcpy(raise + sizeof raise - 4, "\"}}", 3);
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, raise);
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        sk_slice id =
                sk_arena_copy(c.arena, sk_headers_find(one_call_record(&c, SK_FEEDBACK_CLOSED, 0)->headers, "ce_id"));
        one_call_customer_numbered(&c, SK_CALL_RAISE, 1, request);
        one_call_stub(&c);
        const sk_record *again = one_call_record(&c, SK_FEEDBACK_CLOSED, 0);
        assert_true(is_readable_there(again));
        assert_true(sk_slice_equal(sk_headers_find(again->headers, "ce_id"), id));
        assert_int_equal(strlen(one_call_text(&c, SK_FEEDBACK_CLOSED, 0, "resultref")), SK_DIGEST_TEXT);
        assert_true(sk_slice_there(sk_json_member(again->value, "clock")));
        one_call_free(&c);
}

static void test_work_that_came_twice_gets_its_earlier_outcome_also_behind_the_close(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", all_auto);
        one_call_work(&c, SK_WORK_RAISE, "anna",
                      "{\"to\":\"centre\",\"type\":\"service-request\",\"facility\":\"x\",\"need\":\"y\"}");
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "status"), "done");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        one_call_work_again(&c, SK_WORK_RAISE, "anna", "{}");
        one_call_stub(&c);
        assert_int_equal(one_call_count(&c, SK_EVENT_OUTCOME), 0);
        assert_string_equal(one_call_text(&c, SK_EVENT_DUPLICATE, 0, "status"), "done");
        one_call_work(&c, SK_WORK_NOTE, "anna", "{\"text\":\"x\"}");
        one_call_stub(&c);
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "closed");
        one_call_free(&c);
}

/** Rule C5. */
static void test_feedback_to_a_closed_owner_is_a_duplicate_or_late(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", delegated);
        one_call_customer(&c, SK_CALL_RAISE, request);
        sk_id ask = one_call_now(&c).asks[0].id;
        one_call_feedback(&c, "network", 0, SK_FEEDBACK_CLOSED, "{\"outcome\":\"completed\"}");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        one_call_feedback_numbered(&c, "network", &ask, 1, SK_FEEDBACK_CLOSED, "{\"outcome\":\"completed\"}");
        one_call_stub(&c);
        assert_int_equal(one_call_count(&c, SK_EVENT_DUPLICATE), 1);
        one_call_feedback_numbered(&c, "network", &ask, 2, SK_FEEDBACK_PROGRESS, "{\"standing\":{}}");
        one_call_stub(&c);
        assert_int_equal(one_call_count(&c, SK_EVENT_LATE), 1);
        one_call_free(&c);
}

static void test_a_stub_that_is_gone_still_leaves_a_trace_of_the_message(void **state) {
        one_call c;
        (void)state;

        open_closed(&c);
        c.stub_len = 0;
        one_call_customer_numbered(&c, SK_CALL_RAISE, 1, request);
        one_call_stub(&c);
        assert_int_equal(one_call_count(&c, SK_EVENT_DUPLICATE), 1);
        assert_int_equal(one_call_count(&c, SK_FEEDBACK_CLOSED), 0);
        one_call_work(&c, SK_WORK_NOTE, "anna", "{\"text\":\"x\"}");
        one_call_stub(&c);
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "closed");
        one_call_free(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_raise_of_another_call_under_a_closed_id_is_refused_readably),
                cmocka_unit_test(test_what_a_closed_call_says_to_each_message),
                cmocka_unit_test(test_a_final_feedback_too_large_for_the_stub_is_told_without_its_result),
                cmocka_unit_test(test_work_that_came_twice_gets_its_earlier_outcome_also_behind_the_close),
                cmocka_unit_test(test_feedback_to_a_closed_owner_is_a_duplicate_or_late),
                cmocka_unit_test(test_a_stub_that_is_gone_still_leaves_a_trace_of_the_message),
        };
        return cmocka_run_group_tests_name("step_closed", tests, NULL, NULL);
}
