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

/*
 * What the Java client of Kafka 4.1.0 itself gave for these keys: Utils.murmur2(key) and
 * BuiltInPartitioner.partitionForKey(key, n), which its producer uses for a record with a key and no partition.
 */
static void test_partitions_are_those_that_kafkas_java_producer_chooses(void **state) {
        static const int32_t counts[] = {1, 2, 3, 4, 6, 12, 64, 1000};
        static const struct {
                const char *key;
                int32_t hash;
                int32_t partitions[8];
        } cases[] = {
                {"01a20786-bb40-7b1d-9c3e-5a7f00c1d2e3", -1394427853, {0, 1, 1, 3, 1, 7, 51, 795}},
                {"4763aec8-4885-8ed8-9a24-a6992b951b2f", -222237473, {0, 1, 0, 3, 3, 3, 31, 175}},
                {"00000000-0000-0000-0000-000000000000", 713427837, {0, 1, 0, 1, 3, 9, 61, 837}},
                {"ffffffff-ffff-ffff-ffff-ffffffffffff", -359870222, {0, 0, 0, 2, 0, 6, 50, 426}},
                {"019a0000-0000-7000-8000-000000000001", 936751020, {0, 0, 0, 0, 0, 0, 44, 20}},
                {"019a0000-0000-7000-8000-000000000002", 296807949, {0, 1, 0, 1, 3, 9, 13, 949}},
                {"019a0000-0000-7000-8000-000000000003", -1497438202, {0, 0, 1, 2, 4, 10, 6, 446}},
                {"6ba7b810-9dad-11d1-80b4-00c04fd430c8", -610484791, {0, 1, 1, 1, 1, 1, 9, 857}},
                {"f81d4fae-7dec-11d0-a765-00a0c91e6bf6", -1295985492, {0, 0, 2, 0, 2, 8, 44, 156}},
                {"k", -1567496736, {0, 0, 2, 0, 2, 8, 32, 912}},
                {"ab", 316155434, {0, 0, 2, 2, 2, 2, 42, 434}},
                {"abc", 479470107, {0, 1, 0, 3, 3, 3, 27, 107}},
                {"finance/01a20786-bb40-7b1d-9c3e-5a7f00c1d2e3", -2052231264, {0, 0, 2, 0, 2, 8, 32, 384}},
                {"storingsmelding gr\xc3\xb6\xc3\x9f"
                 "e \xe2\x82\xac",
                 1344832738,
                 {0, 0, 1, 2, 4, 10, 34, 738}},
                {"", 275646681, {0, 1, 0, 1, 3, 9, 25, 681}},
                {"The quick brown fox jumps over the lazy dog", 495243318, {0, 0, 0, 2, 0, 6, 54, 318}},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                sk_slice key = sk_slice_of(cases[i].key);
                assert_int_equal((int32_t)sk_hash_murmur2(key), cases[i].hash);
                for (size_t n = 0; n < sizeof(counts) / sizeof(counts[0]); n++)
                        assert_int_equal(sk_hash_partition(key, counts[n]), cases[i].partitions[n]);
        }
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
                cmocka_unit_test(test_partitions_are_those_that_kafkas_java_producer_chooses),
                cmocka_unit_test(test_a_partition_is_never_negative),
                cmocka_unit_test(test_table_hashes_tell_lengths_and_positions_apart),
                cmocka_unit_test(test_another_seed_gives_other_table_hashes),
                cmocka_unit_test(test_a_digest_is_blake2b_of_128_bits),
                cmocka_unit_test(test_a_digest_is_read_as_it_is_written),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
