#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/json_scan.h"
#include "link/data.h"
#include "support/one_call.h"
#include "support/routines.h"

static const char incident[] = "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"screen stays black\"}";
static const char manual_operate[] = ROUTINE_OPERATE("\"manual\"", "\"manual\"");
static const char request[] = "{\"type\":\"service-request\",\"facility\":\"laptop\",\"need\":\"x\"}";

static void open_with(one_call *c, const char *routine, const char *raise) {
        one_call_open(c, "centre", routine);
        one_call_customer(c, SK_CALL_RAISE, raise);
        assert_int_equal(c->known, SK_KNOWN_OPEN);
}

/** An object of that many bytes: @p begin, and x up to the end of its last text. */
static char *large(const char *begin, size_t size) {
        char *value = malloc(size + 1);

        assert_non_null(value);
        memset(value, 'x', size);
        memcpy(value, begin, strlen(begin));
        memcpy(value + size - 2, "\"}", 3);
        return value;
}

static void test_a_record_that_came_twice_gets_its_earlier_outcome(void **state) {
        one_call c;
        (void)state;
        static const struct {
                const char *actor;
                const char *status;
        } table[] = {{"anna", "done"}, {"zoe", "refused"}};

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                open_with(&c, NULL, incident);
                one_call_work(&c, SK_WORK_CLAIM, table[i].actor, "{\"visit\":1}");
                assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "status"), table[i].status);
                one_call_again(&c);
                assert_int_equal(one_call_count(&c, SK_EVENT_OUTCOME), 0);
                assert_string_equal(one_call_text(&c, SK_EVENT_DUPLICATE, 0, "status"), table[i].status);
                one_call_free(&c);
        }
}

static void test_results_that_cannot_mean_what_they_say_are_refused(void **state) {
        (void)state;
        static const struct {
                const char *completion;
                const char *code;
        } table[] = {
                {"\"result\":[]", "bad-result"},
                {"\"result\":\"done\"", "bad-result"},
                {"\"result\":{\"cut\":7}", "bad-result"},
                {"\"result\":{\"cut\":{\"infrastructure\":\"yes\"}}", "bad-result"},
                {"\"result\":{\"cut\":{\"agreement\":1}}", "bad-result"},
                {"\"result\":{\"cut\":{\"components\":\"c1\"}}", "bad-result"},
                {"\"result\":{\"cut\":{\"components\":[1]}}", "bad-result"},
                {"\"result\":{\"cut\":{\"components\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]}}",
                 "bad-result"},
                {"\"result\":{\"priority\":9}", "bad-result"},
                {"\"result\":{\"priority\":\"high\"}", "bad-result"},
                {"\"result\":{\"category\":\"\"}", "bad-result"},
                {"\"outcome\":\"declined\"", "not-allowed"},
                {"\"outcome\":\"withdrawn\"", "not-allowed"},
                {"\"outcome\":\"none\"", "not-allowed"},
                {"\"outcome\":\"nonsense\"", "not-allowed"},
                {"\"outcome\":\"not-confirmed\"", "not-allowed"},
        };

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                one_call c;
                open_with(&c, NULL, incident);
                one_call_do(&c, "anna", table[i].completion);
                assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), table[i].code);
                assert_int_equal(one_call_count(&c, SK_EVENT_OUTCOME), 1);
                assert_int_equal(one_call_now(&c).visit.number, 1);
                one_call_free(&c);
        }
}

static void test_a_question_ends_with_its_task_and_the_clock_runs_again(void **state) {
        one_call c;
        (void)state;

        open_with(&c, NULL, incident);
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        one_call_work(&c, SK_WORK_CLAIM, "anna", "{\"visit\":2}");
        one_call_work(&c, SK_WORK_QUESTION, "anna", "{\"visit\":2,\"text\":\"?\",\"until\":\"2026-09-22T00:00:00Z\"}");
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_QUESTION, 0, "until"), "2026-09-22T00:00:00Z");
        /* what is refused leaves the question open */
        one_call_work(&c, SK_WORK_COMPLETE, "anna", "{\"visit\":2,\"outcome\":\"declined\"}");
        assert_true(one_call_now(&c).clock_stands);
        one_call_work(&c, SK_WORK_COMPLETE, "anna", "{\"visit\":2,\"outcome\":\"completed\"}");
        sk_call call = one_call_now(&c);
        assert_int_equal(call.question, 0);
        assert_false(call.clock_stands);
        assert_int_equal(call.standing, SK_WORKING);
        assert_true(call.stopped_us > 0);
        one_call_free(&c);
}

static void test_a_question_that_the_customer_could_not_read_is_refused(void **state) {
        (void)state;
        char *too_large = large("{\"visit\":1,\"text\":\"", 70u << 10);
        const struct {
                const char *value;
                const char *code;
        } table[] = {
                {"{\"visit\":1}", "invalid"},
                {"{\"visit\":1,\"text\":7}", "invalid"},
                {"{\"visit\":1,\"text\":\"?\",\"until\":7}", "bad-until"},
                {"{\"visit\":1,\"text\":\"?\",\"form\":[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
                 "invalid"},
                {too_large, "too-large"},
        };

        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                one_call c;
                open_with(&c, NULL, incident);
                one_call_work(&c, SK_WORK_CLAIM, "anna", "{\"visit\":1}");
                one_call_work(&c, SK_WORK_QUESTION, "anna", table[i].value);
                assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), table[i].code);
                assert_int_equal(one_call_count(&c, SK_FEEDBACK_QUESTION), 0);
                one_call_free(&c);
        }
        free(too_large);
}

static void test_a_call_that_is_full_refuses_notes_of_both_sides_and_still_ends(void **state) {
        one_call c;
        char *note = large("{\"text\":\"", 60u << 10);
        unsigned taken = 0;
        (void)state;

        open_with(&c, manual_operate, request);
        do {
                one_call_work(&c, SK_WORK_NOTE, "anna", note);
                taken++;
        } while (strcmp(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "ok") == 0 && taken < 50);
        assert_string_equal(one_call_text(&c, SK_EVENT_OUTCOME, 0, "code"), "full");
        one_call_customer(&c, SK_CALL_NOTE, note);
        assert_string_equal(one_call_text(&c, SK_FEEDBACK_REFUSED, 0, "code"), "full");
        assert_true(c.data_len <= 512u << 10);
        one_call_do(&c, "anna", "\"result\":{\"done\":true}");
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        assert_int_equal(c.known, SK_KNOWN_CLOSED);
        assert_true(one_call_value(&c, SK_ARCHIVE_CALL, 0).len < 1000u << 10);
        free(note);
        one_call_free(&c);
}

static void test_very_many_short_notes_still_fit_in_the_archive(void **state) {
        one_call c;
        int64_t left_out = 0;
        (void)state;

        open_with(&c, manual_operate, request);
        sk_buf data = sk_buf_make(1u << 20);
        sk_buf_add(&data, c.data, c.data_len);
        while (data.len < 500u << 10) {
                sk_data_add(&data, &(sk_section){.kind = SK_SECTION_NOTE, .bytes = SK_SLICE("{\"text\":\"\"}")});
        }
        free(c.data);
        c.data = malloc(data.len);
        memcpy(c.data, data.at, data.len);
        c.data_len = data.len;
        sk_buf_free(&data);
        one_call_do(&c, "anna", "\"result\":{\"done\":true}");
        one_call_do(&c, "anna", "\"outcome\":\"completed\"");
        sk_slice archive = one_call_value(&c, SK_ARCHIVE_CALL, 0);
        assert_true(archive.len < 1000u << 10);
        assert_true(sk_json_member_int(archive, "left_out", 1, INT64_MAX, &left_out));
        one_call_free(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_record_that_came_twice_gets_its_earlier_outcome),
                cmocka_unit_test(test_results_that_cannot_mean_what_they_say_are_refused),
                cmocka_unit_test(test_a_question_ends_with_its_task_and_the_clock_runs_again),
                cmocka_unit_test(test_a_question_that_the_customer_could_not_read_is_refused),
                cmocka_unit_test(test_a_call_that_is_full_refuses_notes_of_both_sides_and_still_ends),
                cmocka_unit_test(test_very_many_short_notes_still_fit_in_the_archive),
        };
        return cmocka_run_group_tests_name("step_work", tests, NULL, NULL);
}
