/* What is found can be seen again: the output names the seed, the step and the command, and they lead to the same. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "simulation/capture.h"
#include "simulation/explore.h"

#define OUTPUT_MAX ((size_t)1 << 20)

static void explore(void *self) {
        (void)sim_explore(self);
}

static void test_a_violation_tells_its_seed_and_how_to_see_it_again(void **state) {
        sim_exploration exploration = {.first = 1, .last = 300, .seconds = 600, .is_failure_wanted = true};
        sk_buf out = sk_buf_make(OUTPUT_MAX);
        sim_result found;
        char line[256];

        (void)state;
        assert_true(sim_mutation_choose("T5"));
        uint64_t seed = sim_explore_until_failure(&exploration, &found);
        assert_int_not_equal(seed, 0);
        assert_true(sim_capture(explore, &exploration, &out));
        sk_buf_add_byte(&out, 0);
        snprintf(line, sizeof(line), "seed %llu FAILED in step %llu: %.100s", (unsigned long long)seed,
                 (unsigned long long)found.step, found.failure);
        assert_non_null(strstr(out.at, line));
        snprintf(line, sizeof(line), "build/mutants/sim --mutation T5 --seed %llu --steps %llu",
                 (unsigned long long)seed, (unsigned long long)(found.step < found.steps ? found.step : found.steps));
        assert_non_null(strstr(out.at, line));
        assert_non_null(strstr(out.at, " passed, 1 failed, 0 skipped\n"));
        sk_buf_free(&out);
}

static void test_a_violation_is_the_same_when_seen_again(void **state) {
        static const char *const rules[] = {"R1", "T5", "O2", "C3"};

        (void)state;
        for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
                sim_result found;
                assert_true(sim_mutation_choose(rules[i]));
                uint64_t seed = sim_explore_until_failure(&(sim_exploration){.first = 1, .last = 300}, &found);
                assert_int_not_equal(seed, 0);
                uint64_t steps = found.step < found.steps ? found.step : found.steps;
                sim_result again = sim_run_apart(&(sim_options){.seed = seed, .steps = steps});
                assert_string_equal(found.failure, again.failure);
                assert_int_equal(found.step, again.step);
                assert_memory_equal(&found.digest, &again.digest, sizeof(found.digest));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_violation_tells_its_seed_and_how_to_see_it_again),
                cmocka_unit_test(test_a_violation_is_the_same_when_seen_again),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
