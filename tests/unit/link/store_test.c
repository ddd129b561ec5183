#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/random.h"
#include "link/customers.h"
#include "link/store.h"
#include "support/failing_alloc.h"

static const sk_opening none;

static sk_id id_of(unsigned number) {
        sk_id id = {{0}};

        memcpy(id.bytes, &number, sizeof(number));
        return id;
}

static void test_a_head_put_is_got_and_a_new_one_takes_its_place(void **state) {
        (void)state;
        sk_store *store = sk_store_new();
        sk_id id = id_of(1);
        sk_stored got;
        char large[1000];

        memset(large, 'x', sizeof(large));
        assert_false(sk_store_get(store, &id, &got));
        assert_int_equal(sk_store_put_head(store, &id, 3, SK_SLICE("one"), &none), SK_OK);
        assert_int_equal(sk_store_put_head(store, &id, 3, SK_SLICE("two!"), &none), SK_OK);
        assert_true(sk_store_get(store, &id, &got));
        assert_true(sk_slice_is(got.head, "two!") && got.customer == 3 && !got.has_data);
        assert_int_equal(sk_store_put_head(store, &id, 3, (sk_slice){large, sizeof(large)}, &none), SK_OK);
        assert_true(sk_store_get(store, &id, &got) && got.head.len == sizeof(large));
        assert_int_equal(sk_store_bytes(store), sizeof(large));
        assert_int_equal(sk_store_count(store), 1);
        sk_store_free(store);
}

static void test_data_stays_when_its_head_outgrows_its_place(void **state) {
        (void)state;
        sk_store *store = sk_store_new();
        sk_id id = id_of(1);
        sk_stored got;
        char large[1000];

        memset(large, 'x', sizeof(large));
        (void)sk_store_put_head(store, &id, 3, SK_SLICE("h"), &none);
        (void)sk_store_put_data(store, &id, 3, SK_SLICE("the data"));
        (void)sk_store_put_head(store, &id, 3, (sk_slice){large, sizeof(large)}, &none);
        assert_true(sk_store_get(store, &id, &got) && got.has_data && sk_slice_is(got.data, "the data"));
        sk_store_drop_data(store, &id);
        assert_true(sk_store_get(store, &id, &got) && !got.has_data && got.data.len == 0);
        assert_int_equal(sk_store_bytes(store), sizeof(large));
        sk_store_drop(store, &id);
        assert_int_equal(sk_store_bytes(store), 0);
        sk_store_free(store);
}

static void test_data_may_come_before_its_head_and_is_counted_until_then(void **state) {
        (void)state;
        sk_store *store = sk_store_new();
        sk_id id = id_of(1);
        sk_stored got;

        assert_int_equal(sk_store_put_data(store, &id, 1, SK_SLICE("d")), SK_OK);
        assert_int_equal(sk_store_count_headless(store), 1);
        assert_int_equal(sk_store_count(store), 0);
        assert_true(sk_store_get(store, &id, &got) && !sk_slice_there(got.head));
        assert_int_equal(sk_store_put_head(store, &id, 1, SK_SLICE("h"), &none), SK_OK);
        assert_int_equal(sk_store_count_headless(store), 0);
        assert_int_equal(sk_store_count_calls(store), 1);
        assert_true(sk_store_get(store, &id, &got) && sk_slice_is(got.data, "d"));
        sk_store_free(store);
}

static void test_dropping_the_data_of_an_entry_without_head_drops_it(void **state) {
        (void)state;
        sk_store *store = sk_store_new();
        sk_id id = id_of(1);
        sk_stored got;

        (void)sk_store_put_data(store, &id, 1, SK_SLICE("d"));
        sk_store_drop_data(store, &id);
        assert_false(sk_store_get(store, &id, &got));
        assert_int_equal(sk_store_count_headless(store), 0);
        sk_store_drop_data(store, &id);
        sk_store_drop(store, &id);
        sk_store_free(store);
}

static void test_asks_are_no_calls(void **state) {
        (void)state;
        sk_store *store = sk_store_new();
        sk_id call = id_of(1);
        sk_id ask = id_of(2);

        (void)sk_store_put_head(store, &call, 1, SK_SLICE("c"), &none);
        (void)sk_store_put_head(store, &ask, SK_CUSTOMER_ASK, SK_SLICE("a"), &none);
        assert_int_equal(sk_store_count(store), 2);
        assert_int_equal(sk_store_count_calls(store), 1);
        sk_store_free(store);
}

#define CALLS 2000

/* Against an array of what should be there. */
static void test_many_random_changes_agree_with_a_plain_model(void **state) {
        (void)state;
        static unsigned model[CALLS]; /* 0: none; else the length of its head */
        sk_store *store = sk_store_new();
        sk_random random = sk_random_make(7);
        char head[256];
        size_t count = 0;

        memset(model, 0, sizeof(model));
        for (unsigned i = 0; i < 50000; i++) {
                unsigned at = (unsigned)sk_random_below(&random, CALLS);
                unsigned len = 1 + (unsigned)sk_random_below(&random, sizeof(head) - 1);
                sk_id id = id_of(at);
                sk_stored got;

                memset(head, (int)len, sizeof(head));
                assert_int_equal(sk_store_get(store, &id, &got), model[at] != 0);
                if (model[at] != 0)
                        assert_true(got.head.len == model[at] && (uint8_t)got.head.at[0] == (uint8_t)model[at]);
                if (sk_random_below(&random, 3) == 0) {
                        sk_store_drop(store, &id);
                        model[at] = 0;
                } else {
                        assert_int_equal(sk_store_put_head(store, &id, 1, (sk_slice){head, len}, &none), SK_OK);
                        model[at] = len;
                }
        }
        for (size_t i = 0; i < CALLS; i++)
                count += model[i] != 0;
        assert_int_equal(sk_store_count(store), count);
        sk_store_free(store);
}

static void put_armed(sk_store *store, unsigned number, int64_t at_us) {
        sk_id id = id_of(number);

        assert_int_equal(sk_store_put_head(store, &id, 3, SK_SLICE("h"), &none), SK_OK);
        assert_int_equal(sk_store_arm(store, &id, at_us), SK_OK);
}

static unsigned taken_by(sk_store *store, int64_t now_us) {
        unsigned number = 0;
        int64_t at_us;
        sk_id id;

        if (!sk_store_take_due(store, now_us, &id, &at_us))
                return 0;
        assert_true(at_us <= now_us);
        memcpy(&number, id.bytes, sizeof(number));
        return number;
}

static void test_calls_are_given_out_at_their_time_and_once(void **state) {
        (void)state;
        sk_store *store = sk_store_new();

        assert_int_equal(sk_store_due_us(store), INT64_MAX);
        put_armed(store, 1, 30);
        put_armed(store, 2, 10);
        put_armed(store, 3, 20);
        put_armed(store, 4, 0);
        assert_int_equal(sk_store_due_us(store), 10);
        assert_int_equal(taken_by(store, 9), 0);
        assert_int_equal(taken_by(store, 20), 2);
        assert_int_equal(taken_by(store, 20), 3);
        assert_int_equal(taken_by(store, 20), 0);
        assert_int_equal(sk_store_due_us(store), 30);
        assert_int_equal(sk_store_count_armed(store), 3);
        sk_store_free(store);
}

static void test_a_new_time_takes_the_place_of_the_old(void **state) {
        (void)state;
        sk_store *store = sk_store_new();
        sk_id id = id_of(1);

        put_armed(store, 1, 10);
        put_armed(store, 1, 50);
        assert_int_equal(sk_store_due_us(store), 50);
        assert_int_equal(sk_store_arm(store, &id, 0), SK_OK);
        assert_int_equal(sk_store_due_us(store), INT64_MAX);
        assert_int_equal(sk_store_count_armed(store), 0);
        sk_store_free(store);
}

static void test_what_was_given_out_in_vain_comes_again(void **state) {
        (void)state;
        sk_store *store = sk_store_new();
        sk_id first = id_of(1);
        sk_id second = id_of(2);

        put_armed(store, 1, 10);
        put_armed(store, 2, 10);
        assert_int_equal(taken_by(store, 10), 1);
        assert_int_equal(taken_by(store, 10), 2);
        sk_store_drop(store, &second);
        sk_store_arm_again(store, &first);
        sk_store_arm_again(store, &first);
        sk_store_arm_again(store, &second);
        assert_int_equal(taken_by(store, 10), 1);
        assert_int_equal(taken_by(store, 10), 0);
        assert_int_equal(sk_store_arm(store, &first, 10), SK_OK);
        assert_int_equal(taken_by(store, 10), 1);
        sk_store_free(store);
}

static void test_a_deadline_follows_the_head_that_outgrows_its_place(void **state) {
        (void)state;
        sk_store *store = sk_store_new();
        sk_id id = id_of(1);
        char large[1000];

        memset(large, 'x', sizeof(large));
        put_armed(store, 1, 10);
        put_armed(store, 2, 20);
        assert_int_equal(sk_store_put_head(store, &id, 3, (sk_slice){large, sizeof(large)}, &none), SK_OK);
        assert_int_equal(taken_by(store, 20), 1);
        sk_store_drop(store, &id);
        assert_int_equal(taken_by(store, 20), 2);
        sk_store_free(store);
}

static void test_a_walk_gives_each_entry_once(void **state) {
        (void)state;
        sk_store *store = sk_store_new();
        static bool seen[CALLS];
        size_t position = 0;
        sk_stored got;
        sk_id id;

        memset(seen, 0, sizeof(seen));
        for (unsigned i = 0; i < CALLS; i++) {
                id = id_of(i);
                (void)sk_store_put_head(store, &id, 1, SK_SLICE("h"), &none);
        }
        for (unsigned n = 0; n < CALLS; n++) {
                unsigned number;

                assert_true(sk_store_next(store, &position, &id, &got));
                memcpy(&number, id.bytes, sizeof(number));
                assert_false(seen[number]);
                seen[number] = true;
        }
        assert_false(sk_store_next(store, &position, &id, &got));
        sk_store_free(store);
}

static bool put_once(void *context) {
        sk_store *store = sk_store_new();
        sk_id id = id_of(1);
        sk_stored got;
        bool is_done;
        (void)context;

        if (store == NULL)
                return false;
        is_done = sk_store_put_head(store, &id, 1, SK_SLICE("h"), &none) == SK_OK;
        if (!is_done)
                assert_false(sk_store_get(store, &id, &got));
        is_done = is_done && sk_store_put_data(store, &id, 1, SK_SLICE("data")) == SK_OK;
        if (is_done) {
                char large[200];

                memset(large, 'l', sizeof(large));
                is_done = sk_store_put_head(store, &id, 1, (sk_slice){large, sizeof(large)}, &none) == SK_OK;
                assert_true(sk_store_get(store, &id, &got) && sk_slice_is(got.data, "data"));
                assert_int_equal(got.head.len, is_done ? sizeof(large) : 1);
        }
        sk_store_free(store);
        return is_done;
}

static void test_without_memory_nothing_changes(void **state) {
        (void)state;
        failing_alloc_each(put_once, NULL);
}

static bool put_data_first(void *context) {
        sk_store *store = sk_store_new();
        sk_id id = id_of(1);
        sk_stored got;
        bool is_done;
        (void)context;

        if (store == NULL)
                return false;
        is_done = sk_store_put_data(store, &id, 1, SK_SLICE("data")) == SK_OK;
        assert_int_equal(sk_store_get(store, &id, &got), is_done);
        sk_store_free(store);
        return is_done;
}

static void test_without_memory_data_without_head_leaves_nothing(void **state) {
        (void)state;
        failing_alloc_each(put_data_first, NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_head_put_is_got_and_a_new_one_takes_its_place),
                cmocka_unit_test(test_data_stays_when_its_head_outgrows_its_place),
                cmocka_unit_test(test_data_may_come_before_its_head_and_is_counted_until_then),
                cmocka_unit_test(test_dropping_the_data_of_an_entry_without_head_drops_it),
                cmocka_unit_test(test_asks_are_no_calls),
                cmocka_unit_test(test_many_random_changes_agree_with_a_plain_model),
                cmocka_unit_test(test_calls_are_given_out_at_their_time_and_once),
                cmocka_unit_test(test_a_new_time_takes_the_place_of_the_old),
                cmocka_unit_test(test_what_was_given_out_in_vain_comes_again),
                cmocka_unit_test(test_a_deadline_follows_the_head_that_outgrows_its_place),
                cmocka_unit_test(test_a_walk_gives_each_entry_once),
                cmocka_unit_test(test_without_memory_nothing_changes),
                cmocka_unit_test(test_without_memory_data_without_head_leaves_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
