#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "cli/report/maturity.h"
#include "kit/json_scan.h"
#include "kit/when.h"

/** An event of call `id`, `at` seconds after the start. */
typedef struct said {
        int id;
        int at;
        sk_message type;
        const char *members;
} said;

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define INCIDENT ",\"type\":\"incident\""
#define RISK ",\"type\":\"risk\""
#define DONE ",\"outcome\":\"completed\""

static sk_maturity_facts facts_of(const said *events, size_t count, int from) {
        sk_maturity *maturity = sk_maturity_new(from * SK_SECOND_US);
        sk_maturity_facts facts = {0};
        assert_non_null(maturity);
        for (size_t i = 0; i < count; i++) {
                char data[512];
                char now[SK_WHEN_TEXT];
                sk_id id = {{0}};
                id.bytes[15] = (uint8_t)events[i].id;
                sk_when_format(events[i].at * SK_SECOND_US, now);
                int len = snprintf(data, sizeof(data), "{\"now\":\"%.*s\"%s}", SK_WHEN_TEXT, now, events[i].members);
                sk_event_seen seen = {.type = events[i].type, .id = id, .data = {data, (size_t)len}};
                assert_int_equal(sk_json_check(seen.data, 32, NULL), SK_OK);
                assert_int_equal(sk_maturity_add(maturity, &seen), SK_OK);
        }
        sk_maturity_take(maturity, &facts);
        sk_maturity_free(maturity);
        return facts;
}

static void test_a_clean_call_is_one_with_nothing_skipped_late_or_returned(void **state) {
        static const said events[] = {
                {1, 0, SK_EVENT_OPENED, INCIDENT},
                {1, 1, SK_EVENT_ENTERED, ",\"try\":1"},
                {1, 2, SK_EVENT_NOT_APPLICABLE, ",\"rule\":\"no-component\""}, /* the method's own rule */
                {1, 3, SK_EVENT_CLOSED, DONE ",\"kept\":true"},
                {2, 0, SK_EVENT_OPENED, INCIDENT},
                {2, 1, SK_EVENT_NOT_APPLICABLE, ",\"rule\":\"declined\""},
                {2, 2, SK_EVENT_CLOSED, DONE},
                {3, 0, SK_EVENT_OPENED, INCIDENT},
                {3, 1, SK_EVENT_CLOSED, DONE ",\"kept\":false"},
                {4, 0, SK_EVENT_OPENED, INCIDENT},
                {4, 1, SK_EVENT_CLOSED, DONE ",\"kept\":true,\"response_kept\":false"},
                {5, 0, SK_EVENT_OPENED, INCIDENT},
                {5, 1, SK_EVENT_ENTERED, ",\"try\":2"},
                {5, 2, SK_EVENT_NOT_APPLICABLE, ",\"rule\":\"failed\""},
                {5, 3, SK_EVENT_CLOSED, DONE},
                {6, 0, SK_EVENT_OPENED, INCIDENT},
                {6, 1, SK_EVENT_ENDED, ",\"outcome\":\"not-confirmed\""},
                {6, 2, SK_EVENT_CLOSED, DONE},
                {7, 0, SK_EVENT_OPENED, INCIDENT}, /* still open */
                {8, 1, SK_EVENT_CLOSED, DONE},     /* its beginning is gone */
        };
        (void)state;
        sk_maturity_facts facts = facts_of(events, COUNT(events), 0);
        assert_int_equal(facts.closed, 6);
        assert_int_equal(facts.clean, 1);
        assert_int_equal(facts.skipped, 2);
        assert_int_equal(facts.late, 2);
        assert_int_equal(facts.returned, 2);
}

static void test_what_closed_before_does_not_count(void **state) {
        static const said events[] = {
                {1, 0, SK_EVENT_OPENED, INCIDENT},
                {1, 9, SK_EVENT_CLOSED, DONE},
                {2, 5, SK_EVENT_OPENED, INCIDENT},
                {2, 11, SK_EVENT_CLOSED, DONE},
        };
        (void)state;
        assert_int_equal(facts_of(events, COUNT(events), 10).closed, 1);
}

static void test_improvements_show_that_reports_are_used(void **state) {
        static const said events[] = {
                {1, 0, SK_EVENT_OPENED, RISK},
                {1, 9, SK_EVENT_CLOSED, DONE},
                {2, 5, SK_EVENT_OPENED, RISK},
                {2, 11, SK_EVENT_CLOSED, ",\"outcome\":\"failed\""},
        };
        (void)state;
        sk_maturity_facts facts = facts_of(events, COUNT(events), 0);
        assert_int_equal(facts.raised, 2);
        assert_int_equal(facts.improved, 1);
}

static void test_warnings_are_facts(void **state) {
        static const struct {
                sk_maturity_facts facts;
                unsigned count;
        } cases[] = {
                {{.workflows = 8, .complete = 8, .closed = 100, .clean = 90, .raised = 1}, 0},
                {{.workflows = 8, .complete = 7, .closed = 100, .clean = 90, .raised = 1}, 1},
                {{.workflows = 8, .complete = 8, .closed = 100, .clean = 79, .raised = 1}, 1},
                {{.workflows = 8, .complete = 8, .closed = 19, .clean = 19, .raised = 1}, 1},
                {{.workflows = 8, .complete = 8, .closed = 100, .clean = 90}, 1},
                {{.workflows = 8}, 3},
        };
        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                sk_buf out[SK_MATURITY_WARNINGS];
                for (size_t n = 0; n < SK_MATURITY_WARNINGS; n++)
                        out[n] = sk_buf_make(1000);
                unsigned count = sk_maturity_warnings(&cases[i].facts, out);
                assert_int_equal(count, cases[i].count);
                for (unsigned n = 0; n < SK_MATURITY_WARNINGS; n++) {
                        assert_int_equal(out[n].len > 0, n < count);
                        sk_buf_free(&out[n]);
                }
        }
}

static void test_only_steering_by_workflows_is_warned_of(void **state) {
        (void)state;
        assert_false(sk_maturity_matters(SK_SLICE("process"), SK_SLICE("line")));
        assert_false(sk_maturity_matters(SK_SLICE("process"), SK_SLICE("process")));
        assert_true(sk_maturity_matters(SK_SLICE("workflow"), SK_SLICE("line")));
        assert_true(sk_maturity_matters(SK_SLICE("process"), SK_SLICE("workflow")));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_clean_call_is_one_with_nothing_skipped_late_or_returned),
                cmocka_unit_test(test_what_closed_before_does_not_count),
                cmocka_unit_test(test_improvements_show_that_reports_are_used),
                cmocka_unit_test(test_warnings_are_facts),
                cmocka_unit_test(test_only_steering_by_workflows_is_warned_of),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
