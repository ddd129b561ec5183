#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "event/trace.h"

static sk_id id_of(const char *text) {
        sk_id id;
        assert_true(sk_id_parse(sk_slice_of(text), &id));
        return id;
}

static void test_the_trace_is_the_root_and_the_span_is_of_call_and_hop(void **state) {
        (void)state;
        sk_id root = id_of("0198c5f2-7b1a-7c3d-8e4f-a1b2c3d4e5f6");
        sk_id call = id_of("5f0c1d2e-3b4a-8c6d-9e7f-0a1b2c3d4e5f");
        char first[SK_TRACE_TEXT];
        char again[SK_TRACE_TEXT];
        char other_hop[SK_TRACE_TEXT];
        char other_call[SK_TRACE_TEXT];

        sk_trace_write(&root, &call, 1, first);
        sk_trace_write(&root, &call, 1, again);
        sk_trace_write(&root, &call, 2, other_hop);
        sk_trace_write(&root, &root, 1, other_call);

        assert_memory_equal(first, "00-0198c5f27b1a7c3d8e4fa1b2c3d4e5f6-", 36);
        assert_memory_equal(first + 52, "-01", 3);
        assert_memory_equal(first, again, SK_TRACE_TEXT);
        assert_memory_equal(first, other_hop, 36);
        assert_memory_not_equal(first, other_hop, SK_TRACE_TEXT);
        assert_memory_not_equal(first, other_call, SK_TRACE_TEXT);
        assert_true(sk_trace_check((sk_slice){first, SK_TRACE_TEXT}));
}

static void test_only_a_well_formed_traceparent_passes(void **state) {
        (void)state;
        static const struct {
                const char *text;
                bool passes;
        } cases[] = {
                {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true},
                {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", true},
                {"01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false},
                {"00-4BF92F3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false},
                {"00-00000000000000000000000000000000-00f067aa0ba902b7-01", false},
                {"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false},
                {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0", false},
                {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-", false},
                {"00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01", false},
                {"00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01", false},
                {"", false},
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                assert_int_equal(sk_trace_check(sk_slice_of(cases[i].text)), cases[i].passes);
        assert_false(sk_trace_check(SK_NONE));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_trace_is_the_root_and_the_span_is_of_call_and_hop),
                cmocka_unit_test(test_only_a_well_formed_traceparent_passes),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
