/*
 * Finding members in JSON text that sk_json_check has accepted. Nothing here is validated again, but nothing reads past
 * the end of what it was given either.
 */

#include "kit/json_scan.h"

#include <assert.h>
#include <string.h>

#include "kit/json_text.h"
#include "kit/utf8.h"

sk_place sk_place_of(sk_slice text, size_t offset) {
        sk_place place = {.offset = offset < text.len ? offset : text.len, .line = 1, .column = 1};

        for (size_t i = 0; i < place.offset; i++) {
                place.column = text.at[i] == '\n' ? 1 : place.column + 1;
                place.line += text.at[i] == '\n';
        }
        assert(place.offset <= text.len);
        return place;
}

static bool is_space(char c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static const char *skip_space(const char *at, const char *end) {
        while (at < end && is_space(*at))
                at++;
        return at;
}

/* From the opening quote to behind the closing one. */
static const char *skip_string(const char *at, const char *end) {
        assert(at < end);
        assert(*at == '"');
        for (at++; at < end; at++) {
                at += sk_utf8_plain_run(at, (size_t)(end - at));
                if (at == end || *at == '"')
                        break;
                at += *at == '\\' && at + 1 < end;
        }
        return at < end ? at + 1 : end;
}

static const char *skip_container(const char *at, const char *end) {
        assert(at <= end);
        size_t depth = 0;

        while (at < end) {
                if (*at == '"') {
                        at = skip_string(at, end);
                        continue;
                }
                depth += *at == '{' || *at == '[';
                depth -= *at == '}' || *at == ']';
                at++;
                if (depth == 0)
                        break;
        }
        return at;
}

static bool ends_scalar(char c) {
        return c == ',' || c == '}' || c == ']' || is_space(c);
}

/* From the first byte of a value to behind its last. */
static const char *skip_value(const char *at, const char *end) {
        if (at < end && *at == '"')
                return skip_string(at, end);
        if (at < end && (*at == '{' || *at == '['))
                return skip_container(at, end);
        while (at < end && !ends_scalar(*at))
                at++;
        return at;
}

static sk_slice trimmed(sk_slice value) {
        const char *at, *end;

        if (!sk_slice_there(value))
                return SK_NONE;
        end = value.at + value.len;
        at = skip_space(value.at, end);
        while (end > at && is_space(end[-1]))
                end--;
        return (sk_slice){at, (size_t)(end - at)};
}

sk_json_kind sk_json_kind_of(sk_slice value) {
        value = trimmed(value);
        switch (value.len == 0 ? 'n' : value.at[0]) {
        case '{':
                return SK_JSON_OBJECT;
        case '[':
                return SK_JSON_ARRAY;
        case '"':
                return SK_JSON_STRING;
        case 't':
                return SK_JSON_TRUE;
        case 'f':
                return SK_JSON_FALSE;
        case 'n':
                return SK_JSON_NULL;
        default:
                return SK_JSON_NUMBER;
        }
}

sk_json_walk sk_json_walk_make(sk_slice value) {
        sk_json_walk walk = {.at = NULL};

        value = trimmed(value);
        if (value.len < 2 || (value.at[0] != '{' && value.at[0] != '['))
                return walk;
        walk.at = value.at + 1;
        walk.end = value.at + value.len - 1;
        walk.is_object = value.at[0] == '{';
        return walk;
}

/* The name at the walk's place, without quotes; the walk then stands before the value. */
static sk_slice walk_name(sk_json_walk *walk) {
        const char *from = walk->at;
        const char *behind = skip_string(from, walk->end);

        walk->at = skip_space(behind, walk->end);
        if (walk->at < walk->end && *walk->at == ':')
                walk->at = skip_space(walk->at + 1, walk->end);
        return (sk_slice){from + 1, (size_t)(behind - from) < 2 ? 0 : (size_t)(behind - from) - 2};
}

bool sk_json_walk_next(sk_json_walk *walk, sk_slice *out_name, sk_slice *out_value) {
        sk_slice name = SK_NONE;
        const char *from;

        if (walk->at == NULL)
                return false;
        walk->at = skip_space(walk->at, walk->end);
        if (walk->at == walk->end || (walk->is_object && *walk->at != '"'))
                return false;
        if (walk->is_object)
                name = walk_name(walk);
        from = walk->at;
        walk->at = skip_value(from, walk->end);
        *out_name = name;
        *out_value = (sk_slice){from, (size_t)(walk->at - from)};
        walk->at = skip_space(walk->at, walk->end);
        walk->at += walk->at < walk->end && *walk->at == ',';
        return true;
}

/* A raw name against a text that is not escaped. */
static bool name_is(sk_slice raw, const char *text, size_t len) {
        assert(text != NULL);
        const char *at = raw.at;
        const char *end = raw.at + raw.len;

        if (raw.len == len && memcmp(raw.at, text, len) == 0)
                return len == 0 || memchr(text, '\\', len) == NULL;
        if (raw.len <= len || memchr(raw.at, '\\', raw.len) == NULL)
                return false;
        while (at < end) {
                char unit[4];
                size_t unit_len = sk_json_text_unit(&at, end, unit);

                if (unit_len > len || memcmp(unit, text, unit_len) != 0)
                        return false;
                text += unit_len;
                len -= unit_len;
        }
        return len == 0;
}

sk_slice sk_json_member(sk_slice object, const char *name) {
        assert(name != NULL);
        sk_json_walk walk = sk_json_walk_make(object);
        size_t len = strlen(name);
        sk_slice raw, value;

        if (!walk.is_object)
                return SK_NONE;
        while (sk_json_walk_next(&walk, &raw, &value))
                if (name_is(raw, name, len))
                        return value;
        return SK_NONE;
}

sk_slice sk_json_string(sk_slice value, sk_arena *arena) {
        const char *at, *end;
        char *copy;
        size_t len = 0;

        value = trimmed(value);
        if (value.len < 2 || value.at[0] != '"')
                return SK_NONE;
        at = value.at + 1;
        end = value.at + value.len - 1;
        if (memchr(at, '\\', (size_t)(end - at)) == NULL)
                return (sk_slice){at, (size_t)(end - at)};
        copy = arena == NULL ? NULL : sk_arena_get(arena, (size_t)(end - at));
        if (copy == NULL)
                return SK_NONE;
        while (at < end) {
                char unit[4];
                size_t unit_len = sk_json_text_unit(&at, end, unit);

                memcpy(copy + len, unit, unit_len);
                len += unit_len;
        }
        return (sk_slice){copy, len};
}

sk_slice sk_json_member_string(sk_slice object, const char *name, sk_arena *arena) {
        return sk_json_string(sk_json_member(object, name), arena);
}

/* Digits with an optional minus, and nothing else. */
static bool read_int(sk_slice text, int64_t *out) {
        assert(out != NULL);
        bool is_negative = text.len > 0 && text.at[0] == '-';
        size_t i = is_negative ? 1 : 0;
        int64_t number = 0;

        if (i == text.len)
                return false;
        for (; i < text.len; i++) {
                int digit = text.at[i] - '0';

                if (digit < 0 || digit > 9 || __builtin_mul_overflow(number, 10, &number) ||
                    __builtin_add_overflow(number, is_negative ? -digit : digit, &number))
                        return false;
        }
        *out = number;
        return true;
}

bool sk_json_member_int(sk_slice object, const char *name, int64_t min, int64_t max, int64_t *out) {
        assert(min <= max);
        assert(out != NULL);
        int64_t number;

        if (!read_int(sk_json_member(object, name), &number) || number < min || number > max)
                return false;
        *out = number;
        return true;
}
