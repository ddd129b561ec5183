#ifndef SK_KIT_CURSOR_H
#define SK_KIT_CURSOR_H

#include <stdint.h>

#include "kit/err.h"
#include "kit/slice.h"

/**
 * Reads little-endian numbers and byte strings from bytes that nobody trusts. The first read past the end
 * sets SK_ERR_TRUNCATED, which sticks; every later read gives zero or SK_NONE.
 */
typedef struct sk_cursor {
        const char *at;
        const char *end;
        sk_err err;
} sk_cursor;

/** A cursor at the first byte. */
sk_cursor sk_cursor_make(sk_slice bytes);
/** The next byte. */
uint8_t sk_cursor_u8(sk_cursor *cursor);
/** The next two bytes, the lowest first. */
uint16_t sk_cursor_u16(sk_cursor *cursor);
/** The next four bytes, the lowest first. */
uint32_t sk_cursor_u32(sk_cursor *cursor);
/** The next eight bytes, the lowest first. */
uint64_t sk_cursor_u64(sk_cursor *cursor);
/** The next @p len bytes, borrowed. */
sk_slice sk_cursor_bytes(sk_cursor *cursor, size_t len);
/** What is left. */
size_t sk_cursor_left(const sk_cursor *cursor);

#endif
