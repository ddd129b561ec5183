#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/hash.h"

#include <string.h>

/* From the tests of Kafka's Java client. */
static void test_murmur2_is_that_of_kafkas_java_client(void **state) {
        static const struct {
                const char *text;
                int32_t hash;
        } cases[] = {
                {"21", -973932308},
                {"foobar", -790332482},
                {"a-little-bit-long-string", -985981536},
                {"a-little-bit-longer-string", -1486304829},
                {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
                {"abc", 479470107},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                assert_int_equal((int32_t)sk_hash_murmur2(sk_slice_of(cases[i].text)), cases[i].hash);
}

static void test_a_partition_is_never_negative(void **state) {
        (void)state;
        assert_int_equal(sk_hash_partition(SK_SLICE("21"), 4), (-973932308 & 0x7fffffff) % 4);
        assert_int_equal(sk_hash_partition(SK_SLICE("abc"), 10), 479470107 % 10);
        assert_int_equal(sk_hash_partition(SK_SLICE("foobar"), 1), 0);
        assert_in_range(sk_hash_partition(SK_SLICE("foobar"), 7), 0, 6);
}

static void test_table_hashes_tell_lengths_and_positions_apart(void **state) {
        static const char zeroes[64];
        uint64_t hashes[64];

        (void)state;
        for (size_t len = 0; len < 64; len++) {
                hashes[len] = sk_hash_table((sk_slice){zeroes, len});
                for (size_t other = 0; other < len; other++)
                        assert_true(hashes[len] != hashes[other]);
        }
        for (size_t at = 0; at < 64; at++) {
                char bytes[64] = {0};

                bytes[at] = 1;
                hashes[at] = sk_hash_table((sk_slice){bytes, sizeof(bytes)});
                for (size_t other = 0; other < at; other++)
                        assert_true(hashes[at] != hashes[other]);
        }
}

static void test_another_seed_gives_other_table_hashes(void **state) {
        uint64_t before = sk_hash_table(SK_SLICE("abc"));

        (void)state;
        sk_hash_table_seed(1);
        assert_true(sk_hash_table(SK_SLICE("abc")) != before);
        assert_true(sk_hash_table(SK_SLICE("abc")) == sk_hash_table(SK_SLICE("abc")));
}

/* BLAKE2b with a digest of 16 bytes, from an independent implementation. */
static void test_a_digest_is_blake2b_of_128_bits(void **state) {
        static const struct {
                const char *text;
                const char *digest;
        } cases[] = {
                {"", "cae66941d9efbd404e4d88758ea67670"},
                {"abc", "cf4ab791c62b8d2b2109c90275287816"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_digest digest = sk_digest_of(sk_slice_of(cases[i].text));
                char text[SK_DIGEST_TEXT];

                sk_digest_format(&digest, text);
                assert_memory_equal(text, cases[i].digest, sizeof(text));
        }
}

static void test_a_digest_is_read_as_it_is_written(void **state) {
        sk_digest digest = sk_digest_of(SK_SLICE("abc"));
        char text[SK_DIGEST_TEXT];
        sk_digest again;

        (void)state;
        sk_digest_format(&digest, text);
        assert_true(sk_digest_parse((sk_slice){text, sizeof(text)}, &again));
        assert_memory_equal(again.bytes, digest.bytes, sizeof(digest.bytes));
        assert_false(sk_digest_parse((sk_slice){text, sizeof(text) - 1}, &again));
        assert_false(sk_digest_parse(SK_SLICE("cf4ab791c62b8d2b2109c9027528781G"), &again));
        assert_false(sk_digest_parse(SK_SLICE("CF4AB791C62B8D2B2109C90275287816"), &again));
        assert_memory_equal(again.bytes, digest.bytes, sizeof(digest.bytes));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_murmur2_is_that_of_kafkas_java_client),
                cmocka_unit_test(test_a_partition_is_never_negative),
                cmocka_unit_test(test_table_hashes_tell_lengths_and_positions_apart),
                cmocka_unit_test(test_another_seed_gives_other_table_hashes),
                cmocka_unit_test(test_a_digest_is_blake2b_of_128_bits),
                cmocka_unit_test(test_a_digest_is_read_as_it_is_written),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
