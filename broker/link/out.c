/*
 * The list of records that a batch will write. All bytes of a record are copied in one piece to the batch's arena, so
 * that a record costs one step of the arena's pointer; the list itself grows there too. What an abandoned record took
 * is given back with the arena.
 */

#include "link/out.h"

#include <assert.h>

#define CAPACITY_FIRST 64
#define SCRATCH_MAX ((size_t)16 << 20)

sk_out sk_out_make(sk_arena *arena, size_t max) {
        assert(max > 0);
        assert(arena != NULL);
        return (sk_out){
                .arena = arena,
                .max = max,
                .headers = sk_buf_make(SCRATCH_MAX),
                .value = sk_buf_make(SCRATCH_MAX),
        };
}

void sk_out_free(sk_out *out) {
        sk_buf_free(&out->headers);
        sk_buf_free(&out->value);
        out->records = NULL;
        out->count = out->capacity = 0;
}

static void scratch_clear(sk_out *out) {
        sk_buf_clear(&out->headers);
        sk_buf_clear(&out->value);
}

static bool make_room(sk_out *out) {
        assert(out->count <= out->capacity);
        size_t capacity = out->capacity == 0 ? CAPACITY_FIRST : out->capacity * 2;
        sk_record *records;

        if (out->count < out->capacity)
                return true;
        records = sk_arena_get(out->arena, capacity * sizeof(*records));
        if (records == NULL)
                return false;
        if (out->count > 0)
                memcpy(records, out->records, out->count * sizeof(*records));
        out->records = records;
        out->capacity = capacity;
        assert(out->count < out->capacity);
        return true;
}

static sk_err scratch_err(const sk_out *out) {
        assert(out->err == SK_OK);
        if (out->headers.err != SK_OK)
                return out->headers.err;
        return out->value.err;
}

static void add(sk_out *out, const sk_record *record) {
        assert(record->partition >= 0);
        char *at;

        assert(out->count <= out->capacity);
        assert(record->topic != NULL);
        if (out->err == SK_OK)
                out->err = scratch_err(out);
        if (out->err == SK_OK && (out->count >= out->max || !make_room(out)))
                out->err = SK_ERR_FULL;
        if (out->err != SK_OK)
                return;
        at = sk_arena_get(out->arena, record->key.len + record->headers.len + record->value.len);
        if (at == NULL) {
                out->err = SK_ERR_FULL;
                return;
        }
        out->records[out->count] = (sk_record){
                .topic = record->topic,
                .partition = record->partition,
                .offset = -1,
                .key = sk_slice_put(&at, record->key),
                .headers = sk_slice_put(&at, record->headers),
                .value = sk_slice_put(&at, record->value),
        };
        out->count++;
        assert(out->count <= out->max);
}

void sk_out_add(sk_out *out, const sk_topic *topic, int32_t partition, sk_slice key) {
        add(out, &(sk_record){
                         .topic = topic,
                         .partition = partition,
                         .key = key,
                         .headers = sk_buf_slice(&out->headers),
                         .value = sk_buf_slice(&out->value),
                 });
        scratch_clear(out);
}

void sk_out_add_tombstone(sk_out *out, const sk_topic *topic, int32_t partition, sk_slice key) {
        assert(out->value.len == 0); /* it has none */
        add(out, &(sk_record){
                         .topic = topic,
                         .partition = partition,
                         .key = key,
                         .headers = sk_buf_slice(&out->headers),
                         .value = SK_NONE,
                 });
        scratch_clear(out);
}

void sk_out_rewind(sk_out *out, size_t count) {
        assert(count <= out->count);
        out->count = count;
        out->err = SK_OK;
        scratch_clear(out);
        assert(out->value.len == 0);
}
