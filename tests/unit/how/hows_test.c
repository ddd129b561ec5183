/*
 * What a driver gives out goes to the how that it is for; what has none here is answered all the same.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "how/hows.h"
#include "support/folder.h"

#define ENDS_MAX 8

typedef struct world {
        uv_loop_t loop;
        sk_hows *hows;
        sk_edition *edition;
        test_folder folder;
        sk_effect_report ends[ENDS_MAX];
        char codes[ENDS_MAX][32];
        unsigned count;
        unsigned wanted;
        bool is_begin; /* within sk_hows_take: nothing may end there */
} world;

static world w;

static void ended(void *self, const sk_effect_report *report) {
        assert_ptr_equal(self, &w);
        assert_false(w.is_begin);
        assert_true(w.count < ENDS_MAX);
        w.ends[w.count] = *report;
        (void)snprintf(w.codes[w.count], sizeof w.codes[0], "%.*s", (int)report->code.len, report->code.at);
        if (++w.count == w.wanted)
                uv_stop(&w.loop);
}

static int setup(void **state) {
        static const char *const runner[] = {"/bin/false", NULL};
        const sk_chain_file files[] = {{"chain.json", SK_SLICE("{\"name\":\"c\"}")},
                                       {"t/team.json", SK_SLICE("{\"title\":\"T\",\"consumer\":true}")}};
        sk_findings *findings = sk_findings_new();
        (void)state;

        memset(&w, 0, sizeof w);
        folder_make(&w.folder);
        assert_int_equal(sk_edition_build(files, 2, NULL, findings, &w.edition), SK_OK);
        sk_findings_free(findings);
        assert_int_equal(uv_loop_init(&w.loop), 0);
        sk_hows_config config = {.loop = &w.loop,
                                 .edition = w.edition,
                                 .team = "t",
                                 .chain_dir = w.folder.path,
                                 .state_dir = w.folder.path,
                                 .runner = runner,
                                 .ended = ended,
                                 .self = &w};
        assert_int_equal(sk_hows_new(&config, &w.hows), SK_OK);
        return 0;
}

static int teardown(void **state) {
        (void)state;
        sk_hows_close(w.hows);
        assert_int_equal(uv_run(&w.loop, UV_RUN_DEFAULT), 0);
        sk_hows_free(w.hows);
        assert_int_equal(uv_loop_close(&w.loop), 0);
        sk_edition_release(w.edition);
        folder_remove(&w.folder);
        return 0;
}

static void take(sk_how how, uint8_t call, uint32_t visit, const char *config, bool is_stop) {
        sk_effect effect = {.is_stop = is_stop,
                            .callid = {{call}},
                            .visit = visit,
                            .try_number = 2,
                            .how = how,
                            .key = "key/1",
                            .target = SK_SLICE("x"),
                            .config = sk_slice_of(config),
                            .input = SK_SLICE("{}"),
                            .timeout_us = INT64_C(120000000)};

        w.is_begin = true;
        sk_hows_take(w.hows, &effect);
        w.is_begin = false;
}

static void wait_for(unsigned count) {
        w.wanted = count;
        while (w.count < count)
                (void)uv_run(&w.loop, UV_RUN_ONCE);
}

static void test_an_effect_of_a_how_that_is_not_there_fails_and_says_so(void **state) {
        (void)state;
        take(SK_HOW_PLUGIN, 7, 4, "{\"name\":\"x\"}", false);
        assert_int_equal(w.count, 0);
        wait_for(1);
        assert_int_equal(w.ends[0].result, SK_EFFECT_FAILED);
        assert_string_equal(w.codes[0], "how-missing");
        assert_int_equal(w.ends[0].callid.bytes[0], 7);
        assert_int_equal(w.ends[0].visit, 4);
        assert_int_equal(w.ends[0].try_number, 2);
}

static void test_what_is_stopped_is_not_answered_any_more(void **state) {
        (void)state;
        take(SK_HOW_PLUGIN, 1, 1, "{}", false);
        take(SK_HOW_PLUGIN, 2, 1, "{}", false);
        take(SK_HOW_PLUGIN, 3, 1, "{}", false);
        take(SK_HOW_PLUGIN, 2, 1, "{}", true);
        take(SK_HOW_PLUGIN, 9, 1, "{}", true); /* which nobody has begun */
        wait_for(2);
        (void)uv_run(&w.loop, UV_RUN_NOWAIT);
        assert_int_equal(w.count, 2);
        assert_int_not_equal(w.ends[0].callid.bytes[0], 2);
        assert_int_not_equal(w.ends[1].callid.bytes[0], 2);
}

static void test_each_how_gets_what_is_its_own(void **state) {
        (void)state;
        take(SK_HOW_HTTP, 1, 1, "{\"url\":\"http://h/{/nothing}\"}", false);
        wait_for(1);
        assert_string_not_equal(w.codes[0], "how-missing");
        assert_int_equal(w.ends[0].result, SK_EFFECT_FAILED);
        take(SK_HOW_EXEC, 2, 1, "{\"command\":[\"programs/x\"]}", false);
        wait_for(2);
        assert_string_not_equal(w.codes[1], "how-missing");
        assert_int_equal(w.ends[1].callid.bytes[0], 2);
}

static void test_a_new_edition_reaches_all_that_are_there(void **state) {
        (void)state;
        sk_hows_edition(w.hows, w.edition);
        take(SK_HOW_PLUGIN, 1, 1, "{}", false);
        wait_for(1);
        assert_string_equal(w.codes[0], "how-missing");
}

static void test_what_waits_when_it_is_closed_is_let_go(void **state) {
        (void)state;
        take(SK_HOW_PLUGIN, 1, 1, "{}", false);
        take(SK_HOW_PLUGIN, 2, 1, "{}", false); /* the teardown frees them: a leak shows under ASan */
        assert_int_equal(w.count, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_an_effect_of_a_how_that_is_not_there_fails_and_says_so, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_what_is_stopped_is_not_answered_any_more, setup, teardown),
                cmocka_unit_test_setup_teardown(test_each_how_gets_what_is_its_own, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_new_edition_reaches_all_that_are_there, setup, teardown),
                cmocka_unit_test_setup_teardown(test_what_waits_when_it_is_closed_is_let_go, setup, teardown),
        };

        (void)signal(SIGPIPE, SIG_IGN); /* as the daemon does: a runner that has ended is written to */
        return cmocka_run_group_tests_name("hows", tests, NULL, NULL);
}
