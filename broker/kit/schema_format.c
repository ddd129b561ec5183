/*
 * Formats, where a schema is compiled to assert them: what people enter into forms. A format that is not in the table is
 * an annotation.
 */

#include <assert.h>

#include "kit/schema_inside.h"
#include "kit/when.h"

typedef struct format {
        const char *name;
        const char *word;
        bool (*fits)(sk_slice text);
} format;

static bool is_digit(char c) {
        return c >= '0' && c <= '9';
}

static bool is_hex(char c) {
        return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_letter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Takes the byte, if it is the next one. */
static bool take(sk_slice *text, char c) {
        assert(text != NULL);
        if (text->len == 0 || text->at[0] != c)
                return false;
        *text = (sk_slice){text->at + 1, text->len - 1};
        return true;
}

/* Takes as many digits as there are, but not more than @p most; gives how many, and what they say. */
static size_t take_digits(sk_slice *text, size_t most, unsigned *out) {
        size_t count = 0;

        for (*out = 0; count < most && text->len > 0 && is_digit(text->at[0]); count++) {
                *out = *out * 10 + (unsigned)(text->at[0] - '0');
                *text = (sk_slice){text->at + 1, text->len - 1};
        }
        assert(count <= most);
        return count;
}

/* ---- time ---- */

static bool is_date_time(sk_slice text) {
        int64_t time_us;

        return sk_when_parse(text, &time_us);
}

static bool is_date(sk_slice text) {
        char moment[] = "0000-00-00T00:00:00Z";

        if (text.len != 10)
                return false;
        memcpy(moment, text.at, 10);
        return is_date_time(SK_SLICE(moment));
}

static bool is_time(sk_slice text) {
        char moment[64] = "2016-12-31T";

        if (text.len == 0 || text.len > 40)
                return false;
        memcpy(moment + 11, text.at, text.len);
        return is_date_time((sk_slice){moment, 11 + text.len});
}

/* Takes numbers with units in their order, each at most once; gives how many. */
static size_t take_units(sk_slice *text, const char *units) {
        assert(units != NULL);
        size_t count = 0;
        unsigned number;

        while (text->len > 0 && is_digit(text->at[0])) {
                (void)take_digits(text, SIZE_MAX, &number);
                const char *unit = text->len == 0 ? NULL : strchr(units, text->at[0]);
                if (unit == NULL || *unit == '\0')
                        return 0;
                units = unit + 1;
                count++;
                (void)take(text, *unit);
        }
        return count;
}

static bool is_duration(sk_slice text) {
        if (!take(&text, 'P'))
                return false;
        sk_slice weeks = text;
        if (take_units(&weeks, "W") == 1)
                return weeks.len == 0;
        size_t days = take_units(&text, "YMD");
        if (!take(&text, 'T'))
                return days > 0 && text.len == 0;
        return take_units(&text, "HMS") > 0 && text.len == 0;
}

/* ---- names of machines ---- */

static bool is_hostname(sk_slice text) {
        assert(sk_slice_there(text) || text.len == 0);
        size_t label = 0;

        for (size_t i = 0; i < text.len; i++) {
                bool is_end = i + 1 == text.len || text.at[i + 1] == '.';
                if (text.at[i] == '.' ? label == 0
                                      : !is_letter(text.at[i]) && !is_digit(text.at[i]) && text.at[i] != '-')
                        return false;
                if (text.at[i] == '-' && (label == 0 || is_end))
                        return false;
                label = text.at[i] == '.' ? 0 : label + 1;
                if (label > 63)
                        return false;
        }
        return text.len > 0 && text.len <= 253 && label > 0;
}

static bool take_ipv4(sk_slice *text) {
        assert(text != NULL);
        for (int i = 0; i < 4; i++) {
                unsigned number;
                if (i > 0 && !take(text, '.'))
                        return false;
                bool is_zero = text->len > 0 && text->at[0] == '0';
                size_t count = take_digits(text, 3, &number);
                if (count == 0 || number > 255 || (is_zero && count > 1))
                        return false;
        }
        return true;
}

static bool is_ipv4(sk_slice text) {
        return take_ipv4(&text) && text.len == 0;
}

static size_t hex_digits(sk_slice text) {
        size_t count = 0;

        while (count < text.len && count < 5 && is_hex(text.at[count]))
                count++;
        return count;
}

static bool is_ipv6(sk_slice text) {
        bool has_gap = text.len >= 2 && text.at[0] == ':' && text.at[1] == ':';
        size_t groups = 0;

        if (has_gap)
                text = (sk_slice){text.at + 2, text.len - 2};
        while (text.len > 0 && groups < 8) {
                size_t count = hex_digits(text);
                if (count < text.len && text.at[count] == '.')
                        return take_ipv4(&text) && text.len == 0 && (has_gap ? groups < 6 : groups == 6);
                if (count == 0 || count > 4)
                        return false;
                text = (sk_slice){text.at + count, text.len - count};
                groups++;
                if (text.len == 0)
                        break;
                if (!take(&text, ':') || text.len == 0)
                        return false;
                if (!take(&text, ':'))
                        continue;
                if (has_gap)
                        return false;
                has_gap = true;
        }
        return text.len == 0 && (has_gap ? groups < 8 : groups == 8);
}

static bool is_email(sk_slice text) {
        const char *at = text.len == 0 ? NULL : memrchr(text.at, '@', text.len);

        if (at == NULL || at == text.at || at - text.at > 64)
                return false;
        sk_slice local = {text.at, (size_t)(at - text.at)};
        sk_slice domain = {at + 1, text.len - local.len - 1};
        bool is_quoted = local.len > 2 && local.at[0] == '"' && local.at[local.len - 1] == '"';
        for (size_t i = 0; i < local.len && !is_quoted; i++) {
                bool is_dot = local.at[i] == '.';
                if (local.at[i] <= ' ' || strchr("()<>[]:;@\\,\"", local.at[i]) != NULL ||
                    (is_dot && (i == 0 || i + 1 == local.len || local.at[i + 1] == '.')))
                        return false;
        }
        if (domain.len > 2 && domain.at[0] == '[' && domain.at[domain.len - 1] == ']') {
                sk_slice inner = {domain.at + 1, domain.len - 2};
                bool is_six = inner.len > 5 && memcmp(inner.at, "IPv6:", 5) == 0;
                return is_six ? is_ipv6((sk_slice){inner.at + 5, inner.len - 5}) : is_ipv4(inner);
        }
        return is_hostname(domain);
}

/* ---- references ---- */

static bool is_uri_reference(sk_slice text) {
        for (size_t i = 0; i < text.len; i++) {
                char c = text.at[i];
                bool is_escape = c == '%' && i + 2 < text.len && is_hex(text.at[i + 1]) && is_hex(text.at[i + 2]);
                if (c == '\0' ||
                    (!is_letter(c) && !is_digit(c) && !is_escape && strchr("-._~:/?#[]@!$&'()*+,;=", c) == NULL))
                        return false;
        }
        return true;
}

static bool is_uri(sk_slice text) {
        const char *colon = text.len == 0 ? NULL : memchr(text.at, ':', text.len);

        if (colon == NULL || !is_letter(text.at[0]) || !is_uri_reference(text))
                return false;
        for (const char *at = text.at; at < colon; at++) {
                if (!is_letter(*at) && !is_digit(*at) && *at != '+' && *at != '-' && *at != '.')
                        return false;
        }
        return true;
}

static bool is_uuid(sk_slice text) {
        for (size_t i = 0; i < text.len; i++) {
                bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
                if (is_dash ? text.at[i] != '-' : !is_hex(text.at[i]))
                        return false;
        }
        return text.len == 36;
}

static bool is_json_pointer(sk_slice text) {
        for (size_t i = 0; i < text.len; i++) {
                char next = i + 1 < text.len ? text.at[i + 1] : '\0';
                if (text.at[i] == '~' && next != '0' && next != '1')
                        return false;
        }
        return text.len == 0 || text.at[0] == '/';
}

static bool is_relative_pointer(sk_slice text) {
        unsigned number;
        bool is_zero = text.len > 0 && text.at[0] == '0';
        size_t count = take_digits(&text, SIZE_MAX, &number);

        if (count == 0 || (is_zero && count > 1))
                return false;
        return sk_slice_is(text, "#") || is_json_pointer(text);
}

static bool is_regex(sk_slice text) {
        sk_pattern *pattern = NULL;
        bool is_one = sk_pattern_compile(text, &pattern) == SK_OK;

        sk_pattern_free(pattern);
        return is_one;
}

static const format formats[] = {
        {"date", "a date such as 2026-12-24", is_date},
        {"date-time", "a time such as 2026-12-24T12:00:00+01:00", is_date_time},
        {"time", "a time of day such as 12:00:00Z", is_time},
        {"duration", "a duration such as PT30M or P2D", is_duration},
        {"email", "a mail address such as anna@example.org", is_email},
        {"hostname", "the name of a machine such as www.example.org", is_hostname},
        {"ipv4", "an address such as 192.0.2.1", is_ipv4},
        {"ipv6", "an address such as 2001:db8::1", is_ipv6},
        {"uri", "an address such as https://example.org/", is_uri},
        {"uri-reference", "an address such as https://example.org/ or a part of one", is_uri_reference},
        {"uuid", "an id such as 01a20786-bb40-7b1d-9c3e-5a7f00c1d2e3", is_uuid},
        {"json-pointer", "a JSON Pointer such as /need", is_json_pointer},
        {"relative-json-pointer", "a relative JSON Pointer such as 1/need", is_relative_pointer},
        {"regex", "a regular expression", is_regex},
};

size_t sk_schema_format_find(sk_slice name) {
        assert(sk_slice_there(name) || name.len == 0);
        size_t i = 0;

        while (i < sizeof(formats) / sizeof(formats[0]) && !sk_slice_is(name, formats[i].name))
                i++;
        return i < sizeof(formats) / sizeof(formats[0]) ? i : SIZE_MAX;
}

bool sk_schema_format_fits(size_t index, sk_slice text) {
        assert(index < sizeof(formats) / sizeof(formats[0]));
        return formats[index].fits(text);
}

const char *sk_schema_format_word(sk_slice value) {
        size_t found = value.len < 2 ? SIZE_MAX : sk_schema_format_find((sk_slice){value.at + 1, value.len - 2});

        return found == SIZE_MAX ? "as its format says" : formats[found].word;
}
