/*
 * Graphs for `dot`.
 */
#include "cli/map/dot.h"

#include "kit/escape.h"

#define TEXT_BYTES ((size_t)1 << 20)

void sk_dot_text(sk_buf *out, sk_slice text) {
        sk_buf safe = sk_buf_make(TEXT_BYTES);
        sk_escape(&safe, text);
        sk_buf_add_byte(out, '"');
        for (size_t i = 0; i < safe.len; i++) {
                if (safe.at[i] == '"' || safe.at[i] == '\\')
                        sk_buf_add_byte(out, '\\');
                sk_buf_add_byte(out, (uint8_t)safe.at[i]);
        }
        sk_buf_add_byte(out, '"');
        if (safe.err != SK_OK && out->err == SK_OK)
                out->err = safe.err;
        sk_buf_free(&safe);
}
