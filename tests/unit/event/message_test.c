#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "event/message.h"

static void test_every_message_is_found_by_its_type(void **state) {
        (void)state;
        for (unsigned message = 0; message < SK_MESSAGES; message++) {
                char type[64];
                (void)snprintf(type, sizeof(type), "schakel.%s", sk_message_name((sk_message)message));
                assert_int_equal(sk_message_find(sk_slice_of(type)), message);
        }
}

static void test_any_other_type_is_not_known(void **state) {
        (void)state;
        static const char *const types[] = {
                "",
                "schakel.",
                "schakel",
                "call.raise",
                "schakel.call.raise.",
                "schakel.call.rais",
                "schakel.call.raised",
                "Schakel.call.raise",
                "schakel.Call.raise",
                "schakel.call",
                "schakel.x",
                "schakel.event.",
                "com.example.call.raise",
        };
        for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
                assert_int_equal(sk_message_find(sk_slice_of(types[i])), SK_MESSAGES);
        assert_int_equal(sk_message_find(SK_NONE), SK_MESSAGES);
        assert_string_equal(sk_message_name(SK_MESSAGES), "unknown");
}

static void test_the_family_of_a_message_is_what_its_name_begins_with(void **state) {
        (void)state;
        for (unsigned i = 0; i < SK_MESSAGES; i++) {
                sk_message message = (sk_message)i;
                const char *name = sk_message_name(message);
                assert_int_equal(sk_message_is_call(message), strncmp(name, "call.", 5) == 0);
                assert_int_equal(sk_message_is_feedback(message), strncmp(name, "feedback.", 9) == 0);
                assert_int_equal(sk_message_is_work(message), strncmp(name, "work.", 5) == 0);
        }
        assert_false(sk_message_is_call(SK_MESSAGES));
        assert_false(sk_message_is_feedback(SK_MESSAGES));
        assert_false(sk_message_is_work(SK_MESSAGES));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_message_is_found_by_its_type),
                cmocka_unit_test(test_any_other_type_is_not_known),
                cmocka_unit_test(test_the_family_of_a_message_is_what_its_name_begins_with),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
