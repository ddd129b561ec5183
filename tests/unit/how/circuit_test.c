/*
 * Circuits of hosts, with a clock of the test's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "how/circuit.h"

#define HOST SK_SLICE("tool.example.org")
#define START INT64_C(1000000)

static void fail_times(sk_circuits *circuits, unsigned count, int64_t now_us) {
        for (unsigned i = 0; i < count; i++)
                sk_circuit_ended(circuits, HOST, false, now_us);
}

static void test_a_host_that_fails_often_is_left_alone(void **state) {
        sk_circuits *circuits = sk_circuits_new();
        int64_t wait_us = 0;
        (void)state;
        fail_times(circuits, SK_CIRCUIT_FAILURES - 1, START);
        assert_true(sk_circuit_allows(circuits, HOST, START, &wait_us));
        fail_times(circuits, 1, START);
        assert_false(sk_circuit_allows(circuits, HOST, START + 1, &wait_us));
        assert_int_equal(wait_us, SK_CIRCUIT_PAUSE_US - 1);
        assert_true(sk_circuit_allows(circuits, SK_SLICE("other.example.org"), START, &wait_us));
        sk_circuits_free(circuits);
}

static void test_one_try_finds_out_whether_it_is_back(void **state) {
        sk_circuits *circuits = sk_circuits_new();
        int64_t now_us = START + SK_CIRCUIT_PAUSE_US;
        int64_t wait_us = 0;
        (void)state;
        fail_times(circuits, SK_CIRCUIT_FAILURES, START);
        assert_true(sk_circuit_allows(circuits, HOST, now_us, &wait_us));
        assert_false(sk_circuit_allows(circuits, HOST, now_us, &wait_us));
        sk_circuit_ended(circuits, HOST, true, now_us);
        assert_true(sk_circuit_allows(circuits, HOST, now_us, &wait_us));
        assert_true(sk_circuit_allows(circuits, HOST, now_us, &wait_us));
        sk_circuits_free(circuits);
}

static void test_pauses_are_doubled_up_to_a_bound(void **state) {
        sk_circuits *circuits = sk_circuits_new();
        int64_t pause_us = SK_CIRCUIT_PAUSE_US;
        int64_t now_us = START;
        int64_t wait_us = 0;
        (void)state;
        fail_times(circuits, SK_CIRCUIT_FAILURES, now_us);
        for (unsigned i = 0; i < 8; i++) {
                assert_false(sk_circuit_allows(circuits, HOST, now_us, &wait_us));
                assert_int_equal(wait_us, pause_us);
                now_us += pause_us;
                assert_true(sk_circuit_allows(circuits, HOST, now_us, &wait_us));
                sk_circuit_ended(circuits, HOST, false, now_us);
                pause_us = 2 * pause_us > SK_CIRCUIT_PAUSE_MAX_US ? SK_CIRCUIT_PAUSE_MAX_US : 2 * pause_us;
        }
        sk_circuits_free(circuits);
}

static void test_those_underway_when_it_opened_do_not_prolong_it(void **state) {
        sk_circuits *circuits = sk_circuits_new();
        int64_t wait_us = 0;
        (void)state;
        fail_times(circuits, SK_CIRCUIT_FAILURES, START);
        fail_times(circuits, 50, START + 1000);
        assert_false(sk_circuit_allows(circuits, HOST, START + 1000, &wait_us));
        assert_int_equal(wait_us, SK_CIRCUIT_PAUSE_US - 1000);
        sk_circuits_free(circuits);
}

static void test_no_more_hosts_are_remembered_than_the_bound(void **state) {
        sk_circuits *circuits = sk_circuits_new();
        int64_t wait_us = 0;
        char host[32];
        (void)state;
        for (unsigned i = 0; i < SK_CIRCUIT_HOSTS + 10; i++) {
                (void)snprintf(host, sizeof host, "host-%u", i);
                for (unsigned n = 0; n < SK_CIRCUIT_FAILURES; n++)
                        sk_circuit_ended(circuits, sk_slice_of(host), false, START);
        }
        assert_false(sk_circuit_allows(circuits, SK_SLICE("host-0"), START, &wait_us));
        assert_true(sk_circuit_allows(circuits, sk_slice_of(host), START, &wait_us));
        sk_circuits_free(circuits);
        sk_circuits_free(NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_host_that_fails_often_is_left_alone),
                cmocka_unit_test(test_one_try_finds_out_whether_it_is_back),
                cmocka_unit_test(test_pauses_are_doubled_up_to_a_bound),
                cmocka_unit_test(test_those_underway_when_it_opened_do_not_prolong_it),
                cmocka_unit_test(test_no_more_hosts_are_remembered_than_the_bound),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
