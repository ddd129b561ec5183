#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "support/one_call.h"

static const char incident[] = "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"screen stays black\"}";
static const char request[] = "{\"type\":\"service-request\",\"facility\":\"laptop\",\"need\":\"one more\"}";

static void complete(one_call *c, const char *completion) {
        one_call_do(c, "anna", completion);
        assert_string_equal(one_call_text(c, SK_EVENT_OUTCOME, 0, "code"), "ok");
}

/** Completes whatever is to be done, each cut for a change of `c1`. */
static void complete_all(one_call *c) {
        while (c->known == SK_KNOWN_OPEN) {
                sk_call call = one_call_now(c);
                bool is_cut = sk_call_top(&call)->step == SK_AT_CUT;
                complete(c, is_cut ? "\"result\":{\"cut\":{\"infrastructure\":true,\"components\":[\"c1\"]}}"
                                   : "\"outcome\":\"completed\"");
        }
}

/** The result that the archive keeps of that activity and index; SK_NONE if there is none. */
static sk_slice archived(const one_call *c, const char *activity, int64_t index) {
        sk_json_walk walk = sk_json_walk_make(sk_json_member(one_call_value(c, SK_ARCHIVE_CALL, 0), "sections"));
        sk_slice name;
        sk_slice section;
        int64_t found = 0;

        while (sk_json_walk_next(&walk, &name, &section)) {
                if (sk_slice_is(sk_json_member_string(section, "kind", NULL), "result") &&
                    sk_slice_is(sk_json_member_string(section, "activity", NULL), activity) &&
                    sk_json_member_int(section, "index", index, index, &found)) {
                        return sk_json_member(section, "value");
                }
        }
        return SK_NONE;
}

static void test_each_process_that_says_nothing_yields_how_it_ended(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", NULL);
        one_call_customer(&c, SK_CALL_RAISE, incident);
        complete_all(&c);
        assert_true(sk_slice_is(archived(&c, "recover.close", 1), "{\"outcome\":\"completed\"}"));
        assert_true(
                sk_slice_is(archived(&c, "change.close", 1), "{\"outcome\":\"completed\",\"components\":[\"c1\"]}"));
        assert_true(sk_slice_is(archived(&c, "operate.close", 1), "{\"outcome\":\"completed\"}"));
        /* that is for the team: the customer is told the outcome anyway */
        assert_false(sk_slice_there(sk_json_member(one_call_value(&c, SK_FEEDBACK_CLOSED, 0), "result")));
        one_call_free(&c);
}

static void test_what_an_activity_says_is_the_result(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", NULL);
        one_call_customer(&c, SK_CALL_RAISE, request);
        for (int i = 0; i < 3; i++) {
                complete(&c, "\"outcome\":\"completed\"");
        }
        complete(&c, "\"result\":{\"serial\":7}");
        complete_all(&c);
        assert_true(sk_slice_is(archived(&c, "operate.perform", 0), "{\"serial\":7}"));
        assert_false(sk_slice_there(archived(&c, "operate.close", 1)));
        one_call_free(&c);
}

static void test_how_a_call_was_classified_is_no_result(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", NULL);
        one_call_customer(&c, SK_CALL_RAISE, request);
        complete(&c, "\"outcome\":\"completed\"");
        complete(&c, "\"result\":{\"category\":\"hardware\"}");
        complete_all(&c);
        assert_true(sk_slice_is(archived(&c, "operate.close", 1), "{\"outcome\":\"completed\"}"));
        one_call_free(&c);
}

static void test_early_endings_yield_something_as_well(void **state) {
        (void)state;
        static const struct {
                const char *raise;
                sk_message type;
                const char *actor;
                const char *value;
                const char *activity;
                const char *result;
        } table[] = {
                {"{\"type\":\"incident\",\"facility\":\"boat\",\"need\":\"x\"}", SK_MESSAGES, NULL, NULL,
                 "recover.close", "{\"outcome\":\"declined\",\"code\":\"not-agreed\"}"},
                {incident, SK_WORK_DECLINE, "anna", "{\"visit\":1,\"reason\":\"x\"}", "recover.close",
                 "{\"outcome\":\"declined\",\"code\":\"declined\"}"},
                {incident, SK_WORK_FORCE_CLOSE, "dina", "{\"reason\":\"x\"}", "recover.close",
                 "{\"outcome\":\"failed\",\"code\":\"forced\"}"},
                {request, SK_WORK_COMPLETE, "anna", "{\"visit\":1,\"outcome\":\"failed\"}", "operate.close",
                 "{\"outcome\":\"failed\",\"code\":\"gave-up\"}"},
        };

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                one_call c;
                one_call_open(&c, "centre", NULL);
                one_call_customer(&c, SK_CALL_RAISE, table[i].raise);
                if (table[i].value != NULL) {
                        one_call_work(&c, SK_WORK_CLAIM, "anna", "{\"visit\":1}");
                        one_call_work(&c, table[i].type, table[i].actor, table[i].value);
                }
                complete_all(&c);
                sk_slice result = archived(&c, table[i].activity, 1);
                if (!sk_slice_is(result, table[i].result)) {
                        fail_msg("%zu: %.*s", i, (int)result.len, result.len == 0 ? "" : result.at);
                }
                one_call_free(&c);
        }
}

/** A forced end in the middle of the third process: three of them have run. */
static void test_a_forced_end_concludes_every_process_that_runs(void **state) {
        one_call c;
        (void)state;

        one_call_open(&c, "centre", NULL);
        one_call_customer(&c, SK_CALL_RAISE, incident);
        while (one_call_now(&c).frame_count < 3) {
                sk_call call = one_call_now(&c);
                complete(&c, sk_call_top(&call)->step == SK_AT_CUT
                                     ? "\"result\":{\"cut\":{\"infrastructure\":true,\"components\":[\"c1\"]}}"
                                     : "\"outcome\":\"completed\"");
        }
        one_call_work(&c, SK_WORK_FORCE_CLOSE, "dina", "{\"reason\":\"x\"}");
        assert_true(sk_slice_is(archived(&c, "operate.close", 1), "{\"outcome\":\"failed\",\"code\":\"forced\"}"));
        assert_true(sk_slice_there(archived(&c, "change.close", 1)));
        assert_true(sk_slice_there(archived(&c, "recover.close", 1)));
        one_call_free(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_process_that_says_nothing_yields_how_it_ended),
                cmocka_unit_test(test_what_an_activity_says_is_the_result),
                cmocka_unit_test(test_how_a_call_was_classified_is_no_result),
                cmocka_unit_test(test_early_endings_yield_something_as_well),
                cmocka_unit_test(test_a_forced_end_concludes_every_process_that_runs),
        };
        return cmocka_run_group_tests_name("step_result", tests, NULL, NULL);
}
