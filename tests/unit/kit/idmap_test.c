#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/idmap.h"

#include <string.h>

#include "kit/random.h"
#include "support/failing_alloc.h"

#define IDS 5000
#define MANY 200000

/* An id that looks like those of the program: time first, then noise. */
static sk_id id_of(uint64_t number) {
        sk_random random = sk_random_make(number);
        uint64_t noise[2] = {sk_random_next(&random), sk_random_next(&random)};
        uint8_t bytes[10];

        memcpy(bytes, noise, sizeof(bytes));
        return sk_id_of_time((int64_t)number, bytes);
}

/* A different pointer for each number, never NULL and never followed. */
static void *value_of(uint64_t number) {
        return (void *)(uintptr_t)(number + 1);
}

static void test_an_empty_map_finds_nothing(void **state) {
        sk_idmap *map = sk_idmap_new();
        sk_id id = id_of(1);
        size_t position = 0;
        void *value;

        (void)state;
        assert_null(sk_idmap_get(map, &id));
        assert_null(sk_idmap_take(map, &id));
        assert_false(sk_idmap_next(map, &position, &id, &value));
        assert_int_equal(sk_idmap_count(map), 0);
        sk_idmap_free(map);
        sk_idmap_free(NULL);
}

static void test_a_value_replaces_the_earlier_one_and_hands_it_back(void **state) {
        sk_idmap *map = sk_idmap_new();
        sk_id zero = {{0}};
        void *old = value_of(9);

        (void)state;
        assert_int_equal(sk_idmap_put(map, &zero, value_of(1), &old), SK_OK);
        assert_null(old);
        assert_int_equal(sk_idmap_put(map, &zero, value_of(2), &old), SK_OK);
        assert_ptr_equal(old, value_of(1));
        assert_int_equal(sk_idmap_count(map), 1);
        assert_ptr_equal(sk_idmap_take(map, &zero), value_of(2));
        assert_null(sk_idmap_get(map, &zero));
        sk_idmap_free(map);
}

static void test_it_agrees_with_a_simple_model_over_random_operations(void **state) {
        static bool is_in[IDS];
        sk_random random = sk_random_make(1);
        sk_idmap *map = sk_idmap_new();
        size_t count = 0;

        (void)state;
        for (int i = 0; i < 60000; i++) {
                size_t number = (size_t)sk_random_below(&random, IDS);
                sk_id id = id_of(number);
                void *expected = is_in[number] ? value_of(number) : NULL;
                void *old;

                assert_ptr_equal(sk_idmap_get(map, &id), expected);
                if (sk_random_below(&random, 3) > 0) {
                        assert_int_equal(sk_idmap_put(map, &id, value_of(number), &old), SK_OK);
                        assert_ptr_equal(old, expected);
                        count += !is_in[number];
                        is_in[number] = true;
                } else {
                        assert_ptr_equal(sk_idmap_take(map, &id), expected);
                        count -= is_in[number];
                        is_in[number] = false;
                }
                assert_int_equal(sk_idmap_count(map), count);
        }
        sk_idmap_free(map);
}

static void test_many_ids_are_all_found_and_take_little_memory(void **state) {
        sk_idmap *map = sk_idmap_new();

        (void)state;
        for (uint64_t i = 0; i < MANY; i++) {
                sk_id id = id_of(i);

                assert_int_equal(sk_idmap_put(map, &id, value_of(i), NULL), SK_OK);
        }
        assert_int_equal(sk_idmap_count(map), MANY);
        assert_true(sk_idmap_bytes(map) / MANY <= 64);
        for (uint64_t i = 0; i < MANY; i++) {
                sk_id id = id_of(i);

                assert_ptr_equal(sk_idmap_get(map, &id), value_of(i));
                assert_ptr_equal(sk_idmap_take(map, &id), value_of(i));
        }
        assert_int_equal(sk_idmap_count(map), 0);
        sk_idmap_free(map);
}

static void test_a_walk_gives_every_id_once(void **state) {
        static const size_t sizes[] = {1, 28, 29, 900, 2000, IDS};
        static bool seen[IDS];

        (void)state;
        for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
                sk_idmap *map = sk_idmap_new();
                size_t position = 0, count = 0;
                sk_id id, expected;
                void *value;

                memset(seen, 0, sizeof(seen));
                for (size_t i = 0; i < sizes[s]; i++) {
                        id = id_of(i);
                        assert_int_equal(sk_idmap_put(map, &id, value_of(i), NULL), SK_OK);
                }
                for (; sk_idmap_next(map, &position, &id, &value); count++) {
                        size_t number = (uintptr_t)value - 1;

                        expected = id_of(number);
                        assert_true(sk_id_equal(&id, &expected));
                        assert_false(seen[number]);
                        seen[number] = true;
                }
                assert_int_equal(count, sizes[s]);
                assert_false(sk_idmap_next(map, &position, &id, &value));
                sk_idmap_free(map);
        }
}

static void test_one_put_takes_no_more_memory_than_a_few_segments(void **state) {
        sk_idmap *map = sk_idmap_new();
        size_t largest = 0;

        (void)state;
        for (uint64_t i = 0; i < 50000; i++) {
                size_t before = sk_idmap_bytes(map);
                sk_id id = id_of(i);

                assert_int_equal(sk_idmap_put(map, &id, value_of(i), NULL), SK_OK);
                if (sk_idmap_bytes(map) - before > largest && sk_idmap_bytes(map) > before)
                        largest = sk_idmap_bytes(map) - before;
        }
        assert_true(largest < 64 * 1024);
        sk_idmap_free(map);
}

static bool fill_a_map(void *context) {
        sk_idmap *map = sk_idmap_new();
        bool succeeded = map != NULL;
        uint64_t count = 0;

        (void)context;
        for (; succeeded && count < 8000; count += succeeded) {
                sk_id id = id_of(count);

                succeeded = sk_idmap_put(map, &id, value_of(count), NULL) == SK_OK;
        }
        assert_true(map == NULL || sk_idmap_count(map) == count);
        for (uint64_t i = 0; i < count; i++) {
                sk_id id = id_of(i);

                assert_ptr_equal(sk_idmap_get(map, &id), value_of(i));
        }
        sk_idmap_free(map);
        return succeeded;
}

/* How often a walk by chunks comes to each id, while others are put and taken between any two chunks. */
static void walk_by_chunks(sk_idmap *map, uint8_t *times, uint64_t stays) {
        static sk_idmap_entry chunk[SK_IDMAP_CHUNK];
        uint64_t from = 0;
        uint64_t last = 0;
        uint64_t more = MANY;

        do {
                uint64_t next;
                size_t count = sk_idmap_chunk(map, from, chunk, &next);

                for (size_t i = 0; i < count; i++) {
                        uint64_t number = (uint64_t)(uintptr_t)chunk[i].value - 1;

                        assert_true(chunk[i].hash >= from && chunk[i].hash >= last);
                        assert_true(next == 0 || chunk[i].hash < next);
                        assert_ptr_equal(sk_idmap_get(map, &chunk[i].id), chunk[i].value);
                        last = chunk[i].hash;
                        times[number] = (uint8_t)(times[number] + (number < stays));
                }
                for (unsigned i = 0; i < 300; i++, more++) {
                        sk_id new = id_of(more);
                        sk_id old = id_of(stays + more % (MANY - stays));

                        assert_int_equal(sk_idmap_put(map, &new, value_of(stays), NULL), SK_OK);
                        (void)sk_idmap_take(map, &old);
                }
                from = next;
        } while (from != 0);
}

static void test_a_walk_by_chunks_comes_to_all_that_stay_once_whatever_comes_and_goes(void **state) {
        (void)state;
        static const uint64_t sizes[] = {0, 1, 20, 29, 1000, 30000};

        for (size_t size = 0; size < sizeof(sizes) / sizeof(sizes[0]); size++) {
                static uint8_t times[MANY];
                sk_idmap *map = sk_idmap_new();

                memset(times, 0, sizeof(times));
                for (uint64_t i = 0; i < sizes[size] * 2; i++) {
                        sk_id id = id_of(i);
                        assert_int_equal(sk_idmap_put(map, &id, value_of(i), NULL), SK_OK);
                }
                walk_by_chunks(map, times, sizes[size]);
                for (uint64_t i = 0; i < sizes[size]; i++)
                        assert_int_equal(times[i], 1);
                sk_idmap_free(map);
        }
}

static void test_a_walk_by_chunks_goes_on_at_any_entry(void **state) {
        (void)state;
        static sk_idmap_entry all[SK_IDMAP_CHUNK];
        static sk_idmap_entry rest[SK_IDMAP_CHUNK];
        sk_idmap *map = sk_idmap_new();
        uint64_t next;

        for (uint64_t i = 0; i < 500; i++) {
                sk_id id = id_of(i);
                assert_int_equal(sk_idmap_put(map, &id, value_of(i), NULL), SK_OK);
        }
        assert_int_equal(sk_idmap_chunk(map, 0, all, &next), 500);
        assert_int_equal(next, 0);
        for (size_t i = 0; i < 500; i += 7) {
                assert_int_equal(sk_idmap_chunk(map, all[i].hash, rest, &next), 500 - i);
                assert_ptr_equal(rest[0].value, all[i].value);
        }
        assert_int_equal(sk_idmap_chunk(map, all[499].hash + 1, rest, &next), 0);
        sk_idmap_free(map);
}

static void test_every_allocation_may_fail_and_what_is_in_stays(void **state) {
        (void)state;
        failing_alloc_each(fill_a_map, NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_an_empty_map_finds_nothing),
                cmocka_unit_test(test_a_value_replaces_the_earlier_one_and_hands_it_back),
                cmocka_unit_test(test_it_agrees_with_a_simple_model_over_random_operations),
                cmocka_unit_test(test_many_ids_are_all_found_and_take_little_memory),
                cmocka_unit_test(test_a_walk_gives_every_id_once),
                cmocka_unit_test(test_a_walk_by_chunks_comes_to_all_that_stay_once_whatever_comes_and_goes),
                cmocka_unit_test(test_a_walk_by_chunks_goes_on_at_any_entry),
                cmocka_unit_test(test_one_put_takes_no_more_memory_than_a_few_segments),
                cmocka_unit_test(test_every_allocation_may_fail_and_what_is_in_stays),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
