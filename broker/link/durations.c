/*
 * A ring of durations for each activity. They are kept in milliseconds: what is usual needs no more, and the longest
 * that fits is seven weeks.
 */

#include "link/durations.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "kit/alloc.h"
#include "kit/cursor.h"
#include "kit/map.h"
#include "kit/name.h"

#define MILLISECOND_US 1000

typedef struct ring {
        uint32_t ms[SK_DURATIONS_KEPT];
        uint8_t count;
        uint8_t next; /* where the next one goes */
} ring;

struct sk_durations {
        sk_map *rings;
};

sk_durations *sk_durations_new(void) {
        sk_durations *durations = sk_alloc_zero(1, sizeof(*durations));

        if (durations == NULL)
                return NULL;
        durations->rings = sk_map_new();
        if (durations->rings != NULL)
                return durations;
        sk_free(durations);
        return NULL;
}

void sk_durations_free(sk_durations *durations) {
        size_t position = 0;
        sk_slice key;
        void *value;

        if (durations == NULL)
                return;
        while (sk_map_next(durations->rings, &position, &key, &value))
                sk_free(value);
        sk_map_free(durations->rings);
        sk_free(durations);
}

size_t sk_durations_count(const sk_durations *durations) {
        assert(sk_map_count(durations->rings) <= SK_DURATIONS_MAX);
        return sk_map_count(durations->rings);
}

/* ---- keys ---- */

size_t sk_duration_key_write(const sk_duration_key *key, char out[SK_DURATION_KEY_TEXT]) {
        assert(key->routine.len <= SK_NAME_MAX);
        int len = snprintf(out, SK_DURATION_KEY_TEXT, "%.*s/%u", (int)key->routine.len,
                           key->routine.len == 0 ? "" : key->routine.at, (unsigned)key->activity);

        assert(len > 0);
        assert(len < SK_DURATION_KEY_TEXT);
        return (size_t)len;
}

bool sk_duration_key_parse(sk_slice text, sk_duration_key *out) {
        assert(out != NULL);
        const char *slash = text.len == 0 ? NULL : memchr(text.at, '/', text.len);
        size_t digits = slash == NULL ? 0 : (size_t)(text.at + text.len - slash) - 1;
        unsigned number = 0;

        if (digits == 0 || digits > 5 || (digits > 1 && slash[1] == '0'))
                return false;
        for (size_t i = 1; i <= digits; i++) {
                if (slash[i] < '0' || slash[i] > '9')
                        return false;
                number = number * 10 + (unsigned)(slash[i] - '0');
        }
        sk_slice routine = {text.at, (size_t)(slash - text.at)};
        if (number > UINT16_MAX || (routine.len > 0 && !sk_name_is_good(routine)))
                return false;
        *out = (sk_duration_key){routine, (uint16_t)number};
        return true;
}

static ring *ring_get(const sk_durations *durations, const sk_duration_key *key) {
        char text[SK_DURATION_KEY_TEXT] = "";

        return sk_map_get(durations->rings, (sk_slice){text, sk_duration_key_write(key, text)});
}

/* The ring of that activity, made if there is none. */
static sk_err ring_make(sk_durations *durations, const sk_duration_key *key, ring **out) {
        assert(out != NULL);
        char text[SK_DURATION_KEY_TEXT];

        *out = ring_get(durations, key);
        if (*out != NULL)
                return SK_OK;
        if (sk_map_count(durations->rings) >= SK_DURATIONS_MAX)
                return SK_ERR_FULL;
        *out = sk_alloc_zero(1, sizeof(**out));
        if (*out == NULL)
                return SK_ERR_NO_MEMORY;
        sk_err err = sk_map_put(durations->rings, (sk_slice){text, sk_duration_key_write(key, text)}, *out, NULL);
        if (err != SK_OK)
                sk_free(*out);
        return err;
}

/* ---- durations ---- */

static void ring_add(ring *of, int64_t duration_us) {
        int64_t ms = duration_us / MILLISECOND_US;

        assert(of->next < SK_DURATIONS_KEPT);
        assert(of->count <= SK_DURATIONS_KEPT);
        of->ms[of->next] = ms < 0 ? 0 : ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
        of->next = (uint8_t)((of->next + 1) % SK_DURATIONS_KEPT);
        of->count = of->count < SK_DURATIONS_KEPT ? (uint8_t)(of->count + 1) : of->count;
}

sk_err sk_durations_add(sk_durations *durations, const sk_duration_key *key, int64_t duration_us) {
        ring *of;
        sk_err err = ring_make(durations, key, &of);

        if (err == SK_OK)
                ring_add(of, duration_us);
        return err;
}

static int compare(const void *left, const void *right) {
        uint32_t a = *(const uint32_t *)left;
        uint32_t b = *(const uint32_t *)right;

        return (a > b) - (a < b);
}

bool sk_durations_usual(const sk_durations *durations, const sk_duration_key *key, sk_usual *out) {
        assert(out != NULL);
        const ring *of = ring_get(durations, key);
        uint32_t sorted[SK_DURATIONS_KEPT];

        if (of == NULL || of->count < SK_DURATIONS_ENOUGH)
                return false;
        memcpy(sorted, of->ms, sizeof(sorted));
        qsort(sorted, of->count, sizeof(*sorted), compare);
        out->median_us = (int64_t)sorted[(of->count - 1u) / 2] * MILLISECOND_US;
        out->p90_us = (int64_t)sorted[(of->count * 9u - 1) / 10] * MILLISECOND_US;
        assert(out->median_us <= out->p90_us);
        return true;
}

/* ---- the journal ---- */

/* Oldest first: u8 count, u32 each. */
static void ring_encode(const ring *of, sk_buf *out) {
        assert(of->count <= SK_DURATIONS_KEPT);
        assert(of->next < SK_DURATIONS_KEPT);
        unsigned first = of->count < SK_DURATIONS_KEPT ? 0 : of->next;

        sk_buf_add_byte(out, of->count);
        for (unsigned i = 0; i < of->count; i++)
                sk_buf_add_u32(out, of->ms[(first + i) % SK_DURATIONS_KEPT]);
}

void sk_durations_encode(const sk_durations *durations, const sk_duration_key *key, const int64_t *more_us,
                         size_t count, sk_buf *out) {
        assert(more_us != NULL || count == 0);
        assert(count <= SK_DURATIONS_KEPT);
        const ring *of = ring_get(durations, key);
        ring whole = {.count = 0};

        if (of != NULL)
                whole = *of;
        for (size_t i = 0; i < count; i++)
                ring_add(&whole, more_us[i]);
        ring_encode(&whole, out);
}

sk_err sk_durations_decode(sk_durations *durations, const sk_duration_key *key, sk_slice payload) {
        sk_cursor cursor = sk_cursor_make(payload);
        uint8_t count = sk_cursor_u8(&cursor);
        ring read = {.count = count, .next = (uint8_t)(count % SK_DURATIONS_KEPT)};
        ring *of;

        if (cursor.err != SK_OK || count > SK_DURATIONS_KEPT || sk_cursor_left(&cursor) != count * sizeof(uint32_t))
                return SK_ERR_SYNTAX;
        for (unsigned i = 0; i < count; i++)
                read.ms[i] = sk_cursor_u32(&cursor);
        sk_err err = ring_make(durations, key, &of);
        if (err == SK_OK)
                *of = read;
        return err;
}
