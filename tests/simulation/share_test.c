/*
 * A month of chains of links, and each record that goes from one team to another is looked into as it is committed
 * (inside.c): no member that no agreement shares, no person, no activity, no tool, no subcontractor. A run that is passed
 * has had no such record; here it is seen that there were records to look into.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "simulation/explore.h"

#define MONTH_DAYS 30
#define SEEDS 40

static sim_coverage coverage;

static void test_in_a_month_nothing_leaves_that_is_not_shared(void **state) {
        (void)state;
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
                sim_result result = sim_run_apart(&(sim_options){.seed = seed, .idle_days = MONTH_DAYS});
                if (!result.is_passed)
                        fail_msg("seed %llu, step %llu: %s", (unsigned long long)seed, (unsigned long long)result.step,
                                 result.failure);
                assert_int_not_equal(result.seen[SIM_SEEN_WEEKS], 0);
                sim_coverage_add(&coverage, &result);
        }
}

static void test_messages_of_each_kind_were_looked_into(void **state) {
        (void)state;
        for (unsigned i = 0; i < SK_MESSAGES; i++) {
                sk_message type = (sk_message)i;
                if ((sk_message_is_call(type) || sk_message_is_feedback(type)) && coverage.messages[i] == 0)
                        fail_msg("in no run there was a %s", sk_message_name(type));
        }
        assert_int_not_equal(coverage.seen[SIM_SEEN_RESULT], 0);
        assert_int_not_equal(coverage.seen[SIM_SEEN_ONWARD_DATA], 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_in_a_month_nothing_leaves_that_is_not_shared),
                cmocka_unit_test(test_messages_of_each_kind_were_looked_into),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
