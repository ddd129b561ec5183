/* JSON written straight to a buffer. What is open is two numbers: how deep, and at which levels something stands. */

#include "kit/json_write.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/utf8.h"
#include "kit/when.h"

#define LEVELS_MAX 32
#define MILLION 1000000
#define PLAIN_MAX 1e9 /* 15 digits with those behind the point: as many as a double keeps */

sk_json_writer sk_json_writer_make(sk_buf *buf) {
        assert(buf != NULL);
        return (sk_json_writer){.buf = buf};
}

/* The comma, and the name if there is one, in one piece. */
static void begin(sk_json_writer *writer, const char *name) {
        uint32_t bit = writer->levels == 0 ? 0 : UINT32_C(1) << (writer->levels - 1);
        size_t comma = (writer->has_items & bit) != 0;
        size_t len = name == NULL ? 0 : strlen(name);
        char *to;

        assert(writer->levels <= LEVELS_MAX);
        writer->has_items |= bit;
        if (comma == 0 && name == NULL)
                return;
        to = sk_buf_grow(writer->buf, comma + len + (name == NULL ? 0 : 3));
        if (to == NULL)
                return;
        *to = ',';
        to += comma;
        if (name == NULL)
                return;
        to[0] = '"';
        memcpy(to + 1, name, len);
        to[len + 1] = '"';
        to[len + 2] = ':';
}

static void open_level(sk_json_writer *writer, const char *name, char bracket) {
        assert(bracket == '{' || bracket == '[');
        begin(writer, name);
        assert(writer->levels < LEVELS_MAX);
        sk_buf_add_byte(writer->buf, (uint8_t)bracket);
        writer->levels++;
        writer->has_items &= ~(UINT32_C(1) << (writer->levels - 1));
}

static void close_level(sk_json_writer *writer, char bracket) {
        assert(bracket == '}' || bracket == ']');
        assert(writer->levels > 0);
        writer->levels--;
        sk_buf_add_byte(writer->buf, (uint8_t)bracket);
}

void sk_json_open_object(sk_json_writer *writer, const char *name) {
        open_level(writer, name, '{');
}

void sk_json_close_object(sk_json_writer *writer) {
        close_level(writer, '}');
}

void sk_json_open_array(sk_json_writer *writer, const char *name) {
        open_level(writer, name, '[');
}

void sk_json_close_array(sk_json_writer *writer) {
        close_level(writer, ']');
}

static void add_control(sk_buf *buf, uint8_t byte) {
        assert(byte < 0x20);
        static const char digits[] = "0123456789abcdef";
        static const char letters[] = "btn?fr"; /* of 8 to 13; 11 has none */

        if (byte >= 8 && byte <= 13 && byte != 11) {
                char escape[2] = {'\\', letters[byte - 8]};

                sk_buf_add(buf, escape, sizeof(escape));
        } else {
                char escape[6] = {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]};

                sk_buf_add(buf, escape, sizeof(escape));
        }
}

/* Writes what is no plain character; gives how many bytes of the text that was. */
static size_t add_unit(sk_buf *buf, const char *at, size_t left) {
        assert(left > 0);
        size_t len;

        if (*at == '"' || *at == '\\') {
                char escape[2] = {'\\', *at};

                sk_buf_add(buf, escape, sizeof(escape));
                return 1;
        }
        if ((uint8_t)*at < 0x20) {
                add_control(buf, (uint8_t)*at);
                return 1;
        }
        len = sk_utf8_length(at, left);
        if (len == 0)
                sk_buf_add(buf, "\xef\xbf\xbd", 3);
        else
                sk_buf_add(buf, at, len);
        return len == 0 ? 1 : len;
}

/* Mostly all of a text is plain, and then it is written in one piece. */
static void add_quoted(sk_buf *buf, sk_slice text) {
        size_t done = sk_utf8_plain_run(text.at, text.len);
        char *to = sk_buf_grow(buf, done + 1 + (done == text.len));

        if (to == NULL)
                return;
        to[0] = '"';
        if (done > 0)
                memcpy(to + 1, text.at, done);
        if (done == text.len) {
                to[done + 1] = '"';
                return;
        }
        while (done < text.len) {
                size_t plain;

                done += add_unit(buf, text.at + done, text.len - done);
                plain = sk_utf8_plain_run(text.at + done, text.len - done);
                sk_buf_add(buf, text.at + done, plain);
                done += plain;
        }
        sk_buf_add_byte(buf, '"');
}

void sk_json_put_text(sk_json_writer *writer, const char *name, sk_slice text) {
        begin(writer, name);
        add_quoted(writer->buf, text);
}

void sk_json_put_cstr(sk_json_writer *writer, const char *name, const char *text) {
        sk_json_put_text(writer, name, sk_slice_of(text));
}

void sk_json_put_optional(sk_json_writer *writer, const char *name, sk_slice text) {
        if (text.len > 0)
                sk_json_put_text(writer, name, text);
}

void sk_json_put_int(sk_json_writer *writer, const char *name, int64_t number) {
        begin(writer, name);
        sk_buf_add_int(writer->buf, number);
}

/* Whole millionths, which seconds mostly are: written by hand, as printf would. False for any other number. */
static bool add_plain_double(sk_buf *buf, double number) {
        assert(isfinite(number));
        double positive = fabs(number);
        int64_t millionths = positive < PLAIN_MAX ? (int64_t)(positive * MILLION + 0.5) : 0;
        char digits[8];
        size_t len = 7;

        /* Between 0 and a ten-thousandth it would be written with an exponent. */
        if ((millionths < 100 && (positive > 0 || signbit(number))) || (double)millionths / MILLION < positive ||
            (double)millionths / MILLION > positive)
                return false;
        if (number < 0)
                sk_buf_add_byte(buf, '-');
        sk_buf_add_int(buf, millionths / MILLION);
        digits[0] = '.';
        for (int64_t rest = millionths % MILLION, i = 6; i > 0; i--, rest /= 10)
                digits[i] = (char)('0' + rest % 10);
        while (len > 1 && digits[len - 1] == '0')
                len--;
        sk_buf_add(buf, digits, len == 1 ? 0 : len);
        return true;
}

/* The shortest of two forms that reads back as the same number; JSON has no infinity. The locale may set a comma. */
void sk_json_put_double(sk_json_writer *writer, const char *name, double number) {
        char text[32];
        char *comma;

        if (!isfinite(number)) {
                sk_json_put_null(writer, name);
                return;
        }
        begin(writer, name);
        if (add_plain_double(writer->buf, number))
                return;
        snprintf(text, sizeof(text), "%.15g", number);
        if (strtod(text, NULL) < number || strtod(text, NULL) > number)
                snprintf(text, sizeof(text), "%.17g", number);
        comma = strchr(text, ',');
        if (comma != NULL)
                *comma = '.';
        sk_buf_add_text(writer->buf, text);
}

void sk_json_put_bool(sk_json_writer *writer, const char *name, bool value) {
        begin(writer, name);
        sk_buf_add_text(writer->buf, value ? "true" : "false");
}

void sk_json_put_null(sk_json_writer *writer, const char *name) {
        begin(writer, name);
        sk_buf_add(writer->buf, "null", 4);
}

void sk_json_put_id(sk_json_writer *writer, const char *name, const sk_id *id) {
        assert(id != NULL);
        char *to;

        begin(writer, name);
        to = sk_buf_grow(writer->buf, SK_ID_TEXT + 2);
        if (to == NULL)
                return;
        to[0] = '"';
        sk_id_format(id, to + 1);
        to[SK_ID_TEXT + 1] = '"';
}

void sk_json_put_time(sk_json_writer *writer, const char *name, int64_t time_us) {
        char *to;

        begin(writer, name);
        to = sk_buf_grow(writer->buf, SK_WHEN_TEXT + 2);
        if (to == NULL)
                return;
        to[0] = '"';
        sk_when_format(time_us, to + 1);
        to[SK_WHEN_TEXT + 1] = '"';
}

void sk_json_put_raw(sk_json_writer *writer, const char *name, sk_slice json) {
        assert(sk_slice_there(json) || json.len == 0);
        begin(writer, name);
        sk_buf_add_slice(writer->buf, json);
}
