#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "link/call.h"

static sk_call example(void) {
        sk_call call = {.is_past_return = true,
                        .customer = SK_SLICE("finance"),
                        .rootid = SK_SLICE("01900000-0000-7000-8000-000000000000"),
                        .facility = SK_SLICE("laptop"),
                        .category = SK_SLICE("hardware"),
                        .on_behalf = SK_SLICE(""),
                        .code = SK_SLICE("gave-up"),
                        .agreement = SK_SLICE("00112233445566778899aabbccddeeff"),
                        .cut_reason = SK_SLICE("panel broken"),
                        .cut_actor = SK_SLICE("anna"),
                        .hops = 3,
                        .asked_type = SK_SUPPORT_REQUEST,
                        .type = SK_INCIDENT,
                        .workflow = 3,
                        .priority = 2,
                        .urgency = 4,
                        .standing = SK_WORKING,
                        .in_seqno = 7,
                        .out_seqno = 9,
                        .event_number = 40,
                        .visit_number = 12,
                        .opened_us = INT64_C(1790000000000000),
                        .stopped_us = -1,
                        .answered_infrastructure = true,
                        .infrastructure = true,
                        .component_count = 1,
                        .components = {SK_SLICE("laptop-4711")},
                        .frame_count = 2,
                        .ask_count = 1,
                        .work_count = 2,
                        .work_next = 2};

        call.frames[0] = (sk_frame){
                .process = SK_RECOVER, .step = SK_AT_CUT, .attempt = 1, .triggered = SK_CHANGE, .cut_visit = 5};
        call.frames[1] = (sk_frame){.process = SK_CHANGE, .step = 2, .triggered = SK_PROCESSES};
        call.visit = (sk_visit){.number = 12,
                                .try_number = 1,
                                .how = SK_HOW_MANUAL,
                                .attempts = 1,
                                .entered_us = 5,
                                .responsible = SK_SLICE("operator"),
                                .accountable = SK_SLICE("dina"),
                                .routine = SK_SLICE("default"),
                                .is_waiting = true,
                                .holder = SK_SLICE("anna")};
        call.asks[0] = (sk_ask){.provider = SK_SLICE("network"),
                                .facility = SK_SLICE("wifi"),
                                .type = SK_SERVICE_REQUEST,
                                .visit = 11,
                                .try_number = 1,
                                .out_seqno = 2,
                                .in_seqno = 3,
                                .standing = SK_WAITING,
                                .question = 3,
                                .withdraw_sent = true,
                                .is_retyped = true,
                                .is_onward = true};
        call.work[1] = (sk_work_memory){.tail = 99, .was_done = true};
        return call;
}

static sk_slice encode(const sk_call *call, sk_buf *buf) {
        *buf = sk_buf_make(65536);
        sk_call_encode(call, buf);
        assert_int_equal(buf->err, SK_OK);
        return sk_buf_slice(buf);
}

static void test_a_head_comes_back_as_it_was(void **state) {
        sk_call call = example();
        sk_call back;
        sk_buf buf;
        sk_buf again;
        (void)state;

        sk_slice head = encode(&call, &buf);
        assert_int_equal(sk_call_decode(head, &back), SK_OK);
        assert_true(sk_slice_equal(back.components[0], call.components[0]));
        assert_int_equal(back.asks[0].question, 3);
        assert_true(back.asks[0].is_retyped && back.asks[0].is_onward && back.visit.is_waiting);
        assert_int_equal(back.stopped_us, -1);
        assert_true(sk_slice_equal(encode(&back, &again), head));
        sk_buf_free(&buf);
        sk_buf_free(&again);
}

static void test_a_plain_call_has_a_head_of_at_most_400_bytes(void **state) {
        sk_call call = example();
        sk_buf buf;
        (void)state;

        assert_true(encode(&call, &buf).len <= 600);
        sk_buf_free(&buf);
        call.ask_count = 0;
        call.work_count = 0;
        call.component_count = 0;
        assert_true(encode(&call, &buf).len <= 400);
        sk_buf_free(&buf);
}

static void test_a_head_that_is_cut_off_anywhere_is_refused(void **state) {
        sk_call call = example();
        sk_call back;
        sk_buf buf;
        (void)state;

        sk_slice head = encode(&call, &buf);
        for (size_t len = 0; len < head.len; len++) {
                assert_int_not_equal(sk_call_decode((sk_slice){head.at, len}, &back), SK_OK);
        }
        sk_buf_add_byte(&buf, 0);
        assert_int_not_equal(sk_call_decode(sk_buf_slice(&buf), &back), SK_OK);
        sk_buf_free(&buf);
}

static void test_a_head_with_any_byte_changed_is_read_or_refused_but_never_trusted_blindly(void **state) {
        sk_call call = example();
        sk_buf buf;
        (void)state;

        sk_slice head = encode(&call, &buf);
        for (size_t i = 0; i < head.len; i++) {
                sk_call back;
                char kept = buf.at[i];
                buf.at[i] = (char)0xff;
                if (sk_call_decode(head, &back) == SK_OK) {
                        assert_true(back.frame_count <= SK_FRAMES_MAX && back.ask_count <= SK_ASKS_MAX);
                        assert_true((unsigned)back.standing < SK_STANDINGS && back.workflow <= 8);
                }
                buf.at[i] = kept;
        }
        sk_buf_free(&buf);
}

static void test_an_ask_is_found_by_its_id(void **state) {
        sk_call call = example();
        sk_id other = {{1}};
        (void)state;

        assert_ptr_equal(sk_call_ask(&call, &call.asks[0].id), &call.asks[0]);
        assert_null(sk_call_ask(&call, &other));
        assert_true(sk_call_has_open_asks(&call));
        assert_false(sk_visit_has_open_asks(&call)); /* it has gone onward */
        call.asks[0].is_onward = false;
        assert_true(sk_visit_has_open_asks(&call));
        call.asks[0].standing = SK_CLOSED;
        assert_false(sk_call_has_open_asks(&call));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_head_comes_back_as_it_was),
                cmocka_unit_test(test_a_plain_call_has_a_head_of_at_most_400_bytes),
                cmocka_unit_test(test_a_head_that_is_cut_off_anywhere_is_refused),
                cmocka_unit_test(test_a_head_with_any_byte_changed_is_read_or_refused_but_never_trusted_blindly),
                cmocka_unit_test(test_an_ask_is_found_by_its_id),
        };
        return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
