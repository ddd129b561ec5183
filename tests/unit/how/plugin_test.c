/*
 * Plug-ins in their processes: two versions of the interface side by side, and what becomes of those that hang, crash or
 * talk nonsense. This program is the process of the plug-in as well, when it is called so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "how/plugin.h"
#include "how/plugin_host.h"
#include "kit/json_scan.h"

#define ENDS_MAX 64
#define HOST_WORD "--plugin-host"

typedef struct world {
        uv_loop_t loop;
        sk_how_port port;
        char folder[PATH_MAX];
        unsigned wanted;
        unsigned count;
        sk_effect_report ends[ENDS_MAX];
        char codes[ENDS_MAX][40];
        char values[ENDS_MAX][2048];
        char texts[ENDS_MAX][600];
} world;

static world w;

static const char *keep(char *to, size_t room, sk_slice text) {
        (void)snprintf(to, room, "%.*s", (int)text.len, text.at == NULL ? "" : text.at);
        return to;
}

static void on_ended(void *self, const sk_effect_report *report) {
        unsigned i = w.count++;

        (void)self;
        assert_true(i < ENDS_MAX);
        w.ends[i] = *report;
        (void)keep(w.codes[i], sizeof(w.codes[i]), report->code);
        (void)keep(w.values[i], sizeof(w.values[i]), report->value);
        (void)keep(w.texts[i], sizeof(w.texts[i]), report->text);
}

static int setup(void **state) {
        static char own[PATH_MAX]; /* the path itself: /proc/self/exe may be that of a tool which watches the test */
        static const char *const host[] = {own, HOST_WORD, NULL};
        const char *build = getenv("SK_BUILD");

        (void)state;
        assert_non_null(realpath("/proc/self/exe", own));
        memset(&w, 0, sizeof(w));
        (void)snprintf(w.folder, sizeof(w.folder), "%s/tests/plugins", build == NULL ? "build/release" : build);
        assert_int_equal(uv_loop_init(&w.loop), 0);
        sk_plugin_config config = {
                .loop = &w.loop, .team_dir = "/team", .folder = w.folder, .host = host, .ended = on_ended};
        assert_int_equal(sk_plugin_new(&config, &w.port), SK_OK);
        return 0;
}

static int teardown(void **state) {
        (void)state;
        w.port.close(w.port.self);
        while (uv_run(&w.loop, UV_RUN_DEFAULT) != 0)
                continue;
        w.port.free(w.port.self);
        return uv_loop_close(&w.loop);
}

static sk_effect effect_of(unsigned number, const char *name, const char *config, const char *input) {
        return (sk_effect){.callid = {.bytes = {(uint8_t)number}},
                           .visit = number,
                           .try_number = 1,
                           .attempts = 5,
                           .how = SK_HOW_PLUGIN,
                           .key = "call/1",
                           .target = sk_slice_of(name),
                           .config = sk_slice_of(config),
                           .input = sk_slice_of(input),
                           .timeout_us = INT64_C(600) * 1000000,
                           .deadline_us = 1};
}

static void begin(unsigned number, const char *name, const char *config, const char *input) {
        sk_effect effect = effect_of(number, name, config, input);

        w.port.begin(w.port.self, &effect);
}

static void wait_for(unsigned count) {
        while (w.count < count && uv_run(&w.loop, UV_RUN_ONCE) != 0)
                continue;
        assert_true(w.count >= count);
}

#define WORD_A "{\"name\":\"second\",\"config\":{\"word\":\"a\"}}"
#define WORD_B "{\"name\":\"second\",\"config\":{\"word\":\"b\",\"number\":-3,\"loud\":true,\"file\":\"f.csv\"}}"

static void it_is_kept_warm_and_gets_one_call_after_the_other(void **state) {
        (void)state;
        for (unsigned i = 1; i <= 5; i++)
                begin(i, "second", WORD_A, "{}");
        assert_int_equal(w.count, 0);
        wait_for(5);
        for (unsigned i = 0; i < 5; i++) {
                char count[32];
                (void)snprintf(count, sizeof(count), "\"count\":%u,", i + 1);
                assert_int_equal(w.ends[i].result, SK_EFFECT_DONE);
                assert_int_equal(w.ends[i].visit, i + 1);
                assert_non_null(strstr(w.values[i], count));
        }
        assert_non_null(strstr(w.values[0], "\"key\":\"call/1\",\"try\":1,\"attempts\":5"));
}

static void each_configuration_has_a_process_of_its_own(void **state) {
        (void)state;
        begin(1, "second", WORD_A, "{}");
        begin(2, "second", WORD_B, "{}");
        wait_for(2);
        for (unsigned i = 0; i < 2; i++) {
                assert_non_null(strstr(w.values[i], "\"count\":1,"));
                if (w.ends[i].visit == 1)
                        assert_non_null(
                                strstr(w.values[i], "\"word\":\"a\",\"number\":7,\"loud\":false,\"file\":\"\""));
                else
                        assert_non_null(strstr(w.values[i],
                                               "\"word\":\"b\",\"number\":-3,\"loud\":true,\"file\":\"/team/f.csv\""));
        }
}

static void two_versions_of_the_interface_run_side_by_side(void **state) {
        (void)state;
        begin(1, "first", "{\"name\":\"first\"}", "{}");
        wait_for(1);
        begin(2, "second", WORD_A, "{}");
        wait_for(2);
        assert_int_equal(w.ends[0].result, SK_EFFECT_DONE);
        assert_non_null(strstr(w.values[0], "\"version\":1"));
        assert_non_null(strstr(w.values[1], "\"attempts\":5"));
        begin(3, "future", "{\"name\":\"future\"}", "{}");
        wait_for(3);
        assert_int_equal(w.ends[2].result, SK_EFFECT_FAILED);
        assert_string_equal(w.codes[2], "plugin-refused");
        assert_non_null(strstr(w.texts[2], "version 3"));
}

typedef struct told {
        const char *input;
        sk_effect_result result;
        const char *code;
        const char *text; /* part of it */
} told;

static void what_it_says_is_what_comes_of_it(void **state) {
        static const told cases[] = {
                {"\"decline\"", SK_EFFECT_DECLINED, "as-told", "it was told to"},
                {"\"retry\"", SK_EFFECT_RETRY, "as-told", "it was told to"},
                {"\"fail\"", SK_EFFECT_FAILED, "as-told", "it was told to"},
                {"\"lie\"", SK_EFFECT_FAILED, "bad-result", "does not exist"},
                {"\"babble\"", SK_EFFECT_FAILED, "bad-value", "no JSON"},
                {"\"crash\"", SK_EFFECT_RETRY, "plugin-died", "signal 9"},
                {"\"leave\"", SK_EFFECT_RETRY, "plugin-died", "status 3"},
        };

        (void)state;
        for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                begin(i + 1, "second", WORD_A, cases[i].input);
                wait_for(i + 1);
                assert_int_equal(w.ends[i].result, cases[i].result);
                assert_string_equal(w.codes[i], cases[i].code);
                assert_non_null(strstr(w.texts[i], cases[i].text));
        }
        assert_int_equal(w.ends[1].retry_after_us, 1500000);
}

static void one_that_died_is_started_again_for_who_waits(void **state) {
        (void)state;
        begin(1, "second", WORD_A, "\"crash\"");
        begin(2, "second", WORD_A, "{}");
        wait_for(2);
        assert_string_equal(w.codes[0], "plugin-died");
        assert_int_equal(w.ends[1].result, SK_EFFECT_DONE);
        assert_non_null(strstr(w.values[1], "\"count\":1,"));
}

static void one_that_hangs_is_ended_at_its_time(void **state) {
        sk_effect effect = effect_of(1, "second", WORD_A, "\"hang\"");

        (void)state;
        effect.timeout_us = 50000;
        w.port.begin(w.port.self, &effect);
        begin(2, "second", WORD_A, "{}");
        wait_for(2);
        assert_int_equal(w.ends[0].result, SK_EFFECT_RETRY);
        assert_string_equal(w.codes[0], "timeout");
        assert_int_equal(w.ends[1].result, SK_EFFECT_DONE);
}

static void what_is_stopped_is_not_answered(void **state) {
        sk_effect hanging = effect_of(1, "second", WORD_A, "\"hang\"");

        (void)state;
        w.port.begin(w.port.self, &hanging);
        begin(2, "second", WORD_B, "{}");
        wait_for(1);
        hanging.is_stop = true;
        w.port.stop(w.port.self, &hanging);
        begin(3, "second", WORD_A, "{}");
        wait_for(2);
        assert_int_equal(w.ends[0].visit, 2);
        assert_int_equal(w.ends[1].visit, 3);
}

static void what_cannot_be_used_says_why(void **state) {
        static const struct {
                const char *name;
                const char *config;
                const char *code;
                const char *text;
        } cases[] = {
                {"nobody", "{\"name\":\"nobody\"}", "plugin-missing", "folder of plug-ins"},
                {"second", "{\"name\":\"second\"}", "plugin-refused", "\"word\" is missing: A word that comes back."},
                {"second", "{\"config\":{\"word\":1}}", "plugin-refused", "\"word\" is not text"},
                {"second", "{\"config\":{\"word\":\"a\",\"number\":1.5}}", "plugin-refused", "not a whole number"},
                {"second", "{\"config\":{\"word\":\"a\",\"loud\":\"yes\"}}", "plugin-refused", "not true or false"},
                {"second", "{\"config\":{\"word\":\"a\",\"wrod\":\"b\"}}", "plugin-refused", "no option \"wrod\""},
                {"second", "{\"config\":{\"word\":\"refuse\"}}", "plugin-refused", "this one is refused"},
        };

        (void)state;
        for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                begin(i + 1, cases[i].name, cases[i].config, "{}");
                wait_for(i + 1);
                assert_int_equal(w.ends[i].result, SK_EFFECT_FAILED);
                assert_string_equal(w.codes[i], cases[i].code);
                assert_non_null(strstr(w.texts[i], cases[i].text));
        }
}

static void more_configurations_than_stay_warm_have_their_turn(void **state) {
        char config[80];

        (void)state;
        for (unsigned i = 1; i <= SK_PLUGINS_WARM + 3; i++) {
                (void)snprintf(config, sizeof(config), "{\"config\":{\"word\":\"w%u\"}}", i);
                begin(i, "second", config, "{}");
        }
        wait_for(SK_PLUGINS_WARM + 3);
        for (unsigned i = 0; i < SK_PLUGINS_WARM + 3; i++)
                assert_int_equal(w.ends[i].result, SK_EFFECT_DONE);
}

int main(int argc, char **argv) {
        if (argc == 3 && strcmp(argv[1], HOST_WORD) == 0)
                return sk_plugin_host_main(3, argv[2]);
        (void)signal(SIGPIPE, SIG_IGN); /* as in schakeld: a process that has died is heard of in another way */

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
        const struct CMUnitTest tests[] = {CASE(it_is_kept_warm_and_gets_one_call_after_the_other),
                                           CASE(each_configuration_has_a_process_of_its_own),
                                           CASE(two_versions_of_the_interface_run_side_by_side),
                                           CASE(what_it_says_is_what_comes_of_it),
                                           CASE(one_that_died_is_started_again_for_who_waits),
                                           CASE(one_that_hangs_is_ended_at_its_time),
                                           CASE(what_is_stopped_is_not_answered),
                                           CASE(what_cannot_be_used_says_why),
                                           CASE(more_configurations_than_stay_warm_have_their_turn)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
