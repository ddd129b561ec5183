#include "cli/demo/tool_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_load.h"
#include "support/failing_alloc.h"

/* What a stand-in for tools answers: once for each key, and trouble where the rules want it. */

static json_t *json_of(const char *text) {
        json_t *json = json_loads(text, 0, NULL);

        assert_non_null(json);
        return json;
}

static sk_tool_rules *rules_of(const char *text) {
        json_t *file = json_of(text);
        sk_tool_rules *rules = NULL;
        const char *why = NULL;

        assert_int_equal(sk_tool_rules_new(file, &rules, &why), SK_OK);
        json_decref(file);
        return rules;
}

static sk_tool_said take(sk_tool_rules *rules, const char *url, const char *key) {
        sk_slice answer = SK_NONE;

        return sk_tool_rules_take(rules, sk_slice_of(url), sk_slice_of(key), &answer);
}

static void test_a_key_is_done_once_and_answered_the_same_ever_after(void **state) {
        sk_tool_rules *rules = rules_of("{\"rules\":[{\"url\":\"/a/\",\"answer\":{\"order\":7}}]}");
        sk_slice first = SK_NONE;
        sk_slice second = SK_NONE;

        (void)state;
        assert_int_equal(sk_tool_rules_take(rules, SK_SLICE("/a/1"), SK_SLICE("k/1"), &first), SK_TOOL_DONE);
        assert_int_equal(sk_tool_rules_take(rules, SK_SLICE("/a/1"), SK_SLICE("k/1"), &second), SK_TOOL_AGAIN);
        assert_true(sk_slice_is(first, "{\"order\":7}"));
        assert_true(sk_slice_equal(first, second));
        assert_int_equal(take(rules, "/a/1", "k/2"), SK_TOOL_DONE);
        sk_tool_rules_free(rules);
}

static void test_the_first_rule_that_begins_the_path_counts(void **state) {
        sk_tool_rules *rules = rules_of("{\"rules\":[{\"url\":\"/a/b\",\"busy\":1},{\"url\":\"/a\"}]}");

        (void)state;
        assert_int_equal(take(rules, "/a/b/c", "1"), SK_TOOL_BUSY);
        assert_int_equal(take(rules, "/a/c", "2"), SK_TOOL_DONE);
        assert_int_equal(take(rules, "/", "3"), SK_TOOL_UNKNOWN);
        assert_int_equal(take(rules, "/a", ""), SK_TOOL_KEYLESS);
        sk_tool_rules_free(rules);
}

static void test_each_so_many_new_keys_meet_trouble_and_then_none(void **state) {
        static const struct {
                const char *key;
                sk_tool_said said;
        } rows[] = {
                {"1", SK_TOOL_DONE}, {"2", SK_TOOL_BUSY}, {"1", SK_TOOL_AGAIN}, {"3", SK_TOOL_LOST},
                {"2", SK_TOOL_DONE}, {"4", SK_TOOL_BUSY}, {"3", SK_TOOL_AGAIN}, {"5", SK_TOOL_DONE},
                {"6", SK_TOOL_BUSY}, /* the sixth would be lost as well: it is not done, so that nothing can be */
                {"6", SK_TOOL_DONE}, {"7", SK_TOOL_DONE},
        };
        sk_tool_rules *rules = rules_of("{\"rules\":[{\"url\":\"/\",\"busy\":2,\"lost\":3}]}");

        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                assert_int_equal(take(rules, "/", rows[i].key), rows[i].said);
        sk_tool_rules_free(rules);
}

static void test_what_is_on_record_is_known(void **state) {
        sk_tool_rules *rules = rules_of("{\"rules\":[{\"url\":\"/\",\"busy\":3}]}");
        const sk_slice url = SK_SLICE("/");

        (void)state;
        assert_int_equal(sk_tool_rules_remember(rules, url, SK_SLICE("1"), SK_TOOL_LOST), SK_OK);
        assert_int_equal(sk_tool_rules_remember(rules, url, SK_SLICE("2"), SK_TOOL_BUSY), SK_OK);
        assert_int_equal(sk_tool_rules_remember(rules, url, SK_SLICE("9"), SK_TOOL_UNKNOWN), SK_OK);
        assert_int_equal(take(rules, "/", "1"), SK_TOOL_AGAIN);
        assert_int_equal(take(rules, "/", "2"), SK_TOOL_DONE);
        assert_int_equal(take(rules, "/", "3"), SK_TOOL_BUSY);
        sk_tool_rules_free(rules);
}

static void test_without_a_file_everything_is_done(void **state) {
        sk_tool_rules *rules = NULL;
        const char *why = NULL;
        sk_slice answer = SK_NONE;

        (void)state;
        assert_int_equal(sk_tool_rules_new(NULL, &rules, &why), SK_OK);
        assert_int_equal(sk_tool_rules_port(rules), 0);
        assert_int_equal(sk_tool_rules_take(rules, SK_SLICE("/x"), SK_SLICE("1"), &answer), SK_TOOL_DONE);
        assert_true(sk_slice_is(answer, "{}"));
        sk_tool_rules_free(rules);
}

static void test_a_file_that_is_none_is_refused_with_a_reason(void **state) {
        static const struct {
                const char *text;
                const char *why;
        } rows[] = {
                {"[]", "object"},
                {"{}", "rules"},
                {"{\"rules\":{}}", "rules"},
                {"{\"rules\":[],\"port\":0}", "port"},
                {"{\"rules\":[],\"port\":\"80\"}", "port"},
                {"{\"rules\":[],\"port\":65536}", "port"},
                {"{\"rules\":[7]}", "url"},
                {"{\"rules\":[{}]}", "url"},
                {"{\"rules\":[{\"url\":\"/\",\"answer\":7}]}", "answer"},
                {"{\"rules\":[{\"url\":\"/\",\"busy\":0}]}", "busy"},
                {"{\"rules\":[{\"url\":\"/\",\"lost\":1.5}]}", "lost"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                json_t *file = json_of(rows[i].text);
                sk_tool_rules *rules = NULL;
                const char *why = NULL;
                assert_int_equal(sk_tool_rules_new(file, &rules, &why), SK_ERR_SYNTAX);
                assert_null(rules);
                assert_non_null(strstr(why, rows[i].why));
                json_decref(file);
        }
}

static void test_each_word_is_found_again(void **state) {
        (void)state;
        for (unsigned said = 0; said < SK_TOOL_SAIDS; said++)
                assert_int_equal(sk_tool_said_find(sk_slice_of(sk_tool_said_word((sk_tool_said)said))), said);
        assert_int_equal(sk_tool_said_find(SK_SLICE("often")), SK_TOOL_SAIDS);
        assert_int_equal(sk_tool_said_find(SK_NONE), SK_TOOL_SAIDS);
}

/* Whether all of it was possible; a request for which there is no memory is not done, and may come again. */
static bool work(void *context) {
        json_t *file = json_loads("{\"rules\":[{\"url\":\"/\",\"answer\":{}}]}", 0, NULL);
        sk_tool_rules *rules = NULL;
        const char *why = NULL;
        bool is_done = false;

        (void)context;
        if (file != NULL && sk_tool_rules_new(file, &rules, &why) == SK_OK) {
                sk_tool_said said = take(rules, "/", "1");
                is_done = said == SK_TOOL_DONE;
                assert_true(is_done || said == SK_TOOL_FULL);
                assert_int_equal(take(rules, "/", "1"), is_done ? SK_TOOL_AGAIN : SK_TOOL_DONE);
        }
        sk_tool_rules_free(rules);
        json_decref(file);
        return is_done;
}

static void test_every_allocation_may_fail(void **state) {
        (void)state;
        failing_alloc_each(work, NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_key_is_done_once_and_answered_the_same_ever_after),
                cmocka_unit_test(test_the_first_rule_that_begins_the_path_counts),
                cmocka_unit_test(test_each_so_many_new_keys_meet_trouble_and_then_none),
                cmocka_unit_test(test_what_is_on_record_is_known),
                cmocka_unit_test(test_without_a_file_everything_is_done),
                cmocka_unit_test(test_a_file_that_is_none_is_refused_with_a_reason),
                cmocka_unit_test(test_each_word_is_found_again),
                cmocka_unit_test(test_every_allocation_may_fail),
        };

        sk_json_load_prepare();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
