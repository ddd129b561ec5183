/*
 * Everything that comes from outside is a stranger's text, and a terminal obeys what it is shown. One table says which
 * characters it may not see: those that control it, and those that make a line read other than it is stored.
 */
#include "kit/escape.h"

#include <assert.h>

#include "kit/utf8.h"

typedef struct range {
        uint32_t first;
        uint32_t last;
} range;

static const range unsafe[] = {
        {0x00, 0x1f},     {0x7f, 0x9f},     {0x061c, 0x061c}, {0x200b, 0x200f},   {0x2028, 0x202e},
        {0x2066, 0x2069}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
};

static bool is_unsafe(uint32_t point) {
        assert(point <= 0x10ffff);
        for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++) {
                if (point >= unsafe[i].first && point <= unsafe[i].last)
                        return true;
        }
        return false;
}

bool sk_escape_next(sk_slice text, size_t *position, uint32_t *out) {
        assert(out != NULL);
        assert(*position < text.len);
        const char *at = text.at + *position;
        size_t len = sk_utf8_length(at, text.len - *position);
        uint32_t point = (unsigned char)at[0];
        if (len > 1)
                point &= 0xffu >> (len + 1);
        for (size_t i = 1; i < len; i++)
                point = point << 6 | ((unsigned char)at[i] & 0x3fu);
        *out = point;
        *position += len == 0 ? 1 : len;
        return len > 0;
}

static void show(sk_buf *out, uint32_t point) {
        assert(is_unsafe(point));
        switch (point) {
        case '\n':
                sk_buf_add_text(out, "\\n");
                return;
        case '\r':
                sk_buf_add_text(out, "\\r");
                return;
        case '\t':
                sk_buf_add_text(out, "\\t");
                return;
        default:
                sk_buf_add_format(out, point < 0x80 ? "\\x%02x" : "\\u%04x", (unsigned)point);
        }
}

static void escape(sk_buf *out, sk_slice text, bool keeps_lines) {
        assert(out != NULL);
        size_t position = 0;
        while (position < text.len) {
                size_t start = position;
                uint32_t point;
                if (!sk_escape_next(text, &position, &point))
                        sk_buf_add_format(out, "\\x%02x", (unsigned)point);
                else if (is_unsafe(point) && !(keeps_lines && point == '\n'))
                        show(out, point);
                else
                        sk_buf_add(out, text.at + start, position - start);
        }
}

void sk_escape(sk_buf *out, sk_slice text) {
        assert(out != NULL);
        escape(out, text, false);
}

void sk_escape_lines(sk_buf *out, sk_slice text) {
        assert(out != NULL);
        escape(out, text, true);
}

/* Outside its strings JSON has no character of the table but white space. */
static void json_show(sk_buf *out, uint32_t point) {
        assert(point <= 0x10ffff);
        if (point < 0x20)
                sk_buf_add_byte(out, ' ');
        else if (point < 0x10000)
                sk_buf_add_format(out, "\\u%04x", (unsigned)point);
        else
                sk_buf_add_format(out, "\\u%04x\\u%04x", (unsigned)(0xd800 + ((point - 0x10000) >> 10)),
                                  (unsigned)(0xdc00 + ((point - 0x10000) & 0x3ff)));
}

void sk_escape_json(sk_buf *out, sk_slice json) {
        assert(out != NULL);
        size_t position = 0;
        while (position < json.len) {
                size_t start = position;
                uint32_t point;
                if (!sk_escape_next(json, &position, &point))
                        sk_buf_add_text(out, "\\ufffd");
                else if (is_unsafe(point))
                        json_show(out, point);
                else
                        sk_buf_add(out, json.at + start, position - start);
        }
}
