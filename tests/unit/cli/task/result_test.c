/* The result of a task as it is entered on the command line: what becomes of each option, and what makes no sense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/task/result.h"
#include "unit/cli/capture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define FORM                                                                                                \
        "{\"type\":\"object\",\"required\":[\"rack\"],\"properties\":{\"rack\":{\"type\":\"integer\"},"     \
        "\"serial\":{\"type\":\"string\"},\"ports\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}," \
        "\"place\":{\"type\":\"object\",\"properties\":{\"floor\":{\"type\":\"number\"}}},"                 \
        "\"colour\":{\"type\":\"string\",\"default\":\"grey\"}}}"
#define WORDS_MAX 16

static sk_result_wanted wanted;

static int enter_run(sk_cli *cli, int argc, char **argv) {
        sk_buf out = sk_buf_make(1u << 20);
        int status = sk_result_read(cli, &wanted, &out);
        (void)argc;
        (void)argv;
        if (status == SK_EXIT_OK)
                sk_cli_print(cli, "%.*s", (int)out.len, out.len == 0 ? "" : out.at);
        else
                assert_int_equal(out.len, 0);
        sk_buf_free(&out);
        return status;
}

static const sk_option options[] = {SK_RESULT_OPTIONS, {0}};
static const sk_command enter = {.name = "enter", .text = "enter it", .options = options, .run = enter_run};
static const sk_command *const commands[] = {&enter, NULL};

typedef struct trial {
        const char *words[WORDS_MAX]; /* behind the command */
        const char *expected;         /* all of what is printed, or a part of what is said */
} trial;

/** Runs it with these words; gives the exit status. */
static int run(capture *captured, const trial *row) {
        const char *words[WORDS_MAX + 2] = {"enter"};

        for (size_t i = 0; row->words[i] != NULL; i++)
                words[i + 1] = row->words[i];
        capture_begin(captured, commands);
        return capture_run(captured, words);
}

static void check_good(const trial *rows, size_t count) {
        for (size_t i = 0; i < count; i++) {
                capture captured;
                int status = run(&captured, &rows[i]);
                if (status != SK_EXIT_OK || strcmp(captured.out_text, rows[i].expected) != 0)
                        fail_msg("row %zu: %d %s%s", i, status, captured.out_text, captured.err_text);
                capture_end(&captured);
        }
}

static void check_bad(const trial *rows, size_t count, int expected) {
        for (size_t i = 0; i < count; i++) {
                capture captured;
                int status = run(&captured, &rows[i]);
                if (status != expected || strstr(captured.err_text, rows[i].expected) == NULL)
                        fail_msg("row %zu: %d %s%s", i, status, captured.out_text, captured.err_text);
                capture_end(&captured);
        }
}

static void test_members_are_set_one_by_one(void **state) {
        static const trial rows[] = {
                {{NULL}, ""},
                {{"--set", "cause=cable"}, "{\"cause\":\"cable\"}"},
                {{"-s", "a=1", "-s", "b=true", "-s", "c=-2.5", "-s", "d="},
                 "{\"a\":1,\"b\":true,\"c\":-2.5,\"d\":\"\"}"},
                {{"-s", "a=1.2.3", "-s", "b=007", "-s", "c=-", "-s", "d=1e9"},
                 "{\"a\":\"1.2.3\",\"b\":\"007\",\"c\":\"-\",\"d\":\"1e9\"}"},
                {{"-s", "a:=[1,{\"b\":null}]"}, "{\"a\":[1,{\"b\":null}]}"},
                {{"-s", "a.b.c=x", "-s", "a.d=y"}, "{\"a\":{\"b\":{\"c\":\"x\"},\"d\":\"y\"}}"},
                {{"-s", "l[]=x", "-s", "l[]=2", "-s", "l[]:={}"}, "{\"l\":[\"x\",2,{}]}"},
                {{"-s", "a=x=y"}, "{\"a\":\"x=y\"}"},
                {{"-s", "a=1", "-s", "a=2"}, "{\"a\":2}"},
                {{"--result", "{\"a\":1,\"b\":2}", "-s", "b=3"}, "{\"a\":1,\"b\":3}"},
                {{"-s", "a.b.c.d.e.f.g.h=1"}, "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":{\"h\":1}}}}}}}}"},
        };
        (void)state;
        wanted = (sk_result_wanted){.form = SK_NONE, .draft = SK_NONE};
        check_good(rows, COUNT(rows));
}

static void test_a_form_says_what_is_a_number_and_what_a_text(void **state) {
        static const trial rows[] = {
                {{"-s", "rack=7", "-s", "serial=42"}, "{\"rack\":7,\"serial\":\"42\"}"},
                {{"-s", "ports[]=1", "-s", "ports[]=2"}, "{\"ports\":[1,2]}"},
                {{"-s", "place.floor=1.5", "-s", "other=3"}, "{\"place\":{\"floor\":1.5},\"other\":3}"},
        };
        static const trial bad[] = {
                {{"-s", "rack=seven"}, "\"rack=seven\": the value must be integer"},
                {{"-s", "ports[]=x"}, "the value must be integer"},
                {{"-s", "place=x"}, "the value must be object"},
                {{"-s", "rack:=[1"}, "the value must be JSON"},
        };
        (void)state;
        wanted = (sk_result_wanted){.form = SK_SLICE(FORM), .draft = SK_NONE};
        check_good(rows, COUNT(rows));
        check_bad(bad, COUNT(bad), SK_EXIT_USAGE);
}

static void test_what_is_complete_fits_its_form_and_has_its_defaults(void **state) {
        static const trial rows[] = {
                {{"-s", "rack=7"}, "{\"rack\":7,\"colour\":\"grey\"}"},
                {{"-s", "rack=7", "-s", "colour=red"}, "{\"rack\":7,\"colour\":\"red\"}"},
        };
        static const trial bad[] = {
                {{NULL}, "rack"},
                {{"-s", "rack:=7.5"}, "schakel task show lists what is to be entered"},
                {{"--result", "{\"rack\":\"x\"}"}, "schakel enter: rack"},
        };
        (void)state;
        wanted = (sk_result_wanted){.form = SK_SLICE(FORM), .draft = SK_NONE, .is_whole = true};
        check_good(rows, COUNT(rows));
        check_bad(bad, COUNT(bad), SK_EXIT_NEGATIVE);
}

static void test_what_was_saved_before_stands_behind_what_is_given_now(void **state) {
        static const trial rows[] = {
                {{NULL}, "{\"a\":1,\"b\":{\"c\":2}}"},
                {{"-s", "a=5", "-s", "b.d=6"}, "{\"a\":5,\"b\":{\"c\":2,\"d\":6}}"},
                {{"--result", "{\"b\":{}}"}, "{\"b\":{},\"a\":1}"},
        };
        (void)state;
        wanted = (sk_result_wanted){.form = SK_NONE, .draft = SK_SLICE("{\"a\":1,\"b\":{\"c\":2}}")};
        check_good(rows, COUNT(rows));
        wanted.draft = SK_SLICE("{broken"); /* what cannot be read is as if it was not there */
        check_good(&(trial){{"-s", "a=5"}, "{\"a\":5}"}, 1);
}

static void test_the_answers_of_a_cut_follow_from_its_target(void **state) {
        static const trial rows[] = {
                {{"--cut", "operate"}, "{\"cut\":{\"agreement\":false,\"infrastructure\":false}}"},
                {{"--cut", "change", "--component", "c1", "--component", "c2", "--reason", "worn"},
                 "{\"cut\":{\"agreement\":false,\"infrastructure\":true,\"reason\":\"worn\",\"components\":[\"c1\","
                 "\"c2\"]}}"},
                {{"--cut", "agree", "-s", "cause=x"}, "{\"cause\":\"x\",\"cut\":{\"agreement\":true}}"},
        };
        static const trial bad[] = {
                {{"--component", "c1"}, "it is for a cut: give --cut as well"},
                {{"--reason", "x"}, "it is for a cut: give --cut as well"},
                {{"--cut", "recover"}, "is none of change|operate|agree"},
                {{"--cut", "change", "--reason", "\xff"}, "a name or reason is not valid UTF-8"},
                {{"--cut", "change", "--component", "\xff"}, "a name or reason is not valid UTF-8"},
        };
        (void)state;
        wanted = (sk_result_wanted){.form = SK_NONE, .draft = SK_NONE};
        check_good(rows, COUNT(rows));
        check_bad(bad, COUNT(bad), SK_EXIT_USAGE);
}

static void test_what_makes_no_sense_is_refused_with_what_was_said(void **state) {
        static const trial rows[] = {
                {{"--result", "{\"a\":"}, "line 1, column 6"},
                {{"--result", "[1]"}, "it must be a JSON object"},
                {{"-s", "a"}, "\"a\" is not NAME=VALUE"},
                {{"-s", "=x"}, "is not NAME=VALUE"},
                {{"-s", ".a=x"}, "is not NAME=VALUE"},
                {{"-s", "a..b=x"}, "is not NAME=VALUE"},
                {{"-s", "a.=x"}, "is not NAME=VALUE"},
                {{"-s", "[]=x"}, "is not NAME=VALUE"},
                {{"-s", "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q=1"}, "is not NAME=VALUE"}, /* deeper than anybody means */
                {{"-s", "a=1", "-s", "a.b=2"}, "\"a.b=2\" does not fit what was set before it"},
                {{"-s", "a=1", "-s", "a[]=2"}, "does not fit what was set before it"},
                {{"-s", "a:=x"}, "the value must be JSON"},
                {{"-s", "a=\xff"}, "the value must be text in UTF-8"},
                {{"-s", "\xff=a"}, "does not fit"},
        };
        static const trial missing[] = {{{"--result", "@/nowhere/result.json"}, "/nowhere/result.json: No such file"}};
        (void)state;
        wanted = (sk_result_wanted){.form = SK_NONE, .draft = SK_NONE};
        check_bad(rows, COUNT(rows), SK_EXIT_USAGE);
        check_bad(missing, COUNT(missing), SK_EXIT_NEGATIVE);
}

static int fill_status;

static int fill(void *self, const json_t *form, json_t *object) {
        assert_ptr_equal(self, &wanted);
        assert_true(form == NULL || json_is_object(form));
        assert_int_equal(json_object_set_new(object, "asked", json_true()), 0);
        return fill_status;
}

static void test_who_is_asked_for_the_rest_may_give_up(void **state) {
        (void)state;
        wanted = (sk_result_wanted){.form = SK_NONE, .draft = SK_NONE, .fill = fill, .self = &wanted};
        fill_status = SK_EXIT_OK;
        check_good(&(trial){{"-s", "a=1"}, "{\"a\":1,\"asked\":true}"}, 1);
        fill_status = SK_EXIT_NEGATIVE;
        check_bad(&(trial){{"-s", "a=1"}, ""}, 1, SK_EXIT_NEGATIVE);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_members_are_set_one_by_one),
                cmocka_unit_test(test_a_form_says_what_is_a_number_and_what_a_text),
                cmocka_unit_test(test_what_is_complete_fits_its_form_and_has_its_defaults),
                cmocka_unit_test(test_what_was_saved_before_stands_behind_what_is_given_now),
                cmocka_unit_test(test_the_answers_of_a_cut_follow_from_its_target),
                cmocka_unit_test(test_what_makes_no_sense_is_refused_with_what_was_said),
                cmocka_unit_test(test_who_is_asked_for_the_rest_may_give_up),
        };

        return cmocka_run_group_tests_name("result", tests, NULL, NULL);
}
