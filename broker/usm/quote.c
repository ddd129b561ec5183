/*
 * Names from outside, made fit for a message. Control characters, bytes that are no UTF-8 and characters that turn the
 * direction of writing are escaped, so that no file name and no member name can act on a terminal or fake a line.
 */
#include "usm/quote.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>

/* Room for the longest escape, the ellipsis, the closing mark and the zero byte. */
#define TAIL 16

/** Length of the UTF-8 sequence at @p at if it is whole, shortest and printable; 0 otherwise. */
static size_t printable_length(const char *at, size_t left) {
        assert(left > 0);
        const uint8_t *b = (const uint8_t *)at;
        if (b[0] < 0x80)
                return b[0] >= 0x20 && b[0] != 0x7f ? 1 : 0;
        size_t len = b[0] >= 0xf0 ? 4 : b[0] >= 0xe0 ? 3 : 2;
        if (b[0] < 0xc2 || b[0] > 0xf4 || len > left)
                return 0;
        uint32_t code = b[0] & (0xffU >> (len + 1));
        for (size_t i = 1; i < len; i++) {
                if ((b[i] & 0xc0) != 0x80)
                        return 0;
                code = code << 6 | (b[i] & 0x3fU);
        }
        bool is_overlong = (len == 3 && code < 0x800) || (len == 4 && code < 0x10000);
        bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
        bool turns = (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
                     (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
        return code < 0xa0 || code > 0x10ffff || is_overlong || is_surrogate || turns ? 0 : len;
}

static size_t escape_byte(char *out, uint8_t byte) {
        assert(out != NULL);
        static const char digits[] = "0123456789abcdef";
        const char *shorts = "\nn\rr\tt";
        for (const char *at = shorts; *at != '\0'; at += 2) {
                if ((uint8_t)*at == byte) {
                        out[0] = '\\';
                        out[1] = at[1];
                        return 2;
                }
        }
        out[0] = '\\';
        out[1] = 'x';
        out[2] = digits[byte >> 4];
        out[3] = digits[byte & 15];
        return 4;
}

static sk_quoted quote(sk_slice name, const char *mark) {
        sk_quoted quoted;
        size_t used = 0;
        assert(mark != NULL);
        for (const char *at = mark; *at != '\0'; at++)
                quoted.text[used++] = *at;
        size_t i = 0;
        while (i < name.len && used < SK_QUOTED_MAX - TAIL) {
                size_t len = printable_length(name.at + i, name.len - i);
                if (len == 0) {
                        used += escape_byte(quoted.text + used, (uint8_t)name.at[i++]);
                        continue;
                }
                if (len == 1 && (name.at[i] == '\\' || name.at[i] == *mark))
                        quoted.text[used++] = '\\';
                assert(used + len < SK_QUOTED_MAX);
                memcpy(quoted.text + used, name.at + i, len);
                used += len;
                i += len;
        }
        if (i < name.len) {
                memcpy(quoted.text + used, "...", 3);
                used += 3;
        }
        for (const char *at = mark; *at != '\0'; at++)
                quoted.text[used++] = *at;
        assert(used < SK_QUOTED_MAX);
        quoted.text[used] = '\0';
        return quoted;
}

sk_quoted sk_quote(sk_slice name) {
        return quote(name, "\"");
}

sk_quoted sk_quote_bare(sk_slice name) {
        return quote(name, "");
}
