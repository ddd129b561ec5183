/* What opens a call, and what is told whoever raises one that cannot be opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/hash.h"
#include "kit/when.h"
#include "support/one_call.h"

#define INCIDENT "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"screen stays black\"}"
#define NAME_101 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const char *code_of(const one_call *c) {
        return one_call_text(c, SK_EVENT_OUTCOME, 0, "code");
}

static void test_a_call_is_dated_no_further_from_now_than_is_remembered(void **state) {
        (void)state;
        static const struct {
                int64_t behind_us;
                const char *code; /* "": it is opened */
        } table[] = {
                {14 * SK_DAY_US, ""}, {14 * SK_DAY_US + 1000, "too-old"}, {400 * SK_DAY_US, "too-old"},
                {-SK_HOUR_US, ""},    {-SK_HOUR_US - 1000, "clock"},      {-40 * SK_DAY_US, "clock"},
        };

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                one_call c;
                one_call_open(&c, "centre", NULL);
                c.behind_us = table[i].behind_us;
                one_call_customer(&c, SK_CALL_RAISE, INCIDENT);
                assert_string_equal(one_call_text(&c, SK_FEEDBACK_REFUSED, 0, "code"), table[i].code);
                assert_int_equal(c.known, table[i].code[0] == '\0' ? SK_KNOWN_OPEN : SK_KNOWN_NOT);
                one_call_free(&c);
        }
}

static void test_what_a_team_raises_is_checked_before_it_goes_out(void **state) {
        (void)state;
        static const struct {
                const char *team;
                const char *value;
                const char *code;
        } table[] = {
                {"centre", "{}", "invalid"},
                {"centre", "{\"type\":\"incident\",\"facility\":\"wifi\",\"need\":\"x\"}", "invalid"},
                {"centre", "{\"to\":\"network\",\"type\":\"nonsense\",\"facility\":\"wifi\",\"need\":\"x\"}",
                 "invalid"},
                {"centre", "{\"to\":\"network\",\"type\":\"incident\",\"facility\":\"\",\"need\":\"x\"}", "invalid"},
                {"centre", "{\"to\":\"network\",\"type\":\"incident\",\"facility\":\"" NAME_101 "\",\"need\":\"x\"}",
                 "invalid"},
                {"centre", "{\"to\":\"network\",\"type\":\"incident\",\"facility\":\"wifi\"}", "invalid"},
                {"centre",
                 "{\"to\":\"network\",\"type\":\"incident\",\"facility\":\"wifi\",\"need\":\"x\",\"impact\":0}",
                 "invalid"},
                {"centre", "{\"to\":\"network\",\"type\":\"risk\",\"facility\":\"wifi\",\"need\":\"x\"}",
                 "not-allowed"},
                {"centre", "{\"to\":\"mars\",\"type\":\"incident\",\"facility\":\"wifi\",\"need\":\"x\"}",
                 "unknown-agreement"},
                {"centre", "{\"to\":\"finance\",\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"x\"}",
                 "unknown-agreement"}, /* its customer, not its provider */
                {"centre", "{\"to\":\"centre\",\"type\":\"support-request\",\"facility\":\"x\",\"need\":\"x\"}",
                 "not-allowed"},
                {"finance", "{\"to\":\"finance\",\"type\":\"incident\",\"facility\":\"x\",\"need\":\"x\"}",
                 "not-allowed"}, /* a consumer works on nothing */
                {"centre", "{\"to\":\"network\",\"type\":\"incident\",\"facility\":\"wifi\",\"need\":\"x\"}", "ok"},
                {"centre", "{\"to\":\"centre\",\"type\":\"risk\",\"facility\":\"roof\",\"need\":\"x\"}", "ok"},
        };

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                one_call c;
                bool is_ok = strcmp(table[i].code, "ok") == 0;
                one_call_open(&c, table[i].team, NULL);
                one_call_work(&c, SK_WORK_RAISE, "anna", table[i].value);
                if (strcmp(code_of(&c), table[i].code) != 0)
                        fail_msg("%s: %s", table[i].value, code_of(&c));
                assert_int_equal(c.known, is_ok ? SK_KNOWN_OPEN : SK_KNOWN_NOT);
                assert_int_equal(one_call_count(&c, SK_CALL_RAISE), is_ok && strstr(table[i].value, "network") ? 1 : 0);
                one_call_free(&c);
        }
}

/** The link raises a call with its own team, as a schedule or a finding makes it. */
static void own_raise(one_call *c, const char *value, const sk_before *before, sk_after *after) {
        char key[SK_ID_TEXT];
        sk_reject reject = {0};
        sk_step_context context = one_call_context(c);

        sk_id_format(&c->id, key);
        sk_record record = {.topic = sk_topics_own(c->topics, SK_TOPIC_WORK),
                            .partition = sk_hash_partition((sk_slice){key, sizeof key}, 4),
                            .offset = -1,
                            .timestamp_us = c->now_us,
                            .key = {key, sizeof key},
                            .value = sk_slice_of(value)};
        sk_envelope envelope = {.type = SK_WORK_RAISE,
                                .id = SK_SLICE("schedule/week/1"),
                                .time_us = c->now_us,
                                .callid = c->id,
                                .has_callid = true};
        sk_step_input input = {.kind = SK_INPUT_OWN_RAISE, .record = &record, .envelope = &envelope};
        sk_out_rewind(&c->out, 0);
        assert_int_equal(sk_step(&context, before, &input, &c->out, after, &reject), SK_OK);
        assert_null(reject.reason);
}

static void test_what_the_link_would_raise_for_itself_but_may_not_is_recorded(void **state) {
        one_call c;
        sk_after after;
        sk_before none = {.known = SK_KNOWN_NOT};
        (void)state;

        one_call_open(&c, "finance", NULL);
        own_raise(&c, "{\"to\":\"finance\",\"type\":\"risk\",\"facility\":\"x\",\"need\":\"x\"}", &none, &after);
        assert_int_equal(after.change, SK_CHANGE_NOTHING);
        assert_int_equal(c.out.count, 1);
        assert_string_equal(one_call_text(&c, SK_EVENT_REFUSED, 0, "code"), "not-allowed");
        one_call_free(&c);
}

static void test_what_the_link_has_raised_already_is_not_raised_again(void **state) {
        one_call c;
        sk_after after;
        (void)state;

        one_call_open(&c, "centre", NULL);
        one_call_work(&c, SK_WORK_RAISE, "anna",
                      "{\"to\":\"centre\",\"type\":\"risk\",\"facility\":\"x\",\"need\":\"x\"}");
        sk_before before = {.known = SK_KNOWN_OPEN, .head = {c.head, c.head_len}, .data = {c.data, c.data_len}};
        own_raise(&c, "{\"to\":\"centre\",\"type\":\"risk\",\"facility\":\"x\",\"need\":\"x\"}", &before, &after);
        assert_int_equal(after.change, SK_CHANGE_NOTHING);
        assert_int_equal(c.out.count, 0);
        one_call_free(&c);
}

/* ---- findings ---- */

static void test_a_finding_that_could_not_be_raised_is_refused_with_the_task_that_it_came_with(void **state) {
        (void)state;
        static const struct {
                const char *finding;
                bool is_good;
        } table[] = {
                {"7", false},
                {"{}", false},
                {"{\"need\":7}", false},
                {"{\"need\":\"\"}", false},
                {"{\"need\":\"x\",\"facility\":\"\"}", false},
                {"{\"need\":\"x\",\"facility\":\"" NAME_101 "\"}", false},
                {"{\"need\":\"x\",\"type\":\"nonsense\"}", false},
                {"{\"need\":\"x\",\"type\":7}", false},
                {"{\"need\":\"x\",\"type\":\"support-request\"}", false},
                {"{\"need\":\"x\",\"urgency\":6}", false},
                {"{\"need\":\"x\",\"impact\":\"high\"}", false},
                {"{\"need\":\"x\",\"data\":[1]}", false},
                {"{\"need\":\"the fan is loud\"}", true},
                {"{\"need\":\"x\",\"facility\":\"rack\",\"type\":\"incident\",\"urgency\":1,\"data\":{\"row\":3}}",
                 true},
        };

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                one_call c;
                char completion[300];
                one_call_open(&c, "centre", NULL);
                one_call_customer(&c, SK_CALL_RAISE, INCIDENT);
                (void)snprintf(completion, sizeof completion, "\"finding\":%s", table[i].finding);
                one_call_do(&c, "anna", completion);
                if (strcmp(code_of(&c), table[i].is_good ? "ok" : "bad-finding") != 0)
                        fail_msg("%s: %s", table[i].finding, code_of(&c));
                assert_int_equal(sk_slice_there(c.after.finding), table[i].is_good);
                assert_int_equal(one_call_now(&c).visit.number, table[i].is_good ? 2 : 1);
                one_call_free(&c);
        }
}

static void test_a_finding_falls_with_the_completion_that_it_came_with(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", NULL);
        one_call_customer(&c, SK_CALL_RAISE, INCIDENT);
        one_call_do(&c, "anna", "\"finding\":{\"need\":\"x\"},\"outcome\":\"nonsense\"");
        assert_string_equal(code_of(&c), "not-allowed");
        assert_false(sk_slice_there(c.after.finding));
        one_call_free(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_call_is_dated_no_further_from_now_than_is_remembered),
                cmocka_unit_test(test_what_a_team_raises_is_checked_before_it_goes_out),
                cmocka_unit_test(test_what_the_link_would_raise_for_itself_but_may_not_is_recorded),
                cmocka_unit_test(test_what_the_link_has_raised_already_is_not_raised_again),
                cmocka_unit_test(test_a_finding_that_could_not_be_raised_is_refused_with_the_task_that_it_came_with),
                cmocka_unit_test(test_a_finding_falls_with_the_completion_that_it_came_with),
        };
        return cmocka_run_group_tests_name("step_open", tests, NULL, NULL);
}
