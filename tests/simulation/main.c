/* The simulator's command line. */

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "link/mutation.h"
#include "simulation/explore.h"

#define SEEDS 1500 /* what `make sim` runs */
#define SECONDS 45 /* or as many as it can in this time */

static const char help[] =
        "sim - whole chains of links under a virtual clock, from one seed\n"
        "\n"
        "  sim                          a bounded number of seeds, as in `make sim`\n"
        "  sim --seed N [--steps N]     one run; the same bytes each time\n"
        "      --call ID                prints what concerns this call\n"
        "  sim --seeds A-B              these seeds\n"
        "      --seconds S              no new seed after S seconds\n"
        "  sim --long [--seed N]        until it is stopped, from a random seed on or from this one\n"
        "      --coverage               and print in how many runs each thing has occurred\n"
        "  sim --mutation RULE          takes a rule out (a build with -DSK_MUTATION): some seed must fail then\n"
        "\n"
        "Example: sim --seeds 1-500 --seconds 60\n";

typedef struct arguments {
        sim_exploration exploration;
        sim_options one;
        bool is_one;
        bool is_long;
} arguments;

static bool range_read(const char *text, sim_exploration *out) {
        return sscanf(text, "%" SCNu64 "-%" SCNu64, &out->first, &out->last) == 2 && out->first <= out->last;
}

static bool option_take(int option, arguments *a) {
        switch (option) {
        case 'n':
                a->one.seed = strtoull(optarg, NULL, 10);
                a->exploration.first = a->one.seed;
                a->is_one = true;
                return true;
        case 't':
                a->one.steps = a->exploration.steps = strtoull(optarg, NULL, 10);
                return true;
        case 'c':
                a->one.trace_id = optarg;
                return true;
        case 's':
                return range_read(optarg, &a->exploration);
        case 'd':
                a->exploration.seconds = strtoull(optarg, NULL, 10);
                return true;
        case 'l':
                a->is_long = true;
                return true;
        case 'v':
                a->exploration.is_coverage_wanted = true;
                return true;
        case 'm':
                a->exploration.is_failure_wanted = true;
                return sim_mutation_choose(optarg);
        default:
                return false;
        }
}

static int one_run(const sim_options *options) {
        sim_result result = sim_run(options);

        sim_result_print(options->seed, &result);
        if (result.is_passed && options->trace_id == NULL && result.first_call[0] != '\0')
                printf("its first call: make sim SEED=%" PRIu64 " STEPS=%" PRIu64 " CALL=%s\n", options->seed,
                       result.steps, result.first_call);
        return result.is_passed ? 0 : 1;
}

/* Seeds nobody has run yet, most likely. The first one is printed: from there on all is as it always is. */
static int long_run(arguments *a) {
        uint32_t random = 0;

        if (!a->is_one && getentropy(&random, sizeof(random)) == 0)
                a->exploration.first = 1 + random;
        a->exploration.last = UINT64_MAX;
        a->exploration.seconds = a->exploration.seconds == SECONDS ? UINT64_MAX : a->exploration.seconds;
        printf("seeds from %" PRIu64 " on, until stopped\n", a->exploration.first);
        return sim_explore(&a->exploration);
}

int main(int argc, char **argv) {
        static const struct option options[] = {
                {"seed", required_argument, NULL, 'n'},     {"steps", required_argument, NULL, 't'},
                {"call", required_argument, NULL, 'c'},     {"seeds", required_argument, NULL, 's'},
                {"seconds", required_argument, NULL, 'd'},  {"long", no_argument, NULL, 'l'},
                {"mutation", required_argument, NULL, 'm'}, {"coverage", no_argument, NULL, 'v'},
                {"help", no_argument, NULL, 'h'},           {NULL, 0, NULL, 0}};
        arguments a = {.exploration = {.first = 1, .last = SEEDS, .seconds = SECONDS}};
        int option;

        setvbuf(stdout, NULL, _IOLBF, 0);
        while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
                if (option == 'h') {
                        fputs(help, stdout);
                        return 0;
                }
                if (!option_take(option, &a)) {
                        fputs(help, stderr);
                        return 2;
                }
        }
        if (a.is_long)
                return long_run(&a);
        if (a.is_one)
                return one_run(&a.one);
        return sim_explore(&a.exploration);
}
