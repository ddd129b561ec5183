/*
 * What never occurs in a run is not tested by it. In so many seeds each fault, each way of the log and each message
 * must have occurred; what a change to the simulator silently puts an end to shows here.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "simulation/explore.h"

#define SEEDS 150

static sim_coverage coverage;

static int run_all(void **state) {
        (void)state;
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
                sim_result result = sim_run_apart(&(sim_options){.seed = seed});
                sim_coverage_add(&coverage, &result);
        }
        return 0;
}

/* Nobody has a rival here: an exit with 70 would be a violation. One with 75 is too seldom for so few seeds. */
static bool is_seldom(sim_sight sight) {
        return sight == SIM_SEEN_EXIT_FENCED || sight == SIM_SEEN_EXIT_AGAIN;
}

static void test_every_fault_and_every_way_of_the_log_occurs(void **state) {
        (void)state;
        for (unsigned i = 0; i < SIM_SEENS; i++) {
                if (!is_seldom((sim_sight)i) && coverage.seen[i] == 0)
                        fail_msg("in no run there was %s", sim_sight_text((sim_sight)i));
        }
}

static void test_every_message_occurs_and_fits_its_schema(void **state) {
        (void)state;
        for (unsigned i = 0; i < SK_MESSAGES; i++) {
                if (coverage.messages[i] == 0)
                        fail_msg("in no run there was a %s", sk_message_name((sk_message)i));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_fault_and_every_way_of_the_log_occurs),
                cmocka_unit_test(test_every_message_occurs_and_fits_its_schema),
        };

        return cmocka_run_group_tests(tests, run_all, NULL);
}
