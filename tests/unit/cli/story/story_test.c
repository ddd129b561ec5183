#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/story/story.h"
#include "kit/json_scan.h"
#include "kit/when.h"
#include "log/chain_dir.h"

#define A "01930a2e-7b1c-7abc-8def-0123456789ab"
#define B "01930a2e-7b1c-7abc-8def-0123456789ac"
#define S SK_SECOND_US

/** A story that is told event by event. */
typedef struct telling {
        sk_edition *edition;
        sk_story story;
        sk_story_call calls[2];
        sk_story_call *list[2];
} telling;

static sk_id id_of(const char *text) {
        sk_id id;
        assert_true(sk_id_parse(sk_slice_of(text), &id));
        return id;
}

static void begin(telling *tell) {
        sk_findings *findings = sk_findings_new();
        *tell = (telling){.story = {.now_us = 1000 * S}};
        assert_int_equal(sk_chain_dir_build("tests/data/chains/people", findings, &tell->edition), SK_OK);
        sk_findings_free(findings);
        tell->story.arena = sk_arena_new(1 << 20);
        assert_non_null(tell->story.arena);
        tell->story.calls = tell->list;
        tell->story.count = 2;
        const char *ids[] = {A, B};
        const char *teams[] = {"desk", "bench"};
        for (size_t i = 0; i < 2; i++) {
                tell->list[i] = &tell->calls[i];
                tell->calls[i] = (sk_story_call){.id = id_of(ids[i]),
                                                 .team = sk_edition_team(tell->edition, sk_slice_of(teams[i])),
                                                 .current = SK_STORY_NONE};
                assert_non_null(tell->calls[i].team);
        }
}

static void end(telling *tell) {
        sk_arena_free(tell->story.arena);
        sk_edition_release(tell->edition);
}

/* @p members come behind n; the event happened @p at_s seconds after the epoch. */
static void say(telling *tell, size_t call, unsigned number, unsigned at_s, const char *name, const char *members) {
        sk_buf value = sk_buf_make(65536);
        sk_buf_add_format(&value, "{\"n\":%u%s%s}", number, members[0] == '\0' ? "" : ",", members);
        assert_int_equal(value.err, SK_OK);
        assert_int_equal(sk_json_check(sk_buf_slice(&value), SK_JSON_SCAN_DEPTH_MAX, NULL), SK_OK);
        sk_story_tell(&tell->story, &tell->calls[call], name, sk_buf_slice(&value), at_s * S);
        sk_buf_free(&value);
}

#define PLACE "\"activity\":\"recover.analyse\",\"frame\":1,\"visit\":3"

/* Opened at 10, a task from 10 on. */
static void open_call(telling *tell, size_t call) {
        say(tell, call, 1, 10, "opened",
            "\"customer\":\"shop\",\"type\":\"incident\",\"facility\":\"till\",\"rootid\":\"" A "\"");
        say(tell, call, 2, 10, "typed", "\"type\":\"incident\",\"workflows\":[3,4]");
        say(tell, call, 3, 10, "entered", PLACE ",\"how\":\"manual\",\"profile\":\"clerk\"");
}

static int64_t time_of(const telling *tell, const char *team, sk_spell_kind kind, bool is_stopped) {
        sk_story_sums sums;
        int64_t time_us = 0;
        int64_t total_us = 0;
        sk_story_sum(&tell->story, &tell->calls[0], &sums);
        for (size_t i = 0; i < sums.count; i++) {
                total_us += sums.shares[i].time_us;
                if (sk_slice_is(sums.shares[i].team, team) && sums.shares[i].kind == kind &&
                    sums.shares[i].is_stopped == is_stopped)
                        time_us += sums.shares[i].time_us;
        }
        assert_true(total_us == sums.to_us - sums.from_us); /* nothing is lost and nothing counts twice */
        return time_us;
}

static void test_before_the_cut_several_workflows_are_possible(void **state) {
        (void)state;
        telling tell;
        begin(&tell);
        open_call(&tell, 0);
        assert_int_equal(tell.calls[0].workflows, 1 << 3 | 1 << 4);
        say(&tell, 0, 4, 20, "triggered", "\"activity\":\"recover.cut\",\"frame\":1,\"visit\":5,\"to\":\"change\"");
        assert_int_equal(tell.calls[0].workflows, 1 << 3);
        end(&tell);
}

static void test_a_task_waits_until_somebody_takes_it(void **state) {
        (void)state;
        telling tell;
        begin(&tell);
        open_call(&tell, 0);
        say(&tell, 0, 4, 40, "claimed", PLACE ",\"actor\":\"dana\"");
        say(&tell, 0, 5, 45, "released", PLACE ",\"actor\":\"dana\"");
        say(&tell, 0, 6, 50, "claimed", PLACE ",\"actor\":\"dana\"");
        say(&tell, 0, 7, 60, "ended", PLACE ",\"outcome\":\"completed\",\"actor\":\"dana\"");
        say(&tell, 0, 8, 60, "closed", "\"outcome\":\"completed\",\"workflow\":4");
        assert_int_equal(time_of(&tell, "desk", SK_SPELL_WAIT, false), 35 * S);
        assert_int_equal(time_of(&tell, "desk", SK_SPELL_WORK, false), 15 * S);
        assert_int_equal(sk_story_step_time(&tell.calls[0], 0, SK_SPELL_WAIT), 35 * S);
        assert_int_equal(tell.calls[0].closed_us, 60 * S);
        end(&tell);
}

static void test_time_at_the_customer_is_not_counted(void **state) {
        (void)state;
        telling tell;
        begin(&tell);
        open_call(&tell, 0);
        say(&tell, 0, 4, 20, "claimed", PLACE ",\"actor\":\"dana\"");
        say(&tell, 0, 5, 30, "asked", PLACE ",\"question\":2");
        say(&tell, 0, 6, 90, "answered", "\"question\":2");
        say(&tell, 0, 7, 100, "ended", PLACE ",\"outcome\":\"completed\"");
        say(&tell, 0, 8, 100, "closed", "\"outcome\":\"completed\"");
        assert_int_equal(time_of(&tell, "shop", SK_SPELL_CUSTOMER, true), 60 * S);
        assert_int_equal(time_of(&tell, "desk", SK_SPELL_WORK, false), 20 * S);
        end(&tell);
}

static void test_a_question_is_moot_when_its_task_ends(void **state) {
        (void)state;
        telling tell;
        begin(&tell);
        open_call(&tell, 0);
        say(&tell, 0, 4, 20, "asked", PLACE ",\"question\":2");
        say(&tell, 0, 5, 30, "ended", PLACE ",\"outcome\":\"completed\"");
        say(&tell, 0, 6, 80, "closed", "\"outcome\":\"completed\"");
        assert_int_equal(time_of(&tell, "shop", SK_SPELL_CUSTOMER, true), 10 * S);
        end(&tell);
}

static void test_what_a_team_answers_its_provider_stops_no_clock(void **state) {
        (void)state;
        telling tell;
        begin(&tell);
        open_call(&tell, 0);
        say(&tell, 0, 4, 20, "asked", PLACE ",\"question\":2");
        say(&tell, 0, 5, 30, "answered", "\"ask\":\"" B "\"");
        assert_true(tell.calls[0].is_asked);
        end(&tell);
}

#define ASK(id, team) \
        PLACE ",\"ask\":\"" id "\",\"team\":\"" team "\",\"type\":\"incident\",\"facility\":\"till\",\"attempt\":1"

static void test_while_several_are_asked_time_counts_for_the_last_to_end(void **state) {
        (void)state;
        telling tell;
        begin(&tell);
        open_call(&tell, 0);
        say(&tell, 0, 4, 10, "delegated", ASK(B, "bench"));
        say(&tell, 0, 5, 10, "delegated", ASK(A, "stock"));
        open_call(&tell, 1);
        say(&tell, 0, 6, 30, "fed", "\"ask\":\"" B "\",\"outcome\":\"completed\"");
        say(&tell, 0, 7, 70, "fed", "\"ask\":\"" A "\",\"outcome\":\"completed\"");
        say(&tell, 0, 8, 70, "ended", PLACE ",\"outcome\":\"completed\"");
        say(&tell, 0, 9, 70, "closed", "\"outcome\":\"completed\"");
        assert_int_equal(time_of(&tell, "stock", SK_SPELL_UNSEEN, false), 60 * S);
        assert_int_equal(time_of(&tell, "bench", SK_SPELL_WAIT, false), 0);
        end(&tell);
}

static void test_time_goes_through_to_what_the_asked_call_waits_for(void **state) {
        (void)state;
        telling tell;
        begin(&tell);
        open_call(&tell, 0);
        say(&tell, 0, 4, 10, "delegated", ASK(B, "bench"));
        open_call(&tell, 1);
        say(&tell, 1, 4, 20, "asked", PLACE ",\"question\":2");
        say(&tell, 1, 5, 50, "answered", "\"question\":2");
        say(&tell, 1, 6, 60, "closed", "\"outcome\":\"completed\"");
        say(&tell, 0, 5, 65, "fed", "\"ask\":\"" B "\",\"outcome\":\"completed\"");
        say(&tell, 0, 6, 65, "closed", "\"outcome\":\"completed\"");
        assert_int_equal(time_of(&tell, "bench", SK_SPELL_WAIT, false), 20 * S);
        assert_int_equal(time_of(&tell, "shop", SK_SPELL_CUSTOMER, false), 30 * S); /* asked by bench: it counts */
        assert_int_equal(time_of(&tell, "", SK_SPELL_LINK, false), 5 * S);          /* the way back */
        end(&tell);
}

/* Nobody waits for it until the close does. */
static void test_what_went_onward_counts_from_when_the_close_waits_for_it(void **state) {
        (void)state;
        telling tell;
        begin(&tell);
        open_call(&tell, 0);
        say(&tell, 0, 4, 10, "delegated", ASK(A, "stock") ",\"onward\":true");
        say(&tell, 0, 5, 10, "ended", PLACE ",\"outcome\":\"completed\"");
        say(&tell, 0, 6, 10, "entered", "\"activity\":\"recover.review\",\"frame\":1,\"visit\":8,\"how\":\"manual\"");
        say(&tell, 0, 7, 40, "ended",
            "\"activity\":\"recover.review\",\"frame\":1,\"visit\":8,\"outcome\":\"completed\"");
        say(&tell, 0, 8, 40, "entered",
            "\"activity\":\"recover.close\",\"frame\":1,\"visit\":9,\"how\":\"delegate\",\"onward\":true");
        say(&tell, 0, 9, 60, "fed", "\"ask\":\"" A "\",\"outcome\":\"completed\"");
        say(&tell, 0, 10, 60, "closed", "\"outcome\":\"completed\"");
        assert_int_equal(time_of(&tell, "stock", SK_SPELL_UNSEEN, false), 20 * S);
        assert_int_equal(time_of(&tell, "desk", SK_SPELL_WAIT, false), 30 * S);
        end(&tell);
}

static void test_an_open_call_goes_on_until_now(void **state) {
        (void)state;
        telling tell;
        begin(&tell);
        open_call(&tell, 0);
        sk_story_end(&tell.story, &tell.calls[0]);
        assert_int_equal(time_of(&tell, "desk", SK_SPELL_WAIT, false), 990 * S);
        end(&tell);
}

static void test_a_call_raised_again_with_another_type_is_two_asks(void **state) {
        (void)state;
        telling tell;
        begin(&tell);
        say(&tell, 0, 1, 10, "delegated", "\"ask\":\"" A "\",\"team\":\"desk\",\"type\":\"incident\",\"attempt\":1");
        say(&tell, 0, 2, 20, "delegated", "\"ask\":\"" B "\",\"team\":\"desk\",\"type\":\"wish\",\"attempt\":1");
        assert_true(tell.calls[0].is_ask);
        assert_int_equal(tell.calls[0].ask_count, 2);
        assert_int_equal(tell.calls[0].asks[0].ended_us, 20 * S);
        assert_int_equal(tell.calls[0].asks[1].ended_us, 0);
        end(&tell);
}

static void test_a_beginning_that_is_gone_is_said(void **state) {
        (void)state;
        telling tell;
        begin(&tell);
        say(&tell, 0, 7, 60, "ended", PLACE ",\"outcome\":\"completed\"");
        say(&tell, 0, 8, 70, "closed", "\"outcome\":\"completed\",\"customer\":\"shop\",\"type\":\"incident\"");
        assert_true(tell.calls[0].is_headless);
        assert_false(tell.calls[0].is_ask);
        assert_true(sk_slice_is(tell.calls[0].type, "incident"));
        assert_int_equal(time_of(&tell, "", SK_SPELL_LINK, false), 10 * S);
        end(&tell);
}

static void test_what_was_told_before_is_not_told_again(void **state) {
        (void)state;
        telling tell;
        begin(&tell);
        open_call(&tell, 0);
        open_call(&tell, 0);
        say(&tell, 0, 0, 80, "closed", "\"outcome\":\"failed\"");
        assert_int_equal(tell.calls[0].step_count, 1);
        assert_int_equal(tell.calls[0].closed_us, 0);
        end(&tell);
}

static void test_a_clock_that_goes_back_takes_no_time_away(void **state) {
        (void)state;
        telling tell;
        begin(&tell);
        open_call(&tell, 0);
        say(&tell, 0, 4, 5, "claimed", PLACE ",\"actor\":\"dana\"");
        say(&tell, 0, 5, 30, "closed", "\"outcome\":\"completed\"");
        assert_int_equal(time_of(&tell, "desk", SK_SPELL_WORK, false), 20 * S);
        end(&tell);
}

static void test_calls_that_ask_each_other_come_to_an_end(void **state) {
        (void)state;
        telling tell;
        begin(&tell);
        open_call(&tell, 0);
        open_call(&tell, 1);
        say(&tell, 0, 4, 10, "delegated", ASK(B, "bench"));
        say(&tell, 1, 4, 10, "delegated", ASK(A, "desk"));
        sk_story_end(&tell.story, &tell.calls[0]);
        sk_story_end(&tell.story, &tell.calls[1]);
        assert_int_equal(time_of(&tell, "desk", SK_SPELL_UNSEEN, false) +
                                 time_of(&tell, "bench", SK_SPELL_UNSEEN, false),
                         990 * S);
        end(&tell);
}

static void test_nonsense_is_passed_over(void **state) {
        (void)state;
        static const char *const names[] = {"opened",   "typed",     "classified", "entered",    "claimed",
                                            "released", "escalated", "ended",      "fed-back",   "not-applicable",
                                            "asked",    "triggered", "answered",   "registered", "delegated",
                                            "fed",      "closed",    "unheard"};
        static const char *const members[] = {
                "",
                "\"activity\":\"\",\"frame\":99,\"visit\":-1,\"to\":\"heaven\",\"workflow\":77,\"type\":\"x\"",
                "\"activity\":7,\"frame\":\"1\",\"visit\":1e9,\"components\":{\"a\":1},\"ask\":\"x\",\"now\":\"never\"",
                "\"activity\":\"recover.cut\",\"frame\":4,\"visit\":1,\"to\":\"change\",\"components\":[[],{},null,1]",
                "\"ask\":\"" A "\",\"team\":\"\\u0000\",\"stopped_us\":-5,\"outcome\":[]",
        };
        for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
                telling tell;
                begin(&tell);
                for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++)
                        say(&tell, 0, (unsigned)j + 1, (unsigned)j + 1, names[j], members[i]);
                sk_story_end(&tell.story, &tell.calls[0]);
                assert_int_equal(time_of(&tell, "nobody", SK_SPELL_WORK, false), 0);
                assert_false(tell.story.is_full);
                end(&tell);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_before_the_cut_several_workflows_are_possible),
                cmocka_unit_test(test_a_task_waits_until_somebody_takes_it),
                cmocka_unit_test(test_time_at_the_customer_is_not_counted),
                cmocka_unit_test(test_a_question_is_moot_when_its_task_ends),
                cmocka_unit_test(test_what_a_team_answers_its_provider_stops_no_clock),
                cmocka_unit_test(test_while_several_are_asked_time_counts_for_the_last_to_end),
                cmocka_unit_test(test_time_goes_through_to_what_the_asked_call_waits_for),
                cmocka_unit_test(test_what_went_onward_counts_from_when_the_close_waits_for_it),
                cmocka_unit_test(test_an_open_call_goes_on_until_now),
                cmocka_unit_test(test_a_call_raised_again_with_another_type_is_two_asks),
                cmocka_unit_test(test_a_beginning_that_is_gone_is_said),
                cmocka_unit_test(test_what_was_told_before_is_not_told_again),
                cmocka_unit_test(test_a_clock_that_goes_back_takes_no_time_away),
                cmocka_unit_test(test_calls_that_ask_each_other_come_to_an_end),
                cmocka_unit_test(test_nonsense_is_passed_over),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
