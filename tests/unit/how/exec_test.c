/*
 * What becomes of a program's try when its runner is not what it should be: each is answered, once, and the next runner has
 * nothing of the last. Runners here are shell scripts that say on descriptor 3 what the test wants; the true one is in
 * runner_test.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "how/exec.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "support/folder.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define ENDS_MAX 8
#define UNTIL_LEFT "exec cat <&3 >/dev/null" /* until the link has closed its end */
#define ZERO4 "\\0\\0\\0\\0"
/* How the program of that ticket has ended: status 0, `{"a":1}` put out, nothing said. */
#define ENDED(ticket) \
        "printf '\\035\\0\\0\\0\\004" ticket "\\0\\0\\0" ZERO4 "\\0" ZERO4 "\\007\\0\\0\\0{\"a\":1}" ZERO4 "' >&3; "

typedef struct world {
        uv_loop_t loop;
        sk_how_port port;
        sk_edition *edition;
        test_folder folder;
        char scratch[FOLDER_PATH_MAX];
        sk_effect_report ends[ENDS_MAX];
        char codes[ENDS_MAX][32];
        char texts[ENDS_MAX][100];
        char values[ENDS_MAX][32];
        unsigned count;
        bool is_begin; /* nothing may end within begin or stop */
} world;

static world w;

static void keep(char *to, size_t room, sk_slice text) {
        (void)snprintf(to, room, "%.*s", (int)text.len, text.len == 0 ? "" : text.at);
}

static void ended(void *self, const sk_effect_report *report) {
        assert_ptr_equal(self, &w);
        assert_false(w.is_begin);
        assert_true(w.count < ENDS_MAX);
        w.ends[w.count] = *report;
        keep(w.codes[w.count], sizeof(w.codes[0]), report->code);
        keep(w.texts[w.count], sizeof(w.texts[0]), report->text);
        keep(w.values[w.count], sizeof(w.values[0]), report->value);
        w.count++;
}

/* The runner: what `sh -c` makes of the script, or a program that is not there. */
static void open_with(const char *script) {
        static const char *runner[5];
        const char *const words[] = {script == NULL ? "/nowhere/runner" : "/bin/sh", "-c", script, "runner", NULL};
        const sk_chain_file files[] = {{"chain.json", SK_SLICE("{\"name\":\"c\"}")},
                                       {"t/team.json", SK_SLICE("{\"title\":\"T\",\"consumer\":true}")}};
        sk_findings *findings = sk_findings_new();

        memset(&w, 0, sizeof(w));
        memcpy(runner, words, sizeof(words));
        folder_make(&w.folder);
        (void)snprintf(w.scratch, sizeof(w.scratch), "%s", folder_file(&w.folder, "scratch"));
        assert_int_equal(sk_edition_build(files, 2, NULL, findings, &w.edition), SK_OK);
        sk_findings_free(findings);
        assert_int_equal(uv_loop_init(&w.loop), 0);
        sk_exec_config config = {.loop = &w.loop,
                                 .edition = w.edition,
                                 .team = "t",
                                 .chain_dir = w.folder.path,
                                 .scratch = w.scratch,
                                 .runner = runner,
                                 .ended = ended,
                                 .self = &w};
        assert_int_equal(sk_exec_new(&config, &w.port), SK_OK);
}

static void close_all(void) {
        w.port.close(w.port.self);
        assert_int_equal(uv_run(&w.loop, UV_RUN_DEFAULT), 0);
        w.port.free(w.port.self);
        assert_int_equal(uv_loop_close(&w.loop), 0);
        sk_edition_release(w.edition);
        folder_remove(&w.folder);
}

static sk_effect effect_of(uint8_t call, const char *config) {
        return (sk_effect){.callid = {{call}},
                           .visit = 4,
                           .try_number = 2,
                           .how = SK_HOW_EXEC,
                           .key = "key/1",
                           .target = SK_SLICE("x"),
                           .config = sk_slice_of(config),
                           .input = SK_SLICE("{}"),
                           .timeout_us = INT64_C(120000000)};
}

static void begin(uint8_t call, const char *config) {
        sk_effect effect = effect_of(call, config);

        w.is_begin = true;
        w.port.begin(w.port.self, &effect);
        w.is_begin = false;
}

static void stop(uint8_t call) {
        sk_effect effect = effect_of(call, "{}");

        effect.is_stop = true;
        w.is_begin = true;
        w.port.stop(w.port.self, &effect);
        w.is_begin = false;
}

static void wait_for(unsigned count) {
        while (w.count < count)
                assert_true(uv_run(&w.loop, UV_RUN_ONCE) != 0 || w.count >= count);
}

#define COMMAND "{\"command\":[\"programs/x\",\"a\"]}"

static void test_a_try_whose_runner_fails_is_answered_so_that_it_is_tried_again(void **state) {
        (void)state;
        static const struct {
                const char *script; /* NULL: it is not there */
                const char *text;
        } table[] = {
                {NULL, "the runner cannot be told"},
                {"exit 1", "the runner has died"},
                {"kill -9 $$", "the runner has died"},
                {"exec 3>&-; exec sleep 0", "the runner has died"},
                {"printf '\\377\\377\\377\\377' >&3; " UNTIL_LEFT, "the runner has died"}, /* no frame is so long */
                {"printf '\\011\\0\\0\\0\\007" ZERO4 ZERO4 "' >&3; " UNTIL_LEFT,
                 "the runner has died"}, /* no such kind */
                {"printf '\\011\\0\\0\\0\\004" ZERO4 ZERO4 "' >&3; " UNTIL_LEFT,
                 "the runner has died"},                          /* half an end */
                {ENDED("\\011") "exit 0", "the runner has died"}, /* of a program that nobody has begun */
        };

        for (size_t i = 0; i < COUNT(table); i++) {
                open_with(table[i].script);
                begin(7, COMMAND);
                assert_int_equal(w.count, 0);
                wait_for(1);
                if (strcmp(w.texts[0], table[i].text) != 0)
                        fail_msg("row %zu: %s", i, w.texts[0]);
                assert_string_equal(w.codes[0], "not-started");
                assert_int_equal(w.ends[0].result, SK_EFFECT_RETRY);
                assert_int_equal(w.ends[0].callid.bytes[0], 7);
                assert_int_equal(w.ends[0].visit, 4);
                assert_int_equal(w.ends[0].try_number, 2);
                close_all();
                assert_int_equal(w.count, 1);
        }
}

static void test_what_the_runner_says_of_a_program_is_the_end_of_its_try(void **state) {
        (void)state;
        open_with(ENDED("\\001") ENDED("\\001") UNTIL_LEFT); /* and says it twice */
        begin(7, COMMAND);
        wait_for(1);
        assert_int_equal(w.ends[0].result, SK_EFFECT_DONE);
        assert_string_equal(w.codes[0], "exit-0");
        assert_string_equal(w.values[0], "{\"a\":1}");
        begin(8, COMMAND); /* the same runner has it now */
        for (int i = 0; i < 3; i++)
                (void)uv_run(&w.loop, UV_RUN_NOWAIT);
        assert_int_equal(w.count, 1);
        close_all();
        assert_int_equal(w.count, 1); /* what runs when it is closed is not answered */
}

static void test_after_a_runner_has_died_the_next_program_gets_another(void **state) {
        (void)state;
        /* The first dies; the second, which has ticket 2, answers. */
        open_with("if mkdir \"$1/../first\" 2>/dev/null; then exit 1; fi; " ENDED("\\002") UNTIL_LEFT);
        begin(7, COMMAND);
        wait_for(1);
        assert_int_equal(w.ends[0].result, SK_EFFECT_RETRY);
        begin(8, COMMAND);
        wait_for(2);
        assert_int_equal(w.ends[1].result, SK_EFFECT_DONE);
        assert_int_equal(w.ends[1].callid.bytes[0], 8);
        close_all();
}

static void test_all_that_a_runner_had_is_answered_when_it_dies_but_for_what_was_stopped(void **state) {
        unsigned seen = 0;
        (void)state;

        open_with("read line <&3; exit 1"); /* lives until it is told of the first: its input is a line */
        begin(1, COMMAND);
        begin(2, COMMAND);
        begin(3, COMMAND);
        stop(2);
        stop(9); /* which nobody has begun */
        w.port.edition(w.port.self, w.edition);
        begin(4, "{}"); /* a command is missing: the check of the chain lets none through */
        wait_for(1);
        assert_int_equal(w.ends[0].callid.bytes[0], 4);
        assert_string_equal(w.texts[0], "the runner cannot be told");
        wait_for(3);
        close_all();
        assert_int_equal(w.count, 3);
        for (unsigned i = 0; i < w.count; i++)
                seen |= 1u << w.ends[i].callid.bytes[0];
        assert_int_equal(seen, 1u << 1 | 1u << 3 | 1u << 4);
}

static void test_a_program_by_its_whole_path_and_one_of_the_team_are_told_apart(void **state) {
        char asked[4096];
        (void)state;
        static const struct {
                const char *config;
                const char *holds; /* %s: the folder of the chain */
        } table[] = {
                {"{\"command\":[\"/usr/bin/true\"]}", "/usr/bin/true"},
                {"{\"command\":\"programs/x\"}", "/t/programs/x"},
                {COMMAND, "/t/programs/x"},
        };

        for (size_t i = 0; i < COUNT(table); i++) {
                open_with("head -c 150 <&3 | tr '\\0' ' ' >\"$1/../asked.new\"; mv \"$1/../asked.new\" "
                          "\"$1/../asked\"; exit 1");
                begin(7, table[i].config);
                wait_for(1);
                FILE *file = fopen(folder_file(&w.folder, "asked"), "r");
                assert_non_null(file);
                asked[fread(asked, 1, sizeof(asked) - 1, file)] = '\0';
                (void)fclose(file);
                const char *found = strstr(asked, table[i].holds);
                if (found == NULL || (table[i].holds[1] == 't') != (strstr(asked, w.folder.path) != NULL))
                        fail_msg("%s: %s", table[i].config, asked);
                close_all();
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_try_whose_runner_fails_is_answered_so_that_it_is_tried_again),
                cmocka_unit_test(test_what_the_runner_says_of_a_program_is_the_end_of_its_try),
                cmocka_unit_test(test_after_a_runner_has_died_the_next_program_gets_another),
                cmocka_unit_test(test_all_that_a_runner_had_is_answered_when_it_dies_but_for_what_was_stopped),
                cmocka_unit_test(test_a_program_by_its_whole_path_and_one_of_the_team_are_told_apart),
        };

        (void)signal(SIGPIPE, SIG_IGN); /* as the daemon does */
        return cmocka_run_group_tests_name("exec", tests, NULL, NULL);
}
