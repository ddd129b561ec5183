/*
 * The subway map as a drawing. What tells lines apart is never the colour alone: each has its pattern, its place and its
 * name, and the colours differ in brightness.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/map/subway.h"
#include "cli/map/subway_words.h"
#include "cli/print/escape.h"
#include "cli/print/xml.h"

#define TEXT_BYTES 4096
#define DIGIT_WIDTH 8
#define MARK_HALF_HEIGHT 47
#define ROUND_MAX 19
#define PLATFORM_HALF 14
#define WIDE_MARK 30
#define STATION_HALF 11
#define NUMBERS_SHOWN 3
#define ENTRIES_MAX 240u
#define ENTRY_COLUMNS 3
#define ENTRY_HEIGHT 18

static const char style[] =
        "text{font-family:\"DejaVu Sans\",Verdana,Helvetica,Arial,sans-serif;font-size:13px;fill:#1a1a1a}"
        ".title{font-size:24px;font-weight:bold}.small{font-size:12px;fill:#444}"
        ".badge{font-size:15px;font-weight:bold;text-anchor:middle}.count{font-size:12px;font-weight:bold;"
        "text-anchor:middle}.gate{font-size:14px;font-weight:bold}.chip{font-size:11px;text-anchor:middle}"
        ".off{opacity:.22}";

/* What is drawn with, and on what. */
typedef struct drawing {
        const sk_subway *subway;
        sk_xml xml;
} drawing;

/* ---- which parts one call has been through ---- */

static bool is_visited(const sk_subway *subway, sk_subway_station station) {
        for (size_t i = 0; i < subway->stop_count; i++) {
                const sk_subway_stop *stop = &subway->stops[i];
                if (!stop->is_skipped && stop->station.process == station.process &&
                    stop->station.place == station.place)
                        return true;
        }
        return false;
}

/* Whether the call has been on the way out (or back) of a line. */
static bool is_ridden(const sk_subway *subway, sk_process process, bool is_back) {
        for (size_t i = 0; i < subway->stop_count; i++) {
                const sk_subway_stop *stop = &subway->stops[i];
                if (stop->station.process != process || stop->is_skipped)
                        continue;
                bool lies_back = sk_subway_point(stop->station).y > sk_subway_root(process).y;
                if (lies_back == is_back)
                        return true;
        }
        return false;
}

static bool is_taken(const sk_subway *subway, const sk_subway_transfer *transfer) {
        for (size_t i = 0; i < subway->stop_count; i++) {
                const sk_subway_stop *stop = &subway->stops[i];
                if (stop->station.process == transfer->from && stop->to == transfer->to)
                        return true;
        }
        return false;
}

/* Pale, where only one call's way is shown and it does not go here. */
static void begin_group(drawing *draw, bool is_used) {
        sk_xml_open(&draw->xml, "g");
        if (draw->subway->has_way && !is_used)
                sk_xml_attribute(&draw->xml, "class", "off");
}

/* ---- pieces ---- */

static void put_path(drawing *draw, const char *path, const char *colour, int width, const char *dashes) {
        sk_xml *xml = &draw->xml;
        sk_xml_open(xml, "path");
        sk_xml_attribute(xml, "d", path);
        sk_xml_attribute(xml, "fill", "none");
        sk_xml_attribute(xml, "stroke", colour);
        sk_xml_attribute_int(xml, "stroke-width", width);
        if (dashes[0] != '\0' && strcmp(dashes, "none") != 0)
                sk_xml_attribute(xml, "stroke-dasharray", dashes);
        sk_xml_attribute(xml, "stroke-linejoin", "round");
        sk_xml_close(xml);
}

static void put_box(drawing *draw, sk_point middle, int half_width, int half_height, const char *fill,
                    const char *stroke) {
        sk_xml *xml = &draw->xml;
        int round = half_width < half_height ? half_width : half_height;
        round = round < ROUND_MAX ? round : ROUND_MAX;
        sk_xml_open(xml, "rect");
        sk_xml_attribute_int(xml, "x", middle.x - half_width);
        sk_xml_attribute_int(xml, "y", middle.y - half_height);
        sk_xml_attribute_int(xml, "width", 2 * half_width);
        sk_xml_attribute_int(xml, "height", 2 * half_height);
        sk_xml_attribute_int(xml, "rx", round);
        sk_xml_attribute(xml, "fill", fill);
        sk_xml_attribute(xml, "stroke", stroke);
        sk_xml_attribute_int(xml, "stroke-width", 3);
        sk_xml_close(xml);
}

static void put_text(drawing *draw, sk_point at, const char *class_name, sk_slice text) {
        sk_xml *xml = &draw->xml;
        sk_xml_open(xml, "text");
        sk_xml_attribute_int(xml, "x", at.x);
        sk_xml_attribute_int(xml, "y", at.y);
        if (class_name != NULL)
                sk_xml_attribute(xml, "class", class_name);
        sk_xml_text(xml, text);
        sk_xml_close(xml);
}

static void put_badge(drawing *draw, sk_point middle, sk_process process) {
        const sk_subway_line *line = sk_subway_line_of(process);
        const char *name = sk_process_text(process)->name[draw->subway->language];
        int half = 16 + (int)sk_text_columns(sk_slice_of(name)) * 5;
        put_box(draw, middle, half, 15, line->colour, "#ffffff");
        sk_xml_open(&draw->xml, "text");
        sk_xml_attribute_int(&draw->xml, "x", middle.x);
        sk_xml_attribute_int(&draw->xml, "y", middle.y + 5);
        sk_xml_attribute(&draw->xml, "class", "badge");
        sk_xml_attribute_format(&draw->xml, "style", "fill:%s", line->ink);
        sk_xml_cstr(&draw->xml, name);
        sk_xml_close(&draw->xml);
}

/* ---- lines ---- */

static void put_track(drawing *draw, sk_process process, const char *path) {
        const sk_subway_line *line = sk_subway_line_of(process);
        put_path(draw, path, line->colour, 10, "");
        if (line->pattern[0] != '\0')
                put_path(draw, path, "#ffffff", 3, line->pattern);
}

/* A line without a cut turns round behind its last station on the way out. */
static void put_turn(drawing *draw, sk_process process, unsigned last, int upper, int lower) {
        char path[128];
        int x = sk_subway_point((sk_subway_station){process, last}).x;
        int radius = (lower - upper) / 2;
        snprintf(path, sizeof(path), "M%d %d H%d A%d %d 0 0 1 %d %d H%d", x, upper, x + 12, radius, radius, x + 12,
                 lower, x);
        put_track(draw, process, path);
}

/* A piece of one track; @p is_used: the call went along it. */
static void put_piece(drawing *draw, sk_process process, sk_point from, int to_x, bool is_used) {
        char path[128];
        snprintf(path, sizeof(path), "M%d %d H%d", from.x, from.y, to_x);
        begin_group(draw, is_used);
        put_track(draw, process, path);
        sk_xml_close(&draw->xml);
}

static bool begins_with(const sk_subway *subway, sk_process process) {
        return subway->stop_count > 0 && subway->stops[0].station.process == process;
}

static void put_line(drawing *draw, sk_process process) {
        const sk_process_info *info = sk_process_get(process);
        bool is_right;
        bool has_cut = info->may_trigger != 0;
        bool is_first = begins_with(draw->subway, process);
        bool is_out = is_ridden(draw->subway, process, false);
        bool is_back = is_ridden(draw->subway, process, true);
        sk_point gate = sk_subway_gate(process, &is_right);
        unsigned last = has_cut ? info->count : (info->count + 1u) / 2 - 1;
        int tip = sk_subway_point((sk_subway_station){process, last}).x;
        sk_point accept = sk_subway_point((sk_subway_station){process, 0});
        sk_point close = sk_subway_point((sk_subway_station){process, info->count - 1u});
        int begin = gate.x + (is_right ? -PLATFORM_HALF : PLATFORM_HALF);
        put_piece(draw, process, (sk_point){begin, accept.y}, accept.x, is_out && is_first);
        put_piece(draw, process, (sk_point){begin, close.y}, close.x, is_back && is_first);
        put_piece(draw, process, accept, tip, is_out);
        put_piece(draw, process, close, tip, is_back);
        begin_group(draw, is_back);
        if (!has_cut)
                put_turn(draw, process, last, accept.y, close.y);
        sk_xml_close(&draw->xml);
}

/* ---- transfers ---- */

static void write_leg(const sk_subway_transfer *transfer, int side, char *out, size_t size) {
        size_t len = 0;
        for (unsigned i = 0; i < transfer->point_count && len < size; i++)
                len += (size_t)snprintf(out + len, size - len, "%s%d %d", i == 0 ? "M" : " L",
                                        transfer->points[i].x + side * transfer->apart.x,
                                        transfer->points[i].y + side * transfer->apart.y);
}

/* A head that points along the leg's last piece (or, back, along its first one, backwards). */
static void put_head(drawing *draw, const sk_subway_transfer *transfer, bool is_back, const char *colour) {
        unsigned end = is_back ? 0 : transfer->point_count - 1;
        const sk_point *to = &transfer->points[end];
        const sk_point *from = &transfer->points[is_back ? 1 : end - 1];
        int side = is_back ? -1 : 1;
        int dx = (to->x > from->x) - (to->x < from->x);
        int dy = (to->y > from->y) - (to->y < from->y);
        int x = to->x + side * transfer->apart.x;
        int y = to->y + side * transfer->apart.y;
        sk_xml_open(&draw->xml, "path");
        sk_xml_attribute_format(&draw->xml, "d", "M%d %d L%d %d L%d %d Z", x, y, x - 11 * dx - 6 * dy,
                                y - 11 * dy - 6 * dx, x - 11 * dx + 6 * dy, y - 11 * dy + 6 * dx);
        sk_xml_attribute(&draw->xml, "fill", colour);
        sk_xml_close(&draw->xml);
}

static void put_leg(drawing *draw, const sk_subway_transfer *transfer, bool is_back, bool is_used) {
        char path[160];
        const char *colour = sk_subway_line_of(is_back ? transfer->from : transfer->to)->colour;
        begin_group(draw, is_used);
        write_leg(transfer, is_back ? -1 : 1, path, sizeof(path));
        put_path(draw, path, colour, 4, is_back ? "7 5" : "");
        put_head(draw, transfer, is_back, colour);
        sk_xml_close(&draw->xml);
}

/* The numbers of the workflows that come by, in the middle of the last piece. */
static void put_chip(drawing *draw, const sk_subway_transfer *transfer) {
        const sk_point *a = &transfer->points[transfer->point_count - 2];
        const sk_point *b = &transfer->points[transfer->point_count - 1];
        sk_buf text = sk_buf_make(TEXT_BYTES);
        sk_subway_numbers(transfer->workflows, &text);
        /* Where two arrive side by side, the longer one has its numbers further up. */
        int y = b->y + (a->y - b->y) / (labs(a->y - b->y) > 300 ? 3 : 2);
        sk_point middle = {b->x, y};
        put_box(draw, middle, 7 + 3 * (int)text.len, 10, "#ffffff", "#666666");
        put_text(draw, (sk_point){middle.x, middle.y + 4}, "chip", sk_buf_slice(&text));
        sk_buf_free(&text);
}

static void put_transfers(drawing *draw) {
        sk_subway_transfer transfers[SK_SUBWAY_TRANSFERS_MAX];
        unsigned count = sk_subway_transfers(transfers);
        for (unsigned i = 0; i < count; i++) {
                const sk_subway_transfer *transfer = &transfers[i];
                bool is_used = is_taken(draw->subway, transfer);
                put_leg(draw, transfer, false, is_used);
                put_leg(draw, transfer, true, is_used && is_ridden(draw->subway, transfer->from, true));
                begin_group(draw, is_used);
                put_chip(draw, transfer);
                sk_xml_close(&draw->xml);
        }
}

/* ---- stations ---- */

/* What stands inside: how many calls, or the numbers of the call's stops. */
static void write_inside(const sk_subway *subway, sk_subway_station station, sk_buf *out) {
        unsigned shown = 0;
        if (subway->has_counts && subway->open[station.process][station.place] > 0)
                sk_buf_add_uint(out, subway->open[station.process][station.place]);
        for (size_t i = 0; subway->has_way && i < subway->stop_count; i++) {
                const sk_subway_stop *stop = &subway->stops[i];
                if (stop->is_skipped || stop->station.process != station.process ||
                    stop->station.place != station.place)
                        continue;
                if (++shown > NUMBERS_SHOWN) {
                        sk_buf_add_text(out, "…");
                        return;
                }
                if (shown > 1)
                        sk_buf_add_byte(out, ',');
                sk_buf_add_uint(out, i + 1);
        }
}

static bool is_here(const sk_subway *subway, sk_subway_station station) {
        for (size_t i = 0; i < subway->stop_count; i++) {
                const sk_subway_stop *stop = &subway->stops[i];
                if (stop->is_here && stop->station.process == station.process && stop->station.place == station.place)
                        return true;
        }
        return false;
}

/* Where the mark is wide, the names of its stations stand inside; all others slant away from the line. */
static void put_name(drawing *draw, sk_subway_station station, sk_point at, bool is_above) {
        const sk_activity *activity = sk_subway_activity(station);
        int half = at.x == sk_subway_root(station.process).x ? sk_subway_root_half(station.process) : 0;
        if (activity == NULL)
                return;
        sk_xml_open(&draw->xml, "text");
        if (half >= WIDE_MARK) {
                sk_xml_attribute(&draw->xml, "class", "chip");
                sk_xml_attribute_int(&draw->xml, "x", at.x);
                sk_xml_attribute_int(&draw->xml, "y", at.y + (is_above ? 23 : -16));
        } else {
                int x = at.x + (half > 0 ? half - 3 : 0) + (is_above ? 4 : 2);
                sk_xml_attribute_format(&draw->xml, "transform", "translate(%d %d) rotate(%d)", x,
                                        at.y + (is_above ? -17 : 26), is_above ? -28 : 28);
        }
        sk_xml_cstr(&draw->xml, sk_activity_text(activity)->name[draw->subway->language]);
        sk_xml_close(&draw->xml);
}

static void put_station(drawing *draw, sk_subway_station station) {
        const sk_subway_line *line = sk_subway_line_of(station.process);
        const sk_activity *activity = sk_subway_activity(station);
        sk_point at = sk_subway_point(station);
        sk_buf inside = sk_buf_make(TEXT_BYTES);
        write_inside(draw->subway, station, &inside);
        int wide = 4 + (int)sk_text_columns(sk_buf_slice(&inside)) * DIGIT_WIDTH / 2;
        bool is_now = is_here(draw->subway, station);
        begin_group(draw, is_visited(draw->subway, station));
        sk_xml_open(&draw->xml, "title");
        sk_subway_station copy = station;
        sk_buf id = sk_buf_make(TEXT_BYTES);
        sk_subway_id(copy, &id);
        sk_xml_text(&draw->xml, sk_buf_slice(&id));
        if (activity != NULL)
                sk_xml_format(&draw->xml, ": %s", sk_activity_text(activity)->text[draw->subway->language]);
        else
                sk_xml_format(&draw->xml, ": %s", sk_cut_text(station.process)->text[draw->subway->language]);
        sk_xml_close(&draw->xml);
        sk_buf_free(&id);
        put_box(draw, at, wide > STATION_HALF ? wide : STATION_HALF, STATION_HALF, is_now ? "#000000" : "#ffffff",
                activity == NULL ? "#000000" : line->colour);
        if (inside.len > 0) {
                sk_xml_open(&draw->xml, "text");
                sk_xml_attribute_int(&draw->xml, "x", at.x);
                sk_xml_attribute_int(&draw->xml, "y", at.y + 4);
                sk_xml_attribute(&draw->xml, "class", "count");
                if (is_now)
                        sk_xml_attribute(&draw->xml, "style", "fill:#fff");
                sk_xml_text(&draw->xml, sk_buf_slice(&inside));
                sk_xml_close(&draw->xml);
        }
        put_name(draw, station, at, at.y < sk_subway_root(station.process).y);
        sk_xml_close(&draw->xml);
        sk_buf_free(&inside);
}

/* The mark around the first and the last station, and around the cut: here one changes. */
static void put_marks(drawing *draw, sk_process process) {
        const sk_process_info *info = sk_process_get(process);
        sk_point root = sk_subway_root(process);
        begin_group(draw, is_ridden(draw->subway, process, false));
        put_box(draw, root, sk_subway_root_half(process), MARK_HALF_HEIGHT, "#ffffff", "#000000");
        if (info->may_trigger != 0) {
                sk_point cut = sk_subway_point((sk_subway_station){process, info->count});
                put_box(draw, cut, sk_subway_cut_half(process), MARK_HALF_HEIGHT, "#ffffff", "#000000");
                put_text(draw, (sk_point){cut.x, cut.y - 24}, "count",
                         sk_slice_of(sk_subway_words_of(draw->subway->language)->cut));
        }
        sk_xml_close(&draw->xml);
}

static void put_stations(drawing *draw) {
        for (unsigned p = 0; p < SK_PROCESSES; p++) {
                const sk_process_info *info = sk_process_get((sk_process)p);
                unsigned count = info->count + (info->may_trigger != 0 ? 1u : 0u);
                for (unsigned i = 0; i < count; i++)
                        put_station(draw, (sk_subway_station){(sk_process)p, i});
        }
}

/* ---- platforms ---- */

static void put_platform(drawing *draw, int x, int top, int bottom, const char *text) {
        sk_xml *xml = &draw->xml;
        int y = (top + bottom) / 2;
        sk_xml_open(xml, "rect");
        sk_xml_attribute_int(xml, "x", x - PLATFORM_HALF);
        sk_xml_attribute_int(xml, "y", top);
        sk_xml_attribute_int(xml, "width", 2 * PLATFORM_HALF);
        sk_xml_attribute_int(xml, "height", bottom - top);
        sk_xml_attribute_int(xml, "rx", 6);
        sk_xml_attribute(xml, "fill", "#d9d9d9");
        sk_xml_attribute(xml, "stroke", "#555555");
        sk_xml_close(xml);
        sk_xml_open(xml, "text");
        sk_xml_attribute_format(xml, "transform", "translate(%d %d) rotate(-90)", x + 5, y);
        sk_xml_attribute(xml, "text-anchor", "middle");
        sk_xml_attribute(xml, "class", "gate");
        sk_xml_cstr(xml, text);
        sk_xml_close(xml);
}

/* The calls that begin at a gate. */
static void put_gate(drawing *draw, sk_call_type type) {
        bool is_right;
        sk_process process = sk_call_type_process(type);
        sk_language language = draw->subway->language;
        sk_point gate = sk_subway_gate(process, &is_right);
        sk_buf numbers = sk_buf_make(TEXT_BYTES);
        uint16_t own = sk_workflows_possible(&process, 1);
        sk_subway_numbers(own, &numbers);
        sk_xml_open(&draw->xml, "g");
        if (!is_right)
                sk_xml_attribute(&draw->xml, "text-anchor", "end");
        int x = gate.x + (is_right ? 24 : -24);
        put_text(draw, (sk_point){x, gate.y - 2}, "gate", sk_slice_of(sk_call_type_text(type)->name[language]));
        sk_buf text = sk_buf_make(TEXT_BYTES);
        sk_buf_add_format(&text, "%s %.*s", sk_subway_words_of(language)->workflow, (int)numbers.len,
                          sk_buf_slice(&numbers).at);
        put_text(draw, (sk_point){x, gate.y + 15}, "small", sk_buf_slice(&text));
        sk_xml_close(&draw->xml);
        sk_buf_free(&text);
        sk_buf_free(&numbers);
}

static void put_platforms(drawing *draw) {
        const sk_subway_words *words = sk_subway_words_of(draw->subway->language);
        bool is_right;
        sk_point first = sk_subway_gate(SK_AGREE, &is_right);
        sk_point last = sk_subway_gate(SK_OPERATE, &is_right);
        sk_point right = sk_subway_gate(SK_IMPROVE, &is_right);
        put_platform(draw, first.x, first.y - 60, last.y + 60, words->reactive);
        put_platform(draw, right.x, right.y - 130, right.y + 130, words->proactive);
        for (unsigned type = 0; type < SK_CALL_TYPES; type++) {
                if (sk_call_type_process((sk_call_type)type) != SK_PROCESSES)
                        put_gate(draw, (sk_call_type)type);
        }
}

static void put_badges(drawing *draw) {
        for (unsigned p = 0; p < SK_PROCESSES; p++) {
                bool is_right;
                sk_point gate = sk_subway_gate((sk_process)p, &is_right);
                gate.x += is_right ? -76 : 76;
                begin_group(draw, is_ridden(draw->subway, (sk_process)p, false));
                put_badge(draw, gate, (sk_process)p);
                sk_xml_close(&draw->xml);
        }
}

/* ---- below the map ---- */

static int rows_of(size_t count, unsigned columns) {
        return (int)((count + columns - 1) / columns);
}

static size_t entries_of(const sk_subway *subway) {
        return subway->stop_count < ENTRIES_MAX ? subway->stop_count : ENTRIES_MAX;
}

static int height_below(const sk_subway *subway) {
        size_t entries = subway->has_way ? entries_of(subway) + 1 : 8;
        return 70 + ENTRY_HEIGHT * rows_of(entries, subway->has_way ? ENTRY_COLUMNS : 2);
}

static void write_entry(const sk_subway *subway, size_t index, sk_buf *out) {
        const sk_subway_stop *stop = &subway->stops[index];
        sk_buf_add_format(out, "%zu  ", index + 1);
        sk_subway_id(stop->station, out);
        if (stop->to != SK_PROCESSES)
                sk_buf_add_format(out, " → %s", sk_process_get(stop->to)->id);
        const sk_slice parts[] = {stop->team, stop->who, stop->when, stop->took};
        for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
                if (parts[i].len == 0)
                        continue;
                sk_buf_add_text(out, i == 0 ? "  " : " · ");
                sk_buf_add_slice(out, parts[i]);
        }
        if (stop->is_skipped)
                sk_buf_add_format(out, " (%s)", sk_subway_words_of(subway->language)->skipped);
}

static void put_entries(drawing *draw, int top) {
        size_t count = entries_of(draw->subway);
        int rows = rows_of(count + 1, ENTRY_COLUMNS);
        int width = (sk_subway_size().x - 60) / ENTRY_COLUMNS;
        for (size_t i = 0; i < count; i++) {
                sk_buf text = sk_buf_make(TEXT_BYTES);
                write_entry(draw->subway, i, &text);
                sk_point at = {40 + (int)(i / (size_t)rows) * width, top + (int)(i % (size_t)rows) * ENTRY_HEIGHT};
                put_text(draw, at, draw->subway->stops[i].is_skipped ? "small off" : "small", sk_buf_slice(&text));
                sk_buf_free(&text);
        }
}

static void put_workflow(drawing *draw, const sk_workflow *workflow, sk_point at) {
        sk_language language = draw->subway->language;
        sk_buf text = sk_buf_make(TEXT_BYTES);
        sk_buf_add_format(&text, "%u  %s: ", workflow->number, sk_workflow_text(workflow->number)->name[language]);
        for (unsigned i = 0; i < workflow->path_length; i++)
                sk_buf_add_format(&text, "%s%s", i == 0 ? "" : " › ",
                                  sk_process_text(workflow->path[i])->name[language]);
        put_text(draw, at, "small", sk_buf_slice(&text));
        sk_buf_free(&text);
}

static void put_below(drawing *draw) {
        const sk_subway_words *words = sk_subway_words_of(draw->subway->language);
        int top = sk_subway_size().y;
        const char *explained = draw->subway->has_way ? words->way : words->legend;
        put_text(draw, (sk_point){40, top}, NULL, sk_slice_of(explained));
        if (draw->subway->has_counts)
                put_text(draw, (sk_point){40, top + 20}, "small", sk_slice_of(words->counts));
        if (draw->subway->has_way) {
                put_entries(draw, top + 44);
                return;
        }
        for (unsigned number = 1; sk_workflow_get(number) != NULL; number++) {
                sk_point at = {number <= 5 ? 40 : sk_subway_size().x / 2,
                               top + 46 + (int)(number <= 5 ? number - 1 : number - 6) * ENTRY_HEIGHT};
                put_workflow(draw, sk_workflow_get(number), at);
        }
}

/* ---- the whole ---- */

static void put_title(drawing *draw) {
        put_text(draw, (sk_point){40, 48}, "title", draw->subway->title);
        put_text(draw, (sk_point){40, 72}, "small", draw->subway->remark);
}

void sk_subway_svg(const sk_subway *subway, sk_buf *out) {
        assert(subway != NULL && subway->language < SK_LANGUAGES);
        drawing draw = {.subway = subway, .xml = sk_xml_make(out, false)};
        sk_xml *xml = &draw.xml;
        sk_point size = sk_subway_size();
        size.y += height_below(subway) + (subway->has_way ? 0 : 24);
        sk_xml_open(xml, "svg");
        sk_xml_attribute(xml, "xmlns", "http://www.w3.org/2000/svg");
        sk_xml_attribute_format(xml, "viewBox", "0 0 %d %d", size.x, size.y);
        sk_xml_attribute_int(xml, "width", size.x);
        sk_xml_attribute_int(xml, "height", size.y);
        sk_xml_attribute(xml, "role", "img");
        sk_xml_attribute(xml, "lang", sk_language_id(subway->language));
        sk_xml_element(xml, "title", NULL, subway->title);
        sk_xml_open(xml, "style");
        sk_xml_literal(xml, style);
        sk_xml_close(xml);
        sk_xml_open(xml, "rect");
        sk_xml_attribute(xml, "width", "100%");
        sk_xml_attribute(xml, "height", "100%");
        sk_xml_attribute(xml, "fill", "#ffffff");
        sk_xml_close(xml);
        put_title(&draw);
        put_platforms(&draw);
        for (unsigned p = 0; p < SK_PROCESSES; p++)
                put_line(&draw, (sk_process)p);
        for (unsigned p = 0; p < SK_PROCESSES; p++)
                put_marks(&draw, (sk_process)p);
        put_transfers(&draw);
        put_stations(&draw);
        put_badges(&draw);
        put_below(&draw);
        sk_xml_close(xml);
        assert(sk_xml_is_complete(xml));
}
