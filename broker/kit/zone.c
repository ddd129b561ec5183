/*
 * Zones from TZif files. The transitions of the file hold up to the last; behind it the rule of its footer, or if there
 * is none, the last offset for ever.
 */

#include "kit/zone.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "kit/alloc.h"
#include "kit/when.h"
#include "kit/zone_rule.h"

#define HEADER_BYTES 44
#define TYPE_BYTES 6
#define DAY_S 86400

/* Seconds whose microseconds fit: years -200,000 to 200,000 and more; a file's transition beyond is no moment of ours. */
#define TIME_MAX_S (INT64_MAX / SK_SECOND_US - 2 * DAY_S)

struct sk_zone {
        size_t count;
        int64_t *at_us;  /**< when the clocks change, ascending */
        int32_t *east_s; /**< count + 1: before the first change, and from each on */
        bool has_rule;
        sk_zone_rule rule;
};

/* ---- reading ---- */

/* Big-endian bytes of a file that nobody trusts. */
typedef struct tz_file {
        const unsigned char *at;
        size_t left;
} tz_file;

static const unsigned char *take(tz_file *file, size_t len) {
        assert(file->at != NULL || file->left == 0);
        const unsigned char *at = file->at;

        if (file->left < len)
                return NULL;
        file->at += len;
        file->left -= len;
        return at;
}

static uint64_t big_endian(const unsigned char *at, int len) {
        assert(len >= 1);
        assert(len <= 8);
        uint64_t number = 0;

        for (int i = 0; i < len; i++)
                number = number << 8 | at[i];
        return number;
}

/* RFC 8536, 3.1. */
typedef struct tz_header {
        char version;
        uint32_t isut_count;
        uint32_t isstd_count;
        uint32_t leap_count;
        uint32_t time_count;
        uint32_t type_count;
        uint32_t char_count;
} tz_header;

static sk_err read_header(tz_file *file, tz_header *out) {
        assert(out != NULL);
        const unsigned char *at = take(file, HEADER_BYTES);

        if (at == NULL)
                return SK_ERR_TRUNCATED;
        if (memcmp(at, "TZif", 4) != 0)
                return SK_ERR_SYNTAX;
        *out = (tz_header){.version = (char)at[4],
                           .isut_count = (uint32_t)big_endian(at + 20, 4),
                           .isstd_count = (uint32_t)big_endian(at + 24, 4),
                           .leap_count = (uint32_t)big_endian(at + 28, 4),
                           .time_count = (uint32_t)big_endian(at + 32, 4),
                           .type_count = (uint32_t)big_endian(at + 36, 4),
                           .char_count = (uint32_t)big_endian(at + 40, 4)};
        if (out->time_count > SK_ZONE_BYTES_MAX || out->type_count == 0 || out->type_count > 256 ||
            out->char_count > SK_ZONE_BYTES_MAX || out->leap_count > SK_ZONE_BYTES_MAX ||
            out->isut_count > out->type_count || out->isstd_count > out->type_count)
                return SK_ERR_SYNTAX;
        return SK_OK;
}

static size_t block_bytes(const tz_header *header, size_t time_size) {
        assert(time_size == 4 || time_size == 8);
        return header->time_count * (time_size + 1) + (size_t)header->type_count * TYPE_BYTES + header->char_count +
               header->leap_count * (time_size + 4) + header->isstd_count + header->isut_count;
}

static sk_err type_offset(const unsigned char *types, const tz_header *header, unsigned type, int32_t *out_east_s) {
        assert(out_east_s != NULL);
        if (type >= header->type_count)
                return SK_ERR_SYNTAX;
        int32_t east_s = (int32_t)(uint32_t)big_endian(types + (size_t)type * TYPE_BYTES, 4);
        if (east_s <= -DAY_S || east_s >= DAY_S)
                return SK_ERR_RANGE;
        *out_east_s = east_s;
        return SK_OK;
}

static int64_t transition_s(const unsigned char *times, size_t index, size_t time_size) {
        assert(time_size == 4 || time_size == 8);
        uint64_t bits = big_endian(times + index * time_size, (int)time_size);

        return time_size == 8 ? (int64_t)bits : (int64_t)(int32_t)(uint32_t)bits;
}

/* Adds a change; one too far away to be a moment of ours is the state of things before the first. */
static sk_err add_change(sk_zone *zone, int64_t at_s, int32_t east_s) {
        assert(zone->at_us != NULL);
        assert(zone->east_s != NULL);
        if (at_s < -TIME_MAX_S) {
                zone->east_s[zone->count] = east_s;
                return SK_OK;
        }
        if (at_s > TIME_MAX_S)
                return SK_OK;
        if (zone->count > 0 && at_s * SK_SECOND_US <= zone->at_us[zone->count - 1])
                return SK_ERR_SYNTAX;
        zone->at_us[zone->count++] = at_s * SK_SECOND_US;
        zone->east_s[zone->count] = east_s;
        return SK_OK;
}

static sk_err read_block(const unsigned char *block, const tz_header *header, size_t time_size, sk_zone *zone) {
        assert(header->type_count > 0);
        const unsigned char *indexes = block + header->time_count * time_size;
        const unsigned char *types = indexes + header->time_count;
        sk_err err = type_offset(types, header, 0, &zone->east_s[0]);

        for (size_t i = 0; i < header->time_count && err == SK_OK; i++) {
                int32_t east_s = 0;
                err = type_offset(types, header, indexes[i], &east_s);
                if (err == SK_OK)
                        err = add_change(zone, transition_s(block, i, time_size), east_s);
        }
        return err;
}

/* The footer is a line; an empty one says that nothing is known. */
static sk_err read_footer(tz_file *file, sk_zone *zone) {
        assert(!zone->has_rule);
        const unsigned char *newline = take(file, 1);
        const unsigned char *end = newline == NULL ? NULL : memchr(file->at, '\n', file->left);

        if (newline == NULL || end == NULL)
                return SK_ERR_TRUNCATED;
        if (*newline != '\n')
                return SK_ERR_SYNTAX;
        sk_slice text = {(const char *)file->at, (size_t)(end - file->at)};
        if (text.len == 0)
                return SK_OK;
        zone->has_rule = sk_zone_rule_parse(text, &zone->rule);
        return zone->has_rule ? SK_OK : SK_ERR_SYNTAX;
}

static sk_err allocate(sk_zone *zone, size_t count) {
        assert(zone->at_us == NULL);
        zone->at_us = sk_alloc_zero(count + 1, sizeof(*zone->at_us));
        zone->east_s = sk_alloc_zero(count + 1, sizeof(*zone->east_s));
        return zone->at_us == NULL || zone->east_s == NULL ? SK_ERR_NO_MEMORY : SK_OK;
}

/* Version 1 has one block with times of 4 bytes. Later ones have another behind it with 8, and only that one counts. */
static sk_err read_file(tz_file *file, sk_zone *zone) {
        assert(zone->count == 0);
        tz_header header;
        size_t time_size = 4;
        sk_err err = read_header(file, &header);

        if (err == SK_OK && header.version >= '2') {
                if (take(file, block_bytes(&header, time_size)) == NULL)
                        return SK_ERR_TRUNCATED;
                err = read_header(file, &header);
                time_size = 8;
        }
        if (err != SK_OK)
                return err;
        if (header.leap_count > 0)
                return SK_ERR_VERSION;
        const unsigned char *block = take(file, block_bytes(&header, time_size));
        if (block == NULL)
                return SK_ERR_TRUNCATED;
        err = allocate(zone, header.time_count);
        if (err == SK_OK)
                err = read_block(block, &header, time_size, zone);
        return err == SK_OK && time_size == 8 ? read_footer(file, zone) : err;
}

sk_err sk_zone_parse(sk_slice bytes, sk_zone **out) {
        assert(out != NULL);
        tz_file file = {(const unsigned char *)bytes.at, bytes.len};

        if (bytes.len > SK_ZONE_BYTES_MAX)
                return SK_ERR_SIZE;
        sk_zone *zone = sk_alloc_zero(1, sizeof(*zone));
        if (zone == NULL)
                return SK_ERR_NO_MEMORY;
        sk_err err = read_file(&file, zone);
        if (err != SK_OK) {
                sk_zone_free(zone);
                return err;
        }
        *out = zone;
        return SK_OK;
}

void sk_zone_free(sk_zone *zone) {
        if (zone == NULL)
                return;
        sk_free(zone->at_us);
        sk_free(zone->east_s);
        sk_free(zone);
}

/* ---- asking ---- */

/* How many changes lie at time_us or before. */
static size_t changes_until(const sk_zone *zone, int64_t time_us) {
        size_t low = 0, high = zone->count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (zone->at_us[middle] <= time_us)
                        low = middle + 1;
                else
                        high = middle;
        }
        assert(low <= zone->count);
        return low;
}

sk_zone_span sk_zone_at(const sk_zone *zone, int64_t time_us) {
        if (zone == NULL)
                return (sk_zone_span){INT64_MIN, INT64_MAX, 0};
        size_t passed = changes_until(zone, time_us);
        sk_zone_span span = {.from_us = passed == 0 ? INT64_MIN : zone->at_us[passed - 1],
                             .to_us = passed == zone->count ? INT64_MAX : zone->at_us[passed],
                             .east_s = zone->east_s[passed]};
        if (passed == zone->count && zone->has_rule) {
                sk_zone_span ruled = sk_zone_rule_at(&zone->rule, time_us);
                if (ruled.from_us < span.from_us)
                        ruled.from_us = span.from_us;
                return ruled;
        }
        assert(span.from_us < span.to_us);
        return span;
}

#define SPANS_NEAR 8 /* a day before and behind a moment has no more changes in any zone there was */

int64_t sk_zone_utc(const sk_zone *zone, int64_t local_us) {
        /* No clock is a day or more away: begin with the span of a day before, and go on until the time is reached. */
        sk_zone_span span = sk_zone_at(zone, local_us - SK_DAY_US);

        for (int i = 0; i < SPANS_NEAR; i++) {
                int64_t utc_us = local_us - span.east_s * SK_SECOND_US;
                if (utc_us < span.to_us)
                        return utc_us > span.from_us ? utc_us : span.from_us;
                span = sk_zone_at(zone, span.to_us);
        }
        return local_us - span.east_s * SK_SECOND_US;
}
