#ifndef SK_KIT_BUF_H
#define SK_KIT_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/err.h"
#include "kit/slice.h"

/**
 * Bytes that grow up to a bound. The first error (SK_ERR_NO_MEMORY, SK_ERR_FULL) sticks: later appends do
 * nothing, so that a writer checks `err` once at its end. Pointers into it are good until the next append.
 */
typedef struct sk_buf {
        char *at;
        size_t len;
        size_t capacity;
        size_t max;
        sk_err err;
} sk_buf;

/** An empty buffer that may grow to @p max bytes; takes no memory yet. */
sk_buf sk_buf_make(size_t max);

/** Gives the memory back and leaves an empty buffer with the same bound. */
void sk_buf_free(sk_buf *buf);

/** Empties the buffer and clears its error; keeps the memory. */
void sk_buf_clear(sk_buf *buf);

/** What it holds; borrowed. */
static inline sk_slice sk_buf_slice(const sk_buf *buf) {
        return (sk_slice){buf->len == 0 ? "" : buf->at, buf->len};
}

/** Appends bytes. */
void sk_buf_add(sk_buf *buf, const void *at, size_t len);
/** Appends a slice; SK_NONE adds nothing. */
void sk_buf_add_slice(sk_buf *buf, sk_slice bytes);
/** Appends C text without its end. */
void sk_buf_add_text(sk_buf *buf, const char *text);
/** Appends one byte. */
void sk_buf_add_byte(sk_buf *buf, uint8_t byte);
/** Formatted as printf(3). */
void sk_buf_add_format(sk_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** As sk_buf_add_format. */
void sk_buf_add_format_list(sk_buf *buf, const char *format, va_list list) __attribute__((format(printf, 2, 0)));
/** Decimal digits. */
void sk_buf_add_uint(sk_buf *buf, uint64_t number);
/** Appends a number in decimal digits. */
void sk_buf_add_int(sk_buf *buf, int64_t number);
/** Little-endian. */
void sk_buf_add_u16(sk_buf *buf, uint16_t number);
/** Appends four bytes, the lowest first. */
void sk_buf_add_u32(sk_buf *buf, uint32_t number);
/** Appends eight bytes, the lowest first. */
void sk_buf_add_u64(sk_buf *buf, uint64_t number);

/**
 * Room for @p len more bytes, counted as written; NULL on a sticky error. The caller fills it at once.
 */
char *sk_buf_grow(sk_buf *buf, size_t len);

#endif
