/* A call whose journal cannot be read is left as it is: the input is answered with that, and nothing is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/one_call.h"

#define INCIDENT "{\"type\":\"incident\",\"facility\":\"laptop\",\"need\":\"screen stays black\"}"
#define NOTE "{\"text\":\"hello\"}"

static void open_call(one_call *c) {
        one_call_open(c, "centre", NULL);
        one_call_customer(c, SK_CALL_RAISE, INCIDENT);
        assert_int_equal(c->known, SK_KNOWN_OPEN);
}

/** The head is these bytes now; at an address behind which nothing may be read. */
static void replace_head(one_call *c, const char *bytes, size_t len) {
        free(c->head);
        c->head = malloc(len == 0 ? 1 : len);
        assert_non_null(c->head);
        memcpy(c->head, bytes, len);
        c->head_len = len;
}

static void test_a_head_that_is_cut_off_anywhere_is_not_worked_with(void **state) {
        one_call c;
        (void)state;

        open_call(&c);
        size_t whole = c.head_len;
        char *head = malloc(whole);
        assert_non_null(head);
        memcpy(head, c.head, whole);
        for (size_t len = 0; len < whole; len++) {
                replace_head(&c, head, len);
                one_call_customer_numbered(&c, SK_CALL_NOTE, 2, NOTE);
                assert_int_not_equal(c.err, SK_OK);
                assert_string_equal(c.reject.reason, "unreadable-state");
                assert_string_equal(c.reject.text, "the call's head cannot be read");
                assert_int_equal(c.out.count, 0);
                assert_int_equal(c.after.change, SK_CHANGE_NOTHING);
        }
        replace_head(&c, head, whole);
        one_call_customer_numbered(&c, SK_CALL_NOTE, 2, NOTE);
        assert_int_equal(c.err, SK_OK);
        assert_int_equal(one_call_count(&c, SK_EVENT_NOTED), 1);
        free(head);
        one_call_free(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_head_that_is_cut_off_anywhere_is_not_worked_with),
        };
        return cmocka_run_group_tests_name("step_state", tests, NULL, NULL);
}
