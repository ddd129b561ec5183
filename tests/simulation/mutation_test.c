/*
 * Each of these rules is taken out in turn, and the simulator must notice. The seed beside a rule is where it was
 * found; when a change elsewhere has moved that, the seeds behind it are tried, up to a bound. The seed that finds it
 * must pass with the rule in place: what was found is the rule's absence and nothing else.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <setjmp.h>

#include <cmocka.h>

#include "simulation/explore.h"

#define SEEDS_MAX 200

#ifndef SK_MUTATION
#error "these tests need a build that can take rules out: make mutations"
#endif

typedef struct mutation {
        const char *rule;
        uint64_t seed;
} mutation;

static void test_the_simulator_notices_that_the_rule_is_gone(void **state) {
        const mutation *taken = *state;
        sim_result found;

        assert_true(sim_mutation_choose(taken->rule));
        uint64_t tries = sim_explore_until_failure(
                &(sim_exploration){.first = taken->seed, .last = taken->seed + SEEDS_MAX - 1}, &found);
        assert_int_not_equal(tries, 0);
        uint64_t seed = taken->seed + tries - 1;
        print_message("rule %s: found by seed %llu, step %llu: %s\n", taken->rule, (unsigned long long)seed,
                      (unsigned long long)found.step, found.failure);

        assert_true(sim_mutation_choose("none"));
        sim_result whole = sim_run_apart(&(sim_options){.seed = seed});
        if (!whole.is_passed)
                fail_msg("seed %llu fails with all rules in place: %s", (unsigned long long)seed, whole.failure);
}

static void test_a_rule_that_does_not_exist_cannot_be_taken_out(void **state) {
        (void)state;
        assert_false(sim_mutation_choose("R99"));
}

#define WITHOUT(rule, seed)                                                                         \
        {                                                                                           \
                "without rule " rule " a chain breaks, as seed " #seed " shows",                    \
                        test_the_simulator_notices_that_the_rule_is_gone, NULL, NULL, &(mutation) { \
                        rule, seed                                                                  \
                }                                                                                   \
        }

int main(void) {
        const struct CMUnitTest tests[] = {
                WITHOUT("R1", 1),
                WITHOUT("R2", 4),
                WITHOUT("R5", 1),
                WITHOUT("T2", 5),
                WITHOUT("T3", 2),
                WITHOUT("T5", 1),
                WITHOUT("T6", 1),
                WITHOUT("O2", 2),
                WITHOUT("O3", 1),
                WITHOUT("C2", 4),
                WITHOUT("C3", 1),
                WITHOUT("C6", 7),
                WITHOUT("schedule", 1),
                WITHOUT("clock", 1),
                WITHOUT("late", 26),
                WITHOUT("sides", 1),
                WITHOUT("forecast", 1),
                WITHOUT("accountable", 14),
                WITHOUT("share", 1),
                WITHOUT("E1", 1),
                WITHOUT("E2", 1),
                WITHOUT("E3", 1),
                WITHOUT("E4", 1),
                WITHOUT("E5", 1),
                WITHOUT("E6", 67),
                WITHOUT("E7", 147),
                cmocka_unit_test(test_a_rule_that_does_not_exist_cannot_be_taken_out),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
