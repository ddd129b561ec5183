#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "usm/method.h"

#define ROOM 16

/** What must come out of the method's own table. */
static const struct golden {
        sk_call_type trigger;
        bool is_reactive;
        uint8_t down;
        sk_process path[SK_FRAMES_MAX];
} golden[] = {
        {SK_WISH, true, 3, {SK_AGREE, SK_CHANGE, SK_OPERATE}},
        {SK_REQUEST_FOR_CHANGE, true, 2, {SK_CHANGE, SK_OPERATE}},
        {SK_INCIDENT, true, 3, {SK_RECOVER, SK_CHANGE, SK_OPERATE}},
        {SK_INCIDENT, true, 2, {SK_RECOVER, SK_OPERATE}},
        {SK_SERVICE_REQUEST, true, 1, {SK_OPERATE}},
        {SK_RISK, false, 4, {SK_IMPROVE, SK_AGREE, SK_CHANGE, SK_OPERATE}},
        {SK_RISK, false, 3, {SK_IMPROVE, SK_CHANGE, SK_OPERATE}},
        {SK_RISK, false, 2, {SK_IMPROVE, SK_OPERATE}},
};

#define GOLDEN (sizeof(golden) / sizeof(golden[0]))

static bool is_golden(const sk_workflow *workflow, const struct golden *row) {
        if (workflow->trigger != row->trigger || workflow->is_reactive != row->is_reactive ||
            workflow->path_length != 2 * row->down - 1)
                return false;
        for (unsigned i = 0; i < row->down; i++) {
                if (workflow->path[i] != row->path[i] || workflow->path[workflow->path_length - 1 - i] != row->path[i])
                        return false;
        }
        return true;
}

static bool derives_golden(const sk_cut_table *table) {
        sk_workflow workflows[ROOM];
        if (sk_workflows_derive(table, workflows, ROOM) != GOLDEN)
                return false;
        for (unsigned i = 0; i < GOLDEN; i++) {
                if (workflows[i].number != i + 1 || !is_golden(&workflows[i], &golden[i]))
                        return false;
        }
        return true;
}

static void test_the_cuts_give_exactly_the_eight_workflows(void **state) {
        (void)state;
        sk_cut_table table = sk_cut_table_of_method();
        assert_true(derives_golden(&table));
}

static void test_taking_any_rule_out_gives_something_else(void **state) {
        (void)state;
        unsigned rules = 0;
        for (unsigned process = 0; process < SK_PROCESSES; process++) {
                for (unsigned target = 0; target < SK_PROCESSES; target++) {
                        sk_cut_table table = sk_cut_table_of_method();
                        unsigned bit = 1u << target;
                        if ((table.may_trigger[process] & bit) == 0)
                                continue;
                        table.may_trigger[process] = (uint8_t)(table.may_trigger[process] & ~bit);
                        assert_false(derives_golden(&table));
                        rules++;
                }
        }
        assert_int_equal(rules, 7);
}

static void test_putting_any_rule_in_gives_something_else(void **state) {
        (void)state;
        for (unsigned process = 0; process < SK_PROCESSES; process++) {
                for (unsigned target = 0; target < SK_PROCESSES; target++) {
                        sk_cut_table table = sk_cut_table_of_method();
                        unsigned bit = 1u << target;
                        if (table.may_trigger[process] & bit)
                                continue;
                        table.may_trigger[process] = (uint8_t)(table.may_trigger[process] | bit);
                        assert_false(derives_golden(&table));
                }
        }
}

static void test_a_cycle_has_no_workflows(void **state) {
        (void)state;
        sk_cut_table table = sk_cut_table_of_method();
        table.may_trigger[SK_OPERATE] = 1u << SK_CHANGE;
        assert_int_equal(sk_workflows_derive(&table, NULL, 0), 0);
        table = sk_cut_table_of_method();
        table.may_trigger[SK_OPERATE] = 1u << SK_OPERATE;
        assert_int_equal(sk_workflows_derive(&table, NULL, 0), 0);
}

static void test_a_path_with_more_frames_than_a_call_has_none(void **state) {
        (void)state;
        sk_cut_table table = {{1u << SK_CHANGE, 1u << SK_RECOVER, 1u << SK_OPERATE, 0, 1u << SK_AGREE}};
        assert_int_equal(sk_workflows_derive(&table, NULL, 0), 0);
}

static void test_what_finds_no_room_is_counted_and_not_written(void **state) {
        (void)state;
        sk_cut_table table = sk_cut_table_of_method();
        sk_workflow workflows[3] = {{0}, {0}, {.number = 99}};
        assert_int_equal(sk_workflows_derive(&table, workflows, 2), 8);
        assert_int_equal(workflows[1].number, 2);
        assert_int_equal(workflows[2].number, 99);
}

static void test_only_the_numbers_1_to_8_are_workflows(void **state) {
        (void)state;
        for (unsigned number = 1; number <= 8; number++)
                assert_true(is_golden(sk_workflow_get(number), &golden[number - 1]));
        assert_null(sk_workflow_get(0));
        assert_null(sk_workflow_get(9));
}

static void test_the_way_down_decides_which_workflows_are_possible(void **state) {
        (void)state;
        static const struct possible {
                unsigned length;
                sk_process path[SK_FRAMES_MAX + 1];
                uint16_t workflows;
        } rows[] = {
                {0, {SK_AGREE}, 0x1fe},
                {1, {SK_AGREE}, 1u << 1},
                {1, {SK_CHANGE}, 1u << 2},
                {1, {SK_RECOVER}, 1u << 3 | 1u << 4},
                {2, {SK_RECOVER, SK_CHANGE}, 1u << 3},
                {3, {SK_RECOVER, SK_CHANGE, SK_OPERATE}, 1u << 3},
                {2, {SK_RECOVER, SK_OPERATE}, 1u << 4},
                {1, {SK_OPERATE}, 1u << 5},
                {1, {SK_IMPROVE}, 1u << 6 | 1u << 7 | 1u << 8},
                {2, {SK_IMPROVE, SK_AGREE}, 1u << 6},
                {2, {SK_IMPROVE, SK_CHANGE}, 1u << 7},
                {2, {SK_IMPROVE, SK_OPERATE}, 1u << 8},
                {2, {SK_IMPROVE, SK_RECOVER}, 0},
                {2, {SK_OPERATE, SK_CHANGE}, 0},
                {3, {SK_CHANGE, SK_OPERATE, SK_CHANGE}, 0},
                {5, {SK_IMPROVE, SK_AGREE, SK_CHANGE, SK_OPERATE, SK_CHANGE}, 0},
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                assert_int_equal(sk_workflows_possible(rows[i].path, rows[i].length), rows[i].workflows);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_cuts_give_exactly_the_eight_workflows),
                cmocka_unit_test(test_taking_any_rule_out_gives_something_else),
                cmocka_unit_test(test_putting_any_rule_in_gives_something_else),
                cmocka_unit_test(test_a_cycle_has_no_workflows),
                cmocka_unit_test(test_a_path_with_more_frames_than_a_call_has_none),
                cmocka_unit_test(test_what_finds_no_room_is_counted_and_not_written),
                cmocka_unit_test(test_only_the_numbers_1_to_8_are_workflows),
                cmocka_unit_test(test_the_way_down_decides_which_workflows_are_possible),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
