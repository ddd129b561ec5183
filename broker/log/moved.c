#include "log/moved.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "kit/cursor.h"
#include "kit/id.h"

/*
 * Layout: u8 flags (1 key, 2 value, 4 unread), u32 partition, u64 offset, u64 timestamp, u32 length, key, u32 length,
 * headers, u32 length, value. Numbers are little-endian.
 */

#define KEY_THERE 1u
#define VALUE_THERE 2u
#define UNREAD 4u
#define MARK "schakel-dl-mark"
#define MARK_OF "schakel-dl-of"

static void add_long(sk_buf *out, sk_slice bytes) {
        assert(bytes.len <= UINT32_MAX);
        sk_buf_add_u32(out, (uint32_t)bytes.len);
        sk_buf_add_slice(out, bytes);
}

static uint8_t flags_of(const sk_moved *moved) {
        return (uint8_t)((moved->key.len > 0 ? KEY_THERE : 0) | (sk_slice_there(moved->value) ? VALUE_THERE : 0) |
                         (moved->is_unread ? UNREAD : 0));
}

void sk_moved_encode(const sk_moved *moved, sk_buf *out) {
        assert(moved->partition >= 0);
        assert(moved->offset >= 0);
        sk_buf_add_byte(out, flags_of(moved));
        sk_buf_add_u32(out, (uint32_t)moved->partition);
        sk_buf_add_u64(out, (uint64_t)moved->offset);
        sk_buf_add_u64(out, (uint64_t)moved->timestamp_us);
        add_long(out, moved->key);
        add_long(out, moved->headers);
        add_long(out, moved->value);
}

static sk_slice read_long(sk_cursor *cursor, bool is_there, bool *is_right) {
        uint32_t len = sk_cursor_u32(cursor);
        sk_slice bytes = sk_cursor_bytes(cursor, len);

        *is_right = *is_right && (is_there || len == 0);
        return is_there ? bytes : SK_NONE;
}

sk_err sk_moved_decode(sk_slice bytes, sk_moved *out) {
        sk_cursor cursor = sk_cursor_make(bytes);
        uint8_t flags = sk_cursor_u8(&cursor);
        uint32_t partition = sk_cursor_u32(&cursor);
        uint64_t offset = sk_cursor_u64(&cursor);
        uint64_t timestamp = sk_cursor_u64(&cursor);
        bool is_right = flags <= (KEY_THERE | VALUE_THERE | UNREAD) && partition <= INT32_MAX && offset < INT64_MAX;
        sk_moved moved = {.is_unread = (flags & UNREAD) != 0};

        moved.key = read_long(&cursor, (flags & KEY_THERE) != 0, &is_right);
        moved.headers = read_long(&cursor, true, &is_right);
        moved.value = read_long(&cursor, (flags & VALUE_THERE) != 0, &is_right);
        if (cursor.err != SK_OK)
                return cursor.err;
        if (!is_right || sk_cursor_left(&cursor) > 0 || !sk_headers_check(moved.headers))
                return SK_ERR_RANGE;
        moved.partition = (int32_t)partition;
        moved.offset = (int64_t)offset;
        moved.timestamp_us = (int64_t)timestamp;
        *out = moved;
        return SK_OK;
}

/* ---- sums ---- */

static void add_headers(sk_slice headers, sk_buf *scratch) {
        bool is_mark = sk_slice_there(sk_headers_find(headers, MARK));
        size_t position = 0;
        sk_slice name;
        sk_slice value;

        while (sk_headers_next(headers, &position, &name, &value)) {
                if (is_mark && sk_slice_is(name, MARK_OF))
                        continue;
                add_long(scratch, name);
                add_long(scratch, value);
        }
}

static uint64_t half_of(const sk_digest *digest, size_t at) {
        uint64_t half = 0;

        for (size_t i = 0; i < 8; i++)
                half |= (uint64_t)digest->bytes[at + i] << (8 * i);
        return half;
}

void sk_moved_sum_join(sk_moved_sum *sum, const sk_moved_sum *other) {
        sum->count += other->count;
        sum->low += other->low;
        sum->high += other->high + (sum->low < other->low);
}

void sk_moved_sum_add(sk_moved_sum *sum, const sk_moved *moved, sk_buf *scratch) {
        sk_buf_clear(scratch);
        sk_buf_add_byte(scratch, (uint8_t)(flags_of(moved) & (KEY_THERE | VALUE_THERE)));
        add_long(scratch, moved->key);
        add_long(scratch, moved->value);
        add_headers(moved->headers, scratch);
        sk_digest digest = sk_digest_of(sk_buf_slice(scratch));
        sk_moved_sum one = {1, half_of(&digest, 0), half_of(&digest, 8)};
        sk_moved_sum_join(sum, &one);
}

bool sk_moved_sum_equal(const sk_moved_sum *a, const sk_moved_sum *b) {
        return a->count == b->count && a->low == b->low && a->high == b->high;
}

void sk_moved_sum_format(const sk_moved_sum *sum, char out[SK_DIGEST_TEXT]) {
        sk_digest digest;

        for (size_t i = 0; i < 8; i++) {
                digest.bytes[i] = (uint8_t)(sum->high >> (56 - 8 * i));
                digest.bytes[8 + i] = (uint8_t)(sum->low >> (56 - 8 * i));
        }
        sk_digest_format(&digest, out);
}

/* ---- partitions ---- */

static sk_err journal_partition(sk_slice key, int32_t partitions, int32_t *out) {
        sk_journal_place place;
        sk_slice name;
        sk_id id;
        char text[SK_ID_TEXT];
        sk_err err = sk_journal_key_parse(key, &place, &name, &id);

        if (err != SK_OK || place == SK_KEY_MARK || place == SK_KEY_OFFSET || place == SK_KEY_DURATIONS ||
            place == SK_KEY_BARRIER)
                return SK_ERR_SYNTAX;
        /* About no call: a link looks for a schedule where its key falls. */
        if (place == SK_KEY_SCHEDULE || place == SK_KEY_RESYNC) {
                *out = sk_hash_partition(key, partitions);
                return SK_OK;
        }
        sk_id_format(&id, text);
        *out = sk_hash_partition((sk_slice){text, sizeof(text)}, partitions);
        return SK_OK;
}

sk_err sk_moved_partition(const sk_moved_way *way, const sk_moved *moved, int32_t *out) {
        assert(way->from > 0);
        assert(way->to > 0);
        assert(moved->partition >= 0);
        assert(moved->partition < way->from);
        if (way->from == way->to)
                *out = moved->partition;
        else if (way->kind == SK_TOPIC_JOURNAL)
                return journal_partition(moved->key, way->to, out);
        else
                *out = moved->key.len == 0 ? 0 : sk_hash_partition(moved->key, way->to);
        return SK_OK;
}

bool sk_moved_is_state(sk_journal_kind kind) {
        return kind == SK_JOURNAL_SCHEDULE || kind == SK_JOURNAL_DURATIONS || kind == SK_JOURNAL_RESYNC;
}

/* ---- marks of dead letters ---- */

bool sk_moved_mark_of(sk_slice headers, int32_t *out_partition, int64_t *out_offset) {
        char text[48];
        int len = 0;
        sk_slice of = sk_headers_find(headers, MARK_OF);

        if (!sk_slice_there(sk_headers_find(headers, MARK)) || of.len == 0 || of.len >= sizeof(text))
                return false;
        memcpy(text, of.at, of.len);
        text[of.len] = '\0';
        return sscanf(text, "%10" SCNd32 "/%18" SCNd64 "%n", out_partition, out_offset, &len) == 2 &&
               (size_t)len == of.len && *out_partition >= 0 && *out_offset >= 0;
}

void sk_moved_mark_write(sk_slice headers, int32_t partition, int64_t offset, sk_buf *out) {
        char text[48];
        char kept[UINT8_MAX + 1];
        size_t position = 0;
        sk_slice name;
        sk_slice value;
        int len = snprintf(text, sizeof(text), "%" PRId32 "/%" PRId64, partition, offset);

        while (sk_headers_next(headers, &position, &name, &value)) {
                memcpy(kept, name.at, name.len);
                kept[name.len] = '\0';
                sk_headers_add(out, kept, sk_slice_is(name, MARK_OF) ? (sk_slice){text, (size_t)len} : value);
        }
}
