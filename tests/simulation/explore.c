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

#define FAILURES_MAX 10
#define PROGRESS_EACH 200

static const char *const rules[SK_WITHOUTS] = {
        [SK_WITHOUT_NOTHING] = "none",
        [SK_WITHOUT_R1] = "R1",
        [SK_WITHOUT_R2] = "R2",
        [SK_WITHOUT_R5] = "R5",
        [SK_WITHOUT_T2] = "T2",
        [SK_WITHOUT_T3] = "T3",
        [SK_WITHOUT_T5] = "T5",
        [SK_WITHOUT_T6] = "T6",
        [SK_WITHOUT_O2] = "O2",
        [SK_WITHOUT_O3] = "O3",
        [SK_WITHOUT_C2] = "C2",
        [SK_WITHOUT_C3] = "C3",
        [SK_WITHOUT_C6] = "C6",
        [SK_WITHOUT_SCHEDULE] = "schedule",
        [SK_WITHOUT_CLOCK] = "clock",
        [SK_WITHOUT_LATE] = "late",
        [SK_WITHOUT_FORECAST] = "forecast",
        [SK_WITHOUT_SIDES] = "sides",
        [SK_WITHOUT_ACCOUNTABLE] = "accountable",
        [SK_WITHOUT_SHARE] = "share",
        [SK_WITHOUT_E1] = "E1",
        [SK_WITHOUT_E2] = "E2",
        [SK_WITHOUT_E3] = "E3",
        [SK_WITHOUT_E4] = "E4",
        [SK_WITHOUT_E5] = "E5",
        [SK_WITHOUT_E6] = "E6",
        [SK_WITHOUT_E7] = "E7",
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

static const char *mutation_name(void) {
#ifdef SK_MUTATION
        return rules[sk_mutation];
#else
        return rules[SK_WITHOUT_NOTHING];
#endif
}

/* How to see the same again: what comes after the failing step does not matter. */
static void replay_print(uint64_t seed, const sim_result *result) {
        uint64_t steps = result->step < result->steps ? result->step : result->steps;

        if (strcmp(mutation_name(), "none") == 0)
                printf("seed %" PRIu64 " again: make sim SEED=%" PRIu64 " STEPS=%" PRIu64, seed, seed, steps);
        else
                printf("seed %" PRIu64 " again: build/mutants/sim --mutation %s --seed %" PRIu64 " --steps %" PRIu64,
                       seed, mutation_name(), seed, steps);
        printf("; one call of it: %s\n", strcmp(mutation_name(), "none") == 0 ? "CALL=id" : "--call id");
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
        if (!result->is_passed)
                replay_print(seed, result);
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
        sim_result result = {.failure = "no result came from the run", .steps = options->steps};
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
                result = (sim_result){.step = UINT64_MAX, .steps = options->steps > 0 ? options->steps : SIM_STEPS};
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

/* ---- coverage ---- */

void sim_coverage_add(sim_coverage *coverage, const sim_result *result) {
        for (size_t i = 0; i < SIM_SEENS; i++)
                coverage->seen[i] += result->seen[i] > 0 ? 1 : 0;
        for (size_t i = 0; i <= SK_MESSAGES; i++)
                coverage->messages[i] += result->messages[i] > 0 ? 1 : 0;
}

const char *sim_sight_text(sim_sight sight) {
        static const char *const texts[SIM_SEENS] = {
#define SIM_SEEN_TEXT(code, text) [code] = (text),
                SIM_SEEN_TABLE(SIM_SEEN_TEXT)
#undef SIM_SEEN_TEXT
        };

        return texts[sight];
}

static void coverage_print(const sim_coverage *coverage) {
        for (unsigned i = 0; i < SIM_SEENS; i++)
                printf("%8" PRIu64 " %s\n", coverage->seen[i], sim_sight_text((sim_sight)i));
        for (unsigned i = 0; i < SK_MESSAGES; i++)
                printf("%8" PRIu64 " %s\n", coverage->messages[i], sk_message_name((sk_message)i));
}

/* ---- many seeds ---- */

/* What many runs came to. */
typedef struct tally {
        sim_coverage coverage;
        uint64_t passed;
        uint64_t failed;
        uint64_t calls;
        uint64_t commits;
        uint64_t faults;
        time_t start;
} tally;

static void tally_take(tally *t, uint64_t seed, const sim_result *result) {
        t->passed += result->is_passed ? 1 : 0;
        t->failed += result->is_passed ? 0 : 1;
        t->calls += result->calls;
        t->commits += result->commits;
        t->faults += result->faults;
        sim_coverage_add(&t->coverage, result);
        if (!result->is_passed)
                sim_result_print(seed, result);
}

static void tally_print(const tally *t, const sim_exploration *exploration) {
        uint64_t done = t->passed + t->failed;

        printf("seeds %" PRIu64 " to %" PRIu64 " in %" PRIu64 " s: %" PRIu64 " records of calls, %" PRIu64
               " commits, %" PRIu64 " faults, %" PRIu64 " violations\n",
               exploration->first, exploration->first + done - (done > 0 ? 1 : 0), (uint64_t)(time(NULL) - t->start),
               t->calls, t->commits, t->faults, t->failed);
}

static bool goes_on(const sim_exploration *exploration, const tally *t) {
        uint64_t done = t->passed + t->failed;

        if (done > exploration->last - exploration->first)
                return false;
        if (t->failed >= (exploration->is_failure_wanted ? 1 : FAILURES_MAX))
                return false;
        return (uint64_t)(time(NULL) - t->start) < exploration->seconds;
}

int sim_explore(const sim_exploration *exploration) {
        tally t = {.start = time(NULL)};

        while (goes_on(exploration, &t)) {
                uint64_t done = t.passed + t.failed;
                uint64_t seed = exploration->first + done;
                sim_result result = sim_run_apart(&(sim_options){.seed = seed, .steps = exploration->steps});
                if (done > 0 && done % PROGRESS_EACH == 0)
                        tally_print(&t, exploration);
                tally_take(&t, seed, &result);
        }
        tally_print(&t, exploration);
        if (exploration->is_coverage_wanted)
                coverage_print(&t.coverage);
        printf("%" PRIu64 " passed, %" PRIu64 " failed, 0 skipped\n", t.passed, t.failed);
        return (t.failed > 0) == exploration->is_failure_wanted ? 0 : 1;
}
