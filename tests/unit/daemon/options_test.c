/* The command line of schakeld: what each option sets, what stands in for those not given, and what is refused and how. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define WORDS_MAX 140
#define FORTY "aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd"

static char *words[WORDS_MAX + 2];
static sk_options options;
static char said[2000]; /* on stderr */

/* Splits the line at its blanks; gives what is made of it, with stderr in `said`. */
static sk_options_result parse(const char *line, bool is_terminal) {
        static char copy[SK_OPTION_TEXT_MAX * 2];
        int count = 0;
        FILE *kept = tmpfile();

        assert_non_null(kept);
        (void)snprintf(copy, sizeof(copy), "schakeld %s", line);
        char *rest = copy;
        for (char *word = strsep(&rest, " "); word != NULL; word = strsep(&rest, " ")) {
                if (*word == '\0')
                        continue;
                assert_true(count < WORDS_MAX);
                words[count++] = word;
        }
        words[count] = NULL;
        (void)fflush(stderr);
        int before = dup(STDERR_FILENO);
        assert_true(before >= 0 && dup2(fileno(kept), STDERR_FILENO) >= 0);
        sk_options_result result = sk_options_parse(count, words, is_terminal, &options);
        (void)fflush(stderr);
        assert_true(dup2(before, STDERR_FILENO) >= 0);
        (void)close(before);
        rewind(kept);
        said[fread(said, 1, sizeof(said) - 1, kept)] = '\0';
        (void)fclose(kept);
        return result;
}

static int setup(void **state) {
        static const char *const variables[] = {"SCHAKEL_PLUGINS", "SCHAKEL_KAFKA_PROPERTIES", "STATE_DIRECTORY",
                                                "XDG_STATE_HOME"};
        (void)state;
        for (size_t i = 0; i < COUNT(variables); i++)
                (void)unsetenv(variables[i]);
        return setenv("HOME", "/home/someone", 1);
}

#define ENOUGH "-C chain -t desk -l local:chain.log "

static void test_each_option_sets_what_it_says(void **state) {
        (void)state;
        assert_int_equal(
                parse("--chain chain --team desk --team network --log kafka:b:9092 --state there --instance one "
                      "--properties file --drain --past-gaps --plugins folder --http 127.0.0.1:0 "
                      "--log-format text",
                      false),
                SK_OPTIONS_RUN);
        assert_string_equal(options.chain_dir, "chain");
        assert_int_equal(options.team_count, 2);
        assert_string_equal(options.teams[1], "network");
        assert_string_equal(options.log, "kafka:b:9092");
        assert_string_equal(options.state_dir, "there");
        assert_string_equal(options.instance, "one");
        assert_string_equal(options.properties, "file");
        assert_true(options.is_drain && options.passes_gaps);
        assert_string_equal(options.plugins, "folder");
        assert_string_equal(options.http, "127.0.0.1:0");
        assert_false(options.is_json || options.is_check);
        assert_string_equal(said, "");
}

static void test_what_is_not_given_is_off_or_taken_from_the_environment(void **state) {
        (void)state;
        assert_int_equal(setenv("SCHAKEL_PLUGINS", "/plugins", 1), 0);
        assert_int_equal(setenv("SCHAKEL_KAFKA_PROPERTIES", "/properties", 1), 0);
        assert_int_equal(parse(ENOUGH, true), SK_OPTIONS_RUN);
        assert_false(options.is_json || options.is_check || options.is_drain || options.passes_gaps);
        assert_null(options.http);
        assert_string_equal(options.plugins, "/plugins");
        assert_string_equal(options.properties, "/properties");
        assert_string_equal(options.state_dir, "chain.log.d/state"); /* beside the log's file */
        assert_int_equal(parse(ENOUGH "--plugins /others --properties /other", true), SK_OPTIONS_RUN);
        assert_string_equal(options.plugins, "/others");
        assert_string_equal(options.properties, "/other");
        assert_int_equal(parse(ENOUGH, false), SK_OPTIONS_RUN);
        assert_true(options.is_json); /* for whatever collects it */
}

static void test_an_instance_of_a_shared_log_keeps_its_notes_on_its_machine(void **state) {
        static const struct {
                const char *state_directory;
                const char *state_home;
                const char *expected;
        } table[] = {
                {"/var/lib/schakel", "/state", "/var/lib/schakel/schakel/one"},
                {NULL, "/state", "/state/schakel/one"},
                {NULL, NULL, "/home/someone/.local/state/schakel/one"},
        };

        for (size_t i = 0; i < COUNT(table); i++) {
                (void)setup(state);
                if (table[i].state_directory != NULL)
                        assert_int_equal(setenv("STATE_DIRECTORY", table[i].state_directory, 1), 0);
                if (table[i].state_home != NULL)
                        assert_int_equal(setenv("XDG_STATE_HOME", table[i].state_home, 1), 0);
                assert_int_equal(parse("-C chain -t desk -l kafka:b:9092 -i one", true), SK_OPTIONS_RUN);
                assert_string_equal(options.state_dir, table[i].expected);
        }
}

static void test_a_log_of_a_machine_without_a_home_wants_to_know_where_to_keep_notes(void **state) {
        (void)state;
        assert_int_equal(unsetenv("HOME"), 0);
        assert_int_equal(parse("-C chain -t desk -l kafka:b:9092", true), SK_OPTIONS_WRONG);
        assert_string_equal(said, "schakeld: say where notes for after a crash are kept: --state DIR\n"
                                  "Try 'schakeld --help'.\n");
        assert_int_equal(parse("-C chain -t desk -l kafka:b:9092 -s there", true), SK_OPTIONS_RUN);
}

static void test_who_gives_no_instance_gets_one_that_is_a_name(void **state) {
        (void)state;
        assert_int_equal(parse(ENOUGH, true), SK_OPTIONS_RUN);
        assert_non_null(options.instance);
        size_t len = strlen(options.instance);
        assert_in_range(len, 1, SK_INSTANCE_MAX);
        assert_int_equal(strspn(options.instance, "abcdefghijklmnopqrstuvwxyz0123456789-"), len);
}

static void test_what_makes_no_sense_is_refused_with_its_reason(void **state) {
        (void)state;
        static const struct {
                const char *line;
                const char *says;
        } table[] = {
                {"", "say where the chain directory is: -C DIR"},
                {"-C chain", "say whose link to host: --team TEAM"},
                {"-C chain -t desk", "say which log: --log local:FILE or --log kafka:HOST:PORT"},
                {"-C chain -t desk -l chain.log", "a log is given as local:FILE or kafka:HOST:PORT"},
                {"-C chain -t desk -l local:", "local:FILE"},
                {"-C chain -t Desk", "a team's name is a small letter and up to 39"},
                {"-C chain -t 1desk", "a team's name is a small letter and up to 39"},
                {"-C chain -t a" FORTY, "a team's name is a small letter and up to 39"},
                {"-C chain -t ../desk", "a team's name is a small letter and up to 39"},
                {"-C chain -t desk -t network -t desk", "the same team is given twice"},
                {ENOUGH "-i One", "an instance's name is up to 40 small letters"},
                {ENOUGH "-i a" FORTY, "an instance's name is up to 40 small letters"},
                {ENOUGH "-i a/b", "an instance's name is up to 40 small letters"},
                {ENOUGH "--log-format xml", "--log-format is json or text"},
                {ENOUGH "more", "belongs to no option"},
                {ENOUGH "--nonsense", "--nonsense"},
                {ENOUGH "--state", "--state"},
        };

        for (size_t i = 0; i < COUNT(table); i++) {
                (void)setup(state);
                if (parse(table[i].line, true) != SK_OPTIONS_WRONG || strstr(said, table[i].says) == NULL ||
                    strstr(said, "Try 'schakeld --help'.") == NULL)
                        fail_msg("%s: %s", table[i].line, said);
        }
}

static void test_names_of_the_most_that_they_may_have_are_taken(void **state) {
        (void)state;
        assert_int_equal(parse("-C chain -l local:x -t " FORTY " -i " FORTY, true), SK_OPTIONS_RUN);
        assert_string_equal(options.teams[0], FORTY);
}

static void test_a_daemon_hosts_so_many_teams_and_no_more(void **state) {
        char line[2000] = "-C chain -l local:x";
        (void)state;

        for (unsigned i = 1; i <= SK_HOSTED_TEAMS_MAX + 1; i++) {
                size_t len = strlen(line);
                (void)snprintf(line + len, sizeof(line) - len, " -t t%u", i);
                if (i > SK_HOSTED_TEAMS_MAX)
                        break;
                assert_int_equal(parse(line, true), SK_OPTIONS_RUN);
                assert_int_equal(options.team_count, i);
        }
        assert_int_equal(parse(line, true), SK_OPTIONS_WRONG);
        assert_non_null(strstr(said, "one daemon hosts at most 64 teams"));
}

static void test_a_path_that_is_too_long_is_refused(void **state) {
        static char line[SK_OPTION_TEXT_MAX + 100];
        int len = snprintf(line, sizeof(line), "-C chain -t desk -l local:");
        (void)state;

        memset(line + len, 'x', SK_OPTION_TEXT_MAX);
        line[len + SK_OPTION_TEXT_MAX - 5] = '\0'; /* with its scheme a byte more than may be */
        assert_int_equal(parse(line, true), SK_OPTIONS_WRONG);
        assert_non_null(strstr(said, "too long"));
        line[len + SK_OPTION_TEXT_MAX - 6] = '\0';
        assert_int_equal(parse(line, true), SK_OPTIONS_RUN);
        assert_int_equal(strlen(options.state_dir), SK_OPTION_TEXT_MAX - 6 + strlen(".d/state"));
}

static void test_only_looking_needs_neither_team_nor_log(void **state) {
        (void)state;
        assert_int_equal(parse("-C chain --check", true), SK_OPTIONS_RUN);
        assert_true(options.is_check);
        assert_int_equal(parse("--plugin-help zammad", true), SK_OPTIONS_RUN);
        assert_string_equal(options.plugin_help, "zammad");
        assert_non_null(options.plugins); /* some folder, though nobody said which */
}

#define WITH_HOME(test) cmocka_unit_test_setup(test, setup)

int main(void) {
        const struct CMUnitTest tests[] = {
                WITH_HOME(test_each_option_sets_what_it_says),
                WITH_HOME(test_what_is_not_given_is_off_or_taken_from_the_environment),
                WITH_HOME(test_an_instance_of_a_shared_log_keeps_its_notes_on_its_machine),
                WITH_HOME(test_a_log_of_a_machine_without_a_home_wants_to_know_where_to_keep_notes),
                WITH_HOME(test_who_gives_no_instance_gets_one_that_is_a_name),
                WITH_HOME(test_what_makes_no_sense_is_refused_with_its_reason),
                WITH_HOME(test_names_of_the_most_that_they_may_have_are_taken),
                WITH_HOME(test_a_daemon_hosts_so_many_teams_and_no_more),
                WITH_HOME(test_a_path_that_is_too_long_is_refused),
                WITH_HOME(test_only_looking_needs_neither_team_nor_log),
        };

        return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
