#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include "event/envelope.h"
#include "event/trace.h"
#include "kit/hash.h"
#include "kit/json_scan.h"
#include "kit/when.h"

/*
 * Reading the attributes of a record that nobody trusts. One walk over the headers collects what is known, then
 * each is judged: there, well-formed, and in agreement with the topic, the key and the partition. What is cheap is
 * checked first; the value is scanned last, once, and nobody behind this needs to check it again.
 */

#define TEXT_MAX 256 /**< no attribute that is read here is longer; what is refused is quoted in an answer */
#define UUID_VERSION_AT 14
#define UUID_VARIANT_AT 19

#define ATTRIBUTE_TABLE(X)               \
        X(SPECVERSION, "ce_specversion") \
        X(CONTENT_TYPE, "content-type")  \
        X(TYPE, "ce_type")               \
        X(DATASCHEMA, "ce_dataschema")   \
        X(ID, "ce_id")                   \
        X(SOURCE, "ce_source")           \
        X(TIME, "ce_time")               \
        X(CALLID, "ce_callid")           \
        X(SEQNO, "ce_seqno")             \
        X(REPLYKEY, "ce_replykey")       \
        X(ROOTID, "ce_rootid")           \
        X(HOPS, "ce_hops")               \
        X(AGREEMENT, "ce_agreement")     \
        X(ACTOR, "ce_actor")             \
        X(TRACEPARENT, "traceparent")    \
        X(CHAIN_TRACEPARENT, "ce_traceparent")

enum attribute {
#define ATTRIBUTE_ENUM(code, name) code,
        ATTRIBUTE_TABLE(ATTRIBUTE_ENUM)
#undef ATTRIBUTE_ENUM
                ATTRIBUTES
};

static const sk_slice attribute_names[ATTRIBUTES] = {
#define ATTRIBUTE_NAME(code, name) {name, sizeof(name) - 1},
        ATTRIBUTE_TABLE(ATTRIBUTE_NAME)
#undef ATTRIBUTE_NAME
};

#define BIT(attribute) (1u << (attribute))
#define REQUIRED_ALL                                                                                              \
        (BIT(SPECVERSION) | BIT(CONTENT_TYPE) | BIT(TYPE) | BIT(DATASCHEMA) | BIT(ID) | BIT(SOURCE) | BIT(TIME) | \
         BIT(CALLID))
#define REQUIRED_BETWEEN (BIT(SEQNO) | BIT(REPLYKEY) | BIT(ROOTID) | BIT(HOPS))
#define REQUIRED_CALLS (REQUIRED_BETWEEN | BIT(AGREEMENT))
#define REQUIRED_FEEDBACK REQUIRED_BETWEEN /**< the agreement comes back as the raise had it: an offer may have none */
#define REQUIRED_WORK BIT(ACTOR)

/** What one decoding knows. */
struct decoding {
        const sk_record *record;
        sk_slice texts[ATTRIBUTES];
        sk_envelope *out;
        sk_reject *reject;
};

static sk_err reject(struct decoding *decoding, sk_err err, const char *reason, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

static sk_err reject(struct decoding *decoding, sk_err err, const char *reason, const char *format, ...) {
        assert(reason != NULL);
        assert(sk_err_class_of(err) == SK_CLASS_INPUT);
        va_list list;
        va_start(list, format);
        (void)vsnprintf(decoding->reject->text, sizeof(decoding->reject->text), format, list);
        va_end(list);
        decoding->reject->reason = reason;
        return err;
}

static sk_err reject_form(struct decoding *decoding, enum attribute which, const char *wanted) {
        assert(which < ATTRIBUTES);
        return reject(decoding, SK_ERR_SYNTAX, "bad-envelope", "%s is not %s", attribute_names[which].at, wanted);
}

/* Writers keep an order, so the search starts behind the last hit. */
static bool attribute_find(sk_slice name, unsigned start, enum attribute *out) {
        assert(start <= ATTRIBUTES);
        for (unsigned i = 0; i < ATTRIBUTES; i++) {
                unsigned which = (start + i) % ATTRIBUTES;
                if (sk_slice_equal(attribute_names[which], name)) {
                        *out = (enum attribute)which;
                        return true;
                }
        }
        return false;
}

/* Printable ASCII; blanks are legal in a content type only. */
static bool text_check(sk_slice text, enum attribute which) {
        assert(which < ATTRIBUTES);
        if (text.len == 0 || text.len > TEXT_MAX)
                return false;
        char least = which == CONTENT_TYPE ? ' ' : '!';
        for (size_t i = 0; i < text.len; i++) {
                if (text.at[i] < least || text.at[i] > '~')
                        return false;
        }
        return true;
}

static sk_err collect_one(struct decoding *decoding, enum attribute which, sk_slice value) {
        assert(which < ATTRIBUTES);
        if (sk_slice_there(decoding->texts[which]))
                return reject(decoding, SK_ERR_DUPLICATE, "bad-envelope", "header %s is given twice",
                              attribute_names[which].at);
        if (!text_check(value, which))
                return reject(decoding, SK_ERR_SYNTAX, "bad-envelope", "%s is not 1 to %d printable ASCII characters",
                              attribute_names[which].at, TEXT_MAX);
        decoding->texts[which] = value;
        return SK_OK;
}

static sk_err collect(struct decoding *decoding) {
        assert(decoding->record != NULL);
        sk_slice headers = decoding->record->headers;
        size_t position = 0;
        size_t count = 0;
        unsigned next = 0;
        sk_slice name;
        sk_slice value;

        while (sk_headers_next(headers, &position, &name, &value)) {
                enum attribute which;
                if (++count > SK_HEADERS_MAX)
                        return reject(decoding, SK_ERR_SIZE, "bad-envelope", "more than %d headers", SK_HEADERS_MAX);
                if (!attribute_find(name, next, &which))
                        continue;
                next = which + 1;
                sk_err err = collect_one(decoding, which, value);
                if (err != SK_OK)
                        return err;
        }
        if (position != headers.len)
                return reject(decoding, SK_ERR_TRUNCATED, "bad-envelope", "the headers end too early, at byte %zu",
                              position);
        return SK_OK;
}

static unsigned required_of(sk_topic_kind kind) {
        assert(kind <= SK_TOPIC_WORK);
        switch (kind) {
        case SK_TOPIC_CALLS:
                return REQUIRED_ALL | REQUIRED_CALLS;
        case SK_TOPIC_FEEDBACK:
                return REQUIRED_ALL | REQUIRED_FEEDBACK;
        default:
                return REQUIRED_ALL | REQUIRED_WORK;
        }
}

static sk_err require(struct decoding *decoding) {
        assert(decoding->record->topic != NULL);
        unsigned required = required_of(decoding->record->topic->kind);
        for (unsigned which = 0; which < ATTRIBUTES; which++) {
                if ((required & BIT(which)) != 0 && !sk_slice_there(decoding->texts[which]))
                        return reject(decoding, SK_ERR_MISSING, "bad-envelope", "header %s is missing",
                                      attribute_names[which].at);
        }
        return SK_OK;
}

static bool is_of_topic(sk_message message, sk_topic_kind kind) {
        assert(kind <= SK_TOPIC_WORK);
        switch (kind) {
        case SK_TOPIC_CALLS:
                return sk_message_is_call(message);
        case SK_TOPIC_FEEDBACK:
                return sk_message_is_feedback(message);
        default:
                return sk_message_is_work(message);
        }
}

/* `schakel:<name>/1.<minor>`: a later minor version only adds, a later major one cannot be read. */
static sk_err read_schema(struct decoding *decoding) {
        assert(decoding->out->type < SK_MESSAGES);
        static const sk_slice prefix = {"schakel:", 8};
        sk_slice text = decoding->texts[DATASCHEMA];
        sk_slice name = sk_slice_of(sk_message_name(decoding->out->type));
        if (text.len < prefix.len + name.len || memcmp(text.at, prefix.at, prefix.len) != 0 ||
            memcmp(text.at + prefix.len, name.at, name.len) != 0)
                return reject(decoding, SK_ERR_CONFLICT, "bad-envelope", "ce_dataschema does not name schakel:%s",
                              name.at);

        sk_slice version = {text.at + prefix.len + name.len, text.len - prefix.len - name.len};
        if (version.len < 4 || version.len > 8 || memcmp(version.at, "/1.", 3) != 0)
                return reject(decoding, SK_ERR_VERSION, "bad-version", "ce_dataschema is not schakel:%s/1.x", name.at);
        for (size_t i = 3; i < version.len; i++) {
                if (version.at[i] < '0' || version.at[i] > '9')
                        return reject_form(decoding, DATASCHEMA, "schakel:<message>/<major>.<minor>");
        }
        return SK_OK;
}

static bool is_json_type(sk_slice text) {
        assert(sk_slice_there(text));
        static const sk_slice json = {"application/json", 16};
        if (text.len < json.len || strncasecmp(text.at, json.at, json.len) != 0)
                return false;
        return text.len == json.len || text.at[json.len] == ';' || text.at[json.len] == ' ';
}

static sk_err read_type(struct decoding *decoding) {
        assert(sk_slice_there(decoding->texts[SPECVERSION]));
        assert(sk_slice_there(decoding->texts[TYPE]));
        if (!sk_slice_is(decoding->texts[SPECVERSION], "1.0"))
                return reject(decoding, SK_ERR_VERSION, "bad-version", "ce_specversion is not 1.0");
        if (!is_json_type(decoding->texts[CONTENT_TYPE]))
                return reject(decoding, SK_ERR_TYPE, "bad-envelope",
                              "content-type is not application/json (CloudEvents in binary mode)");
        sk_envelope *out = decoding->out;
        out->type_text = decoding->texts[TYPE];
        out->type = sk_message_find(out->type_text);
        if (out->type == SK_MESSAGES)
                return SK_OK;
        if (!is_of_topic(out->type, decoding->record->topic->kind))
                return reject(decoding, SK_ERR_CONFLICT, "misrouted", "a %s does not belong on this topic",
                              sk_message_name(out->type));
        return read_schema(decoding);
}

/* Decimal digits without a sign or leading zeros, up to max. */
static bool number_read(sk_slice text, uint32_t max, uint32_t *out) {
        assert(out != NULL);
        uint64_t number = 0;
        if (text.len == 0 || text.len > 10 || (text.len > 1 && text.at[0] == '0'))
                return false;
        for (size_t i = 0; i < text.len; i++) {
                if (text.at[i] < '0' || text.at[i] > '9')
                        return false;
                number = number * 10 + (uint64_t)(text.at[i] - '0');
        }
        if (number > max)
                return false;
        *out = (uint32_t)number;
        return true;
}

static sk_err read_numbers(struct decoding *decoding) {
        sk_envelope *out = decoding->out;
        uint32_t hops;

        if (!number_read(decoding->texts[SEQNO], UINT32_MAX, &out->seqno))
                return reject_form(decoding, SEQNO, "a number from 1 to 4294967295");
        if (out->seqno == 0 && out->type != SK_FEEDBACK_REFUSED)
                return reject(decoding, SK_ERR_RANGE, "bad-envelope", "ce_seqno is 0");
        if (out->seqno != 1 && out->type == SK_CALL_RAISE)
                return reject(decoding, SK_ERR_RANGE, "bad-envelope", "ce_seqno of a call.raise is not 1");
        if (!number_read(decoding->texts[HOPS], UINT16_MAX, &hops))
                return reject_form(decoding, HOPS, "a number from 0 to 16");
        if (hops > SK_HOPS_MAX)
                return reject(decoding, SK_ERR_RANGE, "bad-envelope", "ce_hops is %u, over the limit of %d",
                              (unsigned)hops, SK_HOPS_MAX);
        assert(hops <= SK_HOPS_MAX);
        out->hops = (uint16_t)hops;
        return SK_OK;
}

/* `<callid>/c/<seqno>` on calls, `<callid>/f/<seqno>` on feedback (rule I). */
static sk_err check_id(struct decoding *decoding, char letter) {
        assert(letter == 'c' || letter == 'f');
        assert(decoding->texts[CALLID].len == SK_ID_TEXT);
        sk_slice id = decoding->texts[ID];
        sk_slice seqno = decoding->texts[SEQNO];
        if (id.len != SK_ID_TEXT + 3 + seqno.len || memcmp(id.at, decoding->texts[CALLID].at, SK_ID_TEXT) != 0 ||
            id.at[SK_ID_TEXT] != '/' || id.at[SK_ID_TEXT + 1] != letter || id.at[SK_ID_TEXT + 2] != '/' ||
            memcmp(id.at + SK_ID_TEXT + 3, seqno.at, seqno.len) != 0)
                return reject(decoding, SK_ERR_SYNTAX, "bad-envelope", "ce_id is not <ce_callid>/%c/<ce_seqno>",
                              letter);
        return SK_OK;
}

static sk_err read_between(struct decoding *decoding) {
        assert(decoding->record->topic->kind != SK_TOPIC_WORK);
        sk_envelope *out = decoding->out;
        sk_id root;
        sk_digest agreement;

        sk_err err = read_numbers(decoding);
        if (err != SK_OK)
                return err;
        if (!sk_id_parse(decoding->texts[REPLYKEY], &out->replykey))
                return reject_form(decoding, REPLYKEY, "a lower-case UUID");
        out->has_replykey = true;
        if (!sk_id_parse(decoding->texts[ROOTID], &root) || sk_id_is_zero(&root))
                return reject_form(decoding, ROOTID, "a lower-case UUID");
        if (sk_slice_there(decoding->texts[AGREEMENT]) && !sk_digest_parse(decoding->texts[AGREEMENT], &agreement))
                return reject_form(decoding, AGREEMENT, "32 hexadecimal digits");
        out->rootid = decoding->texts[ROOTID];
        out->agreement = decoding->texts[AGREEMENT];
        return check_id(decoding, decoding->record->topic->kind == SK_TOPIC_CALLS ? 'c' : 'f');
}

/* People's records are remembered by id (rule O6); a UUIDv7 also says when it was made. */
static sk_err read_work(struct decoding *decoding) {
        assert(decoding->record->topic->kind == SK_TOPIC_WORK);
        sk_slice id = decoding->texts[ID];
        sk_id parsed;
        if (!sk_id_parse(id, &parsed) || id.at[UUID_VERSION_AT] != '7' ||
            strchr("89ab", id.at[UUID_VARIANT_AT]) == NULL)
                return reject_form(decoding, ID, "a lower-case UUID of version 7");
        decoding->out->actor = decoding->texts[ACTOR];
        return SK_OK;
}

/* A trace is for tools: one that is not well-formed is dropped, never a reason to drop the message. */
static sk_slice trace_or_none(sk_slice text) {
        return sk_slice_there(text) && sk_trace_check(text) ? text : SK_NONE;
}

static sk_err read_common(struct decoding *decoding) {
        assert(sk_slice_there(decoding->texts[ID]));
        sk_envelope *out = decoding->out;
        if (!sk_id_parse(decoding->texts[CALLID], &out->callid) || sk_id_is_zero(&out->callid))
                return reject_form(decoding, CALLID, "a lower-case UUID");
        out->has_callid = true;
        if (!sk_when_parse(decoding->texts[TIME], &out->time_us))
                return reject_form(decoding, TIME, "a time of RFC 3339");
        out->id = decoding->texts[ID];
        out->traceparent = trace_or_none(decoding->texts[TRACEPARENT]);
        out->chain_traceparent = trace_or_none(decoding->texts[CHAIN_TRACEPARENT]);
        return SK_OK;
}

/* Who may write a topic stands in its name; the source has to say the same (rule I). */
static sk_err check_source(struct decoding *decoding, sk_slice chain) {
        const sk_topic *topic = decoding->record->topic;
        sk_slice writer = topic->kind == SK_TOPIC_WORK ? topic->owner : topic->peer;
        sk_slice source = decoding->texts[SOURCE];

        if (source.len != chain.len + writer.len + 2 || source.at[0] != '/' || source.at[chain.len + 1] != '/' ||
            memcmp(source.at + 1, chain.at, chain.len) != 0 ||
            memcmp(source.at + chain.len + 2, writer.at, writer.len) != 0)
                return reject(decoding, SK_ERR_CONFLICT, "wrong-source", "ce_source is not /%.*s/%.*s", (int)chain.len,
                              chain.at, (int)writer.len, writer.at);
        decoding->out->source = source;
        decoding->out->source_team = (sk_slice){source.at + chain.len + 2, writer.len};
        return SK_OK;
}

static sk_err check_route(struct decoding *decoding, int32_t partitions) {
        assert(partitions > 0);
        const sk_record *record = decoding->record;
        enum attribute key = record->topic->kind == SK_TOPIC_FEEDBACK ? REPLYKEY : CALLID;
        if (!sk_slice_equal(record->key, decoding->texts[key]))
                return reject(decoding, SK_ERR_CONFLICT, "misrouted", "the key is not %s", attribute_names[key].at);
        int32_t partition = sk_hash_partition(record->key, partitions);
        if (record->partition != partition)
                return reject(decoding, SK_ERR_CONFLICT, "misrouted", "found in partition %d, belongs in %d of %d",
                              (int)record->partition, (int)partition, (int)partitions);
        return SK_OK;
}

static sk_err check_value(struct decoding *decoding) {
        assert(decoding->record->topic != NULL);
        sk_slice value = decoding->record->value;
        sk_place place;

        if (!sk_slice_there(value))
                return reject(decoding, SK_ERR_MISSING, "bad-data", "there is no value");
        if (value.len > SK_VALUE_MAX)
                return reject(decoding, SK_ERR_SIZE, "too-large", "the value has %zu bytes, over the limit of %u",
                              value.len, SK_VALUE_MAX);
        sk_err err = sk_json_check(value, SK_JSON_DEPTH_MAX, &place);
        if (err == SK_ERR_NO_MEMORY)
                return err;
        if (err != SK_OK)
                return reject(decoding, err, "bad-data", "the value is not usable JSON: %s, line %u column %u",
                              sk_err_text(err), place.line, place.column);
        if (sk_json_kind_of(value) != SK_JSON_OBJECT)
                return reject(decoding, SK_ERR_TYPE, "bad-data", "the value is not a JSON object");
        return SK_OK;
}

static sk_err judge(struct decoding *decoding, sk_slice chain, int32_t partitions) {
        bool is_work = decoding->record->topic->kind == SK_TOPIC_WORK;
        sk_err err = collect(decoding);
        if (err == SK_OK)
                err = require(decoding);
        if (err == SK_OK)
                err = read_type(decoding);
        if (err == SK_OK)
                err = read_common(decoding);
        if (err == SK_OK)
                err = is_work ? read_work(decoding) : read_between(decoding);
        if (err == SK_OK)
                err = check_source(decoding, chain);
        if (err == SK_OK)
                err = check_route(decoding, partitions);
        if (err == SK_OK)
                err = check_value(decoding);
        assert(err != SK_OK || decoding->out->has_callid);
        return err;
}

sk_err sk_envelope_decode(const sk_record *record, sk_slice chain, int32_t partitions, sk_envelope *out,
                          sk_reject *out_reject) {
        assert(record != NULL);
        assert(record->topic != NULL);
        assert(out != NULL);
        assert(out_reject != NULL);
        assert(partitions > 0);
        assert(sk_slice_there(chain));
        assert(record->topic->kind <= SK_TOPIC_WORK);
        struct decoding decoding = {.record = record, .out = out, .reject = out_reject};

        *out = (sk_envelope){.type = SK_MESSAGES};
        return judge(&decoding, chain, partitions);
}
