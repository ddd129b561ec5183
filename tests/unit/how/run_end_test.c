/*
 * What the ends of programs and plug-ins mean.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "how/run_end.h"
#include "schakel/plugin.h"

static void a_program_ends_by_its_status_or_by_what_ended_it(void **state) {
        static const struct {
                sk_run_how how;
                int32_t number;
                sk_effect_result result;
                const char *code;
        } cases[] = {
                {SK_RUN_EXITED, 0, SK_EFFECT_DONE, "exit-0"},
                {SK_RUN_EXITED, 10, SK_EFFECT_DECLINED, "exit-10"},
                {SK_RUN_EXITED, 75, SK_EFFECT_RETRY, "exit-75"},
                {SK_RUN_EXITED, 1, SK_EFFECT_FAILED, "exit-1"},
                {SK_RUN_EXITED, INT32_MIN, SK_EFFECT_FAILED, "exit--2147483648"},
                {SK_RUN_KILLED, 9, SK_EFFECT_FAILED, "signal-9"},
                {SK_RUN_TIMEOUT, 0, SK_EFFECT_RETRY, "timeout"},
                {SK_RUN_OUTPUT, 0, SK_EFFECT_FAILED, "output-limit"},
                {SK_RUN_PROCESSES, 0, SK_EFFECT_FAILED, "process-limit"},
                {SK_RUN_SCRATCH, 0, SK_EFFECT_FAILED, "disk-limit"},
                {SK_RUN_NOT_STARTED, ENOENT, SK_EFFECT_FAILED, "not-started"},
                {SK_RUN_NOT_STARTED, EAGAIN, SK_EFFECT_RETRY, "not-started"},
                {SK_RUN_REFUSED, 0, SK_EFFECT_FAILED, "sandbox"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_run_end end = {.how = cases[i].how,
                                  .number = cases[i].number,
                                  .output = SK_SLICE("{\"a\":1}"),
                                  .text = SK_SLICE("why")};
                sk_effect_report report;
                char code[SK_RUN_CODE_MAX];
                sk_run_end_program(&end, code, &report);
                assert_int_equal(report.result, cases[i].result);
                assert_true(sk_slice_is(report.code, cases[i].code));
                assert_true(sk_slice_is(report.text, "why"));
                assert_int_equal(sk_slice_there(report.value), cases[i].result == SK_EFFECT_DONE);
        }
}

static sk_effect_report plugin_end(sk_run_how how, int32_t number, const char *output, sk_arena *arena) {
        sk_run_end end = {.how = how, .number = number, .output = sk_slice_of(output), .text = SK_SLICE("")};
        sk_effect_report report;

        sk_run_end_plugin(&end, arena, &report);
        return report;
}

static void a_plugin_ends_by_its_result(void **state) {
        static const char answer[] =
                "{\"code\":\"http-503\",\"text\":\"b\\u00fcsy\",\"retry_after_ms\":1500,\"value\":[1]}";
        static const sk_effect_result results[] = {SK_EFFECT_DONE, SK_EFFECT_DECLINED, SK_EFFECT_RETRY,
                                                   SK_EFFECT_FAILED};
        sk_arena *arena = sk_arena_new(65536);

        (void)state;
        for (int32_t i = SCHAKEL_PLUGIN_DONE; i <= SCHAKEL_PLUGIN_FAILED; i++) {
                sk_effect_report report = plugin_end(SK_RUN_EXITED, i, answer, arena);
                assert_int_equal(report.result, results[i]);
                assert_true(sk_slice_is(report.code, "http-503"));
                assert_true(sk_slice_is(report.text, "b\xc3\xbcsy"));
                assert_int_equal(sk_slice_there(report.value), i == SCHAKEL_PLUGIN_DONE);
                assert_int_equal(report.retry_after_us, i == SCHAKEL_PLUGIN_RETRY ? 1500000 : 0);
        }
        sk_arena_free(arena);
}

static void a_plugin_that_says_little_is_understood(void **state) {
        sk_effect_report report = plugin_end(SK_RUN_EXITED, SCHAKEL_PLUGIN_DECLINED, "{}", NULL);

        (void)state;
        assert_int_equal(report.result, SK_EFFECT_DECLINED);
        assert_true(sk_slice_is(report.code, "declined"));
        assert_false(sk_slice_there(report.text));
        assert_int_equal(report.retry_after_us, 0);
}

static void what_a_plugins_process_must_not_say_is_a_failure(void **state) {
        static const struct {
                sk_run_how how;
                int32_t number;
                const char *output;
                const char *code;
        } cases[] = {
                {SK_RUN_OUTPUT, 0, "", "output-limit"},  {SK_RUN_EXITED, 4, "{}", "bad-answer"},
                {SK_RUN_EXITED, -1, "{}", "bad-answer"}, {SK_RUN_EXITED, 0, "", "bad-answer"},
                {SK_RUN_EXITED, 0, "{", "bad-answer"},   {SK_RUN_KILLED, 0, "{}", "bad-answer"},
                {SK_RUN_TIMEOUT, 0, "{}", "bad-answer"}, {SK_RUN_EXITED, 0, "{}{}", "bad-answer"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_effect_report report = plugin_end(cases[i].how, cases[i].number, cases[i].output, NULL);
                assert_int_equal(report.result, SK_EFFECT_FAILED);
                assert_true(sk_slice_is(report.code, cases[i].code));
                assert_false(sk_slice_there(report.value));
        }
}

static void members_of_another_kind_are_left_out(void **state) {
        static const char *const answers[] = {"3",
                                              "[]",
                                              "null",
                                              "\"code\"",
                                              "{\"code\":7,\"text\":{},\"retry_after_ms\":\"soon\"}",
                                              "{\"retry_after_ms\":-1}",
                                              "{\"retry_after_ms\":86400001}"};
        sk_arena *arena = sk_arena_new(65536);

        (void)state;
        for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
                sk_effect_report report = plugin_end(SK_RUN_EXITED, SCHAKEL_PLUGIN_RETRY, answers[i], arena);
                assert_int_equal(report.result, SK_EFFECT_RETRY);
                assert_true(sk_slice_is(report.code, "retry"));
                assert_false(sk_slice_there(report.text));
                assert_int_equal(report.retry_after_us, 0);
        }
        sk_arena_free(arena);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_program_ends_by_its_status_or_by_what_ended_it),
                cmocka_unit_test(a_plugin_ends_by_its_result),
                cmocka_unit_test(a_plugin_that_says_little_is_understood),
                cmocka_unit_test(what_a_plugins_process_must_not_say_is_a_failure),
                cmocka_unit_test(members_of_another_kind_are_left_out),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
