#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/replay/history_map.h"
#include "kit/when.h"

static void test_times_are_read_as_the_map_says(void **state) {
        (void)state;
        static const struct row {
                const char *format; /* NULL: RFC 3339 */
                const char *text;
                int64_t seconds; /* -1: it is none */
        } rows[] = {
                {"%d-%m-%Y %H:%M", "29-02-2016 01:16", 1456708560},
                {"%d-%m-%Y %H:%M", "9-2-2016 1:6", 1454979960},
                {"%Y-%m-%d", "1970-01-01", 0},
                {"%m/%d/%y", "03/01/69", 3129321600},
                {"%m/%d/%y", "03/01/70", 5097600},
                {"%Y%m%d%H%M%S", "20160229011600", 1456708560},
                {NULL, "2016-02-29T01:16:00Z", 1456708560},
                {NULL, "2016-02-29T02:16:00+01:00", 1456708560},
                {"%d-%m-%Y", "30-02-2016", -1},
                {"%d-%m-%Y", "29-02-2015", -1},
                {"%d-%m-%Y", "29-13-2016", -1},
                {"%d-%m-%Y", "00-01-2016", -1},
                {"%d-%m-%Y %H:%M", "29-02-2016 24:00", -1},
                {"%d-%m-%Y", "29-02-2016 ", -1},
                {"%d-%m-%Y", "29-02-", -1},
                {"%d-%m-%Y", "29.02.2016", -1},
                {"%d-%m-%Y", "", -1},
                {NULL, "29-02-2016", -1},
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                const sk_history_time time = {.format = sk_slice_of(rows[i].format)};
                int64_t us = 0;
                bool is_read = sk_history_time_read(&time, sk_slice_of(rows[i].text), &us);
                assert_int_equal(is_read, rows[i].seconds >= 0);
                if (is_read)
                        assert_true(us == rows[i].seconds * SK_SECOND_US);
        }
}

static void test_a_zone_ahead_of_utc_means_an_earlier_moment(void **state) {
        (void)state;
        const sk_history_time time = {.format = SK_SLICE("%d-%m-%Y %H:%M"), .zone_us = SK_HOUR_US};
        int64_t us;
        assert_true(sk_history_time_read(&time, SK_SLICE("29-02-2016 01:16"), &us));
        assert_true(us == (1456708560 - 3600) * SK_SECOND_US);
}

static void test_a_format_needs_a_whole_date_and_known_letters(void **state) {
        (void)state;
        static const struct row {
                const char *format;
                bool is_good;
        } rows[] = {{"%d-%m-%Y", true},  {"%y%m%d %H:%M:%S", true}, {"%d-%m", false}, {"%Y-%m", false},
                    {"%d-%q-%Y", false}, {"%d-%m-%Y %", false},     {"", false}};
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                assert_int_equal(sk_history_time_check(sk_slice_of(rows[i].format)), rows[i].is_good);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_times_are_read_as_the_map_says),
                cmocka_unit_test(test_a_zone_ahead_of_utc_means_an_earlier_moment),
                cmocka_unit_test(test_a_format_needs_a_whole_date_and_known_letters),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
