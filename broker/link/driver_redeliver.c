/*
 * work.redeliver {topic, partition, key, headers, value}: a dead letter once more, as if it came from its topic. The
 * last two are base64, of the run of headers and of the value. What does not fit the schema goes no further. There is
 * no short cut: the rebuilt record is decoded and stepped like any other, and the step's rules make a second delivery
 * harmless.
 */

#include <assert.h>
#include <sodium.h>

#include "event/envelope.h"
#include "kit/json_scan.h"
#include "kit/json_write.h"
#include "link/deadletter.h"
#include "link/driver_inside.h"

/* Bytes of a base64 member; *out_code says what is wrong when nothing is given. */
static sk_err decode(sk_arena *arena, sk_slice text, const char **out_code, sk_slice *out) {
        assert(out != NULL);
        size_t room = text.len / 4 * 3 + 4;
        char *bytes;
        size_t len;

        assert(out_code != NULL);
        *out_code = "bad-data";
        if (!sk_slice_there(text))
                return SK_ERR_MISSING;
        bytes = sk_arena_get(arena, room);
        if (bytes == NULL)
                return SK_ERR_FULL;
        if (sodium_base642bin((unsigned char *)bytes, room, text.at, text.len, NULL, &len, NULL,
                              sodium_base64_VARIANT_ORIGINAL) != 0)
                return SK_ERR_SYNTAX;
        *out = (sk_slice){bytes, len};
        return SK_OK;
}

/* Its own headers, without those that made it a dead letter but for the count, which goes on. */
static sk_err headers_of(sk_driver *driver, sk_arena *arena, sk_slice run, const char **out_code, sk_slice *out) {
        assert(out != NULL);
        assert(out_code != NULL);
        sk_slice count = sk_headers_find(run, "schakel-dl-count");

        *out_code = "bad-data";
        if (!sk_headers_check(run))
                return SK_ERR_SYNTAX;
        sk_buf_clear(&driver->headers);
        sk_headers_without_dead_letter(run, &driver->headers);
        if (sk_slice_there(count))
                sk_headers_add(&driver->headers, "schakel-dl-count", count);
        *out = sk_arena_copy(arena, sk_buf_slice(&driver->headers));
        return driver->headers.err == SK_OK && sk_slice_there(*out) ? SK_OK : SK_ERR_FULL;
}

static sk_err place_of(sk_driver *driver, sk_arena *arena, const sk_record *work, sk_record *out,
                       const char **out_code) {
        assert(work->partition >= 0);
        assert(work->partition < driver->partitions);
        sk_slice name = sk_json_member_string(work->value, "topic", arena);
        int64_t partition;

        assert(work->topic->kind == SK_TOPIC_WORK);
        *out_code = "unknown-topic";
        out->topic = sk_slice_there(name) ? sk_topics_find(driver->topics, name) : NULL;
        if (out->topic == NULL || !out->topic->is_inbound)
                return SK_ERR_NOT_FOUND;
        *out_code = "misrouted";
        if (!sk_json_member_int(work->value, "partition", 0, driver->partitions - 1, &partition) ||
            partition != work->partition)
                return SK_ERR_CONFLICT;
        *out_code = "not-allowed";
        return sk_slice_equal(sk_json_member_string(work->value, "key", arena), work->key) ? SK_OK : SK_ERR_CONFLICT;
}

/* One that holds another would let a small record be unpacked again and again. */
static bool is_nested(const sk_record *record) {
        assert(record->topic->is_inbound);
        return sk_slice_is(sk_headers_find(record->headers, "ce_type"), "schakel.work.redeliver");
}

sk_err sk_redeliver_unpack(sk_driver *driver, sk_arena *arena, const sk_record *work, sk_record *out,
                           const char **out_code) {
        assert(out != NULL);
        sk_record record = {.partition = work->partition,
                            .offset = work->offset,
                            .timestamp_us = work->timestamp_us,
                            .key = work->key};
        sk_slice run;

        assert(work->topic->kind == SK_TOPIC_WORK);
        *out_code = "invalid";
        if (!sk_driver_is_fit(driver, work, SK_WORK_REDELIVER))
                return SK_ERR_CONFLICT;
        sk_err err = place_of(driver, arena, work, &record, out_code);
        if (err == SK_OK)
                err = decode(arena, sk_json_member_string(work->value, "headers", arena), out_code, &run);
        if (err == SK_OK)
                err = headers_of(driver, arena, run, out_code, &record.headers);
        if (err == SK_OK)
                err = decode(arena, sk_json_member_string(work->value, "value", arena), out_code, &record.value);
        if (err != SK_OK)
                return err;
        *out_code = "not-allowed";
        if (is_nested(&record))
                return SK_ERR_CONFLICT;
        *out_code = "ok";
        *out = record;
        return SK_OK;
}
