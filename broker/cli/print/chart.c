/*
 * Small charts.
 */
#include "cli/print/chart.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "kit/when.h"

#define WIDTH 640
#define BAR_HEIGHT 26
#define SHARE_WIDTH 56
#define BUCKET_WIDTH 60
#define BUCKET_HEIGHT 70
#define TEXT_LEAST 44 /* a part is wide enough for its percentage */

const char *sk_chart_fill(unsigned index) {
        static const char *const fills[SK_CHART_PARTS_MAX] = {"#1f3f77", "#8fb0dd", "#4b6fae", "#cfdcf0",
                                                              "#0b1f40", "#aab7c9", "#6d7f99", "#e6e6e6"};
        return fills[index < SK_CHART_PARTS_MAX ? index : SK_CHART_PARTS_MAX - 1];
}

static bool is_dark(unsigned index) {
        return index == 0 || index == 2 || index == 4 || index == 6;
}

static void begin(sk_xml *xml, const char *class_name, int width, int height) {
        sk_xml_open(xml, "svg");
        sk_xml_attribute(xml, "xmlns", "http://www.w3.org/2000/svg");
        sk_xml_attribute(xml, "class", class_name);
        sk_xml_attribute_format(xml, "viewBox", "0 0 %d %d", width, height);
        sk_xml_attribute_int(xml, "width", width);
        sk_xml_attribute_int(xml, "height", height);
        sk_xml_attribute(xml, "role", "img");
}

static void put_rect(sk_xml *xml, double x, double y, double width, double height, const char *fill) {
        sk_xml_open(xml, "rect");
        sk_xml_attribute_format(xml, "x", "%.1f", x);
        sk_xml_attribute_format(xml, "y", "%.1f", y);
        sk_xml_attribute_format(xml, "width", "%.1f", width);
        sk_xml_attribute_format(xml, "height", "%.1f", height);
        sk_xml_attribute(xml, "fill", fill);
        sk_xml_attribute(xml, "stroke", "#ffffff");
        sk_xml_close(xml);
}

static void begin_text(sk_xml *xml, double x, double y, const char *fill) {
        sk_xml_open(xml, "text");
        sk_xml_attribute_format(xml, "x", "%.1f", x);
        sk_xml_attribute_format(xml, "y", "%.1f", y);
        sk_xml_attribute(xml, "text-anchor", "middle");
        sk_xml_attribute(xml, "font-size", "11");
        sk_xml_attribute(xml, "fill", fill);
}

/* ---- a bar of parts ---- */

static int compare(const void *a, const void *b) {
        const sk_chart_part *left = a;
        const sk_chart_part *right = b;
        if (left->value != right->value)
                return left->value > right->value ? -1 : 1;
        size_t len = left->label.len < right->label.len ? left->label.len : right->label.len;
        int found = memcmp(left->label.at, right->label.at, len);
        return found != 0 ? found : (left->label.len > right->label.len) - (left->label.len < right->label.len);
}

static size_t fold(sk_chart_part *parts, size_t count, const char *rest) {
        if (count <= SK_CHART_PARTS_MAX)
                return count;
        sk_chart_part *last = &parts[SK_CHART_PARTS_MAX - 1];
        for (size_t i = SK_CHART_PARTS_MAX; i < count; i++)
                last->value += parts[i].value;
        last->label = sk_slice_of(rest);
        return SK_CHART_PARTS_MAX;
}

static void put_parts(sk_xml *xml, const sk_chart_part *parts, size_t count, double total) {
        double x = 0;
        begin(xml, "stack", WIDTH, BAR_HEIGHT);
        for (size_t i = 0; i < count; i++) {
                double width = WIDTH * (double)parts[i].value / total;
                put_rect(xml, x, 0, width, BAR_HEIGHT, sk_chart_fill((unsigned)i));
                if (width >= TEXT_LEAST) {
                        begin_text(xml, x + width / 2, BAR_HEIGHT / 2.0 + 4,
                                   is_dark((unsigned)i) ? "#ffffff" : "#000000");
                        sk_xml_format(xml, "%.0f %%", 100.0 * (double)parts[i].value / total);
                        sk_xml_close(xml);
                }
                x += width;
        }
        sk_xml_close(xml);
}

static void put_legend(sk_xml *xml, const sk_chart_part *parts, size_t count, double total) {
        sk_xml_open(xml, "ul");
        sk_xml_attribute(xml, "class", "legend");
        for (size_t i = 0; i < count; i++) {
                sk_xml_open(xml, "li");
                begin(xml, "swatch", 12, 12);
                put_rect(xml, 0, 0, 12, 12, sk_chart_fill((unsigned)i));
                sk_xml_close(xml);
                sk_xml_text(xml, SK_SLICE(" "));
                sk_xml_text(xml, parts[i].label);
                sk_xml_format(xml, " %.0f %%", 100.0 * (double)parts[i].value / total);
                sk_xml_close(xml);
        }
        sk_xml_close(xml);
}

void sk_chart_stack(sk_xml *xml, sk_chart_part *parts, size_t count, const char *rest) {
        double total = 0;
        for (size_t i = 0; i < count; i++) {
                assert(parts[i].value >= 0);
                total += (double)parts[i].value;
        }
        if (total <= 0)
                return;
        qsort(parts, count, sizeof(*parts), compare);
        count = fold(parts, count, rest);
        while (count > 0 && parts[count - 1].value == 0)
                count--;
        put_parts(xml, parts, count, total);
        put_legend(xml, parts, count, total);
}

/* ---- a share ---- */

void sk_chart_share(sk_xml *xml, uint64_t part, uint64_t of) {
        assert(part <= of);
        if (of == 0)
                return;
        begin(xml, "share", SHARE_WIDTH, 10);
        put_rect(xml, 0, 0, SHARE_WIDTH, 10, "#d5d5d5");
        put_rect(xml, 0, 0, SHARE_WIDTH * (double)part / (double)of, 10, "#1f3f77");
        sk_xml_close(xml);
}

/* ---- durations ---- */

static const struct bucket {
        int64_t below_us;
        const char *name;
} buckets[SK_CHART_BUCKETS] = {
        {SK_MINUTE_US, "1 min"}, {5 * SK_MINUTE_US, "5 min"}, {15 * SK_MINUTE_US, "15 min"},
        {SK_HOUR_US, "1 h"},     {4 * SK_HOUR_US, "4 h"},     {8 * SK_HOUR_US, "8 h"},
        {SK_DAY_US, "1 d"},      {2 * SK_DAY_US, "2 d"},      {7 * SK_DAY_US, "7 d"},
        {INT64_MAX, "> 7 d"},
};

unsigned sk_chart_bucket(int64_t duration_us) {
        unsigned bucket = 0;
        while (bucket < SK_CHART_BUCKETS - 1 && duration_us > buckets[bucket].below_us)
                bucket++;
        return bucket;
}

static void put_bucket(sk_xml *xml, unsigned index, uint64_t count, uint64_t most) {
        double height = BUCKET_HEIGHT * (double)count / (double)most;
        double middle = BUCKET_WIDTH * (index + 0.5);
        put_rect(xml, BUCKET_WIDTH * (double)index + 6, 16 + BUCKET_HEIGHT - height, BUCKET_WIDTH - 12, height,
                 "#4b6fae");
        if (count > 0) {
                begin_text(xml, middle, 12 + BUCKET_HEIGHT - height, "#000000");
                sk_xml_format(xml, "%" PRIu64, count);
                sk_xml_close(xml);
        }
        begin_text(xml, middle, BUCKET_HEIGHT + 32, "#444444");
        if (index < SK_CHART_BUCKETS - 1)
                sk_xml_text(xml, SK_SLICE("≤ "));
        sk_xml_cstr(xml, buckets[index].name);
        sk_xml_close(xml);
}

void sk_chart_durations(sk_xml *xml, const int64_t *durations_us, size_t count) {
        uint64_t counts[SK_CHART_BUCKETS] = {0};
        uint64_t most = 0;
        if (count == 0)
                return;
        for (size_t i = 0; i < count; i++) {
                unsigned bucket = sk_chart_bucket(durations_us[i]);
                counts[bucket]++;
                most = counts[bucket] > most ? counts[bucket] : most;
        }
        begin(xml, "durations", BUCKET_WIDTH * (int)SK_CHART_BUCKETS, BUCKET_HEIGHT + 38);
        for (unsigned i = 0; i < SK_CHART_BUCKETS; i++)
                put_bucket(xml, i, counts[i], most);
        sk_xml_close(xml);
}
