/* Which effects may begin, and in which turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "link/effects.h"

static sk_effect_place place(unsigned call, uint32_t visit, uint8_t try_number, sk_how how) {
        sk_effect_place at = {.visit = visit, .try_number = try_number, .how = how, .partition = (int32_t)(call % 2)};

        at.callid.bytes[0] = (uint8_t)call;
        at.callid.bytes[1] = (uint8_t)(call >> 8);
        return at;
}

static const sk_effect_limits wide = {
        .most = 100, .per_how = {[SK_HOW_EXEC] = 50, [SK_HOW_HTTP] = 50, [SK_HOW_PLUGIN] = 50}, .per_target = 50};

static void put(sk_effects *effects, unsigned call, sk_how how, const char *target) {
        sk_effect_place at = place(call, 1, 1, how);

        assert_int_equal(sk_effects_put(effects, &at, sk_slice_of(target)), SK_OK);
}

static unsigned take_all(sk_effects *effects, const sk_effect_limits *limits) {
        sk_effect_place out;
        unsigned count = 0;

        while (sk_effects_take(effects, limits, false, &out))
                count++;
        return count;
}

static void test_what_waits_for_a_slow_target_keeps_no_other_waiting(void **state) {
        sk_effects *effects = sk_effects_new();
        sk_effect_limits limits = wide;
        sk_effect_place out;
        (void)state;

        limits.per_target = 2;
        for (unsigned i = 0; i < 1000; i++)
                put(effects, i, SK_HOW_HTTP, "slow.example");
        assert_int_equal(take_all(effects, &limits), 2);
        put(effects, 2000, SK_HOW_HTTP, "quick.example");
        assert_true(sk_effects_take(effects, &limits, false, &out));
        assert_int_equal(out.callid.bytes[1], 2000 >> 8);
        assert_int_equal(sk_effects_waiting(effects), 998);
        sk_effects_free(effects);
}

static void test_the_bounds_of_the_link_and_of_each_how_hold(void **state) {
        sk_effects *effects = sk_effects_new();
        sk_effect_limits limits = wide;
        char target[8] = "a";
        (void)state;

        limits.most = 7;
        limits.per_how[SK_HOW_EXEC] = 4;
        for (unsigned i = 0; i < 40; i++) {
                target[0] = (char)('a' + i % 20);
                put(effects, i, i % 2 == 0 ? SK_HOW_EXEC : SK_HOW_PLUGIN, target);
        }
        assert_int_equal(take_all(effects, &limits), 7);
        assert_int_equal(sk_effects_running(effects), 7);
        sk_effects_free(effects);
}

static void test_an_end_makes_room_for_the_next_and_is_taken_once(void **state) {
        sk_effects *effects = sk_effects_new();
        sk_effect_limits limits = wide;
        sk_effect_place out;
        (void)state;

        limits.most = 1;
        put(effects, 1, SK_HOW_EXEC, "p");
        put(effects, 2, SK_HOW_EXEC, "p");
        assert_true(sk_effects_take(effects, &limits, false, &out));
        assert_int_equal(out.callid.bytes[0], 1);
        assert_false(sk_effects_ended(effects, &out.callid, 1, 2));
        assert_true(sk_effects_ended(effects, &out.callid, 1, 1));
        assert_false(sk_effects_ended(effects, &out.callid, 1, 1));
        assert_true(sk_effects_take(effects, &limits, false, &out));
        assert_int_equal(out.callid.bytes[0], 2);
        sk_effects_free(effects);
}

static void test_another_try_takes_the_place_of_what_ran_which_is_stopped(void **state) {
        sk_effects *effects = sk_effects_new();
        sk_effect_place out;
        sk_effect_place next = place(1, 1, 2, SK_HOW_EXEC);
        (void)state;

        put(effects, 1, SK_HOW_EXEC, "p");
        put(effects, 1, SK_HOW_EXEC, "p"); /* known already: nothing changes */
        assert_int_equal(take_all(effects, &wide), 1);
        assert_int_equal(sk_effects_put(effects, &next, SK_SLICE("p")), SK_OK);
        assert_true(sk_effects_take_stop(effects, &out));
        assert_int_equal(out.try_number, 1);
        assert_false(sk_effects_has_stops(effects));
        assert_true(sk_effects_take(effects, &wide, false, &out));
        assert_int_equal(out.try_number, 2);
        sk_effects_free(effects);
}

static void test_what_may_happen_once_is_asked_for_before_it_begins(void **state) {
        sk_effects *effects = sk_effects_new();
        sk_effect_place once = place(1, 1, 1, SK_HOW_EXEC);
        sk_effect_place out;
        (void)state;

        once.is_once = true;
        assert_int_equal(sk_effects_put(effects, &once, SK_SLICE("p")), SK_OK);
        assert_false(sk_effects_take(effects, &wide, false, &out));
        assert_true(sk_effects_take(effects, &wide, true, &out));
        assert_false(sk_effects_take(effects, &wide, true, &out));
        assert_int_equal(sk_effects_running(effects), 1); /* its room is kept */
        assert_false(sk_effects_take(effects, &wide, false, &out));
        once.is_begun = true;
        assert_int_equal(sk_effects_put(effects, &once, SK_SLICE("p")), SK_OK);
        assert_true(sk_effects_take(effects, &wide, false, &out));
        assert_true(out.is_begun);
        sk_effects_free(effects);
}

static void test_a_partition_goes_with_all_its_effects(void **state) {
        sk_effects *effects = sk_effects_new();
        sk_effect_limits limits = wide;
        sk_effect_place out;
        unsigned stops = 0;
        (void)state;

        limits.most = 10;
        for (unsigned i = 0; i < 3000; i++)
                put(effects, i, SK_HOW_EXEC, i % 3 == 0 ? "p" : "q");
        assert_int_equal(take_all(effects, &limits), 10);
        sk_effects_drop_partition(effects, 0);
        while (sk_effects_take_stop(effects, &out)) {
                assert_int_equal(out.partition, 0);
                stops++;
        }
        assert_int_equal(sk_effects_waiting(effects) + sk_effects_running(effects), 1500);
        assert_int_equal(sk_effects_running(effects), 10 - stops);
        sk_effects_drop_partition(effects, 1);
        while (sk_effects_take_stop(effects, &out))
                continue;
        assert_true(sk_effects_is_empty(effects));
        sk_effects_free(effects);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_waits_for_a_slow_target_keeps_no_other_waiting),
                cmocka_unit_test(test_the_bounds_of_the_link_and_of_each_how_hold),
                cmocka_unit_test(test_an_end_makes_room_for_the_next_and_is_taken_once),
                cmocka_unit_test(test_another_try_takes_the_place_of_what_ran_which_is_stopped),
                cmocka_unit_test(test_what_may_happen_once_is_asked_for_before_it_begins),
                cmocka_unit_test(test_a_partition_goes_with_all_its_effects),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
