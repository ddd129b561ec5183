/* Seeds one after the other, each in a process of its own. */

#include "simulation/explore.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "link/mutation.h"

static const char *const rules[SK_WITHOUTS] = {
        [SK_WITHOUT_NOTHING] = "none", [SK_WITHOUT_R1] = "R1", [SK_WITHOUT_R2] = "R2", [SK_WITHOUT_R5] = "R5",
        [SK_WITHOUT_T2] = "T2",        [SK_WITHOUT_T3] = "T3", [SK_WITHOUT_T5] = "T5", [SK_WITHOUT_T6] = "T6",
        [SK_WITHOUT_O2] = "O2",        [SK_WITHOUT_O3] = "O3", [SK_WITHOUT_C2] = "C2", [SK_WITHOUT_C3] = "C3",
};

bool sim_mutation_choose(const char *rule) {
#ifdef SK_MUTATION
        for (int i = 0; i < SK_WITHOUTS; i++) {
                if (strcmp(rules[i], rule) == 0) {
                        sk_mutation = i;
                        return true;
                }
        }
        return false;
#else
        (void)rules;
        fprintf(stderr, "sim: rule %s stays: this build has no switches (use VARIANT=mutants)\n", rule);
        return false;
#endif
}

void sim_result_print(uint64_t seed, const sim_result *result) {
        char digest[SK_DIGEST_TEXT];

        sk_digest_format(&result->digest, digest);
        printf("seed %" PRIu64 ": %" PRIu64 " steps, %" PRIu64 " records of calls, %" PRIu64 " closed, %" PRIu64
               " commits, %" PRIu64 " crashes, %" PRIu64 " faults, digest %.*s\n",
               seed, result->step, result->calls, result->closed, result->commits, result->crashes, result->faults,
               SK_DIGEST_TEXT, digest);
        if (!result->is_passed)
                printf("seed %" PRIu64 " FAILED in step %" PRIu64 ": %s\n", seed, result->step, result->failure);
}

static void read_whole(int from, sim_result *out) {
        size_t have = 0;

        while (have < sizeof(*out)) {
                ssize_t got = read(from, (char *)out + have, sizeof(*out) - have);
                if (got <= 0)
                        return;
                have += (size_t)got;
        }
}

static void child_run(const sim_options *options, int to) {
        sim_result result = sim_run(options);
        ssize_t sent = write(to, &result, sizeof(result));

        _exit(sent == (ssize_t)sizeof(result) ? 0 : 1);
}

sim_result sim_run_apart(const sim_options *options) {
        sim_result result = {.failure = "no process for the run"};
        int ends[2];
        int status = 0;

        if (pipe(ends) != 0)
                return result;
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
                close(ends[0]);
                child_run(options, ends[1]);
        }
        close(ends[1]);
        if (child > 0)
                read_whole(ends[0], &result);
        close(ends[0]);
        if (child < 0 || waitpid(child, &status, 0) != child)
                return result;
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
                result = (sim_result){.is_passed = false};
                snprintf(result.failure, sizeof(result.failure), "the process died: %s",
                         WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "exit status not 0");
        }
        return result;
}

uint64_t sim_explore_until_failure(const sim_exploration *exploration, sim_result *out) {
        for (uint64_t seed = exploration->first; seed <= exploration->last; seed++) {
                *out = sim_run_apart(&(sim_options){.seed = seed, .steps = exploration->steps});
                if (!out->is_passed)
                        return seed - exploration->first + 1;
        }
        return 0;
}

int sim_explore(const sim_exploration *exploration) {
        time_t start = time(NULL);
        uint64_t passed = 0;
        uint64_t failed = 0;
        uint64_t seed = exploration->first;

        for (; seed <= exploration->last && (uint64_t)(time(NULL) - start) < exploration->seconds; seed++) {
                sim_options options = {.seed = seed, .steps = exploration->steps};
                sim_result result = sim_run_apart(&options);
                passed += result.is_passed ? 1 : 0;
                failed += result.is_passed ? 0 : 1;
                if (!exploration->is_quiet)
                        sim_result_print(seed, &result);
                if (failed > 0 && exploration->is_failure_wanted)
                        break;
        }
        printf("seeds %" PRIu64 " to %" PRIu64 " in %" PRIu64 " s\n", exploration->first,
               exploration->first + passed + failed - 1, (uint64_t)(time(NULL) - start));
        printf("%" PRIu64 " passed, %" PRIu64 " failed, 0 skipped\n", passed, failed);
        return (failed > 0) == exploration->is_failure_wanted ? 0 : 1;
}
