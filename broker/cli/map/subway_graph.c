/*
 * The subway map for programs: a graph for `dot`, and JSON with all that is needed to draw it again.
 */
#include <assert.h>

#include "cli/map/dot.h"
#include "cli/map/subway.h"
#include "cli/map/subway_words.h"

#define ID_BYTES 256

static unsigned station_count(const sk_process_info *info) {
        return info->count + (info->may_trigger != 0 ? 1u : 0u);
}

static const char *name_of(const sk_subway *subway, sk_subway_station station) {
        const sk_activity *activity = sk_subway_activity(station);
        return activity == NULL ? sk_subway_words_of(subway->language)->cut
                                : sk_activity_text(activity)->name[subway->language];
}

/* ---- dot ---- */

static void dot_id(sk_buf *out, sk_subway_station station) {
        sk_buf id = sk_buf_make(ID_BYTES);
        sk_subway_id(station, &id);
        sk_dot_text(out, sk_buf_slice(&id));
        sk_buf_free(&id);
}

static void dot_edge(sk_buf *out, sk_subway_station from, sk_subway_station to) {
        sk_buf_add_text(out, "    ");
        dot_id(out, from);
        sk_buf_add_text(out, " -> ");
        dot_id(out, to);
}

static void dot_station(const sk_subway *subway, sk_subway_station station, sk_buf *out) {
        sk_buf label = sk_buf_make(ID_BYTES);
        uint64_t open = subway->open[station.process][station.place];
        sk_buf_add_text(&label, name_of(subway, station));
        if (subway->has_counts && open > 0) {
                sk_buf_add_text(&label, ": ");
                sk_buf_add_uint(&label, open);
        }
        sk_buf_add_text(out, "    ");
        dot_id(out, station);
        sk_buf_add_text(out, " [label=");
        sk_dot_text(out, sk_buf_slice(&label));
        sk_buf_add_text(out, sk_subway_activity(station) == NULL ? ",shape=doublecircle];\n" : "];\n");
        sk_buf_free(&label);
}

static void dot_line(const sk_subway *subway, sk_process process, sk_buf *out) {
        const sk_process_info *info = sk_process_get(process);
        const char *colour = sk_subway_line_of(process)->colour;
        sk_buf_add_format(out, "  subgraph cluster_%s {\n    label=", info->id);
        sk_dot_text(out, sk_slice_of(sk_process_text(process)->name[subway->language]));
        sk_buf_add_format(out, ";\n    color=\"%s\";\n    node [color=\"%s\"];\n    edge [color=\"%s\",penwidth=3];\n",
                          colour, colour, colour);
        for (unsigned i = 0; i < station_count(info); i++)
                dot_station(subway, (sk_subway_station){process, i}, out);
        for (unsigned i = 0; i + 1 < info->count; i++) {
                if (i + 1 == info->before_cut) {
                        dot_edge(out, (sk_subway_station){process, i}, (sk_subway_station){process, info->count});
                        sk_buf_add_text(out, ";\n");
                        dot_edge(out, (sk_subway_station){process, info->count}, (sk_subway_station){process, i + 1});
                } else {
                        dot_edge(out, (sk_subway_station){process, i}, (sk_subway_station){process, i + 1});
                }
                sk_buf_add_text(out, ";\n");
        }
        sk_buf_add_text(out, "  }\n");
}

static void dot_transfer(const sk_subway_transfer *transfer, sk_buf *out) {
        const sk_process_info *to = sk_process_get(transfer->to);
        sk_subway_station cut = {transfer->from, sk_process_get(transfer->from)->count};
        dot_edge(out, cut, (sk_subway_station){transfer->to, 0});
        sk_buf_add_text(out, " [label=\"");
        sk_subway_numbers(transfer->workflows, out);
        sk_buf_add_format(out, "\",color=\"%s\"];\n", sk_subway_line_of(transfer->to)->colour);
        dot_edge(out, (sk_subway_station){transfer->to, to->count - 1u}, cut);
        sk_buf_add_format(out, " [style=dashed,color=\"%s\"];\n", sk_subway_line_of(transfer->from)->colour);
}

void sk_subway_dot(const sk_subway *subway, sk_buf *out) {
        sk_subway_transfer transfers[SK_SUBWAY_TRANSFERS_MAX];
        unsigned count = sk_subway_transfers(transfers);
        sk_buf_add_text(out, "digraph usm {\n  rankdir=LR;\n  node [shape=circle];\n  label=");
        sk_dot_text(out, subway->title);
        sk_buf_add_text(out, ";\n");
        for (unsigned p = 0; p < SK_PROCESSES; p++)
                dot_line(subway, (sk_process)p, out);
        for (unsigned i = 0; i < count; i++)
                dot_transfer(&transfers[i], out);
        sk_buf_add_text(out, "}\n");
}

/* ---- JSON ---- */

static void json_id(sk_json_writer *json, const char *name, sk_subway_station station) {
        sk_buf id = sk_buf_make(ID_BYTES);
        sk_subway_id(station, &id);
        sk_json_put_text(json, name, sk_buf_slice(&id));
        sk_buf_free(&id);
}

static void json_point(sk_json_writer *json, const char *name, sk_point point) {
        sk_json_open_array(json, name);
        sk_json_put_int(json, NULL, point.x);
        sk_json_put_int(json, NULL, point.y);
        sk_json_close_array(json);
}

static void json_numbers(sk_json_writer *json, const char *name, uint16_t workflows) {
        sk_json_open_array(json, name);
        for (unsigned number = 1; number < 16; number++) {
                if ((workflows & 1u << number) != 0)
                        sk_json_put_int(json, NULL, number);
        }
        sk_json_close_array(json);
}

static void json_station(const sk_subway *subway, sk_subway_station station, sk_json_writer *json) {
        sk_json_open_object(json, NULL);
        json_id(json, "id", station);
        sk_json_put_cstr(json, "name", name_of(subway, station));
        json_point(json, "at", sk_subway_point(station));
        if (subway->has_counts)
                sk_json_put_int(json, "open", (int64_t)subway->open[station.process][station.place]);
        sk_json_close_object(json);
}

static void json_line(const sk_subway *subway, sk_process process, sk_json_writer *json) {
        const sk_process_info *info = sk_process_get(process);
        bool is_right;
        (void)sk_subway_gate(process, &is_right);
        sk_json_open_object(json, NULL);
        sk_json_put_cstr(json, "process", info->id);
        sk_json_put_cstr(json, "name", sk_process_text(process)->name[subway->language]);
        sk_json_put_cstr(json, "platform", is_right ? "proactive" : "reactive");
        sk_json_put_cstr(json, "colour", sk_subway_line_of(process)->colour);
        json_numbers(json, "workflows", sk_subway_workflows(process));
        sk_json_open_array(json, "stations");
        for (unsigned i = 0; i < station_count(info); i++)
                json_station(subway, (sk_subway_station){process, i}, json);
        sk_json_close_array(json);
        sk_json_close_object(json);
}

static void json_transfer(const sk_subway_transfer *transfer, sk_json_writer *json) {
        sk_json_open_object(json, NULL);
        sk_json_put_cstr(json, "from", sk_process_get(transfer->from)->id);
        sk_json_put_cstr(json, "to", sk_process_get(transfer->to)->id);
        json_numbers(json, "workflows", transfer->workflows);
        sk_json_open_array(json, "points");
        for (unsigned i = 0; i < transfer->point_count; i++)
                json_point(json, NULL, transfer->points[i]);
        sk_json_close_array(json);
        sk_json_close_object(json);
}

static void json_stop(const sk_subway_stop *stop, sk_json_writer *json) {
        sk_json_open_object(json, NULL);
        json_id(json, "station", stop->station);
        if (stop->to != SK_PROCESSES)
                sk_json_put_cstr(json, "to", sk_process_get(stop->to)->id);
        sk_json_put_optional(json, "team", stop->team);
        sk_json_put_optional(json, "who", stop->who);
        sk_json_put_optional(json, "when", stop->when);
        sk_json_put_optional(json, "took", stop->took);
        if (stop->is_here)
                sk_json_put_bool(json, "here", true);
        if (stop->is_skipped)
                sk_json_put_bool(json, "not_applicable", true);
        sk_json_close_object(json);
}

void sk_subway_json(const sk_subway *subway, sk_json_writer *json) {
        sk_subway_transfer transfers[SK_SUBWAY_TRANSFERS_MAX];
        unsigned count = sk_subway_transfers(transfers);
        sk_json_open_object(json, NULL);
        sk_json_put_text(json, "title", subway->title);
        sk_json_put_cstr(json, "language", sk_language_id(subway->language));
        sk_json_open_array(json, "lines");
        for (unsigned p = 0; p < SK_PROCESSES; p++)
                json_line(subway, (sk_process)p, json);
        sk_json_close_array(json);
        sk_json_open_array(json, "transfers");
        for (unsigned i = 0; i < count; i++)
                json_transfer(&transfers[i], json);
        sk_json_close_array(json);
        if (subway->has_way) {
                sk_json_open_array(json, "way");
                for (size_t i = 0; i < subway->stop_count; i++)
                        json_stop(&subway->stops[i], json);
                sk_json_close_array(json);
        }
        sk_json_close_object(json);
}
