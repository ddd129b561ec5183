/* The table of early endings, every activity by every outcome, written out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "usm/method.h"

#define NEXT SK_GO_ON
#define CLOSE SK_GO_TO_CLOSE
#define REVIEW SK_GO_TO_REVIEW
#define CUT SK_GO_TO_CUT
#define NO SK_NOT_ALLOWED

/** What follows none, completed, declined, withdrawn, failed, not confirmed. */
static const struct row {
        const char *activity;
        sk_ending endings[SK_OUTCOMES];
} rows[] = {
        {"agree.accept", {NO, NEXT, CLOSE, CLOSE, REVIEW, NO}},
        {"agree.classify", {NO, NEXT, CLOSE, CLOSE, REVIEW, NO}},
        {"agree.specify", {NO, NEXT, NO, CLOSE, REVIEW, NO}},
        {"agree.offer", {NO, NEXT, NO, CLOSE, REVIEW, NO}},
        {"agree.negotiate", {NO, NEXT, CLOSE, CLOSE, REVIEW, NO}},
        {"agree.review", {NO, NEXT, NO, NO, CLOSE, CUT}},
        {"agree.close", {NO, NEXT, NO, NO, NEXT, NO}},
        {"change.accept", {NO, NEXT, CLOSE, CLOSE, REVIEW, NO}},
        {"change.classify", {NO, NEXT, CLOSE, CLOSE, REVIEW, NO}},
        {"change.plan", {NO, NEXT, CLOSE, CLOSE, REVIEW, NO}},
        {"change.prepare", {NO, NEXT, NO, CLOSE, REVIEW, NO}},
        {"change.release", {NO, NEXT, CLOSE, CLOSE, REVIEW, NO}},
        {"change.review", {NO, NEXT, NO, NO, CLOSE, CUT}},
        {"change.register", {NO, NEXT, NO, NO, NEXT, NO}},
        {"change.close", {NO, NEXT, NO, NO, NEXT, NO}},
        {"recover.accept", {NO, NEXT, CLOSE, CLOSE, REVIEW, NO}},
        {"recover.classify", {NO, NEXT, CLOSE, CLOSE, REVIEW, NO}},
        {"recover.analyse", {NO, NEXT, NO, CLOSE, REVIEW, NO}},
        {"recover.prepare", {NO, NEXT, NO, CLOSE, REVIEW, NO}},
        {"recover.review", {NO, NEXT, NO, NO, CLOSE, CUT}},
        {"recover.close", {NO, NEXT, NO, NO, NEXT, NO}},
        {"operate.accept", {NO, NEXT, CLOSE, CLOSE, REVIEW, NO}},
        {"operate.classify", {NO, NEXT, CLOSE, CLOSE, REVIEW, NO}},
        {"operate.plan", {NO, NEXT, CLOSE, CLOSE, REVIEW, NO}},
        {"operate.perform", {NO, NEXT, NO, NO, REVIEW, NO}},
        {"operate.review", {NO, NEXT, NO, NO, CLOSE, CUT}},
        {"operate.close", {NO, NEXT, NO, NO, NEXT, NO}},
        {"improve.identify", {NO, NEXT, NO, CLOSE, REVIEW, NO}},
        {"improve.classify", {NO, NEXT, CLOSE, CLOSE, REVIEW, NO}},
        {"improve.analyse", {NO, NEXT, NO, CLOSE, REVIEW, NO}},
        {"improve.select", {NO, NEXT, NO, CLOSE, REVIEW, NO}},
        {"improve.review", {NO, NEXT, NO, NO, CLOSE, CUT}},
        {"improve.close", {NO, NEXT, NO, NO, NEXT, NO}},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void test_every_outcome_of_every_activity_ends_as_the_table_says(void **state) {
        (void)state;
        for (size_t i = 0; i < ROWS; i++) {
                const sk_activity *activity = sk_activity_find(sk_slice_of(rows[i].activity));
                assert_non_null(activity);
                for (unsigned outcome = 0; outcome < SK_OUTCOMES; outcome++) {
                        if (sk_ending_of(activity, (sk_outcome)outcome) != rows[i].endings[outcome])
                                fail_msg("%s, %s", activity->id, sk_outcome_id((sk_outcome)outcome));
                }
        }
}

static void test_the_table_has_every_activity(void **state) {
        (void)state;
        size_t count = 0;
        for (unsigned process = 0; process < SK_PROCESSES; process++)
                count += sk_process_get((sk_process)process)->count;
        assert_int_equal(count, ROWS);
}

static void test_an_activity_can_always_be_completed_or_given_up(void **state) {
        (void)state;
        for (size_t i = 0; i < ROWS; i++) {
                const sk_activity *activity = sk_activity_find(sk_slice_of(rows[i].activity));
                assert_int_equal(sk_ending_of(activity, SK_COMPLETED), SK_GO_ON);
                assert_int_not_equal(sk_ending_of(activity, SK_FAILED), SK_NOT_ALLOWED);
        }
}

static void test_nothing_can_be_withdrawn_from_operate_perform_on(void **state) {
        (void)state;
        static const struct point {
                const char *activity;
                bool is_too_late;
        } points[] = {
                {"operate.accept", false}, {"operate.plan", false}, {"operate.perform", true},
                {"operate.review", true},  {"operate.close", true}, {"agree.accept", false},
                {"change.release", false}, {"change.review", true}, {"recover.review", true},
                {"improve.select", false},
        };
        for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
                assert_int_equal(sk_is_point_of_no_return(sk_activity_find(sk_slice_of(points[i].activity))),
                                 points[i].is_too_late);
}

static void test_an_outcome_is_found_by_its_id(void **state) {
        (void)state;
        for (unsigned outcome = 0; outcome < SK_OUTCOMES; outcome++)
                assert_int_equal(sk_outcome_find(sk_slice_of(sk_outcome_id((sk_outcome)outcome))), outcome);
        assert_int_equal(sk_outcome_find(SK_SLICE("Completed")), SK_OUTCOMES);
        assert_int_equal(sk_outcome_find(SK_NONE), SK_OUTCOMES);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_outcome_of_every_activity_ends_as_the_table_says),
                cmocka_unit_test(test_the_table_has_every_activity),
                cmocka_unit_test(test_an_activity_can_always_be_completed_or_given_up),
                cmocka_unit_test(test_nothing_can_be_withdrawn_from_operate_perform_on),
                cmocka_unit_test(test_an_outcome_is_found_by_its_id),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
