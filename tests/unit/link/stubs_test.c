#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/random.h"
#include "kit/when.h"
#include "link/customers.h"
#include "link/stubs.h"
#include "support/failing_alloc.h"

static sk_closed closed_of(unsigned number, uint32_t customer, uint32_t expires_s) {
        sk_closed closed = {.customer = customer, .in_seqno = number, .out_seqno = number + 1, .expires_s = expires_s};

        memcpy(closed.id.bytes, &number, sizeof(number));
        return closed;
}

static bool has(const sk_stubs *stubs, unsigned number, uint32_t customer) {
        sk_closed closed = closed_of(number, 0, 0);
        sk_closed got;

        return sk_stubs_get(stubs, &closed.id, customer, &got) && got.in_seqno == number;
}

static void put(sk_stubs *stubs, unsigned number, uint32_t customer, uint32_t expires_s) {
        sk_closed closed = closed_of(number, customer, expires_s);

        assert_int_equal(sk_stubs_put(stubs, &closed), SK_OK);
}

static void test_a_stub_is_found_by_its_id_and_customer_and_by_its_id_alone(void **state) {
        (void)state;
        sk_stubs *stubs = sk_stubs_new();

        put(stubs, 1, 5, 10);
        assert_true(has(stubs, 1, 5));
        assert_true(has(stubs, 1, SK_CUSTOMER_ANY));
        assert_false(has(stubs, 1, 6));
        assert_false(has(stubs, 2, 5));
        sk_stubs_free(stubs);
}

static void test_one_id_of_two_customers_makes_two_stubs(void **state) {
        (void)state;
        sk_stubs *stubs = sk_stubs_new();
        sk_closed closed = closed_of(1, 5, 0);

        put(stubs, 1, 5, 10);
        put(stubs, 1, 6, 10);
        assert_int_equal(sk_stubs_count(stubs), 2);
        sk_stubs_drop(stubs, &closed.id, 5);
        assert_false(has(stubs, 1, 5));
        assert_true(has(stubs, 1, 6));
        assert_true(has(stubs, 1, SK_CUSTOMER_ANY));
        sk_stubs_free(stubs);
}

static void test_a_later_stub_of_a_call_takes_the_place_of_the_earlier(void **state) {
        (void)state;
        sk_stubs *stubs = sk_stubs_new();
        sk_closed got;

        put(stubs, 1, 5, 10);
        put(stubs, 1, 5, 30);
        assert_int_equal(sk_stubs_count(stubs), 1);
        assert_true(sk_stubs_expire(stubs, 40 * SK_SECOND_US, &got));
        assert_int_equal(got.expires_s, 30);
        assert_false(sk_stubs_expire(stubs, 40 * SK_SECOND_US, &got));
        sk_stubs_free(stubs);
}

static void test_what_is_being_expired_is_hidden_until_it_is_forgotten_or_there_again(void **state) {
        (void)state;
        sk_stubs *stubs = sk_stubs_new();
        sk_closed got;

        put(stubs, 1, 5, 10);
        put(stubs, 2, 5, 20);
        put(stubs, 3, 5, 30);
        assert_true(sk_stubs_expiry_us(stubs) == 10 * SK_SECOND_US);
        assert_false(sk_stubs_expire(stubs, 9 * SK_SECOND_US, &got));
        assert_true(sk_stubs_expire(stubs, 20 * SK_SECOND_US, &got) && got.in_seqno == 1);
        assert_true(sk_stubs_expire(stubs, 20 * SK_SECOND_US, &got) && got.in_seqno == 2);
        assert_false(sk_stubs_expire(stubs, 20 * SK_SECOND_US, &got));
        assert_false(has(stubs, 1, 5) || has(stubs, 2, 5));
        assert_true(sk_stubs_expiry_us(stubs) == 30 * SK_SECOND_US);
        sk_stubs_unexpire(stubs, 1);
        assert_false(has(stubs, 1, 5));
        assert_true(has(stubs, 2, 5));
        sk_stubs_unexpire(stubs, 0);
        assert_true(has(stubs, 1, 5));
        assert_true(sk_stubs_expire(stubs, 10 * SK_SECOND_US, &got));
        sk_stubs_expired(stubs, sk_stubs_expiring(stubs));
        sk_stubs_unexpire(stubs, 0);
        assert_false(has(stubs, 1, 5));
        assert_int_equal(sk_stubs_count(stubs), 2);
        sk_stubs_free(stubs);
}

static void test_an_empty_queue_never_expires(void **state) {
        (void)state;
        sk_stubs *stubs = sk_stubs_new();
        sk_closed got;

        assert_true(sk_stubs_expiry_us(stubs) == INT64_MAX);
        assert_false(sk_stubs_expire(stubs, INT64_MAX, &got));
        sk_stubs_free(stubs);
}

#define STUBS 100000u

static void test_a_stub_takes_at_most_48_bytes(void **state) {
        (void)state;
        sk_stubs *stubs = sk_stubs_new();

        for (unsigned i = 0; i < STUBS; i++) {
                put(stubs, i, 5, i);
                if (i >= 50000 && i % 5000 == 0)
                        assert_true(sk_stubs_bytes(stubs) <= (size_t)48 * (i + 1));
        }
        assert_int_equal(sk_stubs_count(stubs), STUBS);
        sk_stubs_free(stubs);
}

static void test_a_queue_that_moves_on_takes_no_more_memory(void **state) {
        (void)state;
        sk_stubs *stubs = sk_stubs_new();
        sk_closed got;
        size_t bytes = 0;

        for (unsigned i = 0; i < STUBS; i++) {
                put(stubs, i, 5, i);
                while (sk_stubs_count(stubs) > 2000) {
                        assert_true(sk_stubs_expire(stubs, INT64_MAX, &got));
                        sk_stubs_expired(stubs, sk_stubs_expiring(stubs));
                        assert_false(has(stubs, got.in_seqno, 5));
                }
                if (i == STUBS / 2)
                        bytes = sk_stubs_bytes(stubs);
        }
        assert_true(sk_stubs_bytes(stubs) <= bytes + 64 * 1024);
        for (unsigned i = STUBS - 2000; i < STUBS; i++)
                assert_true(has(stubs, i, 5));
        sk_stubs_free(stubs);
}

#define CALLS 500u

static void test_many_random_changes_agree_with_a_plain_model(void **state) {
        (void)state;
        static bool model[CALLS];
        sk_stubs *stubs = sk_stubs_new();
        sk_random random = sk_random_make(3);
        size_t count = 0;

        memset(model, 0, sizeof(model));
        for (uint32_t i = 0; i < 30000; i++) {
                unsigned at = (unsigned)sk_random_below(&random, CALLS);
                sk_closed closed = closed_of(at, 5, i);
                sk_closed got;

                assert_int_equal(has(stubs, at, 5), model[at]);
                switch (sk_random_below(&random, 4)) {
                case 0:
                        sk_stubs_drop(stubs, &closed.id, 5);
                        model[at] = false;
                        break;
                case 1:
                        if (!sk_stubs_expire(stubs, INT64_MAX, &got))
                                break;
                        sk_stubs_expired(stubs, sk_stubs_expiring(stubs));
                        model[got.in_seqno] = false;
                        break;
                default:
                        put(stubs, at, 5, i);
                        model[at] = true;
                }
        }
        for (size_t i = 0; i < CALLS; i++)
                count += model[i];
        assert_int_equal(sk_stubs_count(stubs), count);
        sk_stubs_free(stubs);
}

static bool put_many(void *context) {
        sk_stubs *stubs = sk_stubs_new();
        bool is_done = stubs != NULL;
        unsigned i = 0;
        (void)context;

        for (; is_done && i < 3000; i++) {
                sk_closed closed = closed_of(i, 5, i);

                is_done = sk_stubs_put(stubs, &closed) == SK_OK;
                assert_int_equal(has(stubs, i, 5), is_done);
        }
        if (stubs != NULL)
                assert_int_equal(sk_stubs_count(stubs), is_done ? i : i - 1);
        sk_stubs_free(stubs);
        return is_done;
}

static void test_without_memory_nothing_changes(void **state) {
        (void)state;
        failing_alloc_each(put_many, NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_stub_is_found_by_its_id_and_customer_and_by_its_id_alone),
                cmocka_unit_test(test_one_id_of_two_customers_makes_two_stubs),
                cmocka_unit_test(test_a_later_stub_of_a_call_takes_the_place_of_the_earlier),
                cmocka_unit_test(test_what_is_being_expired_is_hidden_until_it_is_forgotten_or_there_again),
                cmocka_unit_test(test_an_empty_queue_never_expires),
                cmocka_unit_test(test_a_stub_takes_at_most_48_bytes),
                cmocka_unit_test(test_a_queue_that_moves_on_takes_no_more_memory),
                cmocka_unit_test(test_many_random_changes_agree_with_a_plain_model),
                cmocka_unit_test(test_without_memory_nothing_changes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
