#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/map.h"

#include <stdio.h>

#include "kit/random.h"
#include "support/failing_alloc.h"

#define KEYS 500

typedef struct key {
        char text[16];
        size_t len;
} key;

static key key_of(size_t number) {
        key k;

        k.len = (size_t)snprintf(k.text, sizeof(k.text), "key-%zu", number);
        return k;
}

static sk_slice slice_of(const key *k) {
        return (sk_slice){k->text, k->len};
}

static void test_an_empty_map_finds_nothing(void **state) {
        sk_map *map = sk_map_new();
        size_t position = 0;
        sk_slice name;
        void *value;

        (void)state;
        assert_null(sk_map_get(map, SK_SLICE("a")));
        assert_null(sk_map_take(map, SK_SLICE("a")));
        assert_false(sk_map_next(map, &position, &name, &value));
        sk_map_free(map);
        sk_map_free(NULL);
}

static void test_a_value_replaces_the_earlier_one_and_hands_it_back(void **state) {
        sk_map *map = sk_map_new();
        int first, second;
        void *old = &second;

        (void)state;
        assert_int_equal(sk_map_put(map, SK_SLICE("a"), &first, &old), SK_OK);
        assert_null(old);
        assert_int_equal(sk_map_put(map, SK_SLICE("a"), &second, &old), SK_OK);
        assert_ptr_equal(old, &first);
        assert_int_equal(sk_map_count(map), 1);
        assert_ptr_equal(sk_map_take(map, SK_SLICE("a")), &second);
        assert_int_equal(sk_map_count(map), 0);
        sk_map_free(map);
}

static void test_keys_are_copied_and_may_be_empty_or_hold_zero_bytes(void **state) {
        sk_map *map = sk_map_new();
        char name[] = "name";
        int values[4];

        (void)state;
        assert_int_equal(sk_map_put(map, sk_slice_of(name), &values[0], NULL), SK_OK);
        memset(name, 'x', 4);
        assert_int_equal(sk_map_put(map, SK_SLICE(""), &values[1], NULL), SK_OK);
        assert_int_equal(sk_map_put(map, SK_SLICE("a\0b"), &values[2], NULL), SK_OK);
        assert_int_equal(sk_map_put(map, SK_SLICE("a\0c"), &values[3], NULL), SK_OK);
        assert_ptr_equal(sk_map_get(map, SK_SLICE("name")), &values[0]);
        assert_ptr_equal(sk_map_get(map, SK_NONE), &values[1]);
        assert_ptr_equal(sk_map_get(map, SK_SLICE("a\0b")), &values[2]);
        assert_ptr_equal(sk_map_get(map, SK_SLICE("a\0c")), &values[3]);
        sk_map_free(map);
}

/* A table that says for each number whether it is in the map is the model. */
static void test_it_agrees_with_a_simple_model_over_random_operations(void **state) {
        static int values[KEYS];
        bool is_in[KEYS] = {false};
        sk_random random = sk_random_make(1);
        sk_map *map = sk_map_new();
        size_t count = 0;

        (void)state;
        for (int i = 0; i < 20000; i++) {
                size_t number = (size_t)sk_random_below(&random, KEYS);
                key k = key_of(number);

                assert_ptr_equal(sk_map_get(map, slice_of(&k)), is_in[number] ? &values[number] : NULL);
                if (sk_random_below(&random, 2) == 0) {
                        assert_int_equal(sk_map_put(map, slice_of(&k), &values[number], NULL), SK_OK);
                        count += !is_in[number];
                        is_in[number] = true;
                } else {
                        assert_ptr_equal(sk_map_take(map, slice_of(&k)), is_in[number] ? &values[number] : NULL);
                        count -= is_in[number];
                        is_in[number] = false;
                }
                assert_int_equal(sk_map_count(map), count);
        }
        sk_map_free(map);
}

static void test_a_walk_gives_every_key_once(void **state) {
        static int values[KEYS];
        int seen[KEYS] = {0};
        sk_map *map = sk_map_new();
        size_t position = 0;
        sk_slice name;
        void *value;

        (void)state;
        for (size_t i = 0; i < KEYS; i++) {
                key k = key_of(i);

                assert_int_equal(sk_map_put(map, slice_of(&k), &values[i], NULL), SK_OK);
        }
        while (sk_map_next(map, &position, &name, &value)) {
                size_t number = (size_t)((int *)value - values);
                key k = key_of(number);

                assert_true(sk_slice_equal(name, slice_of(&k)));
                seen[number]++;
        }
        for (size_t i = 0; i < KEYS; i++)
                assert_int_equal(seen[i], 1);
        sk_map_free(map);
}

static bool fill_a_map(void *context) {
        sk_map *map = sk_map_new();
        bool succeeded = map != NULL;
        size_t count = 0;

        for (; succeeded && count < 50; count += succeeded) {
                key k = key_of(count);

                succeeded = sk_map_put(map, slice_of(&k), context, NULL) == SK_OK;
                assert_ptr_equal(sk_map_get(map, slice_of(&k)), succeeded ? context : NULL);
        }
        assert_true(map == NULL || sk_map_count(map) == count);
        sk_map_free(map);
        return succeeded;
}

static void test_every_allocation_may_fail(void **state) {
        int value;

        (void)state;
        failing_alloc_each(fill_a_map, &value);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_an_empty_map_finds_nothing),
                cmocka_unit_test(test_a_value_replaces_the_earlier_one_and_hands_it_back),
                cmocka_unit_test(test_keys_are_copied_and_may_be_empty_or_hold_zero_bytes),
                cmocka_unit_test(test_it_agrees_with_a_simple_model_over_random_operations),
                cmocka_unit_test(test_a_walk_gives_every_key_once),
                cmocka_unit_test(test_every_allocation_may_fail),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
