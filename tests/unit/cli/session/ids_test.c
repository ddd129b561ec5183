#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/session/ids.h"

static sk_id id_of(const char *text) {
        sk_id id;
        assert_true(sk_id_parse(sk_slice_of(text), &id));
        return id;
}

#define A "01930a2e-7b1c-7abc-8def-0123456789ab"

static void test_the_short_form_grows_until_all_differ(void **state) {
        (void)state;
        sk_id ids[] = {id_of(A), id_of("01930a2e-7b1c-7abc-8def-0123456789ac"),
                       id_of("01930a2e-7b1c-7abc-8def-f123456789ab")};
        assert_int_equal(sk_ids_short(ids, 0), 8);
        assert_int_equal(sk_ids_short(ids, 1), 8);
        assert_int_equal(sk_ids_short(ids, 2), 8);
        assert_int_equal(sk_ids_short(ids, 3), 12);
}

static void test_the_same_id_twice_needs_no_more(void **state) {
        (void)state;
        sk_id ids[] = {id_of(A), id_of(A)};
        assert_int_equal(sk_ids_short(ids, 2), 8);
}

static void test_ids_that_differ_only_at_their_beginning_are_shown_whole(void **state) {
        (void)state;
        sk_id ids[] = {id_of(A), id_of("11930a2e-7b1c-7abc-8def-0123456789ab")};
        assert_int_equal(sk_ids_short(ids, 2), SK_ID_TEXT);
}

static void test_an_id_is_named_by_its_beginning_or_end(void **state) {
        (void)state;
        sk_id id = id_of(A);
        static const struct row {
                const char *text;
                bool fits;
        } rows[] = {
                {A, true},          {"01930a2e", true}, {"89ab", true},       {"0193", true},
                {"456789ab", true}, {"9ab", false},     {"7b1c", false},      {"", false},
                {"89aB", false},    {A "0", false},     {"01930a2e-7", true}, {"%s%n", false},
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                assert_int_equal(sk_id_fits(&id, sk_slice_of(rows[i].text)), rows[i].fits);
        assert_false(sk_id_fits(&id, SK_NONE));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_short_form_grows_until_all_differ),
                cmocka_unit_test(test_the_same_id_twice_needs_no_more),
                cmocka_unit_test(test_ids_that_differ_only_at_their_beginning_are_shown_whole),
                cmocka_unit_test(test_an_id_is_named_by_its_beginning_or_end),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
