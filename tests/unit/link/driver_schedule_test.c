#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "kit/when.h"
#include "support/driver_world.h"

/* Schedules and findings, with the true step: calls that the link raises with its own team. */

#define HOURLY \
        ",\"schedules\":{\"cables\":{\"cron\":\"0 * * * *\",\"raise\":{\"facility\":\"laptop\",\"need\":\"look\"}}}"

static driver_world w;

static int open_with(const char *members) {
        world_open(&w, &(sk_driver_config){.edition = world_edition_with("test", members)});
        world_assign(&w);
        return 0;
}

static int open_world(void **state) {
        (void)state;
        return open_with(HOURLY);
}

static int close_world(void **state) {
        (void)state;
        world_close(&w);
        return 0;
}

/* The n-th event of that type; NULL. */
static const sk_record *event(const char *type, size_t n) {
        for (size_t i = 0; i < world_count(&w, SK_TOPIC_EVENTS); i++) {
                const sk_record *record = world_written(&w, SK_TOPIC_EVENTS, i);

                if (sk_slice_is(sk_headers_find(record->headers, "ce_type"), type) && n-- == 0)
                        return record;
        }
        return NULL;
}

static size_t opened(void) {
        size_t count = 0;

        while (event("schakel.event.opened", count) != NULL)
                count++;
        return count;
}

/* The cause of the n-th call that was opened. */
static const char *cause_of(size_t n) {
        static char text[200];
        const sk_record *record = event("schakel.event.opened", n);
        sk_arena *arena = sk_arena_new(1 << 16);

        assert_non_null(record);
        sk_slice cause = sk_json_member_string(record->value, "cause", arena);
        (void)snprintf(text, sizeof(text), "%.*s", (int)cause.len, cause.at);
        sk_arena_free(arena);
        return text;
}

static void wait_until(const char *time) {
        int64_t at_us = 0;

        assert_true(sk_when_parse(sk_slice_of(time), &at_us) && at_us >= w.now_us);
        world_wait(&w, at_us - w.now_us);
}

/* The world begins somewhere within an hour; the tests do at the top of the next day. */
static char day[11];

static const char *at(const char *time) {
        static char text[40];

        if (day[0] == '\0') {
                char now[SK_WHEN_TEXT];
                sk_when_format(w.now_us + SK_DAY_US, now);
                memcpy(day, now, 10);
        }
        (void)snprintf(text, sizeof(text), "%sT%sZ", day, time);
        return text;
}

static void test_a_new_schedule_begins_now_and_makes_up_for_nothing(void **state) {
        bool is_there = false;
        (void)state;

        assert_int_equal(opened(), 0);
        for (int32_t p = 0; p < WORLD_PARTITIONS && !is_there; p++)
                (void)world_journal(&w, p, "schedule/cables", &is_there);
        assert_true(is_there);
}

static void test_each_instant_makes_one_call(void **state) {
        (void)state;
        wait_until(at("00:59:59.999999"));
        size_t before = opened();
        wait_until(at("01:00:00"));
        assert_int_equal(opened(), before + 1);
        assert_true(strstr(cause_of(before), "schedule/cables/") == cause_of(before));
        assert_non_null(strstr(cause_of(before), at("01:00:00.000000")));
        wait_until(at("01:59:59"));
        assert_int_equal(opened(), before + 1);
        wait_until(at("02:00:00"));
        assert_int_equal(opened(), before + 2);
        assert_true(sk_driver_wake_us(w.driver) > w.now_us);
}

static void test_after_a_pause_the_last_instant_that_was_missed_is_made_up_for(void **state) {
        (void)state;
        wait_until(at("00:30:00"));
        size_t before = opened();
        world_restart(&w);
        w.now_us += 5 * SK_HOUR_US;
        world_assign(&w);
        world_wait(&w, SK_SECOND_US);
        assert_int_equal(opened(), before + 1);
        assert_non_null(strstr(cause_of(before), at("05:00:00.000000")));
        world_restart(&w);
        world_assign(&w);
        world_wait(&w, SK_SECOND_US);
        assert_int_equal(opened(), before + 1);
}

static void test_a_batch_that_is_dropped_makes_its_call_again_under_the_same_id(void **state) {
        (void)state;
        wait_until(at("00:30:00"));
        size_t before = opened();
        w.holds_commits = true;
        wait_until(at("01:00:00"));
        assert_non_null(w.batch);
        world_assign(&w);
        world_answer(&w, SK_ERR_ABORTED);
        w.holds_commits = false;
        if (w.batch != NULL)
                world_answer(&w, SK_OK);
        world_wait(&w, SK_SECOND_US);
        assert_int_equal(opened(), before + 1);
        assert_int_equal(world_numbers(&w).open_calls, before + 1);
}

static void test_the_call_lies_where_its_schedule_does(void **state) {
        bool is_there = false;
        int32_t partition = 0;
        (void)state;

        wait_until(at("01:00:00"));
        while (!is_there)
                (void)world_journal(&w, partition++, "schedule/cables", &is_there);
        const sk_record *record = event("schakel.event.opened", 0);
        assert_int_equal(record->partition, partition - 1);
}

static void test_another_edition_has_other_schedules(void **state) {
        sk_edition *other = world_edition_with(
                "test", ",\"schedules\":{\"panels\":{\"cron\":\"30 * * * *\",\"raise\":{\"facility\":"
                        "\"laptop\",\"need\":\"look\"}}}");
        (void)state;

        wait_until(at("00:10:00"));
        size_t before = opened();
        assert_int_equal(sk_driver_edition(w.driver, other), SK_OK);
        sk_edition_release(other);
        world_run(&w);
        wait_until(at("00:20:00"));
        wait_until(at("01:00:00"));
        assert_int_equal(opened(), before + 1);
        assert_non_null(strstr(cause_of(before), "schedule/panels/"));
}

/* ---- findings ---- */

static unsigned visit_of(const sk_id *id) {
        char text[SK_ID_TEXT + 1] = {0};
        int64_t visit = 0;

        sk_id_format(id, text);
        for (size_t i = 0; event("schakel.event.entered", i) != NULL; i++) {
                const sk_record *record = event("schakel.event.entered", i);
                if (sk_slice_is(record->key, text))
                        (void)sk_json_member_int(record->value, "visit", 1, 1000, &visit);
        }
        return (unsigned)visit;
}

static void complete(const sk_id *id, const char *rest) {
        char value[300];

        (void)snprintf(value, sizeof(value), "{\"visit\":%u}", visit_of(id));
        world_work(&w, id, SK_WORK_CLAIM, value);
        (void)snprintf(value, sizeof(value), "{\"visit\":%u,\"outcome\":\"completed\"%s}", visit_of(id), rest);
        world_work(&w, id, SK_WORK_COMPLETE, value);
        world_run(&w);
}

static void test_a_finding_becomes_a_call_of_the_teams_own(void **state) {
        sk_id id = world_id(1);
        (void)state;

        world_call(&w, "finance", &id, SK_CALL_RAISE, 1,
                   "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"black\"}");
        world_run(&w);
        size_t before = opened();
        complete(&id, ",\"finding\":{\"need\":\"we run out of panels\"}");
        assert_int_equal(opened(), before + 1);
        const sk_record *record = event("schakel.event.opened", before);
        sk_arena *arena = sk_arena_new(1 << 16);
        assert_true(sk_slice_is(sk_json_member_string(record->value, "type", arena), "risk"));
        assert_true(sk_slice_is(sk_json_member_string(record->value, "customer", arena), "centre"));
        assert_int_equal(record->partition, world_partition(&id));
        sk_arena_free(arena);
        assert_int_equal(world_numbers(&w).open_calls, before + 1);
}

static void test_a_refused_completion_finds_nothing(void **state) {
        static const char *const rests[] = {",\"finding\":{}",
                                            ",\"finding\":7",
                                            ",\"finding\":{\"need\":\"\"}",
                                            ",\"finding\":{\"need\":\"x\",\"type\":\"support-request\"}",
                                            ",\"finding\":{\"need\":\"x\",\"urgency\":9}",
                                            ",\"outcome\":\"explode\",\"finding\":{\"need\":\"x\"}"};
        sk_id id = world_id(1);
        (void)state;

        world_call(&w, "finance", &id, SK_CALL_RAISE, 1,
                   "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"black\"}");
        world_run(&w);
        size_t before = opened();
        for (size_t i = 0; i < sizeof(rests) / sizeof(rests[0]); i++) {
                complete(&id, rests[i]);
                assert_int_equal(opened(), before);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_a_new_schedule_begins_now_and_makes_up_for_nothing, open_world,
                                                close_world),
                cmocka_unit_test_setup_teardown(test_each_instant_makes_one_call, open_world, close_world),
                cmocka_unit_test_setup_teardown(test_after_a_pause_the_last_instant_that_was_missed_is_made_up_for,
                                                open_world, close_world),
                cmocka_unit_test_setup_teardown(test_a_batch_that_is_dropped_makes_its_call_again_under_the_same_id,
                                                open_world, close_world),
                cmocka_unit_test_setup_teardown(test_the_call_lies_where_its_schedule_does, open_world, close_world),
                cmocka_unit_test_setup_teardown(test_another_edition_has_other_schedules, open_world, close_world),
                cmocka_unit_test_setup_teardown(test_a_finding_becomes_a_call_of_the_teams_own, open_world,
                                                close_world),
                cmocka_unit_test_setup_teardown(test_a_refused_completion_finds_nothing, open_world, close_world),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
