#ifndef SK_KIT_SLICE_H
#define SK_KIT_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/** Bytes that somebody else owns. `at` is NULL for "not there", which differs from empty. */
typedef struct sk_slice {
        const char *at;
        size_t len;
} sk_slice;

#define SK_SLICE(literal) ((sk_slice){(literal), sizeof(literal) - 1})
#define SK_NONE ((sk_slice){NULL, 0})

/** The bytes of a C string without its zero byte; SK_NONE for NULL. */
static inline sk_slice sk_slice_of(const char *text) {
        return text == NULL ? SK_NONE : (sk_slice){text, strlen(text)};
}

static inline bool sk_slice_equal(sk_slice a, sk_slice b) {
        return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool sk_slice_is(sk_slice a, const char *text) {
        return sk_slice_equal(a, sk_slice_of(text));
}

static inline bool sk_slice_there(sk_slice a) {
        return a.at != NULL;
}

static inline bool sk_is_blank(char byte) {
        return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/** Without what RFC 8259 calls white space around it. */
static inline sk_slice sk_slice_trimmed(sk_slice text) {
        while (text.len > 0 && sk_is_blank(text.at[0]))
                text = (sk_slice){text.at + 1, text.len - 1};
        while (text.len > 0 && sk_is_blank(text.at[text.len - 1]))
                text.len--;
        return text;
}

/** Copies the bytes to *at, moves it behind them, and gives the copy; what is not there stays so. */
static inline sk_slice sk_slice_put(char **at, sk_slice bytes) {
        sk_slice copy = {*at, bytes.len};

        if (!sk_slice_there(bytes))
                return SK_NONE;
        if (bytes.len > 0)
                memcpy(*at, bytes.at, bytes.len);
        *at += bytes.len;
        return copy;
}

#endif
