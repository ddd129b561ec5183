#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/when.h"
#include "support/driver_world.h"
#include "support/fake_step.h"

/* How the driver asks for what a closed call has left behind. */

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

static void raise(const char *value) {
        sk_id id = world_id(1);

        world_call(&w, "finance", &id, SK_CALL_RAISE, 1, value);
        world_run(&w);
}

/* A log that finds records by time need not read all that came before. */
static void test_a_stub_is_asked_for_with_about_the_time_of_its_closing(void **state) {
        const int64_t off_us = 16 * SK_DAY_US - 1000 * SK_SECOND_US; /* a fake stub lives for 1000 s */

        (void)state;
        raise("{\"do\":\"close\"}");
        int64_t closed_us = w.now_us;
        w.now_us += SK_MINUTE_US;
        raise("{\"do\":\"open\"}");
        assert_int_equal(w.counts[SK_DO_READ_STUB], 1);
        assert_in_range(w.stub_since_us + off_us, closed_us - 10 * SK_SECOND_US, closed_us + SK_SECOND_US);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_a_stub_is_asked_for_with_about_the_time_of_its_closing, open_world,
                                                close_world),
        };

        return cmocka_run_group_tests_name("driver_stub", tests, NULL, NULL);
}
