/* Bytes that grow by doubling up to their bound; the first error sticks and makes every later append do nothing. */

#include "kit/buf.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "kit/alloc.h"

#define CAPACITY_FIRST 256

sk_buf sk_buf_make(size_t max) {
        return (sk_buf){.max = max};
}

void sk_buf_free(sk_buf *buf) {
        assert(buf != NULL);
        sk_free(buf->at);
        *buf = sk_buf_make(buf->max);
}

void sk_buf_clear(sk_buf *buf) {
        buf->len = 0;
        buf->err = SK_OK;
}

static size_t capacity_for(const sk_buf *buf, size_t needed) {
        assert(needed <= buf->max);
        size_t capacity = buf->capacity == 0 ? CAPACITY_FIRST : buf->capacity;

        while (capacity < needed)
                capacity = capacity > buf->max / 2 ? buf->max : capacity * 2;
        assert(capacity >= needed || needed > buf->max);
        return capacity < buf->max ? capacity : buf->max;
}

/* Out of the way of the common case, in which there is room. */
static __attribute__((noinline)) bool make_room(sk_buf *buf, size_t len) {
        size_t capacity;
        char *at;

        if (len > buf->max - buf->len) {
                buf->err = SK_ERR_FULL;
                return false;
        }
        capacity = capacity_for(buf, buf->len + len);
        at = sk_realloc(buf->at, capacity);
        if (at == NULL) {
                buf->err = SK_ERR_NO_MEMORY;
                return false;
        }
        buf->at = at;
        buf->capacity = capacity;
        assert(buf->len + len <= buf->capacity);
        return true;
}

char *sk_buf_grow(sk_buf *buf, size_t len) {
        char *at;

        assert(buf->len <= buf->max);
        if (buf->err != SK_OK)
                return NULL;
        if ((len > buf->capacity - buf->len || buf->at == NULL) && !make_room(buf, len))
                return NULL;
        at = buf->at + buf->len;
        buf->len += len;
        return at;
}

void sk_buf_add(sk_buf *buf, const void *at, size_t len) {
        char *to = len == 0 ? NULL : sk_buf_grow(buf, len);

        if (to != NULL)
                memcpy(to, at, len);
}

void sk_buf_add_slice(sk_buf *buf, sk_slice bytes) {
        sk_buf_add(buf, bytes.at, bytes.len);
}

void sk_buf_add_text(sk_buf *buf, const char *text) {
        assert(text != NULL);
        sk_buf_add(buf, text, strlen(text));
}

void sk_buf_add_byte(sk_buf *buf, uint8_t byte) {
        char *to = sk_buf_grow(buf, 1);

        if (to != NULL)
                *to = (char)byte;
}

void sk_buf_add_format(sk_buf *buf, const char *format, ...) {
        assert(format != NULL);
        va_list list;

        va_start(list, format);
        sk_buf_add_format_list(buf, format, list);
        va_end(list);
}

/* Tries in what room there is; if that is too little, the first try has told how much is needed. */
void sk_buf_add_format_list(sk_buf *buf, const char *format, va_list list) {
        char small[128];
        size_t needed;
        va_list again;
        char *to;
        int written;

        va_copy(again, list);
        written = vsnprintf(small, sizeof(small), format, list);
        assert(written >= 0);
        needed = (size_t)written;
        if (needed < sizeof(small)) {
                sk_buf_add(buf, small, needed);
        } else if ((to = sk_buf_grow(buf, needed + 1)) != NULL) {
                vsnprintf(to, needed + 1, format, again);
                buf->len--;
        }
        va_end(again);
}

void sk_buf_add_uint(sk_buf *buf, uint64_t number) {
        char digits[20];
        char *at = digits + sizeof(digits);

        do {
                *--at = (char)('0' + number % 10);
                number /= 10;
        } while (number > 0);
        sk_buf_add(buf, at, (size_t)(digits + sizeof(digits) - at));
}

void sk_buf_add_int(sk_buf *buf, int64_t number) {
        if (number < 0)
                sk_buf_add_byte(buf, '-');
        sk_buf_add_uint(buf, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

static void add_little_endian(sk_buf *buf, uint64_t number, unsigned bytes) {
        assert(bytes <= sizeof(number));
        char *to = sk_buf_grow(buf, bytes);

        if (to == NULL)
                return;
        for (unsigned i = 0; i < bytes; i++)
                to[i] = (char)(uint8_t)(number >> (8 * i));
}

void sk_buf_add_u16(sk_buf *buf, uint16_t number) {
        add_little_endian(buf, number, 2);
}

void sk_buf_add_u32(sk_buf *buf, uint32_t number) {
        add_little_endian(buf, number, 4);
}

void sk_buf_add_u64(sk_buf *buf, uint64_t number) {
        add_little_endian(buf, number, 8);
}
