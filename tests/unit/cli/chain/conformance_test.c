/* The rules of the method: that calls show what happens to them, so that a rule can fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/chain/conformance.h"

#define WAY_MAX 65536

static void expect_way(const sk_conformance_call *call, const char *expected) {
        sk_buf way = sk_buf_make(WAY_MAX);
        assert_true(sk_conformance_walk(call, &way));
        sk_buf_add(&way, "", 1);
        assert_string_equal(way.at, expected);
        sk_buf_free(&way);
}

static const sk_conformance_call *find(const char *name) {
        const sk_conformance_call *call = sk_conformance_calls;
        while (call->name != NULL && !sk_slice_is(sk_slice_of(call->name), name))
                call++;
        assert_non_null(call->name);
        return call;
}

static void test_each_call_goes_the_way_of_its_rule(void **state) {
        (void)state;
        for (const sk_conformance_call *call = sk_conformance_calls; call->name != NULL; call++)
                expect_way(call, call->way);
}

static void test_what_happens_otherwise_is_another_way(void **state) {
        (void)state;
        sk_conformance_call call = *find("workflow-5");
        call.at = "operate.accept";
        call.outcome = "failed";
        call.times = 1;
        expect_way(&call, "operate.accept (operate.classify) (operate.plan) (operate.perform) operate.review "
                          "operate.close = failed 5");
        call.at = "operate.review";
        call.outcome = "not-confirmed";
        expect_way(&call, "operate.accept operate.classify operate.plan operate.perform operate.review operate.perform "
                          "operate.review operate.close = completed 5");
}

static void test_a_task_that_is_refused_leaves_the_call_where_it_is(void **state) {
        (void)state;
        sk_conformance_call call = *find("workflow-5");
        call.at = "operate.accept";
        call.outcome = "not-confirmed";
        call.times = 1;
        expect_way(&call, "operate.accept ");
}

static void test_the_cut_follows_the_answers(void **state) {
        (void)state;
        sk_conformance_call call = *find("workflow-3");
        call.cut = find("workflow-4")->cut;
        expect_way(&call, find("workflow-4")->way);
}

static void test_each_rule_of_the_tables_holds(void **state) {
        (void)state;
        for (const sk_conformance_rule *rule = sk_conformance_rules; rule->name != NULL; rule++) {
                sk_buf found = sk_buf_make(WAY_MAX);
                if (!rule->holds(&found))
                        fail_msg("%s", rule->name);
                sk_buf_free(&found);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_call_goes_the_way_of_its_rule),
                cmocka_unit_test(test_what_happens_otherwise_is_another_way),
                cmocka_unit_test(test_a_task_that_is_refused_leaves_the_call_where_it_is),
                cmocka_unit_test(test_the_cut_follows_the_answers),
                cmocka_unit_test(test_each_rule_of_the_tables_holds),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
