/*
 * Hashes: Murmur2, because Kafka's Java client places keys by it; BLAKE2b-128 for digests; and a fast one for tables,
 * which multiplies 64 bits by 64 and folds the product.
 */

#include "kit/hash.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static uint64_t table_seed = 0xa0761d6478bd642fu;

static uint32_t murmur_mix(uint32_t word) {
        word *= 0x5bd1e995u;
        word ^= word >> 24;
        return word * 0x5bd1e995u;
}

static uint32_t load_u32(const uint8_t *at) {
        return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

uint32_t sk_hash_murmur2(sk_slice bytes) {
        const uint8_t *at = (const uint8_t *)bytes.at;
        size_t left = bytes.len;
        uint32_t hash = 0x9747b28cu ^ (uint32_t)bytes.len;

        for (; left >= 4; left -= 4, at += 4)
                hash = (hash * 0x5bd1e995u) ^ murmur_mix(load_u32(at));
        if (left > 0) {
                for (size_t i = 0; i < left; i++)
                        hash ^= (uint32_t)at[i] << (8 * i);
                hash *= 0x5bd1e995u;
        }
        hash ^= hash >> 13;
        hash *= 0x5bd1e995u;
        return hash ^ (hash >> 15);
}

int32_t sk_hash_partition(sk_slice key, int32_t partitions) {
        assert(partitions > 0);
        return (int32_t)(sk_hash_murmur2(key) & 0x7fffffffu) % partitions;
}

static uint64_t load_u64(const char *at) {
        uint64_t word;

        memcpy(&word, at, sizeof(word));
        return word;
}

/* The last bytes, fewer than eight, as a number. */
static uint64_t load_tail(const char *at, size_t len) {
        uint64_t word = 0;

        assert(len <= sizeof(word));
        for (size_t i = 0; i < len; i++)
                word = word << 8 | (uint8_t)at[i];
        return word;
}

static uint64_t fold(uint64_t a, uint64_t b) {
        unsigned __int128 product = (unsigned __int128)a * b;

        return (uint64_t)product ^ (uint64_t)(product >> 64);
}

void sk_hash_table_seed(uint64_t seed) {
        table_seed = fold(seed ^ 0xa0761d6478bd642fu, 0xe7037ed1a0b428dbu);
}

uint64_t sk_hash_table(sk_slice bytes) {
        const char *at = bytes.at;
        size_t left = bytes.len;
        uint64_t hash = table_seed ^ bytes.len;
        uint64_t a = 0, b = 0;

        for (; left > 16; left -= 16, at += 16)
                hash = fold(load_u64(at) ^ 0xe7037ed1a0b428dbu, load_u64(at + 8) ^ hash);
        if (left >= 8) {
                a = load_u64(at);
                b = left == 16 ? load_u64(at + 8) : load_tail(at + 8, left - 8);
        } else {
                a = load_tail(at, left);
        }
        hash = fold(a ^ 0xe7037ed1a0b428dbu, b ^ hash);
        return fold(hash ^ 0x8ebc6af09c88c6e3u, 0x589965cc75374cc3u);
}

sk_digest sk_digest_of(sk_slice bytes) {
        assert(sk_slice_there(bytes) || bytes.len == 0);
        sk_digest digest;

        crypto_generichash(digest.bytes, sizeof(digest.bytes), (const unsigned char *)bytes.at, bytes.len, NULL, 0);
        return digest;
}

void sk_digest_format(const sk_digest *digest, char out[SK_DIGEST_TEXT]) {
        assert(digest != NULL);
        static const char digits[] = "0123456789abcdef";

        for (size_t i = 0; i < sizeof(digest->bytes); i++) {
                out[2 * i] = digits[digest->bytes[i] >> 4];
                out[2 * i + 1] = digits[digest->bytes[i] & 15];
        }
}

static int digit_of(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool sk_digest_parse(sk_slice text, sk_digest *out) {
        assert(out != NULL);
        sk_digest digest;

        if (text.len != SK_DIGEST_TEXT)
                return false;
        for (size_t i = 0; i < sizeof(digest.bytes); i++) {
                int high = digit_of(text.at[2 * i]);
                int low = digit_of(text.at[2 * i + 1]);

                if (high < 0 || low < 0)
                        return false;
                digest.bytes[i] = (uint8_t)(high << 4 | low);
        }
        *out = digest;
        return true;
}
