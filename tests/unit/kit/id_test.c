#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/id.h"

#include <sodium.h>

static const char text_of_one[] = "0193a5c0-1b2c-7def-8123-456789abcdef";

static void test_an_id_is_written_as_it_is_read(void **state) {
        char out[SK_ID_TEXT];
        sk_id id;

        (void)state;
        assert_true(sk_id_parse(SK_SLICE(text_of_one), &id));
        assert_int_equal(id.bytes[0], 0x01);
        assert_int_equal(id.bytes[15], 0xef);
        sk_id_format(&id, out);
        assert_memory_equal(out, text_of_one, SK_ID_TEXT);
}

static void test_anything_but_36_lower_case_characters_is_refused(void **state) {
        static const char *const cases[] = {
                "",
                "0193a5c0-1b2c-7def-8123-456789abcde",
                "0193a5c0-1b2c-7def-8123-456789abcdef0",
                "0193A5C0-1b2c-7def-8123-456789abcdef",
                "0193a5c0-1b2c-7def-8123-456789abcdeg",
                "0193a5c001b2c-7def-8123-456789abcdef",
                "0193a5c0-1b2c-7def-81234456789abcdef",
                "{193a5c0-1b2c-7def-8123-456789abcde}",
                "-193a5c0-1b2c-7def-8123-456789abcdef",
        };
        sk_id id = {{7}};

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                assert_false(sk_id_parse(sk_slice_of(cases[i]), &id));
                assert_int_equal(id.bytes[0], 7);
        }
        assert_false(sk_id_parse(SK_NONE, &id));
}

/* The example of RFC 9562, appendix A.6. */
static void test_an_id_of_time_is_the_version_7_of_the_standard(void **state) {
        static const uint8_t random[10] = {0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f};
        sk_id id = sk_id_of_time(INT64_C(1645557742000) * 1000 + 999, random);
        char out[SK_ID_TEXT];

        (void)state;
        sk_id_format(&id, out);
        assert_memory_equal(out, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f", SK_ID_TEXT);
}

static void test_later_ids_of_time_compare_higher(void **state) {
        static const uint8_t high[10] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
        static const uint8_t low[10] = {0};
        sk_id earlier = sk_id_of_time(INT64_C(1700000000000000), high);
        sk_id later = sk_id_of_time(INT64_C(1700000000001000), low);

        (void)state;
        assert_true(sk_id_compare(&earlier, &later) < 0);
        assert_int_equal(later.bytes[6] >> 4, 7);
        assert_int_equal(later.bytes[8] >> 6, 2);
}

static const char owner_text[] = "0193a5c0-1b2c-7def-8123-456789abcdef";

static sk_id_origin origin_of(const sk_id *owner) {
        return (sk_id_origin){.chain = SK_SLICE("acme"),
                              .customer = SK_SLICE("desk"),
                              .owner = owner,
                              .visit = 12,
                              .target = 0,
                              .try_number = 4294967295u};
}

static void test_a_derived_id_is_the_version_8_of_a_digest_of_its_origin(void **state) {
        static const char bytes[] = "schakel-id-1\0acme\0desk\0"
                                    "0193a5c0-1b2c-7def-8123-456789abcdef\0"
                                    "12\0"
                                    "0\0"
                                    "4294967295"; /* and the literal's own zero byte */
        sk_id owner = {.bytes = {0}}, expected, id;
        sk_id_origin origin = origin_of(&owner);

        (void)state;
        assert_true(sk_id_parse(SK_SLICE(owner_text), &owner));
        crypto_generichash(expected.bytes, 16, (const unsigned char *)bytes, sizeof(bytes), NULL, 0);
        expected.bytes[6] = (uint8_t)((expected.bytes[6] & 0x0f) | 0x80);
        expected.bytes[8] = (uint8_t)((expected.bytes[8] & 0x3f) | 0x80);
        id = sk_id_derive(&origin);
        assert_true(sk_id_equal(&id, &expected));
}

static void test_each_part_of_the_origin_changes_the_derived_id(void **state) {
        sk_id owner = {{1}}, other_owner = {{2}};
        sk_id_origin origins[7];
        sk_id ids[7];

        (void)state;
        for (size_t i = 0; i < 7; i++)
                origins[i] = origin_of(&owner);
        origins[1].chain = SK_SLICE("acmed");
        origins[1].customer = SK_SLICE("esk");
        origins[2].customer = SK_SLICE("desks");
        origins[3].owner = &other_owner;
        origins[4].visit = 1;
        origins[5].target = 1;
        origins[6].try_number = 0;
        for (size_t i = 0; i < 7; i++) {
                ids[i] = sk_id_derive(&origins[i]);
                assert_int_equal(ids[i].bytes[6] >> 4, 8);
                assert_int_equal(ids[i].bytes[8] >> 6, 2);
                for (size_t j = 0; j < i; j++)
                        assert_false(sk_id_equal(&ids[i], &ids[j]));
        }
}

static void test_only_the_id_of_zeroes_is_zero(void **state) {
        sk_id id = {{0}};

        (void)state;
        assert_true(sk_id_is_zero(&id));
        id.bytes[15] = 1;
        assert_false(sk_id_is_zero(&id));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_an_id_is_written_as_it_is_read),
                cmocka_unit_test(test_anything_but_36_lower_case_characters_is_refused),
                cmocka_unit_test(test_an_id_of_time_is_the_version_7_of_the_standard),
                cmocka_unit_test(test_later_ids_of_time_compare_higher),
                cmocka_unit_test(test_a_derived_id_is_the_version_8_of_a_digest_of_its_origin),
                cmocka_unit_test(test_each_part_of_the_origin_changes_the_derived_id),
                cmocka_unit_test(test_only_the_id_of_zeroes_is_zero),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
