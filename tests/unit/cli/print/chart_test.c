#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/print/chart.h"
#include "kit/when.h"
#include "support/xml_check.h"

#define CHART_BYTES ((size_t)1 << 20)

static void has(const sk_buf *out, const char *text, bool is_wanted) {
        size_t len = strlen(text);
        bool is_found = out->len > 0 && memmem(out->at, out->len, text, len) != NULL;
        if (is_found != is_wanted)
                fail_msg("%s: %s", is_wanted ? "not there" : "there", text);
}

static void test_parts_are_ordered_and_add_up(void **state) {
        sk_chart_part parts[] = {{SK_SLICE("small"), 10}, {SK_SLICE("<large>"), 70}, {SK_SLICE("middle"), 20}};
        sk_buf out = sk_buf_make(CHART_BYTES);
        sk_xml xml = sk_xml_make(&out, true);
        (void)state;
        sk_xml_open(&xml, "div");
        sk_chart_stack(&xml, parts, 3, "others");
        sk_xml_close(&xml);
        assert_true(sk_slice_is(parts[0].label, "<large>"));
        assert_null(xml_check(sk_buf_slice(&out)));
        has(&out, "&lt;large&gt; 70 %", true);
        has(&out, "small 10 %", true);
        has(&out, "others", false);
        sk_buf_free(&out);
}

static void test_too_many_parts_are_one_at_the_end(void **state) {
        sk_chart_part parts[20];
        sk_buf out = sk_buf_make(CHART_BYTES);
        sk_xml xml = sk_xml_make(&out, true);
        (void)state;
        for (size_t i = 0; i < 20; i++)
                parts[i] = (sk_chart_part){SK_SLICE("x"), 100};
        sk_xml_open(&xml, "div");
        sk_chart_stack(&xml, parts, 20, "others");
        sk_xml_close(&xml);
        has(&out, "others 65 %", true);
        sk_buf_free(&out);
}

static void test_nothing_is_drawn_of_nothing(void **state) {
        sk_chart_part parts[] = {{SK_SLICE("x"), 0}};
        sk_buf out = sk_buf_make(CHART_BYTES);
        sk_xml xml = sk_xml_make(&out, true);
        (void)state;
        sk_xml_open(&xml, "div");
        sk_chart_stack(&xml, parts, 1, "others");
        sk_chart_stack(&xml, parts, 0, "others");
        sk_chart_share(&xml, 0, 0);
        sk_chart_durations(&xml, NULL, 0);
        sk_xml_close(&xml);
        assert_true(sk_slice_is(sk_buf_slice(&out), "<div></div>\n"));
        sk_buf_free(&out);
}

static void test_durations_fall_into_their_spans(void **state) {
        static const struct {
                int64_t us;
                unsigned bucket;
        } cases[] = {{0, 0},
                     {SK_MINUTE_US, 0},
                     {SK_MINUTE_US + 1, 1},
                     {5 * SK_MINUTE_US, 1},
                     {SK_HOUR_US, 3},
                     {8 * SK_HOUR_US, 5},
                     {SK_DAY_US, 6},
                     {7 * SK_DAY_US, 8},
                     {8 * SK_DAY_US, 9},
                     {INT64_MAX, 9}};
        int64_t durations[] = {1, 2, 3, 8 * SK_DAY_US};
        sk_buf out = sk_buf_make(CHART_BYTES);
        sk_xml xml = sk_xml_make(&out, true);
        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                assert_int_equal(sk_chart_bucket(cases[i].us), cases[i].bucket);
        sk_xml_open(&xml, "div");
        sk_chart_durations(&xml, durations, 4);
        sk_xml_close(&xml);
        assert_null(xml_check(sk_buf_slice(&out)));
        has(&out, ">3</text>", true);
        has(&out, ">1</text>", true);
        sk_buf_free(&out);
}

static void test_shades_differ(void **state) {
        (void)state;
        for (unsigned a = 0; a < SK_CHART_PARTS_MAX; a++) {
                for (unsigned b = 0; b < a; b++)
                        assert_string_not_equal(sk_chart_fill(a), sk_chart_fill(b));
        }
        assert_string_equal(sk_chart_fill(99), sk_chart_fill(SK_CHART_PARTS_MAX - 1));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_parts_are_ordered_and_add_up),
                cmocka_unit_test(test_too_many_parts_are_one_at_the_end),
                cmocka_unit_test(test_nothing_is_drawn_of_nothing),
                cmocka_unit_test(test_durations_fall_into_their_spans),
                cmocka_unit_test(test_shades_differ),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
