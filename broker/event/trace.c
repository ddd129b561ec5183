#include "event/trace.h"

#include <assert.h>

#include "kit/hash.h"

#define TRACE_AT 3
#define SPAN_AT 36
#define FLAGS_AT 53
#define TRACE_DIGITS 32
#define SPAN_DIGITS 16

static const char digits[] = "0123456789abcdef";

static void write_hex(char *out, const uint8_t *bytes, size_t count) {
        assert(count > 0);
        for (size_t i = 0; i < count; i++) {
                out[2 * i] = digits[bytes[i] >> 4];
                out[2 * i + 1] = digits[bytes[i] & 15];
        }
}

static sk_digest span_of(const sk_id *call, uint16_t hops) {
        assert(call != NULL);
        char origin[sizeof(call->bytes) + 2];
        memcpy(origin, call->bytes, sizeof(call->bytes));
        origin[sizeof(call->bytes)] = (char)(hops & 0xff);
        origin[sizeof(call->bytes) + 1] = (char)(hops >> 8);
        return sk_digest_of((sk_slice){origin, sizeof(origin)});
}

static bool is_zero(const uint8_t *bytes, size_t count) {
        assert(count > 0);
        for (size_t i = 0; i < count; i++) {
                if (bytes[i] != 0)
                        return false;
        }
        return true;
}

void sk_trace_write(const sk_id *root, const sk_id *call, uint16_t hops, char out[SK_TRACE_TEXT]) {
        assert(root != NULL);
        assert(call != NULL);
        assert(!sk_id_is_zero(root));
        sk_digest span = span_of(call, hops);
        if (is_zero(span.bytes, SPAN_DIGITS / 2))
                span.bytes[0] = 1; /* the standard forbids a zero span id */

        memcpy(out, "00-", 3);
        write_hex(out + TRACE_AT, root->bytes, TRACE_DIGITS / 2);
        out[SPAN_AT - 1] = '-';
        write_hex(out + SPAN_AT, span.bytes, SPAN_DIGITS / 2);
        memcpy(out + FLAGS_AT - 1, "-01", 3);
}

/* Lower-case hexadecimal and, if it is an id, not all zero. */
static bool hex_check(const char *at, size_t count, bool is_id) {
        assert(count > 0);
        bool seen_other = !is_id;
        for (size_t i = 0; i < count; i++) {
                if (memchr(digits, at[i], sizeof(digits) - 1) == NULL)
                        return false;
                seen_other = seen_other || at[i] != '0';
        }
        return seen_other;
}

bool sk_trace_check(sk_slice text) {
        return text.len == SK_TRACE_TEXT && memcmp(text.at, "00-", 3) == 0 &&
               hex_check(text.at + TRACE_AT, TRACE_DIGITS, true) && text.at[SPAN_AT - 1] == '-' &&
               hex_check(text.at + SPAN_AT, SPAN_DIGITS, true) && text.at[FLAGS_AT - 1] == '-' &&
               hex_check(text.at + FLAGS_AT, 2, false);
}
