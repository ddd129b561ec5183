/* A seed is a run: it repeats byte for byte, with its trace, whatever ran before it. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "simulation/capture.h"
#include "simulation/explore.h"

#define OUTPUT_MAX ((size_t)64 << 20)

static void run_print(void *self) {
        const sim_options *options = self;
        sim_result result = sim_run(options);

        sim_result_print(options->seed, &result);
}

static sk_buf output_of(const sim_options *options) {
        sk_buf out = sk_buf_make(OUTPUT_MAX);
        sim_options copy = *options;

        assert_true(sim_capture(run_print, &copy, &out));
        return out;
}

static void outputs_compare(const sim_options *a, const sim_options *b, bool is_same) {
        sk_buf first = output_of(a);
        sk_buf second = output_of(b);

        assert_true(first.len > 0);
        assert_int_equal(sk_slice_equal(sk_buf_slice(&first), sk_buf_slice(&second)), is_same);
        sk_buf_free(&first);
        sk_buf_free(&second);
}

static void test_two_runs_of_one_seed_print_the_same_bytes(void **state) {
        (void)state;
        for (uint64_t seed = 1; seed <= 12; seed++) {
                sim_options options = {.seed = seed};
                sim_result result = sim_run_apart(&options);

                assert_true(result.is_passed);
                options.trace_id = result.first_call;
                outputs_compare(&options, &options, true);
        }
}

static void test_a_run_leaves_nothing_behind_for_the_next(void **state) {
        (void)state;
        sim_options options = {.seed = 3, .steps = 2000};
        sim_result first = sim_run(&options);
        sim_result other = sim_run(&(sim_options){.seed = 4, .steps = 2000});
        sim_result again = sim_run(&options);

        assert_memory_equal(&first, &again, sizeof(first));
        assert_memory_not_equal(&first.digest, &other.digest, sizeof(first.digest));
}

static void test_the_number_of_steps_is_part_of_the_run(void **state) {
        (void)state;
        outputs_compare(&(sim_options){.seed = 5, .steps = 3000}, &(sim_options){.seed = 5, .steps = 3001}, false);
}

static void test_a_trace_tells_of_its_call_only(void **state) {
        sim_options options = {.seed = 5};
        sim_result result = sim_run_apart(&options);

        (void)state;
        options.trace_id = result.first_call;
        sk_buf traced = output_of(&options);
        options.trace_id = "00000000-0000-7000-8000-000000000000";
        sk_buf nothing = output_of(&options);
        sk_buf_add_byte(&traced, 0);
        assert_non_null(strstr(traced.at, " outside "));
        assert_non_null(strstr(traced.at, "event.outcome"));
        assert_true(nothing.len < 300);
        sk_buf_free(&traced);
        sk_buf_free(&nothing);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_two_runs_of_one_seed_print_the_same_bytes),
                cmocka_unit_test(test_a_run_leaves_nothing_behind_for_the_next),
                cmocka_unit_test(test_the_number_of_steps_is_part_of_the_run),
                cmocka_unit_test(test_a_trace_tells_of_its_call_only),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
