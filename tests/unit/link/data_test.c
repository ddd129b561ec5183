#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "link/data.h"

static sk_section section(sk_section_kind kind, uint8_t index, uint16_t tag, const char *text) {
        return (sk_section){.kind = kind, .index = index, .tag = tag, .bytes = sk_slice_of(text)};
}

static sk_buf three(void) {
        sk_buf data = sk_buf_make(4096);
        const sk_section sections[] = {section(SK_SECTION_RAISE, 0, 0, "{\"need\":1}"),
                                       section(SK_SECTION_RESULT, 0, 34, "{\"first\":1}"),
                                       section(SK_SECTION_RESULT, 0, 35, "{\"second\":1}")};

        for (size_t i = 0; i < 3; i++) {
                sk_data_add(&data, &sections[i]);
        }
        return data;
}

static void test_sections_come_back_in_order_and_the_last_of_a_kind_is_found(void **state) {
        sk_buf data = three();
        sk_section found;
        size_t position = 0;
        unsigned count = 0;
        (void)state;

        while (sk_data_next(sk_buf_slice(&data), &position, &found)) {
                count++;
        }
        assert_int_equal(count, 3);
        assert_true(sk_data_find(sk_buf_slice(&data), SK_SECTION_RESULT, 0, &found));
        assert_int_equal(found.tag, 35);
        assert_true(sk_slice_is(found.bytes, "{\"second\":1}"));
        assert_false(sk_data_find(sk_buf_slice(&data), SK_SECTION_NOTE, 0, &found));
        assert_false(sk_data_find(sk_buf_slice(&data), SK_SECTION_RESULT, 1, &found));
        sk_buf_free(&data);
}

static void test_sections_of_a_kind_are_left_out_and_the_rest_stays(void **state) {
        sk_buf data = three();
        sk_buf kept = sk_buf_make(4096);
        sk_section found;
        (void)state;

        sk_data_without(sk_buf_slice(&data), SK_SECTION_RESULT, 0, &kept);
        assert_false(sk_data_find(sk_buf_slice(&kept), SK_SECTION_RESULT, 0, &found));
        assert_true(sk_data_find(sk_buf_slice(&kept), SK_SECTION_RAISE, 0, &found));
        sk_buf_free(&data);
        sk_buf_free(&kept);
}

static void test_data_that_is_cut_off_anywhere_but_between_sections_is_damaged(void **state) {
        sk_buf data = three();
        sk_slice whole = sk_buf_slice(&data);
        unsigned whole_count = 0;
        (void)state;

        for (size_t len = 0; len <= whole.len; len++) {
                whole_count += sk_data_check((sk_slice){whole.at, len});
        }
        assert_int_equal(whole_count, 4); /* empty and after each of the three */
        sk_buf_free(&data);
}

static void test_a_section_of_an_unknown_kind_is_damage(void **state) {
        (void)state;
        assert_false(sk_data_check((sk_slice){"\x00\x00\x00\x00\x00\x00\x00\x00", 8}));
        assert_false(sk_data_check((sk_slice){"\x63\x00\x00\x00\x00\x00\x00\x00", 8}));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sections_come_back_in_order_and_the_last_of_a_kind_is_found),
                cmocka_unit_test(test_sections_of_a_kind_are_left_out_and_the_rest_stays),
                cmocka_unit_test(test_data_that_is_cut_off_anywhere_but_between_sections_is_damaged),
                cmocka_unit_test(test_a_section_of_an_unknown_kind_is_damage),
        };
        return cmocka_run_group_tests_name("data", tests, NULL, NULL);
}
