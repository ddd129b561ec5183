/* The inside of a JSON string: escapes, and comparing without writing the text out. */

#include "kit/json_text.h"

#include <assert.h>

#include "kit/hash.h"
#include "kit/utf8.h"

#define HASHED_BYTES 64 /* of a name; what differs behind them only makes the comparison slower */

static int digit_of(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The number in \uXXXX, or -1. */
static int32_t unicode_escape(const char *at, size_t left) {
        int32_t code = 0;

        if (left < 6 || at[0] != '\\' || at[1] != 'u')
                return -1;
        for (size_t i = 2; i < 6; i++) {
                int digit = digit_of(at[i]);

                if (digit < 0)
                        return -1;
                code = code * 16 + digit;
        }
        return code;
}

static bool is_high(int32_t code) {
        return code >= 0xd800 && code <= 0xdbff;
}

static bool is_low(int32_t code) {
        return code >= 0xdc00 && code <= 0xdfff;
}

size_t sk_json_text_escape(const char *at, size_t left, bool *out_lone) {
        int32_t code = unicode_escape(at, left);

        assert(left > 0);
        assert(at[0] == '\\');
        *out_lone = false;
        if (code < 0)
                return left >= 2 && at[1] != '\0' && strchr("\"\\/bfnrt", at[1]) != NULL ? 2 : 0;
        if (is_high(code) && is_low(unicode_escape(at + 6, left - 6)))
                return 12;
        *out_lone = is_high(code) || is_low(code);
        return *out_lone ? 0 : 6;
}

static char short_escape(char c) {
        switch (c) {
        case 'b':
                return '\b';
        case 'f':
                return '\f';
        case 'n':
                return '\n';
        case 'r':
                return '\r';
        case 't':
                return '\t';
        default:
                return c;
        }
}

size_t sk_json_text_unit(const char **at, const char *end, char out[4]) {
        size_t left = (size_t)(end - *at);
        int32_t code, low;

        assert(left > 0);
        if (**at != '\\' || left < 2) {
                out[0] = *(*at)++;
                return 1;
        }
        code = unicode_escape(*at, left);
        if (code < 0) {
                out[0] = short_escape((*at)[1]);
                *at += 2;
                return 1;
        }
        low = is_high(code) ? unicode_escape(*at + 6, left - 6) : -1;
        *at += low < 0 ? 6 : 12;
        if (is_high(code) && is_low(low))
                code = 0x10000 + (code - 0xd800) * 0x400 + (low - 0xdc00);
        return sk_utf8_write(is_high(code) || is_low(code) ? 0xfffd : (uint32_t)code, out);
}

/* One byte after the other of what an inside stands for. */
typedef struct reader {
        const char *at;
        const char *end;
        char unit[4];
        size_t unit_len;
        size_t unit_at;
} reader;

static reader reader_make(sk_slice inside) {
        return (reader){.at = inside.at, .end = inside.at + inside.len};
}

/* The next byte, or -1 at the end. */
static int reader_next(reader *r) {
        assert(r->unit_at <= r->unit_len);
        assert(r->unit_len <= sizeof(r->unit));
        if (r->unit_at == r->unit_len) {
                if (r->at == r->end)
                        return -1;
                r->unit_len = sk_json_text_unit(&r->at, r->end, r->unit);
                r->unit_at = 0;
        }
        return (uint8_t)r->unit[r->unit_at++];
}

static bool has_escape(sk_slice inside) {
        return inside.len > 0 && memchr(inside.at, '\\', inside.len) != NULL;
}

/* The same where neither has an escape: most names. */
static int compare_plain(sk_slice a, sk_slice b) {
        assert(sk_slice_there(a) || a.len == 0);
        assert(sk_slice_there(b) || b.len == 0);
        size_t both = a.len < b.len ? a.len : b.len;
        int order = both == 0 ? 0 : memcmp(a.at, b.at, both);

        return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

int sk_json_text_compare(sk_slice a, sk_slice b) {
        if (!has_escape(a) && !has_escape(b))
                return compare_plain(a, b);
        reader of_a = reader_make(a.len == 0 ? SK_SLICE("") : a);
        reader of_b = reader_make(b.len == 0 ? SK_SLICE("") : b);
        int byte_a, byte_b;

        do {
                byte_a = reader_next(&of_a);
                byte_b = reader_next(&of_b);
        } while (byte_a == byte_b && byte_a >= 0);
        return byte_a - byte_b;
}

bool sk_json_text_equal(sk_slice a, sk_slice b) {
        if (!has_escape(a) && !has_escape(b))
                return sk_slice_equal(a, b);
        return sk_json_text_compare(a, b) == 0;
}

static uint32_t hash_of(const char *first, size_t first_len, size_t len) {
        assert(first_len <= len);
        assert(first_len <= HASHED_BYTES);
        uint64_t hash = sk_hash_table((sk_slice){first, first_len}) + len;

        return (uint32_t)(hash ^ (hash >> 32));
}

uint32_t sk_json_text_hash(sk_slice inside) {
        char first[HASHED_BYTES];
        size_t len = 0;
        reader r;
        int byte;

        if (!has_escape(inside))
                return hash_of(inside.at, inside.len < HASHED_BYTES ? inside.len : HASHED_BYTES, inside.len);
        r = reader_make(inside);
        for (; (byte = reader_next(&r)) >= 0; len++)
                if (len < sizeof(first))
                        first[len] = (char)byte;
        return hash_of(first, len < sizeof(first) ? len : sizeof(first), len);
}
