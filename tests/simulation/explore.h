#ifndef TESTS_SIMULATION_EXPLORE_H
#define TESTS_SIMULATION_EXPLORE_H

#include "simulation/sim.h"

/** Which seeds to run, and for how long. */
typedef struct sim_exploration {
        uint64_t first;
        uint64_t last;
        uint64_t steps;          /**< of each run; 0: as usual */
        uint64_t seconds;        /**< no new seed afterwards */
        bool is_coverage_wanted; /**< print how many runs have seen each thing */
        bool is_failure_wanted;  /**< a rule is taken out: stop at the first violation and call it a success */
} sim_exploration;

/**
 * Runs seed after seed, each in a process of its own, so that one that dies by an assertion is a failure like others.
 * Prints how far it has come, and of each failure the seed and how to see it again; the tenth one ends it. The last line
 * is `N passed, N failed, N skipped`.
 *
 * @return 0 when all passed (or, if that is wanted, one has failed)
 */
int sim_explore(const sim_exploration *exploration);

/** In how many runs each thing has occurred. */
typedef struct sim_coverage {
        uint64_t seen[SIM_SEENS];
        uint64_t messages[SK_MESSAGES + 1];
} sim_coverage;

void sim_coverage_add(sim_coverage *coverage, const sim_result *result);
/** Text of a sight. */
const char *sim_sight_text(sim_sight sight);

/** How many of these seeds run until one fails; 0: none does. The failure goes to @p out. */
uint64_t sim_explore_until_failure(const sim_exploration *exploration, sim_result *out);

/** One seed in a process of its own. */
sim_result sim_run_apart(const sim_options *options);

/** Takes a rule out by its name ("R1"); false if there is no such rule or this build has no switches. */
bool sim_mutation_choose(const char *rule);

/** One line about a run; if it failed two more: what the violation is, and how to see it again. */
void sim_result_print(uint64_t seed, const sim_result *result);

#endif
