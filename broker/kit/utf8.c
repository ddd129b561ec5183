/* UTF-8 (RFC 3629): no overlong form, no surrogate, nothing above U+10FFFF. */

#include "kit/utf8.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define EVERY_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

static bool is_plain(char c) {
        uint8_t byte = (uint8_t)c;

        return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

#if defined(__SSE2__)
/* A bit for each byte that is not plain. As signed bytes, what is below a space is a control character or no ASCII. */
static unsigned other_bits(const char *at) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i quote = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
        __m128i backslash = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
        __m128i other = _mm_cmplt_epi8(block, _mm_set1_epi8(' '));

        return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), other));
}

/* The whole run of a text of at least one block; its last block may overlap the one before. */
static size_t plain_blocks(const char *at, size_t left) {
        for (size_t done = 0; done < left;) {
                size_t from = left - done < 16 ? left - 16 : done;
                unsigned found = other_bits(at + from);

                if (found != 0)
                        return from + (size_t)__builtin_ctz(found);
                done = from + 16;
        }
        return left;
}
#define HAS_BLOCKS 1
#else
static size_t plain_blocks(const char *at, size_t left) {
        (void)at;
        (void)left;
        return 0;
}
#define HAS_BLOCKS 0
#endif

static bool is_plain_word(uint64_t word) {
        uint64_t quote = word ^ EVERY_BYTE('"');
        uint64_t backslash = word ^ EVERY_BYTE('\\');
        uint64_t found = (word - EVERY_BYTE(0x20)) & ~word;

        found |= (quote - EVERY_BYTE(1)) & ~quote;
        found |= (backslash - EVERY_BYTE(1)) & ~backslash;
        return ((found | word) & EVERY_BYTE(0x80)) == 0;
}

size_t sk_utf8_plain_run(const char *at, size_t left) {
        size_t done = 0;

        if (HAS_BLOCKS && left >= 16)
                return plain_blocks(at, left);
        for (; left - done >= 8; done += 8) {
                uint64_t word;

                memcpy(&word, at + done, sizeof(word));
                if (!is_plain_word(word))
                        break;
        }
        while (done < left && is_plain(at[done]))
                done++;
        return done;
}

static bool is_within(char c, unsigned low, unsigned high) {
        return (uint8_t)c >= low && (uint8_t)c <= high;
}

/* The second byte tells overlong forms, surrogates and what is too large (table 3-7 of the Unicode standard). */
static bool is_second(uint8_t first, char second) {
        switch (first) {
        case 0xe0:
                return is_within(second, 0xa0, 0xbf);
        case 0xed:
                return is_within(second, 0x80, 0x9f);
        case 0xf0:
                return is_within(second, 0x90, 0xbf);
        case 0xf4:
                return is_within(second, 0x80, 0x8f);
        default:
                return is_within(second, 0x80, 0xbf);
        }
}

size_t sk_utf8_length(const char *at, size_t left) {
        uint8_t first = left == 0 ? 0xff : (uint8_t)at[0];
        size_t len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

        if (len == 1)
                return 1;
        if (first < 0xc2 || first > 0xf4 || left < len || !is_second(first, at[1]))
                return 0;
        for (size_t i = 2; i < len; i++)
                if (!is_within(at[i], 0x80, 0xbf))
                        return 0;
        return len;
}

static char continuation(uint32_t bits) {
        return (char)(uint8_t)(0x80 | (bits & 0x3f));
}

size_t sk_utf8_write(uint32_t code, char out[4]) {
        assert(code <= 0x10ffff);
        assert((code < 0xd800 || code > 0xdfff));
        if (code < 0x80) {
                out[0] = (char)code;
                return 1;
        }
        if (code < 0x800) {
                out[0] = (char)(uint8_t)(0xc0 | code >> 6);
                out[1] = continuation(code);
                return 2;
        }
        if (code < 0x10000) {
                out[0] = (char)(uint8_t)(0xe0 | code >> 12);
                out[1] = continuation(code >> 6);
                out[2] = continuation(code);
                return 3;
        }
        out[0] = (char)(uint8_t)(0xf0 | code >> 18);
        out[1] = continuation(code >> 12);
        out[2] = continuation(code >> 6);
        out[3] = continuation(code);
        return 4;
}

bool sk_utf8_is_valid(sk_slice text) {
        assert(sk_slice_there(text) || text.len == 0);
        for (size_t at = 0, len; at < text.len; at += len) {
                len = sk_utf8_length(text.at + at, text.len - at);
                if (len == 0)
                        return false;
        }
        return true;
}
