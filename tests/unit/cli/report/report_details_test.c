#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/report/report_details.h"
#include "cli/report/report_effects.h"
#include "kit/json_scan.h"
#include "kit/when.h"

static sk_id id_of(unsigned number) {
        sk_id id = {{0}};
        id.bytes[14] = (uint8_t)(number >> 8);
        id.bytes[15] = (uint8_t)number;
        return id;
}

/* ---- work instructions and calls ---- */

static sk_err add(sk_report_details *details, unsigned number, const char *instruction, bool is_kept) {
        sk_report_part part = {.wait = SK_WAIT_NOBODY, .team = 1, .time_us = 5};
        sk_report_ended ended = {.outcome = SK_COMPLETED,
                                 .lead_us = 5,
                                 .is_promised = true,
                                 .is_kept = is_kept,
                                 .parts = &part,
                                 .part_count = 1};
        sk_figured figured = {.id = id_of(number),
                              .instruction = sk_slice_of(instruction),
                              .workflow = 4,
                              .type = SK_INCIDENT,
                              .opened_us = 1000 - number,
                              .closed_us = 1005 - number,
                              .outcome = SK_COMPLETED,
                              .is_promised = true,
                              .is_kept = is_kept,
                              .ended = &ended};
        return sk_report_details_add(details, &figured);
}

static void test_calls_stand_below_their_work_instruction_as_they_were_opened(void **state) {
        sk_report_details *details = sk_report_details_new(10);
        (void)state;
        assert_int_equal(add(details, 1, "b", true), SK_OK);
        assert_int_equal(add(details, 2, "a", false), SK_OK);
        assert_int_equal(add(details, 3, "b", true), SK_OK);
        assert_int_equal(add(details, 4, "", true), SK_OK);
        sk_report_details_sort(details);
        assert_int_equal(sk_report_details_count(details), 3);
        assert_int_equal(sk_report_details_at(details, 0)->instruction.len, 0);
        const sk_detail *last = sk_report_details_at(details, 2);
        assert_true(sk_slice_is(last->instruction, "b"));
        assert_int_equal(last->row.closed, 2);
        assert_int_equal(last->call_count, 2);
        assert_true(last->calls[0].opened_us < last->calls[1].opened_us);
        assert_int_equal(last->calls[0].cause.wait, SK_WAIT_NOBODY);
        sk_report_details_free(details);
}

static void test_where_there_are_too_many_calls_those_worth_a_look_stay(void **state) {
        sk_report_details *details = sk_report_details_new(10);
        size_t missed = 0;
        (void)state;
        for (unsigned i = 0; i < 100; i++)
                assert_int_equal(add(details, i, "x", i % 20 != 19), SK_OK);
        const sk_detail *detail = sk_report_details_at(details, 0);
        assert_int_equal(detail->call_count, 10);
        assert_int_equal(detail->left_out, 90);
        assert_int_equal(detail->row.closed, 100);
        for (size_t i = 0; i < detail->call_count; i++)
                missed += !detail->calls[i].is_kept;
        assert_int_equal(missed, 5);
        sk_report_details_free(details);
}

/* ---- improvements ---- */

static void saw(sk_report_effects *effects, int day, const char *facility, bool is_kept) {
        sk_figured figured = {.provider = SK_SLICE("desk"),
                              .facility = sk_slice_of(facility),
                              .type = SK_INCIDENT,
                              .closed_us = day * SK_DAY_US,
                              .is_promised = true,
                              .is_kept = is_kept};
        assert_int_equal(sk_report_effects_add(effects, &figured), SK_OK);
}

static void raised(sk_report_effects *effects, unsigned number, const char *facility, int from, int to) {
        sk_figured figured = {.id = id_of(number),
                              .provider = SK_SLICE("desk"),
                              .facility = sk_slice_of(facility),
                              .type = SK_RISK,
                              .is_open = to == 0,
                              .opened_us = from * SK_DAY_US,
                              .closed_us = to * SK_DAY_US,
                              .outcome = SK_COMPLETED};
        assert_int_equal(sk_report_effects_add(effects, &figured), SK_OK);
}

static void test_the_effect_is_what_was_kept_before_and_after(void **state) {
        sk_report_effects *effects = sk_report_effects_new();
        (void)state;
        saw(effects, 60, "lift", false); /* too long ago */
        saw(effects, 95, "lift", false);
        saw(effects, 99, "lift", true);
        saw(effects, 99, "door", false);  /* another facility */
        saw(effects, 105, "lift", false); /* in between */
        raised(effects, 1, "lift", 100, 110);
        saw(effects, 111, "lift", true);
        saw(effects, 140, "lift", true);
        saw(effects, 141, "lift", false); /* too late */
        raised(effects, 2, "", 120, 0);
        sk_report_effects_end(effects, INT64_MIN, INT64_MAX);
        assert_int_equal(sk_report_effects_count(effects), 2);
        const sk_improvement *first = sk_report_effects_at(effects, 0);
        assert_int_equal(first->before.promised, 2);
        assert_int_equal(first->before.kept, 1);
        assert_int_equal(first->after.promised, 2);
        assert_int_equal(first->after.kept, 2);
        const sk_improvement *second = sk_report_effects_at(effects, 1);
        assert_int_equal(second->closed_us, 0);
        assert_int_equal(second->before.promised, 5);
        assert_int_equal(second->after.promised, 0);
        sk_report_effects_free(effects);
}

static void test_only_improvements_of_the_period_are_told(void **state) {
        static const struct {
                int from;
                int to;
                size_t count;
        } cases[] = {{0, 100, 0}, {0, 101, 1}, {105, 106, 1}, {110, 111, 1}, {111, 120, 0}};
        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_report_effects *effects = sk_report_effects_new();
                raised(effects, 1, "lift", 100, 110);
                sk_report_effects_end(effects, cases[i].from * SK_DAY_US, cases[i].to * SK_DAY_US);
                assert_int_equal(sk_report_effects_count(effects), cases[i].count);
                sk_report_effects_free(effects);
        }
}

static void test_what_it_is_about_comes_from_the_archive(void **state) {
        static const char archived[] = "{\"type\":\"risk\",\"sections\":[{\"kind\":\"raise\",\"index\":0,\"value\":{"
                                       "\"need\":\"doors jam\"}}]}";
        static const char other[] =
                "{\"type\":\"incident\",\"sections\":[{\"kind\":\"raise\",\"index\":0,\"value\":{\"need\":\"no\"}}]}";
        sk_report_effects *effects = sk_report_effects_new();
        (void)state;
        raised(effects, 1, "lift", 100, 110);
        raised(effects, 2, "lift", 100, 110);
        sk_event_seen event = {.type = SK_ARCHIVE_CALL, .id = id_of(2), .data = SK_SLICE(archived)};
        assert_int_equal(sk_report_effects_need(effects, &event), SK_OK);
        event.id = id_of(1);
        event.data = SK_SLICE(other);
        assert_int_equal(sk_report_effects_need(effects, &event), SK_OK);
        sk_report_effects_end(effects, INT64_MIN, INT64_MAX);
        assert_int_equal(sk_report_effects_at(effects, 0)->need.len, 0);
        assert_true(sk_slice_is(sk_report_effects_at(effects, 1)->need, "doors jam"));
        sk_report_effects_free(effects);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_calls_stand_below_their_work_instruction_as_they_were_opened),
                cmocka_unit_test(test_where_there_are_too_many_calls_those_worth_a_look_stay),
                cmocka_unit_test(test_the_effect_is_what_was_kept_before_and_after),
                cmocka_unit_test(test_only_improvements_of_the_period_are_told),
                cmocka_unit_test(test_what_it_is_about_comes_from_the_archive),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
