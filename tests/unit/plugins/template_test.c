/* What one's own plug-in is started from works as it stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "support/one_plugin.h"

static one_plugin b;

static int setup(void **state) {
        (void)state;
        one_plugin_open(&b, "template");
        return 0;
}

static int teardown(void **state) {
        (void)state;
        b.state = NULL;
        one_plugin_close(&b);
        return 0;
}

static void it_greets_as_it_is_told(void **state) {
        (void)state;
        assert_null(one_plugin_begin(&b, "{}"));
        assert_int_equal(one_plugin_call(&b, "k/1", "{}"), SCHAKEL_PLUGIN_DONE);
        assert_string_equal(b.answer.value, "{\"said\":\"Good day, k/1\"}");
        assert_null(one_plugin_begin(&b, "{\"greeting\":\"Hello\"}"));
        assert_int_equal(one_plugin_call(&b, "k/2", "{}"), SCHAKEL_PLUGIN_DONE);
        assert_string_equal(b.answer.value, "{\"said\":\"Hello, k/2\"}");
}

static void what_would_break_its_answer_is_refused(void **state) {
        (void)state;
        assert_non_null(one_plugin_begin(&b, "{\"greeting\":\"a\\\"b\"}"));
        assert_non_null(one_plugin_begin(&b, "{\"greeting\":3}"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(it_greets_as_it_is_told, setup, teardown),
                cmocka_unit_test_setup_teardown(what_would_break_its_answer_is_refused, setup, teardown)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
