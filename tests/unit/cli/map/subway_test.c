#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/map/subway.h"
#include "support/golden.h"
#include "support/xml_check.h"

#define DRAWING_BYTES ((size_t)4 << 20)

static unsigned count_of(const sk_process_info *info) {
        return info->count + (info->may_trigger != 0 ? 1u : 0u);
}

static void test_every_activity_and_every_cut_is_a_station_of_its_own(void **state) {
        sk_subway_station all[64];
        unsigned count = 0;
        (void)state;
        for (unsigned p = 0; p < SK_PROCESSES; p++) {
                for (unsigned i = 0; i < count_of(sk_process_get((sk_process)p)); i++)
                        all[count++] = (sk_subway_station){(sk_process)p, i};
        }
        for (unsigned i = 0; i < count; i++) {
                sk_buf id = sk_buf_make(100);
                sk_subway_station found;
                sk_subway_id(all[i], &id);
                assert_true(sk_subway_find(sk_buf_slice(&id), &found));
                assert_int_equal(found.process, all[i].process);
                assert_int_equal(found.place, all[i].place);
                sk_buf_free(&id);
                for (unsigned n = 0; n < i; n++) {
                        sk_point a = sk_subway_point(all[i]);
                        sk_point b = sk_subway_point(all[n]);
                        assert_true(abs(a.x - b.x) > 24 || abs(a.y - b.y) > 24);
                }
        }
}

static void test_what_is_no_station_is_not_found(void **state) {
        static const char *const others[] = {"",       "cut", "operate.cut", "agree.perform", "nowhere.cut",
                                             "agree.", ".cut"};
        sk_subway_station found;
        (void)state;
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
                assert_false(sk_subway_find(sk_slice_of(others[i]), &found));
        assert_false(sk_subway_find(SK_NONE, &found));
}

static void test_the_transfers_are_those_of_the_method(void **state) {
        sk_subway_transfer transfers[SK_SUBWAY_TRANSFERS_MAX];
        unsigned count = sk_subway_transfers(transfers);
        uint16_t seen = 0;
        (void)state;
        assert_int_equal(count, 7);
        for (unsigned i = 0; i < count; i++) {
                assert_true(sk_process_may_trigger(transfers[i].from, transfers[i].to));
                assert_int_not_equal(transfers[i].workflows, 0);
                assert_in_range(transfers[i].point_count, 2, 4);
                seen |= transfers[i].workflows;
        }
        assert_int_equal(seen, 0x1de); /* all but 5, which changes nowhere */
}

static void test_legs_run_straight_and_end_at_the_line_they_lead_to(void **state) {
        sk_subway_transfer transfers[SK_SUBWAY_TRANSFERS_MAX];
        unsigned count = sk_subway_transfers(transfers);
        (void)state;
        for (unsigned i = 0; i < count; i++) {
                const sk_subway_transfer *transfer = &transfers[i];
                for (unsigned n = 1; n < transfer->point_count; n++)
                        assert_true((transfer->points[n].x == transfer->points[n - 1].x) !=
                                    (transfer->points[n].y == transfer->points[n - 1].y));
                sk_point root = sk_subway_root(transfer->to);
                sk_point last = transfer->points[transfer->point_count - 1];
                assert_true(abs(root.x - last.x) < sk_subway_root_half(transfer->to));
                assert_true(abs(root.y - last.y) < 60);
        }
}

static unsigned luma_of(const char *colour) {
        unsigned long rgb = strtoul(colour + 1, NULL, 16);
        return (unsigned)(((rgb >> 16 & 255) * 299 + (rgb >> 8 & 255) * 587 + (rgb & 255) * 114 + 500) / 1000);
}

static void test_lines_differ_in_greyscale_and_in_pattern(void **state) {
        (void)state;
        for (unsigned a = 0; a < SK_PROCESSES; a++) {
                const sk_subway_line *line = sk_subway_line_of((sk_process)a);
                assert_true(abs((int)line->luma - (int)luma_of(line->colour)) <= 2);
                for (unsigned b = 0; b < a; b++) {
                        const sk_subway_line *other = sk_subway_line_of((sk_process)b);
                        assert_true(abs((int)line->luma - (int)other->luma) >= 20);
                        assert_string_not_equal(line->pattern, other->pattern);
                        assert_string_not_equal(line->colour, other->colour);
                }
        }
}

static void test_reactive_lines_begin_left_and_proactive_ones_right(void **state) {
        (void)state;
        for (unsigned p = 0; p < SK_PROCESSES; p++) {
                bool is_right;
                sk_point gate = sk_subway_gate((sk_process)p, &is_right);
                sk_point root = sk_subway_root((sk_process)p);
                assert_int_equal(is_right, p == SK_IMPROVE);
                assert_true(is_right ? gate.x > root.x : gate.x < root.x);
                assert_in_range(gate.x, 1, sk_subway_size().x - 1);
        }
}

static void draw_and_compare(const sk_subway *subway, const char *svg, const char *dot) {
        sk_buf out = sk_buf_make(DRAWING_BYTES);
        sk_subway_svg(subway, &out);
        assert_int_equal(out.err, SK_OK);
        const char *wrong = xml_check(sk_buf_slice(&out));
        if (wrong != NULL)
                fail_msg("%s", wrong);
        golden_compare(svg, sk_buf_slice(&out));
        sk_buf_clear(&out);
        sk_subway_dot(subway, &out);
        golden_compare(dot, sk_buf_slice(&out));
        sk_buf_free(&out);
}

static void test_the_method_is_drawn_as_it_was_looked_at(void **state) {
        sk_subway subway = {.language = SK_ENGLISH,
                            .title = SK_SLICE("The method as a subway map"),
                            .remark = SK_SLICE("desk"),
                            .has_counts = true};
        (void)state;
        subway.open[SK_RECOVER][2] = 12;
        subway.open[SK_RECOVER][6] = 3;
        subway.open[SK_OPERATE][3] = 1234;
        draw_and_compare(&subway, "subway.svg", "subway.dot");
}

static const sk_subway_stop way[] = {
        {.station = {SK_RECOVER, 0}, .to = SK_PROCESSES, .who = SK_SLICE("auto"), .when = SK_SLICE("09:00")},
        {.station = {SK_RECOVER, 1}, .to = SK_PROCESSES, .who = SK_SLICE("anna"), .when = SK_SLICE("09:04")},
        {.station = {SK_RECOVER, 2}, .to = SK_PROCESSES, .is_skipped = true},
        {.station = {SK_RECOVER, 6}, .to = SK_OPERATE, .who = SK_SLICE("anna"), .took = SK_SLICE("4 min")},
        {.station = {SK_OPERATE, 0}, .to = SK_PROCESSES, .team = SK_SLICE("<network>"), .is_here = true},
};

static sk_subway way_map(void) {
        return (sk_subway){.language = SK_DUTCH,
                           .title = SK_SLICE("incident 0198\" onload=\"alert(1)"),
                           .remark = SK_SLICE("\x1b[2J<b>\xff"),
                           .has_way = true,
                           .stops = way,
                           .stop_count = sizeof(way) / sizeof(way[0])};
}

static void test_the_way_of_a_call_is_drawn_as_it_was_looked_at(void **state) {
        sk_subway subway = way_map();
        (void)state;
        draw_and_compare(&subway, "subway-way.svg", "subway-way.dot");
}

static void test_json_tells_lines_transfers_and_the_way(void **state) {
        sk_subway subway = way_map();
        sk_buf out = sk_buf_make(DRAWING_BYTES);
        sk_json_writer json = sk_json_writer_make(&out);
        (void)state;
        sk_subway_json(&subway, &json);
        golden_compare("subway-way.json", sk_buf_slice(&out));
        sk_buf_free(&out);
}

static void test_too_small_a_buffer_is_an_error_and_no_more(void **state) {
        sk_subway subway = way_map();
        (void)state;
        for (size_t max = 0; max < 20000; max += 997) {
                sk_buf out = sk_buf_make(max);
                sk_subway_svg(&subway, &out);
                assert_int_not_equal(out.err, SK_OK);
                sk_buf_free(&out);
        }
}

static void test_all_languages_fit(void **state) {
        sk_buf out = sk_buf_make(DRAWING_BYTES);
        (void)state;
        for (unsigned language = 0; language < SK_LANGUAGES; language++) {
                sk_subway subway = {.language = (sk_language)language, .title = SK_SLICE("x"), .remark = SK_SLICE("")};
                sk_buf_clear(&out);
                sk_subway_svg(&subway, &out);
                assert_null(xml_check(sk_buf_slice(&out)));
        }
        sk_buf_free(&out);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_activity_and_every_cut_is_a_station_of_its_own),
                cmocka_unit_test(test_what_is_no_station_is_not_found),
                cmocka_unit_test(test_the_transfers_are_those_of_the_method),
                cmocka_unit_test(test_legs_run_straight_and_end_at_the_line_they_lead_to),
                cmocka_unit_test(test_lines_differ_in_greyscale_and_in_pattern),
                cmocka_unit_test(test_reactive_lines_begin_left_and_proactive_ones_right),
                cmocka_unit_test(test_the_method_is_drawn_as_it_was_looked_at),
                cmocka_unit_test(test_the_way_of_a_call_is_drawn_as_it_was_looked_at),
                cmocka_unit_test(test_json_tells_lines_transfers_and_the_way),
                cmocka_unit_test(test_too_small_a_buffer_is_an_error_and_no_more),
                cmocka_unit_test(test_all_languages_fit),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
