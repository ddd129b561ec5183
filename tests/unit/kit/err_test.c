#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/err.h"

#include <ctype.h>
#include <string.h>

static const sk_err all[] = {
#define ERR_CODE(code, name, class, text) code,
        SK_ERR_TABLE(ERR_CODE)
#undef ERR_CODE
};

#define ALL_COUNT (sizeof(all) / sizeof(all[0]))

static void test_every_error_has_a_name_for_machines_and_a_text(void **state) {
        (void)state;
        for (size_t i = 0; i < ALL_COUNT; i++) {
                const char *name = sk_err_name(all[i]);

                assert_true(strlen(name) > 0);
                for (; *name != '\0'; name++)
                        assert_true(islower(*name) || isdigit(*name) || *name == '-');
                assert_true(strlen(sk_err_text(all[i])) > 0);
        }
}

static void test_no_two_errors_share_a_name(void **state) {
        (void)state;
        for (size_t i = 0; i < ALL_COUNT; i++)
                for (size_t j = 0; j < i; j++)
                        assert_string_not_equal(sk_err_name(all[i]), sk_err_name(all[j]));
}

static void test_only_ok_is_of_class_none(void **state) {
        (void)state;
        for (size_t i = 0; i < ALL_COUNT; i++)
                assert_int_equal(sk_err_class_of(all[i]) == SK_CLASS_NONE, all[i] == SK_OK);
}

static void test_the_class_tells_what_a_caller_does(void **state) {
        (void)state;
        assert_int_equal(SK_OK, 0);
        assert_int_equal(sk_err_class_of(SK_ERR_NO_MEMORY), SK_CLASS_RETRY);
        assert_int_equal(sk_err_class_of(SK_ERR_ABORTED), SK_CLASS_ABORT);
        assert_int_equal(sk_err_class_of(SK_ERR_SYNTAX), SK_CLASS_INPUT);
        assert_int_equal(sk_err_class_of(SK_ERR_FENCED), SK_CLASS_FATAL);
        assert_string_equal(sk_err_name(SK_ERR_UNKNOWN_OUTCOME), "unknown-outcome");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_error_has_a_name_for_machines_and_a_text),
                cmocka_unit_test(test_no_two_errors_share_a_name),
                cmocka_unit_test(test_only_ok_is_of_class_none),
                cmocka_unit_test(test_the_class_tells_what_a_caller_does),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
