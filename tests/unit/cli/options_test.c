#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/cli/capture.h"

/* The command under test prints what it was given. */
static const sk_option options[] = {
        SK_OPTION_CHAIN,
        {.name = "wait", .letter = 'w', .text = "wait"},
        {.name = "to", .kind = SK_OPTION_LIST, .value = "TEAM", .text = "to whom"},
        {.name = "limit", .kind = SK_OPTION_COUNT, .value = "N", .text = "how many", .min = 1, .max = 1000},
        {.name = "speed", .kind = SK_OPTION_NUMBER, .value = "X", .text = "how fast"},
        {.name = "from", .kind = SK_OPTION_TIME, .value = "TIME", .text = "since when"},
        {.name = "for", .kind = SK_OPTION_DURATION, .value = "DURATION", .text = "how long"},
        {.name = "by", .kind = SK_OPTION_TEXT, .value = "WHAT", .text = "grouped", .choices = "line|process"},
        {0},
};

static int show_run(sk_cli *cli, int argc, char **argv) {
        size_t count;
        const char *const *list = sk_cli_list(cli, "to", &count);
        sk_cli_print(cli, "chain=%s wait=%d limit=%llu speed=%g from=%lld for=%lld by=%s json=%d to=",
                     sk_cli_text_or(cli, "chain", "."), sk_cli_flag(cli, "wait"),
                     (unsigned long long)sk_cli_count(cli, "limit", 7), sk_cli_number(cli, "speed", 1),
                     (long long)sk_cli_time(cli, "from", -1), (long long)sk_cli_duration(cli, "for", -1),
                     sk_cli_text_or(cli, "by", "-"), sk_cli_is_json(cli));
        for (size_t i = 0; i < count; i++)
                sk_cli_print(cli, "%s,", list[i]);
        for (int i = 0; i < argc; i++)
                sk_cli_print(cli, " [%s]", argv[i]);
        return SK_EXIT_OK;
}

static const sk_command show = {.name = "show",
                                .text = "show it",
                                .arguments = "WHAT [MORE]",
                                .arguments_min = 1,
                                .arguments_max = 2,
                                .options = options,
                                .run = show_run};

static const sk_option claim_options[] = {
        {.name = "as", .kind = SK_OPTION_TEXT, .value = "PERSON", .text = "who", .is_required = true},
        {0},
};

static int claim_run(sk_cli *cli, int argc, char **argv) {
        (void)argc;
        sk_cli_print(cli, "%s claims %s", sk_cli_text(cli, "as"), argv[0]);
        return SK_EXIT_OK;
}

static const sk_command claim = {.name = "claim",
                                 .text = "claim it",
                                 .arguments = "CALL",
                                 .arguments_min = 1,
                                 .arguments_max = 1,
                                 .options = claim_options,
                                 .run = claim_run};
static const sk_command *const task_commands[] = {&claim, NULL};
static const sk_command task = {.name = "task", .text = "tasks", .arguments = "claim", .subcommands = task_commands};
static const sk_command *const commands[] = {&show, &task, NULL};

#define WORDS_MAX 12

typedef struct trial {
        const char *words[WORDS_MAX];
        const char *expected; /**< whole stdout, or a part of stderr */
} trial;

static void check_good(const trial *row) {
        capture captured;
        capture_begin(&captured, commands);
        int status = capture_run(&captured, row->words);
        assert_string_equal(captured.err_text, "");
        assert_int_equal(status, SK_EXIT_OK);
        assert_string_equal(captured.out_text, row->expected);
        capture_end(&captured);
}

static void check_bad(const trial *row) {
        capture captured;
        capture_begin(&captured, commands);
        int status = capture_run(&captured, row->words);
        if (strstr(captured.err_text, row->expected) == NULL)
                print_message("%s\n", captured.err_text);
        assert_non_null(strstr(captured.err_text, row->expected));
        assert_non_null(strstr(captured.err_text, " --help"));
        assert_int_equal(status, SK_EXIT_USAGE);
        assert_string_equal(captured.out_text, "");
        capture_end(&captured);
}

#define REST " speed=1 from=-1 for=-1 by=- json=0 to="

static void test_options_are_read_however_they_are_written(void **state) {
        (void)state;
        static const trial rows[] = {
                {{"show", "a"}, "chain=. wait=0 limit=7" REST " [a]"},
                {{"show", "--chain", "d", "a"}, "chain=d wait=0 limit=7" REST " [a]"},
                {{"show", "a", "--chain=d=e"}, "chain=d=e wait=0 limit=7" REST " [a]"},
                {{"show", "-C", "d", "a", "-w"}, "chain=d wait=1 limit=7" REST " [a]"},
                {{"show", "-Cd", "a", "b", "--wait"}, "chain=d wait=1 limit=7" REST " [a] [b]"},
                {{"show", "--limit", "1000", "--", "-C", "--wait"}, "chain=. wait=0 limit=1000" REST " [-C] [--wait]"},
                {{"show", "-"}, "chain=. wait=0 limit=7" REST " [-]"},
                {{"show", "a", "--to", "x", "--to=y"}, "chain=. wait=0 limit=7" REST "x,y, [a]"},
                {{"show", "a", "--speed", "2.5", "--by", "line", "--json"},
                 "chain=. wait=0 limit=7 speed=2.5 from=-1 for=-1 by=line json=1 to= [a]"},
                {{"show", "a", "--from", "1970-01-01T00:00:02Z", "--for", "5m"},
                 "chain=. wait=0 limit=7 speed=1 from=2000000 for=300000000 by=- json=0 to= [a]"},
                {{"task", "claim", "x", "--as", "anna"}, "anna claims x"},
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                check_good(&rows[i]);
}

static void test_what_is_asked_wrongly_says_what_and_where_help_is(void **state) {
        (void)state;
        static const trial rows[] = {
                {{NULL}, "schakel: arguments: say which command\n  see: schakel --help"},
                {{"shwo"}, "schakel: shwo: there is no such command; did you mean \"show\"?"},
                {{"show"}, "schakel show: arguments: WHAT [MORE] is missing\n  see: schakel show --help"},
                {{"show", "a", "b", "c"}, "schakel show: c: one argument too many"},
                {{"show", "--wiat"}, "--wiat: there is no such option; did you mean --wait?"},
                {{"show", "-z"}, "-z: there is no such option"},
                {{"show", "-wC"}, "-wC: there is no such option"},
                {{"show", "--wait=yes"}, "this option takes no value"},
                {{"show", "a", "--chain"}, "--chain: DIR is missing"},
                {{"show", "a", "-C"}, "-C: DIR is missing"},
                {{"show", "a", "--chain="}, "--chain: the value is empty"},
                {{"show", "a", "-C", "x", "--chain", "y"}, "--chain: given twice: \"x\" and \"y\""},
                {{"show", "--limit", "0"}, "--limit: \"0\" is not a whole number from 1 to 1000"},
                {{"show", "--limit", "1001"}, "is not a whole number from 1 to 1000"},
                {{"show", "--limit", "-1"}, "is not a whole number"},
                {{"show", "--limit", "1e3"}, "is not a whole number"},
                {{"show", "--limit", "99999999999999999999"}, "is not a whole number"},
                {{"show", "--speed", "0"}, "is not a number above zero"},
                {{"show", "--speed", "inf"}, "is not a number above zero"},
                {{"show", "--speed", "1.2.3"}, "is not a number above zero"},
                {{"show", "--from", "yesterday"}, "--from: \"yesterday\" is not a time such as"},
                {{"show", "--from", "2026-02-30"}, "is not a time such as"},
                {{"show", "--for", "5 minutes"}, "is not a duration such as"},
                {{"show", "--for", "9999999d"}, "is not a duration such as"},
                {{"show", "--by", "proc"}, "--by: \"proc\" is none of line|process"},
                {{"show", "--by", "line|process"}, "is none of"},
                {{"show", "--\x1b[31m"}, "schakel show: --\\x1b[31m: there is no such option"},
                {{"task"}, "schakel task: arguments: say which: claim"},
                {{"task", "clam"}, "clam: there is no such command; did you mean \"claim\"?"},
                {{"task", "claim", "x"}, "schakel task claim: options: --as is required"},
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                check_bad(&rows[i]);
}

static void test_a_variable_stands_in_for_an_option_that_is_not_given(void **state) {
        (void)state;
        static const trial from_variable = {{"show", "a"}, "chain=e wait=0 limit=7" REST " [a]"};
        static const trial from_option = {{"show", "a", "-Cd"}, "chain=d wait=0 limit=7" REST " [a]"};
        setenv("SCHAKEL_CHAIN", "e", 1);
        check_good(&from_variable);
        check_good(&from_option);
        unsetenv("SCHAKEL_CHAIN");
}

static void test_help_tells_every_option_and_asks_for_nothing(void **state) {
        (void)state;
        static const char *const words[] = {"show", "--help", NULL};
        capture captured;
        capture_begin(&captured, commands);
        assert_int_equal(capture_run(&captured, words), SK_EXIT_OK);
        assert_non_null(strstr(captured.out_text, "Usage: schakel show [OPTION...] WHAT [MORE]\n"));
        for (const sk_option *option = options; option->name != NULL; option++)
                assert_non_null(strstr(captured.out_text, option->name));
        assert_non_null(strstr(captured.out_text, "--by WHAT"));
        assert_non_null(strstr(captured.out_text, "grouped: line|process"));
        assert_non_null(strstr(captured.out_text, "[$SCHAKEL_CHAIN]"));
        assert_non_null(strstr(captured.out_text, "--json"));
        capture_end(&captured);
}

static void test_help_of_a_command_with_subcommands_lists_them(void **state) {
        (void)state;
        static const char *const words[] = {"task", "--help", NULL};
        capture captured;
        capture_begin(&captured, commands);
        assert_int_equal(capture_run(&captured, words), SK_EXIT_OK);
        assert_non_null(strstr(captured.out_text, "  claim        claim it\n"));
        capture_end(&captured);
}

int main(void) {
        unsetenv("SCHAKEL_CHAIN");
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_options_are_read_however_they_are_written),
                cmocka_unit_test(test_what_is_asked_wrongly_says_what_and_where_help_is),
                cmocka_unit_test(test_a_variable_stands_in_for_an_option_that_is_not_given),
                cmocka_unit_test(test_help_tells_every_option_and_asks_for_nothing),
                cmocka_unit_test(test_help_of_a_command_with_subcommands_lists_them),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
