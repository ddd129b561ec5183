#include "event/structured.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include "kit/json_scan.h"

/*
 * Attribute names stand bare in the JSON format of CloudEvents; `content-type` is `datacontenttype` there. The hop's
 * trace is Kafka's header in both modes, the attribute `traceparent` is the chain's (`ce_traceparent`).
 */

#define RUN_MAX (SK_VALUE_MAX + 4096) /**< all texts together are no longer than the value */

static const struct attribute {
        const char *name;
        const char *header;
} attributes[] = {
        {"specversion", "ce_specversion"},
        {"type", "ce_type"},
        {"dataschema", "ce_dataschema"},
        {"id", "ce_id"},
        {"source", "ce_source"},
        {"time", "ce_time"},
        {"callid", "ce_callid"},
        {"seqno", "ce_seqno"},
        {"replykey", "ce_replykey"},
        {"rootid", "ce_rootid"},
        {"hops", "ce_hops"},
        {"agreement", "ce_agreement"},
        {"actor", "ce_actor"},
        {"traceparent", "ce_traceparent"},
        {"kid", "ce_kid"},
        {"sig", "ce_sig"},
        {"datacontenttype", "content-type"},
};

#define ATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))

static sk_err reject(sk_reject *out, sk_err err, const char *reason, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

static sk_err reject(sk_reject *out, sk_err err, const char *reason, const char *format, ...) {
        assert(reason != NULL);
        assert(sk_err_class_of(err) == SK_CLASS_INPUT);
        va_list list;
        va_start(list, format);
        (void)vsnprintf(out->text, sizeof(out->text), format, list);
        va_end(list);
        out->reason = reason;
        return err;
}

bool sk_structured_is(const sk_record *record) {
        assert(record != NULL);
        static const sk_slice wanted = {"application/cloudevents+json", 28};
        sk_slice text = sk_headers_find(record->headers, "content-type");

        if (text.len < wanted.len || strncasecmp(text.at, wanted.at, wanted.len) != 0)
                return false;
        return text.len == wanted.len || text.at[wanted.len] == ';' || text.at[wanted.len] == ' ';
}

static sk_err check_value(sk_slice value, sk_reject *out_reject) {
        assert(out_reject != NULL);
        sk_place place;

        if (!sk_slice_there(value))
                return reject(out_reject, SK_ERR_MISSING, "bad-data", "there is no value");
        if (value.len > SK_VALUE_MAX)
                return reject(out_reject, SK_ERR_SIZE, "too-large", "the value has %zu bytes, over the limit of %u",
                              value.len, SK_VALUE_MAX);
        sk_err err = sk_json_check(value, SK_JSON_DEPTH_MAX + 1, &place);
        if (err == SK_ERR_NO_MEMORY)
                return err;
        if (err != SK_OK)
                return reject(out_reject, err, "bad-envelope",
                              "the value is not a CloudEvent in JSON: %s, line %u column %u", sk_err_text(err),
                              place.line, place.column);
        if (sk_json_kind_of(value) != SK_JSON_OBJECT)
                return reject(out_reject, SK_ERR_TYPE, "bad-envelope", "the value is not a CloudEvent: no JSON object");
        return SK_OK;
}

/* Texts as they are, whole numbers as their digits; an attribute that is null is not there. */
static sk_err text_of(sk_slice member, const char *name, sk_arena *arena, sk_slice *out, sk_reject *out_reject) {
        assert(sk_slice_there(member));
        *out = SK_NONE;
        switch (sk_json_kind_of(member)) {
        case SK_JSON_NULL:
                return SK_OK;
        case SK_JSON_NUMBER:
                *out = member;
                return SK_OK;
        case SK_JSON_STRING:
                *out = sk_json_string(member, arena);
                return sk_slice_there(*out) ? SK_OK : sk_arena_err(arena);
        default:
                return reject(out_reject, SK_ERR_TYPE, "bad-envelope", "the attribute %s is no text", name);
        }
}

static sk_err add_attributes(sk_slice event, sk_arena *arena, sk_buf *run, sk_reject *out_reject) {
        assert(run->len == 0);
        bool has_content_type = false;

        for (size_t i = 0; i < ATTRIBUTES; i++) {
                sk_slice text = SK_NONE;
                sk_slice member = sk_json_member(event, attributes[i].name);
                sk_err err =
                        sk_slice_there(member) ? text_of(member, attributes[i].name, arena, &text, out_reject) : SK_OK;
                if (err != SK_OK)
                        return err;
                if (!sk_slice_there(text))
                        continue;
                sk_headers_add(run, attributes[i].header, text);
                has_content_type = has_content_type || strcmp(attributes[i].header, "content-type") == 0;
        }
        if (!has_content_type)
                sk_headers_add(run, "content-type", SK_SLICE("application/json"));
        return run->err;
}

static sk_err rewrite(const sk_record *record, sk_arena *arena, sk_buf *run, sk_record *out, sk_reject *out_reject) {
        assert(sk_slice_there(record->value));
        sk_slice trace = sk_headers_find(record->headers, "traceparent");
        sk_slice data = sk_json_member(record->value, "data");
        sk_err err = add_attributes(record->value, arena, run, out_reject);

        if (err != SK_OK)
                return err;
        if (sk_slice_there(sk_json_member(record->value, "data_base64")))
                return reject(out_reject, SK_ERR_TYPE, "bad-data", "data_base64 is not read; data holds a JSON object");
        if (!sk_slice_there(data))
                return reject(out_reject, SK_ERR_MISSING, "bad-data", "there is no data");
        if (sk_slice_there(trace))
                sk_headers_add(run, "traceparent", trace);
        if (run->err != SK_OK)
                return run->err;
        sk_slice headers = sk_arena_copy(arena, sk_buf_slice(run));
        if (!sk_slice_there(headers))
                return sk_arena_err(arena);
        *out = *record;
        out->headers = headers;
        out->value = data;
        return SK_OK;
}

sk_err sk_structured_unwrap(const sk_record *record, sk_arena *arena, sk_record *out, sk_reject *out_reject) {
        assert(record != NULL);
        assert(arena != NULL);
        assert(out != NULL);
        assert(out_reject != NULL);
        assert(sk_structured_is(record));
        sk_buf run = sk_buf_make(RUN_MAX);
        sk_err err = check_value(record->value, out_reject);

        if (err == SK_OK)
                err = rewrite(record, arena, &run, out, out_reject);
        sk_buf_free(&run);
        assert(err == SK_OK || sk_err_class_of(err) == SK_CLASS_RETRY || out_reject->reason != NULL);
        return err;
}
