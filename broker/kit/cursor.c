/* Reads numbers and bytes from bytes that nobody trusts; nothing is ever read past the end. */

#include "kit/cursor.h"

#include <assert.h>

sk_cursor sk_cursor_make(sk_slice bytes) {
        const char *at = bytes.len == 0 ? "" : bytes.at;

        return (sk_cursor){.at = at, .end = at + bytes.len, .err = SK_OK};
}

size_t sk_cursor_left(const sk_cursor *cursor) {
        return (size_t)(cursor->end - cursor->at);
}

/* The next bytes, or NULL with the error set. */
static const char *take(sk_cursor *cursor, size_t len) {
        const char *at = cursor->at;

        assert(cursor->at <= cursor->end);
        if (cursor->err != SK_OK)
                return NULL;
        if (len > sk_cursor_left(cursor)) {
                cursor->err = SK_ERR_TRUNCATED;
                return NULL;
        }
        cursor->at += len;
        return at;
}

static uint64_t little_endian(sk_cursor *cursor, unsigned bytes) {
        assert(bytes <= sizeof(uint64_t));
        const char *at = take(cursor, bytes);
        uint64_t number = 0;

        if (at == NULL)
                return 0;
        for (unsigned i = 0; i < bytes; i++)
                number |= (uint64_t)(uint8_t)at[i] << (8 * i);
        return number;
}

uint8_t sk_cursor_u8(sk_cursor *cursor) {
        return (uint8_t)little_endian(cursor, 1);
}

uint16_t sk_cursor_u16(sk_cursor *cursor) {
        return (uint16_t)little_endian(cursor, 2);
}

uint32_t sk_cursor_u32(sk_cursor *cursor) {
        return (uint32_t)little_endian(cursor, 4);
}

uint64_t sk_cursor_u64(sk_cursor *cursor) {
        return little_endian(cursor, 8);
}

sk_slice sk_cursor_bytes(sk_cursor *cursor, size_t len) {
        const char *at = take(cursor, len);

        return at == NULL ? SK_NONE : (sk_slice){at, len};
}
