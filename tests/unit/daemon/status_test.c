#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/status.h"

static const sk_host_status ready = {.team = {"desk", 4}, .stage = SK_LOG_RUNNING, .is_ready = true};
static const sk_host_status standby = {.team = {"network", 7}, .stage = SK_LOG_STANDBY, .not_ready_why = "standby"};
static const sk_host_status restoring = {.team = {"finance", 7}, .stage = SK_LOG_RUNNING, .not_ready_why = "restoring"};

static void assert_text(sk_buf *out, const char *expected) {
        sk_buf_add_byte(out, 0);
        assert_int_equal(out->err, SK_OK);
        assert_string_equal(out->at, expected);
        sk_buf_free(out);
}

static void test_each_team_has_a_line_and_all_must_be_ready(void **state) {
        sk_host_status hosts[] = {ready, standby, restoring};
        sk_buf out = sk_buf_make(1024);

        (void)state;
        assert_false(sk_status_ready(hosts, 3, &out));
        assert_text(&out, "desk: ready\nnetwork: standby\nfinance: restoring\n");
        out = sk_buf_make(1024);
        assert_true(sk_status_ready(hosts, 1, &out));
        assert_text(&out, "desk: ready\n");
}

static void test_a_standby_is_settled_and_a_restoring_link_is_not(void **state) {
        sk_host_status hosts[] = {ready, standby, restoring};

        (void)state;
        assert_true(sk_status_is_settled(hosts, 2));
        assert_false(sk_status_is_settled(hosts, 3));
        hosts[2].driver.is_ready = true; /* what came meanwhile is read */
        assert_true(sk_status_is_settled(hosts, 3));
}

static const struct row {
        size_t count;
        bool is_refused;
        const char *expected;
} rows[] = {
        {1, false, "teams: 1 ready"},
        {2, false, "teams: 1 ready, 1 standing by"},
        {3, true, "teams: 1 ready, 1 standing by, 1 not ready; the new edition was refused, see the log"},
};

static void test_the_manager_gets_one_short_line(void **state) {
        sk_host_status hosts[] = {ready, standby, restoring};

        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                sk_buf out = sk_buf_make(1024);
                sk_status_line(hosts, rows[i].count, rows[i].is_refused, &out);
                assert_text(&out, rows[i].expected);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_team_has_a_line_and_all_must_be_ready),
                cmocka_unit_test(test_a_standby_is_settled_and_a_restoring_link_is_not),
                cmocka_unit_test(test_the_manager_gets_one_short_line),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
