#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kit/random.h"
#include "log/tool.h"
#include "support/folder.h"
#include "support/line_count.h"
#include "support/link_process.h"

/*
 * Three links in a row on one local log; calls are raised while random daemons are killed with SIGKILL and started
 * again, hundreds of times. A daemon is killed after a random number of commits, so that there is progress between
 * kills on any machine. Then everything is let come to its end, and counted.
 */

#define CALLS 200
#define KILLS 300
#define TEAMS LINE_TEAMS
#define COMMITS_BETWEEN 6

typedef struct fixture {
        test_folder folder;
        char url[FOLDER_PATH_MAX + 64];
        char arguments[TEAMS][8][FOLDER_PATH_MAX + 64];
        link_process links[TEAMS];
        sk_log_tool *tool;
        raised_call calls[CALLS];
} fixture;

static fixture f;

/* ---- running and killing ---- */

static void start_all(void) {
        for (size_t i = 0; i < TEAMS; i++) {
                const char *arguments[] = {"-C", "tests/data/chains/line", "--team", line_teams[i], "--log", f.url,
                                           NULL};
                link_start(&f.links[i], &f.folder, line_teams[i], arguments);
        }
}

static void wait_for_commits(unsigned count) {
        for (unsigned i = 0; i < count; i++) {
                if (!sk_log_tool_wait(f.tool, 200))
                        return;
        }
}

static void raise_and_kill(sk_random *random) {
        unsigned raised = 0;

        for (unsigned kills = 0; kills < KILLS; kills++) {
                while (raised < CALLS && raised * KILLS <= kills * CALLS) {
                        call_raise(f.tool, raised, &f.calls[raised]);
                        /* A tool that does not know whether its record arrived writes it again. */
                        if (raised % 7 == 0)
                                call_raise(f.tool, raised, &f.calls[raised]);
                        raised++;
                }
                wait_for_commits((unsigned)sk_random_below(random, COMMITS_BETWEEN));
                link_process *victim = &f.links[sk_random_below(random, TEAMS)];
                link_kill(victim);
                link_start_again(victim);
        }
        assert_int_equal(raised, CALLS);
}

static void stop_all(void) {
        for (size_t i = 0; i < TEAMS; i++) {
                link_await(&f.links[i], "\"ready\"", 1);
                link_signal(&f.links[i], SIGTERM);
                assert_int_equal(link_wait(&f.links[i]), 0);
        }
}

static void test_hundreds_of_kills_lose_nothing_and_double_nothing(void **state) {
        const char *given = getenv("SEED");
        uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
        sk_random random = sk_random_make(seed);

        (void)state;
        print_message("SEED=%llu\n", (unsigned long long)seed);
        start_all();
        raise_and_kill(&random);
        line_await(f.tool, "line", CALLS);
        stop_all();
        line_check(f.tool, "line", CALLS);
}

static int setup(void **state) {
        (void)state;
        folder_make(&f.folder);
        (void)snprintf(f.url, sizeof(f.url), "local:%s", folder_file(&f.folder, "chain.log"));
        return sk_log_tool_open(f.url, SK_LOG_APPEND, NULL, &f.tool) == SK_OK ? 0 : -1;
}

static int teardown(void **state) {
        (void)state;
        for (size_t i = 0; i < TEAMS; i++)
                link_kill(&f.links[i]);
        sk_log_tool_free(f.tool);
        folder_remove(&f.folder);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_hundreds_of_kills_lose_nothing_and_double_nothing, setup,
                                                teardown),
        };

        return cmocka_run_group_tests_name("kill9", tests, NULL, NULL);
}
