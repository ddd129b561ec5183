/*
 * The chain as a drawing.
 */
#include <assert.h>
#include <stdio.h>

#include "cli/map/chain_map.h"
#include "cli/map/chain_map_words.h"
#include "cli/print/escape.h"
#include "cli/print/xml.h"

#define TEXT_BYTES 4096
#define LABELS_MAX 512u
#define LABEL_LINES 3u
#define LINE_HEIGHT 14
#define CHAR_WIDTH 6
#define TITLE_COLUMNS 21
#define PATH_BYTES ((size_t)256 << 10)
#define NUDGES 40

static const char style[] =
        "text{font-family:\"DejaVu Sans\",Verdana,Helvetica,Arial,sans-serif;font-size:12px;fill:#1a1a1a}"
        ".title{font-size:24px;font-weight:bold}.small{fill:#444}.team{font-size:14px;font-weight:bold}"
        ".label{font-size:11px;text-anchor:middle}.count{font-weight:bold;text-anchor:middle;fill:#fff}";

typedef struct label_box {
        int x; /**< middle */
        int y; /**< top */
        int half_width;
        int height;
} label_box;

typedef struct drawing {
        const sk_chain_map *map;
        sk_xml xml;
        label_box labels[LABELS_MAX]; /**< placed so far */
        unsigned label_count;
} drawing;

typedef struct point {
        int x;
        int y;
} point;

/* ---- arrows ---- */

/* Where the other end of a link is seen from a team: its first or last bend, else the other team. */
static int direction(const sk_chain_map *map, const sk_map_link *link, bool is_customer) {
        if (link->via_count > 0)
                return link->via[is_customer ? 0 : link->via_count - 1];
        return map->teams[is_customer ? link->provider : link->customer].y + SK_MAP_BOX_HEIGHT / 2;
}

/* Where on the side of a box a link ends: those of one side are spread in the order of their other ends. */
static int port(const sk_chain_map *map, const sk_map_link *link, bool is_customer) {
        size_t own = is_customer ? link->customer : link->provider;
        int wanted = direction(map, link, is_customer);
        unsigned before = 0;
        unsigned count = 0;
        for (size_t i = 0; i < map->link_count; i++) {
                const sk_map_link *at = &map->links[i];
                int y = direction(map, at, is_customer);
                if ((is_customer ? at->customer : at->provider) != own || at->is_backwards != link->is_backwards)
                        continue;
                count++;
                before += y < wanted || (y == wanted && at < link);
        }
        return (int)((before + 1) * (unsigned)SK_MAP_BOX_HEIGHT / (count + 1));
}

/* The four points of a curve that leaves and arrives level. */
static void lay_level(point from, point to, point out[4]) {
        int reach = (to.x - from.x) / 2;
        out[0] = from;
        out[1] = (point){from.x + reach, from.y};
        out[2] = (point){to.x - reach, to.y};
        out[3] = to;
}

/* Backward ones go round below. */
static void lay_below(const sk_chain_map *map, const sk_map_link *link, point out[4]) {
        const sk_map_team *from = &map->teams[link->customer];
        const sk_map_team *to = &map->teams[link->provider];
        int shift = port(map, link, true) * 2;
        out[0] = (point){from->x + 16 + shift / 2, from->y + SK_MAP_BOX_HEIGHT};
        out[3] = (point){to->x + SK_MAP_BOX_WIDTH - 16 - shift / 2, to->y + SK_MAP_BOX_HEIGHT};
        int low = (out[0].y > out[3].y ? out[0].y : out[3].y) + 70 + shift / 4;
        out[1] = (point){out[0].x, low};
        out[2] = (point){out[3].x, low};
}

static point tip_of(const sk_chain_map *map, const sk_map_link *link) {
        const sk_map_team *to = &map->teams[link->provider];
        return (point){to->x, to->y + port(map, link, false)};
}

/* The first piece of an arrow, up to the next layer. */
static void first_piece(const sk_chain_map *map, const sk_map_link *link, point out[4]) {
        const sk_map_team *from = &map->teams[link->customer];
        if (link->is_backwards) {
                lay_below(map, link, out);
                return;
        }
        point begin = {from->x + SK_MAP_BOX_WIDTH, from->y + port(map, link, true)};
        point end = tip_of(map, link);
        if (link->via_count > 0)
                end = (point){sk_chain_map_x(from->layer + 1), link->via[0]};
        lay_level(begin, end, out);
}

static point middle_of(const point curve[4]) {
        return (point){(curve[0].x + 3 * curve[1].x + 3 * curve[2].x + curve[3].x) / 8,
                       (curve[0].y + 3 * curve[1].y + 3 * curve[2].y + curve[3].y) / 8};
}

static void write_curve(const point curve[4], sk_buf *out) {
        sk_buf_add_format(out, " C%d %d %d %d %d %d", curve[1].x, curve[1].y, curve[2].x, curve[2].y, curve[3].x,
                          curve[3].y);
}

/* The whole way: level through each layer between, at the height kept free for it. */
static point write_path(const sk_chain_map *map, const sk_map_link *link, sk_buf *out) {
        point curve[4];
        first_piece(map, link, curve);
        sk_buf_add_format(out, "M%d %d", curve[0].x, curve[0].y);
        write_curve(curve, out);
        for (unsigned i = 0; i < link->via_count; i++) {
                unsigned layer = map->teams[link->customer].layer + 1 + i;
                point begin = {sk_chain_map_x(layer) + SK_MAP_BOX_WIDTH, link->via[i]};
                point end = tip_of(map, link);
                if (i + 1 < link->via_count)
                        end = (point){sk_chain_map_x(layer + 1), link->via[i + 1]};
                sk_buf_add_format(out, " H%d", begin.x);
                lay_level(begin, end, curve);
                write_curve(curve, out);
        }
        return curve[3];
}

static void put_head(drawing *draw, const sk_map_link *link, point tip, const char *colour) {
        sk_xml_open(&draw->xml, "path");
        if (link->is_backwards)
                sk_xml_attribute_format(&draw->xml, "d", "M%d %d l-6 12 h12 Z", tip.x, tip.y);
        else
                sk_xml_attribute_format(&draw->xml, "d", "M%d %d l-12 -6 v12 Z", tip.x, tip.y);
        sk_xml_attribute(&draw->xml, "fill", colour);
        sk_xml_close(&draw->xml);
}

static void put_arrow(drawing *draw, const sk_map_link *link) {
        bool is_used = link->delegation_count > 0;
        const char *colour = is_used ? "#1f3f77" : "#7a7a7a";
        sk_buf path = sk_buf_make(PATH_BYTES);
        point tip = write_path(draw->map, link, &path);
        sk_xml_open(&draw->xml, "path");
        sk_xml_attribute_slice(&draw->xml, "d", sk_buf_slice(&path));
        sk_xml_attribute(&draw->xml, "fill", "none");
        sk_xml_attribute(&draw->xml, "stroke", colour);
        sk_xml_attribute_int(&draw->xml, "stroke-width", is_used ? 4 : 2);
        if (link->is_backwards)
                sk_xml_attribute(&draw->xml, "stroke-dasharray", "9 5");
        sk_xml_close(&draw->xml);
        put_head(draw, link, tip, colour);
        sk_buf_free(&path);
}

/* ---- labels ---- */

static bool is_taken(const drawing *draw, const label_box *box) {
        for (unsigned i = 0; i < draw->label_count; i++) {
                const label_box *other = &draw->labels[i];
                int across = other->x > box->x ? other->x - box->x : box->x - other->x;
                if (across < other->half_width + box->half_width && box->y < other->y + other->height &&
                    other->y < box->y + box->height)
                        return true;
        }
        return false;
}

/* Down until there is room, within reason. */
static void find_room(drawing *draw, label_box *box) {
        for (int i = 0; i < NUDGES && is_taken(draw, box); i++)
                box->y += LINE_HEIGHT;
        if (draw->label_count < LABELS_MAX)
                draw->labels[draw->label_count++] = *box;
}

/* What is passed on, each thing once; the rest as a number. */
static unsigned write_lines(const drawing *draw, const sk_map_link *link, sk_buf lines[LABEL_LINES]) {
        const sk_chain_map_words *words = sk_chain_map_words_of(draw->map->language);
        unsigned count = 0;
        size_t left_out = 0;
        size_t facilities = sk_agreement_facility_count(link->agreement);
        sk_buf_add_format(&lines[count++], "%zu %s", facilities, facilities == 1 ? words->facility : words->facilities);
        if (draw->map->has_counts && link->open > 0)
                sk_buf_add_format(&lines[0], " · %llu %s", (unsigned long long)link->open, words->open);
        for (size_t i = 0; i < link->delegation_count; i++) {
                sk_buf text = sk_buf_make(TEXT_BYTES);
                bool is_known = false;
                sk_map_delegation_write(&link->delegations[i], &text);
                for (unsigned n = 1; n < count; n++)
                        is_known = is_known || sk_slice_equal(sk_buf_slice(&lines[n]), sk_buf_slice(&text));
                if (!is_known && count < LABEL_LINES)
                        sk_buf_add_slice(&lines[count++], sk_buf_slice(&text));
                else
                        left_out += !is_known;
                sk_buf_free(&text);
        }
        if (left_out > 0)
                sk_buf_add_format(&lines[count - 1], " +%zu", left_out);
        return count;
}

static void put_label(drawing *draw, const sk_map_link *link) {
        sk_buf lines[LABEL_LINES];
        point curve[4];
        size_t longest = 0;
        for (unsigned i = 0; i < LABEL_LINES; i++)
                lines[i] = sk_buf_make(TEXT_BYTES);
        first_piece(draw->map, link, curve);
        point middle = middle_of(curve);
        unsigned count = write_lines(draw, link, lines);
        for (unsigned i = 0; i < count; i++)
                longest = sk_text_columns(sk_buf_slice(&lines[i])) > longest ? sk_text_columns(sk_buf_slice(&lines[i]))
                                                                             : longest;
        label_box box = {
                .x = middle.x, .half_width = (int)longest * CHAR_WIDTH / 2 + 4, .height = (int)count * LINE_HEIGHT + 4};
        box.y = middle.y - box.height / 2;
        find_room(draw, &box);
        sk_xml_open(&draw->xml, "rect");
        sk_xml_attribute_int(&draw->xml, "x", box.x - box.half_width);
        sk_xml_attribute_int(&draw->xml, "y", box.y);
        sk_xml_attribute_int(&draw->xml, "width", 2 * box.half_width);
        sk_xml_attribute_int(&draw->xml, "height", box.height);
        sk_xml_attribute_int(&draw->xml, "rx", 4);
        sk_xml_attribute(&draw->xml, "fill", "#ffffff");
        sk_xml_attribute(&draw->xml, "opacity", "0.9");
        sk_xml_close(&draw->xml);
        for (unsigned i = 0; i < count; i++) {
                sk_xml_open(&draw->xml, "text");
                sk_xml_attribute_int(&draw->xml, "x", box.x);
                sk_xml_attribute_int(&draw->xml, "y", box.y + (int)(i + 1) * LINE_HEIGHT - 2);
                sk_xml_attribute(&draw->xml, "class", "label");
                sk_xml_text(&draw->xml, sk_buf_slice(&lines[i]));
                sk_xml_close(&draw->xml);
        }
        for (unsigned i = 0; i < LABEL_LINES; i++)
                sk_buf_free(&lines[i]);
}

/* ---- teams ---- */

static void put_line(drawing *draw, int x, int y, const char *class_name, sk_slice text) {
        sk_xml_open(&draw->xml, "text");
        sk_xml_attribute_int(&draw->xml, "x", x);
        sk_xml_attribute_int(&draw->xml, "y", y);
        sk_xml_attribute(&draw->xml, "class", class_name);
        sk_xml_text(&draw->xml, text);
        sk_xml_close(&draw->xml);
}

/* As much of a title as fits into the box. */
static void put_title(drawing *draw, int x, int y, const sk_team *team) {
        sk_slice title = sk_slice_there(sk_team_title(team)) ? sk_team_title(team) : sk_team_name(team);
        sk_buf text = sk_buf_make(TEXT_BYTES);
        size_t len = sk_text_fit(title, TITLE_COLUMNS);
        sk_buf_add(&text, title.at, len);
        if (len < title.len)
                sk_buf_add_text(&text, "…");
        put_line(draw, x, y, "team", sk_buf_slice(&text));
        sk_buf_free(&text);
}

static void put_open(drawing *draw, const sk_map_team *team) {
        char text[32];
        int len = snprintf(text, sizeof(text), "%llu", (unsigned long long)team->open);
        int half = 8 + 4 * len;
        int x = team->x + SK_MAP_BOX_WIDTH - half;
        sk_xml_open(&draw->xml, "rect");
        sk_xml_attribute_int(&draw->xml, "x", x - half + 6);
        sk_xml_attribute_int(&draw->xml, "y", team->y - 11);
        sk_xml_attribute_int(&draw->xml, "width", 2 * half);
        sk_xml_attribute_int(&draw->xml, "height", 22);
        sk_xml_attribute_int(&draw->xml, "rx", 11);
        sk_xml_attribute(&draw->xml, "fill", "#1a1a1a");
        sk_xml_close(&draw->xml);
        put_line(draw, x + 6, team->y + 4, "count", sk_slice_of(text));
}

static void put_box(drawing *draw, const sk_map_team *team) {
        bool is_consumer = sk_team_is_consumer_only(team->team);
        sk_xml_open(&draw->xml, "rect");
        sk_xml_attribute_int(&draw->xml, "x", team->x);
        sk_xml_attribute_int(&draw->xml, "y", team->y);
        sk_xml_attribute_int(&draw->xml, "width", SK_MAP_BOX_WIDTH);
        sk_xml_attribute_int(&draw->xml, "height", SK_MAP_BOX_HEIGHT);
        sk_xml_attribute_int(&draw->xml, "rx", 10);
        sk_xml_attribute(&draw->xml, "fill", is_consumer ? "#ffffff" : "#eef2f8");
        sk_xml_attribute(&draw->xml, "stroke", "#1f3f77");
        sk_xml_attribute_int(&draw->xml, "stroke-width", 2);
        if (is_consumer)
                sk_xml_attribute(&draw->xml, "stroke-dasharray", "6 4");
        sk_xml_close(&draw->xml);
}

/* How the team steers, or that it only calls. */
static void write_stage(const drawing *draw, const sk_team *team, sk_buf *out) {
        const sk_chain_map_words *words = sk_chain_map_words_of(draw->map->language);
        sk_slice organised = sk_team_organised_by(team);
        sk_slice coordinated = sk_team_coordinated_by(team);
        if (sk_team_is_consumer_only(team))
                sk_buf_add_text(out, words->consumer);
        else
                sk_buf_add_format(out, "%s %.*s, %s %.*s", words->organised, (int)organised.len, organised.at,
                                  words->coordinated, (int)coordinated.len, coordinated.at);
}

static void put_team(drawing *draw, const sk_map_team *team) {
        const sk_chain_map_words *words = sk_chain_map_words_of(draw->map->language);
        size_t people = sk_team_person_count(team->team);
        sk_buf text = sk_buf_make(TEXT_BYTES);
        sk_xml_open(&draw->xml, "g");
        put_box(draw, team);
        put_title(draw, team->x + 12, team->y + 24, team->team);
        put_line(draw, team->x + 12, team->y + 42, "small", sk_team_name(team->team));
        write_stage(draw, team->team, &text);
        put_line(draw, team->x + 12, team->y + 62, "small", sk_buf_slice(&text));
        sk_buf_clear(&text);
        sk_buf_add_format(&text, "%zu %s · %zu %s", people, people == 1 ? words->person : words->people,
                          team->routine_count, team->routine_count == 1 ? words->routine : words->routines);
        put_line(draw, team->x + 12, team->y + 80, "small", sk_buf_slice(&text));
        if (draw->map->has_counts && team->open > 0)
                put_open(draw, team);
        sk_xml_close(&draw->xml);
        sk_buf_free(&text);
}

/* ---- the whole ---- */

static void put_heading(drawing *draw) {
        const sk_chain_map *map = draw->map;
        const sk_chain_map_words *words = sk_chain_map_words_of(map->language);
        sk_buf title = sk_buf_make(TEXT_BYTES);
        sk_buf_add_format(&title, "%s %.*s", words->chain, (int)map->chain.len, map->chain.at);
        put_line(draw, 40, 48, "title", sk_buf_slice(&title));
        put_line(draw, 40, 72, "small", map->remark);
        put_line(draw, 40, map->height - 44, "small", sk_slice_of(words->legend));
        put_line(draw, 40, map->height - 26, "small", sk_slice_of(map->has_counts ? words->counts : ""));
        sk_buf_free(&title);
}

static void begin(drawing *draw) {
        sk_xml *xml = &draw->xml;
        const sk_chain_map *map = draw->map;
        sk_xml_open(xml, "svg");
        sk_xml_attribute(xml, "xmlns", "http://www.w3.org/2000/svg");
        sk_xml_attribute_format(xml, "viewBox", "0 0 %d %d", map->width, map->height);
        sk_xml_attribute_int(xml, "width", map->width);
        sk_xml_attribute_int(xml, "height", map->height);
        sk_xml_attribute(xml, "role", "img");
        sk_xml_attribute(xml, "lang", sk_language_id(map->language));
        sk_xml_element(xml, "title", NULL, map->chain);
        sk_xml_open(xml, "style");
        sk_xml_literal(xml, style);
        sk_xml_close(xml);
        sk_xml_open(xml, "rect");
        sk_xml_attribute(xml, "width", "100%");
        sk_xml_attribute(xml, "height", "100%");
        sk_xml_attribute(xml, "fill", "#ffffff");
        sk_xml_close(xml);
}

void sk_chain_map_svg(const sk_chain_map *map, sk_buf *out) {
        assert(map != NULL && map->language < SK_LANGUAGES);
        drawing draw = {.map = map, .xml = sk_xml_make(out, false)};
        begin(&draw);
        put_heading(&draw);
        for (size_t i = 0; i < map->link_count; i++)
                put_arrow(&draw, &map->links[i]);
        for (size_t i = 0; i < map->team_count; i++)
                put_team(&draw, &map->teams[i]);
        for (size_t i = 0; i < map->link_count; i++)
                put_label(&draw, &map->links[i]);
        sk_xml_close(&draw.xml);
        assert(sk_xml_is_complete(&draw.xml));
}
