#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/hash.h"
#include "kit/random.h"

/* RFC 3720, appendix B.4, and the usual check value. */
static void test_the_vectors_of_the_standard_are_met_both_ways(void **state) {
        static const struct {
                sk_slice bytes;
                uint32_t crc;
        } cases[] = {
                {{"", 0}, 0},
                {{"123456789", 9}, 0xe3069283},
                {{"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32}, 0x8a9136aa},
                {{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
                  "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
                  32},
                 0x62a8ab43},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                assert_int_equal(sk_hash_crc32c(cases[i].bytes), cases[i].crc);
                assert_int_equal(sk_hash_crc32c_by_tables(cases[i].bytes), cases[i].crc);
        }
}

/* The definition, one bit after the other. */
static uint32_t crc_by_definition(const char *at, size_t len) {
        uint32_t crc = ~0u;

        for (size_t i = 0; i < len; i++) {
                crc ^= (uint8_t)at[i];
                for (int bit = 0; bit < 8; bit++)
                        crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0);
        }
        return ~crc;
}

static void test_every_length_and_alignment_agrees_with_the_definition(void **state) {
        char bytes[100];
        sk_random random = sk_random_make(1);

        (void)state;
        for (size_t i = 0; i < sizeof(bytes); i++)
                bytes[i] = (char)(uint8_t)sk_random_next(&random);
        for (size_t from = 0; from < 8; from++) {
                for (size_t len = 0; len <= 90; len++) {
                        uint32_t crc = crc_by_definition(bytes + from, len);

                        assert_int_equal(sk_hash_crc32c((sk_slice){bytes + from, len}), crc);
                        assert_int_equal(sk_hash_crc32c_by_tables((sk_slice){bytes + from, len}), crc);
                }
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_vectors_of_the_standard_are_met_both_ways),
                cmocka_unit_test(test_every_length_and_alignment_agrees_with_the_definition),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
