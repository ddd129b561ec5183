#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/driver_world.h"
#include "support/fake_step.h"

/* People are told of what is committed: never before, and never of what was not. */

static driver_world w;

static int open_world(void **state) {
        (void)state;
        world_open(&w, NULL);
        world_assign(&w);
        return 0;
}

static int close_world(void **state) {
        (void)state;
        world_close(&w);
        return 0;
}

static void raise(unsigned number, const char *what) {
        sk_id id = world_id(number);
        char value[64];

        (void)snprintf(value, sizeof(value), "{\"do\":\"%s\"}", what);
        world_call(&w, "finance", &id, SK_CALL_RAISE, 1, value);
}

static void test_people_are_told_once_of_what_is_committed_and_never_of_what_is_not(void **state) {
        (void)state;

        w.holds_commits = true;
        raise(1, "tell");
        raise(2, "open");
        world_run(&w);
        assert_int_equal(w.counts[SK_DO_TELL], 0);
        world_answer(&w, SK_ERR_ABORTED);
        world_wait(&w, INT64_C(10000000));
        assert_int_equal(w.counts[SK_DO_TELL], 0);
        w.holds_commits = false;
        world_answer(&w, SK_OK);
        assert_int_equal(w.counts[SK_DO_TELL], 1);
        raise(3, "open");
        world_run(&w);
        assert_int_equal(w.counts[SK_DO_TELL], 1);
        /* another process finds it in the journal as done */
        world_restart(&w);
        world_assign(&w);
        world_run(&w);
        assert_int_equal(w.counts[SK_DO_TELL], 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_people_are_told_once_of_what_is_committed_and_never_of_what_is_not,
                                                open_world, close_world),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
